package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"sync"

	"modernc.org/sqlite"
)

// reader is a pool of connections that only read. They see what is committed, and neither wait for the writer nor make it
// wait.
type reader struct {
	db *sql.DB

	mu         sync.RWMutex
	statements map[string]*sql.Stmt // by their text; there are as many as there are shapes of filters
}

func newReader(ctx context.Context, path string) (*reader, error) {
	connector, err := sqlite.NewConnector(address(path, reading()))
	if err != nil {
		return nil, err
	}
	r := &reader{db: sql.OpenDB(connector), statements: make(map[string]*sql.Stmt)}
	connections := max(4, runtime.NumCPU())
	r.db.SetMaxOpenConns(connections)
	r.db.SetMaxIdleConns(connections)
	if _, err := r.prepared(ctx, findWhole); err != nil {
		_ = r.db.Close() // the error that counts is the first one
		return nil, err
	}
	return r, nil
}

// prepared answers a statement, the same one for the same text.
func (r *reader) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	r.mu.RLock()
	stmt, ok := r.statements[text]
	r.mu.RUnlock()
	if ok {
		return stmt, nil
	}
	stmt, err := r.db.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("prepare a query: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if first, ok := r.statements[text]; ok {
		return first, stmt.Close()
	}
	r.statements[text] = stmt
	return stmt, nil
}

// each runs a query and gives its rows, one by one, to take.
func (r *reader) each(ctx context.Context, text string, args []any, take func(*sql.Rows) error) (err error) {
	stmt, err := r.prepared(ctx, text)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (r *reader) close() error { return r.db.Close() }
