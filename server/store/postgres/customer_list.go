package postgres

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// patience is at how many customers lists look.
type patience struct {
	piece   int // of each class at first, before the list sees whether they suffice; the next pieces are larger
	passed  int // of one class at most
	members int // with a label, to read and sort all of them
}

func usualPatience() patience { return patience{piece: 256, passed: 4096, members: 4096} }

// ListCustomers walks an index of the standings, or merges the walks of the few classes that match. What else is asked for
// is looked up in the index itself, at a bounded number of customers. Where few are in an account or segment that is asked
// for, they are read and sorted in place of that.
func (s *Store) ListCustomers(ctx context.Context, tenant string, filter store.CustomerFilter, limit int) (page store.CustomerPage, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListCustomers")
	defer func() { form.End(span, err) }()

	labels := s.secret.LabelsAsked(tenant, filter)
	read := s.look
	if membersAlone(filter, labels) { // that is one statement
		read = s.ask
	}
	err = read(ctx, "list customers", func(ctx context.Context, c conn) error {
		page = store.CustomerPage{}
		scope, err := s.scope(ctx, c, tenant, "")
		if err != nil || scope == 0 || limit <= 0 {
			return err
		}
		l := newCustomerList(c, s.patience, tenant, scope, filter, limit)
		if len(l.classes) == 0 {
			return nil // it asks for what this version does not know
		}
		err = l.list(ctx, labels)
		page = l.page
		return err
	})
	if err != nil {
		return store.CustomerPage{}, err
	}
	form.Count(span, "cmi.results", len(page.Customers))
	return page, nil
}

// customerList is a page in the making.
type customerList struct {
	conn     conn
	tenant   string
	filter   store.CustomerFilter
	patience patience
	classes  []int64 // with the scope
	labels   []form.Hash
	limit    int
	at       store.CustomerCursor // all up to here, inclusive, were looked at
	page     store.CustomerPage
}

func newCustomerList(c conn, p patience, tenant string, scope int64, f store.CustomerFilter, limit int) *customerList {
	l := &customerList{conn: c, tenant: tenant, filter: f, patience: p, limit: limit}
	for _, class := range form.CustomerClasses(f) {
		l.classes = append(l.classes, scope*form.PerScope+class)
	}
	l.at = l.end(false)
	if f.After != nil {
		l.at = *f.After
	}
	if f.Order == store.ByCreation {
		l.at.Value = 0
	}
	return l
}

// list finds the way, and goes it.
func (l *customerList) list(ctx context.Context, labels []form.Hash) error {
	if membersAlone(l.filter, labels) {
		return l.members(ctx, labels[0])
	}
	few, err := l.ask(ctx, labels)
	if err != nil {
		return err
	}
	if few {
		return l.sorted(ctx)
	}
	return l.walk(ctx)
}

// end is the place before all customers, or the one behind them.
func (l *customerList) end(behind bool) store.CustomerCursor {
	end := store.CustomerCursor{Value: math.Inf(1), Key: math.MaxInt64}
	if behind == l.filter.Descending {
		end = store.CustomerCursor{Value: math.Inf(-1), Key: math.MinInt64}
	}
	if l.filter.Order == store.ByCreation {
		end.Value = 0
	}
	return end
}

const countMembers = "SELECT count(*) FROM (SELECT 1 FROM members WHERE label = $1 LIMIT $2) AS found"

// ask notes the labels that are asked for, those with the fewest members first, and says whether the first one's members are
// few enough to be sorted.
func (l *customerList) ask(ctx context.Context, labels []form.Hash) (few bool, err error) {
	sizes := make(map[form.Hash]int, len(labels))
	for _, label := range labels {
		var n int
		if err := l.conn.QueryRow(ctx, countMembers, uuid(label), l.patience.members+1).Scan(&n); err != nil {
			return false, err
		}
		sizes[label] = n
	}
	slices.SortStableFunc(labels, func(a, b form.Hash) int { return cmp.Compare(sizes[a], sizes[b]) })
	l.labels = labels
	return len(labels) > 0 && sizes[labels[0]] <= l.patience.members, nil
}

// statement is a text in the making, and its arguments.
type statement struct{ args []any }

// arg adds an argument and answers its place.
func (s *statement) arg(value any) string {
	s.args = append(s.args, value)
	return fmt.Sprintf("$%d", len(s.args))
}

// figure is what the list goes by, as a column; those who have none are not listed.
func (l *customerList) figure() string {
	switch l.filter.Order {
	case store.ByCMI:
		return "cmi"
	case store.ByVelocity:
		return "velocity"
	}
	return ""
}

// place is where a customer stands in the list, as columns of s.
func (l *customerList) place() string {
	if f := l.figure(); f != "" {
		return "s." + f + ", s.customer"
	}
	return "s.customer"
}

// columns are what a walk answers of a customer. It stands in the index, as all that is asked on the way does: so those who
// do not match are passed over without reading them.
func (l *customerList) columns() string {
	if f := l.figure(); f != "" {
		return "s.customer, s." + f + " AS figure"
	}
	return "s.customer, 0::double precision AS figure"
}

// placeOf is a place as arguments.
func (l *customerList) placeOf(s *statement, c store.CustomerCursor) string {
	if l.figure() != "" {
		return s.arg(c.Value) + "::double precision, " + s.arg(c.Key) + "::bigint"
	}
	return s.arg(c.Key) + "::bigint"
}

// beyond are those behind where the list is, up to a place.
func (l *customerList) beyond(s *statement, to store.CustomerCursor) string {
	after, upTo := ">", "<="
	if l.filter.Descending {
		after, upTo = "<", ">="
	}
	bounds := fmt.Sprintf("(%s) %s (%s)", l.place(), after, l.placeOf(s, l.at))
	if to != l.end(true) {
		bounds += fmt.Sprintf(" AND (%s) %s (%s)", l.place(), upTo, l.placeOf(s, to))
	}
	if f := l.figure(); f != "" {
		bounds += " AND s." + f + " IS NOT NULL"
	}
	return bounds
}

// order is that of a walk, by the columns of s.
func (l *customerList) order() string {
	return strings.ReplaceAll(l.place(), ",", l.direction()+",") + l.direction()
}

func (l *customerList) direction() string {
	if l.filter.Descending {
		return " DESC"
	}
	return ""
}

// matching is what is asked of each customer on the way, the labels from one on.
func (l *customerList) matching(s *statement, label int) string {
	var b strings.Builder
	if facets, mask := form.FacetsAsked(l.filter); mask != 0 {
		fmt.Fprintf(&b, " AND s.facets & %s = %s", s.arg(mask), s.arg(facets))
	}
	if l.filter.MaxPValue != nil {
		fmt.Fprintf(&b, " AND s.p_value <= %s", s.arg(*l.filter.MaxPValue))
	}
	for _, one := range l.labels[label:] {
		fmt.Fprintf(&b, " AND EXISTS (SELECT 1 FROM members AS m WHERE m.label = %s AND m.customer = s.customer)", s.arg(uuid(one)))
	}
	return b.String()
}

// sure says that nobody on the way is passed over, so that a page needs no bound but its limit.
func (l *customerList) sure() bool {
	_, mask := form.FacetsAsked(l.filter)
	return mask == 0 && l.filter.MaxPValue == nil && len(l.labels) == 0
}

// sorted reads all who have the first label, and sorts those who match.
func (l *customerList) sorted(ctx context.Context) error {
	s := &statement{}
	found := fmt.Sprintf("SELECT %s FROM members AS l JOIN standings AS s ON s.customer = l.customer WHERE l.label = %s AND s.class = ANY(%s) AND %s%s",
		l.columns(), s.arg(uuid(l.labels[0])), s.arg(l.classes), l.beyond(s, l.end(true)), l.matching(s, 1))
	return l.read(ctx, s, found)
}

// membersAlone says that all is asked for who are in one account or segment, in the order in which they came.
func membersAlone(f store.CustomerFilter, labels []form.Hash) bool {
	_, mask := form.FacetsAsked(f)
	return len(labels) == 1 && f.Order == store.ByCreation && len(form.CustomerClasses(f)) == form.EveryCustomerClass() && mask == 0 && f.MaxPValue == nil
}

// members walks those who have a label, by the index that has them in order: one statement, which sees one moment.
func (l *customerList) members(ctx context.Context, label form.Hash) error {
	s := &statement{}
	beyond := strings.ReplaceAll(l.beyond(s, l.end(true)), "s.customer", "l.customer")
	return l.read(ctx, s, fmt.Sprintf("SELECT l.customer, 0::double precision AS figure FROM members AS l WHERE l.label = %s AND %s ORDER BY l.customer%s LIMIT %s",
		s.arg(uuid(label)), beyond, l.direction(), s.arg(l.limit+1)))
}

// walk goes on piece by piece until the page is full, the customers end, or enough of them were looked at.
func (l *customerList) walk(ctx context.Context) error {
	most := l.passed()
	for piece, passed := min(l.patience.piece, most), 0; passed < most && len(l.page.Customers) < l.limit; piece = min(4*piece, most-passed) {
		to, bounded := l.end(true), false
		if !l.sure() {
			var err error
			if to, bounded, err = l.bound(ctx, piece); err != nil {
				return err
			}
		}
		if err := l.step(ctx, to); err != nil || !bounded || l.page.Next != nil {
			return err
		}
		passed += piece
		l.at = to
	}
	at := l.at
	l.page.Next = &at
	return nil
}

// passed is how many customers of one class are looked at, at most. The more walks are merged, and the more labels are
// looked up for each customer, the longer that takes.
func (l *customerList) passed() int {
	most := l.patience.passed
	if len(l.classes) > 1 {
		most /= 2
	}
	if len(l.labels) > 0 {
		most /= 8
	}
	return max(most, 1)
}

// bound answers the nearest place at which a number of customers of any class lie behind, if there is one.
func (l *customerList) bound(ctx context.Context, piece int) (to store.CustomerCursor, bounded bool, err error) {
	s := &statement{}
	beyond, offset := l.beyond(s, l.end(true)), s.arg(piece-1)
	arms := make([]string, len(l.classes))
	for i, class := range l.classes {
		arms[i] = fmt.Sprintf("(SELECT %s FROM standings AS s WHERE s.class = %s AND %s ORDER BY %s LIMIT 1 OFFSET %s)",
			l.columns(), s.arg(class), beyond, l.order(), offset)
	}
	rows, err := l.conn.Query(ctx, strings.Join(arms, " UNION ALL "), s.args...)
	if err != nil {
		return to, false, err
	}
	to = l.end(true)
	var c store.CustomerCursor
	_, err = pgx.ForEachRow(rows, []any{&c.Key, &c.Value}, func() error {
		if l.before(c, to) {
			to = c
		}
		bounded = true
		return nil
	})
	return to, bounded, err
}

// before says which of two places comes first in the list.
func (l *customerList) before(a, b store.CustomerCursor) bool {
	order := cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.Key, b.Key))
	return order < 0 != l.filter.Descending && order != 0
}

// step reads those who match up to a place. Each class is walked in order, and the walks are merged.
func (l *customerList) step(ctx context.Context, to store.CustomerCursor) error {
	s := &statement{}
	beyond, matching, limit := l.beyond(s, to), l.matching(s, 0), s.arg(l.limit+1-len(l.page.Customers))
	arms := make([]string, len(l.classes))
	for i, class := range l.classes {
		arms[i] = fmt.Sprintf("(SELECT %s FROM standings AS s WHERE s.class = %s AND %s%s ORDER BY %s LIMIT %s)",
			l.columns(), s.arg(class), beyond, matching, l.order(), limit)
	}
	return l.read(ctx, s, strings.Join(arms, " UNION ALL "))
}

// read adds those whom a statement finds to the page. One more than fits is read, to know whether there is a next page.
func (l *customerList) read(ctx context.Context, s *statement, found string) error {
	text := fmt.Sprintf(`SELECT s.customer, c.revision, c.due, c.calibrated, s.class %% 256, s.facets, s.cmi, s.velocity, s.p_value, p.body
		FROM (SELECT * FROM (%[1]s) AS merged ORDER BY figure%[2]s, customer%[2]s LIMIT %[3]s) AS f JOIN standings AS s ON s.customer = f.customer
		JOIN customers AS c ON c.seq = f.customer JOIN profiles AS p ON p.customer = f.customer ORDER BY f.figure%[2]s, f.customer%[2]s`,
		found, l.direction(), s.arg(l.limit+1-len(l.page.Customers)))
	rows, err := l.conn.Query(ctx, text, s.args...)
	if err != nil {
		return err
	}
	var key int64
	var body []byte
	var have store.Standing
	var f form.Figures
	fields := []any{&key, &have.Revision, &have.Until, &have.Calibrated, &f.Class, &f.Facets, &f.CMI, &f.Velocity, &f.PValue, &body}
	_, err = pgx.ForEachRow(rows, fields, func() error {
		profile := &cmiv1.Customer{}
		if err := form.Decode(body, profile, "profile"); err != nil {
			return err
		}
		listed := store.ListedCustomer{Profile: profile, Standing: f.Answer(), Cursor: store.CustomerCursor{Key: key}}
		st := &listed.Standing
		st.Tenant, st.CustomerID, st.Revision, st.Until, st.Calibrated = l.tenant, profile.GetCustomerId(), have.Revision, have.Until, have.Calibrated
		switch l.filter.Order {
		case store.ByCMI:
			listed.Cursor.Value = f.CMI.Float64
		case store.ByVelocity:
			listed.Cursor.Value = f.Velocity.Float64
		}
		l.page.Customers = append(l.page.Customers, listed)
		return nil
	})
	if len(l.page.Customers) > l.limit {
		l.page.Customers = l.page.Customers[:l.limit]
		l.page.Next = &l.page.Customers[l.limit-1].Cursor
	}
	return err
}
