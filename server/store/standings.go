package store

import (
	"context"
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Standings keeps where customers stand, for lists to find them by. A standing follows from facts and can be computed anew
// at any time; each one that no longer follows is due, and is known to be on disk from the moment at which the facts
// changed. Who computes standings reads what is due, then its facts, and saves.
type Standings interface {
	// Due answers up to limit customers of any tenant whose standing is due at a time (microseconds since 1970), those that
	// have been for the longest first: their facts changed, or the time came until which it holds.
	Due(ctx context.Context, at int64, limit int) ([]Due, error)

	// Pending counts the customers of a tenant that are due at a time, up to limit.
	Pending(ctx context.Context, tenant string, at int64, limit int) (int, error)

	// SaveStandings saves each standing whose customer still has the revision that it was computed at; the others stay due.
	SaveStandings(ctx context.Context, standings []Standing) error

	// MarkDue makes the customers of a tenant due, all of them or those only whose standing depends on calibrations.
	MarkDue(ctx context.Context, tenant string, calibrated bool) error

	// UseRules says by which rules standings are computed from now on. Where they are not those that were said before, all
	// customers of all tenants become due.
	UseRules(ctx context.Context, rules string) error

	// ListCustomers answers customers by their saved standings, due or not. It looks at a bounded number of customers, so
	// that it answers fewer than limit, or none, with a Next, when few of them match.
	ListCustomers(ctx context.Context, tenant string, filter CustomerFilter, limit int) (CustomerPage, error)

	// MeanCMI answers how many customers of a group have a CMI by their saved standings, and its mean, from a sum that does
	// not depend on the order in which they came.
	MeanCMI(ctx context.Context, tenant string, group Group) (n int, mean float64, err error)
}

// Due is a customer whose standing is to be computed.
type Due struct {
	Tenant, CustomerID string
}

// Standing is where a customer stands at the time at which it was computed.
type Standing struct {
	Tenant, CustomerID string
	Revision           int64 // of the facts that it follows from
	// Until is when it ceases to hold by the passing of time alone, in microseconds since 1970; Forever: it does not.
	Until int64
	// Calibrated says that it depends on calibrations, or would if there were some.
	Calibrated bool

	Lifecycle    cmiv1.Lifecycle
	Bucket       cmiv1.Bucket    // unspecified where there is no score with a bucket
	StableBucket cmiv1.Bucket    // likewise
	Direction    cmiv1.Direction // unspecified where there is no score at all
	CMI          *float64        // snapped to 1e-9
	Velocity     *float64
	PValue       *float64
}

// Forever is the Until of a standing that time alone does not change.
const Forever int64 = math.MaxInt64

// CustomerFilter picks customers. The zero value picks all of a tenant, in the order in which they were created.
type CustomerFilter struct {
	Bucket       cmiv1.Bucket    // only in this one, where specified
	StableBucket cmiv1.Bucket    // only in this one, where specified
	Direction    cmiv1.Direction // only this one, where specified
	Lifecycle    cmiv1.Lifecycle // only in this one, where specified
	AccountID    string          // only of this account, where not empty
	Segments     []Segment       // only in all of these
	MaxPValue    *float64        // only with a p-value of this or less, where not nil
	Order        CustomerOrder
	Descending   bool
	After        *CustomerCursor // where the page before ended; nil at the start
}

// CustomerOrder is what customers are listed by; ties, and ByCreation itself, go by when the customer was created.
type CustomerOrder int

const (
	// ByCreation lists all customers.
	ByCreation CustomerOrder = iota
	// ByCMI lists those that have a CMI.
	ByCMI
	// ByVelocity lists those that have a velocity.
	ByVelocity
)

// CustomerCursor is a place in the order of ListCustomers: the value that it goes by, and a tie-break that is unique.
type CustomerCursor struct {
	Value float64 // 0 for ByCreation
	Key   int64   // rises with creation
}

// CustomerPage is a page of customers.
type CustomerPage struct {
	Customers []ListedCustomer
	// Next is where the next page goes on; nil: there is none.
	Next *CustomerCursor
}

// ListedCustomer is a customer with the standing that was saved, and the place in the order.
type ListedCustomer struct {
	Profile  *cmiv1.Customer
	Standing Standing
	Cursor   CustomerCursor
}

// Segment is a key and a value by which customers are grouped.
type Segment struct {
	Key, Value string
}

// Group is customers in one lifecycle, or in one segment where that has a key.
type Group struct {
	Lifecycle cmiv1.Lifecycle
	Segment   Segment
}
