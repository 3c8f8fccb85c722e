package customers_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/scoring/keyweight"
	"github.com/customer-momentum/cmi/scoring/lifecycle"
	"github.com/customer-momentum/cmi/server/customers"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

func (w *world) inLifecycle(l cmiv1.Lifecycle) []string {
	return w.list(&cmiv1.ListCustomersRequest{Lifecycle: l})
}

// A list knows every write that was answered before it was asked for.
func TestListsKnowEveryKindOfWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	check := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	w.put(&cmiv1.Customer{CustomerId: "c"})
	check("a profile", w.inLifecycle(cmiv1.Lifecycle_LIFECYCLE_NEW), "c")
	w.put(&cmiv1.Customer{CustomerId: "c", LifecycleOverride: cmiv1.Lifecycle_LIFECYCLE_INACTIVE, Segments: map[string]string{"a": "b"}})
	check("a change", w.inLifecycle(cmiv1.Lifecycle_LIFECYCLE_INACTIVE), "c")
	check("a segment", w.list(&cmiv1.ListCustomersRequest{Segments: []string{"a=b"}}), "c")
	w.put(&cmiv1.Customer{CustomerId: "c"})
	w.did("c", "visit", days(100))
	check("an interaction", w.inLifecycle(cmiv1.Lifecycle_LIFECYCLE_INACTIVE), "c")
	w.record(answer{id: "r", customer: "c", at: days(50), cmi: 10})
	check("a response", w.inLifecycle(cmiv1.Lifecycle_LIFECYCLE_ACTIVE), "c")
	check("its bucket", w.list(&cmiv1.ListCustomersRequest{Bucket: cmiv1.Bucket_BUCKET_AT_RISK}), "c")
	w.record(answer{id: "s", customer: "c", at: days(40), cmi: 100})
	check("the next bucket", w.list(&cmiv1.ListCustomersRequest{Bucket: cmiv1.Bucket_BUCKET_ADVOCATE}), "c")
	if _, err := w.kept.Void(t.Context(), tenant, "s", noon, "a mistake"); err != nil {
		t.Fatal(err)
	}
	check("a void one", w.list(&cmiv1.ListCustomersRequest{Bucket: cmiv1.Bucket_BUCKET_AT_RISK}), "c")
	if _, err := w.Delete(t.Context(), tenant, "c"); err != nil {
		t.Fatal(err)
	}
	check("an erasure", w.list(&cmiv1.ListCustomersRequest{}))
}

// What changes by the passing of time alone changes in lists too.
func TestListsKnowTheTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(&cmiv1.Customer{CustomerId: "c", FirstSeenAt: timestamppb.New(days(80)), ClosedAt: timestamppb.New(days(-50))})
	w.did("c", "visit", days(1))
	w.record(answer{id: "ahead", customer: "c", at: days(-30), cmi: 100})
	w.put(&cmiv1.Customer{CustomerId: "later", FirstSeenAt: timestamppb.New(days(-5))})
	w.did("later", "visit", days(95), days(10))
	for _, step := range []struct {
		at        float64
		lifecycle cmiv1.Lifecycle
		advocate  bool
		later     cmiv1.Lifecycle
	}{
		{0, cmiv1.Lifecycle_LIFECYCLE_NEW, false, cmiv1.Lifecycle_LIFECYCLE_ACTIVE},
		{-5, cmiv1.Lifecycle_LIFECYCLE_NEW, false, cmiv1.Lifecycle_LIFECYCLE_NEW}, // it is now known that they are new
		{-10, cmiv1.Lifecycle_LIFECYCLE_NEW, false, cmiv1.Lifecycle_LIFECYCLE_NEW},
		{-10.001, cmiv1.Lifecycle_LIFECYCLE_ACTIVE, false, cmiv1.Lifecycle_LIFECYCLE_NEW},
		{-29.999, cmiv1.Lifecycle_LIFECYCLE_ACTIVE, false, cmiv1.Lifecycle_LIFECYCLE_NEW},
		{-30, cmiv1.Lifecycle_LIFECYCLE_ACTIVE, true, cmiv1.Lifecycle_LIFECYCLE_NEW},
		{-50, cmiv1.Lifecycle_LIFECYCLE_INACTIVE, true, cmiv1.Lifecycle_LIFECYCLE_NEW},
	} {
		w.setClock(days(step.at))
		if got := w.inLifecycle(step.lifecycle); !slices.Contains(got, "c") {
			t.Errorf("%v days on, %v are %v", -step.at, got, step.lifecycle)
		}
		if got := w.inLifecycle(step.later); !slices.Contains(got, "later") {
			t.Errorf("%v days on, %v are %v", -step.at, got, step.later)
		}
		if got := w.list(&cmiv1.ListCustomersRequest{Bucket: cmiv1.Bucket_BUCKET_ADVOCATE}); slices.Contains(got, "c") != step.advocate {
			t.Errorf("%v days on, %v are advocates", -step.at, got)
		}
	}
}

// A store that is opened again knows what is due.
func TestRestart(t *testing.T) {
	t.Parallel()
	path := file(t)
	kept := open(t, path)
	before := worldIn(t, kept)
	before.record(answer{id: "r", customer: "c", at: days(50), cmi: 10})
	if n, err := kept.Pending(t.Context(), tenant, noon.UnixMicro(), 10); err != nil || n != 1 {
		t.Fatalf("%d are due, %v", n, err)
	}
	if err := kept.Close(); err != nil {
		t.Fatal(err)
	}
	after := worldIn(t, open(t, path))
	if got := after.list(&cmiv1.ListCustomersRequest{Bucket: cmiv1.Bucket_BUCKET_AT_RISK}); !slices.Equal(got, []string{"c"}) {
		t.Errorf("%v are at risk", got)
	}
}

func TestOtherRulesAreAppliedToAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.UseRules(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.did("c", "visit", days(50))
	if got := w.inLifecycle(cmiv1.Lifecycle_LIFECYCLE_NEW); !slices.Equal(got, []string{"c"}) {
		t.Fatalf("%v are new", got)
	}
	rules := lifecycle.Default()
	rules.NewDays = 10
	var err error
	w.Customers, err = customers.New(w.kept, w.catalog, w, customers.Options{Lifecycle: rules, KeyWeight: keyweight.Default(), Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.UseRules(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.inLifecycle(cmiv1.Lifecycle_LIFECYCLE_ACTIVE); !slices.Equal(got, []string{"c"}) {
		t.Errorf("%v are active", got)
	}
	if err := w.UseRules(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := w.kept.Pending(t.Context(), tenant, noon.UnixMicro(), 10); err != nil || n != 0 {
		t.Errorf("by the same rules %d are due, %v", n, err)
	}
}

// shaky is a store that fails at first, and tells of what is saved.
type shaky struct {
	store.Store
	failures atomic.Int32
	saved    chan []store.Standing
	deaf     bool // saves nothing
}

var errShaky = errors.New("the disk is gone")

func (s *shaky) Due(ctx context.Context, at int64, limit int) ([]store.Due, error) {
	if s.failures.Add(-1) >= 0 {
		return nil, errShaky
	}
	return s.Store.Due(ctx, at, limit)
}

func (s *shaky) SaveStandings(ctx context.Context, all []store.Standing) error {
	if s.deaf {
		return nil
	}
	err := s.Store.SaveStandings(ctx, all)
	if s.saved != nil {
		s.saved <- all
	}
	return err
}

// The keeper computes what is due on its own, whatever the store did before, and ends when it is told to.
func TestKeep(t *testing.T) {
	t.Parallel()
	kept := &shaky{Store: open(t, file(t)), saved: make(chan []store.Standing, 100)}
	kept.failures.Store(2)
	w := worldIn(t, kept)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.Keep(ctx)
	}()
	w.did("c", "visit", days(100))
	next := func() store.Standing {
		select {
		case all := <-kept.saved:
			return all[len(all)-1]
		case <-t.Context().Done():
			t.Fatal("nothing was saved")
		}
		panic("never")
	}
	if s := next(); s.CustomerID != "c" || s.Tenant != tenant || s.Lifecycle != cmiv1.Lifecycle_LIFECYCLE_INACTIVE || s.Direction != 0 || s.CMI != nil {
		t.Errorf("%+v", s)
	}
	w.record(answer{id: "r", customer: "c", at: days(1), cmi: 10})
	w.Nudge()
	if s := next(); s.Lifecycle != cmiv1.Lifecycle_LIFECYCLE_ACTIVE || s.CMI == nil || *s.CMI != 10 || s.Calibrated ||
		s.Direction != cmiv1.Direction_DIRECTION_INSUFFICIENT {
		t.Errorf("%+v", s)
	}
	w.record(answer{id: "s", customer: "c", at: days(0.5), cmi: 20})
	w.Nudge()
	if s := next(); !s.Calibrated {
		t.Errorf("%+v does not depend on calibrations", s)
	}
	cancel()
	<-ended
}

// Where standings cannot be brought up to date in time, the list says so and is answered.
func TestListsSayHowManyArePending(t *testing.T) {
	t.Parallel()
	kept := &shaky{Store: open(t, file(t)), deaf: true}
	w := worldIn(t, kept)
	w.did("c", "visit", days(1))
	w.did("d", "visit", days(1))
	answer, err := w.List(t.Context(), tenant, &cmiv1.ListCustomersRequest{})
	if err != nil || answer.GetPending() != 2 || len(answer.GetCustomers()) != 2 {
		t.Errorf("%v, %v", answer, err)
	}
}

// forgetful does not find one questionnaire any more.
type forgetful struct {
	customers.Versions
	id string
}

func (f forgetful) RecordedScorer(ctx context.Context, tenant, id string, version int32) (*scoring.Scorer, error) {
	if id == f.id {
		return nil, fault.New(cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND, "there is no %s", id)
	}
	return f.Versions.RecordedScorer(ctx, tenant, id, version)
}

// One customer whose scores cannot be read does not keep the others from being computed.
func TestAnUnreadableQuestionnaireStopsNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(answer{id: "bad", customer: "a", at: days(50), cmi: 10, questionnaire: "builtin-new-online"},
		answer{id: "good", customer: "b", at: days(50), cmi: 10})
	var said bytes.Buffer
	var err error
	w.Customers, err = customers.New(w.kept, forgetful{w.catalog, "builtin-new-online"}, w, customers.Options{
		Lifecycle: lifecycle.Default(), KeyWeight: keyweight.Default(), Now: w.now, Logger: slog.New(slog.NewTextHandler(&said, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.settle()
	if got := w.list(&cmiv1.ListCustomersRequest{Bucket: cmiv1.Bucket_BUCKET_AT_RISK}); !slices.Equal(got, []string{"b"}) {
		t.Errorf("%v are at risk", got)
	}
	if !strings.Contains(said.String(), "there is no builtin-new-online") {
		t.Errorf("the log says %q", said.String())
	}
	// It is tried again.
	w.setClock(noon.Add(time.Hour))
	if n, err := w.kept.Pending(t.Context(), tenant, w.now().UnixMicro(), 10); err != nil || n != 1 {
		t.Errorf("%d are due, %v", n, err)
	}
}

func TestRulesThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, o := range []customers.Options{
		{KeyWeight: keyweight.Default(), Lifecycle: lifecycle.Rules{NewDays: -1}},
		{Lifecycle: lifecycle.Default()},
	} {
		if _, err := customers.New(w.kept, w.catalog, w, o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}
