package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

	"github.com/customer-momentum/cmi/examples/population"
)

// intended says what population is made.
func intended(p population.Plan) string {
	return fmt.Sprintf("%s of seed %d, %s model, %s %d days apart, from %s to %s\n",
		plural(p.Customers, "customer"), p.Seed, p.Model, plural(p.Waves, "wave"), int(p.Every.Hours()/24),
		p.Start.UTC().Format("2006-01-02"), p.End().Format("2006-01-02"))
}

// arrival is what became of a population at a service.
type arrival struct {
	questionnaire *cmiv1.Questionnaire
	published     bool // by this run
	customers     int  // that were saved
	created       int  // of them
	interactions  *cmiv1.StreamInteractionsResponse
	responses     *cmiv1.StreamScoresSummary
	// refused counts what the service did not take, by what it was and the reason's name; example is what it said to the first.
	refused map[string]int
	example string
}

// refuse counts a refusal.
func (a *arrival) refuse(what, reason string, n int, said string) {
	if a.refused == nil {
		a.refused = make(map[string]int)
	}
	a.refused[what+" ("+reason+")"] += n
	if a.example == "" {
		a.example = said
	}
}

// String is the summary for people.
func (a *arrival) String() string {
	how := "there already"
	if a.published {
		how = "published by this run"
	}
	sent, scores := a.interactions, a.responses
	statuses, buckets := scores.GetStatuses(), scores.GetBuckets()
	scored := int32(0)
	for _, n := range statuses {
		scored += n
	}
	return table([]string{"SENT", "WHAT BECAME OF IT"}, [][]string{
		{"questionnaire", fmt.Sprintf("%s, version %d, %s", a.questionnaire.GetQuestionnaireId(), a.questionnaire.GetVersion(), how)},
		{"customers", fmt.Sprintf("%d saved, %d of them new", a.customers, a.created)},
		{"interactions", fmt.Sprintf("%d recorded, %d there already", sent.GetRecorded(), sent.GetReplayed())},
		{"responses", fmt.Sprintf("%d scored, %d of them there already", scored, scores.GetReplayed())},
		{"statuses", fmt.Sprintf("%d in full, %d in part, %d not at all", statuses[cmiv1.ScoreStatus_SCORE_STATUS_SCORED.String()],
			statuses[cmiv1.ScoreStatus_SCORE_STATUS_PARTIAL.String()], statuses[cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED.String()])},
		{"buckets", fmt.Sprintf("%d Advocate, %d Growth Opportunity, %d At-Risk", buckets[cmiv1.Bucket_BUCKET_ADVOCATE.String()],
			buckets[cmiv1.Bucket_BUCKET_GROWTH.String()], buckets[cmiv1.Bucket_BUCKET_AT_RISK.String()])},
	})
}

// refusals says in one sentence what was not taken; nil when all was.
func (a *arrival) refusals() error {
	if len(a.refused) == 0 {
		return nil
	}
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(a.refused)) {
		parts = append(parts, fmt.Sprintf("%d %s", a.refused[what], what))
	}
	text := "refused: " + strings.Join(parts, ", ")
	if a.example != "" {
		text += "; the first because " + a.example
	}
	return errors.New(text)
}
