// Package scores is the use case of scoring: check a response, score it, record it, and read what was recorded. Every door
// (unary, batch, stream, JSON) goes through it, so that none can give other numbers or skip a check. It knows neither wire
// nor SQL.
package scores

import (
	"context"
	"errors"
	"fmt"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// MaxResponses is how many responses a batch, or a chunk of a stream, may have.
const MaxResponses = 1000

// Scorers gives the compiled scorer of a questionnaire's version; version 0 is the latest published one.
type Scorers interface {
	// Scorer answers one to score with, or says why it may not be scored.
	Scorer(ctx context.Context, tenant, id string, version int32, dryRun bool) (*scoring.Scorer, error)
	// RecordedScorer answers the one by which something was recorded, archived or not.
	RecordedScorer(ctx context.Context, tenant, id string, version int32) (*scoring.Scorer, error)
}

// Scores scores responses and reads what was recorded. It is safe for concurrent use.
type Scores struct {
	scorers Scorers
	store   store.Responses
	now     func() time.Time
}

// New makes the use case over its scorers and its store. now gives the times of receipt.
func New(scorers Scorers, kept store.Responses, now func() time.Time) *Scores {
	return &Scores{scorers: scorers, store: kept, now: now}
}

// Get answers the recorded score of a response. RESPONSE_NOT_FOUND when there is none.
func (s *Scores) Get(ctx context.Context, tenant, responseID string) (*cmiv1.Score, error) {
	kept, err := s.kept(ctx, tenant, responseID)
	if err != nil {
		return nil, err
	}
	return kept.Score, nil
}

// Explain answers the recorded score of a response, explained by the version that scored it.
func (s *Scores) Explain(ctx context.Context, tenant, responseID string) (*cmiv1.Score, error) {
	kept, err := s.kept(ctx, tenant, responseID)
	if err != nil {
		return nil, err
	}
	if err := s.explain(ctx, tenant, kept.Score, kept.Response); err != nil {
		return nil, err
	}
	return kept.Score, nil
}

// explain adds the explanation to a recorded score: made anew from its response and its version, which never change.
func (s *Scores) explain(ctx context.Context, tenant string, score *cmiv1.Score, response *cmiv1.Response) error {
	scorer, err := s.scorers.RecordedScorer(ctx, tenant, score.GetQuestionnaireId(), score.GetQuestionnaireVersion())
	if err != nil {
		return fmt.Errorf("compile the recorded version: %w", err)
	}
	again, err := scorer.Explain(response)
	if err != nil {
		return fmt.Errorf("score the recorded response again: %w", err)
	}
	score.Explanation = again.GetExplanation()
	return nil
}

// GetResponse answers what was recorded of a response. RESPONSE_NOT_FOUND when there is none.
func (s *Scores) GetResponse(ctx context.Context, tenant, responseID string) (*cmiv1.RecordedResponse, error) {
	kept, err := s.kept(ctx, tenant, responseID)
	if err != nil {
		return nil, err
	}
	return recorded(kept), nil
}

// Void marks a response as answered in error and answers its score with the mark. Voiding again changes nothing.
func (s *Scores) Void(ctx context.Context, tenant string, request *cmiv1.VoidResponseRequest) (*cmiv1.Score, error) {
	kept, err := s.store.Void(ctx, tenant, request.GetResponseId(), s.moment(), request.GetReason())
	if err != nil {
		return nil, s.missing(err, request.GetResponseId())
	}
	return kept.Score, nil
}

func (s *Scores) kept(ctx context.Context, tenant, responseID string) (*store.Kept, error) {
	kept, err := s.store.Response(ctx, tenant, responseID)
	if err != nil {
		return nil, s.missing(err, responseID)
	}
	return kept, nil
}

func (s *Scores) missing(err error, responseID string) error {
	if errors.Is(err, store.ErrNotFound) {
		return fault.Field(cmiv1.ErrorReason_RESPONSE_NOT_FOUND, "response_id", "there is no response %q", responseID)
	}
	return fmt.Errorf("read response: %w", err)
}

// moment is now in the service's times: UTC, whole microseconds.
func (s *Scores) moment() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

func recorded(kept *store.Kept) *cmiv1.RecordedResponse {
	return &cmiv1.RecordedResponse{
		Response: kept.Response,
		Record: &cmiv1.ResponseRecord{
			QuestionnaireId:      kept.Score.GetQuestionnaireId(),
			QuestionnaireVersion: kept.Score.GetQuestionnaireVersion(),
			SubmittedAt:          kept.Score.GetSubmittedAt(),
			ScoredAt:             kept.Score.GetScoredAt(),
			Void:                 kept.Score.GetVoid(),
		},
	}
}
