package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
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
	var open, refused []*deed
	for _, d := range deeds {
		d.seq = w.nextDeed
		w.nextDeed++
		if find(visits, d.customer).erased {
			refused = append(refused, d)
		} else {
			open = append(open, d)
		}
	}
	if err := each(w.deeds, open, func(s wide, piece []*deed) error { return w.insertDeedsTogether(ctx, s, piece) }); err != nil {
		return err
	}
	if err := w.refuseErased(ctx, refused); err != nil {
		return err
	}
	return w.welcome(ctx, whoDid(open, visits))
}

// refuseErased says what became of interactions of customers who were erased, after their neighbours were written: an id
// that one of those that came before them uses is used.
func (w *writer) refuseErased(ctx context.Context, deeds []*deed) error {
	for _, d := range deeds {
		d.result = store.Erased
		if err := w.resolveDeed(ctx, d); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("find the interaction that stands: %w", err)
		}
	}
	return nil
}

// find answers the one of distinct visits that is of the same customer; it is among them.
func find(visits []*visit, of *visit) *visit {
	i, _ := slices.BinarySearchFunc(visits, of, func(v, of *visit) int { return bytes.Compare(v.key[:], of.key[:]) })
	return visits[i]
}

func (w *writer) insertDeedsTogether(ctx context.Context, s wide, deeds []*deed) error {
	args := s.args[:0]
	for _, d := range deeds {
		kind, err := w.kinds.of(ctx, d.Kind)
		if err != nil {
			return err
		}
		args = append(args, d.seq, d.Key[:], d.customer.bytes(), kind, d.OccurredAt, d.Body)
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

// resolveDeed finds out what became of an interaction whose id may have been there before; its result stands where it was
// not. sql.ErrNoRows when there is nothing with that id at all.
func (w *writer) resolveDeed(ctx context.Context, d *deed) error {
	var seq int64
	var erased bool
	var body []byte
	if err := w.findDeed.QueryRowContext(ctx, d.Key[:]).Scan(&seq, &erased, &body); err != nil {
		return err
	}
	switch {
	case seq >= d.seq: // it itself, or one that came after it
		return nil
	case erased:
		d.result = store.Erased
		return nil
	}
	same, err := form.SameInteraction(body, d.Body)
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
