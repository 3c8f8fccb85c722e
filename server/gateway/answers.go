package gateway

import (
	"context"
	"errors"
	"io"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/gateway/spool"
)

// receive puts the answers of the call into the spool, and last why it ended, unless that was well.
func (c *conversation) receive() {
	defer close(c.received)
	c.final = c.answers()
	var last []byte
	if c.final != nil {
		last = errorLine(c.id, c.final)
	}
	c.spool.Close(last)
	close(c.ended)
}

// answers receives until the call has ended, and answers why.
func (c *conversation) answers() (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.panicked(p)
			err = c.exhaust(c.verdict(nil))
		}
	}()
	if header, err := c.call.Header(); err == nil && header != nil {
		close(c.began)
	}
	var line []byte
	for {
		answer, err := c.call.Recv()
		if errors.Is(err, io.EOF) {
			return c.verdict(nil)
		}
		if err != nil {
			c.hearInput()
			return c.verdict(err)
		}
		line, err = appendJSON(line[:0], answer)
		if err != nil {
			return c.exhaust(err)
		}
		line = append(line, '\n')
		if err := c.keep(line); err != nil {
			return c.exhaust(c.unread(err))
		}
		if answer.GetChunk() != nil {
			c.chunkAnswered()
		}
		if cap(line) > keptBody {
			line = nil
		}
	}
}

// moment is how long the input may take to find out that the connection is at its end.
const moment = 100 * time.Millisecond

// hearInput lets the input say why it ended, where a call was cancelled and not by its input: net/http cancels a request at the
// end of what the client sends, while the one who reads finds out that it came too early.
func (c *conversation) hearInput() {
	if !errors.Is(c.call.Context().Err(), context.Canceled) || c.wasStopped() {
		return
	}
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-c.read:
	case <-timer.C:
	}
}

// lookAgain is how often a full spool is looked at.
const lookAgain = 10 * time.Millisecond

// keep puts a line into the spool. Where there is no room it waits, as long as the client goes on reading: a single line can
// be larger than the bound, and who reads it is not to be refused the next one.
func (c *conversation) keep(line []byte) error {
	for {
		err := c.spool.Append(line)
		if !errors.Is(err, spool.ErrFull) || c.out.still() >= longPatience {
			return err
		}
		select {
		case <-time.After(lookAgain):
		case <-c.call.Context().Done():
			return errGone
		}
	}
}

// unread says that the spool takes no more. A disk that fails means the same to the client: read, and it goes on.
func (c *conversation) unread(err error) error {
	if errors.Is(err, spool.ErrClosed) || errors.Is(err, errGone) {
		return errGone
	}
	return fault.New(cmiv1.ErrorReason_ANSWERS_NOT_READ,
		"More than %d bytes of answers wait to be read. Read them while you send, or send less; chunks without an answer are to be sent again.",
		c.limit).Because(err)
}

// exhaust cancels the call and waits for its end, for the reason given.
func (c *conversation) exhaust(reason error) error {
	c.cancel()
	for {
		if _, err := c.call.Recv(); err != nil {
			return reason
		}
	}
}

// errorLine is the last line of a stream that failed.
func errorLine(id string, err error) []byte {
	_, body := errorBody(id, err)
	line := append([]byte(`{"error":`), body...)
	return append(line, '}', '\n')
}
