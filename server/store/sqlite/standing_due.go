package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// Those whose facts changed share one due, so their number in one tenant is read off the index; of those whose time came,
// which are few at any moment, the index tells the tenant.
const (
	findDue = `SELECT t.tenant, s.body FROM customers AS c INDEXED BY customers_by_due
		CROSS JOIN scopes AS t ON t.id = c.tenant CROSS JOIN slots AS s ON s.seq = c.profile
		WHERE c.due <= @at AND c.profile IS NOT NULL ORDER BY c.due, c.tenant, c.seq LIMIT @limit + 0`
	countChanged = `SELECT count(*) FROM (SELECT 1 FROM customers INDEXED BY customers_by_due
		WHERE due = -9223372036854775808 AND tenant = @tenant AND profile IS NOT NULL LIMIT @limit + 0)`
	countExpired = `SELECT count(*) FROM (SELECT 1 FROM customers INDEXED BY customers_by_due
		WHERE due > -9223372036854775808 AND due <= @at AND tenant = @tenant AND profile IS NOT NULL LIMIT @limit + 0)`
	countPending = "SELECT (" + countChanged + ") + (" + countExpired + ")"
)

// Due walks the customers by their due.
func (s *Store) Due(ctx context.Context, at int64, limit int) (due []store.Due, err error) {
	ctx, span := form.Start(ctx, driver, "store.Due")
	defer func() { form.End(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	args := []any{sql.Named("at", form.Ended(at)), sql.Named("limit", max(limit, 0))}
	err = s.reader.each(ctx, findDue, args, func(rows *sql.Rows) error {
		var one store.Due
		var body sql.RawBytes
		if err := rows.Scan(&one.Tenant, &body); err != nil {
			return fmt.Errorf("read a customer: %w", err)
		}
		profile, err := decodeProfile(body)
		one.CustomerID = profile.GetCustomerId()
		due = append(due, one)
		return err
	})
	if err != nil {
		return nil, unavailable(ctx, "find who is due", err)
	}
	form.Count(span, "cmi.results", len(due))
	return due, nil
}

// Pending counts in the index by due.
func (s *Store) Pending(ctx context.Context, tenant string, at int64, limit int) (n int, err error) {
	ctx, span := form.Start(ctx, driver, "store.Pending")
	defer func() { form.End(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	limit = max(limit, 0)
	scope, err := s.scope(ctx, tenant, "")
	if errors.Is(err, errNothing) {
		return 0, nil
	}
	if err == nil {
		args := []any{sql.Named("at", form.Ended(at)), sql.Named("tenant", scope), sql.Named("limit", limit)}
		err = s.reader.each(ctx, countPending, args, func(rows *sql.Rows) error { return rows.Scan(&n) })
	}
	if err != nil {
		return 0, unavailable(ctx, "count who is due", err)
	}
	return min(n, limit), nil
}
