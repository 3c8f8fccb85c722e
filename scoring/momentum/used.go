package momentum

import cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

// latest is over how many SCORED points velocity and direction run, at most: the work grows with the square of it.
const latest = 100

// used are the latest SCORED points. The arrays keep them off the heap.
type used struct {
	n                   int
	at                  [latest]int64
	cmi                 [latest]float64
	first, before, last *Point // before is the one before the last; nil where there are not enough
}

// gather finds them, in order.
func gather(points []Point) used {
	from := len(points)
	for n := 0; from > 0 && n < latest; {
		from--
		if points[from].Status == cmiv1.ScoreStatus_SCORE_STATUS_SCORED {
			n++
		}
	}
	var u used
	for k := from; k < len(points); k++ {
		p := &points[k]
		if p.Status != cmiv1.ScoreStatus_SCORE_STATUS_SCORED {
			continue
		}
		if u.n == 0 {
			u.first = p
		}
		u.before, u.last = u.last, p
		u.at[u.n], u.cmi[u.n] = p.At, p.CMI
		u.n++
	}
	return u
}
