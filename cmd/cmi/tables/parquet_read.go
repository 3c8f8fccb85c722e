package tables

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
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

	plan    *plan
	begun   bool
	rows    pqarrow.RecordReader // of the columns that the library reads; nil: there are none
	readers []columnReader       // of the columns that are needed; nil: the library's
	needs   *arrow.Schema        // those columns
	done    int64
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
		if !s.begun {
			if err := s.start(); err != nil {
				return err
			}
		}
		return s.batch(into)
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

// start shares the columns out.
func (s *parquetSource) start() (err error) {
	s.begun = true
	if err := s.complete(); err != nil {
		return err
	}
	var leaves []int
	var fields []arrow.Field
	for at, needed := range s.needed() {
		if !needed {
			continue
		}
		field, from := s.schema.Field(at), &s.table.Manifest.Fields[at]
		var reader columnReader
		if len(from.Children) == 0 {
			reader = newColumnReader(s.file, from.ColIndex, field, s.budget)
		}
		if reader == nil {
			leaves = leavesOf(from, leaves)
		}
		s.readers, fields = append(s.readers, reader), append(fields, field)
	}
	s.needs = arrow.NewSchema(fields, nil)
	if len(leaves) > 0 && s.file.NumRows() > 0 {
		s.rows, err = s.table.GetRecordReader(context.Background(), leaves, nil)
	}
	return err
}

// complete holds the number of rows of the file to those of its row groups.
func (s *parquetSource) complete() error {
	rows := int64(0)
	for k := range s.file.NumRowGroups() {
		rows += s.file.MetaData().RowGroup(k).NumRows()
	}
	if rows != s.file.NumRows() {
		return fmt.Errorf("its row groups have %d rows, and it says %d", rows, s.file.NumRows())
	}
	return nil
}

// batch reads the next rows: as many as the library has of its columns, where it reads any.
func (s *parquetSource) batch(into *piece) error {
	rows := min(batchRows, s.file.NumRows()-s.done)
	var rest []arrow.Array // of the library's columns
	if s.rows != nil {
		if !s.rows.Next() {
			return cmp.Or(s.rows.Err(), io.EOF)
		}
		rest, rows = s.rows.RecordBatch().Columns(), s.rows.RecordBatch().NumRows()
	}
	if rows <= 0 {
		return io.EOF
	}
	columns := make([]arrow.Array, 0, len(s.readers))
	defer func() {
		for _, column := range columns {
			column.Release()
		}
	}()
	for _, reader := range s.readers {
		if reader == nil {
			rest[0].Retain()
			columns, rest = append(columns, rest[0]), rest[1:]
			continue
		}
		column, err := reader.read(int(rows))
		if err != nil {
			return err
		}
		columns = append(columns, column)
	}
	into.rows = array.NewRecordBatch(s.needs, columns, rows)
	return nil
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
	var failed error
	for _, reader := range s.readers {
		if reader != nil {
			failed = errors.Join(failed, reader.close())
		}
	}
	return errors.Join(failed, s.drop(), s.in.close())
}

// drop takes away what was copied from a pipe.
func (s *parquetSource) drop() error {
	if s.spool == nil {
		return nil
	}
	return errors.Join(s.spool.Close(), os.Remove(s.spool.Name()))
}
