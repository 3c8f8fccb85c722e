package sqlite

import "github.com/customer-momentum/cmi/server/store"

// customerClasses answers the classes that a filter lets through.
func customerClasses(f store.CustomerFilter) []int64 {
	var classes []int64
	for _, stable := range buckets() {
		if f.StableBucket != 0 && f.StableBucket != stable {
			continue
		}
		for _, direction := range directions() {
			if f.Direction == 0 || f.Direction == direction {
				classes = append(classes, int64(stable)<<4|int64(direction))
			}
		}
	}
	return classes
}

// masked is the two halves of a number and a mask of those that are asked for.
func masked(high, low int64) (value, mask int64) {
	if high != 0 {
		mask |= 15 << 4
	}
	if low != 0 {
		mask |= 15
	}
	return high<<4 | low, mask
}
