package sqlite

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/trace"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// Record keeps the entries whose ids are new. Calls that run at the same time share a transaction and its way to the
// disk.
func (s *Store) Record(ctx context.Context, tenant string, entries []store.Entry) (outcomes []store.Outcome, err error) {
	ctx, span := form.Start(ctx, driver, "store.Record")
	defer func() { form.End(span, err) }()

	request := newRequest()
	request.rows = make([]*row, len(entries))
	for i, entry := range entries {
		if request.rows[i], err = newRow(s.secret, tenant, entry); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
	}
	if err := s.writer.submit(ctx, request); err != nil {
		return nil, err
	}
	outcomes = make([]store.Outcome, len(entries))
	for i, row := range request.rows {
		outcomes[i].Result = row.result
		if row.stands == nil {
			continue
		}
		if outcomes[i].Score, err = row.stands.decodeScore(); err != nil {
			return nil, err
		}
	}
	tally(span, outcomes)
	return outcomes, nil
}

func tally(span trace.Span, outcomes []store.Outcome) {
	if !span.IsRecording() {
		return
	}
	results := make([]store.Result, len(outcomes))
	for i, o := range outcomes {
		results[i] = o.Result
	}
	form.Tally(span, "cmi.entries", results)
}
