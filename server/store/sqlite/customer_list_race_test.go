package sqlite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/customer-momentum/cmi/server/store"
)

// TestPagesWhileOthersWrite reads pages while some customers come, move about and go: whoever stays as they are is listed
// exactly once, and no page lists anybody twice.
func TestPagesWhileOthersWrite(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.patience = patience{piece: 2, passed: 8, members: 0}
	c := newCrew(t, s, 3)
	for i := range 60 {
		m := &crewman{tenant: "acme", id: fmt.Sprintf("still-%d", i)}
		c.put(m)
		c.stand(m)
	}
	still := c.members
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		others := newCrew(t, s, 4)
		for ctx.Err() == nil {
			others.live(20)
		}
	})
	for range 30 {
		f := c.anyFilter()
		want := map[string]int{}
		for _, m := range still {
			if m.matches(f) {
				want[m.id] = 1
			}
		}
		for id, n := range timesListed(t, s, f, 1+c.r.IntN(9)) {
			if id[:5] == "still" && n != want[id] {
				t.Errorf("%+v: %s is listed %d times, want %d", f, id, n, want[id])
			}
			delete(want, id)
		}
		if len(want) > 0 {
			t.Errorf("%+v: %v are not listed", f, want)
		}
	}
	stop()
	writing.Wait()
}

// timesListed counts how often pages list each customer, and looks that no page does so twice.
func timesListed(t *testing.T, s *Store, f store.CustomerFilter, limit int) map[string]int {
	t.Helper()
	times := map[string]int{}
	for {
		page, err := s.ListCustomers(t.Context(), "acme", f, limit)
		if err != nil {
			t.Errorf("ListCustomers: %v", err)
			return times
		}
		here := map[string]bool{}
		for _, id := range idsOf(page.Customers) {
			if here[id] {
				t.Errorf("%+v: a page lists %s twice", f, id)
			}
			here[id] = true
			times[id]++
		}
		if page.Next == nil {
			return times
		}
		f.After = page.Next
	}
}

// TestManyListsAtOnce has more callers than there are connections ask for lists of shapes that are not prepared yet.
func TestManyListsAtOnce(t *testing.T) {
	t.Parallel()
	c := newCrew(t, open(t), 5)
	for range 40 {
		c.live(20)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var calls sync.WaitGroup
	for i := range 32 {
		calls.Go(func() {
			asks := &crew{t: t, s: c.s, r: rand.New(rand.NewPCG(uint64(i), 9))}
			for range 10 {
				if _, err := c.s.ListCustomers(ctx, "acme", asks.anyFilter(), 5); err != nil {
					t.Errorf("ListCustomers: %v", err)
					return
				}
			}
		})
	}
	calls.Wait()
}

// TestStandingsWhileOthersMark saves standings while customers are marked over and over: in the end, whoever was marked
// last is due, and the means are what they should be.
func TestStandingsWhileOthersMark(t *testing.T) {
	t.Parallel()
	c := newCrew(t, open(t), 6)
	for i := range 20 {
		c.put(&crewman{tenant: "acme", id: fmt.Sprintf("customer-%d", i)})
	}
	var marking sync.WaitGroup
	marking.Go(func() {
		for i := range 20 {
			if err := c.s.MarkDue(t.Context(), "acme", i%2 == 0); err != nil {
				t.Errorf("MarkDue: %v", err)
			}
		}
		if err := c.s.MarkDue(t.Context(), "acme", false); err != nil {
			t.Errorf("MarkDue: %v", err)
		}
	})
	before := make([]store.Standing, len(c.members))
	for i, m := range c.members {
		before[i] = c.standing(m)
		before[i].Revision = revisionOf(t, c.s, m.tenant, m.id)
	}
	marking.Wait()
	if err := c.s.SaveStandings(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	if n := pending(t, c.s, "acme", 0, 100); n != len(c.members) {
		t.Errorf("%d are due, want all %d", n, len(c.members))
	}
	for range 3 {
		for _, m := range c.members {
			c.stand(m)
		}
	}
	c.checkMeans()
	if n := pending(t, c.s, "acme", 0, 100); n != 0 {
		t.Errorf("%d are due, want none", n)
	}
}
