package loyalty

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// cesParts is a CES as it is kept. Net holds who answered 6 or 7, who 4 or 5 and who 1 to 3, in the words of an NPS.
type cesParts struct {
	Answers *uncertainty.Sample
	Easy    int
	Net     NPS
}

// MarshalJSON writes all that the CES knows, so that parts which are kept and merged later make what they would have made at once.
func (s CES) MarshalJSON() ([]byte, error) {
	return json.Marshal(cesParts{Answers: &s.answers, Easy: s.easy, Net: s.net})
}

// UnmarshalJSON reads what MarshalJSON wrote. It refuses counts that do not belong together.
func (s *CES) UnmarshalJSON(data []byte) error {
	var p cesParts
	if err := json.Unmarshal(data, &p); err != nil {
		return fmt.Errorf("reading a CES: %w", err)
	}
	if p.Answers == nil {
		return errors.New("reading a CES: it has no answers")
	}
	n := p.Answers.N()
	if min(p.Easy, p.Net.Promoters, p.Net.Passives, p.Net.Detractors) < 0 || p.Net.N() != n || p.Easy > n || p.Easy < p.Net.Promoters {
		return fmt.Errorf("reading a CES: the counts do not belong to %d answers", n)
	}
	*s = CES{answers: *p.Answers, easy: p.Easy, net: p.Net}
	return nil
}
