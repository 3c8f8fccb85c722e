package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// checkScores compares the list of scores with what the recompute says of all of them.
func checkScores(t *testing.T, s *served, all *cmiv1.ScoreComparison) {
	t.Helper()
	list := func(args ...string) []string {
		r := cmi(t, "", append([]string{"operations", "scores", "operations/what-if", "--server", s.GRPC}, args...)...)
		r.expect(t, exitOK)
		return strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
	}
	lines := list("--json")
	pairs := make([]*cmiv1.RecomputedScore, len(lines))
	changed := 0
	for i, line := range lines {
		pairs[i] = &cmiv1.RecomputedScore{}
		if err := protojson.Unmarshal([]byte(line), pairs[i]); err != nil {
			t.Fatal(err)
		}
		if pairs[i].GetRecorded().GetBucket() != pairs[i].GetRecomputed().GetBucket() {
			changed++
		}
	}
	if len(pairs) != int(all.GetResponses()) || changed != int(all.GetBucketChanges()) {
		t.Errorf("%d scores, %d of them in another bucket, want %v", len(pairs), changed, all)
	}
	rows := list("--changed")
	if len(rows) != changed+1 || !strings.HasPrefix(rows[0], "RESPONSE") || strings.Count(strings.Join(rows, "\n"), " -> ") != changed {
		t.Errorf("%d rows, want a heading and %d:\n%s", len(rows), changed, strings.Join(rows, "\n"))
	}
	for _, move := range all.GetMoves() {
		if none := cmiv1.Bucket_BUCKET_UNSPECIFIED; move.GetBefore() == none || move.GetAfter() == none {
			continue
		}
		rows := list("--bucket-before", flagOf(move.GetBefore()), "--bucket-after", flagOf(move.GetAfter()))
		if len(rows) != int(move.GetResponses())+1 {
			t.Errorf("%d rows of %v", len(rows)-1, move)
		}
	}
	recorded := pairs[0].GetRecorded()
	rows = list("--customer", recorded.GetCustomerId())
	says(t, strings.Join(rows, "\n"), recorded.GetResponseId()+"  "+recorded.GetCustomerId()+"  ", roundedDown(recorded.Cmi), clock(recorded.GetSubmittedAt()))
	if rows := list("--customer", "nobody"); len(rows) != 1 || rows[0] != "There is none." {
		t.Errorf("of nobody it lists %q", rows)
	}
}

func flagOf(b cmiv1.Bucket) string {
	return map[cmiv1.Bucket]string{
		cmiv1.Bucket_BUCKET_AT_RISK: "at-risk", cmiv1.Bucket_BUCKET_GROWTH: "growth", cmiv1.Bucket_BUCKET_ADVOCATE: "advocate",
	}[b]
}

// paged answers lists in two pages, and notes what it was asked.
type paged struct {
	fakeOperations
	scores     []*cmiv1.ListRecomputedScoresRequest
	operations []*longrunningpb.ListOperationsRequest
	pairs      [][]*cmiv1.RecomputedScore
	pages      [][]*longrunningpb.Operation
}

func (p *paged) ListRecomputedScores(_ context.Context, r *cmiv1.ListRecomputedScoresRequest) (*cmiv1.ListRecomputedScoresResponse, error) {
	p.scores = append(p.scores, proto.CloneOf(r))
	if r.GetPageToken() == "" {
		return &cmiv1.ListRecomputedScoresResponse{Scores: p.pairs[0], NextPageToken: "more"}, nil
	}
	return &cmiv1.ListRecomputedScoresResponse{Scores: p.pairs[1]}, nil
}

func (p *paged) ListOperations(_ context.Context, r *longrunningpb.ListOperationsRequest) (*longrunningpb.ListOperationsResponse, error) {
	p.operations = append(p.operations, proto.CloneOf(r))
	if r.GetPageToken() == "" {
		return &longrunningpb.ListOperationsResponse{Operations: p.pages[0], NextPageToken: "more"}, nil
	}
	return &longrunningpb.ListOperationsResponse{Operations: p.pages[1]}, nil
}

// TestScoresOfAllPagesAreListed, by the same filters, in columns that go on.
func TestScoresOfAllPagesAreListed(t *testing.T) {
	t.Parallel()
	at := timestamppb.New(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC))
	pair := func(response, customer string, before, after *float64, from, to cmiv1.Bucket) *cmiv1.RecomputedScore {
		return &cmiv1.RecomputedScore{
			Recorded:   &cmiv1.Score{ResponseId: response, CustomerId: customer, Cmi: before, Bucket: from, SubmittedAt: at},
			Recomputed: &cmiv1.Score{ResponseId: response, CustomerId: customer, Cmi: after, Bucket: to, SubmittedAt: at},
		}
	}
	const risk, growth = cmiv1.Bucket_BUCKET_AT_RISK, cmiv1.Bucket_BUCKET_GROWTH
	f := &paged{pairs: [][]*cmiv1.RecomputedScore{
		{pair("bob-1", "bob", new(60.0), new(45.0), growth, risk)},
		{pair("cat-12", "", new(51.5), nil, growth, 0), pair("d", "dan", new(49.999999999), new(49.999999999), risk, risk)},
	}}
	address := serveFake(t, f)
	args := []string{"operations", "scores", "x", "--server", address, "--changed", "--customer", "bob", "--bucket-before", "growth", "--bucket-after", "at-risk"}
	r := within(t.Context(), args...)
	r.expect(t, exitOK)
	const want = `RESPONSE  CUSTOMER  BEFORE  AFTER  CHANGE  BUCKET                         SUBMITTED
bob-1     bob        60.00  45.00  -15.00  Growth Opportunity -> At-Risk  2026-09-01 08:00:00 UTC
cat-12    -          51.50      -       -  Growth Opportunity -> no CMI   2026-09-01 08:00:00 UTC
d         dan        49.99  49.99    0.00  At-Risk                        2026-09-01 08:00:00 UTC
`
	if r.out != want {
		t.Errorf("it lists\n%s\nwant\n%s", r.out, want)
	}
	asked := &cmiv1.ListRecomputedScoresRequest{
		OperationId: "x", PageSize: scoresTogether, CustomerId: "bob", BucketChanged: true, BucketBefore: growth, BucketAfter: risk,
	}
	next := proto.CloneOf(asked)
	next.PageToken = "more"
	if len(f.scores) != 2 || !proto.Equal(f.scores[0], asked) || !proto.Equal(f.scores[1], next) {
		t.Errorf("it asks %v", f.scores)
	}
	r = within(t.Context(), append(args, "--json")...)
	r.expect(t, exitOK)
	if lines := strings.Split(r.out, "\n"); len(lines) != 4 || !strings.Contains(lines[2], `"responseId":"d"`) {
		t.Errorf("as JSON it lists\n%s", r.out)
	}
}

// TestOperationsOfAllPagesAreListed, by the same filter.
func TestOperationsOfAllPagesAreListed(t *testing.T) {
	t.Parallel()
	op := func(id string) *longrunningpb.Operation {
		wire := packed(t, &cmiv1.OperationMetadata{Kind: "recompute", State: cmiv1.OperationState_OPERATION_STATE_RUNNING,
			ResponsesTotal: new(int32(8)), Progress: 0.626}, false)
		wire.Name = "operations/" + id
		return wire
	}
	f := &paged{pages: [][]*longrunningpb.Operation{{op("a"), op("b")}, {op("c")}}}
	r := within(t.Context(), "operations", "list", "--running", "--server", serveFake(t, f))
	r.expect(t, exitOK)
	want := "OPERATION  STATE    DONE  STARTED  WHAT\n"
	for _, id := range []string{"a", "b", "c"} {
		want += fmt.Sprintf("%-9s  running  62 %%  -        recompute\n", id)
	}
	if r.out != want {
		t.Errorf("it lists\n%s\nwant\n%s", r.out, want)
	}
	first := &longrunningpb.ListOperationsRequest{Name: "operations", PageSize: operationsTogether, Filter: "done = false"}
	next := proto.CloneOf(first)
	next.PageToken = "more"
	if !slices.EqualFunc(f.operations, []*longrunningpb.ListOperationsRequest{first, next}, func(a, b *longrunningpb.ListOperationsRequest) bool { return proto.Equal(a, b) }) {
		t.Errorf("it asks %v", f.operations)
	}
}
