package scoring

import (
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// scale is the compiled form of what an item takes for an answer. Each kind has its own way to turn an answer into a score
// of 0..100; what they share is that they can say what they allow.
type scale interface {
	// allowed ends the sentence "X is not allowed; ...", verb included.
	allowed() string
}

// yesNo scores yes 100 and no 0.
type yesNo struct{}

func (yesNo) allowed() string { return "yes or no is" }

func (yesNo) score(yes bool) float64 {
	if yes {
		return 100
	}
	return 0
}

// text takes words, which are kept as the reason why and never scored.
type text struct{}

func (text) allowed() string { return "a text is" }

// compileScale compiles the one scale of an item, or notes what is wrong with it and answers something that must not be
// used.
func compileScale(m *cmiv1.Item, at string, f *faults) scale {
	switch v := m.Scale.(type) {
	case *cmiv1.Item_Rating:
		if v != nil {
			return compileRating(v.Rating, at+".rating", f)
		}
	case *cmiv1.Item_Choice:
		if v != nil {
			return compileChoice(v.Choice, at+".choice", f)
		}
	case *cmiv1.Item_MultipleChoice:
		if v != nil {
			return compileMultipleChoice(v.MultipleChoice, at+".multiple_choice", f)
		}
	case *cmiv1.Item_YesNo:
		if v != nil {
			return yesNo{}
		}
	case *cmiv1.Item_Count:
		if v != nil {
			return compileCount(v.Count, at+".count", f)
		}
	case *cmiv1.Item_Behaviour:
		if v != nil {
			return compileBehaviour(v.Behaviour, at+".behaviour", f)
		}
	case *cmiv1.Item_Text:
		if v != nil {
			return text{}
		}
	}
	f.add(at, ".scale", "an item without a scale is not allowed; "+
		"one of rating, choice, multiple_choice, yes_no, count, behaviour or text is")
	return nil
}
