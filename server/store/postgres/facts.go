package postgres

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// Each reads for all customers at once, up to a time and the first one after it; place is that of the customer. Points and
// contacts are read from their indexes alone, where the database knows the rows to be visible to all.
const (
	known        = "unnest($1::uuid[]) WITH ORDINALITY AS k (customer, place)"
	findProfiles = `SELECT k.place, c.revision, p.body FROM ` + known + ` JOIN customers AS c ON c.key = k.customer
		JOIN profiles AS p ON p.customer = c.seq`
	findPoints = `SELECT k.place, r.* FROM ` + known + ` CROSS JOIN LATERAL (
		(SELECT submitted_at, seq, questionnaire_class, version, cmi FROM responses
			WHERE customer = k.customer AND submitted_at <= $2 AND voided_at IS NULL)
		UNION ALL (SELECT submitted_at, seq, questionnaire_class, version, cmi FROM responses
			WHERE customer = k.customer AND submitted_at > $2 AND voided_at IS NULL ORDER BY submitted_at, seq LIMIT 1)
		) AS r ORDER BY k.place, r.submitted_at, r.seq`
	findContacts = `SELECT k.place, i.occurred_at FROM ` + known + ` CROSS JOIN LATERAL (
		(SELECT occurred_at FROM interactions WHERE customer = k.customer AND occurred_at <= $2)
		UNION ALL (SELECT occurred_at FROM interactions WHERE customer = k.customer AND occurred_at > $2 ORDER BY occurred_at LIMIT 1)
		) AS i ORDER BY k.place, i.occurred_at`
	findScores = "SELECT seq, score FROM responses WHERE seq = ANY($1)"
)

// Facts answers what is known of customers, all of it as of one moment.
func (s *Store) Facts(ctx context.Context, tenant string, ids []string, upTo time.Time) (all []*store.Facts, err error) {
	ctx, span := form.Start(ctx, driver, "store.Facts")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.customers", len(ids))

	if len(ids) == 0 {
		return []*store.Facts{}, ctx.Err()
	}
	keys := uuids(ids, func(id string) form.Hash { return s.secret.Hash(form.OfCustomer, tenant, id) })
	err = s.ask(ctx, "read facts", func(ctx context.Context, c conn) error {
		k := &knowledge{upTo: upTo.UnixMicro(), all: make([]*store.Facts, len(ids)), rows: make([][]pointRow, len(ids))}
		// The transaction goes along, in one trip: this is read by every call about a customer.
		batch := &pgx.Batch{}
		batch.Queue("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
		// They walk indexes, for few keys and for many: a plan for these very keys would take longer than the walks.
		batch.Queue("SET LOCAL plan_cache_mode = force_generic_plan")
		batch.Queue(findProfiles, keys).Query(k.profiles)
		batch.Queue(findPoints, keys, k.upTo).Query(k.points)
		batch.Queue(findContacts, keys, k.upTo).Query(k.contacts)
		batch.Queue("COMMIT")
		if err := c.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		all = k.all
		return s.finish(ctx, c, k)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// knowledge are facts in the making.
type knowledge struct {
	upTo int64
	all  []*store.Facts
	rows [][]pointRow // beside the points of each
}

// pointRow is what a point is completed from.
type pointRow struct{ seq, scope int64 }

func (k *knowledge) profiles(rows pgx.Rows) error {
	var place, revision int64
	var body []byte
	_, err := pgx.ForEachRow(rows, []any{&place, &revision, &body}, func() error {
		f := &store.Facts{Profile: &cmiv1.Customer{}, Revision: revision, Next: math.MaxInt64}
		k.all[place-1] = f
		return form.Decode(body, f.Profile, "profile")
	})
	return err
}

func (k *knowledge) points(rows pgx.Rows) error {
	var place, seq, whole int64
	var p store.Point
	var cmi *float64
	_, err := pgx.ForEachRow(rows, []any{&place, &p.At, &seq, &whole, &p.Version, &cmi}, func() error {
		f := k.all[place-1]
		switch {
		case f == nil:
		case p.At > k.upTo:
			f.Next = min(f.Next, p.At)
		default:
			point := p
			point.Status, point.Bucket = form.Class(whole % form.PerScope).Split()
			if cmi != nil {
				point.CMI = *cmi
			}
			f.Points = append(f.Points, point)
			k.rows[place-1] = append(k.rows[place-1], pointRow{seq, whole / form.PerScope})
		}
		return nil
	})
	return err
}

func (k *knowledge) contacts(rows pgx.Rows) error {
	var place, at int64
	_, err := pgx.ForEachRow(rows, []any{&place, &at}, func() error {
		f := k.all[place-1]
		switch {
		case f == nil:
		case at > k.upTo:
			f.Next = min(f.Next, at)
		default:
			f.Interactions = append(f.Interactions, at)
		}
		return nil
	})
	return err
}

// finish names the questionnaires, and orders points of the same microsecond, by what never changes.
func (s *Store) finish(ctx context.Context, c conn, k *knowledge) (err error) {
	var tied []int64
	for i, f := range k.all {
		if f == nil {
			continue
		}
		for j := range f.Points {
			if f.Points[j].QuestionnaireID, err = s.questionnaire(ctx, c, k.rows[i][j].scope); err != nil {
				return fmt.Errorf("name a questionnaire: %w", err)
			}
			if j > 0 && f.Points[j].At == f.Points[j-1].At {
				tied = append(tied, k.rows[i][j-1].seq, k.rows[i][j].seq)
			}
		}
	}
	if len(tied) == 0 {
		return nil
	}
	ids, err := responseIDs(ctx, c, tied)
	if err != nil {
		return err
	}
	for i, f := range k.all {
		if f != nil {
			orderTies(f.Points, k.rows[i], ids)
		}
	}
	return nil
}

// responseIDs reads the ids of responses, as bytes.
func responseIDs(ctx context.Context, c conn, seqs []int64) (map[int64][]byte, error) {
	rows, err := c.Query(ctx, findScores, seqs)
	if err != nil {
		return nil, err
	}
	ids := make(map[int64][]byte, len(seqs))
	var seq int64
	var body []byte
	_, err = pgx.ForEachRow(rows, []any{&seq, &body}, func() error {
		var score cmiv1.Score
		if err := proto.Unmarshal(body, &score); err != nil {
			return fmt.Errorf("%w: a kept score cannot be read: %w", store.ErrUnavailable, err)
		}
		ids[seq] = []byte(score.GetResponseId())
		return nil
	})
	return ids, err
}

// orderTies puts points of the same microsecond in the order of their response ids.
func orderTies(points []store.Point, rows []pointRow, ids map[int64][]byte) {
	type named struct {
		point store.Point
		id    []byte
	}
	all := make([]named, len(points))
	for i := range points {
		all[i] = named{points[i], ids[rows[i].seq]}
	}
	slices.SortStableFunc(all, func(a, b named) int {
		return cmp.Or(cmp.Compare(a.point.At, b.point.At), bytes.Compare(a.id, b.id))
	})
	for i := range all {
		points[i] = all[i].point
	}
}
