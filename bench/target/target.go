// Package target starts what is measured, each in a process of its own: the service, parts of it, and what it is compared
// with.
package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"google.golang.org/grpc"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/api"
	"github.com/customer-momentum/cmi/server/catalog"
	"github.com/customer-momentum/cmi/server/questionnaire"
	"github.com/customer-momentum/cmi/server/scores"
	"github.com/customer-momentum/cmi/server/settings"
)

// The kinds of targets.
const (
	// Fixed answers a prepared score, behind no interceptor.
	Fixed = "fixed"
	// Bare is the service's own handler behind no interceptor. Without the chain there is no caller and so no tenant; built-in
	// questionnaires belong to none, so a dry run by one works.
	Bare = "bare"
	// Whole is the whole service: keys, limits, validation, log, metrics, tracing at 1 %, store.
	Whole = "whole"
	// Bulk and BulkBare insert rows into SQLite, with the store's indexes and without any.
	Bulk     = "bulk"
	BulkBare = "bulk-bare"
	// WholePostgres is the whole service on PostgreSQL; Copy and CopyBare write rows into PostgreSQL, with the store's indexes and
	// without any.
	WholePostgres = "whole-postgres"
	Copy          = "copy"
	CopyBare      = "copy-bare"
)

// Place is where targets keep what they keep.
type Place struct {
	// Dir is a folder of the target's own.
	Dir string
	// Postgres is the URL of a PostgreSQL, in which the target makes a schema of its own; empty where there is none.
	Postgres string
}

// Target is one that runs.
type Target struct {
	// GRPC and HTTP are where it listens; empty where it does not.
	GRPC, HTTP string
	// Key opens it.
	Key string
	// Insert inserts rows; nil where the target is a server.
	Insert func(ctx context.Context, rows int) error `json:"-"`
	// Close ends it.
	Close func() error `json:"-"`
}

// Start starts a target of a kind.
func Start(ctx context.Context, kind string, at Place) (*Target, error) {
	switch kind {
	case Fixed:
		service, err := newFixed()
		if err != nil {
			return nil, err
		}
		return serve(ctx, func(to grpc.ServiceRegistrar) { cmiv1.RegisterScoringServiceServer(to, service) })
	case Bare:
		questionnaires, err := catalog.New(nil, questionnaire.Builtin(), time.Now)
		if err != nil {
			return nil, err
		}
		scoring := scores.New(scores.Config{Scorers: questionnaires, Certainty: uncertain{}, Recorded: func() {}, Now: time.Now})
		depth := settings.Settings{}.WithDefaults().StreamPipelineDepth
		return serve(ctx, func(to grpc.ServiceRegistrar) {
			api.Register(to, api.Cases{Questionnaires: questionnaires, Scores: scoring}, api.Options{PipelineDepth: depth})
		})
	case Whole:
		return startWhole(ctx, "sqlite:"+filepath.Join(at.Dir, "cmi.db"))
	case WholePostgres:
		return startOnPostgres(ctx, at.Postgres)
	case Bulk, BulkBare:
		return startBulk(ctx, at.Dir, kind == Bulk)
	case Copy, CopyBare:
		return startCopy(ctx, at.Postgres, kind == Copy)
	default:
		return nil, fmt.Errorf("there is no target %q", kind)
	}
}

// uncertain knows of no calibration: there is no store.
type uncertain struct{}

// Calibration answers none.
func (uncertain) Calibration(context.Context, string, string, int32, time.Time) (*cmiv1.Calibration, error) {
	return nil, nil
}

// serve serves with a plain gRPC server.
func serve(ctx context.Context, register func(grpc.ServiceRegistrar)) (*Target, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := grpc.NewServer()
	register(server)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	return &Target{GRPC: listener.Addr().String(), Close: func() error {
		server.Stop()
		if err := <-ended; !errors.Is(err, grpc.ErrServerStopped) {
			return err
		}
		return nil
	}}, nil
}
