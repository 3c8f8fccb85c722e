package keyweight_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/customer-momentum/cmi/scoring/keyweight"
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
		constants, count := keyweight.Default(), 0
		for n, line := range strings.Split(string(content), "\n") {
			line, _, _ = strings.Cut(line, "#")
			fields := strings.Fields(line)
			if len(fields) == 0 {
				continue
			}
			if fields[0] == "constants" {
				constants = readConstants(fields[1:])
				continue
			}
			count++
			arrow := slices.Index(fields, "->")
			c := oneCase{t, fmt.Sprintf("%s:%d", file, n+1), constants, fields[1:arrow], fields[arrow+1:]}
			map[string]func(){"person": c.weight, "account": c.weight, "shrink": c.shrink, "mean": c.mean}[fields[0]]()
		}
		if count == 0 {
			t.Errorf("%s has no cases", file)
		}
	}
}

// readConstants reads words such as half=12 saturation=30/7 window=180 half-life=90.
func readConstants(fields []string) keyweight.Constants {
	c := keyweight.Default()
	of := map[string]*float64{
		"half": &c.HalfMonths, "saturation": &c.Saturation, "window": &c.Window.WindowDays, "half-life": &c.Window.HalfLifeDays,
	}
	for _, field := range fields {
		key, text, _ := strings.Cut(field, "=")
		*of[key] = value(text)
	}
	return c
}

// oneCase is a line: what is given and what is wanted.
type oneCase struct {
	*testing.T
	where       string
	constants   keyweight.Constants
	given, want []string
}

// pairs reads words such as "at 10 first 0".
func pairs(fields []string) map[string]string {
	list := map[string]string{}
	for pair := range slices.Chunk(fields, 2) {
		list[pair[0]] = pair[1]
	}
	return list
}

// compare compares to 1e-9.
func (c oneCase) compare(what string, got float64, text string) {
	c.Helper()
	if !(math.Abs(got-value(text)) <= 1e-9) {
		c.Errorf("%s: %s is %.17g, want %.17g", c.where, what, got, value(text))
	}
}

func (c oneCase) weight() {
	c.Helper()
	given, want := pairs(c.given), pairs(c.want)
	first, at := days(value(given["first"])), days(value(given["at"]))
	var got keyweight.Weight
	if rate, ok := given["rate"]; ok {
		got = c.constants.Account(first, at, value(rate))
	} else {
		var interactions []int64
		for day := range strings.SplitSeq(given["interactions"], ",") {
			if day != "" {
				interactions = append(interactions, days(value(day)))
			}
		}
		got = c.constants.Of(first, at, interactions)
	}
	c.compare("weight", got.Weight, want["weight"])
	c.compare("tenure", got.Tenure, want["tenure"])
	c.compare("frequency", got.Frequency, want["frequency"])
	c.compare("rate", got.Rate, want["rate"])
}

func (c oneCase) shrink() {
	c.Helper()
	given := pairs(c.given)
	c.compare("score", keyweight.Shrink(value(given["weight"]), value(given["score"]), value(given["mean"])), c.want[0])
}

func (c oneCase) mean() {
	c.Helper()
	var values, weights []float64
	for _, pair := range c.given {
		x, w, _ := strings.Cut(pair, "*")
		values, weights = append(values, value(x)), append(weights, value(w))
	}
	mean, nEff, ok := keyweight.Mean(values, weights)
	if ok != (c.want[0] != "none") {
		c.Errorf("%s: %v %v %v", c.where, mean, nEff, ok)
	} else if ok {
		c.compare("mean", mean, c.want[0])
		c.compare("effective number", nEff, c.want[2])
	}
}

// days gives microseconds.
func days(x float64) int64 { return int64(math.Round(x * 86400e6)) }

// value reads a number, or a product or quotient of numbers, square roots and logarithms: 2/3*ln2.
func value(text string) float64 {
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
