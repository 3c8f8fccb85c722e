package lifecycle_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/lifecycle"
)

// randomFacts are of whole microseconds or of days, close enough together that every limit is met.
func randomFacts(r *rand.Rand) (lifecycle.Rules, lifecycle.Facts, int64) {
	unit := int64(1)
	rules := lifecycle.Rules{NewDays: float64(r.IntN(9)) / 2 / 86400e6, InactiveDays: float64(r.IntN(9)) / 2 / 86400e6, InactiveGaps: float64(r.IntN(9)) / 2}
	if r.IntN(2) == 0 {
		unit = 10 * 86400e6
		rules = lifecycle.Default()
	}
	asOf := r.Int64N(60) * unit
	var f lifecycle.Facts
	if r.IntN(4) > 0 {
		f.FirstSeen = new(r.Int64N(60) * unit)
	}
	if r.IntN(3) == 0 {
		f.ClosedAt = new(r.Int64N(80) * unit)
	}
	if r.IntN(20) == 0 {
		f.Override = cmiv1.Lifecycle(1 + r.IntN(3))
	}
	for range r.IntN(6) {
		f.Contacts = append(f.Contacts, r.Int64N(asOf/unit+1)*unit)
	}
	slices.Sort(f.Contacts)
	return rules, f, asOf
}

// TestSureUntil: the answer is the same up to the last microsecond before until, and another one then.
func TestSureUntil(t *testing.T) {
	t.Parallel()
	changes := 0
	for seed := range uint64(20000) {
		r := rand.New(rand.NewPCG(1, seed))
		rules, f, asOf := randomFacts(r)
		want, until := rules.Of(f, asOf)
		if until <= asOf || want == cmiv1.Lifecycle_LIFECYCLE_UNSPECIFIED {
			t.Fatalf("%+v %+v at %d: %v until %d", rules, f, asOf, want, until)
		}
		for range 10 {
			later := asOf + r.Int64N(until-asOf)
			if r.IntN(3) == 0 || until < math.MaxInt64 && r.IntN(3) == 0 {
				later = until - 1
			}
			if got, again := rules.Of(f, later); got != want || again != until {
				t.Fatalf("%+v %+v: at %d %v until %d, at %d %v until %d", rules, f, asOf, want, until, later, got, again)
			}
		}
		if until < math.MaxInt64 {
			changes++
			if got, _ := rules.Of(f, until); got == want {
				t.Fatalf("%+v %+v: %v until %d, and then too", rules, f, want, until)
			}
		}
	}
	if changes < 5000 {
		t.Errorf("only %d changes", changes)
	}
}

// TestAgainstThePlainRules compares with the rules written out once more, in days.
func TestAgainstThePlainRules(t *testing.T) {
	t.Parallel()
	seen := map[cmiv1.Lifecycle]int{}
	for seed := range uint64(20000) {
		rules, f, asOf := randomFacts(rand.New(rand.NewPCG(2, seed)))
		if rules != lifecycle.Default() {
			continue // in microseconds, days are too coarse for floating point
		}
		got, _ := rules.Of(f, asOf)
		if want := plain(f, float64(asOf)/86400e6); got != want {
			t.Fatalf("%+v at %d: %v, want %v", f, asOf, got, want)
		}
		seen[got]++
	}
	if len(seen) != 3 {
		t.Errorf("seen %v", seen)
	}
}

// plain knows the default rules.
func plain(f lifecycle.Facts, now float64) cmiv1.Lifecycle {
	var contacts, gaps []float64
	for k, at := range f.Contacts {
		contacts = append(contacts, float64(at)/86400e6)
		if k > 0 {
			gaps = append(gaps, contacts[k]-contacts[k-1])
		}
	}
	slices.Sort(gaps)
	first := math.NaN() // compares false with everything: neither long ago nor new
	if len(contacts) > 0 {
		first = contacts[0]
	}
	if f.FirstSeen != nil {
		first = float64(*f.FirstSeen) / 86400e6
	}
	last := first
	if len(contacts) > 0 {
		last = contacts[len(contacts)-1]
	}
	allowed := 90.0
	if n := len(gaps); n >= 2 {
		allowed = max(90, 3*(gaps[(n-1)/2]+gaps[n/2])/2)
	}
	switch {
	case f.Override != 0:
		return f.Override
	case f.ClosedAt != nil && float64(*f.ClosedAt)/86400e6 <= now, now-last > allowed:
		return cmiv1.Lifecycle_LIFECYCLE_INACTIVE
	case math.IsNaN(first) || now-first <= 90:
		return cmiv1.Lifecycle_LIFECYCLE_NEW
	default:
		return cmiv1.Lifecycle_LIFECYCLE_ACTIVE
	}
}

// TestContactsStayAsTheyAre: the caller's list is read only.
func TestContactsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	contacts := []int64{0, 50, 60, 1000}
	lifecycle.Default().Of(lifecycle.Facts{Contacts: contacts}, 2000)
	if !slices.Equal(contacts, []int64{0, 50, 60, 1000}) {
		t.Errorf("now %v", contacts)
	}
}

// TestNoTimeOverflows: at the ends of the years 1 and 9999, with the longest rules.
func TestNoTimeOverflows(t *testing.T) {
	t.Parallel()
	const start, end = -62135596800_000000, 253402300799_999999
	rules := lifecycle.Rules{NewDays: 36525, InactiveDays: 36525, InactiveGaps: 1000}
	if err := rules.Validate(); err != nil {
		t.Fatal(err)
	}
	// A median gap of half of 9999 years, 1000 times, is beyond all times.
	l, until := rules.Of(lifecycle.Facts{Contacts: []int64{start, (start + end) / 2, end}}, end)
	if l != cmiv1.Lifecycle_LIFECYCLE_ACTIVE || until != math.MaxInt64 {
		t.Errorf("%v until %d", l, until)
	}
	l, until = rules.Of(lifecycle.Facts{FirstSeen: new(int64(end))}, end)
	if want := int64(end + 36525*86400e6 + 1); l != cmiv1.Lifecycle_LIFECYCLE_NEW || until != want {
		t.Errorf("%v until %d, want %d", l, until, want)
	}
	if l, until = rules.Of(lifecycle.Facts{FirstSeen: new(int64(start))}, end); l != cmiv1.Lifecycle_LIFECYCLE_INACTIVE || until != math.MaxInt64 {
		t.Errorf("%v until %d", l, until)
	}
}

// TestValidate names the rule, the value and what is allowed.
func TestValidate(t *testing.T) {
	t.Parallel()
	if err := lifecycle.Default().Validate(); err != nil {
		t.Error(err)
	}
	if err := (lifecycle.Rules{}).Validate(); err != nil {
		t.Errorf("0 is allowed: %v", err)
	}
	for _, c := range []struct {
		rules lifecycle.Rules
		want  string
	}{
		{lifecycle.Rules{NewDays: -1}, "days that a customer is new cannot be -1; numbers from 0 to 36525"},
		{lifecycle.Rules{InactiveDays: 36526}, "days of silence before a customer is inactive cannot be 36526; numbers from 0 to 36525"},
		{lifecycle.Rules{InactiveGaps: 1001}, "median gaps of silence before a customer is inactive cannot be 1001; numbers from 0 to 1000"},
		{lifecycle.Rules{NewDays: math.NaN()}, "cannot be NaN"},
		{lifecycle.Rules{InactiveGaps: math.Inf(1)}, "cannot be +Inf"},
	} {
		if err := c.rules.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.rules, err, c.want)
		}
	}
}

// FuzzOf gives any facts to the default rules.
func FuzzOf(f *testing.F) {
	f.Add(int64(0), int64(0), int64(0), int64(0), int64(0), int64(0), uint8(0))
	f.Add(int64(100), int64(5), int64(1), int64(10), int64(20), int64(70), uint8(0xff))
	f.Fuzz(func(t *testing.T, asOf, first, closed, a, b, c int64, what uint8) {
		of := func(x int64) int64 { return x % 253402300800_000000 } // some years 1 to 9999, and as many before 1970
		asOf = of(asOf)
		var facts lifecycle.Facts
		if what&1 != 0 {
			facts.FirstSeen = new(of(first))
		}
		if what&2 != 0 {
			facts.ClosedAt = new(of(closed))
		}
		for _, at := range []int64{a, b, c}[:what>>2&3] {
			facts.Contacts = append(facts.Contacts, min(of(at), asOf))
		}
		slices.Sort(facts.Contacts)
		rules := lifecycle.Default()
		l, until := rules.Of(facts, asOf)
		if l < 1 || l > 3 || until <= asOf {
			t.Fatalf("%v until %d at %d", l, until, asOf)
		}
		if before, again := rules.Of(facts, until-1); before != l || again != until {
			t.Fatalf("%v until %d, but %v before", l, until, before)
		}
		if until == math.MaxInt64 {
			return
		}
		if then, _ := rules.Of(facts, until); then == l {
			t.Fatalf("%v until %d, and then too", l, until)
		}
	})
}
