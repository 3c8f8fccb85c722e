package insight

import (
	"context"
	"fmt"
	"slices"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
	"github.com/customer-momentum/cmi/server/store"
)

// mostInvitations is how many periods of invitations a report looks at.
const mostInvitations = 10_000

// invited is who was asked, as far as a report can tell response rates from it.
type invited struct {
	in  *scope
	all []*cmiv1.Invitations
	// byWhom finds invitations by questionnaire and channel.
	byWhom map[asked][]int
	notes  []string
}

// asked is what was asked where.
type asked struct {
	questionnaireID string
	channel         cmiv1.Channel
}

// invited reads the invitations of the time that a report is about. Those of periods that reach beyond it are left out: nobody
// knows how many of them belong to it.
func (i *Insight) invited(ctx context.Context, s *scope) (*invited, error) {
	who := &invited{in: s, byWhom: make(map[asked][]int)}
	for _, by := range s.by {
		switch by {
		case byAudience, byCategory, byChannel, byQuestionnaire:
		default:
			who.notes = []string{sentence("There are no response rates by %s: invitations are counted by questionnaire, channel and period.", by)}
			return who, nil
		}
	}
	if !s.unlabelled() {
		who.notes = []string{"There are no response rates: invitations are not counted by account, segment or lifecycle, which the filter asks for."}
		return who, nil
	}
	var from time.Time
	if s.from != always {
		from = time.UnixMicro(s.from)
	}
	all, err := i.store.InvitationsWithin(ctx, s.tenant, from, time.UnixMicro(s.before), mostInvitations+1)
	if err != nil {
		return nil, fmt.Errorf("read invitations: %w", err)
	}
	if len(all) > mostInvitations {
		who.notes = []string{sentence("There are no response rates: they would rest on more than %d periods of invitations; ask for a shorter time.", mostInvitations)}
		return who, nil
	}
	for _, one := range all {
		if who.matches(one) {
			key := asked{one.GetQuestionnaireId(), one.GetChannel()}
			who.byWhom[key] = append(who.byWhom[key], len(who.all))
			who.all = append(who.all, one)
		}
	}
	if len(who.all) == 0 {
		who.notes = []string{"Nobody knows who stayed silent: it was not recorded how many were invited in this time."}
	}
	return who, nil
}

// matches tells whether the filter names what was asked where, and whether all of it lies in one period of the report. What is
// known by the questionnaire itself is looked at when groups are made.
func (w *invited) matches(one *cmiv1.Invitations) bool {
	f := w.in.filter
	return (len(f.GetQuestionnaireIds()) == 0 || slices.Contains(f.GetQuestionnaireIds(), one.GetQuestionnaireId())) &&
		(len(f.GetChannels()) == 0 || slices.Contains(f.GetChannels(), one.GetChannel())) &&
		w.periodOf(one) == begin(w.in.period, one.GetTo().AsTime().UnixMicro()-1)
}

func (w *invited) periodOf(one *cmiv1.Invitations) int64 {
	return begin(w.in.period, one.GetFrom().AsTime().UnixMicro())
}

// count counts the responses of a subject to the invitations that they came to.
func (w *invited) count(one *subject, responded map[string]int) {
	if len(w.all) == 0 {
		return
	}
	for k := range one.scores {
		o := &one.scores[k]
		for _, n := range w.byWhom[asked{o.QuestionnaireID, o.Channel}] {
			if o.At >= w.all[n].GetFrom().AsTime().UnixMicro() && o.At < w.all[n].GetTo().AsTime().UnixMicro() {
				responded[keyOf(w.all[n])]++
			}
		}
	}
}

// rates puts response rates into the groups of a report.
func (w *invited) rates(ctx context.Context, books *library, p *indexPart, said *cmiv1.GetIndexReportResponse) error {
	if len(w.all) == 0 {
		return nil
	}
	groups := make(map[place]*cmiv1.ResponseRate)
	for _, one := range w.all {
		from, err := books.get(ctx, one.GetQuestionnaireId(), 0)
		if err != nil {
			said.Notes = append(said.Notes, sentence("Invitations to %q count in no response rate: it has no published version.", one.GetQuestionnaireId()))
			continue
		}
		if f := w.in.filter; f.GetAudience() != 0 && f.GetAudience() != from.GetAudience() || f.GetSeries() != "" && f.GetSeries() != from.scorer.Series() {
			continue
		}
		at := w.place(one, from)
		if groups[at] == nil {
			groups[at] = &cmiv1.ResponseRate{}
		}
		groups[at].Invited += one.GetCount()
		groups[at].Responded += count(p.Responded[keyOf(one)])
	}
	for k, at := range p.Cells.places() {
		rate := groups[at]
		if rate == nil || said.Groups[k].GetCell().GetFlag() == cmiv1.Flag_FLAG_SUPPRESSED {
			continue
		}
		if rate.Responded <= rate.Invited {
			rate.Share = estimate(uncertainty.Share(float64(rate.Responded), float64(rate.Invited), level))
		} else {
			said.Groups[k].Cell.Notes = append(said.Groups[k].Cell.Notes, "More responded than were invited, so there is no response rate.")
		}
		said.Groups[k].ResponseRate = rate
	}
	return nil
}

// keyOf names invitations in the same way in every piece of an operation, whatever is recorded meanwhile.
func keyOf(one *cmiv1.Invitations) string {
	return fmt.Sprintf("%s/%d/%d/%d", one.GetQuestionnaireId(), one.GetChannel(), one.GetFrom().AsTime().UnixMicro(), one.GetTo().AsTime().UnixMicro())
}

// place is the group of those who were invited.
func (w *invited) place(one *cmiv1.Invitations, from *survey) place {
	return w.in.place(&subject{}, &observed{
		ReportedScore: &store.ReportedScore{QuestionnaireID: one.GetQuestionnaireId(), Channel: one.GetChannel()}, survey: from, period: w.periodOf(one),
	})
}
