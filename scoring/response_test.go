package scoring_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// TestScoreCarriesTheResponse checks what a score takes over from the response and the questionnaire.
func TestScoreCarriesTheResponse(t *testing.T) {
	t.Parallel()
	q, r := twelve(t)
	r.Behaviour = &cmiv1.Behaviour{Rate: proto.Float64(2), DaysSince: proto.Float64(3)}
	s := compile(t, q)
	got, err := s.Score(r)
	if err != nil {
		t.Fatal(err)
	}
	if got.ResponseId != "r-1" || got.CustomerId != "c-1" || got.Channel != cmiv1.Channel_CHANNEL_ONLINE {
		t.Errorf("the response's fields: %v", got)
	}
	if got.QuestionnaireId != "twelve" || got.QuestionnaireVersion != 1 || got.Series != "twelve" {
		t.Errorf("the questionnaire's fields: %v", got)
	}
	if at := got.SubmittedAt; at.Seconds != 1_790_000_000 || at.Nanos != 123_456_000 {
		t.Errorf("submitted at %v, want whole microseconds", at)
	}
	if got.ScoredAt != nil || got.Interval != nil || got.CalibrationId != "" || got.Explanation != nil {
		t.Errorf("fields that are the caller's: %v", got)
	}
	if !proto.Equal(got.Behaviour, r.Behaviour) || got.Behaviour == r.Behaviour {
		t.Errorf("behaviour %v, want a copy", got.Behaviour)
	}
	// What the caller does to the inputs afterwards changes nothing, and every field survives the wire.
	before := proto.CloneOf(got)
	*r.Behaviour.Rate, r.SubmittedAt.Seconds, q.Items[0].ItemId, q.Items[6].GetChoice().Options[0].Value = 9, 9, "other", "other"
	data, err := proto.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	again := new(cmiv1.Score)
	if err := proto.Unmarshal(data, again); err != nil || !proto.Equal(again, got) || !proto.Equal(before, got) {
		t.Errorf("%v: %v, then %v", err, before, got)
	}
	if s.QuestionnaireID() != "twelve" || s.Version() != 1 || s.Series() != "twelve" {
		t.Errorf("accessors: %s %d %s", s.QuestionnaireID(), s.Version(), s.Series())
	}
	got.Pillars[0].Facets = append(got.Pillars[0].Facets, &cmiv1.FacetScore{})
	if got.Pillars[1].Facets[0].Facet != "frequency" {
		t.Error("appending to one pillar's facets wrote over the next one's")
	}
}

func TestSeries(t *testing.T) {
	t.Parallel()
	s := compile(t, questionnaire(t, "q series=cmi bei=0 fii=0", "x ECI yes_no"))
	got, err := s.Score(response(t, "x=yes"))
	if err != nil || got.Series != "cmi" || s.Series() != "cmi" {
		t.Errorf("%v %v", got, err)
	}
	if got.SubmittedAt != nil || got.Behaviour != nil || got.Channel != 0 {
		t.Errorf("what was not given is absent: %v", got)
	}
}

// TestOddResponses gives what no client should send and a program might.
func TestOddResponses(t *testing.T) {
	t.Parallel()
	s := compile(t, questionnaire(t, "q",
		"r ECI rating 1..10 step=1", "m BEI multiple a: b: target=2", "y FII yes_no", "t - text"))
	long := strings.Repeat("é", 10_000)
	topics := func(n int, topic string) []string {
		list := make([]string, n)
		for k := range list {
			list[k] = topic
		}
		return list
	}
	text := func(s string, topics ...string) *cmiv1.Response {
		return &cmiv1.Response{Answers: []*cmiv1.Answer{{ItemId: "t", Value: &cmiv1.Answer_Text{Text: s}, Topics: topics}}}
	}
	answer := func(a *cmiv1.Answer) *cmiv1.Response { return &cmiv1.Response{Answers: []*cmiv1.Answer{a}} }
	no := func(n cmiv1.NoAnswer) *cmiv1.Answer_NoAnswer { return &cmiv1.Answer_NoAnswer{NoAnswer: n} }
	const noValue = `answers[0]: item "r": an answer without a value is not allowed; whole steps of 1 from 1 to 10 are`
	const why = " is not allowed; NO_ANSWER_NOT_APPLICABLE, NO_ANSWER_DONT_KNOW or NO_ANSWER_DECLINED is"
	for name, c := range map[string]struct {
		response *cmiv1.Response
		want     string
	}{
		"no response":         {nil, ": there is no response"},
		"empty response":      {&cmiv1.Response{}, ""},
		"nil answer":          {answer(nil), "answers[0]: an empty answer is not allowed; one with an item_id and a value is"},
		"no item id":          {answer(&cmiv1.Answer{Value: no(1)}), `answers[0].item_id: item "" is not in questionnaire "q" version 0; its items are "r", "m", "y", "t"`},
		"no value":            {answer(&cmiv1.Answer{ItemId: "r"}), noValue},
		"typed nil number":    {answer(&cmiv1.Answer{ItemId: "r", Value: (*cmiv1.Answer_Number)(nil)}), noValue},
		"typed nil choice":    {answer(&cmiv1.Answer{ItemId: "r", Value: (*cmiv1.Answer_Choice)(nil)}), noValue},
		"typed nil choices":   {answer(&cmiv1.Answer{ItemId: "r", Value: (*cmiv1.Answer_Choices)(nil)}), noValue},
		"typed nil yes":       {answer(&cmiv1.Answer{ItemId: "r", Value: (*cmiv1.Answer_Yes)(nil)}), noValue},
		"typed nil text":      {answer(&cmiv1.Answer{ItemId: "r", Value: (*cmiv1.Answer_Text)(nil)}), noValue},
		"typed nil no answer": {answer(&cmiv1.Answer{ItemId: "r", Value: (*cmiv1.Answer_NoAnswer)(nil)}), noValue},
		"nil set":             {answer(&cmiv1.Answer{ItemId: "m", Value: &cmiv1.Answer_Choices{}}), ""},
		"no reason":           {answer(&cmiv1.Answer{ItemId: "r", Value: no(0)}), `answers[0].no_answer: item "r": NO_ANSWER_UNSPECIFIED` + why},
		"unknown reason":      {answer(&cmiv1.Answer{ItemId: "r", Value: no(7)}), `answers[0].no_answer: item "r": 7` + why},
		"negative channel":    {&cmiv1.Response{Channel: -1}, "channel: -1 is not allowed; CHANNEL_FACE_TO_FACE, CHANNEL_ONLINE or CHANNEL_MOBILE_APP is"},
		"nanos":               {&cmiv1.Response{SubmittedAt: &timestamppb.Timestamp{Nanos: -1}}, "submitted_at: seconds 0 and nanos -1 are not allowed; times from year 1 to 9999 with nanos from 0 to 999999999 are"},
		"long text":           {text(long), ""},
		"too long text":       {text(long + "é"), `answers[0].text: item "t": 10001 characters are too many; at most 10000 are allowed`},
		"invalid text":        {text("a\xffb"), `answers[0].text: item "t": "a\xffb" is not valid UTF-8`},
		"NUL":                 {text("a\x00b"), `answers[0].text: item "t": "a\x00b" contains U+0000, which is not allowed`},
		"20 topics":           {text("", topics(20, long[:200])...), ""},
		"21 topics":           {text("", topics(21, "a")...), `answers[0].topics: item "t": 21 topics are too many; at most 20 are allowed`},
		"long topic":          {text("", long[:202]), `answers[0].topics[0]: item "t": topic 101 characters are too many; at most 100 are allowed`},
		"invalid topic":       {text("", "\xff"), `answers[0].topics[0]: item "t": topic "\xff" is not valid UTF-8`},
		"topics on no text":   {answer(&cmiv1.Answer{ItemId: "t", Value: no(2), Topics: []string{"a"}}), `answers[0].topics: item "t": topics are not allowed here; with a text they are`},
		"topics on a number":  {answer(&cmiv1.Answer{ItemId: "r", Value: &cmiv1.Answer_Number{Number: 3}, Topics: []string{"a"}}), `answers[0].topics: item "r": topics are not allowed here; with a text they are`},
		"id of 128":           {&cmiv1.Response{ResponseId: strings.Repeat("a", 128)}, ""},
		"id of 129":           {&cmiv1.Response{ResponseId: strings.Repeat("a", 129)}, `response_id: "` + strings.Repeat("a", 40) + `…" is not allowed; a letter or digit, then up to 127 letters, digits, dots, underscores or hyphens are`},
		"id with newline":     {&cmiv1.Response{CustomerId: "a\n"}, `customer_id: "a\n" is not allowed; a letter or digit, then up to 127 letters, digits, dots, underscores or hyphens are`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			score, err := s.Score(c.response)
			var got string
			var invalid *scoring.Invalid
			if errors.As(err, &invalid) {
				if len(invalid.Violations) != 1 {
					t.Fatal(err)
				}
				got = invalid.Violations[0].Path + ": " + invalid.Violations[0].Message
			}
			if got != c.want || (score == nil) != (err != nil) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestErrorsAreBounded: an error is never much larger than a person would read.
func TestErrorsAreBounded(t *testing.T) {
	t.Parallel()
	s := compile(t, questionnaire(t, "q bei=0 fii=0", "x ECI yes_no"))
	r := &cmiv1.Response{}
	for k := range 5000 {
		r.Answers = append(r.Answers, &cmiv1.Answer{ItemId: strings.Repeat("z", 1000) + fmt.Sprint(k)})
	}
	_, err := s.Score(r)
	var invalid *scoring.Invalid
	if !errors.As(err, &invalid) || len(invalid.Violations) != 51 {
		t.Fatal(err)
	}
	if last := invalid.Violations[50]; last.Path != "answers" || last.Message != "and 4950 more violations" {
		t.Errorf("last is %v", last)
	}
	if n := len(err.Error()); n > 3000 {
		t.Errorf("an error of %d bytes", n)
	}
	if !strings.HasSuffix(err.Error(), "; and 41 more") {
		t.Error(err)
	}
}

// TestEveryKindOfViolationIsBounded: skipped required items and wrong values count towards the same bound.
func TestEveryKindOfViolationIsBounded(t *testing.T) {
	t.Parallel()
	q, r := many(t, 120, false)
	for k, m := range q.Items {
		m.Required = true
		r.Answers[k].Value = &cmiv1.Answer_Number{Number: -1}
	}
	r.Answers = r.Answers[:60]
	_, err := compile(t, q).Score(r)
	var invalid *scoring.Invalid
	if !errors.As(err, &invalid) || len(invalid.Violations) != 51 || invalid.Violations[50].Message != "and 70 more violations" {
		t.Fatal(err)
	}
}

// TestNoNegativeZero: -0 is 0 to a scale, and must not come out as "-0".
func TestNoNegativeZero(t *testing.T) {
	t.Parallel()
	s := compile(t, questionnaire(t, "q", "a ECI rating 0..1", "b BEI count saturation=3", "c FII frequency"))
	minus := math.Copysign(0, -1)
	r := response(t, "a=0 b=0")
	r.Behaviour = &cmiv1.Behaviour{Rate: &minus}
	for _, a := range r.Answers {
		a.Value = &cmiv1.Answer_Number{Number: minus}
	}
	got := explain(t, s, r)
	checkScore(t, got)
	for _, c := range got.Explanation.Contributions {
		if math.Signbit(*c.Score) || math.Signbit(*c.Contribution) {
			t.Errorf("%s scores %v and brings %v", c.ItemId, *c.Score, *c.Contribution)
		}
	}
}

// TestConcurrentUse scores with one scorer from many goroutines; run it with the race detector.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	q, r := twelve(t)
	s := compile(t, q)
	want, err := s.Explain(r)
	if err != nil {
		t.Fatal(err)
	}
	wrong := response(t, "trust=0 nobody=1")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 200 {
				if got, err := s.Explain(r); err != nil || !proto.Equal(got, want) {
					t.Errorf("%v %v", got, err)
				}
				if _, err := s.Score(wrong); err == nil {
					t.Error("no error")
				}
			}
		})
	}
	wait.Wait()
}

// TestAllocations holds Score to what its documentation says.
func TestAllocations(t *testing.T) {
	q, r := twelve(t)
	bare := proto.CloneOf(q)
	for _, m := range bare.Items {
		m.Facet = ""
	}
	acting := proto.CloneOf(r)
	acting.Behaviour = &cmiv1.Behaviour{Rate: proto.Float64(1), Diversity: proto.Float64(0.5), DaysSince: proto.Float64(1)}
	large, all := many(t, 100, false)
	several, few := many(t, 9, true)
	faceted, some := many(t, 20, true)
	dozen, twelve := many(t, 12, true)
	for _, c := range []struct {
		name          string
		questionnaire *cmiv1.Questionnaire
		response      *cmiv1.Response
		want          float64
	}{
		{"without facets", bare, r, 1},
		{"with facets", q, r, 2},
		{"with behaviour", q, acting, 3},
		{"100 items", large, all, 3},
		{"9 facets", several, few, 2},
		{"12 facets", dozen, twelve, 3},
		{"20 facets", faceted, some, 4},
	} {
		s := compile(t, c.questionnaire)
		if got := testing.AllocsPerRun(100, func() {
			if _, err := s.Score(c.response); err != nil {
				t.Fatal(err)
			}
		}); got != c.want {
			t.Errorf("%s: %v allocations, want %v", c.name, got, c.want)
		}
	}
}

// many makes a questionnaire of n items, each its own facet or none, and a response to all of them.
func many(tb testing.TB, n int, facets bool) (*cmiv1.Questionnaire, *cmiv1.Response) {
	tb.Helper()
	q := questionnaire(tb, "many bei=0 fii=0")
	r := &cmiv1.Response{}
	for k := range n {
		line := fmt.Sprintf("i%d ECI rating 0..10 step=1", k)
		if facets {
			line += fmt.Sprintf(" facet=f%d", k)
		}
		item, err := readItem(line)
		if err != nil {
			tb.Fatal(err)
		}
		q.Items = append(q.Items, item)
		r.Answers = append(r.Answers, &cmiv1.Answer{ItemId: item.ItemId, Value: &cmiv1.Answer_Number{Number: float64(k % 11)}})
	}
	return q, r
}

// TestManyItemsAndFacets checks the ways of large questionnaires against plain means.
func TestManyItemsAndFacets(t *testing.T) {
	t.Parallel()
	q, r := many(t, 500, true)
	got, err := compile(t, q).Explain(r)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for k := range 500 {
		sum += float64(k%11) * 10
		facet := got.Pillars[0].Facets[k]
		if facet.Facet != fmt.Sprintf("f%d", k) || *facet.Score != float64(k%11)*10 || *facet.Coverage != 1 {
			t.Fatalf("facet %d is %v", k, facet)
		}
	}
	if math.Abs(*got.Cmi-sum/500) > 1e-9 || len(got.Explanation.Contributions) != 500 {
		t.Errorf("cmi %v, want %v", *got.Cmi, sum/500)
	}
}
