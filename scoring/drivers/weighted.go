package drivers

// weighted are the moments with each row as often as its count says, which in all is as often as there are rows.
func (c centredRows) weighted(counts []uint32) *Moments {
	m := NewMoments(c.moments.Predictors())
	m.n = len(counts)
	var four [4]weightedRow
	filled, width := 0, len(m.means)
	for i, times := range counts {
		if times == 0 {
			continue
		}
		four[filled] = weightedRow{float64(times), c.rows[i*width : (i+1)*width]}
		if filled++; filled == len(four) {
			m.sum(&four)
			filled = 0
		}
	}
	if filled > 0 {
		for k := filled; k < len(four); k++ {
			four[k] = weightedRow{row: four[0].row}
		}
		m.sum(&four)
	}
	m.recentre(c.moments.means)
	return m
}

// weightedRow is a row that counts as many times as it weighs.
type weightedRow struct {
	weight float64
	row    []float64
}

// sum adds rows to the sums in means, and their products to those in comoments: four at once, since fetching and putting back what is
// added to takes longer than multiplying.
func (m *Moments) sum(four *[4]weightedRow) {
	sums, p, q, r, s := m.comoments, four[0].row, four[1].row, four[2].row, four[3].row
	for a := range m.means {
		// All of one length, as the compiler needs to know to leave out the checks of each place.
		to := sums[:len(p)]
		q, r, s = q[:len(p)], r[:len(p)], s[:len(p)]
		w, x := float64(four[0].weight*p[0]), float64(four[1].weight*q[0])
		y, z := float64(four[2].weight*r[0]), float64(four[3].weight*s[0])
		m.means[a] += w + x + y + z
		for b := range to {
			to[b] += float64(w*p[b]) + float64(x*q[b]) + float64(y*r[b]) + float64(z*s[b])
		}
		sums, p, q, r, s = sums[len(to):], p[1:], q[1:], r[1:], s[1:]
	}
}

// recentre turns sums into means, and products of distances from other means into those from its own.
func (m *Moments) recentre(other []float64) {
	n, at := float64(m.n), 0
	for a, sum := range m.means {
		for b := a; b < len(m.means); b++ {
			product := m.comoments[at]
			m.comoments[at] -= float64(sum / n * m.means[b])
			// What rounding leaves where all the drawn rows are the same is no variance.
			if b == a && m.comoments[at] <= 1e-10*product {
				m.comoments[at] = 0
			}
			at++
		}
	}
	for c := range m.means {
		m.means[c] = other[c] + m.means[c]/n
	}
}
