package server_test

import "fmt"

// outcomeSteps are what relationships come to, and how many were asked. It is lived on 2026-11-02.
func outcomeSteps() []step {
	const (
		record = "OutcomeService/RecordOutcomes"
		list   = "OutcomeService/ListOutcomes"
		invite = "OutcomeService/RecordInvitations"
		get    = "CustomerService/GetCustomer"
		erase  = "CustomerService/DeleteCustomer"
	)
	came := func(id, customer, kind, day, money string) string {
		return fmt.Sprintf(`{"outcomeId":%q,"customerId":%q,"kind":%q,"occurredAt":"2026-%sT10:00:00.1234567Z"%s}`, id, customer, kind, day, money)
	}
	renewed := came("o-1", "ann", "OUTCOME_RENEWED", "08-01", `,"amount":1200.5,"currency":"EUR"`)
	invited := func(from, to, channel string, count int) string {
		return fmt.Sprintf(`{"from":"2026-%sT00:00:00Z","to":"2026-%sT00:00:00Z","questionnaireId":"builtin-new-online","channel":%q,"count":%d}`, from, to, channel, count)
	}
	return []step{
		{rpc: list, request: `{}`, method: "GET", path: "/v1/outcomes", want: []string{"outcomes=", "nextPageToken="}},
		{rpc: record, request: `{"outcomes":[` + renewed + `,` + came("o-2", "bob", "OUTCOME_CHURNED", "08-02", "") + `,` + renewed + `,` +
			came("o-2", "bob", "OUTCOME_RETURNED", "08-02", "") + `,` + came("o-3", "", "OUTCOME_CHURNED", "08-03", "") + `,` +
			came("o-4", "ann", "OUTCOME_CHURNED", "08-04", `,"amount":1`) + `,` + came("o-5", "ann", "OUTCOME_CHURNED", "08-04", `,"currency":"EUR"`) + `,` +
			came("o-6", "ann", "OUTCOME_CHURNED", "08-04", `,"amount":-1,"currency":"EUR"`) + `,{}]}`,
			method: "POST", path: "/v1/outcomes:batch", body: "=",
			want: []string{"results.#=9", "results.0.outcomeId=o-1", "results.0.replayed=", "results.0.error=", "results.1.error=", "results.2.replayed=true",
				"results.3.error.details.0.reason=OUTCOME_EXISTS", "results.3.error.details.1.fieldViolations.0.field=outcomes[3].outcome_id",
				"results.4.error.details.0.reason=INVALID_OUTCOME", "results.4.error.details.1.fieldViolations.0.field=outcomes[4].customer_id",
				"results.5.error.details.1.fieldViolations.0.field=outcomes[5].currency", "results.6.error.details.1.fieldViolations.0.field=outcomes[6].currency",
				"results.7.error.details.1.fieldViolations.0.field=outcomes[7].amount",
				"results.8.error.details.1.fieldViolations.#=4", "results.8.error.details.1.fieldViolations.2.field=outcomes[8].kind"}},
		{rpc: record, request: `{}`, method: "POST", path: "/v1/outcomes:batch", body: "=", refused: invalidRequest, field: "outcomes", says: "0 outcomes; a batch has 1 to 1000"},
		{rpc: get, request: `{"customerId":"bob"}`, method: "GET", path: "/v1/customers/bob",
			want: []string{"customer.customerId=bob", "customer.createdAt=2026-11-02T09:30:00Z", "customer.lifecycle=LIFECYCLE_NEW"}},

		{rpc: list, request: `{"pageSize":1}`, method: "GET", path: "/v1/outcomes?pageSize=1",
			want: []string{"outcomes.#=1", "outcomes.0.outcomeId=o-2", "outcomes.0.kind=OUTCOME_CHURNED", "outcomes.0.amount=", "outcomes.0.currency="}, keep: []string{"page=nextPageToken"}},
		{rpc: list, request: `{"pageSize":1,"pageToken":"${page}"}`, method: "GET", path: "/v1/outcomes?pageSize=1&pageToken=${page}",
			want: []string{"outcomes.#=1", "outcomes.0.outcomeId=o-1", "outcomes.0.amount=1200.5", "outcomes.0.currency=EUR",
				"outcomes.0.occurredAt=2026-08-01T10:00:00.123456Z", "nextPageToken="}},
		{rpc: list, request: `{"kind":"OUTCOME_RENEWED","pageToken":"${page}"}`, method: "GET", path: "/v1/outcomes?kind=OUTCOME_RENEWED&pageToken=${page}",
			refused: badPageToken, field: "page_token", says: "other filters"},
		{rpc: list, request: `{"customerId":"ann","kind":"OUTCOME_RENEWED","occurredFrom":"2026-08-01T00:00:00Z","occurredBefore":"2026-08-02T00:00:00Z"}`, method: "GET",
			path: "/v1/outcomes?customerId=ann&kind=OUTCOME_RENEWED&occurredFrom=2026-08-01T00:00:00Z&occurredBefore=2026-08-02T00:00:00Z", want: []string{"outcomes.#=1"}},
		{rpc: list, request: `{"customerId":"nobody"}`, method: "GET", path: "/v1/outcomes?customerId=nobody", want: []string{"outcomes="}},
		{rpc: list, request: `{"customerId":"a b"}`, method: "GET", path: "/v1/outcomes?customerId=a+b", refused: invalidRequest, field: "customer_id", says: "must be a letter or digit"},
		{rpc: list, request: `{"pageSize":1001}`, method: "GET", path: "/v1/outcomes?pageSize=1001", refused: invalidRequest, field: "page_size", says: "1001"},

		{rpc: invite, request: `{"invitations":[` + invited("07-01", "08-01", "CHANNEL_ONLINE", 400) + `,` + invited("07-01", "08-01", "CHANNEL_MOBILE_APP", 0) + `]}`,
			method: "POST", path: "/v1/invitations:batch", body: "=", want: []string{"changed=1"}},
		{rpc: invite, request: `{"invitations":[` + invited("07-01", "08-01", "CHANNEL_ONLINE", 400) + `]}`, method: "POST", path: "/v1/invitations:batch", body: "=", want: []string{"changed="}},
		{rpc: invite, request: `{"invitations":[` + invited("07-01", "08-01", "CHANNEL_ONLINE", 399) + `,` + invited("08-01", "07-01", "CHANNEL_ONLINE", 1) + `]}`,
			method: "POST", path: "/v1/invitations:batch", body: "=", refused: invalidRequest, field: "invitations[1].to", says: "2026-07-01T00:00:00Z is not after from"},
		{rpc: invite, request: `{"invitations":[` + invited("07-01", "08-01", "CHANNEL_UNSPECIFIED", 1) + `]}`,
			method: "POST", path: "/v1/invitations:batch", body: "=", refused: invalidRequest, field: "invitations[0].channel", says: "CHANNEL_ONLINE or CHANNEL_MOBILE_APP is"},
		{rpc: invite, request: `{"invitations":[` + invited("07-01", "08-01", "CHANNEL_ONLINE", -1) + `]}`,
			method: "POST", path: "/v1/invitations:batch", body: "=", refused: invalidRequest, field: "invitations[0].count", says: "-1 is not a count"},
		{rpc: invite, request: `{}`, method: "POST", path: "/v1/invitations:batch", body: "=", refused: invalidRequest, field: "invitations", says: "at least 1"},
		{rpc: invite, request: `{"invitations":[` + invited("07-01", "08-01", "CHANNEL_ONLINE", 0) + `]}`, method: "POST", path: "/v1/invitations:batch", body: "=", want: []string{"changed=1"}},

		{rpc: erase, request: `{"customerId":"ann"}`, method: "DELETE", path: "/v1/customers/ann", want: []string{"outcomes=1"}},
		{rpc: list, request: `{}`, method: "GET", path: "/v1/outcomes", want: []string{"outcomes.#=1", "outcomes.0.outcomeId=o-2"}},
		{rpc: record, request: `{"outcomes":[` + renewed + `,` + came("o-9", "ann", "OUTCOME_CHURNED", "08-09", "") + `]}`, method: "POST", path: "/v1/outcomes:batch", body: "=",
			want: []string{"results.0.error.details.0.reason=CUSTOMER_ERASED", "results.1.error.details.0.reason=CUSTOMER_ERASED",
				"results.1.error.details.1.fieldViolations.0.field=outcomes[1].customer_id"}},
	}
}
