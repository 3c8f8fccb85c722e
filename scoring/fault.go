package scoring

import (
	"fmt"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Faults is the error of [Compile]: everything that keeps a questionnaire from being compiled, at once, in the order of the
// questionnaire. There is at least one. Beyond 1,000 the last one says how many more there are.
type Faults struct {
	// Faults are the single faults, each with its path, such as items[3].rating.max.
	Faults []*cmiv1.Fault
}

// Error lists the faults in one line, the first ten in full.
func (f *Faults) Error() string {
	var b strings.Builder
	b.WriteString("the questionnaire cannot be compiled: ")
	for i, fault := range f.Faults {
		if i > 0 {
			b.WriteString("; ")
		}
		if i == maxListed {
			fmt.Fprintf(&b, "and %d more", len(f.Faults)-i)
			break
		}
		writeProblem(&b, fault.GetPath(), fault.GetMessage())
	}
	return b.String()
}

// writeProblem writes a path, where there is one, and what is wrong there.
func writeProblem(b *strings.Builder, path, message string) {
	if path != "" {
		b.WriteString(path)
		b.WriteString(": ")
	}
	b.WriteString(message)
}

// faults gathers what is wrong while a questionnaire is compiled.
type faults struct {
	list []*cmiv1.Fault
	more int
}

// add notes a fault at the joined path.
func (f *faults) add(at, field, format string, args ...any) {
	if len(f.list) == maxFaults {
		f.more++
		return
	}
	f.list = append(f.list, &cmiv1.Fault{Path: at + field, Message: fmt.Sprintf(format, args...)})
}

// err gives what was gathered, nil when nothing was.
func (f *faults) err() error {
	if len(f.list) == 0 {
		return nil
	}
	if f.more > 0 {
		f.list = append(f.list, &cmiv1.Fault{Message: fmt.Sprintf("and %d more faults", f.more)})
	}
	return &Faults{Faults: f.list}
}

// text checks a text for people.
func (f *faults) text(at, field, s string, most int) {
	if problem := textProblem(s, most); problem != "" {
		f.add(at, field, "%s", problem)
	}
}

// positive checks a number that must be finite and above 0.
func (f *faults) positive(at, field string, x float64) {
	if !finite(x) || x <= 0 {
		f.add(at, field, "%s is not allowed; numbers above 0 are", number(x))
	}
}
