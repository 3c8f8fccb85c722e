package sqlite

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// benchCustomers names the number of customers that BenchmarkListCustomers fills a store with.
const benchCustomers = "CMI_BENCH_CUSTOMERS"

// BenchmarkListCustomers reads pages of 100 from all over a tenant, by all sorts of filters and orders. Each figure is of
// single pages, in microseconds.
//
//	CMI_BENCH_CUSTOMERS=1000000 go test ./server/store/sqlite -run '^$' -bench ListCustomers -benchtime 200x
func BenchmarkListCustomers(b *testing.B) {
	n := 1000
	if text := os.Getenv(benchCustomers); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	s := open(b)
	crowd(b, s, n)
	for _, order := range []struct {
		name       string
		by         store.CustomerOrder
		descending bool
	}{{"creation", store.ByCreation, false}, {"cmi", store.ByCMI, false}, {"velocity-desc", store.ByVelocity, true}} {
		for _, filter := range manyFilters() {
			filter.Order, filter.Descending = order.by, order.descending
			b.Run(fmt.Sprintf("%s/%s", order.name, nameOf(filter)), func(b *testing.B) { benchPages(b, s, filter, n) })
		}
	}
}

func manyFilters() []store.CustomerFilter {
	limit, rare := 0.01, 0.0001
	return []store.CustomerFilter{
		{},
		{Bucket: cmiv1.Bucket_BUCKET_AT_RISK},
		{StableBucket: cmiv1.Bucket_BUCKET_ADVOCATE},
		{Direction: cmiv1.Direction_DIRECTION_FALLING},
		{StableBucket: cmiv1.Bucket_BUCKET_AT_RISK, Direction: cmiv1.Direction_DIRECTION_FALLING},
		{Lifecycle: cmiv1.Lifecycle_LIFECYCLE_NEW},
		{Direction: cmiv1.Direction_DIRECTION_FALLING, MaxPValue: &limit},
		{MaxPValue: &rare},
		{Bucket: cmiv1.Bucket_BUCKET_AT_RISK, StableBucket: cmiv1.Bucket_BUCKET_ADVOCATE, Lifecycle: cmiv1.Lifecycle_LIFECYCLE_INACTIVE},
		{AccountID: "account-7"},
		{Segments: []store.Segment{{Key: "country", Value: "c-3"}}},
		{Segments: []store.Segment{{Key: "shop", Value: "s-17"}}},
		{Segments: []store.Segment{{Key: "country", Value: "c-3"}, {Key: "shop", Value: "s-17"}}},
		{Segments: []store.Segment{{Key: "plan", Value: "gold"}}, Direction: cmiv1.Direction_DIRECTION_RISING, MaxPValue: &rare},
		{Segments: []store.Segment{{Key: "country", Value: "c-3"}, {Key: "plan", Value: "gold"}, {Key: "shop", Value: "s-170"}}},
	}
}

func nameOf(f store.CustomerFilter) string {
	p := ""
	if f.MaxPValue != nil {
		p = fmt.Sprintf(",p=%g", *f.MaxPValue)
	}
	return fmt.Sprintf("bucket=%d,stable=%d,direction=%d,lifecycle=%d,account=%s,segments=%v%s",
		f.Bucket, f.StableBucket, f.Direction, f.Lifecycle, f.AccountID, f.Segments, p)
}

// benchPages starts pages at places that are spread over the list.
func benchPages(b *testing.B, s *Store, f store.CustomerFilter, n int) {
	r := rand.New(rand.NewPCG(1, 1))
	var took []time.Duration
	rows := 0
	for b.Loop() {
		after := store.CustomerCursor{Value: r.Float64() * 100, Key: r.Int64N(int64(n))}
		if f.Order == store.ByVelocity {
			after.Value = r.NormFloat64() * 3
		}
		f.After = &after
		start := time.Now()
		page, err := s.ListCustomers(b.Context(), "acme", f, 100)
		took = append(took, time.Since(start))
		if err != nil {
			b.Fatal(err)
		}
		rows += len(page.Customers)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
	b.ReportMetric(float64(rows)/float64(len(took)), "rows/page")
	b.ReportMetric(0, "ns/op")
}

// crowd fills a store with customers as they may be: four in five have a CMI, three in five of those a velocity, and most
// of these a p-value.
func crowd(b *testing.B, s *Store, n int) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	for first := 1; first <= n; first += 50_000 {
		request := newRequest()
		request.apply = func(ctx context.Context, w *writer) error {
			for i := first; i < min(first+50_000, n+1); i++ {
				if err := crowdOne(ctx, w, r, i); err != nil {
					return err
				}
			}
			return nil
		}
		if err := s.writer.submit(b.Context(), request); err != nil {
			b.Fatal(err)
		}
	}
	s.writer.nextCustomer = int64(n) + 1
}

func crowdOne(ctx context.Context, w *writer, r *rand.Rand, i int) error {
	id := fmt.Sprintf("customer-%d", i)
	profile := &cmiv1.Customer{
		CustomerId: id, AccountId: fmt.Sprintf("account-%d", i/4), CreatedAt: timestamppb.New(time.Unix(1_700_000_000+int64(i), 0)),
		Segments: map[string]string{"country": fmt.Sprintf("c-%d", r.IntN(10)), "shop": fmt.Sprintf("s-%d", r.IntN(200))},
	}
	if r.IntN(2) == 0 {
		profile.Segments["plan"] = "gold"
	}
	scope, err := w.scopes.of(ctx, "acme", "")
	if err != nil {
		return err
	}
	text, err := proto.Marshal(profile)
	if err != nil {
		return err
	}
	slot, err := w.appendSlot(ctx, text)
	if err != nil {
		return err
	}
	standing, err := form.NewStanding(w.secret, randomStanding(r, id))
	if err != nil {
		return err
	}
	f := standing.Figures
	if _, err := w.conn.ExecContext(ctx, `INSERT INTO customers (seq, key, tenant, profile, revision, due, calibrated, class, facets,
		cmi, velocity, p_value) VALUES (?, ?, ?, ?, 1, ?, 1, ?, ?, ?, ?, ?)`, i, standing.Key[:], scope, slot, standing.Until,
		scope*form.PerScope+f.Class, f.Facets, f.CMI, f.Velocity, f.PValue); err != nil {
		return err
	}
	return w.relabel(ctx, "acme", int64(i), nil, profile)
}

func randomStanding(r *rand.Rand, id string) store.Standing {
	s := store.Standing{Tenant: "acme", CustomerID: id, Revision: 1, Until: r.Int64N(1e13), Lifecycle: cmiv1.Lifecycle(1 + r.IntN(3))}
	if r.IntN(5) == 0 {
		return s
	}
	cmi := math.Round(r.Float64()*100*1e9) / 1e9
	s.CMI, s.Bucket, s.Direction = &cmi, cmiv1.Bucket(1+min(int32(cmi/40), 2)), cmiv1.Direction_DIRECTION_INSUFFICIENT
	s.StableBucket = s.Bucket
	if r.IntN(10) == 0 {
		s.StableBucket = cmiv1.Bucket(1 + r.IntN(3))
	}
	if r.IntN(5) < 2 {
		return s
	}
	velocity, p := r.NormFloat64()*3, r.Float64()
	s.Velocity = &velocity
	s.Direction = []cmiv1.Direction{1, 2, 2, 2, 2, 2, 3}[r.IntN(7)]
	if r.IntN(10) < 7 {
		s.PValue = &p
	}
	return s
}
