package insight

import (
	"context"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
	"github.com/customer-momentum/cmi/server/fault"
)

const (
	// mostNumbers is how many different numbers a distribution lists; beyond it there is a mean and no list.
	mostNumbers = 100
	// mostTopics is how many topics of a group are told apart, and listedTopics how many are listed.
	mostTopics, listedTopics = 10_000, 100
)

// Answers answers what was said to an item, and lists texts.
func (i *Insight) Answers(ctx context.Context, tenant string, r *cmiv1.GetAnswerReportRequest) (*cmiv1.GetAnswerReportResponse, error) {
	made, err := i.answers(ctx, tenant, r)
	if err != nil {
		return nil, err
	}
	a := made.(*answersReport)
	said := &cmiv1.GetAnswerReportResponse{AsOf: timestamppb.New(a.in.asOf)}
	if r.GetPageToken() == "" {
		answer, err := i.make(ctx, a)
		if err != nil {
			return nil, err
		}
		said = answer.(*cmiv1.GetAnswerReportResponse)
		if !a.texts(said) {
			return said, nil
		}
	}
	return said, i.listTexts(ctx, a, r, said)
}

type answersReport struct {
	in     *scope
	itemID string
}

func (i *Insight) answers(ctx context.Context, tenant string, r *cmiv1.GetAnswerReportRequest) (report, error) {
	s, err := i.scope(tenant, i.moment(), asks{filter: r.GetFilter(), asOf: r.GetAsOf(), by: r.GetGroupBy(), unit: r.GetUnit()})
	if err != nil {
		return nil, err
	}
	s.answers = func(one *subject) []int {
		return s.each(one, func(o *observed) bool { return o.survey.items[r.GetItemId()] != nil })
	}
	return &answersReport{in: s, itemID: r.GetItemId()}, i.exist(ctx, s, "filter")
}

func (r *answersReport) scope() *scope { return r.in }

func (r *answersReport) begin() part { return &answersPart{of: r, Cells: make(cells[answerTally])} }

type answersPart struct {
	of    *answersReport
	Cells cells[answerTally] `json:"cells"`
	// From is the latest version that was answered, by the time of the answer, which is At.
	From edition `json:"from"`
	At   int64   `json:"at"`
}

// answerTally is what one group said.
type answerTally struct {
	N             int                 `json:"n,omitempty"`
	Unanswered    int                 `json:"unanswered,omitempty"`
	NotApplicable int                 `json:"notApplicable,omitempty"`
	Values        map[string]int      `json:"values,omitempty"`
	Many          bool                `json:"many,omitempty"` // more different numbers than are listed
	Numbers       uncertainty.Sample  `json:"numbers"`
	CMI           uncertainty.Sample  `json:"cmi"` // of all who answered
	Topics        map[string]*opinion `json:"topics,omitempty"`
}

// opinion is a topic, and how those who raised it score.
type opinion struct {
	N   int                `json:"n"`
	CMI uncertainty.Sample `json:"cmi"`
}

func (p *answersPart) take(one *subject) error {
	for _, k := range p.of.in.answers(one) {
		o := &one.scores[k]
		if o.kept == nil {
			continue
		}
		if o.At >= p.At {
			p.From, p.At = edition{o.QuestionnaireID, o.Version}, o.At
		}
		t, err := p.Cells.at(p.of.in.place(one, o))
		if err != nil {
			return err
		}
		if err := t.add(o, answerTo(o.kept.Response, p.of.itemID)); err != nil {
			return err
		}
	}
	return nil
}

// answerTo is what a response says to an item; nil where nothing.
func answerTo(r *cmiv1.Response, itemID string) *cmiv1.Answer {
	for _, said := range r.GetAnswers() {
		if said.GetItemId() == itemID {
			return said
		}
	}
	return nil
}

func (t *answerTally) add(o *observed, said *cmiv1.Answer) error {
	switch v := said.GetValue().(type) {
	case nil:
		t.Unanswered++
		return nil
	case *cmiv1.Answer_NoAnswer:
		if v.NoAnswer == cmiv1.NoAnswer_NO_ANSWER_NOT_APPLICABLE {
			t.NotApplicable++
		} else {
			t.Unanswered++
		}
		return nil
	case *cmiv1.Answer_Number:
		t.number(v.Number)
	case *cmiv1.Answer_Choice:
		t.value(v.Choice)
	case *cmiv1.Answer_Choices:
		for _, one := range v.Choices.GetValues() {
			t.value(one)
		}
	case *cmiv1.Answer_Yes:
		t.value(map[bool]string{true: "yes", false: "no"}[v.Yes])
	}
	t.N++
	if o.scored() {
		t.CMI.Add(o.CMI, 1)
	}
	return t.topics(o, said.GetTopics())
}

func (t *answerTally) value(name string) {
	if t.Values == nil {
		t.Values = make(map[string]int)
	}
	t.Values[name]++
}

func (t *answerTally) number(x float64) {
	t.Numbers.Add(x, 1)
	if t.Many {
		return
	}
	t.value(strconv.FormatFloat(x+0, 'g', -1, 64))
	t.forgetMany()
}

// forgetMany drops a list of numbers that has become too long.
func (t *answerTally) forgetMany() {
	if t.Many || t.Numbers.N() > 0 && len(t.Values) > mostNumbers {
		t.Many, t.Values = true, nil
	}
}

func (t *answerTally) topics(o *observed, raised []string) error {
	for k, name := range raised {
		if contains(raised[:k], name) {
			continue // one response raises a topic once
		}
		topic, err := t.topic(name)
		if err != nil {
			return err
		}
		topic.N++
		if o.scored() {
			topic.CMI.Add(o.CMI, 1)
		}
	}
	return nil
}

func (t *answerTally) topic(name string) (*opinion, error) {
	if t.Topics[name] == nil {
		if len(t.Topics) == mostTopics {
			return nil, fault.New(cmiv1.ErrorReason_TOO_MANY_GROUPS,
				"The texts have more than %d different topics; ask for a shorter time, or sort texts into fewer.", mostTopics)
		}
		if t.Topics == nil {
			t.Topics = make(map[string]*opinion)
		}
		t.Topics[name] = &opinion{}
	}
	return t.Topics[name], nil
}

func (p *answersPart) merge(other part) error {
	from := other.(*answersPart)
	if from.At >= p.At && from.From.ID != "" {
		p.From, p.At = from.From, from.At
	}
	var failed error
	err := p.Cells.merge(from.Cells, func(to, from *answerTally) {
		if err := to.merge(from); err != nil {
			failed = err
		}
	})
	if err == nil {
		err = failed
	}
	return err
}

func (t *answerTally) merge(from *answerTally) error {
	t.N += from.N
	t.Unanswered += from.Unanswered
	t.NotApplicable += from.NotApplicable
	t.Numbers.Merge(from.Numbers)
	t.CMI.Merge(from.CMI)
	t.Many = t.Many || from.Many
	for name, n := range from.Values {
		if t.Values == nil {
			t.Values = make(map[string]int)
		}
		t.Values[name] += n
	}
	t.forgetMany()
	for _, name := range inOrder(from.Topics) {
		topic, err := t.topic(name)
		if err != nil {
			return err
		}
		topic.N += from.Topics[name].N
		topic.CMI.Merge(from.Topics[name].CMI)
	}
	return nil
}

func (r *answersReport) answer(ctx context.Context, books *library, sum part) (proto.Message, error) {
	p := sum.(*answersPart)
	said := &cmiv1.GetAnswerReportResponse{AsOf: timestamppb.New(r.in.asOf), Notes: r.in.notes()}
	if p.From.ID == "" {
		if err := r.known(ctx, books); err != nil {
			return nil, err
		}
		said.Notes = append(said.Notes, sentence("Nobody was asked item %q.", r.itemID))
		return said, nil
	}
	from, err := books.get(ctx, p.From.ID, p.From.Version)
	if err != nil {
		return nil, err
	}
	said.Item = from.items[r.itemID]
	many := false
	for _, at := range p.Cells.places() {
		t := p.Cells[at]
		g := &cmiv1.AnswerGroup{Cell: r.in.cell(at, t.N)}
		g.Cell.NEff = new(float64(t.N))
		if t.N >= fewest {
			g.Unanswered, g.NotApplicable = count(t.Unanswered), count(t.NotApplicable)
			g.Answers, g.Topics = t.distribution(said.Item), t.opinions()
			if t.Numbers.N() > 0 {
				g.Mean = mean(&t.Numbers)
			}
			many = many || t.Many
		}
		said.Groups = append(said.Groups, g)
	}
	if many {
		said.Notes = append(said.Notes, sentence("More than %d different numbers were answered, so they are not listed one by one.", mostNumbers))
	}
	return said, nil
}

// known refuses an item that the questionnaires which are asked for do not have, in a report that nobody answered to.
func (r *answersReport) known(ctx context.Context, books *library) error {
	return r.in.hasItem(ctx, books, "item_id", r.itemID)
}

// hasItem refuses an item that none of the questionnaires has which the filter names. Where it names none, nobody can say.
func (s *scope) hasItem(ctx context.Context, books *library, field, itemID string) error {
	ids := s.filter.GetQuestionnaireIds()
	if len(ids) == 0 {
		return nil
	}
	for _, id := range ids {
		from, err := books.get(ctx, id, 0)
		if err != nil {
			return err
		}
		if from.items[itemID] != nil {
			return nil
		}
	}
	return fault.Field(cmiv1.ErrorReason_ITEM_NOT_FOUND, field, "the questionnaires %q have no item %q, and nobody answered one", ids, itemID)
}
