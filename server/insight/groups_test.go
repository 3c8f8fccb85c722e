package insight_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

func span(from, to time.Time) *cmiv1.TimeRange {
	return &cmiv1.TimeRange{From: timestamppb.New(from), To: timestamppb.New(to)}
}

// TestWaves: online moves from 50 to 60 and the app stays at 80; of ten respondents online there are six before and two after. The means
// are 62 and 76, and of the difference of 14 the mix is (4/10) x (mean of 50, 60 against 80) = 0.4 x 25 = 10, and the change 10 x (6 + 2) / 20 = 4.
func TestWaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulse("pulse"))
	for k := range 10 {
		name := fmt.Sprint("c", k)
		before, after := mobile, mobile
		if k < 6 {
			before = online
		}
		if k < 2 {
			after = online
		}
		cmi := map[cmiv1.Channel][2]float64{online: {50, 60}, mobile: {80, 80}}
		w.respond(name, "pulse", day(time.January, 5), before, all(cmi[before][0])...)
		w.respond(name, "pulse", day(time.May, 5), after, all(cmi[after][1])...)
	}
	ask := &cmiv1.CompareWavesRequest{
		First: span(day(time.January, 1), day(time.February, 1)), Second: span(day(time.May, 1), day(time.June, 1)),
	}
	said, err := w.insight().Waves(t.Context(), "acme", ask)
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	check(t, "the first", said.GetFirst().GetCmi().GetValue(), 62)
	check(t, "the second", said.GetSecond().GetCmi().GetValue(), 76)
	check(t, "the difference of all", said.GetUnpaired().GetEstimate().GetValue(), 14)
	check(t, "the paired difference", said.GetPaired().GetEstimate().GetValue(), (2*10+4*30)/10.0)
	check(t, "the mix", said.GetSplit().GetMix(), 10)
	check(t, "the change", said.GetSplit().GetChange(), 4)
	if said.GetBoth() != 10 || said.GetSplit().GetParts()[0].FirstMean != nil {
		t.Errorf("a part of four respondents says its mean: %v", said.GetSplit())
	}
	ask.Second = span(day(time.January, 20), day(time.June, 1))
	if _, err = w.insight().Waves(t.Context(), "acme", ask); fault.ReasonOf(err) != cmiv1.ErrorReason_INVALID_REQUEST || !strings.Contains(err.Error(), "second.from") {
		t.Errorf("%v", err)
	}
}

// TestChannels: online has new and active customers half and half, at 40 and 60; the app has one new in five, at 50 and 70. With the audience of
// all (seven new of twenty) they are 40 x 0.35 + 60 x 0.65 = 53 and 63.
func TestChannels(t *testing.T) {
	t.Parallel()
	fresh := pulse("fresh")
	fresh.Audience = cmiv1.Audience_AUDIENCE_NEW
	w := newWorld(t, pulse("pulse"), fresh)
	for k := range 10 {
		survey, cmi := "pulse", 60.0
		if k < 5 {
			survey, cmi = "fresh", 40
		}
		w.respond(fmt.Sprint("o", k), survey, day(time.May, 1), online, all(cmi)...)
		survey, cmi = "pulse", 70
		if k < 2 {
			survey, cmi = "fresh", 50
		}
		w.respond(fmt.Sprint("m", k), survey, day(time.May, 1), mobile, all(cmi)...)
	}
	said, err := w.insight().Channels(t.Context(), "acme", &cmiv1.CompareChannelsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	for k, want := range []struct{ raw, equal float64 }{{50, 53}, {66, 63}} {
		c := said.GetChannels()[k]
		check(t, c.GetChannel().String(), c.GetCmi().GetValue(), want.raw)
		check(t, c.GetChannel().String()+" with the audience held equal", c.GetStandardized().GetValue(), want.equal)
	}
	check(t, "the share of new customers", said.GetStandard()[0].GetShare(), 0.35)
}

// TestTransitions: five rise in September, five stay, and one is heard of first.
func TestTransitions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulse("pulse"))
	for k := range 10 {
		name := fmt.Sprint("c", k)
		w.respond(name, "pulse", day(time.July, 5), online, all(40)...)
		if k < 5 {
			w.respond(name, "pulse", day(time.September, 5), online, all(60)...)
		}
	}
	w.respond("later", "pulse", day(time.September, 8), online, all(90)...)
	said, err := w.insight().Transitions(t.Context(), "acme", &cmiv1.GetTransitionsRequest{Filter: &cmiv1.ReportFilter{
		From: timestamppb.New(day(time.July, 20)), To: timestamppb.New(day(time.October, 20)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	if len(said.GetSteps()) != 2 { // 1 August, 1 September, 1 October
		t.Fatalf("%d steps", len(said.GetSteps()))
	}
	row := said.GetSteps()[1].GetMatrix().GetRows()[0]
	if row.GetN() != 10 || row.GetTo()[0].GetCount() != 5 || row.GetTo()[1].GetCount() != 5 || !near(row.GetTo()[1].GetShare().GetValue(), 0.5) {
		t.Errorf("%v", row)
	}
	if said.GetSteps()[1].GetEntered() != 1 || said.GetPooled().GetRows()[0].GetN() != 20 || len(said.GetPooled().GetRows()[2].GetTo()) != 0 {
		t.Errorf("%v", said)
	}
	sum := 0.0
	for _, to := range said.GetPooled().GetRows()[0].GetTo() {
		sum += to.GetShare().GetValue()
	}
	check(t, "the sum of a row", sum, 1)
}

// TestExpiry: a score tells the bucket for 365 days.
func TestExpiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulse("pulse"))
	w.respond("a", "pulse", time.Date(2025, 8, 1, 12, 0, 0, 0, time.UTC), online, all(40)...)
	said, err := w.insight().Transitions(t.Context(), "acme", &cmiv1.GetTransitionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	expired := map[time.Month]int32{}
	for _, step := range said.GetSteps() {
		if step.GetExpired() > 0 {
			expired[step.GetTo().AsTime().Month()] += step.GetExpired()
		}
	}
	if len(said.GetSteps()) != 12 || len(expired) != 1 || expired[time.September] != 1 {
		t.Errorf("%d steps, expired %v", len(said.GetSteps()), expired)
	}
}
