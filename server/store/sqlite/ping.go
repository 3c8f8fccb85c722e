package sqlite

import (
	"context"
	"errors"
	"os"

	"github.com/customer-momentum/cmi/server/store/form"
)

// Ping reads, has the writer begin and end a transaction, and looks whether the file still stands under its name: a file
// that was removed or replaced takes writes all the same, and loses them when the process ends.
func (s *Store) Ping(ctx context.Context) (err error) {
	ctx, span := form.Start(ctx, driver, "store.Ping")
	defer func() { form.End(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return err
	}
	defer done()
	var n int64
	if err := s.reader.db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n); err != nil {
		return unavailable(ctx, "read", err)
	}
	info, err := os.Stat(s.path)
	if err != nil {
		return unavailable(ctx, "look for the file", err)
	}
	if !os.SameFile(info, s.file) {
		return unavailable(ctx, "look for the file", errors.New("another file stands in its place"))
	}
	return s.writer.submit(ctx, newRequest())
}
