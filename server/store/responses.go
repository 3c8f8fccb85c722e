package store

import (
	"context"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Responses keeps each response with its score.
type Responses interface {
	// Record keeps every entry whose response id is not yet used in the tenant, and answers one outcome for each entry, in
	// order. An id that comes twice in entries is treated as if the second came later. It is atomic for each entry, not
	// for all of them; when it answers, every outcome is on disk. When it answers an error, any of the entries may have
	// been kept: sending them again is safe. A customer who is not known, or was erased, is created with the entry, at the
	// time of its scored_at.
	Record(ctx context.Context, tenant string, entries []Entry) ([]Outcome, error)

	// Response answers what is kept under a response id. ErrNotFound when nothing is.
	Response(ctx context.Context, tenant, responseID string) (*Kept, error)

	// ListResponses answers up to limit kept responses that match, the latest submitted first, those submitted at the same
	// microsecond by falling key.
	ListResponses(ctx context.Context, tenant string, filter ResponseFilter, limit int) ([]*Kept, error)

	// Void marks a response and answers it. One that is marked already keeps its first mark. ErrNotFound when there is
	// none.
	Void(ctx context.Context, tenant, responseID string, at time.Time, reason string) (*Kept, error)
}

// Entry is a response to record. Score carries response id, customer id, questionnaire, version, status, bucket and
// submitted_at; those are what it is found by.
type Entry struct {
	Response *cmiv1.Response
	Score    *cmiv1.Score // without explanation and void mark
	Content  ContentHash  // of what the client sent
}

// ContentHash tells whether two requests with one response id say the same.
type ContentHash [32]byte

// Outcome is what became of an Entry.
type Outcome struct {
	Result Result
	// Score is the recorded score for Replayed (its void mark included), nil otherwise.
	Score *cmiv1.Score
}

// Result says what became of an Entry, or of an interaction.
type Result int

const (
	// Recorded: the id was new; the entry is kept.
	Recorded Result = iota + 1
	// Replayed: the id was recorded before with the same content; the record stands.
	Replayed
	// Conflict: the id was recorded before with other content; the record stands.
	Conflict
	// Erased: the id was recorded before and erased with its customer, or it is an interaction of a customer who was erased
	// and not started anew. Nothing is kept.
	Erased
)

// Kept is a recorded response.
type Kept struct {
	Response *cmiv1.Response // nil where the filter asked for scores only
	Score    *cmiv1.Score    // its void mark included
	Content  ContentHash
	Cursor   Cursor
}

// Cursor is a place in the order of ListResponses: a time and a tie-break that is unique within the tenant.
type Cursor struct {
	SubmittedAt int64 // microseconds since 1970, UTC
	Key         [16]byte
}

// ResponseFilter picks responses. The zero value picks all that are not void.
type ResponseFilter struct {
	CustomerID      string            // only of this customer, where not empty
	QuestionnaireID string            // only of this questionnaire, where not empty
	Bucket          cmiv1.Bucket      // only in this bucket, where specified
	Status          cmiv1.ScoreStatus // only with this status, where specified
	From            time.Time         // only submitted at this time or later, where not zero
	Before          time.Time         // only submitted before this time, where not zero
	IncludeVoid     bool
	ScoresOnly      bool    // leaves Kept.Response nil and saves decoding it
	After           *Cursor // the last one of the page before; nil at the start
}
