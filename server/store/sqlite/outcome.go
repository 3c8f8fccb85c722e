package sqlite

import (
	"context"
	"fmt"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// RecordOutcomes keeps the outcomes whose ids are new, as RecordInteractions keeps interactions.
func (s *Store) RecordOutcomes(ctx context.Context, tenant string, outcomes []*cmiv1.Outcome, at time.Time) (results []store.Result, err error) {
	ctx, span := form.Start(ctx, driver, "store.RecordOutcomes")
	defer func() { form.End(span, err) }()

	request := newRequest()
	request.outcomes = make([]*deed, len(outcomes))
	for i, outcome := range outcomes {
		if request.outcomes[i], err = newOutcome(s.secret, tenant, outcome, at); err != nil {
			return nil, fmt.Errorf("outcome %d: %w", i, err)
		}
	}
	if err := s.writer.submit(ctx, request); err != nil {
		return nil, err
	}
	results = resultsOf(request.outcomes)
	form.Tally(span, "cmi.outcomes", results)
	return results, nil
}
