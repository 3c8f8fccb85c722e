package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// buildCommand builds `cmi` from this checkout.
func buildCommand(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "cmi")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/cmi") //nolint:gosec // only the folder is not constant
	build.Dir, build.Stderr = "../..", os.Stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("build cmi: %w", err)
	}
	return binary, nil
}

// service is `cmi serve` as a process of its own, and a client of it.
type service struct {
	command    *exec.Cmd
	said       *bytes.Buffer
	ended      chan error
	conn       *grpc.ClientConn
	insight    cmiv1.InsightServiceClient
	operations longrunningpb.OperationsClient
}

// serve starts the service on a store, on loopback and without keys.
func serve(ctx context.Context, binary, store string) (_ *service, err error) {
	dir, err := os.MkdirTemp(filepath.Dir(binary), "serve-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	at := filepath.Join(dir, "addresses.json")
	//nolint:gosec // our own command
	command := exec.CommandContext(ctx, binary, "serve", "--store", store, "--grpc-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0",
		"--address-file", at, "--max-deadline", "1h", "--log-level", "warn")
	s := &service{command: command, said: &bytes.Buffer{}, ended: make(chan error, 1)}
	command.Stderr = s.said
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	if err := command.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- command.Wait() }()
	address, err := s.address(at)
	if err != nil {
		return nil, err
	}
	if s.conn, err = grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	s.insight, s.operations = cmiv1.NewInsightServiceClient(s.conn), longrunningpb.NewOperationsClient(s.conn)
	return s, nil
}

// address waits until the service says where it listens, or ends.
func (s *service) address(file string) (string, error) {
	for {
		if body, err := os.ReadFile(file); err == nil {
			var at struct{ GRPC string }
			err := json.Unmarshal(body, &at)
			return at.GRPC, err
		}
		select {
		case err := <-s.ended:
			return "", fmt.Errorf("cmi serve ended: %w: %s", err, s.said)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// stop ends the service in good order.
func (s *service) stop() error {
	var err error
	if s.conn != nil {
		err = s.conn.Close()
	}
	err = errors.Join(err, s.command.Process.Signal(syscall.SIGTERM))
	if ended := <-s.ended; ended != nil {
		err = errors.Join(err, fmt.Errorf("cmi serve: %w: %s", ended, s.said))
	}
	return err
}

// peak is the most memory that the service had since it started, in bytes.
func (s *service) peak() (float64, error) { return peakOf(strconv.Itoa(s.command.Process.Pid)) }

// peakOf reads the most resident memory of a process. What the system counts for children at their end begins with that of
// the parent, and would say nothing of them.
func peakOf(process string) (float64, error) {
	text, err := os.ReadFile("/proc/" + process + "/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			kilobytes, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kilobytes * 1024, err
		}
	}
	return 0, errors.New("the system does not tell the most memory of a process")
}

// prepare has the service set the store up: the questionnaire, the first customer and the first score.
func (s *service) prepare(ctx context.Context, people *population) error {
	to := cmiv1.NewQuestionnaireServiceClient(s.conn)
	if _, err := to.CreateQuestionnaire(ctx, &cmiv1.CreateQuestionnaireRequest{Questionnaire: survey()}); err != nil {
		return err
	}
	if _, err := to.PublishQuestionnaire(ctx, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: questionnaireID}); err != nil {
		return err
	}
	first, wave := people.at(0)
	one := people.profile(first)
	one.CreatedAt = nil
	if _, err := cmiv1.NewCustomerServiceClient(s.conn).PutCustomer(ctx, &cmiv1.PutCustomerRequest{Customer: one}); err != nil {
		return err
	}
	_, err := cmiv1.NewScoringServiceClient(s.conn).ScoreCustomer(ctx, &cmiv1.ScoreCustomerRequest{QuestionnaireId: questionnaireID, Response: answered(first, wave)})
	return err
}

// settle waits until every standing is computed, so that nobody else is at work when reports are measured.
func (s *service) settle(ctx context.Context) error {
	for {
		page, err := cmiv1.NewCustomerServiceClient(s.conn).ListCustomers(ctx, &cmiv1.ListCustomersRequest{PageSize: 1})
		if err != nil && status.Code(err) != codes.Unavailable {
			return err
		}
		if err == nil && page.GetPending() == 0 {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
}
