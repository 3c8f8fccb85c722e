package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/fault"
)

// Create saves a new questionnaire, or the copy of one, as the draft of its version 1.
func (c *Catalog) Create(ctx context.Context, tenant string, request *cmiv1.CreateQuestionnaireRequest) (*cmiv1.Questionnaire, error) {
	id := request.GetQuestionnaire().GetQuestionnaireId()
	if id == "" {
		return nil, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "questionnaire.questionnaire_id", "the new questionnaire needs an id")
	}
	if isBuiltin(id) {
		return nil, reserved("questionnaire.questionnaire_id", id)
	}
	draft := proto.CloneOf(request.GetQuestionnaire())
	if request.GetCopyFrom() != nil {
		var err error
		if draft, err = c.copied(ctx, tenant, request); err != nil {
			return nil, err
		}
	}
	return c.change(ctx, tenant, id, func(versions []*cmiv1.Questionnaire, now time.Time) (*cmiv1.Questionnaire, error) {
		if len(versions) > 0 {
			return nil, fault.Field(cmiv1.ErrorReason_QUESTIONNAIRE_EXISTS, "questionnaire.questionnaire_id",
				"there is a questionnaire %q already; update it, or choose another id", id)
		}
		return asDraft(draft, 1, now), nil
	})
}

// copied reads what copy_from names under the new id. The request's questionnaire may carry a title and a series of its
// own beside the id; anything else would be lost in silence, so it is refused.
func (c *Catalog) copied(ctx context.Context, tenant string, request *cmiv1.CreateQuestionnaireRequest) (*cmiv1.Questionnaire, error) {
	over := request.GetQuestionnaire()
	bare := &cmiv1.Questionnaire{QuestionnaireId: over.GetQuestionnaireId(), Title: over.GetTitle(), Series: over.GetSeries()}
	if !proto.Equal(over, bare) {
		return nil, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "questionnaire",
			"with copy_from it carries questionnaire_id, title and series only; update the copy to change more")
	}
	from := request.GetCopyFrom()
	q, err := c.version(ctx, tenant, from.GetQuestionnaireId(), from.GetVersion())
	if err != nil {
		return nil, err
	}
	q.QuestionnaireId = over.GetQuestionnaireId()
	if over.GetTitle() != "" {
		q.Title = over.GetTitle()
	}
	if over.GetSeries() != "" {
		q.Series = over.GetSeries()
	}
	return q, nil
}

// Update changes the fields that the mask names, in the draft; where the latest version is published it starts the next
// draft from it.
func (c *Catalog) Update(ctx context.Context, tenant string, request *cmiv1.UpdateQuestionnaireRequest) (*cmiv1.Questionnaire, error) {
	news := request.GetQuestionnaire()
	id := news.GetQuestionnaireId()
	if id == "" {
		return nil, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "questionnaire.questionnaire_id", "name the questionnaire to change")
	}
	if isBuiltin(id) {
		return nil, reserved("questionnaire.questionnaire_id", id)
	}
	set, err := parseMask(request.GetUpdateMask().GetPaths())
	if err != nil {
		return nil, err
	}
	return c.change(ctx, tenant, id, func(versions []*cmiv1.Questionnaire, now time.Time) (*cmiv1.Questionnaire, error) {
		latest, err := changeable(id, versions, news.GetEtag())
		if err != nil {
			return nil, err
		}
		draft := proto.CloneOf(latest)
		set.apply(draft, news)
		if latest.GetState() == cmiv1.State_STATE_DRAFT {
			draft.UpdatedAt = timestamppb.New(now)
			return draft, nil
		}
		return asDraft(draft, latest.GetVersion()+1, now), nil
	})
}

// Publish makes the draft the latest version for good. A questionnaire with faults is refused with all of them.
func (c *Catalog) Publish(ctx context.Context, tenant string, request *cmiv1.PublishQuestionnaireRequest) (*cmiv1.Questionnaire, error) {
	id := request.GetQuestionnaireId()
	if isBuiltin(id) {
		return nil, reserved("questionnaire_id", id)
	}
	return c.change(ctx, tenant, id, func(versions []*cmiv1.Questionnaire, now time.Time) (*cmiv1.Questionnaire, error) {
		latest, err := changeable(id, versions, request.GetEtag())
		if err != nil {
			return nil, err
		}
		if latest.GetState() != cmiv1.State_STATE_DRAFT {
			return nil, fault.Field(cmiv1.ErrorReason_NOTHING_TO_PUBLISH, "questionnaire_id",
				"version %d of %q is published and there is no draft; update it to start one", latest.GetVersion(), id)
		}
		if _, err := scoring.Compile(latest); err != nil {
			return nil, faulty(err, "questionnaire")
		}
		published := proto.CloneOf(latest)
		published.State = cmiv1.State_STATE_PUBLISHED
		published.PublishedAt, published.UpdatedAt = timestamppb.New(now), timestamppb.New(now)
		return published, nil
	})
}

// Archive ends the questionnaire with all its versions, and answers the latest. Archiving again changes nothing.
func (c *Catalog) Archive(ctx context.Context, tenant string, request *cmiv1.ArchiveQuestionnaireRequest) (*cmiv1.Questionnaire, error) {
	id := request.GetQuestionnaireId()
	if isBuiltin(id) {
		return nil, reserved("questionnaire_id", id)
	}
	var latest *cmiv1.Questionnaire
	now := c.moment()
	err := c.store.ChangeQuestionnaire(ctx, tenant, id, func(versions []*cmiv1.Questionnaire) ([]*cmiv1.Questionnaire, error) {
		if len(versions) == 0 {
			return nil, notFound(id, 0)
		}
		latest = versions[len(versions)-1]
		if latest.GetState() == cmiv1.State_STATE_ARCHIVED {
			return nil, nil
		}
		if err := fresh(latest, request.GetEtag()); err != nil {
			return nil, err
		}
		for _, q := range versions {
			q.State = cmiv1.State_STATE_ARCHIVED
			q.ArchivedAt, q.UpdatedAt = timestamppb.New(now), timestamppb.New(now)
			q.Etag = etag(q)
		}
		return versions, nil
	})
	c.Forget(tenant, id)
	if err != nil {
		return nil, fmt.Errorf("archive questionnaire: %w", err)
	}
	return latest, nil
}

// change runs one change that saves one version, and answers it as saved.
func (c *Catalog) change(ctx context.Context, tenant, id string,
	next func(versions []*cmiv1.Questionnaire, now time.Time) (*cmiv1.Questionnaire, error)) (*cmiv1.Questionnaire, error) {
	var saved *cmiv1.Questionnaire
	now := c.moment()
	err := c.store.ChangeQuestionnaire(ctx, tenant, id, func(versions []*cmiv1.Questionnaire) ([]*cmiv1.Questionnaire, error) {
		q, err := next(versions, now)
		if err != nil {
			return nil, err
		}
		q.Etag = etag(q)
		saved = q
		return []*cmiv1.Questionnaire{q}, nil
	})
	// Forgotten even after an error: the change may have been saved all the same.
	c.Forget(tenant, id)
	if err != nil {
		return nil, fmt.Errorf("change questionnaire: %w", err)
	}
	return saved, nil
}

// changeable answers the latest version where it may be changed by a client that read etag.
func changeable(id string, versions []*cmiv1.Questionnaire, etag string) (*cmiv1.Questionnaire, error) {
	if len(versions) == 0 {
		return nil, notFound(id, 0)
	}
	latest := versions[len(versions)-1]
	if latest.GetState() == cmiv1.State_STATE_ARCHIVED {
		return nil, archived(id)
	}
	return latest, fresh(latest, etag)
}

func fresh(latest *cmiv1.Questionnaire, etag string) error {
	if etag == "" || etag == latest.GetEtag() {
		return nil
	}
	return fault.Field(cmiv1.ErrorReason_STALE_ETAG, "etag",
		"%q is not the etag of version %d, the latest of %q: it was changed since; read it again", etag, latest.GetVersion(), latest.GetQuestionnaireId())
}

func archived(id string) error {
	return fault.Field(cmiv1.ErrorReason_QUESTIONNAIRE_ARCHIVED, "questionnaire_id",
		"questionnaire %q is archived: it can be read and copied, not scored or changed", id)
}

// asDraft sets what the service sets of a draft.
func asDraft(q *cmiv1.Questionnaire, version int32, now time.Time) *cmiv1.Questionnaire {
	q.Version = version
	q.State = cmiv1.State_STATE_DRAFT
	q.CreatedAt, q.UpdatedAt = timestamppb.New(now), timestamppb.New(now)
	q.PublishedAt, q.ArchivedAt = nil, nil
	return q
}

// moment is now in the service's times: UTC, whole microseconds.
func (c *Catalog) moment() time.Time { return c.now().UTC().Truncate(time.Microsecond) }

// etag marks a version's content and state. It is made when the version is saved and kept with it, so it need not come
// out the same in another build of the service.
func etag(q *cmiv1.Questionnaire) string {
	q.Etag = ""
	body, err := proto.MarshalOptions{Deterministic: true}.Marshal(q)
	if err != nil {
		// Text that is not UTF-8 cannot have come through a decoder; were it here, the store would refuse it too.
		body = []byte(err.Error())
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}
