package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// readPlaces finds rows by their numbers, as far as they are of a tenant and neither void nor erased.
const readPlaces = "SELECT " + storedColumns + `, response FROM responses WHERE seq IN (SELECT value FROM json_each(@places))
	AND tenant_class >> 8 = @tenant AND voided_at = ` + unmarked

// ResponsesAt reads all of them by one statement.
func (s *Store) ResponsesAt(ctx context.Context, tenant string, places []int64) (all []*store.Kept, err error) {
	ctx, span := form.Start(ctx, driver, "store.ResponsesAt")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.places", len(places))

	asked := make(map[int64][]int, len(places))
	for i, place := range places {
		asked[place] = append(asked[place], i)
	}
	text, err := json.Marshal(places)
	if err != nil {
		return nil, fmt.Errorf("name places: %w", err)
	}
	all = make([]*store.Kept, len(places))
	err = s.look(ctx, "read responses by their places", func(v *view) error {
		var scope int64
		if err := v.row(ctx, v.reader.findScope, tenant, "").Scan(&scope); err != nil {
			return err
		}
		args := []any{sql.Named("places", string(text)), sql.Named("tenant", scope)}
		return v.each(ctx, v.reader.readPlaces, args, func(rows *sql.Rows) (bool, error) {
			row := stored{whole: true}
			if err := rows.Scan(row.fields()...); err != nil {
				return false, fmt.Errorf("read a response: %w", err)
			}
			for _, i := range asked[row.seq] {
				if all[i], err = row.decode(); err != nil {
					return false, err
				}
			}
			return true, nil
		})
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // where there is no such tenant, there is nothing
		return nil, err
	}
	return all, nil
}
