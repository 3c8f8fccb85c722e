package gateway

import (
	"net/http"
	"strings"

	"golang.org/x/net/http2"
)

// letInputMove gives HTTP/2 connections a scheduler that lets a client go on writing while it does not read. Go's own server
// queues the frames of a stream one after the other, those that permit the client to send more among them: behind an answer
// that the client has no room for, they wait until it reads, so that a client that writes everything before it reads waits
// for ever, however willing the handler is. (Go knows nothing of this scheduler from 1.27 on; the tests of streams tell.)
func letInputMove(s *http.Server) error {
	return http2.ConfigureServer(s, &http2.Server{
		NewWriteScheduler: func() http2.WriteScheduler {
			return &permitsFirst{WriteScheduler: http2.NewRandomWriteScheduler()}
		},
	})
}

// permitsFirst sends frames that permit to send (WINDOW_UPDATE) before all others, and leaves those to another scheduler.
type permitsFirst struct {
	http2.WriteScheduler
	permits []http2.FrameWriteRequest
}

// Push queues a frame.
func (s *permitsFirst) Push(frame http2.FrameWriteRequest) {
	if isPermit(frame) {
		s.permits = append(s.permits, frame)
		return
	}
	s.WriteScheduler.Push(frame)
}

// Pop takes the next frame that may be sent.
func (s *permitsFirst) Pop() (http2.FrameWriteRequest, bool) {
	if len(s.permits) == 0 {
		return s.WriteScheduler.Pop()
	}
	frame := s.permits[0]
	s.permits = s.permits[1:]
	if len(s.permits) == 0 {
		s.permits = nil
	}
	return frame, true
}

// CloseStream forgets what a stream still permitted: nothing may be sent on it any more.
func (s *permitsFirst) CloseStream(id uint32) {
	kept := s.permits[:0]
	for _, frame := range s.permits {
		if frame.StreamID() != id {
			kept = append(kept, frame)
		}
	}
	s.permits = kept
	s.WriteScheduler.CloseStream(id)
}

// isPermit tells by its description, since frames do not say otherwise what they are. Only the few frames of a stream that
// carry no data are asked.
func isPermit(frame http2.FrameWriteRequest) bool {
	return frame.StreamID() != 0 && frame.DataSize() == 0 && strings.Contains(frame.String(), "writeWindowUpdate")
}
