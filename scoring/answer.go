package scoring

import (
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// state says what became of an item. The zero value is skipped.
type state uint8

const (
	// skipped: no answer in the list. It stays in the base of the coverage.
	skipped state = iota
	// withheld: don't know, or declined; for the arithmetic like skipped.
	withheld
	// notApplicable: the question does not apply; it leaves the base of the coverage.
	notApplicable
	// answered: there is an answer, or the response's own behaviour holds it. Zero is one too.
	answered
	// observed: the customer's recorded interactions answer it. For the arithmetic like answered.
	observed
)

// counts reports whether there is a score to count, whoever gave it.
func (st state) counts() bool { return st >= answered }

// sheet is what a response says about each item of the questionnaire, in the questionnaire's order: all that the
// evaluation needs to know, wherever it comes from.
type sheet struct {
	states []state
	scores []float64 // 0..100 after reversal, where answered and scored
}

// newSheet makes a blank sheet for n items.
func newSheet(n int) sheet { return sheet{states: make([]state, n), scores: make([]float64, n)} }

// fill fills a blank sheet from a response, and from what the customer's interactions came to where the response brings no
// behaviour of its own, or says everything that is wrong with the response.
func (s *Scorer) fill(r *cmiv1.Response, measured []*cmiv1.Behaviour, to sheet) error {
	if r == nil {
		return &Invalid{Violations: []Violation{{Message: "there is no response"}}}
	}
	if len(measured) > 0 && r.Behaviour == nil {
		if err := s.checkMeasured(measured); err != nil {
			return err
		}
	}
	var bad violations
	readHead(r, &bad)
	s.read(r, to, &bad)
	readBehaviour(r.Behaviour, &bad)
	s.measure(r.Behaviour, measured, to)
	s.readRequired(to, &bad)
	return bad.err()
}

// read reads the answers.
func (s *Scorer) read(r *cmiv1.Response, to sheet, bad *violations) {
	next := 0
	for i, a := range r.Answers {
		if a == nil {
			bad.answer(i, "", "an empty answer is not allowed; one with an item_id and a value is")
			continue
		}
		// Clients mostly answer in the questionnaire's order; looking there first saves hashing the id.
		k := next
		if k >= len(s.items) || s.items[k].id != a.ItemId {
			var known bool
			if k, known = s.index[a.ItemId]; !known {
				bad.unknown(i, s, a.ItemId)
				continue
			}
		}
		next = k + 1
		if to.states[k] != skipped {
			bad.answer(i, "item_id", "item %s: a second answer is not allowed; one is", quoted(a.ItemId))
			continue
		}
		to.states[k], to.scores[k] = s.items[k].read(a, i, bad)
	}
}

// read answers what became of the item by its answer a, at position i. What is not allowed is noted, and counts as
// answered so that it is not reported as skipped as well.
func (it *item) read(a *cmiv1.Answer, i int, bad *violations) (state, float64) {
	if len(a.Topics) > 0 {
		it.readTopics(a, i, bad)
	}
	if v, ok := a.Value.(*cmiv1.Answer_NoAnswer); ok && v != nil {
		return it.readNoAnswer(v.NoAnswer, i, bad)
	}
	switch sc := it.scale.(type) {
	case *rating:
		if v, ok := a.Value.(*cmiv1.Answer_Number); ok && v != nil {
			score, allowed := sc.score(v.Number)
			return it.scoreNumber(v.Number, score, allowed, i, bad)
		}
	case *count:
		if v, ok := a.Value.(*cmiv1.Answer_Number); ok && v != nil {
			score, allowed := sc.score(v.Number)
			return it.scoreNumber(v.Number, score, allowed, i, bad)
		}
	case *behaviour:
		if v, ok := a.Value.(*cmiv1.Answer_Number); ok && v != nil {
			score, allowed := sc.score(v.Number)
			return it.scoreNumber(v.Number, score, allowed, i, bad)
		}
	case *choice:
		if v, ok := a.Value.(*cmiv1.Answer_Choice); ok && v != nil {
			score, allowed := sc.score(v.Choice)
			if !allowed {
				bad.answer(i, "choice", "item %s: %s is not allowed; %s", quoted(it.id), quoted(v.Choice), sc.allowed())
			}
			return answered, it.orient(score)
		}
	case *multipleChoice:
		if v, ok := a.Value.(*cmiv1.Answer_Choices); ok && v != nil {
			return answered, it.orient(it.readChoices(sc, v.Choices.GetValues(), i, bad))
		}
	case yesNo:
		if v, ok := a.Value.(*cmiv1.Answer_Yes); ok && v != nil {
			return answered, it.orient(sc.score(v.Yes))
		}
	case text:
		if v, ok := a.Value.(*cmiv1.Answer_Text); ok && v != nil {
			if problem := textProblem(v.Text, maxText); problem != "" {
				bad.answer(i, "text", "item %s: %s", quoted(it.id), problem)
			}
			return answered, 0
		}
	}
	bad.kind(i, it, a)
	return answered, 0
}

// scoreNumber finishes the reading of a number.
func (it *item) scoreNumber(x, score float64, allowed bool, i int, bad *violations) (state, float64) {
	if !allowed {
		bad.number(i, it, x)
	}
	return answered, it.orient(score)
}

// readNoAnswer reads why there is no answer.
func (it *item) readNoAnswer(why cmiv1.NoAnswer, i int, bad *violations) (state, float64) {
	switch why {
	case cmiv1.NoAnswer_NO_ANSWER_NOT_APPLICABLE:
		return notApplicable, 0
	case cmiv1.NoAnswer_NO_ANSWER_DONT_KNOW, cmiv1.NoAnswer_NO_ANSWER_DECLINED:
	default:
		bad.answer(i, "no_answer", "item %s: %s is not allowed; NO_ANSWER_NOT_APPLICABLE, NO_ANSWER_DONT_KNOW or NO_ANSWER_DECLINED is",
			quoted(it.id), enumName(why))
	}
	return withheld, 0
}

// readChoices scores a set of options.
func (it *item) readChoices(sc *multipleChoice, values []string, i int, bad *violations) float64 {
	var set chosen
	for k, value := range values {
		switch sc.pick(value, &set) {
		case pickedUnknown:
			bad.answer(i, index("choices.values", k), "item %s: %s is not allowed; %s", quoted(it.id), quoted(value), sc.allowed())
		case pickedTwice:
			bad.answer(i, index("choices.values", k), "item %s: %s is chosen twice; each option may be chosen once", quoted(it.id), quoted(value))
		}
	}
	return sc.score(len(values))
}

// readTopics checks the topics of a text.
func (it *item) readTopics(a *cmiv1.Answer, i int, bad *violations) {
	if v, ok := a.Value.(*cmiv1.Answer_Text); !ok || v == nil {
		bad.answer(i, "topics", "item %s: topics are not allowed here; with a text they are", quoted(it.id))
		return
	}
	if n := len(a.Topics); n > maxTopics {
		bad.answer(i, "topics", "item %s: %d topics are too many; at most %d are allowed", quoted(it.id), n, maxTopics)
		return
	}
	for k, topic := range a.Topics {
		if topic == "" {
			bad.answer(i, index("topics", k), "item %s: an empty topic is not allowed; up to %d characters are", quoted(it.id), maxTopic)
		} else if problem := textProblem(topic, maxTopic); problem != "" {
			bad.answer(i, index("topics", k), "item %s: topic %s", quoted(it.id), problem)
		}
	}
}

// measure fills the behaviour items that have no answer of their own: from the response's own behaviour where it brings
// one, and only else from what was measured for the item's group.
func (s *Scorer) measure(own *cmiv1.Behaviour, measured []*cmiv1.Behaviour, to sheet) {
	if own == nil && len(measured) == 0 {
		return
	}
	for _, k := range s.measured {
		if to.states[k] != skipped {
			continue
		}
		it := &s.items[k]
		b := it.scale.(*behaviour)
		m, as := own, answered
		if own == nil {
			m, as = measured[b.need], observed
		}
		if m == nil {
			continue
		}
		if score, known := b.of(m); known {
			to.states[k], to.scores[k] = as, it.orient(score)
		}
	}
}

// readRequired notes the required items that were skipped.
func (s *Scorer) readRequired(to sheet, bad *violations) {
	for k := range s.items {
		if it := &s.items[k]; it.required && to.states[k] == skipped {
			bad.add("answers", "item %s: skipping is not allowed, the item is required; %s, and so is a no_answer", quoted(it.id), it.scale.allowed())
		}
	}
}

// HeadAllowed tells whether everything that a response says about itself, beside its answers and behaviour, is allowed.
func HeadAllowed(r *cmiv1.Response) bool {
	var bad violations
	readHead(r, &bad)
	return len(bad.list) == 0
}

// readHead checks what a response says about itself.
func readHead(r *cmiv1.Response, bad *violations) {
	if r.ResponseId != "" && !ValidID(r.ResponseId) {
		bad.add("response_id", "%s is not allowed; %s", quoted(r.ResponseId), idAllowed)
	}
	if r.CustomerId != "" && !ValidID(r.CustomerId) {
		bad.add("customer_id", "%s is not allowed; %s", quoted(r.CustomerId), idAllowed)
	}
	if r.Channel < cmiv1.Channel_CHANNEL_UNSPECIFIED || r.Channel > cmiv1.Channel_CHANNEL_MOBILE_APP {
		bad.add("channel", "%s is not allowed; CHANNEL_FACE_TO_FACE, CHANNEL_ONLINE or CHANNEL_MOBILE_APP is", enumName(r.Channel))
	}
	if r.SubmittedAt != nil && !r.SubmittedAt.IsValid() {
		bad.add("submitted_at", "seconds %d and nanos %d are not allowed; times from year 1 to 9999 with nanos from 0 to 999999999 are",
			r.SubmittedAt.Seconds, r.SubmittedAt.Nanos)
	}
}
