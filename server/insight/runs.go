package insight

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/operations"
	"github.com/customer-momentum/cmi/server/store"
)

// kindName is what reports are called in the store.
const kindName = "report"

// mostWithinCall is how many customers and anonymous responses an analysis of drivers looks at within a call; the contract says
// so too.
const mostWithinCall = 100_000

// Operations starts operations and finds them.
type Operations interface {
	Start(ctx context.Context, tenant string, start store.OperationStart) (op store.Operation, started bool, err error)
	Find(ctx context.Context, tenant, id string) (store.Operation, error)
	View(op store.Operation) (*operations.Operation, error)
}

// Runs starts reports as operations. It is safe for concurrent use.
type Runs struct {
	insight    *Insight
	operations Operations
}

// NewRuns makes it.
func NewRuns(i *Insight, on Operations) *Runs { return &Runs{insight: i, operations: on} }

// plan is what an operation is asked for, as it is kept: the request as it was sent, to know it again, and the report with the
// time as of which it is, so that every piece looks from the same one.
type plan struct {
	Request []byte `json:"request"`
	Report  []byte `json:"report"`
}

// Start starts a report and answers its operation, or the one that the same request started before. OPERATION_EXISTS when the id
// is that of an operation with another request.
func (r *Runs) Start(ctx context.Context, tenant string, request *cmiv1.RunReportRequest) (*operations.Operation, error) {
	op, err := r.operations.Find(ctx, tenant, request.GetOperationId())
	if err == nil {
		return r.same(op, request)
	}
	if fault.ReasonOf(err) != cmiv1.ErrorReason_OPERATION_NOT_FOUND {
		return nil, err
	}
	body, err := r.prepare(ctx, tenant, request)
	if err != nil {
		return nil, err
	}
	op, started, err := r.operations.Start(ctx, tenant, store.OperationStart{ID: request.GetOperationId(), Kind: kindName, Request: body})
	if err != nil {
		return nil, err
	}
	if !started {
		return r.same(op, request)
	}
	return r.operations.View(op)
}

// prepare checks a request, and says as of when the report is.
func (r *Runs) prepare(ctx context.Context, tenant string, request *cmiv1.RunReportRequest) ([]byte, error) {
	if _, err := r.insight.report(ctx, tenant, reportIn(request)); err != nil {
		return nil, fault.Within(fieldOf(request), err)
	}
	p := plan{}
	var err error
	if p.Request, err = proto.Marshal(request); err != nil {
		return nil, fmt.Errorf("keep a request: %w", err)
	}
	dated := proto.CloneOf(request)
	setAsOf(reportIn(dated), timestamppb.New(r.insight.moment()))
	if p.Report, err = proto.Marshal(dated); err != nil {
		return nil, fmt.Errorf("keep a report: %w", err)
	}
	return json.Marshal(p)
}

// reportIn is the request of the report itself, whichever it is.
func reportIn(request *cmiv1.RunReportRequest) proto.Message {
	m := request.ProtoReflect()
	field := m.WhichOneof(m.Descriptor().Oneofs().ByName("report"))
	return m.Get(field).Message().Interface()
}

func fieldOf(request *cmiv1.RunReportRequest) string {
	m := request.ProtoReflect()
	return string(m.WhichOneof(m.Descriptor().Oneofs().ByName("report")).Name())
}

// setAsOf says as of when a report is that does not say so itself. All of them have the field.
func setAsOf(report proto.Message, at *timestamppb.Timestamp) {
	m := report.ProtoReflect()
	if field := m.Descriptor().Fields().ByName("as_of"); !m.Has(field) {
		m.Set(field, protoreflect.ValueOfMessage(at.ProtoReflect()))
	}
}

// same answers an operation if it was started by the same request.
func (r *Runs) same(op store.Operation, request *cmiv1.RunReportRequest) (*operations.Operation, error) {
	other := fault.Field(cmiv1.ErrorReason_OPERATION_EXISTS, "operation_id",
		"there is an operation %q that was started with another request; choose another id", op.ID)
	if op.Kind != kindName {
		return nil, other
	}
	p, err := planOf(op)
	if err != nil {
		return nil, err
	}
	before := &cmiv1.RunReportRequest{}
	if err := proto.Unmarshal(p.Request, before); err != nil {
		return nil, fmt.Errorf("read what a report was asked for: %w", err)
	}
	if !proto.Equal(before, request) {
		return nil, other
	}
	return r.operations.View(op)
}

// Drivers analyses drivers within the call, or starts an operation where there are too many customers for that.
func (r *Runs) Drivers(ctx context.Context, tenant string, request *cmiv1.AnalyzeDriversRequest) (*cmiv1.DriverAnalysis, *operations.Operation, error) {
	asked, err := r.insight.report(ctx, tenant, request)
	if err != nil {
		return nil, nil, err
	}
	cut, err := r.insight.store.CutCustomers(ctx, tenant, asked.scope().cut(), sliceSize)
	if err != nil {
		return nil, nil, fmt.Errorf("cut the customers: %w", err)
	}
	if sizeOf(cut) <= mostWithinCall {
		said, err := r.insight.makeOf(ctx, asked, cut)
		if err != nil {
			return nil, nil, err
		}
		return said.(*cmiv1.AnalyzeDriversResponse).GetAnalysis(), nil, nil
	}
	id := request.GetOperationId()
	if id == "" {
		id = "drivers-" + strings.ToLower(rand.Text())
	}
	op, err := r.Start(ctx, tenant, &cmiv1.RunReportRequest{OperationId: id, Report: &cmiv1.RunReportRequest_Drivers{Drivers: request}})
	return nil, op, err
}

func planOf(op store.Operation) (p plan, err error) {
	if err := json.Unmarshal(op.Request, &p); err != nil {
		return p, fmt.Errorf("read what an operation was asked for: %w", err)
	}
	return p, nil
}
