package tables

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/customer-momentum/cmi/server/columnar"
)

// batchRows is how many rows are worked on at once where batches may have any size.
const batchRows = 1 << 14

const (
	// arrowMagic begins and ends an Arrow file. What is between is a stream, and what is said of it at the end.
	arrowMagic = "ARROW1"
	// mostBatchRows is how many rows a batch may have: columns that are nothing but null announce any number of them.
	mostBatchRows = 1 << 28
)

// arrowSource reads Arrow IPC: a stream, or a file, which holds one. Its messages are not trusted.
type arrowSource struct {
	in     *input
	tail   *tail
	reader *columnar.Reader
	file   bool
	names  *known
	rows   sliced
}

func openArrow(in *input) (*arrowSource, error) {
	s := &arrowSource{in: in, tail: &tail{from: bufio.NewReaderSize(in, 1<<20)}}
	start, err := s.tail.from.Peek(len(arrowMagic) + 2)
	if err != nil {
		return nil, errors.New("the table is not Arrow: it is too short")
	}
	if s.file = string(start[:len(arrowMagic)]) == arrowMagic; s.file {
		if _, err := s.tail.from.Discard(len(arrowMagic) + 2); err != nil {
			return nil, fmt.Errorf("the table cannot be read: %w", err)
		}
	}
	messages := &arrowMessages{from: s.tail}
	err = guarded(func() error {
		s.reader, err = columnar.NewReaderWithin(messages.next, columnar.Limits{Decompressed: mostBatch, Dictionaries: mostBatch})
		return err
	})
	if errors.Is(err, io.EOF) {
		err = errors.New("it has no schema")
	}
	if err != nil {
		return nil, fmt.Errorf("the table is not Arrow: %w", err)
	}
	s.names = namesOf(s.reader.Schema())
	return s, nil
}

func namesOf(schema *arrow.Schema) *known {
	k := &known{seen: schema.NumFields()}
	for _, field := range schema.Fields() {
		k.names = append(k.names, field.Name)
	}
	return k
}

func (s *arrowSource) columns() *known { return s.names }

func (s *arrowSource) decoder(p *plan) (decoder, error) {
	places := make([]int, len(s.names.names))
	for k := range places {
		places[k] = k
	}
	return newBatchDecoder(p, s.reader.Schema(), places)
}

func (s *arrowSource) next(into *piece) error {
	into.release()
	for !s.rows.cut(into) {
		var batch arrow.RecordBatch
		err := guarded(func() (err error) {
			batch, err = s.reader.Next()
			return err
		})
		switch {
		case errors.Is(err, io.EOF):
			return s.complete()
		case err != nil:
			return fmt.Errorf("the table is broken or cut off: %w", err)
		case batch.NumRows() > mostBatchRows:
			batch.Release()
			return fmt.Errorf("the table is broken: a batch of %d rows is not allowed; up to %d are", batch.NumRows(), mostBatchRows)
		}
		s.rows.put(batch)
	}
	return nil
}

// complete checks that the table ends as it should: one that was cut off between two batches looks like a whole one but for that.
func (s *arrowSource) complete() error {
	if s.file {
		if _, err := io.Copy(io.Discard, s.tail); err != nil {
			return fmt.Errorf("the table cannot be read: %w", err)
		}
		if !bytes.HasSuffix(s.tail.last, []byte(arrowMagic)) {
			return errors.New("the table is cut off: the end of an Arrow file is missing")
		}
		return io.EOF
	}
	if !bytes.HasSuffix(s.tail.last, []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}) {
		return errors.New("the table is cut off: the end mark of the Arrow stream is missing")
	}
	return io.EOF
}

func (s *arrowSource) progress() (done, total int64) { return s.tail.read, s.in.size }

func (s *arrowSource) close() error {
	s.rows.release()
	s.reader.Release()
	return s.in.close()
}

// tail remembers the last bytes that were read.
type tail struct {
	from *bufio.Reader
	last []byte
	read int64
}

func (t *tail) Read(to []byte) (int, error) {
	n, err := t.from.Read(to)
	t.read += int64(n)
	const most = 8
	if n >= most {
		t.last = append(t.last[:0], to[n-most:n]...)
	} else {
		t.last = append(t.last, to[:n]...)
		t.last = t.last[max(0, len(t.last)-most):]
	}
	return n, err
}

// sliced cuts a batch into smaller ones.
type sliced struct {
	batch arrow.RecordBatch
	at    int64
}

// put takes the next batch, which it releases.
func (s *sliced) put(batch arrow.RecordBatch) {
	s.release()
	s.batch, s.at = batch, 0
}

// cut gives the next part; there may be none left.
func (s *sliced) cut(into *piece) bool {
	if s.batch == nil || s.at >= s.batch.NumRows() {
		return false
	}
	end := min(s.at+batchRows, s.batch.NumRows())
	into.rows = s.batch.NewSlice(s.at, end)
	s.at = end
	return true
}

func (s *sliced) release() {
	if s.batch != nil {
		s.batch.Release()
		s.batch = nil
	}
}
