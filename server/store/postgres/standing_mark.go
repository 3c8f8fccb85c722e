package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	// markedTogether bounds the customers that one transaction marks, so that nobody waits for long behind it.
	markedTogether = 5000
	// leftBehind is after how long a marking that has not moved counts as left by a process that died.
	leftBehind = 30 * time.Second
	// resumeEvery is how often each process looks for such markings.
	resumeEvery = 10 * time.Second
)

// A mark raises the revision too, of those also that are due already: who is computing a standing at this moment, by what
// held before, must not take the mark away. So where some are marked only, the revision of all others rises as well: they
// may have become due since.
const (
	markCustomers = `WITH part AS MATERIALIZED (
		SELECT seq FROM customers WHERE seq >= $1 ORDER BY seq LIMIT $2
	), locked AS MATERIALIZED (
		SELECT seq FROM customers WHERE seq IN (SELECT seq FROM part) AND NOT erased AND ($3 = 0 OR tenant = $3) ORDER BY key FOR NO KEY UPDATE
	), marked AS (
		UPDATE customers AS c SET revision = revision + 1, due = CASE WHEN NOT $4 OR calibrated THEN -9223372036854775808 ELSE due END
		FROM locked WHERE c.seq = locked.seq
	) SELECT count(*), coalesce(max(seq), 0) FROM part`
	addMarking  = "INSERT INTO markings (tenant, calibrated, next) VALUES ($1, $2, $3) RETURNING id"
	moveMarking = "UPDATE markings SET next = $2, moved_at = now() WHERE id = $1"
	endMarking  = "DELETE FROM markings WHERE id = $1"
	takeMarking = `UPDATE markings SET moved_at = now() WHERE id = (SELECT id FROM markings WHERE moved_at < now() - $1::interval
		ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, tenant, calibrated, next`
	readRules = "SELECT value FROM self WHERE name = 'rules' FOR UPDATE"
	saveRules = "INSERT INTO self (name, value) VALUES ('rules', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)

// marking marks the customers of a tenant as due in the order of seq. It is noted in the database while it goes on.
type marking struct {
	id         int64
	tenant     int64 // a scope; 0: all tenants
	calibrated bool
	next       int64 // the first that is not marked yet
	ended      bool
}

// MarkDue marks some customers at a time. Where it is broken off, another process goes on.
func (s *Store) MarkDue(ctx context.Context, tenant string, calibrated bool) (err error) {
	ctx, span := form.Start(ctx, driver, "store.MarkDue")
	defer func() { form.End(span, err) }()

	m := &marking{calibrated: calibrated, next: math.MinInt64}
	err = s.change(ctx, "begin to mark customers as due", func(ctx context.Context, c conn) error {
		if m.tenant, err = s.scope(ctx, c, tenant, ""); err != nil || m.tenant == 0 {
			m.ended = true
			return err
		}
		return c.QueryRow(ctx, addMarking, m.tenant, m.calibrated, m.next).Scan(&m.id)
	})
	if err != nil {
		return err
	}
	return s.mark(ctx, m)
}

// UseRules saves the rules together with the note that all customers are to be marked.
func (s *Store) UseRules(ctx context.Context, rules string) (err error) {
	ctx, span := form.Start(ctx, driver, "store.UseRules")
	defer func() { form.End(span, err) }()

	m := &marking{next: math.MinInt64}
	err = s.change(ctx, "save the rules", func(ctx context.Context, c conn) error {
		var have []byte
		switch err := c.QueryRow(ctx, readRules).Scan(&have); {
		case err == nil && string(have) == rules:
			m.ended = true
			return nil
		case err != nil && !errors.Is(err, pgx.ErrNoRows):
			return err
		}
		if _, err := c.Exec(ctx, saveRules, []byte(rules)); err != nil {
			return err
		}
		return c.QueryRow(ctx, addMarking, m.tenant, m.calibrated, m.next).Scan(&m.id)
	})
	if err != nil {
		return err
	}
	return s.mark(ctx, m)
}

// mark marks one part after another until the marking has ended.
func (s *Store) mark(ctx context.Context, m *marking) error {
	for !m.ended {
		after := *m
		err := s.change(ctx, "mark customers as due", func(ctx context.Context, c conn) (err error) {
			after, err = markPart(ctx, c, *m)
			return err
		})
		if err != nil {
			return err
		}
		*m = after
	}
	return nil
}

// markPart marks the next customers, and notes how far it came.
func markPart(ctx context.Context, c conn, m marking) (marking, error) {
	var n, last int64
	if err := c.QueryRow(ctx, markCustomers, m.next, markedTogether, m.tenant, m.calibrated).Scan(&n, &last); err != nil {
		return m, err
	}
	if n < markedTogether {
		m.ended = true
		_, err := c.Exec(ctx, endMarking, m.id)
		return m, err
	}
	m.next = last + 1
	_, err := c.Exec(ctx, moveMarking, m.id, m.next)
	return m, err
}

// resumeMarkings goes on with markings that were left behind, until ctx ends. What fails is tried again the next time.
func (s *Store) resumeMarkings(ctx context.Context) {
	ticker := time.NewTicker(resumeEvery)
	defer ticker.Stop()
	for {
		_ = s.resumeOne(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (s *Store) resumeOne(ctx context.Context) error {
	m := &marking{}
	err := s.change(ctx, "look for markings", func(ctx context.Context, c conn) error {
		return c.QueryRow(ctx, takeMarking, fmt.Sprintf("%d seconds", int(leftBehind.Seconds()))).Scan(&m.id, &m.tenant, &m.calibrated, &m.next)
	})
	if err != nil {
		return err // there is none, or the database is away
	}
	return s.mark(ctx, m)
}
