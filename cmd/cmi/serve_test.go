package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestServeAnswersHealthAndEndsOnSIGTERM(t *testing.T) {
	t.Parallel()
	s := serve(t)
	r := cmi(t, "", "health", "--address", s.GRPC)
	r.expect(t, exitOK)
	says(t, r.out, "SERVING")
	r = cmi(t, "", "questionnaire", "list", "--server", s.GRPC)
	r.expect(t, exitOK)
	says(t, r.out, "builtin-new-online")
	r = cmi(t, "", "questionnaire", "show", "builtin-new-online", "--server", s.GRPC)
	r.expect(t, exitOK)
	says(t, r.out, "questionnaireId: builtin-new-online")
	r = cmi(t, "", "questionnaire", "show", "nobody", "--server", s.GRPC)
	r.expect(t, exitNo)
	r.sentence(t, `"nobody"`)
	if code := s.end(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("after SIGTERM it exits with %d, want 0:\n%s", code, s.said)
	}
	r = cmi(t, "", "health", "--address", s.GRPC)
	r.expect(t, exitNo)
	r.sentence(t, s.GRPC, "cmi serve")
}

func TestServeEndsOnInterrupt(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if code := s.end(t, os.Interrupt); code != exitOK {
		t.Errorf("after SIGINT it exits with %d, want 0:\n%s", code, s.said)
	}
}

// TestSecondSignalEndsAtOnce holds the drain up with a call that never sends its body, and asks twice.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	s := serve(t, "--shutdown-timeout", "1h")
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.HTTP)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	head := "POST /v1/scores HTTP/1.1\r\nHost: " + s.HTTP + "\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
	if _, err := conn.Write([]byte(head)); err != nil {
		t.Fatal(err)
	}
	// The service asks for the body once the call is in flight.
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for cmi(t, "", "health", "--address", s.GRPC).code == exitOK {
		time.Sleep(10 * time.Millisecond)
	}
	s.end(t, syscall.SIGTERM)
	if state, ok := s.process.ProcessState.Sys().(syscall.WaitStatus); !ok || !state.Signaled() || state.Signal() != syscall.SIGTERM {
		t.Errorf("the second SIGTERM did not end it: %s", s.process.ProcessState)
	}
}

func TestServeSpeaksTLS(t *testing.T) {
	t.Parallel()
	certificate, key := selfSigned(t)
	s := serve(t, "--tls-cert-file", certificate, "--tls-key-file", key)
	cmi(t, "", "health", "--address", s.GRPC, "--ca", certificate).expect(t, exitOK)
	r := cmi(t, "", "health", "--address", s.GRPC, "--tls")
	r.expect(t, exitNo)
	r.sentence(t, "unknown authority")
	r = cmi(t, "", "health", "--address", s.GRPC)
	r.expect(t, exitNo)
	r.sentence(t, "TLS flags")
	r = cmi(t, "", "health", "--address", s.GRPC, "--server-name", "localhost")
	r.expect(t, exitNo)
	r.sentence(t, "--tls")
}

// selfSigned makes a certificate for 127.0.0.1 that is its own authority, and answers the files.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	certificate, key = filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	write(t, certificate, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	return certificate, key
}

func TestServeWithoutKeysStaysOnLoopback(t *testing.T) {
	t.Parallel()
	r := cmi(t, "", "serve", "--grpc-address", "0.0.0.0:0", "--http-address", "127.0.0.1:0",
		"--store", "sqlite:"+filepath.Join(t.TempDir(), "cmi.db"))
	r.expect(t, exitNo)
	r.sentence(t, "0.0.0.0:0", "cmi keys new")
}

// TestNewKeyOpensTheService takes what `keys new` prints at its word: the entry goes into the settings file, the key opens.
func TestNewKeyOpensTheService(t *testing.T) {
	t.Parallel()
	r := cmi(t, "", "keys", "new", "--id", "ana.lyst", "--tenant", "acme", "--scopes", "read", "--not-after", "2099-01-01T00:00:00Z")
	r.expect(t, exitOK)
	at := strings.Index(r.out, "keys:\n")
	if at < 0 {
		t.Fatalf("there is no entry in\n%s", r.out)
	}
	key := ""
	for line := range strings.Lines(r.out[:at]) {
		if word := strings.TrimSpace(line); strings.HasPrefix(word, "ana.lyst.") {
			key = word
		}
	}
	file := filepath.Join(t.TempDir(), "settings.yaml")
	write(t, file, r.out[at:])
	s := serve(t, "--config", file)
	cmi(t, "", "health", "--address", s.GRPC).expect(t, exitOK)
	cmi(t, "", "questionnaire", "list", "--server", s.GRPC, "--key", key).expect(t, exitOK)
	r = cmi(t, "", "questionnaire", "list", "--server", s.GRPC)
	r.expect(t, exitNo)
	r.sentence(t, "--key")
	r = cmi(t, "", "questionnaire", "list", "--server", s.GRPC, "--key", key+"x")
	r.expect(t, exitNo)
	r.sentence(t, "key")
	s.end(t, syscall.SIGTERM)
	if strings.Contains(s.said.String(), key) {
		t.Error("the log holds the key")
	}
}

// TestServeNamesEveryFaultOfItsSettings at once, and does not start.
func TestServeNamesEveryFaultOfItsSettings(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "settings.yaml")
	write(t, file, "grpc-addr: 127.0.0.1:0\nshutdown-timeout: soon\n")
	r := cmi(t, "", "serve", "--config", file)
	r.expect(t, exitUsage)
	says(t, r.err, "settings.yaml:1", "grpc-addr", "settings.yaml:2", "shutdown-timeout", "cmi serve --help")
	r = cmi(t, "", "serve", "--grpc-address", "nowhere", "--log-level", "loud")
	r.expect(t, exitUsage)
	says(t, r.err, "log-level")
}

func TestNewKeyRefusesWhatOpensNothing(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--id", "no spaces"}, {"--tenant", ""}, {"--scopes", "everything"}} {
		r := cmi(t, "", append([]string{"keys", "new"}, args...)...)
		r.expect(t, exitNo)
		r.sentence(t)
		if r.out != "" {
			t.Errorf("refused, and yet there is %q", r.out)
		}
	}
}
