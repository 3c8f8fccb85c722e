package postgres

import (
	"context"
	"fmt"
)

// fewRows is up to how many rows a call writes without being bulk.
const fewRows = 64

// admit lets a call write rows. Those that write many wait for each other, so that half of the connections are there for the
// others: a call about one customer does not wait for what stands in line in bulk.
func (s *Store) admit(ctx context.Context, rows int) (leave func(), err error) {
	if rows <= fewRows {
		return func() {}, nil
	}
	bounded, cancel := bound(ctx)
	defer cancel()
	if err := s.bulk.Acquire(bounded, 1); err != nil {
		return nil, unavailable(ctx, "write in bulk", fmt.Errorf("wait for what else is written in bulk: %w", err))
	}
	return func() { s.bulk.Release(1) }, nil
}
