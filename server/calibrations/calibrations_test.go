package calibrations_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/scoring/reliability"
	"github.com/customer-momentum/cmi/server/calibrations"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/sqlite"
)

const tenant = "acme"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// versions has one questionnaire, "q", of which every version asks the same.
type versions struct{}

func (versions) Scorer(_ context.Context, _, id string, version int32, _ bool) (*scoring.Scorer, error) {
	q := &cmiv1.Questionnaire{QuestionnaireId: id, Version: max(1, version)}
	for i := range 6 {
		q.Items = append(q.Items, &cmiv1.Item{
			ItemId: fmt.Sprintf("i%d", i), Pillar: cmiv1.Pillar(1 + i/2),
			Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Max: 100}},
		})
	}
	return scoring.Compile(q)
}

// house is the use case on a store of its own, with a clock that is set by hand.
type house struct {
	*calibrations.Calibrations
	kept *sqlite.Store
	now  time.Time
}

func open(t *testing.T) *house {
	t.Helper()
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "cmi.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	h := &house{kept: kept, now: noon}
	h.Calibrations = calibrations.New(versions{}, kept, func() time.Time { return h.now })
	return h
}

// entry is a response scored by a version; leave is how many of its six items it leaves out.
func entry(t *testing.T, id, customer string, version int32, at time.Time, random *rand.Rand, leave int) store.Entry {
	t.Helper()
	scorer, err := versions{}.Scorer(t.Context(), tenant, "q", version, false)
	if err != nil {
		t.Fatal(err)
	}
	r := &cmiv1.Response{ResponseId: id, CustomerId: customer, SubmittedAt: timestamppb.New(at)}
	for i := leave; i < 6; i++ {
		r.Answers = append(r.Answers, &cmiv1.Answer{ItemId: fmt.Sprintf("i%d", i), Value: &cmiv1.Answer_Number{Number: 100 * random.Float64()}})
	}
	score, err := scorer.Score(r)
	if err != nil {
		t.Fatal(err)
	}
	score.ScoredAt = timestamppb.New(noon)
	return store.Entry{Response: r, Score: score}
}

func (h *house) record(t *testing.T, entries ...store.Entry) {
	t.Helper()
	for i := range entries {
		if _, err := h.kept.Record(t.Context(), tenant, entries[i:i+1]); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *house) calibrate(t *testing.T, version int32) *cmiv1.Calibration {
	t.Helper()
	made, err := h.Calibrate(t.Context(), tenant, &cmiv1.CalibrateQuestionnaireRequest{QuestionnaireId: "q", Version: version})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// population is what is recorded, and which of it counts.
func population(t *testing.T) (all, counted []store.Entry) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	add := func(counts bool, e store.Entry) {
		all = append(all, e)
		if counts {
			counted = append(counted, e)
		}
	}
	for i := range 35 {
		customer := fmt.Sprintf("c%d", i)
		add(false, entry(t, customer+"-early", customer, 1, noon.AddDate(0, 0, -9), random, 0))
		add(true, entry(t, customer+"-late", customer, 1, noon.AddDate(0, 0, -5).Add(time.Duration(i%3)*time.Hour), random, 0))
		add(false, entry(t, customer+"-gaps", customer, 1, noon.AddDate(0, 0, -2), random, 1)) // SCORED, but not complete
		add(false, entry(t, customer+"-next", customer, 2, noon.AddDate(0, 0, -1), random, 0))
		add(true, entry(t, fmt.Sprintf("anonymous-%d", i), "", 1, noon.AddDate(0, 0, -4), random, 0))
	}
	return all, counted
}

func TestCalibrationRestsOnTheLatestCompleteOfEach(t *testing.T) {
	t.Parallel()
	h := open(t)
	all, counted := population(t)
	h.record(t, all...)
	got := h.calibrate(t, 1)
	if int(got.GetN()) != len(counted) || got.GetQuestionnaireId() != "q" || got.GetQuestionnaireVersion() != 1 ||
		!got.GetCalibratedAt().AsTime().Equal(noon) || got.GetCalibrationId() == "" {
		t.Fatalf("made %v from %d that count", got, len(counted))
	}
	// The same by the estimator alone, fed with those that count, gives the same but for the order of the sums.
	scorer, err := versions{}.Scorer(t.Context(), tenant, "q", 1, false)
	if err != nil {
		t.Fatal(err)
	}
	plain := reliability.New(scorer)
	for _, e := range counted {
		if complete, err := plain.Add(e.Response, e.Score); err != nil || !complete {
			t.Fatalf("%v, %v", complete, err)
		}
	}
	if want := plain.Calibration(); got.GetSem()-want.GetSem() > 1e-9 || want.GetSem()-got.GetSem() > 1e-9 || len(got.GetPillars()) != 3 {
		t.Errorf("SEM %v, want %v", got.GetSem(), want.GetSem())
	}
}

func TestOrderOfRecordingDoesNotMatter(t *testing.T) {
	t.Parallel()
	all, _ := population(t)
	var first *cmiv1.Calibration
	for seed := range uint64(3) {
		h := open(t)
		random := rand.New(rand.NewPCG(seed, 9))
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		h.record(t, all...)
		got := h.calibrate(t, 1)
		got.CalibrationId = ""
		if first == nil {
			first = got
		}
		if !proto.Equal(got, first) {
			t.Fatalf("in another order:\n%v\n%v", got, first)
		}
	}
}

func TestVoidOnesDoNotCount(t *testing.T) {
	t.Parallel()
	h := open(t)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 30 {
		h.record(t, entry(t, fmt.Sprintf("r%d", i), "", 1, noon, random, 0))
	}
	if n := h.calibrate(t, 0).GetN(); n != 30 {
		t.Fatalf("n is %d", n)
	}
	if _, err := h.kept.Void(t.Context(), tenant, "r7", noon, "by mistake"); err != nil {
		t.Fatal(err)
	}
	_, err := h.Calibrate(t.Context(), tenant, &cmiv1.CalibrateQuestionnaireRequest{QuestionnaireId: "q"})
	if fault.ReasonOf(err) != cmiv1.ErrorReason_NOT_ENOUGH_RESPONSES {
		t.Errorf("of 29: %v", err)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	h := open(t)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 30 {
		h.record(t, entry(t, fmt.Sprintf("r%d", i), "", 1, noon, random, 0), entry(t, fmt.Sprintf("s%d", i), "", 2, noon, random, 0))
	}
	inForce := func(version int32, at time.Time) string {
		t.Helper()
		one, err := h.Calibration(t.Context(), tenant, "q", version, at)
		if err != nil {
			t.Fatal(err)
		}
		return one.GetCalibrationId()
	}
	if got := inForce(1, noon); got != "" {
		t.Fatalf("%s is in force before any was made", got)
	}
	var made []*cmiv1.Calibration
	for day, version := range []int32{1, 2, 1} {
		h.now = noon.AddDate(0, 0, day)
		made = append(made, h.calibrate(t, version))
	}
	for _, tc := range []struct {
		version int32
		at      time.Time
		want    string
	}{
		{1, noon.Add(-time.Microsecond), ""},
		{1, noon, made[0].GetCalibrationId()},
		{1, noon.AddDate(0, 0, 2).Add(-time.Microsecond), made[0].GetCalibrationId()},
		{1, noon.AddDate(0, 0, 2), made[2].GetCalibrationId()},
		{2, noon.AddDate(1, 0, 0), made[1].GetCalibrationId()},
		{2, noon, ""},
		{3, noon.AddDate(1, 0, 0), ""},
	} {
		if got := inForce(tc.version, tc.at); got != tc.want {
			t.Errorf("version %d at %v: got %q, want %q", tc.version, tc.at, got, tc.want)
		}
	}
	other, err := h.Calibration(t.Context(), "globex", "q", 1, noon.AddDate(1, 0, 0))
	if err != nil || other != nil {
		t.Errorf("another tenant has %v, %v", other, err)
	}
	request := &cmiv1.ListCalibrationsRequest{QuestionnaireId: "q", PageSize: 2}
	page, err := h.List(t.Context(), tenant, request)
	if err != nil || len(page.GetCalibrations()) != 2 || !proto.Equal(page.GetCalibrations()[0], made[2]) || !proto.Equal(page.GetCalibrations()[1], made[1]) {
		t.Fatalf("first page: %v, %v", page, err)
	}
	request.PageToken = page.GetNextPageToken()
	page, err = h.List(t.Context(), tenant, request)
	if err != nil || len(page.GetCalibrations()) != 1 || !proto.Equal(page.GetCalibrations()[0], made[0]) || page.GetNextPageToken() != "" {
		t.Errorf("second page: %v, %v", page, err)
	}
}
