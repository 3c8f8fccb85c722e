package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// preparer prepares the statements of one connection and remembers them. database/sql closes those of a pool with the pool,
// but leaves those of a single connection to whoever prepared them; and a connection with open statements does not close:
// it keeps its files, and does not fold the log into the store.
type preparer struct {
	conn *sql.Conn
	all  []*sql.Stmt
}

// PrepareContext prepares a statement that close closes.
func (p *preparer) PrepareContext(ctx context.Context, text string) (*sql.Stmt, error) {
	stmt, err := p.conn.PrepareContext(ctx, text)
	if err == nil {
		p.all = append(p.all, stmt)
	}
	return stmt, err
}

func (p *preparer) close() error {
	var all []error
	for _, stmt := range p.all {
		all = append(all, stmt.Close())
	}
	p.all = nil
	return errors.Join(all...)
}

// prepareAll prepares statements into their places.
func prepareAll(ctx context.Context, conn *preparer, statements map[string]**sql.Stmt) error {
	for text, into := range statements {
		var err error
		if *into, err = conn.PrepareContext(ctx, text); err != nil {
			return fmt.Errorf("prepare %s: %w", text, err)
		}
	}
	return nil
}
