package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// examine looks through a copy of a backup, page by page and row by row, and answers its schema. It is opened as a file that
// nobody changes: SQLite then keeps no files beside it.
func examine(ctx context.Context, backup, copied string) (schema int64, err error) {
	settings := url.Values{"immutable": {"1"}, "mode": {"ro"}, "_pragma": {"cache_size(-65536)", "trusted_schema(OFF)"}, "_dqs": {"0"}}
	err = on(copied, settings, func(db *sql.DB) error {
		if schema, err = inspect(ctx, db, backup); err != nil {
			return err
		}
		if err := checkExtent(ctx, db, backup, copied); err != nil {
			return err
		}
		var said string
		if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&said); err != nil {
			return explainRead(backup, err)
		}
		if said != "ok" {
			return fmt.Errorf("%s is damaged: use a backup of an earlier time: %s", backup, strings.ReplaceAll(said, "\n", " "))
		}
		return nil
	})
	if ctx.Err() != nil {
		return 0, fmt.Errorf("interrupted; nothing was changed: %w", ctx.Err())
	}
	return schema, err
}

// checkExtent finds a file that ends within its last page, for which SQLite makes zeros up.
func checkExtent(ctx context.Context, db *sql.DB, backup, copied string) error {
	size, err := measure(ctx, db)
	if err != nil {
		return explainRead(backup, err)
	}
	info, err := os.Stat(copied)
	if err != nil {
		return fmt.Errorf("check the copy: %w", err)
	}
	if info.Size() != size.all {
		return fmt.Errorf("%s is damaged: use a backup of an earlier time: it has %d bytes in place of %d", backup, info.Size(), size.all)
	}
	return nil
}
