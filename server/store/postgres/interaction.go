package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// The customers who are known are locked before anything is written, so that nothing is kept of one who was erased. Then it
// goes as with responses.
var recordInteractions = `WITH given AS (
	SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::bytea[], $5::bigint[], $6::bigint[], $7::bytea[]) WITH ORDINALITY
	AS t (key, customer, profile, kind, occurred_at, body, place)
), locked AS MATERIALIZED (
	SELECT key, erased FROM customers WHERE key IN (SELECT customer FROM given) ORDER BY key FOR NO KEY UPDATE
), numbered AS MATERIALIZED (
	SELECT *, nextval('interactions_seq') AS seq FROM (SELECT * FROM given ORDER BY place) AS ordered
), inserted AS (
	INSERT INTO interactions (seq, key, customer, kind, occurred_at, body) SELECT seq, key, customer, kind, occurred_at, body FROM numbered
	WHERE customer NOT IN (SELECT key FROM locked WHERE erased) ORDER BY key ON CONFLICT (key) DO NOTHING RETURNING key
), ` + visitors + ", " + fmt.Sprintf(met, staysErased) + `
SELECT key, false FROM inserted UNION ALL SELECT key, true FROM locked WHERE erased`

const findInteractions = "SELECT key, customer IS NULL, body FROM interactions WHERE key = ANY($1)"

// notNullViolation is what staysErased fails with.
const notNullViolation = "23502"

// deed is an interaction as it is written.
type deed struct {
	form.Interaction
	customer form.Hash
	profile  []byte
	kind     int64
	result   store.Result
}

// RecordInteractions keeps the interactions whose ids are new. Ids that come again in one call are looked at in turns, each
// with what the turns before it left; there is a second turn only where there are such.
func (s *Store) RecordInteractions(ctx context.Context, tenant string, interactions []*cmiv1.Interaction, at time.Time) (results []store.Result, err error) {
	ctx, span := form.Start(ctx, driver, "store.RecordInteractions")
	defer func() { form.End(span, err) }()

	deeds, err := s.deeds(ctx, tenant, interactions, at)
	if err != nil {
		return nil, err
	}
	leave, err := s.admit(ctx, len(deeds))
	if err != nil {
		return nil, err
	}
	defer leave()
	// A customer's first interaction of all creates them, also where it comes in a later turn: so all are sorted into turns
	// by what they need, and not by chance.
	stands := make(map[form.Hash][]byte) // by id; nil: it was erased
	refused := make(map[form.Hash]bool)  // customers
	for open := deeds; len(open) > 0; {
		given, later := turn(open)
		if err := s.recordTurn(ctx, tenant, given, stands, refused); err != nil {
			return nil, err
		}
		open = open[:0:0]
		for _, d := range later {
			if settled, err := d.settle(stands, refused); err != nil {
				return nil, err
			} else if !settled {
				open = append(open, d)
			}
		}
	}
	results = column(deeds, func(d *deed) store.Result { return d.result })
	form.Tally(span, "cmi.interactions", results)
	return results, nil
}

func (s *Store) deeds(ctx context.Context, tenant string, interactions []*cmiv1.Interaction, at time.Time) ([]*deed, error) {
	deeds := make([]*deed, len(interactions))
	for i, interaction := range interactions {
		written, err := form.NewInteraction(s.secret, tenant, interaction)
		if err != nil {
			return nil, fmt.Errorf("interaction %d: %w", i, err)
		}
		d := &deed{Interaction: written, customer: s.secret.Hash(form.OfCustomer, tenant, written.CustomerID)}
		if d.profile, err = newcomer(written.CustomerID, timestamppb.New(at)); err != nil {
			return nil, err
		}
		if d.kind, err = s.numberKind(ctx, written.Kind); err != nil {
			return nil, err
		}
		deeds[i] = d
	}
	return deeds, nil
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

// recordTurn writes interactions with different ids, and notes what stands under the ids and who is refused.
func (s *Store) recordTurn(ctx context.Context, tenant string, given []*deed, stands map[form.Hash][]byte, refused map[form.Hash]bool) error {
	scope, err := s.numberScope(ctx, tenant, "")
	if err != nil {
		return err
	}
	inserted := make(map[form.Hash]bool, len(given))
	err = s.ask(ctx, "record interactions", func(ctx context.Context, c conn) error {
		rows, err := c.Query(ctx, recordInteractions, scope,
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
	if err := s.findStanding(ctx, rest, stands); err != nil {
		return err
	}
	for _, d := range given {
		if inserted[d.Key] {
			continue
		}
		if settled, err := d.settle(stands, refused); err != nil {
			return err
		} else if !settled {
			return fmt.Errorf("%w: an interaction neither came in nor stands", store.ErrUnavailable)
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

func (s *Store) findStanding(ctx context.Context, keys []pgtype.UUID, stands map[form.Hash][]byte) error {
	return s.ask(ctx, "find the interactions that stand", func(ctx context.Context, c conn) error {
		rows, err := c.Query(ctx, findInteractions, keys)
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

// settle says what becomes of an interaction under whose id something stands, or whose customer is refused; false where
// neither is so.
func (d *deed) settle(stands map[form.Hash][]byte, refused map[form.Hash]bool) (bool, error) {
	body, used := stands[d.Key]
	switch {
	case used && body == nil, !used && refused[d.customer]:
		d.result = store.Erased
		return true, nil
	case !used:
		return false, nil
	}
	same, err := form.SameInteraction(body, d.Body)
	d.result = store.Conflict
	if same {
		d.result = store.Replayed
	}
	return true, err
}
