package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func profilesRead(t *testing.T, s store.Store) {
	record(t, s, "acme", entry("r-1", of("responded")))
	put(t, s, "acme", profile("saved"))
	ids := []string{"nobody", "responded", "saved", "Saved"}
	have := map[string]store.Profile{}
	for i, err := range change(t, s, "acme", ids, func(i int, p store.Profile) (*cmiv1.Customer, error) {
		have[ids[i]] = p
		return nil, nil
	}) {
		if err != nil {
			t.Errorf("%q: got %v, want no error", ids[i], err)
		}
	}
	for id, want := range map[string]*cmiv1.Customer{
		"nobody": nil, "Saved": nil, "saved": profile("saved"), "responded": created("responded", noon().Add(time.Millisecond)),
	} {
		same(t, "profile of "+id, have[id].Customer, want)
		if have[id].Erased {
			t.Errorf("%q is said to be erased", id)
		}
	}
	if f := factsOf(t, s, "acme", "nobody", everything()); f != nil {
		t.Errorf("saving nothing created a customer: %v", f)
	}
	if got := change(t, s, "acme", nil, func(int, store.Profile) (*cmiv1.Customer, error) { panic("nobody to change") }); len(got) != 0 {
		t.Errorf("of nobody: got %v", got)
	}
}

// profilesReplaced: what is saved replaces the whole, however long or short it is.
func profilesReplaced(t *testing.T, s store.Store) {
	for i, segments := range []int{0, 1, 50, 2, 0, 200, 50, 51, 49, 0} {
		c := profile("ann", func(c *cmiv1.Customer) {
			c.Etag = fmt.Sprint("etag ", i)
			c.Segments = map[string]string{}
			for n := range segments {
				c.Segments[fmt.Sprintf("key-%d", n)] = strings.Repeat("é", n)
			}
		})
		put(t, s, "acme", c)
		same(t, "profile", profileOf(t, s, "acme", "ann").Customer, c)
		same(t, "profile among the facts", factsOf(t, s, "acme", "ann", noon()).Profile, c)
		same(t, "listed profile", customers(t, s, "acme", store.CustomerFilter{}, 2)[0].Profile, c)
	}
	put(t, s, "acme", &cmiv1.Customer{CustomerId: "ann"})
	same(t, "profile", profileOf(t, s, "acme", "ann").Customer, &cmiv1.Customer{CustomerId: "ann"})
}

// profilesRefused: an error refuses one customer alone, is answered as it is at its place, and nothing of theirs is saved.
func profilesRefused(t *testing.T, s store.Store) {
	put(t, s, "acme", profile("known"))
	ids := []string{"new", "refused", "known", "skipped", "also-new"}
	refused, other := errors.New("refused"), errors.New("refused too")
	refusals := change(t, s, "acme", ids, func(i int, _ store.Profile) (*cmiv1.Customer, error) {
		save := profile(ids[i], func(c *cmiv1.Customer) { c.Etag = "changed" })
		switch ids[i] {
		case "refused":
			return save, refused
		case "known":
			return save, other
		case "skipped":
			return nil, nil
		}
		return save, nil
	})
	for i, want := range []error{nil, refused, other, nil, nil} {
		if refusals[i] != want { //nolint:errorlint // it is answered as it is, not wrapped
			t.Errorf("%q: got %v, want %v", ids[i], refusals[i], want)
		}
	}
	for id, want := range map[string]string{"new": "changed", "refused": "", "known": "etag-known", "skipped": "", "also-new": "changed"} {
		if got := profileOf(t, s, "acme", id).Customer.GetEtag(); got != want {
			t.Errorf("%q: the etag is %q, want %q", id, got, want)
		}
	}
}

// profilesChangedTogether has each caller add one to the same numbers, in other orders, while responses and interactions of
// the same customers come in: nothing is lost.
func profilesChangedTogether(t *testing.T, s store.Store) {
	ids := []string{"ann", "bob", "cem"}
	together(changers, func(caller int) {
		mine := append(append([]string{}, ids[caller%3:]...), ids[:caller%3]...)
		refusals, err := s.ChangeCustomers(t.Context(), "acme", mine, func(i int, have store.Profile) (*cmiv1.Customer, error) {
			save := &cmiv1.Customer{CustomerId: mine[i], Spend: &cmiv1.Spend{Amount: proto.Float64(have.Customer.GetSpend().GetAmount() + 1)}}
			return save, nil
		})
		if err = errors.Join(append(refusals, err)...); err != nil {
			t.Errorf("ChangeCustomers: %v", err)
		}
		id := fmt.Sprint(caller)
		record(t, s, "acme", entry(id, of(ids[caller%3])))
		interact(t, s, "acme", interaction(id, by(ids[caller%3])))
	})
	for i, id := range ids {
		f := factsOf(t, s, "acme", id, everything())
		if got := f.Profile.GetSpend().GetAmount(); got != changers {
			t.Errorf("%q counts %v, want %d", id, got, changers)
		}
		want := (changers - i + 2) / 3
		if len(f.Points) != want || len(f.Interactions) != want {
			t.Errorf("%q has %d points and %d interactions, want %d", id, len(f.Points), len(f.Interactions), want)
		}
	}
	if got := len(customers(t, s, "acme", store.CustomerFilter{}, 10)); got != len(ids) {
		t.Errorf("%d customers are listed, want %d", got, len(ids))
	}
}

// profilesStartOnce has callers create a customer at the same time in each way: there is one.
func profilesStartOnce(t *testing.T, s store.Store) {
	together(callers, func(i int) {
		switch id := fmt.Sprint(i); i % 3 {
		case 0:
			record(t, s, "acme", entry(id, of("ann")))
		case 1:
			interact(t, s, "acme", interaction(id, by("ann")))
		default:
			put(t, s, "acme", profile("ann"))
		}
	})
	if got := who(customers(t, s, "acme", store.CustomerFilter{}, 10)); len(got) != 1 || got[0] != "ann" {
		t.Errorf("%q are listed, want ann alone", got)
	}
	same(t, "profile", profileOf(t, s, "acme", "ann").Customer, profile("ann"))
}

func profilesPanic(t *testing.T, s store.Store) {
	put(t, s, "acme", profile("ann"))
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic of change did not reach its caller")
			}
		}()
		_, _ = s.ChangeCustomers(t.Context(), "acme", []string{"bob", "ann"}, func(int, store.Profile) (*cmiv1.Customer, error) { panic("a fault in change") })
	}()
	put(t, s, "acme", profile("ann"), profile("bob"))
	record(t, s, "acme", entry("r-1", of("ann")))
	same(t, "profile", profileOf(t, s, "acme", "ann").Customer, profile("ann"))
}

func profilesCancelledWithin(t *testing.T, s store.Store) {
	within, cancel := context.WithCancel(t.Context())
	_, err := s.ChangeCustomers(within, "acme", []string{"ann"}, func(int, store.Profile) (*cmiv1.Customer, error) {
		cancel()
		return profile("ann"), nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled within change: got %v", err)
	}
	if have := profileOf(t, s, "acme", "ann"); have.Customer != nil {
		t.Errorf("a call that was cancelled within change saved %v", have.Customer)
	}
}

// profileMessages: saved ones may be changed afterwards, and are not changed; those that a change is given, and those that
// are answered, belong to the caller.
func profileMessages(t *testing.T, s store.Store) {
	given := profile("ann")
	put(t, s, "acme", given)
	same(t, "given profile", given, profile("ann"))
	scribble := func(c *cmiv1.Customer) {
		t.Helper()
		c.AccountId, c.Etag, c.Spend.Amount = "scribbled", "scribbled", nil
		c.Segments["country"] = "scribbled"
		c.CreatedAt.Seconds++
		same(t, "profile", profileOf(t, s, "acme", "ann").Customer, profile("ann"))
		same(t, "profile among the facts", factsOf(t, s, "acme", "ann", noon()).Profile, profile("ann"))
		same(t, "listed profile", customers(t, s, "acme", store.CustomerFilter{AccountID: "household-7"}, 2)[0].Profile, profile("ann"))
	}
	scribble(given)
	scribble(profileOf(t, s, "acme", "ann").Customer)
	scribble(factsOf(t, s, "acme", "ann", noon()).Profile)
	scribble(customers(t, s, "acme", store.CustomerFilter{}, 2)[0].Profile)
}
