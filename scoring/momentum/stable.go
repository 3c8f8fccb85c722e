package momentum

import cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

// margin is by how many points a CMI must clear a threshold for the stable bucket to rise at once.
const margin = 2

// stable follows the bucket to run campaigns by: it starts at the first bucket, falls at once, and rises with care, so that
// a customer who moves about a threshold is not sent to and fro.
func (c *Course) stable(points []Point) {
	if len(points) == 0 {
		return
	}
	c.Stables = make([]cmiv1.Bucket, len(points))
	var before *Point
	for k := range points {
		if p := &points[k]; p.levelled() {
			c.Stable = stableAfter(c.Stable, before, p)
			before = p
		}
		c.Stables[k] = c.Stable
	}
}

// stableAfter gives the stable bucket after a point, by the one so far and the point before; that is nil at the first
// point. It rises one bucket at a time, never above the point's own bucket, as long as the CMI clears the threshold by the
// margin (or is 100, where the scale ends) or the CMI before was at or above this threshold too.
func stableAfter(stable cmiv1.Bucket, before, p *Point) cmiv1.Bucket {
	if before == nil {
		return p.Bucket
	}
	for stable < p.Bucket {
		threshold := p.Growth
		if stable == cmiv1.Bucket_BUCKET_GROWTH {
			threshold = p.Advocate
		}
		if p.CMI < min(threshold+margin, 100) && before.CMI < threshold {
			return stable
		}
		stable++
	}
	return p.Bucket // stable has reached it, or has fallen to it
}
