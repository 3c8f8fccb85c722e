package postgres

import (
	"context"
	"math"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const listInteractions = `SELECT occurred_at, seq, body FROM interactions WHERE customer = $1 AND occurred_at >= $2 AND occurred_at < $3
	AND (occurred_at, seq) < ($4, $5) AND ($6 = 0 OR kind = $6) ORDER BY occurred_at DESC, seq DESC LIMIT $7`

// ListInteractions walks the index of one customer from the latest on and stops at limit; only other kinds are passed over.
func (s *Store) ListInteractions(ctx context.Context, tenant string, filter store.InteractionFilter, limit int) (page []store.KeptInteraction, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListInteractions")
	defer func() { form.End(span, err) }()

	at, seq := int64(math.MaxInt64), int64(math.MaxInt64)
	if filter.After != nil {
		at, seq = filter.After.SubmittedAt, form.SeqOf(*filter.After)
	}
	err = s.ask(ctx, "list interactions", func(ctx context.Context, c conn) error {
		page = nil
		var kind int64
		if filter.Kind != "" {
			if kind, err = s.kind(ctx, c, s.secret.Hash(form.OfKind, tenant, filter.Kind)); err != nil || kind == 0 {
				return err
			}
		}
		args := []any{
			uuid(s.secret.Hash(form.OfCustomer, tenant, filter.CustomerID)), form.Ceiling(filter.From, math.MinInt64),
			form.Ceiling(filter.Before, math.MaxInt64), at, seq, kind, max(limit, 0),
		}
		return eachEntry(ctx, c, listInteractions, args, func(at store.Cursor, body []byte) error {
			interaction, err := form.DecodeInteraction(body)
			page = append(page, store.KeptInteraction{Interaction: interaction, Cursor: at})
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(page))
	return page, nil
}
