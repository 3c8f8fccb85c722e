package server_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/internal/reference"
)

func (r *running) insight() cmiv1.InsightServiceClient { return cmiv1.NewInsightServiceClient(r.conn) }

// record publishes a questionnaire and records responses to it.
func (r *running) record(t *testing.T, q *cmiv1.Questionnaire, responses []*cmiv1.Response) {
	t.Helper()
	r.publish(t, q)
	for some := range slices.Chunk(responses, 1000) {
		answer, err := r.scoring().BatchScoreCustomers(t.Context(), &cmiv1.BatchScoreCustomersRequest{QuestionnaireId: q.GetQuestionnaireId(), Responses: some})
		if err != nil {
			t.Fatal(err)
		}
		for _, result := range answer.GetResults() {
			if result.GetError() != nil {
				t.Fatal(result.GetError())
			}
		}
	}
}

// recordAirline records the whole survey of the airline, and who its customers are.
func (r *running) recordAirline(t *testing.T) {
	t.Helper()
	customers, err := airline.Customers()
	if err != nil {
		t.Fatal(err)
	}
	for some := range slices.Chunk(customers, 1000) {
		if _, err := r.customers().BatchPutCustomers(t.Context(), &cmiv1.BatchPutCustomersRequest{Customers: some}); err != nil {
			t.Fatal(err)
		}
	}
	q, err := airline.Survey()
	if err != nil {
		t.Fatal(err)
	}
	responses, err := airline.SurveyResponses()
	if err != nil {
		t.Fatal(err)
	}
	r.record(t, q, responses)
}

// recordTable records a survey in which each column is an item of one pillar, and each row a customer.
func (r *running) recordTable(t *testing.T, id string, low, high float64, table reference.Table, columns []string) {
	t.Helper()
	q := &cmiv1.Questionnaire{QuestionnaireId: id}
	var responses []*cmiv1.Response
	for k, column := range columns {
		q.Items = append(q.Items, &cmiv1.Item{
			ItemId: column, Prompt: "?", Pillar: cmiv1.Pillar(1 + k%3), Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: low, Max: high}},
		})
		for row, x := range table.Numbers(t, column) {
			if k == 0 {
				responses = append(responses, &cmiv1.Response{
					ResponseId: fmt.Sprint(id, "-", row), CustomerId: fmt.Sprint(id, "-", row), SubmittedAt: timestamppb.New(airline.SubmittedAt),
				})
			}
			responses[row].Answers = append(responses[row].Answers, &cmiv1.Answer{ItemId: column, Value: &cmiv1.Answer_Number{Number: x}})
		}
	}
	r.record(t, q, responses)
}

// TestLoyaltyByTheAPI is the airline's NPS, by gender and purpose, to the digits that others computed.
func TestLoyaltyByTheAPI(t *testing.T) {
	t.Parallel()
	reference.Open(t, "reference_values.csv")
	r := start(t)
	r.recordAirline(t)
	for _, by := range []string{"", "gender", "purpose"} {
		ask := &cmiv1.GetLoyaltyReportRequest{}
		if by != "" {
			ask.GroupBy = []string{"segment:" + by}
		}
		said, err := r.insight().GetLoyaltyReport(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range said.GetGroups() {
			name := "all"
			if by != "" {
				name = map[string]string{"male": "male", "female": "female", "Business": "business", "Leisure": "leisure"}[g.GetCell().GetGroup()[0].GetValue()]
			}
			f := g.GetItems()[0]
			if f.GetItemId() != "nps" || len(g.GetItems()) != 5 { // and four marked CSAT
				t.Fatalf("%v", g)
			}
			key := "airline.nps_" + name + "."
			reference.Check(t, key+"n", float64(f.GetN()))
			reference.Check(t, key+"prom", float64(f.GetNps().GetPromoters()))
			reference.Check(t, key+"det", float64(f.GetNps().GetDetractors()))
			reference.Check(t, key+"nps", f.GetNps().GetEstimate().GetValue())
			reference.Check(t, key+"var", f.GetNps().GetVariance())
			reference.Check(t, key+"adjwald_lo", f.GetNps().GetEstimate().GetLow())
			reference.Check(t, key+"adjwald_hi", f.GetNps().GetEstimate().GetHigh())
			reference.Check(t, key+"wald_lo", f.GetNps().GetPlain().GetLow())
			reference.Check(t, key+"wald_hi", f.GetNps().GetPlain().GetHigh())
		}
	}
	compare := func(segment, first, second string) *cmiv1.Difference {
		said, err := r.insight().CompareLoyalty(t.Context(), &cmiv1.CompareLoyaltyRequest{
			First:  &cmiv1.ReportFilter{Segments: map[string]string{segment: first}},
			Second: &cmiv1.ReportFilter{Segments: map[string]string{segment: second}}, Metric: cmiv1.Metric_METRIC_NPS,
		})
		if err != nil {
			t.Fatal(err)
		}
		return said.GetDifference()
	}
	gender := compare("gender", "male", "female")
	reference.Check(t, "airline.nps_male_vs_female.z", gender.GetStatistic())
	reference.Check(t, "airline.nps_male_vs_female.p", gender.GetPValue())
	reference.Check(t, "airline.nps_business_vs_leisure.p", compare("purpose", "Business", "Leisure").GetPValue())
}

// TestDriversByTheAPI are those of Swiss fertility and of the recommendation of mobile operators, to the digits that others computed.
func TestDriversByTheAPI(t *testing.T) {
	t.Parallel()
	swiss, mobile := reference.Open(t, "swiss.csv"), reference.Open(t, "mobile.csv")
	r := start(t)
	names := []string{"Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"}
	r.recordTable(t, "swiss", 0, 100, swiss, append([]string{"Fertility"}, names...))
	var alone []*cmiv1.DriverPredictor
	for _, name := range names {
		alone = append(alone, &cmiv1.DriverPredictor{ItemIds: []string{name}})
	}
	for method, key := range map[cmiv1.DriverMethod]string{
		cmiv1.DriverMethod_DRIVER_METHOD_LMG: "swiss.lmg.", cmiv1.DriverMethod_DRIVER_METHOD_JOHNSON: "swiss.johnson.",
	} {
		a := r.analyze(t, &cmiv1.AnalyzeDriversRequest{
			Filter: &cmiv1.ReportFilter{QuestionnaireIds: []string{"swiss"}}, Predictors: alone, Method: method,
			Target: &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_ItemId{ItemId: "Fertility"}}, MinPerPredictor: proto.Int32(5),
		})
		reference.Check(t, "swiss.R2", a.GetRSquared().GetValue())
		for k, name := range names {
			reference.Check(t, key+name, a.GetDrivers()[k].GetShare().GetValue())
		}
	}
	r.recordTable(t, "mobile", 1, 10, mobile, mobile.Names[1:])
	blocks := map[string]int{"IMAG": 5, "PERQ": 7, "PERV": 2, "CUSA": 3, "CUSCO": 0}
	var means []*cmiv1.DriverPredictor
	for _, name := range []string{"IMAG", "PERQ", "PERV", "CUSA", "CUSCO"} {
		p := &cmiv1.DriverPredictor{Name: name}
		for k := 1; k <= blocks[name]; k++ {
			p.ItemIds = append(p.ItemIds, fmt.Sprint(name, k))
		}
		if blocks[name] == 0 {
			p.ItemIds = []string{name}
		}
		means = append(means, p)
	}
	a := r.analyze(t, &cmiv1.AnalyzeDriversRequest{
		Filter: &cmiv1.ReportFilter{QuestionnaireIds: []string{"mobile"}}, Predictors: means,
		Target: &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_ItemId{ItemId: "CUSL3"}},
	})
	if a.GetMethod() != cmiv1.DriverMethod_DRIVER_METHOD_LMG || a.GetN() != 250 || a.GetDropped() != 0 {
		t.Errorf("%v", a)
	}
	reference.Check(t, "mobi.drivers_of_CUSL3.R2", a.GetRSquared().GetValue())
	sum := 0.0
	for k, p := range means {
		d := a.GetDrivers()[k]
		reference.Check(t, "mobi.drivers_of_CUSL3.lmg."+p.GetName(), d.GetShare().GetValue())
		if sum += d.GetShare().GetValue(); d.GetShare().GetLow() > d.GetShare().GetValue() || d.GetShare().GetHigh() < d.GetShare().GetValue() {
			t.Errorf("%v", d)
		}
	}
	if math.Abs(sum-a.GetRSquared().GetValue()) > 1e-12 {
		t.Errorf("the shares add up to %v, and R² is %v", sum, a.GetRSquared().GetValue())
	}
}

func (r *running) analyze(t *testing.T, ask *cmiv1.AnalyzeDriversRequest) *cmiv1.DriverAnalysis {
	t.Helper()
	said, err := r.insight().AnalyzeDrivers(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	if said.GetAnalysis().GetRSquared() == nil {
		t.Fatalf("%v", said)
	}
	return said.GetAnalysis()
}

// TestMatrixByTheAPI: mobile customers by the mean of three statements of satisfaction and of one or three of loyalty, at a cut of 70: published
// with the model, counted by others.
func TestMatrixByTheAPI(t *testing.T) {
	t.Parallel()
	mobile := reference.Open(t, "mobile.csv")
	r := start(t)
	r.recordTable(t, "mobile", 1, 10, mobile, mobile.Names[1:])
	for _, c := range []struct {
		loyalty []string
		want    []int32
	}{{[]string{"CUSL1"}, []int32{118, 45, 30, 57}}, {[]string{"CUSL1", "CUSL2", "CUSL3"}, []int32{88, 75, 16, 71}}} {
		said, err := r.insight().GetLoyaltyMatrix(t.Context(), &cmiv1.GetLoyaltyMatrixRequest{
			SatisfactionItems: []string{"CUSA1", "CUSA2", "CUSA3"}, LoyaltyItems: c.loyalty,
		})
		if err != nil {
			t.Fatal(err)
		}
		for k, q := range said.GetGroups()[0].GetQuadrants() {
			if q.GetCount() != c.want[k] {
				t.Errorf("%v: %v, want %d", c.loyalty, q, c.want[k])
			}
		}
	}
}

// TestSharesByTheAPI: 8 of 10, 81 of 100, none and all of 10 choose yes.
func TestSharesByTheAPI(t *testing.T) {
	t.Parallel()
	reference.Open(t, "reference_values.csv")
	r := start(t)
	q := &cmiv1.Questionnaire{QuestionnaireId: "ask"}
	for k, id := range []string{"would", "did", "will"} {
		q.Items = append(q.Items, &cmiv1.Item{ItemId: id, Prompt: "?", Pillar: cmiv1.Pillar(k + 1), Scale: &cmiv1.Item_YesNo{YesNo: &cmiv1.YesNo{}}})
	}
	var responses []*cmiv1.Response
	for _, c := range []struct{ did, n int }{{8, 10}, {81, 100}, {0, 10}, {10, 10}} {
		for k := range c.n {
			id := fmt.Sprint(c.did, "-", c.n, "-", k)
			responses = append(responses, &cmiv1.Response{ResponseId: id, CustomerId: id, SubmittedAt: timestamppb.New(airline.SubmittedAt), Answers: []*cmiv1.Answer{
				{ItemId: "would", Value: &cmiv1.Answer_Yes{Yes: k < c.did}},
			}})
			if _, err := r.customers().PutCustomer(t.Context(), &cmiv1.PutCustomerRequest{Customer: &cmiv1.Customer{
				CustomerId: id, Segments: map[string]string{"case": fmt.Sprint(c.did, "_", c.n)},
			}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.record(t, q, responses)
	said, err := r.insight().GetAnswerReport(t.Context(), &cmiv1.GetAnswerReportRequest{ItemId: "would", GroupBy: []string{"segment:case"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(said.GetGroups()) != 4 {
		t.Fatalf("%v", said)
	}
	for _, g := range said.GetGroups() {
		key := "wilson." + g.GetCell().GetGroup()[0].GetValue() + "."
		reference.Check(t, key+"lo", g.GetAnswers()[0].GetShare().GetLow())
		reference.Check(t, key+"hi", g.GetAnswers()[0].GetShare().GetHigh())
	}
}
