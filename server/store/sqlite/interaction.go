package sqlite

import (
	"context"
	"fmt"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// RecordInteractions keeps the interactions whose ids are new. Calls that run at the same time share a transaction and its
// way to the disk.
func (s *Store) RecordInteractions(ctx context.Context, tenant string, interactions []*cmiv1.Interaction, at time.Time) (results []store.Result, err error) {
	ctx, span := form.Start(ctx, driver, "store.RecordInteractions")
	defer func() { form.End(span, err) }()

	request := newRequest()
	request.deeds = make([]*deed, len(interactions))
	for i, interaction := range interactions {
		if request.deeds[i], err = newDeed(s.secret, tenant, interaction, at); err != nil {
			return nil, fmt.Errorf("interaction %d: %w", i, err)
		}
	}
	if err := s.writer.submit(ctx, request); err != nil {
		return nil, err
	}
	results = resultsOf(request.deeds)
	form.Tally(span, "cmi.interactions", results)
	return results, nil
}
