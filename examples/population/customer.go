package population

import (
	"strconv"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Customer is one customer of a population.
type Customer struct {
	// Profile is who they are.
	Profile *cmiv1.Customer
	// Interactions is what they do, in the order of time, from at most 180 days before the first wave on.
	Interactions []*cmiv1.Interaction
	// Responses is what they answer, in the order of time, at most one a wave.
	Responses []*cmiv1.Response
	// Truth is where they really stand.
	Truth Truth
}

// Truth is where a customer really stands and is heading: what a perfect measurement would say.
type Truth struct {
	// Direction is whether the customer is RISING, FALLING or STEADY.
	Direction cmiv1.Direction
	// Slope is by how much true momentum changes, in points per 30 days; 0 for a steady customer.
	Slope float64
	// Lifecycle is what the customer is at the plan's end.
	Lifecycle cmiv1.Lifecycle
	// First and Last are the first and the last wave of the customer, from 0: both are answered, and nothing outside.
	First, Last int
	// Momentum is the true momentum, 0..100, at each wave from First to Last. A steady customer's never changes.
	Momentum []float64
	// Pillars is how far the true scores of ECI, BEI and FII lie from the momentum at every wave, in points; together 0.
	Pillars [3]float64
}

// Customer makes the customer of a number, from 0. It is always the same one, and may be one beyond the plan's Customers.
// The plan must be valid.
func (p Plan) Customer(i int) Customer {
	return Customer{Profile: p.Profile(i), Interactions: p.Interactions(i), Responses: p.Responses(i), Truth: p.Truth(i)}
}

// Truth answers the truth of the customer of a number, as [Plan.Customer] does.
func (p Plan) Truth(i int) Truth {
	c, there := p.course(i), p.presence(i)
	t := Truth{
		Direction: c.direction, Slope: c.slope, Lifecycle: there.lifecycle,
		First: there.first, Last: there.last, Pillars: c.pillars,
		Momentum: make([]float64, 0, there.last-there.first+1),
	}
	for w := there.first; w <= there.last; w++ {
		t.Momentum = append(t.Momentum, c.momentum(p, w))
	}
	return t
}

// id is the id of the customer of a number.
func (p Plan) id(i int) string { return numbered("s"+strconv.FormatUint(p.Seed, 10), "-c", i, 7) }

// numbered is the id of the n-th of something, counted from 0, that belongs to an owner; numbers have so many digits or more.
func numbered(owner, mark string, n, digits int) string {
	number := strconv.Itoa(n + 1)
	return owner + mark + "0000000"[:max(0, digits-len(number))] + number
}
