package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/customer-momentum/cmi/server/store"
)

// BenchmarkRecord records the same entries in several ways, each into a new file, and beside them inserts the same rows
// into a file of the same schema in one transaction: what one would do without a service. The ways take
// turns, so that all of them meet the same machine. Each figure is the median of rows in a second.
//
//	go test ./server/store/sqlite -run '^$' -bench '^BenchmarkRecord$' -benchtime 5x
func BenchmarkRecord(b *testing.B) {
	const rows = 40_000
	entries := make([]store.Entry, rows)
	for i := range entries {
		entries[i] = sample(fmt.Sprintf("response-%d", i))
	}
	ways := []struct {
		name string
		rows int
		run  func(b *testing.B, s *Store, entries []store.Entry)
	}{
		{"bulk", rows, bulk},
		{"batches", rows, func(b *testing.B, s *Store, e []store.Entry) { recordBy(b, s, e, 1, 1000) }},
		{"4-batches-at-once", rows, func(b *testing.B, s *Store, e []store.Entry) { recordBy(b, s, e, 4, 1000) }},
		{"64-callers", 10_000, func(b *testing.B, s *Store, e []store.Entry) { recordBy(b, s, e, 64, 1) }},
		{"256-callers", 20_000, func(b *testing.B, s *Store, e []store.Entry) { recordBy(b, s, e, 256, 1) }},
		{"1-caller", 500, func(b *testing.B, s *Store, e []store.Entry) { recordBy(b, s, e, 1, 1) }},
	}
	speeds := make([][]float64, len(ways))
	for b.Loop() {
		for i, way := range ways {
			s := open(b)
			start := time.Now()
			way.run(b, s, entries[:way.rows])
			speeds[i] = append(speeds[i], float64(way.rows)/time.Since(start).Seconds())
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
	for i, way := range ways {
		b.ReportMetric(median(speeds[i]), way.name+"-rows/s")
		if i == 0 {
			continue
		}
		var ratios []float64
		for turn := range speeds[i] {
			ratios = append(ratios, speeds[i][turn]/speeds[0][turn])
		}
		b.ReportMetric(median(ratios), way.name+"/bulk")
	}
}

func median(of []float64) float64 { return slices.Sorted(slices.Values(of))[len(of)/2] }

// recordBy has callers record in turns, each call a number of entries.
func recordBy(b *testing.B, s *Store, entries []store.Entry, callers, each int) {
	work := make(chan []store.Entry, len(entries)/each+1)
	for chunk := range slices.Chunk(entries, each) {
		work <- chunk
	}
	close(work)
	var calls sync.WaitGroup
	for range callers {
		calls.Go(func() {
			for chunk := range work {
				if _, err := s.Record(b.Context(), "acme", chunk); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	calls.Wait()
}

// bulk inserts rows by a prepared statement for one row, in one transaction.
func bulk(b *testing.B, s *Store, entries []store.Entry) {
	err := on(s.path, writing(), func(db *sql.DB) error {
		tx, err := db.BeginTx(b.Context(), nil)
		if err != nil {
			return err
		}
		insert, err := tx.PrepareContext(b.Context(), fmt.Sprintf(insertResponses, responseTuple))
		if err != nil {
			return err
		}
		for i, e := range entries {
			r, err := newRow(s.secret, "acme", e)
			if err != nil {
				return err
			}
			if _, err := insert.ExecContext(context.Background(), i, r.Key[:], r.customer.bytes(), 256+int64(r.Class), 512+int64(r.Class),
				r.Version, r.SubmittedAt, r.CMI, r.Content, r.Score, r.Response.Response, r.Digest); err != nil {
				return err
			}
		}
		return tx.Commit()
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkList reads pages of a tenant with many responses.
func BenchmarkList(b *testing.B) {
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "cmi.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	entries := make([]store.Entry, 50_000)
	for i := range entries {
		entries[i] = sample(fmt.Sprintf("response-%d", i))
	}
	recordBy(b, s, entries, 4, 1000)
	middle, err := s.Response(b.Context(), "acme", "response-25000")
	if err != nil {
		b.Fatal(err)
	}
	for name, f := range map[string]store.ResponseFilter{
		"all":           {},
		"all/scores":    {ScoresOnly: true},
		"all/continued": {After: &middle.Cursor},
		"bucket":        {Bucket: 1},
		"questionnaire": {QuestionnaireID: "onboarding"},
		"customer":      {CustomerID: middle.Score.GetCustomerId()},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.ListResponses(b.Context(), "acme", f, 100); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Response(b.Context(), "acme", "response-77"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
