package store

import (
	"context"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

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
