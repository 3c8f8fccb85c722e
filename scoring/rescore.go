package scoring

import cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

// Rescore scores a response by this version that was recorded by another one, with what the customer's recorded interactions
// came to, as [Scorer.ScoreMeasured] takes it. An answer that this version cannot read (of an unknown item, of another kind,
// off its scale) is left out as if it had not been given, as on the first step of [ExplainChange]; a required item may be
// without an answer. By the version that recorded the response, and with the measures that it was recorded with, it is the
// recorded score.
//
// Measures that do not fit the needs of this version, or are out of their range, are the caller's mistake, and an error.
func (s *Scorer) Rescore(r *cmiv1.Response, measured []*cmiv1.Behaviour) (*cmiv1.Score, error) {
	if len(measured) > 0 && r.GetBehaviour() == nil {
		if err := s.checkMeasured(measured); err != nil {
			return nil, err
		}
	}
	on := newSheet(len(s.items))
	s.carryAnswers(r, on)
	s.measure(r.Behaviour, measured, on)
	var e evaluation
	s.evaluate(on, &e)
	return s.write(r, measured, on, &e), nil
}
