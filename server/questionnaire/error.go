package questionnaire

import (
	"fmt"
	"strings"
)

// Error says why a file is not a questionnaire.
type Error struct {
	// Name is the name of the file, as given to Read.
	Name string
	// Problems lists what was found, in the order of the file.
	Problems []Problem
}

// Problem is one thing that keeps a file from being read.
type Problem struct {
	// Line is the line in the file, from 1; 0 where it is not known.
	Line int
	// Path is the field, such as items[3].rating.max; empty where no field can be named.
	Path string
	// Message says what is wrong and what is allowed.
	Message string
}

// Error gives one problem a line, as compilers do: name, line, path, message.
func (e *Error) Error() string {
	lines := make([]string, 0, len(e.Problems))
	for _, p := range e.Problems {
		lines = append(lines, p.format(e.Name))
	}
	return strings.Join(lines, "\n")
}

func (p Problem) format(name string) string {
	var b strings.Builder
	b.WriteString(name)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.Path != "" {
		b.WriteString(": " + p.Path)
	}
	b.WriteString(": " + p.Message)
	return b.String()
}
