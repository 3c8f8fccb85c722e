package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/customer-momentum/cmi/bench/profile"
)

// ratings is how many items the questionnaire has where nothing else is said.
const ratings = 12

// wayNames say what the ways of DuckDB are.
func wayNames() map[string]string {
	return map[string]string{
		wayChunks: "DuckDB, results as data chunks", wayTable: "DuckDB, `CREATE TABLE AS`", waySums: "DuckDB, sums of the results only",
	}
}

// measureMemory compares the engine and DuckDB on a table in memory.
func measureMemory(ctx context.Context, _ string, o options, found *findings) error {
	if err := checkAgreement(ctx, o.memory); err != nil {
		return err
	}
	sides, err := memorySides(ctx, o.memory, ratings, wayChunks, wayTable, waySums)
	if err != nil {
		return err
	}
	r, err := conduct(ctx, "memory", sides, o)
	found.memory = &r
	return err
}

// checkAgreement compares all results in a process of its own, whose memory is none of ours.
func checkAgreement(ctx context.Context, rows int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	check := exec.CommandContext(ctx, self, "-role", roleAgree, "-table", fmt.Sprint(rows)) //nolint:gosec // it is this program
	check.Stderr = os.Stderr
	if err := check.Run(); err != nil {
		return fmt.Errorf("the two do not agree: %w", err)
	}
	return nil
}

// memorySides are the engine, and DuckDB in some ways.
func memorySides(ctx context.Context, rows, items int, ways ...string) ([]side, error) {
	ours, err := spawn(ctx, roleKernel, "-table", rows, "-items", items)
	if err != nil {
		return nil, err
	}
	sides := []side{{name: "columns kernel", turn: turnOf(ours, ""), profiled: profileOf(ours), close: ours.end}}
	theirs, err := duckSides(ctx, rows, items, ways...)
	if err != nil {
		return nil, errors.Join(err, ours.end())
	}
	return append(sides, theirs...), nil
}

// duckSides are DuckDB in some ways, in one process.
func duckSides(ctx context.Context, rows, items int, ways ...string) (sides []side, err error) {
	theirs, err := spawn(ctx, roleDuck, "-table", rows, "-items", items)
	if err != nil {
		return nil, err
	}
	for _, way := range ways {
		sides = append(sides, side{name: wayNames()[way], turn: turnOf(theirs, way)})
	}
	sides[0].close = theirs.end
	return sides, nil
}

func turnOf(c *child, way string) func(context.Context, float64) (measurement, error) {
	return func(_ context.Context, seconds float64) (measurement, error) {
		w, err := c.ask(question{Way: way, Seconds: seconds})
		return measurement{worked: w}, err
	}
}

func profileOf(c *child) func(context.Context, float64, string, string) error {
	return func(_ context.Context, seconds float64, cpu, memory string) error {
		if _, err := c.ask(question{Profile: &profile.Order{CPU: cpu, Memory: memory}}); err != nil {
			return err
		}
		if _, err := c.ask(question{Seconds: seconds}); err != nil {
			return err
		}
		_, err := c.ask(question{Profile: &profile.Order{}})
		return err
	}
}
