package scoring_test

import (
	"testing"

	"github.com/customer-momentum/cmi/scoring"
)

// BenchmarkScore scores 12 answers.
func BenchmarkScore(b *testing.B) {
	q, r := twelve(b)
	s := compile(b, q)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Score(r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkExplain scores and explains 12 answers.
func BenchmarkExplain(b *testing.B) {
	q, r := twelve(b)
	s := compile(b, q)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Explain(r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompile compiles 12 items.
func BenchmarkCompile(b *testing.B) {
	q, _ := twelve(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := scoring.Compile(q); err != nil {
			b.Fatal(err)
		}
	}
}
