package store

import (
	"context"
	"time"
)

// Slices reads many responses slice by slice, for work that goes over all of them.
type Slices interface {
	// CutResponses cuts the responses that match into slices of up to size, which hold no other responses later on. It looks
	// at an index only.
	CutResponses(ctx context.Context, tenant string, of ResponseCut, size int) ([]ResponseSlice, error)

	// ResponsesIn answers the responses of a slice that are neither void nor erased, in any order.
	ResponsesIn(ctx context.Context, tenant string, slice ResponseSlice) ([]*Kept, error)
}

// ResponseCut picks the responses to a questionnaire, whatever its version.
type ResponseCut struct {
	QuestionnaireID string
	From            time.Time // only submitted at this time or later, where not zero
	Before          time.Time // only submitted before this time, where not zero
}

// ResponseSlice is a part of an index of responses: those of one class from one place to another, both of them included,
// that had been recorded when it was cut.
type ResponseSlice struct {
	Class           int64
	FromAt, FromSeq int64
	ToAt, ToSeq     int64
	Last            int64 // the largest number of a response when it was cut
	N               int   // how many there were
}
