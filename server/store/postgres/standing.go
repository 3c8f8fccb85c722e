package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// savedTogether bounds the standings that one transaction saves, so that nobody waits for long behind them.
const savedTogether = 512

const (
	findDue = `SELECT t.tenant, p.body FROM (SELECT seq, due, tenant FROM customers WHERE due <= $1 AND NOT erased
		ORDER BY due, tenant, seq LIMIT $2) AS c
		JOIN scopes AS t ON t.id = c.tenant JOIN profiles AS p ON p.customer = c.seq ORDER BY c.due, c.tenant, c.seq`
	// Those whose facts changed share one due, so their number in one tenant is read off the index; of those whose time came,
	// which are few at any moment, the index tells the tenant.
	countPending = `SELECT (SELECT count(*) FROM (SELECT 1 FROM customers WHERE due = -9223372036854775808 AND tenant = $1 AND NOT erased
		LIMIT $3) AS changed) + (SELECT count(*) FROM (SELECT 1 FROM customers WHERE due > -9223372036854775808 AND due <= $2
		AND tenant = $1 AND NOT erased LIMIT $3) AS ended)`
	findMean = "SELECT n, nanos FROM means WHERE label = $1"
	// Most standings that are computed anew come out as they were: then the row that lists walk is left as it is.
	renewStandings = `UPDATE customers AS c SET due = s.due, calibrated = s.calibrated
		FROM unnest($1::bigint[], $2::bigint[], $3::boolean[]) AS s (seq, due, calibrated) WHERE c.seq = s.seq`
	replaceStandings = `UPDATE standings AS t SET class = s.class, facets = s.facets, cmi = s.cmi, velocity = s.velocity, p_value = s.p_value
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::double precision[], $5::double precision[], $6::double precision[])
		AS s (seq, class, facets, cmi, velocity, p_value) WHERE t.customer = s.seq AND (t.class, t.facets, t.cmi, t.velocity, t.p_value)
		IS DISTINCT FROM (s.class, s.facets, s.cmi, s.velocity, s.p_value)`
)

// Due walks the customers by their due.
func (s *Store) Due(ctx context.Context, at int64, limit int) (due []store.Due, err error) {
	ctx, span := form.Start(ctx, driver, "store.Due")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "find who is due", func(ctx context.Context, c conn) error {
		due = nil
		rows, err := c.Query(ctx, findDue, form.Ended(at), max(limit, 0))
		if err != nil {
			return err
		}
		var tenant string
		var body []byte
		_, err = pgx.ForEachRow(rows, []any{&tenant, &body}, func() error {
			var profile cmiv1.Customer
			err := form.Decode(body, &profile, "profile")
			due = append(due, store.Due{Tenant: tenant, CustomerID: profile.GetCustomerId()})
			return err
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(due))
	return due, nil
}

// Pending counts in the index by due.
func (s *Store) Pending(ctx context.Context, tenant string, at int64, limit int) (n int, err error) {
	ctx, span := form.Start(ctx, driver, "store.Pending")
	defer func() { form.End(span, err) }()

	limit = max(limit, 0)
	err = s.ask(ctx, "count who is due", func(ctx context.Context, c conn) error {
		scope, err := s.scope(ctx, c, tenant, "")
		if err != nil || scope == 0 {
			return err
		}
		return c.QueryRow(ctx, countPending, scope, form.Ended(at), limit).Scan(&n)
	})
	if err != nil {
		return 0, err
	}
	return min(n, limit), nil
}

// MeanCMI reads the sum of a group.
func (s *Store) MeanCMI(ctx context.Context, tenant string, group store.Group) (n int, mean float64, err error) {
	ctx, span := form.Start(ctx, driver, "store.MeanCMI")
	defer func() { form.End(span, err) }()

	var of form.Sum
	err = s.ask(ctx, "read a mean", func(ctx context.Context, c conn) error {
		err := c.QueryRow(ctx, findMean, uuid(s.secret.GroupLabel(tenant, group))).Scan(&of.N, &of.Nanos)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil || of.N == 0 {
		return 0, 0, err
	}
	return int(of.N), of.Mean(), nil
}

// SaveStandings saves standings, some at a time. A customer whom somebody is changing at this moment is passed over: the
// standing would not be theirs any more.
func (s *Store) SaveStandings(ctx context.Context, all []store.Standing) (err error) {
	ctx, span := form.Start(ctx, driver, "store.SaveStandings")
	defer func() { form.End(span, err) }()

	rows := make([]form.Standing, len(all))
	for i, one := range all {
		if rows[i], err = form.NewStanding(s.secret, one); err != nil {
			return fmt.Errorf("standing %d: %w", i, err)
		}
	}
	form.Count(span, "cmi.standings", len(all))
	if err := ctx.Err(); err != nil {
		return err
	}
	for piece := range slices.Chunk(rows, savedTogether) {
		keys := uuids(piece, func(s form.Standing) form.Hash { return s.Key })
		err := s.changeThem(ctx, "save standings", lockIdle, keys, func(_ context.Context, _ conn, people map[form.Hash]*person, writes *pgx.Batch) error {
			return s.saveStandings(writes, people, piece)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// placed is a standing and whose it is.
type placed struct {
	form.Standing
	of *person
}

// saveStandings queues the standings that still are those of the customers.
func (s *Store) saveStandings(batch *pgx.Batch, people map[form.Hash]*person, all []form.Standing) error {
	means := make(form.Means)
	byCustomer := make(map[int64]placed, len(all)) // the last one of each
	for _, one := range all {
		p := people[one.Key]
		if p == nil || p.erased || p.revision != one.Revision {
			continue
		}
		if err := s.moveCMI(means, one.Tenant, p, one.Figures); err != nil {
			return err
		}
		p.figures = one.Figures
		byCustomer[p.seq] = placed{one, p}
	}
	var saved []placed
	for _, one := range byCustomer {
		saved = append(saved, one)
	}
	if len(saved) == 0 {
		return nil
	}
	float := func(of func(form.Figures) sql.NullFloat64) []*float64 {
		return column(saved, func(p placed) *float64 {
			x := of(p.Figures)
			if !x.Valid {
				return nil
			}
			return &x.Float64
		})
	}
	seqs := column(saved, func(p placed) int64 { return p.of.seq })
	batch.Queue(renewStandings, seqs, column(saved, func(p placed) int64 { return p.Until }), column(saved, func(p placed) bool { return p.Calibrated }))
	batch.Queue(replaceStandings, seqs,
		column(saved, func(p placed) int64 { return p.of.scope*form.PerScope + p.Figures.Class }),
		column(saved, func(p placed) int64 { return p.Figures.Facets }),
		float(func(f form.Figures) sql.NullFloat64 { return f.CMI }),
		float(func(f form.Figures) sql.NullFloat64 { return f.Velocity }),
		float(func(f form.Figures) sql.NullFloat64 { return f.PValue }))
	queueMeans(batch, means)
	return nil
}

// moveCMI moves the CMI of a customer between the means.
func (s *Store) moveCMI(means form.Means, tenant string, p *person, after form.Figures) error {
	was, is := form.SumOf(p.figures.CMI), form.SumOf(after.CMI)
	if was == is && p.figures.Lifecycle() == after.Lifecycle() {
		return nil
	}
	means.Change(s.secret.LifecycleLabel(tenant, p.figures.Lifecycle()), form.Sum{}.Minus(was))
	means.Change(s.secret.LifecycleLabel(tenant, after.Lifecycle()), is)
	if was == is {
		return nil
	}
	profile, err := p.decode()
	if err != nil {
		return err
	}
	means.ChangeLabels(s.secret.LabelsOf(tenant, profile), is.Minus(was))
	return nil
}
