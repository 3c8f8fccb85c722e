package main

import (
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

const (
	tenant          = "default"
	questionnaireID = "reports"
	segmentKey      = "plan"
	touchpoints     = 6
)

// survey asks one item for each pillar, two that carry a loyalty metric, and the touchpoints.
func survey() *cmiv1.Questionnaire {
	q := &cmiv1.Questionnaire{QuestionnaireId: questionnaireID, Title: "Reports"}
	for k, pillar := range []string{"eci", "bei", "fii"} {
		q.Items = append(q.Items, &cmiv1.Item{
			ItemId: pillar, Prompt: "0 means not at all, 100 means completely.", Pillar: cmiv1.Pillar(k + 1), Scale: rating(0, 100),
		})
	}
	q.Items = append(q.Items, aside("nps", rating(0, 10)), aside("csat", rating(1, 5)))
	q.Items[3].Metric, q.Items[4].Metric = cmiv1.Metric_METRIC_NPS, cmiv1.Metric_METRIC_CSAT
	for k := range touchpoints {
		q.Items = append(q.Items, aside(touchpoint(k), rating(0, 10)))
	}
	return q
}

// aside is an item that is asked and not scored.
func aside(id string, scale *cmiv1.Item_Rating) *cmiv1.Item {
	return &cmiv1.Item{ItemId: id, Prompt: "How was it?", Weight: new(0.0), Scale: scale}
}

func rating(low, high float64) *cmiv1.Item_Rating {
	return &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: low, Max: high, Step: new(1.0)}}
}

func touchpoint(k int) string { return fmt.Sprintf("t%d", k+1) }
