package storetest

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// calibration makes one.
func calibration(id, questionnaire string, version int32, made time.Time) *cmiv1.Calibration {
	return &cmiv1.Calibration{
		CalibrationId: id, QuestionnaireId: questionnaire, QuestionnaireVersion: version,
		CalibratedAt: timestamppb.New(made), N: 30, Sem: proto.Float64(0.1),
		Pillars: []*cmiv1.PillarCalibration{{Pillar: cmiv1.Pillar_PILLAR_ECI, NItems: 4, Alpha: proto.Float64(-0.1), Sd: proto.Float64(0)}},
	}
}

func calibrations(t *testing.T, s store.Store, f store.CalibrationFilter, limit int) []store.KeptCalibration {
	t.Helper()
	page, err := s.ListCalibrations(t.Context(), "acme", f, limit)
	if err != nil {
		t.Fatalf("ListCalibrations: %v", err)
	}
	return page
}

// calibrationIDs are those of a page, in its order.
func calibrationIDs(page []store.KeptCalibration) []string {
	var ids []string
	for _, k := range page {
		ids = append(ids, k.Calibration.GetCalibrationId())
	}
	return ids
}

func saveCalibrations(t *testing.T, s store.Store, all ...*cmiv1.Calibration) {
	t.Helper()
	for _, c := range all {
		if err := s.SaveCalibration(t.Context(), "acme", c); err != nil {
			t.Fatalf("SaveCalibration: %v", err)
		}
	}
}

// drawer saves calibrations of two versions at two times and one of another questionnaire. The latest of the same time is
// the one that was saved last.
func drawer(t *testing.T, s store.Store) {
	t.Helper()
	saveCalibrations(t, s,
		calibration("a", "q", 1, after(1)), calibration("b", "q", 2, after(0)), calibration("c", "q", 1, after(0)),
		calibration("x", "other", 1, after(2)), calibration("d", "q", 2, after(1)), calibration("e", "q", 1, after(0)))
}

func calibrationOrder(t *testing.T, s store.Store) {
	if got := calibrations(t, s, store.CalibrationFilter{QuestionnaireID: "q"}, 10); len(got) != 0 {
		t.Errorf("an empty store lists %q", calibrationIDs(got))
	}
	drawer(t, s)
	for _, c := range []struct {
		filter store.CalibrationFilter
		want   []string
	}{
		{store.CalibrationFilter{QuestionnaireID: "q"}, []string{"d", "a", "e", "c", "b"}},
		{store.CalibrationFilter{QuestionnaireID: "q", Version: 1}, []string{"a", "e", "c"}},
		{store.CalibrationFilter{QuestionnaireID: "q", Version: 2}, []string{"d", "b"}},
		{store.CalibrationFilter{QuestionnaireID: "q", Version: 3}, nil},
		{store.CalibrationFilter{QuestionnaireID: "other"}, []string{"x"}},
		{store.CalibrationFilter{QuestionnaireID: "Q"}, nil},
		{store.CalibrationFilter{}, nil},
	} {
		whole := calibrations(t, s, c.filter, 10)
		if got := calibrationIDs(whole); !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %q, want %q", c.filter, got, c.want)
		}
		for i := 1; i < len(whole); i++ {
			if falling(whole[i-1].Cursor, whole[i].Cursor) >= 0 {
				t.Errorf("%+v: places %v and %v are out of order", c.filter, whole[i-1].Cursor, whole[i].Cursor)
			}
		}
		if got := calibrations(t, s, c.filter, 0); len(got) != 0 {
			t.Errorf("a limit of 0 lists %d", len(got))
		}
	}
}

// calibrationPages: those that are made while somebody reads, later than the last page, are of no concern to the pages that
// follow.
func calibrationPages(t *testing.T, s store.Store) {
	drawer(t, s)
	for _, f := range []store.CalibrationFilter{{QuestionnaireID: "q"}, {QuestionnaireID: "q", Version: 1}} {
		for limit := 1; limit <= 6; limit++ {
			f.After = nil
			want := calibrationIDs(calibrations(t, s, f, 100))
			var got []string
			for {
				page := calibrations(t, s, f, limit)
				got = append(got, calibrationIDs(page)...)
				if len(page) < limit {
					break
				}
				if f.After != nil && falling(*f.After, page[0].Cursor) >= 0 {
					t.Fatalf("a page starts at %v, not behind its cursor %v", page[0].Cursor, *f.After)
				}
				if f.After == nil {
					saveCalibrations(t, s, calibration(fmt.Sprintf("later-%d", limit), "q", 1, noon().Add(time.Hour)))
				}
				f.After = &page[len(page)-1].Cursor
			}
			if !slices.Equal(got, want) {
				t.Errorf("%+v in pages of %d: got %q, want %q", f, limit, got, want)
			}
		}
	}
}

func calibrationExact(t *testing.T, s store.Store) {
	for i, when := range []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), time.Unix(-1, 999_999_000), time.Unix(0, 0), noon(),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	} {
		c := calibration(fmt.Sprintf("c-%d", i), "q", 1, when)
		c.Sem = nil
		c.Pillars[0].Alpha, c.Pillars[0].Sd = proto.Float64(math.Nextafter(-0.1, 0)), proto.Float64(math.SmallestNonzeroFloat64)
		c.Pillars[0].Mean = proto.Float64(1.0 / 3)
		saveCalibrations(t, s, c)
		got := calibrations(t, s, store.CalibrationFilter{QuestionnaireID: "q"}, 1)[0]
		same(t, "calibration", got.Calibration, c)
		if got.Cursor.SubmittedAt != when.UnixMicro() {
			t.Errorf("cursor of %v: got %d, want %d", when, got.Cursor.SubmittedAt, when.UnixMicro())
		}
	}
}

// calibrationMessages: given ones may be changed, and are not; answered ones belong to the caller.
func calibrationMessages(t *testing.T, s store.Store) {
	want := calibration("c", "q", 1, noon())
	given := calibration("c", "q", 1, noon())
	saveCalibrations(t, s, given)
	same(t, "given calibration", given, want)
	for range 2 {
		given.Pillars[0].Sd, given.CalibratedAt, given.Sem = nil, timestamppb.New(after(1)), nil
		given = calibrations(t, s, store.CalibrationFilter{QuestionnaireID: "q"}, 1)[0].Calibration
		same(t, "calibration", given, want)
	}
}
