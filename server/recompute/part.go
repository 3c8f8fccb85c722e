package recompute

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

const (
	// mostListed is how many groups of each way to break down are listed; the rest of them are one.
	mostListed = 1000
	// mostGroups is how many groups are told apart. Their sums are in memory together once.
	mostGroups = 100_000
)

// part is what a piece comes to.
type part struct {
	overall tally
	groups  map[group]*tally
}

func newPart() *part { return &part{groups: make(map[group]*tally)} }

// add takes in a response with its groups.
func (p *part) add(before, after *cmiv1.Score, groups []group) {
	p.overall.add(before, after)
	for _, g := range groups {
		if p.groups[g] == nil {
			p.groups[g] = &tally{}
		}
		p.groups[g].add(before, after)
	}
}

// writtenPart is a part as it is kept.
type writtenPart struct {
	Overall tally          `json:"overall"`
	Groups  []writtenGroup `json:"groups,omitempty"`
}

type writtenGroup struct {
	Group group `json:"group"`
	Tally tally `json:"tally"`
}

func (p *part) encode() ([]byte, error) {
	written := writtenPart{Overall: p.overall}
	for g, t := range p.groups {
		written.Groups = append(written.Groups, writtenGroup{g, *t})
	}
	return json.Marshal(written)
}

// totals are the sums of parts.
type totals struct {
	by      []string
	overall total
	groups  map[group]*total
}

func newTotals(by []string) *totals { return &totals{by: by, groups: make(map[group]*total)} }

// add takes in a part. TOO_MANY_GROUPS when there are more than can be told apart.
func (s *totals) add(body []byte) error {
	var written writtenPart
	if err := json.Unmarshal(body, &written); err != nil {
		return fmt.Errorf("read what a piece came to: %w", err)
	}
	s.overall.add(&written.Overall)
	for i := range written.Groups {
		g := &written.Groups[i]
		if s.groups[g.Group] == nil {
			if len(s.groups) == mostGroups {
				return fault.New(cmiv1.ErrorReason_TOO_MANY_GROUPS,
					"The comparison has more than %d groups by %v; ask for others, or for a shorter period.", mostGroups, s.by)
			}
			s.groups[g.Group] = &total{}
		}
		s.groups[g.Group].add(&g.Tally)
	}
	return nil
}

// groupsInOrder lists the groups of each way to break down, the largest first, and the rest of them as one.
func (s *totals) groupsInOrder() []*cmiv1.GroupComparison {
	ways := make([][]group, len(s.by))
	for g := range s.groups {
		ways[g.By] = append(ways[g.By], g)
	}
	var list []*cmiv1.GroupComparison
	for i, groups := range ways {
		slices.SortFunc(groups, func(a, b group) int {
			return cmp.Or(cmp.Compare(s.groups[b].responses(), s.groups[a].responses()), cmp.Compare(a.Value, b.Value))
		})
		for _, g := range groups[:min(len(groups), mostListed)] {
			listed := &cmiv1.GroupComparison{GroupBy: s.by[i], Comparison: s.groups[g].comparison()}
			if g.Has {
				listed.Value = proto.String(g.Value)
			}
			list = append(list, listed)
		}
		if len(groups) > mostListed {
			rest := &total{}
			for _, g := range groups[mostListed:] {
				rest.merge(s.groups[g])
			}
			list = append(list, &cmiv1.GroupComparison{GroupBy: s.by[i], Others: true, Comparison: rest.comparison()})
		}
	}
	return list
}
