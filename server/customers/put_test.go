package customers_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func full() *cmiv1.Customer {
	return &cmiv1.Customer{
		CustomerId: "c", AccountId: "household-1", Segments: map[string]string{"country": "ch", "plan": "gold"},
		FirstSeenAt: timestamppb.New(time.Date(2024, 1, 1, 0, 0, 0, 999, time.UTC)),
		ClosedAt:    timestamppb.New(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)),
		Spend:       &cmiv1.Spend{Amount: new(12.5), Currency: "CHF", Period: cmiv1.SpendPeriod_SPEND_PERIOD_MONTH},

		LifecycleOverride: cmiv1.Lifecycle_LIFECYCLE_ACTIVE,
	}
}

// asSaved is the profile without what the service sets.
func asSaved(c *cmiv1.Customer) *cmiv1.Customer {
	c = proto.CloneOf(c)
	c.Etag, c.CreatedAt, c.UpdatedAt, c.Lifecycle, c.KeyWeight, c.Standing = "", nil, nil, 0, nil, nil
	return c
}

func TestPutKeepsTheWholeProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sent := full()
	// What the service sets or computes is ignored.
	sent.CreatedAt, sent.UpdatedAt = timestamppb.New(days(1000)), timestamppb.New(days(1000))
	sent.Lifecycle, sent.KeyWeight, sent.Standing = cmiv1.Lifecycle_LIFECYCLE_INACTIVE, new(0.7), &cmiv1.Standing{Series: "x"}
	got := w.put(sent)
	want := full()
	want.FirstSeenAt.Nanos = 0 // whole microseconds
	if !got.GetCreated() || !proto.Equal(asSaved(got.GetCustomer()), want) {
		t.Errorf("created %v: %s", got.GetCreated(), prototext.Format(got))
	}
	if c := got.GetCustomer(); c.GetEtag() == "" || !c.GetCreatedAt().AsTime().Equal(noon) || !c.GetUpdatedAt().AsTime().Equal(noon) ||
		c.GetLifecycle() != 0 || c.KeyWeight != nil || c.GetStanding() != nil {
		t.Errorf("what the service sets: %s", prototext.Format(c))
	}
	read := w.get("c").GetCustomer()
	if !proto.Equal(asSaved(read), want) || read.GetEtag() != got.GetCustomer().GetEtag() {
		t.Errorf("read again: %s", prototext.Format(read))
	}

	w.setClock(noon.Add(time.Hour))
	again := w.put(full())
	if again.GetCreated() || !again.GetCustomer().GetUpdatedAt().AsTime().Equal(noon) {
		t.Errorf("the same again: created %v, updated %v", again.GetCreated(), again.GetCustomer().GetUpdatedAt().AsTime())
	}
	bare := w.put(&cmiv1.Customer{CustomerId: "c"})
	if !proto.Equal(asSaved(bare.GetCustomer()), &cmiv1.Customer{CustomerId: "c"}) {
		t.Errorf("what is not sent is still there: %s", prototext.Format(bare))
	}
	if c := bare.GetCustomer(); !c.GetCreatedAt().AsTime().Equal(noon) || !c.GetUpdatedAt().AsTime().Equal(noon.Add(time.Hour)) {
		t.Errorf("created %v, updated %v", c.GetCreatedAt().AsTime(), c.GetUpdatedAt().AsTime())
	}
}

func TestPutChangesWhatTheMaskNames(t *testing.T) {
	t.Parallel()
	news := &cmiv1.Customer{
		CustomerId: "c", AccountId: "household-2", Segments: map[string]string{"plan": "silver", "size": "xl"},
		FirstSeenAt: timestamppb.New(days(3)),
	}
	base := full()
	base.FirstSeenAt.Nanos = 0
	for mask, change := range map[string]func(*cmiv1.Customer){
		"account_id":         func(c *cmiv1.Customer) { c.AccountId = "household-2" },
		"segments":           func(c *cmiv1.Customer) { c.Segments = maps.Clone(news.GetSegments()) },
		"segments.plan":      func(c *cmiv1.Customer) { c.Segments["plan"] = "silver" },
		"segments.country":   func(c *cmiv1.Customer) { delete(c.Segments, "country") },
		"first_seen_at":      func(c *cmiv1.Customer) { c.FirstSeenAt = timestamppb.New(days(3)) },
		"closed_at":          func(c *cmiv1.Customer) { c.ClosedAt = nil },
		"spend":              func(c *cmiv1.Customer) { c.Spend = nil },
		"lifecycle_override": func(c *cmiv1.Customer) { c.LifecycleOverride = 0 },
		"segments.size,account_id": func(c *cmiv1.Customer) {
			c.Segments["size"], c.AccountId = "xl", "household-2"
		},
		"*": func(c *cmiv1.Customer) {
			proto.Reset(c)
			c.CustomerId, c.AccountId, c.FirstSeenAt = "c", news.GetAccountId(), news.GetFirstSeenAt()
			c.Segments = maps.Clone(news.GetSegments())
		},
	} {
		w := newWorld(t)
		w.put(full())
		got, err := w.Put(t.Context(), tenant, &cmiv1.PutCustomerRequest{
			Customer: news, UpdateMask: &fieldmaskpb.FieldMask{Paths: strings.Split(mask, ",")},
		})
		if err != nil {
			t.Fatal(err)
		}
		want := proto.CloneOf(base)
		change(want)
		if !proto.Equal(asSaved(got.GetCustomer()), want) {
			t.Errorf("%s: %s", mask, prototext.Format(got))
		}
	}
}

func TestMasksThatCannotBeMeant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, paths := range [][]string{
		{}, {""}, {"customer_id"}, {"etag"}, {"created_at"}, {"lifecycle"}, {"key_weight"}, {"standing"}, {"spend.amount"},
		{"segments."}, {"segments.a b"}, {"segments.a.b c"}, {"segments.planType"}, {"segments.plan_type"}, {"segments.plan-type"}, {"segments.pl\u00e4n"}, {"*", "spend"}, {"accountId"}, {"account_id", "none"},
	} {
		_, err := w.Put(t.Context(), tenant, &cmiv1.PutCustomerRequest{
			Customer: full(), UpdateMask: &fieldmaskpb.FieldMask{Paths: paths},
		})
		refused(t, err, cmiv1.ErrorReason_INVALID_REQUEST, "update_mask")
		if err != nil && !strings.Contains(err.Error(), "lifecycle_override") {
			t.Errorf("%q: what is allowed is not said: %v", paths, err)
		}
	}
	_, err := w.Get(t.Context(), tenant, &cmiv1.GetCustomerRequest{CustomerId: "c"})
	refused(t, err, cmiv1.ErrorReason_CUSTOMER_NOT_FOUND, "customer_id")
}

func TestPutWithAnEtag(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.put(full()).GetCustomer()
	changed := proto.CloneOf(first)
	changed.AccountId = "household-2"
	second := w.put(changed).GetCustomer()
	if second.GetEtag() == first.GetEtag() {
		t.Error("another profile has the same etag")
	}
	_, err := w.Put(t.Context(), tenant, &cmiv1.PutCustomerRequest{Customer: first})
	refused(t, err, cmiv1.ErrorReason_STALE_ETAG, "customer.etag")
	if got := w.get("c").GetCustomer().GetAccountId(); got != "household-2" {
		t.Errorf("a stale change was saved: %s", got)
	}
	unknown := proto.CloneOf(first)
	unknown.CustomerId = "d"
	_, err = w.Put(t.Context(), tenant, &cmiv1.PutCustomerRequest{Customer: unknown})
	refused(t, err, cmiv1.ErrorReason_STALE_ETAG, "customer.etag")
	// What is recorded of a customer does not change their profile.
	w.did("c", "visit", days(1))
	w.put(second)
}

// Every field tells in the etag.
func TestEtagsTellProfilesApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := map[string]int{}
	for i, change := range []func(*cmiv1.Customer){
		func(*cmiv1.Customer) {},
		func(c *cmiv1.Customer) { c.AccountId = "" },
		func(c *cmiv1.Customer) { c.Segments["plan"] = "ch" },
		func(c *cmiv1.Customer) { c.Segments = map[string]string{"country": "chplan", "gold": "x"} },
		func(c *cmiv1.Customer) { c.FirstSeenAt = nil },
		func(c *cmiv1.Customer) { c.FirstSeenAt = c.GetClosedAt() },
		func(c *cmiv1.Customer) { c.ClosedAt = nil },
		func(c *cmiv1.Customer) { c.FirstSeenAt, c.ClosedAt = nil, c.GetFirstSeenAt() },
		func(c *cmiv1.Customer) { c.Spend = nil },
		func(c *cmiv1.Customer) { c.Spend.Amount = nil },
		func(c *cmiv1.Customer) { c.Spend.Amount = new(0.0) },
		func(c *cmiv1.Customer) { c.Spend.Currency = "EUR" },
		func(c *cmiv1.Customer) { c.Spend.Period = cmiv1.SpendPeriod_SPEND_PERIOD_YEAR },
		func(c *cmiv1.Customer) { c.LifecycleOverride = 0 },
	} {
		c := full()
		change(c)
		mark := w.put(c).GetCustomer().GetEtag()
		if other, ok := seen[mark]; ok {
			t.Errorf("profiles %d and %d have the same etag", other, i)
		}
		seen[mark] = i
	}
}

func TestAnErasedCustomerComesBackOnPurposeOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(full())
	w.record(rising("c")...)
	w.did("c", "visit", days(1), days(2))
	erased, err := w.Delete(t.Context(), tenant, "c")
	if err != nil || erased.GetInteractions() != 2 || erased.GetResponses() != 6 {
		t.Errorf("erased %v, %v", erased, err)
	}
	_, err = w.Delete(t.Context(), tenant, "c")
	refused(t, err, cmiv1.ErrorReason_CUSTOMER_NOT_FOUND, "customer_id")
	_, err = w.Get(t.Context(), tenant, &cmiv1.GetCustomerRequest{CustomerId: "c"})
	refused(t, err, cmiv1.ErrorReason_CUSTOMER_NOT_FOUND, "customer_id")
	_, err = w.Put(t.Context(), tenant, &cmiv1.PutCustomerRequest{Customer: full()})
	refused(t, err, cmiv1.ErrorReason_CUSTOMER_ERASED, "customer.customer_id")
	if got := w.list(&cmiv1.ListCustomersRequest{}); len(got) != 0 {
		t.Errorf("%v are listed", got)
	}
	results, err := w.Record(t.Context(), tenant, []*cmiv1.Interaction{
		{InteractionId: "new", CustomerId: "c", Kind: "visit", OccurredAt: timestamppb.New(noon)},
	}, "interactions")
	if err != nil {
		t.Fatal(err)
	}
	refused(t, results[0].Err, cmiv1.ErrorReason_CUSTOMER_ERASED, "interactions[0].customer_id")

	got, err := w.Put(t.Context(), tenant, &cmiv1.PutCustomerRequest{Customer: &cmiv1.Customer{CustomerId: "c"}, Revive: true})
	if err != nil || !got.GetCreated() {
		t.Fatalf("%v, %v", got, err)
	}
	if course := w.trajectory(&cmiv1.GetTrajectoryRequest{CustomerId: "c"}); course.GetTotalPoints() != 0 {
		t.Errorf("the scores came back: %v", course)
	}
	w.did("c", "visit", noon)
	if got := w.list(&cmiv1.ListCustomersRequest{}); len(got) != 1 {
		t.Errorf("%v are listed", got)
	}
}

// One bad profile fails none of its neighbours.
func TestBatchPut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	many := map[string]string{}
	for i := range 51 {
		many[fmt.Sprintf("k%d", i)] = "v"
	}
	for _, bad := range []struct {
		customer *cmiv1.Customer
		field    string
	}{
		{&cmiv1.Customer{}, "customers[1].customer_id"},
		{&cmiv1.Customer{CustomerId: "no id"}, "customers[1].customer_id"},
		{&cmiv1.Customer{CustomerId: "x", AccountId: "no id"}, "customers[1].account_id"},
		{&cmiv1.Customer{CustomerId: "x", Segments: map[string]string{"no key!": "v"}}, `customers[1].segments["no key!"]`},
		{&cmiv1.Customer{CustomerId: "x", Segments: map[string]string{"k": ""}}, `customers[1].segments["k"]`},
		{&cmiv1.Customer{CustomerId: "x", Segments: map[string]string{"k": "a\x00b"}}, `customers[1].segments["k"]`},
		{&cmiv1.Customer{CustomerId: "x", Segments: many}, "customers[1].segments"},
		{&cmiv1.Customer{CustomerId: "x", FirstSeenAt: &timestamppb.Timestamp{Nanos: -1}}, "customers[1].first_seen_at"},
		{&cmiv1.Customer{CustomerId: "x", ClosedAt: &timestamppb.Timestamp{Seconds: 1 << 50}}, "customers[1].closed_at"},
		{&cmiv1.Customer{CustomerId: "x", Spend: &cmiv1.Spend{Currency: "EUR"}}, "customers[1].spend.period"},
		{&cmiv1.Customer{CustomerId: "x", LifecycleOverride: 9}, "customers[1].lifecycle_override"},
		{&cmiv1.Customer{CustomerId: "a"}, "customers[1].customer_id"}, // twice
		{&cmiv1.Customer{CustomerId: "x", Etag: "stale"}, "customers[1].etag"},
	} {
		results, err := w.BatchPut(t.Context(), tenant, &cmiv1.BatchPutCustomersRequest{
			Customers: []*cmiv1.Customer{{CustomerId: "a"}, bad.customer, {CustomerId: "b"}},
		})
		if err != nil || len(results) != 3 {
			t.Fatalf("%s: %v, %v", bad.field, results, err)
		}
		reason := cmiv1.ErrorReason_INVALID_REQUEST
		if bad.customer.GetEtag() != "" {
			reason = cmiv1.ErrorReason_STALE_ETAG
		}
		refused(t, results[1].Err, reason, bad.field)
		if results[1].Customer != nil || results[0].Err != nil || results[2].Err != nil ||
			results[0].Customer.GetCustomerId() != "a" || results[2].Customer.GetCustomerId() != "b" {
			t.Errorf("%s: %+v", bad.field, results)
		}
	}
	if got := w.list(&cmiv1.ListCustomersRequest{}); len(got) != 2 {
		t.Errorf("%v are listed", got)
	}
	for _, n := range []int{0, 1001} {
		_, err := w.BatchPut(t.Context(), tenant, &cmiv1.BatchPutCustomersRequest{Customers: make([]*cmiv1.Customer, n)})
		refused(t, err, cmiv1.ErrorReason_INVALID_REQUEST, "customers")
	}
}

// A mask may add segments one by one, and not past the bound.
func TestSegmentsAreBoundedWhateverTheMask(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	add := func(from, to int) error {
		c, mask := &cmiv1.Customer{CustomerId: "c", Segments: map[string]string{}}, &fieldmaskpb.FieldMask{}
		for i := from; i < to; i++ {
			c.Segments[fmt.Sprintf("k%d", i)] = "v"
			mask.Paths = append(mask.Paths, fmt.Sprintf("segments.k%d", i))
		}
		_, err := w.Put(t.Context(), tenant, &cmiv1.PutCustomerRequest{Customer: c, UpdateMask: mask})
		return err
	}
	if err := add(0, 30); err != nil {
		t.Fatal(err)
	}
	if err := add(30, 50); err != nil {
		t.Fatal(err)
	}
	refused(t, add(50, 51), cmiv1.ErrorReason_INVALID_REQUEST, "customer.segments")
	if n := len(w.get("c").GetCustomer().GetSegments()); n != 50 {
		t.Errorf("%d segments", n)
	}
}
