// Package server is the running service: it puts stores, use cases, doors and the chain around them together, serves, and
// ends in good order. Tests start the same value that the binary does.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/customer-momentum/cmi/gen/openapi"
	"github.com/customer-momentum/cmi/scoring/behaviour"
	"github.com/customer-momentum/cmi/scoring/keyweight"
	"github.com/customer-momentum/cmi/scoring/lifecycle"
	"github.com/customer-momentum/cmi/server/access"
	"github.com/customer-momentum/cmi/server/api"
	"github.com/customer-momentum/cmi/server/calibrations"
	"github.com/customer-momentum/cmi/server/catalog"
	"github.com/customer-momentum/cmi/server/chain"
	"github.com/customer-momentum/cmi/server/customers"
	"github.com/customer-momentum/cmi/server/flight"
	"github.com/customer-momentum/cmi/server/gateway"
	"github.com/customer-momentum/cmi/server/gateway/inproc"
	"github.com/customer-momentum/cmi/server/insight"
	"github.com/customer-momentum/cmi/server/operations"
	"github.com/customer-momentum/cmi/server/outcomes"
	"github.com/customer-momentum/cmi/server/questionnaire"
	"github.com/customer-momentum/cmi/server/recompute"
	"github.com/customer-momentum/cmi/server/scores"
	"github.com/customer-momentum/cmi/server/selection"
	"github.com/customer-momentum/cmi/server/settings"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/telemetry"
)

// Options are what a server is given beside its settings.
type Options struct {
	// Version is what the service says that it is.
	Version string
	// Logger hears of the service. Absent: nobody does.
	Logger *slog.Logger
	// Telemetry takes traces and metrics; the server does not shut it down. Absent: the server starts its own by the
	// standard OTEL_* variables, and shuts that down.
	Telemetry *telemetry.Telemetry
	// Now is the clock. Absent: the time of day.
	Now func() time.Time
}

// Addresses are where a server listens, as host:port.
type Addresses struct {
	GRPC string `json:"grpc"`
	HTTP string `json:"http"`
}

// Server is one service that listens. It serves from Serve on.
type Server struct {
	settings  settings.Settings
	log       *slog.Logger
	telemetry *telemetry.Telemetry
	store     store.Store
	drain     *chain.Drain
	ready     *readiness
	grpc      *grpc.Server
	http      *http.Server
	// certificate is nil where the ports speak without TLS.
	certificate *certificate
	listeners   struct {
		grpc *doorstep
		http net.Listener
	}
	// attendance knows who is still at the HTTP port.
	attendance attendance
	// closers free what New made, the last one first.
	closers []func(context.Context) error
}

// New opens the store and both ports, and checks that all fits together. On an error it leaves nothing open.
func New(ctx context.Context, s settings.Settings, o Options) (*Server, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	server := &Server{settings: s.WithDefaults(), log: o.Logger, telemetry: o.Telemetry, drain: chain.NewDrain()}
	if err := server.assemble(ctx, o); err != nil {
		return nil, errors.Join(err, server.close(context.WithoutCancel(ctx)))
	}
	return server, nil
}

// Addresses answers where the server listens.
func (s *Server) Addresses() Addresses {
	return Addresses{GRPC: s.listeners.grpc.Addr().String(), HTTP: s.listeners.http.Addr().String()}
}

func (s *Server) assemble(ctx context.Context, o Options) error {
	if err := s.settings.Validate(); err != nil {
		return err
	}
	keyring, err := s.openKeyring(ctx, o.Now)
	if err != nil {
		return err
	}
	if s.settings.TLSCertFile != "" {
		if s.certificate, err = openCertificate(s.settings.TLSCertFile, s.settings.TLSKeyFile, s.log); err != nil {
			return err
		}
	}
	if err := s.observe(ctx, o); err != nil {
		return err
	}
	if s.store, err = openStore(ctx, s.settings.Store); err != nil {
		return err
	}
	s.onClose(func(context.Context) error { return s.store.Close() })
	s.ready = newReadiness(s.store, s.log)

	around, err := chain.New(chain.Config{
		Logger:        s.log,
		LogCalls:      s.settings.LogCalls,
		Calls:         s.telemetry.Calls(),
		MeterProvider: s.telemetry.MeterProvider(),
		Keyring:       keyring,
		Rules:         access.Table(),
		Limits: chain.Limits{
			MaxDeadline: s.settings.MaxDeadline, StreamIdle: s.settings.StreamIdleTimeout, DrainRetry: drainRetry,
		},
		Drain: s.drain,
		Now:   o.Now,
	})
	if err != nil {
		return err
	}
	questionnaires, err := catalog.New(s.store, questionnaire.Builtin(), o.Now)
	if err != nil {
		return err
	}
	cases, err := s.assembleCases(ctx, questionnaires, o.Now)
	if err != nil {
		return err
	}
	register := func(to grpc.ServiceRegistrar) {
		api.Register(to, cases, api.Options{PipelineDepth: s.settings.StreamPipelineDepth})
	}
	if err := s.assembleGRPC(around, register, flight.Cases{Scores: cases.Scores, Questionnaires: questionnaires}); err != nil {
		return err
	}
	if err := s.assembleHTTP(around, register, o.Version, !keyring.IsOpen()); err != nil {
		return err
	}
	return s.listen(ctx)
}

// assembleCases puts the use cases together, and starts what runs beside the calls: standings are kept, and what other
// processes change is forgotten.
func (s *Server) assembleCases(ctx context.Context, questionnaires *catalog.Catalog, now func() time.Time) (api.Cases, error) {
	certainty := calibrations.New(questionnaires, s.store, now)
	people, err := customers.New(s.store, questionnaires, certainty, customers.Options{
		Lifecycle: lifecycle.Rules{
			NewDays: s.settings.LifecycleNewDays, InactiveDays: s.settings.LifecycleInactiveDays, InactiveGaps: s.settings.LifecycleInactiveGaps,
		},
		KeyWeight: keyweight.Constants{
			HalfMonths: s.settings.KeyWeightHalfMonths, Saturation: s.settings.KeyWeightSaturation, Window: behaviour.DefaultWindow(),
		},
		Now:    now,
		Logger: s.log,
	})
	if err != nil {
		return api.Cases{}, err
	}
	choice := selection.New(questionnaires, people, now)
	reports := insight.New(insight.Config{
		Store: s.store, Questionnaires: questionnaires, People: people, Workers: runtime.GOMAXPROCS(0), Now: now,
	})
	long := operations.New(operations.Config{
		Store: s.store, Kinds: []operations.Kind{recompute.NewKind(s.store), insight.NewKind(reports)}, Now: now, Logger: s.log,
		Workers: s.settings.OperationWorkers, Retention: s.settings.OperationRetention,
	})
	if err := people.UseRules(ctx); err != nil {
		return api.Cases{}, err
	}
	s.beside(ctx, people.Keep)
	s.beside(ctx, long.Work)
	s.beside(ctx, long.Tend)
	s.beside(ctx, func(ctx context.Context) {
		err := s.store.Watch(ctx, func(c store.Change) {
			questionnaires.Forget(c.Tenant, c.QuestionnaireID)
			certainty.Forget(c.Tenant, c.QuestionnaireID)
		})
		if ctx.Err() == nil {
			s.log.ErrorContext(ctx, "what other processes change is not heard of any more; restart this one", "error", err)
		}
	})
	return api.Cases{
		Questionnaires: questionnaires,
		Selection:      choice,
		Calibrations:   certainty,
		Scores: scores.New(scores.Config{
			Scorers: questionnaires, Store: s.store, Certainty: certainty, Chooser: choice, Recorded: people.Nudge, Now: now,
		}),
		Customers:  people,
		Outcomes:   outcomes.New(s.store, people.Nudge, now),
		Insight:    reports,
		Reports:    insight.NewRuns(reports, long),
		Recompute:  recompute.New(s.store, questionnaires, long),
		Operations: long,
	}, nil
}

// beside runs work in the background until the server closes.
func (s *Server) beside(ctx context.Context, work func(context.Context)) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		work(ctx)
	}()
	s.onClose(func(context.Context) error {
		cancel()
		<-ended
		return nil
	})
}

// assembleGRPC puts the services behind the gRPC port. Arrow Flight is spoken on this one alone.
func (s *Server) assembleGRPC(around *chain.Chain, register func(grpc.ServiceRegistrar), tables flight.Cases) error {
	s.grpc = grpc.NewServer(s.grpcOptions(around)...)
	register(s.grpc)
	if err := flight.Register(s.grpc, tables, flight.Options{PipelineDepth: s.settings.StreamPipelineDepth}); err != nil {
		return err
	}
	checks := health.NewServer()
	healthpb.RegisterHealthServer(s.grpc, &healthService{checks, s.drain})
	reflection.Register(s.grpc)
	if missing := access.Table().Missing(s.grpc.GetServiceInfo()); len(missing) > 0 {
		return fmt.Errorf("methods without an access rule: %v", missing)
	}
	s.ready.tell(checks, s.grpc.GetServiceInfo())
	return nil
}

// assembleHTTP puts the gateway in front of the same services behind the same chain, in process.
func (s *Server) assembleHTTP(around *chain.Chain, register func(grpc.ServiceRegistrar), version string, hasKeys bool) error {
	channel := inproc.New(inproc.Options{
		Unary:  []grpc.UnaryServerInterceptor{around.Unary()},
		Stream: []grpc.StreamServerInterceptor{around.Stream()},
	})
	register(channel)
	handler, err := gateway.New(gateway.Options{
		Conn:           channel,
		TracerProvider: s.telemetry.TracerProvider(),
		MeterProvider:  s.telemetry.MeterProvider(),
		Propagator:     s.telemetry.Propagator(),
		Logger:         s.log,
		Metrics:        s.telemetry.MetricsHandler(),
		Ready:          s.ready.check,
		MaxBodyBytes:   int64(s.settings.MaxMessageBytes),
		MaxLineBytes:   s.settings.MaxMessageBytes,
		SpoolBytes:     int64(s.settings.StreamSpoolBytes),
		Stall:          s.settings.StreamIdleTimeout,
		HasKeys:        hasKeys,
		AllowedHosts:   s.settings.AllowedHosts,
		CORSOrigins:    s.settings.CORSOrigins,
		OpenAPI:        openapi.Document,
		Version:        version,
	})
	if err != nil {
		return err
	}
	if s.http, err = gateway.Server(handler, s.log); err != nil {
		return err
	}
	s.attendance.around(s.http)
	return nil
}

// openKeyring makes the keyring of the settings. Without keys everybody may call, so nobody but this machine may reach the
// ports, unless the settings say otherwise in so many words.
func (s *Server) openKeyring(ctx context.Context, now func() time.Time) (*access.Keyring, error) {
	if len(s.settings.Keys) > 0 {
		return access.NewKeyring(s.settings.Keys, now)
	}
	if s.settings.TrustNetwork {
		return access.Open(defaultTenant), nil
	}
	return access.Open(defaultTenant), errors.Join(
		access.RequireLoopback(ctx, s.settings.GRPCAddress), access.RequireLoopback(ctx, s.settings.HTTPAddress))
}

// defaultTenant owns everything on a server without keys.
const defaultTenant = "default"

func (s *Server) observe(ctx context.Context, o Options) error {
	if s.telemetry != nil {
		return nil
	}
	started, err := telemetry.Start(ctx, telemetry.Options{ServiceVersion: o.Version, Logger: s.log})
	if err != nil {
		return err
	}
	s.telemetry = started
	s.onClose(func(ctx context.Context) error {
		// A collector that is gone is no reason to end badly.
		if err := started.Shutdown(ctx); err != nil {
			s.log.WarnContext(ctx, "the last traces or metrics were not sent", "error", err)
		}
		return nil
	})
	return nil
}

func (s *Server) onClose(f func(context.Context) error) { s.closers = append(s.closers, f) }

func (s *Server) close(ctx context.Context) error {
	var all []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		all = append(all, s.closers[i](ctx))
	}
	s.closers = nil
	return errors.Join(all...)
}
