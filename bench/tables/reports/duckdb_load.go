package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/duckdb/duckdb-go/mapping"
)

// load makes the table of all scores.
func (d *duck) load(ctx context.Context, people *population) error {
	if err := d.exec(scoresTable); err != nil {
		return err
	}
	var to mapping.Appender
	if mapping.AppenderCreate(d.conn, "", "scores", &to) == mapping.StateError {
		return errors.New("DuckDB appends to no table")
	}
	defer mapping.AppenderDestroy(&to)
	types := columnTypes()
	for k := range types {
		defer mapping.DestroyLogicalType(&types[k])
	}
	chunk := mapping.CreateDataChunk(types)
	defer mapping.DestroyDataChunk(&chunk)
	if chunkRows > int(mapping.VectorSize()) {
		return fmt.Errorf("a chunk of DuckDB has %d rows, not %d", mapping.VectorSize(), chunkRows)
	}
	for lines, err := range chunked(ctx, people.scores(), people.line) {
		if err != nil {
			return err
		}
		put(chunk, lines)
		if mapping.AppendDataChunk(to, chunk) == mapping.StateError {
			return fmt.Errorf("DuckDB: %s", mapping.AppenderError(to))
		}
		mapping.DataChunkReset(chunk)
	}
	if mapping.AppenderClose(to) == mapping.StateError {
		return fmt.Errorf("DuckDB: %s", mapping.AppenderError(to))
	}
	return nil
}

func columnTypes() (types []mapping.LogicalType) {
	for _, t := range []mapping.Type{mapping.TypeInteger, mapping.TypeTinyInt, mapping.TypeSmallInt, mapping.TypeTinyInt, mapping.TypeTimestamp} {
		types = append(types, mapping.CreateLogicalType(t))
	}
	for range 4 {
		types = append(types, mapping.CreateLogicalType(mapping.TypeDouble))
	}
	for range 3 + touchpoints {
		types = append(types, mapping.CreateLogicalType(mapping.TypeTinyInt))
	}
	return types
}

// put puts lines into a chunk.
func put(chunk mapping.DataChunk, lines []line) {
	fillColumn(chunk, 0, lines, func(l line) (int32, bool) { return l.customer, true })
	fillColumn(chunk, 1, lines, func(l line) (int8, bool) { return l.segment, true })
	fillColumn(chunk, 2, lines, func(l line) (int16, bool) { return l.account, true })
	fillColumn(chunk, 3, lines, func(l line) (int8, bool) { return l.channel, true })
	fillColumn(chunk, 4, lines, func(l line) (int64, bool) { return l.at, true })
	for k := range 4 {
		fillColumn(chunk, 5+k, lines, func(l line) (float64, bool) { return l.figures[k], !math.IsNaN(l.figures[k]) })
	}
	fillColumn(chunk, 9, lines, func(l line) (int8, bool) { return l.bucket, l.bucket > 0 })
	for k := range 2 + touchpoints {
		fillColumn(chunk, 10+k, lines, func(l line) (int8, bool) { return int8(l.items[k]), !math.IsNaN(l.items[k]) })
	}
	mapping.DataChunkSetSize(chunk, mapping.IdxT(len(lines)))
}

func fillColumn[T any](chunk mapping.DataChunk, k int, lines []line, value func(line) (T, bool)) {
	vector := mapping.DataChunkGetVector(chunk, mapping.IdxT(k))
	mapping.VectorEnsureValidityWritable(vector)
	values, valid := vectorOf[T](vector, len(lines)), mapping.VectorGetValidity(vector)
	for n, l := range lines {
		x, has := value(l)
		values[n] = x
		mapping.ValiditySetRowValidity(valid, mapping.IdxT(n), has)
	}
}
