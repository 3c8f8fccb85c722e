package momentum_test

import (
	"math"
	"testing"

	"github.com/customer-momentum/cmi/scoring/momentum"
)

// nile is the annual flow of the Nile at Aswan in 10^8 cubic metres, 1871 to 1970 (Cobb 1978; the series Nile of R). It adds
// up to 91935, as it should: the mean is known to be 919.35.
func nile() []float64 {
	return []float64{
		1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140,
		1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969,
		831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759,
		781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890,
		744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
	}
}

// TestPublishedTrends compares with outcomes found elsewhere:
//
//   - the Nile: every pair looked at in a separate program in exact fractions, giving S = -1387 and, with 7 values that come
//     twice and 4 that come three times, the variance (100*99*205 - 7*18 - 4*66)/18 = 338185/3; the square root and the
//     normal distribution with 40 decimal digits, by its series;
//   - its first 10 years likewise: 1160 comes three times, S = 10, variance (10*9*25 - 66)/18 = 364/3;
//   - 14 values in a lecture note of the College of the Holy Cross (Little, "A Mann-Kendall example by hand"), which counts 72
//     pairs that rise and 18 that fall, one tie, and finds Z = 2.9058.
func TestPublishedTrends(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		values []float64
		s      int
		z, p   float64
		within float64
	}{
		{"Nile", nile(), -1387, -4.128066522844101, 3.65826292166433e-05, 1e-13},
		{"Nile, 1871 to 1880", nile()[:10], 10, 0.817057169102883, 0.413895758139569, 1e-13},
		{"lecture", []float64{12.9, 14.8, 13.2, 15.7, 13.8, 15.6, 12.9, 11.0, 17.3, 15.9, 19.0, 18.3, 20.1, 21.7}, 54, 2.9058, 2 * 0.0018, 5e-5},
	} {
		got := momentum.MannKendall(c.values)
		if got.S != c.s || !(math.Abs(got.Z-c.z) <= c.within) || !(math.Abs(got.P-c.p) <= 2*c.within) {
			t.Errorf("%s: %+v, want %d %v %v", c.name, got, c.s, c.z, c.p)
		}
	}
}

// TestPublishedSlopes: the median of all 4950 slopes of the Nile, as exact fractions in a separate program, is -13/5 a year; of
// the 45 slopes of its first 10 years, 10 a year. Years are taken as 30 days, and in any order.
func TestPublishedSlopes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		years int
		want  float64
	}{{100, -2.6}, {10, 10}} {
		values := nile()[:c.years]
		var at []int64
		for k := range values {
			at = append(at, days(float64(30*k)))
		}
		for range 2 {
			got, ok := momentum.TheilSen(at, values)
			if !ok || !(math.Abs(got-c.want) <= 1e-12) {
				t.Errorf("%d years: %v, want %v", c.years, got, c.want)
			}
			for i, j := 0, c.years-1; i < j; i, j = i+1, j-1 {
				at[i], at[j], values[i], values[j] = at[j], at[i], values[j], values[i]
			}
		}
	}
}

// TestPublishedReliableChange: the worked example of Jacobson and Truax 1991. From 32.5 to 47.5 with SD 7.5 and reliability
// .80: SEM = 7.5 sqrt(1 - .80) = 3.35, the difference's standard error 4.74, and the index 15/4.74 = 3.16.
func TestPublishedReliableChange(t *testing.T) {
	t.Parallel()
	sem := 7.5 * math.Sqrt(1-0.80)
	got, ok := momentum.ReliableChange(32.5, 47.5, &sem, &sem)
	if !ok || !(math.Abs(got-3.16) <= 0.005) || got < momentum.Reliable {
		t.Errorf("%v, want 3.16", got)
	}
}

// TestFalseAlarms goes through every order of n different values: not more than 1 in 20 may be called a trend. The counts
// are those of permutations with few inversions: S = n(n-1)/2 - 2 * inversions. For n = 5 the direction moves at S = 10 only
// (1 of 120 each way), for 6 from S = 13 (1 + 5), for 7 from S = 15 (1 + 6 + 20 + 49), for 8 from S = 18 (at most 5
// inversions: 1 + 7 + 27 + 76 + 174 + 343).
func TestFalseAlarms(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{5: 2 * 1, 6: 2 * 6, 7: 2 * 76, 8: 2 * 628} {
		alarms, all := 0, 0
		permute(make([]float64, 0, n), n, func(values []float64) {
			all++
			if momentum.MannKendall(values).P < 0.05 {
				alarms++
			}
		})
		if alarms != want || 20*alarms > all {
			t.Errorf("%d of %d orders of %d values are called a trend, want %d", alarms, all, n, want)
		}
	}
}

// permute calls f with every order of 1..n that begins with what is taken.
func permute(taken []float64, n int, f func([]float64)) {
	if len(taken) == n {
		f(taken)
		return
	}
next:
	for x := 1.0; x <= float64(n); x++ {
		for _, y := range taken {
			if x == y {
				continue next
			}
		}
		permute(append(taken, x), n, f)
	}
}
