package main

import (
	"context"
	"fmt"

	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

type healthCommand struct {
	Address string `default:"127.0.0.1:9090" env:"CMI_GRPC_ADDRESS" placeholder:"HOST:PORT" help:"The gRPC address of the service."`
	connection
}

func (healthCommand) Help() string {
	return `Asks by the standard gRPC health protocol, as load balancers do, and needs no API key. Exits with 0 when the service
serves, and with 1 when it does not (starting, draining, its store gone) or does not answer. For container health checks
and scripts:

  cmi health
  cmi health --address 127.0.0.1:9090 --timeout 1s`
}

func (h *healthCommand) Run(ctx context.Context, s streams) error {
	conn, err := h.dial(h.Address, "")
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	answer, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
	if err != nil {
		return failed(err, h.Address)
	}
	fmt.Fprintln(s.out, answer.GetStatus())
	if answer.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		return answeredNo{}
	}
	return nil
}
