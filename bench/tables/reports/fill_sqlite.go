package main

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"

	_ "modernc.org/sqlite"

	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	together = 50      // rows a statement
	piece    = 200_000 // rows a transaction
)

// file is a SQLite store that the service has set up, and that nobody has open.
type file struct {
	db *sql.DB
	filling
	indexes []string // what makes them
}

// fillSQLite writes the whole population but the first customer and score.
func fillSQLite(ctx context.Context, name string, people *population) (err error) {
	db, err := sql.Open("sqlite", "file:"+name+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-1000000)&_pragma=temp_store(MEMORY)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	f := &file{db: db, filling: filling{people: people, scopes: make(map[string]int64)}}
	return steps(ctx, []step{
		{"read what the service set up", f.read},
		{"drop the indexes", f.drop},
		{"write customers", f.customers},
		{"write responses", f.responses},
		{"make the indexes", func(ctx context.Context) error { return f.all(ctx, f.indexes) }},
	})
}

func (f *file) read(ctx context.Context) (err error) {
	var secret []byte
	if err := f.db.QueryRowContext(ctx, "SELECT value FROM self WHERE name = 'secret'").Scan(&secret); err != nil {
		return err
	}
	if f.secret, err = form.ParseSecret(secret); err != nil {
		return err
	}
	return f.each(ctx, "SELECT questionnaire, id FROM scopes WHERE tenant = '"+tenant+"'", func(rows *sql.Rows) error {
		var name string
		var id int64
		err := rows.Scan(&name, &id)
		f.scopes[name] = id
		return err
	})
}

// drop drops the indexes of the large tables, and remembers what makes them.
func (f *file) drop(ctx context.Context) error {
	var drops []string
	err := f.each(ctx, "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('responses', 'customers')", func(rows *sql.Rows) error {
		var name, text string
		err := rows.Scan(&name, &text)
		drops, f.indexes = append(drops, "DROP INDEX "+name), append(f.indexes, text)
		return err
	})
	if err != nil {
		return err
	}
	return f.all(ctx, drops)
}

func (f *file) each(ctx context.Context, query string, take func(*sql.Rows) error) error {
	rows, err := f.db.QueryContext(ctx, query)
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

func (f *file) all(ctx context.Context, statements []string) error {
	for _, text := range statements {
		if _, err := f.db.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// customers writes profiles, customers who are due, and their labels.
func (f *file) customers(ctx context.Context) error {
	class := form.PerScope * f.scopes[""]
	return errors.Join(
		insert(ctx, f, "slots (seq, body)", f.persons(ctx), func(p person) []any { return []any{p.seq, slot(p.profile)} }),
		insert(ctx, f, "customers (seq, key, tenant, profile, revision, due, calibrated, class, facets)", f.persons(ctx), func(p person) []any {
			return []any{p.seq, p.key[:], f.scopes[""], p.seq, 1, form.Changed, 0, class, 0}
		}),
		insert(ctx, f, "members (label, customer)", f.labels(ctx), func(l label) []any { return []any{l.hash[:], l.customer} }))
}

// slot is a text as the driver lays it out: its length, the text, and room.
func slot(text []byte) []byte {
	length := binary.AppendUvarint(nil, uint64(len(text)))
	need := len(length) + len(text)
	body := make([]byte, (need+need/8+127)/128*128)
	copy(body[copy(body, length):], text)
	return body
}

func (f *file) responses(ctx context.Context) error {
	const columns = "seq, key, customer, tenant_class, questionnaire_class, version, submitted_at, cmi, voided_at, content, score, response, digest"
	return insert(ctx, f, "responses ("+columns+")", f.answers(ctx), func(a answerRow) []any {
		return []any{
			a.seq, a.Key[:], a.customer[:], a.tenantClass, a.questionnaireClass, a.Version, a.SubmittedAt, a.CMI, int64(math.MaxInt64), a.Content,
			a.Score, a.Response.Response, a.Digest,
		}
	})
}

// insert writes the rows of a table.
func insert[T any](ctx context.Context, f *file, into string, all iter.Seq2[T, error], row func(T) []any) (err error) {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreDone(tx.Rollback()))
		}
	}()
	var args []any
	n, columns := 0, 1+strings.Count(into, ",")
	for one, err := range all {
		if err != nil {
			return err
		}
		args = append(args, row(one)...)
		if n++; len(args) == together*columns {
			if args, err = write(ctx, tx, into, columns, args); err != nil {
				return err
			}
		}
		if n%piece == 0 {
			if err := tx.Commit(); err != nil {
				return err
			}
			if tx, err = f.db.BeginTx(ctx, nil); err != nil {
				return err
			}
		}
	}
	if len(args) > 0 {
		if _, err := write(ctx, tx, into, columns, args); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func write(ctx context.Context, tx *sql.Tx, into string, columns int, args []any) ([]any, error) {
	tuple := "(?" + strings.Repeat(", ?", columns-1) + ")"
	//nolint:gosec // the words are our own
	text := "INSERT INTO " + into + " VALUES " + tuple + strings.Repeat(", "+tuple, len(args)/columns-1)
	_, err := tx.ExecContext(ctx, text, args...)
	return args[:0], err
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}
