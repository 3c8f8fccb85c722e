// Package outcomes is the use case of what relationships came to, renewals and losses and money, and of how many were invited
// to answer: what reports set scores against. The package knows neither wire nor SQL.
package outcomes

import (
	"context"
	"fmt"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// MaxOutcomes is how many outcomes a call may record.
const MaxOutcomes = 1000

// Store is what the use case keeps.
type Store interface {
	store.Outcomes
	store.Invitations
}

// Outcomes keeps the outcomes and invitations of all tenants. It is safe for concurrent use.
type Outcomes struct {
	store    Store
	recorded func()
	now      func() time.Time
}

// New makes the use case. recorded is called after outcomes came in, which may have created customers; it must not wait.
func New(kept Store, recorded func(), now func() time.Time) *Outcomes {
	return &Outcomes{store: kept, recorded: recorded, now: now}
}

// Recorded is what became of an outcome.
type Recorded struct {
	Replayed bool // recorded before, with the same content
	Err      error
}

// Record records outcomes and answers what became of each, in order; path[i] is where each stands in the request. One that
// is refused never fails its neighbours. When it answers, everything is on disk. An error means that none is answered: the
// store failed, or they are too many or none.
func (o *Outcomes) Record(ctx context.Context, tenant string, outcomes []*cmiv1.Outcome, path string) ([]Recorded, error) {
	if n := len(outcomes); n == 0 || n > MaxOutcomes {
		return nil, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, path, "%d outcomes; a batch has 1 to %d", n, MaxOutcomes)
	}
	results := make([]Recorded, len(outcomes))
	fit, places := make([]*cmiv1.Outcome, 0, len(outcomes)), make([]int, 0, len(outcomes))
	for i, asked := range outcomes {
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
	became, err := o.store.RecordOutcomes(ctx, tenant, fit, o.now().UTC().Truncate(time.Microsecond))
	// Even after an error some may have been recorded.
	o.recorded()
	if err != nil {
		return nil, fmt.Errorf("record outcomes: %w", err)
	}
	for k, result := range became {
		results[places[k]] = answer(result, fit[k], fmt.Sprintf("%s[%d]", path, places[k]))
	}
	return results, nil
}

func answer(result store.Result, kept *cmiv1.Outcome, path string) Recorded {
	switch result {
	case store.Conflict:
		return Recorded{Err: fault.Field(cmiv1.ErrorReason_OUTCOME_EXISTS, path+".outcome_id",
			"outcome %q is recorded with other content; another outcome needs an id of its own", kept.GetOutcomeId())}
	case store.Erased:
		return Recorded{Err: fault.Field(cmiv1.ErrorReason_CUSTOMER_ERASED, path+".customer_id",
			"customer %q was erased, and outcome %q is not recorded for them", kept.GetCustomerId(), kept.GetOutcomeId())}
	default:
		return Recorded{Replayed: result == store.Replayed}
	}
}
