package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"unsafe"

	"github.com/duckdb/duckdb-go/mapping"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// duck is a DuckDB in this process, on as many threads as there are cores.
type duck struct {
	db   mapping.Database
	conn mapping.Connection
}

func openDuck(name string) (*duck, error) {
	d := &duck{}
	if mapping.Open(name, &d.db) == mapping.StateError {
		return nil, fmt.Errorf("DuckDB does not open %s", name)
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
	_, err := d.query(statement, 0)
	return err
}

// query runs a statement whose columns are all DOUBLE, and answers its rows; NaN is NULL.
func (d *duck) query(statement string, columns int) (rows [][]float64, err error) {
	var result mapping.Result
	defer mapping.DestroyResult(&result)
	if mapping.Query(d.conn, statement, &result) == mapping.StateError {
		return nil, fmt.Errorf("DuckDB: %s: %s", mapping.ResultError(&result), statement)
	}
	for columns > 0 {
		chunk := mapping.FetchChunk(result)
		if chunk.Ptr == nil {
			break
		}
		rows = append(rows, rowsOf(chunk, columns)...)
		mapping.DestroyDataChunk(&chunk)
	}
	return rows, nil
}

func rowsOf(chunk mapping.DataChunk, columns int) [][]float64 {
	rows := make([][]float64, int(mapping.DataChunkGetSize(chunk)))
	for n := range rows {
		rows[n] = make([]float64, columns)
	}
	for k := range columns {
		vector := mapping.DataChunkGetVector(chunk, mapping.IdxT(k))
		values, valid := vectorOf[float64](vector, len(rows)), mapping.VectorGetValidity(vector)
		for n := range rows {
			rows[n][k] = values[n]
			if valid != nil && !mapping.ValidityRowIsValid(valid, mapping.IdxT(n)) {
				rows[n][k] = math.NaN()
			}
		}
	}
	return rows
}

// vectorOf is the memory of a vector, as long as its chunk is there.
func vectorOf[T any](vector mapping.Vector, rows int) []T {
	return unsafe.Slice((*T)(mapping.VectorGetData(vector)), rows) //nolint:gosec // as long as its chunk
}

// scoresTable is the table in the form that suits it: whole numbers for ids and enums, and what each score came to beside it.
const scoresTable = `CREATE TABLE scores (customer INTEGER, segment TINYINT, account SMALLINT, channel TINYINT, submitted_at TIMESTAMP,
  cmi DOUBLE, eci DOUBLE, bei DOUBLE, fii DOUBLE, bucket TINYINT, nps TINYINT, csat TINYINT,
  t1 TINYINT, t2 TINYINT, t3 TINYINT, t4 TINYINT, t5 TINYINT, t6 TINYINT)`

// line is a row of the table. NaN is NULL.
type line struct {
	customer         int32
	segment, channel int8
	account          int16
	at               int64
	figures          [4]float64
	bucket           int8
	items            [2 + touchpoints]float64
}

func (p *population) line(n int) (line, error) {
	i, _ := p.at(n)
	entry, err := p.entry(n)
	if err != nil {
		return line{}, err
	}
	score := entry.Score
	one := line{
		customer: int32(i), segment: int8(segmentOf(i)), channel: int8(entry.Response.GetChannel()), account: int16(p.accountOf(i)),
		at: score.GetSubmittedAt().AsTime().UnixMicro(), bucket: int8(score.GetBucket()),
		figures: [4]float64{optional(score.Cmi), math.NaN(), math.NaN(), math.NaN()},
	}
	for _, pillar := range score.GetPillars() {
		one.figures[pillar.GetPillar()] = optional(pillar.Score)
	}
	for k := range one.items {
		one.items[k] = math.NaN()
	}
	for _, answer := range entry.Response.GetAnswers() {
		if k := column(answer); k >= 0 {
			one.items[k] = answer.GetNumber()
		}
	}
	return one, nil
}

// column is where an answer stands among the items of the table; below 0 for those that are pillars.
func column(answer *cmiv1.Answer) int {
	switch id := answer.GetItemId(); {
	case id == "nps":
		return 0
	case id == "csat":
		return 1
	case id[0] == 't':
		return 2 + int(id[1]-'1')
	default:
		return -1
	}
}

func optional(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

// fillDuck makes a file with the table.
func fillDuck(ctx context.Context, name string, people *population) error {
	d, err := openDuck(name)
	if err != nil {
		return err
	}
	defer d.close()
	return steps(ctx, []step{
		{"write the table", func(ctx context.Context) error { return d.load(ctx, people) }},
		{"write it to the file", func(context.Context) error { return d.exec("CHECKPOINT") }},
	})
}
