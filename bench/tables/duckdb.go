package main

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"github.com/duckdb/duckdb-go/mapping"
)

// The ways in which DuckDB can come to its results.
const (
	// wayChunks leaves them as data chunks, each of which is fetched.
	wayChunks = "chunks"
	// wayTable makes a table of them.
	wayTable = "table"
	// waySums adds up every column and keeps none: what the work costs without results.
	waySums = "sums"
)

// duck is a DuckDB in this process, on as many threads as there are cores.
type duck struct {
	db   mapping.Database
	conn mapping.Connection
}

func openDuck() (*duck, error) {
	d := &duck{}
	if mapping.Open(":memory:", &d.db) == mapping.StateError {
		return nil, errors.New("DuckDB does not open")
	}
	if mapping.Connect(d.db, &d.conn) == mapping.StateError {
		mapping.Close(&d.db)
		return nil, errors.New("DuckDB does not connect")
	}
	if err := d.exec(fmt.Sprintf("SET threads = %d", runtime.NumCPU())); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *duck) close() {
	mapping.Disconnect(&d.conn)
	mapping.Close(&d.db)
}

// exec runs a statement whose result is not looked at.
func (d *duck) exec(statement string) error {
	return d.query(statement, nil)
}

// query runs a statement and fetches what it comes to, if each is there, chunk by chunk.
func (d *duck) query(statement string, each func(mapping.DataChunk) error) error {
	var result mapping.Result
	defer mapping.DestroyResult(&result)
	if mapping.Query(d.conn, statement, &result) == mapping.StateError {
		return fmt.Errorf("DuckDB: %s: %s", mapping.ResultError(&result), statement)
	}
	for each != nil {
		chunk := mapping.FetchChunk(result)
		if chunk.Ptr == nil {
			break
		}
		err := each(chunk)
		mapping.DestroyDataChunk(&chunk)
		if err != nil {
			return err
		}
	}
	return nil
}

// score scores the table of answers in one of the ways. The order of rows is free, as it is between batches.
func (d *duck) score(rows, items int, way string) error {
	query := scoreSQL(items, "answers", false)
	switch way {
	case wayTable:
		return d.exec("CREATE OR REPLACE TABLE results AS " + query)
	case waySums:
		return d.exec("SELECT sum(status), sum(bucket), sum(cmi), sum(eci), sum(bei), sum(fii), sum(display_score) FROM (" + query + ")")
	}
	got := 0
	err := d.query(query, func(chunk mapping.DataChunk) error {
		got += int(mapping.DataChunkGetSize(chunk))
		return nil
	})
	if err == nil && got != rows {
		err = fmt.Errorf("DuckDB scored %d rows of %d", got, rows)
	}
	return err
}

// load makes the table of answers.
func (d *duck) load(rows, items int) error {
	fields, types := make([]string, items), make([]mapping.LogicalType, items)
	for k := range items {
		fields[k], types[k] = itemID(k)+" TINYINT", mapping.CreateLogicalType(mapping.TypeTinyInt)
		defer mapping.DestroyLogicalType(&types[k])
	}
	if err := d.exec("CREATE TABLE answers (" + strings.Join(fields, ", ") + ")"); err != nil {
		return err
	}
	var to mapping.Appender
	if mapping.AppenderCreate(d.conn, "", "answers", &to) == mapping.StateError {
		return errors.New("DuckDB appends to no table")
	}
	defer mapping.AppenderDestroy(&to)
	chunk := mapping.CreateDataChunk(types)
	defer mapping.DestroyDataChunk(&chunk)
	size := int(mapping.VectorSize())
	for from := 0; from < rows; from += size {
		fill(chunk, answers(items, from, min(size, rows-from)))
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

// fill puts answers into a chunk.
func fill(chunk mapping.DataChunk, columns []column) {
	for k, c := range columns {
		vector := mapping.DataChunkGetVector(chunk, mapping.IdxT(k))
		mapping.VectorEnsureValidityWritable(vector)
		copy(vectorOf[int8](vector, len(c.values)), c.values)
		copy(unsafe.Slice((*byte)(mapping.VectorGetValidity(vector)), len(c.valid)), c.valid) //nolint:gosec // as long as the vector
		mapping.DataChunkSetSize(chunk, mapping.IdxT(len(c.values)))
	}
}

// vectorOf is the memory of a vector, as long as its chunk is there.
func vectorOf[T any](vector mapping.Vector, rows int) []T {
	return unsafe.Slice((*T)(mapping.VectorGetData(vector)), rows) //nolint:gosec // as long as its chunk
}

func duckVersion() string { return mapping.LibraryVersion() }
