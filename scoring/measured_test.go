package scoring_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// eachMeasured runs a property on random responses with random measures.
func eachMeasured(t *testing.T, seed uint64, check func(t *testing.T, s *scoring.Scorer, r *cmiv1.Response, measured []*cmiv1.Behaviour)) {
	t.Helper()
	each(t, seed, func(t *testing.T, rng *rand.Rand, q *cmiv1.Questionnaire, r *cmiv1.Response) {
		scatterKinds(rng, q)
		s := compile(t, q)
		if rng.IntN(4) == 0 {
			r.Behaviour = &cmiv1.Behaviour{Rate: proto.Float64(rng.Float64()), Diversity: proto.Float64(0.5)}
		}
		check(t, s, r, randomMeasures(rng, s))
	})
}

// TestTheRecordScoresAgain: from the wire form of a recorded score, its response scores to the same bits.
func TestTheRecordScoresAgain(t *testing.T) {
	several := 0
	eachMeasured(t, 21, func(t *testing.T, s *scoring.Scorer, r *cmiv1.Response, measured []*cmiv1.Behaviour) {
		want, err := s.ExplainMeasured(r, measured)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := s.ScoreMeasured(r, measured)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := proto.Marshal(plain)
		if err != nil {
			t.Fatal(err)
		}
		record := new(cmiv1.Score)
		if err := proto.Unmarshal(kept, record); err != nil {
			t.Fatal(err)
		}
		if len(record.ItemBehaviours) > 0 {
			several++
		}
		got, err := s.ExplainRecorded(r, record)
		if err != nil || !proto.Equal(got, want) {
			t.Fatalf("%v, from the record\n%v\nwas\n%v", err, got, want)
		}
	})
	if several == 0 {
		t.Error("no score rested on several needs")
	}
}

// TestMeasuresAreNumbersThatWereNotAnswered: a measure scores as the same number answered to the item does.
func TestMeasuresAreNumbersThatWereNotAnswered(t *testing.T) {
	measures := 0
	eachMeasured(t, 22, func(t *testing.T, s *scoring.Scorer, r *cmiv1.Response, measured []*cmiv1.Behaviour) {
		got, err := s.ExplainMeasured(r, measured)
		if err != nil {
			t.Fatal(err)
		}
		answered := map[string]bool{}
		for _, a := range r.Answers {
			answered[a.ItemId] = true
		}
		said := proto.CloneOf(r)
		for k, need := range s.BehaviourNeeds() {
			for _, id := range need.Items {
				if measured == nil || r.Behaviour != nil || answered[id] {
					continue
				}
				if x := measureOf(t, s, id, measured[k]); x != nil {
					measures++
					said.Answers = append(said.Answers, &cmiv1.Answer{ItemId: id, Value: &cmiv1.Answer_Number{Number: *x}})
				}
			}
		}
		want := explain(t, s, said)
		bare := proto.CloneOf(got)
		bare.ItemBehaviours = nil
		if r.Behaviour == nil {
			bare.Behaviour = nil
		}
		if !proto.Equal(bare, want) {
			t.Fatalf("measured %v\nanswered %v", got, want)
		}
	})
	if measures == 0 {
		t.Error("nothing was measured")
	}
}

// measureOf finds out which number an item takes from a behaviour: it is told by what the item calls a mistake. A rate of 0
// counts as no interaction, for which no number of days can be answered, and is not drawn.
func measureOf(t *testing.T, s *scoring.Scorer, id string, m *cmiv1.Behaviour) *float64 {
	t.Helper()
	if m == nil {
		return nil
	}
	var invalid *scoring.Invalid
	_, err := s.Score(&cmiv1.Response{Answers: []*cmiv1.Answer{{ItemId: id, Value: &cmiv1.Answer_Number{Number: -1}}}})
	if !errors.As(err, &invalid) {
		t.Fatal(err)
	}
	for said, x := range map[string]*float64{"rate": m.Rate, "diversity": m.Diversity, "number of days": m.DaysSince} {
		if invalid.Violations[0].Message == `item "`+id+`": -1 is not allowed; a `+said+map[string]string{
			"rate": " per 30 days of 0 or more is", "diversity": " from 0 to 1 is", "number of days": " of 0 or more is",
		}[said] {
			return x
		}
	}
	t.Fatalf("unknown measure: %v", err)
	return nil
}

// TestWrongMeasures: they are the caller's mistakes, not the response's.
func TestWrongMeasures(t *testing.T) {
	t.Parallel()
	s := compile(t, questionnaire(t, "q eci=0 fii=0", "f BEI frequency", "r BEI recency kinds=call"))
	r := response(t, "f=1")
	for name, measured := range map[string][]*cmiv1.Behaviour{
		"too few":             {nil},
		"too many":            {nil, nil, nil},
		"negative rate":       {{Rate: proto.Float64(-1)}, nil},
		"rate of NaN":         {{Rate: proto.Float64(math.NaN())}, nil},
		"diversity above 1":   {nil, {Diversity: proto.Float64(1.5)}},
		"infinite days since": {nil, {DaysSince: proto.Float64(math.Inf(1))}},
	} {
		for way, score := range map[string]func(*cmiv1.Response, []*cmiv1.Behaviour) (*cmiv1.Score, error){
			"score": s.ScoreMeasured, "explain": s.ExplainMeasured,
		} {
			got, err := score(r, measured)
			var invalid *scoring.Invalid
			if got != nil || err == nil || errors.As(err, &invalid) {
				t.Errorf("%s, %s: %v, %v", name, way, got, err)
			}
		}
	}
	if _, err := s.ScoreMeasured(nil, []*cmiv1.Behaviour{nil, nil}); err == nil {
		t.Error("no response was scored")
	}
}

// TestScoresKeepWhatWasMeasured whatever becomes of it: no memory is shared, also not between items of one need.
func TestScoresKeepWhatWasMeasured(t *testing.T) {
	t.Parallel()
	for _, items := range [][]string{{"f BEI frequency", "d BEI diversity"}, {"f BEI frequency", "d BEI diversity", "r BEI recency kinds=call"}} {
		s := compile(t, questionnaire(t, "q eci=0 fii=0", items...))
		var measured []*cmiv1.Behaviour
		for range s.BehaviourNeeds() {
			measured = append(measured, &cmiv1.Behaviour{Rate: proto.Float64(1), Diversity: proto.Float64(0.5), DaysSince: proto.Float64(2)})
		}
		got, err := s.ScoreMeasured(response(t, ""), measured)
		if err != nil {
			t.Fatal(err)
		}
		want := proto.CloneOf(got)
		for _, m := range measured {
			*m.Rate, *m.Diversity, *m.DaysSince = 9, 9, 9
		}
		if !proto.Equal(got, want) {
			t.Errorf("the score changed to %v", got)
		}
		for k, m := range got.ItemBehaviours {
			*m.Behaviour.Rate = float64(10 + k)
		}
		for k, m := range got.ItemBehaviours {
			if *m.Behaviour.Rate != float64(10+k) {
				t.Errorf("items share a behaviour: %v", got)
			}
		}
	}
}

// TestAllocationsOfMeasures: without measures there is nothing more than for Score, with them their copies.
func TestAllocationsOfMeasures(t *testing.T) {
	one := compile(t, questionnaire(t, "q eci=0 fii=0", "f BEI frequency", "d BEI diversity"))
	two := compile(t, questionnaire(t, "q eci=0 fii=0", "f BEI frequency", "r BEI recency kinds=call"))
	did := &cmiv1.Behaviour{Rate: proto.Float64(1), Diversity: proto.Float64(0.5), DaysSince: proto.Float64(1)}
	r := response(t, "")
	for _, c := range []struct {
		name     string
		scorer   *scoring.Scorer
		measured []*cmiv1.Behaviour
		want     float64
	}{
		{"no measures", one, nil, 1},
		{"missing measures", two, []*cmiv1.Behaviour{nil, nil}, 1},
		{"one need", one, []*cmiv1.Behaviour{did}, 2},
		{"two needs", two, []*cmiv1.Behaviour{did, did}, 3},
	} {
		if got := testing.AllocsPerRun(100, func() {
			if _, err := c.scorer.ScoreMeasured(r, c.measured); err != nil {
				t.Fatal(err)
			}
		}); got != c.want {
			t.Errorf("%s: %v allocations, want %v", c.name, got, c.want)
		}
	}
}
