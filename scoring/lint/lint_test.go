package lint

import (
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

func TestFindingsHaveAStableOrder(t *testing.T) {
	t.Parallel()
	q := parse(t, `items { prompt: "How GREAT and BIG is it for you?" rating { max: 3 step: 1 } translations { key: "de" value: "a" } translations { key: "fr" value: "b" } }
		items { prompt: "How GREAT and BIG is it for you?" weight: 1 text {} }`)
	first := Questionnaire(q)
	if len(first) < 10 {
		t.Fatalf("found only %v", first)
	}
	place := -1
	for _, finding := range first {
		at := -1
		if strings.HasPrefix(finding.GetPath(), "items[0]") {
			at = 0
		} else if strings.HasPrefix(finding.GetPath(), "items[1]") {
			at = 1
		}
		if at < place {
			t.Errorf("%s at %s comes after item %d", finding.GetRule(), finding.GetPath(), place)
		}
		place = at
	}
	for range 20 {
		again := Questionnaire(q)
		for i := range again {
			if !proto.Equal(again[i], first[i]) {
				t.Fatalf("found %v, before %v", again[i], first[i])
			}
		}
	}
}

func TestFindingsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for _, c := range cases {
		for _, finding := range Questionnaire(parse(t, c.questionnaire)) {
			if message := finding.GetMessage(); !strings.Contains(message, "; ") && !strings.Contains(message, ", ") || len(message) > 400 {
				t.Errorf("%s says %q", finding.GetRule(), message)
			}
		}
	}
}

func TestNothingIsNoPanic(t *testing.T) {
	t.Parallel()
	for _, q := range []*cmiv1.Questionnaire{
		nil, {}, {Items: []*cmiv1.Item{nil, {}}},
		{Items: []*cmiv1.Item{{Scale: &cmiv1.Item_Choice{}}, {Scale: &cmiv1.Item_MultipleChoice{}}, {Scale: &cmiv1.Item_Rating{}}, {Scale: &cmiv1.Item_Text{}}}},
		{Items: []*cmiv1.Item{{Pillar: 9, Metric: 9, Scale: &cmiv1.Item_Choice{Choice: &cmiv1.Choice{Options: []*cmiv1.Option{nil, {}}}}}}},
		{Channels: []cmiv1.Channel{0, 9}, PillarWeights: &cmiv1.PillarWeights{Eci: proto.Float64(-1)}},
	} {
		Questionnaire(q)
	}
}

// FuzzQuestionnaire holds that no questionnaire, however broken, makes a panic, and that reading it changes nothing.
func FuzzQuestionnaire(f *testing.F) {
	for _, c := range cases {
		q := &cmiv1.Questionnaire{}
		if err := prototext.Unmarshal([]byte(c.questionnaire), q); err != nil {
			f.Fatal(err)
		}
		data, err := proto.Marshal(q)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		q := &cmiv1.Questionnaire{}
		if proto.Unmarshal(data, q) != nil {
			return
		}
		before := proto.CloneOf(q)
		for _, finding := range Questionnaire(q) {
			if finding.GetRule() == "" || finding.GetMessage() == "" || finding.GetSeverity() == 0 {
				t.Errorf("an empty finding: %v", finding)
			}
			if _, err := proto.Marshal(finding); err != nil {
				t.Errorf("a finding that cannot be sent: %v", err)
			}
		}
		if !proto.Equal(before, q) && !strings.Contains(before.String(), "nan") {
			t.Error("reading changed the questionnaire")
		}
	})
}
