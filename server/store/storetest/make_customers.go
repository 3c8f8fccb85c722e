package storetest

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// after is a time some microseconds after noon.
func after(microseconds int) time.Time {
	return noon().Add(time.Duration(microseconds) * time.Microsecond)
}

// everything is later than whatever the suite records.
func everything() time.Time { return time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) }

// profile makes one with every field that a company says; with changes what the test is about.
func profile(id string, with ...func(*cmiv1.Customer)) *cmiv1.Customer {
	c := &cmiv1.Customer{
		CustomerId:        id,
		Etag:              "etag-" + id,
		AccountId:         "household-7",
		Segments:          map[string]string{"country": "ch", "plan": "gold"},
		FirstSeenAt:       timestamppb.New(noon().AddDate(-1, 0, 0)),
		Spend:             &cmiv1.Spend{Amount: proto.Float64(0.1), Currency: "CHF", Period: cmiv1.SpendPeriod_SPEND_PERIOD_MONTH},
		LifecycleOverride: cmiv1.Lifecycle_LIFECYCLE_ACTIVE,
		CreatedAt:         timestamppb.New(noon()),
		UpdatedAt:         timestamppb.New(after(1)),
	}
	for _, change := range with {
		change(c)
	}
	return c
}

// created is the profile of a customer whom a response or an interaction created.
func created(id string, when time.Time) *cmiv1.Customer {
	return &cmiv1.Customer{CustomerId: id, CreatedAt: timestamppb.New(when)}
}

// change calls ChangeCustomers, which must come without an error of the store.
func change(t *testing.T, s store.Store, tenant string, ids []string, f func(i int, have store.Profile) (*cmiv1.Customer, error)) []error {
	t.Helper()
	refusals, err := s.ChangeCustomers(t.Context(), tenant, ids, f)
	if err != nil {
		t.Fatalf("ChangeCustomers: %v", err)
	}
	if len(refusals) != len(ids) {
		t.Fatalf("ChangeCustomers answered %d errors for %d customers", len(refusals), len(ids))
	}
	return refusals
}

// put saves profiles as they are.
func put(t *testing.T, s store.Store, tenant string, profiles ...*cmiv1.Customer) {
	t.Helper()
	var ids []string
	for _, p := range profiles {
		ids = append(ids, p.GetCustomerId())
	}
	for i, err := range change(t, s, tenant, ids, func(i int, _ store.Profile) (*cmiv1.Customer, error) { return profiles[i], nil }) {
		if err != nil {
			t.Fatalf("ChangeCustomers, %q: %v", ids[i], err)
		}
	}
}

// profileOf reads what a change is given.
func profileOf(t *testing.T, s store.Store, tenant, id string) store.Profile {
	t.Helper()
	var read store.Profile
	change(t, s, tenant, []string{id}, func(_ int, have store.Profile) (*cmiv1.Customer, error) {
		read = have
		return nil, nil
	})
	return read
}
