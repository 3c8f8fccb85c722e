package demo

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// The segments that the demo makes of the flights, beside those that the survey itself has.
const flyerSegment, heavyFlyer, lightFlyer = "flyer", "heavy", "light"

// beforeShort is how long before the short questionnaire the whole survey counts as taken. Both are the same answers of the same
// customers; so the latest score of each stays that of the short one, which the rest of the demo is about.
const beforeShort = time.Minute

// wholeSurvey is all that the airline asked: satisfaction and touchpoints beside what makes the index, and who the customers are.
type wholeSurvey struct {
	questionnaire *cmiv1.Questionnaire
	responses     []*cmiv1.Response
	profiles      []*cmiv1.Customer
	// usualFlights is the median of the flights in a year; who takes more is a heavy flyer.
	usualFlights float64
}

// surveyInFull reads the whole survey. Its profiles add segments to those that the simulation made.
func surveyInFull(s *simulation) (*wholeSurvey, error) {
	w := &wholeSurvey{}
	var err error
	if w.questionnaire, err = airline.Survey(); err != nil {
		return nil, err
	}
	if w.responses, err = airline.SurveyResponses(); err != nil {
		return nil, err
	}
	if w.profiles, err = airline.Customers(); err != nil {
		return nil, err
	}
	flights := make(map[string]float64, len(w.responses))
	for _, r := range w.responses {
		r.SubmittedAt = timestamppb.New(waveAt(s.now, 0).Add(-beforeShort))
		for _, a := range r.GetAnswers() {
			if a.GetItemId() == flightsItem {
				flights[r.GetCustomerId()] = a.GetNumber()
			}
		}
	}
	w.usualFlights = median(slices.Collect(maps.Values(flights)))
	made := make(map[string]*cmiv1.Customer)
	for _, p := range s.profiles() {
		made[p.GetCustomerId()] = p
	}
	for _, p := range w.profiles {
		p.FirstSeenAt = made[p.GetCustomerId()].GetFirstSeenAt()
		maps.Copy(p.Segments, made[p.GetCustomerId()].GetSegments())
		if n, said := flights[p.GetCustomerId()]; said {
			p.Segments[flyerSegment] = flyer(n, w.usualFlights)
		}
	}
	return w, nil
}

// flyer tells heavy flyers from light ones.
func flyer(flights, usual float64) string {
	if flights > usual {
		return heavyFlyer
	}
	return lightFlyer
}

// median is the middle of some numbers, 0 of none.
func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// record publishes the whole survey, says who the customers are, and streams their answers.
func (w *wholeSurvey) record(ctx context.Context, running *service, progress io.Writer) error {
	published, err := publish(ctx, running.conn, w.questionnaire)
	if err != nil {
		return err
	}
	if _, err := putCustomers(ctx, running.conn, w.profiles); err != nil {
		return fmt.Errorf("whole survey: %w", err)
	}
	_, err = score(ctx, running, published.GetQuestionnaireId(), w.responses, progress)
	return err
}
