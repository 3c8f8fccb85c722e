package insight

import (
	"context"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// texts tells whether an item asks for texts, of which any may be shown.
func (r *answersReport) texts(said *cmiv1.GetAnswerReportResponse) bool {
	return said.GetItem().GetText() != nil
}

// listTexts lists the texts of one page. Groups that are suppressed are counted first, where there may be any.
func (i *Insight) listTexts(ctx context.Context, a *answersReport, r *cmiv1.GetAnswerReportRequest, said *cmiv1.GetAnswerReportResponse) error {
	hidden, err := i.hidden(ctx, a, r, said)
	if err != nil {
		return err
	}
	said.Texts, said.NextPageToken, err = list(ctx, i, a.in, r, func(one *subject) (texts []*cmiv1.TextAnswer, err error) {
		for _, k := range one.chosen {
			o := &one.scores[k]
			if o.kept == nil || hidden[a.in.place(one, o)] {
				continue
			}
			answer := answerTo(o.kept.Response, r.GetItemId())
			text, ok := answer.GetValue().(*cmiv1.Answer_Text)
			if !ok || r.GetTopic() != "" && !slices.Contains(answer.GetTopics(), r.GetTopic()) {
				continue
			}
			texts = append(texts, &cmiv1.TextAnswer{
				ResponseId: o.kept.Score.GetResponseId(), CustomerId: o.kept.Score.GetCustomerId(), SubmittedAt: micros(o.At),
				Text: text.Text, Topics: answer.GetTopics(), Cmi: o.kept.Score.Cmi,
			})
		}
		return texts, nil
	})
	return err
}

// hidden are the groups whose texts are not shown. A page that goes on counts the groups anew: what was answered before says
// nothing that the service could rely on.
func (i *Insight) hidden(ctx context.Context, a *answersReport, r *cmiv1.GetAnswerReportRequest, said *cmiv1.GetAnswerReportResponse) (map[place]bool, error) {
	groups := said.GetGroups()
	if r.GetPageToken() != "" {
		made, err := i.make(ctx, a)
		if err != nil {
			return nil, err
		}
		groups = made.(*cmiv1.GetAnswerReportResponse).GetGroups()
	}
	hidden := make(map[place]bool)
	for _, g := range groups {
		if g.GetCell().GetFlag() == cmiv1.Flag_FLAG_SUPPRESSED {
			hidden[placeOf(g.GetCell())] = true
		}
	}
	return hidden, nil
}

// placeOf is where a group stands that has no periods.
func placeOf(c *cmiv1.Cell) place {
	var p place
	for k, g := range c.GetGroup() {
		v := value{g.Value != nil, g.GetValue()}
		if k == 0 {
			p.First = v
		} else {
			p.Second = v
		}
	}
	return p
}
