package demo

import (
	"io"
	"maps"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// TestTheWholeSurveyLeavesTheRestAsItWas: what is recorded for the reports changes nothing of what is said about the customers before.
func TestTheWholeSurveyLeavesTheRestAsItWas(t *testing.T) {
	t.Parallel()
	running := startDemo(t, noon)
	_, simulated := recorded(t, running, noon())
	before, err := follow(t.Context(), running, simulated, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tellSurvey(t.Context(), running, simulated, io.Discard); err != nil {
		t.Fatal(err)
	}
	after := &Momentum{Simulation: simulated, Sure: make(map[cmiv1.Direction]Truths)}
	if err := after.ask(t.Context(), running.conn); err != nil {
		t.Fatal(err)
	}
	for _, d := range directions() {
		if !maps.Equal(after.Said[d], before.Said[d]) || !maps.Equal(after.Sure[d], before.Sure[d]) {
			t.Errorf("%v: %v and %v, before %v and %v", d, after.Said[d], after.Sure[d], before.Said[d], before.Sure[d])
		}
	}
	if !maps.Equal(after.Lifecycles, before.Lifecycles) {
		t.Errorf("lifecycles %v, before %v", after.Lifecycles, before.Lifecycles)
	}
	for i, c := range before.Falling {
		if !proto.Equal(after.Falling[i].GetStanding(), c.GetStanding()) || after.Falling[i].GetSegments()["card"] != c.GetSegments()["card"] {
			t.Errorf("%v, before %v", after.Falling[i], c)
		}
	}
	if !proto.Equal(after.Falls.Change, before.Falls.Change) || !proto.Equal(after.Whole.GetKeyWeight(), before.Whole.GetKeyWeight()) {
		t.Errorf("%v and %v, before %v and %v", after.Falls.Change, after.Whole.GetKeyWeight(), before.Falls.Change, before.Whole.GetKeyWeight())
	}
	// The last one of the file was surveyed only.
	last, err := whole(t.Context(), cmiv1.NewCustomerServiceClient(running.conn), "A1065")
	if err != nil {
		t.Fatal(err)
	}
	if got := last.GetLatestScore().GetResponseId(); got != "airline-A1065" {
		t.Errorf("the latest score of A1065 is of %s", got)
	}
}

// TestProfilesOfTheWholeSurvey: they keep what the simulation made, and say who flies much.
func TestProfilesOfTheWholeSurvey(t *testing.T) {
	t.Parallel()
	s := simulatedAt(t, noon())
	w, err := surveyInFull(s)
	if err != nil {
		t.Fatal(err)
	}
	rows := file(t)
	for i, p := range w.profiles {
		want := "light"
		if rows[i].number(t, "nflights") > 8 {
			want = "heavy"
		}
		got := p.GetSegments()
		if p.GetCustomerId() != rows[i]["id"] || got["flyer"] != want || got["card"] != rows[i]["status"] || got["purpose"] != rows[i]["flight_purpose"] {
			t.Fatalf("%v, by hand %v", p, rows[i])
		}
		if known := s.person(p.GetCustomerId()); known.id != "" && !p.GetFirstSeenAt().AsTime().Equal(known.firstSeen) {
			t.Errorf("%s was first seen at %v, want %v", p.GetCustomerId(), p.GetFirstSeenAt(), known.firstSeen)
		}
	}
	if last := w.responses[0].GetSubmittedAt().AsTime(); !last.Before(waveAt(noon(), 0)) {
		t.Errorf("the whole survey is of %v, not before the short one", last)
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of   []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 4}, 4}, {[]float64{9, 1, 4, 2}, 3}} {
		if got := median(slices.Clone(c.of)); got != c.want {
			t.Errorf("of %v it is %v, want %v", c.of, got, c.want)
		}
	}
	if flyer(8, 8) != "light" || flyer(9, 8) != "heavy" {
		t.Error("who takes as many flights as the median is light, who takes more heavy")
	}
}
