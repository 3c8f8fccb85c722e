package demo

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
)

// width is how wide the output is.
const width = 100

// printer writes a report for people.
type printer struct {
	to    io.Writer
	style style
}

func (p printer) line(format string, args ...any) {
	fmt.Fprintln(p.to, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

func (p printer) heading(text string) { p.line("\n%s", p.style.heading(text)) }

// intro says what the demo is about to do.
func (p printer) intro(q *cmiv1.Questionnaire, responses int) {
	p.line("%s", p.style.heading("Customer Momentum Index: "+q.GetTitle()))
	p.line("A survey of %s customers, each answer recorded by the real service: streamed over gRPC into an", thousands(responses))
	p.line("embedded store in a temporary folder, which goes when the demo ends.")
}

// serving says that the service is still there.
func (p printer) serving(at server.Addresses) {
	p.line("\n%s gRPC %s, HTTP %s, and the API to try at http://%s/docs/", p.style.heading("Serving:"), at.GRPC, at.HTTP, at.HTTP)
	p.line("Ctrl-C ends the demo.")
}

func (p printer) report(r *Report) {
	p.buckets(r)
	p.pillars(r)
	p.atRisk(r)
}

// buckets shows how many customers are where.
func (p printer) buckets(r *Report) {
	p.heading("Where the customers stand")
	growth, advocate := thresholds(r.Questionnaire)
	s := p.style
	for _, b := range []struct {
		bucket     cmiv1.Bucket
		name, span string
		paint      func(string) string
	}{
		{cmiv1.Bucket_BUCKET_ADVOCATE, "Advocate", fmt.Sprintf("%g to 100", advocate), s.good},
		{cmiv1.Bucket_BUCKET_GROWTH, "Growth Opportunity", fmt.Sprintf("%g to <%g", growth, advocate), s.middling},
		{cmiv1.Bucket_BUCKET_AT_RISK, "At-Risk", fmt.Sprintf("below %g", growth), s.bad},
		{cmiv1.Bucket_BUCKET_UNSPECIFIED, "No CMI", "too little said", s.faint},
	} {
		n := r.Buckets[b.bucket]
		share := 0.0
		if r.Scores > 0 {
			share = float64(n) / float64(r.Scores)
		}
		p.line("  %-20s%-17s%5s  %5.1f %%  %s", b.name, b.span, thousands(n), 100*share, b.paint(s.bar(share)))
	}
	p.line("  %s; mean CMI %s", statuses(r), decimal(r.MeanCMI))
}

// statuses says on what the scores rest.
func statuses(r *Report) string {
	return fmt.Sprintf("%s scored in full, %s in part, %s not at all",
		thousands(r.Statuses[cmiv1.ScoreStatus_SCORE_STATUS_SCORED]),
		thousands(r.Statuses[cmiv1.ScoreStatus_SCORE_STATUS_PARTIAL]),
		thousands(r.Statuses[cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED]))
}

// pillars shows the three pillars over all customers.
func (p printer) pillars(r *Report) {
	p.heading("The three pillars")
	for _, pillar := range r.Pillars {
		drawn := ""
		if pillar.Mean != nil {
			drawn = p.style.bar(*pillar.Mean / 100)
		}
		p.line("  %s  %-24s mean %5s  %5s missing  %s", pillarWord(pillar.Pillar), pillarName(pillar.Pillar),
			decimal(pillar.Mean), thousands(pillar.Missing), p.style.faint(drawn))
	}
}

// How many reasons are shown: facets of each customer, items of the first.
const (
	facetsShown = 3
	itemsShown  = 5
)

// atRisk shows the customers at risk, each with what holds the CMI down, and the first one in detail.
func (p printer) atRisk(r *Report) {
	if len(r.AtRisk) == 0 {
		return
	}
	p.heading(fmt.Sprintf("The %d most at risk, and what drags them down", len(r.AtRisk)))
	p.line("  %s", p.style.faint("customer      CMI    ECI   BEI   FII   lacks most, in points of the CMI"))
	for _, c := range r.AtRisk {
		line := fmt.Sprintf("  %-10s%s ", c.Score.GetCustomerId(), p.style.bad(fmt.Sprintf("%7s", decimal(c.Score.Cmi))))
		for _, pillar := range c.Score.GetPillars() {
			line += fmt.Sprintf("%6s", decimal(pillar.Score))
		}
		p.line("%s   %s", line, facets(c.Facets))
	}
	first := r.AtRisk[0]
	p.line("\n  %s item by item: points lacking, what was answered, what was asked", first.Score.GetCustomerId())
	for _, d := range first.Drags[:min(itemsShown, len(first.Drags))] {
		p.line("    %5.1f  %-7s %s", d.Headroom, cut(answer(d.Answer), 7), cut(asked(d.Item), width-20))
	}
}

// facets names the largest drags.
func facets(all []FacetDrag) string {
	var parts []string
	for _, f := range all[:min(facetsShown, len(all))] {
		parts = append(parts, fmt.Sprintf("%s %.1f", f.Facet, f.Headroom))
	}
	return strings.Join(parts, ", ")
}

// asked is the question without the explanation of its scale.
func asked(it *cmiv1.Item) string {
	text := it.GetPrompt()
	if end := strings.IndexAny(text, ".?"); end >= 0 {
		text = text[:end+1]
	}
	return strings.TrimSuffix(text, ".")
}

// answer says what was answered, in the questionnaire's own values.
func answer(a *cmiv1.Answer) string {
	switch v := a.GetValue().(type) {
	case *cmiv1.Answer_Number:
		return fmt.Sprintf("%g", v.Number)
	case *cmiv1.Answer_Choice:
		return v.Choice
	case *cmiv1.Answer_Choices:
		return strings.Join(v.Choices.GetValues(), ", ")
	case *cmiv1.Answer_Yes:
		if v.Yes {
			return "yes"
		}
		return "no"
	}
	return "-"
}

// commands shows what to try next.
func (p printer) commands(all []Command) {
	p.heading("Try it, in another terminal while the demo serves")
	for _, c := range all {
		p.line("\n%s\n%s", p.style.faint("# "+c.About), c.Shell)
	}
}

func thresholds(q *cmiv1.Questionnaire) (growth, advocate float64) {
	growth, advocate = 50, 80
	if t := q.GetThresholds(); t != nil && t.Growth != nil {
		growth = t.GetGrowth()
	}
	if t := q.GetThresholds(); t != nil && t.Advocate != nil {
		advocate = t.GetAdvocate()
	}
	return growth, advocate
}

func pillarWord(p cmiv1.Pillar) string { return strings.TrimPrefix(p.String(), "PILLAR_") }

func pillarName(p cmiv1.Pillar) string {
	switch p {
	case cmiv1.Pillar_PILLAR_ECI:
		return "Emotional Connection"
	case cmiv1.Pillar_PILLAR_BEI:
		return "Behavioural Engagement"
	case cmiv1.Pillar_PILLAR_FII:
		return "Future Intent"
	}
	return ""
}

// decimal writes a score with one decimal, rounded down so that it never contradicts the bucket; a dash where there is none.
func decimal(x *float64) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.1f", float64(int(*x*10))/10)
}

// thousands writes a count with commas.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// cut shortens text to at most most characters.
func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}
