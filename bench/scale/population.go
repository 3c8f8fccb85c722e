package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

const (
	questionnaireID = "scale"
	waves           = 10
	interactions    = 3
)

// questionnaire asks two questions for each pillar.
func questionnaire() *cmiv1.Questionnaire {
	q := &cmiv1.Questionnaire{QuestionnaireId: questionnaireID, Title: "Scale"}
	for i := range 6 {
		q.Items = append(q.Items, &cmiv1.Item{
			ItemId: fmt.Sprintf("q%d", i+1), Prompt: "0 means not at all, 100 means completely.", Pillar: cmiv1.Pillar(1 + i/2),
			Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Max: 100}},
		})
	}
	return q
}

// customer is one of the population: the same whenever it is asked for. Of ten, two rise, two fall, one is new and one fell
// silent.
type customer struct {
	i      int
	random *rand.Rand
	first  time.Time
	waves  []time.Time
	level  float64
	slope  float64 // per wave
}

func newCustomer(i int, now time.Time) *customer {
	c := &customer{i: i, random: rand.New(rand.NewPCG(uint64(i), 7))}
	const day = 24 * time.Hour
	c.first = now.Add(-time.Duration(100+c.random.IntN(900)) * day)
	from, every := now.Add(-99*day), 10*day
	switch i % 10 {
	case 0, 1:
		c.slope = 2.5
	case 2, 3:
		c.slope = -2.5
	case 4:
		c.first = now.Add(-80 * day)
		from, every = now.Add(-75*day), 7*day
	case 5:
		from = now.Add(-400 * day)
		c.first = from.Add(-30 * day)
	}
	c.level = 45 + 30*c.random.Float64() - c.slope*waves/2
	for w := range waves {
		c.waves = append(c.waves, from.Add(time.Duration(w)*every+time.Duration(c.random.Int64N(int64(day)))).Truncate(time.Microsecond))
	}
	return c
}

func customerID(i int) string { return fmt.Sprintf("customer-%08d", i) }

func responseID(i, wave int) string { return fmt.Sprintf("response-%08d-%02d", i, wave) }

// profile has one of 20 countries, one of 4 plans, one of a thousand shops at a million customers, and for one in five
// an account of about five people.
func (c *customer) profile() *cmiv1.Customer {
	p := &cmiv1.Customer{
		CustomerId: customerID(c.i), FirstSeenAt: timestamppb.New(c.first),
		Segments: map[string]string{
			"country": fmt.Sprintf("country-%02d", c.random.IntN(20)),
			"plan":    []string{"free", "basic", "gold", "team"}[c.random.IntN(4)],
			"shop":    fmt.Sprintf("shop-%04d", c.i/1000),
		},
	}
	if c.i%25 < 5 {
		p.AccountId = fmt.Sprintf("account-%07d", c.i/25)
	}
	return p
}

func interactionKinds() []string { return []string{"visit", "purchase", "support"} }

func (c *customer) interactions() []*cmiv1.Interaction {
	all := make([]*cmiv1.Interaction, interactions)
	for k := range all {
		all[k] = &cmiv1.Interaction{
			InteractionId: fmt.Sprintf("interaction-%08d-%d", c.i, k), CustomerId: customerID(c.i),
			Kind: interactionKinds()[c.random.IntN(3)], Channel: cmiv1.Channel_CHANNEL_ONLINE,
			OccurredAt: timestamppb.New(c.waves[3*k].Add(-time.Hour)),
		}
	}
	return all
}

// response is what the customer answered in a wave: the level of that wave with noise on each answer.
func (c *customer) response(wave int) *cmiv1.Response {
	r := &cmiv1.Response{
		ResponseId: responseID(c.i, wave), CustomerId: customerID(c.i), Channel: cmiv1.Channel_CHANNEL_ONLINE,
		SubmittedAt: timestamppb.New(c.waves[wave]),
	}
	random := rand.New(rand.NewPCG(uint64(c.i), 100+uint64(wave)))
	for i := range 6 {
		x := c.level + c.slope*float64(wave) + 8*random.NormFloat64()
		r.Answers = append(r.Answers, &cmiv1.Answer{
			ItemId: fmt.Sprintf("q%d", i+1), Value: &cmiv1.Answer_Number{Number: math.Round(max(0, min(100, x)))},
		})
	}
	return r
}

// later is a response beyond the waves, of now.
func later(i, n int) *cmiv1.Response {
	r := newCustomer(i, time.Now()).response(waves - 1)
	r.ResponseId = fmt.Sprintf("later-%08d-%d-%d", i, n, time.Now().UnixNano())
	r.SubmittedAt = nil
	return proto.CloneOf(r)
}
