package lifecycle_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/lifecycle"
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
		rules, count := lifecycle.Default(), 0
		for n, line := range strings.Split(string(content), "\n") {
			line, _, _ = strings.Cut(line, "#")
			fields := strings.Fields(line)
			switch {
			case len(fields) == 0:
			case fields[0] == "rules":
				rules = readRules(fields[1:])
			default:
				count++
				runCase(t, fmt.Sprintf("%s:%d", file, n+1), rules, fields)
			}
		}
		if count == 0 {
			t.Errorf("%s has no cases", file)
		}
	}
}

// readRules reads words such as new=90 inactive=90 gaps=3.
func readRules(fields []string) lifecycle.Rules {
	r := lifecycle.Default()
	of := map[string]*float64{"new": &r.NewDays, "inactive": &r.InactiveDays, "gaps": &r.InactiveGaps}
	for _, field := range fields {
		key, text, _ := strings.Cut(field, "=")
		*of[key] = number(text)
	}
	return r
}

// runCase runs a line such as "at 91 first=0 contacts=10,20 -> ACTIVE until 110+1us".
func runCase(t *testing.T, where string, rules lifecycle.Rules, fields []string) {
	t.Helper()
	var f lifecycle.Facts
	k := 2
	for ; fields[k] != "->"; k++ {
		switch key, text, _ := strings.Cut(fields[k], "="); key {
		case "first":
			f.FirstSeen = new(instant(text))
		case "closed":
			f.ClosedAt = new(instant(text))
		case "override":
			f.Override = cmiv1.Lifecycle(cmiv1.Lifecycle_value["LIFECYCLE_"+text])
		case "contacts":
			for at := range strings.SplitSeq(text, ",") {
				f.Contacts = append(f.Contacts, instant(at))
			}
		default:
			panic(where + ": unknown word " + fields[k])
		}
	}
	got, until := rules.Of(f, instant(fields[1]))
	if want := "LIFECYCLE_" + fields[k+1]; got.String() != want {
		t.Errorf("%s: %v, want %s", where, got, want)
	}
	if want := instant(fields[k+3]); until != want {
		t.Errorf("%s: until %d, want %d", where, until, want)
	}
}

// instant reads a day, with microseconds more or less: 90, 90+1us, 12.5-1us; or "ever", the end of all times.
func instant(text string) int64 {
	if text == "ever" {
		return math.MaxInt64
	}
	more := int64(0)
	if rest, ok := strings.CutSuffix(text, "us"); ok {
		sign := strings.LastIndexAny(rest, "+-")
		more, text = int64(number(rest[sign:])), rest[:sign]
	}
	return int64(math.Round(number(text)*86400e6)) + more
}

func number(text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err)
	}
	return x
}
