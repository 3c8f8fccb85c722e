package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/customer-momentum/cmi/server/store"
)

func cut(t *testing.T, s store.Store, tenant string, of store.ResponseCut, size int) []store.ResponseSlice {
	t.Helper()
	all, err := s.CutResponses(t.Context(), tenant, of, size)
	if err != nil {
		t.Fatalf("CutResponses: %v", err)
	}
	for i, slice := range all {
		if slice.N < 1 || slice.N > size {
			t.Fatalf("slice %d holds %d, want up to %d and not none", i, slice.N, size)
		}
	}
	return all
}

// readSlices reads one slice after the other.
func readSlices(t *testing.T, s store.Store, tenant string, all []store.ResponseSlice) [][]*store.Kept {
	t.Helper()
	var read [][]*store.Kept
	for _, slice := range all {
		kept, err := s.ResponsesIn(t.Context(), tenant, slice)
		if err != nil {
			t.Fatalf("ResponsesIn: %v", err)
		}
		read = append(read, kept)
	}
	return read
}

// held counts what slices were said to hold.
func held(all []store.ResponseSlice) int {
	n := 0
	for _, slice := range all {
		n += slice.N
	}
	return n
}

// inSlices are the ids of what slices hold, in order.
func inSlices(t *testing.T, s store.Store, tenant string, all []store.ResponseSlice) []string {
	t.Helper()
	return slices.Sorted(slices.Values(ids(slices.Concat(readSlices(t, s, tenant, all)...))))
}

// periods of mixed and their neighbours, the empty ones among them.
func periods() [][2]time.Time {
	var none time.Time
	return [][2]time.Time{
		{none, none}, {after(2), none}, {none, after(6)}, {after(2), after(6)}, {after(3), after(4)}, {after(0), after(8)},
		{noon().Add(1001 * time.Nanosecond), none}, {none, noon().Add(1001 * time.Nanosecond)},
		{after(3), after(3)}, {after(6), after(2)}, {after(8), none}, {none, after(0)},
		{after(2).In(time.FixedZone("", -7200)), everything()},
	}
}

// slicesCover: whatever the size, the slices of a period hold each of its responses once, and no others.
func slicesCover(t *testing.T, s store.Store) {
	entries := mixed(t, s, 250)
	byID := map[string]store.Entry{}
	for _, e := range entries {
		byID[e.Score.GetResponseId()] = e
	}
	// Namesakes of another tenant, and of a questionnaire that is written alike.
	for i := range 30 {
		e := entry(fmt.Sprintf("m-%04d", i), to("first"), saying("of globex"), at(after(i%8)))
		record(t, s, "globex", e)
		record(t, s, "acme", entry(fmt.Sprintf("alike-%d", i), to([]string{"First", "first "}[i%2]), at(after(i%8))))
	}
	for _, period := range periods() {
		of := store.ResponseCut{QuestionnaireID: "first", From: period[0], Before: period[1]}
		f := store.ResponseFilter{QuestionnaireID: "first", From: of.From, Before: of.Before}
		withVoid := f
		withVoid.IncludeVoid = true
		var want []string
		all := 0
		for id, e := range byID {
			if matches(e, f) {
				want = append(want, id)
			}
			if matches(e, withVoid) {
				all++
			}
		}
		slices.Sort(want)
		for _, size := range []int{1, 2, 7, 100, 100_000} {
			what := fmt.Sprintf("%v in slices of %d", period, size)
			got := cut(t, s, "acme", of, size)
			sameWords(t, what, inSlices(t, s, "acme", got), want...)
			if held(got) != all || len(got) > all/size+16 {
				t.Errorf("%s: %d slices hold %d, want %d with the void ones", what, len(got), held(got), all)
			}
		}
	}
	for _, k := range slices.Concat(readSlices(t, s, "acme", cut(t, s, "acme", store.ResponseCut{QuestionnaireID: "first"}, 40))...) {
		id := k.Score.GetResponseId()
		sameKept(t, k, byID[id])
		if alone := kept(t, s, "acme", id); alone.Cursor != k.Cursor {
			t.Fatalf("%s is at %v, in its slice at %v", id, alone.Cursor, k.Cursor)
		}
	}
}

func slicesOfNothing(t *testing.T, s store.Store) {
	sameSlices := func(tenant string, of store.ResponseCut) {
		t.Helper()
		if all := cut(t, s, tenant, of, 10); len(all) != 0 {
			t.Errorf("%+v of %q: got %d slices, want none", of, tenant, len(all))
		}
	}
	sameSlices("acme", store.ResponseCut{QuestionnaireID: "first"})
	mixed(t, s, 20)
	saveVersions(t, s, "acme", version("unanswered", 1, 1))
	for _, id := range []string{"unknown", "", "First", "unanswered"} {
		sameSlices("acme", store.ResponseCut{QuestionnaireID: id})
	}
	for _, tenant := range []string{"globex", "Acme", ""} {
		sameSlices(tenant, store.ResponseCut{QuestionnaireID: "first"})
	}
	if got := readSlices(t, s, "acme", []store.ResponseSlice{{}}); len(got[0]) != 0 {
		t.Errorf("a slice of nothing holds %q", ids(got[0]))
	}
}

// slicesStay: what comes in later is in no slice, wherever its place is, and what is void or erased is in none any more.
func slicesStay(t *testing.T, s store.Store) {
	entries := mixed(t, s, 200)
	all := cut(t, s, "acme", store.ResponseCut{QuestionnaireID: "second"}, 9)
	part := cut(t, s, "acme", store.ResponseCut{QuestionnaireID: "second", From: after(1), Before: after(7)}, 9)
	n := held(all)
	before := readSlices(t, s, "acme", all)
	sameIDs := func(when string, gone func(id string) bool) {
		t.Helper()
		for i, read := range readSlices(t, s, "acme", all) {
			want := slices.DeleteFunc(slices.Clone(ids(before[i])), gone)
			sameNames(t, fmt.Sprintf("%s, slice %d", when, i), ids(read), want...)
		}
	}
	inPart := inSlices(t, s, "acme", part)
	var more []store.Entry
	for i, e := range entries {
		more = append(more, entry(fmt.Sprintf("more-%d", i), to("second"), is(e.Score.GetStatus(), e.Score.GetBucket()), at(after(i%12-2))))
	}
	record(t, s, "acme", more...)
	sameIDs("with more recorded", func(string) bool { return false })
	sameWords(t, "a part of it, with more recorded", inSlices(t, s, "acme", part), inPart...)
	if again := held(cut(t, s, "acme", store.ResponseCut{QuestionnaireID: "second"}, 9)); again != n+len(more) {
		t.Errorf("cut again, the slices hold %d, want %d", again, n+len(more))
	}
	gone := map[string]bool{}
	for i, e := range entries {
		id := e.Score.GetResponseId()
		if i%3 == 0 {
			gone[id] = true
			void(t, s, "acme", id, noon(), "why")
		}
	}
	sameIDs("with some voided", func(id string) bool { return gone[id] })
	for _, e := range entries {
		if e.Score.GetCustomerId() == "ann" {
			gone[e.Score.GetResponseId()] = true
		}
	}
	erase(t, s, "acme", "ann")
	sameIDs("with a customer erased", func(id string) bool { return gone[id] })
	record(t, s, "acme", entry("anew", of("ann"), to("second"), at(after(3))))
	sameIDs("with the customer started anew", func(id string) bool { return gone[id] })
}

// slicesOfTenants: a slice is of one tenant; read by another, it holds nothing.
func slicesOfTenants(t *testing.T, s store.Store) {
	mixed(t, s, 60)
	all := cut(t, s, "acme", store.ResponseCut{QuestionnaireID: "first"}, 7)
	record(t, s, "globex", entry("m-0000", to("first"), at(after(3))), entry("m-0001", to("second"), at(after(3))))
	other := cut(t, s, "globex", store.ResponseCut{QuestionnaireID: "first"}, 7)
	sameWords(t, "of globex", inSlices(t, s, "globex", other), "m-0000")
	for _, tenant := range []string{"globex", "nobody's", "", "Acme"} {
		sameWords(t, fmt.Sprintf("of acme, read by %q", tenant), inSlices(t, s, tenant, all))
	}
	sameWords(t, "of globex, read by acme", inSlices(t, s, "acme", other))
}

// slicesOfMessages: what is answered belongs to the caller.
func slicesOfMessages(t *testing.T, s store.Store) {
	want := entry("r-1")
	record(t, s, "acme", want)
	all := cut(t, s, "acme", store.ResponseCut{QuestionnaireID: "onboarding"}, 10)
	for range 2 {
		got := readSlices(t, s, "acme", all)[0][0]
		sameKept(t, got, want)
		scribble(got.Response, got.Score)
		clear(got.Cursor.Key[:])
		sameKept(t, kept(t, s, "acme", "r-1"), want)
	}
}

// slicesWhileWriting cuts while others record: what a slice was said to hold is what it holds, however often it is read.
func slicesWhileWriting(t *testing.T, s store.Store) {
	const writers, each = 12, 25
	var cuts [][]store.ResponseSlice
	var first [][]string
	whole := store.ResponseCut{QuestionnaireID: "onboarding"}
	together(writers+1, func(i int) {
		if i == writers {
			for n := 0; n < writers*each && len(cuts) < 60; {
				all, err := s.CutResponses(t.Context(), "acme", whole, 10)
				if err != nil {
					t.Errorf("CutResponses: %v", err)
					return
				}
				var names []string
				for _, slice := range all {
					read, err := s.ResponsesIn(t.Context(), "acme", slice)
					if err != nil || len(read) != slice.N {
						t.Errorf("a slice of %d holds %d, %v", slice.N, len(read), err)
					}
					names = append(names, ids(read)...)
				}
				n = held(all)
				cuts, first = append(cuts, all), append(first, names)
			}
			return
		}
		for n := range each {
			e := entry(fmt.Sprintf("r-%d-%d", i, n), of(fmt.Sprint("customer ", i)), at(after((i+n)%5)))
			if _, err := s.Record(t.Context(), "acme", []store.Entry{e}); err != nil {
				t.Errorf("Record: %v", err)
				return
			}
		}
	})
	for i, all := range cuts {
		sameNames(t, fmt.Sprintf("cut %d, read again", i), inSlices(t, s, "acme", all), first[i]...)
	}
	if got := len(inSlices(t, s, "acme", cut(t, s, "acme", whole, 10))); got != writers*each {
		t.Errorf("in the end the slices hold %d, want %d", got, writers*each)
	}
}
