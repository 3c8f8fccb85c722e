package momentum

// leastForSlope is from how many points on there is a velocity.
const leastForSlope = 3

// TheilSen gives the median slope between all pairs of points that differ in time, in units per 30 days (Theil 1950;
// Sen 1968); of an even number of slopes, the mean of the middle two. One wild point in four does not move it much. It
// answers false below 3 points, or where no two differ in time. Both lists are of the same length; their order is of no
// matter.
func TheilSen(at []int64, values []float64) (per30Days float64, ok bool) {
	n := len(at)
	if n < leastForSlope {
		return 0, false
	}
	slopes := make([]float64, 0, n*(n-1)/2)
	for j := range at {
		for i := range j {
			if at[j] != at[i] {
				slopes = append(slopes, (values[j]-values[i])/(float64(at[j]-at[i])/(30*day)))
			}
		}
	}
	if len(slopes) == 0 {
		return 0, false
	}
	return median(slopes), true
}
