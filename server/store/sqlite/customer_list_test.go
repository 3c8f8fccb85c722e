package sqlite

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// hurried looks at so few customers that every way of ending a page is met with a small crew.
func hurried() []patience {
	return []patience{{piece: 1, passed: 1, members: 0}, {piece: 2, passed: 16, members: 0}, {piece: 3, passed: 40, members: 3}, usualPatience()}
}

// anyFilter asks for something that some customers of a crew may be.
func (c *crew) anyFilter() store.CustomerFilter {
	f := store.CustomerFilter{Order: store.CustomerOrder(c.r.IntN(3)), Descending: c.r.IntN(2) == 0}
	often := func(n int) bool { return c.r.IntN(n) == 0 }
	if often(4) {
		f.Bucket = cmiv1.Bucket(c.r.IntN(4))
	}
	if often(4) {
		f.StableBucket = cmiv1.Bucket(c.r.IntN(4))
	}
	if often(4) {
		f.Direction = cmiv1.Direction(c.r.IntN(5))
	}
	if often(4) {
		f.Lifecycle = cmiv1.Lifecycle(c.r.IntN(4))
	}
	if often(4) {
		f.AccountID = fmt.Sprintf("account-%d", c.r.IntN(4))
	}
	for _, key := range []string{"country", "plan"} {
		if often(4) {
			f.Segments = append(f.Segments, store.Segment{Key: key, Value: fmt.Sprintf("value-%d", c.r.IntN(4))})
		}
	}
	if often(4) {
		f.MaxPValue = new([]float64{0, 0.01, 0.5, 1}[c.r.IntN(4)])
	}
	return f
}

// list is what a filter should list: all of it, by plain comparison.
func (c *crew) list(tenant string, f store.CustomerFilter) []string {
	var matching []*crewman
	for _, m := range c.members { // in the order of creation, which a stable sort keeps
		if m.tenant == tenant && m.profile != nil && m.matches(f) {
			matching = append(matching, m)
		}
	}
	slices.SortStableFunc(matching, func(a, b *crewman) int {
		switch f.Order {
		case store.ByCMI:
			return cmp.Compare(*a.standing.CMI, *b.standing.CMI)
		case store.ByVelocity:
			return cmp.Compare(*a.standing.Velocity, *b.standing.Velocity)
		}
		return 0
	})
	if f.Descending {
		slices.Reverse(matching)
	}
	var ids []string
	for _, m := range matching {
		ids = append(ids, m.id)
	}
	return ids
}

func (m *crewman) matches(f store.CustomerFilter) bool {
	s := m.standing
	for _, segment := range f.Segments {
		if m.profile.GetSegments()[segment.Key] != segment.Value {
			return false
		}
	}
	return (f.Bucket == 0 || f.Bucket == s.Bucket) &&
		(f.StableBucket == 0 || f.StableBucket == s.StableBucket) &&
		(f.Direction == 0 || f.Direction == s.Direction) &&
		(f.Lifecycle == 0 || f.Lifecycle == s.Lifecycle) &&
		(f.AccountID == "" || f.AccountID == m.profile.GetAccountId()) &&
		(f.MaxPValue == nil || s.PValue != nil && *s.PValue <= *f.MaxPValue) &&
		(f.Order != store.ByCMI || s.CMI != nil) &&
		(f.Order != store.ByVelocity || s.Velocity != nil)
}

// listed reads all pages of a list.
func listed(t *testing.T, s *Store, tenant string, f store.CustomerFilter, limit int) []store.ListedCustomer {
	t.Helper()
	var all []store.ListedCustomer
	for pages := 0; ; pages++ {
		page, err := s.ListCustomers(t.Context(), tenant, f, limit)
		if err != nil {
			t.Fatalf("ListCustomers %+v: %v", f, err)
		}
		if len(page.Customers) > limit {
			t.Fatalf("a page has %d customers, more than %d", len(page.Customers), limit)
		}
		all = append(all, page.Customers...)
		if page.Next == nil {
			return all
		}
		if f.After != nil && *f.After == *page.Next || pages > 10_000 {
			t.Fatalf("the list %+v does not come on", f)
		}
		f.After = page.Next
	}
}

func idsOf(page []store.ListedCustomer) []string {
	var ids []string
	for _, c := range page {
		ids = append(ids, c.Profile.GetCustomerId())
	}
	return ids
}

// TestPagesHoldWhatAFilterAsksFor compares pages of all sizes, by all patiences, with plain comparison of all customers.
func TestPagesHoldWhatAFilterAsksFor(t *testing.T) {
	t.Parallel()
	for seed, patience := range hurried() {
		t.Run(fmt.Sprintf("%+v", patience), func(t *testing.T) {
			t.Parallel()
			c := newCrew(t, open(t), uint64(seed)+100)
			c.s.patience = patience
			for range 200 {
				c.live(40)
			}
			for range 120 {
				f, tenant := c.anyFilter(), crewTenants()[c.r.IntN(2)]
				got, want := idsOf(listed(t, c.s, tenant, f, 1+c.r.IntN(12))), c.list(tenant, f)
				if !slices.Equal(got, want) {
					t.Fatalf("%+v: got %v, want %v", f, got, want)
				}
			}
		})
	}
}

// TestListedCustomersAreWhole looks at everything that a list says of customers.
func TestListedCustomersAreWhole(t *testing.T) {
	t.Parallel()
	c := newCrew(t, open(t), 7)
	for range 200 {
		c.live(20)
	}
	for _, m := range c.members { // nobody is due, so that the revision is that of the standing
		c.stand(m)
	}
	for _, order := range []store.CustomerOrder{store.ByCreation, store.ByCMI, store.ByVelocity} {
		for _, got := range listed(t, c.s, "acme", store.CustomerFilter{Order: order}, 7) {
			i := slices.IndexFunc(c.members, func(m *crewman) bool {
				return m.tenant == "acme" && m.id == got.Profile.GetCustomerId()
			})
			want := c.members[i]
			if !proto.Equal(got.Profile, want.profile) {
				t.Errorf("got the profile %v, want %v", got.Profile, want.profile)
			}
			if said(got.Standing) != said(want.standing) {
				t.Errorf("%s: got the standing %s, want %s", want.id, said(got.Standing), said(want.standing))
			}
		}
	}
}

// said is a standing in words, with figures in place of pointers.
func said(s store.Standing) string {
	figure := func(x *float64) string {
		if x == nil {
			return "none"
		}
		return fmt.Sprint(*x)
	}
	cmi, velocity, p := figure(s.CMI), figure(s.Velocity), figure(s.PValue)
	s.CMI, s.Velocity, s.PValue = nil, nil, nil
	return fmt.Sprintf("%+v cmi %s velocity %s p %s", s, cmi, velocity, p)
}

func TestListsOfNothing(t *testing.T) {
	t.Parallel()
	c := newCrew(t, open(t), 1)
	c.put(&crewman{tenant: "acme", id: "ann"})
	for _, test := range []struct {
		tenant string
		filter store.CustomerFilter
		limit  int
	}{
		{"nobody", store.CustomerFilter{}, 10},
		{"acme", store.CustomerFilter{}, 0},
		{"acme", store.CustomerFilter{}, -1},
		{"acme", store.CustomerFilter{AccountID: "none"}, 10},
		{"acme", store.CustomerFilter{StableBucket: 9}, 10},
		{"acme", store.CustomerFilter{After: &store.CustomerCursor{Key: 1 << 62}}, 10},
	} {
		page, err := c.s.ListCustomers(t.Context(), test.tenant, test.filter, test.limit)
		if err != nil || len(page.Customers) > 0 || page.Next != nil {
			t.Errorf("%+v: got %v, %v; want nothing", test, page, err)
		}
	}
}

// sixty is a crew of customers with CMIs from 0 to 59, of whom every third falls and the others rise.
func sixty(t *testing.T, p patience) *crew {
	t.Helper()
	c := newCrew(t, open(t), 1)
	c.s.patience = p
	for i := range 60 {
		m := &crewman{tenant: "acme", id: fmt.Sprintf("c-%d", i)}
		c.putInto(m, "", map[string]string{fmt.Sprintf("rest-%d", i%2): "yes"})
		standing := store.Standing{
			Tenant: "acme", CustomerID: m.id, Revision: revisionOf(t, c.s, "acme", m.id), CMI: new(float64(i)),
			Direction: cmiv1.Direction_DIRECTION_RISING,
		}
		if i%3 == 0 {
			standing.Direction = cmiv1.Direction_DIRECTION_FALLING
		}
		if err := c.s.SaveStandings(t.Context(), []store.Standing{standing}); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// TestListsLookAtFewCustomers counts how far lists come that nobody matches: a bounded number of customers, and no more.
func TestListsLookAtFewCustomers(t *testing.T) {
	t.Parallel()
	c := sixty(t, patience{piece: 4, passed: 64, members: 0})
	for _, test := range []struct {
		filter      store.CustomerFilter
		least, most float64
	}{
		// With all classes merged, half of 64 of one class are looked at, and all sixty are of one: the 32nd has a CMI of 31.
		{store.CustomerFilter{Order: store.ByCMI, Bucket: cmiv1.Bucket_BUCKET_GROWTH}, 31, 31},
		{store.CustomerFilter{Order: store.ByCMI, Bucket: cmiv1.Bucket_BUCKET_GROWTH, Descending: true}, 28, 28},
		{store.CustomerFilter{Direction: cmiv1.Direction_DIRECTION_RISING, Bucket: cmiv1.Bucket_BUCKET_GROWTH}, 31, 31},
		// Of a label 16, who are every other customer.
		{store.CustomerFilter{Segments: []store.Segment{{Key: "rest-0", Value: "yes"}, {Key: "rest-1", Value: "yes"}}}, 30, 31},
	} {
		page, err := c.s.ListCustomers(t.Context(), "acme", test.filter, 10)
		if err != nil || len(page.Customers) > 0 || page.Next == nil {
			t.Fatalf("%+v: got %+v, %v; want nobody and a next page", test.filter, page, err)
		}
		at := page.Next.Value
		if test.filter.Order == store.ByCreation {
			at = float64(page.Next.Key - 1) // the first has seq 1
		}
		if at < test.least || at > test.most {
			t.Errorf("%+v: the list came to %v, want %v to %v", test.filter, at, test.least, test.most)
		}
	}
}
