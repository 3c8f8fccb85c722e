package scores

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/scoring/momentum"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// Change answers why two scores of a customer differ: the two that the request names, or else the latest one of the series
// and the one before it. NOT_COMPARABLE when there are no two scores with a CMI.
func (s *Scores) Change(ctx context.Context, tenant string, request *cmiv1.ExplainChangeRequest) (*cmiv1.Change, error) {
	asOf, err := instant("as_of", request.GetAsOf())
	if err != nil {
		return nil, err
	}
	if asOf.IsZero() {
		asOf = s.moment()
	}
	from, to, err := s.pair(ctx, tenant, request, asOf)
	if err != nil {
		return nil, err
	}
	before, err := s.answered(ctx, tenant, from)
	if err != nil {
		return nil, err
	}
	after, err := s.answered(ctx, tenant, to)
	if err != nil {
		return nil, err
	}
	change, err := scoring.ExplainChange(before, after)
	if err != nil {
		return nil, fmt.Errorf("explain a change: %w", err)
	}
	return change, s.reliable(ctx, tenant, change, asOf)
}

// pair finds the two responses to compare.
func (s *Scores) pair(ctx context.Context, tenant string, request *cmiv1.ExplainChangeRequest, asOf time.Time) (from, to *store.Kept, err error) {
	customer, series := request.GetCustomerId(), request.GetSeries()
	if to, err = s.comparable(ctx, tenant, customer, request.GetToResponseId(), "to_response_id"); err != nil {
		return nil, nil, err
	}
	if from, err = s.comparable(ctx, tenant, customer, request.GetFromResponseId(), "from_response_id"); err != nil {
		return nil, nil, err
	}
	if to == nil {
		if series == "" {
			series, err = s.latestSeries(ctx, tenant, customer, asOf)
		}
		if err == nil {
			to, err = s.lastBefore(ctx, tenant, customer, series, asOf, nil)
		}
	}
	if err == nil && from == nil && to != nil {
		from, err = s.lastBefore(ctx, tenant, customer, to.Score.GetSeries(), asOf, to.Score)
	}
	if err == nil && (from == nil || to == nil) {
		err = s.tooFew(ctx, tenant, customer)
	}
	return from, to, err
}

// comparable reads a response that the request names: one of the customer, not void, with a CMI. nil where it names none.
func (s *Scores) comparable(ctx context.Context, tenant, customer, id, field string) (*store.Kept, error) {
	if id == "" {
		return nil, nil
	}
	kept, err := s.store.Response(ctx, tenant, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, fault.Field(cmiv1.ErrorReason_RESPONSE_NOT_FOUND, field, "there is no response %q", id)
	case err != nil:
		return nil, fmt.Errorf("read response: %w", err)
	case kept.Score.GetCustomerId() != customer:
		return nil, fault.Field(cmiv1.ErrorReason_NOT_COMPARABLE, field, "response %q is not of customer %q", id, customer)
	case kept.Score.GetVoid() != nil:
		return nil, fault.Field(cmiv1.ErrorReason_NOT_COMPARABLE, field, "response %q is void", id)
	case kept.Score.Cmi == nil:
		return nil, fault.Field(cmiv1.ErrorReason_NOT_COMPARABLE, field, "the score of response %q has no CMI", id)
	}
	return kept, nil
}

// coursePage is how many responses of a customer are read at once.
const coursePage = 100

// latestSeries answers the series of a customer's latest score up to a time; empty where there is none.
func (s *Scores) latestSeries(ctx context.Context, tenant, customer string, asOf time.Time) (string, error) {
	filter := store.ResponseFilter{CustomerID: customer, Before: asOf.Add(time.Microsecond), ScoresOnly: true}
	page, err := s.store.ListResponses(ctx, tenant, filter, coursePage)
	if err != nil {
		return "", fmt.Errorf("list responses: %w", err)
	}
	var latest *store.Kept
	for _, kept := range page {
		latest = later(latest, kept)
	}
	if latest == nil {
		return "", nil
	}
	return latest.Score.GetSeries(), nil
}

// lastBefore answers the latest response in a series up to a time that has a CMI, or the latest of those before another one; nil
// where there is none.
func (s *Scores) lastBefore(ctx context.Context, tenant, customer, series string, asOf time.Time, before *cmiv1.Score) (*store.Kept, error) {
	filter := store.ResponseFilter{CustomerID: customer, Before: asOf.Add(time.Microsecond)}
	var last *store.Kept
	for {
		page, err := s.store.ListResponses(ctx, tenant, filter, coursePage)
		if err != nil {
			return nil, fmt.Errorf("list responses: %w", err)
		}
		for _, kept := range page {
			// Those of one microsecond come in any order of their ids: what was submitted before ends the search.
			if last != nil && kept.Cursor.SubmittedAt < last.Cursor.SubmittedAt {
				return last, nil
			}
			if kept.Score.Cmi != nil && kept.Score.GetSeries() == series && (before == nil || earlier(kept.Score, before)) {
				last = later(last, kept)
			}
		}
		if len(page) < coursePage {
			return last, nil
		}
		filter.After = &page[len(page)-1].Cursor
	}
}

// later is the one that comes later on a course; a may be nil.
func later(a, b *store.Kept) *store.Kept {
	if a == nil || earlier(a.Score, b.Score) {
		return b
	}
	return a
}

// earlier says whether a comes before b on a course.
func earlier(a, b *cmiv1.Score) bool {
	return cmp.Or(a.GetSubmittedAt().AsTime().Compare(b.GetSubmittedAt().AsTime()), cmp.Compare(a.GetResponseId(), b.GetResponseId())) < 0
}

// tooFew says why there are no two scores.
func (s *Scores) tooFew(ctx context.Context, tenant, customer string) error {
	facts, err := s.store.Facts(ctx, tenant, []string{customer}, time.UnixMicro(math.MaxInt64))
	if err != nil {
		return fmt.Errorf("read customer: %w", err)
	}
	if facts[0] == nil {
		return fault.Field(cmiv1.ErrorReason_CUSTOMER_NOT_FOUND, "customer_id", "there is no customer %q", customer)
	}
	return fault.New(cmiv1.ErrorReason_NOT_COMPARABLE, "Customer %q has no two scores with a CMI in one series to compare.", customer)
}

// answered puts a recorded response together with the version that scored it.
func (s *Scores) answered(ctx context.Context, tenant string, kept *store.Kept) (scoring.Answered, error) {
	scorer, err := s.scorers.RecordedScorer(ctx, tenant, kept.Score.GetQuestionnaireId(), kept.Score.GetQuestionnaireVersion())
	if err != nil {
		return scoring.Answered{}, fmt.Errorf("compile the recorded version: %w", err)
	}
	return scoring.Answered{Scorer: scorer, Response: kept.Response, Score: kept.Score}, nil
}

// reliable adds whether the change is more than noise, by the calibrations in force.
func (s *Scores) reliable(ctx context.Context, tenant string, change *cmiv1.Change, asOf time.Time) error {
	var sems [2]*float64
	for i, score := range []*cmiv1.Score{change.GetFrom(), change.GetTo()} {
		if score.GetStatus() != cmiv1.ScoreStatus_SCORE_STATUS_SCORED {
			return nil // a missing pillar is not a change of heart
		}
		calibration, err := s.certainty.Calibration(ctx, tenant, score.GetQuestionnaireId(), score.GetQuestionnaireVersion(), asOf)
		if err != nil {
			return err
		}
		if calibration != nil {
			sems[i] = calibration.Sem
		}
	}
	if index, ok := momentum.ReliableChange(change.GetFrom().GetCmi(), change.GetTo().GetCmi(), sems[0], sems[1]); ok {
		change.ReliableChangeIndex = &index
		reliable := math.Abs(index) >= momentum.Reliable
		change.ReliableChange = &reliable
	}
	return nil
}
