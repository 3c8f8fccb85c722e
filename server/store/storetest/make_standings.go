package storetest

import (
	"math"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// factsOf reads what is known of a customer up to a time; nil when nothing is.
func factsOf(t *testing.T, s store.Store, tenant, id string, upTo time.Time) *store.Facts {
	t.Helper()
	all, err := s.Facts(t.Context(), tenant, []string{id}, upTo)
	if err != nil {
		t.Fatalf("Facts: %v", err)
	}
	if len(all) != 1 {
		t.Fatalf("Facts answered %d for 1 customer", len(all))
	}
	return all[0]
}

// revision is that of a customer who must be known.
func revision(t *testing.T, s store.Store, tenant, id string) int64 {
	t.Helper()
	f := factsOf(t, s, tenant, id, everything())
	if f == nil {
		t.Fatalf("%q is not known", id)
	}
	return f.Revision
}

// standing makes one that follows from what is known now; with changes what the test is about.
func standing(t *testing.T, s store.Store, tenant, id string, with ...func(*store.Standing)) store.Standing {
	t.Helper()
	made := store.Standing{
		Tenant: tenant, CustomerID: id, Revision: revision(t, s, tenant, id), Until: store.Forever, Lifecycle: cmiv1.Lifecycle_LIFECYCLE_ACTIVE,
	}
	for _, change := range with {
		change(&made)
	}
	return made
}

func withCMI(cmi float64) func(*store.Standing) {
	return func(s *store.Standing) {
		s.CMI, s.Bucket, s.StableBucket = &cmi, cmiv1.Bucket_BUCKET_ADVOCATE, cmiv1.Bucket_BUCKET_GROWTH
	}
}

func until(at int64) func(*store.Standing) { return func(s *store.Standing) { s.Until = at } }

func in(l cmiv1.Lifecycle) func(*store.Standing) { return func(s *store.Standing) { s.Lifecycle = l } }

func calibrated(s *store.Standing) { s.Calibrated = true }

// settle saves standings.
func settle(t *testing.T, s store.Store, standings ...store.Standing) {
	t.Helper()
	if err := s.SaveStandings(t.Context(), standings); err != nil {
		t.Fatalf("SaveStandings: %v", err)
	}
}

// due names those who are due at a time, as tenant/id, in the order in which they are answered.
func due(t *testing.T, s store.Store, at int64, limit int) []string {
	t.Helper()
	all, err := s.Due(t.Context(), at, limit)
	if err != nil {
		t.Fatalf("Due: %v", err)
	}
	var names []string
	for _, d := range all {
		names = append(names, d.Tenant+"/"+d.CustomerID)
	}
	return names
}

// never is so early that only those are due whose facts changed.
const never int64 = math.MinInt64 + 1
