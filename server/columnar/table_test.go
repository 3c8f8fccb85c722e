package columnar_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/columnar"
	"github.com/customer-momentum/cmi/server/columnar/columnartest"
)

func compiled(tb testing.TB, q *cmiv1.Questionnaire) *scoring.Scorer {
	tb.Helper()
	s, err := scoring.Compile(q)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// scoredAlone checks a row against the same response alone, to the bit.
func scoredAlone(tb testing.TB, s *scoring.Scorer, r *cmiv1.Response, got *scoring.ColumnScores, row int) {
	tb.Helper()
	want, err := s.Score(&cmiv1.Response{Answers: r.GetAnswers()})
	if refused := slices.Contains(got.Refused, row); refused != (err != nil) {
		tb.Fatalf("row %d is refused: %v; alone: %v, for %v", row, refused, err, r)
	}
	if want == nil {
		want = &cmiv1.Score{}
	}
	missing := func(x *float64) uint64 {
		if x == nil {
			return math.Float64bits(math.NaN())
		}
		return math.Float64bits(*x)
	}
	same := got.Status[row] == want.GetStatus() && got.Bucket[row] == want.GetBucket() && math.Float64bits(got.CMI[row]) == missing(want.Cmi)
	for p, pillar := range want.GetPillars() {
		same = same && math.Float64bits(got.Pillars[p][row]) == missing(pillar.Score)
	}
	if !same {
		tb.Fatalf("row %d has %v %v, alone %v", row, got.Status[row], got.CMI[row], want)
	}
}

// TestColumnsOfEveryTypeScoreAsRowsDo: whatever the types, their order, and where in a larger batch the rows begin.
func TestColumnsOfEveryTypeScoreAsRowsDo(t *testing.T) {
	t.Parallel()
	q := columnartest.Questionnaire()
	s := compiled(t, q)
	kinds, refused := map[string]bool{}, 0
	for seed := range uint64(80) {
		rng := rand.New(rand.NewPCG(seed, 1))
		responses := columnartest.Responses(rng, q, 1+rng.IntN(200))
		table := columnartest.Mixed(rng, q, responses)
		if seed == 0 {
			table = columnartest.Plain(q)
		}
		binding, err := columnar.Bind(s, table.Schema, nil)
		if err != nil {
			t.Fatal(err)
		}
		columns, got := s.Columns(), &scoring.ColumnScores{}
		for _, skip := range []int{0, 5, 8} {
			batch := table.Batch(responses, skip)
			if err := binding.Set(batch, columns); err != nil {
				t.Fatalf("seed %d: %v: %v", seed, err, table.Schema)
			}
			if err := columns.Score(len(responses), got); err != nil {
				t.Fatal(err)
			}
			for row, r := range responses {
				scoredAlone(t, s, r, got, row)
				said := &cmiv1.Response{}
				binding.Heads().Put(row, said)
				said.Answers = r.GetAnswers()
				if !proto.Equal(said, r) {
					t.Fatalf("row %d says %v, not %v", row, said, r)
				}
			}
			batch.Release()
		}
		refused += len(got.Refused)
		for _, f := range table.Schema.Fields() {
			kinds[f.Type.String()] = true
		}
	}
	if refused == 0 || len(kinds) < 25 {
		t.Errorf("%d rows were refused, of columns of %d types: the test tried too little", refused, len(kinds))
	}
}

// TestExpectedColumnsAreTaken, every one of them, with what they say of the items.
func TestExpectedColumnsAreTaken(t *testing.T) {
	t.Parallel()
	q := columnartest.Questionnaire()
	schema := columnar.Expected(q)
	if _, err := columnar.Bind(compiled(t, q), schema, nil); err != nil {
		t.Error(err)
	}
	trust, _ := schema.FieldsByName("trust")
	if got, _ := trust[0].Metadata.GetValue("prompt"); got != "Do you trust us?" {
		t.Errorf("trust says %v", trust)
	}
	if n := schema.NumFields(); n != 2*len(q.GetItems())+4 {
		t.Errorf("%d columns", n)
	}
}

// faulty expects a fault that says something.
func faulty(t *testing.T, err error, want string) {
	t.Helper()
	var fault *columnar.Fault
	if !errors.As(err, &fault) || !strings.Contains(fault.Message, want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// BenchmarkResults makes batches of 65,536 rows out of scores, a few of which are missing.
func BenchmarkResults(b *testing.B) {
	var scores scoring.ColumnScores
	scores.Reset(columnar.MostRows)
	rng := rand.New(rand.NewPCG(1, 2))
	for row := range scores.CMI {
		if rng.IntN(100) > 0 {
			x := rng.Float64() * 100
			scores.Put(row, &cmiv1.Score{
				Status: 1, Bucket: 2, Cmi: &x, Pillars: []*cmiv1.PillarScore{{Score: &x}, {Score: &x}, {Score: &x}},
			})
		}
	}
	results, err := columnar.NewResults(nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		results.Batch(&scores, nil).Release()
	}
	b.ReportMetric(float64(columnar.MostRows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}
