package sqlite

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// plan asks SQLite how it would run a statement.
func plan(t *testing.T, s *Store, text string, args ...any) string {
	t.Helper()
	rows, err := s.reader.db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatalf("explain %s: %v", text, err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "\n")
}

// walks checks that a plan reads along an index in its order: nothing is scanned and nothing sorted.
func walks(t *testing.T, what, plan string) {
	t.Helper()
	if strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "AUTOMATIC") {
		t.Errorf("%s is no walk of an index:\n%s", what, plan)
	}
}

func TestListsAreIndexWalks(t *testing.T) {
	t.Parallel()
	s := open(t)
	e := sample("r-1")
	e.Score.CustomerId = "ann"
	if _, err := s.Record(t.Context(), "acme", []store.Entry{e}); err != nil {
		t.Fatal(err)
	}
	for bits := range 1 << 7 {
		var f store.ResponseFilter
		if bits&1 != 0 {
			f.CustomerID = "ann"
		}
		if bits&2 != 0 {
			f.QuestionnaireID = "onboarding"
		}
		if bits&4 != 0 {
			f.Bucket = cmiv1.Bucket_BUCKET_AT_RISK
		}
		if bits&8 != 0 {
			f.Status = cmiv1.ScoreStatus_SCORE_STATUS_PARTIAL
		}
		if bits&16 != 0 {
			f.From, f.Before = time.Unix(1, 0), time.Unix(2, 0)
		}
		if bits&32 != 0 {
			f.After = &store.Cursor{SubmittedAt: 1_500_000}
		}
		f.IncludeVoid = bits&64 != 0
		text, args, err := s.listQuery(t.Context(), "acme", f, 10)
		if err != nil {
			t.Fatal(err)
		}
		steps := plan(t, s, text, args...)
		walks(t, fmt.Sprintf("%+v", f), steps)
		if bits&32 != 0 && !strings.Contains(steps, "submitted_at=? AND rowid<?") && !strings.Contains(steps, "submitted_at=? AND seq<?") {
			t.Errorf("%+v: the ties of a page's last time are walked from their start:\n%s", f, steps)
		}
	}
}

func TestOtherReadsAreIndexWalks(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, text := range []string{
		findScored, findWhole, findScope, findVersion, findLatest, findVersions, findRevision, voidOnce, touchCustomer,
		overwriteSlot, zeroSlot, findKind, findDeed, findOutcome, findProfiles(), findProfile, saveProfile, startAnew,
		fmt.Sprintf(recogniseCustomers, "?, ?"), fmt.Sprintf(touchCustomers, "?, ?"),
		fmt.Sprintf(findRevisedProfiles, "?, ?"), findOnlyProfile, findScore, findQuestionnaireOfScope,
		eraseRescored, eraseReasons, dropReasons, eraseResponses, eraseDeeds, eraseOutcomes, eraseCustomer,
		listInvitations, dropInvitations,
	} {
		args := make([]any, strings.Count(text, "?"))
		walks(t, text, plan(t, s, text, args...))
	}
	for _, f := range []store.QuestionnaireFilter{
		{}, {AllVersions: true}, {ID: "q"}, {State: 1, Audience: 1, Channel: 1, AfterID: "q", AfterVersion: 1},
	} {
		text, args := listing("acme", f, 10)
		walks(t, fmt.Sprintf("%+v", f), plan(t, s, text, args...))
	}
}

// TestFactsTouchNoTable reads what is computed from for every customer again and again from the indexes alone.
func TestFactsTouchNoTable(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, text := range []string{
		fmt.Sprintf(walkPoints, "?, ?"), fmt.Sprintf(walkContacts, "?, ?"), walkDeeds, findFirstDeed, findAnyDeed,
	} {
		steps := plan(t, s, text, make([]any, strings.Count(text, "?"))...)
		walks(t, text, steps)
		if !strings.Contains(steps, "USING COVERING INDEX") {
			t.Errorf("%s reads the table:\n%s", text, steps)
		}
	}
}

func TestListsOfInteractionsAreIndexWalks(t *testing.T) {
	t.Parallel()
	s := open(t)
	did(t, s, &cmiv1.Interaction{InteractionId: "i-1", CustomerId: "ann", Kind: "visit", OccurredAt: timestamppb.New(time.Unix(1, 0))})
	for bits := range 1 << 3 {
		f := store.InteractionFilter{CustomerID: "ann"}
		if bits&1 != 0 {
			f.Kind = "visit"
		}
		if bits&2 != 0 {
			f.From, f.Before = time.Unix(1, 0), time.Unix(2, 0)
		}
		if bits&4 != 0 {
			f.After = &store.Cursor{SubmittedAt: 1_500_000}
		}
		err := s.look(t.Context(), "list", func(v *view) error {
			_, args, err := v.deedsQuery(t.Context(), s.secret, "acme", f, 10)
			if err != nil {
				return err
			}
			text := deedShape{ofKind: f.Kind != "", continued: f.After != nil}.text()
			walks(t, fmt.Sprintf("%+v", f), plan(t, s, text, args...))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestListsOfOutcomesAreIndexWalks(t *testing.T) {
	t.Parallel()
	s := open(t)
	_, err := s.RecordOutcomes(t.Context(), "acme", []*cmiv1.Outcome{
		{OutcomeId: "o-1", CustomerId: "ann", Kind: cmiv1.OutcomeKind_OUTCOME_CHURNED, OccurredAt: timestamppb.New(time.Unix(1, 0))},
	}, time.Unix(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	for bits := range 1 << 4 {
		var f store.OutcomeFilter
		if bits&1 != 0 {
			f.CustomerID = "ann"
		}
		if bits&2 != 0 {
			f.Kind = cmiv1.OutcomeKind_OUTCOME_CHURNED
		}
		if bits&4 != 0 {
			f.From, f.Before = time.Unix(1, 0), time.Unix(2, 0)
		}
		if bits&8 != 0 {
			f.After = &store.Cursor{SubmittedAt: 1_500_000}
		}
		text, args, err := s.outcomesQuery(t.Context(), "acme", f, 10)
		if err != nil {
			t.Fatal(err)
		}
		steps := plan(t, s, text, args...)
		walks(t, fmt.Sprintf("%+v", f), steps)
		if bits&8 != 0 && !strings.Contains(steps, "occurred_at=? AND seq<?") {
			t.Errorf("%+v: the ties of a page's last time are walked from their start:\n%s", f, steps)
		}
	}
}

// TestManyShapesOfLists asks for more shapes than are kept prepared.
func TestManyShapesOfLists(t *testing.T) {
	t.Parallel()
	s := open(t)
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample("r-1")}); err != nil {
		t.Fatal(err)
	}
	for status := range cmiv1.ScoreStatus(4) {
		for bucket := range cmiv1.Bucket(4) {
			for bits := range 8 {
				f := store.ResponseFilter{Status: status, Bucket: bucket, IncludeVoid: bits&1 != 0, ScoresOnly: bits&2 != 0}
				if bits&4 != 0 {
					f.QuestionnaireID = "onboarding"
				}
				if _, err := s.ListResponses(t.Context(), "acme", f, 1); err != nil {
					t.Fatalf("%+v: %v", f, err)
				}
			}
		}
	}
	if n := len(s.reader.lists); n != shapesPrepared {
		t.Errorf("%d shapes are kept prepared, want %d", n, shapesPrepared)
	}
}
