package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const findWhole = "SELECT " + storedColumns + ", response FROM responses WHERE key = $1 AND tenant_class > 0"

// Response answers what is kept under a response id.
func (s *Store) Response(ctx context.Context, tenant, responseID string) (kept *store.Kept, err error) {
	ctx, span := form.Start(ctx, driver, "store.Response")
	defer func() { form.End(span, err) }()

	var found *stored
	err = s.ask(ctx, "read a response", func(ctx context.Context, c conn) (err error) {
		found, err = findResponse(ctx, c, s.secret.Hash(form.OfResponse, tenant, responseID))
		return err
	})
	if err != nil {
		return nil, err
	}
	return found.decode()
}

func findResponse(ctx context.Context, c conn, key form.Hash) (*stored, error) {
	found := &stored{whole: true}
	err := c.QueryRow(ctx, findWhole, uuid(key)).Scan(found.fields()...)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	return found, err
}

const (
	findCustomerOf = "SELECT customer FROM responses WHERE key = $1 AND tenant_class > 0"
	lockCustomer   = "SELECT 1 FROM customers WHERE key = $1 FOR NO KEY UPDATE"
	voidOnce       = `UPDATE responses SET voided_at = $2, void_reason = NULLIF($3, ''::bytea) WHERE key = $1 AND tenant_class > 0 AND voided_at IS NULL`
	touchCustomer  = "UPDATE customers SET revision = revision + 1, due = -9223372036854775808 WHERE key = $1 AND NOT erased"
)

// Void marks a response once, and answers it with the mark that stands. The lock of the customer comes first, as everywhere.
func (s *Store) Void(ctx context.Context, tenant, responseID string, at time.Time, reason string) (kept *store.Kept, err error) {
	ctx, span := form.Start(ctx, driver, "store.Void")
	defer func() { form.End(span, err) }()

	key := s.secret.Hash(form.OfResponse, tenant, responseID)
	var found *stored
	err = s.change(ctx, "mark a response", func(ctx context.Context, c conn) error {
		var customer pgtype.UUID
		err := c.QueryRow(ctx, findCustomerOf, uuid(key)).Scan(&customer)
		if errors.Is(err, pgx.ErrNoRows) {
			return store.ErrNotFound
		}
		if err != nil {
			return err
		}
		if _, err := c.Exec(ctx, lockCustomer, customer); err != nil {
			return err
		}
		marked, err := c.Exec(ctx, voidOnce, uuid(key), at.UnixMicro(), []byte(reason))
		if err != nil {
			return err
		}
		if marked.RowsAffected() > 0 {
			if _, err := c.Exec(ctx, touchCustomer, customer); err != nil {
				return err
			}
		}
		found, err = findResponse(ctx, c, key)
		return err
	})
	if err != nil {
		return nil, err
	}
	return found.decode()
}
