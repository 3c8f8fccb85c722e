package insight

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// scope says which responses a report is about, and how respondents are grouped and counted.
type scope struct {
	tenant string
	filter *cmiv1.ReportFilter
	asOf   time.Time
	// from and before bound the time of submission, in microseconds since 1970. from is always where there is no bound.
	from, before int64
	by           []string
	period       cmiv1.Period
	unit         cmiv1.Unit
	weighted     bool
	// Whether lifecycles or key weights matter, for which contacts are read.
	lived bool
	// outcomes says that outcomes are read.
	outcomes bool
	// expected is how many customers are looked at.
	expected int
	// answers says of which of a subject's scores the answers are needed, by their places among them. nil: of none.
	answers func(*subject) []int
}

// always is before all times, of which some are below 0.
const always = math.MinInt64

// timeForm is how times are written in sentences.
const timeForm = time.RFC3339Nano

// asks are the fields that requests of reports have in common. Those that one lacks are nil or unspecified.
type asks struct {
	filter   *cmiv1.ReportFilter
	path     string // of the filter
	asOf     *timestamppb.Timestamp
	by       []string
	period   cmiv1.Period
	unit     cmiv1.Unit
	weighted cmiv1.Weighting
}

// scope reads what a request asks for. The errors name its fields.
func (i *Insight) scope(tenant string, now time.Time, a asks) (*scope, error) {
	s := &scope{
		tenant: tenant, filter: a.filter, asOf: now, by: a.by, period: a.period, unit: a.unit,
		weighted: a.weighted == cmiv1.Weighting_WEIGHTING_KEY_WEIGHT,
	}
	if a.path == "" {
		a.path = "filter"
	}
	at, given, err := instant("as_of", a.asOf)
	if err != nil {
		return nil, err
	}
	if given {
		s.asOf = at
	}
	if err := s.bound(a.path, a.filter.GetFrom(), a.filter.GetTo()); err != nil {
		return nil, err
	}
	s.lived = s.weighted || a.filter.GetLifecycle() != 0 || slices.Contains(a.by, byLifecycle)
	return s, nil
}

// bound sets the bounds of the time of submission.
func (s *scope) bound(path string, from, to *timestamppb.Timestamp) error {
	start, hasStart, err := instant(path+".from", from)
	if err != nil {
		return err
	}
	end, hasEnd, err := instant(path+".to", to)
	if err != nil {
		return err
	}
	if hasStart && hasEnd && !start.Before(end) {
		return invalid(path+".to", "%s is not after from, %s", end.Format(timeForm), start.Format(timeForm))
	}
	s.from, s.before = always, s.asOf.UnixMicro()+1
	if hasStart {
		s.from = start.UnixMicro()
	}
	if hasEnd {
		s.before = min(s.before, end.UnixMicro())
	}
	return nil
}

// instant reads a time in whole microseconds; false where none is given.
func instant(field string, at *timestamppb.Timestamp) (time.Time, bool, error) {
	if at == nil {
		return time.Time{}, false, nil
	}
	if !at.IsValid() {
		return time.Time{}, false, invalid(field, "not a time between the years 1 and 9999")
	}
	return at.AsTime().Truncate(time.Microsecond), true, nil
}

// exist checks that there are such questionnaires: a name that is mistyped must not look like nobody answered.
func (i *Insight) exist(ctx context.Context, s *scope, path string) error {
	for _, id := range s.filter.GetQuestionnaireIds() {
		_, err := i.questionnaires.Get(ctx, s.tenant, &cmiv1.GetQuestionnaireRequest{QuestionnaireId: id})
		if err == nil || fault.ReasonOf(err) != cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND {
			if err != nil {
				return err
			}
			continue
		}
		return fault.Field(cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND, path+".questionnaire_ids",
			"there is no published questionnaire %q; ListQuestionnaires names those that are", id)
	}
	return nil
}

// cut is which customers are looked at.
func (s *scope) cut() store.CustomerCut {
	cut := store.CustomerCut{AccountID: s.filter.GetAccountId()}
	for key, value := range s.filter.GetSegments() {
		cut.Segments = append(cut.Segments, store.Segment{Key: key, Value: value})
	}
	slices.SortFunc(cut.Segments, func(a, b store.Segment) int { return strings.Compare(a.Key, b.Key) })
	return cut
}

// ask is what is read of them.
func (s *scope) ask() store.HistoryAsk {
	from := s.from
	if from == always {
		from = 0 // as the store says it
	}
	return store.HistoryAsk{
		From: from, Before: s.before, QuestionnaireIDs: s.filter.GetQuestionnaireIds(),
		Contacts: s.lived, Outcomes: s.outcomes, UpTo: s.asOf.UnixMicro(),
	}
}

// unlabelled tells whether the filter asks for nothing but questionnaires, channels and time.
func (s *scope) unlabelled() bool {
	f := s.filter
	return f.GetAccountId() == "" && len(f.GetSegments()) == 0 && f.GetLifecycle() == 0
}
