package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// drivers lays out what goes along with a target.
func drivers(request proto.Message, found *cmiv1.DriverAnalysis) *Report {
	r := &Report{name: "drivers", title: "What goes along with " + targetName(request), notes: found.GetNotes()}
	if method := Word(found.GetMethod()); method != "" {
		r.asked = append(r.asked, fact{"shared out by", methodName(found.GetMethod())})
	}
	if found.GetAsOf() != nil {
		r.asked = append(r.asked, fact{"as of", clock(found.GetAsOf())})
	}
	if found == nil {
		return r
	}
	r.sheets = []*sheet{driverModel(found), driverSheet(found)}
	return r
}

// targetName names what is to be understood.
func targetName(request proto.Message) string {
	asked, ok := request.(*cmiv1.AnalyzeDriversRequest)
	if !ok {
		return "the target"
	}
	switch target := asked.GetTarget().GetTarget().(type) {
	case *cmiv1.DriverTarget_Cmi:
		return "the CMI"
	case *cmiv1.DriverTarget_Pillar:
		return strings.ToUpper(Word(target.Pillar))
	case *cmiv1.DriverTarget_ItemId:
		return "item " + target.ItemId
	case *cmiv1.DriverTarget_Outcome:
		return fmt.Sprintf("outcome %s within %d days", Word(target.Outcome.GetKind()), target.Outcome.GetWindowDays())
	}
	return "the target"
}

func methodName(m cmiv1.DriverMethod) string {
	if m == cmiv1.DriverMethod_DRIVER_METHOD_LMG {
		return "LMG"
	}
	return "Johnson's relative weights"
}

// driverModel is the sheet of all predictors together.
func driverModel(found *cmiv1.DriverAnalysis) *sheet {
	n := found.GetN()
	s := &sheet{title: "All predictors together", keys: []key{{"predictor", "predictor"}}, columns: []column{
		{name: "r_squared", heading: "explained", unit: share}, {name: "dropped", heading: "left out", unit: whole},
	}}
	s.add(&row{labels: []label{{"all", ""}}, n: &n, flag: found.GetFlag(), figures: []figure{estimated(found.GetRSquared()), counted(found.GetDropped())}})
	return s
}

// driverSheet is the sheet of the predictors, the most important first.
func driverSheet(found *cmiv1.DriverAnalysis) *sheet {
	s := &sheet{
		title: "Predictors", keys: []key{{"predictor", "predictor"}},
		lead: "Importance is the part of the target's variance that a predictor goes along with, performance its mean score.",
		columns: []column{
			{name: "share", heading: "importance", unit: share}, {name: "correlation", heading: "correlation", unit: ratio},
			{name: "performance", heading: "performance"}, {name: "priority", heading: "priority"}, {name: "missing", heading: "missing", unit: whole},
		},
	}
	n := found.GetN()
	for _, d := range byImportance(found.GetDrivers()) {
		s.add(&row{labels: []label{same(predictorName(d.GetPredictor()))}, n: &n, flag: found.GetFlag(), figures: []figure{
			estimated(d.GetShare()), bare(d.Correlation), estimated(d.GetPerformance()), said(priorityLabel(d.GetPriority()).shown), counted(d.GetMissing()),
		}})
	}
	if bars := importance(found); len(bars.rows) > 0 {
		s.charts = append(s.charts, bars)
	}
	if plane := priorities(found); len(plane.points) > 0 {
		s.charts = append(s.charts, plane)
	}
	return s
}

// byImportance sorts predictors, the most important first; those of which nothing can be said come last.
func byImportance(all []*cmiv1.Driver) []*cmiv1.Driver {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b *cmiv1.Driver) int {
		return cmp.Compare(importanceOf(b), importanceOf(a))
	})
	return sorted
}

func importanceOf(d *cmiv1.Driver) float64 {
	if v := estimated(d.GetShare()).value; finite(v) {
		return *v
	}
	return -1
}

// importance shows the parts that predictors explain.
func importance(found *cmiv1.DriverAnalysis) *dots {
	d := &dots{title: "Importance", axis: "part of the variance explained", unit: share, bars: true, mark: found.ImportanceCut, colours: priorityLegend()}
	for _, of := range first(byImportance(found.GetDrivers())) {
		if f := estimated(of.GetShare()); !f.absent() {
			d.rows = append(d.rows, dotRow{label: predictorName(of.GetPredictor()), points: []figure{f}, ink: priorityInk(of.GetPriority())})
		}
	}
	return d
}

// priorities sets importance against performance.
func priorities(found *cmiv1.DriverAnalysis) *scatter {
	s := &scatter{
		title: "Importance and performance: what to do first", xAxis: "performance", yAxis: "importance", xUnit: points, yUnit: share,
		xCut: found.PerformanceCut, yCut: found.ImportanceCut,
		corners: [4]string{"keep up", "concentrate here", "low priority", "possible overkill"},
	}
	for _, of := range byImportance(found.GetDrivers()) {
		x, y := estimated(of.GetPerformance()).value, estimated(of.GetShare()).value
		if drawable(x) && drawable(y) {
			s.points = append(s.points, scatterPoint{predictorName(of.GetPredictor()), *x, *y, priorityInk(of.GetPriority())})
		}
	}
	return s
}

func priorityLegend() (all []legend) {
	for _, p := range []cmiv1.Priority{
		cmiv1.Priority_PRIORITY_CONCENTRATE, cmiv1.Priority_PRIORITY_KEEP_UP, cmiv1.Priority_PRIORITY_LOW, cmiv1.Priority_PRIORITY_OVERKILL,
	} {
		all = append(all, legend{priorityInk(p), priorityLabel(p).shown})
	}
	return all
}

func priorityInk(p cmiv1.Priority) ink {
	inks := serialInks()
	switch p {
	case cmiv1.Priority_PRIORITY_CONCENTRATE:
		return inks[1]
	case cmiv1.Priority_PRIORITY_OVERKILL:
		return inks[3]
	case cmiv1.Priority_PRIORITY_LOW:
		return inks[7]
	}
	return inks[0]
}
