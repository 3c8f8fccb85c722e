package api

import (
	"context"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/recompute"
	"github.com/customer-momentum/cmi/server/scores"
)

type scoringService struct {
	cmiv1.UnimplementedScoringServiceServer
	scores    *scores.Scores
	recompute *recompute.Recompute
	options   Options
}

// planned is what the requests of both ways to score in bulk have in common.
type planned interface {
	GetQuestionnaireId() string
	GetVersion() int32
	GetDryRun() bool
	GetExplain() bool
}

// open prepares to score; path is where r stands in the request, empty where it is the request.
func (s *scoringService) open(ctx context.Context, r planned, path string) (*scores.Run, error) {
	return s.scores.Open(ctx, tenant(ctx), scores.Plan{
		QuestionnaireID: r.GetQuestionnaireId(), Version: r.GetVersion(), DryRun: r.GetDryRun(), Explain: r.GetExplain(), Path: path,
	})
}

func (s *scoringService) ScoreCustomer(ctx context.Context, r *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
	run, err := s.scores.Open(ctx, tenant(ctx), scores.Plan{
		QuestionnaireID: r.GetQuestionnaireId(), Version: r.GetVersion(), DryRun: r.GetDryRun(), Explain: r.GetExplain(), Choose: r.GetResponse(),
	})
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
	run, err := s.open(ctx, r, "")
	if err != nil {
		return nil, err
	}
	results, err := run.ScoreAll(ctx, r.GetResponses(), "responses")
	if err != nil {
		return nil, err
	}
	return &cmiv1.BatchScoreCustomersResponse{Results: toWire(ctx, r.GetResponses(), results)}, nil
}

// toWire puts results in the form of the contract, each refusal as the status that a call would have ended with.
func toWire(ctx context.Context, responses []*cmiv1.Response, results []scores.Result) []*cmiv1.ScoreResult {
	wire := make([]*cmiv1.ScoreResult, len(results))
	// All in one piece: a chunk lives and dies as a whole.
	block := make([]struct {
		result cmiv1.ScoreResult
		score  cmiv1.ScoreResult_Score
	}, len(results))
	for i, result := range results {
		one := &block[i]
		wire[i] = &one.result
		if result.Err != nil {
			one.result.ResponseId = responses[i].GetResponseId()
			one.result.Result = &cmiv1.ScoreResult_Error{Error: errs.ForCall(ctx, result.Err).Proto()}
			continue
		}
		one.score.Score = result.Score
		one.result.Result = &one.score
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

func (s *scoringService) ExplainChange(ctx context.Context, r *cmiv1.ExplainChangeRequest) (*cmiv1.ExplainChangeResponse, error) {
	change, err := s.scores.Change(ctx, tenant(ctx), r)
	if err != nil {
		return nil, err
	}
	return &cmiv1.ExplainChangeResponse{Change: change}, nil
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
