package drivers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// momentsParts are moments as they are kept.
type momentsParts struct {
	N         int       `json:"n"`
	Means     []float64 `json:"means"`
	Comoments []float64 `json:"comoments"`
}

// MarshalJSON writes numbers with as many digits as it takes to read the same bits again, so that parts which are kept and merged later
// make what they would have made at once. Moments in which something is no finite number cannot be written.
func (m Moments) MarshalJSON() ([]byte, error) {
	return json.Marshal(momentsParts{N: m.n, Means: append([]float64{}, m.means...), Comoments: append([]float64{}, m.comoments...)})
}

// UnmarshalJSON reads what MarshalJSON wrote, and nothing else: a part that is lost or damaged must not count as one without rows.
func (m *Moments) UnmarshalJSON(data []byte) error {
	p := momentsParts{N: -1}
	if err := json.Unmarshal(data, &p); err != nil {
		return fmt.Errorf("reading moments: %w", err)
	}
	width := len(p.Means)
	if p.N < 0 || len(p.Comoments) != triangle(width) || width == 0 && p.N > 0 || bytes.Contains(data, []byte("null")) {
		return fmt.Errorf("reading moments: %d rows, %d means and %d products do not belong together", p.N, width, len(p.Comoments))
	}
	read := Moments{n: p.N}
	if width > 0 {
		read.means, read.comoments = p.Means, p.Comoments
	}
	if err := read.possible(); err != nil {
		return fmt.Errorf("reading moments: %w", err)
	}
	*m = read
	return nil
}

// possible looks for what no rows have.
func (m *Moments) possible() error {
	at := 0
	for a := range m.means {
		if m.comoments[at] < 0 {
			return errors.New("a sum of squares is negative")
		}
		at += len(m.means) - a
	}
	if m.n > 0 {
		return nil
	}
	for _, x := range append(append([]float64{}, m.means...), m.comoments...) {
		if x != 0 {
			return errors.New("figures of no rows")
		}
	}
	return nil
}
