package main

import (
	"fmt"
	"strings"

	"github.com/customer-momentum/cmi/cmd/cmi/report"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// wordFlag is a value of an enum on the command line, by its word; its zero value is none.
type wordFlag[E report.Enum] struct{ is E }

// UnmarshalText reads it.
func (w *wordFlag[E]) UnmarshalText(text []byte) (err error) {
	w.is, err = report.ParseWord[E](string(text))
	return err
}

// those are the values of several flags.
func those[E report.Enum](flags []wordFlag[E]) []E {
	var all []E
	for _, f := range flags {
		all = append(all, f.is)
	}
	return all
}

// reportWho says which responses a report is about.
type reportWho struct {
	Questionnaire []string                  `group:"Which responses" placeholder:"ID" help:"Only to this questionnaire, whatever its version. May be given several times."`
	Series        string                    `group:"Which responses" placeholder:"ID" help:"Only in this series, in which scores are comparable over time."`
	Audience      wordFlag[cmiv1.Audience]  `group:"Which responses" placeholder:"WHO" help:"Only to questionnaires for this audience: new, active, inactive."`
	Lifecycle     wordFlag[cmiv1.Lifecycle] `group:"Which responses" placeholder:"WHO" help:"Only of customers who are new, active or inactive now."`
	Channel       []wordFlag[cmiv1.Channel] `group:"Which responses" placeholder:"WHERE" help:"Only asked there: face-to-face, online, mobile-app. May be given several times."`
	Account       string                    `group:"Which responses" placeholder:"ID" help:"Only of people of this account."`
	Segment       map[string]string         `group:"Which responses" placeholder:"KEY=VALUE" mapsep:"none" help:"Only of customers in this segment, such as country=ch. May be given several times; all must hold."`
}

// reportWhen says when responses were submitted.
type reportWhen struct {
	From moment `group:"Which responses" placeholder:"TIME" help:"Only submitted at this time or later: 2026-09-01, which is its first moment in UTC, or 2026-09-01T08:00:00Z."`
	To   moment `group:"Which responses" placeholder:"TIME" help:"Only submitted before this time."`
}

// filter is what the API takes.
func (w reportWho) filter(when reportWhen) *cmiv1.ReportFilter {
	f := &cmiv1.ReportFilter{
		QuestionnaireIds: w.Questionnaire, Series: w.Series, Audience: w.Audience.is, Lifecycle: w.Lifecycle.is, Channels: those(w.Channel),
		AccountId: w.Account, Segments: w.Segment, From: when.From.wire(), To: when.To.wire(),
	}
	return f
}

// reportGroups says how respondents are grouped and counted.
type reportGroups struct {
	GroupBy []string `placeholder:"WAY" help:"Group by this: audience, lifecycle, channel, category, questionnaire, account, segment:KEY. May be given twice."`
}

// reportUnit says what counts as a respondent.
type reportUnit struct {
	Unit wordFlag[cmiv1.Unit] `placeholder:"WHAT" help:"Count each customer once in each period, by the latest response, or each response. Default: customer."`
}

// spanFlag is a stretch of time: 2026-01-01..2026-04-01, of which the end does not belong to it.
type spanFlag struct{ from, to moment }

// UnmarshalText reads it.
func (f *spanFlag) UnmarshalText(text []byte) error {
	from, to, found := strings.Cut(string(text), "..")
	if !found {
		return fmt.Errorf("%q is not a stretch of time, such as 2026-01-01..2026-04-01", text)
	}
	if err := f.from.UnmarshalText([]byte(from)); err != nil {
		return err
	}
	return f.to.UnmarshalText([]byte(to))
}

// wire is the stretch as the API takes it.
func (f spanFlag) wire() *cmiv1.TimeRange {
	return &cmiv1.TimeRange{From: f.from.wire(), To: f.to.wire()}
}
