package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/customer-momentum/cmi/bench/profile"
)

// measureFlight compares the whole service, asked by a client of its own over Arrow Flight, and DuckDB without either.
func measureFlight(ctx context.Context, dir string, o options, found *findings) (err error) {
	service, err := spawn(ctx, roleServe, "-home", dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.end()) }()
	client, err := spawn(ctx, roleClient, "-table", o.memory, "-address", service.ready.Address, "-key", service.ready.Key)
	if err != nil {
		return err
	}
	sides := []side{{name: "Arrow Flight, dry run", close: client.end, turn: turnOfBoth(client, service), profiled: profileOfBoth(client, service)}}
	theirs, err := duckSides(ctx, o.memory, ratings, wayChunks, wayTable)
	if err != nil {
		return errors.Join(err, client.end())
	}
	r, err := conduct(ctx, "flight", append(sides, theirs...), o)
	found.flight = &r
	if err == nil && o.huge > 0 {
		found.stream, err = measureStream(ctx, filepath.Join(dir, "stream"), o.huge)
	}
	return err
}

// turnOfBoth gives a client its turn, and counts the CPU time and the allocations of the service it calls too.
func turnOfBoth(client, service *child) func(context.Context, float64) (measurement, error) {
	return func(_ context.Context, seconds float64) (m measurement, err error) {
		before, err := service.ask(question{Usage: true})
		if err != nil {
			return m, err
		}
		if m.worked, err = client.ask(question{Seconds: seconds}); err != nil {
			return m, err
		}
		after, err := service.ask(question{Usage: true})
		m.CPU += after.CPU - before.CPU
		m.Allocations += after.Allocations - before.Allocations
		return m, err
	}
}

// profileOfBoth profiles the service, and the client into another file.
func profileOfBoth(client, service *child) func(context.Context, float64, string, string) error {
	return func(_ context.Context, seconds float64, cpu, memory string) error {
		for _, one := range []struct {
			child *child
			end   string
		}{{service, ""}, {client, ".client"}} {
			order := profile.Order{CPU: cpu, Memory: memory}
			if cpu != "" {
				order.CPU += one.end
			} else {
				order.Memory += one.end
			}
			if _, err := one.child.ask(question{Profile: &order}); err != nil {
				return err
			}
		}
		if _, err := client.ask(question{Seconds: seconds}); err != nil {
			return err
		}
		for _, one := range []*child{service, client} {
			if _, err := one.ask(question{Profile: &profile.Order{}}); err != nil {
				return err
			}
		}
		return nil
	}
}
