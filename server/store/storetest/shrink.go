package storetest

import "slices"

// shrink leaves out of steps what is not needed to fail, and makes smaller what remains. It tries 300 times at most.
func shrink(steps []step, fails func([]step) bool) []step {
	tries := 0
	better := func(fewer []step) bool {
		tries++
		return tries <= 300 && fails(fewer)
	}
	for size := len(steps); size > 0; size /= 2 {
		for from := 0; from < len(steps); {
			fewer := slices.Delete(slices.Clone(steps), from, min(from+size, len(steps)))
			if len(fewer) > 0 && better(fewer) {
				steps = fewer
			} else {
				from += size
			}
		}
	}
	for i := 0; i < len(steps); i++ {
		for _, smaller := range steps[i].smaller() {
			fewer := slices.Clone(steps)
			fewer[i].operation = smaller
			if better(fewer) {
				steps = fewer
				i-- // it may shrink further
				break
			}
		}
	}
	return steps
}
