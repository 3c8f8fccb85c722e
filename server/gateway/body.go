package gateway

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/strictjson"
)

// keptBody is how large a buffer may be to be used for another body.
const keptBody = 1 << 20

// bodies reads bodies of bounded size into memory that it uses again.
type bodies struct {
	max  int64
	pool sync.Pool
}

func newBodies(max int64) *bodies {
	b := &bodies{max: max}
	b.pool.New = func() any { return new([]byte) }
	return b
}

// body is the body of one request. The generated code hands it to the marshaller and keeps of an error only its text, so the
// error itself stays here, where whoever answers finds it.
type body struct {
	of     *bodies
	in     io.ReadCloser
	length int64
	route  *route
	values []string
	err    error
}

// bound puts the body of r behind its bound, and refuses at once one that says itself that it is too large.
func (b *bodies) bound(r *http.Request, found *route, values []string) error {
	if r.ContentLength > b.max {
		return b.tooLarge()
	}
	r.Body = &body{of: b, in: r.Body, length: r.ContentLength, route: found, values: values}
	return nil
}

func (b *bodies) tooLarge() error {
	return fault.New(cmiv1.ErrorReason_REQUEST_TOO_LARGE, "The body is larger than %d bytes; send less at once, or stream it.", b.max)
}

// Read answers that there is nothing: what the marshaller did not read is not wanted.
func (b *body) Read([]byte) (int, error) { return 0, io.EOF }

// Close closes the body.
func (b *body) Close() error { return b.in.Close() }

// decode reads all of the body into m.
func (b *body) decode(m proto.Message) error {
	b.err = b.read(m)
	return b.err
}

func (b *body) read(m proto.Message) error {
	buf, _ := b.of.pool.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= keptBody {
			b.of.pool.Put(buf)
		}
	}()
	if err := b.fill(buf); err != nil {
		return err
	}
	if err := strictjson.Unmarshal(*buf, m); err != nil {
		return err
	}
	return b.route.agree(m, b.values)
}

// fill reads all of the body, of known length or not.
func (b *body) fill(buf *[]byte) error {
	data := (*buf)[:0]
	if int64(cap(data)) <= b.length {
		data = make([]byte, 0, b.length+1)
	}
	for {
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		n, err := b.in.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		*buf = data
		switch {
		case int64(len(data)) > b.of.max:
			return b.of.tooLarge()
		case err == io.EOF:
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return fault.New(cmiv1.ErrorReason_DEADLINE_EXCEEDED, "The body took too long to arrive.").Because(err)
		case err != nil:
			return fault.New(cmiv1.ErrorReason_CALL_CANCELLED, "The body broke off.").Because(err)
		}
	}
}

// agree refuses a body that names another id than the path: one of the two is a mistake, and nobody can tell which.
func (r *route) agree(m proto.Message, values []string) error {
	for i, v := range r.variables {
		at := m.ProtoReflect()
		last := len(v.fields) - 1
		for _, field := range v.fields[:last] {
			at = at.Get(field).Message()
		}
		if said := at.Get(v.fields[last]).String(); said != "" && said != values[i] {
			return fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, v.path, "the body says %.140q, the path %.140q", said, values[i])
		}
	}
	return nil
}
