package gateway

import (
	"errors"
	"io"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/gateway/ndjson"
	"github.com/customer-momentum/cmi/server/strictjson"
)

// send takes lines from the body into the call, until one of the two ends.
func (c *conversation) send() {
	defer close(c.read)
	defer func() {
		if p := recover(); p != nil {
			c.panicked(p)
		}
	}()
	for {
		c.holdBack()
		line, err := c.lines.Next()
		if errors.Is(err, io.EOF) {
			_ = c.call.CloseSend() // it always succeeds; what the call has to say is received
			return
		}
		if err != nil {
			c.broken(err)
			return
		}
		request := new(cmiv1.StreamScoresRequest)
		if err := strictjson.UnmarshalLine(line, c.lines.Line(), request); err != nil {
			c.stop(err, false)
			c.discard()
			return
		}
		if request.GetChunk() != nil {
			c.chunkSent()
		}
		if c.call.Send(request) != nil { // the call has ended, and why is received
			c.discard()
			return
		}
	}
}

// broken stops at an input that cannot be read on. Where the client cut it off there may be nobody to tell.
func (c *conversation) broken(err error) {
	if errors.Is(err, ndjson.ErrLineTooLong) {
		c.stop(fault.New(cmiv1.ErrorReason_REQUEST_TOO_LARGE,
			"line %d is longer than %d bytes; send fewer responses in a chunk", c.lines.Line(), c.maxLine), false)
		c.discard()
		return
	}
	c.stop(fault.New(cmiv1.ErrorReason_CALL_CANCELLED,
		"the body broke off after line %d, which is no clean end", c.lines.Line()).Because(err), true)
}

// maxDiscard is how long the body of a stream that failed is read on for.
const maxDiscard = 10 * time.Minute

// discard reads what the client still sends, and drops it: one that reads only after it has written everything would
// otherwise never come to read the answers and what went wrong, and closing the connection in its face can destroy both.
func (c *conversation) discard() {
	buf := make([]byte, 32<<10)
	for start := time.Now(); time.Since(start) < maxDiscard; {
		if c.out.waitInput() != nil {
			return
		}
		if _, err := c.body.Read(buf); err != nil {
			return
		}
		c.out.inputMoved()
	}
}

// watched tells the outlet that the client is alive whenever something comes from it.
type watched struct {
	in  io.Reader
	out *outlet
}

// Read reads from the body.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.in.Read(p)
	if n > 0 {
		w.out.inputMoved()
	}
	return n, err
}
