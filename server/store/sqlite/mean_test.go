package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// groupsOf are all groups that customers of a crew may be in.
func groupsOf() []store.Group {
	groups := []store.Group{{Segment: store.Segment{Key: "nobody", Value: "knows"}}}
	for lifecycle := range cmiv1.Lifecycle(4) {
		groups = append(groups, store.Group{Lifecycle: lifecycle})
	}
	for _, key := range []string{"country", "plan"} {
		for n := range 4 {
			groups = append(groups, store.Group{Segment: store.Segment{Key: key, Value: fmt.Sprintf("value-%d", n)}})
		}
	}
	return groups
}

// mean is computed from scratch, by fractions.
func (c *crew) mean(tenant string, g store.Group) (n int, mean float64) {
	total := new(big.Rat)
	for _, m := range c.members {
		in := m.standing.Lifecycle == g.Lifecycle
		if g.Segment.Key != "" {
			value, ok := m.profile.GetSegments()[g.Segment.Key]
			in = ok && value == g.Segment.Value
		}
		if m.tenant != tenant || m.profile == nil || m.standing.CMI == nil || !in {
			continue
		}
		n++
		total.Add(total, big.NewRat(int64(math.Round(*m.standing.CMI*1e9)), 1e9))
	}
	if n > 0 {
		mean, _ = total.Quo(total, big.NewRat(int64(n), 1)).Float64()
	}
	return n, mean
}

func (c *crew) checkMeans() {
	c.t.Helper()
	for _, tenant := range crewTenants() {
		for _, g := range groupsOf() {
			n, mean, err := c.s.MeanCMI(c.t.Context(), tenant, g)
			if err != nil {
				c.t.Fatalf("MeanCMI: %v", err)
			}
			if wantN, want := c.mean(tenant, g); n != wantN || math.Abs(mean-want) > 1e-12*want {
				c.t.Fatalf("%s, %+v: got %v of %d, want %v of %d", tenant, g, mean, n, want, wantN)
			}
		}
	}
}

func TestMeansFollowRandomHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			c := newCrew(t, open(t), seed)
			for i := range 400 {
				c.live(15)
				if i%10 == 0 {
					c.checkMeans()
				}
			}
			c.checkMeans()
			for _, m := range c.members {
				c.erase(m)
			}
			for _, table := range []string{"means", "members"} {
				var rows int
				if err := c.s.reader.db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&rows); err != nil || rows != 0 {
					t.Errorf("%d rows stay in %s after all were erased, %v", rows, table, err)
				}
			}
		})
	}
}

// TestMeansOfUndoneTransactions has one request of a group fail: the others are written again, and count once.
func TestMeansOfUndoneTransactions(t *testing.T) {
	t.Parallel()
	c := newCrew(t, open(t), 1)
	ann := &crewman{tenant: "acme", id: "ann"}
	c.put(ann)
	s := store.Standing{
		Tenant: "acme", CustomerID: "ann", Revision: revisionOf(t, c.s, "acme", "ann"), Lifecycle: cmiv1.Lifecycle_LIFECYCLE_NEW,
		CMI: new(60.0),
	}
	row, err := form.NewStanding(c.s.secret, s)
	if err != nil {
		t.Fatal(err)
	}
	good, bad := newRequest(), newRequest()
	good.apply = func(ctx context.Context, w *writer) error { return w.saveStanding(ctx, &row) }
	bad.apply = func(ctx context.Context, w *writer) error {
		return errors.Join(w.saveStanding(ctx, &row), errors.New("not this time"))
	}
	release := hold(t, c.s)
	ends := make(chan error, 2)
	for i, r := range []*request{good, bad} {
		go func() { ends <- c.s.writer.submit(t.Context(), r) }()
		queued(t, c.s, i+1)
	}
	release()
	if failed := errors.Join(<-ends, <-ends); failed == nil {
		t.Error("the failing request did not fail")
	}
	n, mean, err := c.s.MeanCMI(t.Context(), "acme", store.Group{Lifecycle: cmiv1.Lifecycle_LIFECYCLE_NEW})
	if n != 1 || mean != 60 || err != nil {
		t.Errorf("got a mean of %v of %d, %v; want 60 of 1", mean, n, err)
	}
}
