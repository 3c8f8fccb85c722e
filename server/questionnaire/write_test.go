package questionnaire

import (
	"math"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func TestWriteYAMLIsReadable(t *testing.T) {
	t.Parallel()
	q := &cmiv1.Questionnaire{
		QuestionnaireId: "q", Title: "How we are doing: a check", Description: "First line.\n\nThird line.",
		Channels: []cmiv1.Channel{cmiv1.Channel_CHANNEL_ONLINE},
		Items: []*cmiv1.Item{
			{ItemId: "trust", Prompt: "How much do you trust us?", Translations: map[string]string{"no": "Nei?", "de": "Wie sehr?"},
				Weight: proto.Float64(0), Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Max: 10, Step: proto.Float64(1)}}},
			{ItemId: "why", Scale: &cmiv1.Item_Text{Text: &cmiv1.Text{}}},
			{ItemId: "1.10", Scale: &cmiv1.Item_Choice{Choice: &cmiv1.Choice{Options: []*cmiv1.Option{{Value: "no", Label: "  #x"}}}}},
		},
	}
	const want = `questionnaireId: q
title: "How we are doing: a check"
description: |-
  First line.

  Third line.
channels:
  - CHANNEL_ONLINE
items:
  - itemId: trust
    prompt: How much do you trust us?
    translations:
      de: Wie sehr?
      "no": Nei?
    weight: 0
    rating:
      min: 0
      max: 10
      step: 1
  - itemId: why
    text: {}
  - itemId: "1.10"
    choice:
      options:
        - value: "no"
          label: "  #x"
`
	if got := string(WriteYAML(q)); got != want {
		t.Errorf("wrote\n%s\nwant\n%s", got, want)
	}
}

func TestWriteJSONIsStable(t *testing.T) {
	t.Parallel()
	q := &cmiv1.Questionnaire{QuestionnaireId: "q", Title: `<a & "b">`, Items: []*cmiv1.Item{{Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Max: 5}}}}}
	const want = `{
  "questionnaireId": "q",
  "title": "<a & \"b\">",
  "items": [
    {
      "rating": {
        "min": 0,
        "max": 5
      }
    }
  ]
}
`
	if got := string(WriteJSON(q)); got != want {
		t.Errorf("wrote\n%s\nwant\n%s", got, want)
	}
}

func TestWhatIsWrittenReadsBack(t *testing.T) {
	t.Parallel()
	texts := []string{
		"", " ", "a ", " a", "a:", "a: b", "a #b", "#a", "- a", "-", "?", "? a", "yes", "No", "null", "~", "1.10", "0x1f", ".inf", "2026-11-01",
		"a\nb", "a\n b", "a\n\nb", "\na", "a\n", "a\r\nb", "tab\tin", "\u00a0?", "\u2028", "\u0085", "\ufeff", "😀", "\x01", "\"'\\", "{a}", "[a]", "&a", "*a", "!a", "%a",
		"|", ">", "@a", "`a`", "a, b", "Très bien\u00a0?", "¿Qué?", "a  b", "key:value", "---", "...", "a & b", "a 'b' c", "it's", `say "hi"`,
		strings.Repeat("long ", 20) + "end",
	}
	for _, text := range texts {
		q := &cmiv1.Questionnaire{
			Title: text, Description: text, Etag: "e", Version: 3, State: cmiv1.State_STATE_ARCHIVED, AllowPartial: proto.Bool(false),
			MinPillarCoverage: proto.Float64(1e-9), DivergenceThreshold: proto.Float64(math.MaxFloat64),
			CreatedAt: &timestamppb.Timestamp{Seconds: 1793491200, Nanos: 123456000},
			Items: []*cmiv1.Item{{
				ItemId: text, Translations: map[string]string{"de": text, "k" + text: "v"},
				Scale: &cmiv1.Item_Choice{Choice: &cmiv1.Choice{Options: []*cmiv1.Option{{Value: text, Points: proto.Float64(math.Inf(-1))}}}},
			}, {Scale: &cmiv1.Item_Behaviour{Behaviour: &cmiv1.BehaviourScale{Kinds: []string{text, "b"}}}}, {}},
		}
		checkRoundTrip(t, q)
	}
	checkRoundTrip(t, &cmiv1.Questionnaire{})
}

// checkRoundTrip writes in both formats, reads back and compares.
func checkRoundTrip(t *testing.T, q *cmiv1.Questionnaire) {
	t.Helper()
	for name, data := range map[string][]byte{"q.yaml": WriteYAML(q), "q.json": WriteJSON(q)} {
		got, err := Read(name, data)
		if err != nil {
			t.Errorf("%v\n%s", err, data)
			continue
		}
		if !proto.Equal(got, q) {
			t.Errorf("%s reads back as\n%v\nwant\n%v\n%s", name, got, q, data)
		}
	}
}
