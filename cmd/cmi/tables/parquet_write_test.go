package tables

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// scoresLike makes a table of the types that scores have: of few values, of more than a dictionary takes, of one, and of none.
func scoresLike(rows int) arrow.RecordBatch {
	words := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "few", Type: arrow.PrimitiveTypes.Float64, Nullable: true}, {Name: "many", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "one", Type: arrow.PrimitiveTypes.Int32, Nullable: true}, {Name: "none", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
		{Name: "long", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: "status", Type: words, Nullable: true},
		{Name: "id", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "error", Type: arrow.BinaryTypes.String, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	odd := []float64{math.NaN(), math.Copysign(0, -1), 0, -3.25, 100, math.Inf(1)}
	for row := range rows {
		if row%7 == 3 {
			for k := range schema.NumFields() {
				b.Field(k).AppendNull()
			}
			continue
		}
		b.Field(0).(*array.Float64Builder).Append(odd[row%len(odd)])
		b.Field(1).(*array.Float64Builder).Append(float64(row) / 3)
		b.Field(2).(*array.Int32Builder).Append(-5)
		b.Field(3).AppendNull()
		b.Field(4).(*array.Int64Builder).Append(int64(row%1000) - 500)
		_ = b.Field(5).(*array.BinaryDictionaryBuilder).AppendString([]string{"SCORED", "PARTIAL", ""}[row%3])
		b.Field(6).(*array.StringBuilder).Append(fmt.Sprintf("r%06d", row))
		b.Field(7).AppendNull()
	}
	return b.NewRecordBatch()
}

// TestScoresToParquet has the library read what the short way writes, batch by batch, of odd sizes.
func TestScoresToParquet(t *testing.T) {
	t.Parallel()
	const rows = groupRows + 50_021
	want := scoresLike(rows)
	var out bytes.Buffer
	s, err := newParquetSink(&out, want.Schema())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := s.(*parquetFlatSink); !ok {
		t.Fatalf("it is written by a %T", s)
	}
	for from := int64(0); from < rows; from += 10_007 {
		part := want.NewSlice(from, min(from+10_007, rows))
		if err := s.write(part, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.end(); err != nil {
		t.Fatal(err)
	}
	got, err := pqarrow.ReadTable(t.Context(), bytes.NewReader(out.Bytes()), parquet.NewReaderProperties(nil), pqarrow.ArrowReadProperties{},
		memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	for k, field := range want.Schema().Fields() {
		if !arrow.TypeEqual(field.Type, got.Schema().Field(k).Type) {
			t.Errorf("column %s is of %s", field.Name, got.Schema().Field(k).Type)
		}
		column, row := got.Column(k).Data(), 0
		for _, chunk := range column.Chunks() {
			for at := range chunk.Len() {
				if !sameCell(chunk, at, want.Column(k), row) {
					t.Fatalf("column %s: row %d is %s, want %s", field.Name, row, chunk.ValueStr(at), want.Column(k).ValueStr(row))
				}
				row++
			}
		}
		if row != rows {
			t.Errorf("column %s has %d rows", field.Name, row)
		}
	}
	checkGroups(t, out.Bytes())
}

// sameCell compares two cells, numbers by their bits.
func sameCell(a arrow.Array, i int, b arrow.Array, j int) bool {
	if a.IsNull(i) || b.IsNull(j) {
		return a.IsNull(i) == b.IsNull(j)
	}
	if x, ok := a.(*array.Float64); ok {
		return math.Float64bits(x.Value(i)) == math.Float64bits(b.(*array.Float64).Value(j))
	}
	return a.ValueStr(i) == b.ValueStr(j)
}

// checkGroups holds what the first row group says of itself to what is in it.
func checkGroups(t *testing.T, data []byte) {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if r.NumRowGroups() != 2 {
		t.Fatalf("there are %d row groups", r.NumRowGroups())
	}
	group := r.MetaData().RowGroup(0)
	known := func(column int) metadata.TypedStatistics {
		chunk, err := group.ColumnChunk(column)
		if err != nil {
			t.Fatal(err)
		}
		s, err := chunk.Statistics()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	rows := int(group.NumRows()) // 13 batches of 10007
	nulls := (rows + 3) / 7      // rows 3, 10, 17 and so on
	if s := known(0).(*metadata.Float64Statistics); s.Min() != -3.25 || !math.IsInf(s.Max(), 1) || s.NullCount() != int64(nulls) {
		t.Errorf("few runs from %g to %g, with %d nulls of %d", s.Min(), s.Max(), s.NullCount(), nulls)
	}
	if s := known(1).(*metadata.Float64Statistics); s.Min() != 0 || s.Max() != float64(rows-1)/3 {
		t.Errorf("many runs from %g to %g", s.Min(), s.Max())
	}
	if s := known(2).(*metadata.Int32Statistics); s.Min() != -5 || s.Max() != -5 {
		t.Errorf("one runs from %d to %d", s.Min(), s.Max())
	}
	if s := known(3); s.HasMinMax() || s.NullCount() != int64(rows) {
		t.Errorf("none has bounds, or %d nulls of %d", s.NullCount(), rows)
	}
	if s := known(4).(*metadata.Int64Statistics); s.Min() != -500 || s.Max() != 499 {
		t.Errorf("long runs from %d to %d", s.Min(), s.Max())
	}
	if s := known(5).(*metadata.ByteArrayStatistics); string(s.Min()) != "" || string(s.Max()) != "SCORED" {
		t.Errorf("status runs from %q to %q", s.Min(), s.Max())
	}
}

// TestWordsThatAreNull takes a dictionary in which a word is null: so is every row with that word.
func TestWordsThatAreNull(t *testing.T) {
	t.Parallel()
	words := array.NewStringBuilder(memory.DefaultAllocator)
	words.AppendValues([]string{"a", "", "c"}, []bool{true, false, true})
	places := array.NewInt8Builder(memory.DefaultAllocator)
	places.AppendValues([]int8{0, 1, 2, 1, 0}, []bool{true, true, true, true, false})
	kind := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
	c := newParquetColumn(arrow.Field{Name: "c", Type: kind, Nullable: true})
	c.add(array.NewDictionaryArray(kind, places.NewArray(), words.NewArray()), 0)
	texts := c.values.(*parquetTexts)
	if c.valid[0] != 0b00101 || !slices.Equal(texts.places, []uint16{0, 1}) {
		t.Errorf("the rows with a word are %08b, and they have %v", c.valid[0], texts.places)
	}
}
