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
customers through StreamScores and shows what comes out: who stands where, who is most at risk and why, and calls to paste
into another terminal. Then it serves until Ctrl-C, and leaves nothing behind.

  cmi demo
  cmi demo --grpc-address 127.0.0.1:9090 --http-address 127.0.0.1:8080
  cmi demo --exit > report.txt`
}

func (d *demoCommand) Run(ctx context.Context, s streams) error {
	return demo.Run(ctx, demo.Options{
		GRPCAddress: d.GRPCAddress, HTTPAddress: d.HTTPAddress, Exit: d.Exit, Version: version(),
	}, s.out, s.err)
}
