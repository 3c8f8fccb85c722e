package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// Pick answers the id of the questionnaire to show to customers of an audience on a channel: of those that are published and
// for both, the tenant's own before the built-in ones, then the latest published, then the first by id. Without a channel,
// those for any are fit. NO_QUESTIONNAIRE_FITS when there is none.
func (c *Catalog) Pick(ctx context.Context, tenant string, audience cmiv1.Audience, channel cmiv1.Channel) (string, error) {
	own, err := c.published(ctx, tenant)
	if err != nil {
		return "", err
	}
	for _, all := range [][]candidate{own, c.builtin.candidates} {
		for _, one := range all {
			if one.fits(audience, channel) {
				return one.id, nil
			}
		}
	}
	return "", fault.New(cmiv1.ErrorReason_NO_QUESTIONNAIRE_FITS, "No published questionnaire is for %s on %s.", audience, channel)
}

// candidate is what picking looks at.
type candidate struct {
	id        string
	audience  cmiv1.Audience
	channels  []cmiv1.Channel
	published time.Time
}

func newCandidate(q *cmiv1.Questionnaire) candidate {
	return candidate{
		id: q.GetQuestionnaireId(), audience: q.GetAudience(), channels: slices.Clone(q.GetChannels()),
		published: q.GetPublishedAt().AsTime(),
	}
}

func (c candidate) fits(audience cmiv1.Audience, channel cmiv1.Channel) bool {
	return (c.audience == cmiv1.Audience_AUDIENCE_UNSPECIFIED || c.audience == audience) &&
		(channel == cmiv1.Channel_CHANNEL_UNSPECIFIED || len(c.channels) == 0 || slices.Contains(c.channels, channel))
}

// ranked puts candidates in the order in which they are looked at.
func ranked(all []candidate) []candidate {
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(b.published.Compare(a.published), cmp.Compare(a.id, b.id))
	})
	return all
}

// candidatePage is how many versions are read at once.
const candidatePage = 500

// published answers the tenant's own candidates, the latest published version of each questionnaire that is not archived.
func (c *Catalog) published(ctx context.Context, tenant string) ([]candidate, error) {
	known, there, turn := c.shelves.Get(tenant)
	if there {
		return known, nil
	}
	var all []candidate
	filter := store.QuestionnaireFilter{State: cmiv1.State_STATE_PUBLISHED, AllVersions: true}
	for {
		page, err := c.store.ListQuestionnaires(ctx, tenant, filter, candidatePage)
		if err != nil {
			return nil, fmt.Errorf("list what is published: %w", err)
		}
		for _, q := range page {
			// The latest version of each id comes first.
			if filter.AfterID != q.GetQuestionnaireId() {
				all = append(all, newCandidate(q))
			}
			filter.AfterID, filter.AfterVersion = q.GetQuestionnaireId(), q.GetVersion()
		}
		if len(page) < candidatePage {
			break
		}
	}
	c.shelves.Put(tenant, ranked(all), turn)
	return all, nil
}

// rank fills the candidates of the built-in questionnaires.
func (b *builtins) rank() {
	for _, id := range b.ids {
		b.candidates = append(b.candidates, newCandidate(b.version(id, 0)))
	}
	ranked(b.candidates)
}
