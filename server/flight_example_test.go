package server_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

// docs/flight.md shows what follows, up to the test.

// scoreTable scores two responses and records them.
func scoreTable(ctx context.Context, address, key string) (scores []float64, err error) {
	client, err := flight.NewClientWithMiddleware(address, nil, nil, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
	stream, err := client.DoExchange(ctx)
	if err != nil {
		return nil, err
	}

	schema := arrow.NewSchema([]arrow.Field{
		{Name: "@response_id", Type: arrow.BinaryTypes.String},
		{Name: "trust", Type: arrow.PrimitiveTypes.Int8, Nullable: true},
		{Name: "doubts", Type: arrow.PrimitiveTypes.Int8, Nullable: true},
		{Name: "recency", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "frequency", Type: arrow.PrimitiveTypes.Int8, Nullable: true},
		{Name: "continue", Type: arrow.PrimitiveTypes.Int8, Nullable: true},
		{Name: "recommend", Type: arrow.PrimitiveTypes.Int8, Nullable: true},
	}, nil)
	table := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	table.Field(0).(*array.StringBuilder).AppendValues([]string{"r-1", "r-2"}, nil)
	table.Field(1).(*array.Int8Builder).AppendValues([]int8{8, 3}, nil)
	table.Field(2).(*array.Int8Builder).AppendValues([]int8{1, 0}, []bool{true, false}) // the second one skipped it
	table.Field(3).(*array.StringBuilder).AppendValues([]string{"week", "week"}, nil)
	table.Field(4).(*array.Int8Builder).AppendValues([]int8{12, 1}, nil)
	table.Field(5).(*array.Int8Builder).AppendValues([]int8{9, 2}, nil)
	table.Field(6).(*array.Int8Builder).AppendValues([]int8{9, 3}, nil)

	to := flight.NewRecordWriter(stream, ipc.WithSchema(schema))
	to.SetFlightDescriptor(&flight.FlightDescriptor{
		Type: flight.DescriptorCMD, Cmd: []byte(`{"questionnaireId": "builtin-active-online", "columns": ["cmi", "error"]}`),
	})
	// A long table is written by a goroutine of its own, while this one reads.
	if err := to.WriteWithAppMetadata(table.NewRecordBatch(), []byte("rows 1 and 2")); err != nil {
		return nil, err
	}
	if err := stream.CloseSend(); err != nil {
		return nil, err
	}

	from, err := flight.NewRecordReader(stream)
	if err != nil {
		return nil, err
	}
	defer from.Release()
	for from.Next() {
		batch := from.RecordBatch()
		if why := batch.Column(1); why.NullN() < why.Len() {
			return nil, fmt.Errorf("refused: %v", why)
		}
		for row, cmi := range batch.Column(0).(*array.Float64).Values() {
			if batch.Column(0).IsValid(row) { // null where too little was answered
				scores = append(scores, cmi)
			}
		}
		fmt.Printf("%s: recorded\n", from.LatestAppMetadata())
	}
	return scores, from.Err()
}

// TestFlightExample: the example of the documentation works, and is the one that stands there.
func TestFlightExample(t *testing.T) {
	t.Parallel()
	plain, option := withKeys(t)
	r := start(t, option)
	scores, err := scoreTable(t.Context(), r.GRPC, plain["acme score"])
	if err != nil || len(scores) != 2 || !(scores[0] > scores[1]) {
		t.Errorf("scored %v, %v", scores, err)
	}
	code, err := os.ReadFile("flight_example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../docs/flight.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(page), "```go\n")
	shown, _, ok := strings.Cut(shown, "```\n")
	if !ok || !strings.Contains(string(code), shown) || !strings.Contains(shown, "DoExchange(ctx)") {
		t.Error("docs/flight.md shows another example than the one that was tried")
	}
}
