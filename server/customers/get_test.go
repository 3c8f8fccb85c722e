package customers_test

import (
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/keyweight"
)

func near(got *float64, want float64) bool { return got != nil && math.Abs(*got-want) < 1e-12 }

// Of two customers who are 12 months old, which makes T 1/2, c was there once, right now: its weight of 1 makes a rate of
// 30 (ln 2 / 90) / (1 - 0.5^(180/90)) per 30 days, and F is ln(1 + rate) / ln(1 + 30/7).
const twelveMonths = 12 * 30.4375

func frequency(rate float64) float64 { return math.Log(1+rate) / math.Log(1+30.0/7) }

func once() float64 { return 30 * math.Ln2 / 90 / 0.75 }

func TestKeyWeightInFull(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(&cmiv1.Customer{CustomerId: "c", FirstSeenAt: timestamppb.New(days(twelveMonths)), Segments: map[string]string{"country": "ch"}})
	w.did("c", "visit", noon)
	w.record(answer{id: "c1", customer: "c", at: days(1), cmi: 80})
	// Of the same lifecycle, and of another segment.
	w.put(&cmiv1.Customer{CustomerId: "d", FirstSeenAt: timestamppb.New(days(twelveMonths)), Segments: map[string]string{"country": "de"}})
	w.record(answer{id: "d1", customer: "d", at: days(1), cmi: 50})
	// New, and of the same segment.
	w.put(&cmiv1.Customer{CustomerId: "e", Segments: map[string]string{"country": "ch"}})
	w.record(answer{id: "e1", customer: "e", at: days(1), cmi: 20})
	// Without a CMI, so without a part in any mean.
	w.put(&cmiv1.Customer{CustomerId: "f", FirstSeenAt: timestamppb.New(days(twelveMonths)), Segments: map[string]string{"country": "ch"}})

	weight := math.Sqrt(0.5 * frequency(once()))
	for _, test := range []struct {
		by   string
		mean float64
	}{{"", 65}, {"country", 50}} {
		for _, asOf := range []*timestamppb.Timestamp{nil, timestamppb.New(noon)} {
			answer, err := w.Get(t.Context(), tenant, &cmiv1.GetCustomerRequest{CustomerId: "c", MeanBy: test.by, AsOf: asOf, PastMean: asOf != nil})
			if err != nil {
				t.Fatal(err)
			}
			k := answer.GetKeyWeight()
			if !near(k.Weight, weight) || !near(k.Tenure, 0.5) || !near(k.Frequency, frequency(once())) || !near(k.Rate, once()) ||
				!k.GetFirstSeenAt().AsTime().Equal(days(twelveMonths)) || k.GetConstants() != keyweight.Default().String() {
				t.Errorf("the weight is %v, want %v", k, weight)
			}
			if !near(k.Score, 80) || !near(k.WeightedScore, weight*80) || !near(k.Mean, test.mean) || k.GetMeanCustomers() != 2 ||
				!near(k.ShrunkScore, weight*80+(1-weight)*test.mean) {
				t.Errorf("by %q at %v: %s", test.by, asOf, prototext.Format(k))
			}
			if c := answer.GetCustomer(); !near(c.KeyWeight, weight) || c.GetLifecycle() != cmiv1.Lifecycle_LIFECYCLE_ACTIVE {
				t.Errorf("%s", prototext.Format(c))
			}
			if answer.AccountKeyWeight != nil {
				t.Error("a weight of no account")
			}
		}
	}
	for name, request := range map[string]*cmiv1.GetCustomerRequest{
		"of a segment that the customer is not in": {CustomerId: "c", MeanBy: "plan"},
		"of the past, and nobody asked for it":     {CustomerId: "c", AsOf: timestamppb.New(noon)},
	} {
		answer, err := w.Get(t.Context(), tenant, request)
		if k := answer.GetKeyWeight(); err != nil || k.Mean != nil || k.ShrunkScore != nil || k.MeanCustomers != nil || !near(k.Score, 80) {
			t.Errorf("%s: %v, %v", name, answer, err)
		}
	}
}

// The account is as old as its oldest and does what all of them do.
func TestKeyWeightOfAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(&cmiv1.Customer{CustomerId: "c", AccountId: "a", FirstSeenAt: timestamppb.New(days(200))})
	w.put(&cmiv1.Customer{CustomerId: "d", AccountId: "a", FirstSeenAt: timestamppb.New(days(twelveMonths))})
	w.put(&cmiv1.Customer{CustomerId: "e", AccountId: "a"})
	w.put(&cmiv1.Customer{CustomerId: "f", AccountId: "b", FirstSeenAt: timestamppb.New(days(2000))})
	w.did("c", "visit", noon)
	w.did("d", "call", noon)
	w.did("f", "call", noon)
	want := math.Sqrt(0.5 * frequency(2*once()))
	for _, id := range []string{"c", "d", "e"} {
		if got := w.get(id).AccountKeyWeight; !near(got, want) {
			t.Errorf("%s: %v, want %v", id, got, want)
		}
	}
	if got := w.get("c", days(1)).AccountKeyWeight; got == nil || *got != 0 {
		t.Errorf("before anybody did anything: %v, want 0", got)
	}
	w.put(&cmiv1.Customer{CustomerId: "g", AccountId: "empty"})
	if got := w.get("g").AccountKeyWeight; got != nil {
		t.Errorf("of people of whom nothing is known: %v", *got)
	}
}

// Before anything was known of a customer there is only the profile.
func TestAsOfBeforeAnythingIsKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(&cmiv1.Customer{CustomerId: "c", AccountId: "a", FirstSeenAt: timestamppb.New(days(50))})
	w.did("c", "visit", days(60))
	w.record(answer{id: "c1", customer: "c", at: days(40), cmi: 80})
	got := w.get("c", days(61))
	want := &cmiv1.GetCustomerResponse{Customer: w.get("c").GetCustomer()}
	want.Customer.Lifecycle, want.Customer.KeyWeight, want.Customer.Standing = cmiv1.Lifecycle_LIFECYCLE_NEW, nil, nil
	if !proto.Equal(got, want) {
		t.Errorf("%s", prototext.Format(got))
	}
	// The profile's word counts from then on; until then the first visit does.
	if got := w.get("c", days(55)).GetKeyWeight().GetFirstSeenAt().AsTime(); !got.Equal(days(60)) {
		t.Errorf("first seen at %v", got)
	}
	if got := w.get("c", days(50)).GetKeyWeight().GetFirstSeenAt().AsTime(); !got.Equal(days(50)) {
		t.Errorf("first seen at %v", got)
	}
}

func TestReadMask(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(full())
	w.record(rising("c")...)
	whole := w.get("c")
	for _, test := range []struct {
		paths []string
		keep  func(*cmiv1.GetCustomerResponse) *cmiv1.GetCustomerResponse
	}{
		{nil, func(r *cmiv1.GetCustomerResponse) *cmiv1.GetCustomerResponse { return r }},
		{[]string{"*"}, func(r *cmiv1.GetCustomerResponse) *cmiv1.GetCustomerResponse { return r }},
		{[]string{"latest_score", "customer.lifecycle"}, func(r *cmiv1.GetCustomerResponse) *cmiv1.GetCustomerResponse {
			return &cmiv1.GetCustomerResponse{LatestScore: r.GetLatestScore(), Customer: &cmiv1.Customer{Lifecycle: r.GetCustomer().GetLifecycle()}}
		}},
		{[]string{"customer.standing.level", "customer.standing", "customer.standing.series"}, func(r *cmiv1.GetCustomerResponse) *cmiv1.GetCustomerResponse {
			return &cmiv1.GetCustomerResponse{Customer: &cmiv1.Customer{Standing: r.GetCustomer().GetStanding()}}
		}},
		{[]string{"customer.standing.level", "customer.customer_id"}, func(r *cmiv1.GetCustomerResponse) *cmiv1.GetCustomerResponse {
			c := r.GetCustomer()
			return &cmiv1.GetCustomerResponse{Customer: &cmiv1.Customer{CustomerId: "c", Standing: &cmiv1.Standing{Level: c.GetStanding().Level}}}
		}},
		{[]string{"key_weight"}, func(r *cmiv1.GetCustomerResponse) *cmiv1.GetCustomerResponse {
			return &cmiv1.GetCustomerResponse{KeyWeight: r.GetKeyWeight()}
		}},
		{[]string{"account_key_weight"}, func(r *cmiv1.GetCustomerResponse) *cmiv1.GetCustomerResponse {
			return &cmiv1.GetCustomerResponse{AccountKeyWeight: r.AccountKeyWeight}
		}},
	} {
		got, err := w.Get(t.Context(), tenant, &cmiv1.GetCustomerRequest{CustomerId: "c", ReadMask: &fieldmaskpb.FieldMask{Paths: test.paths}})
		if err != nil {
			t.Fatal(err)
		}
		if want := test.keep(proto.CloneOf(whole)); !proto.Equal(got, want) {
			t.Errorf("%q: %s", test.paths, prototext.Format(got))
		}
	}
	for _, path := range []string{"", "customerId", "customer.none", "customer.segments.plan", "customer.created_at.seconds", "latest_score.pillars.score", "customer.", "customer.standing.level.x"} {
		for _, paths := range [][]string{{path}, {"customer", "latest_score", path}} {
			_, err := w.Get(t.Context(), tenant, &cmiv1.GetCustomerRequest{CustomerId: "c", ReadMask: &fieldmaskpb.FieldMask{Paths: paths}})
			refused(t, err, cmiv1.ErrorReason_INVALID_REQUEST, "read_mask")
		}
	}
}

func TestLifecycle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.did("c", "visit", days(300), days(200), days(100))
	w.put(&cmiv1.Customer{CustomerId: "d", LifecycleOverride: cmiv1.Lifecycle_LIFECYCLE_INACTIVE})
	w.did("e", "visit", days(300), days(100))
	w.record(answer{id: "between", customer: "e", at: days(200), cmi: 50})
	for _, test := range []struct {
		id   string
		at   float64
		want cmiv1.Lifecycle
	}{
		{"c", 301, cmiv1.Lifecycle_LIFECYCLE_NEW}, {"c", 300, cmiv1.Lifecycle_LIFECYCLE_NEW}, {"c", 205, cmiv1.Lifecycle_LIFECYCLE_INACTIVE},
		{"c", 200, cmiv1.Lifecycle_LIFECYCLE_ACTIVE}, {"c", 0, cmiv1.Lifecycle_LIFECYCLE_ACTIVE}, // of three visits, the gap of 100 days counts
		{"e", 0, cmiv1.Lifecycle_LIFECYCLE_ACTIVE}, // responses are contacts too
		{"d", 0, cmiv1.Lifecycle_LIFECYCLE_INACTIVE}, {"nobody", 0, cmiv1.Lifecycle_LIFECYCLE_NEW},
	} {
		got, err := w.Lifecycle(t.Context(), tenant, test.id, days(test.at))
		if err != nil || got != test.want {
			t.Errorf("%s, %v days ago: %v, %v, want %v", test.id, test.at, got, err, test.want)
		}
	}
}
