// Package report lays the answers of the insight service out for people, on a terminal or as a page, and for spreadsheets.
package report

import (
	"fmt"
	"io"
	"slices"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Report is an answer of the service, laid out.
type Report struct {
	// name is a word for the kind of report, as in `cmi report index`.
	name  string
	title string
	// asked says what the report is about, as it was asked for.
	asked    []fact
	sheets   []*sheet
	warnings []string
	notes    []string
}

// fact is something said in a few words under a name.
type fact struct{ Name, Text string }

// New lays out what a service answered to a request. Both are messages of the insight service that belong together.
func New(request, response proto.Message) (*Report, error) {
	r := layOut(request, response)
	if r == nil {
		return nil, fmt.Errorf("%s is not the answer to a report that is known here", response.ProtoReflect().Descriptor().FullName())
	}
	r.asked = append(asked(request), r.asked...)
	if at, ok := response.(dated); ok && at.GetAsOf() != nil {
		r.asked = append(r.asked, fact{"as of", clock(at.GetAsOf())})
	}
	if noted, ok := response.(interface{ GetNotes() []string }); ok {
		r.notes = append(r.notes, noted.GetNotes()...)
	}
	return r, nil
}

// layOut hands over to what knows the kind of report.
func layOut(request, response proto.Message) *Report {
	switch answer := response.(type) {
	case *cmiv1.GetIndexReportResponse:
		return index(answer)
	case *cmiv1.GetLoyaltyReportResponse:
		return loyalty(answer)
	case *cmiv1.CompareLoyaltyResponse:
		return comparison(answer)
	case *cmiv1.GetLoyaltyMatrixResponse:
		return matrix(answer)
	case *cmiv1.CompareWavesResponse:
		return waves(answer)
	case *cmiv1.CompareChannelsResponse:
		return channels(answer)
	case *cmiv1.GetTransitionsResponse:
		return transitions(answer)
	case *cmiv1.GetAnswerReportResponse:
		return answers(request, answer)
	case *cmiv1.AnalyzeDriversResponse:
		return drivers(request, answer.GetAnalysis())
	case *cmiv1.LinkOutcomesResponse:
		return outcomes(answer)
	case *cmiv1.ForecastRevenueResponse:
		return revenue(answer)
	}
	return nil
}

// Write writes the report. JSON is that of the answer itself, and not for here.
func (r *Report) Write(w io.Writer, format Format) error {
	switch format {
	case Table:
		_, err := io.WriteString(w, r.text())
		return err
	case CSV:
		return r.csv(w)
	case HTML:
		return r.html(w)
	}
	return fmt.Errorf("a report cannot be laid out as %q", string(format))
}

// empty tells whether there is nothing to show.
func (r *Report) empty() bool {
	return !slices.ContainsFunc(r.sheets, func(s *sheet) bool { return len(s.rows) > 0 })
}

// nobody is what is said in place of an empty report.
const nobody = "There is nobody to report on: no response matches what was asked for."
