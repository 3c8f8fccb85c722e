package main

import (
	"github.com/customer-momentum/cmi/bench/load"
	"github.com/customer-momentum/cmi/bench/target"
)

// experiment is some sides that take turns, and the rows of the report that come of them.
type experiment struct {
	sides []side
	rows  []row
	// half says that all sides are called at half of what the last one can do, instead of as often as can be.
	half bool
	// unit is what is counted.
	unit string
	// postgres says that the sides need a PostgreSQL. Its work is that of neither process: what others used, and the answers for a
	// second of CPU time, cannot be told.
	postgres bool
}

// side is one way to do the work.
type side struct {
	name   string
	target string
	// order is for the load generator; address, key and duration are filled in. Targets that insert have none.
	order load.Order
	// responses, where above 0, is how many make a measurement for one second of its length, whatever time they take.
	responses int
}

// row compares two sides of an experiment.
type row struct {
	number  string
	what    string
	against string
	ours    int
	theirs  int
	goal    float64
	// latency says that the P99s are compared and that less is better; goal is then the most.
	latency bool
	// aside rows have no goal.
	aside bool
}

const (
	connections = 4
	callers     = 64
	streams     = 4
	chunk       = 100
	bulkChunk   = 1000
	window      = 8
	tables      = 2
	tableBatch  = 2500
	tableWindow = 3
	// bulkRate is how many rows a bulk measurement has for each second of its nominal length.
	bulkRate = 20_000
)

func unaryOrder(way string, dryRun bool) load.Order {
	return load.Order{Way: way, Callers: callers, Connections: connections, DryRun: dryRun}
}

func streamOrder(chunk int, dryRun bool) load.Order {
	return load.Order{Way: load.Stream, Callers: streams, Connections: streams, Chunk: chunk, Window: window, DryRun: dryRun}
}

func tableOrder() load.Order {
	return load.Order{Way: load.Tables, Callers: tables, Connections: tables, Chunk: tableBatch, Window: tableWindow}
}

// experiments are all that is measured.
func experiments() []experiment {
	dry, dryStream := unaryOrder(load.GRPC, true), streamOrder(chunk, true)
	bare, whole := "our handler, no chain", "whole service"
	return []experiment{
		{
			unit: "calls",
			sides: []side{
				{name: "fixed handler", target: target.Fixed, order: dry},
				{name: bare, target: target.Bare, order: dry},
				{name: whole, target: target.Whole, order: dry},
			},
			rows: []row{
				{number: "1", what: "`ScoreCustomer`, dry run, bare server", against: "handler with a prepared score", ours: 1, goal: 0.95},
				{number: "2", what: "`ScoreCustomer`, dry run, whole service", against: "handler with a prepared score", ours: 2, goal: 0.80},
			},
		},
		{
			unit: "calls", half: true,
			sides: []side{
				{name: "fixed handler", target: target.Fixed, order: dry},
				{name: whole, target: target.Whole, order: dry},
			},
			rows: []row{{number: "2p99", what: "the same, p99 at half load", against: "handler with a prepared score, at the same rate", ours: 1, goal: 1.5, latency: true}},
		},
		{
			unit: "responses",
			sides: []side{
				{name: "prepared answers", target: target.Fixed, order: dryStream},
				{name: bare, target: target.Bare, order: dryStream},
				{name: whole, target: target.Whole, order: dryStream},
			},
			rows: []row{
				{number: "3", what: "`StreamScores`, dry run, 12 answers, whole service", against: "stream with prepared answers", ours: 2, goal: 0.90},
				{number: "3b", what: "the same, bare server", against: "stream with prepared answers", ours: 1, aside: true},
			},
		},
		{
			unit: "calls",
			sides: []side{
				{name: "gRPC", target: target.Whole, order: dry},
				{name: "gateway", target: target.Whole, order: unaryOrder(load.HTTP, true)},
			},
			rows: []row{{number: "4", what: "gateway `POST /v1/scores`, dry run", against: "`ScoreCustomer` by gRPC, same server", ours: 1, goal: 0.80}},
		},
		{
			unit: "calls",
			sides: []side{
				{name: "dry run", target: target.Whole, order: dry},
				{name: "recorded", target: target.Whole, order: unaryOrder(load.GRPC, false)},
			},
			rows: []row{{number: "5", what: "recorded `ScoreCustomer`, 64 clients, SQLite", against: "its dry run", ours: 1, goal: 0.3}},
		},
		{
			unit: "rows",
			sides: []side{
				{name: "bulk insert", target: target.Bulk, responses: bulkRate},
				{name: "bulk insert, no indexes", target: target.BulkBare, responses: bulkRate},
				{name: "recorded stream", target: target.Whole, order: streamOrder(bulkChunk, false), responses: bulkRate},
				{name: "recorded Flight", target: target.Whole, order: tableOrder(), responses: bulkRate},
			},
			rows: []row{
				{number: "6", what: "recorded `StreamScores`, SQLite", against: "SQLite bulk insert of the same rows, same indexes", ours: 2, goal: 0.5},
				{number: "6b", what: "the same", against: "SQLite bulk insert of the same rows, no indexes", ours: 2, theirs: 1, aside: true},
				{number: "6f", what: "recorded Arrow Flight, SQLite", against: "SQLite bulk insert of the same rows, same indexes", ours: 3, goal: 0.5},
			},
		},
		{
			unit: "rows", postgres: true,
			sides: []side{
				{name: "`COPY`", target: target.Copy, responses: bulkRate},
				{name: "`COPY`, no indexes", target: target.CopyBare, responses: bulkRate},
				{name: "recorded stream, PostgreSQL", target: target.WholePostgres, order: streamOrder(bulkChunk, false), responses: bulkRate},
				{name: "recorded Flight, PostgreSQL", target: target.WholePostgres, order: tableOrder(), responses: bulkRate},
			},
			rows: []row{
				{number: "6p", what: "recorded `StreamScores`, PostgreSQL", against: "PostgreSQL `COPY` of the same rows, same indexes", ours: 2, goal: 0.5},
				{number: "6pb", what: "the same", against: "PostgreSQL `COPY` of the same rows, no indexes", ours: 2, theirs: 1, aside: true},
				{number: "6pf", what: "recorded Arrow Flight, PostgreSQL", against: "PostgreSQL `COPY` of the same rows, same indexes", ours: 3, goal: 0.5},
			},
		},
	}
}
