package main

import (
	"context"

	"github.com/customer-momentum/cmi/cmd/cmi/demo"
)

type demoCommand struct {
	GRPCAddress string `name:"grpc-address" default:"127.0.0.1:0" placeholder:"HOST:PORT" help:"Serve gRPC here. Port 0 picks a free one."`
	HTTPAddress string `name:"http-address" default:"127.0.0.1:0" placeholder:"HOST:PORT" help:"Serve JSON here. Port 0 picks a free one."`
	Exit        bool   `help:"End after the report, instead of serving until Ctrl-C."`
}

func (demoCommand) Help() string {
	return `Starts the real service on a temporary store, publishes the questionnaire of an airline, streams the answers of its 1,065
customers through StreamScores and shows what comes out: who stands where, who is most at risk and why.

The survey is real and was taken once. On top of it come eight waves that are simulated, ending yesterday, so that customers
rise, fall or stay and the truth is known: the demo records what they do and answer, calibrates the questionnaire on the
survey, and shows whom the service sees moving, whom it misses, why the fastest moved and how sure all of it is.

Then it reads the survey as a whole: who recommends and who does not, satisfaction against loyalty, which touchpoints go along with
commitment and recommendation, heavy flyers against light ones, and what to do first.

Calls to paste into another terminal follow. Then it serves until Ctrl-C, and leaves nothing behind.

  cmi demo
  cmi demo --grpc-address 127.0.0.1:9090 --http-address 127.0.0.1:8080
  cmi demo --exit > report.txt`
}

func (d *demoCommand) Run(ctx context.Context, s streams) error {
	return demo.Run(ctx, demo.Options{
		GRPCAddress: d.GRPCAddress, HTTPAddress: d.HTTPAddress, Exit: d.Exit, Version: version(),
	}, s.out, s.err)
}
