package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/columnar"
	"github.com/customer-momentum/cmi/server/columnar/columnartest"
)

// TestFlightDescribes: the schema that a questionnaire expects, what comes back, and where recorded scores are.
func TestFlightDescribes(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.publish(t, columnartest.Questionnaire())
	c := r.flights()
	expected := columnar.Expected(columnartest.Questionnaire())
	schema, err := c.GetSchema(t.Context(), descriptorOf(`{"questionnaireId": "survey"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := deserialized(t, schema.GetSchema()); !got.Equal(expected) {
		t.Errorf("the survey expects %v", got)
	}
	info, err := c.GetFlightInfo(t.Context(), descriptorOf(`{"questionnaireId": "survey", "columns": ["cmi", "error"]}`))
	if err != nil || info.GetTotalRecords() != -1 || len(info.GetEndpoint()) != 0 {
		t.Fatal(info, err)
	}
	if got := deserialized(t, info.GetSchema()); got.NumFields() != 2 || got.Field(0).Name != "cmi" {
		t.Errorf("the scores are %v", got)
	}
	if got := deserialized(t, info.GetAppMetadata()); !got.Equal(expected) {
		t.Errorf("the survey expects %v", got)
	}
	listed := `{"scores": {}, "columns": ["response_id", "cmi"]}`
	if schema, err = c.GetSchema(t.Context(), descriptorOf(listed)); err != nil || deserialized(t, schema.GetSchema()).NumFields() != 2 {
		t.Error(schema, err)
	}
	for command, want := range map[string]ending{
		`{"questionnaireId": "nobody"}`:                        {codes.NotFound, cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND, "nobody"},
		`{}`:                                                   invalidly("descriptor.cmd.questionnaire_id"),
		`{"scores": {}, "columns": ["colour"]}`:                invalidly(`"colour" is not a column`),
		`{"scores": {"bucket": "GROWTH"}}`:                     malformed("bucket"),
		`{"scores": {"pageSize": 3}}`:                          invalidly("pageSize and pageToken are not allowed"),
		`{"scores": {"customerId": "a b"}}`:                    invalidly("descriptor.cmd.scores.customer_id"),
		`{"questionnaireId": "survey", "columns": ["colour"]}`: invalidly(`"colour" is not a column`),
		`{"questionnaireId": "survey", "colour": "red"}`:       malformed("colour"),
	} {
		_, err := c.GetFlightInfo(t.Context(), descriptorOf(command))
		want.check(t, err)
	}
}

func deserialized(t *testing.T, schema []byte) *arrow.Schema {
	t.Helper()
	s, err := flight.DeserializeSchema(schema, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// got answers all rows that DoGet answers to a ticket, and the largest batch.
func (r *running) got(ctx context.Context, t *testing.T, ticket []byte) (rows []map[string]any, largest int64, err error) {
	t.Helper()
	stream, err := r.flights().DoGet(ctx, &flight.Ticket{Ticket: ticket})
	if err != nil {
		t.Fatal(err)
	}
	reader, err := flight.NewRecordReader(stream)
	if err != nil {
		return nil, 0, err
	}
	defer reader.Release()
	for reader.Next() {
		b := reader.RecordBatch()
		largest = max(largest, b.NumRows())
		for i := range int(b.NumRows()) {
			row := map[string]any{}
			for k, f := range b.Schema().Fields() {
				row[f.Name] = cell(t, b, f.Name, i)
				if at, ok := b.Column(k).(*array.Timestamp); ok && at.IsValid(i) {
					row[f.Name] = at.Value(i).ToTime(arrow.Microsecond)
				}
			}
			rows = append(rows, row)
		}
	}
	return rows, largest, reader.Err()
}

// TestFlightGetsRecordedScores: all of them, or those that filters pick, in the order of ListScores and with the same values.
func TestFlightGetsRecordedScores(t *testing.T) {
	t.Parallel()
	r := start(t)
	survey := r.publishAirline(t)
	for k, response := range survey {
		response.SubmittedAt.Seconds += int64(k)
	}
	scoreInBatches(t, r, false, survey)
	if _, err := r.scoring().VoidResponse(t.Context(), &cmiv1.VoidResponseRequest{ResponseId: survey[0].GetResponseId()}); err != nil {
		t.Fatal(err)
	}
	who := survey[17].GetCustomerId()
	until := survey[900].GetSubmittedAt().AsTime().Format(time.RFC3339Nano)
	for filter, request := range map[string]*cmiv1.ListScoresRequest{
		`{}`:                                   {},
		`{"includeVoid": true}`:                {IncludeVoid: true},
		`{"bucket": "BUCKET_ADVOCATE"}`:        {Bucket: cmiv1.Bucket_BUCKET_ADVOCATE},
		`{"customerId": "` + who + `"}`:        {CustomerId: who},
		`{"questionnaireId": "other"}`:         {QuestionnaireId: "other"},
		`{"submittedBefore": "` + until + `"}`: {SubmittedBefore: survey[900].GetSubmittedAt()},
	} {
		var want []*cmiv1.Score
		for request.PageSize = 1000; ; {
			page, err := r.scoring().ListScores(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, page.GetScores()...)
			if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
				break
			}
		}
		info, err := r.flights().GetFlightInfo(t.Context(), descriptorOf(`{"scores": `+filter+`}`))
		if err != nil || len(info.GetEndpoint()) != 1 || len(info.GetEndpoint()[0].GetLocation()) != 0 {
			t.Fatal(filter, info, err)
		}
		rows, largest, err := r.got(t.Context(), t, info.GetEndpoint()[0].GetTicket().GetTicket())
		if err != nil || len(rows) != len(want) || largest > 1000 {
			t.Fatalf("%s: %d rows, want %d, %v; the largest batch has %d", filter, len(rows), len(want), err, largest)
		}
		for i, s := range want {
			checkRecorded(t, rows[i], s)
		}
		if (len(want) == 0) != (filter == `{"questionnaireId": "other"}`) {
			t.Errorf("%s: %d scores", filter, len(want))
		}
	}
	rows, _, err := r.got(t.Context(), t, []byte(`{"scores": {"customerId": "`+who+`"}, "columns": ["bucket", "response_id"]}`))
	if err != nil || len(rows) != 1 || len(rows[0]) != 2 || rows[0]["response_id"] != survey[17].GetResponseId() {
		t.Error(rows, err)
	}
	for ticket, want := range map[string]ending{
		``:                                 malformed("ticket: a JSON object is expected"),
		`{"questionnaireId": "airline"}`:   invalidly("DoExchange scores a table"),
		`{"scores": {"colour": "red"}}`:    malformed("colour"),
		`{"scores": {}, "columns": ["x"]}`: invalidly(`"x" is not a column`),
	} {
		_, _, err := r.got(t.Context(), t, []byte(ticket))
		want.check(t, err)
	}
	over, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	if stream, err := r.flights().DoGet(over, &flight.Ticket{Ticket: []byte(`{"scores": {}}`)}); err == nil {
		if _, err = stream.Recv(); err == nil {
			t.Error("a call whose time is over was answered")
		}
	}
}

// checkRecorded compares a row of DoGet with a score of the contract.
func checkRecorded(t *testing.T, got map[string]any, s *cmiv1.Score) {
	t.Helper()
	r := rowOfResult(&cmiv1.ScoreResult{Result: &cmiv1.ScoreResult_Score{Score: s}})
	want := map[string]any{
		"response_id": s.GetResponseId(), "customer_id": s.GetCustomerId(), "questionnaire_id": "airline", "questionnaire_version": int32(1),
		"submitted_at": s.GetSubmittedAt().AsTime(), "scored_at": s.GetScoredAt().AsTime(), "voided_at": nil,
		"status": r.status, "bucket": r.bucket, "cmi": r.cmi, "eci": r.eci, "bei": r.bei, "fii": r.fii, "display_score": r.display,
	}
	if s.GetVoid() != nil {
		want["voided_at"] = s.GetVoid().GetVoidedAt().AsTime()
	}
	if len(got) != len(want) {
		t.Errorf("%d columns: %v", len(got), got)
	}
	for name := range want {
		if got[name] != want[name] {
			t.Fatalf("%s of %s is %v, want %v", name, s.GetResponseId(), got[name], want[name])
		}
	}
}

// TestFlightKeepsTenantsApart: each sees its own questionnaires and scores, asks for the scope of each method, and no more.
func TestFlightKeepsTenantsApart(t *testing.T) {
	t.Parallel()
	plain, option := withKeys(t)
	r := start(t, option)
	ctx := func(key string) context.Context { return as(t.Context(), plain[key]) }
	for _, tenant := range []string{"acme", "globex"} {
		q := columnartest.Questionnaire()
		q.QuestionnaireId = "only-" + tenant
		if _, err := r.questionnaires().CreateQuestionnaire(ctx(tenant+" admin"), &cmiv1.CreateQuestionnaireRequest{Questionnaire: q}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.questionnaires().PublishQuestionnaire(ctx(tenant+" admin"), &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: q.GetQuestionnaireId()}); err != nil {
			t.Fatal(err)
		}
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "@response_id", Type: arrow.BinaryTypes.String}, {Name: "nps", Type: arrow.PrimitiveTypes.Int8}}, nil)
	table := array.NewRecordBatch(schema, []arrow.Array{strings8("one"), bytes8(9)}, 1)
	denied := ending{codes.PermissionDenied, cmiv1.ErrorReason_SCOPE_MISSING, "scope"}
	unknown := ending{codes.NotFound, cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND, ""}
	keyless := ending{codes.Unauthenticated, cmiv1.ErrorReason_KEY_MISSING, ""}
	for _, c := range []struct {
		key, of string
		want    *ending
	}{
		{"acme score", "acme", nil}, {"globex score", "globex", nil}, {"acme read,write", "acme", &denied},
		{"acme score", "globex", &unknown}, {"nobody", "acme", &keyless},
	} {
		_, err := exchanged(ctx(c.key), t, r, `{"questionnaireId": "only-`+c.of+`"}`, schema, []arrow.RecordBatch{table})
		switch {
		case c.want != nil:
			c.want.check(t, err)
		case err != nil:
			t.Error(c.key, err)
		}
	}
	for _, tenant := range []string{"acme", "globex"} {
		rows, _, err := r.got(ctx(tenant+" read"), t, []byte(`{"scores": {}}`))
		if err != nil || len(rows) != 1 || rows[0]["questionnaire_id"] != "only-"+tenant {
			t.Error(tenant, rows, err)
		}
	}
	_, _, err := r.got(ctx("acme score,write"), t, []byte(`{"scores": {}}`))
	denied.check(t, err)
	_, err = r.flights().GetSchema(ctx("acme read"), descriptorOf(`{"questionnaireId": "only-globex"}`))
	unknown.check(t, err)
	_, err = r.flights().GetFlightInfo(ctx("acme score"), descriptorOf(`{"questionnaireId": "only-acme"}`))
	denied.check(t, err)
	stream, err := r.flights().Handshake(ctx("nobody"))
	if err == nil {
		_, err = stream.Recv()
	}
	keyless.check(t, err)
}

// TestFlightIsOfTheGRPCPort alone, and reflection describes it.
func TestFlightIsOfTheGRPCPort(t *testing.T) {
	t.Parallel()
	r := start(t)
	for _, client := range clients(t) {
		code, _ := r.do(t, client, http.MethodPost, "/arrow.flight.protocol.FlightService/GetSchema", "application/json", bytes.NewReader([]byte("{}")))
		if code != http.StatusNotFound {
			t.Errorf("the HTTP port answers Flight with %d", code)
		}
	}
	stream, err := grpc_reflection_v1.NewServerReflectionClient(r.conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(request *grpc_reflection_v1.ServerReflectionRequest) *grpc_reflection_v1.ServerReflectionResponse {
		if err := stream.Send(request); err != nil {
			t.Fatal(err)
		}
		answer, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	list := ask(&grpc_reflection_v1.ServerReflectionRequest{MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{}})
	const name = "arrow.flight.protocol.FlightService"
	if !slices.ContainsFunc(list.GetListServicesResponse().GetService(), func(s *grpc_reflection_v1.ServiceResponse) bool { return s.GetName() == name }) {
		t.Errorf("reflection lists %v", list)
	}
	file := ask(&grpc_reflection_v1.ServerReflectionRequest{MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: name}})
	if len(file.GetFileDescriptorResponse().GetFileDescriptorProto()) == 0 {
		t.Errorf("reflection does not describe it: %v", file)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Error(fmt.Errorf("reflection ended with %w", err))
	}
}
