// Package insight is the use case of what scores say together: where groups stand and move, loyalty metrics, what was answered,
// what goes along with a target, and what outcomes and money came after. It reads recorded facts and keeps nothing. It knows
// neither wire nor SQL.
//
// A report goes over the customers slice by slice. Each slice comes to a part of its own, parts are merged in the order of the
// slices, and the sum is turned into an answer. So memory is that of a few slices and of the groups, whatever the number of
// scores, and a report comes to the same bits whether a call makes it or an operation, piece by piece.
package insight

import (
	"context"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// Store is what reports read.
type Store interface {
	store.Histories
	InvitationsWithin(ctx context.Context, tenant string, from, to time.Time, limit int) ([]*cmiv1.Invitations, error)
}

// Questionnaires gives the versions by which responses were recorded, archived or not.
type Questionnaires interface {
	RecordedScorer(ctx context.Context, tenant, id string, version int32) (*scoring.Scorer, error)
	Get(ctx context.Context, tenant string, request *cmiv1.GetQuestionnaireRequest) (*cmiv1.Questionnaire, error)
}

// People knows who is new, active and inactive, and how sure figures of them are.
type People interface {
	Phase(profile *cmiv1.Customer, contacts, interactions []int64, at time.Time) (cmiv1.Lifecycle, *float64)
}

// Config is what the use case rests on.
type Config struct {
	Store          Store
	Questionnaires Questionnaires
	People         People
	// Workers is how many slices this process reads at once, for all calls together; at least 1.
	Workers int
	Now     func() time.Time
}

// Insight makes reports. It is safe for concurrent use.
type Insight struct {
	store          Store
	questionnaires Questionnaires
	people         People
	now            func() time.Time
	// places are taken by slices that are being read.
	places chan struct{}
}

// New makes the use case.
func New(c Config) *Insight {
	return &Insight{
		store: c.Store, questionnaires: c.Questionnaires, people: c.People, now: c.Now,
		places: make(chan struct{}, max(1, c.Workers)),
	}
}

// moment is now in the service's times: UTC, whole microseconds.
func (i *Insight) moment() time.Time { return i.now().UTC().Truncate(time.Microsecond) }

func invalid(field, format string, args ...any) error {
	return fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, field, format, args...)
}
