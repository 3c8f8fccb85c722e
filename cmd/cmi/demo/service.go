package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/settings"
)

// service is the real service at work on a store of its own.
type service struct {
	addresses server.Addresses
	conn      *grpc.ClientConn
	folder    string
	shutdown  context.CancelFunc
	// ended closes when the service no longer serves; err then says why.
	ended chan struct{}
	err   error
}

// start starts a service on an embedded store in a temporary folder. What it logs below a warning is not shown.
func start(ctx context.Context, o Options, logs *slog.Logger) (*service, error) {
	folder, err := os.MkdirTemp("", "cmi-demo-")
	if err != nil {
		return nil, fmt.Errorf("there is no room for a temporary store: %w", err)
	}
	s := &service{folder: folder, ended: make(chan struct{})}
	if err := s.open(ctx, o, logs); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return s, nil
}

func (s *service) open(ctx context.Context, o Options, logs *slog.Logger) error {
	running, err := server.New(ctx, settings.Settings{
		GRPCAddress: o.GRPCAddress, HTTPAddress: o.HTTPAddress, Store: "sqlite:" + filepath.Join(s.folder, "demo.db"),
	}, server.Options{Version: o.Version, Logger: logs, Now: o.Now})
	if err != nil {
		return err
	}
	s.addresses = running.Addresses()
	// The service outlives ctx by the time that it takes to stop in good order.
	serving, shutdown := context.WithCancel(context.WithoutCancel(ctx))
	s.shutdown = shutdown
	go func() {
		defer close(s.ended)
		s.err = running.Serve(serving)
	}()
	s.conn, err = grpc.NewClient(s.addresses.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	if err != nil {
		shutdown()
		<-s.ended
		return fmt.Errorf("the service cannot be reached at %s: %w", s.addresses.GRPC, err)
	}
	return nil
}

// during answers a context that ends with ctx, and when the service does.
func (s *service) during(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, release := context.WithCancel(ctx)
	go func() {
		select {
		case <-s.ended:
			release()
		case <-ctx.Done():
		}
	}()
	return ctx, release
}

// over tells whether the service has ended by itself.
func (s *service) over() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// stop ends the service in good order and removes its store.
func (s *service) stop() error {
	closed := s.conn.Close()
	s.shutdown()
	<-s.ended
	return errors.Join(s.err, closed, os.RemoveAll(s.folder))
}
