package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/customer-momentum/cmi/bench/sample"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// overHTTP posts to the gateway on kept connections, one a slot, with next to no client: net/http's costs more than the
// server.
type overHTTP struct {
	template sample.Template
	slots    []connection
}

type connection struct {
	net.Conn
	in      *bufio.Reader
	request []byte
	checked bool
}

func newHTTP(ctx context.Context, o Order) (*overHTTP, error) {
	template, err := sample.HTTPTemplate(o.Address, o.Key, o.DryRun)
	if err != nil {
		return nil, err
	}
	c := &overHTTP{template: template, slots: make([]connection, o.Callers)}
	for i := range c.slots {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", o.Address)
		if err != nil {
			return nil, err
		}
		c.slots[i] = connection{Conn: conn, in: bufio.NewReader(conn)}
	}
	return c, nil
}

func (c *overHTTP) call(_ context.Context, at int, n uint64) error {
	s := &c.slots[at]
	s.request = c.template.Append(s.request[:0], n)
	if _, err := s.Write(s.request); err != nil {
		return err
	}
	length, err := s.header()
	if err != nil {
		return err
	}
	if s.checked {
		_, err := s.in.Discard(length)
		return err
	}
	s.checked = true
	body := make([]byte, length)
	if _, err := io.ReadFull(s.in, body); err != nil {
		return err
	}
	var answer cmiv1.ScoreCustomerResponse
	if err := protojson.Unmarshal(body, &answer); err != nil {
		return err
	}
	return check(answer.GetScore())
}

// header reads the head of an answer, and answers how long its body is.
func (s *connection) header() (length int, err error) {
	for first := true; ; first = false {
		line, err := s.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
			return 0, fmt.Errorf("answered %q", line)
		}
		if len(line) == len("\r\n") {
			return length, nil
		}
		if value, found := bytes.CutPrefix(line, []byte("Content-Length: ")); found {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, err
			}
		}
	}
}

func (c *overHTTP) close() error {
	var all []error
	for i := range c.slots {
		all = append(all, c.slots[i].Close())
	}
	return errors.Join(all...)
}
