package postgres

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/customer-momentum/cmi/internal/rest"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	findLast = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM responses_seq"
	// findWriters are the transactions that may have been given numbers of responses and have not ended: who is given one holds
	// this lock before, and until all others see the row.
	findWriters = `SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND relation = 'responses'::regclass
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND mode = 'RowExclusiveLock'`
	anyWriter = "SELECT EXISTS (" + findWriters + " AND virtualtransaction = ANY($1))"
	// cutClass answers where the full slices of a class end, and cutRest what comes after the last of them. The index
	// is gone through once, and nothing of it is answered but the ends.
	cutClass = `WITH RECURSIVE ends AS (
		SELECT $2::bigint AS at, $3::bigint AS seq UNION ALL SELECT e.submitted_at, e.seq FROM ends CROSS JOIN LATERAL (
			SELECT submitted_at, seq FROM responses WHERE questionnaire_class = $1 AND (submitted_at, seq) > (ends.at, ends.seq)
			AND submitted_at < $4 AND seq <= $5 ORDER BY submitted_at, seq LIMIT 1 OFFSET $6
		) AS e) SELECT at, seq FROM ends`
	cutRest = `SELECT submitted_at, seq FROM responses WHERE questionnaire_class = $1 AND (submitted_at, seq) > ($2, $3)
		AND submitted_at < $4 AND seq <= $5 ORDER BY submitted_at, seq`
	// A slice is of a tenant by its class.
	findSlice = "SELECT " + storedColumns + `, response FROM responses WHERE questionnaire_class = $1
		AND (submitted_at, seq) >= ($2, $3) AND (submitted_at, seq) <= ($4, $5) AND seq <= $6 AND voided_at IS NULL
		AND EXISTS (SELECT 1 FROM scopes WHERE id = $7 AND tenant = $8)`
)

// writersWait is how long it waits before it looks again whether others have written.
const writersWait = time.Millisecond

// CutResponses has the database go through an index, and reads where the slices end. It waits for those who are recording,
// without holding up others, so that nothing comes into a slice later.
func (s *Store) CutResponses(ctx context.Context, tenant string, of store.ResponseCut, size int) (cut []store.ResponseSlice, err error) {
	ctx, span := form.Start(ctx, driver, "store.CutResponses")
	defer func() { form.End(span, err) }()

	size = max(size, 1)
	from, before := form.Ceiling(of.From, math.MinInt64), form.Ceiling(of.Before, math.MaxInt64)
	err = s.ask(ctx, "cut responses into slices", func(ctx context.Context, c conn) error {
		cut = nil
		scope, err := s.scope(ctx, c, tenant, of.QuestionnaireID)
		if err != nil || scope == 0 || of.QuestionnaireID == "" {
			return err
		}
		last, err := lastRecorded(ctx, c)
		if err != nil {
			return err
		}
		for _, class := range form.ResponseClasses(store.ResponseFilter{}) {
			class := scope*form.PerScope + int64(class)
			ends, rest, err := cutOne(ctx, c, class, place{from, math.MinInt64}, before, last, size)
			if err != nil {
				return err
			}
			cut = appendSlices(cut, store.ResponseSlice{Class: class, Last: last, N: size}, ends)
			if n := len(rest); n > 0 {
				tail := store.ResponseSlice{Class: class, Last: last, N: n}
				cut = appendSlices(cut, tail, []place{ends[len(ends)-1], rest[n-1]})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.slices", len(cut))
	return cut, nil
}

// lastRecorded is the largest number that a response was given, once all that were given up to it are committed, or never
// will be.
func lastRecorded(ctx context.Context, c conn) (last int64, err error) {
	if err := c.QueryRow(ctx, findLast).Scan(&last); err != nil {
		return 0, err
	}
	rows, err := c.Query(ctx, findWriters)
	if err != nil {
		return 0, err
	}
	writers, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, err
	}
	for busy := len(writers) > 0; busy; {
		if err := c.QueryRow(ctx, anyWriter, writers).Scan(&busy); err != nil {
			return 0, err
		}
		if busy {
			rest.For(ctx, writersWait)
		}
	}
	return last, nil
}

// place is one in the index of a class.
type place struct{ at, seq int64 }

// cutOne answers where the full slices of a class end, behind the place where the first begins, and the places that are left.
func cutOne(ctx context.Context, c conn, class int64, from place, before, last int64, size int) (ends, rest []place, err error) {
	ends, err = places(c.Query(ctx, cutClass, class, from.at, from.seq, before, last, size-1))
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(ends, func(a, b place) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq)) })
	end := ends[len(ends)-1]
	rest, err = places(c.Query(ctx, cutRest, class, end.at, end.seq, before, last))
	return ends, rest, err
}

func places(rows pgx.Rows, err error) ([]place, error) {
	if err != nil {
		return nil, err
	}
	var all []place
	var p place
	_, err = pgx.ForEachRow(rows, []any{&p.at, &p.seq}, func() error {
		all = append(all, p)
		return nil
	})
	return all, err
}

// appendSlices makes slices of what lies between places, each from behind one of them to the next.
func appendSlices(cut []store.ResponseSlice, slice store.ResponseSlice, ends []place) []store.ResponseSlice {
	for i, end := range ends[1:] {
		slice.FromAt, slice.FromSeq = ends[i].at, ends[i].seq+1
		slice.ToAt, slice.ToSeq = end.at, end.seq
		cut = append(cut, slice)
	}
	return cut
}

// ResponsesIn walks a part of an index.
func (s *Store) ResponsesIn(ctx context.Context, tenant string, slice store.ResponseSlice) (in []*store.Kept, err error) {
	ctx, span := form.Start(ctx, driver, "store.ResponsesIn")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "read a slice of responses", func(ctx context.Context, c conn) error {
		in = nil
		rows, err := c.Query(ctx, findSlice, slice.Class, slice.FromAt, slice.FromSeq, slice.ToAt, slice.ToSeq, slice.Last,
			slice.Class/form.PerScope, tenant)
		if err != nil {
			return err
		}
		return eachStored(rows, true, func(r *stored) error {
			kept, err := r.decode()
			in = append(in, kept)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(in))
	return in, nil
}
