package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
)

// filed is what files of a format came to.
type filed struct {
	format string
	result
	// ours and theirs are how many bytes the results have.
	ours, theirs int64
	huge         *huge
}

// formats are the kinds of files, by their extensions.
func formats() []string { return []string{"parquet", "csv"} }

// filesOf is where the files of a format stand.
type filesOf struct{ in, ours, theirs string }

// measureFiles compares `cmi score` and DuckDB from file to file.
func measureFiles(ctx context.Context, dir string, o options, found *findings) error {
	command, err := buildCommand(ctx, dir)
	if err != nil {
		return err
	}
	for _, format := range formats() {
		at := filesOf{in: filepath.Join(dir, "in."+format), ours: filepath.Join(dir, "ours."+format), theirs: filepath.Join(dir, "theirs."+format)}
		if err := makeFile(ctx, at.in, o.files); err != nil {
			return err
		}
		f, err := measureFormat(ctx, format, command, at, o)
		if err != nil {
			return fmt.Errorf("%s: %w", format, err)
		}
		if o.huge > 0 {
			if f.huge, err = measureHuge(ctx, command, at, o.huge); err != nil {
				return fmt.Errorf("%s of %d rows: %w", format, o.huge, err)
			}
		}
		found.files = append(found.files, f)
	}
	return nil
}

// measureFormat compares both sides on a file, and their results in every row.
func measureFormat(ctx context.Context, format string, command []string, at filesOf, o options) (f filed, err error) {
	query := "COPY (" + scoreSQL(ratings, source(at.in), true) + ") TO '" + at.theirs + "'"
	theirs, err := duckCommand(query)
	if err != nil {
		return f, err
	}
	f.format = format
	f.result, err = conduct(ctx, format, []side{
		{name: "`cmi score`, " + format, turn: processTurn(o.files, append(command, at.in, at.ours))},
		{name: "DuckDB `COPY`, " + format, turn: processTurn(o.files, theirs)},
	}, o)
	if err != nil {
		return f, err
	}
	if err := askDuck(ctx, compareFiles(at)); err != nil {
		return f, err
	}
	for _, one := range []struct {
		name string
		size *int64
	}{{at.ours, &f.ours}, {at.theirs, &f.theirs}} {
		info, err := os.Stat(one.name)
		if err != nil {
			return f, err
		}
		*one.size = info.Size()
	}
	return f, nil
}

// buildCommand builds `cmi` from this checkout, and writes the questionnaire to score by.
func buildCommand(ctx context.Context, dir string) ([]string, error) {
	binary, form := filepath.Join(dir, "cmi"), filepath.Join(dir, "questionnaire.json")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/cmi") //nolint:gosec // only the folder is not constant
	build.Dir, build.Stderr = "../..", os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("build cmi: %w", err)
	}
	text, err := protojson.Marshal(questionnaire(ratings))
	if err != nil {
		return nil, err
	}
	return []string{binary, "score", "-q", form}, os.WriteFile(form, text, 0o600)
}

// duckCommand is this program in a role in which it asks DuckDB one thing.
func duckCommand(statement string, more ...string) ([]string, error) {
	self, err := os.Executable()
	return append([]string{self, "-role", roleCopy, "-statement", statement}, more...), err
}

// makeFile has DuckDB write the answers.
func makeFile(ctx context.Context, name string, rows int) error {
	return askDuck(ctx, "COPY answers TO '"+name+"'", "-table", fmt.Sprint(rows))
}

func askDuck(ctx context.Context, statement string, more ...string) error {
	command, err := duckCommand(statement, more...)
	if err != nil {
		return err
	}
	child := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // it is this program
	child.Stderr = os.Stderr
	return child.Run()
}

// source is a file as DuckDB reads it, with all that is known of it.
func source(name string) string {
	if filepath.Ext(name) != ".csv" {
		return "'" + name + "'"
	}
	types := make([]string, ratings)
	for k := range types {
		types[k] = "'" + itemID(k) + "': 'TINYINT'"
	}
	return "read_csv('" + name + "', header = true, auto_detect = false, columns = {" + strings.Join(types, ", ") + "})"
}

// compareFiles is a statement that fails where the results of the two sides differ in a row.
func compareFiles(at filesOf) string {
	var differs []string
	for _, name := range append(pillarNames(), "cmi") {
		differs = append(differs, fmt.Sprintf("(a.%[1]s IS NULL) <> (b.%[1]s IS NULL) OR abs(a.%[1]s - b.%[1]s) > %[2]g", name, agreement))
	}
	for _, name := range []string{"status", "bucket", "display_score"} {
		differs = append(differs, fmt.Sprintf("a.%[1]s IS DISTINCT FROM b.%[1]s", name))
	}
	return fmt.Sprintf(`SELECT CASE WHEN count(*) > 0 THEN error('the results differ in ' || count(*) || ' rows') END
FROM (FROM '%s') AS a POSITIONAL JOIN (FROM '%s') AS b WHERE %s`, at.ours, at.theirs, strings.Join(differs, " OR "))
}

// processTurn runs a command once, from its start to its end.
func processTurn(rows int, command []string) func(context.Context, float64) (measurement, error) {
	return func(ctx context.Context, _ float64) (m measurement, err error) {
		child := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // our own commands
		var said strings.Builder
		child.Stderr = &said
		start := time.Now()
		if err := child.Run(); err != nil {
			return m, errors.Join(err, errors.New(said.String()))
		}
		m.Rows, m.Seconds = float64(rows), time.Since(start).Seconds()
		m.CPU = (child.ProcessState.UserTime() + child.ProcessState.SystemTime()).Seconds()
		m.peak = mostMemory(child.ProcessState)
		return m, nil
	}
}
