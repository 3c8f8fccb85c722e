package tables

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/customer-momentum/cmi/server/columnar"
)

const (
	// mostHeader is how many bytes the header of a message may have, and mostBatch is the bound of its body.
	mostHeader = 64 << 20
	// continued comes before the length of a header, since version 0.15 of Arrow; before that there was the length alone.
	continued = 0xffffffff
)

// arrowMessages takes an Arrow IPC stream apart into its messages. What it says of their lengths is not believed: there is memory
// for what has come, and no more.
type arrowMessages struct{ from io.Reader }

// next is a [columnar.Source]. It answers [io.EOF] at the mark that ends the stream.
func (m *arrowMessages) next() (header, body []byte, err error) {
	length, err := m.length()
	if err == nil && length == continued {
		length, err = m.length()
	}
	switch {
	case err != nil:
		return nil, nil, err
	case length == 0:
		return nil, nil, io.EOF
	case length > mostHeader:
		return nil, nil, fmt.Errorf("a header of %d bytes is not allowed; up to %d are", length, mostHeader)
	}
	if header, err = m.read(int64(length)); err != nil {
		return nil, nil, err
	}
	announced, err := columnar.BodyLength(header)
	if err != nil {
		return nil, nil, err
	}
	if announced > mostBatch {
		return nil, nil, fmt.Errorf("a batch of %d bytes is not allowed; up to %d are: write the table in smaller batches", announced, mostBatch)
	}
	body, err = m.read(announced)
	return header, body, err
}

func (m *arrowMessages) length() (uint32, error) {
	four, err := m.read(4)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(four), nil
}

// read reads so many bytes. The room for them grows with what comes.
func (m *arrowMessages) read(n int64) ([]byte, error) {
	const first = 1 << 20
	data := make([]byte, min(n, first))
	for at := int64(0); ; {
		if _, err := io.ReadFull(m.from, data[at:]); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = errors.New("the table is cut off: the end mark of the Arrow stream is missing")
			}
			return nil, err
		}
		if at = int64(len(data)); at == n {
			return data, nil
		}
		more := make([]byte, min(n, 2*at))
		copy(more, data)
		data = more
	}
}
