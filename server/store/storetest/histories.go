package storetest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// historiesOf reads a cut in slices of a size.
func historiesOf(t *testing.T, s store.Store, tenant string, of store.CustomerCut, size int, ask store.HistoryAsk) []*store.History {
	t.Helper()
	all, err := histories(t.Context(), s, tenant, of, size, ask)
	if err != nil {
		t.Fatalf("histories of %+v by %+v in slices of %d: %v", of, ask, size, err)
	}
	return all
}

// named are the customers of histories, in order; anonymous ones are empty.
func named(all []*store.History) []string {
	var names []string
	for _, h := range all {
		names = append(names, h.Profile.GetCustomerId())
	}
	return names
}

// historiesCover: whatever the size, slices hold each customer once, in the order in which they came, and then each anonymous
// response once.
func historiesCover(t *testing.T, s store.Store) {
	var want, responses []string
	for i := range 57 {
		id := fmt.Sprintf("customer-%d", i)
		want = append(want, id)
		record(t, s, "acme", entry("r-"+id, of(id), at(after(-i)), is(cmiv1.ScoreStatus(1+i%3), cmiv1.Bucket(i%4))))
		responses = append(responses, "r-"+id)
		if i%3 == 0 {
			anonymous := fmt.Sprintf("anonymous-%d", i)
			record(t, s, "acme", entry(anonymous, of(""), at(after(-i)), is(cmiv1.ScoreStatus(1+i%3), cmiv1.Bucket(i%4))))
		}
		if i%4 == 0 { // lists have them in other places then
			settle(t, s, standing(t, s, "acme", id, withCMI(50), func(s *store.Standing) { s.StableBucket = cmiv1.Bucket(i / 4 % 4) }))
		}
		record(t, s, "globex", entry("r-"+id, of(id)))
	}
	for i := 0; i < 57; i += 3 {
		want, responses = append(want, ""), append(responses, fmt.Sprintf("anonymous-%d", i))
	}
	for _, size := range []int{1, 2, 7, 19, 57, 100_000} {
		all := historiesOf(t, s, "acme", store.CustomerCut{}, size, store.HistoryAsk{})
		sameWords(t, fmt.Sprintf("in slices of %d", size), named(all), want...)
		sameWords(t, fmt.Sprintf("responses in slices of %d", size), responsesIn(t, s, "acme", all), responses...)
		cut, err := s.CutCustomers(t.Context(), "acme", store.CustomerCut{}, size)
		n := 0
		for _, slice := range cut {
			n += slice.N
		}
		if err != nil || n != len(want) || len(cut) > (57+size-1)/size+(19+size-1)/size {
			t.Errorf("%d slices of %d hold %d, %v; want %d", len(cut), size, n, err, len(want))
		}
	}
	for _, tenant := range []string{"nobody's", "Acme", ""} {
		if all := historiesOf(t, s, tenant, store.CustomerCut{}, 10, store.HistoryAsk{Everybody: true}); len(all) != 0 {
			t.Errorf("%q has %q", tenant, named(all))
		}
	}
}

// responsesIn are the ids of the responses of histories, in order.
func responsesIn(t *testing.T, s store.Store, tenant string, all []*store.History) []string {
	t.Helper()
	var places []int64
	for _, h := range all {
		for _, score := range h.Scores {
			places = append(places, score.Place)
		}
	}
	kept, err := s.ResponsesAt(t.Context(), tenant, places)
	if err != nil {
		t.Fatalf("ResponsesAt: %v", err)
	}
	return ids(kept)
}

// historiesFiltered compares with the model whatever may be asked for: periods and their bounds, questionnaires, void ones, and
// those of whom nothing matches.
func historiesFiltered(t *testing.T, s store.Store) {
	m := newModel()
	for _, each := range []store.Store{s, m} {
		mixed(t, each, 250)
		put(t, each, "acme", profile("dea"))
		interact(t, each, "acme", interaction("i-1", by("eve"), when(after(2))))
		interact(t, each, "acme", interaction("i-2", by("ann"), when(after(4))), interaction("i-3", by("ann"), when(after(1))))
		conclude(t, each, "acme", outcome("o-1", whose("ann"), dated(after(4))), outcome("o-2", whose("ann"), dated(after(2))), outcome("o-3", whose("fay")))
	}
	cmp := func(ask store.HistoryAsk) {
		t.Helper()
		got, want := historiesOf(t, s, "acme", store.CustomerCut{}, 3, ask), historiesOf(t, m, "acme", store.CustomerCut{}, 3, ask)
		if g, w := historiesInWords(got), historiesInWords(want); g != w {
			t.Errorf("%+v: got%s\nwant%s", ask, g, w)
		}
	}
	questionnaires := [][]string{nil, {"first"}, {"second", "first", "unknown"}, {"unknown"}, {""}, {"First"}, {"first", "first"}}
	for from := -1; from <= 9; from += 2 {
		for _, before := range []int{0, 1, 5, 8, 9} {
			for i, q := range questionnaires {
				cmp(store.HistoryAsk{From: after(from).UnixMicro(), Before: after(before).UnixMicro(), QuestionnaireIDs: q, Everybody: i%2 == 0})
			}
		}
	}
	for _, q := range questionnaires {
		for bits := range 1 << 4 {
			ask := store.HistoryAsk{
				QuestionnaireIDs: q, Contacts: bits&1 != 0, Outcomes: bits&2 != 0, Everybody: bits&4 != 0, UpTo: after(4).UnixMicro(),
			}
			if bits&8 != 0 {
				ask.From, ask.UpTo = after(5).UnixMicro(), after(3).UnixMicro()
			}
			cmp(ask)
		}
	}
	cmp(store.HistoryAsk{Contacts: true, Outcomes: true, UpTo: math.MaxInt64})
	cmp(store.HistoryAsk{Contacts: true, Outcomes: true, UpTo: math.MinInt64, Everybody: true})
}

// historiesExact: scores say what they are, to the last bit, and what is missing is told from what is 0.
func historiesExact(t *testing.T, s store.Store) {
	m := newModel()
	values := []*float64{nil, new(0.0), new(100.0), new(1.0 / 3), new(math.SmallestNonzeroFloat64), new(math.Nextafter(50, 0))}
	var entries []store.Entry
	for i := range 216 {
		e := entry(fmt.Sprintf("r-%d", i), of([]string{"ann", "bob", ""}[i%3]), at(after(i%50)), to(fmt.Sprintf("q-%d", i%5)),
			is(cmiv1.ScoreStatus(i%4), cmiv1.Bucket(i/4%4)), pillared(values[i%6], values[i/6%6], values[i/36%6]))
		e.Score.Channel, e.Score.Divergent, e.Score.QuestionnaireVersion = cmiv1.Channel(i%4), i%2 == 1, int32(i)
		e.Score.Cmi = values[(i/6+i)%6]
		entries = append(entries, e)
	}
	entries[0].Score.Pillars = nil
	slices.Reverse(entries[1].Score.Pillars)
	for _, each := range []store.Store{s, m} {
		record(t, each, "acme", entries...)
	}
	got, want := historiesOf(t, s, "acme", store.CustomerCut{}, 10, store.HistoryAsk{}), historiesOf(t, m, "acme", store.CustomerCut{}, 10, store.HistoryAsk{})
	if g, w := historiesInWords(got), historiesInWords(want); g != w {
		t.Fatalf("got%s\nwant%s", g, w)
	}
	sameWords(t, "in order", responsesIn(t, s, "acme", got), responsesIn(t, m, "acme", want)...)
}

// historiesRecorded: however many are recorded at once, they are all read.
func historiesRecorded(t *testing.T, s store.Store) {
	m := newModel()
	for _, n := range []int{1, 3, 100, 1200} {
		var entries []store.Entry
		for i := range n {
			entries = append(entries, entry(fmt.Sprintf("r-%d-%d", n, i), of([]string{fmt.Sprint(i), ""}[i%2]), at(after(i)), scoring(float64(i)), pillared(new(float64(i)))))
		}
		for _, each := range []store.Store{s, m} {
			record(t, each, "acme", entries...)
		}
	}
	got, want := historiesOf(t, s, "acme", store.CustomerCut{}, 500, store.HistoryAsk{}), historiesOf(t, m, "acme", store.CustomerCut{}, 500, store.HistoryAsk{})
	if g, w := historiesInWords(got), historiesInWords(want); g != w {
		t.Fatal("what was recorded is not what is read")
	}
}
