package behaviour_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/customer-momentum/cmi/internal/reference"
	"github.com/customer-momentum/cmi/scoring/behaviour"
)

// purchase is a row of the log of the online shop CDNOW (Fader and Hardie 2001): 6696 purchases of 2357 customers.
type purchase struct {
	date time.Time
	many bool // more than one CD
}

// purchases reads the log by customer, in order of time.
func purchases(t *testing.T) map[string][]purchase {
	t.Helper()
	log := reference.Open(t, "cdnow.csv")
	of := map[string][]purchase{}
	for row, id := range log.Columns["Id"] {
		date, err := time.Parse(time.DateOnly, log.Columns["Date"][row])
		if err != nil {
			t.Fatal(err)
		}
		of[id] = append(of[id], purchase{date, log.Columns["CDs"][row] != "1"})
	}
	if log.Rows != 6696 || len(of) != 2357 {
		t.Fatalf("%d rows of %d customers", log.Rows, len(of))
	}
	for _, list := range of {
		slices.SortStableFunc(list, func(a, b purchase) int { return a.date.Compare(b.date) })
	}
	return of
}

// byHand measures one customer at a date with plain arithmetic on whole days: what the definitions say, and no more.
func byHand(list []purchase, now time.Time) (known bool, rate, diversity, since float64) {
	single, several := 0.0, 0.0
	since = -1
	first := 0.0
	for _, p := range list {
		age := now.Sub(p.date).Hours() / 24
		if age < 0 {
			continue
		}
		if !known {
			known, first = true, age
		}
		if age >= 180 {
			continue
		}
		since = age
		if p.many {
			several += math.Pow(0.5, age/90)
		} else {
			single += math.Pow(0.5, age/90)
		}
	}
	all := single + several
	seen := math.Min(180, math.Max(1, first))
	rate = 30 * math.Log(2) / 90 * all / (1 - math.Pow(0.5, seen/90))
	if single > 0 && several > 0 {
		p, q := single/all, several/all
		diversity = -(p*math.Log2(p) + q*math.Log2(q)) // bits: the most for two kinds is 1
	}
	return known, rate, diversity, since
}

// TestPurchasesOfCDNOW compares every customer's measures at four dates with plain arithmetic.
func TestPurchasesOfCDNOW(t *testing.T) {
	t.Parallel()
	compared, missing, quiet := 0, 0, 0
	for id, list := range purchases(t) {
		var events []behaviour.Event
		for _, p := range list {
			e := behaviour.Event{At: p.date.UnixMicro()}
			if p.many {
				e.Kind = 1
			}
			events = append(events, e)
		}
		for _, date := range []string{"1997-02-01", "1997-06-30", "1998-01-01", "1998-07-01"} {
			now, err := time.Parse(time.DateOnly, date)
			if err != nil {
				t.Fatal(err)
			}
			got := behaviour.DefaultWindow().Measure(2, events, nil, true, now.UnixMicro())
			known, rate, diversity, since := byHand(list, now)
			compared++
			switch {
			case !known:
				missing++
				if got != nil {
					t.Errorf("customer %s at %s: %v, want none", id, date, got)
				}
				continue
			case got == nil:
				t.Errorf("customer %s at %s is missing", id, date)
				continue
			case since < 0:
				quiet++
				if got.DaysSince != nil {
					t.Errorf("customer %s at %s: %v, want no days since", id, date, got)
				}
			case got.DaysSince == nil || *got.DaysSince != since:
				t.Errorf("customer %s at %s: %v, want %v days since", id, date, got, since)
			}
			if !(math.Abs(*got.Rate-rate) <= 1e-9) || !(math.Abs(*got.Diversity-diversity) <= 1e-9) {
				t.Errorf("customer %s at %s: %v, want rate %v and diversity %v", id, date, got, rate, diversity)
			}
		}
	}
	if compared != 4*2357 || missing == 0 || quiet == 0 {
		t.Errorf("compared %d, of which %d are not known yet and %d bought nothing of late", compared, missing, quiet)
	}
}
