package main

import (
	"context"
	"time"

	"go.opentelemetry.io/otel"

	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/settings"
	"github.com/customer-momentum/cmi/server/telemetry"
)

// lastSpans bounds how long the last traces and metrics have to leave.
const lastSpans = 5 * time.Second

type serveCommand struct {
	settings.Settings
}

func (*serveCommand) Help() string {
	return `Serves gRPC and JSON until SIGTERM or Ctrl-C, then finishes what is in flight within --shutdown-timeout and exits with 0. A
second signal ends it at once. Without API keys it listens on loopback addresses only.

Every setting is a flag, an environment variable and a key of the settings file; a flag wins over the environment, that
over the file, and that over the default. Traces and metrics follow the standard OTEL_* variables.

  cmi serve
  cmi serve --store sqlite:/var/lib/cmi/cmi.db --log-format json
  cmi serve --grpc-address 127.0.0.1:0 --http-address 127.0.0.1:0 --address-file addresses.json
  cmi serve --config /etc/cmi/settings.yaml`
}

func (c *serveCommand) Run(ctx context.Context, s streams) error {
	server.RelaxCollector()
	log, err := telemetry.NewLogger(s.err, c.Level(), c.LogFormat)
	if err != nil {
		return err
	}
	observed, err := telemetry.Start(ctx, telemetry.Options{ServiceVersion: version(), Logger: log})
	if err != nil {
		return err
	}
	defer func() {
		leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSpans)
		defer cancel()
		// A collector that is gone is no reason to end badly.
		if err := observed.Shutdown(leaving); err != nil {
			log.WarnContext(leaving, "the last traces or metrics were not sent", "error", err)
		}
	}()
	otel.SetErrorHandler(observed.ErrorHandler())
	running, err := server.New(ctx, c.Settings, server.Options{Version: version(), Logger: log, Telemetry: observed})
	if err != nil {
		return err
	}
	return running.Serve(ctx)
}
