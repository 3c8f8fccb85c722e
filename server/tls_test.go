package server_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/settings"
)

// identity is a certificate that signs itself, in two files.
type identity struct {
	cert, key string
	trusted   *x509.CertPool
	serial    int64
}

// newIdentity makes a certificate for localhost, whose serial number tells it apart.
func newIdentity(t *testing.T, serial int64) identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	id := identity{cert: filepath.Join(dir, "tls.crt"), key: filepath.Join(dir, "tls.key"), trusted: x509.NewCertPool(), serial: serial}
	id.trusted.AddCert(made)
	writePEM(t, id.cert, "CERTIFICATE", der)
	writePEM(t, id.key, "PRIVATE KEY", private)
	return id
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// by serves TLS with an identity.
func by(id identity) option {
	return func(s *settings.Settings, _ *server.Options) { s.TLSCertFile, s.TLSKeyFile = id.cert, id.key }
}

// seen answers the serial number of the certificate that a port shows to a new connection.
func seen(t *testing.T, address string) int64 {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// secure makes one client for each version of HTTP that trusts an identity.
func (id identity) secure(t *testing.T) map[string]*http.Client {
	t.Helper()
	all := map[string]*http.Client{}
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2.0": true} {
		protocols := new(http.Protocols)
		protocols.SetHTTP1(!http2)
		protocols.SetHTTP2(http2)
		transport := &http.Transport{Protocols: protocols, TLSClientConfig: &tls.Config{RootCAs: id.trusted}}
		t.Cleanup(transport.CloseIdleConnections)
		all[name] = &http.Client{Transport: transport}
	}
	return all
}

func TestBothPortsSpeakTLSAlone(t *testing.T) {
	t.Parallel()
	id := newIdentity(t, 1)
	r := start(t, by(id))
	conn, err := grpc.NewClient(r.GRPC, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: id.trusted})))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
		t.Error(err)
	}
	// The harness's own connection speaks in plain.
	if _, err := healthpb.NewHealthClient(r.conn).Check(t.Context(), &healthpb.HealthCheckRequest{}); status.Code(err) != codes.Unavailable {
		t.Errorf("plain gRPC: %v", err)
	}
	for version, client := range id.secure(t) {
		answer, err := client.Get("https://" + r.HTTP + "/v1/questionnaires")
		if err != nil {
			t.Fatal(version, err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK || answer.Proto != version || !strings.Contains(string(body), "builtin-new-online") {
			t.Errorf("%s: %s %d %.100s %v", version, answer.Proto, answer.StatusCode, body, err)
		}
	}
	for version, client := range clients(t) {
		answer, err := client.Get("http://" + r.HTTP + "/v1/questionnaires")
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusBadRequest {
				t.Errorf("plain %s: %d", version, answer.StatusCode)
			}
		}
	}
	if _, err := tls.Dial("tcp", r.HTTP, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}

// A renewed certificate needs no restart, and a renewal that is half done, or went wrong, does not take the service away.
func TestARenewedCertificateIsUsed(t *testing.T) {
	t.Parallel()
	id, next := newIdentity(t, 1), newIdentity(t, 2)
	r := start(t, by(id))
	shows := func(want int64, when string) {
		t.Helper()
		for _, address := range []string{r.GRPC, r.HTTP} {
			if got := seen(t, address); got != want {
				t.Errorf("%s, the certificate is number %d, want %d", when, got, want)
			}
		}
	}
	shows(1, "at first")
	replace(t, next.cert, id.cert)
	shows(1, "with the key still to come")
	replace(t, next.key, id.key)
	shows(2, "renewed")
	if err := os.WriteFile(id.cert, []byte("not a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	shows(2, "after a renewal that went wrong")
	if err := os.Remove(id.key); err != nil {
		t.Fatal(err)
	}
	shows(2, "after the key is gone")
}

func replace(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBadTLSFilesAreSaidAtTheStart(t *testing.T) {
	t.Parallel()
	id, other := newIdentity(t, 1), newIdentity(t, 2)
	garbage := filepath.Join(t.TempDir(), "garbage")
	if err := os.WriteFile(garbage, []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string][2]string{
		"no such file":             {filepath.Join(t.TempDir(), "none"), id.key},
		"not a certificate":        {garbage, id.key},
		"the key of another":       {id.cert, other.key},
		"certificate without key":  {id.cert, ""},
		"key without certificate":  {"", id.key},
		"the key as a certificate": {id.key, id.cert},
	} {
		t.Run(name, func(t *testing.T) {
			service, err := server.New(t.Context(), settings.Settings{
				GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", Store: newStore(t),
				TLSCertFile: files[0], TLSKeyFile: files[1],
			}, server.Options{})
			if err == nil || service != nil {
				t.Fatal("it starts")
			}
			if !strings.Contains(err.Error(), "certificate") {
				t.Errorf("it says %q", err)
			}
		})
	}
}
