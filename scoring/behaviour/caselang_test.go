package behaviour_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/behaviour"
)

// TestCases runs every line of testdata/*.test, whose language testdata/README.md describes.
func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		w, count := behaviour.DefaultWindow(), 0
		for n, line := range strings.Split(string(content), "\n") {
			line, _, _ = strings.Cut(line, "#")
			fields := strings.Fields(line)
			switch {
			case len(fields) == 0:
			case fields[0] == "window":
				w = behaviour.Window{WindowDays: value(fields[1]), HalfLifeDays: value(fields[3])}
			default:
				count++
				runCase(t, fmt.Sprintf("%s:%d", file, n+1), w, fields)
			}
		}
		if count == 0 {
			t.Errorf("%s has no cases", file)
		}
	}
}

// runCase runs a line such as "kinds 2 at 100 first 0 events 90:1 -> rate ln2 diversity 0 days_since 10".
func runCase(t *testing.T, where string, w behaviour.Window, fields []string) {
	t.Helper()
	var events []behaviour.Event
	var first *int64
	kinds, at, recorded := int(value(fields[1])), days(value(fields[3])), true
	k := 4
	for ; fields[k] != "->"; k++ {
		switch fields[k] {
		case "unrecorded":
			recorded = false
			continue
		case "first":
			first = new(days(value(fields[k+1])))
		case "events":
			for event := range strings.SplitSeq(fields[k+1], ",") {
				day, kind, _ := strings.Cut(event, ":")
				events = append(events, behaviour.Event{At: days(value(day)), Kind: int(value(kind))})
			}
		default:
			panic(where + ": unknown word " + fields[k])
		}
		k++
	}
	want := map[string]string{}
	for k++; k < len(fields); k += 2 {
		want[fields[k]] = fields[k+1]
	}
	got := w.Measure(kinds, events, first, recorded, at)
	if want["rate"] == "none" {
		if got != nil {
			t.Errorf("%s: %v, want none", where, got)
		}
		return
	}
	if got == nil {
		got = new(cmiv1.Behaviour)
	}
	compare(t, where+": rate", got.Rate, want["rate"])
	compare(t, where+": diversity", got.Diversity, want["diversity"])
	compare(t, where+": days since", got.DaysSince, want["days_since"])
}

// compare compares to 1e-9, relatively above 1; no text stands for an absent number.
func compare(t *testing.T, what string, got *float64, text string) {
	t.Helper()
	if (got == nil) != (text == "") {
		t.Errorf("%s is %v, want %q", what, got, text)
	} else if got != nil && !(math.Abs(*got-value(text)) <= 1e-9*max(1, math.Abs(*got))) {
		t.Errorf("%s is %.17g, want %.17g", what, *got, value(text))
	}
}

// days gives microseconds.
func days(x float64) int64 { return int64(math.Round(x * 86400e6)) }

// value reads a number, or a difference, product or quotient of numbers, square roots and logarithms: 2-3/4*ln3/ln2.
func value(text string) float64 {
	if k := strings.LastIndex(text, "-"); k > 0 {
		return value(text[:k]) - value(text[k+1:])
	}
	if k := strings.LastIndexAny(text, "*/"); k > 0 {
		if text[k] == '*' {
			return value(text[:k]) * value(text[k+1:])
		}
		return value(text[:k]) / value(text[k+1:])
	}
	f := func(x float64) float64 { return x }
	if rest, ok := strings.CutPrefix(text, "ln"); ok {
		f, text = math.Log, rest
	} else if rest, ok := strings.CutPrefix(text, "sqrt"); ok {
		f, text = math.Sqrt, rest
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err)
	}
	return f(x)
}
