package sqlite

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// TestHistoriesTouchNoTable: the scores of all customers are cut and read from indexes alone.
func TestHistoriesTouchNoTable(t *testing.T) {
	t.Parallel()
	s := open(t)
	var args []any
	for _, name := range []string{"tenant", "label", "from", "to", "since", "before", "after", "size"} {
		args = append(args, sql.Named(name, 1))
	}
	for _, slice := range []store.CustomerSlice{{}, {Anonymous: true}, {Label: strings.Repeat("0f", 16)}} {
		whose, err := someIn(1, slice)
		if err != nil {
			t.Fatal(err)
		}
		for _, more := range []string{"", " AND submitted_at >= @since AND submitted_at < @before AND questionnaire_class >> 8 IN (1, 2)"} {
			steps := plan(t, s, whose.text(whose.scores, more), args...)
			walks(t, fmt.Sprintf("%+v", slice), steps)
			index := "responses_by_customer"
			if slice.Anonymous {
				index = "responses_anonymous"
			}
			if !strings.Contains(steps, "USING COVERING INDEX "+index) {
				t.Errorf("%+v: the table is read:\n%s", slice, steps)
			}
		}
		if slice.Anonymous {
			continue
		}
		for _, text := range []string{readProfiles, readContacts, readOutcomes} {
			walks(t, text, plan(t, s, whose.text(text, ""), args...))
		}
	}
	for _, text := range []string{cutTenant(), cutLabel(), cutAnonymous()} {
		steps := plan(t, s, text, args...)
		if strings.Contains(steps, "TEMP B-TREE") || strings.Contains(steps, "SCAN customers") || strings.Contains(steps, "SCAN responses") {
			t.Errorf("%s is no walk of an index:\n%s", text, steps)
		}
		if strings.Count(steps, "COVERING INDEX")+strings.Count(steps, "PRIMARY KEY") == 0 {
			t.Errorf("%s reads a table:\n%s", text, steps)
		}
	}
}

// TestScoresWithoutDigests: what was recorded before there were digests is read as if it had some.
func TestScoresWithoutDigests(t *testing.T) {
	t.Parallel()
	s := open(t)
	var entries []store.Entry
	for i := range 500 {
		e := sample(fmt.Sprintf("response-%d", i))
		e.Score.CustomerId = []string{"", "ann", "bob"}[i%3]
		e.Score.Divergent, e.Score.Channel = i%2 == 0, 2
		entries = append(entries, e)
	}
	if _, err := s.Record(t.Context(), "acme", entries); err != nil {
		t.Fatal(err)
	}
	want := scoresRead(t, s)
	for _, some := range []string{"seq % 3 = 0", "true"} {
		err := on(s.path, writing(), func(db *sql.DB) error {
			_, err := db.ExecContext(t.Context(), "UPDATE responses SET digest = NULL WHERE "+some)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := scoresRead(t, s); got != want {
			t.Errorf("without the digests where %s: got\n%s\nwant\n%s", some, got, want)
		}
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
	if strings.Count(words, "Place") != 500 {
		t.Fatalf("not all scores were read: %s", words)
	}
	return words
}

// TestErasureTakesDigests: what is left of an erased row says nothing, and is in no index by which reports go.
func TestErasureTakesDigests(t *testing.T) {
	t.Parallel()
	s := open(t)
	e := sample("r-1")
	e.Score.CustomerId = "ann"
	if _, err := s.Record(t.Context(), "acme", []store.Entry{e, sample("r-2")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.EraseCustomer(t.Context(), "acme", "ann"); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{
		"SELECT count(*) FROM responses WHERE digest IS NOT NULL":                                                   1,
		"SELECT count(*) FROM responses WHERE digest IS NULL":                                                       1,
		"SELECT count(*) FROM responses INDEXED BY responses_anonymous WHERE customer IS NULL AND tenant_class > 0": 0,
	} {
		var n int
		if err := s.reader.db.QueryRowContext(t.Context(), text).Scan(&n); err != nil || n != want {
			t.Errorf("%s: got %d, %v; want %d", text, n, err, want)
		}
	}
}

// TestDamagedDigestsAreRefused: a report that would be wrong is none.
func TestDamagedDigestsAreRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample("r-1")}); err != nil {
		t.Fatal(err)
	}
	err := on(s.path, writing(), func(db *sql.DB) error {
		_, err := db.ExecContext(t.Context(), "UPDATE responses SET digest = x'0102'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	cut, err := s.CutCustomers(t.Context(), "acme", store.CustomerCut{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.HistoriesIn(t.Context(), "acme", cut[0], store.HistoryAsk{})
	refuses(t, err, "digest", "2 bytes")
	_, err = s.HistoriesIn(t.Context(), "acme", store.CustomerSlice{Label: "none"}, store.HistoryAsk{})
	refuses(t, err, "label of a slice")
}
