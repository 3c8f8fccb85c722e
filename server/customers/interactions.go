package customers

import (
	"context"
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/page"
	"github.com/customer-momentum/cmi/server/store"
)

// MaxInteractions is how many interactions a batch, or a message of a stream, may have.
const MaxInteractions = 1000

// Recorded is what became of an interaction.
type Recorded struct {
	Replayed bool // recorded before, with the same content
	Err      error
}

// Record records interactions and answers what became of each, in order; path.[i] is where each stands in the request. One
// that is refused never fails its neighbours. When it answers, everything is on disk. An error means that the store failed,
// and that none is answered.
func (c *Customers) Record(ctx context.Context, tenant string, interactions []*cmiv1.Interaction, path string) ([]Recorded, error) {
	results := make([]Recorded, len(interactions))
	fit, places := make([]*cmiv1.Interaction, 0, len(interactions)), make([]int, 0, len(interactions))
	for i, asked := range interactions {
		kept, err := proper(asked, fmt.Sprintf("%s[%d]", path, i))
		if err != nil {
			results[i].Err = err
			continue
		}
		fit, places = append(fit, kept), append(places, i)
	}
	if len(fit) == 0 {
		return results, nil
	}
	outcomes, err := c.store.RecordInteractions(ctx, tenant, fit, c.moment())
	// Even after an error some may have been recorded.
	c.Nudge()
	if err != nil {
		return nil, fmt.Errorf("record interactions: %w", err)
	}
	for k, outcome := range outcomes {
		results[places[k]] = became(outcome, fit[k], fmt.Sprintf("%s[%d]", path, places[k]))
	}
	return results, nil
}

func became(outcome store.Result, kept *cmiv1.Interaction, path string) Recorded {
	switch outcome {
	case store.Conflict:
		return Recorded{Err: fault.Field(cmiv1.ErrorReason_INTERACTION_EXISTS, path+".interaction_id",
			"interaction %q is recorded with other content; another interaction needs an id of its own", kept.GetInteractionId())}
	case store.Erased:
		return Recorded{Err: fault.Field(cmiv1.ErrorReason_CUSTOMER_ERASED, path+".customer_id",
			"customer %q was erased, and interaction %q is not recorded for them", kept.GetCustomerId(), kept.GetInteractionId())}
	default:
		return Recorded{Replayed: outcome == store.Replayed}
	}
}

// RecordBatch is Record for the call that has its bounds.
func (c *Customers) RecordBatch(ctx context.Context, tenant string, request *cmiv1.RecordInteractionsRequest) ([]Recorded, error) {
	const path = "interactions"
	if n := len(request.GetInteractions()); n == 0 || n > MaxInteractions {
		return nil, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, path, "%d interactions; a batch has 1 to %d", n, MaxInteractions)
	}
	return c.Record(ctx, tenant, request.GetInteractions(), path)
}

// ListInteractions answers a page of what a customer did, the latest first.
func (c *Customers) ListInteractions(ctx context.Context, tenant string, request *cmiv1.ListInteractionsRequest) (*cmiv1.ListInteractionsResponse, error) {
	filter, err := interactionFilter(request)
	if err != nil {
		return nil, err
	}
	kept, err := c.store.ListInteractions(ctx, tenant, filter, page.Size(request)+1)
	if err != nil {
		return nil, fmt.Errorf("list interactions: %w", err)
	}
	if len(kept) == 0 {
		// Nobody has nothing; somebody may.
		if err := c.known(ctx, tenant, request.GetCustomerId()); err != nil {
			return nil, err
		}
	}
	answer := &cmiv1.ListInteractionsResponse{}
	if kept, answer.NextPageToken, err = page.Cut(request, kept, func(k store.KeptInteraction) any { return k.Cursor }); err != nil {
		return nil, err
	}
	for _, k := range kept {
		answer.Interactions = append(answer.Interactions, k.Interaction)
	}
	return answer, nil
}

func interactionFilter(request *cmiv1.ListInteractionsRequest) (store.InteractionFilter, error) {
	filter := store.InteractionFilter{CustomerID: request.GetCustomerId(), Kind: request.GetKind()}
	var err error
	if filter.From, err = instant("occurred_from", request.GetOccurredFrom()); err != nil {
		return filter, err
	}
	if filter.Before, err = instant("occurred_before", request.GetOccurredBefore()); err != nil {
		return filter, err
	}
	var after store.Cursor
	resumed, err := page.Resume(request, &after)
	if resumed && err == nil {
		filter.After = &after
	}
	return filter, err
}

// known answers nil for a customer who is known, and else CUSTOMER_NOT_FOUND.
func (c *Customers) known(ctx context.Context, tenant, customerID string) error {
	facts, err := c.facts(ctx, tenant, customerID, c.moment())
	if err == nil && facts == nil {
		err = notFound(customerID)
	}
	return err
}
