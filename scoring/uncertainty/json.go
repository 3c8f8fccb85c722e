package uncertainty

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// MarshalJSON writes all that the sample knows as [n, sum of weights, sum of their squares, mean, squared distances]. Numbers have as
// many digits as it takes to read the same bits again, so that parts which are kept and merged later make what they would have made
// at once. A sample in which something is no finite number cannot be written.
func (s Sample) MarshalJSON() ([]byte, error) {
	return json.Marshal([]float64{float64(s.n), s.weight, s.squares, s.mean, s.distances})
}

// UnmarshalJSON reads what MarshalJSON wrote, and nothing else: a part that is lost or damaged must not count as one of nobody.
func (s *Sample) UnmarshalJSON(data []byte) error {
	var f []float64
	if err := json.Unmarshal(data, &f); err != nil {
		return fmt.Errorf("reading a sample: %w", err)
	}
	const fields = 5
	if len(f) != fields || bytes.Contains(data, []byte("null")) {
		return fmt.Errorf("reading a sample: %d numbers instead of %d", len(f), fields)
	}
	n, read := f[0], Sample{n: int(f[0]), weight: f[1], squares: f[2], mean: f[3], distances: f[4]}
	switch {
	case !(0 <= n && n <= 1<<53) || n != math.Trunc(n):
		return fmt.Errorf("reading a sample: %v is no number of respondents", n)
	case n == 0 && read != Sample{}:
		return errors.New("reading a sample: figures of nobody")
	case n > 0 && !(read.weight > 0), read.squares < 0, read.distances < 0:
		return errors.New("reading a sample: a sum of weights or of squares is negative")
	}
	*s = read
	return nil
}
