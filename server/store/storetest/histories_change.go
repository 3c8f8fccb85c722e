package storetest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// historiesLabelled cuts by accounts and segments: by the account, or the first segment by its key; the others are for whoever
// reads.
func historiesLabelled(t *testing.T, s store.Store) {
	for i := range 30 {
		put(t, s, "acme", profile(fmt.Sprintf("c-%02d", i), func(c *cmiv1.Customer) {
			c.AccountId, c.Segments = fmt.Sprintf("a-%d", i%3), map[string]string{"plan": fmt.Sprint(i % 2), "country": fmt.Sprint(i % 5)}
		}))
	}
	put(t, s, "globex", profile("c-00", func(c *cmiv1.Customer) { c.AccountId = "a-0" }))
	record(t, s, "acme", entry("anonymous", of("")))
	everybody := store.HistoryAsk{Everybody: true}
	pick := func(keep func(i int) bool) (names []string) {
		for i := range 30 {
			if keep(i) {
				names = append(names, fmt.Sprintf("c-%02d", i))
			}
		}
		return names
	}
	plan, country := store.Segment{Key: "plan", Value: "1"}, store.Segment{Key: "country", Value: "2"}
	for _, c := range []struct {
		of   store.CustomerCut
		want []string
	}{
		{store.CustomerCut{AccountID: "a-1"}, pick(func(i int) bool { return i%3 == 1 })},
		{store.CustomerCut{AccountID: "a-1", Segments: []store.Segment{plan}}, pick(func(i int) bool { return i%3 == 1 })},
		{store.CustomerCut{Segments: []store.Segment{plan}}, pick(func(i int) bool { return i%2 == 1 })},
		{store.CustomerCut{Segments: []store.Segment{plan, country}}, pick(func(i int) bool { return i%5 == 2 })},
		{store.CustomerCut{Segments: []store.Segment{country, plan}}, pick(func(i int) bool { return i%5 == 2 })},
		{store.CustomerCut{AccountID: "a-7"}, nil},
		{store.CustomerCut{AccountID: "A-1"}, nil},
		{store.CustomerCut{Segments: []store.Segment{{Key: "plan"}}}, nil},
	} {
		for _, size := range []int{1, 4, 100} {
			sameWords(t, fmt.Sprintf("%+v", c.of), named(historiesOf(t, s, "acme", c.of, size, everybody)), c.want...)
		}
	}
	cut, err := s.CutCustomers(t.Context(), "acme", store.CustomerCut{AccountID: "a-0"}, 100)
	if err != nil || len(cut) != 1 {
		t.Fatalf("CutCustomers: %d, %v", len(cut), err)
	}
	erase(t, s, "acme", "c-03")
	put(t, s, "acme", profile("c-06", func(c *cmiv1.Customer) { c.AccountId = "a-1" }))
	for tenant, want := range map[string][]string{"acme": pick(func(i int) bool { return i%3 == 0 && i != 3 && i != 6 }), "globex": nil} {
		part, err := s.HistoriesIn(t.Context(), tenant, cut[0], everybody)
		if err != nil {
			t.Fatalf("HistoriesIn: %v", err)
		}
		sameWords(t, "read later by "+tenant, named(part), want...)
	}
}

// historiesFollow: what was voided or erased after the cut is in no slice any more, and at no place.
func historiesFollow(t *testing.T, s store.Store) {
	for _, tenant := range []string{"acme", "globex"} {
		lived(t, s, tenant, "ann", 4)
		lived(t, s, tenant, "bob", 3)
		conclude(t, s, tenant, outcome("o-1", whose("ann")))
		record(t, s, tenant, entry("x-1", of("")), entry("x-2", of("")))
	}
	cut, err := s.CutCustomers(t.Context(), "acme", store.CustomerCut{}, 10)
	if err != nil {
		t.Fatalf("CutCustomers: %v", err)
	}
	whole := store.HistoryAsk{Everybody: true, Contacts: true, Outcomes: true, UpTo: math.MaxInt64}
	reads := func(when, tenant string, want ...string) (all []*store.History) {
		t.Helper()
		for _, slice := range cut {
			part, err := s.HistoriesIn(t.Context(), tenant, slice, whole)
			if err != nil {
				t.Fatalf("HistoriesIn: %v", err)
			}
			all = append(all, part...)
		}
		sameWords(t, when, responsesIn(t, s, tenant, all), want...)
		return all
	}
	before := reads("at first", "acme", "ann-1", "ann-2", "ann-3", "bob-1", "bob-2", "x-1", "x-2")
	if ann := before[0]; len(ann.Contacts) != 8 || len(ann.Interactions) != 5 || len(ann.Outcomes) != 1 {
		t.Errorf("ann: %s", historyInWords(ann))
	}
	for _, other := range reads("of another tenant", "globex") {
		for _, h := range before {
			if len(other.Scores) > 0 && len(h.Scores) > 0 && other.Scores[0].Place == h.Scores[0].Place {
				t.Errorf("a slice of acme, read by globex, holds %s", historyInWords(other))
			}
		}
	}
	var places []int64
	for _, h := range before {
		for _, score := range h.Scores {
			places = append(places, score.Place)
		}
	}
	void(t, s, "acme", "ann-2", noon(), "why")
	void(t, s, "acme", "x-1", noon(), "why")
	reads("with some voided", "acme", "ann-1", "ann-3", "bob-1", "bob-2", "x-2")
	erase(t, s, "acme", "ann")
	after := reads("with one erased", "acme", "bob-1", "bob-2", "x-2")
	sameWords(t, "who is left", named(after), "bob", "")
	for _, tenant := range []string{"acme", "globex", "nobody's"} {
		kept, err := s.ResponsesAt(t.Context(), tenant, places)
		if err != nil {
			t.Fatalf("ResponsesAt: %v", err)
		}
		got := ""
		for _, k := range kept {
			if k == nil {
				got += "- "
			} else {
				got += k.Score.GetResponseId() + " "
			}
		}
		want := "- - - bob-1 bob-2 - x-2 "
		if tenant != "acme" {
			want = "- - - - - - - "
		}
		if got != want {
			t.Errorf("at the places, %s has %s, want %s", tenant, got, want)
		}
	}
	put(t, s, "acme", profile("ann"))
	record(t, s, "acme", entry("anew", of("ann")))
	all := historiesOf(t, s, "acme", store.CustomerCut{}, 10, whole)
	for _, h := range all {
		if h.Profile.GetCustomerId() == "ann" && (len(h.Scores) != 1 || len(h.Contacts) != 1 || len(h.Outcomes) != 0) {
			t.Errorf("started anew: %s", historyInWords(h))
		}
	}
	sameNames(t, "with one started anew", named(all), "ann", "bob", "")
}

// placesAsked: responses are answered at the places at which they are asked for, as often as they are, and belong to the caller.
func placesAsked(t *testing.T, s store.Store) {
	const n = 2500
	var entries []store.Entry
	for i := range n {
		entries = append(entries, entry(fmt.Sprintf("r-%04d", i), of([]string{"ann", ""}[i%2]), at(after(i))))
	}
	record(t, s, "acme", entries...)
	places := map[string]int64{}
	var want []string
	var asked []int64
	for _, h := range historiesOf(t, s, "acme", store.CustomerCut{}, 10_000, store.HistoryAsk{}) {
		for _, score := range h.Scores {
			id := fmt.Sprintf("r-%04d", score.At-noon().UnixMicro())
			places[id] = score.Place
			want, asked = append(want, id, id), append(asked, score.Place, score.Place)
		}
	}
	slices.Reverse(want)
	slices.Reverse(asked)
	for range 2 {
		kept, err := s.ResponsesAt(t.Context(), "acme", asked)
		if err != nil || len(places) != n || len(kept) != 2*n {
			t.Fatalf("ResponsesAt: %d of %d, %v", len(kept), len(places), err)
		}
		sameWords(t, "at the places", ids(kept), want...)
		sameKept(t, kept[0], entries[n-1])
		sameKept(t, kept[1], entries[n-1])
		scribble(kept[0].Response, kept[0].Score)
		sameKept(t, kept[1], entries[n-1])
	}
	if kept, err := s.ResponsesAt(t.Context(), "acme", nil); err != nil || len(kept) != 0 {
		t.Errorf("at no places: %d, %v", len(kept), err)
	}
}

// historiesWhileWriting cuts and reads while customers come and go: nobody is in two slices, and whoever was there before the
// cut is in one.
func historiesWhileWriting(t *testing.T, s store.Store) {
	for i := range 40 {
		record(t, s, "acme", entry(fmt.Sprint("first ", i), of(fmt.Sprint("first ", i))), entry(fmt.Sprint("anonymous ", i), of("")))
	}
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	for w := range 4 {
		writing.Go(func() {
			for n := 0; ctx.Err() == nil && n < 200; n++ {
				id := fmt.Sprintf("%d of writer %d", n, w)
				if _, err := s.Record(t.Context(), "acme", []store.Entry{entry(id, of(id)), entry(id+", nobody", of(""))}); err != nil {
					t.Errorf("Record: %v", err)
					return
				}
			}
		})
	}
	for range 20 {
		all, err := histories(t.Context(), s, "acme", store.CustomerCut{}, 7, store.HistoryAsk{})
		seen := map[string]int{}
		for _, h := range all {
			if h.Profile == nil {
				seen[fmt.Sprint("anonymous at ", h.Key)]++
			} else {
				seen[h.Profile.GetCustomerId()]++
			}
		}
		for i := range 40 {
			if id := fmt.Sprint("first ", i); seen[id] != 1 {
				t.Errorf("%q is met %d times", id, seen[id])
			}
		}
		for id, n := range seen {
			if n > 1 {
				t.Errorf("%q is met %d times", id, n)
			}
		}
		if err != nil || t.Failed() {
			t.Errorf("histories: %v", err)
			break
		}
	}
	stop()
	writing.Wait()
}

// historiesOfOneMoment writes to one customer after the other, each time a response, an interaction and a profile in turn.
func historiesOfOneMoment(t *testing.T, s store.Store) {
	ids := []string{"a", "b", "c", "d"}
	for _, id := range ids {
		put(t, s, "acme", counted(id, 0))
	}
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		for n := 1; ctx.Err() == nil && n <= 200; n++ {
			for _, id := range ids {
				name := fmt.Sprintf("%s-%d", id, n)
				record(t, s, "acme", entry(name, of(id)))
				interact(t, s, "acme", interaction(name, by(id)))
				put(t, s, "acme", counted(id, n))
			}
		}
	})
	for range 100 {
		all, err := histories(t.Context(), s, "acme", store.CustomerCut{}, 10, store.HistoryAsk{Everybody: true, Contacts: true, UpTo: math.MaxInt64})
		if err != nil || len(all) != len(ids) {
			t.Errorf("histories: %d, %v", len(all), err)
			break
		}
		var course []int
		for _, h := range all {
			course = append(course, len(h.Scores), len(h.Interactions), int(h.Profile.GetSpend().GetAmount()))
		}
		for i := 1; i < len(course); i++ {
			if course[i] > course[i-1] || course[i] < course[0]-1 {
				t.Errorf("responses, interactions and profiles of %v count %v: that is not one moment", ids, course)
				break
			}
		}
	}
	stop()
	writing.Wait()
}
