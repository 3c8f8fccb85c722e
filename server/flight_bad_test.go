package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/columnar"
	"github.com/customer-momentum/cmi/server/errs"
)

// messages takes what a writer sends.
type messages struct{ all []*flight.FlightData }

func (m *messages) Send(data *flight.FlightData) error {
	m.all = append(m.all, proto.CloneOf(data))
	return nil
}

// messagesOf are the messages of a table, the descriptor in the first.
func messagesOf(t *testing.T, command string, schema *arrow.Schema, batches []arrow.RecordBatch, options ...ipc.Option) []*flight.FlightData {
	t.Helper()
	var to messages
	w := flight.NewRecordWriter(&to, append(options, ipc.WithSchema(schema))...)
	w.SetFlightDescriptor(descriptorOf(command))
	for _, b := range batches {
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return to.all
}

// sends sends messages as they are, and answers how many results came before the end.
func sends(ctx context.Context, t *testing.T, r *running, all []*flight.FlightData) (results int, err error) {
	t.Helper()
	stream, err := r.flights().DoExchange(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if err := stream.Send(m); err != nil && !errors.Is(err, io.EOF) { // EOF: it has ended, Recv says why
			t.Fatal(err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	for {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return results, nil
		}
		if err != nil {
			return results, err
		}
		if ipc.NewMessage(memory.NewBufferBytes(m.GetDataHeader()), memory.NewBufferBytes(m.GetDataBody())).Type() == ipc.MessageRecordBatch {
			results++
		}
	}
}

// ending is how a call is expected to end.
type ending struct {
	code   codes.Code
	reason cmiv1.ErrorReason
	says   string
}

func (want ending) check(t *testing.T, err error) {
	t.Helper()
	st, _ := status.FromError(err)
	if st.Code() != want.code || errs.Reason(st) != want.reason || !strings.Contains(st.Message(), want.says) {
		t.Errorf("ended with %v, not with %v %v ... %s", err, want.code, want.reason, want.says)
	}
}

func invalidly(says string) ending {
	return ending{codes.InvalidArgument, cmiv1.ErrorReason_INVALID_REQUEST, says}
}

func malformed(says string) ending {
	return ending{codes.InvalidArgument, cmiv1.ErrorReason_MALFORMED_JSON, says}
}

func unprotocolled(says string) ending {
	return ending{codes.InvalidArgument, cmiv1.ErrorReason_STREAM_PROTOCOL, says}
}

// column is a table of one column.
func column(name string, c arrow.Array) (*arrow.Schema, []arrow.RecordBatch) {
	schema := arrow.NewSchema([]arrow.Field{{Name: name, Type: c.DataType(), Nullable: true}}, nil)
	return schema, []arrow.RecordBatch{array.NewRecordBatch(schema, []arrow.Array{c}, int64(c.Len()))}
}

func bytes8(values ...int8) arrow.Array {
	b := array.NewInt8Builder(memory.DefaultAllocator)
	b.AppendValues(values, nil)
	return b.NewArray()
}

func strings8(values ...string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.AppendValues(values, nil)
	return b.NewArray()
}

const dry = `{"questionnaireId": "airline", "dryRun": true}`

// TestFlightCommandsAreStrict: what is not exactly a command is refused with what is wrong and what is allowed.
func TestFlightCommandsAreStrict(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.publishAirline(t)
	for command, want := range map[string]ending{
		``:                                malformed("a JSON object is expected"),
		`nonsense`:                        malformed("a JSON object is expected"),
		`[]`:                              malformed("a JSON object is expected"),
		`{"questionnaireId": "airline"`:   malformed("this is not JSON"),
		`{"questionnaireId": }`:           malformed("this is not JSON"),
		dry + `{}`:                        malformed("something after the object"),
		"{\"questionnaireId\": \"\xff\"}": malformed("not valid UTF-8"),
		`{"questionnaire": "airline"}`:    malformed(`there is no member "questionnaire"; there are columns, dryRun, ignore, questionnaireId, scores, version`),
		`{"QuestionnaireId": "airline"}`:  malformed("there is no member"),
		`{"version": 1, "version": 1}`:    malformed(`"version" stands there twice`),
		`{"version": "1"}`:                malformed(`descriptor.cmd.version: "1" is not allowed; a whole number is`),
		`{"version": 1.5}`:                malformed(`a whole number is`),
		`{"dryRun": "yes"}`:               malformed(`true or false is`),
		`{"columns": "cmi"}`:              malformed(`a list of strings is`),
		`{"ignore": [1]}`:                 malformed(`a list of strings is`),
		`{"questionnaireId": {}}`:         malformed(`a string is`),
		`{"dryRun": true}`:                invalidly("descriptor.cmd.questionnaire_id: name the questionnaire"),
		`{"questionnaireId": "a b"}`:      invalidly("is not an id"),
		`{"questionnaireId": "airline", "version": -1}`:            invalidly("-1 is not a version"),
		`{"questionnaireId": "airline", "columns": ["colour"]}`:    invalidly(`descriptor.cmd.columns: "colour" is not a column`),
		`{"questionnaireId": "airline", "columns": ["cmi","cmi"]}`: invalidly(`asked for twice`),
		`{"scores": {}, "dryRun": true}`:                           invalidly("dryRun is not allowed beside scores"),
		`{"scores": {}}`:                                           invalidly("GetFlightInfo gives the ticket"),
		`{"columns": ["` + strings.Repeat("c", 70000) + `"]}`:      invalidly("up to 65536 are"),
		`{"questionnaireId": "nobody"}`:                            {codes.NotFound, cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND, `there is no questionnaire "nobody"`},
	} {
		_, err := sends(t.Context(), t, r, []*flight.FlightData{{FlightDescriptor: descriptorOf(command)}})
		want.check(t, err)
	}
	path := &flight.FlightDescriptor{Type: flight.DescriptorPATH, Path: []string{"airline"}}
	_, err := sends(t.Context(), t, r, []*flight.FlightData{{FlightDescriptor: path}})
	invalidly("a descriptor of the type PATH is not allowed").check(t, err)
}

// TestFlightAnswersWhatCameBeforeAFault: each fault of a table is said, after the batch before it was answered.
func TestFlightAnswersWhatCameBeforeAFault(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.publishAirline(t)
	schema, batches := column("com1", bytes8(1, 2, 3))
	fine := messagesOf(t, dry, schema, batches)
	other, _ := column("com1", strings8("a"))
	changed := messagesOf(t, dry, other, nil)[0]
	changed.FlightDescriptor = nil
	many := make([]int8, columnar.MostRows+1)
	_, tooMany := column("com1", bytes8(many...))
	short := proto.CloneOf(fine[1])
	short.DataBody = nil
	for name, c := range map[string]struct {
		last *flight.FlightData
		want ending
	}{
		"a second descriptor": {&flight.FlightData{FlightDescriptor: descriptorOf(dry), DataHeader: fine[1].GetDataHeader()}, unprotocolled("this is a second one")},
		"metadata alone":      {&flight.FlightData{AppMetadata: []byte("note")}, unprotocolled("a message without data")},
		"a long note":         {&flight.FlightData{AppMetadata: make([]byte, 1<<16), DataHeader: fine[1].GetDataHeader()}, invalidly("up to 16384 are")},
		"another schema":      {changed, invalidly("batches[1]: a schema that changes in the middle of a table is not allowed")},
		"too many rows":       {messagesOf(t, dry, schema, tooMany)[1], invalidly("batches[1]: a batch of 65537 rows is not allowed; up to 65536 rows are")},
		"no body":             {short, invalidly("batches[1]: the table cannot be read as Arrow IPC")},
		"nonsense":            {&flight.FlightData{DataHeader: []byte("nonsense that is no flatbuffer")}, invalidly("batches[1]: a message is broken")},
	} {
		results, err := sends(t.Context(), t, r, append(fine[:len(fine):len(fine)], c.last))
		c.want.check(t, err)
		if results != 1 {
			t.Errorf("%s: %d results came before", name, results)
		}
	}
}

// TestFlightRefusesTables that do not fit the questionnaire, or are not to be recorded as they are.
func TestFlightRefusesTables(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.publishAirline(t)
	if _, err := r.questionnaires().CreateQuestionnaire(t.Context(), &cmiv1.CreateQuestionnaireRequest{Questionnaire: whyQuestionnaire("acme")}); err != nil {
		t.Fatal(err)
	}
	schema := func(name string, c arrow.Array) []*flight.FlightData {
		s, _ := column(name, c)
		return messagesOf(t, dry, s, nil)
	}
	recorded := func(command string) []*flight.FlightData {
		s, b := column("com1", bytes8(1))
		return messagesOf(t, command, s, b)
	}
	headless := schema("com1", bytes8())
	headless[0].FlightDescriptor = nil
	for _, c := range []struct {
		send []*flight.FlightData
		want ending
	}{
		{nil, unprotocolled("the stream ended before its first message")},
		{headless, unprotocolled("the first message has the descriptor")},
		{[]*flight.FlightData{{FlightDescriptor: descriptorOf(dry)}}, unprotocolled("the stream ended before the schema")},
		{schema("colour", bytes8()), invalidly(`schema: column "colour" is neither an item of questionnaire "airline" version 1`)},
		{schema("com1", strings8()), invalidly("texts are not allowed")},
		{recorded(`{"questionnaireId": "airline"}`), invalidly("the table needs a column @response_id")},
		{recorded(`{"questionnaireId": "why", "version": 1}`), ending{codes.FailedPrecondition, cmiv1.ErrorReason_QUESTIONNAIRE_IS_DRAFT, ""}},
	} {
		_, err := sends(t.Context(), t, r, c.send)
		c.want.check(t, err)
	}
}

// TestFlightBombs: what announces more than it brings is an error, and costs what is stated and no more.
func TestFlightBombs(t *testing.T) { // not beside others, whose memory would count
	r := start(t)
	r.publish(t, whyQuestionnaire("acme"))
	const command = `{"questionnaireId": "why", "dryRun": true}`
	wide, wideBatch := column("why", strings8(strings.Repeat("a", columnar.MostDecompressed+1)))
	coded := array.NewDictionaryArray(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String},
		bytes8(0), strings8(strings.Repeat("b", columnar.MostDictionaries+1)))
	dictionary, dictionaryBatch := column("why", coded)
	nulls, nullBatch := column("e", array.NewNull(1<<31))
	for says, all := range map[string][]*flight.FlightData{
		"once it is decompressed is not allowed": messagesOf(t, command, wide, wideBatch, ipc.WithZstd()),
		"dictionaries of more than":              messagesOf(t, command, dictionary, dictionaryBatch, ipc.WithZstd()),
		"a batch of 2147483648 rows":             messagesOf(t, command, nulls, nullBatch),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := sends(t.Context(), t, r, all)
		runtime.ReadMemStats(&after)
		invalidly(says).check(t, err)
		if took := after.TotalAlloc - before.TotalAlloc; took > 256<<20 {
			t.Errorf("%s: took %d bytes", says, took)
		}
	}
	large := messagesOf(t, command, wide, wideBatch)
	_, err := sends(t.Context(), t, r, large)
	// That one is ended by the library, which gives no reasons.
	ending{code: codes.ResourceExhausted, says: "larger than max"}.check(t, err)
}

// TestFlightDoesWithout what is not of use here, and says what is instead.
func TestFlightDoesWithout(t *testing.T) {
	t.Parallel()
	r := start(t)
	c, ctx := r.flights(), t.Context()
	first := func(stream interface{ RecvMsg(any) error }, err error) error {
		if err != nil {
			return err
		}
		return stream.RecvMsg(&flight.FlightData{})
	}
	for says, err := range map[string]error{
		"Handshake":      func() error { s, err := c.Handshake(ctx); return first(s, err) }(),
		"ListFlights":    func() error { s, err := c.ListFlights(ctx, &flight.Criteria{}); return first(s, err) }(),
		"PollFlightInfo": func() error { _, err := c.PollFlightInfo(ctx, descriptorOf(dry)); return err }(),
		"DoPut":          func() error { s, err := c.DoPut(ctx); return first(s, err) }(),
		"DoAction":       func() error { s, err := c.DoAction(ctx, &flight.Action{}); return first(s, err) }(),
		"ListActions":    func() error { s, err := c.ListActions(ctx, &flight.Empty{}); return first(s, err) }(),
	} {
		ending{codes.Unimplemented, cmiv1.ErrorReason_UNKNOWN_METHOD, fmt.Sprintf("The service does without %s of Arrow Flight: ", says)}.check(t, err)
	}
}

// TestFlightRefusesTheLargestBatch row for row, in an answer that a stock client takes.
func TestFlightRefusesTheLargestBatch(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.publishAirline(t)
	b := array.NewInt32Builder(memory.DefaultAllocator)
	for range columnar.MostRows {
		b.Append(99)
	}
	schema, batches := column("com1", b.NewArray())
	results, err := exchanged(t.Context(), t, r, dry, schema, batches)
	if err != nil || len(results) != 1 || results[0].NumRows() != columnar.MostRows {
		t.Fatal(results, err)
	}
	first, _ := cell(t, results[0], "error", 0).(string)
	last, _ := cell(t, results[0], "error", columnar.MostRows-1).(string)
	if !strings.HasPrefix(first, `INVALID_RESPONSE: item "com1": 99 is not allowed`) || last != "INVALID_RESPONSE" {
		t.Errorf("the first row is answered %q, the last %q", first, last)
	}
}
