// Package reference reads, for tests, surveys and figures that others have collected and computed.
package reference

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Table is a file with a header, by column.
type Table struct {
	// Rows is how many rows there are, the header not counted.
	Rows int
	// Names are those of the columns, in their order.
	Names   []string
	Columns map[string][]string
}

// Open reads a file of the folder that CMI_SHARED_DATA names. Without it the test skips, unless CMI_REQUIRE_DATA=1 says that it must
// be there.
func Open(t testing.TB, name string) Table {
	t.Helper()
	missing := t.Skipf
	if os.Getenv("CMI_REQUIRE_DATA") == "1" {
		missing = t.Fatalf
	}
	folder := os.Getenv("CMI_SHARED_DATA")
	if folder == "" {
		missing("CMI_SHARED_DATA does not say where the shared data is, so nothing is compared with %s", name)
	}
	file, err := os.Open(filepath.Join(folder, name)) //nolint:gosec // tests name their files
	if err != nil {
		missing("the shared data is not there, so nothing is compared with it: %v", err)
	}
	defer file.Close()
	all, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	table := Table{Rows: len(all) - 1, Names: all[0], Columns: map[string][]string{}}
	for k, head := range all[0] {
		for _, row := range all[1:] {
			table.Columns[head] = append(table.Columns[head], row[k])
		}
	}
	return table
}

// Numbers is a column as numbers, NaN where it is empty.
func (f Table) Numbers(t testing.TB, column string) []float64 {
	t.Helper()
	if len(f.Columns[column]) != f.Rows {
		t.Fatalf("there is no column %s", column)
	}
	all := make([]float64, f.Rows)
	for row, text := range f.Columns[column] {
		if text == "" {
			all[row] = math.NaN()
			continue
		}
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatalf("%s, row %d: %v", column, row+1, err)
		}
		all[row] = x
	}
	return all
}

// Value is a figure of reference_values.csv, and how far from it rounding may lie.
func Value(t testing.TB, key string) (printed, within float64) {
	t.Helper()
	values := Open(t, "reference_values.csv").Columns
	for row, name := range values["key"] {
		if name != key {
			continue
		}
		text := values["value"][row]
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		digits, exponent, _ := strings.Cut(text, "e")
		_, decimals, _ := strings.Cut(digits, ".")
		power, err := strconv.Atoi("0" + strings.TrimPrefix(exponent, "+"))
		if strings.HasPrefix(exponent, "-") {
			power, err = strconv.Atoi(exponent)
		}
		if err != nil {
			t.Fatal(err)
		}
		unit := math.Pow10(power - len(decimals))
		return x, 0.5*unit + 1e-12*math.Max(1, math.Abs(x))*math.Min(1, unit)
	}
	t.Fatalf("there is no figure %s", key)
	return 0, 0
}

// Check compares a figure with one of reference_values.csv, to its printed digits.
func Check(t testing.TB, key string, got float64) {
	t.Helper()
	if want, within := Value(t, key); !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %v, printed as %v", key, got, want)
	}
}
