package report

import (
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// sheet is a table of figures. All forms of a report are made of it: a row has a line on the terminal and on the page, and of each
// of its figures there is a line in CSV.
type sheet struct {
	title, lead string
	// keys are the columns that say whom or what a row is about, columns those that say what there is to know.
	keys    []key
	columns []column
	rows    []*row
	charts  []chart
	// shaded sheets show their shares by colour too.
	shaded bool
}

// key is a column that says whom or what a row is about, by its name in CSV and its heading for people.
type key struct{ name, heading string }

// hidden keys are for CSV alone: to people the title of the sheet says as much.
func (k key) hidden() bool { return k.heading == "" }

// names is how many keys people see.
func (s *sheet) names() (n int) {
	for _, k := range s.keys {
		if !k.hidden() {
			n++
		}
	}
	return n
}

// column is a column of figures.
type column struct {
	name, heading string
	unit          unit
	// prose is text that needs lines of its own.
	prose bool
}

// row has the figures of one group, or of what else the keys say.
type row struct {
	labels  []label
	n       *int32
	eff     *float64
	flag    cmiv1.Flag
	figures []figure
	notes   []string
}

// label is what a row has in a key, for people and in CSV.
type label struct{ shown, raw string }

// same is a label that reads the same for people and in CSV.
func same(text string) label { return label{text, text} }

// add appends a row.
func (s *sheet) add(r *row) { s.rows = append(s.rows, r) }

// suppressed tells whether a row has no figures because it is of too few.
func (r *row) suppressed() bool { return r.flag == cmiv1.Flag_FLAG_SUPPRESSED }

// counts tells whether any row says how many it is of.
func (s *sheet) counts() bool {
	return slices.ContainsFunc(s.rows, func(r *row) bool { return r.n != nil })
}

// weighs tells whether any row counts as another number of equal respondents than it has.
func (s *sheet) weighs() bool {
	return slices.ContainsFunc(s.rows, func(r *row) bool { return r.n != nil && finite(r.eff) && *r.eff != float64(*r.n) })
}

// shows tells whether people see a column: not where no row has anything to say in it.
func (s *sheet) shows(column int) bool {
	return column == s.first() || slices.ContainsFunc(s.rows, func(r *row) bool { return !r.figures[column].absent() })
}

// first is the first column with anything to say, or else the first of all: it says which rows are suppressed.
func (s *sheet) first() int {
	for i, c := range s.columns {
		if !c.prose && slices.ContainsFunc(s.rows, func(r *row) bool { return !r.figures[i].absent() }) {
			return i
		}
	}
	return 0
}
