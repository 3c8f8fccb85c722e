package sqlite

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/trace"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// RecordInteractions keeps the interactions whose ids are new. Calls that run at the same time share a transaction and its
// way to the disk.
func (s *Store) RecordInteractions(ctx context.Context, tenant string, interactions []*cmiv1.Interaction, at time.Time) (results []store.Result, err error) {
	ctx, span := start(ctx, "store.RecordInteractions")
	defer func() { end(span, err) }()

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
	results = make([]store.Result, len(interactions))
	for i, d := range request.deeds {
		results[i] = d.result
	}
	tallyResults(span, "cmi.interactions", results)
	return results, nil
}

// tallyResults says how many of what was given met which end.
func tallyResults(span trace.Span, given string, results []store.Result) {
	if !span.IsRecording() {
		return
	}
	var by [store.Erased + 1]int
	for _, r := range results {
		by[r]++
	}
	count(span, given, len(results))
	count(span, "cmi.recorded", by[store.Recorded])
	count(span, "cmi.replayed", by[store.Replayed])
	count(span, "cmi.conflicts", by[store.Conflict])
	count(span, "cmi.erased", by[store.Erased])
}
