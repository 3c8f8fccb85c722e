package server_test

import (
	"fmt"
	"strings"
)

// customerSteps are a day with customers: profiles, what they do, five waves of answers, and what follows from them. It is
// lived on 2026-11-02.
func customerSteps() []step {
	const (
		create    = "QuestionnaireService/CreateQuestionnaire"
		publish   = "QuestionnaireService/PublishQuestionnaire"
		choose    = "QuestionnaireService/SelectQuestionnaire"
		calibrate = "QuestionnaireService/CalibrateQuestionnaire"
		history   = "QuestionnaireService/ListCalibrations"
		score     = "ScoringService/ScoreCustomer"
		batch     = "ScoringService/BatchScoreCustomers"
		why       = "ScoringService/ExplainChange"
		scores    = "ScoringService/ListScores"
		put       = "CustomerService/PutCustomer"
		puts      = "CustomerService/BatchPutCustomers"
		get       = "CustomerService/GetCustomer"
		list      = "CustomerService/ListCustomers"
		erase     = "CustomerService/DeleteCustomer"
		did       = "CustomerService/RecordInteractions"
		doings    = "CustomerService/ListInteractions"
		course    = "CustomerService/GetTrajectory"
	)
	rating := func(id, pillar string) string {
		return fmt.Sprintf(`{"itemId":%q,"prompt":"?","pillar":%q,"rating":{"min":0,"max":10}}`, id, pillar)
	}
	loyal := `{"questionnaire":{"questionnaireId":"loyal","items":[` + rating("trust", "PILLAR_ECI") + `,` + rating("use", "PILLAR_BEI") + `,` +
		rating("stay", "PILLAR_FII") + `]}}`
	habits := `{"questionnaire":{"questionnaireId":"habits","channels":["CHANNEL_MOBILE_APP"],"items":[` + rating("trust", "PILLAR_ECI") +
		`,{"itemId":"use","pillar":"PILLAR_BEI","behaviour":{"measure":"BEHAVIOUR_MEASURE_RECENCY","kinds":["visit","buy"]}},` + rating("stay", "PILLAR_FII") + `]}}`
	// A CMI of ten times the answer.
	response := func(id, customer, day string, x float64) string {
		return fmt.Sprintf(`{"responseId":%q,"customerId":%q,"submittedAt":"2026-%sT10:00:00Z","answers":[`+
			`{"itemId":"trust","number":%v},{"itemId":"use","number":%v},{"itemId":"stay","number":%v}]}`, id, customer, day, x, x, x)
	}
	// Thirty days lie between two waves.
	waves := []string{
		response("ann-3", "ann", "07-04", 6), response("ann-1", "ann", "05-05", 4), response("ann-5", "ann", "09-02", 8),
		response("ann-2", "ann", "06-04", 5), response("ann-4", "ann", "08-03", 7),
		response("bob-1", "bob", "07-04", 9), response("bob-2", "bob", "08-03", 3),
	}
	visit := func(id, customer, at string) string {
		return fmt.Sprintf(`{"interactionId":%q,"customerId":%q,"kind":"visit","channel":"CHANNEL_ONLINE","occurredAt":%q}`, id, customer, at)
	}
	profile := `"accountId":"acme","segments":{"country":"ch","plan":"gold"},"firstSeenAt":"2026-03-01T00:00:00Z",` +
		`"spend":{"amount":49,"currency":"EUR","period":"SPEND_PERIOD_MONTH"}`
	everybody := strings.Builder{}
	for i := range 30 {
		if i > 0 {
			everybody.WriteString(",")
		}
		everybody.WriteString(response(fmt.Sprintf("crowd-%d", i), "", "10-01", float64(i%10)))
	}

	return []step{
		{rpc: create, request: loyal, method: "POST", path: "/v1/questionnaires", body: "="},
		{rpc: publish, request: `{"questionnaireId":"loyal"}`, method: "POST", path: "/v1/questionnaires/loyal:publish", body: `{}`},
		{rpc: create, request: habits, method: "POST", path: "/v1/questionnaires", body: "="},
		{rpc: publish, request: `{"questionnaireId":"habits"}`, method: "POST", path: "/v1/questionnaires/habits:publish", body: `{}`},

		// Profiles: saved whole, in part, in batches, against an etag.
		{rpc: get, request: `{"customerId":"ann"}`, method: "GET", path: "/v1/customers/ann",
			refused: noCustomer, field: "customer_id", says: `there is no customer "ann"`},
		{rpc: put, request: `{"customer":{"customerId":"ann",` + profile + `}}`, method: "PUT", path: "/v1/customers/ann", body: `{"customer":{` + profile + `}}`,
			want: []string{"created=true", "customer.customerId=ann", "customer.accountId=acme", "customer.segments.country=ch", "customer.spend.amount=49",
				"customer.createdAt=2026-11-02T09:30:00Z", "customer.firstSeenAt=2026-03-01T00:00:00Z", "customer.lifecycle="},
			keep: []string{"etag=customer.etag"}},
		{rpc: put, request: `{"customer":{"customerId":"ann","segments":{"plan":"team"}},"updateMask":"segments.plan"}`,
			method: "PUT", path: "/v1/customers/ann", body: `{"customer":{"segments":{"plan":"team"}},"updateMask":"segments.plan"}`,
			want: []string{"created=", "customer.segments.plan=team", "customer.segments.country=ch", "customer.accountId=acme"}},
		{rpc: put, request: `{"customer":{"customerId":"ann","etag":"${etag}","accountId":"other"},"updateMask":"accountId"}`,
			method: "PUT", path: "/v1/customers/ann", body: `{"customer":{"etag":"${etag}","accountId":"other"},"updateMask":"accountId"}`,
			refused: staleEtag, field: "customer.etag", says: "read it again"},
		{rpc: put, request: `{"customer":{"customerId":"ann"},"updateMask":"lifecycle"}`,
			method: "PUT", path: "/v1/customers/ann", body: `{"customer":{},"updateMask":"lifecycle"}`,
			refused: invalidRequest, field: "update_mask", says: "lifecycle"},
		{rpc: put, request: `{"customer":{"customerId":"ann","spend":{"amount":1,"currency":"euro","period":"SPEND_PERIOD_MONTH"}}}`,
			method: "PUT", path: "/v1/customers/ann", body: `{"customer":{"spend":{"amount":1,"currency":"euro","period":"SPEND_PERIOD_MONTH"}}}`,
			refused: invalidRequest, field: "customer.spend.currency", says: "euro"},
		{rpc: puts, request: `{"customers":[{"customerId":"bob","accountId":"acme"},{"customerId":"a/b"},{"customerId":"bob"}]}`,
			method: "POST", path: "/v1/customers:batch", body: "=",
			want: []string{"results.#=3", "results.0.created=true", "results.0.customer.customerId=bob",
				"results.1.error.details.1.fieldViolations.0.field=customers[1].customer_id", "results.2.error.details.1.fieldViolations.0.field=customers[2].customer_id"}},
		{rpc: puts, request: `{}`, method: "POST", path: "/v1/customers:batch", body: "=", refused: invalidRequest, field: "customers", says: "1 to 1000"},

		// What they do.
		{rpc: did, request: `{"interactions":[` + visit("i-1", "ann", "2026-08-22T10:00:00Z") + `,` + visit("i-2", "ann", "2026-08-23T10:00:00Z") + `,` +
			visit("i-1", "ann", "2026-08-22T10:00:00Z") + `,` + visit("i-2", "ann", "2026-08-24T10:00:00Z") + `,` + visit("i-3", "", "2026-08-24T10:00:00Z") + `]}`,
			method: "POST", path: "/v1/interactions:batch", body: "=",
			want: []string{"results.#=5", "results.0.interactionId=i-1", "results.0.replayed=", "results.0.error=", "results.2.replayed=true",
				"results.3.error.details.0.reason=INTERACTION_EXISTS", "results.4.error.details.0.reason=INVALID_INTERACTION",
				"results.4.error.details.1.fieldViolations.0.field=interactions[4].customer_id"}},
		{rpc: doings, request: `{"customerId":"ann","pageSize":1}`, method: "GET", path: "/v1/customers/ann/interactions?pageSize=1",
			want: []string{"interactions.#=1", "interactions.0.interactionId=i-2", "interactions.0.channel=CHANNEL_ONLINE"}, keep: []string{"page=nextPageToken"}},
		{rpc: doings, request: `{"customerId":"ann","pageSize":1,"pageToken":"${page}"}`, method: "GET", path: "/v1/customers/ann/interactions?pageSize=1&pageToken=${page}",
			want: []string{"interactions.#=1", "interactions.0.interactionId=i-1", "nextPageToken="}},
		{rpc: doings, request: `{"customerId":"nobody"}`, method: "GET", path: "/v1/customers/nobody/interactions",
			refused: noCustomer, field: "customer_id", says: `there is no customer "nobody"`},

		// Behaviour is measured when the response was submitted: the last visit is 9 days before, so recency is 100 * 0.5^(9/90).
		{rpc: score, request: `{"questionnaireId":"habits","response":{"responseId":"habits-1","customerId":"ann","submittedAt":"2026-09-01T10:00:00Z","answers":[` +
			`{"itemId":"trust","number":5},{"itemId":"stay","number":5}]}}`, method: "POST", path: "/v1/scores", body: "=",
			want: []string{"score.status=SCORE_STATUS_SCORED", "score.behaviour.daysSince=9", "score.pillars.1.score=93.30329915368074"}},
		{rpc: score, request: `{"questionnaireId":"habits","dryRun":true,"response":{"customerId":"ann","submittedAt":"2026-08-01T10:00:00Z","answers":[` +
			`{"itemId":"trust","number":5},{"itemId":"stay","number":5}]}}`, method: "POST", path: "/v1/scores", body: "=",
			want: []string{"score.status=SCORE_STATUS_PARTIAL", "score.behaviour="}}, // the tenant had recorded nothing by then

		// Which questionnaire: ann is active; unknown people are new. The own one for the app comes first there, else the own one for anywhere.
		{rpc: choose, request: `{"customerId":"ann","channel":"CHANNEL_MOBILE_APP"}`, method: "POST", path: "/v1/questionnaires:select", body: "=",
			want: []string{"lifecycle=LIFECYCLE_ACTIVE", "questionnaire.questionnaireId=habits"}},
		{rpc: choose, request: `{"customerId":"nobody","channel":"CHANNEL_ONLINE"}`, method: "POST", path: "/v1/questionnaires:select", body: "=",
			want: []string{"lifecycle=LIFECYCLE_NEW", "questionnaire.questionnaireId=loyal"}},
		{rpc: choose, request: `{"lifecycle":"LIFECYCLE_INACTIVE","channel":"CHANNEL_ONLINE","language":"de-AT"}`, method: "POST", path: "/v1/questionnaires:select", body: "=",
			want: []string{"lifecycle=LIFECYCLE_INACTIVE", "questionnaire.questionnaireId=loyal", "language="}},
		{rpc: choose, request: `{}`, method: "POST", path: "/v1/questionnaires:select", body: "=",
			refused: invalidRequest, field: "customer_id", says: "name the customer who will be asked, or a lifecycle"},
		{rpc: score, request: `{"dryRun":true,"response":` + response("", "ann", "10-10", 5) + `}`, method: "POST", path: "/v1/scores", body: "=",
			want: []string{"score.questionnaireId=habits", "score.questionnaireVersion=1"}},
		{rpc: score, request: `{"dryRun":true,"response":{"answers":[]}}`, method: "POST", path: "/v1/scores", body: "=",
			refused: invalidRequest, field: "questionnaire_id", says: "name the questionnaire that was answered, or the customer"},

		// Waves of answers, recorded in any order. 40 to 80 in steps of 10 and of 30 days: a velocity of 10. S is 10 of 10 pairs, its
		// variance 5*4*15/18, so z = 9 / sqrt(50/3) = 2.2045. The stable bucket stays behind at 50 and 80, which are not 2 points
		// above the threshold.
		{rpc: batch, request: `{"questionnaireId":"loyal","responses":[` + strings.Join(waves, ",") + `]}`, method: "POST", path: "/v1/scores:batch", body: "=",
			want: []string{"results.#=7", "results.2.score.cmi=80", "results.2.score.interval="}},
		{rpc: course, request: `{"customerId":"ann","series":"loyal"}`, method: "GET", path: "/v1/customers/ann/trajectory?series=loyal",
			want: []string{"trajectory.customerId=ann", "trajectory.series=loyal", "trajectory.asOf=2026-11-02T09:30:00Z", "trajectory.points.#=5", "trajectory.totalPoints=5",
				"trajectory.points.0.score.responseId=ann-1", "trajectory.points.4.score.responseId=ann-5", "trajectory.points.0.used=true",
				"trajectory.points.1.stableBucket=BUCKET_AT_RISK", "trajectory.points.2.stableBucket=BUCKET_GROWTH",
				"trajectory.level=80", "trajectory.levelAt=2026-09-02T10:00:00Z", "trajectory.delta=10", "trajectory.velocity=10", "trajectory.mannKendall.s=10",
				"trajectory.direction=DIRECTION_RISING", "trajectory.directionBasis=DIRECTION_BASIS_MANN_KENDALL", "trajectory.bucket=BUCKET_ADVOCATE",
				"trajectory.stableBucket=BUCKET_GROWTH", "trajectory.stale=", "trajectory.reliableChangeIndex="}},
		{rpc: course, request: `{"customerId":"ann","asOf":"2026-07-04T10:00:00Z","maxPoints":2}`, method: "GET", path: "/v1/customers/ann/trajectory?asOf=2026-07-04T10:00:00Z&maxPoints=2",
			want: []string{"trajectory.points.#=2", "trajectory.totalPoints=3", "trajectory.points.0.score.responseId=ann-2", "trajectory.level=60", "trajectory.velocity=10",
				"trajectory.mannKendall=", "trajectory.direction=DIRECTION_INSUFFICIENT"}},
		{rpc: course, request: `{"customerId":"ann","series":"other"}`, method: "GET", path: "/v1/customers/ann/trajectory?series=other",
			want: []string{"trajectory.points=", "trajectory.level=", "trajectory.direction=DIRECTION_INSUFFICIENT"}},
		{rpc: course, request: `{"customerId":"nobody"}`, method: "GET", path: "/v1/customers/nobody/trajectory",
			refused: noCustomer, field: "customer_id", says: `there is no customer "nobody"`},
		{rpc: why, request: `{"customerId":"ann","series":"loyal"}`, method: "GET", path: "/v1/customers/ann:explainChange?series=loyal",
			want: []string{"change.from.responseId=ann-4", "change.to.responseId=ann-5", "change.delta=10", "change.version=0", "change.items.#=3", "change.items.0.itemId=trust",
				"change.items.0.scoreBefore=70", "change.items.0.scoreAfter=80", "change.reliableChangeIndex="}},
		{rpc: why, request: `{"customerId":"bob","toResponseId":"bob-1"}`, method: "GET", path: "/v1/customers/bob:explainChange?toResponseId=bob-1",
			refused: notComparable, says: "no two scores"},
		{rpc: why, request: `{"customerId":"nobody"}`, method: "GET", path: "/v1/customers/nobody:explainChange",
			refused: noCustomer, field: "customer_id", says: `there is no customer "nobody"`},

		// How sure: once calibrated, 90 to 30 is more than noise.
		{rpc: calibrate, request: `{"questionnaireId":"habits"}`, method: "POST", path: "/v1/questionnaires/habits:calibrate", body: `{}`,
			refused: notEnough, says: "needs at least 30"},
		{rpc: course, request: `{"customerId":"bob"}`, method: "GET", path: "/v1/customers/bob/trajectory", want: []string{"trajectory.direction=DIRECTION_INSUFFICIENT", "trajectory.delta=-60"}},
		{rpc: batch, request: `{"questionnaireId":"loyal","responses":[` + everybody.String() + `]}`, method: "POST", path: "/v1/scores:batch", body: "=", want: []string{"results.#=30"}},
		{rpc: calibrate, request: `{"questionnaireId":"loyal"}`, method: "POST", path: "/v1/questionnaires/loyal:calibrate", body: `{}`,
			want: []string{"calibration.questionnaireId=loyal", "calibration.questionnaireVersion=1", "calibration.n=32", "calibration.pillars.#=3",
				"calibration.pillars.0.nItems=1", "calibration.pillars.0.alpha=", "calibration.sem="}, // one item for each pillar
			keep: []string{"calibration=calibration.calibrationId"}},
		{rpc: history, request: `{"questionnaireId":"loyal"}`, method: "GET", path: "/v1/questionnaires/loyal/calibrations",
			want: []string{"calibrations.#=1", "calibrations.0.calibrationId=${calibration}", "nextPageToken="}},
		{rpc: history, request: `{"questionnaireId":"loyal","version":2}`, method: "GET", path: "/v1/questionnaires/loyal/calibrations?version=2", want: []string{"calibrations="}},
		{rpc: score, request: `{"questionnaireId":"loyal","dryRun":true,"response":` + response("", "ann", "10-10", 5) + `}`, method: "POST", path: "/v1/scores", body: "=",
			want: []string{"score.calibrationId=${calibration}", "score.interval=", "score.cmi=50"}},

		// One customer and many. Five months from 2026-03-01 and two visits make for little key weight; bob has been silent for 91 days, so the mean of the active is ann's.
		{rpc: get, request: `{"customerId":"ann"}`, method: "GET", path: "/v1/customers/ann",
			want: []string{"customer.customerId=ann", "customer.lifecycle=LIFECYCLE_ACTIVE", "customer.standing.series=loyal", "customer.standing.level=80",
				"customer.standing.direction=DIRECTION_RISING", "customer.standing.velocity=10", "customer.standing.stableBucket=BUCKET_GROWTH",
				"latestScore.responseId=ann-5", "keyWeight.score=80", "keyWeight.mean=80", "keyWeight.meanCustomers=1", "keyWeight.firstSeenAt=2026-03-01T00:00:00Z"}},
		{rpc: get, request: `{"customerId":"ann","asOf":"2026-05-06T00:00:00Z","readMask":"customer.standing,latestScore"}`,
			method: "GET", path: "/v1/customers/ann?asOf=2026-05-06T00:00:00Z&readMask=customer.standing,latestScore",
			want: []string{"customer.customerId=", "customer.standing.level=40", "latestScore.responseId=ann-1", "keyWeight="}},
		{rpc: get, request: `{"customerId":"ann","readMask":"nonsense"}`, method: "GET", path: "/v1/customers/ann?readMask=nonsense",
			refused: invalidRequest, field: "read_mask", says: "nonsense"},
		{rpc: list, request: `{}`, method: "GET", path: "/v1/customers", want: []string{"customers.#=2", "customers.0.customerId=ann", "customers.1.customerId=bob", "nextPageToken=", "pending="}},
		{rpc: list, request: `{"orderBy":"cmi","pageSize":1}`, method: "GET", path: "/v1/customers?orderBy=cmi&pageSize=1",
			want: []string{"customers.#=1", "customers.0.customerId=bob"}, keep: []string{"page=nextPageToken"}},
		{rpc: list, request: `{"orderBy":"cmi","pageSize":1,"pageToken":"${page}"}`, method: "GET", path: "/v1/customers?orderBy=cmi&pageSize=1&pageToken=${page}",
			want: []string{"customers.#=1", "customers.0.customerId=ann"}},
		{rpc: list, request: `{"pageToken":"${page}"}`, method: "GET", path: "/v1/customers?pageToken=${page}", refused: badPageToken, field: "page_token", says: "other filters"},
		{rpc: list, request: `{"direction":"DIRECTION_RISING","stableBucket":"BUCKET_GROWTH","bucket":"BUCKET_ADVOCATE","lifecycle":"LIFECYCLE_ACTIVE","accountId":"acme",` +
			`"segments":["country=ch","plan=team"],"maxPValue":0.05,"orderBy":"velocity desc","readMask":"customerId,standing.velocity"}`,
			method: "GET", path: "/v1/customers?direction=DIRECTION_RISING&stableBucket=BUCKET_GROWTH&bucket=BUCKET_ADVOCATE&lifecycle=LIFECYCLE_ACTIVE&accountId=acme" +
				"&segments=country%3Dch&segments=plan%3Dteam&maxPValue=0.05&orderBy=velocity%20desc&readMask=customerId,standing.velocity",
			want: []string{"customers.#=1", "customers.0.customerId=ann", "customers.0.standing.velocity=10", "customers.0.standing.level=", "customers.0.accountId="}},
		{rpc: list, request: `{"segments":["plan=gold"]}`, method: "GET", path: "/v1/customers?segments=plan%3Dgold", want: []string{"customers="}},
		{rpc: list, request: `{"minKeyWeight":0.99}`, method: "GET", path: "/v1/customers?minKeyWeight=0.99", want: []string{"customers="}},
		{rpc: list, request: `{"asOf":"2026-05-06T00:00:00Z","bucket":"BUCKET_AT_RISK"}`, method: "GET", path: "/v1/customers?asOf=2026-05-06T00:00:00Z&bucket=BUCKET_AT_RISK",
			want: []string{"customers.#=1", "customers.0.customerId=ann"}},
		{rpc: list, request: `{"orderBy":"name"}`, method: "GET", path: "/v1/customers?orderBy=name", refused: invalidRequest, field: "order_by", says: "velocity desc"},

		// Erasing.
		{rpc: erase, request: `{"customerId":"ann"}`, method: "DELETE", path: "/v1/customers/ann", want: []string{"interactions=2", "responses=6"}},
		{rpc: erase, request: `{"customerId":"ann"}`, method: "DELETE", path: "/v1/customers/ann", refused: noCustomer, field: "customer_id", says: `there is no customer "ann"`},
		{rpc: get, request: `{"customerId":"ann"}`, method: "GET", path: "/v1/customers/ann", refused: noCustomer, field: "customer_id", says: `there is no customer "ann"`},
		{rpc: scores, request: `{"customerId":"ann"}`, method: "GET", path: "/v1/scores?customerId=ann", want: []string{"scores="}},
		{rpc: list, request: `{}`, method: "GET", path: "/v1/customers", want: []string{"customers.#=1", "customers.0.customerId=bob"}},
		{rpc: score, request: `{"questionnaireId":"loyal","response":` + waves[0] + `}`, method: "POST", path: "/v1/scores", body: "=",
			refused: customerErased, field: "response.response_id", says: `response "ann-3" was erased with its customer`},
		{rpc: did, request: `{"interactions":[` + visit("i-1", "ann", "2026-08-22T10:00:00Z") + `,` + visit("i-9", "ann", "2026-08-22T10:00:00Z") + `]}`,
			method: "POST", path: "/v1/interactions:batch", body: "=",
			want: []string{"results.0.error.details.0.reason=CUSTOMER_ERASED", "results.1.error.details.0.reason=CUSTOMER_ERASED"}},
		{rpc: put, request: `{"customer":{"customerId":"ann"}}`, method: "PUT", path: "/v1/customers/ann", body: `{"customer":{}}`,
			refused: customerErased, field: "customer.customer_id", says: "revive"},
		{rpc: score, request: `{"questionnaireId":"loyal","response":` + response("ann-again", "ann", "10-20", 5) + `}`, method: "POST", path: "/v1/scores", body: "=",
			want: []string{"score.cmi=50"}},
		{rpc: course, request: `{"customerId":"ann"}`, method: "GET", path: "/v1/customers/ann/trajectory", want: []string{"trajectory.points.#=1", "trajectory.level=50"}},
		{rpc: put, request: `{"customer":{"customerId":"ann","accountId":"fresh"}}`, method: "PUT", path: "/v1/customers/ann", body: `{"customer":{"accountId":"fresh"}}`,
			want: []string{"customer.accountId=fresh", "created="}},
	}
}
