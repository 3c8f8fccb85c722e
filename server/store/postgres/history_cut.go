package postgres

import (
	"context"
	"slices"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// The end of a slice is found within the database. The customers of a tenant stand in the index of lists by their class, so the
// walks of the classes, which are four, are merged.
const (
	cutTenant = `SELECT count(*), coalesce(max(customer), 0) FROM (SELECT customer FROM (
			(SELECT customer FROM standings WHERE class = $1::bigint * 256 AND customer > $2 ORDER BY customer LIMIT $3)
			UNION ALL (SELECT customer FROM standings WHERE class = $1::bigint * 256 + 1 AND customer > $2 ORDER BY customer LIMIT $3)
			UNION ALL (SELECT customer FROM standings WHERE class = $1::bigint * 256 + 2 AND customer > $2 ORDER BY customer LIMIT $3)
			UNION ALL (SELECT customer FROM standings WHERE class = $1::bigint * 256 + 3 AND customer > $2 ORDER BY customer LIMIT $3)
		) AS walks ORDER BY customer LIMIT $3) AS slice`
	cutLabel = `SELECT count(*), coalesce(max(customer), 0) FROM (
			SELECT customer FROM members WHERE label = $1 AND customer > $2 ORDER BY customer LIMIT $3) AS slice`
	cutAnonymous = `SELECT count(*), coalesce(max(seq), 0) FROM (
			SELECT seq FROM responses WHERE ` + isAnonymous + ` AND seq > $2 ORDER BY seq LIMIT $3) AS slice`
	isAnonymous = "customer IS NULL AND tenant_class > 0 AND tenant_class >> 8 = $1"
)

// CutCustomers walks indexes, all of them as of one moment.
func (s *Store) CutCustomers(ctx context.Context, tenant string, of store.CustomerCut, size int) (cut []store.CustomerSlice, err error) {
	ctx, span := form.Start(ctx, driver, "store.CutCustomers")
	defer func() { form.End(span, err) }()

	err = s.look(ctx, "cut customers", func(ctx context.Context, c conn) error {
		cut = nil
		scope, err := s.scope(ctx, c, tenant, "")
		if err != nil || scope == 0 {
			return err
		}
		if label := s.secret.CutLabel(tenant, of); label != "" {
			hash, err := form.ParseLabel(label)
			if err != nil {
				return err
			}
			cut, err = cutOff(ctx, c, cutLabel, uuid(hash), store.CustomerSlice{Label: label}, size)
			return err
		}
		customers, err := cutOff(ctx, c, cutTenant, scope, store.CustomerSlice{}, size)
		if err != nil {
			return err
		}
		anonymous, err := cutOff(ctx, c, cutAnonymous, scope, store.CustomerSlice{Anonymous: true}, size)
		cut = slices.Concat(customers, anonymous)
		return err
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.slices", len(cut))
	return cut, nil
}

// cutOff cuts one slice after the other off what a statement walks.
func cutOff(ctx context.Context, c conn, text string, of any, next store.CustomerSlice, size int) (cut []store.CustomerSlice, err error) {
	for {
		var last int64
		if err := c.QueryRow(ctx, text, of, next.To, max(size, 1)).Scan(&next.N, &last); err != nil {
			return nil, err
		}
		if next.N == 0 {
			return cut, nil
		}
		next.From, next.To = next.To+1, last
		cut = append(cut, next)
	}
}
