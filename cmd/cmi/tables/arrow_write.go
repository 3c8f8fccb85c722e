package tables

import (
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// arrowSink writes Arrow IPC, as a stream or as a file.
type arrowSink struct {
	writer interface {
		Write(batch arrow.RecordBatch) error
		Close() error
	}
}

func newArrowSink(to io.Writer, schema *arrow.Schema, format Format) (sink, error) {
	if format == Arrow {
		return &arrowSink{ipc.NewWriter(to, ipc.WithSchema(schema))}, nil
	}
	writer, err := ipc.NewFileWriter(to, ipc.WithSchema(schema))
	if err != nil {
		return nil, fmt.Errorf("the scores cannot be written: %w", err)
	}
	return &arrowSink{writer}, nil
}

func (s *arrowSink) encoder() encoder { return nil }

func (s *arrowSink) write(batch arrow.RecordBatch, _ []byte) error {
	if err := guarded(func() error { return s.writer.Write(batch) }); err != nil {
		return fmt.Errorf("the scores cannot be written: %w", err)
	}
	return nil
}

func (s *arrowSink) end() error {
	if err := s.writer.Close(); err != nil {
		return fmt.Errorf("the scores cannot be written: %w", err)
	}
	return nil
}
