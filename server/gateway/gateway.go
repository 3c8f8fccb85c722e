// Package gateway is the HTTP door: the same calls as by gRPC, as JSON. It calls the services in process, behind the same
// interceptors, and adds what HTTP needs: routes, strict JSON and query parameters, bounds, checks of Host and Origin, errors
// as google.rpc.Status with the mapped status code, one stream of JSON lines, health, and the OpenAPI document with a page to
// try it.
//
// Nothing is compressed: answers are small or streamed, and a proxy in front can do it. A body in a content coding is refused
// rather than unpacked, since its unpacked size is not bounded by anything the client declared.
package gateway

import (
	"context"
	"net/http"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	longrunninggw "github.com/customer-momentum/cmi/gen/google/longrunning"
)

// service is what of a generated service the gateway needs.
type service struct {
	descriptor protoreflect.ServiceDescriptor
	register   func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error
	// bindings are those that the contract does not state, by method.
	bindings map[protoreflect.Name]*annotations.HttpRule
}

// services lists every service with HTTP routes.
func services() []service {
	return []service{
		{
			descriptor: cmiv1.File_cmi_v1_questionnaire_service_proto.Services().ByName("QuestionnaireService"),
			register: func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
				return cmiv1.RegisterQuestionnaireServiceHandlerClient(ctx, mux, cmiv1.NewQuestionnaireServiceClient(conn))
			},
		},
		{
			descriptor: cmiv1.File_cmi_v1_scoring_service_proto.Services().ByName("ScoringService"),
			register: func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
				return cmiv1.RegisterScoringServiceHandlerClient(ctx, mux, cmiv1.NewScoringServiceClient(conn))
			},
		},
		{
			descriptor: cmiv1.File_cmi_v1_customer_service_proto.Services().ByName("CustomerService"),
			register: func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
				return cmiv1.RegisterCustomerServiceHandlerClient(ctx, mux, cmiv1.NewCustomerServiceClient(conn))
			},
		},
		{
			descriptor: cmiv1.File_cmi_v1_outcome_service_proto.Services().ByName("OutcomeService"),
			register: func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
				return cmiv1.RegisterOutcomeServiceHandlerClient(ctx, mux, cmiv1.NewOutcomeServiceClient(conn))
			},
		},
		{
			descriptor: cmiv1.File_cmi_v1_insight_service_proto.Services().ByName("InsightService"),
			register: func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
				return cmiv1.RegisterInsightServiceHandlerClient(ctx, mux, cmiv1.NewInsightServiceClient(conn))
			},
		},
		{
			descriptor: longrunningpb.File_google_longrunning_operations_proto.Services().ByName("Operations"),
			register: func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
				return longrunninggw.RegisterOperationsHandlerClient(ctx, mux, longrunningpb.NewOperationsClient(conn))
			},
			// proto/gen/wait.yaml says the same to the generators.
			bindings: map[protoreflect.Name]*annotations.HttpRule{
				"WaitOperation": {Pattern: &annotations.HttpRule_Post{Post: "/v1/{name=operations/*}:wait"}, Body: "*"},
			},
		},
	}
}

// New makes the handler of everything that is served over HTTP. It starts nothing and holds nothing open: whatever a request
// needs ends with the request.
func New(opts Options) (http.Handler, error) {
	opts, err := opts.complete()
	if err != nil {
		return nil, err
	}
	observer, err := newObserver(opts)
	if err != nil {
		return nil, err
	}
	refusals := refusals{log: opts.Logger}
	d := &door{
		log:      opts.Logger,
		refusals: refusals,
		hosts:    newHosts(opts),
		origins:  newOrigins(opts.CORSOrigins),
		observer: observer,
		bodies:   newBodies(opts.MaxBodyBytes),
	}
	if d.routes, err = newRoutes(refusals, opts.Conn); err != nil {
		return nil, err
	}
	if d.pages, err = newPages(opts, refusals); err != nil {
		return nil, err
	}
	d.streams = newScoreStreams(opts, refusals)
	return d, nil
}

// newMux makes the router of one service. Each service has its own, so that none can swallow a path of another: the last
// route registered is tried first, and {id} matches what looks like id:verb.
func newMux(refusals refusals) *runtime.ServeMux {
	never := func(string) (string, bool) { return "", false }
	return runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, jsonMarshaler{}),
		runtime.WithErrorHandler(refusals.fromMux),
		runtime.WithRoutingErrorHandler(refusals.fromRouting),
		runtime.WithIncomingHeaderMatcher(incomingHeader),
		runtime.WithOutgoingHeaderMatcher(never),
		runtime.WithOutgoingTrailerMatcher(never),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithWriteContentLength(),
	)
}
