package transitions_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/transitions"
)

func TestMatrix(t *testing.T) {
	t.Parallel()
	var m, next transitions.Matrix
	atRisk, growth, advocate := cmiv1.Bucket_BUCKET_AT_RISK, cmiv1.Bucket_BUCKET_GROWTH, cmiv1.Bucket_BUCKET_ADVOCATE
	for range 3 {
		m.Add(atRisk, growth)
	}
	m.Add(atRisk, atRisk)
	next.Add(advocate, atRisk)
	m.Merge(&next)
	if m.Add(cmiv1.Bucket_BUCKET_UNSPECIFIED, growth) || m.Add(growth, cmiv1.Bucket(99)) {
		t.Error("a move from or to nowhere counts")
	}
	e, ok := m.Share(atRisk, growth, 0.95)
	// Wilson's interval of 3 of 4, by R's prop.test without correction: 0.3006418 to 0.9544127.
	if !ok || e.Value != 0.75 || math.Abs(e.Low-0.3006418) > 5e-8 || math.Abs(e.High-0.9544127) > 5e-8 {
		t.Errorf("%+v, %v", e, ok)
	}
	if _, ok := m.Share(growth, advocate, 0.95); ok {
		t.Error("nobody has a share")
	}
	if m.N(atRisk) != 4 || m.N(advocate) != 1 || m.Count(advocate, atRisk) != 1 || m.N(cmiv1.Bucket_BUCKET_UNSPECIFIED) != 0 {
		t.Errorf("%v", m)
	}
}

func TestRowsAddUp(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(2, 2))
	for range 1000 {
		var m transitions.Matrix
		for range 1 + rng.IntN(50) {
			m.Add(cmiv1.Bucket(1+rng.IntN(3)), cmiv1.Bucket(1+rng.IntN(3)))
		}
		for from := cmiv1.Bucket(1); from <= 3; from++ {
			sum := 0.0
			for to := cmiv1.Bucket(1); to <= 3; to++ {
				e, ok := m.Share(from, to, 0.95)
				if ok != (m.N(from) > 0) {
					t.Fatalf("%v: %v", m, ok)
				}
				sum += e.Value
			}
			if m.N(from) > 0 && math.Abs(sum-1) > 1e-12 {
				t.Fatalf("%v: row %v adds up to %v", m, from, sum)
			}
		}
	}
}

// TestKeptMatricesMerge cuts moves into pieces that are kept as JSON and merged.
func TestKeptMatricesMerge(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 2))
	for range 300 {
		var whole, merged transitions.Matrix
		pieces := make([]transitions.Matrix, 1+rng.IntN(5))
		for range rng.IntN(60) {
			from, to := cmiv1.Bucket(rng.IntN(4)), cmiv1.Bucket(rng.IntN(4))
			if whole.Add(from, to) != pieces[rng.IntN(len(pieces))].Add(from, to) {
				t.Fatalf("a move from %v to %v counts once only", from, to)
			}
		}
		for k := range pieces {
			data, err := json.Marshal(pieces[k])
			if err != nil {
				t.Fatal(err)
			}
			var read transitions.Matrix
			if err := json.Unmarshal(data, &read); err != nil || read != pieces[k] {
				t.Fatalf("%v became %v as %s: %v", pieces[k], read, data, err)
			}
			merged.Merge(&read)
		}
		if merged != whole {
			t.Fatalf("%v is merged, %v is whole", merged, whole)
		}
	}
}
