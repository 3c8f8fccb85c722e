package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// call is something that is asked for again and again.
type call struct {
	name string
	list bool
	// make answers how many customers a list had.
	make func(ctx context.Context, s *service, r *rand.Rand, customers, n int) (listed int, err error)
}

// about makes a call about some customer.
func about(name string, ask func(ctx context.Context, s *service, id string, i, n int) error) call {
	return call{name: name, make: func(ctx context.Context, s *service, r *rand.Rand, customers, n int) (int, error) {
		i := r.IntN(customers)
		return 0, ask(ctx, s, customerID(i), i, n)
	}}
}

// list makes a list of a hundred customers.
func list(name string, request func(r *rand.Rand) *cmiv1.ListCustomersRequest) call {
	return call{name: name, list: true, make: func(ctx context.Context, s *service, r *rand.Rand, _, _ int) (int, error) {
		page, err := s.customers.ListCustomers(ctx, request(r))
		return len(page.GetCustomers()), err
	}}
}

// calls are all of them, those that write last: what they leave for the disk to do is not a list's affair.
func calls() []call { return slices.Concat(reads(), lists(), writes()) }

func reads() []call {
	return []call{
		about("GetCustomer", func(ctx context.Context, s *service, id string, _, _ int) error {
			_, err := s.customers.GetCustomer(ctx, &cmiv1.GetCustomerRequest{CustomerId: id})
			return err
		}),
		about("GetCustomer, a year ago", func(ctx context.Context, s *service, id string, _, _ int) error {
			_, err := s.customers.GetCustomer(ctx, &cmiv1.GetCustomerRequest{CustomerId: id, AsOf: timestamppb.New(time.Now().AddDate(-1, 0, 0))})
			return err
		}),
		about("GetTrajectory", func(ctx context.Context, s *service, id string, _, _ int) error {
			_, err := s.customers.GetTrajectory(ctx, &cmiv1.GetTrajectoryRequest{CustomerId: id})
			return err
		}),
		about("ExplainChange", func(ctx context.Context, s *service, id string, _, _ int) error {
			_, err := s.scoring.ExplainChange(ctx, &cmiv1.ExplainChangeRequest{CustomerId: id})
			return err
		}),
		about("ListScores of a customer", func(ctx context.Context, s *service, id string, _, _ int) error {
			_, err := s.scoring.ListScores(ctx, &cmiv1.ListScoresRequest{CustomerId: id})
			return err
		}),
		about("ListInteractions", func(ctx context.Context, s *service, id string, _, _ int) error {
			_, err := s.customers.ListInteractions(ctx, &cmiv1.ListInteractionsRequest{CustomerId: id})
			return err
		}),
		about("SelectQuestionnaire", func(ctx context.Context, s *service, id string, _, _ int) error {
			_, err := s.questionnaires.SelectQuestionnaire(ctx, &cmiv1.SelectQuestionnaireRequest{CustomerId: id})
			return err
		}),
	}
}

func writes() []call {
	return []call{
		about("ScoreCustomer, recorded", func(ctx context.Context, s *service, _ string, i, n int) error {
			_, err := s.scoring.ScoreCustomer(ctx, &cmiv1.ScoreCustomerRequest{QuestionnaireId: questionnaireID, Response: later(i, n)})
			return err
		}),
		about("PutCustomer", func(ctx context.Context, s *service, _ string, i, _ int) error {
			_, err := s.customers.PutCustomer(ctx, &cmiv1.PutCustomerRequest{Customer: newCustomer(i, time.Now()).profile()})
			return err
		}),
		about("RecordInteractions, one", func(ctx context.Context, s *service, id string, i, n int) error {
			_, err := s.customers.RecordInteractions(ctx, &cmiv1.RecordInteractionsRequest{Interactions: []*cmiv1.Interaction{{
				InteractionId: fmt.Sprintf("later-%08d-%d-%d", i, n, time.Now().UnixNano()), CustomerId: id, Kind: "visit",
				OccurredAt: timestamppb.Now(),
			}}})
			return err
		}),
	}
}

func lists() []call {
	same := func(r *cmiv1.ListCustomersRequest) func(*rand.Rand) *cmiv1.ListCustomersRequest {
		return func(*rand.Rand) *cmiv1.ListCustomersRequest { return r }
	}
	return []call{
		list("all", same(&cmiv1.ListCustomersRequest{})),
		list("highest CMI", same(&cmiv1.ListCustomersRequest{OrderBy: "cmi desc"})),
		list("fastest falling", same(&cmiv1.ListCustomersRequest{OrderBy: "velocity"})),
		list("stable bucket, by velocity", same(&cmiv1.ListCustomersRequest{StableBucket: cmiv1.Bucket_BUCKET_ADVOCATE, OrderBy: "velocity"})),
		list("falling, by CMI", same(&cmiv1.ListCustomersRequest{Direction: cmiv1.Direction_DIRECTION_FALLING, OrderBy: "cmi"})),
		list("stable bucket and direction, by velocity", same(&cmiv1.ListCustomersRequest{
			StableBucket: cmiv1.Bucket_BUCKET_GROWTH, Direction: cmiv1.Direction_DIRECTION_RISING, OrderBy: "velocity desc",
		})),
		list("bucket and lifecycle, by CMI", same(&cmiv1.ListCustomersRequest{
			Bucket: cmiv1.Bucket_BUCKET_AT_RISK, Lifecycle: cmiv1.Lifecycle_LIFECYCLE_INACTIVE, OrderBy: "cmi",
		})),
		list("new customers", same(&cmiv1.ListCustomersRequest{Lifecycle: cmiv1.Lifecycle_LIFECYCLE_NEW})),
		list("movers with p up to 0.001, by velocity", same(&cmiv1.ListCustomersRequest{
			Direction: cmiv1.Direction_DIRECTION_FALLING, MaxPValue: proto.Float64(0.001), OrderBy: "velocity",
		})),
		list("a country, by CMI", func(r *rand.Rand) *cmiv1.ListCustomersRequest {
			return &cmiv1.ListCustomersRequest{Segments: []string{fmt.Sprintf("country=country-%02d", r.IntN(20))}, OrderBy: "cmi desc"}
		}),
		list("a shop of 1,000, by CMI", same(&cmiv1.ListCustomersRequest{Segments: []string{"shop=shop-0000"}, OrderBy: "cmi"})),
		list("an account of 5", func(r *rand.Rand) *cmiv1.ListCustomersRequest {
			return &cmiv1.ListCustomersRequest{AccountId: fmt.Sprintf("account-%07d", r.IntN(40))}
		}),
		list("key weight from 0.3 on", same(&cmiv1.ListCustomersRequest{MinKeyWeight: proto.Float64(0.3)})),
	}
}

// taken is what the calls of one kind took.
type taken struct {
	each   []time.Duration // sorted
	listed int             // how many customers the shortest list had
}

// block is how many calls of one kind a side makes before the other has its turn, so that what else the machine does
// meets both alike.
const block = 10

// callAll makes every call some times on each side, one after the other.
func callAll(ctx context.Context, sides []*side, times int) error {
	for k, c := range calls() {
		n := times
		if c.list {
			n = max(1, times/2)
		}
		var kinds []*kind
		for _, s := range sides {
			// Each time: a machine may take out of its memory what was not looked at for a while.
			if err := s.warm(ctx); err != nil {
				return fmt.Errorf("%d customers on %s: read everything: %w", s.customers, s.driver, err)
			}
			kinds = append(kinds, &kind{call: c, side: s, r: rand.New(rand.NewPCG(1, uint64(k))), taken: taken{listed: math.MaxInt}})
		}
		// Those before fill connections and caches.
		for made, before := 0, n/10; made < n+before; made += block {
			for _, one := range kinds {
				if err := one.make(ctx, min(block, n+before-made), made >= before); err != nil {
					return fmt.Errorf("%d customers: %s: %w", one.side.customers, c.name, err)
				}
			}
		}
		for _, one := range kinds {
			slices.Sort(one.taken.each)
			one.side.took[c.name] = one.taken
		}
	}
	return nil
}

// kind is the calls of one kind on one side.
type kind struct {
	call  call
	side  *side
	r     *rand.Rand
	made  int
	taken taken
}

func (k *kind) make(ctx context.Context, n int, counted bool) error {
	for range n {
		began := time.Now()
		listed, err := k.call.make(ctx, k.side.service, k.r, k.side.customers, k.made)
		if err != nil {
			return err
		}
		k.made++
		if counted {
			k.taken.each = append(k.taken.each, time.Since(began))
			k.taken.listed = min(k.taken.listed, listed)
		}
	}
	return nil
}
