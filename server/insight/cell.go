package insight

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// By what respondents can be grouped; the contract says so too.
const (
	byAudience      = "audience"
	byLifecycle     = "lifecycle"
	byChannel       = "channel"
	byCategory      = "category"
	byQuestionnaire = "questionnaire"
	byAccount       = "account"
	bySegment       = "segment:"
)

const (
	// fewest is below how many respondents a group is suppressed, few below how many it is flagged.
	fewest, few = 5, 30
	// mostCells is how many groups and periods are told apart.
	mostCells = 10_000
)

// value is what respondents have in common in one respect; nothing where not Has.
type value struct {
	Has  bool   `json:"has,omitempty"`
	Text string `json:"text,omitempty"`
}

// place names a group in a period.
type place struct {
	First  value `json:"first,omitzero"`
	Second value `json:"second,omitzero"`
	Period int64 `json:"period,omitempty"`
}

// place answers the group of a score of a subject.
func (s *scope) place(one *subject, o *observed) place {
	p := place{Period: o.period}
	for k, by := range s.by {
		v := groupOf(by, one, o)
		if k == 0 {
			p.First = v
		} else {
			p.Second = v
		}
	}
	return p
}

func groupOf(by string, one *subject, o *observed) value {
	switch by {
	case byAudience:
		if audience := o.survey.GetAudience(); audience != 0 {
			return value{true, audience.String()}
		}
	case byLifecycle:
		if one.lifecycle != 0 {
			return value{true, one.lifecycle.String()}
		}
	case byChannel:
		if o.Channel != 0 {
			return value{true, o.Channel.String()}
		}
	case byCategory:
		category := o.survey.GetCategory()
		return value{category != "", category}
	case byQuestionnaire:
		return value{true, o.QuestionnaireID}
	case byAccount:
		account := one.Profile.GetAccountId()
		return value{account != "", account}
	default:
		text, has := one.Profile.GetSegments()[strings.TrimPrefix(by, bySegment)]
		return value{has, text}
	}
	return value{}
}

// cells are the tallies of groups.
type cells[T any] map[place]*T

// at answers the tally of a group, a new one where there is none. TOO_MANY_GROUPS when there are more than can be told apart.
func (c cells[T]) at(p place) (*T, error) {
	if tally := c[p]; tally != nil {
		return tally, nil
	}
	if len(c) == mostCells {
		return nil, fault.New(cmiv1.ErrorReason_TOO_MANY_GROUPS,
			"The report has more than %d groups and periods; group by something else, or ask for longer periods or a shorter time.", mostCells)
	}
	c[p] = new(T)
	return c[p], nil
}

// merge takes in the tallies of other cells.
func (c cells[T]) merge(other cells[T], add func(to, from *T)) error {
	for _, p := range other.places() {
		to, err := c.at(p)
		if err != nil {
			return err
		}
		add(to, other[p])
	}
	return nil
}

// places lists the groups by what they have in common, nothing last, each in order of time.
func (c cells[T]) places() []place {
	all := make([]place, 0, len(c))
	for p := range c {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b place) int {
		return cmp.Or(compareValues(a.First, b.First), compareValues(a.Second, b.Second), cmp.Compare(a.Period, b.Period))
	})
	return all
}

func compareValues(a, b value) int {
	if a.Has != b.Has {
		if a.Has {
			return -1
		}
		return 1
	}
	return cmp.Compare(a.Text, b.Text)
}

// writtenCell is a cell as it is kept between the pieces of an operation.
type writtenCell[T any] struct {
	Place place `json:"place"`
	Tally *T    `json:"tally"`
}

// MarshalJSON writes the cells in order.
func (c cells[T]) MarshalJSON() ([]byte, error) {
	list := make([]writtenCell[T], 0, len(c))
	for _, p := range c.places() {
		list = append(list, writtenCell[T]{p, c[p]})
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *cells[T]) UnmarshalJSON(body []byte) error {
	var list []writtenCell[T]
	if err := json.Unmarshal(body, &list); err != nil {
		return fmt.Errorf("read groups: %w", err)
	}
	*c = make(cells[T], len(list))
	for _, w := range list {
		(*c)[w.Place] = w.Tally
	}
	return nil
}

// cell says who is in a group.
func (s *scope) cell(p place, n int) *cmiv1.Cell {
	c := &cmiv1.Cell{N: count(n), Flag: flag(n)}
	for k, by := range s.by {
		v := p.First
		if k == 1 {
			v = p.Second
		}
		g := &cmiv1.GroupValue{By: by}
		if v.Has {
			g.Value = &v.Text
		}
		c.Group = append(c.Group, g)
	}
	if s.period != cmiv1.Period_PERIOD_UNSPECIFIED {
		start := time.UnixMicro(p.Period).UTC()
		c.PeriodStart, c.PeriodEnd = timestamppb.New(start), timestamppb.New(later(s.period, start, 1))
	}
	return c
}

// flag says how much figures of so many respondents may be relied on.
func flag(n int) cmiv1.Flag {
	switch {
	case n < fewest:
		return cmiv1.Flag_FLAG_SUPPRESSED
	case n < few:
		return cmiv1.Flag_FLAG_SMALL
	default:
		return cmiv1.Flag_FLAG_UNSPECIFIED
	}
}
