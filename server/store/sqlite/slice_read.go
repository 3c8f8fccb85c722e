package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// Those of the first or last microsecond of a slice are walks of their own here too.
const (
	findTenantOfScope = "SELECT 1 FROM scopes WHERE id = ? AND tenant = ?"
	recordedUnmarked  = " AND seq <= @last AND voided_at = " + unmarked
	responsesOfClass  = "SELECT " + storedColumns + ", response" + ofClass
	readSlice         = responsesOfClass + "submitted_at = @at AND seq >= @seq AND seq <= iif(@at < @toAt, @last, @toSeq) AND @at <= @toAt" +
		recordedUnmarked +
		" UNION ALL " + responsesOfClass + "submitted_at > @at AND submitted_at < @toAt" + recordedUnmarked +
		" UNION ALL " + responsesOfClass + "submitted_at = @toAt AND seq <= @toSeq AND @at < @toAt" + recordedUnmarked
)

// ResponsesIn reads a slice along the index.
func (s *Store) ResponsesIn(ctx context.Context, tenant string, slice store.ResponseSlice) (all []*store.Kept, err error) {
	ctx, span := form.Start(ctx, driver, "store.ResponsesIn")
	defer func() { form.End(span, err) }()

	err = s.look(ctx, "read a slice of responses", func(v *view) error {
		var one int
		if err := v.row(ctx, v.reader.findTenantOfScope, slice.Class/form.PerScope, tenant).Scan(&one); err != nil {
			return err
		}
		args := append(placeOf(slice), sql.Named("toAt", slice.ToAt), sql.Named("toSeq", slice.ToSeq), sql.Named("last", slice.Last))
		return v.each(ctx, v.reader.readSlice, args, func(rows *sql.Rows) (bool, error) {
			row := stored{whole: true}
			if err := rows.Scan(row.fields()...); err != nil {
				return false, fmt.Errorf("read a response: %w", err)
			}
			kept, err := row.decode()
			all = append(all, kept)
			return true, err
		})
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil // it is a slice of another tenant
	}
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(all))
	return all, nil
}
