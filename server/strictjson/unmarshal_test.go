package strictjson_test

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/strictjson"
)

func TestTheFieldIsNamed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		m           proto.Message
		text, field string
		says        string
	}{
		{&cmiv1.ScoreCustomerRequest{}, `{"response":{"answers":[{"itemId":"a"},{"numbr":1}]}}`, "response.answers[1].numbr", "line 1, column 41: "},
		{&cmiv1.ScoreCustomerRequest{}, "{\n\"explain\": 1}", "explain", "line 2, column 12: explain: must be true or false, not 1"},
		{&cmiv1.LintQuestionnaireRequest{}, `{"questionnaire":{"items":[{"translations":{"de":1}}]}}`, `questionnaire.items[0].translations["de"]`, "must be a string"},
		{&cmiv1.LintQuestionnaireRequest{}, `{"questionnaire":{"items":[{"translations":{"de":"a","de":"b"}}]}}`, `questionnaire.items[0].translations["de"]`, "twice"},
		{&cmiv1.LintQuestionnaireRequest{}, `{"questionnaire":{},"stored":{}}`, "stored", "questionnaire is given already"},
		{&cmiv1.LintQuestionnaireRequest{}, `{"questionnaire":{"items":[{"rating":{"min":"low"}}]}}`, "questionnaire.items[0].rating.min", "must be a"},
		{&cmiv1.UpdateQuestionnaireRequest{}, `{"updateMask":["title"]}`, "updateMask", "names of fields in one string"},
		{&cmiv1.UpdateQuestionnaireRequest{}, `{"updateMask":"ti tle"}`, "updateMask", "names of fields in one string"},
		{&cmiv1.ScoreCustomerRequest{}, `{"response":{"submittedAt":{"seconds":1}}}`, "response.submittedAt", "a time such as"},
		{&cmiv1.ScoreCustomerRequest{}, `{"größe":1}`, "größe", "no such field"},
	} {
		err := strictjson.Unmarshal([]byte(tc.text), tc.m)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Reason != cmiv1.ErrorReason_MALFORMED_JSON || len(f.Violations) != 1 || f.Violations[0].Field != tc.field || !strings.Contains(f.Message, tc.says) {
			t.Errorf("%s: %v %+v", tc.text, err, f)
		}
	}
}

func TestLinesAreCountedOn(t *testing.T) {
	t.Parallel()
	err := strictjson.UnmarshalLine([]byte(`{"x":1}`), 7, &cmiv1.StreamScoresRequest{})
	if err == nil || !strings.Contains(err.Error(), "line 7, column 2: x") {
		t.Error(err)
	}
}

// TestLargeBodiesAreExplainedToo has faults at the very end, and ones that are deep.
func TestLargeBodiesAreExplainedToo(t *testing.T) {
	t.Parallel()
	one := `{"itemId":"a","number":"1e0"},`
	text := `{"response":{"answers":[` + strings.Repeat(one, (4<<20)/len(one)) + `{"x":1}]}}`
	if err := strictjson.Unmarshal([]byte(text), &cmiv1.ScoreCustomerRequest{}); err == nil || !strings.Contains(err.Error(), "].x: there is no such field") {
		t.Error(err)
	}
	deep := `{"response":` + strings.Repeat(`{"answers":[`, 1<<20)
	if err := strictjson.Unmarshal([]byte(deep), &cmiv1.ScoreCustomerRequest{}); err == nil {
		t.Error("taken")
	}
}

// FuzzUnmarshal proves that exactly what protojson takes is taken, and that a refusal says nothing that is not meant for
// clients.
func FuzzUnmarshal(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"questionnaire":{"questionnaireId":"q","items":[{"itemId":"a","translations":{"de":"x"},"rating":{"min":1,"max":5}}]}}`,
		`{"stored":{"questionnaireId":"q","version":1}}`, `{"a":{"b":[1,{"c":null}]}}`, `[`, `{"questionnaire":{"createdAt":"2026-01-01T00:00:00Z"}}`,
		"{\"\xff\":1}", `{"stored":{"version":"1"}}x`, `{"questionnaire":{"items":[null]}}`, "", `{"\ud800":1}`, `{"questionnaire":{"channels":["CHANNEL_ONLINE",9]}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, m := range []proto.Message{&cmiv1.LintQuestionnaireRequest{}, &cmiv1.UpdateQuestionnaireRequest{}, &cmiv1.StreamScoresRequest{}} {
			err := strictjson.Unmarshal(data, m)
			theirs := protojson.Unmarshal(data, m.ProtoReflect().New().Interface())
			if (err == nil) != (theirs == nil) {
				t.Fatalf("%q: %v, but protojson %v", data, err, theirs)
			}
			if err == nil {
				continue
			}
			refusal, ok := errors.AsType[*fault.Error](err)
			if !ok || refusal.Reason != cmiv1.ErrorReason_MALFORMED_JSON || refusal.Message == "" {
				t.Fatalf("%q: %v", data, err)
			}
		}
	})
}
