package server_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// badCall is one row of what HTTP alone can get wrong.
type badCall struct {
	name, method, path string
	// kind is the Content-Type, none where empty.
	kind, body string
	header     http.Header
	want       refusal
	field      string
	says       string
}

func badCalls() []badCall {
	const json, ndjson = "application/json", "application/x-ndjson"
	one := `{"questionnaireId":"hotel","dryRun":true,"response":` + guestJSON("") + `}`
	return []badCall{
		{name: "wrong type", method: "POST", path: "/v1/scores", kind: "text/plain", body: one, want: badContentType, says: "text/plain; this method takes application/json"},
		{name: "form", method: "POST", path: "/v1/scores", kind: "application/x-www-form-urlencoded", body: one, want: badContentType, says: "application/json"},
		{name: "no type", method: "POST", path: "/v1/scores", body: one, want: badContentType, says: "send Content-Type: application/json"},
		{name: "Latin-1", method: "POST", path: "/v1/scores:batch", kind: json + "; charset=iso-8859-1", body: one, want: badContentType, says: "in UTF-8"},
		{name: "lines for one", method: "POST", path: "/v1/scores", kind: ndjson, body: one, want: badContentType, says: "application/json"},
		{name: "one for lines", method: "POST", path: "/v1/scores:stream", kind: json, body: one, want: badContentType, says: ndjson},
		{name: "no type for lines", method: "POST", path: "/v1/scores:stream", body: one, want: badContentType, says: "send Content-Type: " + ndjson},
		{name: "zipped", method: "POST", path: "/v1/scores", kind: json, body: one, header: http.Header{"Content-Encoding": {"gzip"}}, want: badContentType, says: "gzip"},
		{name: "no body", method: "POST", path: "/v1/scores", want: malformedJSON, says: "The body is empty; send a JSON object"},
		{name: "empty body", method: "POST", path: "/v1/scores", kind: json, want: malformedJSON, says: "there is nothing here"},
		{name: "body with GET", method: "GET", path: "/v1/scores", kind: json, body: "{}", want: invalidRequest, says: "GET takes no body here"},

		{name: "unknown parameter", method: "GET", path: "/v1/scores?asof=2026-01-01", want: badQuery, field: "asof",
			says: "there is no such query parameter; this method takes bucket, customerId"},
		{name: "unknown parameter of POST", method: "POST", path: "/v1/scores?dryRun=true", kind: json, body: one, want: badQuery, field: "dryRun", says: "takes none"},
		{name: "unknown parameter of a stream", method: "POST", path: "/v1/scores:stream?x=1", kind: ndjson, body: "{}", want: badQuery, field: "x", says: "takes none"},
		{name: "the path's own as a parameter", method: "GET", path: "/v1/scores/r1?responseId=r2", want: badQuery, field: "responseId", says: "no such query parameter"},
		{name: "no number", method: "GET", path: "/v1/scores?pageSize=ten", want: badQuery, field: "pageSize", says: `must be a whole number of 32 bits, not "ten"`},
		{name: "number too large", method: "GET", path: "/v1/scores?pageSize=3000000000", want: badQuery, field: "pageSize", says: "32 bits"},
		{name: "no bool", method: "GET", path: "/v1/scores?includeVoid=1", want: badQuery, field: "includeVoid", says: `must be true or false, not "1"`},
		{name: "no bucket", method: "GET", path: "/v1/scores?bucket=ADVOCATE", want: badQuery, field: "bucket", says: "BUCKET_ADVOCATE"},
		{name: "number for a bucket", method: "GET", path: "/v1/scores?bucket=3", want: badQuery, field: "bucket", says: "BUCKET_ADVOCATE"},
		{name: "no time", method: "GET", path: "/v1/scores?submittedFrom=2026-01-01", want: badQuery, field: "submittedFrom", says: "RFC 3339"},
		{name: "plus of a zone", method: "GET", path: "/v1/scores?submittedFrom=2026-01-01T00:00:00+01:00", want: badQuery, field: "submittedFrom", says: "%2B"},
		{name: "twice", method: "GET", path: "/v1/scores?pageSize=1&page_size=1", want: badQuery, field: "pageSize", says: "given twice"},
		{name: "badly escaped", method: "GET", path: "/v1/scores?customerId=%zz", want: badQuery, field: "customerId", says: "not well escaped"},
		{name: "not UTF-8", method: "GET", path: "/v1/scores?pageToken=%ff", want: badQuery, field: "pageToken", says: "valid UTF-8"},

		{name: "page too large", method: "GET", path: "/v1/scores?pageSize=1001", want: invalidRequest, field: "page_size", says: "less than or equal to 1000, got 1001"},
		{name: "page below 0", method: "GET", path: "/v1/responses?pageSize=-1", want: invalidRequest, field: "page_size", says: "got -1"},
		{name: "no page token", method: "GET", path: "/v1/scores?pageToken=bm90aGluZw", want: badPageToken, field: "page_token", says: "not a token of this list"},
		{name: "bad id in the path", method: "GET", path: "/v1/scores/a%20b", want: invalidRequest, field: "response_id", says: `"a b"`},
		{name: "escaped slash in the path", method: "GET", path: "/v1/scores/..%2fx", want: unknownPath, says: "There is nothing at"},
		{name: "long id in the path", method: "GET", path: "/v1/responses/" + strings.Repeat("x", 129), want: invalidRequest, field: "response_id", says: "a letter or digit"},
		{name: "bad id in the query", method: "GET", path: "/v1/scores?customerId=a%00b", want: invalidRequest, field: "customer_id", says: "a letter or digit"},
		{name: "no such response", method: "GET", path: "/v1/scores/nobody:explain", want: noResponse, field: "response_id", says: `there is no response "nobody"`},
		{name: "path and body disagree", method: "POST", path: "/v1/questionnaires/hotel:publish", kind: json, body: `{"questionnaireId":"motel"}`,
			want: invalidRequest, field: "questionnaire_id", says: `the body says "motel", the path "hotel"`},

		{name: "unknown path", method: "GET", path: "/v1/score", want: unknownPath, says: "There is nothing at /v1/score"},
		{name: "unknown verb", method: "GET", path: "/v1/scores/r1:explian", want: unknownPath, says: ":explian"},
		{name: "slash at the end", method: "GET", path: "/v1/scores/", want: unknownPath, says: "There is nothing at"},
		{name: "two slashes", method: "GET", path: "/v1//scores", want: unknownPath, says: "There is nothing at"},
		{name: "wrong method", method: "DELETE", path: "/v1/scores/r1", want: wrongMethod, says: "takes GET here, not DELETE"},
		{name: "wrong method of a list", method: "PUT", path: "/v1/scores", kind: json, body: "{}", want: wrongMethod, says: "takes GET or POST here, not PUT"},
		{name: "GET of a stream", method: "GET", path: "/v1/scores:stream", want: wrongMethod, says: "takes POST here, not GET"},
		{name: "invented method", method: "SCORE", path: "/v1/scores", want: wrongMethod, says: "not SCORE"},
		{name: "the path of gRPC", method: "POST", path: "/cmi.v1.ScoringService/GetScore", kind: json, body: "{}", want: unknownPath, says: "There is nothing at"},
	}
}

func TestBadCallsOverHTTP(t *testing.T) {
	t.Parallel()
	r := openHotel(t)
	all := clients(t)
	t.Run("clients", func(t *testing.T) {
		for version, client := range all {
			t.Run(version, func(t *testing.T) {
				t.Parallel()
				for _, row := range badCalls() {
					t.Run(row.name, func(t *testing.T) {
						header := http.Header{}
						for name, values := range row.header {
							header[name] = values
						}
						if row.kind != "" {
							header.Set("Content-Type", row.kind)
						}
						got, _ := r.exchange(t, client, row.method, row.path, header, strings.NewReader(row.body))
						if got.status != row.want.status {
							t.Errorf("HTTP %d, want %d", got.status, row.want.status)
						}
						checkStatus(t, got.failed, row.want.overHTTP(), row.field, row.says, got.requestID)
					})
				}
			})
		}
	})
}

// spaces are n bytes of nothing, made as they are read.
func spaces(n int64) io.Reader { return io.LimitReader(blank{}, n) }

type blank struct{}

func (blank) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// huge is far more than the service takes at once.
const huge = 50 << 20

// A body of 50 MB is refused, whether it says its length or not, and its client gets to read why. Of a stream it is the line
// that is too long.
func TestHugeBodies(t *testing.T) {
	t.Parallel()
	r := openHotel(t)
	for version, client := range clients(t) {
		t.Run(version, func(t *testing.T) {
			for _, length := range []int64{huge, -1} {
				for _, path := range []string{"/v1/scores", "/v1/scores:batch", "/v1/questionnaires:lint"} {
					request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+r.HTTP+path, spaces(huge))
					if err != nil {
						t.Fatal(err)
					}
					request.ContentLength = length
					request.Header.Set("Content-Type", "application/json")
					got, _ := send(t, client, request)
					if got.status != http.StatusRequestEntityTooLarge {
						t.Errorf("%s of length %d: HTTP %d", path, length, got.status)
					}
					checkStatus(t, got.failed, tooLarge, "", "The body is larger than 16777216 bytes", got.requestID)
				}
			}
		})
	}
}

// rawCodec sends bytes as they are, as a client with a decoder of its own might.
type rawCodec struct{ encoding.Codec }

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }

func (rawCodec) Unmarshal([]byte, any) error { return nil }

// undecodable are messages that are not Protocol Buffers, or whose text is not UTF-8. Clients in Go and Java would not send
// them, those in C++ or PHP do.
func undecodable(t *testing.T) map[string][]byte {
	t.Helper()
	body, err := proto.Marshal(&cmiv1.ScoreCustomerRequest{QuestionnaireId: "hotel", Response: guest("utf-8")})
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"Latin-1":      []byte(strings.Replace(string(body), "The view", "The vi\xe9w", 1)),
		"cut off":      body[:len(body)-3],
		"JSON":         []byte(guestJSON("x")),
		"tag too long": {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	}
}

// What cannot be decoded is answered by the gRPC library itself, on streams too: with a code, a sentence of its own and no
// details.
func TestUndecodableMessages(t *testing.T) {
	t.Parallel()
	r := openHotel(t)
	for name, body := range undecodable(t) {
		t.Run(name, func(t *testing.T) {
			var reply []byte
			for _, method := range []string{cmiv1.ScoringService_ScoreCustomer_FullMethodName, cmiv1.ScoringService_BatchScoreCustomers_FullMethodName} {
				err := r.conn.Invoke(t.Context(), method, &body, &reply, grpc.ForceCodec(rawCodec{}))
				checkUndecodable(t, err)
			}
			stream, err := r.conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true},
				cmiv1.ScoringService_StreamScores_FullMethodName, grpc.ForceCodec(rawCodec{}))
			if err != nil {
				t.Fatal(err)
			}
			if err := stream.SendMsg(&body); err != nil {
				t.Fatal(err)
			}
			checkUndecodable(t, stream.RecvMsg(&reply))
		})
	}
	wantRecorded(t, r, "utf-8", false)
}

func checkUndecodable(t *testing.T, err error) {
	t.Helper()
	st := status.Convert(err)
	if st.Code() != codes.Internal || !strings.HasPrefix(st.Message(), "grpc: failed to unmarshal the received message") || len(st.Details()) > 0 {
		t.Errorf("%v", err)
	}
}

// A message of 50 MB is refused by the gRPC library itself, on streams too.
func TestHugeMessages(t *testing.T) {
	t.Parallel()
	r := openHotel(t)
	big := guest("huge")
	big.Answers[6].Value = &cmiv1.Answer_Text{Text: strings.Repeat("x", huge)}
	_, err := r.scoring().ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{QuestionnaireId: "hotel", Response: big})
	if status.Code(err) != codes.ResourceExhausted || !strings.Contains(err.Error(), fmt.Sprint(16<<20)) {
		t.Errorf("%v", err)
	}
	checkSafe(t, err.Error())
	got, answers := converse(t, r, streamRequests(asked{questionnaireID: "hotel", responses: []*cmiv1.Response{big}}))
	if len(answers) > 0 {
		t.Errorf("answers: %v", answers)
	}
	if codes.Code(got.failed.GetCode()) != codes.ResourceExhausted || !strings.Contains(got.failed.GetMessage(), fmt.Sprint(16<<20)) {
		t.Errorf("%v", got.failed)
	}
	wantRecorded(t, r, "huge", false)
}
