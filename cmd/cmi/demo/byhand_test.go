package demo

import (
	"math"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// The formulas of the model, written out for the airline's questionnaire with nothing of the service or of the engine.

// pillarItems are the items of ECI, BEI and FII.
func pillarItems() [3][]string {
	return [3][]string{
		{"com1", "com2", "com3", "reputation"}, {"nflights", "status"}, {"loy1", "loy2", "loy3", "loy4", "loy5", "nps"},
	}
}

// itemsByHand are the item scores of a response, and the CMI, rounded as it is recorded.
func itemsByHand(r *cmiv1.Response) (items map[string]float64, cmi float64) {
	items = map[string]float64{}
	for _, a := range r.GetAnswers() {
		switch id, x := a.GetItemId(), a.GetNumber(); id {
		case "nflights":
			items[id] = 100 * math.Min(1, math.Log(1+x)/math.Log(53))
		case "status":
			items[id] = map[string]float64{"Blue": 0, "Silver": 50, "Gold": 100}[a.GetChoice()]
		case "nps":
			items[id] = 10 * x
		default:
			items[id] = 100 * (x - 1) / 6
		}
	}
	for _, ids := range pillarItems() {
		for _, id := range ids {
			cmi += items[id] / float64(len(ids)) / 3
		}
	}
	return items, math.Round(cmi*1e9) / 1e9
}

// semByHand is the standard error of measurement of the CMI: of each pillar SD sqrt(1 - alpha), with Cronbach's alpha; of the
// CMI, which is the mean of the three, the root of the sum of their squares over 3.
func semByHand(responses []*cmiv1.Response) float64 {
	sum := 0.0
	for _, ids := range pillarItems() {
		k, parts := float64(len(ids)), 0.0
		totals := make([]float64, len(responses))
		for _, id := range ids {
			column := make([]float64, len(responses))
			for i, r := range responses {
				items, _ := itemsByHand(r)
				column[i] = items[id]
				totals[i] += items[id]
			}
			parts += varianceByHand(column)
		}
		whole := varianceByHand(totals)
		alpha := k / (k - 1) * (1 - parts/whole)
		sum += whole / (k * k) * (1 - alpha) // the pillar is the mean of its items
	}
	return math.Sqrt(sum) / 3
}

func varianceByHand(all []float64) float64 {
	mean, sum := 0.0, 0.0
	for _, x := range all {
		mean += x / float64(len(all))
	}
	for _, x := range all {
		sum += (x - mean) * (x - mean)
	}
	return sum / float64(len(all)-1)
}

// velocityByHand is the median of the slopes between all pairs of points that are one wave of 30 days apart each.
func velocityByHand(points []float64) float64 {
	var slopes []float64
	for j := range points {
		for i := range j {
			slopes = append(slopes, (points[j]-points[i])/float64(j-i))
		}
	}
	slices.Sort(slopes)
	n := len(slopes)
	return (slopes[(n-1)/2] + slopes[n/2]) / 2
}

// mannKendallByHand is the sign of S and the two-sided p-value, with the corrections for ties and for continuity.
func mannKendallByHand(points []float64) (sign, p float64) {
	s, n := 0.0, float64(len(points))
	ties := map[float64]float64{}
	for j, x := range points {
		ties[x]++
		for _, before := range points[:j] {
			switch {
			case x > before:
				s++
			case x < before:
				s--
			}
		}
	}
	variance := n * (n - 1) * (2*n + 5)
	for _, t := range ties {
		variance -= t * (t - 1) * (2*t + 5)
	}
	if s == 0 {
		return 0, 1
	}
	z := (math.Abs(s) - 1) / math.Sqrt(variance/18)
	return math.Copysign(1, s), math.Erfc(z / math.Sqrt2)
}

// directionByHand is where points lead: from 5 on by Mann-Kendall at 5%, before by the reliable change of the last against the
// first.
func directionByHand(points []float64, sem float64) cmiv1.Direction {
	sign, sure := 0.0, false
	switch {
	case len(points) < 2:
		return cmiv1.Direction_DIRECTION_INSUFFICIENT
	case len(points) < 5:
		change := (points[len(points)-1] - points[0]) / math.Sqrt(2*sem*sem)
		sign, sure = math.Copysign(1, change), math.Abs(change) >= 1.96
	default:
		p := 0.0
		sign, p = mannKendallByHand(points)
		sure = p < 0.05
	}
	switch {
	case sure && sign > 0:
		return rising
	case sure && sign < 0:
		return falling
	}
	return steady
}

// belowByHand is the probability that a normal error around a score puts the truth below a threshold.
func belowByHand(threshold, score, sem float64) float64 {
	return math.Erfc((score-threshold)/sem/math.Sqrt2) / 2
}
