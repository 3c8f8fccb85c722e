package form

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Invitations are invitations as they are written: a count, and what it is kept under.
type Invitations struct {
	Period
	Count int64
}

// Period is what a count is kept under, in a tenant.
type Period struct {
	Questionnaire string
	Channel       int64
	From, To      int64 // microseconds since 1970
}

// NewInvitations checks invitations and answers the last count of each period, in the order in which the periods come first.
func NewInvitations(given []*cmiv1.Invitations) ([]Invitations, error) {
	all, places := make([]Invitations, 0, len(given)), make(map[Period]int, len(given))
	for n, g := range given {
		if g.GetFrom() == nil || g.GetTo() == nil || g.GetCount() < 0 {
			return nil, fmt.Errorf("invitations %d need a period, and a count that is not negative", n)
		}
		one := Invitations{
			Period: Period{g.GetQuestionnaireId(), int64(g.GetChannel()), Micros(g.GetFrom()), Micros(g.GetTo())}, Count: int64(g.GetCount()),
		}
		if place, twice := places[one.Period]; twice {
			all[place] = one
			continue
		}
		places[one.Period] = len(all)
		all = append(all, one)
	}
	return all, nil
}

// Message is what was given.
func (i Invitations) Message() *cmiv1.Invitations {
	return &cmiv1.Invitations{
		From: timestamppb.New(time.UnixMicro(i.From)), To: timestamppb.New(time.UnixMicro(i.To)),
		QuestionnaireId: i.Questionnaire, Channel: cmiv1.Channel(i.Channel), Count: int32(i.Count),
	}
}
