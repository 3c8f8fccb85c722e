package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/customer-momentum/cmi/server/store/form"
)

// copies writes into a PostgreSQL store that the service has set up, and that nobody else uses.
type copies struct {
	conn *pgx.Conn
	numbers
	indexes []string // what makes them
}

// fillPostgres writes the whole population by COPY.
func fillPostgres(ctx context.Context, url string, customers int, now time.Time) (err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	c := &copies{conn: conn, numbers: newNumbers()}
	return steps(ctx, []step{
		{"read what the service set up", c.read},
		{"drop the indexes", c.drop},
		{"write customers", func(ctx context.Context) error { return c.customers(ctx, customers, now) }},
		{"write interactions", func(ctx context.Context) error { return c.interactions(ctx, customers, now) }},
		{"write responses", func(ctx context.Context) error { return c.responses(ctx, customers, now) }},
		{"make the indexes", func(ctx context.Context) error { return c.all(ctx, c.indexes) }},
		{"vacuum and analyse", func(ctx context.Context) error { return c.all(ctx, []string{"VACUUM ANALYZE"}) }},
	})
}

func (c *copies) read(ctx context.Context) (err error) {
	var secret []byte
	if err := c.conn.QueryRow(ctx, "SELECT value FROM self WHERE name = 'secret'").Scan(&secret); err != nil {
		return err
	}
	if c.secret, err = form.ParseSecret(secret); err != nil {
		return err
	}
	rows, err := c.conn.Query(ctx, "SELECT questionnaire, id FROM scopes WHERE tenant = $1", tenant)
	if err != nil {
		return err
	}
	var name string
	var key [16]byte
	var id int64
	if _, err := pgx.ForEachRow(rows, []any{&name, &id}, func() error {
		c.scopes[name] = id
		return nil
	}); err != nil {
		return err
	}
	if rows, err = c.conn.Query(ctx, "SELECT key, id FROM kinds"); err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, []any{&key, &id}, func() error {
		c.kinds[key] = id
		return nil
	})
	return err
}

// drop drops the indexes of the large tables but their primary keys.
func (c *copies) drop(ctx context.Context) error {
	rows, err := c.conn.Query(ctx, `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
		AND tablename IN ('responses', 'customers', 'interactions', 'standings') AND indexname NOT LIKE '%_pkey'`)
	if err != nil {
		return err
	}
	var drops []string
	var name, text string
	if _, err := pgx.ForEachRow(rows, []any{&name, &text}, func() error {
		drops, c.indexes = append(drops, "DROP INDEX "+name), append(c.indexes, text)
		return nil
	}); err != nil {
		return err
	}
	return c.all(ctx, append(drops, "SET maintenance_work_mem = '1GB'"))
}

func (c *copies) all(ctx context.Context, statements []string) error {
	for _, text := range statements {
		if _, err := c.conn.Exec(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// copyInto writes the rows of a table.
func copyInto[T any](ctx context.Context, c *copies, table, columns string, all iter.Seq2[T, error], row func(T) []any) error {
	next, stop := iter.Pull2(all)
	defer stop()
	_, err := c.conn.CopyFrom(ctx, pgx.Identifier{table}, strings.Split(columns, ", "), pgx.CopyFromFunc(func() ([]any, error) {
		one, err, more := next()
		if !more || err != nil {
			return nil, err
		}
		return row(one), nil
	}))
	if err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	return nil
}

func uuid(h form.Hash) pgtype.UUID { return pgtype.UUID{Bytes: h, Valid: true} }

func (c *copies) customers(ctx context.Context, customers int, now time.Time) error {
	scope := c.scopes[""]
	type member struct {
		label form.Hash
		seq   int64
	}
	members := func(yield func(member, error) bool) {
		for p, err := range c.people(customers, now) {
			for _, l := range p.labels {
				if !yield(member{l.Hash, p.seq}, err) {
					return
				}
			}
		}
	}
	return errors.Join(
		copyInto(ctx, c, "customers", "seq, key, tenant", c.people(customers, now), func(p person) []any { return []any{p.seq, uuid(p.key), scope} }),
		copyInto(ctx, c, "profiles", "customer, body", c.people(customers, now), func(p person) []any { return []any{p.seq, p.profile} }),
		copyInto(ctx, c, "standings", "customer, class", c.people(customers, now), func(p person) []any { return []any{p.seq, form.PerScope * scope} }),
		copyInto(ctx, c, "members", "label, customer", members, func(m member) []any { return []any{uuid(m.label), m.seq} }),
		c.all(ctx, []string{"SELECT setval('customers_seq', (SELECT max(seq) FROM customers))"}))
}

func (c *copies) interactions(ctx context.Context, customers int, now time.Time) error {
	return errors.Join(
		copyInto(ctx, c, "interactions", "seq, key, customer, kind, occurred_at, body", c.deeds(customers, now), func(d deed) []any {
			return []any{d.seq, uuid(d.Key), uuid(d.customer), d.kind, d.OccurredAt, d.Body}
		}),
		c.all(ctx, []string{"SELECT setval('interactions_seq', (SELECT max(seq) FROM interactions))"}))
}

func (c *copies) responses(ctx context.Context, customers int, now time.Time) error {
	const columns = "seq, key, customer, tenant_class, questionnaire_class, version, submitted_at, cmi, content, score, response, digest"
	return errors.Join(
		copyInto(ctx, c, "responses", columns, c.answers(customers, now), func(a answer) []any {
			return []any{
				a.seq, uuid(a.key), uuid(a.customer), a.tenantClass, a.questionnaireClass, int32(1), a.submittedAt, a.cmi, a.content, a.score, a.response,
				a.digest,
			}
		}),
		c.all(ctx, []string{"SELECT setval('responses_seq', (SELECT max(seq) FROM responses))"}))
}
