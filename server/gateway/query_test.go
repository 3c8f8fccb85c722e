package gateway_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	s := &services{}
	at := start(t, s, nil)
	c := client(t, "HTTP/1.1")
	answer := at.do(t, c, "GET", "/v1/scores?pageSize=7&page_token=a%2Bb%20c&customerId=c-1&bucket=BUCKET_GROWTH&includeVoid=true"+
		"&submittedFrom=2026-01-02T03:04:05.6%2B01:00&status=SCORE_STATUS_SCORED", "")
	if answer.code != 200 {
		t.Fatal(answer.body)
	}
	r := s.last(t).request.(*cmiv1.ListScoresRequest)
	if r.GetPageSize() != 7 || r.GetPageToken() != "a+b c" || r.GetCustomerId() != "c-1" || r.GetBucket() != cmiv1.Bucket_BUCKET_GROWTH ||
		!r.GetIncludeVoid() || r.GetStatus() != cmiv1.ScoreStatus_SCORE_STATUS_SCORED || r.GetSubmittedBefore() != nil ||
		!r.GetSubmittedFrom().AsTime().Equal(time.Date(2026, 1, 2, 2, 4, 5, 600_000_000, time.UTC)) {
		t.Error(r)
	}
	if answer := at.do(t, c, "GET", "/v1/questionnaires/q?version=3", ""); answer.code != 200 ||
		s.last(t).request.(*cmiv1.GetQuestionnaireRequest).GetVersion() != 3 {
		t.Error(answer.body, s.last(t).request)
	}
}

func TestMasksInQueries(t *testing.T) {
	t.Parallel()
	s := &services{}
	at := start(t, s, nil)
	for query, want := range map[string][]string{
		"readMask=customerId,standing.stableBucket":    {"customer_id", "standing.stable_bucket"},
		"read_mask=customer_id%2Cstanding.levelAt":     {"customer_id", "standing.level_at"},
		"readMask=lifecycle&segments=a%3Db&segments=c": {"lifecycle"},
	} {
		answer := at.do(t, client(t, "HTTP/1.1"), "GET", "/v1/customers?"+query, "")
		if answer.code != 200 {
			t.Fatal(answer.body)
		}
		if got := s.last(t).request.(*cmiv1.ListCustomersRequest).GetReadMask().GetPaths(); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

func TestBadQueriesAreRefused(t *testing.T) {
	t.Parallel()
	s := &services{}
	at := start(t, s, nil)
	for _, tc := range []struct {
		method, path string
		says         []string
	}{
		{"GET", "/v1/scores?asof=2026", []string{"asof", "no such query parameter", "customerId, includeVoid, pageSize"}},
		{"GET", "/v1/scores?page_size=1&pageSize=2", []string{"pageSize", "twice"}},
		{"GET", "/v1/scores?pageSize=1&pageSize=1", []string{"pageSize", "twice"}},
		{"GET", "/v1/scores?pageSize=ten", []string{"pageSize", "a whole number", "ten"}},
		{"GET", "/v1/scores?pageSize=", []string{"pageSize", "a whole number"}},
		{"GET", "/v1/scores?pageSize=99999999999", []string{"pageSize"}},
		{"GET", "/v1/scores?includeVoid=1", []string{"includeVoid", "true or false"}},
		{"GET", "/v1/scores?includeVoid", []string{"includeVoid", "true or false"}},
		{"GET", "/v1/scores?bucket=growth", []string{"bucket", "BUCKET_GROWTH"}},
		{"GET", "/v1/scores?bucket=2", []string{"bucket", "BUCKET_GROWTH"}},
		{"GET", "/v1/scores?submittedFrom=2026-01-02", []string{"submittedFrom", "RFC 3339"}},
		{"GET", "/v1/scores?submittedFrom=2026-01-02T03:04:05+01:00", []string{"submittedFrom", "%2B"}},
		{"GET", "/v1/scores?submittedFrom.seconds=1", []string{"submittedFrom.seconds", "no such query parameter"}},
		{"GET", "/v1/customers?readMask=%ff", []string{"readMask", "UTF-8"}},
		{"GET", "/v1/customers?readMask=a&readMask=b", []string{"readMask", "twice"}},
		{"GET", "/v1/scores?customerId=%zz", []string{"customerId", "escaped"}},
		{"GET", "/v1/scores?%zz=1", []string{"escaped"}},
		{"GET", "/v1/scores?customerId=%ff", []string{"customerId", "UTF-8"}},
		{"GET", "/v1/scores?pageSize=1;pageToken=x", []string{"pageSize"}},
		{"GET", "/v1/scores/r1?responseId=r2", []string{"responseId", "takes none"}},
		{"GET", "/v1/scores/r1?explain=true", []string{"explain", "takes none"}},
		{"POST", "/v1/scores?dryRun=true", []string{"dryRun", "takes none"}},
		{"POST", "/v1/scores:stream?x", []string{"takes none"}},
		{"GET", "/v1/scores?" + strings.Repeat("x", 5000) + "=1", []string{"no such query parameter"}},
	} {
		body := ""
		if tc.method == "POST" {
			body = "{}"
		}
		kind := "application/json"
		if strings.Contains(tc.path, ":stream") {
			kind = "application/x-ndjson"
		}
		answer := at.do(t, client(t, "HTTP/1.1"), tc.method, tc.path, body, "Content-Type", kind)
		if answer.code != 400 || answer.reason(t) != "INVALID_QUERY_PARAMETER" {
			t.Errorf("%s: %d %s", tc.path, answer.code, answer.body)
		}
		for _, want := range tc.says {
			if !strings.Contains(answer.body, want) {
				t.Errorf("%.60s: %q is missing in %s", tc.path, want, answer.body)
			}
		}
	}
	if s.count() > 0 {
		t.Error("something was called")
	}
}
