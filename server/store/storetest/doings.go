package storetest

import (
	"math"
	"reflect"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func doings(t *testing.T, s store.Store, tenant string, asks ...store.Ask) []store.Doings {
	t.Helper()
	all, err := s.Doings(t.Context(), tenant, asks)
	if err != nil {
		t.Fatalf("Doings: %v", err)
	}
	if len(all) != len(asks) {
		t.Fatalf("Doings answered %d for %d asks", len(all), len(asks))
	}
	return all
}

// doingsAsked: ann calls at 1, visits at 2, 4 and 4, buys at 5; bob, who has no first seen, buys at 3.
func doingsAsked(t *testing.T, s store.Store) {
	put(t, s, "acme", profile("ann"))
	interact(t, s, "acme",
		interaction("1", by("ann"), when(after(4))), interaction("2", by("ann"), when(after(2))),
		interaction("3", by("ann"), when(after(4))), interaction("4", by("ann"), doing("call"), when(after(1))),
		interaction("5", by("ann"), doing("buy"), when(after(5))), interaction("6", by("bob"), doing("buy"), when(after(3))))
	us := func(n int) int64 { return after(n).UnixMicro() }
	seen := noon().AddDate(-1, 0, 0).UnixMicro()
	const always, forever = math.MinInt64, math.MaxInt64
	events := func(at ...int64) (all []store.Doing) {
		for i := 0; i < len(at); i += 2 {
			all = append(all, store.Doing{At: us(int(at[i])), Kind: int(at[i+1])})
		}
		return all
	}
	for _, c := range []struct {
		says string
		ask  store.Ask
		want store.Doings
	}{
		{
			"all of one kind", store.Ask{CustomerID: "ann", Kinds: []string{"visit"}, After: always, UpTo: forever},
			store.Doings{FirstSeen: &seen, FirstInteraction: new(us(1)), Events: events(2, 0, 4, 0, 4, 0), Recorded: true},
		},
		{
			"kinds by their place in the ask", store.Ask{CustomerID: "ann", Kinds: []string{"buy", "none", "call"}, After: always, UpTo: forever},
			store.Doings{FirstSeen: &seen, FirstInteraction: new(us(1)), Events: events(1, 2, 5, 0), Recorded: true},
		},
		{
			"not what is at the start of the window, but what is at its end", store.Ask{CustomerID: "ann", Kinds: []string{"visit"}, After: us(2), UpTo: us(4)},
			store.Doings{FirstSeen: &seen, FirstInteraction: new(us(1)), Events: events(4, 0, 4, 0), Recorded: true},
		},
		{
			"a microsecond", store.Ask{CustomerID: "ann", Kinds: []string{"visit"}, After: us(1), UpTo: us(2)},
			store.Doings{FirstSeen: &seen, FirstInteraction: new(us(1)), Events: events(2, 0), Recorded: true},
		},
		{
			"a window of nothing", store.Ask{CustomerID: "ann", Kinds: []string{"visit"}, After: us(2), UpTo: us(2)},
			store.Doings{FirstSeen: &seen, FirstInteraction: new(us(1))},
		},
		{
			"the first interaction is of any kind, and before the window", store.Ask{CustomerID: "ann", Kinds: []string{"buy"}, After: us(2), UpTo: us(3)},
			store.Doings{FirstSeen: &seen, FirstInteraction: new(us(1)), Recorded: true}, // bob's is what is recorded
		},
		{
			"the first interaction at the very end", store.Ask{CustomerID: "ann", Kinds: []string{"visit"}, After: always, UpTo: us(1)},
			store.Doings{FirstSeen: &seen, FirstInteraction: new(us(1))},
		},
		{
			"before the first interaction", store.Ask{CustomerID: "ann", Kinds: []string{"call"}, After: always, UpTo: us(0)},
			store.Doings{FirstSeen: &seen},
		},
		{
			"no first seen", store.Ask{CustomerID: "bob", Kinds: []string{"visit"}, After: always, UpTo: forever},
			store.Doings{FirstInteraction: new(us(3)), Recorded: true},
		},
		{
			"nobody", store.Ask{CustomerID: "cem", Kinds: []string{"visit"}, After: always, UpTo: forever},
			store.Doings{Recorded: true},
		},
		{
			"a kind that nobody did", store.Ask{CustomerID: "ann", Kinds: []string{"none"}, After: always, UpTo: forever},
			store.Doings{FirstSeen: &seen, FirstInteraction: new(us(1))},
		},
		{
			"a kind by its bytes", store.Ask{CustomerID: "ann", Kinds: []string{"Visit"}, After: always, UpTo: forever},
			store.Doings{FirstSeen: &seen, FirstInteraction: new(us(1))},
		},
	} {
		got := doings(t, s, "acme", c.ask)[0]
		if doingsInWords(got) != doingsInWords(c.want) {
			t.Errorf("%s: got %s, want %s", c.says, doingsInWords(got), doingsInWords(c.want))
		}
	}
}

// doingsTogether: many asks in one call are answered in their order, each as if it came alone.
func doingsTogether(t *testing.T, s store.Store) {
	if got := doings(t, s, "acme"); len(got) != 0 {
		t.Errorf("no ask: got %v", got)
	}
	walked(t, s, 60)
	var asks []store.Ask
	for i := range 3000 {
		asks = append(asks, store.Ask{
			CustomerID: []string{"ann", "bob", "nobody"}[i%3], Kinds: worldKinds()[i%3 : i%3+1+i/3%(3-i%3)],
			After: after(i%5 - 1).UnixMicro(), UpTo: after(i % 11).UnixMicro(),
		})
	}
	for i, d := range doings(t, s, "acme", asks...) {
		if i%37 > 0 {
			continue
		}
		if alone := doings(t, s, "acme", asks[i])[0]; doingsInWords(alone) != doingsInWords(d) {
			t.Errorf("%+v: among others %s, alone %s", asks[i], doingsInWords(d), doingsInWords(alone))
		}
	}
}

// doingsFollow: first seen follows the profile, and what is recorded follows erasures.
func doingsFollow(t *testing.T, s store.Store) {
	ask := store.Ask{CustomerID: "ann", Kinds: []string{"visit"}, After: math.MinInt64, UpTo: math.MaxInt64}
	firstSeen := func(want *int64) {
		t.Helper()
		if got := doings(t, s, "acme", ask)[0].FirstSeen; !reflect.DeepEqual(got, want) {
			t.Errorf("first seen: got %v, want %v", got, want)
		}
	}
	for _, moment := range []time.Time{noon(), time.Unix(-1, 999_999_000), time.Unix(0, 0), time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC)} {
		put(t, s, "acme", profile("ann", func(c *cmiv1.Customer) { c.FirstSeenAt = created("", moment).GetCreatedAt() }))
		firstSeen(new(moment.UnixMicro()))
	}
	put(t, s, "acme", profile("ann", func(c *cmiv1.Customer) { c.FirstSeenAt = nil }))
	firstSeen(nil)

	interact(t, s, "acme", interaction("i-1", by("bob")))
	if !doings(t, s, "acme", ask)[0].Recorded {
		t.Error("bob's visit is not recorded")
	}
	erase(t, s, "acme", "bob")
	if doings(t, s, "acme", ask)[0].Recorded {
		t.Error("the visit of somebody who was erased is still recorded")
	}
}
