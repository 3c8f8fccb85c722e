package storetest

import (
	"context"
	"fmt"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// furnish gives a tenant one of everything, with the same ids in every tenant and what tells the tenants apart.
func furnish(t *testing.T, s store.Store, tenant string) {
	t.Helper()
	q := version("first", 1, cmiv1.State_STATE_PUBLISHED)
	q.Title = "of " + tenant
	saveVersions(t, s, tenant, q)
	c := calibration("c-1", "first", 1, noon())
	c.N = int32(len(tenant))
	if err := s.SaveCalibration(t.Context(), tenant, c); err != nil {
		t.Fatalf("SaveCalibration: %v", err)
	}
	for _, id := range []string{"ann", "bob"} {
		put(t, s, tenant, profile(id, func(c *cmiv1.Customer) { c.AccountId, c.Etag = "home", "of "+tenant }))
	}
	// What only one tenant has is nobody else's.
	interact(t, s, tenant, interaction("of "+tenant, by("of "+tenant), doing("kind of "+tenant)))
	record(t, s, tenant, entry("x1", of("ann"), saying("as "+tenant), at(after(len(tenant)))), entry("x2", of("bob"), saying("as "+tenant)))
	interact(t, s, tenant, interaction("x1", by("ann"), when(after(len(tenant)))))
	conclude(t, s, tenant, outcome("x1", whose("ann"), dated(after(len(tenant)))))
	invite(t, s, tenant, invited("first", 0, 5, int32(1+len(tenant))))
	for i, id := range []string{"ann", "bob", "of " + tenant} {
		settle(t, s, standing(t, s, tenant, id, withCMI(float64(len(tenant)+i)), until(int64(len(tenant))), func(s *store.Standing) { s.Calibrated = i == 1 }))
	}
	furnishOperations(t, s, tenant)
}

func visitsThatWrite() []visit {
	return []visit{
		{method: "Record", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			outcomes, err := s.Record(ctx, tenant, []store.Entry{
				entry("x1", of("ann"), saying("as "+tenant), at(after(len(tenant)))), entry("x1", saying("as nobody")),
				entry("x3", of("cem"), saying("as "+tenant)),
			})
			return inTurn(outcomes, func(o store.Outcome) string { return fmt.Sprintf("result %d, score %s", o.Result, text(o.Score)) }), err
		}},
		{method: "RecordInteractions", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			return said(s.RecordInteractions(ctx, tenant, []*cmiv1.Interaction{
				interaction("x1", by("ann"), when(after(len(tenant)))), interaction("x1", by("bob")), interaction("x4", by("bob"), doing("kind of "+tenant)),
			}, noon()))
		}},
		{method: "RecordOutcomes", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			return said(s.RecordOutcomes(ctx, tenant, []*cmiv1.Outcome{
				outcome("x1", whose("ann"), dated(after(len(tenant)))), outcome("x1", whose("bob")), outcome("x4", whose("eve"), worth(float64(len(tenant)))),
			}, noon()))
		}},
		{method: "RecordInvitations", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			return said(s.RecordInvitations(ctx, tenant, []*cmiv1.Invitations{
				invited("first", 0, 5, int32(1+len(tenant))), invited("second", 0, 5, int32(2+len(tenant))),
			}))
		}},
		{method: "ChangeCustomers", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			given := ""
			errs, err := s.ChangeCustomers(ctx, tenant, []string{"ann", "dea"}, func(i int, have store.Profile) (*cmiv1.Customer, error) {
				given += text(have.Customer)
				return profile([]string{"ann", "dea"}[i], func(c *cmiv1.Customer) { c.AccountId, c.Etag = "home", "changed by "+tenant }), nil
			})
			return fmt.Sprint(given, errs), err
		}},
		{method: "Void", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			k, err := s.Void(ctx, tenant, "x1", after(len(tenant)), "reason of "+tenant)
			if err != nil {
				return "", err
			}
			return keptInWords(k), nil
		}},
		{method: "SaveCalibration", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			c := calibration("c-2", "first", 1, after(1))
			c.N = int32(len(tenant))
			return "", s.SaveCalibration(ctx, tenant, c)
		}},
		{method: "ChangeQuestionnaire", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			given := ""
			err := s.ChangeQuestionnaire(ctx, tenant, "first", func(versions []*cmiv1.Questionnaire) ([]*cmiv1.Questionnaire, error) {
				given = inTurn(versions, func(q *cmiv1.Questionnaire) string { return text(q) })
				q := version("first", 2, cmiv1.State_STATE_PUBLISHED)
				q.Title = "changed by " + tenant
				return []*cmiv1.Questionnaire{q}, nil
			})
			return given, err
		}},
		{method: "SaveStandings", call: saveAllStandings},
	}
}

// saveAllStandings leaves nobody of a tenant due.
func saveAllStandings(ctx context.Context, s store.Store, tenant string) (string, error) {
	all, err := walk(ctx, s, tenant, store.CustomerFilter{}, 10)
	if err != nil {
		return "", err
	}
	var standings []store.Standing
	for i, c := range all {
		facts, err := s.Facts(ctx, tenant, []string{c.Profile.GetCustomerId()}, everything())
		if err != nil {
			return "", err
		}
		made := c.Standing
		made.Revision, made.Until, made.Calibrated, made.Lifecycle = facts[0].Revision, store.Forever, i%2 == 0, cmiv1.Lifecycle_LIFECYCLE_NEW
		made.CMI = new(float64(10*len(tenant) + i))
		standings = append(standings, made)
	}
	return "", s.SaveStandings(ctx, standings)
}

// visitsThatMark come when nobody is due, so that it shows whom they mark.
func visitsThatMark() []visit {
	return []visit{
		{method: "MarkDue", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			return "", s.MarkDue(ctx, tenant, true)
		}},
		{method: "UseRules", global: true, call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			return "", s.UseRules(ctx, "rules of "+tenant)
		}},
	}
}

func visitsThatErase() []visit {
	return []visit{
		{method: "EraseCustomer", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			return said(s.EraseCustomer(ctx, tenant, "ann"))
		}},
		{method: "RemoveOperation", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			return said(s.RemoveOperation(ctx, tenant, "ended"))
		}},
		{method: "ExpireOperations", global: true, call: func(ctx context.Context, s store.Store, _ string) (string, error) {
			_, err := s.ExpireOperations(ctx, minute(4), 100)
			return "", err
		}},
		{method: "ClearOperations", global: true, call: func(ctx context.Context, s store.Store, _ string) (string, error) {
			n, err := s.ClearOperations(ctx, 2)
			for ; n > 0 && err == nil; n, err = s.ClearOperations(ctx, 2) {
			}
			return "", err
		}},
	}
}
