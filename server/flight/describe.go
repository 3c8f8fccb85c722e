package flight

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/memory"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/columnar"
	"github.com/customer-momentum/cmi/server/fault"
)

// GetSchema answers the columns that a questionnaire expects; for a command that lists recorded scores, the columns of these.
func (s *service) GetSchema(ctx context.Context, d *flight.FlightDescriptor) (*flight.SchemaResult, error) {
	c, err := s.described(d)
	if err != nil {
		return nil, err
	}
	var schema *arrow.Schema
	if c.list != nil {
		schema, err = recordedSchema(c)
	} else {
		schema, err = s.expected(ctx, c)
	}
	if err != nil {
		return nil, err
	}
	return &flight.SchemaResult{Schema: flight.SerializeSchema(schema, memory.DefaultAllocator)}, nil
}

// GetFlightInfo answers what comes back: for a questionnaire the columns of the scores that DoExchange answers, and as metadata of
// its own the columns that it expects, as [service.GetSchema] answers them; for recorded scores their columns, and the ticket with
// which DoGet answers them, on this same service.
func (s *service) GetFlightInfo(ctx context.Context, d *flight.FlightDescriptor) (*flight.FlightInfo, error) {
	c, err := s.described(d)
	if err != nil {
		return nil, err
	}
	// How many there will be is not known before they are read.
	info := &flight.FlightInfo{FlightDescriptor: d, TotalRecords: -1, TotalBytes: -1}
	if c.list != nil {
		schema, err := recordedSchema(c)
		if err != nil {
			return nil, err
		}
		info.Schema = flight.SerializeSchema(schema, memory.DefaultAllocator)
		info.Endpoint = []*flight.FlightEndpoint{{Ticket: &flight.Ticket{Ticket: d.GetCmd()}}}
		info.Ordered = true
		return info, nil
	}
	results, err := columnar.NewResults(c.columns)
	if err != nil {
		return nil, refused(inDescriptor+".columns", err)
	}
	expected, err := s.expected(ctx, c)
	if err != nil {
		return nil, err
	}
	info.Schema = flight.SerializeSchema(results.Schema(), memory.DefaultAllocator)
	info.AppMetadata = flight.SerializeSchema(expected, memory.DefaultAllocator)
	return info, nil
}

// expected are the columns that the questionnaire of a command expects.
func (s *service) expected(ctx context.Context, c *command) (*arrow.Schema, error) {
	request := &cmiv1.GetQuestionnaireRequest{QuestionnaireId: c.plan.QuestionnaireID, Version: c.plan.Version}
	if err := s.contract.Check(request); err != nil {
		return nil, fault.Within(inDescriptor, err)
	}
	q, err := s.questionnaires.Get(ctx, tenant(ctx), request)
	if err != nil {
		return nil, fault.Within(inDescriptor, err)
	}
	return columnar.Expected(q), nil
}

func recordedSchema(c *command) (*arrow.Schema, error) {
	recorded, err := columnar.NewRecorded(c.columns)
	if err != nil {
		return nil, refused(inDescriptor+".columns", err)
	}
	return recorded.Schema(), nil
}
