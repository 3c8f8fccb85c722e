package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// step is one call of a client's day, by gRPC and over HTTP. ${name} stands for what an earlier step kept.
type step struct {
	// rpc is Service/Method, request its message as JSON; of a stream, one message a line.
	rpc, request string
	// method and path are the call over HTTP, body what a client would write there; = is the request.
	method, path, body string
	// want are paths into the answer with the values there: `score.bucket=BUCKET_GROWTH`; `score.cmi=` must be absent, and
	// `scores.#=2` counts. Of a stream the answer is the list of its messages.
	want []string
	// keep names values of the answer for later steps: name=path.
	keep []string
	// refused, where it has a reason, is how the call must fail, over field and saying says.
	refused     refusal
	field, says string
}

// steps are what the service is for, in the order of a first day: write a questionnaire, publish it, score, read, correct.
func steps() []step {
	const (
		items = `[{"itemId":"trust","prompt":"I trust them","pillar":"PILLAR_ECI","facet":"trust","rating":{"min":1,"max":5,"step":1}},` +
			`{"itemId":"visits","prompt":"Visits","pillar":"PILLAR_BEI","facet":"frequency","count":{"saturation":9}},` +
			`{"itemId":"stay","prompt":"Will you stay?","pillar":"PILLAR_FII","facet":"continue","yesNo":{}},` +
			`{"itemId":"why","prompt":"Why?","text":{}}]`
		// ann scores 75, 100 and 100; bob 0, 0 and 0; cat says nothing that counts.
		ann = `{"responseId":"ann-1","customerId":"ann","channel":"CHANNEL_ONLINE","submittedAt":"2026-09-01T10:00:00Z","answers":[` +
			`{"itemId":"trust","number":4},{"itemId":"visits","number":9},{"itemId":"stay","yes":true},` +
			`{"itemId":"why","text":"They know me.","topics":["staff","memory"]}]}`
		bob = `{"responseId":"bob-1","customerId":"bob","submittedAt":"2026-09-02T10:00:00Z","answers":[` +
			`{"itemId":"trust","number":1},{"itemId":"visits","number":0},{"itemId":"stay","yes":false}]}`
		cat = `{"responseId":"cat-1","submittedAt":"2026-09-03T10:00:00Z","answers":[{"itemId":"trust","noAnswer":"NO_ANSWER_DONT_KNOW"}]}`
		dan = `{"responseId":"dan-1","customerId":"ann","submittedAt":"2026-09-04T10:00:00Z","answers":[` +
			`{"itemId":"trust","number":3},{"itemId":"visits","number":9},{"itemId":"stay","noAnswer":"NO_ANSWER_NOT_APPLICABLE"}]}`
		bad = `{"responseId":"bad-1","answers":[{"itemId":"trust","number":9}]}`
	)
	const (
		create  = "QuestionnaireService/CreateQuestionnaire"
		get     = "QuestionnaireService/GetQuestionnaire"
		list    = "QuestionnaireService/ListQuestionnaires"
		update  = "QuestionnaireService/UpdateQuestionnaire"
		publish = "QuestionnaireService/PublishQuestionnaire"
		archive = "QuestionnaireService/ArchiveQuestionnaire"
		lint    = "QuestionnaireService/LintQuestionnaire"
		score   = "ScoringService/ScoreCustomer"
		batch   = "ScoringService/BatchScoreCustomers"
		stream  = "ScoringService/StreamScores"
		scored  = "ScoringService/GetScore"
		scores  = "ScoringService/ListScores"
		explain = "ScoringService/ExplainScore"
		told    = "ScoringService/GetResponse"
		tells   = "ScoringService/ListResponses"
		void    = "ScoringService/VoidResponse"
	)
	return []step{
		// A questionnaire is linted before it exists, created, mended, and published.
		{rpc: lint, request: `{"questionnaire":{"questionnaireId":"shop","items":[{"itemId":"trust","rating":{"min":5,"max":1}}]}}`,
			method: "POST", path: "/v1/questionnaires:lint", body: "=",
			want: []string{"faults.0.path=items[0].pillar", "faults.1.path=items[0].rating.max", "faults.1.message=1 is not allowed; numbers above min, 5, are"}},
		{rpc: lint, request: `{}`, method: "POST", path: "/v1/questionnaires:lint", body: "=",
			refused: invalidRequest, field: "source", says: "exactly one of questionnaire, stored must be given"},
		{rpc: create, request: `{"questionnaire":{"questionnaireId":"shop","title":"Shop","items":[{"itemId":"trust"}]}}`,
			method: "POST", path: "/v1/questionnaires", body: "=",
			want: []string{"questionnaire.questionnaireId=shop", "questionnaire.version=1", "questionnaire.state=STATE_DRAFT",
				"questionnaire.createdAt=2026-11-02T09:30:00Z", "questionnaire.publishedAt="},
			keep: []string{"etag=questionnaire.etag"}},
		{rpc: create, request: `{"questionnaire":{"questionnaireId":"shop"}}`, method: "POST", path: "/v1/questionnaires", body: "=",
			refused: questionnaireIs, field: "questionnaire.questionnaire_id", says: `there is a questionnaire "shop" already`},
		{rpc: create, request: `{"questionnaire":{"questionnaireId":"builtin-mine"}}`, method: "POST", path: "/v1/questionnaires", body: "=",
			refused: reservedID, field: "questionnaire.questionnaire_id", says: `ids that start with "builtin-" belong to the service`},
		{rpc: create, request: `{"questionnaire":{"questionnaireId":"a/b"}}`, method: "POST", path: "/v1/questionnaires", body: "=",
			refused: invalidRequest, field: "questionnaire.questionnaire_id", says: `must be a letter or digit, then up to 127`},
		{rpc: get, request: `{"questionnaireId":"shop"}`, method: "GET", path: "/v1/questionnaires/shop",
			refused: noQuestionnaire, field: "questionnaire_id", says: "is not published yet; publish it, or name its draft, version 1"},
		{rpc: get, request: `{"questionnaireId":"shop","version":-1}`, method: "GET", path: "/v1/questionnaires/shop?version=-1",
			refused: invalidRequest, field: "version", says: "got -1"},
		{rpc: publish, request: `{"questionnaireId":"shop"}`, method: "POST", path: "/v1/questionnaires/shop:publish", body: `{}`,
			refused: hasFaults, field: "questionnaire.items[0].scale", says: "an item without a scale is not allowed"},
		{rpc: score, request: `{"questionnaireId":"shop","version":1,"dryRun":true,"response":{}}`, method: "POST", path: "/v1/scores", body: "=",
			refused: hasFaults, field: "questionnaire.items[0].scale", says: "an item without a scale is not allowed"},
		{rpc: update, request: `{"questionnaire":{"questionnaireId":"shop","etag":"${etag}","items":` + items + `},"updateMask":"items"}`,
			method: "PATCH", path: "/v1/questionnaires/shop", body: `{"questionnaire":{"etag":"${etag}","items":` + items + `},"updateMask":"items"}`,
			want: []string{"questionnaire.title=Shop", "questionnaire.items.#=4", "questionnaire.state=STATE_DRAFT"}, keep: []string{"newer=questionnaire.etag"}},
		{rpc: update, request: `{"questionnaire":{"questionnaireId":"shop","etag":"${etag}","title":"Mine"},"updateMask":"title"}`,
			method: "PATCH", path: "/v1/questionnaires/shop", body: `{"questionnaire":{"etag":"${etag}","title":"Mine"},"updateMask":"title"}`,
			refused: staleEtag, field: "etag", says: "it was changed since; read it again"},
		{rpc: update, request: `{"questionnaire":{"questionnaireId":"shop","pillarWeights":{"eci":2},"minPillarCoverage":0.25},"updateMask":"pillarWeights.eci,minPillarCoverage"}`,
			method: "PATCH", path: "/v1/questionnaires/shop",
			body: `{"questionnaire":{"pillarWeights":{"eci":2},"minPillarCoverage":0.25},"updateMask":"pillarWeights.eci,minPillarCoverage"}`,
			want: []string{"questionnaire.pillarWeights.eci=2", "questionnaire.pillarWeights.bei=", "questionnaire.minPillarCoverage=0.25", "questionnaire.items.#=4"}},
		{rpc: update, request: `{"questionnaire":{"questionnaireId":"shop"},"updateMask":"pillarWeights"}`,
			method: "PATCH", path: "/v1/questionnaires/shop", body: `{"updateMask":"pillarWeights"}`,
			want: []string{"questionnaire.pillarWeights=", "questionnaire.title=Shop"}},
		{rpc: update, request: `{"questionnaire":{"questionnaireId":"shop"},"updateMask":"state"}`,
			method: "PATCH", path: "/v1/questionnaires/shop", body: `{"questionnaire":{},"updateMask":"state"}`,
			refused: invalidRequest, field: "update_mask", says: `"state" is set by the service`},
		{rpc: update, request: `{"questionnaire":{"questionnaireId":"shop"},"updateMask":"titel"}`,
			method: "PATCH", path: "/v1/questionnaires/shop", body: `{"questionnaire":{},"updateMask":"titel"}`,
			refused: invalidRequest, field: "update_mask", says: `no field "titel"`},
		{rpc: update, request: `{"questionnaire":{"questionnaireId":"shop"}}`,
			method: "PATCH", path: "/v1/questionnaires/shop", body: `{"questionnaire":{"title":"T"}}`,
			refused: invalidRequest, field: "update_mask", says: "required"},
		{rpc: score, request: `{"questionnaireId":"shop","version":1,"dryRun":true,"explain":true,"response":` + ann + `}`,
			method: "POST", path: "/v1/scores", body: "=",
			want: []string{"score.questionnaireVersion=1", "score.status=SCORE_STATUS_SCORED", "score.bucket=BUCKET_ADVOCATE", "score.displayScore=91",
				"score.explanation.contributions.#=3", "score.explanation.contributions.0.itemId=trust", "score.explanation.contributions.0.score=75",
				"score.explanation.nextBucket="}},
		{rpc: publish, request: `{"questionnaireId":"shop","etag":"${newer}"}`, method: "POST", path: "/v1/questionnaires/shop:publish", body: `{"etag":"${newer}"}`,
			refused: staleEtag, field: "etag", says: "read it again"},
		{rpc: publish, request: `{"questionnaireId":"shop"}`, method: "POST", path: "/v1/questionnaires/shop:publish", body: `{}`,
			want: []string{"questionnaire.state=STATE_PUBLISHED", "questionnaire.version=1", "questionnaire.publishedAt=2026-11-02T09:30:00Z"}},
		{rpc: publish, request: `{"questionnaireId":"shop"}`, method: "POST", path: "/v1/questionnaires/shop:publish", body: `{}`,
			refused: nothingToPublish, field: "questionnaire_id", says: `version 1 of "shop" is published and there is no draft`},
		{rpc: lint, request: `{"stored":{"questionnaireId":"shop"}}`, method: "POST", path: "/v1/questionnaires:lint", body: "=", want: []string{"faults="}},
		{rpc: lint, request: `{"stored":{"questionnaireId":"nowhere"}}`, method: "POST", path: "/v1/questionnaires:lint", body: "=",
			refused: noQuestionnaire, field: "questionnaire_id", says: `there is no questionnaire "nowhere"`},

		// An update of what is published starts the next draft; a built-in one is copied.
		{rpc: update, request: `{"questionnaire":{"questionnaireId":"shop","title":"Shop, again"},"updateMask":"title"}`,
			method: "PATCH", path: "/v1/questionnaires/shop", body: `{"questionnaire":{"questionnaireId":"shop","title":"Shop, again"},"updateMask":"title"}`,
			want: []string{"questionnaire.version=2", "questionnaire.state=STATE_DRAFT", "questionnaire.publishedAt="}},
		{rpc: get, request: `{"questionnaireId":"shop"}`, method: "GET", path: "/v1/questionnaires/shop",
			want: []string{"questionnaire.version=1", "questionnaire.title=Shop", "questionnaire.items.0.rating.max=5"}},
		{rpc: get, request: `{"questionnaireId":"shop","version":2}`, method: "GET", path: "/v1/questionnaires/shop?version=2",
			want: []string{"questionnaire.version=2", "questionnaire.title=Shop, again"}},
		{rpc: create, request: `{"questionnaire":{"questionnaireId":"welcome","title":"Welcome"},"copyFrom":{"questionnaireId":"builtin-new-online"}}`,
			method: "POST", path: "/v1/questionnaires", body: "=",
			want: []string{"questionnaire.questionnaireId=welcome", "questionnaire.version=1", "questionnaire.state=STATE_DRAFT", "questionnaire.title=Welcome",
				"questionnaire.audience=AUDIENCE_NEW", "questionnaire.items.0.itemId=first_impression"}},
		{rpc: create, request: `{"questionnaire":{"questionnaireId":"welcome-2","items":[]},"copyFrom":{"questionnaireId":"nowhere"}}`,
			method: "POST", path: "/v1/questionnaires", body: "=", refused: noQuestionnaire, field: "questionnaire_id", says: `there is no questionnaire "nowhere"`},
		{rpc: publish, request: `{"questionnaireId":"welcome"}`, method: "POST", path: "/v1/questionnaires/welcome:publish", body: `{}`,
			want: []string{"questionnaire.state=STATE_PUBLISHED"}},

		// Lists: own ones first, then the nine built-in ones, page by page.
		{rpc: list, request: `{}`, method: "GET", path: "/v1/questionnaires",
			want: []string{"questionnaires.#=11", "questionnaires.0.questionnaireId=shop", "questionnaires.0.version=2", "questionnaires.1.questionnaireId=welcome",
				"questionnaires.2.questionnaireId=builtin-active-face-to-face", "nextPageToken="}},
		{rpc: list, request: `{"pageSize":2,"allVersions":true,"excludeBuiltin":true}`, method: "GET", path: "/v1/questionnaires?pageSize=2&allVersions=true&excludeBuiltin=true",
			want: []string{"questionnaires.#=2", "questionnaires.0.version=2", "questionnaires.1.version=1"}, keep: []string{"page=nextPageToken"}},
		{rpc: list, request: `{"pageSize":2,"allVersions":true,"excludeBuiltin":true,"pageToken":"${page}"}`,
			method: "GET", path: "/v1/questionnaires?pageSize=2&allVersions=true&excludeBuiltin=true&pageToken=${page}",
			want: []string{"questionnaires.#=1", "questionnaires.0.questionnaireId=welcome", "nextPageToken="}},
		{rpc: list, request: `{"pageToken":"${page}"}`, method: "GET", path: "/v1/questionnaires?pageToken=${page}",
			refused: badPageToken, field: "page_token", says: "this token belongs to a list with other filters"},
		{rpc: list, request: `{"pageSize":501}`, method: "GET", path: "/v1/questionnaires?pageSize=501", refused: invalidRequest, field: "page_size", says: "got 501"},
		{rpc: list, request: `{"audience":"AUDIENCE_NEW","channel":"CHANNEL_MOBILE_APP","state":"STATE_PUBLISHED"}`,
			method: "GET", path: "/v1/questionnaires?audience=AUDIENCE_NEW&channel=CHANNEL_MOBILE_APP&state=STATE_PUBLISHED",
			want: []string{"questionnaires.#=1", "questionnaires.0.questionnaireId=builtin-new-mobile-app"}},

		// Scoring, one by one, in a batch and as a stream.
		{rpc: score, request: `{"questionnaireId":"shop","response":` + ann + `}`, method: "POST", path: "/v1/scores", body: "=",
			want: []string{"score.responseId=ann-1", "score.customerId=ann", "score.questionnaireVersion=1", "score.series=shop", "score.channel=CHANNEL_ONLINE",
				"score.status=SCORE_STATUS_SCORED", "score.bucket=BUCKET_ADVOCATE", "score.displayScore=91", "score.pillars.0.pillar=PILLAR_ECI", "score.pillars.0.score=75",
				"score.pillars.0.facets.0.facet=trust", "score.submittedAt=2026-09-01T10:00:00Z", "score.scoredAt=2026-11-02T09:30:00Z", "score.explanation="},
			keep: []string{"cmi=score.cmi"}},
		{rpc: score, request: `{"questionnaireId":"builtin-new-online","dryRun":true,"response":{"answers":[{"itemId":"trust","noAnswer":"NO_ANSWER_DECLINED"}]}}`,
			method: "POST", path: "/v1/scores", body: "=",
			want: []string{"score.questionnaireId=builtin-new-online", "score.status=SCORE_STATUS_UNSCORED", "score.cmi=", "score.displayScore=", "score.bucket="}},
		{rpc: batch, request: `{"questionnaireId":"shop","responses":[` + ann + `,` + bad + `,` + bob + `]}`, method: "POST", path: "/v1/scores:batch", body: "=",
			want: []string{"results.#=3", "results.0.score.cmi=${cmi}", "results.0.responseId=", "results.1.score=", "results.1.responseId=bad-1",
				"results.1.error.code=3", "results.1.error.details.1.fieldViolations.0.field=responses[1].answers[0].number",
				"results.2.score.cmi=0", "results.2.score.displayScore=0", "results.2.score.bucket=BUCKET_AT_RISK"}},
		{rpc: batch, request: `{"questionnaireId":"shop","responses":[]}`, method: "POST", path: "/v1/scores:batch", body: "=",
			refused: invalidRequest, field: "responses", says: "0 responses; a batch has 1 to 1000"},
		{rpc: batch, request: `{"questionnaireId":"shop","responses":[{}` + strings.Repeat(",{}", 1000) + `]}`, method: "POST", path: "/v1/scores:batch", body: "=",
			refused: invalidRequest, field: "responses", says: "1001 responses; a batch has 1 to 1000"},
		{rpc: stream, request: `{"config":{"questionnaireId":"shop","explain":true}}` + "\n" +
			`{"chunk":{"sequence":41,"responses":[` + cat + `,` + bad + `]}}` + "\n" + `{"chunk":{"sequence":42,"responses":[` + dan + `,` + ann + `]}}`,
			method: "POST", path: "/v1/scores:stream", body: "=",
			want: []string{"#=3", "0.chunk.sequence=41", "0.chunk.results.0.score.responseId=cat-1", "0.chunk.results.0.score.status=SCORE_STATUS_UNSCORED",
				"0.chunk.results.1.error.details.1.fieldViolations.0.field=chunk.responses[1].answers[0].number",
				"1.chunk.sequence=42", "1.chunk.results.0.score.status=SCORE_STATUS_PARTIAL", "1.chunk.results.0.score.cmi=75",
				"1.chunk.results.0.score.explanation.nextBucket.bucket=BUCKET_ADVOCATE", "1.chunk.results.0.score.explanation.nextBucket.itemIds.0=trust",
				"1.chunk.results.1.score.cmi=${cmi}", "2.summary.chunks=2", "2.summary.responses=4", "2.summary.replayed=1",
				"2.summary.statuses.SCORE_STATUS_UNSCORED=1", "2.summary.buckets.BUCKET_GROWTH=1", "2.summary.errors.INVALID_RESPONSE=1"}},

		// What was recorded is read, explained and listed, the latest first.
		{rpc: scored, request: `{"responseId":"ann-1"}`, method: "GET", path: "/v1/scores/ann-1", want: []string{"score.cmi=${cmi}", "score.explanation=", "score.void="}},
		{rpc: scored, request: `{"responseId":"bad-1"}`, method: "GET", path: "/v1/scores/bad-1",
			refused: noResponse, field: "response_id", says: `there is no response "bad-1"`},
		{rpc: scored, request: `{"responseId":"-"}`, method: "GET", path: "/v1/scores/-", refused: invalidRequest, field: "response_id", says: "must be a letter or digit"},
		{rpc: explain, request: `{"responseId":"dan-1"}`, method: "GET", path: "/v1/scores/dan-1:explain",
			want: []string{"score.cmi=75", "score.explanation.contributions.#=2", "score.explanation.contributions.1.headroom=0", "score.explanation.nextBucket.points=5"}},
		{rpc: explain, request: `{"responseId":"cat-1"}`, method: "GET", path: "/v1/scores/cat-1:explain", want: []string{"score.status=SCORE_STATUS_UNSCORED", "score.explanation="}},
		{rpc: scores, request: `{}`, method: "GET", path: "/v1/scores",
			want: []string{"scores.#=4", "scores.0.responseId=dan-1", "scores.1.responseId=cat-1", "scores.2.responseId=bob-1", "scores.3.responseId=ann-1", "nextPageToken="}},
		{rpc: scores, request: `{"pageSize":3}`, method: "GET", path: "/v1/scores?pageSize=3", want: []string{"scores.#=3"}, keep: []string{"page=nextPageToken"}},
		{rpc: scores, request: `{"pageSize":3,"pageToken":"${page}"}`, method: "GET", path: "/v1/scores?page_size=3&page_token=${page}",
			want: []string{"scores.#=1", "scores.0.responseId=ann-1", "nextPageToken="}},
		{rpc: scores, request: `{"customerId":"ann","pageToken":"${page}"}`, method: "GET", path: "/v1/scores?customerId=ann&pageToken=${page}",
			refused: badPageToken, field: "page_token", says: "this token belongs to a list with other filters"},
		{rpc: tells, request: `{"pageToken":"${page}"}`, method: "GET", path: "/v1/responses?pageToken=${page}", refused: badPageToken, field: "page_token", says: "this token belongs to a list"},
		{rpc: scores, request: `{"customerId":"ann"}`, method: "GET", path: "/v1/scores?customerId=ann", want: []string{"scores.#=2", "scores.0.responseId=dan-1"}},
		{rpc: scores, request: `{"bucket":"BUCKET_ADVOCATE"}`, method: "GET", path: "/v1/scores?bucket=BUCKET_ADVOCATE", want: []string{"scores.#=1", "scores.0.responseId=ann-1"}},
		{rpc: scores, request: `{"status":"SCORE_STATUS_UNSCORED"}`, method: "GET", path: "/v1/scores?status=SCORE_STATUS_UNSCORED",
			want: []string{"scores.#=1", "scores.0.responseId=cat-1", "scores.0.customerId="}},
		{rpc: scores, request: `{"questionnaireId":"welcome"}`, method: "GET", path: "/v1/scores?questionnaireId=welcome", want: []string{"scores="}},
		{rpc: scores, request: `{"submittedFrom":"2026-09-02T10:00:00Z","submittedBefore":"2026-09-04T10:00:00Z"}`,
			method: "GET", path: "/v1/scores?submittedFrom=2026-09-02T12:00:00%2B02:00&submittedBefore=2026-09-04T10:00:00Z",
			want: []string{"scores.#=2", "scores.0.responseId=cat-1", "scores.1.responseId=bob-1"}},
		{rpc: told, request: `{"responseId":"ann-1"}`, method: "GET", path: "/v1/responses/ann-1",
			want: []string{"response.answers.#=4", "response.answers.3.text=They know me.", "response.answers.3.topics.1=memory", "response.customerId=ann",
				"record.questionnaireId=shop", "record.questionnaireVersion=1", "record.submittedAt=2026-09-01T10:00:00Z", "record.scoredAt=2026-11-02T09:30:00Z", "record.void="}},
		{rpc: tells, request: `{"pageSize":1,"customerId":"ann"}`, method: "GET", path: "/v1/responses?pageSize=1&customerId=ann",
			want: []string{"responses.#=1", "responses.0.response.responseId=dan-1", "responses.0.response.answers.2.noAnswer=NO_ANSWER_NOT_APPLICABLE"},
			keep: []string{"page=nextPageToken"}},
		{rpc: tells, request: `{"pageSize":1,"customerId":"ann","pageToken":"${page}"}`, method: "GET", path: "/v1/responses?pageSize=1&customerId=ann&pageToken=${page}",
			want: []string{"responses.#=1", "responses.0.response.responseId=ann-1", "nextPageToken="}},

		// A response that was answered in error leaves the lists and keeps its id.
		{rpc: void, request: `{"responseId":"ann-1","reason":"` + strings.Repeat("x", 501) + `"}`, method: "POST", path: "/v1/responses/ann-1:void",
			body: `{"reason":"` + strings.Repeat("x", 501) + `"}`, refused: invalidRequest, field: "reason", says: "500"},
		{rpc: void, request: `{"responseId":"nobody"}`, method: "POST", path: "/v1/responses/nobody:void", body: `{}`,
			refused: noResponse, field: "response_id", says: `there is no response "nobody"`},
		{rpc: void, request: `{"responseId":"ann-1","reason":"The clerk clicked"}`, method: "POST", path: "/v1/responses/ann-1:void", body: `{"reason":"The clerk clicked"}`,
			want: []string{"score.responseId=ann-1", "score.void.reason=The clerk clicked", "score.void.voidedAt=2026-11-02T09:30:00Z"}},
		{rpc: void, request: `{"responseId":"ann-1","reason":"Another"}`, method: "POST", path: "/v1/responses/ann-1:void", body: `{"reason":"Another"}`,
			want: []string{"score.void.reason=The clerk clicked"}},
		{rpc: scores, request: `{"bucket":"BUCKET_ADVOCATE"}`, method: "GET", path: "/v1/scores?bucket=BUCKET_ADVOCATE", want: []string{"scores="}},
		{rpc: scores, request: `{"bucket":"BUCKET_ADVOCATE","includeVoid":true}`, method: "GET", path: "/v1/scores?bucket=BUCKET_ADVOCATE&includeVoid=true",
			want: []string{"scores.#=1", "scores.0.void.reason=The clerk clicked"}},
		{rpc: tells, request: `{"customerId":"ann"}`, method: "GET", path: "/v1/responses?customerId=ann", want: []string{"responses.#=1", "responses.0.response.responseId=dan-1"}},
		{rpc: tells, request: `{"customerId":"ann","includeVoid":true}`, method: "GET", path: "/v1/responses?customerId=ann&includeVoid=true",
			want: []string{"responses.#=2", "responses.1.record.void.reason=The clerk clicked"}},
		{rpc: score, request: `{"questionnaireId":"shop","response":{"responseId":"ann-1"}}`, method: "POST", path: "/v1/scores", body: "=",
			refused: responseExists, field: "response.response_id", says: `response "ann-1" is recorded with other content`},

		// An archived questionnaire is read, and its records answer on; nothing new is scored by it.
		{rpc: archive, request: `{"questionnaireId":"shop","etag":"${etag}"}`, method: "POST", path: "/v1/questionnaires/shop:archive", body: `{"etag":"${etag}"}`,
			refused: staleEtag, field: "etag", says: "read it again"},
		{rpc: archive, request: `{"questionnaireId":"shop"}`, method: "POST", path: "/v1/questionnaires/shop:archive", body: `{}`,
			want: []string{"questionnaire.state=STATE_ARCHIVED", "questionnaire.version=2", "questionnaire.archivedAt=2026-11-02T09:30:00Z"}},
		{rpc: archive, request: `{"questionnaireId":"builtin-new-online"}`, method: "POST", path: "/v1/questionnaires/builtin-new-online:archive", body: `{}`,
			refused: reservedID, field: "questionnaire_id", says: "belong to the service"},
		{rpc: score, request: `{"questionnaireId":"shop","response":{"responseId":"eve-1"}}`, method: "POST", path: "/v1/scores", body: "=",
			refused: isArchived, field: "questionnaire_id", says: `"shop" is archived`},
		{rpc: score, request: `{"questionnaireId":"shop","explain":true,"response":` + bob + `}`, method: "POST", path: "/v1/scores", body: "=",
			want: []string{"score.responseId=bob-1", "score.cmi=0", "score.explanation.contributions.#=3"}},
		{rpc: update, request: `{"questionnaire":{"questionnaireId":"shop","title":"T"},"updateMask":"title"}`,
			method: "PATCH", path: "/v1/questionnaires/shop", body: `{"questionnaire":{"title":"T"},"updateMask":"title"}`,
			refused: isArchived, field: "questionnaire_id", says: "not scored or changed"},
		{rpc: list, request: `{"state":"STATE_ARCHIVED"}`, method: "GET", path: "/v1/questionnaires?state=STATE_ARCHIVED", want: []string{"questionnaires.#=1", "questionnaires.0.questionnaireId=shop"}},
	}
}

// caller makes one call and answers what came, as JSON, or the error.
type caller func(t *testing.T, r *running, s step) (any, said)

// TestEveryRPC lives the same day by gRPC and over both versions of HTTP, each on a service of its own.
func TestEveryRPC(t *testing.T) {
	t.Parallel()
	callers := map[string]caller{"gRPC": invoke}
	for version, client := range clients(t) {
		callers[version] = func(t *testing.T, r *running, s step) (any, said) {
			t.Helper()
			return request(t, r, client, s)
		}
	}
	t.Run("callers", func(t *testing.T) {
		for name, call := range callers {
			for day, steps := range days() {
				t.Run(name+", "+day, func(t *testing.T) {
					t.Parallel()
					live(t, call, steps)
				})
			}
		}
	})
}

// days are what clients do, each on a service of its own.
func days() map[string][]step {
	return map[string][]step{"first day": steps(), "customers": customerSteps(), "operations": operationSteps(), "outcomes": outcomeSteps(), "insight": insightSteps()}
}

// live goes through a day, step by step.
func live(t *testing.T, call caller, steps []step) {
	r := start(t)
	kept := map[string]string{}
	for i, s := range steps {
		s = s.fill(kept)
		t.Run(fmt.Sprintf("%d %s", i, s.rpc), func(t *testing.T) {
			answer, got := call(t, r, s)
			s.check(t, answer, got)
			for _, k := range s.keep {
				key, path, _ := strings.Cut(k, "=")
				kept[key] = valueAt(answer, path)
			}
		})
	}
}

// TestEveryMethodHasAStep asks the descriptors which methods there are.
func TestEveryMethodHasAStep(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, day := range days() {
		for _, s := range day {
			if s.refused.reason == "" {
				tried[s.rpc] = true
			}
		}
	}
	var missing []string
	every := func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for k := range methods.Len() {
				m := methods.Get(k)
				rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
				name := string(m.Parent().Name()) + "/" + string(m.Name())
				if (rule != nil || file.Package() == longRunning) && !tried[name] {
					missing = append(missing, name)
				}
				delete(tried, name)
			}
		}
		return true
	}
	protoregistry.GlobalFiles.RangeFilesByPackage("cmi.v1", every)
	protoregistry.GlobalFiles.RangeFilesByPackage(longRunning, every)
	if len(missing) > 0 || len(tried) > 0 {
		t.Errorf("no step tries %v; these are no methods: %v", missing, slices.Collect(maps.Keys(tried)))
	}
}

// fill puts in what earlier steps kept.
func (s step) fill(kept map[string]string) step {
	var pairs []string
	for name, value := range kept {
		pairs = append(pairs, "${"+name+"}", value)
	}
	r := strings.NewReplacer(pairs...)
	if s.body == "=" {
		s.body = s.request
	}
	s.request, s.path, s.body = r.Replace(s.request), r.Replace(s.path), r.Replace(s.body)
	s.want = slices.Clone(s.want)
	for i := range s.want {
		s.want[i] = r.Replace(s.want[i])
	}
	return s
}

func (s step) check(t *testing.T, answer any, got said) {
	t.Helper()
	if s.refused.reason != "" {
		want := s.refused
		if got.status != 0 {
			want = want.overHTTP()
			if got.status != want.status {
				t.Errorf("HTTP %d, want %d", got.status, want.status)
			}
		}
		checkStatus(t, got.failed, want, s.field, s.says, got.requestID)
		return
	}
	if got.failed != nil {
		t.Fatalf("%s", statusText(got.failed))
	}
	if got.requestID == "" {
		t.Error("the call has no request id")
	}
	for _, w := range s.want {
		path, want, _ := strings.Cut(w, "=")
		if value := valueAt(answer, path); value != want {
			t.Errorf("%s is %q, want %q in %v", path, value, want, answer)
		}
	}
}

// valueAt answers what stands at a path of names, places and # (how many), empty where nothing does.
func valueAt(at any, path string) string {
	for name := range strings.SplitSeq(path, ".") {
		switch v := at.(type) {
		case map[string]any:
			at = v[name]
		case []any:
			if name == "#" {
				return strconv.Itoa(len(v))
			}
			if i, err := strconv.Atoi(name); err == nil && i < len(v) {
				at = v[i]
			} else {
				at = nil
			}
		default:
			return ""
		}
	}
	if at == nil {
		return ""
	}
	return fmt.Sprint(at)
}

func parsed(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// request makes the call over HTTP.
func request(t *testing.T, r *running, client *http.Client, s step) (any, said) {
	t.Helper()
	header, kind := http.Header{}, "application/json"
	var body io.Reader
	if strings.HasSuffix(s.path, ":stream") {
		kind = "application/x-ndjson"
	}
	if s.body != "" {
		header.Set("Content-Type", kind)
		body = strings.NewReader(s.body)
	}
	got, text := r.exchange(t, client, s.method, s.path, header, body)
	if got.failed != nil {
		return nil, got
	}
	if kind == "application/json" {
		return parsed(t, text), got
	}
	var all []any
	for line := range strings.Lines(string(text)) {
		all = append(all, parsed(t, []byte(line)))
	}
	return all, got
}

// longRunning is the package of the service that follows operations.
const longRunning = "google.longrunning"

// invoke makes the call by gRPC, knowing no more of the method than its descriptor.
func invoke(t *testing.T, r *running, s step) (any, said) {
	t.Helper()
	service, name, _ := strings.Cut(s.rpc, "/")
	within := "cmi.v1."
	if service == "Operations" {
		within = longRunning + "."
	}
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(within + service + "." + name))
	if err != nil {
		t.Fatal(err)
	}
	m := found.(protoreflect.MethodDescriptor)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "x-request-id", "mine") // a call that goes well answers the id that it brought
	call, err := r.conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: m.IsStreamingClient(), ServerStreams: m.IsStreamingServer()}, "/"+within+s.rpc)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(s.request) {
		message := messageOf(t, m.Input())
		if err := protojson.Unmarshal([]byte(line), message); err != nil {
			t.Fatal(err)
		}
		if err := call.SendMsg(message); err != nil {
			t.Fatal(err)
		}
	}
	if err := call.CloseSend(); err != nil {
		t.Fatal(err)
	}
	var all []any
	for {
		reply := messageOf(t, m.Output())
		if err = call.RecvMsg(reply); err != nil {
			break
		}
		text, failed := protojson.Marshal(reply)
		if failed != nil {
			t.Fatal(failed)
		}
		all = append(all, parsed(t, text))
		if !m.IsStreamingServer() {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	header, failed := call.Header()
	if failed != nil {
		header = metadata.MD{}
	}
	got := ofGRPC(t, err, header)
	if m.IsStreamingServer() || len(all) == 0 {
		return all, got
	}
	return all[0], got
}

func messageOf(t *testing.T, d protoreflect.MessageDescriptor) proto.Message {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		t.Fatal(err)
	}
	return kind.New().Interface()
}
