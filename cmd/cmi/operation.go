package main

import (
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/cmd/cmi/report"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// operation is a long-running operation with what it says of itself.
type operation struct {
	*longrunningpb.Operation
	about *cmiv1.OperationMetadata
}

// readOperation unpacks what a service answered.
func readOperation(wire *longrunningpb.Operation) (*operation, error) {
	about := &cmiv1.OperationMetadata{}
	if err := wire.GetMetadata().UnmarshalTo(about); err != nil {
		return nil, fmt.Errorf("%s cannot be read; is the service newer than this program? (%w)", wire.GetName(), err)
	}
	return &operation{wire, about}, nil
}

// collection is what the names of operations start with.
const collection = "operations/"

// operationID is the id of an operation, for which people may give the whole name.
func operationID(said string) string { return strings.TrimPrefix(said, collection) }

func (o *operation) id() string { return operationID(o.GetName()) }

// comparison is the result of a recompute; nil where there is none.
func (o *operation) comparison() (*cmiv1.RecomputeScoresResponse, error) {
	if o.GetResponse() == nil || o.about.GetReport() != nil {
		return nil, nil
	}
	result := &cmiv1.RecomputeScoresResponse{}
	if err := o.GetResponse().UnmarshalTo(result); err != nil {
		return nil, fmt.Errorf("the result of %q cannot be read; is the service newer than this program? (%w)", o.id(), err)
	}
	return result, nil
}

// reported is the result of a report, laid out; nothing where there is none.
func (o *operation) reported() (string, error) {
	if o.GetResponse() == nil || o.about.GetReport() == nil {
		return "", nil
	}
	answer, err := o.GetResponse().UnmarshalNew()
	if err != nil {
		return "", fmt.Errorf("the result of %q cannot be read; is the service newer than this program? (%w)", o.id(), err)
	}
	_, request := askedReport(o.about.GetReport())
	laidOut, err := report.New(request, answer)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = laidOut.Write(&text, report.Table)
	return text.String(), err
}

// askedReport is the report that an operation makes: what it is called, and its request.
func askedReport(r *cmiv1.RunReportRequest) (string, proto.Message) {
	m := r.ProtoReflect()
	field := m.WhichOneof(m.Descriptor().Oneofs().ByName("report"))
	if field == nil { // of a service that is newer
		return "", r
	}
	return strings.ReplaceAll(string(field.Name()), "_", "-"), m.Get(field).Message().Interface()
}

// failure says why there is no result; nil where nothing went wrong.
func (o *operation) failure() error {
	why := o.GetError()
	switch {
	case why == nil:
		return nil
	case codes.Code(why.GetCode()) == codes.Canceled:
		return fmt.Errorf("operation %q was cancelled", o.id())
	}
	return fmt.Errorf("operation %q failed: %s", o.id(), strings.TrimSuffix(why.GetMessage(), "."))
}

// state is a word for where it stands.
func (o *operation) state() string {
	return strings.ToLower(strings.TrimPrefix(o.about.GetState().String(), "OPERATION_STATE_"))
}

// done says how much is done; a dash where that is not known yet.
func (o *operation) done() string {
	if o.about.ResponsesTotal == nil {
		return "-"
	}
	return fmt.Sprintf("%d %%", int(100*o.about.GetProgress()))
}

// wanted says what was asked for; nothing where that is of a kind that is not known here.
func (o *operation) wanted() string {
	if r := o.about.GetReport(); r != nil {
		name, _ := askedReport(r)
		return name
	}
	asked := o.about.GetRecompute()
	if asked == nil {
		return ""
	}
	text := fmt.Sprintf("%s, version %d", asked.GetQuestionnaireId(), asked.GetVersion())
	if at := asked.GetSubmittedFrom(); at != nil {
		text += ", from " + clock(at)
	}
	if at := asked.GetSubmittedBefore(); at != nil {
		text += ", before " + clock(at)
	}
	if by := asked.GetGroupBy(); len(by) > 0 {
		text += ", by " + strings.Join(by, ", ")
	}
	return text
}

// sheet shows the operation for people.
func (o *operation) sheet() string {
	rows := [][]string{{"kind", o.about.GetKind()}, {"asked for", o.wanted()}, {"state", o.state()}}
	if o.about.ResponsesTotal != nil {
		rows = append(rows, []string{"done", fmt.Sprintf("%s, %d of %s", o.done(), o.about.GetResponsesDone(),
			plural(int(o.about.GetResponsesTotal()), "response"))})
	}
	if why := o.GetError(); why != nil {
		rows = append(rows, []string{"error", why.GetMessage()})
	}
	rows = append(rows, []string{"started", clock(o.about.GetCreatedAt())})
	if ended := o.about.GetEndedAt(); ended != nil {
		took := ended.AsTime().Sub(o.about.GetCreatedAt().AsTime()).Round(time.Millisecond)
		rows = append(rows, []string{"ended", fmt.Sprintf("%s, after %s", clock(ended), took)},
			[]string{"kept until", clock(o.about.GetExpiresAt())})
	}
	return table([]string{"OPERATION", o.id()}, rows)
}
