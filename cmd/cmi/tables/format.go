package tables

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Format is how a table is written down.
type Format string

// The formats. Arrow is the stream of Apache Arrow IPC, and read also from files of the random-access kind, which begin otherwise.
const (
	CSV       Format = "csv"
	JSONLines Format = "jsonl"
	Parquet   Format = "parquet"
	Arrow     Format = "arrow"
	ArrowFile Format = "arrow-file"
)

// ParseFormat reads the name of a format.
func ParseFormat(name string) (Format, error) {
	switch f := Format(strings.ToLower(name)); f {
	case CSV, JSONLines, Parquet, Arrow, ArrowFile:
		return f, nil
	case "json", "ndjson":
		return JSONLines, nil
	}
	return "", fmt.Errorf("%q is not a format; csv, jsonl, parquet, arrow and arrow-file are", name)
}

// FormatOf tells the format of a file by its extension.
func FormatOf(file string) (Format, error) {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".csv":
		return CSV, nil
	case ".jsonl", ".ndjson", ".json":
		return JSONLines, nil
	case ".parquet", ".pq":
		return Parquet, nil
	case ".arrows":
		return Arrow, nil
	case ".arrow", ".feather", ".ipc":
		return ArrowFile, nil
	}
	return "", fmt.Errorf("the extension of %q is not that of a format: .csv, .jsonl, .ndjson, .parquet, .arrow and .arrows are", file)
}
