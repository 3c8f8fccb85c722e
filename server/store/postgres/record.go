package postgres

import (
	"bytes"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// recordedByCopy is from how many entries on they go by COPY, and not as arguments.
const recordedByCopy = 512

// Rows are numbered in the order in which they are given, and go in in that of their keys, so that two statements that meet in
// several ids do so in the same order. What became of an id that is used already is read afterwards: by then whoever used it
// has committed.
var recordGiven = `WITH given AS (
	SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::bytea[], $5::bigint[], $6::bigint[], $7::integer[], $8::bigint[],
		$9::double precision[], $10::bytea[], $11::bytea[], $12::bytea[], $13::bytea[]) WITH ORDINALITY
	AS t (key, customer, profile, tenant_class, questionnaire_class, version, submitted_at, cmi, content, score, response, digest, place)
), numbered AS MATERIALIZED (
	SELECT *, nextval('responses_seq') AS seq FROM (SELECT * FROM given ORDER BY place) AS ordered
), inserted AS (
	INSERT INTO responses (seq, key, customer, tenant_class, questionnaire_class, version, submitted_at, cmi, content, score, response, digest)
	SELECT seq, key, customer, tenant_class, questionnaire_class, version, submitted_at, cmi, content, score, response, digest
	FROM numbered ORDER BY key ON CONFLICT (key) DO NOTHING RETURNING key
), ` + visitors + ", " + fmt.Sprintf(met, startsAnew) + `
SELECT key FROM inserted`

// row is an entry as it is written.
type row struct {
	*form.Response
	customer      pgtype.UUID
	profile       []byte
	tenant        int64 // scopes
	questionnaire int64
}

// Record keeps the entries whose ids are new, in one statement.
func (s *Store) Record(ctx context.Context, tenant string, entries []store.Entry) (outcomes []store.Outcome, err error) {
	ctx, span := form.Start(ctx, driver, "store.Record")
	defer func() { form.End(span, err) }()

	rows, err := s.rows(ctx, tenant, entries)
	if err != nil {
		return nil, err
	}
	// An id that comes again is not given again: it is answered by what the first one did.
	first := make(map[form.Hash]*row, len(rows))
	var given []*row
	for _, r := range rows {
		if first[r.Key] == nil {
			first[r.Key] = r
			given = append(given, r)
		}
	}
	leave, err := s.admit(ctx, len(given))
	if err != nil {
		return nil, err
	}
	defer leave()
	inserted, err := s.insertResponses(ctx, given)
	if err != nil {
		return nil, err
	}
	stands, err := s.standing(ctx, rows, first, inserted)
	if err != nil {
		return nil, err
	}
	outcomes = make([]store.Outcome, len(rows))
	results := make([]store.Result, len(rows))
	for i, r := range rows {
		if outcomes[i], err = outcome(r, first[r.Key] == r && inserted[r.Key], stands[r.Key]); err != nil {
			return nil, err
		}
		results[i] = outcomes[i].Result
	}
	form.Tally(span, "cmi.entries", results)
	return outcomes, nil
}

// rows encodes entries. The messages are the caller's again once it returns.
func (s *Store) rows(ctx context.Context, tenant string, entries []store.Entry) ([]*row, error) {
	rows := make([]*row, len(entries))
	for i, entry := range entries {
		response, err := form.NewResponse(s.secret, tenant, entry)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
		r := &row{Response: response}
		if response.CustomerID != "" {
			r.customer = uuid(s.secret.Hash(form.OfCustomer, tenant, response.CustomerID))
		}
		if r.profile, err = newcomer(response.CustomerID, response.ScoredAt); err != nil {
			return nil, err
		}
		if r.tenant, err = s.numberScope(ctx, tenant, ""); err != nil {
			return nil, err
		}
		if r.questionnaire, err = s.numberScope(ctx, tenant, response.Questionnaire); err != nil {
			return nil, err
		}
		rows[i] = r
	}
	return rows, nil
}

// insertResponses writes rows with different keys, and says which of them came in.
func (s *Store) insertResponses(ctx context.Context, rows []*row) (inserted map[form.Hash]bool, err error) {
	if len(rows) == 0 {
		return nil, nil
	}
	const doing = "record responses"
	if len(rows) >= recordedByCopy {
		err = s.change(ctx, doing, func(ctx context.Context, c conn) error {
			inserted, err = copyResponses(ctx, c, rows)
			return err
		})
		if !taken(err) {
			return inserted, err
		}
	}
	err = s.ask(ctx, doing, func(ctx context.Context, c conn) error {
		inserted, err = keysOf(c.Query(ctx, recordGiven, rows[0].tenant,
			uuids(rows, func(r *row) form.Hash { return r.Key }),
			column(rows, func(r *row) pgtype.UUID { return r.customer }),
			column(rows, func(r *row) []byte { return r.profile }),
			column(rows, (*row).tenantClass),
			column(rows, (*row).questionnaireClass),
			column(rows, func(r *row) int32 { return r.Version }),
			column(rows, func(r *row) int64 { return r.SubmittedAt }),
			column(rows, (*row).cmi),
			column(rows, func(r *row) []byte { return r.Content }),
			column(rows, func(r *row) []byte { return r.Score }),
			column(rows, func(r *row) []byte { return r.Response.Response }),
			column(rows, func(r *row) []byte { return r.Digest })))
		return err
	})
	return inserted, err
}

func (r *row) tenantClass() int64 { return r.tenant*form.PerScope + int64(r.Class) }

func (r *row) questionnaireClass() int64 { return r.questionnaire*form.PerScope + int64(r.Class) }

func (r *row) cmi() *float64 {
	if !r.CMI.Valid {
		return nil
	}
	return &r.CMI.Float64
}

// keysOf reads keys.
func keysOf(rows pgx.Rows, err error) (map[form.Hash]bool, error) {
	if err != nil {
		return nil, err
	}
	keys := make(map[form.Hash]bool)
	var key [16]byte
	_, err = pgx.ForEachRow(rows, []any{&key}, func() error {
		keys[key] = true
		return nil
	})
	return keys, err
}

// standing reads what stands under the ids that did not come in, or came more than once.
func (s *Store) standing(ctx context.Context, rows []*row, first map[form.Hash]*row, inserted map[form.Hash]bool) (map[form.Hash]*stored, error) {
	var keys []pgtype.UUID
	asked := make(map[form.Hash]bool)
	for _, r := range rows {
		if (first[r.Key] != r || !inserted[r.Key]) && !asked[r.Key] {
			asked[r.Key] = true
			keys = append(keys, uuid(r.Key))
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	stands := make(map[form.Hash]*stored, len(keys))
	err := s.ask(ctx, "find the responses that stand", func(ctx context.Context, c conn) error {
		found, err := c.Query(ctx, "SELECT "+storedColumns+" FROM responses WHERE key = ANY($1)", keys)
		if err != nil {
			return err
		}
		return eachStored(found, false, func(r *stored) error {
			stands[r.key] = r
			return nil
		})
	})
	return stands, err
}

// outcome says what became of a row: it came in, or something stands in its place.
func outcome(r *row, recorded bool, stands *stored) (o store.Outcome, err error) {
	switch {
	case recorded:
		o.Result = store.Recorded
	case stands == nil:
		return o, fmt.Errorf("%w: a response neither came in nor stands", store.ErrUnavailable)
	case stands.erased():
		o.Result = store.Erased
	case bytes.Equal(stands.content, r.Content):
		o.Result = store.Replayed
		o.Score, err = stands.decodeScore()
	default:
		o.Result = store.Conflict
	}
	return o, err
}
