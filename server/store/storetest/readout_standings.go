package storetest

import (
	"fmt"
	"math/rand/v2"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func (r *reader) pending() {
	for _, at := range []int64{never, after(r.random.IntN(9)).UnixMicro(), store.Forever - 1} {
		limit := 1 + r.random.IntN(4)
		n, err := r.s.Pending(r.ctx, r.tenant, at, limit)
		r.say(err, fmt.Sprint(n), "Pending(at %d, limit %d)", at, limit)
	}
}

func (r *reader) customers() {
	r.list(store.CustomerFilter{}, 1+r.random.IntN(5))
	r.list(store.CustomerFilter{Order: store.ByCMI, Descending: r.random.IntN(2) == 0}, 1+r.random.IntN(5))
	r.list(store.CustomerFilter{Order: store.ByVelocity, Descending: r.random.IntN(2) == 0}, 1+r.random.IntN(5))
	for range 3 {
		r.list(someFilter(r.random), 1+r.random.IntN(5))
	}
}

func someFilter(random *rand.Rand) store.CustomerFilter {
	var f store.CustomerFilter
	for _, set := range []func(){
		func() { f.Bucket = cmiv1.Bucket(1 + random.IntN(3)) },
		func() { f.StableBucket = cmiv1.Bucket(1 + random.IntN(3)) },
		func() { f.Direction = cmiv1.Direction(1 + random.IntN(4)) },
		func() { f.Lifecycle = cmiv1.Lifecycle(1 + random.IntN(3)) },
		func() { f.AccountID = some(random, worldAccounts()) },
		func() { f.Segments = append(f.Segments, some(random, worldSegments())) },
		func() { f.Segments = append(f.Segments, some(random, worldSegments())) },
		func() { f.MaxPValue = new(float64(random.IntN(5)) / 4) },
		func() { f.Order, f.Descending = store.CustomerOrder(random.IntN(3)), random.IntN(2) == 0 },
	} {
		if random.IntN(4) == 0 {
			set()
		}
	}
	return f
}

func (r *reader) list(f store.CustomerFilter, limit int) {
	all, err := walk(r.ctx, r.s, r.tenant, f, limit)
	words := ""
	for i, c := range all {
		if i > 0 && along(f, all[i-1].Cursor, c.Cursor) >= 0 {
			err = fmt.Errorf("places %v and %v are out of order", all[i-1].Cursor, c.Cursor)
		}
		words += "\n    " + listedInWords(c)
	}
	r.say(err, words, "ListCustomers(%s) in pages of %d", filterInWords(f), limit)
}

// listedInWords leaves out what a store need not keep: Revision, Until and Calibrated serve Due alone.
func listedInWords(c store.ListedCustomer) string {
	s := c.Standing
	return fmt.Sprintf("%s %q/%q %v %v %v %v CMI %s velocity %s p-value %s, at %v", text(c.Profile), s.Tenant, s.CustomerID,
		s.Lifecycle, s.Bucket, s.StableBucket, s.Direction, number(s.CMI), number(s.Velocity), number(s.PValue), c.Cursor.Value)
}

func filterInWords(f store.CustomerFilter) string {
	return fmt.Sprintf("%v, stable %v, %v, %v, account %q, segments %v, p-value to %s, order %d, descending %t",
		f.Bucket, f.StableBucket, f.Direction, f.Lifecycle, f.AccountID, f.Segments, number(f.MaxPValue), f.Order, f.Descending)
}

// means are rounded, since the last bit of a division is a store's own affair. CMIs of this world are quarters, so that no
// mean of a few lies near where it is rounded.
func (r *reader) means() {
	groups := []store.Group{{}, {Segment: store.Segment{Key: "plan", Value: "none"}, Lifecycle: cmiv1.Lifecycle_LIFECYCLE_NEW}}
	for l := cmiv1.Lifecycle_LIFECYCLE_NEW; l <= cmiv1.Lifecycle_LIFECYCLE_INACTIVE; l++ {
		groups = append(groups, store.Group{Lifecycle: l})
	}
	for _, s := range worldSegments() {
		groups = append(groups, store.Group{Segment: s})
	}
	for _, g := range groups {
		n, mean, err := r.s.MeanCMI(r.ctx, r.tenant, g)
		words := fmt.Sprint(n)
		if n > 0 {
			words = fmt.Sprintf("%d, mean %.6f", n, mean)
		}
		r.say(err, words, "MeanCMI(%+v)", g)
	}
}
