package customers_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// rising are six scores, 30 days apart, up by 1, 3, 1, 3, 1 points. The slopes per 30 days of the pairs that are k steps
// apart are 1 3 1 3 1, 2 2 2 2, 5/3 7/3 5/3, 2 2 and 9/5; sorted, the eighth of fifteen is 2. S is 15, its variance
// 6*5*17/18 = 28 1/3, so Z = 14 / sqrt(28.333).
func rising(customer string) []answer {
	var all []answer
	for i, cmi := range []float64{70, 71, 74, 75, 78, 79} {
		all = append(all, answer{id: fmt.Sprintf("%s-%d", customer, i), customer: customer, at: days(float64(150 - 30*i)), cmi: cmi})
	}
	return all
}

func TestTrajectoryFigures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(rising("c")...)
	// Neither is part of the course: of another customer, and void.
	w.record(answer{id: "other", customer: "d", at: days(10), cmi: 1}, answer{id: "void", customer: "c", at: days(5), cmi: 1})
	if _, err := w.kept.Void(t.Context(), tenant, "void", noon, "a mistake"); err != nil {
		t.Fatal(err)
	}
	got := w.trajectory(&cmiv1.GetTrajectoryRequest{CustomerId: "c"})
	if got.GetCustomerId() != "c" || got.GetSeries() != "cmi" || !got.GetAsOf().AsTime().Equal(noon) {
		t.Errorf("it is of %q, %q at %v", got.GetCustomerId(), got.GetSeries(), got.GetAsOf().AsTime())
	}
	if got.GetTotalPoints() != 6 || got.GetLevel() != 79 || !got.GetLevelAt().AsTime().Equal(noon) || got.GetStale() || got.GetDelta() != 1 {
		t.Errorf("%d points, level %v at %v, stale %v, delta %v", got.GetTotalPoints(), got.Level, got.GetLevelAt().AsTime(), got.GetStale(), got.Delta)
	}
	z := 14 / math.Sqrt(6*5*17/18.0)
	if m := got.GetMannKendall(); math.Abs(got.GetVelocity()-2) > 1e-12 || m.GetS() != 15 || math.Abs(m.GetZ()-z) > 1e-12 ||
		math.Abs(m.GetPValue()-math.Erfc(z/math.Sqrt2)) > 1e-12 {
		t.Errorf("velocity %v, trend %v", got.Velocity, m)
	}
	if got.GetDirection() != cmiv1.Direction_DIRECTION_RISING || got.GetDirectionBasis() != cmiv1.DirectionBasis_DIRECTION_BASIS_MANN_KENDALL {
		t.Errorf("%v by %v", got.GetDirection(), got.GetDirectionBasis())
	}
	if got.ReliableChangeIndex != nil || got.ReliableChange != nil {
		t.Errorf("reliable change %v without a calibration", got.ReliableChangeIndex)
	}
	for i, p := range got.GetPoints() {
		if p.GetScore().GetResponseId() != fmt.Sprintf("c-%d", i) || !p.GetUsed() || p.GetStableBucket() == 0 {
			t.Errorf("point %d is %v", i, p)
		}
	}
}

// Only the version in force at as_of counts: 79 - 78 over the root of 2 times the square of 0.5 is 1.414, over that of 0.25
// it is 2.828.
func TestReliableChangeIsByTheCalibrationInForce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(rising("c")...)
	w.sems["builtin-active-online"] = calibrated{sem: 0.5, from: days(1)}
	got := w.trajectory(&cmiv1.GetTrajectoryRequest{CustomerId: "c"})
	if math.Abs(got.GetReliableChangeIndex()-math.Sqrt2) > 1e-12 || got.ReliableChange == nil || got.GetReliableChange() {
		t.Errorf("%v reliable %v", got.ReliableChangeIndex, got.ReliableChange)
	}
	w.sems["builtin-active-online"] = calibrated{sem: 0.25, from: days(1)}
	got = w.trajectory(&cmiv1.GetTrajectoryRequest{CustomerId: "c"})
	if math.Abs(got.GetReliableChangeIndex()-2*math.Sqrt2) > 1e-12 || !got.GetReliableChange() {
		t.Errorf("%v reliable %v", got.ReliableChangeIndex, got.ReliableChange)
	}
	got = w.trajectory(&cmiv1.GetTrajectoryRequest{CustomerId: "c", AsOf: timestamppb.New(days(2))})
	if got.ReliableChangeIndex != nil {
		t.Errorf("%v by a calibration that came later", got.ReliableChangeIndex)
	}
}

// history is a course with everything in it: two series, ties in time, scores of all kinds.
func history(customer string, n int) []answer {
	random := rand.New(rand.NewPCG(7, 7))
	var all []answer
	for i := range n {
		a := answer{
			id: fmt.Sprintf("r%02d", i), customer: customer, cmi: math.Round(random.Float64()*1e9) / 1e7,
			at: days(float64(400 - 20*(i/2))), questionnaire: "builtin-active-online",
		}
		switch {
		case i%7 == 3:
			a.status = partial
		case i%7 == 5:
			a.status = unscored
		}
		if i%3 == 0 {
			a.questionnaire = "builtin-active-mobile-app"
		}
		all = append(all, a)
	}
	return all
}

func bits(t *testing.T, m proto.Message) string {
	t.Helper()
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Whatever the order in which responses come, the course is the same to the bit.
func TestTrajectoriesDoNotDependOnTheOrderOfArrival(t *testing.T) {
	t.Parallel()
	all := history("c", 30)
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	shuffled := slices.Clone(all)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	var want string
	for name, order := range map[string][]answer{"in order": all, "backwards": backwards, "shuffled": shuffled, "in parallel": nil} {
		w := newWorld(t)
		w.sems["builtin-active-online"] = calibrated{sem: 4}
		if order != nil {
			w.record(order...)
		} else {
			recordInParallel(w, all)
		}
		for _, request := range []*cmiv1.GetTrajectoryRequest{
			{CustomerId: "c"}, {CustomerId: "c", AsOf: timestamppb.New(days(200))}, {CustomerId: "c", MaxPoints: 5},
		} {
			got := w.trajectory(request)
			if len(got.GetPoints()) == 0 || got.Velocity == nil || got.SmoothedLevel == nil {
				t.Fatalf("%s: nothing to compare in %v", name, got)
			}
		}
		got := bits(t, w.trajectory(&cmiv1.GetTrajectoryRequest{CustomerId: "c"})) + bits(t, w.get("c"))
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%s: another course", name)
		}
	}
}

func recordInParallel(w *world, all []answer) {
	var group sync.WaitGroup
	for _, a := range all {
		entry := w.entry(a)
		group.Go(func() {
			if _, err := w.kept.Record(w.t.Context(), tenant, []store.Entry{entry}); err != nil {
				w.t.Error(err)
			}
		})
	}
	group.Wait()
}

// What is said of the past does not change when more becomes known that happened since, and does when it happened before.
func TestThePastStaysAsItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := history("c", 30)
	w.record(all[:15]...)
	// The fifteenth was submitted 260 days ago.
	then := days(259)
	ask := &cmiv1.GetTrajectoryRequest{CustomerId: "c", AsOf: timestamppb.New(then)}
	before, profile := bits(t, w.trajectory(ask)), w.get("c", then)
	if w.trajectory(ask).GetTotalPoints() != 15 {
		t.Fatalf("%d points then", w.trajectory(ask).GetTotalPoints())
	}
	w.record(all[16:]...)
	w.did("c", "visit", days(10), days(100))
	if got := w.trajectory(ask); bits(t, got) != before {
		t.Errorf("the past changed: %s", prototext.Format(got))
	}
	if got := w.get("c", then); !proto.Equal(got, profile) {
		t.Errorf("the past changed:\n%s\nwas\n%s", prototext.Format(got), prototext.Format(profile))
	}
	w.record(answer{id: "late", customer: "c", at: then, cmi: 50}) // as_of is inclusive
	if got := w.trajectory(ask); got.GetTotalPoints() != 16 || got.GetLevel() != 50 {
		t.Errorf("a late response is not where it belongs: %d points, level %v", got.GetTotalPoints(), got.Level)
	}
}

func TestTrajectoryOfEachSeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := questionnaireOf(t, w, "own")
	w.record(answer{id: "a", customer: "c", at: days(3), cmi: 40}, answer{id: "b", customer: "c", at: days(2), cmi: 60, questionnaire: q},
		answer{id: "u", customer: "c", at: days(1), status: unscored})
	for series, want := range map[string]float64{"": 40, "cmi": 40, "own": 60} {
		got := w.trajectory(&cmiv1.GetTrajectoryRequest{CustomerId: "c", Series: series})
		if got.GetLevel() != want {
			t.Errorf("%q: the level is %v, want %v", series, got.Level, want)
		}
	}
	// The latest score names the series, even where it has no CMI; the score is the latest one that has.
	if got := w.get("c"); got.GetLatestScore().GetResponseId() != "a" ||
		got.GetCustomer().GetStanding().GetSeries() != "cmi" || got.GetCustomer().GetStanding().GetLevel() != 40 {
		t.Errorf("the latest score is %v", got.GetLatestScore())
	}
	if got := w.get("c", days(2)); got.GetLatestScore().GetResponseId() != "b" ||
		got.GetCustomer().GetStanding().GetSeries() != "own" || got.GetCustomer().GetStanding().GetLevel() != 60 {
		t.Errorf("the latest score then is %v", got.GetLatestScore())
	}
	got := w.trajectory(&cmiv1.GetTrajectoryRequest{CustomerId: "c", Series: "none"})
	want := &cmiv1.Trajectory{CustomerId: "c", Series: "none", AsOf: timestamppb.New(noon), Direction: cmiv1.Direction_DIRECTION_INSUFFICIENT}
	if !proto.Equal(got, want) {
		t.Errorf("of a series without scores: %s", prototext.Format(got))
	}
	_, err := w.Trajectory(t.Context(), tenant, &cmiv1.GetTrajectoryRequest{CustomerId: "nobody"})
	refused(t, err, cmiv1.ErrorReason_CUSTOMER_NOT_FOUND, "customer_id")
	_, err = w.Trajectory(t.Context(), "another", &cmiv1.GetTrajectoryRequest{CustomerId: "c"})
	refused(t, err, cmiv1.ErrorReason_CUSTOMER_NOT_FOUND, "customer_id")
}

// questionnaireOf publishes a questionnaire in a series of its own name.
func questionnaireOf(t *testing.T, w *world, id string) string {
	t.Helper()
	_, err := w.catalog.Create(t.Context(), tenant, &cmiv1.CreateQuestionnaireRequest{
		Questionnaire: &cmiv1.Questionnaire{QuestionnaireId: id, Series: id},
		CopyFrom:      &cmiv1.QuestionnaireRef{QuestionnaireId: "builtin-active-online"},
	})
	if err == nil {
		_, err = w.catalog.Publish(t.Context(), tenant, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: id})
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// The latest points are listed, and all of them count.
func TestMaxPoints(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := history("c", 40)
	for i := range all {
		all[i].at = days(1) // all at once: only the ids order them
		if i < 10 {
			all[i].at = days(2)
		}
	}
	rand.New(rand.NewPCG(5, 5)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	w.record(all...)
	whole := w.trajectory(&cmiv1.GetTrajectoryRequest{CustomerId: "c"})
	for _, most := range []int32{1, 29, 30, 31, 39, 40, 41} {
		got := w.trajectory(&cmiv1.GetTrajectoryRequest{CustomerId: "c", MaxPoints: most})
		want := proto.CloneOf(whole)
		want.Points = want.Points[max(0, 40-int(most)):]
		if !proto.Equal(got, want) {
			t.Errorf("at most %d points: %s", most, prototext.Format(got))
		}
	}
	for i, p := range whole.GetPoints() {
		if want := fmt.Sprintf("r%02d", i); p.GetScore().GetResponseId() != want {
			t.Errorf("point %d is %s", i, p.GetScore().GetResponseId())
		}
		if p.GetUsed() != (p.GetScore().GetStatus() == scored) {
			t.Errorf("point %d: used %v", i, p.GetUsed())
		}
	}
}

func TestAsOfInTheFuture(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(&cmiv1.Customer{CustomerId: "c"})
	for _, ahead := range []time.Duration{time.Minute, -time.Minute} {
		w.get("c", noon.Add(ahead))
	}
	at := timestamppb.New(noon.Add(time.Minute + time.Microsecond))
	_, err := w.Get(t.Context(), tenant, &cmiv1.GetCustomerRequest{CustomerId: "c", AsOf: at})
	refused(t, err, cmiv1.ErrorReason_INVALID_REQUEST, "as_of")
	_, err = w.Trajectory(t.Context(), tenant, &cmiv1.GetTrajectoryRequest{CustomerId: "c", AsOf: at})
	refused(t, err, cmiv1.ErrorReason_INVALID_REQUEST, "as_of")
	_, err = w.List(t.Context(), tenant, &cmiv1.ListCustomersRequest{AsOf: at})
	refused(t, err, cmiv1.ErrorReason_INVALID_REQUEST, "as_of")
	_, err = w.List(t.Context(), tenant, &cmiv1.ListCustomersRequest{AsOf: &timestamppb.Timestamp{Nanos: -1}})
	refused(t, err, cmiv1.ErrorReason_INVALID_REQUEST, "as_of")
}
