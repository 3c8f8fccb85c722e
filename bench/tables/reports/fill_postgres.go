package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/customer-momentum/cmi/server/store/form"
)

// schema is a PostgreSQL store that the service has set up, and that nobody else uses.
type schema struct {
	conn *pgx.Conn
	filling
	indexes []string // what makes them
}

// fillPostgres writes the whole population but the first customer and score, by COPY.
func fillPostgres(ctx context.Context, url string, people *population) (err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	s := &schema{conn: conn, filling: filling{people: people, scopes: make(map[string]int64)}}
	return steps(ctx, []step{
		{"read what the service set up", s.read},
		{"drop the indexes", s.drop},
		{"write customers", s.customers},
		{"write responses", s.responses},
		{"make the indexes", func(ctx context.Context) error { return s.all(ctx, s.indexes) }},
		{"vacuum and analyse", func(ctx context.Context) error { return s.all(ctx, []string{"VACUUM ANALYZE"}) }},
	})
}

func (s *schema) read(ctx context.Context) (err error) {
	var secret []byte
	if err := s.conn.QueryRow(ctx, "SELECT value FROM self WHERE name = 'secret'").Scan(&secret); err != nil {
		return err
	}
	if s.secret, err = form.ParseSecret(secret); err != nil {
		return err
	}
	rows, err := s.conn.Query(ctx, "SELECT questionnaire, id FROM scopes WHERE tenant = $1", tenant)
	if err != nil {
		return err
	}
	var name string
	var id int64
	_, err = pgx.ForEachRow(rows, []any{&name, &id}, func() error {
		s.scopes[name] = id
		return nil
	})
	return err
}

// drop drops the indexes of the large tables but their primary keys, and remembers what makes them.
func (s *schema) drop(ctx context.Context) error {
	rows, err := s.conn.Query(ctx, `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
		AND tablename IN ('responses', 'customers', 'standings') AND indexname NOT LIKE '%_pkey'`)
	if err != nil {
		return err
	}
	var drops []string
	var name, text string
	if _, err := pgx.ForEachRow(rows, []any{&name, &text}, func() error {
		drops, s.indexes = append(drops, "DROP INDEX "+name), append(s.indexes, text)
		return nil
	}); err != nil {
		return err
	}
	return s.all(ctx, append(drops, "SET maintenance_work_mem = '1GB'"))
}

func (s *schema) all(ctx context.Context, statements []string) error {
	for _, text := range statements {
		if _, err := s.conn.Exec(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// copyInto writes the rows of a table.
func copyInto[T any](ctx context.Context, s *schema, table, columns string, all iter.Seq2[T, error], row func(T) []any) error {
	next, stop := iter.Pull2(all)
	defer stop()
	_, err := s.conn.CopyFrom(ctx, pgx.Identifier{table}, strings.Split(columns, ", "), pgx.CopyFromFunc(func() ([]any, error) {
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

// customers writes profiles, customers who are due, and their labels.
func (s *schema) customers(ctx context.Context) error {
	scope := s.scopes[""]
	return errors.Join(
		copyInto(ctx, s, "customers", "seq, key, tenant", s.persons(ctx), func(p person) []any { return []any{p.seq, uuid(p.key), scope} }),
		copyInto(ctx, s, "profiles", "customer, body", s.persons(ctx), func(p person) []any { return []any{p.seq, p.profile} }),
		copyInto(ctx, s, "standings", "customer, class", s.persons(ctx), func(p person) []any { return []any{p.seq, form.PerScope * scope} }),
		copyInto(ctx, s, "members", "label, customer", s.labels(ctx), func(l label) []any { return []any{uuid(l.hash), l.customer} }),
		s.all(ctx, []string{"SELECT setval('customers_seq', (SELECT max(seq) FROM customers))"}))
}

func (s *schema) responses(ctx context.Context) error {
	const columns = "seq, key, customer, tenant_class, questionnaire_class, version, submitted_at, cmi, content, score, response, digest"
	return errors.Join(
		copyInto(ctx, s, "responses", columns, s.answers(ctx), func(a answerRow) []any {
			return []any{
				a.seq, uuid(a.Key), uuid(a.customer), a.tenantClass, a.questionnaireClass, a.Version, a.SubmittedAt, a.CMI, a.Content,
				a.Score, a.Response.Response, a.Digest,
			}
		}),
		s.all(ctx, []string{"SELECT setval('responses_seq', (SELECT max(seq) FROM responses))"}))
}
