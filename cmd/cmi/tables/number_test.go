package tables

import (
	"math"
	"math/rand"
	"strconv"
	"testing"
)

func TestNumbersReadAsTheyShould(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "-", ".", "-.", "+", "e", "1e", "1.2.3", "--1", "1-", "0x10", "1_000", "inf", "-Inf", "nan", "NaN", "1e999", "one", "1 2", "1,5", "٣",
	} {
		if x, ok := parseNumber([]byte(text)); ok {
			t.Errorf("%q reads as %v", text, x)
		}
	}
	r := rand.New(rand.NewSource(1))
	texts := []string{"0", "7", "-0", "-7", "10", "007", "5.", ".5", "-.5", "1e3", "1E-3", "+4", "0.1", "123456789012345", "1234567890123456", "0.000000000000001", "1e308", "5e-324"}
	for range 20_000 {
		x := r.NormFloat64() * math.Pow(10, float64(r.Intn(20)-8))
		texts = append(texts, strconv.FormatFloat(x, 'f', r.Intn(12), 64), strconv.FormatFloat(x, 'g', -1, 64), strconv.FormatInt(r.Int63n(1<<uint(1+r.Intn(62))), 10))
	}
	for _, text := range texts {
		want, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range []string{text, " " + text + "\t"} {
			if got, ok := parseNumber([]byte(cell)); !ok || math.Float64bits(got) != math.Float64bits(want) {
				t.Errorf("%q reads as %v (%v), want %v", cell, got, ok, want)
			}
		}
	}
}

func TestNumbersAreWrittenShort(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(1))
	numbers := []float64{0, math.Copysign(0, -1), 1, 5, 50, 100, 0.1, 1e-9, 1e-10, 5e-324, math.MaxFloat64, -3.5, 999999.999999999, 1e6, 1e15, 31.463655016}
	for range 50_000 {
		numbers = append(numbers, r.Float64()*100, float64(r.Intn(1e9))/1e9, float64(r.Int63n(1e14))/1e9, float64(r.Intn(1000)), r.NormFloat64())
	}
	var known shortest
	for _, x := range append(numbers, numbers[:10_000]...) {
		text := string(appendNumber(nil, x))
		if again := string(known.append(nil, x)); again != text {
			t.Fatalf("%v is written %s and %s", x, text, again)
		}
		back, err := strconv.ParseFloat(text, 64)
		if err != nil || math.Float64bits(back) != math.Float64bits(x) {
			t.Fatalf("%v is written %s, which reads back as %v (%v)", x, text, back, err)
		}
		if short := strconv.FormatFloat(x, 'f', -1, 64); len(text) > len(short) {
			t.Errorf("%v is written %s; %s is enough", x, text, short)
		}
	}
}
