package insight

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// inOrder lists the keys of a map.
func inOrder[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// distribution is how often each answer was given: options in their order, numbers by size, then what today's version does not
// know any more.
func (t *answerTally) distribution(item *cmiv1.Item) []*cmiv1.AnswerShare {
	if t.Many {
		return nil
	}
	options := item.GetChoice().GetOptions()
	if item.GetMultipleChoice() != nil {
		options = item.GetMultipleChoice().GetOptions()
	}
	if item.GetYesNo() != nil {
		options = []*cmiv1.Option{{Value: "yes"}, {Value: "no"}}
	}
	var list []*cmiv1.AnswerShare
	for _, option := range options {
		list = append(list, t.share(option.GetValue(), option.GetLabel()))
	}
	var others []string
	for _, name := range inOrder(t.Values) {
		if !slices.ContainsFunc(options, func(o *cmiv1.Option) bool { return o.GetValue() == name }) {
			others = append(others, name)
		}
	}
	if t.Numbers.N() > 0 {
		slices.SortFunc(others, func(a, b string) int { return cmp.Compare(numberOf(a), numberOf(b)) })
	}
	for _, name := range others {
		list = append(list, t.share(name, ""))
	}
	return list
}

// numberOf reads a number that was written as a key.
func numberOf(text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0 // an option of a version that asked otherwise; they are few and come first
	}
	return x
}

func (t *answerTally) share(name, label string) *cmiv1.AnswerShare {
	n := t.Values[name]
	return &cmiv1.AnswerShare{
		Value: name, Label: label, Count: count(n), Share: estimate(uncertainty.Share(float64(n), float64(t.N), level)),
	}
}

// opinions are the topics, the most frequent first.
func (t *answerTally) opinions() []*cmiv1.TopicFigures {
	names := inOrder(t.Topics)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(t.Topics[b].N, t.Topics[a].N) })
	var list []*cmiv1.TopicFigures
	for _, name := range names[:min(len(names), listedTopics)] {
		topic := t.Topics[name]
		f := &cmiv1.TopicFigures{Topic: name, Count: count(topic.N), Share: estimate(uncertainty.Share(float64(topic.N), float64(t.N), level))}
		others := t.CMI
		others.Remove(topic.CMI)
		if topic.CMI.N() >= fewest {
			f.Raised = mean(&topic.CMI)
		}
		if others.N() >= fewest {
			f.Others = mean(&others)
		}
		if f.Raised != nil && f.Others != nil {
			f.Difference = difference(uncertainty.Unpaired(&topic.CMI, &others, level))
		}
		list = append(list, f)
	}
	return list
}
