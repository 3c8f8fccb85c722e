package report

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Format is a form in which a report is written.
type Format string

// The formats.
const (
	// Table is for a terminal.
	Table Format = "table"
	// CSV has a line for each figure.
	CSV Format = "csv"
	// JSON is the answer of the service as it is.
	JSON Format = "json"
	// HTML is one page with charts that needs nothing else.
	HTML Format = "html"
)

// ParseFormat reads the name of a format.
func ParseFormat(text string) (Format, error) {
	switch f := Format(text); f {
	case Table, CSV, JSON, HTML:
		return f, nil
	}
	return "", fmt.Errorf("%q is not a format of reports; table, csv, json and html are", text)
}

// FormatOf tells the format by how the name of a file ends.
func FormatOf(file string) (Format, error) {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".csv":
		return CSV, nil
	case ".json":
		return JSON, nil
	case ".html", ".htm":
		return HTML, nil
	case ".txt":
		return Table, nil
	}
	return "", fmt.Errorf("%s does not say its format by its end, which .csv, .json, .html and .txt do", file)
}
