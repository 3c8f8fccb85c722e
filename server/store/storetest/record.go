package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func recordKeeps(t *testing.T, s store.Store) {
	one, two := entry("r-1"), entry("r-2", of("customer-2"), saying("Too slow."))
	record(t, s, "acme", one)
	record(t, s, "acme", two)
	sameKept(t, kept(t, s, "acme", "r-1"), one)
	sameKept(t, kept(t, s, "acme", "r-2"), two)
	if _, err := s.Response(t.Context(), "acme", "r-3"); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("a response that is not there: got %v, want ErrNotFound", err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Fatalf("Ping: %v", err)
	}
}

func recordNothing(t *testing.T, s store.Store) {
	outcomes, err := s.Record(t.Context(), "acme", nil)
	if err != nil || len(outcomes) != 0 {
		t.Fatalf("got %v, %v; want no outcome and no error", outcomes, err)
	}
}

// outcomes records and answers only the results.
func outcomes(t *testing.T, s store.Store, entries ...store.Entry) ([]store.Result, []store.Outcome) {
	t.Helper()
	answered, err := s.Record(t.Context(), "acme", entries)
	if err != nil {
		t.Fatalf("Record: %v", err)
	}
	var results []store.Result
	for _, o := range answered {
		results = append(results, o.Result)
	}
	return results, answered
}

func recordMixed(t *testing.T, s store.Store) {
	old, other := entry("old"), entry("other")
	record(t, s, "acme", old, other)

	results, answered := outcomes(t, s,
		entry("new-1"),
		entry("old", scoring(11)), // scored anew since: the recorded score is answered
		entry("other", saying("Something else.")),
		entry("new-2"))
	want := []store.Result{store.Recorded, store.Replayed, store.Conflict, store.Recorded}
	if !slices.Equal(results, want) {
		t.Fatalf("got results %v, want %v", results, want)
	}
	same(t, "replayed score", answered[1].Score, old.Score)
	for _, i := range []int{0, 2, 3} {
		if answered[i].Score != nil {
			t.Errorf("outcome %d carries a score; only a replay does", i)
		}
	}
	sameKept(t, kept(t, s, "acme", "old"), old)
	sameKept(t, kept(t, s, "acme", "other"), other)
	sameKept(t, kept(t, s, "acme", "new-2"), entry("new-2"))
}

func recordTwice(t *testing.T, s store.Store) {
	first := entry("twice", scoring(1))
	results, answered := outcomes(t, s,
		first,
		entry("beside"),
		entry("twice", scoring(2)),
		entry("twice", scoring(3), saying("Not the same.")),
		entry("twice", scoring(4)))
	want := []store.Result{store.Recorded, store.Recorded, store.Replayed, store.Conflict, store.Replayed}
	if !slices.Equal(results, want) {
		t.Fatalf("got results %v, want %v", results, want)
	}
	same(t, "score of the second", answered[2].Score, first.Score)
	same(t, "score of the last", answered[4].Score, first.Score)
	sameKept(t, kept(t, s, "acme", "twice"), first)
	if page := list(t, s, "acme", store.ResponseFilter{}, 10); len(page) != 2 {
		t.Fatalf("%d responses are listed, want 2", len(page))
	}
}

// thousand makes entries with ids that start with prefix, each a microsecond later than the one before.
func thousand(prefix string) []store.Entry {
	entries := make([]store.Entry, 1000)
	for i := range entries {
		entries[i] = entry(fmt.Sprintf("%s-%04d", prefix, i), of(fmt.Sprintf("customer-%d", i%100)),
			at(noon().Add(time.Duration(i)*time.Microsecond)))
	}
	return entries
}

func recordThousand(t *testing.T, s store.Store) {
	entries := thousand("bulk")
	record(t, s, "acme", entries...)
	for i, k := range list(t, s, "acme", store.ResponseFilter{}, 1000) {
		sameKept(t, k, entries[len(entries)-1-i])
	}
	again := slices.Clone(entries)
	slices.Reverse(again)
	results, answered := outcomes(t, s, again...)
	for i, r := range results {
		if r != store.Replayed {
			t.Fatalf("entry %d sent again: got result %d, want it replayed", i, r)
		}
		same(t, "replayed score", answered[i].Score, again[i].Score)
	}
}

func recordLarge(t *testing.T, s store.Store) {
	large := entry("large", func(e *store.Entry) {
		for i := range 500 {
			e.Response.Answers = append(e.Response.Answers, &cmiv1.Answer{
				ItemId: fmt.Sprintf("item-%d", i), Value: &cmiv1.Answer_Text{Text: strings.Repeat("ab€", 3_333)},
			})
		}
	})
	record(t, s, "acme", entry("small-1"), large, entry("small-2"))
	sameKept(t, kept(t, s, "acme", "large"), large)
	sameKept(t, list(t, s, "acme", store.ResponseFilter{}, 3)[1], large)
	sameKept(t, kept(t, s, "acme", "small-2"), entry("small-2"))
}

func recordUnicode(t *testing.T, s store.Store) {
	const text = "Zürich 東京 🙂 e\u0301 \u202eabc\u202c \uffff ' \" ; -- % _ \\ \n\t"
	e := entry("id-"+text, of("customer-"+text), to("questionnaire-"+text), saying(text))
	record(t, s, "tenant-"+text, e)
	sameKept(t, kept(t, s, "tenant-"+text, "id-"+text), e)
	filter := store.ResponseFilter{CustomerID: "customer-" + text, QuestionnaireID: "questionnaire-" + text}
	page := list(t, s, "tenant-"+text, filter, 10)
	if len(page) != 1 {
		t.Fatalf("%d responses are listed, want 1", len(page))
	}
	sameKept(t, page[0], e)
}

func recordAnonymous(t *testing.T, s store.Store) {
	record(t, s, "acme", entry("a-1", of("")), entry("n-1"), entry("a-2", of("")))
	sameKept(t, kept(t, s, "acme", "a-1"), entry("a-1", of("")))
	if got := ids(list(t, s, "acme", store.ResponseFilter{}, 10)); len(got) != 3 {
		t.Fatalf("listed %q, want all three", got)
	}
	if got := ids(list(t, s, "acme", store.ResponseFilter{CustomerID: "customer-1"}, 10)); !slices.Equal(got, []string{"n-1"}) {
		t.Fatalf("of the customer: listed %q, want only their own", got)
	}
}
