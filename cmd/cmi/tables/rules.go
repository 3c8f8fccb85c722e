package tables

import "strconv"

// rules say how a column codes the answers to an item.
type rules struct {
	from  string // the column
	named bool   // by the mapping: then it must be there
	line  int    // of the mapping

	missing, notApplicable codes
	// labels are what the column says for what the questionnaire says.
	labels map[string]string
	// shift tells whether there is any arithmetic: times comes before plus.
	shift       bool
	times, plus float64
}

// codes are cells that stand for something else than an answer. Numbers among them are meant however they are written.
type codes struct {
	words   []string
	numbers []float64
}

func (c *codes) none() bool { return len(c.words) == 0 }

// add takes a code as it is written.
func (c *codes) add(word string) {
	c.words = append(c.words, word)
	if x, err := strconv.ParseFloat(word, 64); err == nil {
		c.numbers = append(c.numbers, x)
	}
}

// with are the codes of both.
func (c codes) with(other codes) codes {
	return codes{append(c.words[:len(c.words):len(c.words)], other.words...), append(c.numbers[:len(c.numbers):len(c.numbers)], other.numbers...)}
}

func (c *codes) hasWord(cell []byte) bool {
	for _, word := range c.words {
		if string(cell) == word {
			return true
		}
	}
	return false
}

func (c *codes) hasNumber(x float64) bool {
	for _, code := range c.numbers {
		if x == code {
			return true
		}
	}
	return false
}

// number gives the answer that a number stands for.
func (r *rules) number(x float64) float64 {
	if r != nil && r.shift {
		return x*r.times + r.plus
	}
	return x
}

// label gives what a cell is a label of.
func (r *rules) label(cell []byte) (answer string, ok bool) {
	if r == nil || len(r.labels) == 0 {
		return "", false
	}
	answer, ok = r.labels[string(cell)]
	return answer, ok
}

// numberLabel is label of a number, which labels have in its shortest form.
func (r *rules) numberLabel(x float64) (answer string, ok bool) {
	if r == nil || len(r.labels) == 0 {
		return "", false
	}
	var room [32]byte
	return r.label(strconv.AppendFloat(room[:0], x, 'g', -1, 64))
}
