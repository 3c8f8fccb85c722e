// Package selection is the use case of choosing a questionnaire before any answer exists, by where the customer stands in
// life and where they will be asked. It knows neither wire nor SQL.
package selection

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// Shelf is where questionnaires are.
type Shelf interface {
	// Pick answers the id of the one for an audience on a channel.
	Pick(ctx context.Context, tenant string, audience cmiv1.Audience, channel cmiv1.Channel) (string, error)
	// Prompted answers its latest published version and the best translation for a language.
	Prompted(ctx context.Context, tenant, id, language string) (*cmiv1.Questionnaire, string, error)
}

// Lives knows where customers stand in life.
type Lives interface {
	// Lifecycle answers that of a customer at a time; one who is not known is new.
	Lifecycle(ctx context.Context, tenant, customerID string, at time.Time) (cmiv1.Lifecycle, error)
}

// Selection chooses questionnaires. It is safe for concurrent use.
type Selection struct {
	shelf Shelf
	lives Lives
	now   func() time.Time
}

// New makes the use case over what there is to choose from and for whom.
func New(shelf Shelf, lives Lives, now func() time.Time) *Selection {
	return &Selection{shelf: shelf, lives: lives, now: now}
}

// Choose answers the id of the questionnaire for a customer on a channel at a time.
func (s *Selection) Choose(ctx context.Context, tenant, customerID string, channel cmiv1.Channel, at time.Time) (string, error) {
	life, err := s.lives.Lifecycle(ctx, tenant, customerID, at)
	if err != nil {
		return "", err
	}
	return s.shelf.Pick(ctx, tenant, audience(life), channel)
}

// Select answers the questionnaire to show.
func (s *Selection) Select(ctx context.Context, tenant string, request *cmiv1.SelectQuestionnaireRequest) (*cmiv1.SelectQuestionnaireResponse, error) {
	life, err := s.lifecycle(ctx, tenant, request)
	if err != nil {
		return nil, err
	}
	id, err := s.shelf.Pick(ctx, tenant, audience(life), request.GetChannel())
	if err != nil {
		return nil, err
	}
	q, language, err := s.shelf.Prompted(ctx, tenant, id, request.GetLanguage())
	if err != nil {
		return nil, err
	}
	return &cmiv1.SelectQuestionnaireResponse{Questionnaire: q, Lifecycle: life, Language: language}, nil
}

// lifecycle is the one that the request names, or that of the customer whom it names.
func (s *Selection) lifecycle(ctx context.Context, tenant string, request *cmiv1.SelectQuestionnaireRequest) (cmiv1.Lifecycle, error) {
	life, customer := request.GetLifecycle(), request.GetCustomerId()
	switch {
	case customer != "" && life != cmiv1.Lifecycle_LIFECYCLE_UNSPECIFIED:
		return 0, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "lifecycle", "with a customer_id it is not allowed: the customer's own is taken")
	case customer == "" && life == cmiv1.Lifecycle_LIFECYCLE_UNSPECIFIED:
		return 0, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "customer_id", "name the customer who will be asked, or a lifecycle")
	case customer == "":
		return life, nil
	}
	at, err := s.moment(request.GetAsOf())
	if err != nil {
		return 0, err
	}
	return s.lives.Lifecycle(ctx, tenant, customer, at)
}

func (s *Selection) moment(asOf *timestamppb.Timestamp) (time.Time, error) {
	if asOf == nil {
		return s.now().UTC().Truncate(time.Microsecond), nil
	}
	if err := asOf.CheckValid(); err != nil {
		return time.Time{}, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "as_of", "not a time between the years 1 and 9999")
	}
	return asOf.AsTime().Truncate(time.Microsecond), nil
}

// audience is whom a lifecycle's questionnaires are for.
func audience(life cmiv1.Lifecycle) cmiv1.Audience {
	switch life {
	case cmiv1.Lifecycle_LIFECYCLE_NEW:
		return cmiv1.Audience_AUDIENCE_NEW
	case cmiv1.Lifecycle_LIFECYCLE_INACTIVE:
		return cmiv1.Audience_AUDIENCE_INACTIVE
	default:
		return cmiv1.Audience_AUDIENCE_ACTIVE
	}
}
