package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/customer-momentum/cmi/cmd/cmi/tables"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// scoreTableFlags are about tables alone.
type scoreTableFlags struct {
	From      formatFlag    `group:"Tables" placeholder:"FORMAT" help:"The format of IN: csv, jsonl, parquet or arrow. Without it the extension decides."`
	To        formatFlag    `group:"Tables" placeholder:"FORMAT" help:"The format of OUT; arrow is a stream, arrow-file a file of the random-access kind."`
	Map       string        `group:"Tables" placeholder:"FILE" help:"A mapping (YAML): other column names, arithmetic, codes for missing and not applicable, labels."`
	Keep      []string      `group:"Tables" placeholder:"COLUMN,..." help:"Columns of IN to write before the scores; NAME=AS renames one. Those that begin with @ always are."`
	Columns   []string      `group:"Tables" placeholder:"COLUMN,..." help:"Columns of scores to write; all without it."`
	Rejects   string        `group:"Tables" placeholder:"FILE" help:"List what was rejected in this file: row, item, value, reason."`
	Strict    bool          `group:"Tables" help:"Refuse columns that nobody asked for, and items without a column."`
	Long      longFlag      `group:"Tables" placeholder:"RESPONSE,ITEM,VALUE" help:"IN has a row for each answer, in these three columns; the rows of a response stand together."`
	Delimiter delimiterFlag `group:"Tables" placeholder:"CHARACTER" help:"What stands between the cells of CSV, in and out. Default: a comma."`
	Summary   string        `group:"Tables" enum:"text,json" default:"text" placeholder:"FORMAT" help:"How the summary on stderr is written: text or json."`
	Quiet     bool          `group:"Tables" help:"No notes, progress or summary on stderr."`
}

// rowsRejected ends a run that is whole but for some rows.
type rowsRejected struct{}

func (rowsRejected) Error() string { return "rows were rejected" }

// Validate refuses combinations that mean nothing; the exit code is then that of a bad command line.
func (c *scoreCommand) Validate() error {
	if err := c.validateServer(); err != nil {
		return err
	}
	if c.Out == "" {
		if c.tables() {
			return errors.New("these flags are about tables, which have an OUT; - is stdout")
		}
		return nil
	}
	if c.Explain {
		return errors.New("--explain is for responses as JSON, without OUT")
	}
	if _, err := c.place(c.In, c.From.Format, "--from"); err != nil {
		return err
	}
	if _, err := c.place(c.Out, c.To.Format, "--to"); err != nil {
		return err
	}
	if c.Rejects != "" {
		if _, err := tables.FormatOf(c.Rejects); err != nil {
			return err
		}
	}
	return nil
}

// tables tells whether any flag is set that is about tables alone.
func (c *scoreCommand) tables() bool {
	return c.From.Format != "" || c.To.Format != "" || c.Map != "" || len(c.Keep) > 0 || len(c.Columns) > 0 || c.Rejects != "" ||
		c.Strict || c.Long.Long != nil || c.Delimiter != 0 || c.Quiet || c.Summary != "text"
}

// place finds the format of a table.
func (c *scoreCommand) place(file string, format tables.Format, flag string) (p tables.Place, err error) {
	p.Format = format
	if file != "-" {
		p.File = file
	}
	if format != "" {
		return p, nil
	}
	if file == "-" {
		return p, fmt.Errorf("a pipe has no extension; say its format with %s: csv, jsonl, parquet or arrow", flag)
	}
	if p.Format, err = tables.FormatOf(file); err != nil {
		return p, fmt.Errorf("%w; or say it with %s", err, flag)
	}
	return p, nil
}

// job says what to do with a table.
func (c *scoreCommand) job(s streams, q *cmiv1.Questionnaire, scorer *scoring.Scorer) (*tables.Job, error) {
	job := &tables.Job{
		Questionnaire: q, Scorer: scorer,
		Keep: c.Keep, Columns: c.Columns, Strict: c.Strict, Long: c.Long.Long, Delimiter: byte(c.Delimiter),
	}
	var err error
	if job.In, err = c.place(c.In, c.From.Format, "--from"); err != nil {
		return nil, err
	}
	if job.Out, err = c.place(c.Out, c.To.Format, "--to"); err != nil {
		return nil, err
	}
	job.In.From, job.Out.To = s.in, s.out
	if c.Rejects != "" {
		format, err := tables.FormatOf(c.Rejects)
		if err != nil {
			return nil, err
		}
		job.Rejects = &tables.Place{File: c.Rejects, Format: format}
	}
	if job.Mapping, err = c.mapping(scorer); err != nil {
		return nil, err
	}
	return job, nil
}

func (c *scoreCommand) runTable(ctx context.Context, s streams, job *tables.Job) error {
	said := s.err
	if c.Quiet {
		said = io.Discard
	}
	job.Note = func(text string) { fmt.Fprintf(said, "cmi: %s\n", text) }
	// What is alive is a few batches, so that the collector would run all the time to save little.
	const percent = 400
	defer debug.SetGCPercent(debug.SetGCPercent(percent))
	bar := newScoreBar(said)
	job.Progress = bar.reach
	summary, err := job.Run(ctx)
	bar.end()
	if err != nil {
		return err
	}
	if err := writeScoreSummary(said, summary, c.Summary); err != nil {
		return err
	}
	if summary.Rejected > 0 {
		return rowsRejected{}
	}
	return nil
}

// mapping reads what --map names.
func (c *scoreCommand) mapping(scorer *scoring.Scorer) (*tables.Mapping, error) {
	if c.Map == "" {
		return nil, nil
	}
	data, err := os.ReadFile(c.Map)
	if err != nil {
		return nil, fmt.Errorf("the mapping cannot be read: %w", err)
	}
	return tables.ReadMapping(c.Map, data, scorer)
}
