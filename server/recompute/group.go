package recompute

import (
	"strconv"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// By what a comparison can be broken down; the contract says so too.
const (
	byChannel = "channel"
	byVersion = "questionnaire_version"
	byAccount = "account"
	bySegment = "segments."
)

// group names one: which way to break down, and what its responses have in common, nothing where not Has.
type group struct {
	By    int    `json:"by"`
	Value string `json:"value,omitempty"`
	Has   bool   `json:"has,omitempty"`
}

// grouping tells the groups of a response, one for each way to break down.
type grouping struct {
	by []string
	// byCustomer tells that profiles are needed.
	byCustomer bool
}

func newGrouping(by []string) *grouping {
	g := &grouping{by: by}
	for _, way := range by {
		if way == byAccount || strings.HasPrefix(way, bySegment) {
			g.byCustomer = true
		}
	}
	return g
}

// of answers the groups of a recorded score; profile is nil for one whose customer is not known.
func (g *grouping) of(score *cmiv1.Score, profile *cmiv1.Customer) []group {
	groups := make([]group, len(g.by))
	for i, way := range g.by {
		groups[i].By = i
		switch key, isSegment := strings.CutPrefix(way, bySegment); {
		case isSegment:
			value, has := profile.GetSegments()[key]
			groups[i].Value, groups[i].Has = value, has
		case way == byAccount:
			groups[i].Value, groups[i].Has = profile.GetAccountId(), profile.GetAccountId() != ""
		case way == byVersion:
			groups[i].Value, groups[i].Has = strconv.Itoa(int(score.GetQuestionnaireVersion())), true
		case way == byChannel && score.GetChannel() != cmiv1.Channel_CHANNEL_UNSPECIFIED:
			groups[i].Value, groups[i].Has = score.GetChannel().String(), true
		}
	}
	return groups
}
