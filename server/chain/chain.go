// Package chain is what happens around every call, unary and stream alike: one ordered table makes both interceptors, so
// that neither kind can walk past a check that the other has to pass. Everything it needs is given to New.
package chain

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/metric"
	"google.golang.org/grpc"

	"github.com/customer-momentum/cmi/server/access"
	"github.com/customer-momentum/cmi/server/contract"
	"github.com/customer-momentum/cmi/server/telemetry"
)

// Config is what the chain is made of.
type Config struct {
	// Logger gets one line a call.
	Logger *slog.Logger
	// LogCalls raises the lines of calls that went well from debug to info. At 25,000 calls a second writing those lines
	// costs more than the calls, so it is a choice.
	LogCalls bool
	// Calls traces and measures. Nil: nobody does.
	Calls *telemetry.Calls
	// MeterProvider gets what Calls does not count: calls by reason, and calls in flight.
	MeterProvider metric.MeterProvider
	// Keyring knows who calls.
	Keyring *access.Keyring
	// Rules say what they may call. Methods without a rule are refused.
	Rules access.Rules
	// Limits bound how long calls take.
	Limits Limits
	// Drain tells streams that the server is shutting down.
	Drain *Drain
	// Now is the clock of request ids and of the durations in the log.
	Now func() time.Time
}

// Limits bound how long calls take. Zero sets no bound.
type Limits struct {
	// MaxDeadline is the most time that a unary call has, whatever its client asks for.
	MaxDeadline time.Duration
	// StreamIdle is how long nothing may move on a stream. A stream that moves may last forever.
	StreamIdle time.Duration
	// DrainRetry is when clients that were sent away by a drain may come back.
	DrainRetry time.Duration
}

// Chain is the finished table.
type Chain struct {
	links []Link
}

// New makes the chain. The error names everything that Config lacks.
func New(config Config) (*Chain, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	rules, err := contract.New()
	if err != nil {
		return nil, err
	}
	methods := newMethods(config.Rules)
	counts, err := newMetrics(config.MeterProvider, methods)
	if err != nil {
		return nil, fmt.Errorf("make the metrics of calls: %w", err)
	}
	naming := &namer{methods: methods, now: config.Now}
	observing := &tracing{calls: config.Calls}
	logging := &callLog{to: config.Logger, now: config.Now, fine: fineLevel(config.LogCalls)}
	limiting := &limiter{limits: config.Limits, drain: config.Drain}
	admitting := &gatekeeper{keyring: config.Keyring}
	validating := &validation{contract: rules}

	return &Chain{links: []Link{
		{
			Name:  "request id",
			Why:   "First, so that whatever happens next can be named, and the client learns the name even when it is refused.",
			Unary: naming.unary, Stream: naming.stream,
		},
		{
			Name:  "trace",
			Why:   "Around the rest, so that its time is the call's, and what happens inside is in the trace, lines of the log included.",
			Unary: observing.unary, Stream: observing.stream,
		},
		{
			Name:  "errors",
			Why:   "Between trace and log: the log sees the error as it is; the trace, like the client, what errs makes of it.",
			Unary: mapUnary, Stream: mapStream,
		},
		{
			Name:  "log",
			Why:   "Around everything that can refuse a call, so that each call leaves one line, however it ends.",
			Unary: logging.unary, Stream: logging.stream,
		},
		{
			Name:  "metrics",
			Why:   "Like the log, and within it, so that time spent on writing lines is not counted.",
			Unary: counts.unary, Stream: counts.stream,
		},
		{
			Name:  "recovery",
			Why:   "Within log and metrics, so that they see a panic as an error like any other; around all code that may panic.",
			Unary: recoverUnary, Stream: recoverStream,
		},
		{
			Name:  "limits",
			Why:   "Before access, so that even a caller who is about to be refused cannot hold on to the server.",
			Unary: limiting.unary, Stream: limiting.stream,
		},
		{
			Name:  "access",
			Why:   "Before anything looks into a message: who may not call learns nothing about what is valid.",
			Unary: admitting.unary, Stream: admitting.stream,
		},
		{
			Name:  "validation",
			Why:   "Last: handlers get control messages that keep the rules of their contract.",
			Unary: validating.unary, Stream: validating.stream,
		},
	}}, nil
}

// Links answers the table, outermost first.
func (c *Chain) Links() []Link { return append([]Link(nil), c.links...) }

// Unary answers the whole chain as one interceptor.
func (c *Chain) Unary() grpc.UnaryServerInterceptor { return unary(c.links) }

// Stream answers the whole chain as one interceptor.
func (c *Chain) Stream() grpc.StreamServerInterceptor { return stream(c.links) }

// ServerOptions puts the chain into a gRPC server. Calls to methods that the server does not have pass the chain too, so
// that they are answered with a reason and seen in the log.
func (c *Chain) ServerOptions() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.UnaryInterceptor(c.Unary()),
		grpc.StreamInterceptor(c.Stream()),
		grpc.UnknownServiceHandler(unknownMethod),
	}
}

func (c Config) check() error {
	var faults []error
	lacks := func(missing bool, what string) {
		if missing {
			faults = append(faults, errors.New("the chain needs "+what))
		}
	}
	lacks(c.Logger == nil, "a logger")
	lacks(c.MeterProvider == nil, "a meter provider")
	lacks(c.Keyring == nil, "a keyring")
	lacks(len(c.Rules) == 0, "rules")
	lacks(c.Drain == nil, "a drain")
	lacks(c.Now == nil, "a clock")
	return errors.Join(faults...)
}
