package main

import (
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// comparisonOf is one of 4 responses, of which one fell.
func comparisonOf(more ...*cmiv1.BucketMove) *cmiv1.ScoreComparison {
	c := &cmiv1.ScoreComparison{
		Responses: 4, BucketChanges: 1, Compared: 4,
		MeanBefore: proto.Float64(65), MeanAfter: proto.Float64(64.375), MeanChange: proto.Float64(-0.625),
		MeanAbsoluteChange: proto.Float64(6.875), MinChange: proto.Float64(-15), MaxChange: proto.Float64(10),
		Moves: []*cmiv1.BucketMove{
			{Before: cmiv1.Bucket_BUCKET_GROWTH, After: cmiv1.Bucket_BUCKET_AT_RISK, Responses: 1},
			{Before: cmiv1.Bucket_BUCKET_GROWTH, After: cmiv1.Bucket_BUCKET_GROWTH, Responses: 2},
			{Before: cmiv1.Bucket_BUCKET_ADVOCATE, After: cmiv1.Bucket_BUCKET_ADVOCATE, Responses: 1},
		},
	}
	for _, move := range more {
		c.Moves = append(c.Moves, move)
		c.Responses += move.GetResponses()
	}
	return c
}

func TestComparedShowsMovesAndFigures(t *testing.T) {
	t.Parallel()
	group := func(by string, value *string, c *cmiv1.ScoreComparison) *cmiv1.GroupComparison {
		return &cmiv1.GroupComparison{GroupBy: by, Value: value, Comparison: c}
	}
	got := compared(&cmiv1.RecomputeScoresResponse{
		QuestionnaireId: "pulse", Version: 2, Overall: comparisonOf(),
		Groups: []*cmiv1.GroupComparison{
			group("channel", proto.String("CHANNEL_MOBILE_APP"), comparisonOf()),
			group("channel", nil, &cmiv1.ScoreComparison{Responses: 12}),
			group("segments.country", proto.String("CHANNEL_CH"), comparisonOf()),
			{GroupBy: "segments.country", Others: true, Comparison: comparisonOf()},
		},
	})
	const want = `pulse, version 2: 4 responses scored again, 1 of them (25.0 %) in another bucket than recorded

BEFORE \ AFTER      Advocate  Growth Opportunity  At-Risk  all
Advocate                   1                   0        0    1
Growth Opportunity         0                   2        1    3
At-Risk                    0                   0        0    0
all                        1                   2        1    4

                     RESPONSES   OTHER    MEAN   MEAN    MEAN  ABSOLUTE  LOWEST  HIGHEST
                                BUCKET  BEFORE  AFTER  CHANGE    CHANGE  CHANGE   CHANGE
all                          4       1   65.00  64.38   -0.62      6.88  -15.00   +10.00

by channel
  mobile-app                 4       1   65.00  64.38   -0.62      6.88  -15.00   +10.00
  (none)                    12       0       -      -       -         -       -        -

by segments.country
  CHANNEL_CH                 4       1   65.00  64.38   -0.62      6.88  -15.00   +10.00
  (all others)               4       1   65.00  64.38   -0.62      6.88  -15.00   +10.00
`
	if got != want {
		t.Errorf("it shows\n%s\nwant\n%s", got, want)
	}
}

// TestComparedShowsScoresThatAreNone only where there are some.
func TestComparedShowsScoresThatAreNone(t *testing.T) {
	t.Parallel()
	got := compared(&cmiv1.RecomputeScoresResponse{
		QuestionnaireId: "pulse", Version: 2,
		Overall: comparisonOf(&cmiv1.BucketMove{Before: cmiv1.Bucket_BUCKET_AT_RISK, Responses: 2}),
	})
	says(t, got, "Advocate  Growth Opportunity  At-Risk  no CMI  all",
		"At-Risk                    0                   0        0       2    2",
		"no CMI                     0                   0        0       0    0",
		"all                        1                   2        1       2    6")
}

func TestComparedOfNothing(t *testing.T) {
	t.Parallel()
	got := compared(&cmiv1.RecomputeScoresResponse{QuestionnaireId: "pulse", Version: 2, Overall: &cmiv1.ScoreComparison{}})
	if want := "pulse, version 2: there was no response to score again.\n"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}

func TestSigned(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]float64{"0.00": -0.004, "+0.01": 0.006, "-15.00": -15, "+10.50": 10.5} {
		if got := signed(change); got != want {
			t.Errorf("%g is %q, want %q", change, got, want)
		}
	}
}

// TestRoundedDown: what is nearly 80 is not yet shown as 80, and what is 80.29 is not shown as 80.28.
func TestRoundedDown(t *testing.T) {
	t.Parallel()
	for want, cmi := range map[string]*float64{
		"-": nil, "0.00": proto.Float64(0), "0.29": proto.Float64(0.29), "79.99": proto.Float64(79.999999999), "80.00": proto.Float64(80),
		"80.29": proto.Float64(80.29), "100.00": proto.Float64(100),
	} {
		if got := roundedDown(cmi); got != want {
			t.Errorf("%v is %q, want %q", cmi, got, want)
		}
	}
}
