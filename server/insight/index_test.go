package insight_test

import (
	"math"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

const (
	online = cmiv1.Channel_CHANNEL_ONLINE
	mobile = cmiv1.Channel_CHANNEL_MOBILE_APP
)

// TestIndexOfOneGroup: of 40, 50, 60, 70, 80 and 90 the mean is 65 and the variance 350, so the standard error is the root of 350 / 6;
// Student's t for five degrees of freedom is 2.570581836 at 0.95.
func TestIndexOfOneGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulse("pulse"))
	for k, cmi := range []float64{40, 50, 60, 70, 80, 90} {
		name := string(rune('a' + k))
		w.respond(name, "pulse", day(time.August, 1), online, all(10)...) // an earlier one does not count
		w.respond(name, "pulse", day(time.September, 1+k), online, all(cmi)...)
	}
	said, err := w.insight().Index(t.Context(), "acme", &cmiv1.GetIndexReportRequest{})
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	g := said.GetGroups()[0]
	half := 2.570581836 * math.Sqrt(350.0/6)
	check(t, "the mean", g.GetCmi().GetValue(), 65)
	if math.Abs(g.GetCmi().GetLow()-(65-half)) > 1e-6 || math.Abs(g.GetCmi().GetHigh()-(65+half)) > 1e-6 {
		t.Errorf("the interval is %v, want 65 ± %v", g.GetCmi(), half)
	}
	if g.GetCell().GetN() != 6 || g.GetCell().GetNEff() != 6 || g.GetCell().GetFlag() != cmiv1.Flag_FLAG_SMALL {
		t.Errorf("the cell is %v", g.GetCell())
	}
	for k, want := range []int32{1, 3, 2} {
		if b := g.GetBuckets()[k]; b.GetCount() != want || !near(b.GetShare().GetValue(), float64(want)/6) {
			t.Errorf("bucket %v: %v, want %d", b.GetBucket(), b, want)
		}
	}
	if g.GetPillars()[2].GetN() != 6 || !near(g.GetPillars()[2].GetMean().GetValue(), 65) {
		t.Errorf("the pillars are %v", g.GetPillars())
	}
}

// TestIndexByGroupAndPeriod tells channels and quarters apart, and suppresses what is small.
func TestIndexByGroupAndPeriod(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulse("pulse"))
	for k := range 6 {
		name := string(rune('a' + k))
		w.respond(name, "pulse", day(time.May, 1), online, all(50)...)
		w.respond(name, "pulse", day(time.August, 1), mobile, all(70)...)
		if k < 4 {
			w.respond(name, "pulse", day(time.August, 2), online, all(90)...)
		}
	}
	said, err := w.insight().Index(t.Context(), "acme", &cmiv1.GetIndexReportRequest{
		GroupBy: []string{"channel"}, Period: cmiv1.Period_PERIOD_QUARTER, Unit: cmiv1.Unit_UNIT_RESPONSE,
	})
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	type row struct {
		channel string
		month   time.Month
		n       int32
		mean    float64
	}
	for k, want := range []row{
		{"CHANNEL_MOBILE_APP", time.July, 6, 70}, {"CHANNEL_ONLINE", time.April, 6, 50}, {"CHANNEL_ONLINE", time.July, 4, 0},
	} {
		g := said.GetGroups()[k]
		if g.GetCell().GetGroup()[0].GetValue() != want.channel || g.GetCell().GetN() != want.n ||
			!g.GetCell().GetPeriodStart().AsTime().Equal(time.Date(2026, want.month, 1, 0, 0, 0, 0, time.UTC)) ||
			!g.GetCell().GetPeriodEnd().AsTime().Equal(time.Date(2026, want.month+3, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("group %d is %v, want %+v", k, g.GetCell(), want)
		}
		if want.n < 5 && (g.GetCmi() != nil || g.GetBuckets() != nil || g.GetCell().GetFlag() != cmiv1.Flag_FLAG_SUPPRESSED) {
			t.Errorf("group %d is not suppressed: %v", k, g)
		}
		if want.n >= 5 {
			check(t, want.channel, g.GetCmi().GetValue(), want.mean)
		}
	}
	// A customer counts once in a period, by the latest: four of them online.
	said, err = w.insight().Index(t.Context(), "acme", &cmiv1.GetIndexReportRequest{GroupBy: []string{"channel"}, Filter: &cmiv1.ReportFilter{
		From: timestamppb.New(day(time.July, 1)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := said.GetGroups()[0].GetCell(), said.GetGroups()[1].GetCell(); a.GetN() != 2 || b.GetN() != 4 {
		t.Errorf("%v and %v", a, b)
	}
}

// TestIndexByKeyWeight: weights 1 to 5 have an effective number of 225 / 55 = 4.0909 (L. Kish), and the mean of 10 to 50 is 550 / 15.
func TestIndexByKeyWeight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulse("pulse"))
	for k := 1; k <= 5; k++ {
		name := string(rune('a' + k))
		w.respond(name, "pulse", day(time.August, 1), online, all(float64(10*k))...)
		w.customer(name).Profile.Spend = &cmiv1.Spend{Amount: new(float64(k))}
	}
	w.respond("unknown", "pulse", day(time.August, 1), online, all(100)...)
	w.respond("", "pulse", day(time.August, 1), online, all(100)...)
	said, err := w.insight().Index(t.Context(), "acme", &cmiv1.GetIndexReportRequest{Weighting: cmiv1.Weighting_WEIGHTING_KEY_WEIGHT})
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	g := said.GetGroups()[0]
	check(t, "n_eff", g.GetCell().GetNEff(), 225.0/55)
	check(t, "the mean", g.GetCmi().GetValue(), 550.0/15)
	// 50 alone is a Growth Opportunity, and weighs 5 of 15.
	check(t, "the share of Growth Opportunity", g.GetBuckets()[1].GetShare().GetValue(), 1.0/3)
	if g.GetCell().GetN() != 5 || len(said.GetNotes()) == 0 {
		t.Errorf("%v, notes %q", g.GetCell(), said.GetNotes())
	}
}

// TestResponseRates: six of ten who were invited in August responded, and nobody knows of September.
func TestResponseRates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulse("pulse"))
	for k := range 6 {
		w.respond(string(rune('a'+k)), "pulse", day(time.August, 1+k), online, all(50)...)
		w.respond(string(rune('a'+k)), "pulse", day(time.September, 1+k), online, all(50)...)
	}
	w.invitations = []*cmiv1.Invitations{{
		From: timestamppb.New(time.Date(2026, time.August, 1, 0, 0, 0, 0, time.UTC)), To: timestamppb.New(time.Date(2026, time.September, 1, 0, 0, 0, 0, time.UTC)),
		QuestionnaireId: "pulse", Channel: online, Count: 10,
	}}
	said, err := w.insight().Index(t.Context(), "acme", &cmiv1.GetIndexReportRequest{Period: cmiv1.Period_PERIOD_MONTH, GroupBy: []string{"channel"}})
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	august, september := said.GetGroups()[0], said.GetGroups()[1]
	if r := august.GetResponseRate(); r.GetInvited() != 10 || r.GetResponded() != 6 || !near(r.GetShare().GetValue(), 0.6) {
		t.Errorf("August: %v", r)
	}
	if september.GetResponseRate() != nil {
		t.Errorf("September: %v", september.GetResponseRate())
	}
}
