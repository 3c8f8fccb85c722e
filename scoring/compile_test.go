package scoring_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// faultsOf compiles a questionnaire and gives "path: message" of each fault.
func faultsOf(t *testing.T, q *cmiv1.Questionnaire) []string {
	t.Helper()
	s, err := scoring.Compile(q)
	var faults *scoring.Faults
	if err != nil && (!errors.As(err, &faults) || s != nil) {
		t.Fatalf("%v with %v", err, s)
	}
	var list []string
	if faults != nil {
		for _, f := range faults.Faults {
			list = append(list, f.Path+": "+f.Message)
		}
	}
	return list
}

// TestOddQuestionnaires gives what no file holds and a program might.
func TestOddQuestionnaires(t *testing.T) {
	t.Parallel()
	with := func(m *cmiv1.Item) *cmiv1.Questionnaire {
		q := questionnaire(t, "q bei=0 fii=0", "x ECI yes_no")
		q.Items = append(q.Items, m)
		return q
	}
	eci := cmiv1.Pillar_PILLAR_ECI
	const noScale = "items[1].scale: an item without a scale is not allowed; one of rating, choice, multiple_choice, yes_no, count, behaviour or text is"
	for name, c := range map[string]struct {
		questionnaire *cmiv1.Questionnaire
		want          []string
	}{
		"none":               {nil, []string{": there is no questionnaire"}},
		"nil item":           {with(nil), []string{"items[1]: an empty item is not allowed; one with an id and a scale is"}},
		"no scale":           {with(&cmiv1.Item{ItemId: "y", Pillar: eci}), []string{noScale}},
		"typed nil rating":   {with(&cmiv1.Item{ItemId: "y", Pillar: eci, Scale: (*cmiv1.Item_Rating)(nil)}), []string{noScale}},
		"typed nil choice":   {with(&cmiv1.Item{ItemId: "y", Pillar: eci, Scale: (*cmiv1.Item_Choice)(nil)}), []string{noScale}},
		"typed nil multiple": {with(&cmiv1.Item{ItemId: "y", Pillar: eci, Scale: (*cmiv1.Item_MultipleChoice)(nil)}), []string{noScale}},
		"typed nil yes_no":   {with(&cmiv1.Item{ItemId: "y", Pillar: eci, Scale: (*cmiv1.Item_YesNo)(nil)}), []string{noScale}},
		"typed nil count":    {with(&cmiv1.Item{ItemId: "y", Pillar: eci, Scale: (*cmiv1.Item_Count)(nil)}), []string{noScale}},
		"typed nil measure":  {with(&cmiv1.Item{ItemId: "y", Pillar: eci, Scale: (*cmiv1.Item_Behaviour)(nil)}), []string{noScale}},
		"typed nil text":     {with(&cmiv1.Item{ItemId: "y", Pillar: eci, Scale: (*cmiv1.Item_Text)(nil)}), []string{noScale}},
		"nil yes_no":         {with(&cmiv1.Item{ItemId: "y", Pillar: eci, Scale: &cmiv1.Item_YesNo{}}), nil},
		"nil text":           {with(&cmiv1.Item{ItemId: "y", Scale: &cmiv1.Item_Text{}}), nil},
		"nil rating": {
			with(&cmiv1.Item{ItemId: "y", Pillar: eci, Scale: &cmiv1.Item_Rating{}}),
			[]string{"items[1].rating.max: 0 is not allowed; numbers above min, 0, are"},
		},
		"nil choice": {
			with(&cmiv1.Item{ItemId: "y", Pillar: eci, Scale: &cmiv1.Item_Choice{}}),
			[]string{"items[1].choice.options: a list of 0 is too short; at least 2 must be given"},
		},
		"nil multiple": {
			with(&cmiv1.Item{ItemId: "y", Pillar: eci, Scale: &cmiv1.Item_MultipleChoice{}}),
			[]string{"items[1].multiple_choice.options: a list of 0 is too short; at least 1 must be given"},
		},
		"nil count": {
			with(&cmiv1.Item{ItemId: "y", Pillar: eci, Scale: &cmiv1.Item_Count{}}),
			[]string{"items[1].count.saturation: 0 is not allowed; numbers above 0 are"},
		},
		"nil behaviour": {
			with(&cmiv1.Item{ItemId: "y", Pillar: eci, Scale: &cmiv1.Item_Behaviour{}}),
			[]string{
				"items[1].behaviour.measure: BEHAVIOUR_MEASURE_UNSPECIFIED is not allowed; frequency, diversity or recency is",
				"items[1].behaviour.kinds: an empty list is not allowed; at least 1 kind of interaction must be given",
			},
		},
		"nil option": {
			with(&cmiv1.Item{ItemId: "y", Scale: &cmiv1.Item_Choice{Choice: &cmiv1.Choice{Options: []*cmiv1.Option{{Value: "a"}, nil}}}}),
			[]string{"items[1].choice.options[1]: an empty option is not allowed; one with a value is"},
		},
		"invalid UTF-8": {
			with(&cmiv1.Item{ItemId: "y", Prompt: "\xff", Scale: &cmiv1.Item_Text{}, Translations: map[string]string{"\xff": "\xfe"}}),
			[]string{
				`items[1].prompt: "\xff" is not valid UTF-8`,
				`items[1].translations["\xff"]: "\xff" is no language tag; one such as "de" or "pt-BR" is`,
				`items[1].translations["\xff"]: "\xfe" is not valid UTF-8`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := faultsOf(t, c.questionnaire); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// TestSizesAreBounded tries each bound at it and beyond it.
func TestSizesAreBounded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path string
		most int
		set  func(q *cmiv1.Questionnaire, n int)
	}{
		{"title", 200, func(q *cmiv1.Questionnaire, n int) { q.Title = strings.Repeat("é", n) }},
		{"description", 4000, func(q *cmiv1.Questionnaire, n int) { q.Description = strings.Repeat("é", n) }},
		{"category", 200, func(q *cmiv1.Questionnaire, n int) { q.Category = strings.Repeat("é", n) }},
		{"items[0].prompt", 2000, func(q *cmiv1.Questionnaire, n int) { q.Items[0].Prompt = strings.Repeat("é", n) }},
		{"items[0].facet", 100, func(q *cmiv1.Questionnaire, n int) { q.Items[0].Facet = strings.Repeat("é", n) }},
		{"items[0].focus_area", 100, func(q *cmiv1.Questionnaire, n int) { q.Items[0].FocusArea = strings.Repeat("é", n) }},
		{"items[0].item_id", 128, func(q *cmiv1.Questionnaire, n int) { q.Items[0].ItemId = strings.Repeat("a", n) }},
		{"items[0].translations", 100, func(q *cmiv1.Questionnaire, n int) { q.Items[0].Translations = tags(n) }},
		{`items[0].translations["de"]`, 2000, func(q *cmiv1.Questionnaire, n int) {
			q.Items[0].Translations = map[string]string{"de": strings.Repeat("é", n)}
		}},
		{"items[1].choice.options", 200, func(q *cmiv1.Questionnaire, n int) { q.Items[1].GetChoice().Options = optionList(n) }},
		{"items[1].choice.options[0].value", 200, func(q *cmiv1.Questionnaire, n int) {
			q.Items[1].GetChoice().Options[0].Value = strings.Repeat("é", n)
		}},
		{"items[1].choice.options[0].label", 500, func(q *cmiv1.Questionnaire, n int) {
			q.Items[1].GetChoice().Options[0].Label = strings.Repeat("é", n)
		}},
		{"items[2].multiple_choice.options", 200, func(q *cmiv1.Questionnaire, n int) { q.Items[2].GetMultipleChoice().Options = optionList(n) }},
		{"items[3].behaviour.kinds", 100, func(q *cmiv1.Questionnaire, n int) {
			kinds := &q.Items[3].GetBehaviour().Kinds
			*kinds = nil
			for _, o := range optionList(n) {
				*kinds = append(*kinds, o.Value)
			}
		}},
		{"items[3].behaviour.kinds[0]", 128, func(q *cmiv1.Questionnaire, n int) { q.Items[3].GetBehaviour().Kinds[0] = strings.Repeat("é", n) }},
		{"items", 500, func(q *cmiv1.Questionnaire, n int) {
			for k := len(q.Items); k < n; k++ {
				q.Items = append(q.Items, &cmiv1.Item{ItemId: optionList(k + 1)[k].Value, Scale: &cmiv1.Item_Text{}})
			}
		}},
	} {
		t.Run(c.path, func(t *testing.T) {
			t.Parallel()
			q := questionnaire(t, "q bei=0 fii=0", "x ECI yes_no", "c - choice a: b:", "m ECI multiple a: b: target=1", "f ECI diversity")
			c.set(q, c.most)
			if got := faultsOf(t, q); got != nil {
				t.Errorf("%d: %v", c.most, got)
			}
			c.set(q, c.most+1)
			if got := faultsOf(t, q); len(got) != 1 || !strings.HasPrefix(got[0], c.path+": ") {
				t.Errorf("%d: %v", c.most+1, got)
			}
		})
	}
}

func tags(n int) map[string]string {
	m := map[string]string{}
	for _, o := range optionList(n) {
		m[o.Value] = "x"
	}
	return m
}

func optionList(n int) []*cmiv1.Option {
	list := make([]*cmiv1.Option, n)
	for k := range list {
		list[k] = &cmiv1.Option{Value: "o" + strings.Repeat("x", k/26) + string(rune('a'+k%26))}
	}
	return list
}

// TestFaultsAreBounded: an error about a questionnaire full of faults stays readable, and the whole list finite.
func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	q := questionnaire(t, "q bei=0 fii=0")
	for range 10 {
		m := &cmiv1.Item{ItemId: "!", Pillar: 1, Scale: &cmiv1.Item_Choice{Choice: &cmiv1.Choice{}}}
		for range 200 {
			m.GetChoice().Options = append(m.GetChoice().Options, &cmiv1.Option{Points: proto.Float64(math.NaN())})
		}
		q.Items = append(q.Items, m)
	}
	got := faultsOf(t, q)
	// Each item: its id, 200 empty values, 200 points.
	if want := ": and 3010 more faults"; len(got) != 1001 || got[1000] != want {
		t.Errorf("%d faults, the last %q", len(got), got[len(got)-1])
	}
	if _, err := scoring.Compile(q); len(err.Error()) > 2000 || !strings.HasSuffix(err.Error(), "; and 991 more") {
		t.Error(err)
	}
}

// TestManyOptions finds options and sets of them where a map is used.
func TestManyOptions(t *testing.T) {
	t.Parallel()
	q := questionnaire(t, "q bei=0", "c ECI choice a: b:", "m FII multiple a: b: target=1")
	options := optionList(200)
	for k, o := range options {
		o.Points = proto.Float64(float64(k) / 2)
	}
	q.Items[0].GetChoice().Options = options
	q.Items[1].GetMultipleChoice().Options, q.Items[1].GetMultipleChoice().Target = options, 200
	s := compile(t, q)
	r := response(t, "c=x m={}")
	r.Answers[0].Value = &cmiv1.Answer_Choice{Choice: options[150].Value}
	for _, o := range options[50:150] {
		r.Answers[1].GetChoices().Values = append(r.Answers[1].GetChoices().Values, o.Value)
	}
	got, err := s.Score(r)
	if err != nil || *got.Pillars[0].Score != 75 || *got.Pillars[2].Score != 50 {
		t.Fatal(got, err)
	}
	r.Answers[1].GetChoices().Values[99] = options[50].Value
	if _, err := s.Score(r); err == nil || !strings.Contains(err.Error(), "answers[1].choices.values[99]") {
		t.Error(err)
	}
}
