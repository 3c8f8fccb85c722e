package main

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	_ "modernc.org/sqlite"

	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	together = 50      // rows a statement
	piece    = 200_000 // rows a transaction
)

// bulk writes into a SQLite store that the service has set up, and that nobody has open.
type bulk struct {
	db *sql.DB
	numbers
	indexes []string // what makes them
}

// fillSQLite writes the whole population.
func fillSQLite(ctx context.Context, file string, customers int, now time.Time) (err error) {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-2000000)&_pragma=temp_store(MEMORY)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	b := &bulk{db: db, numbers: newNumbers()}
	return steps(ctx, []step{
		{"read what the service set up", b.read},
		{"drop the indexes", b.drop},
		{"write customers", func(ctx context.Context) error { return b.customers(ctx, customers, now) }},
		{"write interactions", func(ctx context.Context) error { return b.interactions(ctx, customers, now) }},
		{"write responses", func(ctx context.Context) error { return b.responses(ctx, customers, now) }},
		{"make the indexes", b.index},
	})
}

func (b *bulk) read(ctx context.Context) (err error) {
	var secret []byte
	if err := b.db.QueryRowContext(ctx, "SELECT value FROM self WHERE name = 'secret'").Scan(&secret); err != nil {
		return err
	}
	if b.secret, err = form.ParseSecret(secret); err != nil {
		return err
	}
	if err := b.each(ctx, "SELECT questionnaire, id FROM scopes WHERE tenant = '"+tenant+"'", func(name []byte, id int64) {
		b.scopes[string(name)] = id
	}); err != nil {
		return err
	}
	return b.each(ctx, "SELECT key, id FROM kinds", func(key []byte, id int64) { b.kinds[form.Hash(key)] = id })
}

func (b *bulk) each(ctx context.Context, query string, take func(name []byte, id int64)) error {
	rows, err := b.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name []byte
		var id int64
		if err := rows.Scan(&name, &id); err != nil {
			return err
		}
		take(name, id)
	}
	return rows.Err()
}

func (b *bulk) drop(ctx context.Context) error {
	rows, err := b.db.QueryContext(ctx, `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
		AND tbl_name IN ('responses', 'customers', 'interactions')`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var drops []string
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return err
		}
		drops, b.indexes = append(drops, "DROP INDEX "+name), append(b.indexes, text)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return b.all(ctx, drops)
}

func (b *bulk) index(ctx context.Context) error { return b.all(ctx, b.indexes) }

func (b *bulk) all(ctx context.Context, statements []string) error {
	for _, text := range statements {
		if _, err := b.db.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// rows gathers the rows of a table and writes them.
type rows struct {
	b       *bulk
	into    string
	columns int
	args    []any
	tx      *sql.Tx
	n       int
}

func (r *rows) add(ctx context.Context, values ...any) error {
	r.args = append(r.args, values...)
	if r.n++; len(r.args) < together*r.columns {
		return nil
	}
	return r.flush(ctx)
}

func (r *rows) flush(ctx context.Context) (err error) {
	if len(r.args) > 0 {
		if r.tx == nil {
			if r.tx, err = r.b.db.BeginTx(ctx, nil); err != nil {
				return err
			}
		}
		tuple := "(?" + strings.Repeat(", ?", r.columns-1) + ")"
		text := "INSERT INTO " + r.into + " VALUES " + tuple + strings.Repeat(", "+tuple, len(r.args)/r.columns-1)
		if _, err := r.tx.ExecContext(ctx, text, r.args...); err != nil {
			return err
		}
		r.args = r.args[:0]
	}
	if r.tx != nil && r.n >= piece {
		return r.commit()
	}
	return nil
}

func (r *rows) commit() error {
	err := r.tx.Commit()
	r.tx, r.n = nil, 0
	return err
}

func (r *rows) end(ctx context.Context) error {
	if err := r.flush(ctx); err != nil || r.tx == nil {
		return err
	}
	return r.commit()
}

// customers writes profiles, rows and labels.
func (b *bulk) customers(ctx context.Context, customers int, now time.Time) error {
	slots := &rows{b: b, into: "slots (seq, body)", columns: 2}
	for p, err := range b.people(customers, now) {
		if err != nil {
			return err
		}
		length := binary.AppendUvarint(nil, uint64(len(p.profile)))
		need := len(length) + len(p.profile)
		body := make([]byte, (need+need/8+127)/128*128)
		copy(body[copy(body, length):], p.profile)
		if err := slots.add(ctx, p.seq, body); err != nil {
			return err
		}
	}
	if err := slots.end(ctx); err != nil {
		return err
	}
	class := form.PerScope * b.scopes[""]
	people := &rows{b: b, into: "customers (seq, key, tenant, profile, revision, due, calibrated, class, facets)", columns: 9}
	for p, err := range b.people(customers, now) {
		if err != nil {
			return err
		}
		if err := people.add(ctx, p.seq, p.key[:], b.scopes[""], p.seq, 1, form.Changed, 0, class, 0); err != nil {
			return err
		}
	}
	if err := people.end(ctx); err != nil {
		return err
	}
	labels := &rows{b: b, into: "members (label, customer)", columns: 2}
	for p, err := range b.people(customers, now) {
		if err != nil {
			return err
		}
		for _, l := range p.labels {
			if err := labels.add(ctx, l.Hash[:], p.seq); err != nil {
				return err
			}
		}
	}
	return labels.end(ctx)
}

func (b *bulk) interactions(ctx context.Context, customers int, now time.Time) error {
	into := &rows{b: b, into: "interactions (seq, key, customer, kind, occurred_at, body)", columns: 6}
	for d, err := range b.deeds(customers, now) {
		if err != nil {
			return err
		}
		if err := into.add(ctx, d.seq, d.Key[:], d.customer[:], d.kind, d.OccurredAt, d.Body); err != nil {
			return err
		}
	}
	return into.end(ctx)
}

func (b *bulk) responses(ctx context.Context, customers int, now time.Time) error {
	into := &rows{b: b, into: `responses (seq, key, customer, tenant_class, questionnaire_class, version, submitted_at, cmi, voided_at, content,
		score, response, digest)`, columns: 13}
	for a, err := range b.answers(customers, now) {
		if err != nil {
			return err
		}
		if err := into.add(ctx, a.seq, a.key[:], a.customer[:], a.tenantClass, a.questionnaireClass, 1, a.submittedAt, a.cmi,
			int64(math.MaxInt64), a.content, a.score, a.response, a.digest); err != nil {
			return err
		}
	}
	return into.end(ctx)
}
