package postgres

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store/form"
)

// Two statements: the first waits for the locks, and what the second reads is as it stands once they are held.
const (
	lockCustomers = `SELECT key, seq, tenant, revision, erased FROM customers WHERE key = ANY($1) ORDER BY key FOR NO KEY UPDATE`
	lockIdle      = lockCustomers + " SKIP LOCKED"
	readLocked    = `SELECT s.customer, p.body, s.class, s.facets, s.cmi, s.velocity, s.p_value
		FROM standings AS s JOIN profiles AS p ON p.customer = s.customer WHERE s.customer = ANY($1)`
)

// person is a customer whose lock is held.
type person struct {
	seq, scope, revision int64
	erased               bool
	profile              []byte // encoded
	figures              form.Figures
}

// lockThem takes the locks of customers and reads what is kept of them. Those who are not known are left out.
func lockThem(ctx context.Context, c conn, text string, keys []pgtype.UUID) (map[form.Hash]*person, error) {
	rows, err := c.Query(ctx, text, keys)
	if err != nil {
		return nil, err
	}
	people := make(map[form.Hash]*person, len(keys))
	bySeq := make(map[int64]*person, len(keys))
	var key [16]byte
	var p person
	_, err = pgx.ForEachRow(rows, []any{&key, &p.seq, &p.scope, &p.revision, &p.erased}, func() error {
		one := p
		people[key], bySeq[p.seq] = &one, &one
		return nil
	})
	if err != nil || len(people) == 0 {
		return people, err
	}
	rows, err = c.Query(ctx, readLocked, slices.Collect(maps.Keys(bySeq)))
	if err != nil {
		return nil, err
	}
	var seq int64
	var body []byte
	var f form.Figures
	_, err = pgx.ForEachRow(rows, []any{&seq, &body, &f.Class, &f.Facets, &f.CMI, &f.Velocity, &f.PValue}, func() error {
		bySeq[seq].profile, bySeq[seq].figures = bytes.Clone(body), f
		bySeq[seq].figures.Class %= form.PerScope
		return nil
	})
	return people, err
}

func (p *person) decode() (*cmiv1.Customer, error) {
	profile := &cmiv1.Customer{}
	return profile, form.Decode(p.profile, profile, "profile")
}

// changeMeans adds to the sums of groups, in the order of their labels: whoever changes several takes their locks in that
// order.
const changeMeans = `INSERT INTO means (label, n, nanos) SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS m (label, n, nanos)
	ORDER BY label ON CONFLICT (label) DO UPDATE SET n = means.n + excluded.n, nanos = means.nanos + excluded.nanos`

func flushMeans(ctx context.Context, c conn, means form.Means) error {
	labels := slices.Collect(maps.Keys(means))
	labels = slices.DeleteFunc(labels, func(l form.Hash) bool { return means[l] == form.Sum{} })
	if len(labels) == 0 {
		return nil
	}
	_, err := c.Exec(ctx, changeMeans, uuids(labels, func(l form.Hash) form.Hash { return l }),
		column(labels, func(l form.Hash) int64 { return means[l].N }), column(labels, func(l form.Hash) int64 { return means[l].Nanos }))
	if err != nil {
		return fmt.Errorf("change means: %w", err)
	}
	return nil
}

const (
	joinLabels  = "INSERT INTO members (label, customer) SELECT label, $2 FROM unnest($1::uuid[]) AS l (label)"
	leaveLabels = "DELETE FROM members WHERE customer = $2 AND label = ANY($1)"
)

// relabel moves a customer from the labels of one profile to those of another, and the CMI between their means. No profile
// has no labels.
func (s *Store) relabel(batch *pgx.Batch, means form.Means, tenant string, seq int64, before, after *cmiv1.Customer, cmi form.Sum) {
	had, has := s.secret.LabelsOf(tenant, before), s.secret.LabelsOf(tenant, after)
	leave, join := form.Without(had, has), form.Without(has, had)
	hash := func(l form.Label) form.Hash { return l.Hash }
	if len(leave) > 0 {
		batch.Queue(leaveLabels, uuids(leave, hash), seq)
	}
	if len(join) > 0 {
		batch.Queue(joinLabels, uuids(join, hash), seq)
	}
	means.ChangeLabels(leave, form.Sum{}.Minus(cmi))
	means.ChangeLabels(join, cmi)
}

// send runs what a batch holds, one after the other, on one way to the server.
func send(ctx context.Context, c conn, batch *pgx.Batch) error {
	if batch.Len() == 0 {
		return nil
	}
	return c.SendBatch(ctx, batch).Close()
}
