package tables

import (
	"fmt"
	"slices"

	"github.com/customer-momentum/cmi/server/columnar"
)

// Mapping says how a table codes what a questionnaire asks. Nil maps nothing.
type Mapping struct {
	name  string // of the file
	items map[string]*rules
	heads map[string]named
	// missing and notApplicable hold for all items.
	missing, notApplicable codes
	ignore                 []named
}

// named is a column that a line of the mapping names.
type named struct {
	column string
	line   int
}

// MappingError is what is wrong with a mapping file.
type MappingError struct {
	File    string
	Line    int // 0: the file as a whole
	Message string
}

func (e *MappingError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return fmt.Sprintf("%s, line %d: %s", e.File, e.Line, e.Message)
}

func (m *Mapping) wrong(line int, format string, args ...any) error {
	return &MappingError{m.name, line, fmt.Sprintf(format, args...)}
}

// item answers the rules for an item; nil: there are none.
func (m *Mapping) item(id string) *rules {
	if m == nil {
		return nil
	}
	all := m.missing.words != nil || m.notApplicable.words != nil
	own := m.items[id]
	if own == nil && !all {
		return nil
	}
	if own == nil {
		own = &rules{from: id}
	}
	r := *own
	r.missing, r.notApplicable = r.missing.with(m.missing), r.notApplicable.with(m.notApplicable)
	return &r
}

// head answers the column for a reserved name, and the line that says so; none where no line does.
func (m *Mapping) head(name string) (column string, line int) {
	if m == nil {
		return "", 0
	}
	h := m.heads[name]
	return h.column, h.line
}

func (m *Mapping) ignores(column string) bool {
	return m != nil && slices.ContainsFunc(m.ignore, func(n named) bool { return n.column == column })
}

// checkIgnored refuses to ignore what is not there, unless it may still come.
func (m *Mapping) checkIgnored(columns *known) error {
	if m == nil || columns.open {
		return nil
	}
	for _, n := range m.ignore {
		if columns.there(n.column) < 0 {
			return m.wrong(n.line, "there is no column %q to ignore; the columns are %s", n.column, some(columns.names))
		}
	}
	return nil
}

// headKeys are the keys of the mapping that name columns with what a response says of itself.
func headKeys() map[string]string {
	return map[string]string{
		"responseId": columnar.ResponseID, "customerId": columnar.CustomerID,
		"submittedAt": columnar.SubmittedAt, "channel": columnar.Channel,
	}
}
