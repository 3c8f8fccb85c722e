// Package pgtest finds or starts the PostgreSQL that tests need.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// URL is the variable that names a PostgreSQL to use. Its user must be allowed to create schemas.
const URL = "CMI_TEST_POSTGRES_URL"

// ErrNone says that there is no PostgreSQL here.
var ErrNone = errors.New("no PostgreSQL: set " + URL + ", or install the server (package postgresql)")

// Server is a PostgreSQL on loopback.
type Server struct {
	URL string
	// PID is the process of a server that was started here; 0 for one that was found.
	PID int

	bin, dir string
	as       *syscall.Credential
	port     int
}

// Find answers the server that the environment names, or starts one of its own.
func Find(ctx context.Context) (*Server, error) {
	if found := os.Getenv(URL); found != "" {
		return &Server{URL: found}, nil
	}
	return Start(ctx)
}

// Start starts a server from the local binaries, in a folder of its own and on a port that nobody else has. It does not wait
// for the disk: what tests write need not survive the loss of power.
func Start(ctx context.Context) (_ *Server, err error) {
	bin, err := binaries(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "cmi-postgres-")
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop())
		}
	}()
	if err := s.unprivileged(); err != nil {
		return nil, err
	}
	if out, err := s.run(ctx, "initdb", "--pgdata", s.data(), "--username", "cmi", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	for range 10 {
		if s.port, err = freePort(); err != nil {
			return nil, err
		}
		if err = s.Restart(ctx); err == nil {
			s.URL = fmt.Sprintf("postgres://cmi@127.0.0.1:%d/postgres?sslmode=disable", s.port)
			return s, nil
		}
	}
	return nil, err
}

// Restart starts a server of our own that was stopped, where it was.
func (s *Server) Restart(ctx context.Context) error {
	options := fmt.Sprintf("-h 127.0.0.1 -p %d -k %s -c fsync=off -c max_connections=200 -c autovacuum_naptime=5s", s.port, s.dir)
	// The server must not hold on to our output, or whoever waits for that waits for it.
	if out, err := s.run(ctx, "pg_ctl", "--pgdata", s.data(), "--log", filepath.Join(s.dir, "log"), "--wait", "--silent", "--options", options, "start"); err != nil {
		return fmt.Errorf("start PostgreSQL: %w\n%s", err, out)
	}
	pid, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(pid), "\n")
	s.PID, err = strconv.Atoi(first)
	return err
}

// Halt stops a server of our own, so that Restart may start it again. immediate is how it would be after a crash.
func (s *Server) Halt(ctx context.Context, immediate bool) error {
	mode := "fast"
	if immediate {
		mode = "immediate"
	}
	if out, err := s.run(ctx, "pg_ctl", "--pgdata", s.data(), "--mode", mode, "--wait", "--silent", "stop"); err != nil {
		return fmt.Errorf("stop PostgreSQL: %w\n%s", err, out)
	}
	s.PID = 0
	return nil
}

// Stop stops a server of our own and removes its folder.
func (s *Server) Stop() error {
	if s.dir == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var err error
	if s.PID != 0 {
		err = s.Halt(ctx, true)
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// With is the URL with one more parameter.
func (s *Server) With(name, value string) string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return s.URL + " " + name + "=" + value
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) run(ctx context.Context, program string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, filepath.Join(s.bin, program), args...) //nolint:gosec // PostgreSQL's own programs
	c.Dir = "/"                                                           // that user may have no way into ours
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	out, err := os.CreateTemp("", "cmi-postgres-out-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.Remove(out.Name()) }()
	defer out.Close()
	c.Stdout, c.Stderr = out, out
	err = c.Run()
	text, _ := os.ReadFile(out.Name())
	return string(text), err
}

// unprivileged has the server run as another user where we are root, which it refuses to run as.
func (s *Server) unprivileged() error {
	if os.Geteuid() != 0 {
		return nil
	}
	name, err := user.Lookup("postgres")
	if err != nil {
		name, err = user.Lookup("nobody")
	}
	if err != nil {
		return err
	}
	uid, err := strconv.ParseUint(name.Uid, 10, 32)
	if err != nil {
		return err
	}
	gid, err := strconv.ParseUint(name.Gid, 10, 32)
	if err != nil {
		return err
	}
	s.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(s.dir, int(uid), int(gid))
}

// binaries is the folder of the server's programs.
func binaries(ctx context.Context) (string, error) {
	var folders []string
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(out)))
	}
	installed, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.Reverse(installed)
	for _, folder := range append(folders, installed...) {
		if _, err := os.Stat(filepath.Join(folder, "initdb")); err == nil {
			return folder, nil
		}
	}
	return "", ErrNone
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
