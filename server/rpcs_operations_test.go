package server_test

import "fmt"

// operationSteps are a day with another version of a questionnaire: what would it say of those who answered the one before?
func operationSteps() []step {
	const (
		create    = "QuestionnaireService/CreateQuestionnaire"
		update    = "QuestionnaireService/UpdateQuestionnaire"
		publish   = "QuestionnaireService/PublishQuestionnaire"
		put       = "CustomerService/PutCustomer"
		batch     = "ScoringService/BatchScoreCustomers"
		scored    = "ScoringService/GetScore"
		recompute = "ScoringService/RecomputeScores"
		scores    = "ScoringService/ListRecomputedScores"
		get       = "Operations/GetOperation"
		list      = "Operations/ListOperations"
		wait      = "Operations/WaitOperation"
		cancel    = "Operations/CancelOperation"
		remove    = "Operations/DeleteOperation"
	)
	rating := func(id, pillar string) string {
		return fmt.Sprintf(`{"itemId":%q,"prompt":"?","pillar":%q,"rating":{"min":0,"max":10}}`, id, pillar)
	}
	pulse := `{"questionnaireId":"pulse","items":[` + rating("trust", "PILLAR_ECI") + `,` + rating("use", "PILLAR_BEI") + `,` + rating("stay", "PILLAR_FII") + `]}`
	response := func(id, customer, channel, day string, trust, use, stay int) string {
		return fmt.Sprintf(`{"responseId":%q,"customerId":%q,"channel":"CHANNEL_%s","submittedAt":"2026-%sT10:00:00Z","answers":[`+
			`{"itemId":"trust","number":%d},{"itemId":"use","number":%d},{"itemId":"stay","number":%d}]}`, id, customer, channel, day, trust, use, stay)
	}
	// By version 1, in which the pillars weigh the same, 60, 60, 90 and 50; by version 2, in which trust weighs double, 70, 45, 92.5
	// and 50. The last one lies before the period.
	answers := `[` + response("ann-1", "ann", "ONLINE", "09-01", 10, 4, 4) + `,` + response("bob-1", "bob", "ONLINE", "09-02", 0, 9, 9) + `,` +
		response("cat-1", "", "MOBILE_APP", "09-03", 10, 10, 7) + `,` + response("dan-1", "dan", "ONLINE", "09-04", 5, 5, 5) + `,` +
		response("old-1", "ann", "ONLINE", "06-01", 1, 1, 1) + `]`
	under2 := `{"operationId":"under-2","questionnaireId":"pulse","version":2,"submittedFrom":"2026-09-01T00:00:00Z",` +
		`"submittedBefore":"2026-10-01T00:00:00Z","groupBy":["segments.country","channel","questionnaire_version","account"]}`
	return []step{
		{rpc: create, request: `{"questionnaire":` + pulse + `}`, method: "POST", path: "/v1/questionnaires", body: "="},
		{rpc: publish, request: `{"questionnaireId":"pulse"}`, method: "POST", path: "/v1/questionnaires/pulse:publish", body: `{}`},
		{rpc: put, request: `{"customer":{"customerId":"ann","accountId":"acme","segments":{"country":"ch"}}}`,
			method: "PUT", path: "/v1/customers/ann", body: `{"customer":{"accountId":"acme","segments":{"country":"ch"}}}`},
		{rpc: put, request: `{"customer":{"customerId":"bob","segments":{"country":"de"}}}`,
			method: "PUT", path: "/v1/customers/bob", body: `{"customer":{"segments":{"country":"de"}}}`},
		{rpc: batch, request: `{"questionnaireId":"pulse","responses":` + answers + `}`, method: "POST", path: "/v1/scores:batch", body: "=",
			want: []string{"results.0.score.cmi=60", "results.1.score.cmi=60", "results.2.score.cmi=90", "results.3.score.cmi=50"}},

		// What can be refused is refused before anything is started.
		{rpc: recompute, request: under2, method: "POST", path: "/v1/scores:recompute", body: "=",
			refused: noQuestionnaire, field: "version", says: `there is no version 2 of questionnaire "pulse"`},
		{rpc: recompute, request: `{"operationId":"a b","questionnaireId":"pulse"}`, method: "POST", path: "/v1/scores:recompute", body: "=",
			refused: invalidRequest, field: "operation_id", says: `must be a letter or digit, then up to 127`},
		{rpc: recompute, request: `{"operationId":"x","questionnaireId":"pulse","groupBy":["colour"]}`, method: "POST", path: "/v1/scores:recompute", body: "=",
			refused: invalidRequest, field: "group_by[0]", says: "must be channel, questionnaire_version, account, or segments.KEY"},
		{rpc: recompute, request: `{"operationId":"x","questionnaireId":"pulse","submittedFrom":"2026-09-01T00:00:00Z","submittedBefore":"2026-09-01T00:00:00Z"}`,
			method: "POST", path: "/v1/scores:recompute", body: "=",
			refused: invalidRequest, field: "submitted_before", says: "2026-09-01T00:00:00Z is not after submitted_from"},
		{rpc: get, request: `{"name":"operations/under-2"}`, method: "GET", path: "/v1/operations/under-2",
			refused: noOperation, field: "name", says: `there is no operation "under-2"`},
		{rpc: scores, request: `{"operationId":"under-2"}`, method: "GET", path: "/v1/operations/under-2/scores",
			refused: noOperation, field: "operation_id", says: `there is no recompute "under-2"`},

		// A draft is enough to see what it would say.
		{rpc: update, request: `{"questionnaire":{"questionnaireId":"pulse","pillarWeights":{"eci":2,"bei":1,"fii":1}},"updateMask":"pillarWeights"}`,
			method: "PATCH", path: "/v1/questionnaires/pulse", body: `{"questionnaire":{"pillarWeights":{"eci":2,"bei":1,"fii":1}},"updateMask":"pillarWeights"}`,
			want: []string{"questionnaire.version=2", "questionnaire.state=STATE_DRAFT"}},
		{rpc: recompute, request: under2, method: "POST", path: "/v1/scores:recompute", body: "=",
			want: []string{"name=operations/under-2", "metadata.@type=type.googleapis.com/cmi.v1.OperationMetadata", "metadata.kind=recompute",
				"metadata.createdAt=2026-11-02T09:30:00Z", "metadata.recompute.version=2", "metadata.recompute.groupBy.0=segments.country"}},
		{rpc: wait, request: `{"name":"operations/under-2","timeout":"25s"}`, method: "POST", path: "/v1/operations/under-2:wait", body: `{"timeout":"25s"}`,
			want: []string{"done=true", "metadata.state=OPERATION_STATE_SUCCEEDED", "metadata.progress=1", "metadata.responsesTotal=4", "metadata.responsesDone=4",
				"metadata.expiresAt=2026-12-02T09:30:00Z", "error=",
				"response.@type=type.googleapis.com/cmi.v1.RecomputeScoresResponse", "response.version=2",
				"response.overall.responses=4", "response.overall.bucketChanges=1", "response.overall.compared=4",
				// (60 + 60 + 90 + 50) / 4, (70 + 45 + 92.5 + 50) / 4, and (10 + 15 + 2.5 + 0) / 4.
				"response.overall.meanBefore=65", "response.overall.meanAfter=64.375", "response.overall.meanChange=-0.625",
				"response.overall.meanAbsoluteChange=6.875", "response.overall.minChange=-15", "response.overall.maxChange=10",
				"response.overall.moves.#=3", "response.overall.moves.0.before=BUCKET_GROWTH", "response.overall.moves.0.after=BUCKET_AT_RISK",
				"response.overall.moves.0.responses=1", "response.overall.moves.1.responses=2", "response.overall.moves.2.before=BUCKET_ADVOCATE",
				"response.groups.#=8",
				"response.groups.0.groupBy=segments.country", "response.groups.0.value=", "response.groups.0.comparison.responses=2",
				"response.groups.1.value=ch", "response.groups.1.comparison.meanChange=10", "response.groups.2.value=de", "response.groups.2.comparison.bucketChanges=1",
				"response.groups.3.groupBy=channel", "response.groups.3.value=CHANNEL_ONLINE", "response.groups.3.comparison.responses=3",
				"response.groups.4.value=CHANNEL_MOBILE_APP",
				"response.groups.5.groupBy=questionnaire_version", "response.groups.5.value=1", "response.groups.5.comparison.responses=4",
				"response.groups.6.groupBy=account", "response.groups.6.value=", "response.groups.7.value=acme"}},
		{rpc: get, request: `{"name":"operations/under-2"}`, method: "GET", path: "/v1/operations/under-2",
			want: []string{"done=true", "response.overall.responses=4"}},
		{rpc: recompute, request: under2, method: "POST", path: "/v1/scores:recompute", body: "=", want: []string{"name=operations/under-2", "done=true"}},
		{rpc: recompute, request: `{"operationId":"under-2","questionnaireId":"pulse","version":1}`, method: "POST", path: "/v1/scores:recompute", body: "=",
			refused: operationIs, field: "operation_id", says: "was started with another request"},

		// The series beside the recorded one, which stays as it is.
		{rpc: scores, request: `{"operationId":"under-2"}`, method: "GET", path: "/v1/operations/under-2/scores",
			want: []string{"scores.#=4", "scores.0.recorded.responseId=bob-1", "scores.0.recorded.cmi=60", "scores.0.recorded.questionnaireVersion=1",
				"scores.0.recomputed.responseId=bob-1", "scores.0.recomputed.customerId=bob", "scores.0.recomputed.cmi=45",
				"scores.0.recomputed.questionnaireVersion=2", "scores.0.recomputed.bucket=BUCKET_AT_RISK", "scores.0.recomputed.submittedAt=2026-09-02T10:00:00Z",
				"scores.0.recomputed.pillars.1.score=90", "scores.3.recorded.responseId=cat-1", "scores.3.recomputed.cmi=92.5", "nextPageToken="}},
		{rpc: scores, request: `{"operationId":"under-2","bucketChanged":true}`, method: "GET", path: "/v1/operations/under-2/scores?bucketChanged=true",
			want: []string{"scores.#=1", "scores.0.recomputed.responseId=bob-1"}},
		{rpc: scores, request: `{"operationId":"under-2","bucketBefore":"BUCKET_ADVOCATE","bucketAfter":"BUCKET_ADVOCATE"}`,
			method: "GET", path: "/v1/operations/under-2/scores?bucketBefore=BUCKET_ADVOCATE&bucketAfter=BUCKET_ADVOCATE",
			want: []string{"scores.#=1", "scores.0.recomputed.responseId=cat-1"}},
		{rpc: scores, request: `{"operationId":"under-2","customerId":"ann"}`, method: "GET", path: "/v1/operations/under-2/scores?customerId=ann",
			want: []string{"scores.#=1", "scores.0.recomputed.responseId=ann-1", "scores.0.recomputed.cmi=70"}},
		{rpc: scores, request: `{"operationId":"under-2","pageSize":3}`, method: "GET", path: "/v1/operations/under-2/scores?pageSize=3",
			want: []string{"scores.#=3"}, keep: []string{"page=nextPageToken"}},
		{rpc: scores, request: `{"operationId":"under-2","pageSize":3,"pageToken":"${page}"}`, method: "GET", path: "/v1/operations/under-2/scores?pageSize=3&pageToken=${page}",
			want: []string{"scores.#=1", "scores.0.recomputed.responseId=cat-1", "nextPageToken="}},
		{rpc: scored, request: `{"responseId":"bob-1"}`, method: "GET", path: "/v1/scores/bob-1",
			want: []string{"score.cmi=60", "score.bucket=BUCKET_GROWTH", "score.questionnaireVersion=1"}},

		// A period without responses, and what it comes to.
		{rpc: recompute, request: `{"operationId":"nobody","questionnaireId":"pulse","submittedBefore":"2020-01-01T00:00:00Z"}`,
			method: "POST", path: "/v1/scores:recompute", body: "=", want: []string{"metadata.recompute.version=1"}},
		{rpc: wait, request: `{"name":"operations/nobody"}`, method: "POST", path: "/v1/operations/nobody:wait", body: `{}`,
			want: []string{"done=true", "response.questionnaireId=pulse", "response.overall.responses=", "response.overall.meanBefore=", "response.overall.moves="}},

		// Lists, and the ends of operations.
		{rpc: list, request: `{"name":"operations","pageSize":1}`, method: "GET", path: "/v1/operations?pageSize=1",
			want: []string{"operations.#=1", "operations.0.name=operations/nobody"}, keep: []string{"next=nextPageToken"}},
		{rpc: list, request: `{"name":"operations","pageSize":1,"pageToken":"${next}"}`, method: "GET", path: "/v1/operations?pageSize=1&pageToken=${next}",
			want: []string{"operations.#=1", "operations.0.name=operations/under-2", "nextPageToken="}},
		{rpc: list, request: `{"name":"operations","filter":"done = false"}`, method: "GET", path: "/v1/operations?filter=done%20%3D%20false",
			want: []string{"operations="}},
		{rpc: list, request: `{"name":"operations","filter":"kind = 1"}`, method: "GET", path: "/v1/operations?filter=kind%20%3D%201",
			refused: invalidRequest, field: "filter", says: `"kind = 1" is not a filter`},
		{rpc: list, request: `{"name":"operations","pageSize":1001}`, method: "GET", path: "/v1/operations?pageSize=1001",
			refused: invalidRequest, field: "page_size", says: "1001 is not between 0 and 1000"},
		{rpc: cancel, request: `{"name":"operations/under-2"}`, method: "POST", path: "/v1/operations/under-2:cancel", body: `{}`},
		{rpc: get, request: `{"name":"operations/under-2"}`, method: "GET", path: "/v1/operations/under-2", want: []string{"metadata.state=OPERATION_STATE_SUCCEEDED"}},
		{rpc: remove, request: `{"name":"operations/under-2"}`, method: "DELETE", path: "/v1/operations/under-2"},
		{rpc: remove, request: `{"name":"operations/under-2"}`, method: "DELETE", path: "/v1/operations/under-2",
			refused: noOperation, field: "name", says: `there is no operation "under-2"`},
		{rpc: recompute, request: `{"operationId":"under-2","questionnaireId":"pulse","version":1}`, method: "POST", path: "/v1/scores:recompute", body: "=",
			want: []string{"name=operations/under-2"}},
		{rpc: wait, request: `{"name":"operations/under-2"}`, method: "POST", path: "/v1/operations/under-2:wait", body: `{}`,
			want: []string{"done=true", "response.overall.responses=5", "response.overall.meanChange=0", "response.overall.meanAbsoluteChange=0"}},
		{rpc: wait, request: `{"name":"operations/under-2","timeout":"-1s"}`, method: "POST", path: "/v1/operations/under-2:wait", body: `{"timeout":"-1s"}`,
			refused: invalidRequest, field: "timeout", says: "-1s is not a time of 0 or more"},
	}
}
