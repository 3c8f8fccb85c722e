package scoring_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// columnsOf makes a questionnaire of twelve ratings of 1 to 5, and their columns of random bytes, of which some are missing.
func columnsOf(tb testing.TB, rows int, missing float64) (*scoring.Scorer, func(*scoring.Columns)) {
	tb.Helper()
	rng := rand.New(rand.NewPCG(12, 5))
	q := &cmiv1.Questionnaire{QuestionnaireId: "twelve"}
	var columns []scoring.Column
	for k := range 12 {
		q.Items = append(q.Items, &cmiv1.Item{
			ItemId: fmt.Sprintf("i%d", k), Pillar: cmiv1.Pillar(1 + k/4), Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: 1, Max: 5}},
		})
		values := make([]int8, rows)
		for row := range values {
			values[row] = int8(1 + rng.IntN(5))
		}
		column := scoring.Column{Values: scoring.Numbers(values)}
		if missing > 0 {
			column.Valid = bitmap(0, rows, func(int) bool { return rng.Float64() >= missing })
		}
		columns = append(columns, column)
	}
	s := compile(tb, q)
	return s, func(c *scoring.Columns) {
		for k, column := range columns {
			if err := c.Set(fmt.Sprintf("i%d", k), column); err != nil {
				tb.Fatal(err)
			}
		}
	}
}

// BenchmarkColumns scores batches of 65,536 rows of twelve answers.
func BenchmarkColumns(b *testing.B) {
	const rows = 1 << 16
	for _, missing := range []float64{0, 0.1} {
		b.Run(fmt.Sprintf("missing=%v", missing), func(b *testing.B) {
			s, set := columnsOf(b, rows, missing)
			c, out := s.Columns(), &scoring.ColumnScores{}
			set(c)
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Score(rows, out); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
