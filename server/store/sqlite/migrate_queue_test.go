package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/customer-momentum/cmi/server/migration"
	jobqueue "github.com/customer-momentum/cmi/server/store/queue"
)

// TestATornQueueIsMended: the tables of the queue are made before those of the store and go after them, in steps. Cut off
// between any two, a file is mended by whoever takes it up or down next.
func TestATornQueueIsMended(t *testing.T) {
	t.Parallel()
	made := everyVersion(t)
	newest := int64(len(made) - 1)
	cutOff := errors.New("cut off")
	for steps := range jobqueue.Version + 1 {
		s := schemaAt(t, filepath.Join(t.TempDir(), "cmi.db"))
		for _, to := range []int64{withQueue - 1, newest} {
			s.up(t, withQueue-1)
			err := on(s.path, writing(), func(db *sql.DB) error {
				left, in := steps, transactions(db)
				return jobqueue.Up(t.Context(), riversqlite.New(nil), func(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
					if left == 0 {
						return cutOff
					}
					left--
					return in(ctx, do)
				})
			})
			if !errors.Is(err, cutOff) {
				t.Fatalf("cut off after %d steps: %v", steps, err)
			}
			sameSchema(t, "cut off,", own(texts(t, s.path)), own(made[withQueue-1]))
			if to == newest {
				s.up(t, migration.Newest)
			} else {
				s.down(t, to)
			}
			sameSchema(t, "mended,", texts(t, s.path), made[to])
		}
		openAt(t, s.path)
	}
}
