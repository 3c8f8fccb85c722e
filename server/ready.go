package server

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/chain"
	"github.com/customer-momentum/cmi/server/fault"
)

const (
	// pingEvery is how often the store is asked, and so how long after a failure health says so at the latest.
	pingEvery = time.Second
	// pingTimeout is how long the store has to answer before it counts as gone.
	pingTimeout = 2 * time.Second
)

// pinger is the store as readiness sees it.
type pinger interface{ Ping(context.Context) error }

// readiness says whether calls are welcome: they are while the store answers and the server is not about to end. It is asked
// by HTTP and pushed to gRPC's health service.
type readiness struct {
	store    pinger
	log      *slog.Logger
	checks   *health.Server
	services []string
	// down says that the last ping failed; only changes are logged.
	down atomic.Bool
	// left says that the service is about to end.
	left atomic.Bool
}

func newReadiness(store pinger, log *slog.Logger) *readiness {
	return &readiness{store: store, log: log}
}

// tell names the health service to push to, and the services to speak for.
func (r *readiness) tell(checks *health.Server, services map[string]grpc.ServiceInfo) {
	r.checks = checks
	r.services = []string{""} // the whole server
	for name := range services {
		r.services = append(r.services, name)
	}
	r.push(healthpb.HealthCheckResponse_NOT_SERVING)
}

// check answers nil when calls are welcome.
func (r *readiness) check(ctx context.Context) error {
	if r.left.Load() {
		return fault.New(cmiv1.ErrorReason_SERVER_DRAINING, "The server is shutting down.")
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if err := r.store.Ping(ctx); err != nil {
		return fault.New(cmiv1.ErrorReason_STORE_UNAVAILABLE, "The store does not answer.").Because(err)
	}
	return nil
}

// watch keeps gRPC's health up to date until ctx ends.
func (r *readiness) watch(ctx context.Context) {
	ticks := time.NewTicker(pingEvery)
	defer ticks.Stop()
	for {
		r.refresh(ctx)
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
	}
}

func (r *readiness) refresh(ctx context.Context) {
	err := r.check(ctx)
	if ctx.Err() != nil || r.left.Load() {
		return
	}
	if err != nil {
		if !r.down.Swap(true) {
			r.log.ErrorContext(ctx, "not ready", "error", err)
		}
		r.push(healthpb.HealthCheckResponse_NOT_SERVING)
		return
	}
	if r.down.Swap(false) {
		r.log.InfoContext(ctx, "ready again")
	}
	r.push(healthpb.HealthCheckResponse_SERVING)
}

func (r *readiness) push(status healthpb.HealthCheckResponse_ServingStatus) {
	for _, service := range r.services {
		r.checks.SetServingStatus(service, status)
	}
}

// leave says for good that calls are no longer welcome.
func (r *readiness) leave() {
	r.left.Store(true)
	r.checks.Shutdown()
}

// healthService is gRPC's, with a last word: whoever watches the health when a drain ends the stream hears before that that
// the service is not serving any more.
type healthService struct {
	*health.Server
	drain *chain.Drain
}

// Watch tells the health whenever it changes.
func (s *healthService) Watch(r *healthpb.HealthCheckRequest, stream grpc.ServerStreamingServer[healthpb.HealthCheckResponse]) error {
	said := &lastSaid{ServerStreamingServer: stream}
	err := s.Server.Watch(r, said)
	if s.drain.Started() && said.status == healthpb.HealthCheckResponse_SERVING {
		// The stream ends either way; the client may have gone.
		_ = stream.Send(&healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_NOT_SERVING})
	}
	return err
}

// lastSaid remembers what was said last on a stream.
type lastSaid struct {
	grpc.ServerStreamingServer[healthpb.HealthCheckResponse]
	status healthpb.HealthCheckResponse_ServingStatus
}

// Send sends and remembers.
func (s *lastSaid) Send(m *healthpb.HealthCheckResponse) error {
	s.status = m.GetStatus()
	return s.ServerStreamingServer.Send(m)
}
