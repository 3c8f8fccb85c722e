package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"

	"github.com/customer-momentum/cmi/server/chain"
	"github.com/customer-momentum/cmi/server/flight"
)

const (
	// clientPing is how often a client may ask whether the connection lives. Clients that ping more often are sent away,
	// so it is well below what client libraries do by default.
	clientPing = 10 * time.Second
	// serverPing and serverPong find clients that are gone without a word.
	serverPing = time.Minute
	serverPong = 20 * time.Second
	// greeting is how long a new connection may take until calls can be made.
	greeting = 20 * time.Second
	// maxHeaderList bounds the metadata of a call.
	maxHeaderList = 64 << 10
	// streamWorkers are goroutines that are kept for calls, which saves each of them growing a new stack. More calls at once
	// than these get goroutines of their own.
	streamWorkers = 128
	// maxStreams bounds the calls of one connection.
	maxStreams = 1000
)

func (s *Server) grpcOptions(around *chain.Chain) []grpc.ServerOption {
	options := append(around.ServerOptions(),
		grpc.MaxRecvMsgSize(s.settings.MaxMessageBytes),
		grpc.MaxHeaderListSize(maxHeaderList),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.ConnectionTimeout(greeting),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: clientPing, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: serverPing, Timeout: serverPong}),
		grpc.NumStreamWorkers(streamWorkers),
		// The default pool has nothing between 32 KiB and 1 MiB, where the chunks of a stream are: each would get, and clear, 1 MiB.
		grpc.ForceServerCodecV2(flight.Codec()),
		experimental.BufferPool(mem.NewTieredBufferPool(256, 4<<10, 16<<10, 32<<10, 64<<10, 128<<10, 256<<10, 512<<10, 1<<20)),
	)
	if s.certificate != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(s.certificate.config("h2"))))
	}
	return options
}

// listen binds both ports.
func (s *Server) listen(ctx context.Context) error {
	var config net.ListenConfig
	port, err := config.Listen(ctx, "tcp", s.settings.GRPCAddress)
	if err != nil {
		return fmt.Errorf("the gRPC port cannot be opened, choose another --grpc-address: %w", err)
	}
	s.listeners.grpc = newDoorstep(port)
	s.onClose(func(context.Context) error { return ignoreClosed(s.listeners.grpc.Close()) })
	if s.listeners.http, err = config.Listen(ctx, "tcp", s.settings.HTTPAddress); err != nil {
		return fmt.Errorf("the HTTP port cannot be opened, choose another --http-address: %w", err)
	}
	s.onClose(func(context.Context) error { return ignoreClosed(s.listeners.http.Close()) })
	if s.certificate != nil {
		s.http.TLSConfig = s.certificate.config("h2", "http/1.1")
	}
	return nil
}

// writeAddressFile says where the server listens, in one step, so that nobody reads half of it.
func (s *Server) writeAddressFile() error {
	path := s.settings.AddressFile
	if path == "" {
		return nil
	}
	body, err := json.Marshal(s.Addresses())
	if err != nil {
		return fmt.Errorf("write the address file: %w", err)
	}
	half, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write the address file: %w", err)
	}
	_, err = half.Write(append(body, '\n'))
	if closed := half.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Chmod(half.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(half.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write the address file: %w (%w)", err, os.Remove(half.Name()))
	}
	return nil
}
