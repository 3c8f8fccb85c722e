package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"modernc.org/sqlite"

	"github.com/customer-momentum/cmi/server/store/form"
)

// shapesPrepared bounds how many shapes of lists are kept prepared. Those that are asked for after it is reached are
// prepared each time, so that nobody fills the memory by trying all filters.
const shapesPrepared = 64

// reader is a pool of connections that only read. They see what is committed, and neither wait for the writer nor make it
// wait.
type reader struct {
	db *sql.DB

	findWhole   *sql.Stmt
	findScope   *sql.Stmt
	findVersion *sql.Stmt
	findLatest  *sql.Stmt

	findOnlyProfile          *sql.Stmt
	findScore                *sql.Stmt
	findQuestionnaireOfScope *sql.Stmt
	findKind                 *sql.Stmt
	walkDeeds                *sql.Stmt
	findFirstDeed            *sql.Stmt
	findAnyDeed              *sql.Stmt

	findOperation          *sql.Stmt
	findOperationByID      *sql.Stmt
	findPiece              *sql.Stmt
	findOperationOf        *sql.Stmt
	walkRescored           *sql.Stmt
	walkRescoredOfCustomer *sql.Stmt

	findLastResponse  *sql.Stmt
	findSliceEnd      *sql.Stmt
	placesFrom        *sql.Stmt
	findTenantOfScope *sql.Stmt
	readSlice         *sql.Stmt

	cutTenant    *sql.Stmt
	cutLabel     *sql.Stmt
	cutAnonymous *sql.Stmt
	readPlaces   *sql.Stmt

	wideFacts []factsTogether // the widest first
	deedLists map[deedShape]*sql.Stmt

	questionnaires memo[int64, string]    // by the numbers of their scopes
	kinds          memo[form.Hash, int64] // the numbers of kinds of interaction

	mu    sync.RWMutex
	lists map[string]*sql.Stmt // by their text
}

func newReader(ctx context.Context, path string) (*reader, error) {
	connector, err := sqlite.NewConnector(address(path, reading()))
	if err != nil {
		return nil, err
	}
	r := &reader{db: sql.OpenDB(connector), lists: make(map[string]*sql.Stmt), deedLists: make(map[deedShape]*sql.Stmt)}
	connections := max(4, runtime.NumCPU())
	r.db.SetMaxOpenConns(connections)
	r.db.SetMaxIdleConns(connections)
	if err := r.prepare(ctx); err != nil {
		return nil, errors.Join(err, r.db.Close())
	}
	return r, nil
}

// prepare prepares what is read often. What is read through a view is prepared here always: a view that waited for a
// second connection, to prepare something on, would wait for other views that do the same.
func (r *reader) prepare(ctx context.Context) (err error) {
	for _, s := range []struct {
		into **sql.Stmt
		text string
	}{
		{&r.findWhole, findWhole},
		{&r.findScope, findScope},
		{&r.findVersion, findVersion},
		{&r.findLatest, findLatest},
		{&r.findOnlyProfile, findOnlyProfile},
		{&r.findScore, findScore},
		{&r.findQuestionnaireOfScope, findQuestionnaireOfScope},
		{&r.findKind, findKind},
		{&r.walkDeeds, walkDeeds},
		{&r.findFirstDeed, findFirstDeed},
		{&r.findAnyDeed, findAnyDeed},
		{&r.findOperation, findOperation},
		{&r.findOperationByID, findOperationByID},
		{&r.findPiece, findPiece},
		{&r.findOperationOf, findOperationOf},
		{&r.walkRescored, walkRescored},
		{&r.walkRescoredOfCustomer, walkRescoredOfCustomer},
		{&r.findLastResponse, findLastResponse},
		{&r.findSliceEnd, findSliceEnd},
		{&r.placesFrom, placesFrom},
		{&r.findTenantOfScope, findTenantOfScope},
		{&r.readSlice, readSlice},
		{&r.cutTenant, cutTenant()},
		{&r.cutLabel, cutLabel()},
		{&r.cutAnonymous, cutAnonymous()},
		{&r.readPlaces, readPlaces},
	} {
		if *s.into, err = r.db.PrepareContext(ctx, s.text); err != nil {
			return fmt.Errorf("prepare %s: %w", s.text, err)
		}
	}
	for _, width := range factsWidths() {
		c, err := prepareWideFacts(ctx, r.db, width)
		if err != nil {
			return err
		}
		r.wideFacts = append(r.wideFacts, c)
	}
	for _, shape := range []deedShape{{}, {ofKind: true}, {continued: true}, {ofKind: true, continued: true}} {
		if r.deedLists[shape], err = r.db.PrepareContext(ctx, shape.text()); err != nil {
			return fmt.Errorf("prepare a list of interactions: %w", err)
		}
	}
	return nil
}

// each runs a list and gives its rows, one by one, to take.
func (r *reader) each(ctx context.Context, text string, args []any, take func(*sql.Rows) error) error {
	rows, err := r.list(ctx, text, args)
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

func (r *reader) list(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	stmt, err := r.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return r.db.QueryContext(ctx, text, args...)
	}
	return stmt.QueryContext(ctx, args...)
}

// prepared answers the statement of a shape, nil where there are too many already.
func (r *reader) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	r.mu.RLock()
	stmt, known := r.lists[text]
	full := len(r.lists) >= shapesPrepared
	r.mu.RUnlock()
	if known || full {
		return stmt, nil
	}
	stmt, err := r.db.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("prepare a list: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if first, known := r.lists[text]; known {
		return first, stmt.Close()
	}
	r.lists[text] = stmt
	return stmt, nil
}

func (r *reader) close() error { return r.db.Close() }
