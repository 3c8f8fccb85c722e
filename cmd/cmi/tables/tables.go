// Package tables scores responses that stand in files, one a row: Parquet, CSV, Apache Arrow and lines of JSON. Whatever the
// format, rows become the columns of package columnar, and are scored by the engine's columns kernel, so the figures are those
// of every other door.
//
// A run is a short pipeline. One goroutine reads pieces of the input, some turn each into answers, scores and, where the output is
// text, bytes, and one writes them in the order of the input. What they work on goes round in a fixed number of lanes, so memory
// does not grow with the file.
package tables

import (
	"context"
	"errors"
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// Job says what to score, and where the scores go.
type Job struct {
	Questionnaire *cmiv1.Questionnaire
	Scorer        *scoring.Scorer
	// Service scores the rows in place of this process, by the same questionnaire; nil: this process does.
	Service *Service
	// Mapping says how the table codes the answers; nil: as the questionnaire has them.
	Mapping *Mapping

	In, Out Place
	// Rejects is where the rows that were refused are listed; nil: nowhere.
	Rejects *Place

	// Keep are columns of the input to write before the scores; OLD=NEW writes one under another name.
	Keep []string
	// Columns are those of the scores; none stands for all.
	Columns []string
	// Strict refuses columns that nobody asked for, and items without one.
	Strict bool
	// Long reads tables of a row for each answer; nil: of a row for each response.
	Long *Long
	// Delimiter stands between the cells of CSV; 0: a comma.
	Delimiter byte

	// Workers is how many goroutines decode and score; 0: one for each processor.
	Workers int
	// Note takes what the user should know before the first row; nil: nobody listens.
	Note func(text string)
	// Progress is told now and then how far the run is; nil: nobody listens. It is called by one goroutine at a time.
	Progress func(Progress)
}

// Progress is how far a run is.
type Progress struct {
	// Rows are those that were written.
	Rows int64
	// Done and Total measure the input, in bytes or rows. Total is 0 where the size is not known.
	Done, Total int64
}

// Run scores the table. Where it fails, files that stood at the output's name before are as they were.
func (j *Job) Run(ctx context.Context) (_ *Summary, err error) {
	if err := j.check(); err != nil {
		return nil, err
	}
	from, err := j.open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	p, err := j.plan(from.columns())
	if _, mapped := errors.AsType[*MappingError](err); err != nil && !mapped {
		return nil, j.about(err)
	}
	if err != nil {
		return nil, err // it names its file
	}
	if err := j.identified(p, from.columns()); err != nil {
		return nil, j.about(err)
	}
	j.tell(p)
	return j.run(ctx, from, p)
}

// check refuses what cannot go well.
func (j *Job) check() error {
	if j.Out.same(j.In) {
		return fmt.Errorf("%s cannot be both the input and the output", j.Out)
	}
	if j.Rejects == nil {
		return nil
	}
	if j.Rejects.same(j.In) || j.Rejects.same(j.Out) {
		return fmt.Errorf("%s cannot take the rejects too; give them a file of their own", j.Rejects)
	}
	return nil
}

// tell says what of the table is not used, and what is not there.
func (j *Job) tell(p *plan) {
	if j.Note == nil {
		return
	}
	if len(p.unused) > 0 {
		j.Note(fmt.Sprintf("not used: %s; --strict would refuse them", listed("column", p.unused)))
	}
	if len(p.absent) > 0 {
		j.Note(fmt.Sprintf("skipped in every row, as there is no column: %s", listed("item", p.absent)))
	}
}
