package sqlite

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// calibrationAt makes one of questionnaire q, at a microsecond.
func calibrationAt(id string, version int32, micros int64) *cmiv1.Calibration {
	return &cmiv1.Calibration{
		CalibrationId: id, QuestionnaireId: "q", QuestionnaireVersion: version,
		CalibratedAt: &timestamppb.Timestamp{Seconds: micros / 1e6, Nanos: int32(micros%1e6) * 1e3}, N: 30, Sem: new(4.5),
	}
}

func TestCalibrationsAreListedPageByPage(t *testing.T) {
	t.Parallel()
	s := open(t)
	saved := []*cmiv1.Calibration{
		calibrationAt("a", 1, 5_000_000), calibrationAt("b", 2, 7_000_001), calibrationAt("c", 1, 5_000_000),
		calibrationAt("d", 1, 3_000_000), calibrationAt("e", 2, 5_000_000),
	}
	for _, c := range saved {
		if err := s.SaveCalibration(t.Context(), "acme", c); err != nil {
			t.Fatal(err)
		}
	}
	other := calibrationAt("other", 1, 9_000_000)
	other.QuestionnaireId = "another"
	for tenant, c := range map[string]*cmiv1.Calibration{"acme": other, "zeta": calibrationAt("zeta's", 1, 9_000_000)} {
		if err := s.SaveCalibration(t.Context(), tenant, c); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		version int32
		want    []string
	}{{0, []string{"b", "e", "c", "a", "d"}}, {1, []string{"c", "a", "d"}}, {2, []string{"b", "e"}}, {3, nil}} {
		for limit := 1; limit < 7; limit++ {
			got := calibrationPages(t, s, test.version, limit)
			if !slices.Equal(got, test.want) {
				t.Errorf("version %d in pages of %d: got %v, want %v", test.version, limit, got, test.want)
			}
		}
	}
	page, err := s.ListCalibrations(t.Context(), "acme", store.CalibrationFilter{QuestionnaireID: "q"}, 1)
	if err != nil || !proto.Equal(page[0].Calibration, saved[1]) || page[0].Cursor.SubmittedAt != 7_000_001 {
		t.Errorf("got %v, %v; want %v", page, err, saved[1])
	}
}

func calibrationPages(t *testing.T, s *Store, version int32, limit int) (ids []string) {
	t.Helper()
	f := store.CalibrationFilter{QuestionnaireID: "q", Version: version}
	for {
		page, err := s.ListCalibrations(t.Context(), "acme", f, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page {
			ids = append(ids, c.Calibration.GetCalibrationId())
		}
		if len(page) < limit {
			return ids
		}
		f.After = &page[limit-1].Cursor
	}
}

func TestCalibrationsNeedWhatTheyAreFoundBy(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, c := range map[string]*cmiv1.Calibration{
		"no questionnaire": {CalibratedAt: timestamppb.Now()},
		"no time":          {QuestionnaireId: "q"},
		"none":             nil,
	} {
		if err := s.SaveCalibration(t.Context(), "acme", c); err == nil || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: got %v, want an error that says that trying again is of no use", name, err)
		}
	}
	if page, err := s.ListCalibrations(t.Context(), "acme", store.CalibrationFilter{QuestionnaireID: "q"}, 0); err != nil || len(page) > 0 {
		t.Errorf("got %v, %v; want none", fmt.Sprint(page), err)
	}
}
