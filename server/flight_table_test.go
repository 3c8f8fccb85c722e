package server_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/columnar/columnartest"
)

// TestFlightRefusesRowForRow: of a table with missing, inapplicable and bad values, in columns of all types, every row is scored or
// refused as by BatchScoreCustomers, in the same words, dry and recorded.
func TestFlightRefusesRowForRow(t *testing.T) {
	t.Parallel()
	r := start(t)
	q := columnartest.Questionnaire()
	r.publish(t, q)
	for seed, options := range [][]ipc.Option{nil, {ipc.WithZstd()}, {ipc.WithLZ4()}} {
		rng := rand.New(rand.NewPCG(uint64(seed), 7))
		responses := columnartest.Responses(rng, q, 1000)
		for _, response := range responses {
			response.ResponseId = fmt.Sprintf("s%d-%s", seed, response.GetResponseId())
		}
		responses[1].ResponseId, responses[2].CustomerId = "not an id", "-"
		table := columnartest.Mixed(rng, q, responses)
		for _, dryRun := range []bool{true, false} {
			want, err := r.scoring().BatchScoreCustomers(t.Context(), &cmiv1.BatchScoreCustomersRequest{
				QuestionnaireId: "survey", DryRun: true, Responses: responses,
			})
			if err != nil {
				t.Fatal(err)
			}
			results, err := exchanged(t.Context(), t, r, fmt.Sprintf(`{"questionnaireId": "survey", "dryRun": %t}`, dryRun), table.Schema,
				cut(table, 130, responses), options...)
			if err != nil {
				t.Fatal(err)
			}
			if refused := checkRows(t, results, 130, want.GetResults()); refused < 10 || refused > 990 {
				t.Errorf("%d of 1000 rows were refused: the test tried too little", refused)
			}
		}
	}
}

// TestFlightPicksColumns: outputs in the order that is asked for, inputs that are to be ignored, and tables without rows and
// without batches.
func TestFlightPicksColumns(t *testing.T) {
	t.Parallel()
	r := start(t)
	survey := r.publishAirline(t)
	schema := arrow.NewSchema([]arrow.Field{{Name: "com1", Type: arrow.PrimitiveTypes.Int8}, {Name: "colour", Type: arrow.BinaryTypes.String}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	b.Field(0).(*array.Int8Builder).AppendValues([]int8{1, 9}, nil)
	b.Field(1).(*array.StringBuilder).AppendValues([]string{"red", "blue"}, nil)
	batch := b.NewRecordBatch()
	const command = `{"questionnaireId":"airline","dryRun":true,"columns":["error","status"],"ignore":["colour"]}`
	results, err := exchanged(t.Context(), t, r, command, schema, []arrow.RecordBatch{batch, batch.NewSlice(0, 0), batch.NewSlice(1, 2)})
	if err != nil || len(results) != 3 {
		t.Fatal(len(results), err)
	}
	if got := results[0].Schema().Fields(); len(got) != 2 || got[0].Name != "error" || got[1].Name != "status" {
		t.Errorf("columns %v", got)
	}
	if results[0].NumRows() != 2 || results[1].NumRows() != 0 || results[2].NumRows() != 1 || results[1].note != "batch 1" {
		t.Errorf("%v", results)
	}
	if why, _ := cell(t, results[0], "error", 1).(string); !strings.HasPrefix(why, `INVALID_RESPONSE: item "com1": 9 is not allowed`) {
		t.Errorf("the second row is answered %q", why)
	}
	if results, err := exchanged(t.Context(), t, r, command, schema, nil); err != nil || len(results) != 0 {
		t.Errorf("a table without batches is answered %v, %v", results, err)
	}
	// Only the first items of the survey are asked for here; what a column does not say, nobody answered.
	one, err := r.scoring().ScoreCustomer(t.Context(), one(true, &cmiv1.Response{Answers: []*cmiv1.Answer{
		{ItemId: "com1", Value: &cmiv1.Answer_Number{Number: 1}},
	}}))
	if err != nil || cell(t, results[0], "status", 0) != strings.TrimPrefix(one.GetScore().GetStatus().String(), "SCORE_STATUS_") || len(survey) == 0 {
		t.Errorf("%v %v", one, err)
	}
}

// TestFlightMeasuresBehaviour: what customers did is measured from the store, as for every other door, and not taken for missing.
func TestFlightMeasuresBehaviour(t *testing.T) {
	t.Parallel()
	r := start(t)
	q := columnartest.Questionnaire()
	q.Items = append(q.Items, &cmiv1.Item{ItemId: "calls", Pillar: cmiv1.Pillar_PILLAR_BEI, Scale: &cmiv1.Item_Behaviour{
		Behaviour: &cmiv1.BehaviourScale{Measure: cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_FREQUENCY, Kinds: []string{"call"}},
	}})
	if _, err := scoring.Compile(q); err != nil {
		t.Fatal(err)
	}
	r.publish(t, q)
	responses := columnartest.Responses(rand.New(rand.NewPCG(5, 5)), columnartest.Questionnaire(), 60)
	var did []*cmiv1.Interaction
	for k := range 40 {
		did = append(did, &cmiv1.Interaction{InteractionId: fmt.Sprint("i-", k), CustomerId: fmt.Sprint("c-", k%20), Kind: "call", OccurredAt: responses[k].GetSubmittedAt()})
	}
	did = slices.DeleteFunc(did, func(i *cmiv1.Interaction) bool { return i.GetOccurredAt() == nil })
	if _, err := cmiv1.NewCustomerServiceClient(r.conn).RecordInteractions(t.Context(), &cmiv1.RecordInteractionsRequest{Interactions: did}); err != nil {
		t.Fatal(err)
	}
	want, err := r.scoring().BatchScoreCustomers(t.Context(), &cmiv1.BatchScoreCustomersRequest{QuestionnaireId: "survey", DryRun: true, Responses: responses})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(want.GetResults(), func(r *cmiv1.ScoreResult) bool { return r.GetScore().GetBehaviour() != nil }) {
		t.Fatal("nothing was measured: the test tries nothing")
	}
	table := columnartest.Plain(columnartest.Questionnaire())
	results, err := exchanged(t.Context(), t, r, `{"questionnaireId": "survey", "dryRun": true}`, table.Schema, cut(table, 25, responses))
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, results, 25, want.GetResults())
}

// TestFlightAcknowledges: a result comes once its batch is on record, while the table goes on; and the notes are the batches' own.
func TestFlightAcknowledges(t *testing.T) {
	t.Parallel()
	r := start(t)
	q := columnartest.Questionnaire()
	r.publish(t, q)
	responses := columnartest.Responses(rand.New(rand.NewPCG(6, 6)), q, 90)
	table := columnartest.Plain(q)
	e := opens(t.Context(), t, r, `{"questionnaireId": "survey"}`, table.Schema)
	for k, batch := range cut(table, 30, responses) {
		note := strings.Repeat("n", k) // the first has none
		if err := e.send(batch, note); err != nil {
			t.Fatal(err)
		}
		got, err := e.receive()
		if err != nil || got.note != note || got.NumRows() != 30 {
			t.Fatal(got, err)
		}
		for i := range 30 {
			_, err := r.scoring().GetScore(t.Context(), &cmiv1.GetScoreRequest{ResponseId: responses[30*k+i].GetResponseId()})
			if recorded, answered := err == nil, cell(t, got, "error", i) == nil; recorded != answered {
				t.Fatalf("row %d is on record: %v, and answered: %v", i, recorded, answered)
			}
		}
	}
	if err := e.over(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.receive(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}
