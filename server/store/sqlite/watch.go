package sqlite

import (
	"context"

	"github.com/customer-momentum/cmi/server/store"
)

// Watch has nothing to tell: the file belongs to this process alone.
func (s *Store) Watch(ctx context.Context, _ func(store.Change)) error {
	done, err := s.use(ctx)
	if err != nil {
		return err
	}
	done()
	<-ctx.Done()
	return ctx.Err()
}
