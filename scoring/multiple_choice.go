package scoring

import (
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// multipleChoice is a set of options, possibly empty, none twice.
type multipleChoice struct {
	options options
	target  int
}

// picked says what is wrong with one value of a set.
type picked int

const (
	pickedOnce picked = iota
	pickedTwice
	pickedUnknown
)

// chosen is a set of options, by their positions.
type chosen [(maxOptions + 63) / 64]uint64

// pick adds a value to the set.
func (m *multipleChoice) pick(value string, set *chosen) picked {
	k, ok := m.options.find(value)
	if !ok {
		return pickedUnknown
	}
	if bit := uint64(1) << (k % 64); set[k/64]&bit == 0 {
		set[k/64] |= bit
		return pickedOnce
	}
	return pickedTwice
}

// score gives 100 min(1, n / target) for n chosen options.
func (m *multipleChoice) score(n int) float64 {
	if n >= m.target {
		return 100
	}
	return float64(100*n) / float64(m.target)
}

func (m *multipleChoice) allowed() string {
	return "a set of " + listed(m.options.values) + " is, none twice"
}

// compileMultipleChoice checks the options and the target.
func compileMultipleChoice(m *cmiv1.MultipleChoice, at string, f *faults) *multipleChoice {
	list := m.GetOptions()
	c := &multipleChoice{options: compileOptions(list, 1, at, f), target: int(m.GetTarget())}
	for k, o := range list[:min(len(list), maxOptions)] {
		// They are not used, but what is not finite cannot even be written as JSON numbers.
		if !finite(o.GetPoints()) {
			f.add(at, index(".options", k)+".points", "%s is not allowed; finite numbers are, and they are ignored here", number(o.GetPoints()))
		}
	}
	if n := len(list); n > 0 && (c.target < 1 || c.target > n) {
		f.add(at, ".target", "%d is not allowed; %s", c.target, targets(n))
	}
	return c
}

// targets says which targets n options allow.
func targets(n int) string {
	if n == 1 {
		return "1 is, there being one option"
	}
	return fmt.Sprintf("1 to %d, the number of options, are", n)
}
