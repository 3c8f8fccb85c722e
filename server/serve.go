package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc"
)

const (
	// drainRetry is when clients that are sent away may come back.
	drainRetry = time.Second
	// closeTimeout bounds what comes after the last call: closing the store, sending the last spans.
	closeTimeout = 10 * time.Second
)

// Serve serves until ctx ends, then ends in good order: health goes first, then, after the shutdown delay and within the
// shutdown timeout, streams answer what they took and are told to come back, and calls in flight finish. It answers nil when
// all of that went well. A server serves once.
func (s *Server) Serve(ctx context.Context) error {
	// The first fault of a port ends the other one too.
	serving, stop := context.WithCancel(ctx)
	defer stop()
	faults := make(chan error, 2)
	var running sync.WaitGroup
	serve := func(name string, run func() error) {
		running.Go(func() {
			defer stop()
			if err := run(); err != nil && !errors.Is(err, grpc.ErrServerStopped) && !errors.Is(err, http.ErrServerClosed) {
				faults <- fmt.Errorf("%s: %w", name, err)
			}
		})
	}
	serve("serve gRPC", func() error { return s.grpc.Serve(s.listeners.grpc) })
	serve("serve HTTP", func() error {
		if s.certificate != nil {
			return s.http.ServeTLS(s.listeners.http, "", "")
		}
		return s.http.Serve(s.listeners.http)
	})
	running.Go(func() { s.ready.watch(serving) })

	addresses := s.Addresses()
	s.log.InfoContext(ctx, "serving", "grpc", addresses.GRPC, "http", addresses.HTTP, "tls", s.certificate != nil, "keys", len(s.settings.Keys))
	err := s.writeAddressFile()
	if err == nil {
		<-serving.Done()
	}
	err = errors.Join(err, s.shutdown(context.WithoutCancel(ctx), ctx.Err() != nil))
	running.Wait()
	close(faults)
	for fault := range faults {
		err = errors.Join(err, fault)
	}
	s.log.InfoContext(ctx, "stopped")
	return err
}

// shutdown ends both ports within the shutdown timeout, whatever their clients do, then frees everything. Where it was asked
// for, and is not the end of a port that failed, readiness goes a while before the ports do.
func (s *Server) shutdown(ctx context.Context, asked bool) error {
	s.ready.leave()
	if delay := s.settings.ShutdownDelay; asked && delay > 0 {
		s.log.InfoContext(ctx, "not ready any more, and still serving", "for", delay)
		time.Sleep(delay)
	}
	s.log.InfoContext(ctx, "draining", "timeout", s.settings.ShutdownTimeout)
	s.drain.Start()

	bounded, cancel := context.WithTimeout(ctx, s.settings.ShutdownTimeout)
	defer cancel()
	var ports sync.WaitGroup
	ports.Go(func() { s.stopGRPC(bounded) })
	ports.Go(func() { s.stopHTTP(bounded) })
	ports.Wait()

	closing, cancelClosing := context.WithTimeout(ctx, closeTimeout)
	defer cancelClosing()
	if err := s.attendance.wait(closing); err != nil {
		s.log.WarnContext(ctx, "HTTP calls that were cut off still run", "error", err)
	}
	return s.close(closing)
}

// stopGRPC lets calls finish while there is time; GracefulStop alone would wait for an idle stream forever, and even Stop
// waits for connections that have not said what they want.
func (s *Server) stopGRPC(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.grpc.GracefulStop()
	}()
	select {
	case <-done:
	case <-ctx.Done():
		s.log.WarnContext(ctx, "gRPC calls cut off: the shutdown timeout is over")
		s.listeners.grpc.clear()
		s.grpc.Stop()
		<-done
	}
}

func (s *Server) stopHTTP(ctx context.Context) {
	if err := s.http.Shutdown(ctx); err != nil {
		s.log.WarnContext(ctx, "HTTP calls cut off: the shutdown timeout is over", "error", err)
		if err := s.http.Close(); err != nil {
			s.log.WarnContext(ctx, "close HTTP", "error", err)
		}
	}
}

// ignoreClosed forgives closing what Serve closed already.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
