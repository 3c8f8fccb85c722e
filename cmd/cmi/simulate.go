package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/customer-momentum/cmi/examples/population"
)

type simulateCommand struct {
	Out    string `placeholder:"DIR" help:"Write the population into files in this folder, which is made where it is missing."`
	Server string `placeholder:"HOST:PORT" help:"Send the population to the service at this gRPC address."`

	Customers int       `default:"1000" placeholder:"N" help:"Make so many customers."`
	Waves     int       `default:"12" placeholder:"N" help:"Ask them so many times."`
	EveryDays int       `default:"30" placeholder:"DAYS" help:"Leave so many days from one wave to the next."`
	Start     time.Time `default:"2025-11-01" placeholder:"DATE" format:"2006-01-02" help:"Begin the first wave on this day, UTC."`
	Seed      uint64    `default:"1" placeholder:"N" help:"Leave to chance what this number decides. It is part of every id."`
	Model     string    `default:"survey" enum:"survey,parallel" placeholder:"MODEL" help:"How true standing becomes answers: survey looks real, parallel is what measurement theory takes for granted."`

	Rising   *float64 `placeholder:"SHARE" help:"Let this share of customers get better. Default: 0.2."`
	Falling  *float64 `placeholder:"SHARE" help:"Let this share of customers get worse. Default: 0.2; the others are steady."`
	Late     *float64 `placeholder:"SHARE" help:"Let this share be new at the end. Default: 0.05, in the parallel model 0."`
	Silent   *float64 `placeholder:"SHARE" help:"Let this share fall silent long before the end. Default: 0.06, in the parallel model 0."`
	Closed   *float64 `placeholder:"SHARE" help:"Let this share leave before the end. Default: 0.04, in the parallel model 0."`
	Gap      *float64 `placeholder:"SHARE" help:"Let customers miss this share of waves. Default: 0.1, in the parallel model 0."`
	DontKnow *float64 `placeholder:"SHARE" help:"Answer this share of questions with don't know. Default: 0.02, in the parallel model 0."`
	Activity *float64 `placeholder:"RATE" help:"Let a fully engaged customer have so many interactions in 30 days. Default: 12."`

	apiKey
	connection
}

func (simulateCommand) Help() string {
	return `Makes customers up whose truth is known: who they are, what they do and answer in wave after wave, and where they really
stand and are heading. Everything follows from the seed: the same command makes the same population to the last byte,
and a customer is the same in a small population and in a large one. Customers are made one by one, so that millions
take no more memory than ten.

Into files (--out): questionnaire.yaml, customers.ndjson, interactions.ndjson and responses.ndjson hold one message a line,
as the API takes them; truth.csv says of each customer whether they rise, fall or stay, and truth.ndjson what their momentum
really was in every wave.

To a service (--server): publishes the questionnaire unless it is there, then sends profiles, interactions and responses. It
needs a key with the scopes score, read and write where the service asks for keys. What was sent before counts once, so a
run that was interrupted is resumed by the same command. --timeout holds for single calls, not for the streams.

The lifecycle in the truth is that of the last day: ask the service for it "as of" then, or choose --start so that the last
wave is now.

  cmi simulate --out population
  cmi simulate --server 127.0.0.1:9090 --customers 20000 --seed 7
  cmi simulate --model parallel --rising 0.5 --falling 0 --waves 8 --out risers
  cmi score -q population/questionnaire.yaml population/responses.ndjson`
}

// Validate is asked by the parser, so that what cannot be simulated is a command line that cannot be understood.
func (c *simulateCommand) Validate() error {
	if c.Out == "" && c.Server == "" {
		return errors.New("there is nowhere to put the population; name a folder with --out, or a service with --server")
	}
	return c.plan().Validate()
}

// plan is the population that the flags ask for.
func (c *simulateCommand) plan() population.Plan {
	model := population.Survey
	if c.Model == population.Parallel.String() {
		model = population.Parallel
	}
	p := population.New(model)
	p.Customers, p.Waves, p.Seed, p.Start = c.Customers, c.Waves, c.Seed, c.Start
	// Where so many days overflow, they are too many anyway.
	p.Every = time.Duration(min(c.EveryDays, 100_000)) * 24 * time.Hour
	for _, share := range []struct{ said, of *float64 }{
		{c.Rising, &p.Rising}, {c.Falling, &p.Falling}, {c.Late, &p.Late}, {c.Silent, &p.Silent}, {c.Closed, &p.Closed},
		{c.Gap, &p.Gap}, {c.DontKnow, &p.DontKnow}, {c.Activity, &p.Activity},
	} {
		if share.said != nil {
			*share.of = *share.said
		}
	}
	return p
}

func (c *simulateCommand) Run(ctx context.Context, s streams) error {
	plan := c.plan()
	shown := newSimulateBar(s.err, plan.Customers)
	fmt.Fprint(s.out, intended(plan))
	if c.Out != "" {
		if err := writePopulation(ctx, plan, c.Out, shown); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "Written into %s.\n", c.Out)
	}
	if c.Server == "" {
		return nil
	}
	conn, err := c.dial(c.Server, c.Key)
	if err != nil {
		return err
	}
	defer conn.Close()
	to := &receiver{conn: conn, address: c.Server, timeout: c.Timeout, plan: plan, shown: shown}
	came, err := to.receive(ctx)
	if err != nil {
		return err
	}
	fmt.Fprint(s.out, came)
	return came.refusals()
}
