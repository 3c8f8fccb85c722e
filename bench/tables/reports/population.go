package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/store"
)

const (
	waves    = 10
	segments = 5
	// accounts are fewer where there are few customers: nothing is said of fewer than five.
	accounts = 1_000
	channels = 3
)

// start and end bound the two years in which everybody answered; reports are as of the end. They are fixed, so that a store that
// was filled once serves later too.
func start() time.Time { return time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC) }

func end() time.Time { return time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC) }

// population is customers with ten scores each. All of it is the same whenever it is asked for.
type population struct {
	customers int
	scorer    *scoring.Scorer
	recorded  *timestamppb.Timestamp
}

func newPopulation(customers int) (*population, error) {
	q := survey()
	q.Version = 1
	scorer, err := scoring.Compile(q)
	if err != nil {
		return nil, fmt.Errorf("compile the questionnaire: %w", err)
	}
	return &population{customers, scorer, timestamppb.New(end())}, nil
}

// scores is how many scores there are.
func (p *population) scores() int { return waves * p.customers }

// at says whose score comes as the n-th, and in which wave: wave after wave, each in an order of customers of its own, as surveys
// come in.
func (p *population) at(n int) (customer, wave int) {
	const step = 611_953 // prime, and no divisor of a round number
	wave = n / p.customers
	return int((int64(n%p.customers)*step + int64(wave)*7919) % int64(p.customers)), wave
}

func customerID(i int) string { return fmt.Sprintf("customer-%08d", i) }

func accountID(i int) string { return fmt.Sprintf("account-%04d", i) }

// plan is how the values of the segment begin.
const plan = "plan-"

func segmentValue(i int) string { return fmt.Sprint(plan, i) }

// segmentOf is 1 to 5.
func segmentOf(i int) int { return 1 + i*7%segments }

// accountOf is from 0 on.
func (p *population) accountOf(i int) int { return i * 13 % min(accounts, p.customers/50) }

func (p *population) profile(i int) *cmiv1.Customer {
	return &cmiv1.Customer{
		CustomerId: customerID(i), AccountId: accountID(p.accountOf(i)), FirstSeenAt: timestamppb.New(start().AddDate(0, 0, -i%500)),
		Segments: map[string]string{segmentKey: segmentValue(segmentOf(i))}, CreatedAt: timestamppb.New(start()),
	}
}

// entry is the n-th score as stores are given it.
func (p *population) entry(n int) (store.Entry, error) {
	i, wave := p.at(n)
	response := answered(i, wave)
	score, err := p.scorer.Score(response)
	if err != nil {
		return store.Entry{}, fmt.Errorf("score response %d: %w", n, err)
	}
	score.ScoredAt = p.recorded
	return store.Entry{Response: response, Score: score}, nil
}

// answered is what a customer answered in a wave. Each item is left out now and then.
func answered(i, wave int) *cmiv1.Response {
	const length = 730 * 24 * time.Hour / waves
	random := rand.New(rand.NewPCG(uint64(i), 100+uint64(wave)))
	r := &cmiv1.Response{
		ResponseId: fmt.Sprintf("response-%08d-%02d", i, wave), CustomerId: customerID(i), Channel: cmiv1.Channel(1 + random.IntN(channels)),
		SubmittedAt: timestamppb.New(start().Add(time.Duration(wave)*length + time.Duration(random.Int64N(int64(length)))).Truncate(time.Microsecond)),
	}
	level := 45 + 5*float64(segmentOf(i)) + 25*rand.New(rand.NewPCG(uint64(i), 7)).Float64() + float64(i%5-2)*float64(wave)
	future := 0.0
	for k := range touchpoints {
		x := within(level/10+2.5*random.NormFloat64(), 0, 10)
		future += x * []float64{3, 2.5, 1.5, 1, 0.5, 0}[k]
		r.Answers = answer(r.Answers, random, touchpoint(k), x, 50)
	}
	emotion := within(level+12*random.NormFloat64(), 0, 100)
	future = within(10+future+8*random.NormFloat64(), 0, 100)
	r.Answers = answer(r.Answers, random, "eci", emotion, 1000)
	r.Answers = answer(r.Answers, random, "bei", within(level+15*random.NormFloat64(), 0, 100), 10)
	r.Answers = answer(r.Answers, random, "fii", future, 1000)
	r.Answers = answer(r.Answers, random, "nps", within(future/10+random.NormFloat64(), 0, 10), 10)
	r.Answers = answer(r.Answers, random, "csat", within(1+emotion/25+0.7*random.NormFloat64(), 1, 5), 10)
	return r
}

// answer appends an answer, but one time in many.
func answer(to []*cmiv1.Answer, random *rand.Rand, item string, x float64, many int) []*cmiv1.Answer {
	if random.IntN(many) == 0 {
		return to
	}
	return append(to, &cmiv1.Answer{ItemId: item, Value: &cmiv1.Answer_Number{Number: x}})
}

func within(x, low, high float64) float64 { return math.Round(max(low, min(high, x))) }
