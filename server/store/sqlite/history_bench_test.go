package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// BenchmarkHistoriesIn reads all customers of a tenant in slices, as reports do.
//
//	go test ./server/store/sqlite -run '^$' -bench '^BenchmarkHistoriesIn$'
func BenchmarkHistoriesIn(b *testing.B) {
	const customers, each, size = 20_000, 10, 2_000
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "cmi.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	furnishHistories(b, s, customers, each)
	b.Run("cut", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.CutCustomers(b.Context(), "acme", store.CustomerCut{}, size); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/customers, "ns/customer")
	})
	cut, err := s.CutCustomers(b.Context(), "acme", store.CustomerCut{}, size)
	if err != nil {
		b.Fatal(err)
	}
	for name, ask := range map[string]store.HistoryAsk{
		"all":      {},
		"bounded":  {From: 1, Before: 1e18, QuestionnaireIDs: []string{"onboarding"}},
		"contacts": {Contacts: true, UpTo: 1e18},
	} {
		b.Run(name, func(b *testing.B) {
			scores := 0
			for b.Loop() {
				for _, slice := range cut {
					all, err := s.HistoriesIn(b.Context(), "acme", slice, ask)
					if err != nil {
						b.Fatal(err)
					}
					for _, h := range all {
						scores += len(h.Scores)
					}
				}
			}
			if scores != b.N*customers*each {
				b.Fatalf("%d scores were read, want %d", scores, b.N*customers*each)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(scores), "ns/score")
		})
	}
	b.Run("responses", func(b *testing.B) {
		all, err := s.HistoriesIn(b.Context(), "acme", cut[0], store.HistoryAsk{})
		if err != nil {
			b.Fatal(err)
		}
		var places []int64
		for _, h := range all[:1000] {
			for _, score := range h.Scores {
				places = append(places, score.Place)
			}
		}
		for b.Loop() {
			if _, err := s.ResponsesAt(b.Context(), "acme", places); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(places)), "ns/response")
	})
}

// furnishHistories records responses and interactions of customers. What they were made from is let go of: it would be looked
// through again and again for what can be freed.
func furnishHistories(b *testing.B, s *Store, customers, each int) {
	b.Helper()
	entries := make([]store.Entry, customers*each)
	var deeds []*cmiv1.Interaction
	for i := range entries {
		entries[i] = sample(fmt.Sprintf("response-%d", i))
		id := fmt.Sprintf("customer-%d", i%customers)
		entries[i].Response.CustomerId, entries[i].Score.CustomerId = id, id
		if i%2 == 0 {
			deeds = append(deeds, &cmiv1.Interaction{
				InteractionId: fmt.Sprint(i), CustomerId: id, Kind: "visit", OccurredAt: entries[i].Score.GetSubmittedAt(),
			})
		}
	}
	recordBy(b, s, entries, 4, 1000)
	if _, err := s.RecordInteractions(b.Context(), "acme", deeds, time.Unix(1_770_000_000, 0)); err != nil {
		b.Fatal(err)
	}
}
