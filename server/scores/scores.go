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

// Store is what is read and kept.
type Store interface {
	store.Responses
	// Doings answers what customers did, for the items that measure it.
	Doings(ctx context.Context, tenant string, asks []store.Ask) ([]store.Doings, error)
	// Facts tells a customer without scores from one who is not known.
	Facts(ctx context.Context, tenant string, ids []string, upTo time.Time) ([]*store.Facts, error)
}

// Certainty knows how precisely questionnaires measure.
type Certainty interface {
	// Calibration answers the one of a version in force at a time, nil where there was none.
	Calibration(ctx context.Context, tenant, questionnaireID string, version int32, at time.Time) (*cmiv1.Calibration, error)
}

// Chooser chooses a questionnaire for a response that names none.
type Chooser interface {
	// Choose answers the id of the one for a customer on a channel at a time.
	Choose(ctx context.Context, tenant, customerID string, channel cmiv1.Channel, at time.Time) (string, error)
}

// Config is what scoring rests on.
type Config struct {
	Scorers   Scorers
	Store     Store
	Certainty Certainty
	Chooser   Chooser
	// Recorded is called after something was recorded or voided. It must not wait.
	Recorded func()
	// Now gives the times of receipt.
	Now func() time.Time
}

// Scores scores responses and reads what was recorded. It is safe for concurrent use.
type Scores struct {
	scorers   Scorers
	store     Store
	certainty Certainty
	chooser   Chooser
	recorded  func()
	now       func() time.Time
}

// New makes the use case.
func New(c Config) *Scores {
	return &Scores{
		scorers: c.Scorers, store: c.Store, certainty: c.Certainty, chooser: c.Chooser, recorded: c.Recorded, now: c.Now,
	}
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
	again, err := scorer.ExplainRecorded(response, score)
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
	s.recorded()
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
