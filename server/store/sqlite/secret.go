package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/customer-momentum/cmi/server/store/form"
)

const findSelf = "SELECT value FROM self WHERE name = ?"

// giveSecret makes the secret of a store that has none yet: one that is being set up.
func giveSecret(ctx context.Context, db *sql.DB) error {
	s, err := form.NewSecret()
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "INSERT OR IGNORE INTO self (name, value) VALUES ('secret', ?)", s[:]); err != nil {
		return fmt.Errorf("keep the secret: %w", err)
	}
	return nil
}

// readSecret reads the secret back.
func readSecret(ctx context.Context, conn *sql.Conn) (*form.Secret, error) {
	var value []byte
	if err := conn.QueryRowContext(ctx, findSelf, "secret").Scan(&value); err != nil {
		return nil, fmt.Errorf("read the secret: %w", err)
	}
	return form.ParseSecret(value)
}
