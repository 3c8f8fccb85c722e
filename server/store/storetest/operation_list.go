package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// operations reads a page of operations.
func operations(t *testing.T, s store.Store, tenant string, f store.OperationFilter, limit int) []store.Operation {
	t.Helper()
	page, err := s.ListOperations(t.Context(), tenant, f, limit)
	if err != nil {
		t.Fatalf("ListOperations: %v", err)
	}
	return page
}

func operationIDs(page []store.Operation) []string {
	ids := []string{}
	for _, o := range page {
		ids = append(ids, o.ID)
	}
	return ids
}

// open names the operations that have not ended, as tenant/id.
func open(t *testing.T, s store.Store, limit int) []string {
	t.Helper()
	all, err := s.OpenOperations(t.Context(), limit)
	if err != nil {
		t.Fatalf("OpenOperations: %v", err)
	}
	var names []string
	for _, o := range all {
		names = append(names, o.Tenant+"/"+o.ID)
	}
	return names
}

// allStates starts operations of two tenants in turn and leaves each in another state; it answers those of acme, the latest
// started first.
func allStates(t *testing.T, s store.Store) []store.Operation {
	t.Helper()
	var all []store.Operation
	for i := range 14 {
		tenant, id := []string{"acme", "globex"}[i%2], fmt.Sprintf("op-%02d", i)
		// Times are of no concern to the order.
		op := begin(t, s, tenant, store.OperationStart{ID: id, Kind: "recompute", At: minute(100 - i)})
		switch i / 2 % 4 {
		case 1:
			op = plan(t, s, op.Key, pieces(1, 2), minute(200))
		case 2:
			plan(t, s, op.Key, pieces(1, 2), minute(200))
			save(t, s, op.Key, 1, "part", minute(201))
			op = end(t, s, op.Key, isSucceeded, "outcome of "+id, minute(202-i))
		case 3:
			op = end(t, s, op.Key, isCancelled, "", minute(202-i))
		}
		if tenant == "acme" {
			all = append(all, op)
		}
	}
	slices.Reverse(all)
	return all
}

func operationsListed(t *testing.T, s store.Store) {
	if all := operations(t, s, "acme", store.OperationFilter{}, 10); len(all) != 0 {
		t.Errorf("an empty store lists %q", operationIDs(all))
	}
	all := allStates(t, s)
	for name, f := range map[string]store.OperationFilter{"all": {}, "ended": {Ended: new(true)}, "open": {Ended: new(false)}} {
		var want []store.Operation
		for _, o := range all {
			if f.Ended == nil || *f.Ended == ended(o.State) {
				want = append(want, o)
			}
		}
		whole := operations(t, s, "acme", f, 100)
		sameWords(t, name, operationIDs(whole), operationIDs(want)...)
		for i := range min(len(whole), len(want)) {
			if operationInWords(whole[i]) != operationInWords(want[i]) || whole[i].Key != want[i].Key {
				t.Errorf("%s, place %d: got %s, want %s", name, i, operationInWords(whole[i]), operationInWords(want[i]))
			}
		}
		for limit := 1; limit <= len(want)+1; limit++ {
			sameWords(t, fmt.Sprintf("%s in pages of %d", name, limit), pagesOfOperations(t, s, f, limit), operationIDs(want)...)
		}
		if page := operations(t, s, "acme", f, 0); len(page) != 0 {
			t.Errorf("%s: a limit of 0 lists %d", name, len(page))
		}
	}
	for _, tenant := range []string{"Acme", "acme ", ""} {
		if page := operations(t, s, tenant, store.OperationFilter{}, 10); len(page) != 0 {
			t.Errorf("%q lists %q", tenant, operationIDs(page))
		}
	}
}

// pagesOfOperations starts a new one after the first page, which is of no concern to the pages that follow.
func pagesOfOperations(t *testing.T, s store.Store, f store.OperationFilter, limit int) []string {
	t.Helper()
	ids := []string{}
	f.After = 0
	for {
		page := operations(t, s, "acme", f, limit)
		if len(page) > limit {
			t.Fatalf("a page of %d is longer than the limit of %d", len(page), limit)
		}
		if f.After != 0 && len(page) > 0 && page[0].Key >= f.After {
			t.Fatalf("a page starts at %d, not behind its cursor %d", page[0].Key, f.After)
		}
		ids = append(ids, operationIDs(page)...)
		if len(page) < limit {
			return ids
		}
		if f.After == 0 {
			end(t, s, begin(t, s, "acme", ofID("meanwhile")).Key, isFailed, "", minute(300))
			defer remove(t, s, "acme", "meanwhile")
		}
		f.After = page[len(page)-1].Key
	}
}

// operationsOpen: those of all tenants, the first started first.
func operationsOpen(t *testing.T, s store.Store) {
	sameWords(t, "open in an empty store", open(t, s, 10))
	allStates(t, s)
	want := []string{
		"acme/op-00", "globex/op-01", "acme/op-02", "globex/op-03", "acme/op-08", "globex/op-09", "acme/op-10", "globex/op-11",
	}
	for limit := range len(want) + 2 {
		sameWords(t, fmt.Sprintf("up to %d", limit), open(t, s, limit), want[:min(limit, len(want))]...)
	}
	all, err := s.OpenOperations(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		sameOperation(t, s, "open", o, o)
		end(t, s, o.Key, isCancelled, "", minute(300))
	}
	sameWords(t, "open once all have ended", open(t, s, 10))
}
