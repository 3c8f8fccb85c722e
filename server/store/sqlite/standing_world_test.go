package sqlite

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// crew is customers of two tenants with the same ids, as they should stand in a store.
type crew struct {
	t       *testing.T
	s       *Store
	r       *rand.Rand
	members []*crewman // in the order in which they were first seen
}

// crewman is a customer. The profile is nil once they were erased.
type crewman struct {
	tenant, id string
	profile    *cmiv1.Customer
	standing   store.Standing
}

func newCrew(t *testing.T, s *Store, seed uint64) *crew {
	return &crew{t: t, s: s, r: rand.New(rand.NewPCG(seed, 0))}
}

func crewTenants() []string { return []string{"acme", "zeta"} }

// anyone is one of a number of customers of either tenant, known or not.
func (c *crew) anyone(of int) *crewman {
	tenant, id := crewTenants()[c.r.IntN(2)], fmt.Sprintf("customer-%d", c.r.IntN(of))
	for _, m := range c.members {
		if m.tenant == tenant && m.id == id {
			return m
		}
	}
	return &crewman{tenant: tenant, id: id}
}

// put saves a profile with labels of which many are shared.
func (c *crew) put(m *crewman) {
	c.t.Helper()
	account, segments := "", map[string]string{}
	if n := c.r.IntN(4); n > 0 {
		account = fmt.Sprintf("account-%d", n)
	}
	for _, key := range []string{"country", "plan"} {
		if n := c.r.IntN(4); n > 0 {
			segments[key] = fmt.Sprintf("value-%d", n)
		}
	}
	c.putInto(m, account, segments)
}

// putInto saves a profile with certain labels.
func (c *crew) putInto(m *crewman, account string, segments map[string]string) {
	c.t.Helper()
	profile := &cmiv1.Customer{
		CustomerId: m.id, CreatedAt: timestamppb.New(time.Unix(1, 0)), AccountId: account, Segments: segments,
	}
	errs, err := c.s.ChangeCustomers(c.t.Context(), m.tenant, []string{m.id},
		func(int, store.Profile) (*cmiv1.Customer, error) { return profile, nil })
	if err != nil || errs[0] != nil {
		c.t.Fatalf("ChangeCustomers: %v, %v", err, errs)
	}
	c.know(m)
	m.profile = profile
}

// know adds a customer who is new to the crew.
func (c *crew) know(m *crewman) {
	for _, known := range c.members {
		if known == m {
			return
		}
	}
	c.members = append(c.members, m)
}

// stand saves a standing that follows from the facts as they are.
func (c *crew) stand(m *crewman) {
	c.t.Helper()
	if m.profile == nil {
		return
	}
	s := c.standing(m)
	s.Revision = revisionOf(c.t, c.s, m.tenant, m.id)
	if err := c.s.SaveStandings(c.t.Context(), []store.Standing{s}); err != nil {
		c.t.Fatalf("SaveStandings: %v", err)
	}
	m.standing = s
}

// standStale saves a standing that follows from what no longer holds.
func (c *crew) standStale(m *crewman) {
	c.t.Helper()
	s := c.standing(m)
	if m.profile != nil {
		s.Revision = revisionOf(c.t, c.s, m.tenant, m.id) - 1
	}
	if err := c.s.SaveStandings(c.t.Context(), []store.Standing{s}); err != nil {
		c.t.Fatalf("SaveStandings: %v", err)
	}
}

// standing makes one with figures of which many are equal.
func (c *crew) standing(m *crewman) store.Standing {
	s := store.Standing{
		Tenant: m.tenant, CustomerID: m.id, Until: store.Forever, Calibrated: c.r.IntN(2) == 0,
		Lifecycle: cmiv1.Lifecycle(c.r.IntN(4)), Bucket: cmiv1.Bucket(c.r.IntN(4)), StableBucket: cmiv1.Bucket(c.r.IntN(4)),
		Direction: cmiv1.Direction(c.r.IntN(5)),
	}
	if c.r.IntN(4) > 0 {
		s.CMI = new([]float64{0, 0.1, 33.333333333, 50, 50, 50, 99.999999999, 100, math.Round(c.r.Float64()*1e11) / 1e9}[c.r.IntN(9)])
	}
	if c.r.IntN(3) > 0 {
		s.Velocity = new([]float64{0, 0, 0, -1.5, 2, c.r.NormFloat64()}[c.r.IntN(6)])
	}
	if c.r.IntN(2) > 0 {
		s.PValue = new([]float64{0.001, 0.01, 0.05, c.r.Float64()}[c.r.IntN(4)])
	}
	return s
}

// erase erases a customer, known or not.
func (c *crew) erase(m *crewman) {
	c.t.Helper()
	if m.profile == nil {
		return
	}
	if _, err := c.s.EraseCustomer(c.t.Context(), m.tenant, m.id); err != nil {
		c.t.Fatalf("EraseCustomer: %v", err)
	}
	m.profile, m.standing = nil, store.Standing{}
}

// live does something at random to one of a number of customers.
func (c *crew) live(of int) {
	c.t.Helper()
	m := c.anyone(of)
	switch n := c.r.IntN(20); {
	case n < 8:
		c.put(m)
	case n < 17:
		c.stand(m)
	case n < 18:
		c.standStale(m)
	default:
		c.erase(m)
	}
}

// revisionOf reads the revision of a customer who is known.
func revisionOf(t *testing.T, s *Store, tenant, id string) int64 {
	t.Helper()
	facts, err := s.Facts(t.Context(), tenant, []string{id}, time.Now())
	if err != nil || facts[0] == nil {
		t.Fatalf("Facts of %s: %v, %v", id, facts, err)
	}
	return facts[0].Revision
}
