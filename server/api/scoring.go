package api

import (
	"context"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/scores"
)

type scoringService struct {
	cmiv1.UnimplementedScoringServiceServer
	scores  *scores.Scores
	options Options
}

// planned is what the requests of all three ways to score have in common.
type planned interface {
	GetQuestionnaireId() string
	GetVersion() int32
	GetDryRun() bool
	GetExplain() bool
}

func (s *scoringService) open(ctx context.Context, r planned) (*scores.Run, error) {
	return s.scores.Open(ctx, tenant(ctx), scores.Plan{
		QuestionnaireID: r.GetQuestionnaireId(), Version: r.GetVersion(), DryRun: r.GetDryRun(), Explain: r.GetExplain(),
	})
}

func (s *scoringService) ScoreCustomer(ctx context.Context, r *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
	run, err := s.open(ctx, r)
	if err != nil {
		return nil, err
	}
	score, err := run.Score(ctx, r.GetResponse(), "response")
	if err != nil {
		return nil, err
	}
	return &cmiv1.ScoreCustomerResponse{Score: score}, nil
}

func (s *scoringService) BatchScoreCustomers(ctx context.Context, r *cmiv1.BatchScoreCustomersRequest) (*cmiv1.BatchScoreCustomersResponse, error) {
	if n := len(r.GetResponses()); n == 0 || n > scores.MaxResponses {
		return nil, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "responses", "%d responses; a batch has 1 to %d", n, scores.MaxResponses)
	}
	run, err := s.open(ctx, r)
	if err != nil {
		return nil, err
	}
	results, err := run.ScoreAll(ctx, r.GetResponses(), "responses")
	if err != nil {
		return nil, err
	}
	return &cmiv1.BatchScoreCustomersResponse{Results: toWire(r.GetResponses(), results)}, nil
}

// toWire puts results in the form of the contract, each refusal as the status that a call would have ended with.
func toWire(responses []*cmiv1.Response, results []scores.Result) []*cmiv1.ScoreResult {
	wire := make([]*cmiv1.ScoreResult, len(results))
	for i, result := range results {
		if result.Err != nil {
			wire[i] = &cmiv1.ScoreResult{
				ResponseId: responses[i].GetResponseId(),
				Result:     &cmiv1.ScoreResult_Error{Error: errs.Status(result.Err).Proto()},
			}
			continue
		}
		wire[i] = &cmiv1.ScoreResult{Result: &cmiv1.ScoreResult_Score{Score: result.Score}}
	}
	return wire
}

func (s *scoringService) GetScore(ctx context.Context, r *cmiv1.GetScoreRequest) (*cmiv1.GetScoreResponse, error) {
	score, err := s.scores.Get(ctx, tenant(ctx), r.GetResponseId())
	if err != nil {
		return nil, err
	}
	return &cmiv1.GetScoreResponse{Score: score}, nil
}

func (s *scoringService) ListScores(ctx context.Context, r *cmiv1.ListScoresRequest) (*cmiv1.ListScoresResponse, error) {
	return s.scores.List(ctx, tenant(ctx), r)
}

func (s *scoringService) ExplainScore(ctx context.Context, r *cmiv1.ExplainScoreRequest) (*cmiv1.ExplainScoreResponse, error) {
	score, err := s.scores.Explain(ctx, tenant(ctx), r.GetResponseId())
	if err != nil {
		return nil, err
	}
	return &cmiv1.ExplainScoreResponse{Score: score}, nil
}

func (s *scoringService) GetResponse(ctx context.Context, r *cmiv1.GetResponseRequest) (*cmiv1.GetResponseResponse, error) {
	recorded, err := s.scores.GetResponse(ctx, tenant(ctx), r.GetResponseId())
	if err != nil {
		return nil, err
	}
	return &cmiv1.GetResponseResponse{Response: recorded.GetResponse(), Record: recorded.GetRecord()}, nil
}

func (s *scoringService) ListResponses(ctx context.Context, r *cmiv1.ListResponsesRequest) (*cmiv1.ListResponsesResponse, error) {
	return s.scores.ListResponses(ctx, tenant(ctx), r)
}

func (s *scoringService) VoidResponse(ctx context.Context, r *cmiv1.VoidResponseRequest) (*cmiv1.VoidResponseResponse, error) {
	score, err := s.scores.Void(ctx, tenant(ctx), r)
	if err != nil {
		return nil, err
	}
	return &cmiv1.VoidResponseResponse{Score: score}, nil
}
