package storetest

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// crowd creates customers one after the other, with labels and standings of all kinds and many ties, and answers them as
// they are to be listed, in the order in which they were created.
func crowd(t *testing.T, s store.Store, n int) []store.ListedCustomer {
	t.Helper()
	random := rand.New(rand.NewPCG(8, 9))
	maybe := func(x float64) *float64 {
		if random.IntN(4) == 0 {
			return nil
		}
		return &x
	}
	all := make([]store.ListedCustomer, n)
	var standings []store.Standing
	for i := range all {
		id := fmt.Sprintf("c-%d", random.Uint64())
		p := profile(id, func(c *cmiv1.Customer) {
			c.AccountId, c.Segments = some(random, worldAccounts()), map[string]string{}
			for _, s := range worldSegments()[random.IntN(3):] {
				c.Segments[s.Key] = s.Value
			}
		})
		put(t, s, "acme", p)
		all[i] = store.ListedCustomer{Profile: p, Standing: store.Standing{Tenant: "acme", CustomerID: id}}
		if i%10 == 9 {
			continue // there is no standing yet
		}
		all[i].Standing = standing(t, s, "acme", id, func(s *store.Standing) {
			s.Lifecycle, s.Bucket, s.StableBucket = cmiv1.Lifecycle(1+random.IntN(3)), cmiv1.Bucket(random.IntN(4)), cmiv1.Bucket(random.IntN(4))
			s.Direction = cmiv1.Direction(random.IntN(5))
			s.CMI, s.Velocity, s.PValue = maybe(float64(random.IntN(9))/8), maybe(float64(random.IntN(9)-4)/8), maybe(float64(random.IntN(5))/4)
		})
		standings = append(standings, all[i].Standing)
	}
	settle(t, s, standings...)
	return all
}

// lists is the rule of lists, said once more and plainly: all that match, in order.
func lists(all []store.ListedCustomer, f store.CustomerFilter) []string {
	var picked []store.ListedCustomer
	for i, c := range all {
		value, ok := figure(c.Standing, f.Order)
		c.Cursor = store.CustomerCursor{Value: value, Key: int64(i)}
		if ok && stands(c.Profile, c.Standing, f) {
			picked = append(picked, c)
		}
	}
	slices.SortFunc(picked, func(a, b store.ListedCustomer) int { return along(f, a.Cursor, b.Cursor) })
	return who(picked)
}

// customerFilters are all combinations of what a filter can ask for, in every order.
func customerFilters() []store.CustomerFilter {
	var all []store.CustomerFilter
	for bits := range 1 << 8 {
		f := store.CustomerFilter{Order: store.CustomerOrder(bits % 3), Descending: bits/3%2 == 1}
		for bit, set := range []func(){
			func() { f.Bucket = cmiv1.Bucket_BUCKET_GROWTH },
			func() { f.StableBucket = cmiv1.Bucket_BUCKET_ADVOCATE },
			func() { f.Direction = cmiv1.Direction_DIRECTION_FALLING },
			func() { f.Lifecycle = cmiv1.Lifecycle_LIFECYCLE_ACTIVE },
			func() { f.AccountID = "home" },
			func() { f.Segments = append(f.Segments, store.Segment{Key: "plan", Value: "gold"}) },
			func() { f.Segments = append(f.Segments, store.Segment{Key: "country", Value: "ch"}) },
			func() { f.MaxPValue = new(0.5) },
		} {
			if bits&(1<<bit) != 0 {
				set()
			}
		}
		all = append(all, f)
	}
	return all
}

func customersFiltered(t *testing.T, s store.Store) {
	all := crowd(t, s, 150)
	byID := map[string]store.ListedCustomer{}
	for _, c := range all {
		byID[c.Standing.CustomerID] = c
	}
	for i, f := range customerFilters() {
		got, want := customers(t, s, "acme", f, 1+i%40), lists(all, f)
		if !slices.Equal(who(got), want) {
			t.Fatalf("%s: got %q, want %q", filterInWords(f), who(got), want)
		}
		for _, c := range got {
			same(t, "profile", c.Profile, byID[c.Standing.CustomerID].Profile)
			sameStanding(t, c.Standing, byID[c.Profile.GetCustomerId()].Standing)
			if value, _ := figure(c.Standing, f.Order); c.Cursor.Value != value {
				t.Fatalf("%s: %q stands at %v, want %v", filterInWords(f), c.Profile.GetCustomerId(), c.Cursor.Value, value)
			}
		}
	}
	one := all[0].Profile.GetSegments()
	for what, f := range map[string]store.CustomerFilter{
		"nobody's account":   {AccountID: "Home"},
		"nobody's segment":   {Segments: []store.Segment{{Key: "plan", Value: "Gold"}}},
		"a key and a value":  {Segments: []store.Segment{{Key: "gold", Value: "plan"}}},
		"an account's name":  {Segments: []store.Segment{{Key: "home", Value: ""}}},
		"a segment twice":    {Segments: []store.Segment{{Key: "plan", Value: one["plan"]}, {Key: "plan", Value: one["plan"]}}},
		"one of two values":  {Segments: []store.Segment{{Key: "country", Value: "ch"}, {Key: "country", Value: "de"}}},
		"nobody's bucket":    {Bucket: 99},
		"nobody's direction": {Direction: 99},
		"a p-value of 0":     {MaxPValue: new(0.0)},
		"any p-value":        {MaxPValue: new(1.0)},
	} {
		if got, want := who(customers(t, s, "acme", f, 20)), lists(all, f); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
}

// customersLabelled: who is found by account and segments follows the profile at once, standing or none.
func customersLabelled(t *testing.T, s store.Store) {
	labels := func(account string, segments ...string) func(*cmiv1.Customer) {
		return func(c *cmiv1.Customer) {
			c.AccountId, c.Segments = account, map[string]string{}
			for i := 0; i < len(segments); i += 2 {
				c.Segments[segments[i]] = segments[i+1]
			}
		}
	}
	found := func(f store.CustomerFilter, want ...string) {
		t.Helper()
		sameNames(t, filterInWords(f), who(customers(t, s, "acme", f, 10)), want...)
		if len(f.Segments) == 1 && len(want) > 0 && want[0] == "ann" {
			if n, _, err := s.MeanCMI(t.Context(), "acme", store.Group{Segment: f.Segments[0]}); n != 1 || err != nil {
				t.Errorf("%v: the mean is of %d, %v; want 1", f.Segments, n, err)
			}
		}
	}
	account := func(id string) store.CustomerFilter { return store.CustomerFilter{AccountID: id} }
	segment := func(key, value string) store.CustomerFilter {
		return store.CustomerFilter{Segments: []store.Segment{{Key: key, Value: value}}}
	}
	put(t, s, "acme", profile("bob", labels("home", "country", "ch")))
	put(t, s, "acme", profile("ann", labels("home", "country", "ch", "plan", "gold")))
	found(account("home"), "ann", "bob")
	settle(t, s, standing(t, s, "acme", "ann", withCMI(50)))
	found(account("home"), "ann", "bob")
	found(segment("plan", "gold"), "ann")

	put(t, s, "acme", profile("ann", labels("work", "country", "de", "plan", "gold"))) // the standing is due, and stands
	found(account("home"), "bob")
	found(account("work"), "ann")
	found(segment("country", "ch"), "bob")
	found(segment("country", "de"), "ann")
	found(segment("plan", "gold"), "ann")

	put(t, s, "acme", profile("ann", labels("")))
	for _, f := range []store.CustomerFilter{account("work"), segment("country", "de"), segment("plan", "gold"), segment("country", "")} {
		found(f)
	}
	change(t, s, "acme", []string{"ann"}, func(int, store.Profile) (*cmiv1.Customer, error) {
		return profile("ann", labels("refused", "plan", "refused")), errRefused
	})
	found(account("refused"))
	found(segment("plan", "refused"))
	put(t, s, "acme", profile("ann", labels("ch", "home", "country"))) // the same words in other places
	found(account("home"), "bob")
	found(account("ch"), "ann")
	found(segment("home", "country"), "ann")
	found(segment("country", "ch"), "bob")
	record(t, s, "acme", entry("r-1", of("ann")))
	found(segment("home", "country"), "ann")
}

// customersByPValue: a p-value of just the limit is within it, and none at all is not.
func customersByPValue(t *testing.T, s store.Store) {
	for id, p := range map[string]*float64{"none": nil, "0": new(0.0), "0.25": new(0.25), "more": new(math.Nextafter(0.25, 1)), "1": new(1.0)} {
		put(t, s, "acme", profile(id))
		settle(t, s, standing(t, s, "acme", id, func(s *store.Standing) { s.PValue = p }))
	}
	put(t, s, "acme", profile("unknown"))
	for _, c := range []struct {
		limit float64
		want  []string
	}{{0, []string{"0"}}, {0.25, []string{"0", "0.25"}}, {0.5, []string{"0", "0.25", "more"}}, {1, []string{"0", "0.25", "more", "1"}}} {
		sameNames(t, fmt.Sprint("up to ", c.limit), who(customers(t, s, "acme", store.CustomerFilter{MaxPValue: &c.limit}, 10)), c.want...)
	}
}

// customersByCreation: those who come later stand later, however they came, and what becomes of them does not move them.
func customersByCreation(t *testing.T, s store.Store) {
	var want []string
	for i := range 30 {
		id := fmt.Sprintf("%x", i*7919%31) // in no order of its own
		switch i % 3 {
		case 0:
			record(t, s, "acme", entry(id, of(id)))
		case 1:
			interact(t, s, "acme", interaction(id, by(id)))
		default:
			put(t, s, "acme", profile(id, func(c *cmiv1.Customer) { c.CreatedAt = created("", after(-i)).GetCreatedAt() }))
		}
		want = append(want, id)
	}
	for _, id := range want[:10] {
		put(t, s, "acme", profile(id))
		settle(t, s, standing(t, s, "acme", id, withCMI(50)))
		record(t, s, "acme", entry("again-"+id, of(id)))
	}
	for _, f := range []store.CustomerFilter{{}, {Order: store.ByCMI}} {
		want := want[:len(want)-20*int(min(f.Order, 1))]
		if got := who(customers(t, s, "acme", f, 7)); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", filterInWords(f), got, want)
		}
		f.Descending = true
		backwards := slices.Clone(want)
		slices.Reverse(backwards)
		if got := who(customers(t, s, "acme", f, 7)); !slices.Equal(got, backwards) {
			t.Errorf("%s: got %q, want %q", filterInWords(f), got, backwards)
		}
	}
	list := customers(t, s, "acme", store.CustomerFilter{}, 100)
	if !slices.IsSortedFunc(list, func(a, b store.ListedCustomer) int { return cmp.Compare(a.Cursor.Key, b.Cursor.Key) }) {
		t.Error("keys do not rise with creation")
	}
}

// customersOfOneCall: those whom one call creates stand in the order in which it names them.
func customersOfOneCall(t *testing.T, s store.Store) {
	var entries []store.Entry
	var acts []*cmiv1.Interaction
	var profiles []*cmiv1.Customer
	var want, responded, acted []string
	for i := range 40 {
		id := fmt.Sprintf("%x", i*7919%41) // in no order of its own
		entries = append(entries, entry("r"+id, of("r"+id)), entry("again-r"+id, of("r"+fmt.Sprintf("%x", i/2*7919%41))))
		acts = append(acts, interaction(id, by("i"+id)), interaction("again-"+id, by("i"+fmt.Sprintf("%x", i/2*7919%41))))
		profiles = append(profiles, profile("p"+id))
		responded, acted, want = append(responded, "r"+id), append(acted, "i"+id), append(want, "p"+id)
	}
	put(t, s, "acme", profiles...)
	record(t, s, "acme", entries...)
	interact(t, s, "acme", acts...)
	want = slices.Concat(want, responded, acted)
	if got := who(customers(t, s, "acme", store.CustomerFilter{}, 50)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
