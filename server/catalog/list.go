package catalog

import (
	"context"
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/page"
	"github.com/customer-momentum/cmi/server/store"
)

// listPlace is where a page ended: the tenant's own questionnaires come first, then the built-in ones.
type listPlace struct {
	Builtin bool   `json:"b,omitempty"`
	ID      string `json:"i"`
	Version int32  `json:"v"`
}

// List answers a page of questionnaires and the token of the next one.
func (c *Catalog) List(ctx context.Context, tenant string, request *cmiv1.ListQuestionnairesRequest) (*cmiv1.ListQuestionnairesResponse, error) {
	var from listPlace
	if _, err := page.Resume(request, &from); err != nil {
		return nil, err
	}
	size := page.Size(request)
	var found []*cmiv1.Questionnaire
	if !from.Builtin {
		own, err := c.store.ListQuestionnaires(ctx, tenant, store.QuestionnaireFilter{
			ID:           request.GetQuestionnaireId(),
			State:        request.GetState(),
			Audience:     request.GetAudience(),
			Channel:      request.GetChannel(),
			AllVersions:  request.GetAllVersions(),
			AfterID:      from.ID,
			AfterVersion: from.Version,
		}, size+1)
		if err != nil {
			return nil, fmt.Errorf("list questionnaires: %w", err)
		}
		found = own
	}
	// One more than asked for tells whether there is a next page.
	if missing := size + 1 - len(found); missing > 0 && !request.GetExcludeBuiltin() {
		found = append(found, c.builtin.list(request, from, missing)...)
	}
	if len(found) <= size {
		return &cmiv1.ListQuestionnairesResponse{Questionnaires: found}, nil
	}
	last := found[size-1]
	token, err := page.Next(request, listPlace{
		Builtin: isBuiltin(last.GetQuestionnaireId()), ID: last.GetQuestionnaireId(), Version: last.GetVersion(),
	})
	if err != nil {
		return nil, fmt.Errorf("make page token: %w", err)
	}
	return &cmiv1.ListQuestionnairesResponse{Questionnaires: found[:size], NextPageToken: token}, nil
}
