package storetest

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/customer-momentum/cmi/server/store"
)

// dues answers since when each customer is due who is at a time.
func (m *model) dues(at int64) map[store.Due]int64 {
	due := map[store.Due]int64{}
	for name, t := range m.tenants {
		for id, c := range t.customers {
			if c.due <= at && c.due != store.Forever {
				due[store.Due{Tenant: name, CustomerID: id}] = c.due
			}
		}
	}
	return due
}

func (m *model) Due(ctx context.Context, at int64, limit int) ([]store.Due, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return nil, err
	}
	due := m.dues(at)
	var first []store.Due
	for who := range due {
		first = append(first, who)
	}
	slices.SortFunc(first, func(a, b store.Due) int { return cmp.Compare(due[a], due[b]) })
	return first[:min(limit, len(first))], nil
}

func (m *model) Pending(ctx context.Context, tenant string, at int64, limit int) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return 0, err
	}
	n := 0
	for who := range m.dues(at) {
		if who.Tenant == tenant {
			n++
		}
	}
	return min(n, limit), nil
}

func (m *model) SaveStandings(ctx context.Context, standings []store.Standing) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return err
	}
	for _, s := range standings {
		if c := m.tenant(s.Tenant).customers[s.CustomerID]; c != nil && c.revision == s.Revision {
			s.CMI, s.Velocity, s.PValue = duplicate(s.CMI), duplicate(s.Velocity), duplicate(s.PValue)
			c.standing, c.due = s, s.Until
		}
	}
	return nil
}

// duplicate is a number that nobody else holds.
func duplicate(x *float64) *float64 {
	if x == nil {
		return nil
	}
	return new(*x)
}

func (m *model) MarkDue(ctx context.Context, tenant string, calibrated bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return err
	}
	m.mark(m.tenant(tenant), calibrated)
	return nil
}

// mark raises the revision of all: a standing that somebody is computing as things were before must not be saved after it.
func (m *model) mark(t *modelTenant, calibrated bool) {
	m.clock++
	for _, c := range t.customers {
		c.revision = m.clock
		if !calibrated || c.standing.Calibrated {
			c.due = changed
		}
	}
}

func (m *model) UseRules(ctx context.Context, rules string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return err
	}
	if m.rules == nil || *m.rules != rules {
		for _, t := range m.tenants {
			m.mark(t, false)
		}
	}
	m.rules = &rules
	return nil
}

func (m *model) MeanCMI(ctx context.Context, tenant string, g store.Group) (int, float64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return 0, 0, err
	}
	n, nanos := 0, 0.0 // whole numbers below 2^53, so that the sum is exact in any order
	for _, c := range m.tenant(tenant).customers {
		if c.standing.CMI != nil && c.within(g) {
			n++
			nanos += math.Round(*c.standing.CMI * 1e9)
		}
	}
	return n, nanos / 1e9 / float64(max(n, 1)), nil
}

func (c *modelCustomer) within(g store.Group) bool {
	if g.Segment.Key != "" {
		return c.profile.GetSegments()[g.Segment.Key] == g.Segment.Value
	}
	return c.standing.Lifecycle == g.Lifecycle
}
