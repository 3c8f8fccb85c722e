package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/columnar/columnartest"
	"github.com/customer-momentum/cmi/server/errs"
)

// flights is a stock client of Arrow Flight.
func (r *running) flights() flight.Client { return flight.NewClientFromConn(r.conn, nil) }

// exchange is a table that is being scored.
type exchange struct {
	stream flight.FlightService_DoExchangeClient
	to     *flight.Writer
	from   *flight.Reader
}

// opens begins an exchange with a command.
func opens(ctx context.Context, t *testing.T, r *running, command string, schema *arrow.Schema, options ...ipc.Option) *exchange {
	t.Helper()
	stream, err := r.flights().DoExchange(ctx)
	if err != nil {
		t.Fatal(err)
	}
	e := &exchange{stream: stream, to: flight.NewRecordWriter(stream, append(options, ipc.WithSchema(schema))...)}
	e.to.SetFlightDescriptor(descriptorOf(command))
	return e
}

func descriptorOf(command string) *flight.FlightDescriptor {
	return &flight.FlightDescriptor{Type: flight.DescriptorCMD, Cmd: []byte(command)}
}

// send sends a batch with a note.
func (e *exchange) send(batch arrow.RecordBatch, note string) error {
	return e.to.WriteWithAppMetadata(batch, []byte(note))
}

// over says that no more batches come.
func (e *exchange) over() error { return errors.Join(e.to.Close(), e.stream.CloseSend()) }

// result is a batch of scores and its note. The batch must be released.
type result struct {
	arrow.RecordBatch
	note string
}

// receive answers the next result, or how the exchange ended.
func (e *exchange) receive() (result, error) {
	if e.from == nil {
		var err error
		if e.from, err = flight.NewRecordReader(e.stream); err != nil {
			return result{}, err
		}
	}
	if !e.from.Next() {
		if err := e.from.Err(); err != nil {
			return result{}, err
		}
		return result{}, io.EOF
	}
	e.from.RecordBatch().Retain()
	return result{e.from.RecordBatch(), string(e.from.LatestAppMetadata())}, nil
}

// exchanged sends batches, numbered by their notes, and answers all results and how it ended.
func exchanged(ctx context.Context, t *testing.T, r *running, command string, schema *arrow.Schema, batches []arrow.RecordBatch, options ...ipc.Option) ([]result, error) {
	t.Helper()
	e := opens(ctx, t, r, command, schema, options...)
	sent := make(chan error, 1)
	go func() {
		for k, b := range batches {
			if err := e.send(b, fmt.Sprintf("batch %d", k)); err != nil {
				sent <- err
				return
			}
		}
		sent <- e.over()
	}()
	var all []result
	for {
		got, err := e.receive()
		if err == nil {
			all = append(all, got)
			continue
		}
		if err := <-sent; err != nil && !errors.Is(err, io.EOF) { // EOF: the server ended it, and err says why
			t.Error(err)
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return all, err
	}
}

// cell is a value of a batch of results, nil where it is null.
func cell(t *testing.T, b arrow.RecordBatch, name string, row int) any {
	t.Helper()
	at := b.Schema().FieldIndices(name)
	if len(at) != 1 {
		t.Fatalf("no column %s in %v", name, b.Schema())
	}
	switch c := b.Column(at[0]).(type) {
	case *array.Dictionary:
		if c.IsNull(row) {
			return nil
		}
		return c.Dictionary().(*array.String).Value(c.GetValueIndex(row))
	case *array.Float64:
		if c.IsNull(row) {
			return nil
		}
		return math.Float64bits(c.Value(row))
	default:
		if c.IsNull(row) {
			return nil
		}
		return c.GetOneForMarshal(row)
	}
}

// row is what a table says of a score, or of why there is none.
type row struct {
	status, bucket, cmi, eci, bei, fii, display any
	refused                                     string
}

func rowOf(t *testing.T, b arrow.RecordBatch, n int) row {
	t.Helper()
	of := func(name string) any { return cell(t, b, name, n) }
	why, _ := of("error").(string)
	return row{of("status"), of("bucket"), of("cmi"), of("eci"), of("bei"), of("fii"), of("display_score"), why}
}

// violationsOf are the fields that a refusal lists.
func violationsOf(st *status.Status) []*errdetails.BadRequest_FieldViolation {
	for _, detail := range st.Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			return bad.GetFieldViolations()
		}
	}
	return nil
}

// rowOfResult is the same of a result of the contract.
func rowOfResult(result *cmiv1.ScoreResult) row {
	if result.GetScore() == nil {
		st := status.FromProto(result.GetError())
		var said []string
		for _, v := range violationsOf(st) {
			said = append(said, v.GetDescription())
		}
		if len(said) == 0 {
			said = []string{st.Message()}
		}
		return row{refused: errs.Reason(st).String() + ": " + strings.Join(said, "; ")}
	}
	s, none := result.GetScore(), func(x *float64) any {
		if x == nil {
			return nil
		}
		return math.Float64bits(*x)
	}
	out := row{
		status: strings.TrimPrefix(s.GetStatus().String(), "SCORE_STATUS_"), cmi: none(s.Cmi),
		eci: none(s.GetPillars()[0].Score), bei: none(s.GetPillars()[1].Score), fii: none(s.GetPillars()[2].Score),
	}
	if s.GetBucket() != 0 {
		out.bucket = strings.TrimPrefix(s.GetBucket().String(), "BUCKET_")
	}
	if s.DisplayScore != nil {
		out.display = s.GetDisplayScore()
	}
	return out
}

// cut cuts responses into the batches of a table.
func cut(table *columnartest.Table, size int, responses []*cmiv1.Response) (batches []arrow.RecordBatch) {
	for part := range slices.Chunk(responses, size) {
		batches = append(batches, table.Batch(part, 0))
	}
	return batches
}

// checkRows compares results with what the same responses come to in batches of the contract.
func checkRows(t *testing.T, results []result, size int, want []*cmiv1.ScoreResult) (refused int) {
	t.Helper()
	n := 0
	for k, part := range results {
		if part.note != fmt.Sprintf("batch %d", k) {
			t.Fatalf("result %d has the note %q", k, part.note)
		}
		if most := min(size, len(want)-n); int(part.NumRows()) != most {
			t.Fatalf("result %d has %d rows, not %d", k, part.NumRows(), most)
		}
		for i := range int(part.NumRows()) {
			got, want := rowOf(t, part, i), rowOfResult(want[n])
			if got != want {
				t.Fatalf("row %d is\n%+v, not\n%+v", n, got, want)
			}
			if want.refused != "" {
				refused++
			}
			n++
		}
		part.Release()
	}
	if n != len(want) {
		t.Fatalf("%d rows, not %d", n, len(want))
	}
	return refused
}

// TestFlightGivesTheSameBits: the airline's survey, dry and recorded, then sent again; and what was recorded can be read as every
// other score.
func TestFlightGivesTheSameBits(t *testing.T) {
	t.Parallel()
	reference := start(t)
	survey := reference.publishAirline(t)
	var want []*cmiv1.ScoreResult
	for _, batch := range batches(true, survey) {
		got, err := reference.scoring().BatchScoreCustomers(t.Context(), batch)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, got.GetResults()...)
	}
	r := start(t)
	r.publishAirline(t)
	q, err := airline.Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	table := columnartest.Plain(q)
	const size = 100
	sent := cut(table, size, survey)
	for _, how := range []string{`, "dryRun": true`, ``, ` , "version": 1`} {
		results, err := exchanged(t.Context(), t, r, `{"questionnaireId": "airline"`+how+`}`, table.Schema, sent)
		if err != nil {
			t.Fatal(how, err)
		}
		if how == ` , "version": 1` { // other content under the same ids
			for _, part := range results {
				if why, _ := cell(t, part, "error", 0).(string); !strings.HasPrefix(why, "RESPONSE_EXISTS: ") {
					t.Fatalf("a response that was sent otherwise before is answered %q", why)
				}
			}
			continue
		}
		checkRows(t, results, size, want)
	}
	if results, err := exchanged(t.Context(), t, r, `{"questionnaireId": "airline"}`, table.Schema, sent); err != nil {
		t.Fatal(err)
	} else {
		checkRows(t, results, size, want)
	}
	for i := 0; i < len(survey); i += 97 {
		kept, err := r.scoring().GetScore(t.Context(), &cmiv1.GetScoreRequest{ResponseId: survey[i].GetResponseId()})
		if err != nil || serialised(t, []*cmiv1.Score{kept.GetScore()})[0] != serialised(t, []*cmiv1.Score{want[i].GetScore()})[0] {
			t.Fatalf("the record of %s is %v, %v", survey[i].GetResponseId(), kept, err)
		}
	}
}
