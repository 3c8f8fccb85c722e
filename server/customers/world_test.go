package customers_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/keyweight"
	"github.com/customer-momentum/cmi/scoring/lifecycle"
	"github.com/customer-momentum/cmi/server/catalog"
	"github.com/customer-momentum/cmi/server/customers"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/questionnaire"
	"github.com/customer-momentum/cmi/server/store"
)

const tenant = "acme"

// noon is when tests happen, unless they move the clock.
var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// days is a time so many days before noon.
func days(n float64) time.Time {
	return noon.Add(-time.Duration(n * 24 * float64(time.Hour))).Truncate(time.Microsecond)
}

// world is the use case on a store of its own.
type world struct {
	*customers.Customers
	t       testing.TB
	kept    store.Store
	catalog *catalog.Catalog
	// sems are the standard errors that calibrations give from their time on, by questionnaire.
	sems  map[string]calibrated
	mu    sync.Mutex
	clock time.Time
}

type calibrated struct {
	sem  float64
	from time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return worldIn(t, open(t, file(t)))
}

func worldIn(t testing.TB, kept store.Store) *world {
	t.Helper()
	w := &world{t: t, kept: kept, clock: noon, sems: map[string]calibrated{}}
	var err error
	if w.catalog, err = catalog.New(kept, questionnaire.Builtin(), w.now); err != nil {
		t.Fatal(err)
	}
	w.Customers, err = customers.New(kept, w.catalog, w, customers.Options{
		Lifecycle: lifecycle.Default(), KeyWeight: keyweight.Default(), Now: w.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) setClock(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = at
}

// Calibration answers what the test says.
func (w *world) Calibration(_ context.Context, _, id string, _ int32, at time.Time) (*cmiv1.Calibration, error) {
	known, ok := w.sems[id]
	if !ok || at.Before(known.from) {
		return nil, nil
	}
	return &cmiv1.Calibration{Sem: &known.sem}, nil
}

// Forget: it recalls nothing.
func (w *world) Forget(string, string) {}

// answer is a response to record.
type answer struct {
	id, customer  string
	at            time.Time
	cmi           float64
	status        cmiv1.ScoreStatus // SCORED by default
	questionnaire string            // builtin-active-online by default, in the series cmi
}

const (
	scored   = cmiv1.ScoreStatus_SCORE_STATUS_SCORED
	partial  = cmiv1.ScoreStatus_SCORE_STATUS_PARTIAL
	unscored = cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED
)

// entry is an answer as the store keeps it. The built-in questionnaires all have the same thresholds.
func (w *world) entry(a answer) store.Entry {
	w.t.Helper()
	if a.questionnaire == "" {
		a.questionnaire = "builtin-active-online"
	}
	if a.status == 0 {
		a.status = scored
	}
	scorer, err := w.catalog.RecordedScorer(context.Background(), tenant, a.questionnaire, 1)
	if err != nil {
		w.t.Fatal(err)
	}
	score := &cmiv1.Score{
		ResponseId: a.id, CustomerId: a.customer, QuestionnaireId: a.questionnaire, QuestionnaireVersion: 1,
		Series: scorer.Series(), Status: a.status, SubmittedAt: timestamppb.New(a.at), ScoredAt: timestamppb.New(w.now()),
	}
	if a.status != unscored {
		growth, advocate := scorer.Thresholds()
		score.Cmi, score.Bucket = &a.cmi, cmiv1.Bucket_BUCKET_AT_RISK
		if a.cmi >= growth {
			score.Bucket = cmiv1.Bucket_BUCKET_GROWTH
		}
		if a.cmi >= advocate {
			score.Bucket = cmiv1.Bucket_BUCKET_ADVOCATE
		}
	}
	response := &cmiv1.Response{ResponseId: a.id, CustomerId: a.customer, SubmittedAt: score.SubmittedAt}
	return store.Entry{Response: response, Score: score, Content: store.ContentHash{1}}
}

// record records answers, which are new.
func (w *world) record(answers ...answer) {
	w.t.Helper()
	for _, a := range answers {
		outcomes, err := w.kept.Record(w.t.Context(), tenant, []store.Entry{w.entry(a)})
		if err != nil || outcomes[0].Result != store.Recorded {
			w.t.Fatalf("%s: %v %v", a.id, outcomes, err)
		}
	}
}

// did records interactions of one kind at the given times.
func (w *world) did(customer, kind string, at ...time.Time) {
	w.t.Helper()
	var all []*cmiv1.Interaction
	for i, when := range at {
		all = append(all, &cmiv1.Interaction{
			InteractionId: fmt.Sprintf("%s-%s-%d-%d", customer, kind, when.UnixMicro(), i), CustomerId: customer, Kind: kind,
			OccurredAt: timestamppb.New(when),
		})
	}
	results, err := w.Record(w.t.Context(), tenant, all, "interactions")
	if err != nil {
		w.t.Fatal(err)
	}
	for i, result := range results {
		if result.Err != nil || result.Replayed {
			w.t.Fatalf("%s: %+v", all[i].GetInteractionId(), result)
		}
	}
}

// put saves a whole profile.
func (w *world) put(customer *cmiv1.Customer) *cmiv1.PutCustomerResponse {
	w.t.Helper()
	answer, err := w.Put(w.t.Context(), tenant, &cmiv1.PutCustomerRequest{Customer: customer})
	if err != nil {
		w.t.Fatal(err)
	}
	return answer
}

// settle waits for the standings that are due. A call waits for them as well, but not for long, and on a busy machine not long enough.
func (w *world) settle() {
	w.t.Helper()
	for due := 1; due > 0; {
		var err error
		if due, err = w.Settle(w.t.Context(), tenant); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) get(id string, asOf ...time.Time) *cmiv1.GetCustomerResponse {
	w.t.Helper()
	w.settle()
	request := &cmiv1.GetCustomerRequest{CustomerId: id}
	if len(asOf) > 0 {
		request.AsOf = timestamppb.New(asOf[0])
	}
	answer, err := w.Get(w.t.Context(), tenant, request)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer
}

func (w *world) trajectory(request *cmiv1.GetTrajectoryRequest) *cmiv1.Trajectory {
	w.t.Helper()
	answer, err := w.Trajectory(w.t.Context(), tenant, request)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer
}

// list reads all pages of a list and answers the ids.
func (w *world) list(request *cmiv1.ListCustomersRequest) []string {
	w.t.Helper()
	w.settle()
	var ids []string
	for {
		answer, err := w.List(w.t.Context(), tenant, request)
		if err != nil {
			w.t.Fatal(err)
		}
		if answer.GetPending() != 0 {
			w.t.Errorf("%d customers are pending", answer.GetPending())
		}
		if n := len(answer.GetCustomers()); request.GetPageSize() > 0 && n > int(request.GetPageSize()) {
			w.t.Errorf("a page of %d has %d customers", request.GetPageSize(), n)
		}
		for _, customer := range answer.GetCustomers() {
			ids = append(ids, customer.GetCustomerId())
		}
		if request.PageToken = answer.GetNextPageToken(); request.PageToken == "" {
			return ids
		}
	}
}

// refused checks the reason of a refusal, and the field at fault where one is given.
func refused(t testing.TB, err error, reason cmiv1.ErrorReason, field string) {
	t.Helper()
	refusal, ok := errors.AsType[*fault.Error](err)
	switch {
	case !ok || refusal.Reason != reason:
		t.Errorf("got %v, want %s", err, reason)
	case field != "" && (len(refusal.Violations) != 1 || refusal.Violations[0].Field != field):
		t.Errorf("%s: the fields at fault are %+v, want %s", reason, refusal.Violations, field)
	}
}
