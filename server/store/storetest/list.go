package storetest

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// falling is the order of lists: the later time first, then the greater key.
func falling(a, b store.Cursor) int {
	return cmp.Or(cmp.Compare(b.SubmittedAt, a.SubmittedAt), bytes.Compare(b.Key[:], a.Key[:]))
}

// inOrder checks that a list falls strictly, so that no two places are one.
func inOrder(t *testing.T, page []*store.Kept) {
	t.Helper()
	for i := 1; i < len(page); i++ {
		if falling(page[i-1].Cursor, page[i].Cursor) >= 0 {
			t.Fatalf("places %d and %d are out of order: %v, %v", i-1, i, page[i-1].Cursor, page[i].Cursor)
		}
	}
}

// mixed makes entries over a few customers, questionnaires, classes and times with many ties, and voids some.
func mixed(t *testing.T, s store.Store, n int) []store.Entry {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	entries := make([]store.Entry, n)
	for i := range entries {
		entries[i] = entry(fmt.Sprintf("m-%04d", i),
			of([]string{"", "ann", "bob", "cem"}[random.IntN(4)]),
			to([]string{"first", "second"}[random.IntN(2)]),
			is(cmiv1.ScoreStatus(1+random.IntN(3)), cmiv1.Bucket(random.IntN(4))),
			at(noon().Add(time.Duration(random.IntN(8))*time.Microsecond)))
	}
	record(t, s, "acme", entries...)
	for i := range entries {
		if i%10 == 3 {
			entries[i] = marked(entries[i], noon(), "why")
			void(t, s, "acme", entries[i].Score.GetResponseId(), noon(), "why")
		}
	}
	return entries
}

func listOrder(t *testing.T, s store.Store) {
	entries := mixed(t, s, 200)
	page := list(t, s, "acme", store.ResponseFilter{IncludeVoid: true}, 1000)
	if len(page) != len(entries) {
		t.Fatalf("%d are listed, want %d", len(page), len(entries))
	}
	inOrder(t, page)
	again := list(t, s, "acme", store.ResponseFilter{IncludeVoid: true}, 1000)
	if !slices.Equal(ids(page), ids(again)) {
		t.Fatal("the order of ties changed from one list to the next")
	}
	if got := ids(list(t, s, "acme", store.ResponseFilter{IncludeVoid: true}, 7)); !slices.Equal(got, ids(page)[:7]) {
		t.Fatalf("a limit of 7: got %q, want the first 7", got)
	}
	for i, k := range page {
		if alone := kept(t, s, "acme", k.Score.GetResponseId()); alone.Cursor != k.Cursor {
			t.Fatalf("place %d: the list gives cursor %v, Response %v", i, k.Cursor, alone.Cursor)
		}
	}
}

// matches is the rule of filters, said once more and plainly.
func matches(e store.Entry, f store.ResponseFilter) bool {
	when := e.Score.GetSubmittedAt().AsTime()
	return (f.CustomerID == "" || e.Score.GetCustomerId() == f.CustomerID) &&
		(f.QuestionnaireID == "" || e.Score.GetQuestionnaireId() == f.QuestionnaireID) &&
		(f.Bucket == 0 || e.Score.GetBucket() == f.Bucket) &&
		(f.Status == 0 || e.Score.GetStatus() == f.Status) &&
		(f.From.IsZero() || !when.Before(f.From)) &&
		(f.Before.IsZero() || when.Before(f.Before)) &&
		(f.IncludeVoid || e.Score.GetVoid() == nil)
}

// filters are all combinations of what a filter can ask for.
func filters() []store.ResponseFilter {
	var all []store.ResponseFilter
	for bits := range 1 << 7 {
		var f store.ResponseFilter
		for bit, set := range []func(){
			func() { f.CustomerID = "bob" },
			func() { f.QuestionnaireID = "second" },
			func() { f.Bucket = cmiv1.Bucket_BUCKET_GROWTH },
			func() { f.Status = cmiv1.ScoreStatus_SCORE_STATUS_PARTIAL },
			func() { f.From = noon().Add(2 * time.Microsecond) },
			func() { f.Before = noon().Add(6 * time.Microsecond) },
			func() { f.IncludeVoid = true },
		} {
			if bits&(1<<bit) != 0 {
				set()
			}
		}
		all = append(all, f)
	}
	return all
}

func listFilters(t *testing.T, s store.Store) {
	entries := mixed(t, s, 250)
	byID := map[string]store.Entry{}
	for _, e := range entries {
		byID[e.Score.GetResponseId()] = e
	}
	for _, f := range filters() {
		want := map[string]bool{}
		for id, e := range byID {
			if matches(e, f) {
				want[id] = true
			}
		}
		page := list(t, s, "acme", f, 1000)
		inOrder(t, page)
		if len(page) != len(want) {
			t.Fatalf("%+v: %d are listed, want %d", f, len(page), len(want))
		}
		for _, k := range page {
			if !want[k.Score.GetResponseId()] {
				t.Fatalf("%+v: %s is listed and does not match", f, k.Score.GetResponseId())
			}
			sameKept(t, k, byID[k.Score.GetResponseId()])
		}
		paged := pages(t, s, f, 11)
		if !slices.Equal(ids(paged), ids(page)) {
			t.Fatalf("%+v: page by page gives %q, at once %q", f, ids(paged), ids(page))
		}
	}
	unknown := store.ResponseFilter{Bucket: 99}
	if page := list(t, s, "acme", unknown, 10); len(page) != 0 {
		t.Errorf("a bucket that nobody is in: %d are listed", len(page))
	}
}

func listTimes(t *testing.T, s store.Store) {
	for i := range 4 {
		record(t, s, "acme", entry(fmt.Sprintf("t-%d", i), at(noon().Add(time.Duration(i)*time.Microsecond))))
	}
	us := func(d time.Duration) time.Time { return noon().Add(d) }
	for _, c := range []struct {
		from, before time.Time
		want         []string
	}{
		{us(time.Microsecond), us(3 * time.Microsecond), []string{"t-2", "t-1"}},
		{us(time.Microsecond).In(time.FixedZone("", -7200)), time.Time{}, []string{"t-3", "t-2", "t-1"}},
		{us(1001 * time.Nanosecond), time.Time{}, []string{"t-3", "t-2"}},
		{time.Time{}, us(1001 * time.Nanosecond), []string{"t-1", "t-0"}},
		{us(time.Microsecond), us(time.Microsecond), nil},
		{us(3 * time.Microsecond), us(time.Microsecond), nil},
	} {
		if got := ids(list(t, s, "acme", store.ResponseFilter{From: c.from, Before: c.before}, 10)); !slices.Equal(got, c.want) {
			t.Errorf("from %v before %v: got %q, want %q", c.from, c.before, got, c.want)
		}
	}
}

func listNothing(t *testing.T, s store.Store) {
	if page := list(t, s, "acme", store.ResponseFilter{}, 10); len(page) != 0 {
		t.Errorf("an empty store lists %d", len(page))
	}
	record(t, s, "acme", entry("r-1"))
	for name, f := range map[string]store.ResponseFilter{
		"customer":      {CustomerID: "nobody"},
		"questionnaire": {QuestionnaireID: "none"},
		"status":        {Status: cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED},
	} {
		if page := list(t, s, "acme", f, 10); len(page) != 0 {
			t.Errorf("%s: %d are listed, want none", name, len(page))
		}
	}
	if page := list(t, s, "acme", store.ResponseFilter{}, 0); len(page) != 0 {
		t.Errorf("a limit of 0 lists %d", len(page))
	}
}

func listScoresOnly(t *testing.T, s store.Store) {
	entries := mixed(t, s, 50)
	for _, f := range []store.ResponseFilter{{}, {CustomerID: "ann"}, {QuestionnaireID: "first"}, {IncludeVoid: true}} {
		whole := list(t, s, "acme", f, len(entries))
		f.ScoresOnly = true
		for i, k := range list(t, s, "acme", f, len(entries)) {
			if k.Response != nil {
				t.Fatalf("%+v: place %d carries its response", f, i)
			}
			same(t, "score", k.Score, whole[i].Score)
			if k.Cursor != whole[i].Cursor || k.Content != whole[i].Content {
				t.Fatalf("%+v: place %d differs from the whole", f, i)
			}
		}
	}
}
