package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// journal is a table of what customers did, or of what that came to. It is only appended to.
type journal struct {
	things string // what it keeps, in words
	record string // the statement that writes what is given
	find   string // the one that finds what stands
	same   func(a, b []byte) (bool, error)
}

func interactionJournal() journal {
	return journal{"interactions", recordInteractions, findInteractions, form.SameInteraction}
}

func outcomeJournal() journal {
	return journal{"outcomes", recordOutcomes, findOutcomes, form.SameOutcome}
}

// recordDeeds writes into a table, whose columns besides those of every journal are given with their values. The customers
// who are known are locked before anything is written, so that nothing is kept of one who was erased. Then it goes as with
// responses; news are those of inserted that customers come to know of, as a clause.
const recordDeeds = `WITH given AS (
	SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::bytea[], $5::bigint[], $6::bigint[], $7::bytea[]) WITH ORDINALITY
	AS t (key, customer, profile, kind, occurred_at, body, place)
), locked AS MATERIALIZED (
	SELECT key, erased FROM customers WHERE key IN (SELECT customer FROM given) ORDER BY key FOR NO KEY UPDATE
), numbered AS MATERIALIZED (
	SELECT *, nextval('%[1]s_seq') AS seq FROM (SELECT * FROM given ORDER BY place) AS ordered
), entered AS (
	INSERT INTO %[1]s (seq, key, customer, kind, occurred_at, body%[2]s)
	SELECT seq, key, customer, kind, occurred_at, body%[3]s FROM numbered
	WHERE customer NOT IN (SELECT key FROM locked WHERE erased) ORDER BY key ON CONFLICT (key) DO NOTHING RETURNING key, customer
), inserted AS (
	SELECT key FROM entered%[4]s
), ` + visitors + `, %[5]s
SELECT key, false FROM entered UNION ALL SELECT key, true FROM locked WHERE erased`

var (
	recordInteractions = fmt.Sprintf(recordDeeds, "interactions", "", "", "", fmt.Sprintf(met, staysErased))
	// An outcome is news of those alone who are not known yet. One whom another transaction creates meanwhile is touched, and due anyway.
	recordOutcomes = fmt.Sprintf(recordDeeds, "outcomes", ", tenant", ", $1::bigint", " WHERE customer NOT IN (SELECT key FROM locked)",
		fmt.Sprintf(met, staysErased))
)

const (
	findInteractions = "SELECT key, customer IS NULL, body FROM interactions WHERE key = ANY($1)"
	findOutcomes     = "SELECT key, customer IS NULL, body FROM outcomes WHERE key = ANY($1)"
)

// notNullViolation is what staysErased fails with.
const notNullViolation = "23502"

// record keeps the deeds whose ids are new. Ids that come again in one call are looked at in turns, each with what the turns
// before it left; there is a second turn only where there are such.
func (s *Store) record(ctx context.Context, j journal, tenant string, deeds []*deed) ([]store.Result, error) {
	leave, err := s.admit(ctx, len(deeds))
	if err != nil {
		return nil, err
	}
	defer leave()
	// A customer's first deed of all creates them, also where it comes in a later turn: so all are sorted into turns by what
	// they need, and not by chance.
	stands := make(map[form.Hash][]byte) // by id; nil: it was erased
	refused := make(map[form.Hash]bool)  // customers
	for open := deeds; len(open) > 0; {
		given, later := turn(open)
		if err := s.recordTurn(ctx, j, tenant, given, stands, refused); err != nil {
			return nil, err
		}
		open = open[:0:0]
		for _, d := range later {
			if settled, err := d.settle(j, stands, refused); err != nil {
				return nil, err
			} else if !settled {
				open = append(open, d)
			}
		}
	}
	return column(deeds, func(d *deed) store.Result { return d.result }), nil
}

// turn takes the first of each id.
func turn(open []*deed) (given, later []*deed) {
	seen := make(map[form.Hash]bool, len(open))
	for _, d := range open {
		if seen[d.Key] {
			later = append(later, d)
			continue
		}
		seen[d.Key] = true
		given = append(given, d)
	}
	return given, later
}

// recordTurn writes deeds with different ids, and notes what stands under the ids and who is refused.
func (s *Store) recordTurn(ctx context.Context, j journal, tenant string, given []*deed, stands map[form.Hash][]byte, refused map[form.Hash]bool) error {
	scope, err := s.numberScope(ctx, tenant, "")
	if err != nil {
		return err
	}
	inserted := make(map[form.Hash]bool, len(given))
	err = s.ask(ctx, "record "+j.things, func(ctx context.Context, c conn) error {
		rows, err := c.Query(ctx, j.record, scope,
			uuids(given, func(d *deed) form.Hash { return d.Key }),
			uuids(given, func(d *deed) form.Hash { return d.customer }),
			column(given, func(d *deed) []byte { return d.profile }),
			column(given, func(d *deed) int64 { return d.kind }),
			column(given, func(d *deed) int64 { return d.OccurredAt }),
			column(given, func(d *deed) []byte { return d.Body }))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key [16]byte
			var erased bool
			if err := rows.Scan(&key, &erased); err != nil {
				return err
			}
			if erased {
				refused[key] = true
			} else {
				inserted[key] = true
			}
		}
		return erasedMeanwhile(rows.Err())
	})
	if err != nil {
		return err
	}
	var rest []pgtype.UUID
	for _, d := range given {
		if inserted[d.Key] {
			d.result = store.Recorded
			stands[d.Key] = d.Body
		} else {
			rest = append(rest, uuid(d.Key))
		}
	}
	if len(rest) == 0 {
		return nil
	}
	if err := s.findStanding(ctx, j, rest, stands); err != nil {
		return err
	}
	for _, d := range given {
		if inserted[d.Key] {
			continue
		}
		if settled, err := d.settle(j, stands, refused); err != nil {
			return err
		} else if !settled {
			return fmt.Errorf("%w: one of the %s neither came in nor stands", store.ErrUnavailable, j.things)
		}
	}
	return nil
}

// erasedMeanwhile has a statement tried again in the middle of which a customer was created and erased.
func erasedMeanwhile(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == notNullViolation && e.TableName == "customers" {
		return errAgain
	}
	return err
}

func (s *Store) findStanding(ctx context.Context, j journal, keys []pgtype.UUID, stands map[form.Hash][]byte) error {
	return s.ask(ctx, "find the "+j.things+" that stand", func(ctx context.Context, c conn) error {
		rows, err := c.Query(ctx, j.find, keys)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key [16]byte
			var erased bool
			var body []byte
			if err := rows.Scan(&key, &erased, &body); err != nil {
				return err
			}
			if erased {
				body = nil
			}
			stands[key] = body
		}
		return rows.Err()
	})
}

// settle says what becomes of a deed under whose id something stands, or whose customer is refused; false where
// neither is so.
func (d *deed) settle(j journal, stands map[form.Hash][]byte, refused map[form.Hash]bool) (bool, error) {
	body, used := stands[d.Key]
	switch {
	case used && body == nil, !used && refused[d.customer]:
		d.result = store.Erased
		return true, nil
	case !used:
		return false, nil
	}
	same, err := j.same(body, d.Body)
	d.result = store.Conflict
	if same {
		d.result = store.Replayed
	}
	return true, err
}

// eachEntry gives what a list of a journal answers to take, one by one.
func eachEntry(ctx context.Context, c conn, text string, args []any, take func(at store.Cursor, body []byte) error) error {
	rows, err := c.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	var at, seq int64
	var body []byte
	_, err = pgx.ForEachRow(rows, []any{&at, &seq, &body}, func() error { return take(form.CursorAt(at, seq), body) })
	return err
}
