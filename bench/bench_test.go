package main

import (
	"os"
	"testing"

	"github.com/customer-momentum/cmi/bench/load"
	"github.com/customer-momentum/cmi/bench/target"
	"github.com/customer-momentum/cmi/server/store/postgres/pgtest"
)

// The benchmarks run the same targets as the report, but in one process with the load generator: for benchstat, which compares
// two versions of the code. The report compares the sides of one version.
//
//	go test -run '^$' -bench . -count 10

func BenchmarkScoreCustomer(b *testing.B) {
	dry := unaryOrder(load.GRPC, true)
	b.Run("prepared", func(b *testing.B) { benchmark(b, target.Fixed, dry) })
	b.Run("bare", func(b *testing.B) { benchmark(b, target.Bare, dry) })
	b.Run("whole", func(b *testing.B) { benchmark(b, target.Whole, dry) })
	b.Run("gateway", func(b *testing.B) { benchmark(b, target.Whole, unaryOrder(load.HTTP, true)) })
	b.Run("recorded", func(b *testing.B) { benchmark(b, target.Whole, unaryOrder(load.GRPC, false)) })
}

func BenchmarkStreamScores(b *testing.B) {
	dry := streamOrder(chunk, true)
	b.Run("prepared", func(b *testing.B) { benchmark(b, target.Fixed, dry) })
	b.Run("bare", func(b *testing.B) { benchmark(b, target.Bare, dry) })
	b.Run("whole", func(b *testing.B) { benchmark(b, target.Whole, dry) })
	b.Run("recorded", func(b *testing.B) { benchmark(b, target.Whole, streamOrder(bulkChunk, false)) })
	b.Run("recorded by Flight", func(b *testing.B) { benchmark(b, target.Whole, tableOrder()) })
}

func BenchmarkBulkInsert(b *testing.B) {
	t := start(b, target.Bulk)
	b.ReportAllocs()
	b.ResetTimer()
	if err := t.Insert(b.Context(), b.N); err != nil {
		b.Fatal(err)
	}
}

// benchmark answers b.N responses, or for streams and tables as many whole chunks as hold them.
func benchmark(b *testing.B, kind string, o load.Order) {
	t := start(b, kind)
	g := load.New()
	b.Cleanup(func() {
		if err := g.Close(); err != nil {
			b.Error(err)
		}
	})
	o.Address, o.Key = t.GRPC, t.Key
	if o.Way == load.HTTP {
		o.Address = t.HTTP
	}
	run := func(n int) {
		o.Responses = n
		if o.Chunk > 0 {
			o.Responses = (n + o.Chunk - 1) / o.Chunk * o.Chunk
		}
		if _, err := g.Run(b.Context(), o); err != nil {
			b.Fatal(err)
		}
	}
	run(o.Callers) // connects
	before := target.Used()
	b.ReportAllocs()
	b.ResetTimer()
	run(b.N)
	b.StopTimer()
	b.ReportMetric((target.Used().CPU-before.CPU)*1e9/float64(b.N), "cpu-ns/op")
}

func start(b *testing.B, kind string) *target.Target {
	b.Helper()
	t, err := target.Start(b.Context(), kind, target.Place{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := t.Close(); err != nil {
			b.Error(err)
		}
	})
	return t
}

// TestEverySideAnswers runs each side of each experiment for a moment: it decides nothing by time.
func TestEverySideAnswers(t *testing.T) {
	for _, e := range experiments() {
		for _, s := range e.sides {
			t.Run(e.rows[0].number+"/"+s.name, func(t *testing.T) {
				server := os.Getenv(pgtest.URL)
				if e.postgres && server == "" {
					t.Skip(pgtest.ErrNone)
				}
				running, err := target.Start(t.Context(), s.target, target.Place{Dir: t.TempDir(), Postgres: server})
				if err != nil {
					t.Fatal(err)
				}
				defer func() {
					if err := running.Close(); err != nil {
						t.Error(err)
					}
				}()
				if running.Insert != nil {
					if err := running.Insert(t.Context(), 1500); err != nil {
						t.Error(err)
					}
					return
				}
				answerSome(t, running, s.order)
			})
		}
	}
}

func answerSome(t *testing.T, running *target.Target, o load.Order) {
	t.Helper()
	g := load.New()
	defer func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}()
	o.Address, o.Key, o.Responses = running.GRPC, running.Key, 4*o.Callers
	if o.Way == load.HTTP {
		o.Address = running.HTTP
	}
	if o.Chunk > 0 {
		o.Responses = 3 * o.Chunk
	}
	report, err := g.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if report.Responses != o.Responses {
		t.Errorf("%d responses were answered, want %d", report.Responses, o.Responses)
	}
}
