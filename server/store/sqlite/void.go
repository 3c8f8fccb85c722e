package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	voidOnce = "UPDATE responses SET voided_at = ? WHERE key = ? AND tenant_class > 0 AND voided_at = " + unmarked +
		" RETURNING seq, customer"
	giveReason    = "INSERT INTO void_reasons (response, slot) VALUES (?, ?)"
	touchCustomer = "UPDATE customers SET revision = revision + 1, due = -9223372036854775808 WHERE key = ? AND profile IS NOT NULL"
)

// Void marks a response once, and answers it with the mark that stands.
func (s *Store) Void(ctx context.Context, tenant, responseID string, at time.Time, reason string) (kept *store.Kept, err error) {
	ctx, span := form.Start(ctx, driver, "store.Void")
	defer func() { form.End(span, err) }()

	key := s.secret.Hash(form.OfResponse, tenant, responseID)
	var found *stored
	request := newRequest()
	request.apply = func(ctx context.Context, w *writer) error {
		if err := w.markVoid(ctx, key, at.UnixMicro(), reason); err != nil {
			return err
		}
		var err error
		found, err = findStored(ctx, w.findWhole, key, true)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	}
	if err := s.writer.submit(ctx, request); err != nil {
		return nil, err
	}
	if found == nil {
		return nil, store.ErrNotFound
	}
	return found.decode()
}

// markVoid marks a response that is there and has no mark yet, and has its customer know.
func (w *writer) markVoid(ctx context.Context, key form.Hash, at int64, reason string) error {
	var response int64
	var customer []byte
	err := w.void.QueryRowContext(ctx, at, key[:]).Scan(&response, &customer)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("mark a response: %w", err)
	}
	if reason != "" {
		slot, err := w.appendSlot(ctx, []byte(reason))
		if err != nil {
			return err
		}
		if _, err := w.giveReason.ExecContext(ctx, response, slot); err != nil {
			return fmt.Errorf("keep the reason of a mark: %w", err)
		}
	}
	if customer == nil {
		return nil
	}
	if _, err := w.touchCustomer.ExecContext(ctx, customer); err != nil {
		return fmt.Errorf("mark a customer as due: %w", err)
	}
	return nil
}
