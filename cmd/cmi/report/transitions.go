package report

import (
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// transitions lays out how customers move between buckets.
func transitions(answer *cmiv1.GetTransitionsResponse) *Report {
	return &Report{name: "transitions", title: "Moves between buckets", sheets: []*sheet{
		pooledMoves(answer), stepMoves(begun(answer.GetSteps())), comings(answer.GetSteps()),
	}}
}

// moveColumns are where customers went.
func moveColumns() []column {
	var columns []column
	for _, b := range buckets() {
		columns = append(columns, column{name: "to_" + bucketLabel(b).raw, heading: "to " + bucketLabel(b).shown, unit: share})
	}
	return columns
}

// moveRow is the row of those who came from a bucket.
func moveRow(of *cmiv1.TransitionRow, labels ...label) *row {
	n := of.GetN()
	r := &row{labels: append(labels, bucketLabel(of.GetFrom())), n: &n, flag: of.GetFlag()}
	r.figures, _ = bucketFigures(of.GetTo(), r.suppressed())
	return r
}

// pooledMoves is the sheet of all steps together.
func pooledMoves(answer *cmiv1.GetTransitionsResponse) *sheet {
	s := &sheet{
		title: "All steps together", lead: "Of those who were in a bucket where a step began, the share in each bucket where it ended.",
		keys: []key{{"from", "from"}}, columns: moveColumns(), shaded: true,
	}
	picture := &stack{title: "Where they were one step later", axis: "of those who began in the bucket"}
	for _, b := range buckets() {
		picture.parts = append(picture.parts, legend{bucketInk(b), "in " + bucketLabel(b).shown})
	}
	for _, of := range answer.GetPooled().GetRows() {
		r := moveRow(of)
		s.add(r)
		picture.rows = append(picture.rows, stackRow{label: "from " + r.name(), note: r.note(r.figures[0]), shares: values(r.figures)})
	}
	s.charts = []chart{picture}
	return s
}

// begun are the steps in which there was anybody who could move.
func begun(steps []*cmiv1.TransitionStep) (all []*cmiv1.TransitionStep) {
	for _, step := range steps {
		if slices.ContainsFunc(step.GetMatrix().GetRows(), func(r *cmiv1.TransitionRow) bool { return r.GetN() > 0 }) {
			all = append(all, step)
		}
	}
	return all
}

// stepMoves is the sheet of each step.
func stepMoves(steps []*cmiv1.TransitionStep) *sheet {
	s := &sheet{title: "Step by step", keys: []key{{periodKey, "step from"}, {"from", "from"}}, columns: moveColumns(), shaded: true}
	stayed := &lines{title: "Who stayed in their bucket", axis: "share that stayed", unit: share}
	for _, b := range buckets() {
		stayed.series = append(stayed.series, legend{bucketInk(b), bucketLabel(b).shown})
		stayed.points = append(stayed.points, make([]figure, len(steps)))
	}
	for i, step := range steps {
		stayed.times = append(stayed.times, periodLabel(step.GetFrom(), step.GetTo()).shown)
		for _, of := range step.GetMatrix().GetRows() {
			r := moveRow(of, periodLabel(step.GetFrom(), step.GetTo()))
			s.add(r)
			if b := slices.Index(buckets(), of.GetFrom()); b >= 0 {
				stayed.points[b][i] = r.figures[b]
			}
		}
	}
	if len(steps) > 1 {
		s.charts = []chart{stayed}
	}
	return s
}

// comings is the sheet of those who have a bucket at one end of a step only.
func comings(steps []*cmiv1.TransitionStep) *sheet {
	s := &sheet{
		title: "Who came, and whose score grew too old", keys: []key{{periodKey, "step from"}},
		columns: []column{{name: "entered", heading: "entered", unit: whole}, {name: "expired", heading: "expired", unit: whole}},
	}
	for _, step := range steps {
		s.add(&row{
			labels:  []label{periodLabel(step.GetFrom(), step.GetTo())},
			figures: []figure{counted(step.GetEntered()), counted(step.GetExpired())},
		})
	}
	return s
}
