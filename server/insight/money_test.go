package insight_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func outcome(kind cmiv1.OutcomeKind, at time.Time, amount float64, currency string) *cmiv1.Outcome {
	o := &cmiv1.Outcome{Kind: kind, OccurredAt: timestamppb.New(at), Currency: currency}
	if currency != "" {
		o.Amount = &amount
	}
	return o
}

// TestLinks: of ten Advocates six renew, of ten at risk two, so the former are three times as likely to.
func TestLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulse("pulse"))
	for k := range 20 {
		name, cmi := fmt.Sprintf("c%02d", k), 90.0
		if k >= 10 {
			cmi = 20
		}
		w.respond(name, "pulse", day(time.January, 10), online, all(cmi)...)
		if k < 6 || k >= 18 {
			w.customer(name).Outcomes = []*cmiv1.Outcome{outcome(cmiv1.OutcomeKind_OUTCOME_RENEWED, day(time.March, 1), float64(100+k), "EUR")}
		}
		if k == 0 {
			w.customer(name).Outcomes = append(w.customer(name).Outcomes,
				outcome(cmiv1.OutcomeKind_OUTCOME_RENEWED, day(time.April, 1), 0, ""), outcome(cmiv1.OutcomeKind_OUTCOME_RENEWED, day(time.September, 1), 7, "CHF"))
		}
	}
	w.respond("recent", "pulse", day(time.October, 10), online, all(90)...)
	said, err := w.insight().Links(t.Context(), "acme", &cmiv1.LinkOutcomesRequest{Kinds: []cmiv1.OutcomeKind{cmiv1.OutcomeKind_OUTCOME_RENEWED}})
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	low, high := said.GetLinks()[0].GetGroups()[0], said.GetLinks()[0].GetGroups()[2]
	check(t, "the rate of Advocates", high.GetRate().GetValue(), 0.6)
	check(t, "the rate of those at risk", low.GetRate().GetValue(), 0.2)
	check(t, "the relative risk", high.GetRelativeRisk().GetValue(), 3)
	// Katz: the standard error of the logarithm is the root of 1/6 - 1/10 + 1/2 - 1/10.
	spread := math.Exp(1.959963984540054 * math.Sqrt(1.0/6-1.0/10+1.0/2-1.0/10))
	check(t, "its upper end", high.GetRelativeRisk().GetHigh(), 3*spread)
	if a := high.GetAmounts(); len(a) != 1 || a[0].GetCurrency() != "EUR" || a[0].GetN() != 6 || !near(a[0].GetMean().GetValue(), 102.5) || !near(a[0].GetTotal(), 615) {
		t.Errorf("amounts %v", a)
	}
	if low.GetAmounts()[0].Mean != nil || low.GetAmounts()[0].GetN() != 2 {
		t.Errorf("the mean of two amounts is said: %v", low.GetAmounts())
	}
	if said.GetTooRecent() != 1 || said.GetWindowDays() != 180 || said.GetLinks()[0].GetGroups()[1].GetFlag() != cmiv1.Flag_FLAG_SUPPRESSED {
		t.Errorf("%v", said)
	}
	said, err = w.insight().Links(t.Context(), "acme", &cmiv1.LinkOutcomesRequest{Pillar: cmiv1.Pillar_PILLAR_FII, WindowDays: proto.Int32(10)})
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	if len(said.GetLinks()) != 7 || said.GetLinks()[0].GetGroups()[2].GetThird() != 3 || said.GetLinks()[0].GetGroups()[2].GetN() != 11 {
		t.Errorf("%v", said)
	}
}

// TestRevenue: forty Advocates pay 30 a quarter each, which is 400 a month. One leaves in the course of twelve months of forty customers, after
// eleven of them: 479 months were seen, of which one was the last.
func TestRevenue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulse("pulse"))
	for k := range 41 {
		name := fmt.Sprintf("c%02d", k)
		w.respond(name, "pulse", time.Date(2025, 10, 20, 12, 0, 0, 0, time.UTC), online, all(90)...)
		w.respond(name, "pulse", day(time.October, 1), online, all(90)...)
		w.customer(name).Profile.Spend = &cmiv1.Spend{Amount: proto.Float64(30), Currency: "EUR", Period: cmiv1.SpendPeriod_SPEND_PERIOD_QUARTER}
		if k == 40 {
			w.customer(name).Profile.ClosedAt = timestamppb.New(day(time.October, 20))
		}
	}
	w.customer("c00").Profile.Spend = nil
	said, err := w.insight().Revenue(t.Context(), "acme", &cmiv1.ForecastRevenueRequest{HorizonMonths: proto.Int32(3)})
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	b := said.GetBuckets()[2]
	if b.GetCustomers() != 40 || b.GetMonthsSeen() != 41*12 || b.GetMonthsLeft() != 1 {
		t.Fatalf("%v", b)
	}
	r := 1 - 1.0/(41*12)
	check(t, "the retention", b.GetMonthlyRetention().GetValue(), r)
	check(t, "the spend", b.GetRevenue()[0].GetMonthlySpend(), 390)
	check(t, "the revenue", b.GetRevenue()[0].GetExpected().GetValue(), 390*(r+r*r+r*r*r))
	low := b.GetMonthlyRetention().GetLow()
	check(t, "its lower end", said.GetTotal()[0].GetExpected().GetLow(), 390*(low+low*low+low*low*low))
	if !strings.Contains(strings.Join(said.GetNotes(), "\n"), "Of 1 of 40 customers") || len(said.GetAssumptions()) != 4 {
		t.Errorf("%v", said)
	}
}

// TestMonths: steps back from the end of a month end where the month does.
func TestMonths(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulse("pulse"))
	said, err := w.insight().Revenue(t.Context(), "acme", &cmiv1.ForecastRevenueRequest{Filter: &cmiv1.ReportFilter{
		From: timestamppb.New(time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC)), To: timestamppb.New(time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.GetAssumptions()[0], "from 2026-02-28 to 2026-03-31") {
		t.Errorf("%q", said.GetAssumptions()[0])
	}
}
