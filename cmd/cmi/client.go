package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// connection is how a command reaches a running service.
type connection struct {
	TLS        bool          `name:"tls" help:"Speak TLS and trust the certificate authorities of this machine."`
	CA         string        `name:"ca" placeholder:"FILE" type:"existingfile" help:"Speak TLS and trust the certificate authorities in this PEM file."`
	ServerName string        `placeholder:"NAME" help:"Expect this name in the service's certificate. Default: the host of the address."`
	Timeout    time.Duration `default:"${timeout}" help:"Wait this long for an answer."`
}

// apiKey is the key that calls carry.
type apiKey struct {
	Key string `env:"CMI_KEY" placeholder:"KEY" help:"Send this API key. Without TLS it travels in the clear."`
}

// dial prepares a connection to address; it is made by the first call.
func (c connection) dial(address, key string) (*grpc.ClientConn, error) {
	secure, err := c.credentials()
	if err != nil {
		return nil, err
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(secure), grpc.WithUserAgent("cmi/" + version())}
	if key != "" {
		options = append(options, grpc.WithPerRPCCredentials(bearer(key)))
	}
	conn, err := grpc.NewClient(address, options...)
	if err != nil {
		return nil, fmt.Errorf("%q is not an address; host:port is one", address)
	}
	return conn, nil
}

func (c connection) credentials() (credentials.TransportCredentials, error) {
	if !c.TLS && c.CA == "" {
		if c.ServerName != "" {
			return nil, errors.New("--server-name needs --tls or --ca")
		}
		return insecure.NewCredentials(), nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.ServerName}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, fmt.Errorf("the certificate authorities cannot be read: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate in PEM form", c.CA)
		}
	}
	return credentials.NewTLS(config), nil
}

// bearer sends a key with every call.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity answers no: whether a key may travel in the clear is for its owner to say.
func (bearer) RequireTransportSecurity() bool { return false }

// failed turns the error of a call into a sentence that says what to do.
func failed(err error, address string) error {
	s := status.Convert(err)
	switch s.Code() {
	case codes.Unavailable:
		return fmt.Errorf("no service answers at %s (%s); start one with \"cmi serve\", or check the address and the TLS flags", address, innermost(s.Message()))
	case codes.DeadlineExceeded:
		return fmt.Errorf("the service at %s did not answer in time; try again, or allow more with --timeout", address)
	case codes.Unauthenticated:
		return fmt.Errorf("%s; give a key with --key or CMI_KEY", strings.TrimSuffix(s.Message(), "."))
	}
	for _, detail := range s.Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok && len(bad.GetFieldViolations()) == 1 {
			return errors.New(bad.GetFieldViolations()[0].GetDescription())
		}
	}
	return errors.New(s.Message())
}

// innermost gives the end of a chain of reasons, where what happened stands.
func innermost(message string) string {
	if i := strings.LastIndex(message, ": "); i >= 0 {
		message = message[i+2:]
	}
	return strings.Trim(message, `"`)
}
