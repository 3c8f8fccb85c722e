package report

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// emptyReports are requests with answers that say nothing.
func emptyReports() map[string][2]proto.Message {
	return map[string][2]proto.Message{
		"index":       {&cmiv1.GetIndexReportRequest{}, &cmiv1.GetIndexReportResponse{}},
		"loyalty":     {&cmiv1.GetLoyaltyReportRequest{}, &cmiv1.GetLoyaltyReportResponse{}},
		"matrix":      {&cmiv1.GetLoyaltyMatrixRequest{}, &cmiv1.GetLoyaltyMatrixResponse{}},
		"channels":    {&cmiv1.CompareChannelsRequest{}, &cmiv1.CompareChannelsResponse{}},
		"transitions": {&cmiv1.GetTransitionsRequest{}, &cmiv1.GetTransitionsResponse{}},
		"answers":     {&cmiv1.GetAnswerReportRequest{}, &cmiv1.GetAnswerReportResponse{}},
		"drivers":     {&cmiv1.AnalyzeDriversRequest{}, &cmiv1.AnalyzeDriversResponse{}},
		"outcomes":    {&cmiv1.LinkOutcomesRequest{}, &cmiv1.LinkOutcomesResponse{}},
		"revenue":     {&cmiv1.ForecastRevenueRequest{}, &cmiv1.ForecastRevenueResponse{}},
	}
}

// TestEmptyReports say so.
func TestEmptyReports(t *testing.T) {
	t.Parallel()
	for name, r := range emptyReports() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := write(t, r[0], r[1])
			sound(t, w)
			if !strings.Contains(w.table, nobody) || !strings.Contains(w.html, nobody) {
				t.Errorf("it does not say that it is empty:\n%s", w.table)
			}
			if strings.Count(w.csv, "\n") != 1 || !strings.HasPrefix(w.csv, "report,") {
				t.Errorf("the CSV is %q", w.csv)
			}
		})
	}
	// The two periods, and the two groups, are there even where nobody is in them.
	sound(t, write(t, &cmiv1.CompareWavesRequest{}, &cmiv1.CompareWavesResponse{}))
	sound(t, write(t, &cmiv1.CompareLoyaltyRequest{}, &cmiv1.CompareLoyaltyResponse{}))
}

// TestAnswersOfOtherCalls are refused.
func TestAnswersOfOtherCalls(t *testing.T) {
	t.Parallel()
	if _, err := New(&cmiv1.GetIndexReportRequest{}, &cmiv1.GetScoreRequest{}); err == nil || !strings.Contains(err.Error(), "cmi.v1.GetScoreRequest is not the answer") {
		t.Errorf("it says %v", err)
	}
	r, err := New(emptyReports()["index"][0], emptyReports()["index"][1])
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Write(nil, JSON); err == nil {
		t.Error("JSON is made of nothing")
	}
}

// TestTable is what a person sees on a terminal.
func TestTable(t *testing.T) {
	t.Parallel()
	_, response := indexFixture()
	answer := response.(*cmiv1.GetIndexReportResponse)
	answer.Groups = slices.Delete(answer.GetGroups(), 1, 4)
	answer.Groups[1].Cell.Notes = []string{"Only one of two questionnaires asks this."}
	request := &cmiv1.GetIndexReportRequest{GroupBy: []string{"segment:reason"}, Filter: &cmiv1.ReportFilter{QuestionnaireIds: []string{"airline"}}}
	const want = `Customer Momentum Index
  questionnaire: airline
  grouped by: segment:reason
  as of: 2026-09-01

The index and its pillars
Means of 0 to 100, each with its interval.
REASON                                  N                CMI                ECI                        BEI                        FII
Business                              412  66.3 [64.4, 68.2]  62.3 [60.4, 64.2]  66.3 [64.4, 68.2] (n 411)  70.3 [68.4, 72.2] (n 410)
Medical or emergency             small 17  51.5 [42.3, 60.7]  47.5 [38.3, 56.7]   51.5 [42.3, 60.7] (n 16)   55.5 [46.3, 64.7] (n 15)
Group tour with a travel agency         3   suppressed (n=3)                  -                          -                          -
  Medical or emergency: Only one of two questionnaires asks this.

Buckets
The share of each bucket, of those with a CMI.
REASON                                  N              AT-RISK               GROWTH            ADVOCATE  N AT-RISK  N GROWTH  N ADVOCATE
Business                              412  23.7 % [19.6, 27.8]  66.3 % [61.7, 70.9]  10.0 % [7.1, 12.9]         97       273          41
Medical or emergency             small 17  38.5 % [15.4, 61.6]  51.5 % [27.7, 75.3]  10.0 % [0.0, 24.3]          6         8           1
Group tour with a travel agency         3     suppressed (n=3)                    -                   -          -         -           -

What it rests on
REASON                                  N     PILLARS DIVERGE  TWO PILLARS  NO CMI  INVITED  RESPONDED        RESPONSE RATE
Business                              412  12.0 % [8.9, 15.1]           20      10    1,500        412  27.5 % [25.2, 29.7]
Medical or emergency             small 17  12.0 % [0.0, 27.4]            0       0        -          -                    -
Group tour with a travel agency         3    suppressed (n=3)            -       -        -          -                    -

Note: Nobody knows who stayed silent: no invitations were recorded.
`
	if got := write(t, request, answer).table; got != want {
		t.Errorf("it shows\n%s\nwant\n%s", got, want)
	}
}

// TestTablesSay what each kind of report is about.
func TestTablesSay(t *testing.T) {
	t.Parallel()
	for name, words := range map[string][]string{
		"index-time":  {"weighted: by key weight", "period: month", "face-to-face  2026-01", "mobile-app    2026-03   4   suppressed (n=4)"},
		"loyalty":     {"NPS of item recommend", "-14.8 [-22.7, -6.9]", "CSAT of item satisfied", "60.0 % [55.3, 64.7]", "CES of item booking-effort", "5.10 [4.95, 5.25]", "Warning: One metric"},
		"comparison":  {"first: segment reason = business", "second: all", "-3.2 [-7.3, +0.9], p = 0.126"},
		"matrix":      {"satisfaction from: CUSA1, CUSA2, CUSA3", "47.0 % [42.2, 51.8]", "c-0003    Mercenary  r-00007", "Only the first 12 customers are listed"},
		"waves":       {"first: from 2026-01-01, before 2026-04-01", "+2.4 [+1.1, +3.7], p < 0.001", "(none)", "who answered (mix)", "+0.7"},
		"channels":    {"face-to-face       208  64.1 [61.8, 66.4]       61.8 [59.2, 64.4]", "mobile-app    small 14  71.2 [62.3, 80.1]                       -"},
		"transitions": {"At-Risk   830  71.0 % [67.9, 74.1]", "2026-05    Advocate    4     suppressed (n=4)", "ENTERED  EXPIRED"},
		"drivers":     {"What goes along with item recommend", "47.0 % [41.4, 52.6]", "concentrate here", "shared out by: Johnson's relative weights", "s5:e5"},
		"answers":     {"question: What would keep you from flying", "The price of the ticket and of what comes on top of it", "38.0 % [33.3, 42.7]"},
		"texts":       {"texts about: baggage", "-13.2 [-16.7, -9.7], p < 0.001", "(anonymous)", "    The bag came two days late"},
		"outcomes":    {"within: 180 days after a score", "31.0 % [25.4, 36.6]", "3.40 [2.90, 3.90]", "1,240.50 [1,029.50, 1,451.50]", "93 customers are left out", "Premium paid"},
		"revenue":     {"over: 12 months", "95.5 % [94.7, 96.3]", "790,000.00 [749,000.00, 831,000.00]", "all buckets", "Note: Assumed: Spend stays as it is."},
	} {
		request, response := fixtures()[name]()
		got := write(t, request, response).table
		for _, word := range words {
			if !strings.Contains(got, word) {
				t.Errorf("%s does not say %q:\n%s", name, word, got)
			}
		}
		if strings.Contains(got, "\x1b") {
			t.Errorf("%s is coloured", name)
		}
	}
}

// lines reads the CSV of a fixture, each line by the names of its columns.
func csvLines(t *testing.T, name string) []map[string]string {
	t.Helper()
	request, response := fixtures()[name]()
	lines, err := csv.NewReader(strings.NewReader(write(t, request, response).csv)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	for _, line := range lines[1:] {
		cells := make(map[string]string)
		for i, column := range lines[0] {
			if _, twice := cells[column]; twice {
				t.Errorf("%s has two columns %s", name, column)
			}
			cells[column] = line[i]
		}
		all = append(all, cells)
	}
	return all
}

// TestCSVLines have a line for each figure, with all that is known of it.
func TestCSVLines(t *testing.T) {
	t.Parallel()
	for name, wanted := range map[string][]map[string]string{
		"index": {
			{"report": "index", "segment:reason": "Business", "metric": "cmi", "n": "412", "n_eff": "412", "flag": "", "value": "66.3", "level": "0.95"},
			{"segment:reason": "Medical or emergency", "metric": "bei", "n": "16", "flag": "small"},
			{"segment:reason": "Group tour with a travel agency", "metric": "cmi", "n": "3", "n_eff": "", "flag": "suppressed", "value": "", "low": "", "level": ""},
			{"segment:reason": "Business", "metric": "share_at-risk", "n": "412"}, {"segment:reason": "Business", "metric": "invited", "value": "1500"},
		},
		"index-time":  {{"channel": "mobile-app", "period_start": "2026-03-01", "metric": "cmi", "n": "4", "flag": "suppressed", "value": ""}},
		"loyalty":     {{"item": "recommend", "segment:reason": "Business", "metric": "promoters", "value": "103"}, {"item": "booking-effort", "metric": "ces_mean", "value": "5.1"}},
		"comparison":  {{"metric": "difference", "value": "-3.2", "statistic": "-1.53", "p_value": "0.126", "freedom": ""}},
		"matrix":      {{"metric": "share_hostage", "value": "0.12"}, {"customer": "c-0003", "quadrant": "mercenary", "metric": "loyalty", "value": "22.5"}},
		"waves":       {{"difference": "paired", "n": "211", "value": "2.4", "freedom": "210", "p_value": "0.0004"}, {"channel": "", "metric": "first_n", "value": "2"}},
		"channels":    {{"channel": "online", "metric": "cmi_standardized", "value": "59.9"}, {"audience": "active", "metric": "share", "value": "0.63"}},
		"transitions": {{"from": "growth", "metric": "to_advocate", "n": "415", "value": "0.14"}, {"period_start": "2026-05-01", "from": "advocate", "flag": "suppressed", "value": ""}},
		"drivers":     {{"predictor": "s2", "metric": "priority", "text": "concentrate here", "value": ""}, {"metric": "r_squared", "n": "841", "value": "0.47"}},
		"answers":     {{"answer": "price", "segment:reason": "Business", "metric": "share", "value": "0.38"}},
		"texts":       {{"topic": "legroom", "metric": "cmi_raised", "value": "60"}, {"response": "r-00155", "customer": "", "metric": "cmi", "value": ""}},
		"outcomes":    {{"outcome": "premium-paid", "band": "growth", "currency": "EUR", "metric": "mean_amount", "value": "1540.5"}, {"outcome": "churned", "band": "advocate", "flag": "suppressed", "value": ""}},
		"revenue":     {{"bucket": "growth", "currency": "EUR", "metric": "expected_revenue", "value": "1100000", "low": "1059000"}},
	} {
		all := csvLines(t, name)
		for _, want := range wanted {
			if !slices.ContainsFunc(all, func(line map[string]string) bool {
				for column, cell := range want {
					if got, there := line[column]; !there || got != cell {
						return false
					}
				}
				return true
			}) {
				t.Errorf("%s has no line with %v", name, want)
			}
		}
		for _, line := range all {
			if line["metric"] == "" || line["report"] == "" {
				t.Errorf("%s has a line that says nothing: %v", name, line)
			}
		}
	}
}

// TestStepsWithoutAnybody are not shown: nobody could move.
func TestStepsWithoutAnybody(t *testing.T) {
	t.Parallel()
	request, response := transitionsFixture()
	answer := response.(*cmiv1.GetTransitionsResponse)
	for _, r := range answer.GetSteps()[0].GetMatrix().GetRows() {
		r.N, r.To, r.Flag = 0, nil, cmiv1.Flag_FLAG_SUPPRESSED
	}
	first := answer.GetSteps()[1].GetMatrix().GetRows()[2]
	first.N, first.To, first.Flag = 0, nil, cmiv1.Flag_FLAG_SUPPRESSED
	got := write(t, request, answer).table
	if strings.Contains(got, "2026-01    At-Risk") || !strings.Contains(got, "2026-02    Advocate    0         nobody (n=0)") {
		t.Errorf("it shows\n%s", got)
	}
}
