package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// Each reads for all asks at once; place is that of the ask. What a customer did is read from the index alone.
const (
	asked           = "unnest($1::uuid[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS a (customer, after, up_to, place)"
	findFirstDoings = `SELECT a.place, p.body, (SELECT i.occurred_at FROM interactions AS i
		WHERE i.customer = a.customer AND i.occurred_at <= a.up_to ORDER BY i.occurred_at LIMIT 1)
		FROM ` + asked + ` LEFT JOIN customers AS c ON c.key = a.customer LEFT JOIN profiles AS p ON p.customer = c.seq`
	findDoings = `SELECT a.place, i.occurred_at, i.kind FROM ` + asked + ` JOIN interactions AS i
		ON i.customer = a.customer AND i.occurred_at > a.after AND i.occurred_at <= a.up_to ORDER BY a.place, i.occurred_at`
	findAnyDoing = `SELECT a.place, EXISTS (SELECT 1 FROM interactions AS i
		WHERE i.kind = a.kind AND i.kind > 0 AND i.occurred_at > a.after AND i.occurred_at <= a.up_to)
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS a (kind, after, up_to, place)`
)

// Doings answers what customers did, all of it as of one moment.
func (s *Store) Doings(ctx context.Context, tenant string, asks []store.Ask) (all []store.Doings, err error) {
	ctx, span := form.Start(ctx, driver, "store.Doings")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.asks", len(asks))

	if len(asks) == 0 {
		return []store.Doings{}, ctx.Err()
	}
	err = s.look(ctx, "read interactions", func(ctx context.Context, c conn) error {
		all = make([]store.Doings, len(asks))
		kinds, err := s.kindsOf(ctx, c, tenant, asks)
		if err != nil {
			return err
		}
		if err := s.readDoings(ctx, c, tenant, asks, kinds, all); err != nil {
			return err
		}
		return readRecorded(ctx, c, asks, kinds, all)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// kindsOf answers the numbers of the kinds of each ask; 0 where nothing of a kind was recorded.
func (s *Store) kindsOf(ctx context.Context, c conn, tenant string, asks []store.Ask) (kinds [][]int64, err error) {
	kinds = make([][]int64, len(asks))
	for i, ask := range asks {
		kinds[i] = make([]int64, len(ask.Kinds))
		for k, name := range ask.Kinds {
			if kinds[i][k], err = s.kind(ctx, c, s.secret.Hash(form.OfKind, tenant, name)); err != nil {
				return nil, err
			}
		}
	}
	return kinds, nil
}

func (s *Store) readDoings(ctx context.Context, c conn, tenant string, asks []store.Ask, kinds [][]int64, all []store.Doings) error {
	args := []any{
		uuids(asks, func(a store.Ask) form.Hash { return s.secret.Hash(form.OfCustomer, tenant, a.CustomerID) }),
		column(asks, func(a store.Ask) int64 { return a.After }), column(asks, func(a store.Ask) int64 { return a.UpTo }),
	}
	batch := &pgx.Batch{}
	batch.Queue(findFirstDoings, args...).Query(func(rows pgx.Rows) error {
		var place int64
		var body []byte
		var first *int64
		_, err := pgx.ForEachRow(rows, []any{&place, &body, &first}, func() error {
			d := &all[place-1]
			if first != nil {
				d.FirstInteraction = new(*first)
			}
			profile := &cmiv1.Customer{}
			if err := form.Decode(body, profile, "profile"); err != nil {
				return err
			}
			if profile.GetFirstSeenAt() != nil {
				d.FirstSeen = new(form.Micros(profile.GetFirstSeenAt()))
			}
			return nil
		})
		return err
	})
	batch.Queue(findDoings, args...).Query(func(rows pgx.Rows) error {
		var place, at, kind int64
		_, err := pgx.ForEachRow(rows, []any{&place, &at, &kind}, func() error {
			d := &all[place-1]
			if k := slices.Index(kinds[place-1], kind); k >= 0 {
				d.Events = append(d.Events, store.Doing{At: at, Kind: k})
			}
			return nil
		})
		return err
	})
	return c.SendBatch(ctx, batch).Close()
}

// window is a stretch of time in which somebody may have done something of a kind.
type window struct{ kind, after, upTo int64 }

// readRecorded looks whether anyone did anything of the kinds in the window, for those asks whose customers did not: one
// probe for each different kind and window.
func readRecorded(ctx context.Context, c conn, asks []store.Ask, kinds [][]int64, all []store.Doings) error {
	places := make(map[window][]int)
	var windows []window
	for i, ask := range asks {
		if all[i].Recorded = len(all[i].Events) > 0; all[i].Recorded {
			continue
		}
		for _, kind := range kinds[i] {
			w := window{kind, ask.After, ask.UpTo}
			if kind == 0 {
				continue
			}
			if places[w] == nil {
				windows = append(windows, w)
			}
			places[w] = append(places[w], i)
		}
	}
	if len(windows) == 0 {
		return nil
	}
	rows, err := c.Query(ctx, findAnyDoing, column(windows, func(w window) int64 { return w.kind }),
		column(windows, func(w window) int64 { return w.after }), column(windows, func(w window) int64 { return w.upTo }))
	if err != nil {
		return err
	}
	var place int64
	var there bool
	_, err = pgx.ForEachRow(rows, []any{&place, &there}, func() error {
		for _, i := range places[windows[place-1]] {
			all[i].Recorded = all[i].Recorded || there
		}
		return nil
	})
	return err
}
