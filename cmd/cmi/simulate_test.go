package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/questionnaire"

	"github.com/customer-momentum/cmi/examples/population"
)

// simulated is the plan of the populations in these tests.
func simulated() population.Plan {
	plan := population.New(population.Survey)
	plan.Customers, plan.Waves, plan.Seed = 30, 5, 9
	return plan
}

// TestSimulateWritesFiles that hold the population, read back message by message, and are the same every time.
func TestSimulateWritesFiles(t *testing.T) {
	t.Parallel()
	folders := []string{filepath.Join(t.TempDir(), "deep", "one"), t.TempDir()}
	for _, folder := range folders {
		r := cmi(t, "", "simulate", "--out", folder, "--customers", "30", "--waves", "5", "--seed", "9")
		r.expect(t, exitOK)
		says(t, r.out, "30 customers of seed 9", "survey", "5 waves", "2025-11-01", "2026-03-11", folder)
		if r.err != "" {
			t.Errorf("where there is no terminal it says %q", r.err)
		}
	}
	read := func(name string) []byte {
		first, err := os.ReadFile(filepath.Join(folders[0], name))
		if err != nil {
			t.Fatal(err)
		}
		if second, err := os.ReadFile(filepath.Join(folders[1], name)); err != nil || !bytes.Equal(first, second) {
			t.Errorf("%s differs from one run to the next (%v)", name, err)
		}
		return first
	}
	q, err := questionnaire.Read("questionnaire.yaml", read("questionnaire.yaml"))
	if err != nil || !proto.Equal(q, simulated().Questionnaire()) {
		t.Errorf("the questionnaire reads back otherwise (%v)", err)
	}
	plan := simulated()
	var customers, interactions, responses []proto.Message
	for i := range plan.Customers {
		c := plan.Customer(i)
		customers = append(customers, c.Profile)
		for _, it := range c.Interactions {
			interactions = append(interactions, it)
		}
		for _, r := range c.Responses {
			responses = append(responses, r)
		}
	}
	sameLines(t, "customers", read("customers.ndjson"), &cmiv1.Customer{}, customers)
	sameLines(t, "interactions", read("interactions.ndjson"), &cmiv1.Interaction{}, interactions)
	sameLines(t, "responses", read("responses.ndjson"), &cmiv1.Response{}, responses)
	sameTable(t, plan, read("truth.csv"))
	sameTruth(t, plan, read("truth.ndjson"))
	// What the generator makes, the engine scores.
	r := cmi(t, "", "score", "-q", filepath.Join(folders[0], "questionnaire.yaml"), filepath.Join(folders[0], "responses.ndjson"))
	r.expect(t, exitOK)
	if lines := strings.Count(r.out, "\n"); lines != len(responses) {
		t.Errorf("%d scores for %d responses", lines, len(responses))
	}
}

// sameLines checks that data holds messages of the kind, one a line.
func sameLines(t *testing.T, what string, data []byte, kind proto.Message, want []proto.Message) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d lines of %s, want %d", len(lines), what, len(want))
	}
	for i, line := range lines {
		got := kind.ProtoReflect().New().Interface()
		if err := protojson.Unmarshal([]byte(line), got); err != nil || !proto.Equal(got, want[i]) {
			t.Errorf("line %d of %s is %s (%v), want %v", i+1, what, line, err, want[i])
		}
	}
}

func sameTable(t *testing.T, plan population.Plan, data []byte) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil || len(rows) != plan.Customers+1 {
		t.Fatalf("truth.csv has %d rows (%v)", len(rows), err)
	}
	if want := []string{"customer_id", "class", "slope", "lifecycle", "first_wave", "last_wave", "first_momentum", "last_momentum"}; !slices.Equal(rows[0], want) {
		t.Errorf("the columns are %q", rows[0])
	}
	for i, row := range rows[1:] {
		truth := plan.Truth(i)
		text := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
		want := []string{
			plan.Profile(i).GetCustomerId(), truth.Direction.String()[len("DIRECTION_"):], text(truth.Slope),
			truth.Lifecycle.String()[len("LIFECYCLE_"):], strconv.Itoa(truth.First + 1), strconv.Itoa(truth.Last + 1),
			text(truth.Momentum[0]), text(truth.Momentum[truth.Last-truth.First]),
		}
		if !slices.Equal(row, want) {
			t.Errorf("row %d is %q, want %q", i+1, row, want)
		}
	}
}

func sameTruth(t *testing.T, plan population.Plan, data []byte) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	for i := range plan.Customers {
		var line struct {
			CustomerID, Class, Lifecycle string
			Slope                        float64
			FirstWave                    int
			Momentum                     []float64
			Pillars                      [3]float64
		}
		if err := decoder.Decode(&line); err != nil {
			t.Fatal(err)
		}
		truth := plan.Truth(i)
		if line.CustomerID != plan.Profile(i).GetCustomerId() || "DIRECTION_"+line.Class != truth.Direction.String() ||
			"LIFECYCLE_"+line.Lifecycle != truth.Lifecycle.String() || line.Slope != truth.Slope || line.FirstWave != truth.First+1 ||
			!slices.Equal(line.Momentum, truth.Momentum) || line.Pillars != truth.Pillars {
			t.Errorf("line %d of truth.ndjson is %+v, want %+v", i+1, line, truth)
		}
	}
	if decoder.More() {
		t.Error("truth.ndjson goes on")
	}
}

// TestSimulateTakesItsFlags: each says what the plan says.
func TestSimulateTakesItsFlags(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cmi(t, "", "simulate", "--out", folder, "--customers", "4", "--waves", "3", "--every-days", "7", "--start", "2026-02-28", "--seed", "5",
		"--model", "parallel", "--rising", "0.5", "--falling", "0.5", "--late", "0.5", "--silent", "0.1", "--closed", "0.2", "--gap", "0.3",
		"--activity", "1.5").expect(t, exitOK)
	plan := population.New(population.Parallel)
	plan.Customers, plan.Waves, plan.Seed, plan.Every = 4, 3, 5, 7*24*time.Hour
	plan.Start = time.Date(2026, time.February, 28, 0, 0, 0, 0, time.UTC)
	plan.Rising, plan.Falling, plan.Late, plan.Silent, plan.Closed, plan.Gap, plan.Activity = 0.5, 0.5, 0.5, 0.1, 0.2, 0.3, 1.5
	data, err := os.ReadFile(filepath.Join(folder, "truth.csv"))
	if err != nil {
		t.Fatal(err)
	}
	sameTable(t, plan, data)
	// With the shares of the other reasons that is more than all questions.
	cmi(t, "", "simulate", "--out", folder, "--dont-know", "1").expect(t, exitUsage)
}

// TestSimulateSaysWhatIsWrong: what cannot be simulated is a command line that cannot be understood; what cannot be done is said in a
// sentence.
func TestSimulateSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	for _, c := range []struct {
		code int
		args []string
		says string
	}{
		{exitUsage, nil, "--out"},
		{exitUsage, []string{"--out", "x", "--customers", "0"}, "0 customers"},
		{exitUsage, []string{"--out", "x", "--waves", "1001"}, "1001 waves"},
		{exitUsage, []string{"--out", "x", "--rising", "0.7", "--falling", "0.7"}, "rising and falling"},
		{exitUsage, []string{"--out", "x", "--every-days", "0"}, "apart"},
		{exitUsage, []string{"--out", "x", "--every-days", "9999999"}, "apart"},
		{exitUsage, []string{"--out", "x", "--start", "yesterday"}, "--start"},
		{exitUsage, []string{"--out", "x", "--model", "real"}, "--model"},
		{exitNo, []string{"--out", filepath.Join(file, "x")}, "folder"},
		{exitNo, []string{"--server", "127.0.0.1:1", "--customers", "1"}, "cmi serve"},
	} {
		r := cmi(t, "", append([]string{"simulate"}, c.args...)...)
		r.expect(t, c.code)
		r.sentence(t, c.says)
	}
}
