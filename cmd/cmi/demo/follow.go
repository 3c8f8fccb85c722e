package demo

import (
	"context"
	"fmt"
	"io"
	"slices"

	"google.golang.org/grpc"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// batchSize is how many profiles or interactions go into one message.
const batchSize = 500

// follow records what was simulated, in the order in which it is needed, and asks the service what became of the customers:
// interactions go before the responses that they belong to, and the calibration before the scores that carry its interval.
func follow(ctx context.Context, running *service, s *simulation, progress io.Writer) (*Momentum, error) {
	m := &Momentum{Simulation: s, Sure: make(map[cmiv1.Direction]Truths)}
	var err error
	if m.Profiles, err = putCustomers(ctx, running.conn, s.profiles()); err != nil {
		return nil, err
	}
	if m.Interactions, err = recordInteractions(ctx, running.conn, s.interactions()); err != nil {
		return nil, err
	}
	id := s.survey.GetQuestionnaireId()
	calibrated, err := cmiv1.NewQuestionnaireServiceClient(running.conn).
		CalibrateQuestionnaire(ctx, &cmiv1.CalibrateQuestionnaireRequest{QuestionnaireId: id})
	if err != nil {
		return nil, failed("the questionnaire was not calibrated", err)
	}
	m.Calibration = calibrated.GetCalibration()
	scores, err := score(ctx, running, id, s.responses(), progress)
	if err != nil {
		return nil, err
	}
	m.Responses = len(scores)
	return m, m.ask(ctx, running.conn)
}

// putCustomers saves profiles, and answers how many.
func putCustomers(ctx context.Context, conn grpc.ClientConnInterface, profiles []*cmiv1.Customer) (int, error) {
	client := cmiv1.NewCustomerServiceClient(conn)
	for batch := range slices.Chunk(profiles, batchSize) {
		saved, err := client.BatchPutCustomers(ctx, &cmiv1.BatchPutCustomersRequest{Customers: batch})
		if err != nil {
			return 0, failed("the profiles were not saved", err)
		}
		for _, result := range saved.GetResults() {
			if refused := result.GetError(); refused != nil {
				return 0, fmt.Errorf("profile %q was refused: %s", result.GetCustomerId(), refused.GetMessage())
			}
		}
	}
	return len(profiles), nil
}

// recordInteractions records interactions, and answers how many.
func recordInteractions(ctx context.Context, conn grpc.ClientConnInterface, interactions []*cmiv1.Interaction) (int, error) {
	client := cmiv1.NewCustomerServiceClient(conn)
	for batch := range slices.Chunk(interactions, batchSize) {
		recorded, err := client.RecordInteractions(ctx, &cmiv1.RecordInteractionsRequest{Interactions: batch})
		if err != nil {
			return 0, failed("the interactions were not recorded", err)
		}
		for _, result := range recorded.GetResults() {
			if refused := result.GetError(); refused != nil {
				return 0, fmt.Errorf("interaction %q was refused: %s", result.GetInteractionId(), refused.GetMessage())
			}
		}
	}
	return len(interactions), nil
}
