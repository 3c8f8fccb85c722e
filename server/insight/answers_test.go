package insight_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

func why() *cmiv1.Item {
	return &cmiv1.Item{ItemId: "why", Prompt: "?", Weight: proto.Float64(0), Scale: &cmiv1.Item_Text{Text: &cmiv1.Text{}}}
}

func reason() *cmiv1.Item {
	return &cmiv1.Item{ItemId: "reason", Prompt: "?", Weight: proto.Float64(0), Scale: &cmiv1.Item_Choice{Choice: &cmiv1.Choice{
		Options: []*cmiv1.Option{{Value: "price", Label: "Too dear"}, {Value: "moved"}, {Value: "other"}},
	}}}
}

func chosen(value string) *cmiv1.Answer {
	return &cmiv1.Answer{ItemId: "reason", Value: &cmiv1.Answer_Choice{Choice: value}}
}

func wrote(text string, topics ...string) *cmiv1.Answer {
	return &cmiv1.Answer{ItemId: "why", Value: &cmiv1.Answer_Text{Text: text}, Topics: topics}
}

// TestAnswersToAChoice counts a nominal item, in the order of its options, and who did not answer.
func TestAnswersToAChoice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulse("pulse", reason()))
	for k, value := range []string{"price", "price", "price", "other", "other", "", "n/a"} {
		answers := all(50)
		switch value {
		case "":
		case "n/a":
			answers = append(answers, &cmiv1.Answer{ItemId: "reason", Value: &cmiv1.Answer_NoAnswer{NoAnswer: cmiv1.NoAnswer_NO_ANSWER_NOT_APPLICABLE}})
		default:
			answers = append(answers, chosen(value))
		}
		w.respond(fmt.Sprint("c", k), "pulse", day(time.May, 1), online, answers...)
	}
	said, err := w.insight().Answers(t.Context(), "acme", &cmiv1.GetAnswerReportRequest{ItemId: "reason"})
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	g := said.GetGroups()[0]
	if g.GetCell().GetN() != 5 || g.GetUnanswered() != 1 || g.GetNotApplicable() != 1 || len(g.GetAnswers()) != 3 {
		t.Fatalf("%v", g)
	}
	for k, want := range []struct {
		value, label string
		n            int32
	}{{"price", "Too dear", 3}, {"moved", "", 0}, {"other", "", 2}} {
		a := g.GetAnswers()[k]
		if a.GetValue() != want.value || a.GetLabel() != want.label || a.GetCount() != want.n || !near(a.GetShare().GetValue(), float64(want.n)/5) {
			t.Errorf("%v, want %+v", a, want)
		}
	}
	_, err = w.insight().Answers(t.Context(), "acme", &cmiv1.GetAnswerReportRequest{
		ItemId: "reasons", Filter: &cmiv1.ReportFilter{QuestionnaireIds: []string{"pulse"}},
	})
	if fault.ReasonOf(err) != cmiv1.ErrorReason_ITEM_NOT_FOUND || !strings.Contains(err.Error(), `"reasons"`) {
		t.Errorf("%v", err)
	}
}

// TestTexts counts topics, compares who raised them, and lists texts page by page, but for those of suppressed groups.
func TestTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulse("pulse", why()))
	w.slice = 4
	for k := range 14 {
		topics, cmi := []string{"price", "price"}, 30.0
		if k >= 6 {
			topics, cmi = []string{"service"}, 70
		}
		name := fmt.Sprintf("c%02d", k)
		w.respond(name, "pulse", day(time.May, 1+k), online, append(all(cmi+float64(k%3)), wrote("text "+name, topics...))...)
		w.customer(name).Profile.Segments["site"] = map[bool]string{true: "small", false: "large"}[k < 2]
	}
	w.respond("", "pulse", day(time.May, 20), online, append(all(50), wrote("anonymous", "price"))...)
	ask := &cmiv1.GetAnswerReportRequest{ItemId: "why", PageSize: 5}
	said, err := w.insight().Answers(t.Context(), "acme", ask)
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	topics := said.GetGroups()[0].GetTopics()
	if len(topics) != 2 || topics[0].GetTopic() != "service" || topics[0].GetCount() != 8 || topics[1].GetCount() != 7 {
		t.Fatalf("%v", topics)
	}
	// 30, 31, 32, 30, 31, 32 and 50 against 70, 71, 72, 70, 71, 72, 70, 71.
	check(t, "who raised the price", topics[1].GetRaised().GetValue(), 236.0/7)
	check(t, "the others", topics[1].GetOthers().GetValue(), 567.0/8)
	check(t, "the difference", topics[1].GetDifference().GetEstimate().GetValue(), 236.0/7-567.0/8)
	texts := func(ask *cmiv1.GetAnswerReportRequest) []string {
		var texts []string
		for {
			said, err := w.insight().Answers(t.Context(), "acme", ask)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range said.GetTexts() {
				texts = append(texts, one.GetText())
			}
			if ask.PageToken = said.GetNextPageToken(); ask.GetPageToken() == "" {
				return texts
			}
		}
	}
	all := texts(ask)
	if len(all) != 15 || all[0] != "text c00" || all[13] != "text c13" || all[14] != "anonymous" {
		t.Errorf("texts %q", all)
	}
	if about := texts(&cmiv1.GetAnswerReportRequest{ItemId: "why", Topic: "price", PageSize: 3}); len(about) != 7 {
		t.Errorf("texts about the price: %q", about)
	}
	// Two texts of the small site, and that of the anonymous respondent, who is in no site, are not shown.
	if shown := texts(&cmiv1.GetAnswerReportRequest{ItemId: "why", GroupBy: []string{"segment:site"}, PageSize: 4}); len(shown) != 12 || shown[0] != "text c02" {
		t.Errorf("texts by site: %q", shown)
	}
}

// TestAnswersBefore1970 are answers like others: times below 0 are times.
func TestAnswersBefore1970(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulse("pulse", reason()))
	for k := range 5 {
		w.respond(fmt.Sprint("c", k), "pulse", time.Date(1969, time.July, 20, 20, 17, 0, 0, time.UTC), online, append(all(50), chosen("moved"))...)
	}
	said, err := w.insight().Answers(t.Context(), "acme", &cmiv1.GetAnswerReportRequest{ItemId: "reason"})
	if err != nil {
		t.Fatal(err)
	}
	if said.GetItem().GetItemId() != "reason" || len(said.GetGroups()) != 1 || said.GetGroups()[0].GetCell().GetN() != 5 {
		t.Errorf("%v", said)
	}
}
