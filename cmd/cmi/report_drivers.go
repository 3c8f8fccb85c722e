package main

import (
	"context"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

type reportDriversCommand struct {
	Target    targetFlag                   `required:"" placeholder:"TARGET" help:"What is to be understood: cmi, eci, bei, fii, item:ID, or outcome:KIND:DAYS, which is whether an outcome came within so many days."`
	Predictor []predictorFlag              `required:"" placeholder:"ITEM" help:"What may go along with it: an item, s1:e1 for what is left of item s1 without item e1, s1..s23 for all from s1 to s23, s1:e1..s23:e23, or Image=IMAG1+IMAG2 for the mean of some, with a name. May be given several times."`
	Method    wordFlag[cmiv1.DriverMethod] `placeholder:"METHOD" help:"How explained variance is shared out: lmg (exact, up to 12 predictors) or johnson. Default: lmg up to 12 predictors, johnson beyond."`
	Samples   *int32                       `placeholder:"N" help:"Make intervals of so many bootstrap samples, 100 to 10000; 0 makes none. Default: 1000."`
	Seed      *int32                       `placeholder:"N" help:"Draw the samples from this seed: the same seed gives the same intervals. Default: 1."`
	Level     *float64                     `placeholder:"SHARE" help:"The confidence of the intervals, 0.5 to 0.999. Default: 0.95."`
	Each      *int32                       `name:"min-per-predictor" placeholder:"N" help:"How many respondents each predictor needs, 2 to 1000, and never fewer than 30 in all. Default: 10."`
	reportUnit
	reportWho
	reportWhen
	reportFlags
}

func (reportDriversCommand) Help() string {
	return `Says how much of what moves a target goes along with each of some items, beside how they perform: what is important and performs
poorly is the first to work on. That it causes the target does not follow. Of many customers the service makes an operation of
it, which is followed to its end.

  cmi report drivers --target cmi --predictor s1..s12
  cmi report drivers --target item:recommend --predictor s1:e1..s23:e23 --method johnson --out drivers.html
  cmi report drivers --target outcome:churned:180 --predictor s1,s4,s9 --samples 5000 --seed 7
  cmi report drivers --target item:CUSL3 --predictor Image=IMAG1+IMAG2+IMAG3 --predictor Value=PERV1+PERV2`
}

func (c *reportDriversCommand) Run(ctx context.Context, s streams) error {
	request := c.request()
	return c.run(ctx, s, reporting{
		name: "drivers", request: request, operation: &cmiv1.RunReportRequest{Report: &cmiv1.RunReportRequest_Drivers{Drivers: request}},
		ask: func(ctx context.Context, client cmiv1.InsightServiceClient) (proto.Message, error) {
			return ask(ctx, c.running, client.AnalyzeDrivers, request)
		},
	})
}

func (c *reportDriversCommand) request() *cmiv1.AnalyzeDriversRequest {
	request := &cmiv1.AnalyzeDriversRequest{
		Target: c.Target.wire, Filter: c.filter(c.reportWhen), AsOf: c.AsOf.wire(), Unit: c.Unit.is, Method: c.Method.is,
		MinPerPredictor: c.Each,
	}
	for _, p := range c.Predictor {
		request.Predictors = append(request.Predictors, p.all...)
	}
	if c.Samples != nil || c.Seed != nil || c.Level != nil {
		request.Bootstrap = &cmiv1.Bootstrap{Samples: c.Samples, Seed: c.Seed, Level: c.Level}
	}
	return request
}
