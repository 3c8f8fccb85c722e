package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// withDraft fills a service with a population and starts version 2 of its questionnaire, in which ECI weighs triple.
func withDraft(t *testing.T, s *served) {
	t.Helper()
	cmi(t, "", "simulate", "--server", s.GRPC, "--customers", "30", "--waves", "5", "--seed", "9").expect(t, exitOK)
	conn, err := grpc.NewClient(s.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = cmiv1.NewQuestionnaireServiceClient(conn).UpdateQuestionnaire(t.Context(), &cmiv1.UpdateQuestionnaireRequest{
		Questionnaire: &cmiv1.Questionnaire{
			QuestionnaireId: "simulated-survey", PillarWeights: &cmiv1.PillarWeights{Eci: new(3.0), Bei: new(1.0), Fii: new(1.0)},
		},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"pillar_weights"}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// operationIn reads an operation that a command printed as JSON, and its result.
func operationIn(t *testing.T, text string) (*operation, *cmiv1.RecomputeScoresResponse) {
	t.Helper()
	wire := &longrunningpb.Operation{}
	if err := protojson.Unmarshal([]byte(text), wire); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	op, err := readOperation(wire)
	if err != nil {
		t.Fatal(err)
	}
	result, err := op.comparison()
	if err != nil {
		t.Fatal(err)
	}
	return op, result
}

// TestRecompute asks a real service what another version would say, and then who changed.
func TestRecompute(t *testing.T) {
	t.Parallel()
	s := serve(t)
	withDraft(t, s)
	recompute := func(args ...string) result {
		return cmi(t, "", append([]string{"recompute", "simulated-survey", "--server", s.GRPC}, args...)...)
	}
	narrow := []string{"--version", "2", "--from", "2025-12-01", "--group-by", "channel", "--group-by", "segments.country", "--id", "what-if"}
	shown := recompute(narrow...)
	shown.expect(t, exitOK)
	if want := "Operation what-if: simulated-survey, version 2, from 2025-12-01, by channel, segments.country\n"; shown.err != want {
		t.Errorf("stderr has %q, want %q", shown.err, want)
	}
	// The same command goes on with the same operation, which has ended; what it prints as JSON is what it prints as a table.
	again := recompute(append(narrow, "--json")...)
	again.expect(t, exitOK)
	op, compare := operationIn(t, again.out)
	want := compared(compare) + fmt.Sprintf("\nWho changed: cmi operations scores what-if --changed --server %s\n", s.GRPC)
	if shown.out != want || compare.GetOverall().GetBucketChanges() == 0 || len(compare.GetGroups()) < 4 {
		t.Errorf("it prints\n%s\nwant\n%s", shown.out, want)
	}
	if asked := op.about.GetRecompute(); op.id() != "what-if" || asked.GetVersion() != 2 || clock(asked.GetSubmittedFrom()) != "2025-12-01" {
		t.Errorf("the operation is %v", op)
	}
	r := recompute("--id", "what-if")
	r.expect(t, exitNo)
	r.sentence(t, `"what-if"`, "another request")
	r = recompute("--before", "2000-01-01")
	r.expect(t, exitOK)
	says(t, r.out, "version 1: there was no response")
	checkScores(t, s, compare.GetOverall())
	checkEnds(t, s)
}

// checkEnds looks at operations that have ended, and deletes one.
func checkEnds(t *testing.T, s *served) {
	t.Helper()
	on := func(args ...string) result {
		return cmi(t, "", append(append([]string{"operations"}, args...), "--server", s.GRPC)...)
	}
	r := on("list")
	r.expect(t, exitOK)
	says(t, r.out, "OPERATION", "what-if ", "succeeded  100 %", "simulated-survey, version 2", "simulated-survey-2") // the id made at random begins so
	r = on("list", "--json")
	r.expect(t, exitOK)
	if lines := strings.Count(r.out, "\n"); lines != 2 {
		t.Errorf("%d lines, want 2:\n%s", lines, r.out)
	}
	r = on("get", "what-if")
	r.expect(t, exitOK)
	says(t, r.out, "OPERATION", "what-if", "succeeded", "100 %, ", "kept until", "BEFORE \\ AFTER", "by segments.country")
	r = on("get", "what-if", "--json")
	r.expect(t, exitOK)
	if op, compare := operationIn(t, r.out); !op.GetDone() || compare.GetVersion() != 2 {
		t.Errorf("it is %v", op)
	}
	r = on("cancel", "what-if")
	r.expect(t, exitNo)
	r.sentence(t, `"what-if" has succeeded already`)
	r = on("delete", "what-if")
	r.expect(t, exitOK)
	says(t, r.out, `"what-if" is deleted`)
	for _, command := range []string{"get", "wait", "cancel", "delete", "scores"} {
		r := on(command, "what-if")
		r.expect(t, exitNo)
		r.sentence(t, "there is no", `"what-if"`)
	}
}

// TestRecomputeGoesOnWithoutAnybodyWaiting, here at a service that works on nothing.
func TestRecomputeGoesOnWithoutAnybodyWaiting(t *testing.T) {
	t.Parallel()
	s := serve(t, "--operation-workers=-1")
	withDraft(t, s)
	on := func(args ...string) result { return cmi(t, "", append(args, "--server", s.GRPC)...) }
	r := on("recompute", "simulated-survey", "--id", "idle", "--no-wait")
	r.expect(t, exitOK)
	says(t, r.out, "idle", "pending", "simulated-survey, version 1")
	r = on("recompute", "simulated-survey", "--id", "idle", "--no-wait", "--json")
	r.expect(t, exitOK)
	if op, _ := operationIn(t, r.out); op.GetDone() || op.id() != "idle" {
		t.Errorf("it is %v", op)
	}
	r = on("operations", "list", "--running")
	r.expect(t, exitOK)
	says(t, r.out, "idle", "pending  -  ")
	r = on("operations", "wait", "idle", "--at-most", "20ms")
	r.expect(t, exitNo)
	r.sentence(t, "it has not ended within 20ms", "operation idle goes on", "cmi operations wait idle --server "+s.GRPC)
	r = on("operations", "scores", "idle")
	r.expect(t, exitNo)
	r.sentence(t, `"idle"`, "scores are listed of one that succeeded")
	r = on("operations", "delete", "idle")
	r.expect(t, exitNo)
	r.sentence(t, "cancel it first")
	for range 2 {
		r = on("operations", "cancel", "idle")
		r.expect(t, exitOK)
		says(t, r.out, `"idle" is cancelled`)
	}
	r = on("operations", "list", "--running")
	r.expect(t, exitOK)
	if r.out != "There is no operation.\n" {
		t.Errorf("it lists %q", r.out)
	}
	r = on("operations", "get", "idle")
	r.expect(t, exitOK)
	says(t, r.out, "cancelled")
	r = on("operations", "wait", "idle")
	r.expect(t, exitNo)
	r.sentence(t, `operation "idle" was cancelled`)
	r = on("recompute", "simulated-survey", "--id", "idle", "--json")
	r.expect(t, exitNo)
	says(t, r.err, `operation "idle" was cancelled`)
	var printed struct{ Error struct{ Code int } }
	if err := json.Unmarshal([]byte(r.out), &printed); err != nil || printed.Error.Code != 1 {
		t.Errorf("%v in\n%s", err, r.out)
	}
}

func TestRecomputeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	nowhere := []string{"--server", "127.0.0.1:1"}
	for _, c := range []struct {
		code int
		args []string
		says string
	}{
		{exitUsage, []string{"recompute"}, "questionnaire"},
		{exitUsage, []string{"recompute", "q", "--from", "yesterday"}, "2026-09-01T08:00:00Z"},
		{exitUsage, []string{"operations", "scores", "x", "--bucket-after", "gold"}, "at-risk"},
		{exitUsage, []string{"operations"}, "cmi operations --help"},
		{exitNo, append([]string{"recompute", "q"}, nowhere...), "cmi serve"},
		{exitNo, append([]string{"operations", "list"}, nowhere...), "cmi serve"},
		{exitNo, append([]string{"operations", "get", "x", "--server-name", "y"}, nowhere...), "--tls"},
	} {
		r := cmi(t, "", c.args...)
		r.expect(t, c.code)
		r.sentence(t, c.says)
	}
}

func TestNewOperationIDs(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 9, 1, 10, 0, 0, 0, time.FixedZone("", 7200))
	for _, c := range []struct {
		questionnaire string
		version       int32
		want          string
	}{
		{"airline", 2, `airline-v2-20260901-080000-[a-z2-7]{5}`},
		{"airline", 0, `airline-20260901-080000-[a-z2-7]{5}`},
		{"not an id", 0, `recompute-20260901-080000-[a-z2-7]{5}`},
		{strings.Repeat("q", 128), 2, `q{103}-v2-20260901-080000-[a-z2-7]{5}`},
	} {
		id := newOperationID(c.questionnaire, c.version, at)
		if !regexp.MustCompile("^"+c.want+"$").MatchString(id) || !scoring.ValidID(id) {
			t.Errorf("%q makes %q", c.questionnaire, id)
		}
		if id == newOperationID(c.questionnaire, c.version, at) {
			t.Errorf("%q comes twice", id)
		}
	}
}
