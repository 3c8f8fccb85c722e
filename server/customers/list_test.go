package customers_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// town fills a store with people of all kinds, and answers their ids in the order in which they came.
func town(w *world, n int) []string {
	random := rand.New(rand.NewPCG(3, 9))
	var ids []string
	var people []*cmiv1.Customer
	var entries []store.Entry
	visits := map[string][]time.Time{}
	for i := range n {
		c := &cmiv1.Customer{CustomerId: fmt.Sprintf("c%03d", (i*37)%n)}
		if i%2 == 0 {
			c.AccountId = fmt.Sprintf("a%d", i%3)
		}
		if i%3 > 0 {
			c.Segments = map[string]string{"country": []string{"ch", "de=at"}[i%2], "plan": "gold"}
		}
		if i%8 == 0 {
			c.FirstSeenAt = timestamppb.New(days(random.Float64() * 400))
		}
		people = append(people, c)
		ids = append(ids, c.GetCustomerId())
		level, slope, start := 20+60*random.Float64(), 12*random.Float64()-6, 40+330*random.Float64()
		for range random.IntN(4) {
			visits[c.GetCustomerId()] = append(visits[c.GetCustomerId()], days(start*random.Float64()))
		}
		for k := range min(random.IntN(12), int(start/25)) {
			status := scored
			if random.IntN(12) == 0 {
				status = unscored
			}
			// Whole levels, so that some are equal.
			cmi := float64(int(max(0, min(100, level+slope*float64(k)+4*random.Float64()))))
			entries = append(entries, w.entry(answer{
				id: fmt.Sprintf("%s-%d", c.GetCustomerId(), k), customer: c.GetCustomerId(), at: days(start - 25*float64(k)), cmi: cmi, status: status,
			}))
		}
	}
	if _, err := w.BatchPut(w.t.Context(), tenant, &cmiv1.BatchPutCustomersRequest{Customers: people}); err != nil {
		w.t.Fatal(err)
	}
	for id, at := range visits {
		w.did(id, "visit", at...)
	}
	if _, err := w.kept.Record(w.t.Context(), tenant, entries); err != nil {
		w.t.Fatal(err)
	}
	return ids
}

// fits says plainly which customers a request is about.
func fits(r *cmiv1.ListCustomersRequest, c *cmiv1.Customer) bool {
	s := c.GetStanding()
	for _, segment := range r.GetSegments() {
		key, value, _ := strings.Cut(segment, "=")
		if got, ok := c.GetSegments()[key]; !ok || got != value {
			return false
		}
	}
	return (r.GetBucket() == 0 || s.GetBucket() == r.GetBucket()) &&
		(r.GetStableBucket() == 0 || s.GetStableBucket() == r.GetStableBucket()) &&
		(r.GetDirection() == 0 || s.GetDirection() == r.GetDirection()) &&
		(r.GetLifecycle() == 0 || c.GetLifecycle() == r.GetLifecycle()) &&
		(r.GetAccountId() == "" || c.GetAccountId() == r.GetAccountId()) &&
		(r.MinKeyWeight == nil || c.KeyWeight != nil && c.GetKeyWeight() >= r.GetMinKeyWeight()) &&
		(r.MaxPValue == nil || s != nil && s.PValue != nil && s.GetPValue() <= r.GetMaxPValue()) &&
		(!strings.HasPrefix(r.GetOrderBy(), "cmi") || s != nil && s.Level != nil) &&
		(!strings.HasPrefix(r.GetOrderBy(), "velocity") || s != nil && s.Velocity != nil)
}

// expected works a list out from every single customer. all are in the order of creation.
func expected(r *cmiv1.ListCustomersRequest, all []*cmiv1.Customer) []string {
	var ids []string
	list := slices.Clone(all)
	figure := func(c *cmiv1.Customer) float64 {
		switch {
		case strings.HasPrefix(r.GetOrderBy(), "cmi"):
			return c.GetStanding().GetLevel()
		case strings.HasPrefix(r.GetOrderBy(), "velocity"):
			return c.GetStanding().GetVelocity()
		}
		return 0
	}
	slices.SortStableFunc(list, func(a, b *cmiv1.Customer) int { return cmp.Compare(figure(a), figure(b)) })
	if strings.HasSuffix(r.GetOrderBy(), "desc") {
		slices.Reverse(list)
	}
	for _, c := range list {
		if fits(r, c) {
			ids = append(ids, c.GetCustomerId())
		}
	}
	return ids
}

func requests() map[string]*cmiv1.ListCustomersRequest {
	all := map[string]*cmiv1.ListCustomersRequest{
		"all": {}, "account": {AccountId: "a2"}, "no account": {AccountId: "none"},
		"segment": {Segments: []string{"country=de=at"}}, "segments": {Segments: []string{"plan=gold", "country=ch"}},
		"weight": {MinKeyWeight: new(0.3)}, "any weight": {MinKeyWeight: new(0.0)}, "p": {MaxPValue: new(0.1)},
		"together": {Lifecycle: cmiv1.Lifecycle_LIFECYCLE_ACTIVE, MinKeyWeight: new(0.1), Segments: []string{"plan=gold"}, Direction: cmiv1.Direction_DIRECTION_RISING},
	}
	for i := range 3 {
		all[fmt.Sprintf("bucket %d", i)] = &cmiv1.ListCustomersRequest{Bucket: cmiv1.Bucket(i + 1)}
		all[fmt.Sprintf("stable bucket %d", i)] = &cmiv1.ListCustomersRequest{StableBucket: cmiv1.Bucket(i + 1)}
		all[fmt.Sprintf("lifecycle %d", i)] = &cmiv1.ListCustomersRequest{Lifecycle: cmiv1.Lifecycle(i + 1)}
	}
	for i := range 4 {
		all[fmt.Sprintf("direction %d", i)] = &cmiv1.ListCustomersRequest{Direction: cmiv1.Direction(i + 1)}
	}
	for name, r := range all {
		if !slices.Contains([]string{"all", "segments", "weight", "lifecycle 1", "p"}, name) {
			continue
		}
		for _, order := range []string{"cmi", "cmi desc", "velocity asc", "velocity desc"} {
			ordered := proto.CloneOf(r)
			ordered.OrderBy = order
			all[name+" by "+order] = ordered
		}
	}
	return all
}

// Each list, now and in the past, page by page, is what working through every customer gives.
func TestListsAreWhatTheirCustomersAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := town(w, 40)
	then := days(120)
	var now, past []*cmiv1.Customer
	for _, id := range ids {
		now = append(now, w.get(id).GetCustomer())
		// The service came to know all of them after that; only some were there.
		c := w.get(id, then).GetCustomer()
		if c.KeyWeight != nil {
			past = append(past, c)
		}
	}
	if len(past) < 20 || len(past) == 40 {
		t.Fatalf("%d of 40 were there then", len(past))
	}
	lists, empty := 0, 0
	for name, r := range requests() {
		for _, size := range []int32{0, 7} {
			for _, when := range []struct {
				name string
				at   *timestamppb.Timestamp
				all  []*cmiv1.Customer
			}{{"now", nil, now}, {"as of now", timestamppb.New(noon), now}, {"then", timestamppb.New(then), past}} {
				ask := proto.CloneOf(r)
				ask.PageSize, ask.AsOf = size, when.at
				want := expected(r, when.all)
				if got := w.list(ask); !slices.Equal(got, want) {
					t.Errorf("%s, %s, pages of %d: %v, want %v", name, when.name, size, got, want)
				}
				if lists++; len(want) == 0 {
					empty++
				}
			}
		}
	}
	if empty > lists/4 {
		t.Errorf("%d of %d lists are empty", empty, lists)
	}
}

// A list answers each customer as GetCustomer does.
func TestListAnswersWholeCustomers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	town(w, 20)
	for _, at := range []*timestamppb.Timestamp{nil, timestamppb.New(days(100))} {
		answer, err := w.List(t.Context(), tenant, &cmiv1.ListCustomersRequest{AsOf: at})
		if err != nil || len(answer.GetCustomers()) == 0 {
			t.Fatalf("%v, %v", answer, err)
		}
		for _, got := range answer.GetCustomers() {
			one, err := w.Get(t.Context(), tenant, &cmiv1.GetCustomerRequest{CustomerId: got.GetCustomerId(), AsOf: at})
			if err != nil || !proto.Equal(got, one.GetCustomer()) {
				t.Errorf("%s, %v", prototext.Format(got), err)
			}
		}
	}
	answer, err := w.List(t.Context(), tenant, &cmiv1.ListCustomersRequest{ReadMask: &fieldmaskpb.FieldMask{Paths: []string{"customer_id", "standing.bucket"}}})
	if err != nil || len(answer.GetCustomers()) != 20 {
		t.Fatalf("%v, %v", answer, err)
	}
	for _, got := range answer.GetCustomers() {
		want := &cmiv1.Customer{CustomerId: got.GetCustomerId()}
		if s := w.get(got.GetCustomerId()).GetCustomer().GetStanding(); s != nil {
			want.Standing = &cmiv1.Standing{Bucket: s.GetBucket()}
		}
		if !proto.Equal(got, want) {
			t.Errorf("%s", prototext.Format(got))
		}
	}
	answer, err = w.List(t.Context(), tenant, &cmiv1.ListCustomersRequest{PageSize: 20})
	if err != nil || len(answer.GetCustomers()) != 20 || answer.GetNextPageToken() != "" {
		t.Errorf("a page of all: %d, then %q, %v", len(answer.GetCustomers()), answer.GetNextPageToken(), err)
	}
	_, err = w.List(t.Context(), tenant, &cmiv1.ListCustomersRequest{ReadMask: &fieldmaskpb.FieldMask{Paths: []string{"customer"}}})
	refused(t, err, cmiv1.ErrorReason_INVALID_REQUEST, "read_mask")
	_, err = w.List(t.Context(), tenant, &cmiv1.ListCustomersRequest{PageToken: "x"})
	refused(t, err, cmiv1.ErrorReason_INVALID_PAGE_TOKEN, "page_token")
}

// Few of many match: a page ends before it has looked at everybody, and the next one goes on.
func TestAPageLooksAtABoundedNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var batch []*cmiv1.Customer
	for i := range 2400 {
		batch = append(batch, &cmiv1.Customer{CustomerId: fmt.Sprintf("c%04d", i)})
		if len(batch) == 800 {
			if _, err := w.BatchPut(t.Context(), tenant, &cmiv1.BatchPutCustomersRequest{Customers: batch}); err != nil {
				t.Fatal(err)
			}
			batch = nil
		}
	}
	w.did("c0007", "visit", days(100))
	w.did("c2390", "visit", days(100))
	w.settle()
	for _, at := range []*timestamppb.Timestamp{nil, timestamppb.New(noon)} {
		r := &cmiv1.ListCustomersRequest{PageSize: 5, MinKeyWeight: new(0.01), AsOf: at}
		first, err := w.List(t.Context(), tenant, r)
		if err != nil || len(first.GetCustomers()) != 1 || first.GetNextPageToken() == "" {
			t.Fatalf("%v, %v", first, err)
		}
		if got := w.list(r); !slices.Equal(got, []string{"c0007", "c2390"}) {
			t.Errorf("%v", got)
		}
	}
}
