package report

import (
	"fmt"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// lineWidth is how wide sentences may be on a terminal.
const lineWidth = 100

// text lays the report out for a terminal.
func (r *Report) text() string {
	var b strings.Builder
	b.WriteString(clean(r.title) + "\n")
	for _, f := range r.asked {
		fmt.Fprintf(&b, "  %s: %s\n", f.Name, clean(f.Text))
	}
	if r.empty() {
		b.WriteString("\n" + nobody + "\n")
	}
	for _, s := range r.sheets {
		if len(s.rows) > 0 {
			b.WriteString("\n" + s.text())
		}
	}
	paragraphs(&b, "Warning: ", r.warnings)
	paragraphs(&b, "Note: ", r.notes)
	return b.String()
}

// paragraphs writes sentences, each under a word.
func paragraphs(b *strings.Builder, word string, sentences []string) {
	if len(sentences) > 0 {
		b.WriteString("\n")
	}
	for _, sentence := range sentences {
		indent := strings.Repeat(" ", len(word))
		for i, line := range Wrap(clean(sentence), lineWidth-len(word)) {
			if i == 0 {
				b.WriteString(word + line + "\n")
			} else {
				b.WriteString(indent + line + "\n")
			}
		}
	}
}

// text lays a sheet out for a terminal.
func (s *sheet) text() string {
	var b strings.Builder
	b.WriteString(clean(s.title) + "\n")
	for _, line := range Wrap(s.lead, lineWidth) {
		if line != "" {
			b.WriteString(line + "\n")
		}
	}
	lines := [][]string{upper(s.headings())}
	for _, r := range s.rows {
		lines = append(lines, s.cells(r))
	}
	for i, line := range aligned(lines, s.names()) {
		b.WriteString(line + "\n")
		if i > 0 {
			b.WriteString(indented(s.prose(s.rows[i-1])))
		}
	}
	for _, note := range s.rowNotes() {
		b.WriteString("  " + clean(note) + "\n")
	}
	return b.String()
}

// indented sets text off by its lines.
func indented(text string) string {
	const by = "    "
	var b strings.Builder
	for _, line := range Wrap(clean(text), lineWidth-len(by)) {
		if line != "" {
			b.WriteString(by + line + "\n")
		}
	}
	return b.String()
}

func upper(texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = strings.ToUpper(clean(text))
	}
	return all
}

// headings are those of the columns of a table for people.
func (s *sheet) headings() []string {
	var all []string
	for _, k := range s.keys {
		if !k.hidden() {
			all = append(all, k.heading)
		}
	}
	if s.counts() {
		all = append(all, "n")
	}
	if s.weighs() {
		all = append(all, "n eff")
	}
	for i, c := range s.columns {
		if !c.prose && s.shows(i) {
			all = append(all, c.heading)
		}
	}
	return all
}

// cells are those of a row of a table for people.
func (s *sheet) cells(r *row) []string {
	var all []string
	for i, l := range r.labels {
		if !s.keys[i].hidden() {
			all = append(all, clean(l.shown))
		}
	}
	if s.counts() {
		all = append(all, r.counted())
	}
	if s.weighs() {
		all = append(all, points.write(bare(r.eff)))
	}
	for i, c := range s.columns {
		switch {
		case c.prose || !s.shows(i):
		case i == s.first() && r.suppressed() && r.n != nil && r.figures[i].absent():
			all = append(all, r.hidden())
		default:
			all = append(all, clean(c.unit.write(r.figures[i])))
		}
	}
	return all
}

// counted is how many a row is of; few are marked.
func (r *row) counted() string {
	switch {
	case r.n == nil:
		return ""
	case r.flag == cmiv1.Flag_FLAG_SMALL:
		return fmt.Sprintf("small %d", *r.n)
	}
	return whole.number(float64(*r.n))
}

// hidden is what stands in place of figures of too few.
func (r *row) hidden() string {
	if *r.n == 0 {
		return "nobody (n=0)"
	}
	return fmt.Sprintf("suppressed (n=%d)", *r.n)
}

// prose is the text of a row that needs lines of its own.
func (s *sheet) prose(r *row) string {
	for i, c := range s.columns {
		if c.prose {
			return r.figures[i].words
		}
	}
	return ""
}

// rowNotes are what else must be known of rows, each under the name of its row.
func (s *sheet) rowNotes() []string {
	var all []string
	for _, r := range s.rows {
		for _, note := range r.notes {
			all = append(all, r.name()+": "+note)
		}
	}
	return all
}
