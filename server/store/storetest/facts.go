package storetest

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// factsOrdered: points by time, then by the bytes of the response id, however they came.
func factsOrdered(t *testing.T, s store.Store) {
	of := of("ann")
	record(t, s, "acme", entry("b", of, at(after(1)), scoring(1)), entry("é", of, at(after(1)), scoring(2)), entry("z", of, at(after(0)), scoring(3)))
	record(t, s, "acme", entry("B", of, at(after(1)), scoring(4)), entry("a", of, at(after(2)), scoring(5)), entry("10", of, at(after(1)), scoring(6)),
		entry("9", of, at(after(1)), scoring(7)), entry("b-", of, at(after(1)), scoring(8)), entry("bb", of, at(after(1)), scoring(9)))
	for _, at := range []int{5, 1, 3, 1, 2} {
		interact(t, s, "acme", interaction(fmt.Sprintf("i-%d-%d", at, len(factsOf(t, s, "acme", "ann", everything()).Interactions)), by("ann"), when(after(at))))
	}
	f := factsOf(t, s, "acme", "ann", everything())
	var got []float64
	for _, p := range f.Points {
		got = append(got, p.CMI)
	}
	// z at 0; at 1: 10, 9, B, b, b-, bb, é; a at 2.
	if want := []float64{3, 6, 7, 4, 1, 8, 9, 2, 5}; !slices.Equal(got, want) {
		t.Errorf("points in the order %v, want %v", got, want)
	}
	var acts []int64
	for _, n := range []int{1, 1, 2, 3, 5} {
		acts = append(acts, after(n).UnixMicro())
	}
	if !slices.Equal(f.Interactions, acts) {
		t.Errorf("interactions at %v, want %v", f.Interactions, acts)
	}
}

// factsPoints: a point says what its score says, of every status, to the last bit; void ones are not among them.
func factsPoints(t *testing.T, s store.Store) {
	var want []store.Point
	var entries []store.Entry
	for status := cmiv1.ScoreStatus_SCORE_STATUS_SCORED; status <= cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED; status++ {
		for bucket := cmiv1.Bucket_BUCKET_UNSPECIFIED; bucket <= cmiv1.Bucket_BUCKET_ADVOCATE; bucket++ {
			for _, cmi := range []float64{0, 100, 0.1, 1.0 / 3, math.Nextafter(50, 0), math.SmallestNonzeroFloat64} {
				n := len(entries)
				e := entry(fmt.Sprintf("r-%04d", n), of("ann"), is(status, bucket), scoring(cmi), to(fmt.Sprintf("q-%d", n%3)), at(after(n)),
					func(e *store.Entry) { e.Score.QuestionnaireVersion = int32(n%5 + 1) })
				p := store.Point{
					At: after(n).UnixMicro(), Status: status, Bucket: bucket, CMI: cmi, QuestionnaireID: fmt.Sprintf("q-%d", n%3), Version: int32(n%5 + 1),
				}
				if status == cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED {
					e.Score.Cmi, p.CMI = nil, 0
				}
				entries, want = append(entries, e), append(want, p)
			}
		}
	}
	record(t, s, "acme", entries...)
	if got := factsOf(t, s, "acme", "ann", everything()).Points; !slices.Equal(got, want) {
		t.Fatalf("got points\n%v, want\n%v", got, want)
	}
	for n := range entries {
		if n%4 == 1 {
			void(t, s, "acme", entries[n].Score.GetResponseId(), noon(), "why")
		}
	}
	n := 0
	want = slices.DeleteFunc(want, func(store.Point) bool { n++; return (n-1)%4 == 1 })
	if got := factsOf(t, s, "acme", "ann", everything()).Points; !slices.Equal(got, want) {
		t.Fatalf("without void ones: got points\n%v, want\n%v", got, want)
	}
}

// factsUpTo: a response at 2 and one, void, at 3; interactions at 4 and 6; a response at 8.
func factsUpTo(t *testing.T, s store.Store) {
	record(t, s, "acme", entry("r-2", of("ann"), at(after(2))), entry("r-3", of("ann"), at(after(3))), entry("r-8", of("ann"), at(after(8))))
	void(t, s, "acme", "r-3", noon(), "why")
	interact(t, s, "acme", interaction("i-4", by("ann"), when(after(4))), interaction("i-6", by("ann"), when(after(6))))
	for _, c := range []struct {
		upTo                 time.Time
		points, interactions int
		next                 int64
	}{
		{time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), 0, 0, after(2).UnixMicro()},
		{after(1), 0, 0, after(2).UnixMicro()},
		{after(2).Add(-time.Nanosecond), 0, 0, after(2).UnixMicro()},
		{after(2), 1, 0, after(4).UnixMicro()},
		{after(2).In(time.FixedZone("", -7200)).Add(999 * time.Nanosecond), 1, 0, after(4).UnixMicro()},
		{after(3), 1, 0, after(4).UnixMicro()},
		{after(4), 1, 1, after(6).UnixMicro()},
		{after(5), 1, 1, after(6).UnixMicro()},
		{after(6), 1, 2, after(8).UnixMicro()},
		{after(7), 1, 2, after(8).UnixMicro()},
		{after(8), 2, 2, math.MaxInt64},
		{everything(), 2, 2, math.MaxInt64},
	} {
		f := factsOf(t, s, "acme", "ann", c.upTo)
		if len(f.Points) != c.points || len(f.Interactions) != c.interactions || f.Next != c.next {
			t.Errorf("up to %v: got %d points, %d interactions, next at %d; want %d, %d, %d", c.upTo,
				len(f.Points), len(f.Interactions), f.Next, c.points, c.interactions, c.next)
		}
	}
	interact(t, s, "acme", interaction("i-1", by("bob"), when(time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC))))
	if f := factsOf(t, s, "acme", "bob", everything()); f.Next != everything().UnixMicro()+999_999 || len(f.Interactions) != 0 {
		t.Errorf("a microsecond before the year 10000: got %+v", f)
	}
}

// factsOfMany: each is answered at the place at which it was asked for; those who are not known are nil.
func factsOfMany(t *testing.T, s store.Store) {
	var asked []string
	for i := range 300 {
		id := fmt.Sprintf("customer-%d", i)
		asked = append(asked, id)
		switch i % 3 {
		case 0:
			record(t, s, "acme", entry(id, of(id)))
		case 1:
			interact(t, s, "acme", interaction(id, by(id)))
		}
	}
	record(t, s, "acme", entry("anonymous", of("")))
	asked = append(asked, "", "customer-0")
	slices.Reverse(asked)
	all, err := s.Facts(t.Context(), "acme", asked, everything())
	if err != nil || len(all) != len(asked) {
		t.Fatalf("Facts: got %d, %v; want %d", len(all), err, len(asked))
	}
	for i, f := range all {
		alone := factsOf(t, s, "acme", asked[i], everything())
		if factsInWords(f) != factsInWords(alone) {
			t.Errorf("%q: among others %s, alone %s", asked[i], factsInWords(f), factsInWords(alone))
		}
		if f != nil && f.Profile.GetCustomerId() != asked[i] {
			t.Errorf("place %d: got %q, want %q", i, f.Profile.GetCustomerId(), asked[i])
		}
		var n int
		if _, err := fmt.Sscanf(asked[i], "customer-%d", &n); err == nil && (f == nil) != (n%3 == 2) || err != nil && f != nil {
			t.Errorf("%q: got %s", asked[i], factsInWords(f))
		}
	}
	if all, err := s.Facts(t.Context(), "acme", nil, everything()); err != nil || len(all) != 0 {
		t.Errorf("of nobody: got %v, %v", all, err)
	}
}

// factsRevised: the revision rises with everything that is kept of a customer, and with nothing else.
func factsRevised(t *testing.T, s store.Store) {
	record(t, s, "acme", entry("r-0", of("ann")), entry("r-9", of("bob")))
	last := revision(t, s, "acme", "ann")
	rises := func(what string, want bool, do func()) {
		t.Helper()
		do()
		now := revision(t, s, "acme", "ann")
		if now < last || (now > last) != want {
			t.Errorf("%s: the revision goes from %d to %d", what, last, now)
		}
		last = now
	}
	rises("a response", true, func() { record(t, s, "acme", entry("r-1", of("ann"))) })
	rises("one of long ago", true, func() { record(t, s, "acme", entry("r-2", of("ann"), at(noon().AddDate(-20, 0, 0)))) })
	rises("responses beside others", true, func() { record(t, s, "acme", entry("r-3", of("bob")), entry("r-4", of("ann")), entry("r-5", of(""))) })
	rises("an interaction", true, func() { interact(t, s, "acme", interaction("i-1", by("ann"))) })
	rises("a void mark", true, func() { void(t, s, "acme", "r-1", noon(), "why") })
	rises("a profile", true, func() { put(t, s, "acme", profile("ann")) })
	rises("the same profile again", true, func() { put(t, s, "acme", profile("ann")) })

	rises("a void mark again", false, func() { void(t, s, "acme", "r-1", noon(), "another") })
	rises("a replay and a conflict", false, func() { outcomes(t, s, entry("r-1", of("ann")), entry("r-1", of("ann"), saying("no"))) })
	rises("an interaction replayed", false, func() {
		resultsOf(t, s, "acme", interaction("i-1", by("ann")), interaction("i-1", by("ann"), doing("call")))
	})
	rises("a profile that is read", false, func() { profileOf(t, s, "acme", "ann") })
	rises("a refused profile", false, func() {
		change(t, s, "acme", []string{"ann"}, func(int, store.Profile) (*cmiv1.Customer, error) { return profile("ann"), errRefused })
	})
	rises("a standing", false, func() { settle(t, s, standing(t, s, "acme", "ann", withCMI(50))) })
	rises("what becomes of others", false, func() {
		record(t, s, "acme", entry("r-6", of("bob")), entry("r-7", of("")))
		record(t, s, "globex", entry("r-6", of("ann")))
		interact(t, s, "acme", interaction("i-2", by("bob")))
		put(t, s, "globex", profile("ann"))
		void(t, s, "acme", "r-9", noon(), "why")
		erase(t, s, "acme", "bob")
	})
}

// factsApart: facts belong to the caller.
func factsApart(t *testing.T, s store.Store) {
	record(t, s, "acme", entry("r-1", of("ann")), entry("r-2", of("ann")))
	interact(t, s, "acme", interaction("i-1", by("ann")))
	want := factsOf(t, s, "acme", "ann", everything())
	got := factsOf(t, s, "acme", "ann", everything())
	clear(got.Points)
	clear(got.Interactions)
	got.Profile = nil
	if again := factsOf(t, s, "acme", "ann", everything()); factsInWords(again) != factsInWords(want) || !reflect.DeepEqual(again.Points, want.Points) {
		t.Errorf("got %s, want %s", factsInWords(again), factsInWords(want))
	}
}
