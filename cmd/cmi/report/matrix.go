package report

import (
	"fmt"
	"slices"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// matrix lays out satisfaction against loyalty, and the customers of one quadrant.
func matrix(answer *cmiv1.GetLoyaltyMatrixResponse) *Report {
	r := &Report{name: "matrix", title: "Satisfaction against loyalty"}
	r.sheets = []*sheet{quadrantSheet(answer.GetGroups()), placedSheet(answer.GetCustomers())}
	if items := answer.GetSatisfactionItems(); len(items) > 0 {
		r.asked = append(r.asked, fact{"satisfaction from", strings.Join(items, ", ")})
	}
	if answer.GetNextPageToken() != "" && len(answer.GetCustomers()) > 0 {
		r.notes = append(r.notes, fmt.Sprintf("Only the first %d customers are listed; there are more.", len(answer.GetCustomers())))
	}
	return r
}

func quadrantSheet(groups []*cmiv1.LoyaltyMatrix) *sheet {
	keys := keysOf(groups)
	s := &sheet{
		title: "The four quadrants", keys: keys,
		lead: "Loyalists are satisfied and loyal, mercenaries satisfied and not loyal, hostages loyal and not satisfied, defectors neither.",
	}
	picture := &stack{title: "Shares of the quadrants", axis: "of those of whom both is known"}
	for _, q := range quadrants() {
		s.columns = append(s.columns, column{name: "share_" + Word(q), heading: quadrantLabel(q).shown, unit: share})
		picture.parts = append(picture.parts, legend{quadrantInk(q), quadrantLabel(q).shown})
	}
	for _, q := range quadrants() {
		s.columns = append(s.columns, column{name: "count_" + Word(q), heading: "n " + quadrantLabel(q).shown, unit: whole})
	}
	for _, g := range groups {
		r := rowOf(g.GetCell(), keys)
		shares, counts := quadrantFigures(g.GetQuadrants(), r.suppressed())
		r.figures = slices.Concat(shares, counts)
		s.add(r)
		picture.rows = append(picture.rows, stackRow{label: r.name(), note: r.note(shares[0]), shares: values(shares)})
	}
	picture.rows = first(picture.rows)
	s.charts = []chart{picture}
	return s
}

// quadrantFigures are the shares and the counts of the quadrants.
func quadrantFigures(all []*cmiv1.QuadrantShare, suppressed bool) (shares, counts []figure) {
	for _, q := range quadrants() {
		at := slices.IndexFunc(all, func(s *cmiv1.QuadrantShare) bool { return s.GetQuadrant() == q })
		if at < 0 || suppressed {
			shares, counts = append(shares, figure{}), append(counts, figure{})
			continue
		}
		shares, counts = append(shares, estimated(all[at].GetShare())), append(counts, counted(all[at].GetCount()))
	}
	return shares, counts
}

// placedSheet lists customers.
func placedSheet(all []*cmiv1.PlacedCustomer) *sheet {
	s := &sheet{
		title: "Customers", keys: []key{{"customer", "customer"}, {"quadrant", "quadrant"}, {"response", "response"}},
		columns: []column{{name: "satisfaction", heading: "satisfaction"}, {name: "loyalty", heading: "loyalty"}},
	}
	for _, c := range all {
		s.add(&row{
			labels:  []label{same(c.GetCustomerId()), quadrantLabel(c.GetQuadrant()), same(c.GetResponseId())},
			figures: []figure{bare(c.Satisfaction), bare(c.Loyalty)},
		})
	}
	return s
}
