package server_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/questionnaire"
)

// FuzzScoreBody posts any bytes to /v1/scores of the real service. It never answers 5xx; what is not a score is a status with
// a reason; and it means by a body what the standard means: the same message by gRPC has the same score or the same reason.
func FuzzScoreBody(f *testing.F) {
	good := `{"questionnaireId":"hotel","dryRun":true,"response":` + guestJSON("fuzz") + `}`
	f.Add([]byte(good))
	f.Add([]byte(strings.Replace(good, `"dryRun":true`, `"explain":true`, 1)))
	f.Add([]byte(`{"questionnaire_id":"hotel","dry_run":true,"version":1,"response":{"channel":2,"submitted_at":"2026-10-01T12:00:00.000001+02:00",` +
		`"behaviour":{"rate":1e-3,"diversity":"0.5","daysSince":null},"answers":[{"number":"NaN","itemId":"\u0074rust"},{"itemId":"why","text":"\ud83d\ude00"}]}}`))
	f.Add([]byte(`{"questionnaireId":"hotel","response":{"responseId":"","answers":[{"itemId":"card","choices":{"values":[]}},{"itemId":"again","noAnswer":1}]}}`))
	f.Add([]byte(``))
	for _, row := range badJSONs() {
		if len(row.spoil(`%s`, `{}`)) < 1<<12 && !row.bulk {
			f.Add([]byte(row.spoil(`{"questionnaireId":"hotel","dryRun":true,"response":%s}`, guestJSON("fuzz"))))
		}
	}
	r := start(f)
	q, err := questionnaire.Read("hotel.yaml", []byte(hotelFile))
	if err != nil {
		f.Fatal(err)
	}
	r.publish(f, q)
	client := clients(f)["HTTP/1.1"]
	f.Fuzz(func(t *testing.T, body []byte) {
		code, answer := r.do(t, client, http.MethodPost, "/v1/scores", "application/json", bytes.NewReader(body))
		request := new(cmiv1.ScoreCustomerRequest)
		decodable := protojson.Unmarshal(body, request) == nil
		if code == http.StatusOK {
			checkScore(t, r, decodable, request, answer)
			return
		}
		got := new(spb.Status)
		if err := protojson.Unmarshal(answer, got); err != nil || code >= http.StatusInternalServerError {
			t.Fatalf("%d %q", code, answer)
		}
		info, _ := detailsOf(t, got)
		if _, known := cmiv1.ErrorReason_value[info.GetReason()]; !known || info.GetDomain() != "cmi" || info.GetMetadata()["request_id"] == "" {
			t.Errorf("%d %q", code, answer)
		}
		if malformed := info.GetReason() == malformedJSON.reason; malformed != !decodable {
			t.Errorf("decodable: %t, and the answer is %s", decodable, answer)
		}
		if decodable {
			checkSameReason(t, r, request, info)
		}
	})
}

func checkScore(t *testing.T, r *running, decodable bool, request *cmiv1.ScoreCustomerRequest, answer []byte) {
	t.Helper()
	reply := new(cmiv1.ScoreCustomerResponse)
	if err := protojson.Unmarshal(answer, reply); err != nil || !decodable {
		t.Fatalf("decodable: %t, %v, and the answer is %s", decodable, err, answer)
	}
	want, err := r.scoring().ScoreCustomer(t.Context(), request)
	if err != nil || !proto.Equal(want, reply) {
		t.Errorf("by gRPC: %v, %v; over HTTP: %v", want, err, reply)
	}
}

func checkSameReason(t *testing.T, r *running, request *cmiv1.ScoreCustomerRequest, info *errdetails.ErrorInfo) {
	t.Helper()
	_, err := r.scoring().ScoreCustomer(t.Context(), request)
	if err == nil {
		t.Fatalf("by gRPC there is a score, and over HTTP %s", info.GetReason())
	}
	if want, _ := detailsOf(t, status.Convert(err).Proto()); want.GetReason() != info.GetReason() {
		t.Errorf("by gRPC %s, over HTTP %s", want.GetReason(), info.GetReason())
	}
}
