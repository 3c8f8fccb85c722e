package main

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func firstOf(seconds int64) *timestamppb.Timestamp { return &timestamppb.Timestamp{Seconds: seconds} }

// newYear and springDay are 2026-01-01 and 2026-04-01.
const (
	newYear   = 1767225600
	springDay = 1775001600
)

// flagCase is a command line and the request that it makes.
type flagCase struct {
	name   string
	args   []string
	want   proto.Message
	answer proto.Message
}

func flagCases() []flagCase {
	none := &cmiv1.ReportFilter{}
	item := func(items ...string) *cmiv1.DriverPredictor { return &cmiv1.DriverPredictor{ItemIds: items} }
	gap := func(item, less string) *cmiv1.DriverPredictor {
		return &cmiv1.DriverPredictor{ItemIds: []string{item}, LessItemIds: []string{less}}
	}
	image := &cmiv1.DriverPredictor{Name: "Image", ItemIds: []string{"IMAG1", "IMAG2"}, LessItemIds: []string{"e1", "e2"}}
	business := &cmiv1.ReportFilter{Segments: map[string]string{"country": "ch", "reason": "business"}}
	return []flagCase{
		{"bare", []string{"index"}, &cmiv1.GetIndexReportRequest{Filter: none}, smallIndex()},
		{
			"index", []string{
				"index", "--group-by", "channel", "--group-by", "segment:reason", "--period", "month", "--unit", "response", "--weighting", "key-weight",
				"--as-of", "2026-04-01", "--questionnaire", "a", "--questionnaire", "b", "--series", "s", "--audience", "active", "--lifecycle", "inactive",
				"--channel", "online,mobile-app", "--account", "acme", "--segment", "country=ch", "--segment", "words=a;b=c,d", "--from", "2026-01-01", "--to", "2026-04-01",
			}, &cmiv1.GetIndexReportRequest{
				Filter: &cmiv1.ReportFilter{
					QuestionnaireIds: []string{"a", "b"}, Series: "s", Audience: cmiv1.Audience_AUDIENCE_ACTIVE, Lifecycle: cmiv1.Lifecycle_LIFECYCLE_INACTIVE,
					Channels: []cmiv1.Channel{cmiv1.Channel_CHANNEL_ONLINE, cmiv1.Channel_CHANNEL_MOBILE_APP}, AccountId: "acme",
					Segments: map[string]string{"country": "ch", "words": "a;b=c,d"}, From: firstOf(newYear), To: firstOf(springDay),
				},
				AsOf: firstOf(springDay), GroupBy: []string{"channel", "segment:reason"}, Period: cmiv1.Period_PERIOD_MONTH,
				Unit: cmiv1.Unit_UNIT_RESPONSE, Weighting: cmiv1.Weighting_WEIGHTING_KEY_WEIGHT,
			}, smallIndex(),
		},
		{
			"loyalty", []string{"loyalty", "--group-by", "account", "--period", "week", "--unit", "customer"},
			&cmiv1.GetLoyaltyReportRequest{Filter: none, GroupBy: []string{"account"}, Period: cmiv1.Period_PERIOD_WEEK, Unit: cmiv1.Unit_UNIT_CUSTOMER},
			&cmiv1.GetLoyaltyReportResponse{},
		},
		{
			"compare", []string{"compare", "nps", "--segment", "country=ch", "--first", "segment:reason=business", "--second", "channel=online", "--second", "lifecycle=new", "--item", "q7"},
			&cmiv1.CompareLoyaltyRequest{
				First: business, Metric: cmiv1.Metric_METRIC_NPS, ItemId: "q7",
				Second: &cmiv1.ReportFilter{
					Segments: map[string]string{"country": "ch"}, Channels: []cmiv1.Channel{cmiv1.Channel_CHANNEL_ONLINE}, Lifecycle: cmiv1.Lifecycle_LIFECYCLE_NEW,
				},
			}, &cmiv1.CompareLoyaltyResponse{},
		},
		{
			"matrix", []string{
				"matrix", "--satisfaction-cut", "60", "--loyalty-cut", "0", "--satisfaction-item", "a,b", "--loyalty-item", "c", "--loyalty-pillar", "eci", "--satisfaction-pillar", "bei", "--list", "hostage", "--limit", "3",
			}, &cmiv1.GetLoyaltyMatrixRequest{
				Filter: none, SatisfactionCut: new(60.0), LoyaltyCut: new(0.0), SatisfactionItems: []string{"a", "b"}, LoyaltyItems: []string{"c"},
				LoyaltyPillar: cmiv1.Pillar_PILLAR_ECI, SatisfactionPillar: cmiv1.Pillar_PILLAR_BEI, List: cmiv1.Quadrant_QUADRANT_HOSTAGE, PageSize: 3,
			}, &cmiv1.GetLoyaltyMatrixResponse{},
		},
		{
			"transitions", []string{"transitions", "--period", "quarter", "--from", "2026-01-01"},
			&cmiv1.GetTransitionsRequest{Filter: &cmiv1.ReportFilter{From: firstOf(newYear)}, Grid: cmiv1.Period_PERIOD_QUARTER}, &cmiv1.GetTransitionsResponse{},
		},
		{
			"answers", []string{"answers", "why", "--topic", "bags, late", "--limit", "7", "--group-by", "lifecycle"},
			&cmiv1.GetAnswerReportRequest{ItemId: "why", Filter: none, Topic: "bags, late", PageSize: 7, GroupBy: []string{"lifecycle"}}, &cmiv1.GetAnswerReportResponse{},
		},
		{
			"outcomes", []string{"outcomes", "--kind", "premium-paid,renewed", "--window-days", "90", "--pillar", "fii"},
			&cmiv1.LinkOutcomesRequest{
				Filter: none, Kinds: []cmiv1.OutcomeKind{cmiv1.OutcomeKind_OUTCOME_PREMIUM_PAID, cmiv1.OutcomeKind_OUTCOME_RENEWED},
				WindowDays: new(int32(90)), Pillar: cmiv1.Pillar_PILLAR_FII,
			}, &cmiv1.LinkOutcomesResponse{},
		},
		{
			"waves", []string{"waves", "--first", "2026-01-01..2026-04-01", "--second", "2026-04-01..2026-04-01T00:00:01Z", "--mix-by", "segment:country", "--weighting", "equal"},
			&cmiv1.CompareWavesRequest{
				Filter: none, First: &cmiv1.TimeRange{From: firstOf(newYear), To: firstOf(springDay)}, Second: &cmiv1.TimeRange{From: firstOf(springDay), To: firstOf(springDay + 1)},
				MixBy: "segment:country", Weighting: cmiv1.Weighting_WEIGHTING_EQUAL,
			}, &cmiv1.CompareWavesResponse{},
		},
		{"channels", []string{"channels", "--unit", "response"}, &cmiv1.CompareChannelsRequest{Filter: none, Unit: cmiv1.Unit_UNIT_RESPONSE}, &cmiv1.CompareChannelsResponse{}},
		{
			"revenue", []string{"revenue", "--months", "24", "--to", "2026-01-01"},
			&cmiv1.ForecastRevenueRequest{Filter: &cmiv1.ReportFilter{To: firstOf(newYear)}, HorizonMonths: new(int32(24))}, &cmiv1.ForecastRevenueResponse{},
		},
		{
			"drivers", []string{
				"drivers", "--target", "outcome:churned:180", "--predictor", "s9..s11,x:y", "--predictor", "q08:e1..q10:e3", "--predictor", "Image=IMAG1+IMAG2:e1+e2", "--method", "johnson", "--samples", "0", "--seed", "7", "--level", "0.9",
			}, &cmiv1.AnalyzeDriversRequest{
				Target: &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_Outcome{Outcome: &cmiv1.OutcomeTarget{Kind: cmiv1.OutcomeKind_OUTCOME_CHURNED, WindowDays: 180}}},
				Predictors: []*cmiv1.DriverPredictor{
					item("s9"), item("s10"), item("s11"), gap("x", "y"), gap("q08", "e1"), gap("q09", "e2"), gap("q10", "e3"), image,
				},
				Filter: none, Method: cmiv1.DriverMethod_DRIVER_METHOD_JOHNSON, Bootstrap: &cmiv1.Bootstrap{Samples: new(int32(0)), Seed: new(int32(7)), Level: new(0.9)},
			}, &cmiv1.AnalyzeDriversResponse{},
		},
		{
			"drivers of a pillar", []string{"drivers", "--target", "fii", "--predictor", "s1"},
			&cmiv1.AnalyzeDriversRequest{
				Target: &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_Pillar{Pillar: cmiv1.Pillar_PILLAR_FII}}, Predictors: []*cmiv1.DriverPredictor{item("s1")}, Filter: none,
			}, &cmiv1.AnalyzeDriversResponse{},
		},
		{
			"drivers of the CMI", []string{"drivers", "--target", "cmi", "--predictor", "s1"},
			&cmiv1.AnalyzeDriversRequest{
				Target: &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_Cmi{Cmi: true}}, Predictors: []*cmiv1.DriverPredictor{item("s1")}, Filter: none,
			}, &cmiv1.AnalyzeDriversResponse{},
		},
		{
			"drivers of an item", []string{"drivers", "--target", "item:recommend", "--predictor", "s1"},
			&cmiv1.AnalyzeDriversRequest{
				Target: &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_ItemId{ItemId: "recommend"}}, Predictors: []*cmiv1.DriverPredictor{item("s1")}, Filter: none,
			}, &cmiv1.AnalyzeDriversResponse{},
		},
	}
}

// TestReportFlagsMakeRequests sends what each command line says, and prints what comes back.
func TestReportFlagsMakeRequests(t *testing.T) {
	t.Parallel()
	for _, c := range flagCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := always(c.answer, nil)
			r := within(t.Context(), append(append([]string{"report"}, c.args...), "--server", f.serve(t))...)
			r.expect(t, exitOK)
			if r.out == "" || r.err != "" {
				t.Errorf("it prints %q, and %q on stderr", r.out, r.err)
			}
			if asked := f.asked(); len(asked) != 1 || !proto.Equal(asked[0], c.want) {
				t.Errorf("it asks\n%v\nwant\n%v", asked, c.want)
			}
		})
	}
}

// TestReportFlagsThatMeanNothing say what would.
func TestReportFlagsThatMeanNothing(t *testing.T) {
	t.Parallel()
	drivers := func(target, predictor string) []string {
		return []string{"drivers", "--target", target, "--predictor", predictor}
	}
	for want, args := range map[string][]string{
		`"fortnight" is not a period; day, week, month and quarter are`:                                                     {"index", "--period", "fortnight"},
		`"kilo" is not a weighting; equal and key-weight are`:                                                               {"index", "--weighting", "kilo"},
		`"CHANNEL_ONLINE" is not a channel; face-to-face, online and mobile-app are`:                                        {"index", "--channel", "CHANNEL_ONLINE"},
		`"" is not an audience; new, active and inactive are`:                                                               {"index", "--audience="},
		`"lost" is not a kind of outcome; renewed, churned, repurchased, premium-paid, referred, expanded and returned are`: {"outcomes", "--kind", "lost"},
		`"friend" is not a quadrant; loyalist, mercenary, hostage and defector are`:                                         {"matrix", "--list", "friend"},
		`"xml" is not a format of reports; table, csv, json and html are`:                                                   {"index", "--format", "xml"},
		`report.pdf does not say its format by its end`:                                                                     {"index", "--out", "report.pdf"},
		`or say it with --format`:                                                        {"compare", "nps", "--first", "channel=online", "--out", "report"},
		`--limit is for --list`:                                                          {"matrix", "--limit", "3"},
		`--limit cannot be below 0`:                                                      {"matrix", "--list", "hostage", "--limit=-1"},
		`an operation lists nobody`:                                                      {"matrix", "--list", "hostage", "--operation", "x"},
		`"may" is neither a date`:                                                        {"waves", "--first", "may..june", "--second", "2026-01-01..2026-02-01"},
		`is not a stretch of time, such as 2026-01-01..2026-04-01`:                       {"waves", "--first", "2026-01-01", "--second", "2026-01-01..2026-02-01"},
		`"mood" is not a way to group; audience, lifecycle`:                              {"compare", "nps", "--first", "mood=good"},
		`"channel" is not a group, such as channel=online`:                               {"compare", "nps", "--first", "channel"},
		`"love" is not a metric; nps, csat and ces are`:                                  {"compare", "love", "--first", "channel=online"},
		`"joy" is not a target; cmi, eci, bei, fii, item:ID and outcome:KIND:DAYS are`:   drivers("joy", "s1"),
		`"cmi:x" is not a target`:                                                        drivers("cmi:x", "s1"),
		`"lost" is not a kind of outcome`:                                                drivers("outcome:lost:180", "s1"),
		`outcome:churned does not say within how many days, as outcome:churned:180 does`: drivers("outcome:churned", "s1"),
		`s1..t9 is not a range; s1..s23 is`:                                              drivers("cmi", "s1..t9"),
		`s9..s1 is a range of 0 items; 1 to 100 can be taken`:                            drivers("cmi", "s9..s1"),
		`s1..s101 is a range of 101 items`:                                               drivers("cmi", "s1..s101"),
		`"s1:" is not a predictor, such as s1, s1:e1`:                                    drivers("cmi", "s1:"),
		`"Image=s1+" is not a mean of items, such as Image=IMAG1+IMAG2`:                  drivers("cmi", "Image=s1+"),
		`takes 2 items off 3 items; there must be as many`:                               drivers("cmi", "s1:e1..s3:e2"),
		`missing flags: --target`:                                                        {"drivers", "--predictor", "s1"},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			r := within(t.Context(), append(append([]string{"report"}, args...), "--server", "127.0.0.1:1")...)
			r.expect(t, exitUsage)
			r.sentence(t, want, "cmi report "+args[0]+" --help")
		})
	}
}
