package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/customer-momentum/cmi/server/store/form"
)

// fewRows is up to how many rows a call writes without being bulk.
const fewRows = 64

// admit lets a call write rows. Those that write many wait for each other, so that half of the connections are there for the
// others: a call about one customer does not wait for what stands in line in bulk.
func (s *Store) admit(ctx context.Context, rows int) (leave func(), err error) {
	if rows <= fewRows {
		return func() {}, nil
	}
	bounded, cancel := bound(ctx)
	defer cancel()
	if err := s.bulk.Acquire(bounded, 1); err != nil {
		return nil, unavailable(ctx, "write in bulk", fmt.Errorf("wait for what else is written in bulk: %w", err))
	}
	return func() { s.bulk.Release(1) }, nil
}

// greet is done for those of whom something came in; each is given once, in the order in which they are to be created.
var greet = `WITH visitors AS MATERIALIZED (
	SELECT customer, profile, nextval('customers_seq') AS seq FROM (
		SELECT * FROM unnest($2::uuid[], $3::bytea[]) WITH ORDINALITY AS t (customer, profile, place) ORDER BY place
	) AS ordered
), ` + fmt.Sprintf(met, startsAnew) + `
SELECT count(*) FROM met`

const (
	findKeys    = "SELECT key FROM responses WHERE key = ANY($1)"
	takeNumbers = "SELECT nextval('responses_seq') FROM generate_series(1, $1)"
)

// copyResponses writes those of rows whose ids are not used, and says which they are. COPY costs less than an
// insertion that looks out for ids, which are therefore asked for first. It fails by an id that another transaction used
// meanwhile; see taken.
func copyResponses(ctx context.Context, c conn, rows []*row) (map[form.Hash]bool, error) {
	used, err := keysOf(c.Query(ctx, findKeys, uuids(rows, func(r *row) form.Hash { return r.Key })))
	if err != nil {
		return nil, err
	}
	news := rows
	if len(used) > 0 {
		news = slices.DeleteFunc(slices.Clone(rows), func(r *row) bool { return used[r.Key] })
	}
	inserted := make(map[form.Hash]bool, len(news))
	if len(news) == 0 {
		return inserted, nil
	}
	if err := copyNew(ctx, c, news); err != nil {
		return nil, err
	}
	met := make(map[pgtype.UUID]bool)
	var customers []pgtype.UUID
	var profiles [][]byte
	for _, r := range news {
		inserted[r.Key] = true
		if r.customer.Valid && !met[r.customer] {
			met[r.customer] = true
			customers, profiles = append(customers, r.customer), append(profiles, r.profile)
		}
	}
	_, err = c.Exec(ctx, greet, rows[0].tenant, customers, profiles)
	return inserted, err
}

// copyNew numbers rows in the order in which they are given, and writes them in that of their keys.
func copyNew(ctx context.Context, c conn, rows []*row) error {
	numbers, err := c.Query(ctx, takeNumbers, len(rows))
	if err != nil {
		return err
	}
	numbered, err := pgx.CollectRows(numbers, func(number pgx.CollectableRow) (n numberedRow, err error) {
		err = number.Scan(&n.seq)
		return n, err
	})
	if err != nil {
		return err
	}
	for i, r := range rows {
		numbered[i].row = r
	}
	slices.SortFunc(numbered, func(a, b numberedRow) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	columns := []string{
		"seq", "key", "customer", "tenant_class", "questionnaire_class", "version", "submitted_at", "cmi", "content", "score", "response", "digest",
	}
	_, err = c.CopyFrom(ctx, pgx.Identifier{"responses"}, columns, pgx.CopyFromSlice(len(numbered), func(i int) ([]any, error) {
		r := numbered[i]
		return []any{
			r.seq, uuid(r.Key), r.customer, r.tenantClass(), r.questionnaireClass(), r.Version, r.SubmittedAt, r.cmi(),
			r.Content, r.Score, r.Response.Response, r.Digest,
		}, nil
	}))
	return err
}

type numberedRow struct {
	*row
	seq int64
}

// taken tells an id that another transaction used first. Nothing was done then.
func taken(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == uniqueViolation
}
