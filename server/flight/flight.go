// Package flight is the door of Arrow Flight: tables of responses go in and tables of scores come out, for any Flight client and
// without stubs of the service's own. It takes messages apart and puts them together; what columns mean is said by columnar, and
// scores are made by the use cases, as for every other door.
package flight

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow/flight"
	"google.golang.org/grpc"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/access"
	"github.com/customer-momentum/cmi/server/catalog"
	"github.com/customer-momentum/cmi/server/contract"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/scores"
)

// Options bounds what one call may hold.
type Options struct {
	// PipelineDepth is how many batches of one table may be in the works at once, at least 1.
	PipelineDepth int
}

// Cases are the use cases behind the door.
type Cases struct {
	Scores         *scores.Scores
	Questionnaires *catalog.Catalog
}

// Register adds the service to a gRPC server.
func Register(to *grpc.Server, on Cases, options Options) error {
	rules, err := contract.New()
	if err != nil {
		return err
	}
	flight.RegisterFlightServiceServer(to, &service{scores: on.Scores, questionnaires: on.Questionnaires, contract: rules, options: options})
	return nil
}

type service struct {
	flight.BaseFlightServer
	scores         *scores.Scores
	questionnaires *catalog.Catalog
	contract       *contract.Contract
	options        Options
	spare          buffers
}

func tenant(ctx context.Context) string { return access.FromContext(ctx).Tenant }

// without refuses a method of Flight that the service does without.
func without(method, instead string) error {
	return fault.New(cmiv1.ErrorReason_UNKNOWN_METHOD, "The service does without %s of Arrow Flight: %s.", method, instead)
}

// Handshake is refused: there is no session to open.
func (*service) Handshake(flight.FlightService_HandshakeServer) error {
	return without("Handshake", "send the API key with every call, as `authorization: Bearer ID.SECRET`")
}

// ListFlights is refused.
func (*service) ListFlights(*flight.Criteria, flight.FlightService_ListFlightsServer) error {
	return without("ListFlights", "ListQuestionnaires names what can be scored, and GetFlightInfo describes it")
}

// PollFlightInfo is refused.
func (*service) PollFlightInfo(context.Context, *flight.FlightDescriptor) (*flight.PollInfo, error) {
	return nil, without("PollFlightInfo", "GetFlightInfo answers at once")
}

// DoPut is refused.
func (*service) DoPut(flight.FlightService_DoPutServer) error {
	return without("DoPut", "DoExchange takes tables, and answers their scores")
}

// DoAction is refused.
func (*service) DoAction(*flight.Action, flight.FlightService_DoActionServer) error {
	return without("DoAction", "it has no actions")
}

// ListActions is refused.
func (*service) ListActions(*flight.Empty, flight.FlightService_ListActionsServer) error {
	return without("ListActions", "it has no actions")
}
