package server_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	spb "google.golang.org/genproto/googleapis/rpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/settings"
)

// ticking is a clock that never shows the same time twice, so that a response that is scored twice is seen to be.
func ticking(_ *settings.Settings, o *server.Options) {
	var ticks atomic.Int64
	o.Now = func() time.Time { return now.Add(time.Duration(ticks.Add(1)) * time.Millisecond) }
}

// A way to record one response, and what came of it: a score or the status of a refusal.
type way func(t *testing.T, response *cmiv1.Response) (*cmiv1.Score, *status.Status)

// ways are all doors, each over connections of its own.
func (r *running) ways(t *testing.T) map[string]way {
	t.Helper()
	conn, err := grpc.NewClient(r.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	scoring := cmiv1.NewScoringServiceClient(conn)
	all := map[string]way{
		"ScoreCustomer": func(t *testing.T, response *cmiv1.Response) (*cmiv1.Score, *status.Status) {
			got, err := scoring.ScoreCustomer(t.Context(), one(false, response))
			return got.GetScore(), status.Convert(err)
		},
		"BatchScoreCustomers": func(t *testing.T, response *cmiv1.Response) (*cmiv1.Score, *status.Status) {
			got, err := scoring.BatchScoreCustomers(t.Context(), &cmiv1.BatchScoreCustomersRequest{
				QuestionnaireId: "airline", Responses: []*cmiv1.Response{response, response},
			})
			if err != nil {
				return nil, status.Convert(err)
			}
			return ofTwo(t, got.GetResults())
		},
		"StreamScores": func(t *testing.T, response *cmiv1.Response) (*cmiv1.Score, *status.Status) {
			stream, err := scoring.StreamScores(t.Context())
			if err != nil {
				return nil, status.Convert(err)
			}
			return throughStream(t, stream, response)
		},
	}
	for name, client := range clients(t) {
		all["POST /v1/scores "+name] = func(t *testing.T, response *cmiv1.Response) (*cmiv1.Score, *status.Status) {
			code, body := r.send(t, client, "/v1/scores", one(false, response))
			if code != http.StatusOK {
				return nil, statusIn(t, body)
			}
			var got cmiv1.ScoreCustomerResponse
			if err := protojson.Unmarshal(body, &got); err != nil {
				t.Error(err)
			}
			return got.GetScore(), nil
		}
		all["POST /v1/scores:stream "+name] = func(t *testing.T, response *cmiv1.Response) (*cmiv1.Score, *status.Status) {
			return throughStream(t, r.openLines(t, client), response)
		}
	}
	return all
}

// ofTwo answers what both results of a batch with the same response twice must be.
func ofTwo(t *testing.T, results []*cmiv1.ScoreResult) (*cmiv1.Score, *status.Status) {
	if len(results) != 2 || !proto.Equal(results[0].GetScore(), results[1].GetScore()) ||
		results[0].GetError().GetCode() != results[1].GetError().GetCode() {
		t.Errorf("the same response twice gives %v", results)
		return nil, nil
	}
	return results[0].GetScore(), status.FromProto(results[0].GetError())
}

func throughStream(t *testing.T, stream scoreStream, response *cmiv1.Response) (*cmiv1.Score, *status.Status) {
	for _, m := range []*cmiv1.StreamScoresRequest{config(false), chunk(0, response, response)} {
		if err := stream.Send(m); err != nil && !errors.Is(err, io.EOF) {
			t.Error(err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Error(err)
	}
	answer, err := stream.Recv()
	if err != nil {
		return nil, status.Convert(err)
	}
	for err == nil {
		_, err = stream.Recv()
	}
	if !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	return ofTwo(t, answer.GetChunk().GetResults())
}

// send posts a message and answers what came back.
func (r *running) send(t *testing.T, client *http.Client, path string, message proto.Message) (int, []byte) {
	body, err := protojson.Marshal(message)
	if err != nil {
		t.Error(err)
	}
	return r.do(t, client, http.MethodPost, path, "application/json", bytes.NewReader(body))
}

// statusIn reads the status of a refusal over HTTP.
func statusIn(t *testing.T, body []byte) *status.Status {
	st := new(spb.Status)
	if err := protojson.Unmarshal(body, st); err != nil {
		t.Errorf("%s is not a status: %v", body, err)
	}
	return status.FromProto(st)
}

// outcome is what one caller was answered.
type outcome struct {
	way, bits string
	variant   int
	status    *status.Status
}

// rush lets 64 callers record at the same moment, through all doors in turn. Each sends the variant that variant says.
func rush(t *testing.T, r *running, ways map[string]way, variant func(caller int) (int, *cmiv1.Response)) []outcome {
	t.Helper()
	outcomes := make([]outcome, 64)
	begin := make(chan struct{})
	var callers sync.WaitGroup
	for caller := 0; caller < len(outcomes); {
		for name, record := range ways {
			if caller == len(outcomes) {
				break
			}
			mine := &outcomes[caller]
			n, response := variant(caller)
			callers.Go(func() {
				<-begin
				score, st := record(t, response)
				*mine = outcome{way: name, variant: n, status: st}
				if score != nil {
					mine.bits = serialised(t, []*cmiv1.Score{score})[0]
				}
			})
			caller++
		}
	}
	close(begin)
	callers.Wait()
	return outcomes
}

// However many clients send a response, and whichever way each takes, there is one score, and all of them are answered it.
func TestOneResponseHasOneScore(t *testing.T) {
	t.Parallel()
	r := start(t, ticking)
	survey := r.publishAirline(t)
	ways := r.ways(t)
	const rounds = 8
	for round := range rounds {
		sent := proto.CloneOf(survey[round])
		sent.SubmittedAt = nil // the time of receipt is part of the score
		var bits string
		for i, o := range rush(t, r, ways, func(int) (int, *cmiv1.Response) { return 0, sent }) {
			if o.bits == "" {
				t.Fatalf("%s: %v", o.way, o.status)
			}
			if i == 0 {
				bits = o.bits
			}
			if o.bits != bits {
				t.Errorf("%s was answered another score", o.way)
			}
		}
		r.checkKept(t, sent.GetResponseId(), bits)
	}
	if kept := recorded(t, r); len(kept) != rounds {
		t.Errorf("%d responses are on record, want %d", len(kept), rounds)
	}
	t.Logf("%d responses, each sent by 64 callers through %d doors", rounds, len(ways))
}

// Of several contents under one id one is recorded; whoever sent it is answered its score, and all others are refused.
func TestOneIDHasOneContent(t *testing.T) {
	t.Parallel()
	r := start(t, ticking)
	survey := r.publishAirline(t)
	ways := r.ways(t)
	const rounds, variants = 8, 4
	won := map[int]int{}
	for round := range rounds {
		contents := make([]*cmiv1.Response, variants)
		for v := range contents {
			contents[v] = proto.CloneOf(survey[round*variants+v])
			contents[v].ResponseId, contents[v].CustomerId = fmt.Sprintf("round-%d", round), fmt.Sprintf("variant-%d", v)
		}
		// There are seven doors, so that each of them sends every content.
		outcomes := rush(t, r, ways, func(caller int) (int, *cmiv1.Response) { return caller % variants, contents[caller%variants] })
		winner, bits := -1, ""
		for _, o := range outcomes {
			if o.bits != "" {
				winner, bits = o.variant, o.bits
			}
		}
		won[winner]++
		for _, o := range outcomes {
			switch {
			case o.variant == winner && o.bits != bits:
				t.Errorf("%s sent what is on record and was answered otherwise: %v", o.way, o.status)
			case o.variant != winner && (o.status.Code() != codes.AlreadyExists || errs.Reason(o.status) != cmiv1.ErrorReason_RESPONSE_EXISTS):
				t.Errorf("%s sent other content and was answered %v", o.way, o.status)
			}
		}
		r.checkKept(t, fmt.Sprintf("round-%d", round), bits)
	}
	if kept := recorded(t, r); len(kept) != rounds {
		t.Errorf("%d responses are on record, want %d", len(kept), rounds)
	}
	t.Logf("%d ids with %d contents, sent by 64 callers through %d doors; wins by content: %v", rounds, variants, len(ways), won)
}

// checkKept checks that a score is on record as it was answered.
func (r *running) checkKept(t *testing.T, id, bits string) {
	t.Helper()
	kept, err := r.scoring().GetScore(t.Context(), &cmiv1.GetScoreRequest{ResponseId: id})
	if err != nil || serialised(t, []*cmiv1.Score{kept.GetScore()})[0] != bits {
		t.Errorf("%s is on record otherwise than it was answered: %v", id, err)
	}
}
