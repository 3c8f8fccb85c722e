package server_test

import (
	"fmt"
	"strings"
)

// insightSteps are a day of an analyst: reports on an empty store, on one customer, and on a few; and everything that can be asked wrongly. It
// is lived on 2026-11-02.
func insightSteps() []step {
	const (
		create      = "QuestionnaireService/CreateQuestionnaire"
		publish     = "QuestionnaireService/PublishQuestionnaire"
		batch       = "ScoringService/BatchScoreCustomers"
		put         = "CustomerService/BatchPutCustomers"
		record      = "OutcomeService/RecordOutcomes"
		invite      = "OutcomeService/RecordInvitations"
		loyalty     = "InsightService/GetLoyaltyReport"
		compare     = "InsightService/CompareLoyalty"
		matrix      = "InsightService/GetLoyaltyMatrix"
		index       = "InsightService/GetIndexReport"
		waves       = "InsightService/CompareWaves"
		channels    = "InsightService/CompareChannels"
		transitions = "InsightService/GetTransitions"
		answers     = "InsightService/GetAnswerReport"
		analyze     = "InsightService/AnalyzeDrivers"
		link        = "InsightService/LinkOutcomes"
		revenue     = "InsightService/ForecastRevenue"
		run         = "InsightService/RunReport"
		wait        = "Operations/WaitOperation"
	)
	paths := map[string]string{
		loyalty: "loyalty:report", compare: "loyalty:compare", matrix: "loyalty:matrix", index: "index:report", waves: "waves:compare",
		channels: "channels:compare", transitions: "transitions:report", answers: "answers:report", analyze: "drivers:analyze",
		link: "outcomes:link", revenue: "revenue:forecast", run: "reports:run",
	}
	ask := func(rpc, request string, want ...string) step {
		return step{rpc: rpc, request: request, method: "POST", path: "/v1/insights/" + paths[rpc], body: "=", want: want}
	}
	refuse := func(rpc, request, field, says string) step {
		return step{rpc: rpc, request: request, method: "POST", path: "/v1/insights/" + paths[rpc], body: "=", refused: invalidRequest, field: field, says: says}
	}
	const (
		spans = `"first":{"from":"2026-06-01T00:00:00Z","to":"2026-07-01T00:00:00Z"},"second":{"from":"2026-07-01T00:00:00Z","to":"2026-08-01T00:00:00Z"}`
		drive = `"target":{"pillar":"PILLAR_FII"},"predictors":[{"itemIds":["trust"]},{"itemIds":["use"]}]`
	)
	questionnaire := `{"questionnaireId":"pulse","items":[` +
		`{"itemId":"trust","prompt":"?","pillar":"PILLAR_ECI","rating":{"min":0,"max":10}},{"itemId":"use","prompt":"?","pillar":"PILLAR_BEI","rating":{"min":0,"max":10}},` +
		`{"itemId":"stay","prompt":"?","pillar":"PILLAR_FII","rating":{"min":0,"max":10}},` +
		`{"itemId":"tell","prompt":"?","weight":0,"metric":"METRIC_NPS","rating":{"min":0,"max":10,"step":1}},` +
		`{"itemId":"happy","prompt":"?","weight":0,"metric":"METRIC_CSAT","rating":{"min":1,"max":5,"step":1}},{"itemId":"why","prompt":"?","text":{}}]}`
	response := func(id, customer, day string, all, tell, happy int) string {
		return fmt.Sprintf(`{"responseId":%q,"customerId":%q,"channel":"CHANNEL_ONLINE","submittedAt":"2026-%sT10:00:00Z","answers":[`+
			`{"itemId":"trust","number":%d},{"itemId":"use","number":%d},{"itemId":"stay","number":%d},{"itemId":"tell","number":%d},`+
			`{"itemId":"happy","number":%d},{"itemId":"why","text":"because","topics":["price"]}]}`, id, customer, day, all, all, all, tell, happy)
	}
	// Of six customers, all but eva are at 8 of 10 in June and July; eva comes in July.
	var responses, customers, outcomes []string
	for k, name := range []string{"ann", "bob", "cat", "dan", "fay", "eva"} {
		if name != "eva" {
			responses = append(responses, response(name+"-1", name, "06-10", 8, 10, 5))
		}
		responses = append(responses, response(name+"-2", name, "07-10", 8, 10-2*k, 5))
		customers = append(customers, fmt.Sprintf(`{"customerId":%q,"segments":{"plan":"gold"},"spend":{"amount":120,"currency":"EUR","period":"SPEND_PERIOD_YEAR"}}`, name))
		outcomes = append(outcomes, fmt.Sprintf(`{"outcomeId":"o-%s","customerId":%q,"kind":"OUTCOME_RENEWED","occurredAt":"2026-08-01T10:00:00Z"}`, name, name))
	}
	empty := []step{
		ask(loyalty, `{}`, "asOf=2026-11-02T09:30:00Z", "groups=", "notes.#=1", "warnings="),
		ask(compare, `{"metric":"METRIC_NPS"}`, "first.n=", "first.nps=", "second.flag=FLAG_SUPPRESSED", "difference="),
		ask(matrix, `{"list":"QUADRANT_HOSTAGE"}`, "groups=", "customers="), ask(index, `{"groupBy":["channel","segment:plan"],"period":"PERIOD_MONTH"}`, "groups="),
		ask(waves, `{`+spans+`}`, "both=", "paired=", "unpaired=", "split=", "first.cell.flag=FLAG_SUPPRESSED"),
		ask(channels, `{}`, "channels="), ask(transitions, `{}`, "steps.#=12", "pooled.rows.#=3", "pooled.rows.0.to="),
		ask(answers, `{"itemId":"why"}`, "item=", "groups=", "texts="), ask(analyze, `{`+drive+`}`, "analysis.n=", "analysis.rSquared=", "analysis.drivers.0.share="),
		ask(link, `{}`, "links.#=7", "links.0.groups.0.rate="), ask(revenue, `{}`, "buckets.#=3", "total=", "assumptions.#=4"),
	}
	wrong := []step{
		refuse(loyalty, `{"filter":{"questionnaireIds":["a b"]}}`, "filter.questionnaire_ids[0]", "must be a letter or digit"),
		refuse(loyalty, `{"filter":{"from":"2026-06-01T00:00:00Z","to":"2026-06-01T00:00:00Z"}}`, "filter.to", "is not after from"),
		refuse(loyalty, `{"groupBy":["colour"]}`, "group_by[0]", "must be audience, lifecycle, channel, category, questionnaire, account, or segment:KEY"),
		refuse(loyalty, `{"groupBy":["channel","account","audience"]}`, "group_by", "no more than 2"),
		refuse(loyalty, `{"groupBy":["channel","channel"]}`, "group_by", "unique"),
		refuse(index, `{"period":9}`, "period", "defined"), refuse(index, `{"weighting":9}`, "weighting", "defined"), refuse(index, `{"unit":-1}`, "unit", "defined"),
		refuse(index, `{"filter":{"channels":["CHANNEL_UNSPECIFIED"]}}`, "filter.channels[0]", "must not be"),
		refuse(index, `{"filter":{"segments":{"a":""}}}`, `filter.segments["a"]`, "at least 1 character"),
		refuse(compare, `{}`, "metric", "must not be"),
		refuse(matrix, `{"satisfactionCut":101}`, "satisfaction_cut", "101"), refuse(matrix, `{"loyaltyCut":"NaN"}`, "loyalty_cut", ""),
		refuse(matrix, `{"loyaltyItems":["a"],"loyaltyPillar":"PILLAR_FII"}`, "loyalty_pillar", "not allowed beside loyalty_items"),
		refuse(matrix, `{"pageSize":1001}`, "page_size", "1001"),
		refuse(waves, `{"first":{"from":"2026-06-01T00:00:00Z","to":"2026-07-01T00:00:00Z"}}`, "second", "value is required"),
		refuse(waves, `{`+spans+`,"filter":{"from":"2026-06-01T00:00:00Z"}}`, "filter.from", "the periods are first and second"),
		refuse(waves, `{`+spans+`,"mixBy":"colour"}`, "mix_by", "must be audience"),
		refuse(transitions, `{"grid":"PERIOD_DAY","filter":{"from":"2020-01-01T00:00:00Z"}}`, "filter.from", "more than 200 steps"),
		refuse(answers, `{}`, "item_id", "must be a letter or digit"),
		refuse(analyze, `{}`, "target", "value is required"), refuse(analyze, `{"target":{"cmi":true}}`, "predictors", "at least 1"),
		refuse(analyze, `{"target":{"cmi":false},"predictors":[{"itemIds":["a"]}]}`, "target.cmi", "true"),
		refuse(analyze, `{"target":{"cmi":true},"predictors":[{}]}`, "predictors[0].item_ids", "at least 1"),
		refuse(analyze, `{"target":{"cmi":true},"predictors":[{"itemIds":["a"]},{"itemIds":["a"]}]}`, "predictors[1]", `"a" is given twice`),
		refuse(analyze, `{"target":{"cmi":true},"predictors":[{"itemIds":["a"],"lessItemIds":["a"]}]}`, "predictors[0].less_item_ids", `"a" is one of the items`),
		refuse(analyze, `{"target":{"itemId":"a"},"predictors":[{"itemIds":["a"]}]}`, "predictors[0]", `"a" is the target`),
		refuse(analyze, `{"target":{"outcome":{"kind":"OUTCOME_RENEWED"}},"predictors":[{"itemIds":["a"]}]}`, "target.outcome.window_days", "1"),
		refuse(analyze, `{`+drive+`,"bootstrap":{"samples":50}}`, "bootstrap.samples", "must be 0, or 100 to 10000"),
		refuse(analyze, `{`+drive+`,"bootstrap":{"level":1}}`, "bootstrap.level", "0.999"),
		refuse(link, `{"windowDays":0}`, "window_days", "1"), refuse(link, `{"kinds":["OUTCOME_RENEWED","OUTCOME_RENEWED"]}`, "kinds", "unique"),
		refuse(revenue, `{"horizonMonths":61}`, "horizon_months", "60"),
		refuse(revenue, `{"filter":{"from":"2026-11-01T00:00:00Z"}}`, "filter.from", "less than a month"),
		refuse(run, `{"operationId":"x"}`, "report", "must be given"), refuse(run, `{"operationId":"a b","index":{}}`, "operation_id", "must be a letter or digit"),
		refuse(run, `{"operationId":"x","index":{"filter":{"from":"2026-06-01T00:00:00Z","to":"2026-05-01T00:00:00Z"}}}`, "index.filter.to", "is not after from"),
		{rpc: index, request: `{"filter":{"questionnaireIds":["nobody"]}}`, method: "POST", path: "/v1/insights/index:report", body: "=",
			refused: noQuestionnaire, field: "filter.questionnaire_ids", says: `no published questionnaire "nobody"`},
		{rpc: answers, request: `{"itemId":"reasons","filter":{"questionnaireIds":["builtin-new-online"]}}`, method: "POST", path: "/v1/insights/answers:report", body: "=",
			refused: noItem, field: "item_id", says: `have no item "reasons"`},
		{rpc: matrix, request: `{"list":"QUADRANT_HOSTAGE","pageToken":"x"}`, method: "POST", path: "/v1/insights/loyalty:matrix", body: "=",
			refused: badPageToken, field: "page_token", says: "not a token of this list"},
	}
	one := []step{
		{rpc: create, request: `{"questionnaire":` + questionnaire + `}`, method: "POST", path: "/v1/questionnaires", body: "="},
		{rpc: publish, request: `{"questionnaireId":"pulse"}`, method: "POST", path: "/v1/questionnaires/pulse:publish", body: `{}`},
		{rpc: batch, request: `{"questionnaireId":"pulse","responses":[` + response("one", "zoe", "06-01", 5, 9, 3) + `]}`, method: "POST", path: "/v1/scores:batch", body: "="},
		ask(index, `{}`, "groups.#=1", "groups.0.cell.n=1", "groups.0.cell.flag=FLAG_SUPPRESSED", "groups.0.cmi=", "groups.0.buckets="),
		ask(loyalty, `{}`, "groups.0.cell.n=1", "groups.0.items="), ask(matrix, `{}`, "groups.0.cell.n=1", "groups.0.quadrants="),
		ask(waves, `{`+spans+`}`, "first.cell.n=1", "first.cmi=", "paired=", "split="), ask(channels, `{}`, "channels.0.cell.n=1", "channels.0.cmi=", "channels.0.standardized="),
		ask(transitions, `{}`, "pooled.rows.1.n=4", "pooled.rows.1.to="), ask(answers, `{"itemId":"why"}`, "groups.0.cell.n=1", "groups.0.topics=", "texts="),
		ask(analyze, `{`+drive+`}`, "analysis.n=1", "analysis.drivers.0.performance=", "analysis.rSquared="), ask(link, `{"windowDays":30}`, "links.0.groups.1.n=1", "links.0.groups.1.rate="),
		ask(revenue, `{}`, "buckets.1.customers=1", "buckets.1.revenue="),
	}
	several := []step{
		{rpc: put, request: `{"customers":[` + strings.Join(customers, ",") + `]}`, method: "POST", path: "/v1/customers:batch", body: "="},
		{rpc: batch, request: `{"questionnaireId":"pulse","responses":[` + strings.Join(responses, ",") + `]}`, method: "POST", path: "/v1/scores:batch", body: "="},
		{rpc: record, request: `{"outcomes":[` + strings.Join(outcomes, ",") + `]}`, method: "POST", path: "/v1/outcomes:batch", body: "="},
		{rpc: invite, request: `{"invitations":[{"from":"2026-07-01T00:00:00Z","to":"2026-08-01T00:00:00Z","questionnaireId":"pulse","channel":"CHANNEL_ONLINE","count":24}]}`,
			method: "POST", path: "/v1/invitations:batch", body: "="},
		// Everybody is the same, so nothing is uncertain, and nothing can be tested.
		ask(index, `{"filter":{"segments":{"plan":"gold"}},"groupBy":["segment:plan"]}`, "groups.#=1", "groups.0.cell.n=6", "groups.0.cell.group.0.by=segment:plan",
			"groups.0.cell.group.0.value=gold", "groups.0.cell.flag=FLAG_SMALL", "groups.0.cmi.value=80", "groups.0.cmi.low=80", "groups.0.cmi.high=80",
			"groups.0.buckets.2.count=6", "groups.0.buckets.2.share.value=1", "groups.0.buckets.2.share.high=1"),
		ask(index, `{"period":"PERIOD_MONTH"}`, "groups.#=2", "groups.0.cell.n=6", "groups.0.responseRate=", "groups.1.cell.periodStart=2026-07-01T00:00:00Z",
			"groups.1.cell.periodEnd=2026-08-01T00:00:00Z", "groups.1.responseRate.invited=24", "groups.1.responseRate.responded=6", "groups.1.responseRate.share.value=0.25"),
		ask(index, `{"unit":"UNIT_RESPONSE"}`, "groups.0.cell.n=12"), ask(index, `{"weighting":"WEIGHTING_KEY_WEIGHT","groupBy":["lifecycle"]}`, "groups=", "notes.#=2"),
		ask(waves, `{`+spans+`}`, "both=5", "paired=", "split.by=channel", "split.mix=0", "split.change=5", "first.cmi.value=75", "second.cmi.value=80"),
		ask(loyalty, `{"filter":{"segments":{"plan":"gold"}}}`, "groups.0.items.0.nps.promoters=1", "groups.0.items.0.nps.passives=1", "groups.0.items.0.nps.detractors=4",
			"groups.0.items.0.nps.estimate.value=-50", "groups.0.items.1.csat.satisfied=6", "groups.0.items.1.csat.top=4", "groups.0.items.1.csat.estimate.value=1"),
		ask(compare, `{"metric":"METRIC_CSAT","first":{"segments":{"plan":"gold"}},"second":{"segments":{"plan":"gold"}}}`, "first.n=6", "difference=", "notes.#=2"),
		ask(matrix, `{"list":"QUADRANT_LOYALIST","pageSize":4,"filter":{"segments":{"plan":"gold"}}}`, "groups.0.quadrants.0.count=6", "customers.#=4", "customers.0.satisfaction=100",
			"satisfactionItems.0=happy"),
		ask(transitions, `{"filter":{"segments":{"plan":"gold"}}}`, "steps.11.matrix.rows.2.to.2.share.value=1", "steps.11.matrix.rows.2.n=6"),
		ask(answers, `{"itemId":"why","filter":{"segments":{"plan":"gold"}},"pageSize":5}`, "groups.0.topics.0.topic=price", "groups.0.topics.0.count=6", "groups.0.topics.0.others=",
			"texts.#=5", "texts.0.text=because", "texts.0.customerId=ann"),
		ask(answers, `{"itemId":"tell","filter":{"segments":{"plan":"gold"}}}`, "groups.0.answers.#=6", "groups.0.answers.0.value=0", "groups.0.answers.5.value=10", "groups.0.mean.value=5"),
		ask(link, `{"windowDays":60,"kinds":["OUTCOME_RENEWED"]}`, "links.0.groups.2.n=6", "links.0.groups.2.occurred=6", "links.0.groups.2.rate.value=1",
			"links.0.groups.2.relativeRisk=", "links.0.groups.2.amounts="),
		ask(revenue, `{"horizonMonths":3}`, "buckets.2.customers=6", "buckets.2.monthsSeen=23", "buckets.2.monthlyRetention=", "buckets.2.revenue.0.monthlySpend=60",
			"buckets.2.revenue.0.expected=", "total.0.expected="),
		// As of a day before all of it, there is nothing.
		ask(index, `{"asOf":"2026-05-01T00:00:00Z"}`, "groups=", "asOf=2026-05-01T00:00:00Z"),
		// The same by an operation.
		ask(run, `{"operationId":"by-plan","index":{"filter":{"segments":{"plan":"gold"}}}}`, "name=operations/by-plan", "metadata.kind=report", "metadata.report.index.asOf=2026-11-02T09:30:00Z"),
		{rpc: wait, request: `{"name":"operations/by-plan","timeout":"25s"}`, method: "POST", path: "/v1/operations/by-plan:wait", body: `{"timeout":"25s"}`,
			want: []string{"done=true", "response.@type=type.googleapis.com/cmi.v1.GetIndexReportResponse", "response.groups.0.cell.n=6", "response.groups.0.cmi.value=80", "metadata.progress=1"}},
		{rpc: run, request: `{"operationId":"by-plan","channels":{}}`, method: "POST", path: "/v1/insights/reports:run", body: "=", refused: operationIs, field: "operation_id",
			says: "started with another request"},
	}
	all := append(append(append(empty, wrong...), one...), several...)
	return all
}
