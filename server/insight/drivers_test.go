package insight_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

func predictors(ids ...string) []*cmiv1.DriverPredictor {
	var list []*cmiv1.DriverPredictor
	for _, id := range ids {
		list = append(list, &cmiv1.DriverPredictor{ItemIds: []string{id}})
	}
	return list
}

// drivenWorld has respondents whose stay is 0.6 a + 0.2 b, exactly, where a and b are independent of one another and c goes with neither.
func drivenWorld(t *testing.T) *world {
	w := newWorld(t, pulse("pulse", unweighted("a", 0, 100, 0), unweighted("b", 0, 100, 0), unweighted("c", 0, 100, 0)))
	for k := range 64 {
		a, b, c := float64(100*(k&1)), float64(100*(k>>1&1)), float64(100*(k>>2&1))
		w.respond(fmt.Sprintf("c%02d", k), "pulse", day(time.May, 1), online,
			number("stay", 10+0.6*a+0.2*b), number("a", a), number("b", b), number("c", c))
	}
	return w
}

// TestDrivers: uncorrelated predictors have the squares of their correlations, 0.36 and 0.04 by 0.4.
func TestDrivers(t *testing.T) {
	t.Parallel()
	w := drivenWorld(t)
	w.respond("half", "pulse", day(time.May, 1), online, number("stay", 50), number("a", 50))
	said, err := w.runs().drivers(t, &cmiv1.AnalyzeDriversRequest{
		Target:     &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_Pillar{Pillar: cmiv1.Pillar_PILLAR_FII}},
		Predictors: predictors("a", "b", "c"),
	})
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	if said.GetN() != 64 || said.GetDropped() != 1 || said.GetMethod() != cmiv1.DriverMethod_DRIVER_METHOD_LMG {
		t.Fatalf("%v", said)
	}
	check(t, "R²", said.GetRSquared().GetValue(), 1)
	for k, want := range []float64{0.9, 0.1, 0} {
		d := said.GetDrivers()[k]
		if math.Abs(d.GetShare().GetValue()-want) > 1e-9 || d.GetShare().Low == nil || !near(d.GetPerformance().GetValue(), 50) {
			t.Errorf("%v, want %v", d, want)
		}
	}
	if d := said.GetDrivers(); d[0].GetMissing() != 0 || d[1].GetMissing() != 1 || d[0].GetPriority() != cmiv1.Priority_PRIORITY_KEEP_UP ||
		d[1].GetPriority() != cmiv1.Priority_PRIORITY_OVERKILL {
		t.Errorf("%v", d)
	}
}

// TestGaps: the gap a less c goes with stay as a does, by half.
func TestGaps(t *testing.T) {
	t.Parallel()
	said, err := drivenWorld(t).runs().drivers(t, &cmiv1.AnalyzeDriversRequest{
		Target:     &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_ItemId{ItemId: "stay"}},
		Predictors: []*cmiv1.DriverPredictor{{ItemIds: []string{"a"}, LessItemIds: []string{"c"}}, {ItemIds: []string{"b"}}},
		Bootstrap:  &cmiv1.Bootstrap{Samples: new(int32(0))},
	})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "the share of the gap", said.GetDrivers()[0].GetShare().GetValue(), 0.45)
	check(t, "its mean", said.GetDrivers()[0].GetPerformance().GetValue(), 0)
	if said.GetDrivers()[0].GetPriority() != 0 || said.GetDrivers()[0].GetShare().Low != nil {
		t.Errorf("%v", said)
	}
}

// TestDriversOfAnOutcome: who has a at 100 renews.
func TestDriversOfAnOutcome(t *testing.T) {
	t.Parallel()
	w := drivenWorld(t)
	for k, h := range w.customers {
		if k&1 == 1 {
			h.Outcomes = append(h.Outcomes, &cmiv1.Outcome{Kind: cmiv1.OutcomeKind_OUTCOME_RENEWED, OccurredAt: timestamppb.New(day(time.June, 1))})
		} else { // too late, too early, and another
			h.Outcomes = append(h.Outcomes,
				&cmiv1.Outcome{Kind: cmiv1.OutcomeKind_OUTCOME_RENEWED, OccurredAt: timestamppb.New(day(time.August, 1))},
				&cmiv1.Outcome{Kind: cmiv1.OutcomeKind_OUTCOME_RENEWED, OccurredAt: timestamppb.New(day(time.May, 1))},
				&cmiv1.Outcome{Kind: cmiv1.OutcomeKind_OUTCOME_CHURNED, OccurredAt: timestamppb.New(day(time.June, 1))})
		}
	}
	w.respond("new", "pulse", day(time.October, 1), online, number("stay", 50), number("a", 50), number("b", 50))
	said, err := w.runs().drivers(t, &cmiv1.AnalyzeDriversRequest{
		Target: &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_Outcome{Outcome: &cmiv1.OutcomeTarget{
			Kind: cmiv1.OutcomeKind_OUTCOME_RENEWED, WindowDays: 60,
		}}}, Predictors: predictors("a", "b"),
	})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "the share of a", said.GetDrivers()[0].GetShare().GetValue(), 1)
	if said.GetN() != 64 {
		t.Errorf("%d respondents, want those whose 60 days are over", said.GetN())
	}
}

// TestNoDrivers says why nothing can be said.
func TestNoDrivers(t *testing.T) {
	t.Parallel()
	few, same, twins := newWorld(t, pulse("pulse")), newWorld(t, pulse("pulse")), newWorld(t, pulse("pulse"))
	random := rand.New(rand.NewPCG(1, 1))
	for k := range 60 {
		name, x := fmt.Sprint("c", k), math.Round(100*random.Float64())
		if k < 20 {
			few.respond(name, "pulse", day(time.May, 1), online, all(x)...)
		}
		same.respond(name, "pulse", day(time.May, 1), online, number("trust", 50), number("use", x), number("stay", 100*random.Float64()))
		twins.respond(name, "pulse", day(time.May, 1), online, number("trust", x), number("use", x), number("stay", 100*random.Float64()))
	}
	for _, c := range []struct {
		in   *world
		says string
	}{
		{few, "20 respondents have the target and all predictors, and 30 are needed"}, {same, `"trust" is the same for everybody`},
		{twins, `"use" is a combination of predictors before it`}, {newWorld(t, pulse("pulse")), "Nobody was asked"},
	} {
		said, err := c.in.runs().drivers(t, &cmiv1.AnalyzeDriversRequest{
			Target: &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_ItemId{ItemId: "stay"}}, Predictors: predictors("trust", "use"),
		})
		if err != nil {
			t.Fatal(err)
		}
		sane(t, said)
		if said.GetRSquared() != nil || !strings.Contains(strings.Join(said.GetNotes(), "\n"), c.says) {
			t.Errorf("%q, want %q", said.GetNotes(), c.says)
		}
	}
	_, err := few.runs().drivers(t, &cmiv1.AnalyzeDriversRequest{
		Target: &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_ItemId{ItemId: "stay"}}, Predictors: predictors("trust", "stay"),
	})
	if fault.ReasonOf(err) != cmiv1.ErrorReason_INVALID_REQUEST || !strings.Contains(err.Error(), "predictors[1]") {
		t.Errorf("%v", err)
	}
}
