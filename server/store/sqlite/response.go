package sqlite

import (
	"context"
	"errors"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// The first finds what was erased too, the second does not.
const (
	findScored = "SELECT " + storedColumns + " FROM responses WHERE key = ?"
	findWhole  = "SELECT " + storedColumns + ", response FROM responses WHERE key = ? AND tenant_class > 0"
)

// Response answers what is kept under a response id.
func (s *Store) Response(ctx context.Context, tenant, responseID string) (kept *store.Kept, err error) {
	ctx, span := form.Start(ctx, driver, "store.Response")
	defer func() { form.End(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	found, err := findStored(ctx, s.reader.findWhole, s.secret.Hash(form.OfResponse, tenant, responseID), true)
	if errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if err != nil {
		return nil, unavailable(ctx, "read a response", err)
	}
	return found.decode()
}
