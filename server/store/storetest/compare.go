package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// Compare tries a driver against a plain model: operations by the dice of a seed, few tenants, customers, ids and times, and
// after each one all that can be read must be the same in both. A difference is told with the fewest operations that still
// make it. open is that of Run.
func Compare(t *testing.T, open func(t *testing.T) store.Store, seed uint64) {
	t.Helper()
	try := func(steps []step) error {
		s := open(t)
		err := errors.Join(play(t.Context(), s, steps), s.Close())
		return err
	}
	steps := history(seed, 80)
	err := try(steps)
	if err == nil {
		return
	}
	steps = shrink(steps, func(fewer []step) bool {
		again := try(fewer)
		if again != nil {
			err = again
		}
		return again != nil
	})
	t.Fatalf("seed %d: %v\n\nby the fewest operations:\n%s", seed, err, inLines(steps))
}

func inLines(steps []step) string {
	words := ""
	for i, step := range steps {
		words += fmt.Sprintf("  %d. %T%+v\n", i+1, step.operation, step.operation)
	}
	return words
}

// duel is a store beside the model.
type duel struct {
	ctx                 context.Context // a duel lives for one call
	store               store.Store
	model               *model
	storeRevs, modelRev revisions
	places              map[store.Due]placeTaken
}

// play runs steps on a store and on the model, and answers where they differ.
func play(ctx context.Context, s store.Store, steps []step) error {
	d := &duel{ctx: ctx, store: s, model: newModel(), storeRevs: newRevisions(), modelRev: newRevisions(), places: map[store.Due]placeTaken{}}
	for i, step := range steps {
		if err := d.step(step); err != nil {
			return fmt.Errorf("after operation %d, %T: %w", i+1, step.operation, err)
		}
	}
	return nil
}

func newRevisions() revisions {
	return revisions{now: map[store.Due]int64{}, before: map[store.Due]int64{}}
}

func (d *duel) step(s step) error {
	got, want := s.run(d.ctx, d.store, d.storeRevs), s.run(d.ctx, d.model, d.modelRev)
	if got != want {
		return fmt.Errorf("its answer\n  got  %s\n  want %s", got, want)
	}
	if err := d.takePlaces(); err != nil {
		return err
	}
	for _, tenant := range worldTenants() {
		got, want := read(d.ctx, d.store, tenant, s.ask), read(d.ctx, d.model, tenant, s.ask)
		if difference := got.differs(want); difference != "" {
			return errors.New(difference)
		}
		if err := d.revise(s.operation, tenant, got.revisions, want.revisions); err != nil {
			return err
		}
	}
	return d.due(s.ask)
}

// takePlaces gives customers in the model the places that they have in the store. A place, once taken, is kept, and those
// who come later stand behind, those of one operation in the order in which it names them. Whether somebody who starts anew
// does so at the old place or as the last is the store's affair.
func (d *duel) takePlaces() error {
	for _, tenant := range worldTenants() {
		list, err := walk(d.ctx, d.store, tenant, store.CustomerFilter{}, 100)
		if err != nil {
			return err
		}
		last, newest := d.lastPlace(tenant), int64(0)
		for i, c := range list {
			known := d.model.tenant(tenant).customers[c.Profile.GetCustomerId()]
			if known == nil || i > 0 && list[i-1].Cursor.Key >= c.Cursor.Key {
				return fmt.Errorf("of %q: %q is listed at place %d, and is not known or out of order", tenant, c.Profile.GetCustomerId(), c.Cursor.Key)
			}
			whose := store.Due{Tenant: tenant, CustomerID: c.Profile.GetCustomerId()}
			taken, had := d.places[whose]
			switch {
			case had && taken.since == known.place && taken.key != c.Cursor.Key:
				return fmt.Errorf("%v moved from place %d to %d", whose, taken.key, c.Cursor.Key)
			case !had && c.Cursor.Key <= last:
				return fmt.Errorf("%v is new and came to place %d, before the last one, %d", whose, c.Cursor.Key, last)
			case !had && known.place < newest:
				return fmt.Errorf("%v is new and listed behind those who were created later", whose)
			case !had:
				newest = known.place
			}
			d.places[whose] = placeTaken{known.place, c.Cursor.Key}
			known.shown = c.Cursor.Key
		}
	}
	return nil
}

// lastPlace is the greatest that was taken in a tenant.
func (d *duel) lastPlace(tenant string) int64 {
	last := int64(math.MinInt64)
	for whose, taken := range d.places {
		if whose.Tenant == tenant {
			last = max(last, taken.key)
		}
	}
	return last
}

// placeTaken is the place that a store gave a customer who came to the model at a time of its clock.
type placeTaken struct{ since, key int64 }

// revise compares how revisions rose: with each change of what is known. With a mark they may rise or not.
func (d *duel) revise(o operation, tenant string, got, want map[string]int64) error {
	for id, now := range want {
		whose := store.Due{Tenant: tenant, CustomerID: id}
		last, known := d.modelRev.now[whose]
		lastGot := d.storeRevs.now[whose]
		d.modelRev.now[whose], d.storeRevs.now[whose] = now, got[id]
		switch {
		case !known:
			d.modelRev.before[whose], d.storeRevs.before[whose] = -1, -1
		case marks(o) && got[id] >= lastGot:
		case now > last && got[id] > lastGot:
			d.modelRev.before[whose], d.storeRevs.before[whose] = last, lastGot
		case now != last || got[id] != lastGot:
			return fmt.Errorf("the revision of %v goes from %d to %d, that of the model from %d to %d", whose, lastGot, got[id], last, now)
		}
	}
	return nil
}

// marks tells whether an operation changes nothing but who is due.
func marks(o operation) bool {
	switch o.(type) {
	case marking, ruling:
		return true
	}
	return false
}

// due compares who is due at a few times, and in which order.
func (d *duel) due(ask uint64) error {
	for _, at := range []int64{never, after(int(ask % 9)).UnixMicro(), store.Forever - 1} {
		since, limit := d.model.dues(at), 1+int(ask/9%8)
		got, err := d.store.Due(d.ctx, at, limit)
		if err == nil {
			err = dueInOrder(got, since, limit)
		}
		if err != nil {
			return fmt.Errorf("Due(%d, limit %d): %w\n  got  %v\n  of   %v", at, limit, err, got, since)
		}
	}
	return nil
}

// dueInOrder tells whether those are answered who have been due for the longest. The order of those who have been for
// equally long is the store's affair.
func dueInOrder(got []store.Due, since map[store.Due]int64, limit int) error {
	order := slices.Sorted(maps.Values(since))
	if len(got) != min(limit, len(order)) {
		return fmt.Errorf("%d are answered, want %d", len(got), min(limit, len(order)))
	}
	seen := map[store.Due]bool{}
	for i, whose := range got {
		at, is := since[whose]
		switch {
		case !is || seen[whose]:
			return fmt.Errorf("%v is not due, or was answered before", whose)
		case at != order[i]:
			return fmt.Errorf("%v is out of order", whose)
		}
		seen[whose] = true
	}
	return nil
}
