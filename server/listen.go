package server

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"github.com/customer-momentum/cmi/server/chain"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/sqlite"
)

const (
	// clientPing is how often a client may ask whether the connection lives. Clients that ping more often are sent away,
	// so it is well below what client libraries do by default.
	clientPing = 10 * time.Second
	// serverPing and serverPong find clients that are gone without a word.
	serverPing = time.Minute
	serverPong = 20 * time.Second
	// maxHeaderList bounds the metadata of a call.
	maxHeaderList = 64 << 10
	// maxStreams bounds the calls of one connection.
	maxStreams = 1000
)

// openStore opens the store that the URL names.
func openStore(ctx context.Context, url string) (store.Store, error) {
	scheme, rest, ok := strings.Cut(url, ":")
	if !ok || scheme != "sqlite" || rest == "" {
		return nil, fmt.Errorf("store %q: this service keeps its data in SQLite; say sqlite:FILE, such as sqlite:cmi.db", url)
	}
	return sqlite.Open(ctx, rest)
}

func (s *Server) grpcOptions(around *chain.Chain) ([]grpc.ServerOption, error) {
	options := append(around.ServerOptions(),
		grpc.StatsHandler(s.telemetry.ServerStatsHandler()),
		grpc.MaxRecvMsgSize(s.settings.MaxMessageBytes),
		grpc.MaxHeaderListSize(maxHeaderList),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: clientPing, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: serverPing, Timeout: serverPong}),
		// Kept goroutines save growing a new stack for every call.
		grpc.NumStreamWorkers(uint32(runtime.GOMAXPROCS(0))),
	)
	if s.settings.TLSCertFile == "" {
		return options, nil
	}
	config, err := s.tlsConfig("h2")
	if err != nil {
		return nil, err
	}
	return append(options, grpc.Creds(credentials.NewTLS(config))), nil
}

// tlsConfig reads the certificate anew for every new connection, so that a renewed one needs no restart. It is read once
// here, so that a bad file is said at the start.
func (s *Server) tlsConfig(protocols ...string) (*tls.Config, error) {
	load := func() (*tls.Certificate, error) {
		certificate, err := tls.LoadX509KeyPair(s.settings.TLSCertFile, s.settings.TLSKeyFile)
		if err != nil {
			return nil, fmt.Errorf("the TLS certificate or key cannot be used: %w", err)
		}
		return &certificate, nil
	}
	if _, err := load(); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     protocols,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return load() },
	}, nil
}

// listen binds both ports.
func (s *Server) listen(ctx context.Context) error {
	var config net.ListenConfig
	var err error
	if s.listeners.grpc, err = config.Listen(ctx, "tcp", s.settings.GRPCAddress); err != nil {
		return fmt.Errorf("the gRPC port cannot be opened, choose another --grpc-address: %w", err)
	}
	s.onClose(func(context.Context) error { return ignoreClosed(s.listeners.grpc.Close()) })
	if s.listeners.http, err = config.Listen(ctx, "tcp", s.settings.HTTPAddress); err != nil {
		return fmt.Errorf("the HTTP port cannot be opened, choose another --http-address: %w", err)
	}
	s.onClose(func(context.Context) error { return ignoreClosed(s.listeners.http.Close()) })
	if s.settings.TLSCertFile == "" {
		return nil
	}
	if s.http.TLSConfig, err = s.tlsConfig("h2", "http/1.1"); err != nil {
		return err
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
		err = os.Chmod(half.Name(), 0o644) //nolint:gosec // it is there to be read
	}
	if err == nil {
		err = os.Rename(half.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write the address file: %w (%w)", err, os.Remove(half.Name()))
	}
	return nil
}
