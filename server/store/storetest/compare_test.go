package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// faulty is a model that is broken in one way: after is told of each write that was answered, and may spoil what is kept.
type faulty struct {
	*model
	after func(m *model, method, tenant string)
}

func (f faulty) spoil(method, tenant string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.after(f.model, method, tenant)
}

func (f faulty) Record(ctx context.Context, tenant string, entries []store.Entry) ([]store.Outcome, error) {
	defer f.spoil("Record", tenant)
	return f.model.Record(ctx, tenant, entries)
}

func (f faulty) Void(ctx context.Context, tenant, id string, at time.Time, reason string) (*store.Kept, error) {
	defer f.spoil("Void", tenant)
	return f.model.Void(ctx, tenant, id, at, reason)
}

func (f faulty) RecordInteractions(ctx context.Context, tenant string, all []*cmiv1.Interaction, at time.Time) ([]store.Result, error) {
	defer f.spoil("RecordInteractions", tenant)
	return f.model.RecordInteractions(ctx, tenant, all, at)
}

func (f faulty) RecordOutcomes(ctx context.Context, tenant string, all []*cmiv1.Outcome, at time.Time) ([]store.Result, error) {
	defer f.spoil("RecordOutcomes", tenant)
	return f.model.RecordOutcomes(ctx, tenant, all, at)
}

func (f faulty) RecordInvitations(ctx context.Context, tenant string, all []*cmiv1.Invitations) (int, error) {
	defer f.spoil("RecordInvitations", tenant)
	return f.model.RecordInvitations(ctx, tenant, all)
}

func (f faulty) ChangeCustomers(ctx context.Context, tenant string, ids []string,
	change func(int, store.Profile) (*cmiv1.Customer, error),
) ([]error, error) {
	defer f.spoil("ChangeCustomers", tenant)
	return f.model.ChangeCustomers(ctx, tenant, ids, change)
}

func (f faulty) EraseCustomer(ctx context.Context, tenant, id string) (store.Erasure, error) {
	defer f.spoil("EraseCustomer", tenant)
	return f.model.EraseCustomer(ctx, tenant, id)
}

func (f faulty) SaveStandings(ctx context.Context, standings []store.Standing) error {
	defer f.spoil("SaveStandings", "acme")
	return f.model.SaveStandings(ctx, standings)
}

// faults are ways to break a promise, each of which a comparison must notice.
func faults() map[string]func(m *model, method, tenant string) {
	after := func(method string, do func(m *model, t *modelTenant)) func(*model, string, string) {
		return func(m *model, called, tenant string) {
			if called == method {
				do(m, m.tenant(tenant))
			}
		}
	}
	return map[string]func(m *model, method, tenant string){
		"an erased response may come back": after("EraseCustomer", func(_ *model, t *modelTenant) { clear(t.erased.responses) }),
		"an erased interaction may come back": after("EraseCustomer", func(_ *model, t *modelTenant) {
			clear(t.erased.interactions)
		}),
		"an erased outcome may come back": after("EraseCustomer", func(_ *model, t *modelTenant) { clear(t.erased.outcomes) }),
		"an outcome is news of a customer": after("RecordOutcomes", func(m *model, t *modelTenant) {
			for _, o := range t.outcomes {
				m.touch(t, o.GetCustomerId(), nil)
			}
		}),
		"the kind of an outcome is lost": after("RecordOutcomes", func(_ *model, t *modelTenant) {
			for _, o := range t.outcomes {
				o.Kind = cmiv1.OutcomeKind_OUTCOME_RENEWED
			}
		}),
		"invitations are added up": after("RecordInvitations", func(_ *model, t *modelTenant) {
			for p := range t.invitations {
				t.invitations[p] *= 2
			}
		}),
		"an erased customer is not remembered": after("EraseCustomer", func(_ *model, t *modelTenant) { clear(t.erased.customers) }),
		"an erased customer stays erased":      after("Record", func(_ *model, t *modelTenant) { t.erased.customers["ann"] = true }),
		"an erasure reaches other tenants": func(m *model, method, tenant string) {
			if method == "EraseCustomer" && tenant == "acme" {
				delete(m.tenant("globex").responses, "x1")
			}
		},
		"a void mark makes nobody due": after("Void", func(_ *model, t *modelTenant) {
			for _, c := range t.customers {
				if c.standing.CustomerID != "" {
					c.due = max(c.due, c.standing.Until)
				}
			}
		}),
		"an interaction makes nobody due": after("RecordInteractions", func(_ *model, t *modelTenant) {
			for _, c := range t.customers {
				if c.standing.CustomerID != "" {
					c.due = max(c.due, c.standing.Until)
				}
			}
		}),
		"standings hold forever": after("SaveStandings", func(_ *model, t *modelTenant) {
			for _, c := range t.customers {
				if c.due != changed {
					c.due = store.Forever
				}
			}
		}),
		"the p-value is lost": after("SaveStandings", func(_ *model, t *modelTenant) {
			for _, c := range t.customers {
				c.standing.PValue = nil
			}
		}),
		"a profile loses a segment": after("ChangeCustomers", func(_ *model, t *modelTenant) {
			for _, c := range t.customers {
				delete(c.profile.GetSegments(), "plan")
			}
		}),
		"a customer who is created is last for ever": after("Record", func(_ *model, t *modelTenant) {
			for _, c := range t.customers {
				c.shown = -c.place
			}
		}),
		"a revision falls": after("ChangeCustomers", func(_ *model, t *modelTenant) {
			for _, c := range t.customers {
				c.revision = -c.revision
			}
		}),
	}
}

// TestCompareNoticesFaults: whatever is broken shows within a few seeds, and is told with few operations.
func TestCompareNoticesFaults(t *testing.T) {
	t.Parallel()
	for name, after := range faults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fails := func(steps []step) bool { return play(t.Context(), faulty{newModel(), after}, steps) != nil }
			for seed := range uint64(seeds) {
				steps := history(seed, 80)
				if !fails(steps) {
					continue
				}
				steps = shrink(steps, fails)
				if !fails(steps) || len(steps) > 6 {
					t.Errorf("shrunk to %d operations:\n%s", len(steps), inLines(steps))
				}
				return
			}
			t.Error("no seed of the suite notices")
		})
	}
}

// TestShrink: of many steps those two are left that matter, in their order, and of a batch the one entry.
func TestShrink(t *testing.T) {
	t.Parallel()
	steps := history(1, 60)
	batch := recording{"acme", []givenResponse{{ID: "x1"}, {ID: "bad"}, {ID: "x2"}}}
	steps[17].operation = erasing{"acme", "first"}
	steps[41].operation = batch
	got := shrink(slices.Clone(steps), func(fewer []step) bool {
		words := inLines(fewer)
		first, second := strings.Index(words, "ID:first"), strings.Index(words, "ID:bad")
		return first >= 0 && second > first
	})
	want := fmt.Sprintf("  1. %T%+v\n  2. %T%+v\n", erasing{}, steps[17].operation, batch, recording{"acme", batch.Entries[1:2]})
	if inLines(got) != want {
		t.Errorf("got\n%s, want\n%s", inLines(got), want)
	}
}

// TestDueInOrder: those who are due for longer come first, none twice, and none who is not.
func TestDueInOrder(t *testing.T) {
	t.Parallel()
	ann, bob, cem := store.Due{CustomerID: "ann"}, store.Due{CustomerID: "bob"}, store.Due{CustomerID: "cem"}
	since := map[store.Due]int64{ann: 2, bob: 1, cem: 2}
	for _, c := range []struct {
		got   []store.Due
		limit int
		fine  bool
	}{
		{[]store.Due{bob, ann, cem}, 3, true}, {[]store.Due{bob, cem, ann}, 9, true}, {[]store.Due{bob, cem}, 2, true}, {nil, 0, true},
		{[]store.Due{ann, bob, cem}, 3, false}, {[]store.Due{ann}, 1, false}, {[]store.Due{bob}, 2, false}, {[]store.Due{bob, ann, ann}, 3, false},
		{[]store.Due{bob, ann, {CustomerID: "dea"}}, 3, false}, {[]store.Due{bob, ann, cem}, 2, false},
	} {
		if err := dueInOrder(c.got, since, c.limit); (err == nil) != c.fine {
			t.Errorf("%v of %d: got %v", c.got, c.limit, err)
		}
	}
}
