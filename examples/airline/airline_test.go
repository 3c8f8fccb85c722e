package airline

import (
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/scoring/lint"
	"github.com/customer-momentum/cmi/server/questionnaire"
	"google.golang.org/protobuf/proto"
)

func TestQuestionnaireCompilesAndSurvivesWriting(t *testing.T) {
	t.Parallel()
	q, err := Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scoring.Compile(q); err != nil {
		t.Error(err)
	}
	for name, data := range map[string][]byte{"q.yaml": questionnaire.WriteYAML(q), "q.json": questionnaire.WriteJSON(q)} {
		got, err := questionnaire.Read(name, data)
		if err != nil {
			t.Error(err)
		} else if !proto.Equal(got, q) {
			t.Errorf("it reads back otherwise from %s", name)
		}
	}
}

// TestFindingsAreTheExplainedOnes holds lint to what the description explains: the survey asked for no reasons.
func TestFindingsAreTheExplainedOnes(t *testing.T) {
	t.Parallel()
	q, err := Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	var above []string
	for _, finding := range lint.Questionnaire(q) {
		t.Log(finding)
		if finding.GetSeverity() > cmiv1.Severity_SEVERITY_INFO {
			above = append(above, finding.GetRule())
		}
	}
	if len(above) != 1 || above[0] != "no-why" {
		t.Errorf("found %v above INFO; only no-why is explained", above)
	}
}

func TestResponses(t *testing.T) {
	t.Parallel()
	responses, err := Responses()
	if err != nil {
		t.Fatal(err)
	}
	if len(responses) != 1065 {
		t.Fatalf("there are %d", len(responses))
	}
	first := responses[0]
	if first.GetResponseId() != "airline-A0001" || first.GetCustomerId() != "A0001" || first.GetChannel() != cmiv1.Channel_CHANNEL_ONLINE ||
		!first.GetSubmittedAt().AsTime().Equal(SubmittedAt) {
		t.Errorf("the first is %v", first)
	}
	seen := map[string]bool{}
	low, high := 10.0, 0.0
	for _, r := range responses {
		seen[r.GetResponseId()] = true
		for _, a := range r.GetAnswers() {
			if a.GetItemId() == "nps" {
				low, high = min(low, a.GetNumber()), max(high, a.GetNumber())
			}
		}
	}
	if len(seen) != len(responses) {
		t.Errorf("there are %d ids for %d responses", len(seen), len(responses))
	}
	if low != 0 || high != 10 {
		t.Errorf("the recommendation runs from %v to %v", low, high)
	}
}
