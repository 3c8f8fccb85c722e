package uncertainty_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// written is the sample after it was kept as JSON.
func written(t *testing.T, s uncertainty.Sample) uncertainty.Sample {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	read := uncertainty.Sample{}
	read.Add(7, 7) // to be written over
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func TestKeptSamplesMergeToTheSameBits(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(21, 1))
	for range 500 {
		var merged, kept uncertainty.Sample
		for range rng.IntN(6) {
			var part uncertainty.Sample
			for range rng.IntN(30) {
				part.Add(math.Exp(20*rng.NormFloat64())*float64(1-2*rng.IntN(2)), rng.ExpFloat64())
			}
			merged.Merge(part)
			kept.Merge(written(t, part))
			kept = written(t, kept)
		}
		if merged != kept {
			t.Fatalf("%+v became %+v", merged, kept)
		}
	}
}

func TestHowASampleIsWritten(t *testing.T) {
	t.Parallel()
	s := sampleOf(1, 2)
	for _, of := range []any{s, *s, map[string]uncertainty.Sample{"a": *s}["a"]} {
		if data, err := json.Marshal(of); err != nil || string(data) != "[2,2,2,1.5,0.5]" {
			t.Errorf("%s, %v", data, err)
		}
	}
	for _, x := range []float64{math.NaN(), math.Inf(1), math.MaxFloat64} {
		if data, err := json.Marshal(sampleOf(x, 1, -x)); err == nil {
			t.Errorf("a sample with %v is written as %s", x, data)
		}
	}
}

func TestDamagedSamplesAreRefused(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		`null`, `{}`, `[]`, `"2"`, `[2,2,2,1.5]`, `[2,2,2,1.5,0.5,0]`, `[2,2,2,null,0.5]`, `[2,2,2,"NaN",0.5]`, `[2,2,2,NaN,0.5]`, `[2,2,2,1e999,0.5]`,
		`[-2,2,2,1.5,0.5]`, `[2.5,2,2,1.5,0.5]`, `[1e300,2,2,1.5,0.5]`, `[0,2,2,1.5,0.5]`, `[0,0,0,1.5,0]`, `[2,0,2,1.5,0.5]`, `[2,-2,2,1.5,0.5]`,
		`[2,2,-2,1.5,0.5]`, `[2,2,2,1.5,-0.5]`,
	} {
		s := *sampleOf(1, 2, 3)
		if err := json.Unmarshal([]byte(data), &s); err == nil && data != "null" {
			t.Errorf("%s is read", data)
		}
		if err := s.UnmarshalJSON([]byte(data)); err == nil || s != *sampleOf(1, 2, 3) {
			t.Errorf("%s is read, or leaves %+v: %v", data, s, err)
		}
	}
	var s uncertainty.Sample
	if err := json.Unmarshal([]byte(` [ 2 , 2 , 2 , 1.5 , 0.5 ] `), &s); err != nil || s != *sampleOf(1, 2) {
		t.Errorf("%+v, %v", s, err)
	}
}
