package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/customer-momentum/cmi/server/store"
)

const (
	insertDeeds = "INSERT OR IGNORE INTO interactions (seq, key, customer, kind, occurred_at, body) VALUES %s"
	deedTuple   = "(?, ?, ?, ?, ?, ?)"
	findDeed    = "SELECT seq, customer IS NULL, body FROM interactions WHERE key = ?"
)

// insertDeeds writes interactions in order and says of each what became of it. Who did them is looked up first: nothing
// is written of a customer who was erased.
func (w *writer) insertDeeds(ctx context.Context, deeds []*deed) error {
	if len(deeds) == 0 {
		return nil
	}
	visits := make([]*visit, len(deeds))
	for i, d := range deeds {
		visits[i] = d.customer
	}
	visits = distinct(visits)
	if err := w.recognise(ctx, visits); err != nil {
		return err
	}
	open, err := w.refuseErased(ctx, deeds, visits)
	if err != nil {
		return err
	}
	if err := each(w.deeds, open, func(s wide, piece []*deed) error { return w.insertDeedsTogether(ctx, s, piece) }); err != nil {
		return err
	}
	return w.welcome(ctx, whoDid(open, visits))
}

// refuseErased answers the interactions that may be written.
func (w *writer) refuseErased(ctx context.Context, deeds []*deed, visits []*visit) ([]*deed, error) {
	open := make([]*deed, 0, len(deeds))
	for _, d := range deeds {
		if !find(visits, d.customer).erased {
			open = append(open, d)
			continue
		}
		d.seq = 0
		err := w.resolveDeed(ctx, d)
		if errors.Is(err, sql.ErrNoRows) {
			d.result, err = store.Erased, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return open, nil
}

// find answers the one of distinct visits that is of the same customer; it is among them.
func find(visits []*visit, of *visit) *visit {
	i, _ := slices.BinarySearchFunc(visits, of, func(v, of *visit) int { return bytes.Compare(v.key[:], of.key[:]) })
	return visits[i]
}

func (w *writer) insertDeedsTogether(ctx context.Context, s wide, deeds []*deed) error {
	args := s.args[:0]
	for _, d := range deeds {
		kind, err := w.kinds.of(ctx, d.kind)
		if err != nil {
			return err
		}
		d.seq = w.nextDeed
		w.nextDeed++
		args = append(args, d.seq, d.key[:], d.customer.bytes(), kind, d.occurredAt, d.body)
	}
	inserted, err := s.exec(ctx, args)
	if err != nil {
		return fmt.Errorf("insert %d interactions: %w", len(deeds), err)
	}
	for _, d := range deeds {
		d.result = store.Recorded
		if inserted < int64(len(deeds)) {
			if err := w.resolveDeed(ctx, d); err != nil {
				return fmt.Errorf("find the interaction that stands: %w", err)
			}
		}
	}
	return nil
}

// resolveDeed finds out what became of an interaction whose id may have been there before. sql.ErrNoRows when it was not,
// and the interaction is not there either.
func (w *writer) resolveDeed(ctx context.Context, d *deed) error {
	var seq int64
	var erased bool
	var body []byte
	if err := w.findDeed.QueryRowContext(ctx, d.key[:]).Scan(&seq, &erased, &body); err != nil {
		return err
	}
	switch {
	case seq == d.seq:
		return nil
	case erased:
		d.result = store.Erased
		return nil
	}
	same, err := sameDeed(body, d.body)
	if err != nil {
		return err
	}
	d.result = store.Conflict
	if same {
		d.result = store.Replayed
	}
	return nil
}

// whoDid answers those of distinct visits something of whom came in.
func whoDid(deeds []*deed, visits []*visit) []*visit {
	var who []*visit
	for _, d := range deeds {
		if d.result == store.Recorded {
			who = append(who, find(visits, d.customer))
		}
	}
	return distinct(who)
}
