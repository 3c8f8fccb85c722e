package sample_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/bench/sample"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func TestTemplatesWriteTheIdsOfEachResponse(t *testing.T) {
	t.Parallel()
	template, err := sample.RequestTemplate(true)
	if err != nil {
		t.Fatal(err)
	}
	var got cmiv1.ScoreCustomerRequest
	if err := proto.Unmarshal(template.Append([]byte{}, 1_234_567), &got); err != nil {
		t.Fatal(err)
	}
	want := sample.Request(true)
	want.Response.ResponseId, want.Response.CustomerId = "response-000001234567", "customer-00034567"
	if !proto.Equal(&got, want) {
		t.Errorf("got %v", &got)
	}
	if n := len(got.GetResponse().GetAnswers()); n != sample.Answers {
		t.Errorf("%d answers, want %d", n, sample.Answers)
	}
}

func TestHTTPTemplateIsTheSameRequest(t *testing.T) {
	t.Parallel()
	template, err := sample.HTTPTemplate("127.0.0.1:80", "id.secret", true)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(template.Append(nil, 7)), "\r\n\r\n")
	var got cmiv1.ScoreCustomerRequest
	if err := protojson.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if id := got.GetResponse().GetResponseId(); id != "response-000000000007" {
		t.Errorf("response id %q", id)
	}
}

func TestChunksHoldResponsesInARow(t *testing.T) {
	t.Parallel()
	template, err := sample.NewChunkTemplate()
	if err != nil {
		t.Fatal(err)
	}
	var got cmiv1.StreamScoresRequest
	if err := proto.Unmarshal(template.Append(nil, 3, 10, 5), &got); err != nil {
		t.Fatal(err)
	}
	chunk := got.GetChunk()
	if chunk.GetSequence() != 3 || len(chunk.GetResponses()) != 5 || chunk.GetResponses()[4].GetResponseId() != "response-000000000014" {
		t.Errorf("got %v", chunk)
	}
}
