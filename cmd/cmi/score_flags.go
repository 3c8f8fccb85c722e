package main

import (
	"fmt"
	"strings"

	"github.com/customer-momentum/cmi/cmd/cmi/tables"
)

// formatFlag is a format on the command line; its zero value leaves it to the extension.
type formatFlag struct{ tables.Format }

// UnmarshalText reads it.
func (f *formatFlag) UnmarshalText(text []byte) (err error) {
	f.Format, err = tables.ParseFormat(string(text))
	return err
}

// longFlag names the columns of a long table; its zero value is a wide one.
type longFlag struct{ *tables.Long }

// UnmarshalText reads it.
func (f *longFlag) UnmarshalText(text []byte) error {
	names := strings.Split(string(text), ",")
	if len(names) != 3 || names[0] == "" || names[1] == "" || names[2] == "" {
		return fmt.Errorf("%q does not name three columns, of the response, the item and the value", text)
	}
	f.Long = &tables.Long{Response: names[0], Item: names[1], Value: names[2]}
	return nil
}

// delimiterFlag is one character of ASCII; its zero value is a comma.
type delimiterFlag byte

// UnmarshalText reads it.
func (f *delimiterFlag) UnmarshalText(text []byte) error {
	if string(text) == `\t` || string(text) == "tab" {
		text = []byte{'\t'}
	}
	if len(text) != 1 || text[0] >= 0x80 || strings.ContainsAny(string(text), "\"\r\n") {
		return fmt.Errorf("%q cannot stand between cells; one character of ASCII can, or tab", text)
	}
	*f = delimiterFlag(text[0])
	return nil
}
