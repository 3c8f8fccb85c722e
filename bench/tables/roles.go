package main

import (
	"errors"

	"github.com/customer-momentum/cmi/server"
)

// What child processes do.
const (
	roleKernel = "kernel"
	roleDuck   = "duckdb"
	roleCopy   = "copy"
	roleAgree  = "agree"
	roleServe  = "serve"
	roleClient = "client"
)

// playKernel keeps a table for the engine.
func playKernel(o options) error {
	// As `cmi serve` does.
	server.RelaxCollector()
	k, err := newKernel(o.tableRows, o.items)
	if err != nil {
		return err
	}
	return play(answer{}, o.tableRows, func(string) error { return k.score() })
}

// playDuck keeps the same table in DuckDB.
func playDuck(o options) error {
	d, err := openDuck()
	if err != nil {
		return err
	}
	defer d.close()
	if err := d.load(o.tableRows, o.items); err != nil {
		return err
	}
	return play(answer{}, o.tableRows, func(way string) error { return d.score(o.tableRows, o.items, way) })
}

// playCopy asks DuckDB one thing, of the table of answers where that is to be made, and ends.
func playCopy(o options) error {
	if o.statement == "" {
		return errors.New("there is no statement")
	}
	d, err := openDuck()
	if err != nil {
		return err
	}
	defer d.close()
	if o.tableRows > 0 {
		if err := d.load(o.tableRows, o.items); err != nil {
			return err
		}
	}
	return d.exec(o.statement)
}
