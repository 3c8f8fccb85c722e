package report

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// page holds the template of the page and its style sheet.
//
//go:embed page.gohtml page.css
var page embed.FS

// pageData is what the template of the page is filled with.
type pageData struct {
	Title           string
	Style           template.CSS
	Asked           []fact
	Nobody          string
	Sections        []sectionData
	Warnings, Notes []string
	Reading         []string
}

// sectionData is a sheet on the page.
type sectionData struct {
	ID, Title, Lead string
	Charts          []chartData
	Headings        []cellData
	Rows            []rowData
	// Quotes stand in place of rows that have text.
	Quotes []quoteData
	Notes  []string
}

// quoteData is a text and what is known of it.
type quoteData struct {
	Text  string
	About []fact
}

// chartData is a chart on the page, wide and narrow.
type chartData struct {
	Heading  string
	Legend   []legend
	Pictures []template.HTML
}

type rowData struct {
	Class string
	Cells []cellData
}

// cellData is a cell of a table on the page.
type cellData struct {
	Text string
	// Key cells say whom a row is about.
	Key   bool
	Class string
}

// html writes the report as one page that needs nothing else.
func (r *Report) html(w io.Writer) error {
	style, err := page.ReadFile("page.css")
	if err != nil {
		return fmt.Errorf("the page has no style: %w", err)
	}
	form, err := template.ParseFS(page, "page.gohtml")
	if err != nil {
		return fmt.Errorf("the page cannot be laid out: %w", err)
	}
	data := pageData{
		Title: clean(r.title), Style: template.CSS(style), //nolint:gosec // it is built into this program
		Asked: r.asked, Warnings: r.warnings, Notes: r.notes, Reading: r.reading(),
	}
	if r.empty() {
		data.Nobody = nobody
	}
	for i, s := range r.sheets {
		if len(s.rows) == 0 {
			continue
		}
		section, err := s.section("s" + strconv.Itoa(i+1))
		if err != nil {
			return err
		}
		data.Sections = append(data.Sections, section)
	}
	if err := form.ExecuteTemplate(w, "page.gohtml", data); err != nil {
		return fmt.Errorf("the page cannot be written: %w", err)
	}
	return nil
}

// section lays a sheet out.
func (s *sheet) section(id string) (sectionData, error) {
	data := sectionData{ID: id, Title: clean(s.title), Lead: s.lead, Notes: s.rowNotes()}
	for i, ch := range s.charts {
		shown := chartData{Heading: ch.heading(), Legend: ch.legend()}
		for _, f := range frames() {
			drawn, err := picture(ch, f, fmt.Sprintf("%s-c%d%t", id, i+1, f.narrow))
			if err != nil {
				return data, err
			}
			shown.Pictures = append(shown.Pictures, drawn)
		}
		data.Charts = append(data.Charts, shown)
	}
	if s.quotes() {
		data.Quotes = s.quoted()
		return data, nil
	}
	for i, heading := range s.headings() {
		data.Headings = append(data.Headings, cellData{Text: clean(heading), Key: i < s.names()})
	}
	for _, r := range s.rows {
		data.Rows = append(data.Rows, s.pageRow(r))
	}
	return data, nil
}

// quotes tells whether the sheet is one of texts.
func (s *sheet) quotes() bool {
	return slices.ContainsFunc(s.columns, func(c column) bool { return c.prose })
}

// quoted are the texts, each with what is known of it.
func (s *sheet) quoted() (all []quoteData) {
	headings := s.headings()
	for _, r := range s.rows {
		q := quoteData{Text: clean(s.prose(r))}
		for i, text := range s.cells(r) {
			if text != "" && text != absent {
				q.About = append(q.About, fact{headings[i], text})
			}
		}
		all = append(all, q)
	}
	return all
}

// longName is from how many letters on a name may need more than one line.
const longName = 14

func (s *sheet) pageRow(r *row) rowData {
	data := rowData{}
	if r.suppressed() {
		data.Class = "suppressed"
	}
	cells, shades := s.cells(r), s.shades(r)
	for i, text := range cells {
		cell := cellData{Text: text, Key: i < s.names()}
		if cell.Key && utf8.RuneCountInString(text) > longName {
			cell.Class = "long"
		}
		if from := len(cells) - len(shades); s.shaded && i >= from {
			cell.Class = shades[i-from]
		}
		data.Cells = append(data.Cells, cell)
	}
	return data
}

// shades are the classes of the figures of a row that people see.
func (s *sheet) shades(r *row) (all []string) {
	for i, c := range s.columns {
		if !c.prose && s.shows(i) {
			all = append(all, shade(r.figures[i]))
		}
	}
	return all
}

// shade is the class of a cell by its share, in tenths.
func shade(f figure) string {
	if f.absent() || !finite(f.value) {
		return ""
	}
	return "h" + strconv.Itoa(min(10, max(0, int(*f.value*10+0.5))))
}

// reading says how the report is to be read.
func (r *Report) reading() []string {
	sentences := []string{
		"An interval in brackets holds the true figure with the confidence that is asked for, mostly 95\u00a0%: where it is wide, little is known.",
		"Groups of fewer than 5 respondents are suppressed, so that nobody's answer shows; those of 5 to 29 are marked as small.",
		"Figures that go together are associated; that one causes the other does not follow.",
	}
	if strings.HasPrefix(r.name, "transitions") {
		sentences = append(sentences, "What was seen once need not go on: moves are counted, not foretold.")
	}
	return sentences
}
