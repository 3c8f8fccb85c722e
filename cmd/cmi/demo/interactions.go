package demo

import (
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

const (
	// recordedFor is how far back the record of interactions goes: the service looks no further for a key weight.
	recordedFor = 180 * day
	// fewestFlights are the flights a year of those who seem to take fewer: chance at work takes a rate above 0.
	fewestFlights = 0.5
	// visitsBeside are how many times a year everybody visits the airline's pages, beside once for each flight.
	visitsBeside = 6
)

// interactions makes up when a person flies and visits the airline's pages: at random times, on average as many flights a year
// as the person's course says at that time.
func (p *person) interactions(survey *cmiv1.Questionnaire, now time.Time) []*cmiv1.Interaction {
	i := slices.IndexFunc(survey.GetItems(), func(it *cmiv1.Item) bool { return it.GetItemId() == flightsItem })
	if i < 0 {
		return nil
	}
	it := survey.GetItems()[i]
	start := itemScore(it, answerTo(p.real, it))
	flights := func(at time.Time) float64 {
		since := at.Sub(waveAt(now, 0)).Hours() / apart.Hours()
		return max(fewestFlights, countAt(it.GetCount(), start+p.drift(it.GetPillar(), since)))
	}
	visits := func(at time.Time) float64 { return visitsBeside + flights(at) }
	return append(
		p.did("flight", forFlights, cmiv1.Channel_CHANNEL_FACE_TO_FACE, now, flights),
		p.did("visit", forVisits, cmiv1.Channel_CHANNEL_ONLINE, now, visits)...)
}

// did makes up interactions of one kind at a rate that is so many a year at a time, from the beginning of the record, or since
// the person is a customer, until the last wave that the person answers.
func (p *person) did(kind string, what purpose, channel cmiv1.Channel, now time.Time, yearly func(at time.Time) float64) []*cmiv1.Interaction {
	r := chance(p.number, what)
	at, until := now.Add(-recordedFor), waveAt(now, p.last)
	if p.firstSeen.After(at) {
		at = p.firstSeen
	}
	var all []*cmiv1.Interaction
	for n := 1; ; n++ {
		at = at.Add(time.Duration(r.ExpFloat64() * float64(365*day) / yearly(at)).Truncate(time.Second))
		if at.After(until) {
			return all
		}
		all = append(all, &cmiv1.Interaction{
			InteractionId: fmt.Sprintf("%s-%s-%d", kind, p.id, n), CustomerId: p.id, Kind: kind, Channel: channel,
			OccurredAt: timestamppb.New(at),
		})
	}
}
