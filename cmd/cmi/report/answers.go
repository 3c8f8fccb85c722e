package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// answers lays out what was said to an item.
func answers(request proto.Message, answer *cmiv1.GetAnswerReportResponse) *Report {
	r := &Report{name: "answers", title: "Answers to an item"}
	if asked, ok := request.(*cmiv1.GetAnswerReportRequest); ok {
		r.title = "Answers to item " + asked.GetItemId()
		if topic := asked.GetTopic(); topic != "" {
			r.asked = append(r.asked, fact{"texts about", topic})
		}
	}
	if prompt := answer.GetItem().GetPrompt(); prompt != "" {
		r.asked = append(r.asked, fact{"question", prompt})
	}
	keys := keysOf(answer.GetGroups())
	r.sheets = []*sheet{
		answerGround(answer.GetGroups(), keys), answerShares(answer.GetGroups(), keys),
		topicSheet(answer.GetGroups(), keys), textSheet(answer.GetTexts()),
	}
	if answer.GetNextPageToken() != "" && len(answer.GetTexts()) > 0 {
		r.notes = append(r.notes, fmt.Sprintf("Only the first %d texts are listed; there are more.", len(answer.GetTexts())))
	}
	return r
}

// answerGround is the sheet of how many answered, and of the mean of numbers.
func answerGround(groups []*cmiv1.AnswerGroup, keys []key) *sheet {
	s := &sheet{title: "Who answered", keys: keys, columns: []column{
		{name: "mean", heading: "mean", unit: ratio}, {name: "unanswered", heading: "no answer", unit: whole},
		{name: "not_applicable", heading: "not applicable", unit: whole},
	}}
	means := false
	for _, g := range groups {
		r := rowOf(g.GetCell(), keys)
		r.figures = []figure{estimated(g.GetMean()), {}, {}}
		if !r.suppressed() {
			r.figures[1], r.figures[2] = counted(g.GetUnanswered()), counted(g.GetNotApplicable())
		}
		means = means || !r.figures[0].absent()
		s.add(r)
	}
	if means && len(groups) > 1 {
		s.charts = []chart{byGroup(groups, keys, theme{title: "Mean answer", axis: "mean, as answered", unit: ratio},
			func(g *cmiv1.AnswerGroup) figure { return estimated(g.GetMean()) })}
	}
	return s
}

// answerShares is the sheet of how often each answer was given.
func answerShares(groups []*cmiv1.AnswerGroup, keys []key) *sheet {
	s := &sheet{
		title: "How often each answer was given", lead: "Of those who answered.",
		keys:    append(keys[:len(keys):len(keys)], key{"answer", "answer"}),
		columns: []column{{name: "share", heading: "share", unit: share}, {name: "count", heading: "answers", unit: whole}},
	}
	for _, g := range groups {
		for _, a := range g.GetAnswers() {
			r := rowOf(g.GetCell(), keys)
			r.notes = nil // the first sheet has them
			r.labels = append(r.labels, answerLabel(a))
			r.figures = []figure{estimated(a.GetShare()), counted(a.GetCount())}
			s.add(r)
		}
	}
	if len(s.rows) > 0 {
		s.charts = []chart{answerChart(groups)}
	}
	return s
}

func answerLabel(a *cmiv1.AnswerShare) label {
	if a.GetLabel() != "" {
		return label{a.GetLabel(), a.GetValue()}
	}
	return same(a.GetValue())
}

// answerChart shows the shares of the answers, of a few groups side by side.
func answerChart(groups []*cmiv1.AnswerGroup) chart {
	const most = 4
	d := &dots{title: "How often each answer was given", axis: "share of those who answered", unit: share, low: new(0.0), bars: len(groups) == 1}
	place := make(map[string]int)
	for _, g := range groups {
		if len(g.GetAnswers()) == 0 {
			continue
		}
		if len(d.series) == most {
			d.title += ", the first groups"
			break
		}
		d.series = append(d.series, legend{serialInks()[len(d.series)], groupName(g.GetCell())})
		for _, a := range g.GetAnswers() {
			at, known := place[a.GetValue()]
			if !known {
				at = len(d.rows)
				place[a.GetValue()] = at
				d.rows = append(d.rows, dotRow{label: answerLabel(a).shown, points: make([]figure, most)})
			}
			d.rows[at].points[len(d.series)-1] = estimated(a.GetShare())
		}
	}
	sortNumbers(d.rows)
	d.rows = first(d.rows)
	for i := range d.rows {
		d.rows[i].points = d.rows[i].points[:len(d.series)]
	}
	return d
}

// sortNumbers sorts rows by size if all are numbers: what was not answered in the first group comes late otherwise.
func sortNumbers(rows []dotRow) {
	size := make(map[string]float64)
	for _, r := range rows {
		v, err := strconv.ParseFloat(r.label, 64)
		if err != nil {
			return
		}
		size[r.label] = v
	}
	slices.SortStableFunc(rows, func(a, b dotRow) int { return cmp.Compare(size[a.label], size[b.label]) })
}

// topicSheet is the sheet of what texts are about.
func topicSheet(groups []*cmiv1.AnswerGroup, keys []key) *sheet {
	s := &sheet{
		title: "Topics", lead: "Who raised a topic, and the mean CMI of those who did and of those who answered and did not.",
		keys: append(keys[:len(keys):len(keys)], key{"topic", "topic"}),
		columns: []column{
			{name: "share", heading: "share", unit: share}, {name: "count", heading: "raised by", unit: whole}, {name: "cmi_raised", heading: "CMI raised"},
			{name: "cmi_others", heading: "CMI others"}, {name: "cmi_difference", heading: "difference", unit: change},
		},
	}
	often := &dots{title: "How often topics were raised", axis: "share of those who answered", unit: share, bars: true}
	score := &dots{title: "CMI of those who raised a topic, and of the others", axis: "mean CMI", series: []legend{
		{serialInks()[1], "raised it"}, {serialInks()[0], "did not"},
	}}
	for _, g := range groups {
		for _, t := range g.GetTopics() {
			r := rowOf(g.GetCell(), keys)
			r.notes = nil
			r.labels = append(r.labels, same(t.GetTopic()))
			r.figures = []figure{estimated(t.GetShare()), counted(t.GetCount()), estimated(t.GetRaised()), estimated(t.GetOthers()), tested(t.GetDifference())}
			s.add(r)
			often.rows = append(often.rows, dotRow{label: r.name(), note: r.note(r.figures[0]), points: r.figures[:1]})
			score.rows = append(score.rows, dotRow{label: r.name(), note: r.note(r.figures[2]), points: r.figures[2:4]})
		}
	}
	often.rows, score.rows = first(often.rows), first(score.rows)
	if len(s.rows) > 0 {
		s.charts = []chart{often, score}
	}
	return s
}

// textSheet lists texts.
func textSheet(all []*cmiv1.TextAnswer) *sheet {
	s := &sheet{
		title:   "Texts",
		keys:    []key{{"response", "response"}, {"customer", "customer"}, {"submitted_at", "submitted"}, {"topic", "topics"}},
		columns: []column{{name: "cmi", heading: "CMI"}, {name: "text", heading: "text", prose: true}},
	}
	for _, t := range all {
		customer := label{t.GetCustomerId(), t.GetCustomerId()}
		if customer.shown == "" {
			customer.shown = "(anonymous)"
		}
		s.add(&row{
			labels:  []label{same(t.GetResponseId()), customer, same(clock(t.GetSubmittedAt())), same(strings.Join(t.GetTopics(), ", "))},
			figures: []figure{bare(t.Cmi), said(t.GetText())},
		})
	}
	return s
}
