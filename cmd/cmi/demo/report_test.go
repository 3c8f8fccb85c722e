package demo

import (
	"bytes"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// TestSummariseKeepsWhatIsMissingApart mixes a full score, a partial one and one without a CMI.
func TestSummariseKeepsWhatIsMissingApart(t *testing.T) {
	t.Parallel()
	r := summarise(&cmiv1.Questionnaire{}, []*cmiv1.Score{
		scoreOf("b", cmiv1.ScoreStatus_SCORE_STATUS_SCORED, cmiv1.Bucket_BUCKET_AT_RISK, new(40.0), new(20.0), new(40.0), new(60.0)),
		scoreOf("a", cmiv1.ScoreStatus_SCORE_STATUS_PARTIAL, cmiv1.Bucket_BUCKET_AT_RISK, new(40.0), new(30.0), nil, new(50.0)),
		scoreOf("c", cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED, cmiv1.Bucket_BUCKET_UNSPECIFIED, nil, nil, nil, new(10.0)),
	})
	near(t, "mean CMI", r.MeanCMI, 40)
	for i, want := range []struct {
		mean    float64
		missing int
	}{{25, 1}, {40, 2}, {40, 0}} {
		near(t, r.Pillars[i].Pillar.String(), r.Pillars[i].Mean, want.mean)
		if r.Pillars[i].Missing != want.missing {
			t.Errorf("%s: %d missing, want %d", r.Pillars[i].Pillar, r.Pillars[i].Missing, want.missing)
		}
	}
	if len(r.AtRisk) != 2 || r.AtRisk[0].Score.GetCustomerId() != "a" {
		t.Errorf("at risk are %v; a and b with equal CMI, by customer", r.AtRisk)
	}
	var out bytes.Buffer
	printer{to: &out}.report(r)
	for _, want := range []string{"1 scored in full, 1 in part, 1 not at all", "a            40.0   30.0     -  50.0"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

func TestReportOfNothing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	printer{to: &out}.report(summarise(&cmiv1.Questionnaire{}, nil))
	if !strings.Contains(out.String(), "mean CMI -") {
		t.Errorf("without scores it says\n%s", out.String())
	}
}

func scoreOf(customer string, status cmiv1.ScoreStatus, bucket cmiv1.Bucket, cmi *float64, pillars ...*float64) *cmiv1.Score {
	s := &cmiv1.Score{CustomerId: customer, Status: status, Bucket: bucket, Cmi: cmi}
	for i, p := range pillars {
		s.Pillars = append(s.Pillars, &cmiv1.PillarScore{Pillar: cmiv1.Pillar(i + 1), Score: p})
	}
	return s
}
