package report

import (
	"fmt"
	"math"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// asOf is when the reports of the tests are.
func asOf() *timestamppb.Timestamp { return day(2026, 9, 1) }

func day(year int, month time.Month, date int) *timestamppb.Timestamp {
	return timestamppb.New(time.Date(year, month, date, 0, 0, 0, 0, time.UTC))
}

// around is an estimate with an interval of so much on either side.
func around(v, half float64) *cmiv1.Estimate {
	return &cmiv1.Estimate{Value: &v, Low: new(v - half), High: new(v + half), Level: new(0.95)}
}

// part is an estimate of a share with the interval of a sample of n.
func part(v float64, n int32) *cmiv1.Estimate {
	half := 1.96 * math.Sqrt(v*(1-v)/float64(max(n, 1)))
	return &cmiv1.Estimate{Value: &v, Low: new(max(0, v-half)), High: new(min(1, v+half)), Level: new(0.95)}
}

// cell is a group of n by one segment.
func cell(by, value string, n int32) *cmiv1.Cell {
	c := &cmiv1.Cell{N: n, NEff: new(float64(n))}
	if by != "" {
		c.Group = []*cmiv1.GroupValue{{By: by, Value: &value}}
	}
	switch {
	case n < 5:
		c.Flag, c.NEff = cmiv1.Flag_FLAG_SUPPRESSED, nil
	case n < 30:
		c.Flag = cmiv1.Flag_FLAG_SMALL
	}
	return c
}

// inMonth puts a cell into a month.
func inMonth(c *cmiv1.Cell, month int) *cmiv1.Cell {
	c.PeriodStart, c.PeriodEnd = day(2026, time.Month(month), 1), day(2026, time.Month(month+1), 1)
	return c
}

// trips are why people fly, and how many do; the last are too few.
func trips() []string {
	return []string{
		"Business", "Leisure, travelling with family and young children", "Visiting friends and relatives", "Study or exchange",
		"Medical or emergency", "Group tour with a travel agency",
	}
}

func sizes() []int32 { return []int32{412, 356, 188, 61, 17, 3} }

func bucketShares(n int32, parts ...float64) []*cmiv1.BucketShare {
	var all []*cmiv1.BucketShare
	for i, b := range buckets() {
		all = append(all, &cmiv1.BucketShare{Bucket: b, Count: int32(parts[i] * float64(n)), Share: part(parts[i], n)})
	}
	return all
}

func indexGroup(c *cmiv1.Cell, cmi float64) *cmiv1.IndexGroup {
	g := &cmiv1.IndexGroup{Cell: c}
	if c.GetFlag() == cmiv1.Flag_FLAG_SUPPRESSED {
		return g
	}
	n := c.GetN()
	half := 38 / math.Sqrt(float64(n))
	g.Cmi, g.Divergent, g.Partial, g.Unscored = around(cmi, half), part(0.12, n), n/20, n/40
	for i, p := range pillars() {
		g.Pillars = append(g.Pillars, &cmiv1.PillarEstimate{Pillar: p, N: n - int32(i), Mean: around(cmi+float64(4*i-4), half)})
	}
	low := (90 - cmi) / 100
	g.Buckets = bucketShares(n, low, 0.9-low, 0.1)
	return g
}

func indexFixture() (proto.Message, proto.Message) {
	answer := &cmiv1.GetIndexReportResponse{AsOf: asOf(), Notes: []string{"Nobody knows who stayed silent: no invitations were recorded."}}
	for i, name := range trips() {
		answer.Groups = append(answer.Groups, indexGroup(cell("segment:reason", name, sizes()[i]), 66.3-3.7*float64(i)))
	}
	answer.Groups[0].ResponseRate = &cmiv1.ResponseRate{Invited: 1500, Responded: 412, Share: part(0.2747, 1500)}
	return &cmiv1.GetIndexReportRequest{
		GroupBy: []string{"segment:reason"},
		Filter: &cmiv1.ReportFilter{
			QuestionnaireIds: []string{"airline"}, Channels: []cmiv1.Channel{cmiv1.Channel_CHANNEL_ONLINE}, From: day(2026, 1, 1),
			Segments: map[string]string{"country": "ch"},
		},
	}, answer
}

func indexOverTimeFixture() (proto.Message, proto.Message) {
	answer := &cmiv1.GetIndexReportResponse{AsOf: asOf()}
	for i, channel := range []string{"CHANNEL_FACE_TO_FACE", "CHANNEL_ONLINE", "CHANNEL_MOBILE_APP"} {
		for month := 1; month <= 8; month++ {
			n := int32(40 + 13*((month*(i+2))%5))
			if i == 2 && month == 3 {
				n = 4
			}
			answer.Groups = append(answer.Groups, indexGroup(inMonth(cell("channel", channel, n), month), 55+6*math.Sin(float64(month+2*i))+4*float64(i)))
		}
	}
	return &cmiv1.GetIndexReportRequest{GroupBy: []string{"channel"}, Period: cmiv1.Period_PERIOD_MONTH, Weighting: cmiv1.Weighting_WEIGHTING_KEY_WEIGHT}, answer
}

func loyaltyFixture() (proto.Message, proto.Message) {
	answer := &cmiv1.GetLoyaltyReportResponse{AsOf: asOf(), Warnings: []string{
		"One metric is not the relationship: read it beside the index.", "All answers are of one moment; its course is not known.",
	}}
	for i, name := range trips() {
		c := cell("segment:reason", name, sizes()[i])
		g := &cmiv1.LoyaltyGroup{Cell: c}
		n := c.GetN()
		nps := &cmiv1.LoyaltyFigures{ItemId: "recommend", Metric: cmiv1.Metric_METRIC_NPS, N: n, Flag: c.GetFlag()}
		csat := &cmiv1.LoyaltyFigures{ItemId: "satisfied", Metric: cmiv1.Metric_METRIC_CSAT, N: n, Flag: c.GetFlag()}
		ces := &cmiv1.LoyaltyFigures{ItemId: "booking-effort", Metric: cmiv1.Metric_METRIC_CES, N: n, Flag: c.GetFlag()}
		if c.GetFlag() != cmiv1.Flag_FLAG_SUPPRESSED {
			p, d := n/4+int32(i), n*2/5-n/20*int32(i)
			score := 100 * float64(p-d) / float64(n)
			nps.Nps = &cmiv1.NetPromoter{
				Promoters: p, Detractors: d, Passives: n - p - d, Estimate: around(score, 160/math.Sqrt(float64(n))),
				Plain: around(score, 155/math.Sqrt(float64(n))), Variance: new(0.66),
			}
			csat.Csat = &cmiv1.Satisfaction{Satisfied: n * 3 / 5, Top: new(4.0), Estimate: part(0.6, n)}
			ces.Ces = &cmiv1.Effort{Mean: around(5.1, 3/math.Sqrt(float64(n))), Share_5To_7: part(0.71, n), Net: around(31.4, 90/math.Sqrt(float64(n)))}
		}
		g.Items = []*cmiv1.LoyaltyFigures{nps, csat, ces}
		answer.Groups = append(answer.Groups, g)
	}
	return &cmiv1.GetLoyaltyReportRequest{GroupBy: []string{"segment:reason"}}, answer
}

func comparisonFixture() (proto.Message, proto.Message) {
	_, response := loyaltyFixture()
	groups := response.(*cmiv1.GetLoyaltyReportResponse).GetGroups()
	return &cmiv1.CompareLoyaltyRequest{
			First: &cmiv1.ReportFilter{Segments: map[string]string{"reason": "business"}}, Second: &cmiv1.ReportFilter{},
			Metric: cmiv1.Metric_METRIC_NPS,
		}, &cmiv1.CompareLoyaltyResponse{
			AsOf: asOf(), First: groups[0].GetItems()[0], Second: groups[1].GetItems()[0],
			Difference: &cmiv1.Difference{Estimate: around(-3.2, 4.1), Statistic: new(-1.53), PValue: new(0.126)},
		}
}

func matrixFixture() (proto.Message, proto.Message) {
	answer := &cmiv1.GetLoyaltyMatrixResponse{AsOf: asOf(), SatisfactionItems: []string{"CUSA1", "CUSA2", "CUSA3"}, NextPageToken: "more"}
	for i, name := range trips() {
		c := cell("segment:reason", name, sizes()[i])
		m := &cmiv1.LoyaltyMatrix{Cell: c}
		for j, q := range quadrants() {
			if c.GetFlag() != cmiv1.Flag_FLAG_SUPPRESSED {
				v := []float64{0.47, 0.18, 0.12, 0.23}[(j+i/3)%4]
				m.Quadrants = append(m.Quadrants, &cmiv1.QuadrantShare{Quadrant: q, Count: int32(v * float64(c.GetN())), Share: part(v, c.GetN())})
			}
		}
		answer.Groups = append(answer.Groups, m)
	}
	for i := range 12 {
		answer.Customers = append(answer.Customers, &cmiv1.PlacedCustomer{
			CustomerId: fmt.Sprintf("c-%04d", 17*i+3), Quadrant: cmiv1.Quadrant_QUADRANT_MERCENARY, Satisfaction: new(95 - 1.7*float64(i)),
			Loyalty: new(22.5 + 3*float64(i)), ResponseId: fmt.Sprintf("r-%05d", 91*i+7),
		})
	}
	return &cmiv1.GetLoyaltyMatrixRequest{GroupBy: []string{"segment:reason"}, List: cmiv1.Quadrant_QUADRANT_MERCENARY}, answer
}

func wavesFixture() (proto.Message, proto.Message) {
	first, second := cell("", "", 430), cell("", "", 512)
	first.PeriodStart, first.PeriodEnd = day(2026, 1, 1), day(2026, 4, 1)
	second.PeriodStart, second.PeriodEnd = day(2026, 4, 1), day(2026, 7, 1)
	request := &cmiv1.CompareWavesRequest{
		First: &cmiv1.TimeRange{From: first.GetPeriodStart(), To: first.GetPeriodEnd()}, Second: &cmiv1.TimeRange{From: second.GetPeriodStart(), To: second.GetPeriodEnd()},
		MixBy: "channel",
	}
	answer := &cmiv1.CompareWavesResponse{
		AsOf: asOf(), First: &cmiv1.Wave{Cell: first, Cmi: around(58.2, 1.9)}, Second: &cmiv1.Wave{Cell: second, Cmi: around(61.1, 1.7)}, Both: 211,
		Paired:   &cmiv1.Difference{Estimate: around(2.4, 1.3), Statistic: new(3.62), Freedom: new(210.0), PValue: new(0.0004)},
		Unpaired: &cmiv1.Difference{Estimate: around(2.9, 2.5), Statistic: new(2.21), Freedom: new(901.4), PValue: new(0.027)},
		Split:    &cmiv1.MixSplit{By: "channel", Mix: new(0.7), Change: new(2.2)},
	}
	for i, channel := range []string{"CHANNEL_FACE_TO_FACE", "CHANNEL_ONLINE", "CHANNEL_MOBILE_APP"} {
		answer.Split.Parts = append(answer.Split.Parts, &cmiv1.MixPart{
			Group: &cmiv1.GroupValue{By: "channel", Value: new(channel)}, FirstN: int32(120 + 30*i), SecondN: int32(150 + 20*i),
			FirstShare: new(0.28 + 0.05*float64(i)), SecondShare: new(0.29 + 0.04*float64(i)), FirstMean: new(57.1 + float64(i)), SecondMean: new(60.4 + float64(i)),
		})
	}
	answer.Split.Parts = append(answer.Split.Parts, &cmiv1.MixPart{Group: &cmiv1.GroupValue{By: "channel"}, FirstN: 2, SecondN: 3})
	return request, answer
}

func channelsFixture() (proto.Message, proto.Message) {
	answer := &cmiv1.CompareChannelsResponse{AsOf: asOf(), Standard: []*cmiv1.AudienceShare{
		{Audience: cmiv1.Audience_AUDIENCE_NEW, Share: new(0.21)}, {Audience: cmiv1.Audience_AUDIENCE_ACTIVE, Share: new(0.63)}, {Share: new(0.16)},
	}}
	answer.Channels = []*cmiv1.ChannelFigures{
		{Channel: cmiv1.Channel_CHANNEL_FACE_TO_FACE, Cell: cell("", "", 208), Cmi: around(64.1, 2.3), Standardized: around(61.8, 2.6)},
		{Channel: cmiv1.Channel_CHANNEL_ONLINE, Cell: cell("", "", 640), Cmi: around(58.7, 1.4), Standardized: around(59.9, 1.5)},
		{Channel: cmiv1.Channel_CHANNEL_MOBILE_APP, Cell: cell("", "", 14), Cmi: around(71.2, 8.9)},
	}
	return &cmiv1.CompareChannelsRequest{Unit: cmiv1.Unit_UNIT_RESPONSE}, answer
}

func moves(n int32) *cmiv1.TransitionMatrix {
	m := &cmiv1.TransitionMatrix{}
	for i, b := range buckets() {
		parts := [][]float64{{0.71, 0.26, 0.03}, {0.14, 0.72, 0.14}, {0.02, 0.21, 0.77}}[i]
		r := &cmiv1.TransitionRow{From: b, N: n / int32(i+1)}
		if r.GetN() < 5 {
			r.Flag = cmiv1.Flag_FLAG_SUPPRESSED
		} else {
			r.To = bucketShares(r.GetN(), parts...)
		}
		m.Rows = append(m.Rows, r)
	}
	return m
}

func transitionsFixture() (proto.Message, proto.Message) {
	answer := &cmiv1.GetTransitionsResponse{AsOf: asOf(), Pooled: moves(830)}
	for month := 1; month <= 8; month++ {
		n := int32(90 + 11*(month%3))
		if month == 5 {
			n = 12
		}
		answer.Steps = append(answer.Steps, &cmiv1.TransitionStep{
			From: day(2026, time.Month(month), 1), To: day(2026, time.Month(month+1), 1), Matrix: moves(n), Entered: int32(5 + month), Expired: int32(month / 3),
		})
	}
	return &cmiv1.GetTransitionsRequest{Grid: cmiv1.Period_PERIOD_MONTH}, answer
}

func driversFixture() (proto.Message, proto.Message) {
	request := &cmiv1.AnalyzeDriversRequest{Target: &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_ItemId{ItemId: "recommend"}}}
	analysis := &cmiv1.DriverAnalysis{
		AsOf: asOf(), N: 841, Dropped: 224, Method: cmiv1.DriverMethod_DRIVER_METHOD_JOHNSON, RSquared: part(0.47, 300), ImportanceCut: new(0.47 / 14),
		PerformanceCut: new(62.0), Notes: []string{"Left out are respondents without an answer to some predictor."},
	}
	for i := range 14 {
		p := &cmiv1.DriverPredictor{ItemIds: []string{fmt.Sprintf("s%d", i+1)}}
		if i%5 == 4 {
			p.LessItemIds = []string{fmt.Sprintf("e%d", i+1)}
		}
		v := 0.012 + 0.06*math.Abs(math.Sin(float64(3*i+1)))
		perf := 62 + 17*math.Cos(float64(2*i))
		priority := cmiv1.Priority_PRIORITY_LOW
		switch {
		case v >= analysis.GetImportanceCut() && perf >= 62:
			priority = cmiv1.Priority_PRIORITY_KEEP_UP
		case v >= analysis.GetImportanceCut():
			priority = cmiv1.Priority_PRIORITY_CONCENTRATE
		case perf >= 62:
			priority = cmiv1.Priority_PRIORITY_OVERKILL
		}
		analysis.Drivers = append(analysis.Drivers, &cmiv1.Driver{
			Predictor: p, Share: around(v, 0.011), Correlation: new(0.2 + 4*v), Performance: around(perf, 1.6), Priority: priority, Missing: int32(i * 3),
		})
	}
	analysis.Drivers = append(analysis.Drivers, &cmiv1.Driver{Predictor: &cmiv1.DriverPredictor{ItemIds: []string{"lounge-access-and-comfort"}}, Missing: 1065})
	return request, &cmiv1.AnalyzeDriversResponse{Result: &cmiv1.AnalyzeDriversResponse_Analysis{Analysis: analysis}}
}

func answersFixture() (proto.Message, proto.Message) {
	answer := &cmiv1.GetAnswerReportResponse{AsOf: asOf(), Item: &cmiv1.Item{ItemId: "barrier", Prompt: "What would keep you from flying with us again?"}, NextPageToken: "more"}
	options := [][2]string{
		{"price", "The price of the ticket and of what comes on top of it"}, {"schedule", "The schedule does not fit"}, {"delay", "Delays"},
		{"service", "How I was treated on board"}, {"nothing", "Nothing"},
	}
	for i, name := range []string{"Business", "Leisure", "Group tour with a travel agency"} {
		c := cell("segment:reason", name, []int32{412, 356, 4}[i])
		g := &cmiv1.AnswerGroup{Cell: c}
		for j, o := range options {
			if i < 2 {
				v := []float64{0.38, 0.12, 0.27, 0.09, 0.14}[(j+3*i)%5]
				g.Answers = append(g.Answers, &cmiv1.AnswerShare{Value: o[0], Label: o[1], Count: int32(v * float64(c.GetN())), Share: part(v, c.GetN())})
			}
		}
		if i < 2 {
			g.Unanswered, g.NotApplicable = 31, 6
		}
		answer.Groups = append(answer.Groups, g)
	}
	return &cmiv1.GetAnswerReportRequest{ItemId: "barrier", GroupBy: []string{"segment:reason"}}, answer
}

func textsFixture() (proto.Message, proto.Message) {
	answer := &cmiv1.GetAnswerReportResponse{AsOf: asOf(), Item: &cmiv1.Item{ItemId: "why", Prompt: "Why?"}}
	g := &cmiv1.AnswerGroup{Cell: cell("", "", 512), Unanswered: 301}
	for i, topic := range []string{"baggage", "punctuality", "friendliness of the crew", "legroom", "refunds and rebooking"} {
		n := int32(160 - 36*i)
		f := &cmiv1.TopicFigures{Topic: topic, Count: n, Share: part(float64(n)/512, 512)}
		if i < 4 {
			f.Raised, f.Others = around(48+4*float64(i), 3.2), around(61.2, 1.4)
			f.Difference = &cmiv1.Difference{Estimate: around(-13.2+4*float64(i), 3.5), Statistic: new(-7.4), Freedom: new(211.7), PValue: new(0.00001)}
		}
		g.Topics = append(g.Topics, f)
	}
	answer.Groups = []*cmiv1.AnswerGroup{g}
	for i := range 6 {
		text := &cmiv1.TextAnswer{
			ResponseId: fmt.Sprintf("r-%05d", 31*i), CustomerId: fmt.Sprintf("c-%04d", 7*i), SubmittedAt: day(2026, 8, 3+i), Topics: []string{"baggage", "punctuality"}[:1+i%2],
			Text: "The bag came two days late, nobody at the desk knew where it was, and the telephone line put me on hold for an hour each time. The crew was kind, though.", Cmi: new(44.5 + float64(i)),
		}
		if i == 5 {
			text.CustomerId, text.Cmi = "", nil
		}
		answer.Texts = append(answer.Texts, text)
	}
	return &cmiv1.GetAnswerReportRequest{ItemId: "why", Topic: "baggage"}, answer
}

func outcomesFixture() (proto.Message, proto.Message) {
	answer := &cmiv1.LinkOutcomesResponse{AsOf: asOf(), WindowDays: 180, TooRecent: 93}
	for i, kind := range []cmiv1.OutcomeKind{cmiv1.OutcomeKind_OUTCOME_CHURNED, cmiv1.OutcomeKind_OUTCOME_PREMIUM_PAID} {
		l := &cmiv1.OutcomeLink{Kind: kind}
		for j, b := range buckets() {
			n := []int32{260, 402, 3}[j]
			g := &cmiv1.OutcomeGroup{Bucket: b, N: n}
			if n < 5 {
				g.Flag = cmiv1.Flag_FLAG_SUPPRESSED
			} else {
				v := 0.31 - 0.22*float64(j)
				g.Occurred, g.Rate, g.RelativeRisk = int32(v*float64(n)), part(v, n), around(3.4-2.6*float64(j), 0.5)
				if i == 1 {
					g.Amounts = []*cmiv1.MeanAmount{{Currency: "EUR", N: g.GetOccurred(), Mean: around(1240.5+300*float64(j), 211), Total: new(98340.0)}}
				}
			}
			l.Groups = append(l.Groups, g)
		}
		answer.Links = append(answer.Links, l)
	}
	return &cmiv1.LinkOutcomesRequest{}, answer
}

func revenueFixture() (proto.Message, proto.Message) {
	answer := &cmiv1.ForecastRevenueResponse{AsOf: asOf(), HorizonMonths: 12, Assumptions: []string{"Spend stays as it is."}}
	for i, b := range buckets() {
		v := 0.955 + 0.019*float64(i)
		answer.Buckets = append(answer.Buckets, &cmiv1.BucketForecast{
			Bucket: b, Customers: int32(300 + 120*i), MonthsSeen: int32(2800 + 900*i), MonthsLeft: int32(130 - 50*i), MonthlyRetention: part(v, 2800),
			Revenue: []*cmiv1.ExpectedRevenue{{Currency: "EUR", Customers: int32(280 + 100*i), MonthlySpend: new(81234.5 + 20000*float64(i)), Expected: around(790000+310000*float64(i), 41000)}},
		})
	}
	answer.Total = []*cmiv1.ExpectedRevenue{{Currency: "EUR", Customers: 1140, MonthlySpend: new(303703.5), Expected: around(3300000, 123000)}}
	return &cmiv1.ForecastRevenueRequest{}, answer
}

// fixtures are a report of each kind as a service answers them, by name.
func fixtures() map[string]func() (proto.Message, proto.Message) {
	return map[string]func() (proto.Message, proto.Message){
		"index": indexFixture, "index-time": indexOverTimeFixture, "loyalty": loyaltyFixture, "comparison": comparisonFixture, "matrix": matrixFixture,
		"waves": wavesFixture, "channels": channelsFixture, "transitions": transitionsFixture, "drivers": driversFixture,
		"answers": answersFixture, "texts": textsFixture, "outcomes": outcomesFixture, "revenue": revenueFixture,
	}
}
