package store

import (
	"context"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Histories reads what is known of many customers slice by slice, for reports that go over all of them: each slice has whole
// customers, so that nobody is met in two.
type Histories interface {
	// CutCustomers cuts the customers that match, and after them the anonymous responses where none are asked for by account or
	// segment, into slices of up to size, in the order in which the service came to know them. It looks at an index only. What
	// is recorded later may or may not be in the last slices; nobody is ever in two.
	CutCustomers(ctx context.Context, tenant string, of CustomerCut, size int) ([]CustomerSlice, error)

	// HistoriesIn answers the customers of a slice who were not erased, in the order of their keys, with the responses that
	// match and are not void, all of it as of one moment. Of a slice of anonymous responses it answers a history without a
	// profile for each of them. Customers of whom nothing matches are left out.
	HistoriesIn(ctx context.Context, tenant string, slice CustomerSlice, ask HistoryAsk) ([]*History, error)

	// ResponsesAt answers recorded responses by their places, in order; nil for one that was erased or voided since.
	ResponsesAt(ctx context.Context, tenant string, places []int64) ([]*Kept, error)
}

// CustomerCut picks customers. The zero value picks all of a tenant, and the anonymous responses.
type CustomerCut struct {
	AccountID string    // only of this account, where not empty
	Segments  []Segment // only in all of these. A cut may go by one of them; whoever reads slices checks the others by the profiles
}

// CustomerSlice is a part of the customers of a tenant, or of its anonymous responses: those from one key to another, both of
// them included.
type CustomerSlice struct {
	Label     string `json:"label,omitempty"` // what the cut goes by, in a form of the driver; empty: all of the tenant
	Anonymous bool   `json:"anonymous,omitempty"`
	From      int64  `json:"from"`
	To        int64  `json:"to"`
	N         int    `json:"n"` // how many there were when it was cut
}

// HistoryAsk says what of each customer is read. Times are in microseconds since 1970; the zero value reads all responses, and
// nothing else.
type HistoryAsk struct {
	From, Before     int64    // only responses submitted from From on and before Before; 0: no bound
	QuestionnaireIDs []string // only responses to these, where there are any
	Contacts         bool     // reads Contacts and Interactions, whatever the bounds and questionnaires, up to UpTo
	Outcomes         bool     // reads Outcomes up to UpTo
	UpTo             int64    // inclusive
	Everybody        bool     // answers customers without matching responses too
}

// History is what is known of one customer.
type History struct {
	Key     int64           // rises with the order in which the service came to know them; of an anonymous response its place
	Profile *cmiv1.Customer // nil for an anonymous response
	// Scores are the responses that match and are not void, by time of submission, those of the same microsecond by rising
	// place.
	Scores []ReportedScore
	// Interactions are the times of interactions, in order, and Contacts those of interactions and of responses that are not
	// void, in order. Microseconds since 1970.
	Interactions, Contacts []int64
	// Outcomes are in the order of time, those of the same microsecond in any.
	Outcomes []*cmiv1.Outcome
}

// ReportedScore is a recorded score in short: what reports go by.
type ReportedScore struct {
	Place           int64 // of the response, for ResponsesAt; it rises with recording
	At              int64 // microseconds since 1970
	QuestionnaireID string
	Version         int32
	Channel         cmiv1.Channel
	Status          cmiv1.ScoreStatus
	Bucket          cmiv1.Bucket
	Divergent       bool
	CMI             float64    // NaN where there is none
	Pillars         [3]float64 // ECI, BEI, FII; NaN where missing
}
