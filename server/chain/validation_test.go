package chain_test

import (
	"context"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func TestControlMessagesAreValidated(t *testing.T) {
	t.Parallel()
	f := newFixture()
	client := cmiv1.NewScoringServiceClient(f.inProcess(t, &scoring{
		get: func(context.Context, *cmiv1.GetScoreRequest) (*cmiv1.GetScoreResponse, error) {
			return &cmiv1.GetScoreResponse{}, nil
		},
	}))
	if _, err := client.GetScore(t.Context(), &cmiv1.GetScoreRequest{ResponseId: "r1"}); err != nil {
		t.Error(err)
	}
	_, err := client.ListScores(t.Context(), &cmiv1.ListScoresRequest{PageSize: 5000, CustomerId: "no id", Bucket: 99})
	st := expect(t, err, codes.InvalidArgument, "INVALID_REQUEST")
	t.Log(st.Message())
	var fields []string
	for _, d := range st.Details() {
		if bad, ok := d.(*errdetails.BadRequest); ok {
			for _, v := range bad.GetFieldViolations() {
				fields = append(fields, v.GetField())
			}
		}
	}
	if len(fields) != 3 || fields[0] != "page_size" || fields[1] != "customer_id" || fields[2] != "bucket" {
		t.Errorf("fields %q", fields)
	}
}

// TestResponsesAreNotValidatedHere: their handlers do that, item by item.
func TestResponsesAreNotValidatedHere(t *testing.T) {
	t.Parallel()
	client := cmiv1.NewScoringServiceClient(newFixture().inProcess(t, answering(nil)))
	if _, err := client.ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{QuestionnaireId: "not an id"}); err != nil {
		t.Error(err)
	}
}
