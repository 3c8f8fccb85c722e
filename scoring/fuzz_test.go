package scoring_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// seeds are a few questionnaires and responses for the fuzzer to start from.
func seeds(tb testing.TB) (questionnaires []*cmiv1.Questionnaire, responses []*cmiv1.Response) {
	tb.Helper()
	q, r := twelve(tb)
	acting := questionnaire(tb, "acting version=2 series=s eci=0.5 growth=40 advocate=90 coverage=0.2 partial=no divergence=1",
		"f ECI frequency required", "d BEI diversity", "r FII recency reversed", "x FII rating 0.1..0.7 step=0.2", "n - choice a: b:")
	return []*cmiv1.Questionnaire{q, acting, {}}, []*cmiv1.Response{
		r, response(tb, "f=1 d=NA x=0.3 n=a @rate=2 @days_since=10"), response(tb, "nobody= why=\"x\"#y @rate=NaN"),
	}
}

// FuzzCompile compiles any questionnaire, from JSON or else from bytes. It must answer with a scorer that scores, or with faults.
func FuzzCompile(f *testing.F) {
	questionnaires, _ := seeds(f)
	for _, q := range questionnaires {
		text, _ := protojson.Marshal(q)
		data, _ := proto.Marshal(q)
		f.Add(text)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		q := new(cmiv1.Questionnaire)
		if protojson.Unmarshal(data, q) != nil {
			if proto.Unmarshal(data, q) != nil {
				return
			}
		}
		s, err := scoring.Compile(q)
		if err != nil {
			checkFaults(t, err)
			return
		}
		r := new(cmiv1.Response)
		for _, m := range q.Items {
			a := &cmiv1.Answer{ItemId: m.ItemId}
			if best(m, a) {
				r.Answers = append(r.Answers, a)
			}
		}
		score, err := s.Explain(r)
		if err != nil {
			checkInvalid(t, err)
			return
		}
		checkScore(t, score)
	})
}

// FuzzScore scores any response with any questionnaire that compiles. It must answer with a bounded score, or with
// violations.
func FuzzScore(f *testing.F) {
	questionnaires, responses := seeds(f)
	for k := range questionnaires {
		q, _ := proto.Marshal(questionnaires[k])
		r, _ := proto.Marshal(responses[k])
		f.Add(q, r)
		f.Add([]byte{}, r)
	}
	twelveItems, _ := twelve(f)
	fallback := compile(f, twelveItems)
	f.Fuzz(func(t *testing.T, questionnaire, response []byte) {
		q, r := new(cmiv1.Questionnaire), new(cmiv1.Response)
		if proto.Unmarshal(questionnaire, q) != nil || proto.Unmarshal(response, r) != nil {
			return
		}
		s, err := scoring.Compile(q)
		if err != nil {
			checkFaults(t, err)
			s = fallback
		}
		score, err := s.Explain(r)
		if err != nil {
			checkInvalid(t, err)
			return
		}
		checkScore(t, score)
		again, err := s.Explain(proto.CloneOf(r))
		if err != nil || !proto.Equal(score, again) {
			t.Fatalf("again: %v, %v, before %v", again, err, score)
		}
	})
}

func checkFaults(t *testing.T, err error) {
	t.Helper()
	var faults *scoring.Faults
	if !errors.As(err, &faults) || len(faults.Faults) == 0 || len(faults.Faults) > 1001 {
		t.Fatalf("%T %v", err, err)
	}
	for _, fault := range faults.Faults {
		checkSentence(t, fault.Path, fault.Message)
	}
}

func checkInvalid(t *testing.T, err error) {
	t.Helper()
	var invalid *scoring.Invalid
	if !errors.As(err, &invalid) || len(invalid.Violations) == 0 || len(invalid.Violations) > 51 {
		t.Fatalf("%T %v", err, err)
	}
	for _, v := range invalid.Violations {
		checkSentence(t, v.Path, v.Message)
	}
}

// checkSentence checks that a message can be sent, and is not as long as what it complains about.
func checkSentence(t *testing.T, path, message string) {
	t.Helper()
	if message == "" || !utf8.ValidString(path) || !utf8.ValidString(message) || len(message) > 6000 {
		t.Fatalf("%q: %q", path, message)
	}
}
