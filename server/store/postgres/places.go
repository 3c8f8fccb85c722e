package postgres

import (
	"context"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const findPlaces = "SELECT " + storedColumns + `, response FROM responses WHERE seq = ANY($1) AND tenant_class >> 8 = $2 AND voided_at IS NULL`

// ResponsesAt reads all of them by one statement.
func (s *Store) ResponsesAt(ctx context.Context, tenant string, places []int64) (all []*store.Kept, err error) {
	ctx, span := form.Start(ctx, driver, "store.ResponsesAt")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.places", len(places))

	asked := make(map[int64][]int, len(places))
	for i, place := range places {
		asked[place] = append(asked[place], i)
	}
	err = s.ask(ctx, "read responses by their places", func(ctx context.Context, c conn) error {
		all = make([]*store.Kept, len(places))
		scope, err := s.scope(ctx, c, tenant, "")
		if err != nil || scope == 0 {
			return err
		}
		rows, err := c.Query(ctx, findPlaces, places, scope)
		if err != nil {
			return err
		}
		return eachStored(rows, true, func(r *stored) error {
			for _, i := range asked[r.seq] {
				if all[i], err = r.decode(); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}
