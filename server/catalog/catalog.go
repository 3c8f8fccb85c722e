// Package catalog is the use case of questionnaires: their life from draft to archive, and the compiled scorer of each.
// It knows neither wire nor SQL.
package catalog

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/recall"
	"github.com/customer-momentum/cmi/server/store"
)

// BuiltinPrefix starts the ids that belong to the service.
const BuiltinPrefix = "builtin-"

const (
	// maxCompiled bounds the memory of compiled questionnaires; one takes some kilobytes.
	maxCompiled = 4096
	// maxShelves bounds for how many tenants the candidates are remembered.
	maxShelves = 1024
)

// Catalog keeps the questionnaires of all tenants. It is safe for concurrent use.
type Catalog struct {
	store    store.Questionnaires
	builtin  builtins
	now      func() time.Time
	compiled recall.Memory[name, compiled]      // by the name that was asked for, version 0 included
	shelves  recall.Memory[string, []candidate] // what each tenant has published
}

// New makes a catalog over a store and the questionnaires that come with the service, which must compile. now gives the
// times of what is saved.
func New(kept store.Questionnaires, builtin []*cmiv1.Questionnaire, now func() time.Time) (*Catalog, error) {
	b, err := newBuiltins(builtin)
	if err != nil {
		return nil, err
	}
	return &Catalog{
		store: kept, builtin: b, now: now,
		compiled: recall.Memory[name, compiled]{Most: maxCompiled}, shelves: recall.Memory[string, []candidate]{Most: maxShelves},
	}, nil
}

// Get answers one version; version 0 is the latest published one. QUESTIONNAIRE_NOT_FOUND when there is none.
func (c *Catalog) Get(ctx context.Context, tenant string, request *cmiv1.GetQuestionnaireRequest) (*cmiv1.Questionnaire, error) {
	return c.version(ctx, tenant, request.GetQuestionnaireId(), request.GetVersion())
}

func (c *Catalog) version(ctx context.Context, tenant, id string, version int32) (*cmiv1.Questionnaire, error) {
	if isBuiltin(id) {
		if q := c.builtin.version(id, version); q != nil {
			return proto.CloneOf(q), nil
		}
		return nil, notFound(id, version)
	}
	q, err := c.store.Questionnaire(ctx, tenant, id, version)
	if errors.Is(err, store.ErrNotFound) {
		if version == 0 {
			return nil, c.notPublished(ctx, tenant, id)
		}
		return nil, notFound(id, version)
	}
	if err != nil {
		return nil, fmt.Errorf("read questionnaire: %w", err)
	}
	return q, nil
}

// notPublished tells a questionnaire that is still a draft from one that does not exist.
func (c *Catalog) notPublished(ctx context.Context, tenant, id string) error {
	drafts, err := c.store.ListQuestionnaires(ctx, tenant, store.QuestionnaireFilter{ID: id}, 1)
	if err != nil {
		return fmt.Errorf("look for a draft: %w", err)
	}
	if len(drafts) == 0 {
		return notFound(id, 0)
	}
	return fault.Field(cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND, "questionnaire_id",
		"questionnaire %q is not published yet; publish it, or name its draft, version %d", id, drafts[0].GetVersion())
}

func notFound(id string, version int32) error {
	if version == 0 {
		return fault.Field(cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND, "questionnaire_id",
			"there is no questionnaire %q; ListQuestionnaires names those that are", id)
	}
	return fault.Field(cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND, "version",
		"there is no version %d of questionnaire %q", version, id)
}

// Forget drops what is remembered of a questionnaire and of what its tenant has published, since it changed; of all of them
// where no tenant is named.
func (c *Catalog) Forget(tenant, id string) {
	c.compiled.Forget(func(n name) bool { return tenant == "" || n.tenant == tenant && n.id == id })
	c.shelves.Forget(func(whose string) bool { return tenant == "" || whose == tenant })
}

func isBuiltin(id string) bool { return strings.HasPrefix(id, BuiltinPrefix) }

func reserved(field, id string) error {
	return fault.Field(cmiv1.ErrorReason_RESERVED_ID, field,
		"ids that start with %q belong to the service, and %q does; copy it under an id of your own", BuiltinPrefix, id)
}
