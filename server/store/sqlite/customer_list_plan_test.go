package sqlite

import (
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// everyShape calls do with a list of each shape: each order, each number of classes, with and without labels and p-value.
func everyShape(t *testing.T, s *Store, do func(what string, l *customerList)) {
	for order := range store.CustomerOrder(3) {
		for bits := range 1 << 5 {
			f := store.CustomerFilter{Order: order, Descending: bits&1 != 0}
			if bits&2 != 0 {
				f.StableBucket = cmiv1.Bucket_BUCKET_GROWTH
			}
			if bits&4 != 0 {
				f.Direction = cmiv1.Direction_DIRECTION_FALLING
			}
			if bits&8 != 0 {
				f.MaxPValue = new(0.01)
			}
			l := newCustomerList(nil, usualPatience(), "acme", 1, f, 10)
			if bits&16 != 0 {
				l.shape.labels = 2
				for i, label := range s.secret.LabelsAsked("acme", store.CustomerFilter{AccountID: "a", Segments: []store.Segment{{Key: "k"}}}) {
					l.args = append(l.args, sql.Named(fmt.Sprintf("label%d", i), label[:]))
				}
			}
			do(fmt.Sprintf("%+v, %d labels", f, l.shape.labels), l)
		}
	}
}

func TestListsOfCustomersAreIndexWalks(t *testing.T) {
	t.Parallel()
	s := open(t)
	everyShape(t, s, func(what string, l *customerList) {
		if l.shape.led() {
			return
		}
		args := slices.Concat(l.args, []any{sql.Named("figure", 50.0), sql.Named("low", 10), sql.Named("high", 20), sql.Named("limit", 10), sql.Named("passed", 5)})
		for _, over := range []stretch{ties, between} {
			steps := plan(t, s, l.shape.list(over), args...)
			walks(t, what, strings.Replace(steps, "SCAN found", "", 1))
			if n := strings.Count(steps, "COVERING INDEX customers_by_"); n != l.shape.classes {
				t.Errorf("%s: %d walks look into the index alone, want %d:\n%s", what, n, l.shape.classes, steps)
			}
			if !strings.HasPrefix(steps, "CO-ROUTINE found") {
				t.Errorf("%s: more is read than is answered:\n%s", what, steps)
			}
			want := "(class=? AND seq>? AND seq<?)"
			switch {
			case l.shape.order == store.ByCreation:
			case over == ties:
				want = fmt.Sprintf("(class=? AND %s=? AND seq>? AND seq<?)", l.shape.figure())
			default:
				want = fmt.Sprintf("(class=? AND %[1]s>? AND %[1]s<?)", l.shape.figure())
			}
			if n := strings.Count(steps, want); n != l.shape.classes {
				t.Errorf("%s: %d walks begin and end where they should, want %d with %s:\n%s", what, n, l.shape.classes, want, steps)
			}
			steps = plan(t, s, l.shape.bound(over), args...)
			walks(t, what+", bound", withoutScansOfOne(steps))
			if n := strings.Count(steps, want); n != l.shape.classes {
				t.Errorf("%s: %d bounds begin where they should, want %d with %s:\n%s", what, n, l.shape.classes, want, steps)
			}
		}
	})
}

// withoutScansOfOne leaves out the reading of a bound from the walk that found it.
func withoutScansOfOne(steps string) string {
	var rest []string
	for step := range strings.Lines(steps) {
		if !strings.HasPrefix(step, "SCAN (subquery") {
			rest = append(rest, step)
		}
	}
	return strings.Join(rest, "")
}

// TestListsLedByALabelAreIndexWalks checks that the members of one label are read from a place on, and no others.
func TestListsLedByALabelAreIndexWalks(t *testing.T) {
	t.Parallel()
	s := open(t)
	everyShape(t, s, func(what string, l *customerList) {
		if !l.shape.led() {
			return
		}
		args := slices.Concat(l.args, []any{sql.Named("low", 10), sql.Named("high", 20), sql.Named("limit", 10), sql.Named("passed", 5)})
		list, bound := plan(t, s, l.shape.list(ties), args...), plan(t, s, l.shape.bound(ties), args...)
		walks(t, what, strings.Replace(list, "SCAN found", "", 1))
		walks(t, what, bound)
		for _, steps := range []string{list, bound} {
			if !strings.Contains(steps, "USING PRIMARY KEY (label=? AND customer>? AND customer<?)") {
				t.Errorf("%s: the label does not lead:\n%s", what, steps)
			}
		}
	})
}

// TestSortedListsReadOneLabel checks that only the members of one label are read before they are sorted.
func TestSortedListsReadOneLabel(t *testing.T) {
	t.Parallel()
	s := open(t)
	everyShape(t, s, func(what string, l *customerList) {
		if l.shape.labels == 0 || l.shape.led() {
			return
		}
		args := slices.Concat(l.args, []any{sql.Named("figure", math.Inf(-1)), sql.Named("seq", 0), sql.Named("limit", 10)})
		steps := plan(t, s, l.shape.sorted(), args...)
		steps = strings.Replace(steps, "SCAN found", "", 1)
		walks(t, what, strings.Replace(steps, "USE TEMP B-TREE FOR ORDER BY", "", 1))
		if !strings.Contains(steps, "SEARCH m USING PRIMARY KEY (label=?)") {
			t.Errorf("%s: the label does not lead:\n%s", what, steps)
		}
	})
}

func TestStandingsAreIndexWalks(t *testing.T) {
	t.Parallel()
	s := open(t)
	args := []any{
		sql.Named("at", 1), sql.Named("tenant", 1), sql.Named("limit", 1), sql.Named("label", []byte{}), sql.Named("questionnaire", "q"),
		sql.Named("seq", 1), sql.Named("version", 1), sql.Named("from", 1), sql.Named("to", 2), sql.Named("calibrated", true),
	}
	for _, text := range []string{
		findDue, countChanged, countExpired, countMembers, listCalibrations, raiseRevisions, markCustomers,
		findStanding, renewStanding, replaceStanding, addMean, dropMean, findMean, joinLabel, leaveLabel, findMember, findCMI, findSavedProfile,
		findToForget, forget,
	} {
		given := args
		if strings.Contains(text, "?") {
			given = make([]any, strings.Count(text, "?"))
		}
		steps := plan(t, s, text, given...)
		walks(t, text, strings.Replace(steps, "SCAN (subquery", "", 1))
	}
}
