package loyalty

// Quadrant is where a customer stands between satisfaction and loyalty (T. O. Jones and W. E. Sasser, Why satisfied customers defect,
// Harvard Business Review 73, 1995).
type Quadrant int

// The quadrants: satisfied and loyal, satisfied only, loyal only, and neither.
const (
	Loyalist Quadrant = iota + 1
	Mercenary
	Hostage
	Defector
)

// UsualCut is from where on satisfaction and loyalty, of 100 points, count as high where nothing else is asked for.
const UsualCut = 70

// Place says where a customer stands. Who is within a billionth of a cut is above it.
func Place(satisfaction, loyalty, satisfactionCut, loyaltyCut float64) Quadrant {
	const near = 1e-9
	satisfied, loyal := satisfaction >= satisfactionCut-near, loyalty >= loyaltyCut-near
	switch {
	case satisfied && loyal:
		return Loyalist
	case satisfied:
		return Mercenary
	case loyal:
		return Hostage
	default:
		return Defector
	}
}
