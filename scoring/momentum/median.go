package momentum

import (
	"math/bits"
	"slices"
)

// small is up to which length sorting a list is as fast as searching it.
const small = 12

// median gives the middle value of a list that is not empty; of an even number of values, the mean of the middle two. It
// reorders the list.
func median(list []float64) float64 {
	middle := len(list) / 2
	upper := choose(list, middle)
	if len(list)%2 == 1 {
		return upper
	}
	return (slices.Max(list[:middle]) + upper) / 2
}

// choose gives the value that would stand at position k were the list sorted, and puts no greater ones before that position
// and no lesser ones behind it. It is Hoare's quickselect (1961), in linear time but for lists that mislead it; those it
// gives up on and sorts (Musser 1997).
func choose(list []float64, k int) float64 {
	for rounds := 2 * bits.Len(uint(len(list))); len(list) > small && rounds > 0; rounds-- {
		a, b, c := list[0], list[len(list)/2], list[len(list)-1]
		pivot := max(min(a, b), min(max(a, b), c))
		below, upTo := divide(list, pivot)
		switch {
		case k < below:
			list = list[:below]
		case k < upTo:
			return pivot
		default:
			list, k = list[upTo:], k-upTo
		}
	}
	slices.Sort(list)
	return list[k]
}

// divide reorders the list so that what is less than the pivot comes first, up to below, then what equals it, up to upTo.
func divide(list []float64, pivot float64) (below, upTo int) {
	end := len(list)
	for upTo < end {
		switch x := list[upTo]; {
		case x < pivot:
			list[below], list[upTo] = x, list[below]
			below++
			upTo++
		case x > pivot:
			end--
			list[upTo], list[end] = list[end], x
		default:
			upTo++
		}
	}
	return below, upTo
}
