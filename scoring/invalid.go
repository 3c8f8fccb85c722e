package scoring

import (
	"fmt"
	"strconv"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Invalid is the error of [Scorer.Score] and [Scorer.Explain]: everything that is wrong with a response, at once, in the
// order of the response and then of the questionnaire. Beyond 50 the last one says how many more there are.
type Invalid struct {
	// Violations are the single violations; there is at least one.
	Violations []Violation
}

// Violation is one thing that is wrong with a response.
type Violation struct {
	// Path is the field at fault, relative to the response, such as answers[3].number. Empty: the response as a whole.
	Path string
	// Message names the item, the value and what is allowed.
	Message string
}

// Error lists the violations in one line, the first ten in full.
func (e *Invalid) Error() string {
	var b strings.Builder
	b.WriteString("the response cannot be scored: ")
	for i, v := range e.Violations {
		if i > 0 {
			b.WriteString("; ")
		}
		if i == maxListed {
			fmt.Fprintf(&b, "and %d more", len(e.Violations)-i)
			break
		}
		writeProblem(&b, v.Path, v.Message)
	}
	return b.String()
}

// violations gathers what is wrong while a response is read. Nothing is written or allocated before something is.
type violations struct {
	list []Violation
	more int
}

// add notes a violation at a path.
func (v *violations) add(path, format string, args ...any) {
	if len(v.list) == maxViolations {
		v.more++
		return
	}
	v.list = append(v.list, Violation{Path: path, Message: fmt.Sprintf(format, args...)})
}

// answer notes a violation at a field of the answer at position i; an empty field means the answer as a whole.
func (v *violations) answer(i int, field, format string, args ...any) {
	if len(v.list) == maxViolations {
		v.more++
		return
	}
	path := "answers[" + strconv.Itoa(i) + "]"
	if field != "" {
		path += "." + field
	}
	v.add(path, format, args...)
}

// number notes a number outside an item's scale.
func (v *violations) number(i int, it *item, x float64) {
	v.answer(i, "number", "item %s: %s is not allowed; %s", quoted(it.id), number(x), it.scale.allowed())
}

// kind notes an answer of another kind than the item takes, or without a value.
func (v *violations) kind(i int, it *item, a *cmiv1.Answer) {
	field, what := sent(a)
	v.answer(i, field, "item %s: %s is not allowed; %s", quoted(it.id), what, it.scale.allowed())
}

// unknown notes an answer to an item that the questionnaire lacks.
func (v *violations) unknown(i int, s *Scorer, id string) {
	if len(v.list) == maxViolations {
		v.more++ // before the list of items is written
		return
	}
	ids := make([]string, len(s.items))
	for k := range s.items {
		ids[k] = s.items[k].id
	}
	v.answer(i, "item_id", "item %s is not in questionnaire %s version %d; its items are %s",
		quoted(id), quoted(s.id), s.version, listed(ids))
}

// err gives what was gathered, nil when nothing was.
func (v *violations) err() error {
	if len(v.list) == 0 {
		return nil
	}
	if v.more > 0 {
		v.list = append(v.list, Violation{Path: "answers", Message: fmt.Sprintf("and %d more violations", v.more)})
	}
	return &Invalid{Violations: v.list}
}

// sent names the field that an answer came in, and what was sent. A typed nil counts as nothing sent.
func sent(a *cmiv1.Answer) (field, what string) {
	switch v := a.Value.(type) {
	case *cmiv1.Answer_Number:
		if v != nil {
			return "number", "the number " + number(v.Number)
		}
	case *cmiv1.Answer_Choice:
		if v != nil {
			return "choice", "the choice " + quoted(v.Choice)
		}
	case *cmiv1.Answer_Choices:
		if v != nil {
			return "choices", "a set of choices"
		}
	case *cmiv1.Answer_Yes:
		if v != nil {
			return "yes", "yes or no"
		}
	case *cmiv1.Answer_Text:
		if v != nil {
			return "text", "a text"
		}
	}
	return "", "an answer without a value"
}
