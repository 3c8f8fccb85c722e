package insight

import (
	"context"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
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

func (p *answersPart) take(one *subject) error {
	for _, k := range one.chosen {
		o := &one.scores[k]
		if o.kept == nil {
			continue
		}
		if p.From.ID == "" || o.At >= p.At {
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

func (p *answersPart) merge(other part) error {
	from := other.(*answersPart)
	if from.From.ID != "" && (p.From.ID == "" || from.At >= p.At) {
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

func (r *answersReport) answer(ctx context.Context, books *library, sum part) (proto.Message, error) {
	p := sum.(*answersPart)
	said := &cmiv1.GetAnswerReportResponse{AsOf: timestamppb.New(r.in.asOf), Notes: r.in.notes()}
	if p.From.ID == "" {
		if err := r.in.hasItem(ctx, books, "item_id", r.itemID); err != nil {
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
