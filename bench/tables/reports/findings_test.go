package main

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestAgree(t *testing.T) {
	t.Parallel()
	theirs := findings{"n": 3_000_000, "cmi": 71.25}
	for _, c := range []struct {
		name string
		ours findings
		want string
	}{
		{"the same", findings{"n": 3_000_000, "cmi": 71.25}, ""},
		{"rounding", findings{"n": 3_000_000, "cmi": 71.25 + 1e-5}, ""},
		{"another mean", findings{"n": 3_000_000, "cmi": 71.2504}, "cmi: 71.2504, not 71.25"},
		{"another count", findings{"n": 3_000_004, "cmi": 71.25}, "n: 3.000004e+06, not 3e+06"},
		{"not a number", findings{"n": 3_000_000, "cmi": math.NaN()}, "cmi: NaN"},
		{"too little", findings{"n": 3_000_000}, "cmi: nothing"},
		{"too much", findings{"n": 3_000_000, "cmi": 71.25, "eci": 1}, "eci: 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := agree(c.ours, theirs)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("agree: %v, want %q", err, c.want)
			}
		})
	}
	if agree(findings{}, findings{}) == nil {
		t.Error("nothing agrees with nothing")
	}
}

// TestUnexplained: of y = 2 a + b + e with independent a, b and e of variances 1, 4 and 3, a and b leave 3.
func TestUnexplained(t *testing.T) {
	t.Parallel()
	if got := unexplained([][]float64{{1, 0, 2}, {0, 4, 4}, {0, 0, 11}}); math.Abs(got-3) > 1e-12 {
		t.Errorf("unexplained: %v, want 3", got)
	}
}

func TestChunkedInOrder(t *testing.T) {
	t.Parallel()
	const rows = 5*chunkRows + 7
	var got []int
	for n, err := range each(chunked(t.Context(), rows, func(n int) (int, error) { return n, nil })) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, n)
	}
	if len(got) != rows || !slices.IsSorted(got) || got[rows-1] != rows-1 {
		t.Errorf("%d rows came, want %d in order", len(got), rows)
	}
}

func TestChunkedTellsErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	var last error
	n := 0
	for _, err := range each(chunked(t.Context(), 10*chunkRows, func(n int) (int, error) {
		if n == 3*chunkRows+5 {
			return 0, broken
		}
		return n, nil
	})) {
		if last = err; err == nil {
			n++
		}
	}
	if !errors.Is(last, broken) || n != 3*chunkRows {
		t.Errorf("after %d rows: %v", n, last)
	}
}

// TestPopulation: every customer answers once in each wave, in any order.
func TestPopulation(t *testing.T) {
	t.Parallel()
	people, err := newPopulation(100)
	if err != nil {
		t.Fatal(err)
	}
	met := make(map[[2]int]bool)
	for n := range people.scores() {
		customer, wave := people.at(n)
		met[[2]int{customer, wave}] = true
		entry, err := people.entry(n)
		if err != nil {
			t.Fatal(err)
		}
		if at := entry.Score.GetSubmittedAt().AsTime(); at.Before(start()) || !at.Before(end()) {
			t.Errorf("score %d is of %s", n, at)
		}
	}
	if len(met) != waves*100 {
		t.Errorf("%d pairs of customer and wave, want %d", len(met), waves*100)
	}
}
