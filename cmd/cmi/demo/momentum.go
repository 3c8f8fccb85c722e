package demo

import (
	"context"

	"google.golang.org/grpc"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

const (
	// mostP is the p-value up to which customers are listed as movers: of many steady ones some seem to move by chance.
	mostP = 0.01
	// fastest is how many movers are named each way.
	fastest = 3
)

// Momentum is what the service answers about where customers are heading, beside what the simulation made of them.
type Momentum struct {
	Simulation *simulation
	// Profiles, Interactions and Responses are how many were recorded on top of the survey.
	Profiles, Interactions, Responses int
	Calibration                       *cmiv1.Calibration
	// Said counts the customers by the direction that the service says; Sure only those who rise or fall with a p-value of at
	// most mostP.
	Said, Sure map[cmiv1.Direction]Truths
	// Lifecycles counts them by lifecycle.
	Lifecycles map[cmiv1.Lifecycle]int
	// Falling and Rising are the fastest ones within mostP, the fastest first.
	Falling, Rising []*cmiv1.Customer
	// Falls and Rises say why the first of each moved.
	Falls, Rises *Course
	// Whole is all that is known of the first one who falls; Newcomer is the same of the new one with the lowest CMI, nil
	// where nobody is new.
	Whole, Newcomer *cmiv1.GetCustomerResponse
}

// Truths counts customers by what the simulation made of them; those who were only surveyed are under DIRECTION_UNSPECIFIED.
type Truths map[cmiv1.Direction]int

func (t Truths) all() int {
	sum := 0
	for _, n := range t {
		sum += n
	}
	return sum
}

// ask reads everything from the service.
func (m *Momentum) ask(ctx context.Context, conn grpc.ClientConnInterface) error {
	client := cmiv1.NewCustomerServiceClient(conn)
	if err := settle(ctx, client); err != nil {
		return err
	}
	if err := m.count(ctx, client); err != nil {
		return err
	}
	var err error
	if m.Falls, err = m.movers(ctx, conn, falling, "velocity", &m.Falling); err != nil {
		return err
	}
	if m.Rises, err = m.movers(ctx, conn, rising, "velocity desc", &m.Rising); err != nil {
		return err
	}
	if m.Whole, err = whole(ctx, client, m.shown()); err != nil {
		return err
	}
	lowest, err := list(ctx, client, &cmiv1.ListCustomersRequest{Lifecycle: cmiv1.Lifecycle_LIFECYCLE_NEW, OrderBy: "cmi"})
	if err != nil || len(lowest) == 0 {
		return err
	}
	m.Newcomer, err = whole(ctx, client, lowest[0].GetCustomerId())
	return err
}

// shown is the customer whom the report shows in full and the commands are about: the fastest who falls, or else the first.
func (m *Momentum) shown() string {
	if len(m.Falling) > 0 {
		return m.Falling[0].GetCustomerId()
	}
	return m.Simulation.people[0].id
}

// count counts all customers by direction and by lifecycle.
func (m *Momentum) count(ctx context.Context, client cmiv1.CustomerServiceClient) error {
	m.Said, m.Lifecycles = make(map[cmiv1.Direction]Truths), make(map[cmiv1.Lifecycle]int)
	for _, d := range directions() {
		listed, err := list(ctx, client, &cmiv1.ListCustomersRequest{Direction: d})
		if err != nil {
			return err
		}
		m.Said[d] = m.truths(listed)
		for _, c := range listed {
			m.Lifecycles[c.GetLifecycle()]++
		}
	}
	return nil
}

// movers reads who moves in a direction with a p-value of at most mostP, keeps the fastest of them, and answers why the first
// one moved.
func (m *Momentum) movers(ctx context.Context, conn grpc.ClientConnInterface, d cmiv1.Direction, order string, named *[]*cmiv1.Customer) (*Course, error) {
	listed, err := list(ctx, cmiv1.NewCustomerServiceClient(conn), &cmiv1.ListCustomersRequest{
		Direction: d, MaxPValue: new(mostP), OrderBy: order,
	})
	if err != nil {
		return nil, err
	}
	m.Sure[d] = m.truths(listed)
	*named = listed[:min(fastest, len(listed))]
	if len(listed) == 0 {
		return nil, nil
	}
	return course(ctx, conn, listed[0].GetCustomerId())
}

// truths counts customers by what the simulation made of them.
func (m *Momentum) truths(customers []*cmiv1.Customer) Truths {
	made, counted := m.Simulation.made(), make(Truths)
	for _, c := range customers {
		counted[made[c.GetCustomerId()]]++
	}
	return counted
}

func directions() []cmiv1.Direction {
	return []cmiv1.Direction{rising, falling, steady, cmiv1.Direction_DIRECTION_INSUFFICIENT}
}

func lifecycles() []cmiv1.Lifecycle {
	return []cmiv1.Lifecycle{cmiv1.Lifecycle_LIFECYCLE_NEW, cmiv1.Lifecycle_LIFECYCLE_ACTIVE, cmiv1.Lifecycle_LIFECYCLE_INACTIVE}
}
