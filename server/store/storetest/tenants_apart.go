package storetest

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// visit calls one method for a tenant, and says in words what it answered.
type visit struct {
	method string
	call   func(ctx context.Context, s store.Store, tenant string) (string, error)
	// global says that it is for all tenants at once.
	global bool
}

// said puts an answer in words.
func said[T any](answer T, err error) (string, error) { return fmt.Sprintf("%+v", answer), err }

// visits calls every method, each with the same ids for every tenant and with what tells the tenants apart. Reads come
// first, and what takes things away comes last.
func visits() []visit {
	return slices.Concat(visitsThatRead(), visitsOfOperations(), visitsOfHistories(), visitsThatWrite(), visitsThatWork(), visitsThatMark(), visitsThatErase())
}

func visitsThatRead() []visit {
	return []visit{
		{method: "Questionnaire", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			q, err := s.Questionnaire(ctx, tenant, "first", 0)
			return text(q), err
		}},
		{method: "ListQuestionnaires", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			page, err := s.ListQuestionnaires(ctx, tenant, store.QuestionnaireFilter{AllVersions: true}, 10)
			return inTurn(page, func(q *cmiv1.Questionnaire) string { return text(q) }), err
		}},
		{method: "ListCalibrations", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			page, err := s.ListCalibrations(ctx, tenant, store.CalibrationFilter{QuestionnaireID: "first"}, 10)
			return inTurn(page, func(k store.KeptCalibration) string { return text(k.Calibration) }), err
		}},
		{method: "Response", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			k, err := s.Response(ctx, tenant, "x1")
			if err != nil {
				return "", err
			}
			return keptInWords(k), nil
		}},
		{method: "ListResponses", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			page, err := s.ListResponses(ctx, tenant, store.ResponseFilter{CustomerID: "ann"}, 10)
			return inTurn(page, keptInWords), err
		}},
		{method: "ListInteractions", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			page, err := s.ListInteractions(ctx, tenant, store.InteractionFilter{CustomerID: "ann"}, 10)
			return inTurn(page, func(k store.KeptInteraction) string { return text(k.Interaction) }), err
		}},
		{method: "ListOutcomes", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			page, err := s.ListOutcomes(ctx, tenant, store.OutcomeFilter{}, 10)
			return inTurn(page, func(k store.KeptOutcome) string { return text(k.Outcome) }), err
		}},
		{method: "InvitationsWithin", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			all, err := s.InvitationsWithin(ctx, tenant, time.Time{}, time.Time{}, 10)
			return invitationsInWords(all), err
		}},
		{method: "Doings", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			all, err := s.Doings(ctx, tenant, []store.Ask{
				{CustomerID: "ann", Kinds: []string{"visit"}, After: math.MinInt64, UpTo: math.MaxInt64},
				{CustomerID: "ann", Kinds: []string{"kind of " + tenant}, After: math.MinInt64, UpTo: math.MaxInt64},
				{CustomerID: "ann", Kinds: []string{"kind of acme", "kind of globex"}, After: math.MinInt64, UpTo: math.MaxInt64},
			})
			return inTurn(all, doingsInWords), err
		}},
		{method: "Profiles", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			all, err := s.Profiles(ctx, tenant, []string{"of globex", "bob", "of acme", "ann", "nobody"})
			return inTurn(all, func(c *cmiv1.Customer) string { return text(c) }), err
		}},
		{method: "Facts", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			all, err := s.Facts(ctx, tenant, []string{"ann", "bob", "of " + tenant}, everything())
			return inTurn(all, factsInWords), err
		}},
		{method: "Due", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			all, err := s.Due(ctx, store.Forever-1, 1000)
			all = slices.DeleteFunc(all, func(d store.Due) bool { return d.Tenant != tenant })
			slices.SortFunc(all, func(a, b store.Due) int { return strings.Compare(a.CustomerID, b.CustomerID) })
			return said(all, err)
		}},
		{method: "Pending", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			return said(s.Pending(ctx, tenant, store.Forever-1, 1000))
		}},
		{method: "ListCustomers", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			all, err := walk(ctx, s, tenant, store.CustomerFilter{AccountID: "home", Segments: []store.Segment{{Key: "plan", Value: "gold"}}}, 10)
			return inTurn(all, listedInWords), err
		}},
		{method: "MeanCMI", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			n, mean, err := s.MeanCMI(ctx, tenant, store.Group{Segment: store.Segment{Key: "plan", Value: "gold"}})
			return fmt.Sprintf("%d, mean %.6f", n, mean), err
		}},
	}
}

// inTurn says each.
func inTurn[T any](all []T, say func(T) string) string {
	words := ""
	for _, one := range all {
		words += "\n    " + say(one)
	}
	return words
}

// tenantsApart has tenants use the same ids. For each there is a model that knows this tenant alone; whatever is called for
// one tenant, each must read on as its own model does.
func tenantsApart(t *testing.T, s store.Store) {
	alone := map[string]store.Store{}
	for _, unknown := range []string{"nobody's", "Acme", "acme "} {
		alone[unknown] = newModel()
	}
	tenants := []string{"acme", "globex", ""}
	for _, tenant := range tenants {
		alone[tenant] = newModel()
		furnish(t, s, tenant)
		furnish(t, alone[tenant], tenant)
	}
	readApart := func(after string, tenants ...string) {
		t.Helper()
		for _, tenant := range tenants {
			if difference := read(t.Context(), s, tenant, 1).differs(read(t.Context(), alone[tenant], tenant, 1)); difference != "" {
				t.Fatalf("after %s: %s", after, difference)
			}
		}
	}
	readApart("furnishing", tenants...)
	var rows []string
	for _, v := range visits() {
		rows = append(rows, v.method)
		for _, tenant := range tenants {
			visitBoth(t, s, alone, v, tenant)
			if tenant != "" {
				readApart(fmt.Sprintf("%s of %q", v.method, tenant), tenants...)
			}
		}
	}
	readApart("all", slices.Collect(maps.Keys(alone))...)
	covers(t, rows, "Ping", "Close", "Watch", "WorkJobs")
}

// visitBoth calls a method of the store and of the tenant's own model, or of all models where it is for all tenants.
func visitBoth(t *testing.T, s store.Store, alone map[string]store.Store, v visit, tenant string) {
	t.Helper()
	got, err := v.call(t.Context(), s, tenant)
	if err != nil {
		t.Errorf("%s of %q: %v", v.method, tenant, err)
	}
	for name, model := range alone {
		if name != tenant && !v.global {
			continue
		}
		if want, err := v.call(t.Context(), model, tenant); got != want || err != nil {
			t.Errorf("%s of %q: got %s, want %s, %v", v.method, tenant, got, want, err)
		}
	}
}
