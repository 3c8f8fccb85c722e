package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/customer-momentum/cmi/server/store"
)

const voidOnce = "UPDATE responses SET voided_at = ?, void_reason = ? WHERE key = ? AND voided_at IS NULL"

// Void marks a response once, and answers it with the mark that stands.
func (s *Store) Void(ctx context.Context, tenant, responseID string, at time.Time, reason string) (kept *store.Kept, err error) {
	ctx, span := start(ctx, "store.Void")
	defer func() { end(span, err) }()

	key := hash(ofResponse, tenant, responseID)
	var found *stored
	request := newRequest()
	request.apply = func(ctx context.Context, w *writer) error {
		if _, err := w.void.ExecContext(ctx, at.UnixMicro(), reason, key[:]); err != nil {
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
