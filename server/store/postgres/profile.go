package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// changedAtOnce bounds how many customers are changed in one transaction.
const changedAtOnce = 1000

const (
	findSaved   = "SELECT c.key, p.body FROM customers AS c LEFT JOIN profiles AS p ON p.customer = c.seq WHERE c.key = ANY($1)"
	saveProfile = `INSERT INTO profiles (customer, body) VALUES ($1, $2) ON CONFLICT (customer) DO UPDATE SET body = excluded.body`
	touchOne    = "UPDATE customers SET revision = revision + 1, due = -9223372036854775808 WHERE seq = $1"
	reviveOne   = `UPDATE customers SET erased = false, revision = revision + 1, born = revision + 1, due = -9223372036854775808,
		calibrated = false WHERE seq = $1`
	startStanding = "INSERT INTO standings (customer, class) VALUES ($1, $2)"
	// addCustomers answers those who were not there. Numbers are given in the order in which customers are, the locks taken in
	// that of their keys.
	addCustomers = `WITH given AS MATERIALIZED (
		SELECT key, nextval('customers_seq') AS seq FROM (SELECT key FROM unnest($1::uuid[]) WITH ORDINALITY AS t (key, place) ORDER BY place) AS o
	) INSERT INTO customers (seq, key, tenant) SELECT seq, key, $2 FROM given ORDER BY key ON CONFLICT (key) DO NOTHING RETURNING key, seq`
)

// revision is a change of one customer.
type revision struct {
	place int // in what was asked for
	id    string
	key   form.Hash

	known  bool   // whether there is a customer, erased or not
	have   []byte // the profile; nil where there is none
	save   *cmiv1.Customer
	text   []byte // the same, encoded
	stands bool
}

// ChangeCustomers runs change on what it reads, outside any transaction, and then saves those whose profiles are still the
// ones that were read; the others are done again. So a slow change, or one that panics, holds up nobody else, and of those
// that meet, one always gets through. What is recorded of a customer in between leaves the profile as it is.
func (s *Store) ChangeCustomers(ctx context.Context, tenant string, ids []string,
	change func(i int, have store.Profile) (save *cmiv1.Customer, err error)) (errs []error, err error) {
	ctx, span := form.Start(ctx, driver, "store.ChangeCustomers")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.customers", len(ids))

	errs = make([]error, len(ids))
	for from := 0; from < len(ids); from += changedAtOnce {
		var open []*revision
		for i := from; i < min(from+changedAtOnce, len(ids)); i++ {
			open = append(open, &revision{place: i, id: ids[i], key: s.secret.Hash(form.OfCustomer, tenant, ids[i])})
		}
		for len(open) > 0 {
			if open, err = s.changeOnce(ctx, tenant, open, errs, change); err != nil {
				return nil, err
			}
		}
	}
	return errs, nil
}

// changeOnce tries each once, and answers those to try again.
func (s *Store) changeOnce(ctx context.Context, tenant string, open []*revision, errs []error,
	change func(int, store.Profile) (*cmiv1.Customer, error)) (again []*revision, err error) {
	if err := s.readRevisions(ctx, open); err != nil {
		return nil, err
	}
	var drafts []*revision
	for _, r := range open {
		have, err := r.profile()
		if err != nil {
			return nil, err
		}
		if r.save, errs[r.place] = change(r.place, have); errs[r.place] != nil || r.save == nil {
			continue
		}
		if r.save.GetCustomerId() != r.id {
			return nil, errors.New("a change of one customer saves another")
		}
		if r.text, err = proto.Marshal(r.save); err != nil {
			return nil, fmt.Errorf("encode a profile: %w", err)
		}
		r.save = proto.CloneOf(r.save)
		drafts = append(drafts, r)
	}
	if len(drafts) == 0 {
		return nil, ctx.Err()
	}
	if err := s.saveRevisions(ctx, tenant, drafts); err != nil {
		return nil, err
	}
	for _, r := range drafts {
		if !r.stands {
			again = append(again, r)
		}
	}
	return again, nil
}

func (r *revision) profile() (store.Profile, error) {
	if r.have == nil {
		return store.Profile{Erased: r.known}, nil
	}
	customer := &cmiv1.Customer{}
	return store.Profile{Customer: customer}, form.Decode(r.have, customer, "profile")
}

func (s *Store) readRevisions(ctx context.Context, open []*revision) error {
	byKey := make(map[form.Hash]*revision, len(open))
	for _, r := range open {
		r.known, r.have, r.stands = false, nil, false
		byKey[r.key] = r
	}
	return s.ask(ctx, "read profiles", func(ctx context.Context, c conn) error {
		rows, err := c.Query(ctx, findSaved, uuids(open, func(r *revision) form.Hash { return r.key }))
		if err != nil {
			return err
		}
		var key [16]byte
		var body []byte
		_, err = pgx.ForEachRow(rows, []any{&key, &body}, func() error {
			byKey[key].known, byKey[key].have = true, bytes.Clone(body)
			return nil
		})
		return err
	})
}

// saveRevisions writes those that still stand.
func (s *Store) saveRevisions(ctx context.Context, tenant string, drafts []*revision) error {
	scope, err := s.numberScope(ctx, tenant, "")
	if err != nil {
		return err
	}
	keys := uuids(drafts, func(r *revision) form.Hash { return r.key })
	return s.changeThem(ctx, "save profiles", lockCustomers, keys, func(ctx context.Context, c conn, people map[form.Hash]*person, batch *pgx.Batch) error {
		means := make(form.Means)
		var strangers []*revision
		for _, r := range drafts {
			p := people[r.key]
			switch r.stands = p != nil == r.known && (p == nil || bytes.Equal(p.profile, r.have)); {
			case !r.stands:
			case p == nil:
				strangers = append(strangers, r)
			default:
				if err := s.revise(batch, means, tenant, scope, p, r); err != nil {
					return err
				}
			}
		}
		if err := s.welcome(ctx, c, batch, means, tenant, scope, strangers); err != nil {
			return err
		}
		queueMeans(batch, means)
		return nil
	})
}

// revise saves a profile in the place of the one that is there, or was erased.
func (s *Store) revise(batch *pgx.Batch, means form.Means, tenant string, scope int64, p *person, r *revision) error {
	batch.Queue(saveProfile, p.seq, r.text)
	if p.erased {
		batch.Queue(reviveOne, p.seq)
		batch.Queue(startStanding, p.seq, scope*form.PerScope)
		s.relabel(batch, means, tenant, p.seq, nil, r.save, form.Sum{})
		return nil
	}
	before, err := p.decode()
	if err != nil {
		return err
	}
	batch.Queue(touchOne, p.seq)
	s.relabel(batch, means, tenant, p.seq, before, r.save, form.SumOf(p.figures.CMI))
	return nil
}

// welcome creates customers. One who came meanwhile does not stand.
func (s *Store) welcome(ctx context.Context, c conn, batch *pgx.Batch, means form.Means, tenant string, scope int64, strangers []*revision) error {
	if len(strangers) == 0 {
		return nil
	}
	rows, err := c.Query(ctx, addCustomers, uuids(strangers, func(r *revision) form.Hash { return r.key }), scope)
	if err != nil {
		return err
	}
	seqs := make(map[form.Hash]int64, len(strangers))
	var key [16]byte
	var seq int64
	if _, err := pgx.ForEachRow(rows, []any{&key, &seq}, func() error {
		seqs[key] = seq
		return nil
	}); err != nil {
		return err
	}
	for _, r := range strangers {
		seq, created := seqs[r.key]
		if r.stands = created; !created {
			continue
		}
		batch.Queue(saveProfile, seq, r.text)
		batch.Queue(startStanding, seq, scope*form.PerScope)
		s.relabel(batch, means, tenant, seq, nil, r.save, form.Sum{})
	}
	return nil
}
