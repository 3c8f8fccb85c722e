package form

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// scoreOf is a score with a CMI and the scores of the three pillars; nil leaves one out.
func scoreOf(channel cmiv1.Channel, version int32, divergent bool, numbers [4]*float64) *cmiv1.Score {
	score := &cmiv1.Score{Channel: channel, QuestionnaireVersion: version, Divergent: divergent, Cmi: numbers[0]}
	for i, n := range numbers[1:] {
		score.Pillars = append(score.Pillars, &cmiv1.PillarScore{Pillar: cmiv1.Pillar(i + 1), Score: n})
	}
	return score
}

func numbersOf(s store.ReportedScore) [4]float64 {
	return [4]float64{s.CMI, s.Pillars[0], s.Pillars[1], s.Pillars[2]}
}

// TestDigestsAreReadBack, to the last bit, from the digest and from the score itself.
func TestDigestsAreReadBack(t *testing.T) {
	t.Parallel()
	values := []*float64{nil, new(math.Copysign(0, -1)), new(1.0 / 3), new(math.SmallestNonzeroFloat64), new(math.NaN()), new(math.Inf(-1))}
	numbers := []int32{0, 1, 3, 127, 128, 20_000, math.MaxInt32, -1, math.MinInt32}
	for n := range len(values) * len(values) * len(values) * len(values) {
		var given [4]*float64
		for i, rest := 0, n; i < len(given); i, rest = i+1, rest/len(values) {
			given[i] = values[rest%len(values)]
		}
		score := scoreOf(cmiv1.Channel(numbers[n%len(numbers)]), numbers[n/7%len(numbers)], n%2 == 1, given)
		body, err := proto.Marshal(score)
		if err != nil {
			t.Fatal(err)
		}
		for what, err := range map[string]func(*store.ReportedScore) error{
			"digest": func(into *store.ReportedScore) error { return DecodeDigest(EncodeDigest(score), into) },
			"score":  func(into *store.ReportedScore) error { return DigestScore(body, into) },
		} {
			got := store.ReportedScore{Channel: 7, Version: 7, Divergent: true, CMI: 7, Pillars: [3]float64{7, 7, 7}}
			if err := err(&got); err != nil {
				t.Fatalf("%s of %v: %v", what, score, err)
			}
			if got.Channel != score.GetChannel() || got.Version != score.GetQuestionnaireVersion() || got.Divergent != score.GetDivergent() {
				t.Fatalf("%s: got %+v, want what %v says", what, got, score)
			}
			for i, x := range numbersOf(got) {
				want := given[i]
				if want == nil {
					want = new(math.NaN())
				}
				if math.Float64bits(x) != math.Float64bits(*want) {
					t.Fatalf("%s, number %d: got %v, want %v", what, i, x, *want)
				}
			}
		}
	}
}

// TestDigestsStay: what is kept is read by later versions of the program too.
func TestDigestsStay(t *testing.T) {
	t.Parallel()
	for want, score := range map[string]*cmiv1.Score{
		"01000000": {},
		"011b02810100000000000059c0000000000000f03f0000000000000040": scoreOf(2, 129, true, [4]*float64{new(-100.0), nil, new(1.0), new(2.0)}),
		"010affffffff0f01000000000000f03f0000000000000840":           {Channel: -1, QuestionnaireVersion: 1, Cmi: new(1.0), Pillars: []*cmiv1.PillarScore{{Pillar: 2, Score: new(3.0)}, {Pillar: 9, Score: new(1.0)}, {Score: new(1.0)}, {Pillar: -1}}},
	} {
		if got := hex.EncodeToString(EncodeDigest(score)); got != want {
			t.Errorf("%v: got %s, want %s", score, got, want)
		}
	}
}

func TestDigestsThatAreNone(t *testing.T) {
	t.Parallel()
	whole := EncodeDigest(scoreOf(300, 400, true, [4]*float64{new(1.0), new(2.0), new(3.0), new(4.0)}))
	texts := [][]byte{
		{0, 0, 0, 0}, {2, 0, 0, 0}, {1, 32, 0, 0}, {1, 0xff, 0, 0}, {1, 0, 0, 0, 0}, append(bytes.Clone(whole), 0),
		{1, 0, 0, 0x80}, {1, 0, 0x80, 0x80}, {1, 0, 0xff, 0xff, 0xff, 0xff, 0x10, 0}, {1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x10},
		{1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0},
	}
	for n := range whole {
		texts = append(texts, whole[:n])
	}
	for _, text := range texts {
		var s store.ReportedScore
		if err := DecodeDigest(text, &s); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%x: got %+v, %v; want it refused", text, s, err)
		}
	}
	if err := DigestScore([]byte{0xff}, new(store.ReportedScore)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a score that is none: got %v", err)
	}
}

// FuzzDecodeDigest: whatever stands there is refused, or says the same when it is written again.
func FuzzDecodeDigest(f *testing.F) {
	f.Add(EncodeDigest(scoreOf(2, 3, true, [4]*float64{new(1.0), new(2.0), nil, new(3.0)})))
	f.Add([]byte{1, 0, 0x80, 1, 0})
	f.Add([]byte{1, 30, 0, 0})
	f.Fuzz(func(t *testing.T, text []byte) {
		var s, again store.ReportedScore
		if DecodeDigest(text, &s) != nil {
			return
		}
		var numbers [4]*float64
		for i, n := range numbersOf(s) {
			if text[1]&(2<<i) != 0 {
				numbers[i] = &n
			}
		}
		if err := DecodeDigest(EncodeDigest(scoreOf(s.Channel, s.Version, s.Divergent, numbers)), &again); err != nil {
			t.Fatal(err)
		}
		if again.Channel != s.Channel || again.Version != s.Version || again.Divergent != s.Divergent {
			t.Fatalf("got %+v, want %+v", again, s)
		}
		for i, n := range numbersOf(s) {
			if math.Float64bits(numbersOf(again)[i]) != math.Float64bits(n) {
				t.Fatalf("got %+v, want %+v", again, s)
			}
		}
	})
}
