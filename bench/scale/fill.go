package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// calibratedUpTo is up to how many customers the questionnaire is calibrated: that reads every response.
const calibratedUpTo = 100_000

// fill writes the population and waits until every standing is computed, twice where a calibration has some computed anew.
func (s *side) fill(ctx context.Context) (err error) {
	service, err := start(ctx, s.store)
	if err != nil {
		return err
	}
	if err := errors.Join(service.prepare(ctx), service.close()); err != nil {
		return err
	}
	if err := s.write(ctx, s.customers, time.Now().UTC()); err != nil {
		return err
	}
	if service, err = start(ctx, s.store); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.close()) }()
	began := time.Now()
	if err := service.settle(ctx); err != nil {
		return err
	}
	s.settled = time.Since(began)
	if s.customers > calibratedUpTo {
		return nil
	}
	began = time.Now()
	_, err = service.questionnaires.CalibrateQuestionnaire(ctx, &cmiv1.CalibrateQuestionnaireRequest{QuestionnaireId: questionnaireID})
	if err != nil {
		return fmt.Errorf("calibrate: %w", err)
	}
	s.calibrate = time.Since(began)
	return service.settle(ctx)
}

func (s *service) publish(ctx context.Context) error {
	_, err := s.questionnaires.CreateQuestionnaire(ctx, &cmiv1.CreateQuestionnaireRequest{Questionnaire: questionnaire()})
	if err == nil {
		_, err = s.questionnaires.PublishQuestionnaire(ctx, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: questionnaireID})
	}
	return err
}

// shuffled is a customer's place in a wave: a step that shares no factor with the number of customers visits all of them.
func shuffled(j, wave, customers int) int {
	const step = 611_953 // prime, and no divisor of a round number
	return int((int64(j)*step + int64(wave)*7919) % int64(customers))
}

// settle waits until every standing is computed.
func (s *service) settle(ctx context.Context) error {
	for {
		page, err := s.customers.ListCustomers(ctx, &cmiv1.ListCustomersRequest{PageSize: 1})
		if err != nil && status.Code(err) != codes.Unavailable {
			return err
		}
		if err == nil && page.GetPending() == 0 {
			return nil
		}
	}
}
