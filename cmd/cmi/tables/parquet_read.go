package tables

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// parquetSource reads the columns of a Parquet file that are needed, page by page.
type parquetSource struct {
	in     *input
	spool  *os.File // what came through a pipe
	file   *file.Reader
	table  *pqarrow.FileReader
	schema *arrow.Schema
	budget *budget
	names  *known

	rows pqarrow.RecordReader // nil: nothing is read yet
	plan *plan
	done int64
}

func openParquet(in *input) (_ *parquetSource, err error) {
	s := &parquetSource{in: in, budget: newBudget()}
	from := in.file
	if in.size == 0 {
		if from, err = s.spooled(); err != nil {
			return nil, err
		}
	}
	if err := guarded(func() error { return s.begin(from) }); err != nil {
		return nil, errors.Join(fmt.Errorf("the table is not Parquet, or broken: %w", err), s.drop())
	}
	s.names = namesOf(s.schema)
	return s, nil
}

// spooled copies what comes through a pipe into a file, since Parquet is read from its end.
func (s *parquetSource) spooled() (*os.File, error) {
	spool, err := os.CreateTemp("", "cmi-score-*.parquet")
	if err != nil {
		return nil, fmt.Errorf("there is no room for what comes through the pipe: %w", err)
	}
	s.spool = spool
	if _, err := io.Copy(spool, s.in); err != nil {
		return nil, errors.Join(fmt.Errorf("the table cannot be read: %w", err), s.drop())
	}
	return spool, nil
}

func (s *parquetSource) begin(from *os.File) (err error) {
	properties := parquet.NewReaderProperties(s.budget)
	properties.BufferedStreamEnabled = true
	properties.BufferSize = 1 << 20
	// The reader closes what it reads from; that is for close to do.
	if s.file, err = file.NewParquetReader(readerAt{from}, file.WithReadProps(properties)); err != nil {
		return err
	}
	s.table, err = pqarrow.NewFileReader(s.file, pqarrow.ArrowReadProperties{BatchSize: batchRows}, s.budget)
	if err != nil {
		return err
	}
	s.schema, err = s.table.Schema()
	return err
}

// readerAt is a file that cannot be closed.
type readerAt struct{ parquet.ReaderAtSeeker }

func (s *parquetSource) columns() *known { return s.names }

// decoder also notes which columns are needed: only those are read.
func (s *parquetSource) decoder(p *plan) (decoder, error) {
	s.plan = p
	places := make([]int, s.schema.NumFields())
	next := 0
	for at, needed := range s.needed() {
		if places[at] = -1; needed {
			places[at] = next
			next++
		}
	}
	return newBatchDecoder(p, s.schema, places)
}

func (s *parquetSource) needed() []bool {
	all := make([]bool, s.schema.NumFields())
	for k := range s.plan.fields {
		for _, at := range []int{s.plan.fields[k].column, s.plan.fields[k].na} {
			if at >= 0 {
				all[at] = true
			}
		}
	}
	for _, at := range s.plan.kept {
		all[at] = true
	}
	return all
}

func (s *parquetSource) next(into *piece) error {
	into.release()
	s.budget.refill()
	err := guarded(func() error {
		if s.rows == nil {
			if err := s.start(); err != nil {
				return err
			}
		}
		if !s.rows.Next() {
			if err := s.rows.Err(); err != nil {
				return err
			}
			return io.EOF
		}
		into.rows = s.rows.RecordBatch()
		into.rows.Retain()
		return nil
	})
	switch {
	case err == nil:
		s.done += into.rows.NumRows()
		return nil
	case !errors.Is(err, io.EOF):
		return fmt.Errorf("the table is broken or cut off: %w", err)
	case s.done != s.file.NumRows():
		return fmt.Errorf("the table is broken: it has %d rows and says %d", s.done, s.file.NumRows())
	}
	return io.EOF
}

func (s *parquetSource) start() (err error) {
	var leaves []int
	for at, needed := range s.needed() {
		if needed {
			leaves = leavesOf(&s.table.Manifest.Fields[at], leaves)
		}
	}
	if s.file.NumRows() == 0 {
		return io.EOF
	}
	s.rows, err = s.table.GetRecordReader(context.Background(), leaves, nil)
	return err
}

func leavesOf(field *pqarrow.SchemaField, to []int) []int {
	if len(field.Children) == 0 {
		return append(to, field.ColIndex)
	}
	for k := range field.Children {
		to = leavesOf(&field.Children[k], to)
	}
	return to
}

func (s *parquetSource) progress() (done, total int64) { return s.done, s.file.NumRows() }

func (s *parquetSource) close() error {
	if s.rows != nil {
		s.rows.Release()
	}
	return errors.Join(s.drop(), s.in.close())
}

// drop takes away what was copied from a pipe.
func (s *parquetSource) drop() error {
	if s.spool == nil {
		return nil
	}
	return errors.Join(s.spool.Close(), os.Remove(s.spool.Name()))
}
