package demo

import (
	"cmp"
	"io"
	"math"
	"slices"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// noon is the clock of the service in the tests that compute what it answers.
func noon() time.Time { return time.Date(2027, time.March, 3, 12, 0, 0, 0, time.UTC) }

// followed is what a service with a standing clock answers about the simulation.
func followed(t *testing.T) *Momentum {
	t.Helper()
	running := startDemo(t, noon)
	_, simulated := recorded(t, running, noon())
	m, err := follow(t.Context(), running, simulated, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// walked is a customer's course by hand.
type walked struct {
	id        string
	points    []float64
	responses []*cmiv1.Response
	direction cmiv1.Direction
	p         float64
}

// walk computes every course from the answers.
func walk(s *simulation, sem float64) map[string]*walked {
	all := map[string]*walked{}
	for _, r := range append(slices.Clone(s.surveyed), s.responses()...) {
		id := r.GetCustomerId()
		if all[id] == nil {
			all[id] = &walked{id: id}
		}
		_, cmi := itemsByHand(r)
		all[id].points, all[id].responses = append(all[id].points, cmi), append(all[id].responses, r)
	}
	for _, w := range all {
		w.direction, w.p = directionByHand(w.points, sem), math.NaN()
		if len(w.points) >= 5 {
			_, w.p = mannKendallByHand(w.points)
		}
	}
	return all
}

// TestMomentumAgreesWithArithmeticByHand computes all that the report shows from the answers and interactions alone.
func TestMomentumAgreesWithArithmeticByHand(t *testing.T) {
	t.Parallel()
	m := followed(t)
	s := m.Simulation
	sem := semByHand(s.surveyed)
	near(t, "the standard error", m.Calibration.Sem, sem)
	if int(m.Calibration.GetN()) != len(s.surveyed) {
		t.Errorf("calibrated on %d responses, want %d", m.Calibration.GetN(), len(s.surveyed))
	}
	all := walk(s, sem)
	if len(all) != m.Profiles {
		t.Errorf("%d profiles, want %d", m.Profiles, len(all))
	}
	checkCounts(t, m, all)
	checkMovers(t, "falling", m.Falling, all, falling, 1)
	checkMovers(t, "rising", m.Rising, all, rising, -1)
	checkCourse(t, m.Falls, all[m.Falling[0].GetCustomerId()], sem)
	checkCourse(t, m.Rises, all[m.Rising[0].GetCustomerId()], sem)
	checkWhole(t, m, all, sem)
}

// checkCounts counts directions and lifecycles.
func checkCounts(t *testing.T, m *Momentum, all map[string]*walked) {
	t.Helper()
	said, sure := map[cmiv1.Direction]Truths{}, map[cmiv1.Direction]Truths{}
	made := m.Simulation.made()
	for _, d := range directions() {
		said[d], sure[d] = Truths{}, Truths{}
	}
	for _, w := range all {
		said[w.direction][made[w.id]]++
		if w.p <= mostP && w.direction != steady {
			sure[w.direction][made[w.id]]++
		}
	}
	for _, d := range directions() {
		for _, truth := range append(directions(), cmiv1.Direction_DIRECTION_UNSPECIFIED) {
			if m.Said[d][truth] != said[d][truth] || m.Sure[d][truth] != sure[d][truth] {
				t.Errorf("%v of truth %v: %d and within the limit %d, by hand %d and %d",
					d, truth, m.Said[d][truth], m.Sure[d][truth], said[d][truth], sure[d][truth])
			}
		}
	}
	lifecycles := map[cmiv1.Lifecycle]int{}
	for _, w := range all {
		last := w.responses[len(w.responses)-1].GetSubmittedAt().AsTime()
		switch {
		case noon().Sub(last) > 91*day: // nobody's contacts are so far apart that this is not silence
			lifecycles[cmiv1.Lifecycle_LIFECYCLE_INACTIVE]++
		case w.id[0] == 'N':
			lifecycles[cmiv1.Lifecycle_LIFECYCLE_NEW]++
		default:
			lifecycles[cmiv1.Lifecycle_LIFECYCLE_ACTIVE]++
		}
	}
	for l, n := range m.Lifecycles {
		if n != lifecycles[l] || n == 0 {
			t.Errorf("%v: %d, by hand %d", l, n, lifecycles[l])
		}
	}
}

// checkMovers looks for the fastest; order 1 puts the lowest velocity first, -1 the highest.
func checkMovers(t *testing.T, way string, got []*cmiv1.Customer, all map[string]*walked, d cmiv1.Direction, order float64) {
	t.Helper()
	var want []*walked
	for _, w := range all {
		if w.direction == d && w.p <= mostP {
			want = append(want, w)
		}
	}
	slices.SortFunc(want, func(a, b *walked) int {
		return cmp.Compare(order*velocityByHand(a.points), order*velocityByHand(b.points))
	})
	if len(got) != fastest {
		t.Fatalf("%d are named %s, want %d", len(got), way, fastest)
	}
	for i, c := range got {
		w := want[i]
		if c.GetCustomerId() != w.id {
			t.Errorf("%s %d is %s, by hand %s", way, i, c.GetCustomerId(), w.id)
			continue
		}
		near(t, w.id+" level", c.GetStanding().Level, w.points[len(w.points)-1])
		near(t, w.id+" velocity", c.GetStanding().Velocity, velocityByHand(w.points))
		near(t, w.id+" p-value", c.GetStanding().PValue, w.p)
	}
}

// checkCourse adds up by hand what each item and facet brought, and how sure the last step and the whole way are.
func checkCourse(t *testing.T, got *Course, w *walked, sem float64) {
	t.Helper()
	n := len(w.points)
	way := w.points[n-1] - w.points[0]
	near(t, w.id+" change", got.Change.Delta, way)
	near(t, w.id+" reliable change index", got.Change.ReliableChangeIndex, way/sem/math.Sqrt2)
	near(t, w.id+" last step", got.Trajectory.Delta, w.points[n-1]-w.points[n-2])
	near(t, w.id+" index of the last step", got.Trajectory.ReliableChangeIndex, (w.points[n-1]-w.points[n-2])/sem/math.Sqrt2)
	near(t, w.id+" p-value", got.Trajectory.GetMannKendall().PValue, w.p)
	before, _ := itemsByHand(w.responses[0])
	after, _ := itemsByHand(w.responses[n-1])
	brought, most := map[string]float64{}, 0.0
	for _, ids := range pillarItems() {
		for _, id := range ids {
			brought[id] = (after[id] - before[id]) / float64(len(ids)) / 3
			most = max(most, brought[id]*math.Copysign(1, way))
		}
	}
	for i, it := range got.Items {
		near(t, w.id+" "+it.GetItemId(), it.Change, brought[it.GetItemId()])
		near(t, w.id+" "+it.GetItemId()+" before", it.ScoreBefore, before[it.GetItemId()])
		near(t, w.id+" "+it.GetItemId()+" after", it.ScoreAfter, after[it.GetItemId()])
		if i == 0 && math.Abs(math.Abs(it.GetChange())-most) > 1e-6 {
			t.Errorf("%s: %s comes first with %v, by hand %v is the most", w.id, it.GetItemId(), it.GetChange(), most)
		}
	}
	sum := 0.0
	for i, f := range got.Facets {
		sum += f.Points
		if sign := math.Copysign(1, way); i > 0 && sign*f.Points > sign*got.Facets[i-1].Points {
			t.Errorf("%s: facet %s comes too late", w.id, f.Facet)
		}
	}
	near(t, w.id+" with all facets", &sum, way)
}

// checkWhole computes the customer in full.
func checkWhole(t *testing.T, m *Momentum, all map[string]*walked, sem float64) {
	t.Helper()
	w, k, score := all[m.shown()], m.Whole.GetKeyWeight(), m.Whole.GetLatestScore()
	level := w.points[len(w.points)-1]
	near(t, "low", score.GetInterval().Low, max(0, level-1.959964*sem))
	near(t, "high", score.GetInterval().High, min(100, level+1.959964*sem))
	near(t, "at risk", score.GetBucketProbabilities().AtRisk, belowByHand(50, level, sem))
	near(t, "growth", score.GetBucketProbabilities().Growth, belowByHand(80, level, sem)-belowByHand(50, level, sem))
	near(t, "advocate", score.GetBucketProbabilities().Advocate, 1-belowByHand(80, level, sem))

	// Each interaction of the last 180 days weighs half as much for every 90 days of its age.
	weights := 0.0
	for _, i := range m.Simulation.interactions() {
		age := noon().Sub(i.GetOccurredAt().AsTime()).Hours() / 24
		if i.GetCustomerId() == w.id && age < 180 {
			weights += math.Exp2(-age / 90)
		}
	}
	rate := 30 * (math.Ln2 / 90) * weights / (1 - math.Exp2(-2))
	months := noon().Sub(m.Simulation.person(w.id).firstSeen).Hours() / 24 / 30.4375
	tenure, frequency := 1-math.Exp2(-months/12), math.Min(1, math.Log(1+rate)/math.Log(1+30.0/7))
	weight := math.Sqrt(tenure * frequency)
	near(t, "tenure", k.Tenure, tenure)
	near(t, "frequency", k.Frequency, frequency)
	near(t, "key weight", k.Weight, weight)

	// Everybody who answered the last wave and is not new is active, as this customer is.
	mean, active := 0.0, 0
	for _, p := range m.Simulation.people {
		if p.last == waves && p.id[0] != 'N' {
			points := all[p.id].points
			mean, active = mean+points[len(points)-1], active+1
		}
	}
	mean /= float64(active)
	near(t, "raw score", k.Score, level)
	near(t, "key-weighted score", k.WeightedScore, weight*level)
	near(t, "mean of the active", k.Mean, mean)
	near(t, "shrunk score", k.ShrunkScore, weight*level+(1-weight)*mean)
	checkNewcomer(t, m, all)
}

// checkNewcomer looks for the new customer with the lowest CMI.
func checkNewcomer(t *testing.T, m *Momentum, all map[string]*walked) {
	t.Helper()
	lowest := math.Inf(1)
	for id, w := range all {
		if id[0] == 'N' {
			lowest = min(lowest, w.points[len(w.points)-1])
		}
	}
	near(t, "lowest of the new", m.Newcomer.GetKeyWeight().Score, lowest)
}
