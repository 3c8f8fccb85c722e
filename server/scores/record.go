package scores

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// record keeps the scores, and answers from the record what had been recorded before.
func (r *Run) record(ctx context.Context, responses []*cmiv1.Response, results []Result, at place) error {
	entries, places := make([]store.Entry, 0, len(results)), make([]int, 0, len(results))
	for i, result := range results {
		if result.Err != nil {
			if err := r.replayRefused(ctx, responses[i], &results[i]); err != nil {
				return err
			}
			continue
		}
		entries = append(entries, store.Entry{
			Response: responses[i], Score: unexplained(result.Score), Content: r.content(responses[i]),
		})
		places = append(places, i)
	}
	if len(entries) == 0 {
		return nil
	}
	outcomes, err := r.scores.store.Record(ctx, r.tenant, entries)
	if err != nil {
		return fmt.Errorf("record scores: %w", err)
	}
	r.scores.recorded()
	for k, outcome := range outcomes {
		response, result := responses[places[k]], &results[places[k]]
		switch outcome.Result {
		case store.Replayed:
			if err := r.replay(ctx, response, outcome.Score, result); err != nil {
				return err
			}
		case store.Conflict:
			*result = Result{Err: fault.Field(cmiv1.ErrorReason_RESPONSE_EXISTS, at.of(places[k])+".response_id",
				"response %q is recorded with other content; a correction needs an id of its own, and the first may be voided", response.GetResponseId())}
		case store.Erased:
			*result = Result{Err: fault.Field(cmiv1.ErrorReason_CUSTOMER_ERASED, at.of(places[k])+".response_id",
				"response %q was erased with its customer; a new response with an id of its own starts the customer anew", response.GetResponseId())}
		}
	}
	return nil
}

// unexplained is the score as it is kept: an explanation is made anew whenever it is asked for.
func unexplained(score *cmiv1.Score) *cmiv1.Score {
	if score.GetExplanation() == nil {
		return score
	}
	kept := proto.CloneOf(score)
	kept.Explanation = nil
	return kept
}

// replayRefused answers a refused response from the record where the very same content was recorded before: by another
// version, or before the questionnaire was archived.
func (r *Run) replayRefused(ctx context.Context, response *cmiv1.Response, result *Result) error {
	if response.GetResponseId() == "" {
		return nil
	}
	kept, err := r.scores.store.Response(ctx, r.tenant, response.GetResponseId())
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a recorded response: %w", err)
	}
	if kept.Content != r.content(response) {
		return nil
	}
	return r.replay(ctx, response, kept.Score, result)
}

// replay answers from the record.
func (r *Run) replay(ctx context.Context, response *cmiv1.Response, score *cmiv1.Score, result *Result) error {
	if r.plan.Explain {
		if err := r.scores.explain(ctx, r.tenant, score, response); err != nil {
			return err
		}
	}
	*result = Result{Score: score, Replayed: true}
	return nil
}

func (r *Run) content(response *cmiv1.Response) store.ContentHash {
	return content(r.plan.QuestionnaireID, r.plan.Version, response)
}
