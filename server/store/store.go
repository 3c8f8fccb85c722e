// Package store says what the service keeps: questionnaires with their versions, responses with their scores, void marks.
// Drivers live in folders of their own and pass one suite, storetest. The tenant is an argument of every method: two
// tenants with the same ids never meet.
package store

import (
	"context"
	"errors"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// ErrNotFound says that there is no such thing in this tenant.
var ErrNotFound = errors.New("not found")

// ErrUnavailable says that the store cannot answer now: it is closed, locked, full or gone. The call may be tried again.
// Drivers wrap it around their own error.
var ErrUnavailable = errors.New("store unavailable")

// Store is what the service keeps. Every method is safe for concurrent use, honours ctx, and answers either ctx's error,
// ErrNotFound where it says so, or an error that wraps ErrUnavailable. A write that was answered is on disk. Messages
// given to a store are not changed by it; messages that it answers belong to the caller.
type Store interface {
	Questionnaires
	Responses

	// Ping answers nil when the store can read and write.
	Ping(ctx context.Context) error
	// Close finishes what was taken and frees what is held. Calls after it answer ErrUnavailable.
	Close() error
}

// Questionnaires keeps every version of every questionnaire of a tenant.
type Questionnaires interface {
	// Questionnaire answers one version; version 0 is the latest that was ever published: that has a published_at, archived
	// since or not. ErrNotFound when there is none.
	Questionnaire(ctx context.Context, tenant, id string, version int32) (*cmiv1.Questionnaire, error)

	// ChangeQuestionnaire reads all versions of one questionnaire, in rising order and none at all for a new id, gives
	// them to change, and saves those that change answers, in one transaction that no other change of the same id
	// interleaves with. An error of change ends it with nothing saved and is answered as it is. change has no side
	// effects: it may run more than once.
	ChangeQuestionnaire(ctx context.Context, tenant, id string,
		change func(versions []*cmiv1.Questionnaire) (save []*cmiv1.Questionnaire, err error)) error

	// ListQuestionnaires answers up to limit versions that match, ordered by id (as bytes), then by falling version.
	ListQuestionnaires(ctx context.Context, tenant string, filter QuestionnaireFilter, limit int) ([]*cmiv1.Questionnaire, error)
}

// QuestionnaireFilter picks questionnaires. The zero value picks the latest version of each.
type QuestionnaireFilter struct {
	ID       string         // only this one, where not empty
	State    cmiv1.State    // only in this state, where specified
	Audience cmiv1.Audience // only for this audience, where specified
	Channel  cmiv1.Channel  // only for this channel or for any, where specified
	// AllVersions picks every version that matches, instead of the latest version where that one matches.
	AllVersions bool
	// AfterID and AfterVersion are the last one of the page before; empty and 0 at the start.
	AfterID      string
	AfterVersion int32
}

// Responses keeps each response with its score.
type Responses interface {
	// Record keeps every entry whose response id is not yet used in the tenant, and answers one outcome for each entry, in
	// order. An id that comes twice in entries is treated as if the second came later. It is atomic for each entry, not
	// for all of them; when it answers, every outcome is on disk. When it answers an error, any of the entries may have
	// been kept: sending them again is safe.
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

// Result says what became of an Entry.
type Result int

const (
	// Recorded: the id was new; the entry is kept.
	Recorded Result = iota + 1
	// Replayed: the id was recorded before with the same content; the record stands.
	Replayed
	// Conflict: the id was recorded before with other content; the record stands.
	Conflict
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
