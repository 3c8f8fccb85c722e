package postgres

import (
	"fmt"
	"strings"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// TestHistoriesAreIndexWalks: the scores of a slice are read from indexes alone, once the database has vacuumed them, and nothing
// else reads a table from end to end.
func TestHistoriesAreIndexWalks(t *testing.T) {
	t.Parallel()
	s := crowded(t)
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample(1, "")}); err != nil {
		t.Fatal(err)
	}
	scope, err := s.numberScope(t.Context(), "acme", "")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if _, err := tx.Exec(t.Context(), "SET LOCAL enable_seqscan = off"); err != nil {
		t.Fatal(err)
	}
	e := &explaining{conn: tx, t: t}
	label := s.secret.CutLabel("acme", store.CustomerCut{AccountID: "a-7"})
	for _, slice := range []store.CustomerSlice{{}, {Anonymous: true}, {Label: label}} {
		slice.From, slice.To = 1, 1000
		whose, err := someIn(scope, slice)
		if err != nil {
			t.Fatal(err)
		}
		args := whose.and(int64(0), int64(1e18), []int64{1, 2})
		e.explain(t.Context(), fmt.Sprintf(whose.scores, whose.from, ofQuestionnaires), args)
		index := "Index Only Scan using responses_by_customer"
		if slice.Anonymous {
			index = "Index Only Scan using responses_anonymous"
		}
		if plan := e.plans[0]; !strings.Contains(plan, index) || strings.Contains(plan, "Sort  (") {
			t.Errorf("%+v: it does not look into the index alone, in its order:\n%s", slice, plan)
		}
		e.walks(fmt.Sprintf("the scores of %+v", slice))
		if slice.Anonymous {
			continue
		}
		e.explain(t.Context(), whose.text(findSlicesProfiles), args[:4])
		e.explain(t.Context(), whose.text(findSlicesContacts), args[:5])
		e.explain(t.Context(), whose.text(findSlicesOutcomes), args[:5])
		e.walks(fmt.Sprintf("the people of %+v", slice))
	}
	hash, err := form.ParseLabel(label)
	if err != nil {
		t.Fatal(err)
	}
	e.explain(t.Context(), cutTenant, []any{scope, int64(0), 100})
	e.explain(t.Context(), cutLabel, []any{uuid(hash), int64(0), 100})
	e.explain(t.Context(), cutAnonymous, []any{scope, int64(0), 100})
	for _, plan := range e.plans {
		if strings.Contains(plan, "Sort  (") || !strings.Contains(plan, "Index Only Scan") {
			t.Errorf("it does not look into the index alone, in its order:\n%s", plan)
		}
	}
	e.explain(t.Context(), findPlaces, []any{[]int64{1, 2}, scope})
	e.walks("cuts and places")
}

// TestScoresWithoutDigests: what was recorded before there were digests is read as if it had some.
func TestScoresWithoutDigests(t *testing.T) {
	t.Parallel()
	s := open(t)
	var entries []store.Entry
	for i := range 600 { // by COPY
		e := sample(i, []string{"", "ann", "bob"}[i%3])
		e.Score.Divergent, e.Score.Channel = i%2 == 0, 2
		entries = append(entries, e)
	}
	for _, part := range [][]store.Entry{entries[:1], entries[1:50], entries[50:]} {
		if _, err := s.Record(t.Context(), "acme", part); err != nil {
			t.Fatal(err)
		}
	}
	var missing int
	if err := s.pool.QueryRow(t.Context(), "SELECT count(*) FROM responses WHERE digest IS NULL").Scan(&missing); err != nil || missing > 0 {
		t.Errorf("%d were recorded without a digest, %v", missing, err)
	}
	want := scoresRead(t, s)
	for _, some := range []string{"seq % 3 = 0", "true"} {
		if _, err := s.pool.Exec(t.Context(), "UPDATE responses SET digest = NULL WHERE "+some); err != nil {
			t.Fatal(err)
		}
		if got := scoresRead(t, s); got != want {
			t.Errorf("without the digests where %s: got\n%s\nwant\n%s", some, got, want)
		}
	}
	if _, err := s.EraseCustomer(t.Context(), "acme", "ann"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pool.Exec(t.Context(), "UPDATE responses SET digest = '\\x0102' WHERE tenant_class > 0"); err != nil {
		t.Fatal(err)
	}
	cut, err := s.CutCustomers(t.Context(), "acme", store.CustomerCut{}, 1000)
	if err != nil || len(cut) == 0 {
		t.Fatal(cut, err)
	}
	if all, err := s.HistoriesIn(t.Context(), "acme", cut[0], store.HistoryAsk{}); err == nil || !strings.Contains(err.Error(), "digest") {
		t.Errorf("of damaged digests: got %d, %v; want them refused", len(all), err)
	}
}

// TestErasureTakesDigests: what is left of an erased row says nothing.
func TestErasureTakesDigests(t *testing.T) {
	t.Parallel()
	s := open(t)
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample(1, "ann"), sample(2, "bob")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.EraseCustomer(t.Context(), "acme", "ann"); err != nil {
		t.Fatal(err)
	}
	var kept, gone int
	err := s.pool.QueryRow(t.Context(), "SELECT count(digest), count(*) - count(digest) FROM responses").Scan(&kept, &gone)
	if err != nil || kept != 1 || gone != 1 {
		t.Errorf("%d digests are there and %d are not, %v; want one of each", kept, gone, err)
	}
}

// scoresRead says all scores that reports read.
func scoresRead(t *testing.T, s *Store) string {
	t.Helper()
	cut, err := s.CutCustomers(t.Context(), "acme", store.CustomerCut{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	words := ""
	for _, slice := range cut {
		all, err := s.HistoriesIn(t.Context(), "acme", slice, store.HistoryAsk{})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range all {
			words += fmt.Sprintf("%d: %+v\n", h.Key, h.Scores)
		}
	}
	if n := strings.Count(words, "Place"); n != 600 {
		t.Fatalf("%d of 600 scores were read", n)
	}
	return words
}
