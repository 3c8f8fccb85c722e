package server_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// The same survey gives the same scores, bit for bit, through every door, recorded or not. Each door gets a server and a
// store of its own, so that none can answer from what another recorded.
func TestEveryDoorGivesTheSameBits(t *testing.T) {
	t.Parallel()
	doors := map[string]func(t *testing.T, r *running, dryRun bool, responses []*cmiv1.Response) []*cmiv1.Score{
		"ScoreCustomer":       scoreOneByOne,
		"BatchScoreCustomers": scoreInBatches,
		"StreamScores":        scoreByStream,
	}
	for name, client := range clients(t) {
		doors["POST /v1/scores "+name] = func(t *testing.T, r *running, dryRun bool, responses []*cmiv1.Response) []*cmiv1.Score {
			return postOneByOne(t, r, client, dryRun, responses)
		}
		doors["POST /v1/scores:batch "+name] = func(t *testing.T, r *running, dryRun bool, responses []*cmiv1.Response) []*cmiv1.Score {
			return postInBatches(t, r, client, dryRun, responses)
		}
		doors["POST /v1/scores:stream "+name] = func(t *testing.T, r *running, dryRun bool, responses []*cmiv1.Response) []*cmiv1.Score {
			return postStream(t, r, client, dryRun, responses)
		}
	}
	reference := start(t)
	survey := reference.publishAirline(t)
	want := serialised(t, scoreOneByOne(t, reference, true, survey))
	for name, score := range doors {
		for kind, dryRun := range map[string]bool{"dry": true, "recorded": false} {
			t.Run(name+" "+kind, func(t *testing.T) {
				r := start(t)
				survey := r.publishAirline(t)
				got := serialised(t, score(t, r, dryRun, survey))
				if len(got) != len(want) {
					t.Fatalf("%d scores, want %d", len(got), len(want))
				}
				for i := range want {
					if got[i] != want[i] {
						t.Fatalf("response %s: another score than by ScoreCustomer", survey[i].GetResponseId())
					}
				}
				if dryRun {
					return
				}
				for i := 0; i < len(survey); i += 97 {
					kept, err := r.scoring().GetScore(t.Context(), &cmiv1.GetScoreRequest{ResponseId: survey[i].GetResponseId()})
					if err != nil || serialised(t, []*cmiv1.Score{kept.GetScore()})[0] != want[i] {
						t.Fatalf("the record of %s is %v, %v", survey[i].GetResponseId(), kept, err)
					}
				}
			})
		}
	}
}

// serialised gives every bit of the scores; the clock of the servers stands still.
func serialised(t *testing.T, scores []*cmiv1.Score) []string {
	t.Helper()
	all := make([]string, len(scores))
	for i, s := range scores {
		body, err := proto.MarshalOptions{Deterministic: true}.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = string(body)
	}
	return all
}

func one(dryRun bool, r *cmiv1.Response) *cmiv1.ScoreCustomerRequest {
	return &cmiv1.ScoreCustomerRequest{QuestionnaireId: "airline", Response: r, DryRun: dryRun}
}

func scoreOneByOne(t *testing.T, r *running, dryRun bool, responses []*cmiv1.Response) []*cmiv1.Score {
	t.Helper()
	var scores []*cmiv1.Score
	for _, response := range responses {
		got, err := r.scoring().ScoreCustomer(t.Context(), one(dryRun, response))
		if err != nil {
			t.Fatal(err)
		}
		scores = append(scores, got.GetScore())
	}
	return scores
}

func postOneByOne(t *testing.T, r *running, client *http.Client, dryRun bool, responses []*cmiv1.Response) []*cmiv1.Score {
	t.Helper()
	var scores []*cmiv1.Score
	for _, response := range responses {
		var got cmiv1.ScoreCustomerResponse
		if code := r.post(t, client, "/v1/scores", one(dryRun, response), &got); code != http.StatusOK {
			t.Fatalf("%s: %d", response.GetResponseId(), code)
		}
		scores = append(scores, got.GetScore())
	}
	return scores
}

// batches cuts the responses into requests of at most 1,000.
func batches(dryRun bool, responses []*cmiv1.Response) []*cmiv1.BatchScoreCustomersRequest {
	var all []*cmiv1.BatchScoreCustomersRequest
	for part := range slices.Chunk(responses, 1000) {
		all = append(all, &cmiv1.BatchScoreCustomersRequest{QuestionnaireId: "airline", Responses: part, DryRun: dryRun})
	}
	return all
}

func scoreInBatches(t *testing.T, r *running, dryRun bool, responses []*cmiv1.Response) []*cmiv1.Score {
	t.Helper()
	var scores []*cmiv1.Score
	for _, batch := range batches(dryRun, responses) {
		got, err := r.scoring().BatchScoreCustomers(t.Context(), batch)
		if err != nil {
			t.Fatal(err)
		}
		scores = append(scores, scored(t, got.GetResults())...)
	}
	return scores
}

func postInBatches(t *testing.T, r *running, client *http.Client, dryRun bool, responses []*cmiv1.Response) []*cmiv1.Score {
	t.Helper()
	var scores []*cmiv1.Score
	for _, batch := range batches(dryRun, responses) {
		var got cmiv1.BatchScoreCustomersResponse
		if code := r.post(t, client, "/v1/scores:batch", batch, &got); code != http.StatusOK {
			t.Fatal(code)
		}
		scores = append(scores, scored(t, got.GetResults())...)
	}
	return scores
}

// scored answers the scores of results that all must have one.
func scored(t *testing.T, results []*cmiv1.ScoreResult) []*cmiv1.Score {
	t.Helper()
	var scores []*cmiv1.Score
	for i, result := range results {
		if result.GetScore() == nil {
			t.Fatalf("result %d: %v", i, result.GetError())
		}
		scores = append(scores, result.GetScore())
	}
	return scores
}

func config(dryRun bool) *cmiv1.StreamScoresRequest {
	return &cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Config{
		Config: &cmiv1.StreamScoresConfig{QuestionnaireId: "airline", DryRun: dryRun},
	}}
}

func chunk(sequence int32, responses ...*cmiv1.Response) *cmiv1.StreamScoresRequest {
	return &cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Chunk{
		Chunk: &cmiv1.ResponseChunk{Sequence: sequence, Responses: responses},
	}}
}

// chunks cuts the responses into the messages of a stream, config included. The sequence starts anywhere.
func chunks(dryRun bool, size int, responses []*cmiv1.Response) []*cmiv1.StreamScoresRequest {
	all := []*cmiv1.StreamScoresRequest{config(dryRun)}
	sequence := int32(7)
	for part := range slices.Chunk(responses, size) {
		all = append(all, chunk(sequence, part...))
		sequence++
	}
	return all
}

func scoreByStream(t *testing.T, r *running, dryRun bool, responses []*cmiv1.Response) []*cmiv1.Score {
	t.Helper()
	stream, err := r.scoring().StreamScores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sent := make(chan error, 1)
	go func() {
		for _, m := range chunks(dryRun, 50, responses) {
			if err := stream.Send(m); err != nil {
				sent <- err
				return
			}
		}
		sent <- stream.CloseSend()
	}()
	var answers []*cmiv1.StreamScoresResponse
	for {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, answer)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	return answered(t, answers, len(responses))
}

func postStream(t *testing.T, r *running, client *http.Client, dryRun bool, responses []*cmiv1.Response) []*cmiv1.Score {
	t.Helper()
	var messages []proto.Message
	for _, m := range chunks(dryRun, 50, responses) {
		messages = append(messages, m)
	}
	code, body := r.do(t, client, http.MethodPost, "/v1/scores:stream", "application/x-ndjson", strings.NewReader(lines(t, messages...)))
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	var answers []*cmiv1.StreamScoresResponse
	for line := range strings.Lines(string(body)) {
		answer := new(cmiv1.StreamScoresResponse)
		if err := protojson.Unmarshal([]byte(line), answer); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		answers = append(answers, answer)
	}
	return answered(t, answers, len(responses))
}

// answered checks that a stream answered its chunks in order and added them up, and answers the scores.
func answered(t *testing.T, answers []*cmiv1.StreamScoresResponse, n int) []*cmiv1.Score {
	t.Helper()
	var scores []*cmiv1.Score
	statuses, buckets := map[string]int32{}, map[string]int32{}
	next := int32(7)
	for _, answer := range answers[:len(answers)-1] {
		if answer.GetChunk().GetSequence() != next {
			t.Fatalf("chunk %d came where %d was due", answer.GetChunk().GetSequence(), next)
		}
		next++
		for _, s := range scored(t, answer.GetChunk().GetResults()) {
			scores = append(scores, s)
			statuses[s.GetStatus().String()]++
			if s.GetBucket() != cmiv1.Bucket_BUCKET_UNSPECIFIED {
				buckets[s.GetBucket().String()]++
			}
		}
	}
	want := &cmiv1.StreamScoresSummary{Chunks: next - 7, Responses: int32(n), Statuses: statuses, Buckets: buckets}
	if got := answers[len(answers)-1].GetSummary(); !proto.Equal(got, want) {
		t.Errorf("the summary is %v, want %v", got, want)
	}
	return scores
}
