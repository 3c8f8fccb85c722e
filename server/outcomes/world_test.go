package outcomes_test

import (
	"errors"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/outcomes"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/sqlite"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

const tenant = "acme"

func noon() time.Time { return time.Date(2026, 11, 2, 12, 0, 0, 123_456_789, time.UTC) }

// world is the use case on a store of its own.
type world struct {
	*outcomes.Outcomes
	kept   store.Store
	nudges atomic.Int32
}

func newWorld(t *testing.T) *world {
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
	w := &world{kept: kept}
	w.Outcomes = outcomes.New(kept, func() { w.nudges.Add(1) }, noon)
	return w
}

// renewal is a good outcome.
func renewal(id string) *cmiv1.Outcome {
	return &cmiv1.Outcome{
		OutcomeId: id, CustomerId: "c", Kind: cmiv1.OutcomeKind_OUTCOME_RENEWED, Amount: new(1200.5), Currency: "EUR",
		OccurredAt: timestamppb.New(noon()),
	}
}

// refused checks that an error is a refusal over the fields, in order.
func refused(t *testing.T, what string, err error, reason cmiv1.ErrorReason, fields ...string) {
	t.Helper()
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || refusal.Reason != reason {
		t.Errorf("%s: got %v, want %s", what, err, reason)
		return
	}
	var got []string
	for _, v := range refusal.Violations {
		got = append(got, v.Field)
	}
	if !slices.Equal(got, fields) {
		t.Errorf("%s: the fields at fault are %q, want %q", what, refusal.Violations, fields)
	}
}
