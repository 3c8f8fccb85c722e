package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"sync"
)

// certificate is the one that the settings name. It is read anew for every new connection, so that a renewed one needs no
// restart. While its files cannot be used (one is replaced before the other, or the renewal went wrong) the last good one
// serves on: a service does not go away for that.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu   sync.Mutex
	good *tls.Certificate
	// bad says that the files could not be used the last time; only changes are logged.
	bad bool
}

// openCertificate reads the certificate for the first time, so that bad files are said at the start.
func openCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	good, err := c.read()
	if err != nil {
		return nil, err
	}
	c.good = good
	return c, nil
}

// config answers a configuration with this certificate.
func (c *certificate) config(protocols ...string) *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     protocols,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.latest(), nil },
	}
}

func (c *certificate) latest() *tls.Certificate {
	fresh, err := c.read()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil:
		c.good, c.bad = fresh, false
	case !c.bad:
		c.bad = true
		c.log.Error("the last good TLS certificate serves on", "error", err)
	}
	return c.good
}

func (c *certificate) read() (*tls.Certificate, error) {
	read, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return nil, fmt.Errorf("the TLS certificate or key cannot be used: %w", err)
	}
	return &read, nil
}
