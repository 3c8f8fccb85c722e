package sqlite

import (
	"fmt"
	"strings"

	"github.com/customer-momentum/cmi/server/store/form"
)

// walk is the shape of a list: which index it walks and what it passes over. Shapes are few, so that their statements
// are prepared once.
//
// The index is named in the statement. SQLite would choose by its guess of how many rows match, and a wrong guess turns a
// walk of a page into one of the whole tenant.
type walk struct {
	questionnaire bool         // of one questionnaire
	customer      bool         // of one customer
	classes       []form.Class // only of these
	everyClass    bool         // which are all there are
	continued     bool         // from behind a cursor on
	void          bool         // voided ones too
	whole         bool         // with the response
}

// text is the statement. Each index has its rows in the order of the list within one class and one range, so several are
// merged and none is sorted. The limit is a sum, because SQLite would look at a bare parameter while it plans, and plan
// anew whenever that is bound again.
func (w walk) text() string {
	ranges := []string{"submitted_at >= @from AND submitted_at < @before"}
	if w.continued {
		ranges = append(ranges, "submitted_at = @at AND seq < @seq")
	}
	var arms []string
	for _, prefix := range w.prefixes() {
		for _, bounds := range ranges {
			arms = append(arms, w.arm(prefix, bounds))
		}
	}
	return strings.Join(arms, " UNION ALL ") + " ORDER BY submitted_at DESC, seq DESC LIMIT @limit + 0"
}

func (w walk) arm(prefix, bounds string) string {
	var b strings.Builder
	b.WriteString("SELECT " + storedColumns)
	if w.whole {
		b.WriteString(", response")
	}
	fmt.Fprintf(&b, " FROM responses INDEXED BY %s WHERE %s AND %s", w.index(), prefix, bounds)
	if !w.void {
		b.WriteString(" AND voided_at = " + unmarked)
	}
	return b.String()
}

func (w walk) index() string {
	switch {
	case w.customer:
		return "responses_by_customer"
	case w.questionnaire:
		return "responses_by_questionnaire"
	}
	return "responses_by_tenant"
}

// prefixes are the places in the index to walk. A customer has few responses, so what else is asked of them is checked
// row by row.
func (w walk) prefixes() []string {
	column := "tenant_class"
	if w.questionnaire {
		column = "questionnaire_class"
	}
	if !w.customer {
		var prefixes []string
		for _, c := range w.classes {
			prefixes = append(prefixes, fmt.Sprintf("%s = @scope + %d", column, c))
		}
		return prefixes
	}
	if !w.questionnaire && w.everyClass {
		return []string{"customer = @customer"}
	}
	var classes []string
	for _, c := range w.classes {
		classes = append(classes, fmt.Sprintf("@scope + %d", c))
	}
	return []string{fmt.Sprintf("customer = @customer AND +%s IN (%s)", column, strings.Join(classes, ", "))}
}
