package report

import (
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// index lays out the index of groups.
func index(answer *cmiv1.GetIndexReportResponse) *Report {
	groups := answer.GetGroups()
	keys := keysOf(groups)
	return &Report{
		name: "index", title: "Customer Momentum Index",
		sheets: []*sheet{indexMeans(groups, keys), indexBuckets(groups, keys), indexGround(groups, keys)},
	}
}

// indexMeans is the sheet of the CMI and the pillars.
func indexMeans(groups []*cmiv1.IndexGroup, keys []key) *sheet {
	s := &sheet{
		title: "The index and its pillars", lead: "Means of 0 to 100, each with its interval.", keys: keys,
		columns: []column{{name: "cmi", heading: "CMI"}},
	}
	for _, p := range pillars() {
		s.columns = append(s.columns, column{name: Word(p), heading: pillarLabel(p).shown})
	}
	for _, g := range groups {
		r := rowOf(g.GetCell(), keys)
		r.figures = []figure{estimated(g.GetCmi())}
		for _, p := range pillars() {
			r.figures = append(r.figures, pillarFigure(g, p))
		}
		s.add(r)
	}
	s.charts = append(s.charts, byGroup(groups, keys, theme{title: "Mean CMI", axis: "CMI, 0 to 100"},
		func(g *cmiv1.IndexGroup) figure { return estimated(g.GetCmi()) }))
	return s
}

// pillarFigure is the mean of a pillar. It says how many have the pillar where that is not how many have a CMI.
func pillarFigure(g *cmiv1.IndexGroup, p cmiv1.Pillar) figure {
	for _, of := range g.GetPillars() {
		switch {
		case of.GetPillar() != p:
		case of.GetN() != g.GetCell().GetN():
			return estimatedOf(of.GetMean(), of.GetN())
		default:
			return estimated(of.GetMean())
		}
	}
	return figure{}
}

// indexBuckets is the sheet of the shares of the buckets.
func indexBuckets(groups []*cmiv1.IndexGroup, keys []key) *sheet {
	s := &sheet{title: "Buckets", lead: "The share of each bucket, of those with a CMI.", keys: keys}
	picture := &stack{title: "Shares of the buckets", axis: "of those with a CMI"}
	for _, b := range buckets() {
		s.columns = append(s.columns, column{name: "share_" + bucketLabel(b).raw, heading: bucketLabel(b).shown, unit: share})
		picture.parts = append(picture.parts, legend{bucketInk(b), bucketLabel(b).shown})
	}
	for _, b := range buckets() {
		s.columns = append(s.columns, column{name: "count_" + bucketLabel(b).raw, heading: "n " + bucketLabel(b).shown, unit: whole})
	}
	for _, g := range groups {
		r := rowOf(g.GetCell(), keys)
		r.notes = nil // the first sheet has them
		shares, counts := bucketFigures(g.GetBuckets(), r.suppressed())
		r.figures = slices.Concat(shares, counts)
		s.add(r)
		picture.rows = append(picture.rows, stackRow{label: r.name(), note: r.note(shares[0]), shares: values(shares)})
	}
	picture.rows = first(picture.rows)
	s.charts = append(s.charts, picture)
	return s
}

// bucketFigures are the shares and the counts of the buckets, from At-Risk up.
func bucketFigures(all []*cmiv1.BucketShare, suppressed bool) (shares, counts []figure) {
	for _, b := range buckets() {
		at := slices.IndexFunc(all, func(s *cmiv1.BucketShare) bool { return s.GetBucket() == b })
		if at < 0 || suppressed {
			shares, counts = append(shares, figure{}), append(counts, figure{})
			continue
		}
		shares, counts = append(shares, estimated(all[at].GetShare())), append(counts, counted(all[at].GetCount()))
	}
	return shares, counts
}

// values are those of figures.
func values(figures []figure) []*float64 {
	all := make([]*float64, len(figures))
	for i, f := range figures {
		all[i] = f.value
	}
	return all
}

// indexGround is the sheet of what the figures rest on.
func indexGround(groups []*cmiv1.IndexGroup, keys []key) *sheet {
	s := &sheet{title: "What it rests on", keys: keys, columns: []column{
		{name: "divergent", heading: "pillars diverge", unit: share}, {name: "partial", heading: "two pillars", unit: whole},
		{name: "unscored", heading: "no CMI", unit: whole}, {name: "invited", heading: "invited", unit: whole},
		{name: "responded", heading: "responded", unit: whole}, {name: "response_rate", heading: "response rate", unit: share},
	}}
	for _, g := range groups {
		r := rowOf(g.GetCell(), keys)
		r.notes = nil // the first sheet has them
		r.figures = make([]figure, len(s.columns))
		if !r.suppressed() {
			r.figures[0], r.figures[1], r.figures[2] = estimated(g.GetDivergent()), counted(g.GetPartial()), counted(g.GetUnscored())
		}
		if rate := g.GetResponseRate(); rate != nil {
			r.figures[3], r.figures[4], r.figures[5] = counted(rate.GetInvited()), counted(rate.GetResponded()), estimated(rate.GetShare())
		}
		s.add(r)
	}
	return s
}
