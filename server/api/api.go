// Package api holds the doors of gRPC, one file a service: they take a call apart, hand it to the use case of its tenant and
// put the answer together. They check and compute nothing themselves; errors are mapped by the chain around them.
package api

import (
	"context"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/access"
	"github.com/customer-momentum/cmi/server/calibrations"
	"github.com/customer-momentum/cmi/server/catalog"
	"github.com/customer-momentum/cmi/server/customers"
	"github.com/customer-momentum/cmi/server/insight"
	"github.com/customer-momentum/cmi/server/operations"
	"github.com/customer-momentum/cmi/server/outcomes"
	"github.com/customer-momentum/cmi/server/recompute"
	"github.com/customer-momentum/cmi/server/scores"
	"github.com/customer-momentum/cmi/server/selection"
)

// Cases are the use cases behind the doors.
type Cases struct {
	Questionnaires *catalog.Catalog
	Selection      *selection.Selection
	Calibrations   *calibrations.Calibrations
	Scores         *scores.Scores
	Customers      *customers.Customers
	Outcomes       *outcomes.Outcomes
	Insight        *insight.Insight
	Reports        *insight.Runs
	Recompute      *recompute.Recompute
	Operations     *operations.Operations
}

// Register adds every service to a gRPC server or an in-process channel.
func Register(to grpc.ServiceRegistrar, on Cases, options Options) {
	cmiv1.RegisterQuestionnaireServiceServer(to, &questionnaireService{
		catalog: on.Questionnaires, selection: on.Selection, calibrations: on.Calibrations,
	})
	cmiv1.RegisterScoringServiceServer(to, &scoringService{scores: on.Scores, recompute: on.Recompute, options: options})
	cmiv1.RegisterCustomerServiceServer(to, &customerService{customers: on.Customers})
	cmiv1.RegisterOutcomeServiceServer(to, &outcomeService{outcomes: on.Outcomes})
	cmiv1.RegisterInsightServiceServer(to, &insightService{insight: on.Insight, runs: on.Reports})
	longrunningpb.RegisterOperationsServer(to, &operationsService{operations: on.Operations})
}

// Options bounds what one call may hold.
type Options struct {
	// PipelineDepth is how many chunks of one stream may be in the works at once, at least 1.
	PipelineDepth int
}

func tenant(ctx context.Context) string { return access.FromContext(ctx).Tenant }
