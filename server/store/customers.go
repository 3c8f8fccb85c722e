package store

import (
	"context"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Customers keeps who the customers are.
type Customers interface {
	// ChangeCustomers reads the profile of each id, gives it to change with its place in ids, and saves what change answers,
	// each customer in a transaction that no other change of the same customer interleaves with. ids are different from one
	// another. change answers nil to save nothing; its error refuses that customer alone, and is answered at its place as it
	// is. change has no side effects: it may run more than once. The error beside is that of the store: then any of them may
	// have been saved.
	ChangeCustomers(ctx context.Context, tenant string, ids []string,
		change func(i int, have Profile) (save *cmiv1.Customer, err error)) ([]error, error)

	// Profiles answers the profiles of customers, in order, as they were saved; nil for one that is not known or was erased.
	Profiles(ctx context.Context, tenant string, ids []string) ([]*cmiv1.Customer, error)

	// Facts answers what is known of customers up to a time, inclusive, all of it as of one moment; nil for one that is not
	// known or was erased.
	Facts(ctx context.Context, tenant string, ids []string, upTo time.Time) ([]*Facts, error)

	// EraseCustomer erases a customer: profile, interactions, outcomes, responses, scores, standing and the reasons of void marks. What
	// stays are keyed hashes of the ids, so that what was erased is known when it is sent again. The bytes are gone from
	// disk when it answers, or soon after where a reader still holds on to them. ErrNotFound for one that is not known or
	// erased already.
	EraseCustomer(ctx context.Context, tenant, id string) (Erasure, error)
}

// Profile is what ChangeCustomers reads.
type Profile struct {
	// Customer is the profile as it was saved; nil where the customer is not known or was erased. One that was created by a
	// response or an interaction has customer_id and created_at only.
	Customer *cmiv1.Customer
	// Erased says that the customer was erased and not started anew since. Saving a profile starts them anew.
	Erased bool
}

// Erasure says how much was erased.
type Erasure struct {
	Interactions, Outcomes, Responses int
}

// Facts is what is known of one customer up to a time.
type Facts struct {
	Profile *cmiv1.Customer
	// Revision rises with everything that is saved or recorded of the customer.
	Revision int64
	// Points are the responses that are not void, by time of submission, then by response id (as bytes).
	Points []Point
	// Interactions are in time order, those of the same microsecond in any.
	Interactions []int64 // microseconds since 1970
	// Next is when the first response that is not void, or interaction, is submitted or occurs after that time: facts may
	// lie in the future. math.MaxInt64 where there is none. Microseconds since 1970.
	Next int64
}

// Point is a score in short.
type Point struct {
	At              int64 // microseconds since 1970
	Status          cmiv1.ScoreStatus
	Bucket          cmiv1.Bucket
	CMI             float64 // only where there is one
	QuestionnaireID string
	Version         int32
}
