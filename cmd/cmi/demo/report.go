package demo

import (
	"cmp"
	"context"
	"slices"

	"google.golang.org/grpc"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// mostAtRisk is how many customers the report names.
const mostAtRisk = 10

// Report is what the scores of many customers come to.
type Report struct {
	Questionnaire *cmiv1.Questionnaire
	Scores        int
	Statuses      map[cmiv1.ScoreStatus]int
	Buckets       map[cmiv1.Bucket]int
	// MeanCMI is over all that have one; nil when none has.
	MeanCMI *float64
	// Pillars are ECI, BEI and FII.
	Pillars []PillarReport
	// AtRisk are those with the lowest CMI in the bucket At-Risk, the lowest first.
	AtRisk []CustomerReport
}

// PillarReport is one pillar over many scores.
type PillarReport struct {
	Pillar cmiv1.Pillar
	// Mean is over the scores that have the pillar; nil when none has.
	Mean    *float64
	Missing int
}

// CustomerReport is one customer at risk.
type CustomerReport struct {
	Score    *cmiv1.Score
	Response *cmiv1.Response
	// Drags are the items that would raise the CMI, the largest headroom first; Facets are the same by facet.
	Drags  []Drag
	Facets []FacetDrag
}

// Drag is an item that holds a CMI down.
type Drag struct {
	Item   *cmiv1.Item
	Answer *cmiv1.Answer
	// Headroom is how many points the CMI would rise were the item at its best.
	Headroom float64
}

// FacetDrag is what the items of one facet lack together.
type FacetDrag struct {
	Facet    string
	Headroom float64
}

// summarise makes the report of scores, but for the reasons of those at risk.
func summarise(q *cmiv1.Questionnaire, scores []*cmiv1.Score) *Report {
	r := &Report{
		Questionnaire: q, Scores: len(scores),
		Statuses: make(map[cmiv1.ScoreStatus]int), Buckets: make(map[cmiv1.Bucket]int),
	}
	var cmis []float64
	pillars := make(map[cmiv1.Pillar][]float64)
	for _, s := range scores {
		r.Statuses[s.GetStatus()]++
		r.Buckets[s.GetBucket()]++
		if s.Cmi != nil {
			cmis = append(cmis, s.GetCmi())
		}
		for _, p := range s.GetPillars() {
			if p.Score != nil {
				pillars[p.GetPillar()] = append(pillars[p.GetPillar()], p.GetScore())
			}
		}
	}
	r.MeanCMI = mean(cmis)
	for _, p := range []cmiv1.Pillar{cmiv1.Pillar_PILLAR_ECI, cmiv1.Pillar_PILLAR_BEI, cmiv1.Pillar_PILLAR_FII} {
		r.Pillars = append(r.Pillars, PillarReport{Pillar: p, Mean: mean(pillars[p]), Missing: len(scores) - len(pillars[p])})
	}
	for _, s := range lowest(scores) {
		r.AtRisk = append(r.AtRisk, CustomerReport{Score: s})
	}
	return r
}

// lowest picks those at risk with the lowest CMI; equal ones go by customer.
func lowest(scores []*cmiv1.Score) []*cmiv1.Score {
	var atRisk []*cmiv1.Score
	for _, s := range scores {
		if s.GetBucket() == cmiv1.Bucket_BUCKET_AT_RISK {
			atRisk = append(atRisk, s)
		}
	}
	slices.SortFunc(atRisk, func(a, b *cmiv1.Score) int {
		return cmp.Or(cmp.Compare(a.GetCmi(), b.GetCmi()), cmp.Compare(a.GetCustomerId(), b.GetCustomerId()))
	})
	return atRisk[:min(mostAtRisk, len(atRisk))]
}

func mean(all []float64) *float64 {
	if len(all) == 0 {
		return nil
	}
	sum := 0.0
	for _, x := range all {
		sum += x
	}
	sum /= float64(len(all))
	return &sum
}

// explain asks the service why those at risk are where they are, and what they answered.
func (r *Report) explain(ctx context.Context, conn grpc.ClientConnInterface) error {
	client := cmiv1.NewScoringServiceClient(conn)
	for i := range r.AtRisk {
		id := r.AtRisk[i].Score.GetResponseId()
		explained, err := client.ExplainScore(ctx, &cmiv1.ExplainScoreRequest{ResponseId: id})
		if err != nil {
			return failed("score "+id+" was not explained", err)
		}
		recorded, err := client.GetResponse(ctx, &cmiv1.GetResponseRequest{ResponseId: id})
		if err != nil {
			return failed("response "+id+" was not read", err)
		}
		r.AtRisk[i].Response = recorded.GetResponse()
		r.AtRisk[i].Drags = drags(r.Questionnaire, recorded.GetResponse(), explained.GetScore().GetExplanation())
		r.AtRisk[i].Facets = byFacet(r.AtRisk[i].Drags)
	}
	return nil
}

// drags lists the items with headroom, the largest first; equal ones keep the order of the questionnaire.
func drags(q *cmiv1.Questionnaire, response *cmiv1.Response, explanation *cmiv1.Explanation) []Drag {
	items, answers := make(map[string]*cmiv1.Item), make(map[string]*cmiv1.Answer)
	for _, it := range q.GetItems() {
		items[it.GetItemId()] = it
	}
	for _, a := range response.GetAnswers() {
		answers[a.GetItemId()] = a
	}
	var all []Drag
	for _, c := range explanation.GetContributions() {
		if id := c.GetItemId(); c.GetHeadroom() > 0 {
			all = append(all, Drag{Item: items[id], Answer: answers[id], Headroom: c.GetHeadroom()})
		}
	}
	slices.SortStableFunc(all, func(a, b Drag) int { return cmp.Compare(b.Headroom, a.Headroom) })
	return all
}

// byFacet adds drags up by facet, the largest first; an item without a facet stands for itself.
func byFacet(all []Drag) []FacetDrag {
	var facets []FacetDrag
	for _, d := range all {
		name := cmp.Or(d.Item.GetFacet(), d.Item.GetItemId())
		at := slices.IndexFunc(facets, func(f FacetDrag) bool { return f.Facet == name })
		if at < 0 {
			at = len(facets)
			facets = append(facets, FacetDrag{Facet: name})
		}
		facets[at].Headroom += d.Headroom
	}
	slices.SortStableFunc(facets, func(a, b FacetDrag) int { return cmp.Compare(b.Headroom, a.Headroom) })
	return facets
}
