package main

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/settings"
)

// service is a running service and a client of it.
type service struct {
	scoring        cmiv1.ScoringServiceClient
	customers      cmiv1.CustomerServiceClient
	questionnaires cmiv1.QuestionnaireServiceClient
	close          func() error
}

// start starts the service as `cmi serve` does, on loopback and without keys.
func start(ctx context.Context, store string) (*service, error) {
	server.RelaxCollector()
	running, err := server.New(ctx, settings.Settings{
		GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", Store: store, MaxDeadline: time.Hour,
	}, server.Options{Version: "bench"})
	if err != nil {
		return nil, err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- running.Serve(serving) }()
	conn, err := grpc.NewClient(running.Addresses().GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		stop()
		return nil, errors.Join(err, <-ended)
	}
	return &service{
		scoring:        cmiv1.NewScoringServiceClient(conn),
		customers:      cmiv1.NewCustomerServiceClient(conn),
		questionnaires: cmiv1.NewQuestionnaireServiceClient(conn),
		close: func() error {
			err := conn.Close()
			stop()
			return errors.Join(err, <-ended)
		},
	}, nil
}
