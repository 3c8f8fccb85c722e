package loyalty_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/customer-momentum/cmi/scoring/loyalty"
)

// written is a part after it was kept as JSON.
func written[T any](t *testing.T, part T) (read T) {
	t.Helper()
	data, err := json.Marshal(part)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(part, read) {
		t.Fatalf("%+v became %+v", part, read)
	}
	return read
}

// TestKeptPartsMerge cuts answers into pieces that are kept as JSON and merged.
func TestKeptPartsMerge(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(41, 1))
	type part struct {
		NPS  loyalty.NPS
		CSAT loyalty.CSAT
		CES  loyalty.CES
	}
	for range 300 {
		var whole, merged, kept part
		pieces := make([]part, 1+rng.IntN(6))
		for range rng.IntN(100) {
			recommend, answer := float64(rng.IntN(11)), float64(1+rng.IntN(7))
			for _, p := range []*part{&whole, &pieces[rng.IntN(len(pieces))]} {
				p.NPS.Add(recommend)
				p.CSAT.Add(answer, 6)
				p.CES.Add(answer)
			}
		}
		for _, p := range pieces {
			q := written(t, p)
			merged.NPS.Merge(p.NPS)
			merged.CSAT.Merge(p.CSAT)
			merged.CES.Merge(p.CES)
			kept.NPS.Merge(q.NPS)
			kept.CSAT.Merge(q.CSAT)
			kept.CES.Merge(q.CES)
		}
		if merged != kept {
			t.Fatalf("%+v and, kept, %+v", merged, kept)
		}
		if kept.NPS != whole.NPS || kept.CSAT != whole.CSAT {
			t.Fatalf("%+v is merged from %+v", kept, whole)
		}
		sameCES(t, kept.CES, whole.CES)
	}
}

func sameCES(t *testing.T, a, b loyalty.CES) {
	t.Helper()
	easyA, _ := a.Easy(0.95)
	easyB, _ := b.Easy(0.95)
	netA, _ := a.Net(0.95)
	netB, _ := b.Net(0.95)
	meanA, okA := a.MeanEstimate(0.95)
	meanB, okB := b.MeanEstimate(0.95)
	if easyA != easyB || netA != netB || okA != okB || a.N() != b.N() || math.Abs(meanA.Low-meanB.Low) > 1e-11 || math.Abs(meanA.Value-meanB.Value) > 1e-12*7 {
		t.Fatalf("%+v and %+v", a, b)
	}
}

func TestDamagedCESIsRefused(t *testing.T) {
	t.Parallel()
	const good = `{"Answers":[2,2,2,5.5,0.5],"Easy":2,"Net":{"Promoters":1,"Passives":1,"Detractors":0}}`
	var want loyalty.CES
	want.Add(5)
	want.Add(6)
	data, err := json.Marshal(want)
	if err != nil || string(data) != good {
		t.Errorf("%s, %v", data, err)
	}
	for _, data := range []string{
		`null`, `[]`, `{}`, `{"Answers":null,"Easy":0}`, `{"Answers":[2,2,2,5.5],"Easy":2,"Net":{"Promoters":1,"Passives":1}}`,
		`{"Answers":[2,2,2,5.5,0.5],"Easy":3,"Net":{"Promoters":1,"Passives":1}}`, `{"Answers":[2,2,2,5.5,0.5],"Easy":-1,"Net":{"Promoters":1,"Passives":1}}`,
		`{"Answers":[2,2,2,5.5,0.5],"Easy":2,"Net":{"Promoters":1,"Passives":2}}`, `{"Answers":[2,2,2,5.5,0.5],"Easy":2,"Net":{"Promoters":3,"Passives":0,"Detractors":-1}}`,
		`{"Answers":[2,2,2,5.5,0.5],"Easy":0,"Net":{"Promoters":1,"Passives":1}}`,
	} {
		s := want
		if err := s.UnmarshalJSON([]byte(data)); err == nil || s != want {
			t.Errorf("%s is read, or leaves %+v: %v", data, s, err)
		}
	}
}

func TestHowCountsAreWritten(t *testing.T) {
	t.Parallel()
	nps, err := json.Marshal(loyalty.NPS{Promoters: 1, Passives: 2, Detractors: 3})
	csat, errCSAT := json.Marshal(loyalty.CSAT{Satisfied: 1, N: 2})
	if err != nil || errCSAT != nil || string(nps) != `{"Promoters":1,"Passives":2,"Detractors":3}` || string(csat) != `{"Satisfied":1,"N":2}` {
		t.Errorf("%s, %s, %v, %v", nps, csat, err, errCSAT)
	}
}
