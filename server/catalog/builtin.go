package catalog

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// builtins holds the questionnaires that come with the service, every version of each in rising order. It never changes.
type builtins struct {
	ids      []string // rising
	versions map[string][]*cmiv1.Questionnaire
	// candidates are the latest versions, in the order in which one is picked.
	candidates []candidate
}

func newBuiltins(all []*cmiv1.Questionnaire) (builtins, error) {
	b := builtins{versions: make(map[string][]*cmiv1.Questionnaire)}
	for _, q := range all {
		id := q.GetQuestionnaireId()
		if !isBuiltin(id) {
			return builtins{}, fmt.Errorf("built-in questionnaire %q: its id must start with %q", id, BuiltinPrefix)
		}
		if _, err := scoring.Compile(q); err != nil {
			return builtins{}, fmt.Errorf("built-in questionnaire %q: %w", id, err)
		}
		q = proto.CloneOf(q)
		q.State = cmiv1.State_STATE_PUBLISHED
		q.Etag = etag(q)
		b.versions[id] = append(b.versions[id], q)
	}
	for id, versions := range b.versions {
		b.ids = append(b.ids, id)
		slices.SortFunc(versions, func(x, y *cmiv1.Questionnaire) int { return int(x.GetVersion() - y.GetVersion()) })
		for i, q := range versions {
			if q.GetVersion() != int32(i)+1 {
				return builtins{}, fmt.Errorf("built-in questionnaire %q: version %d is missing; old versions stay", id, i+1)
			}
		}
	}
	slices.Sort(b.ids)
	b.rank()
	return b, nil
}

// version answers one version, 0 the latest, nil when there is none. The caller must not change it.
func (b builtins) version(id string, version int32) *cmiv1.Questionnaire {
	versions := b.versions[id]
	if version == 0 {
		version = int32(len(versions))
	}
	if version < 1 || int(version) > len(versions) {
		return nil
	}
	return versions[version-1]
}

// list answers those that match from a place on, in the order of the store: by id, then by falling version.
func (b builtins) list(request *cmiv1.ListQuestionnairesRequest, from listPlace, limit int) []*cmiv1.Questionnaire {
	var found []*cmiv1.Questionnaire
	for _, id := range b.ids {
		versions := b.versions[id]
		for i := len(versions) - 1; i >= 0 && (request.GetAllVersions() || i == len(versions)-1); i-- {
			q := versions[i]
			if from.Builtin && (strings.Compare(id, from.ID) < 0 || id == from.ID && q.GetVersion() >= from.Version) {
				continue
			}
			if matches(q, request) {
				found = append(found, proto.CloneOf(q))
			}
			if len(found) == limit {
				return found
			}
		}
	}
	return found
}

func matches(q *cmiv1.Questionnaire, request *cmiv1.ListQuestionnairesRequest) bool {
	channel := request.GetChannel()
	return (request.GetQuestionnaireId() == "" || q.GetQuestionnaireId() == request.GetQuestionnaireId()) &&
		(request.GetState() == cmiv1.State_STATE_UNSPECIFIED || q.GetState() == request.GetState()) &&
		(request.GetAudience() == cmiv1.Audience_AUDIENCE_UNSPECIFIED || q.GetAudience() == request.GetAudience()) &&
		(channel == cmiv1.Channel_CHANNEL_UNSPECIFIED || len(q.GetChannels()) == 0 || slices.Contains(q.GetChannels(), channel))
}
