package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// describeFlag is the help of a flag: what it does, its default where the placeholder hides it, its environment variable.
func describeFlag(v *kong.Value) string {
	text := strings.TrimSuffix(v.Help, ".")
	if v.Tag.PlaceHolder != "" && v.Default != "" && !v.IsBool() && !strings.Contains(text, "Default: ") {
		text += ". Default: " + v.Default
	}
	for _, env := range v.Tag.Envs {
		text += " ($" + env + ")"
	}
	return text + "."
}

// seeHelp names the help of the command that was meant.
func seeHelp(err error) string {
	command := "cmi"
	if bad, ok := errors.AsType[*kong.ParseError](err); ok && bad.Context.Selected() != nil {
		command = bad.Context.Selected().FullPath()
	}
	return fmt.Sprintf("%q says what there is", command+" --help")
}

// complaint puts an error into lines for stderr, each of several faults on one of its own.
func complaint(text string) string {
	return "cmi: " + strings.ReplaceAll(text, "\n", "\ncmi: ") + "\n"
}
