package main

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/customer-momentum/cmi/bench/target"
)

// TestDisagreementShows changes one result of the engine, which the comparison must find.
func TestDisagreementShows(t *testing.T) {
	t.Parallel()
	const rows, items = 100, ratings
	ours, err := newKernel(rows, items)
	if err != nil {
		t.Fatal(err)
	}
	if err := ours.score(); err != nil {
		t.Fatal(err)
	}
	theirs := loaded(t, rows, items)
	for name, spoil := range map[string]func(){
		"a figure":   func() { ours.results[0].Pillars[2][7] += 1e-8 },
		"a status":   func() { ours.results[0].Status[7]++ },
		"a bucket":   func() { ours.results[0].Bucket[7]++ },
		"no figure":  func() { ours.results[0].CMI[7] = math.NaN() },
		"the points": func() { ours.results[0].Display[7]++ },
	} {
		if err := ours.score(); err != nil {
			t.Fatal(err)
		}
		if err := compare(ours, theirs, items); err != nil {
			t.Fatalf("before %s was changed: %v", name, err)
		}
		spoil()
		if err := compare(ours, theirs, items); err == nil {
			t.Errorf("nobody saw that %s is another", name)
		}
	}
}

func loaded(t *testing.T, rows, items int) *duck {
	t.Helper()
	d, err := openDuck()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	if err := d.load(rows, items); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestEveryWayScores runs each way of DuckDB once.
func TestEveryWayScores(t *testing.T) {
	t.Parallel()
	d := loaded(t, 3000, ratings)
	for way := range wayNames() {
		if err := d.score(3000, ratings, way); err != nil {
			t.Errorf("%s: %v", way, err)
		}
	}
	if err := d.score(3001, ratings, wayChunks); err == nil {
		t.Error("nobody missed a row")
	}
}

// TestFlightScoresTheTable sends a table of two batches to the whole service.
func TestFlightScoresTheTable(t *testing.T) {
	t.Parallel()
	running, err := target.Start(t.Context(), target.Whole, target.Place{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := dial(running.GRPC)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(conn.Close(), running.Close()); err != nil {
			t.Error(err)
		}
	}()
	if err := publish(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+running.Key), conn, ratings); err != nil {
		t.Fatal(err)
	}
	if err := send(t.Context(), []*grpc.ClientConn{conn, conn}, running.Key, recordBatches(batchRows+7, ratings)); err != nil {
		t.Error(err)
	}
}

// TestFilesOfBothSidesAreCompared has DuckDB write a file twice, the second time with one figure changed.
func TestFilesOfBothSidesAreCompared(t *testing.T) {
	t.Parallel()
	d := loaded(t, 500, ratings)
	dir := t.TempDir()
	at := filesOf{ours: filepath.Join(dir, "a.parquet"), theirs: filepath.Join(dir, "b.parquet")}
	query := scoreSQL(ratings, "answers", true)
	for _, one := range []struct {
		sql string
		ok  bool
	}{{query, true}, {"SELECT * REPLACE (cmi + 1e-8 AS cmi) FROM (" + query + ")", false}} {
		for to, from := range map[string]string{at.ours: query, at.theirs: one.sql} {
			if err := d.exec("COPY (" + from + ") TO '" + to + "'"); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.exec(compareFiles(at)); (err == nil) != one.ok {
			t.Errorf("%v, with the same figures: %v", err, one.ok)
		}
		for _, name := range []string{at.ours, at.theirs} {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
	}
}
