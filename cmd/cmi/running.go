package main

import (
	"context"
	"errors"

	"google.golang.org/grpc"
)

// ownService is where a service serves unless it is told otherwise; the flag says the same.
const ownService = "127.0.0.1:9090"

// running is the service that a command speaks to.
type running struct {
	Server string `default:"127.0.0.1:9090" env:"CMI_GRPC_ADDRESS" placeholder:"HOST:PORT" help:"Speak to the service at this gRPC address."`
	apiKey
	connection
}

// open prepares a connection; it is made by the first call.
func (r running) open() (*grpc.ClientConn, error) { return r.dial(r.Server, r.Key) }

// flags are what another command needs, beside the key, to speak to the same service.
func (r running) flags() string {
	text := ""
	for _, flag := range []struct {
		said string
		name string
	}{{r.CA, "--ca"}, {r.ServerName, "--server-name"}} {
		if flag.said != "" {
			text += " " + flag.name + " " + flag.said
		}
	}
	if r.TLS {
		text = " --tls" + text
	}
	if r.Server != ownService {
		text = " --server " + r.Server + text
	}
	return text
}

// ask makes a call within the time allowed. Its error is a sentence for people.
func ask[In, Out any](ctx context.Context, of running, method func(context.Context, In, ...grpc.CallOption) (Out, error), in In) (Out, error) {
	within, cancel := context.WithTimeout(ctx, of.Timeout)
	defer cancel()
	out, err := method(within, in)
	if err != nil {
		err = of.explain(ctx, err)
	}
	return out, err
}

// explain turns the error of a call into a sentence for people.
func (r running) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return failed(err, r.Server)
}
