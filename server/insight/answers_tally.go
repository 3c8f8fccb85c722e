package insight

import (
	"slices"
	"strconv"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
	"github.com/customer-momentum/cmi/server/fault"
)

// answerTally is what one group said.
type answerTally struct {
	N             int                 `json:"n,omitempty"`
	Unanswered    int                 `json:"unanswered,omitempty"`
	NotApplicable int                 `json:"notApplicable,omitempty"`
	Values        map[string]int      `json:"values,omitempty"`
	Many          bool                `json:"many,omitempty"` // more different numbers than are listed
	Numbers       uncertainty.Sample  `json:"numbers"`
	CMI           uncertainty.Sample  `json:"cmi"` // of all who answered
	Topics        map[string]*opinion `json:"topics,omitempty"`
}

// opinion is a topic, and how those who raised it score.
type opinion struct {
	N   int                `json:"n"`
	CMI uncertainty.Sample `json:"cmi"`
}

func (t *answerTally) add(o *observed, said *cmiv1.Answer) error {
	switch v := said.GetValue().(type) {
	case nil:
		t.Unanswered++
		return nil
	case *cmiv1.Answer_NoAnswer:
		if v.NoAnswer == cmiv1.NoAnswer_NO_ANSWER_NOT_APPLICABLE {
			t.NotApplicable++
		} else {
			t.Unanswered++
		}
		return nil
	case *cmiv1.Answer_Number:
		t.number(v.Number)
	case *cmiv1.Answer_Choice:
		t.value(v.Choice)
	case *cmiv1.Answer_Choices:
		for _, one := range v.Choices.GetValues() {
			t.value(one)
		}
	case *cmiv1.Answer_Yes:
		t.value(map[bool]string{true: "yes", false: "no"}[v.Yes])
	}
	t.N++
	if o.scored() {
		t.CMI.Add(o.CMI, 1)
	}
	return t.topics(o, said.GetTopics())
}

func (t *answerTally) value(name string) {
	if t.Values == nil {
		t.Values = make(map[string]int)
	}
	t.Values[name]++
}

func (t *answerTally) number(x float64) {
	t.Numbers.Add(x, 1)
	if t.Many {
		return
	}
	t.value(strconv.FormatFloat(x+0, 'g', -1, 64))
	t.forgetMany()
}

// forgetMany drops a list of numbers that has become too long.
func (t *answerTally) forgetMany() {
	if t.Many || t.Numbers.N() > 0 && len(t.Values) > mostNumbers {
		t.Many, t.Values = true, nil
	}
}

func (t *answerTally) topics(o *observed, raised []string) error {
	for k, name := range raised {
		if slices.Contains(raised[:k], name) {
			continue // one response raises a topic once
		}
		topic, err := t.topic(name)
		if err != nil {
			return err
		}
		topic.N++
		if o.scored() {
			topic.CMI.Add(o.CMI, 1)
		}
	}
	return nil
}

func (t *answerTally) topic(name string) (*opinion, error) {
	if t.Topics[name] == nil {
		if len(t.Topics) == mostTopics {
			return nil, fault.New(cmiv1.ErrorReason_TOO_MANY_GROUPS,
				"The texts have more than %d different topics; ask for a shorter time, or sort texts into fewer.", mostTopics)
		}
		if t.Topics == nil {
			t.Topics = make(map[string]*opinion)
		}
		t.Topics[name] = &opinion{}
	}
	return t.Topics[name], nil
}

func (t *answerTally) merge(from *answerTally) error {
	t.N += from.N
	t.Unanswered += from.Unanswered
	t.NotApplicable += from.NotApplicable
	t.Numbers.Merge(from.Numbers)
	t.CMI.Merge(from.CMI)
	t.Many = t.Many || from.Many
	for name, n := range from.Values {
		if t.Values == nil {
			t.Values = make(map[string]int)
		}
		t.Values[name] += n
	}
	t.forgetMany()
	for _, name := range inOrder(from.Topics) {
		topic, err := t.topic(name)
		if err != nil {
			return err
		}
		topic.N += from.Topics[name].N
		topic.CMI.Merge(from.Topics[name].CMI)
	}
	return nil
}
