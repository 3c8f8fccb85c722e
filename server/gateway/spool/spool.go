// Package spool holds what was written and nobody reads yet: a queue of bytes that lives in memory while it is short, goes on
// in a temporary file when it is not, and refuses to grow beyond a bound.
package spool

import (
	"errors"
	"io"
	"sync"
)

// Errors of a spool.
var (
	// ErrFull says that the bound is reached: what was to be appended was not.
	ErrFull = errors.New("spool: full")
	// ErrClosed says that nothing can be appended any more.
	ErrClosed = errors.New("spool: closed")
)

// Limits bound a spool.
type Limits struct {
	// Memory is how many bytes stay out of the file, save that a single append into an empty spool always does.
	Memory int
	// Total is how many bytes may wait in all. 0: as many as Memory.
	Total int64
	// Dir is where the file is made. Empty: the system's folder for temporary files.
	Dir string
}

// Spool is one queue, written by one goroutine and read by another.
type Spool struct {
	limits Limits

	mu      sync.Mutex
	changed sync.Cond
	memory  []byte // older than what is in the file
	head    int    // up to where memory was read
	file    ring
	last    []byte // newer than what is in the file; see Close
	closed  bool
	err     error
	drained chan struct{}
}

// New makes an empty spool. Discard must be called in the end.
func New(limits Limits) *Spool {
	limits.Total = max(limits.Total, int64(limits.Memory))
	s := &Spool{limits: limits, file: ring{size: limits.Total, dir: limits.Dir}, drained: make(chan struct{}, 1)}
	s.changed.L = &s.mu
	return s
}

// Append adds p, all or nothing. ErrFull leaves the spool as it was; a failing disk does too.
func (s *Spool) Append(p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	waiting := s.waiting()
	if waiting+int64(len(p)) > s.limits.Total && waiting > 0 {
		return ErrFull
	}
	if s.file.length == 0 && (waiting == 0 || int(waiting)+len(p) <= s.limits.Memory) {
		s.remember(p)
	} else if err := s.file.write(p); err != nil {
		return err
	}
	s.changed.Signal()
	return nil
}

// remember appends to the memory, which begins anew when all of it was read.
func (s *Spool) remember(p []byte) {
	switch {
	case s.head == len(s.memory):
		s.memory, s.head = s.memory[:0], 0
	case s.head > len(s.memory)/2:
		s.memory = s.memory[:copy(s.memory, s.memory[s.head:])]
		s.head = 0
	}
	s.memory = append(s.memory, p...)
}

// Close says that nothing more comes after last, which may go beyond the bound. It does nothing when called again.
func (s *Spool) Close(last []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	s.last = last
	s.changed.Signal()
}

// Read fills p with what waits, and waits itself for at least one byte. It answers io.EOF after the last one.
func (s *Spool) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if s.err != nil {
			return 0, s.err
		}
		if s.waiting() > 0 {
			n, err := s.take(p)
			s.tell()
			return n, err
		}
		if s.closed {
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

// take reads from the oldest part that has something.
func (s *Spool) take(p []byte) (int, error) {
	if s.head < len(s.memory) {
		n := copy(p, s.memory[s.head:])
		s.head += n
		if s.head == len(s.memory) && cap(s.memory) > 2*s.limits.Memory {
			s.memory, s.head = nil, 0 // one enormous append is not kept
		}
		return n, nil
	}
	if s.file.length > 0 {
		n, err := s.file.read(p)
		if err != nil {
			s.err = err
		}
		return n, err
	}
	n := copy(p, s.last)
	s.last = s.last[n:]
	return n, nil
}

// tell lets one who waits on Drained know.
func (s *Spool) tell() {
	if s.waiting() <= int64(s.limits.Memory) {
		select {
		case s.drained <- struct{}{}:
		default:
		}
	}
}

// Drained is sent to when a read left no more than Memory bytes.
func (s *Spool) Drained() <-chan struct{} { return s.drained }

// Len answers how many bytes wait.
func (s *Spool) Len() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting()
}

func (s *Spool) waiting() int64 {
	return int64(len(s.memory)-s.head) + s.file.length + int64(len(s.last))
}

// Discard drops what waits, ends a Read that waits with err, and removes the file.
func (s *Spool) Discard(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.memory, s.head, s.last = nil, 0, nil
	s.file.remove()
	if s.err == nil {
		s.err = err
	}
	s.changed.Broadcast()
}
