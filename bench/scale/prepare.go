package main

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// prepare has the service set the store up: the questionnaire, and one customer who did and answered something.
func (s *service) prepare(ctx context.Context) error {
	if err := s.publish(ctx); err != nil {
		return err
	}
	var all []*cmiv1.Interaction
	for i, kind := range interactionKinds() {
		all = append(all, &cmiv1.Interaction{
			InteractionId: fmt.Sprintf("first-%d", i), CustomerId: "first", Kind: kind, OccurredAt: timestamppb.New(time.Now().AddDate(0, 0, -200)),
		})
	}
	if _, err := s.customers.RecordInteractions(ctx, &cmiv1.RecordInteractionsRequest{Interactions: all}); err != nil {
		return err
	}
	first := newCustomer(0, time.Now()).response(0)
	first.ResponseId, first.CustomerId = "first", "first"
	_, err := s.scoring.ScoreCustomer(ctx, &cmiv1.ScoreCustomerRequest{QuestionnaireId: questionnaireID, Response: first})
	return err
}
