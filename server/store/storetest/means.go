package storetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func mean(t *testing.T, s store.Store, tenant string, g store.Group) (int, float64) {
	t.Helper()
	n, mean, err := s.MeanCMI(t.Context(), tenant, g)
	if err != nil {
		t.Fatalf("MeanCMI: %v", err)
	}
	return n, mean
}

// meansFollow: customers enter and leave groups, change their CMI, lose it, are erased and come back, at random; after each
// step every mean is that of those who are listed.
func meansFollow(t *testing.T, s store.Store) {
	random := rand.New(rand.NewPCG(10, 11))
	for range 200 {
		id := fmt.Sprintf("c-%d", random.IntN(12))
		switch dice := random.IntN(10); {
		case dice == 0:
			_, _ = s.EraseCustomer(t.Context(), "acme", id) // who may not be there
		case dice < 4:
			put(t, s, "acme", profile(id, func(c *cmiv1.Customer) {
				c.Segments = map[string]string{}
				for _, s := range worldSegments()[random.IntN(4):] {
					c.Segments[s.Key] = s.Value
				}
			}))
		case factsOf(t, s, "acme", id, noon()) != nil:
			settle(t, s, standing(t, s, "acme", id, func(s *store.Standing) {
				s.Lifecycle, s.CMI = cmiv1.Lifecycle(1+random.IntN(3)), known(math.Round((random.Float64()*110-10)*1e9)/1e9)
			}))
		}
		sameMeans(t, s)
	}
}

// sameMeans compares every mean with one that is computed anew, in units of 1e-9, which are whole.
func sameMeans(t *testing.T, s store.Store) {
	t.Helper()
	listed := customers(t, s, "acme", store.CustomerFilter{Order: store.ByCMI}, 100)
	groups := []store.Group{{Lifecycle: 1}, {Lifecycle: 2}, {Lifecycle: 3}}
	for _, segment := range worldSegments() {
		groups = append(groups, store.Group{Segment: segment})
	}
	for _, g := range groups {
		n, nanos := 0, 0.0
		for _, c := range listed {
			if (&modelCustomer{profile: c.Profile, standing: c.Standing}).within(g) {
				n++
				nanos += math.Round(*c.Standing.CMI * 1e9)
			}
		}
		got, mean := mean(t, s, "acme", g)
		if want := nanos / float64(n) / 1e9; got != n || n > 0 && math.Abs(mean-want) > 1e-12 {
			t.Fatalf("%+v: got %d with mean %v, want %d with %v", g, got, mean, n, want)
		}
	}
}

// meansInAnyOrder: the same customers have the same mean to the last bit, however they came to where they are.
func meansInAnyOrder(t *testing.T, s store.Store) {
	random := rand.New(rand.NewPCG(12, 13))
	cmis := make([]float64, 40)
	order := make([]int, len(cmis))
	for i := range cmis {
		cmis[i], order[i] = math.Round(random.Float64()*100*1e9)/1e9, i
	}
	gold := store.Group{Segment: store.Segment{Key: "plan", Value: "gold"}}
	want := math.NaN()
	for _, tenant := range []string{"acme", "globex", "initech"} {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			id := fmt.Sprint(i)
			put(t, s, tenant, profile(id))
			for range random.IntN(2) { // somewhere else first
				settle(t, s, standing(t, s, tenant, id, withCMI(cmis[random.IntN(len(cmis))]), in(cmiv1.Lifecycle_LIFECYCLE_NEW)))
			}
			settle(t, s, standing(t, s, tenant, id, withCMI(cmis[i])))
		}
		for _, g := range []store.Group{gold, {Lifecycle: cmiv1.Lifecycle_LIFECYCLE_ACTIVE}} {
			n, got := mean(t, s, tenant, g)
			if math.IsNaN(want) {
				want = got
			}
			if n != len(cmis) || math.Float64bits(got) != math.Float64bits(want) {
				t.Errorf("%q, %+v: got %d with mean %v, want %d with %v to the last bit", tenant, g, n, got, len(cmis), want)
			}
		}
	}
	exact := 0.0
	for _, cmi := range cmis {
		exact += math.Round(cmi * 1e9)
	}
	if exact /= float64(len(cmis)) * 1e9; math.Abs(want-exact) > 1e-12 {
		t.Errorf("the mean is %v, want %v", want, exact)
	}
}

// meansTogether saves standings and labels of the same customers at the same time.
func meansTogether(t *testing.T, s store.Store) {
	ids := []string{"c-0", "c-1", "c-2", "c-3"}
	for _, id := range ids {
		put(t, s, "acme", profile(id))
	}
	together(16, func(caller int) {
		for n := range 10 {
			id := ids[(caller+n)%len(ids)]
			switch (caller + n) % 3 {
			case 0:
				put(t, s, "acme", profile(id, func(c *cmiv1.Customer) { c.Segments["country"] = []string{"ch", "de"}[n%2] }))
			default:
				settle(t, s, standing(t, s, "acme", id, withCMI(float64(caller)), in(cmiv1.Lifecycle(1+n%3))))
			}
		}
	})
	sameMeans(t, s)
	slices.Reverse(ids)
	for _, id := range ids {
		erase(t, s, "acme", id)
		sameMeans(t, s)
	}
}
