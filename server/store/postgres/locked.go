package postgres

import (
	"bytes"
	"context"
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
	readLocked    = `SELECT c.key, p.body, s.class, s.facets, s.cmi, s.velocity, s.p_value FROM customers AS c
		JOIN standings AS s ON s.customer = c.seq JOIN profiles AS p ON p.customer = c.seq WHERE c.key = ANY($1)`
)

// person is a customer whose lock is held.
type person struct {
	seq, scope, revision int64
	erased               bool
	profile              []byte // encoded
	figures              form.Figures
}

// changeThem runs work in a transaction that holds the locks of customers. That takes two ways to the server: one to begin, to
// lock and to read, and one for what work queues and the commit. Work may run more than once.
func (s *Store) changeThem(ctx context.Context, doing, lock string, keys []pgtype.UUID,
	work func(ctx context.Context, c conn, people map[form.Hash]*person, writes *pgx.Batch) error) error {
	return s.try(ctx, doing, func(ctx context.Context) error {
		c, err := s.pool.Acquire(ctx)
		if err != nil {
			return &notReached{err}
		}
		defer c.Release()
		err = func() error {
			people, err := lockThem(ctx, c, lock, keys, "BEGIN ISOLATION LEVEL READ COMMITTED")
			if err != nil {
				return err
			}
			writes := &pgx.Batch{}
			if err := work(ctx, c, people, writes); err != nil {
				return err
			}
			writes.Queue("COMMIT")
			return send(ctx, c, writes)
		}()
		if err != nil && !c.Conn().IsClosed() {
			_, _ = c.Exec(context.WithoutCancel(ctx), "ROLLBACK") // a connection on which it fails is given up
		}
		return err
	})
}

// lockThem takes the locks of customers and reads what is kept of them, after some other statements. Those who are not known
// are left out.
func lockThem(ctx context.Context, c conn, text string, keys []pgtype.UUID, before ...string) (map[form.Hash]*person, error) {
	people := make(map[form.Hash]*person, len(keys))
	batch := &pgx.Batch{}
	for _, statement := range before {
		batch.Queue(statement)
	}
	batch.Queue(text, keys).Query(func(rows pgx.Rows) error {
		var key [16]byte
		var p person
		_, err := pgx.ForEachRow(rows, []any{&key, &p.seq, &p.scope, &p.revision, &p.erased}, func() error {
			one := p
			people[key] = &one
			return nil
		})
		return err
	})
	batch.Queue(readLocked, keys).Query(func(rows pgx.Rows) error {
		var key [16]byte
		var body []byte
		var f form.Figures
		_, err := pgx.ForEachRow(rows, []any{&key, &body, &f.Class, &f.Facets, &f.CMI, &f.Velocity, &f.PValue}, func() error {
			if p := people[key]; p != nil { // others hold the locks of the others
				p.profile, p.figures = bytes.Clone(body), f
				p.figures.Class %= form.PerScope
			}
			return nil
		})
		return err
	})
	return people, send(ctx, c, batch)
}

func (p *person) decode() (*cmiv1.Customer, error) {
	profile := &cmiv1.Customer{}
	return profile, form.Decode(p.profile, profile, "profile")
}

// changeMeans adds to the sums of groups, in the order of their labels: whoever changes several takes their locks in that
// order.
const changeMeans = `INSERT INTO means (label, n, nanos) SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS m (label, n, nanos)
	ORDER BY label ON CONFLICT (label) DO UPDATE SET n = means.n + excluded.n, nanos = means.nanos + excluded.nanos`

// queueMeans has a batch change means.
func queueMeans(batch *pgx.Batch, means form.Means) {
	labels := slices.Collect(maps.Keys(means))
	labels = slices.DeleteFunc(labels, func(l form.Hash) bool { return means[l] == form.Sum{} })
	if len(labels) > 0 {
		batch.Queue(changeMeans, uuids(labels, func(l form.Hash) form.Hash { return l }),
			column(labels, func(l form.Hash) int64 { return means[l].N }), column(labels, func(l form.Hash) int64 { return means[l].Nanos }))
	}
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
