package demo

import (
	"encoding/csv"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// row is a customer of the survey's file, by column.
type row map[string]string

// file reads the survey, with nothing of the package that the demo reads it with.
func file(t *testing.T) []row {
	t.Helper()
	opened, err := os.Open("../../../examples/airline/airline.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	cells, err := csv.NewReader(opened).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []row
	for _, line := range cells[1:] {
		r := row{}
		for i, name := range cells[0] {
			r[name] = line[i]
		}
		all = append(all, r)
	}
	return all
}

// number is a cell as a number.
func (r row) number(t *testing.T, name string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(r[name], 64)
	if err != nil {
		t.Fatalf("%s of %s: %v", name, r["id"], err)
	}
	return x
}

// those are the rows that pass a test.
func those(all []row, pass func(row) bool) []row {
	return slices.DeleteFunc(slices.Clone(all), func(r row) bool { return !pass(r) })
}

func is(column, value string) func(row) bool { return func(r row) bool { return r[column] == value } }

// heavy tells who took more than 8 flights, of whom there are fewer than half.
func heavy(t *testing.T) func(row) bool {
	return func(r row) bool { return r.number(t, "nflights") >= 9 }
}

// reported are all reports of a demo that has recorded everything.
func reported(t *testing.T) *Insights {
	t.Helper()
	running := startDemo(t, noon)
	_, simulated := recorded(t, running, noon())
	if _, err := follow(t.Context(), running, simulated, io.Discard); err != nil {
		t.Fatal(err)
	}
	said, err := tellSurvey(t.Context(), running, simulated, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// TestInsightsAgreeWithArithmeticByHand computes what the reports say straight from the file, while simulated waves of the same
// customers are recorded beside it.
func TestInsightsAgreeWithArithmeticByHand(t *testing.T) {
	t.Parallel()
	in, all := reported(t), file(t)
	business, leisure := those(all, is("flight_purpose", "Business")), those(all, is("flight_purpose", "Leisure"))
	many := those(all, heavy(t))
	few := those(all, func(r row) bool { return !heavy(t)(r) })
	if len(business)+len(leisure) != 1065 || len(many)+len(few) != 1065 || in.Survey.usualFlights != 8 {
		t.Fatalf("%d and %d, %d and %d, and the median is %v", len(business), len(leisure), len(many), len(few), in.Survey.usualFlights)
	}
	checkNPS(t, "all", in.Loyalty.GetItems()[0], all)
	checkPair(t, in.Purposes, business, leisure)
	checkPair(t, in.Flyers, many, few)
	checkQuadrants(t, in, all)
	checkFlyers(t, in.ByFlyer["heavy"], many)
	checkFlyers(t, in.ByFlyer["light"], few)
	checkDrivers(t, in.Felt, all, func(r row, n string) float64 { return r.score(t, "s"+n) })
	checkDrivers(t, in.Gaps, all, func(r row, n string) float64 { return r.score(t, "s"+n) - r.score(t, "e"+n) })
	checkAdvice(t, in, all, [][2][]row{{business, leisure}, {many, few}})
}

// npsByHand is the score and the variance of one answer. The file has 1..11 where 0..10 was asked.
func npsByHand(t *testing.T, some []row) (promoters, detractors int32, score, variance float64) {
	t.Helper()
	for _, r := range some {
		switch x := r.number(t, "nps") - 1; {
		case x >= 9:
			promoters++
		case x <= 6:
			detractors++
		}
	}
	n := float64(len(some))
	p, d := float64(promoters)/n, float64(detractors)/n
	return promoters, detractors, 100 * (p - d), p + d - (p-d)*(p-d)
}

// checkNPS adds 3 to all, and 3/4 to promoters and to detractors, for the interval.
func checkNPS(t *testing.T, who string, got *cmiv1.LoyaltyFigures, some []row) {
	t.Helper()
	promoters, detractors, score, variance := npsByHand(t, some)
	nps := got.GetNps()
	if nps.GetPromoters() != promoters || nps.GetDetractors() != detractors || int(got.GetN()) != len(some) {
		t.Errorf("%s: %v, by hand %d promoters and %d detractors of %d", who, got, promoters, detractors, len(some))
	}
	near(t, who+" NPS", nps.GetEstimate().Value, score)
	near(t, who+" variance", nps.Variance, variance)
	n := float64(len(some)) + 3
	p, d := (float64(promoters)+0.75)/n, (float64(detractors)+0.75)/n
	half := 1.959963985 * math.Sqrt((p+d-(p-d)*(p-d))/n)
	near(t, who+" low", nps.GetEstimate().Low, 100*(p-d-half))
	near(t, who+" high", nps.GetEstimate().High, 100*(p-d+half))
}

// checkPair tests the difference by z with the variances of both.
func checkPair(t *testing.T, got Pair, first, second []row) {
	t.Helper()
	checkNPS(t, got.First, got.NPS.GetFirst(), first)
	checkNPS(t, got.Second, got.NPS.GetSecond(), second)
	_, _, a, varianceA := npsByHand(t, first)
	_, _, b, varianceB := npsByHand(t, second)
	off := 100 * math.Sqrt(varianceA/float64(len(first))+varianceB/float64(len(second)))
	d := got.NPS.GetDifference()
	near(t, got.Segment+" difference", d.GetEstimate().Value, a-b)
	near(t, got.Segment+" low", d.GetEstimate().Low, a-b-1.959963985*off)
	near(t, got.Segment+" high", d.GetEstimate().High, a-b+1.959963985*off)
	near(t, got.Segment+" p-value", d.PValue, math.Erfc(math.Abs(a-b)/off/math.Sqrt2))
}

// checkQuadrants counts in whole numbers, so that nobody falls on the wrong side of 70 by a rounding.
func checkQuadrants(t *testing.T, in *Insights, all []row) {
	t.Helper()
	counts, apart := map[cmiv1.Quadrant]int32{}, map[string]float64{}
	for _, r := range all {
		// All of these statements go from 1 to 7: the four of satisfaction come to 24 at most, the five of loyalty to 30.
		pleased := r.number(t, "sat1") + r.number(t, "sat2") + r.number(t, "sat3") + r.number(t, "overall_sat") - 4
		stays := -5.0
		for _, name := range []string{"loy1", "loy2", "loy3", "loy4", "loy5"} {
			stays += r.number(t, name)
		}
		loyal := 100*stays + 60*(r.number(t, "nps")-1) // of 3600: six parts of 600
		quadrant := cmiv1.Quadrant_QUADRANT_DEFECTOR
		switch satisfied, stay := pleased >= 0.7*24, loyal >= 2520; {
		case satisfied && stay:
			quadrant = cmiv1.Quadrant_QUADRANT_LOYALIST
		case satisfied:
			quadrant = cmiv1.Quadrant_QUADRANT_MERCENARY
		case stay:
			quadrant = cmiv1.Quadrant_QUADRANT_HOSTAGE
		}
		counts[quadrant]++
		apart[r["id"]] = pleased/24*100 - loyal/36
	}
	for _, q := range in.Matrix.GetQuadrants() {
		if q.GetCount() != counts[q.GetQuadrant()] || q.GetCount() == 0 {
			t.Errorf("%v, by hand %d", q, counts[q.GetQuadrant()])
		}
	}
	for q, listed := range map[cmiv1.Quadrant][]*cmiv1.PlacedCustomer{
		cmiv1.Quadrant_QUADRANT_HOSTAGE: in.Hostages, cmiv1.Quadrant_QUADRANT_MERCENARY: in.Mercenaries,
	} {
		if len(listed) != int(counts[q]) {
			t.Errorf("%d are listed as %v, by hand %d", len(listed), q, counts[q])
		}
		for i, c := range listed {
			near(t, c.GetCustomerId(), new(c.GetSatisfaction()-c.GetLoyalty()), apart[c.GetCustomerId()])
			if i > 0 && math.Abs(apart[c.GetCustomerId()]) > math.Abs(apart[listed[i-1].GetCustomerId()])+1e-9 {
				t.Errorf("%s comes too late", c.GetCustomerId())
			}
		}
	}
}

// checkFlyers takes the mean of each pillar and of the CMI, and counts the buckets.
func checkFlyers(t *testing.T, got *cmiv1.IndexGroup, some []row) {
	t.Helper()
	scores := map[string]surveyed{}
	for _, s := range byHand(t) {
		scores[s.customer] = s
	}
	var cmi, eci, bei, fii float64
	buckets := map[cmiv1.Bucket]int32{}
	for _, r := range some {
		s := scores[r["id"]]
		cmi, eci, bei, fii = cmi+s.cmi, eci+s.eci, bei+s.bei, fii+s.fii
		switch rounded := math.Round(s.cmi*1e9) / 1e9; {
		case rounded >= 80:
			buckets[cmiv1.Bucket_BUCKET_ADVOCATE]++
		case rounded >= 50:
			buckets[cmiv1.Bucket_BUCKET_GROWTH]++
		default:
			buckets[cmiv1.Bucket_BUCKET_AT_RISK]++
		}
	}
	n := float64(len(some))
	if int(got.GetCell().GetN()) != len(some) {
		t.Errorf("%d customers, by hand %d", got.GetCell().GetN(), len(some))
	}
	near(t, "CMI", got.GetCmi().Value, cmi/n)
	for i, mean := range []float64{eci / n, bei / n, fii / n} {
		near(t, got.GetPillars()[i].GetPillar().String(), got.GetPillars()[i].GetMean().Value, mean)
	}
	for _, b := range got.GetBuckets() {
		if b.GetCount() != buckets[b.GetBucket()] {
			t.Errorf("%v, by hand %d", b, buckets[b.GetBucket()])
		}
	}
}

// score is an answer of 1..100 as 0..100, not a number where nothing was answered.
func (r row) score(t *testing.T, name string) float64 {
	t.Helper()
	if r[name] == "" {
		return math.NaN()
	}
	return 100 * (r.number(t, name) - 1) / 99
}

// checkDrivers takes the means of those of whom all is known, and holds parts and priorities against each other.
func checkDrivers(t *testing.T, got Drivers, all []row, score func(r row, n string) float64) {
	t.Helper()
	complete := those(all, func(r row) bool {
		for n := 1; n <= 23; n++ {
			if math.IsNaN(score(r, strconv.Itoa(n))) {
				return false
			}
		}
		return true
	})
	for _, d := range []*cmiv1.DriverAnalysis{got.Commitment, got.Recommendation} {
		if int(d.GetN()) != len(complete) || len(d.GetDrivers()) != 23 || d.GetRSquared().GetValue() <= 0 {
			t.Fatalf("%d of %d customers, %d drivers, R² %v", d.GetN(), len(complete), len(d.GetDrivers()), d.GetRSquared())
		}
		means, total, overall := make([]float64, 23), 0.0, 0.0
		for i, one := range d.GetDrivers() {
			for _, r := range complete {
				means[i] += score(r, strconv.Itoa(i+1)) / float64(len(complete))
			}
			near(t, one.GetPredictor().String(), one.GetPerformance().Value, means[i])
			total += one.GetShare().GetValue()
			overall += means[i] / 23
		}
		near(t, "all parts", &total, d.GetRSquared().GetValue())
		for i, one := range d.GetDrivers() {
			matters, well := one.GetShare().GetValue() >= total/23, means[i] >= overall
			if important(one) != matters || concentrate(one) != (matters && !well) {
				t.Errorf("%v explains %v of %v, at %v where the mean is %v", one.GetPredictor(), one.GetShare(), total, means[i], overall)
			}
		}
	}
	carried := 0.0
	touchpoints := got.Touchpoints()
	for i, one := range touchpoints {
		carried += one.OfCommitment + one.OfRecommendation
		if i > 0 && one.OfCommitment+one.OfRecommendation > touchpoints[i-1].OfCommitment+touchpoints[i-1].OfRecommendation {
			t.Errorf("%s comes too late", one.Item)
		}
	}
	near(t, "what all carry of both", &carried, 2)
}

// checkAdvice looks for the touchpoint that carries the most of those to concentrate on for both, and takes the means of the answers.
func checkAdvice(t *testing.T, in *Insights, all []row, groups [][2][]row) {
	t.Helper()
	most, first := 0.0, ""
	for i, c := range in.Felt.Commitment.GetDrivers() {
		r := in.Felt.Recommendation.GetDrivers()[i]
		carries := c.GetShare().GetValue()/in.Felt.Commitment.GetRSquared().GetValue() + r.GetShare().GetValue()/in.Felt.Recommendation.GetRSquared().GetValue()
		if c.GetPriority() == cmiv1.Priority_PRIORITY_CONCENTRATE && r.GetPriority() == cmiv1.Priority_PRIORITY_CONCENTRATE && carries > most {
			most, first = carries, c.GetPredictor().GetItemIds()[0]
		}
	}
	if !in.Advice.Both || in.Advice.Touchpoints[0].Item != first {
		t.Fatalf("begins at %s, by hand at %s", in.Advice.Touchpoints[0].Item, first)
	}
	answers := func(some []row) (values []float64) {
		for _, r := range some {
			if r[first] != "" {
				values = append(values, r.number(t, first))
			}
		}
		return values
	}
	values := answers(all)
	near(t, "mean answer", in.Advice.Answers.GetMean().Value, *mean(values))
	for i, pair := range groups {
		near(t, in.Advice.Groups[i].Pair.First, in.Advice.Groups[i].First.Value, *mean(answers(pair[0])))
		near(t, in.Advice.Groups[i].Pair.Second, in.Advice.Groups[i].Second.Value, *mean(answers(pair[1])))
	}
	// The difference of the means of as many answers each; Student's t of so many is hardly above that of the normal distribution.
	n := float64(len(values))
	if got, want := noticeable(in.Advice.Answers.GetMean()), 1.96*math.Sqrt(2*varianceByHand(values)/n); math.Abs(got-want) > 0.01*want {
		t.Errorf("a rise of %v is noticed, by hand %v", got, want)
	}
}
