package sqlite

import (
	"fmt"
	"strings"

	"github.com/customer-momentum/cmi/server/store"
)

// customerShape is the shape of a walk over customers. Shapes are few, so that their statements are prepared once: which
// classes, labels and figures are asked for are arguments.
type customerShape struct {
	order      store.CustomerOrder
	descending bool
	classes    int  // how many walks are merged
	labels     int  // in how many accounts and segments they must be
	pValue     bool // whether they must have a p-value of a limit or less
}

// stretch is the kind of stretch that one statement walks: SQLite begins a walk in the middle of customers with the same
// figure only where the figure is given.
type stretch bool

const (
	ties    stretch = true  // all have the same figure, and seq lies between two
	between stretch = false // the figure lies between two
)

// customerColumns is all that lists answer.
const customerColumns = `c.seq, c.revision, c.due, c.calibrated, c.class & 255, c.facets, c.cmi, c.velocity, c.p_value, s.body`

// answering reads the rows of customers that a walk found, in its order: the walk is the outer loop of a join that may not
// be turned around. The limit is a sum, because SQLite would look at a bare parameter while it plans.
func answering(found, orderBy string) string {
	return "SELECT " + customerColumns + " FROM (" + found + " ORDER BY " + orderBy + " LIMIT @limit + 0) AS found" +
		" CROSS JOIN customers AS c ON c.seq = found.seq CROSS JOIN slots AS s ON s.seq = c.profile"
}

// list is the statement that answers the customers of a stretch. Each walk looks only into the index until all but the
// labels fits.
func (w customerShape) list(s stretch) string {
	if w.led() {
		return answering(w.members()+" AND m.customer > @low AND m.customer < @high"+w.residual("c", 1), w.orderBy(s))
	}
	arms := make([]string, w.classes)
	for i := range arms {
		arms[i] = w.arm(i, s) + w.residual("customers", 0)
	}
	return answering(strings.Join(arms, " UNION ALL "), w.orderBy(s))
}

// bound is the statement that answers, for each class, where a number of customers of a stretch lie behind.
func (w customerShape) bound(s stretch) string {
	if w.led() {
		return "SELECT customer AS seq, 0.0 FROM members WHERE label = @label0 AND customer > @low AND customer < @high ORDER BY " +
			w.orderBy(s) + " LIMIT 1 OFFSET @passed + 0"
	}
	arms := make([]string, w.classes)
	for i := range arms {
		arms[i] = "SELECT * FROM (" + w.arm(i, s) + " ORDER BY " + w.orderBy(s) + " LIMIT 1 OFFSET @passed + 0)"
	}
	return strings.Join(arms, " UNION ALL ")
}

// led says that the walk is over the members of the first label, who stand there in the order of their creation.
func (w customerShape) led() bool { return w.order == store.ByCreation && w.labels > 0 }

// sorted is the statement that answers the customers of the first label from a place on. It reads all of them.
func (w customerShape) sorted() string {
	sign := ">"
	if w.descending {
		sign = "<"
	}
	from := fmt.Sprintf(" AND (%[1]s %[2]s @figure OR (%[1]s = @figure AND m.customer %[2]s @seq))", w.figure(), sign)
	return answering(w.members()+from+w.residual("c", 1), w.orderBy(between))
}

// members reads the members of the first label with their classes and figures.
func (w customerShape) members() string {
	return fmt.Sprintf(`SELECT m.customer AS seq, %[1]s AS figure FROM members AS m CROSS JOIN customers AS c ON c.seq = m.customer
		WHERE m.label = @label0 AND c.class > 0 AND (@stable = 0 OR c.class & 255 = @stable) AND %[1]s IS NOT NULL`, w.figure())
}

// arm walks one class. The index is partial, so what it leaves out is said again.
func (w customerShape) arm(i int, s stretch) string {
	figure := w.figure()
	bounds := "seq > @low AND seq < @high"
	switch {
	case w.order == store.ByCreation:
	case s == ties:
		bounds = fmt.Sprintf("%[1]s IS NOT NULL AND %[1]s = @figure AND ", figure) + bounds
	default:
		bounds = fmt.Sprintf("%[1]s IS NOT NULL AND %[1]s > @low AND %[1]s < @high", figure)
	}
	return fmt.Sprintf("SELECT seq, %s AS figure FROM customers INDEXED BY %s WHERE class > 0 AND class = @class%d AND %s",
		figure, w.index(), i, bounds)
}

// residual is what is asked of each customer on the way, the labels from one on.
func (w customerShape) residual(of string, label int) string {
	var b strings.Builder
	b.WriteString(" AND facets & @facetMask = @facets")
	if w.pValue {
		b.WriteString(" AND p_value <= @pValue")
	}
	for i := label; i < w.labels; i++ {
		fmt.Fprintf(&b, " AND EXISTS (SELECT 1 FROM members WHERE members.label = @label%d AND members.customer = %s.seq)", i, of)
	}
	return b.String()
}

func (w customerShape) orderBy(s stretch) string {
	direction := ""
	if w.descending {
		direction = " DESC"
	}
	if s == ties || w.order == store.ByCreation {
		return "seq" + direction
	}
	return "figure" + direction + ", seq" + direction
}

func (w customerShape) figure() string {
	switch w.order {
	case store.ByCMI:
		return "cmi"
	case store.ByVelocity:
		return "velocity"
	}
	return "0.0"
}

func (w customerShape) index() string {
	switch w.order {
	case store.ByCMI:
		return "customers_by_cmi"
	case store.ByVelocity:
		return "customers_by_velocity"
	}
	return "customers_by_class"
}
