package postgres

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// crowded fills a store with so many rows that no plan reads a whole table by choice: the planner sees the tables as they are
// at a thousandth of their size in use.
func crowded(t *testing.T) *Store {
	t.Helper()
	s := open(t)
	const customers, each = 2000, 5
	var profiles []string
	for i := range customers {
		profiles = append(profiles, fmt.Sprintf("c-%d", i))
	}
	_, err := s.ChangeCustomers(t.Context(), "acme", profiles, func(i int, _ store.Profile) (*cmiv1.Customer, error) {
		return &cmiv1.Customer{CustomerId: profiles[i], AccountId: fmt.Sprintf("a-%d", i/5), Segments: map[string]string{"plan": fmt.Sprint(i % 3)}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for wave := range each {
		var entries []store.Entry
		var deeds []*cmiv1.Interaction
		var outcomes []*cmiv1.Outcome
		for i := range customers {
			at := timestamppb.New(time.Unix(1_770_000_000+int64(wave*customers+i), 0))
			entries = append(entries, store.Entry{Response: &cmiv1.Response{}, Score: &cmiv1.Score{
				ResponseId: fmt.Sprintf("r-%d-%d", wave, i), CustomerId: profiles[i], QuestionnaireId: "q", QuestionnaireVersion: 1,
				Status: cmiv1.ScoreStatus(1 + i%3), Bucket: cmiv1.Bucket(i % 4), SubmittedAt: at, Cmi: new(float64(i % 100)),
			}})
			deeds = append(deeds, &cmiv1.Interaction{InteractionId: fmt.Sprintf("i-%d-%d", wave, i), CustomerId: profiles[i], Kind: fmt.Sprint(i % 5), OccurredAt: at})
			outcomes = append(outcomes, &cmiv1.Outcome{OutcomeId: fmt.Sprintf("o-%d-%d", wave, i), CustomerId: profiles[i], Kind: cmiv1.OutcomeKind(1 + i%5), OccurredAt: at})
		}
		if _, err := s.Record(t.Context(), "acme", entries); err != nil {
			t.Fatal(err)
		}
		if _, err := s.RecordInteractions(t.Context(), "acme", deeds, time.Unix(1_770_000_000, 0)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.RecordOutcomes(t.Context(), "acme", outcomes, time.Unix(1_770_000_000, 0)); err != nil {
			t.Fatal(err)
		}
	}
	var standings []store.Standing
	for i, id := range profiles {
		standings = append(standings, store.Standing{
			Tenant: "acme", CustomerID: id, Revision: 1 + 2*each, Until: int64(i), StableBucket: cmiv1.Bucket(i % 4), Direction: cmiv1.Direction(i % 5),
			Lifecycle: cmiv1.Lifecycle(i % 4), CMI: new(float64(i % 100)), Velocity: new(float64(i%7) - 3), PValue: new(0.5),
		})
	}
	if err := s.SaveStandings(t.Context(), standings); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pool.Exec(t.Context(), "VACUUM ANALYZE responses, interactions, outcomes, customers, standings, members, profiles, kinds"); err != nil {
		t.Fatal(err)
	}
	return s
}

// explaining is a connection that explains what it is asked for, and answers it too.
type explaining struct {
	conn
	t     *testing.T
	plans []string
}

func (e *explaining) explain(ctx context.Context, text string, args []any) {
	rows, err := e.conn.Query(ctx, "EXPLAIN "+text, args...)
	if err != nil {
		e.t.Fatalf("%s: %v", text, err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		e.t.Fatalf("%s: %v", text, err)
	}
	e.plans = append(e.plans, text+"\n"+strings.Join(lines, "\n"))
}

func (e *explaining) Query(ctx context.Context, text string, args ...any) (pgx.Rows, error) {
	e.explain(ctx, text, args)
	return e.conn.Query(ctx, text, args...)
}

func (e *explaining) QueryRow(ctx context.Context, text string, args ...any) pgx.Row {
	e.explain(ctx, text, args)
	return e.conn.QueryRow(ctx, text, args...)
}

func (e *explaining) Exec(ctx context.Context, text string, args ...any) (pgconn.CommandTag, error) {
	e.explain(ctx, text, args)
	return e.conn.Exec(ctx, text, args...)
}

func (e *explaining) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	for _, q := range b.QueuedQueries {
		e.explain(ctx, q.SQL, q.Arguments)
	}
	return e.conn.SendBatch(ctx, b)
}

// large are the tables that grow with what is kept.
var large = regexp.MustCompile(`Seq Scan on (responses|interactions|outcomes|customers|standings|members|profiles|operations|operation_pieces|rescored)\b`)

// walks checks that no plan reads a large table from end to end, nor sorts one.
func (e *explaining) walks(what string) {
	e.t.Helper()
	for _, plan := range e.plans {
		if large.MatchString(plan) {
			e.t.Errorf("%s reads a whole table:\n%s", what, plan)
		}
	}
	e.plans = nil
}

// TestPlansAreIndexWalks explains what each method asks the database for.
func TestPlansAreIndexWalks(t *testing.T) {
	t.Parallel()
	s := crowded(t)
	scope, err := s.numberScope(t.Context(), "acme", "")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	// At this size reading a table is cheap. What is read all the same has no index to read instead.
	if _, err := tx.Exec(t.Context(), "SET LOCAL enable_seqscan = off"); err != nil {
		t.Fatal(err)
	}
	e := &explaining{conn: tx, t: t}
	run := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		e.walks(what)
	}
	for _, order := range []store.CustomerOrder{store.ByCreation, store.ByCMI, store.ByVelocity} {
		for bits := range 1 << 6 {
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
			if bits&16 != 0 {
				f.Segments = []store.Segment{{Key: "plan", Value: "1"}}
			}
			if bits&32 != 0 {
				f.After = &store.CustomerCursor{Value: 2, Key: 1000}
			}
			l := newCustomerList(e, patience{piece: 64, passed: 256, members: 10}, "acme", scope, f, 10)
			_, err := l.ask(t.Context(), s.secret.LabelsAsked("acme", f))
			if err == nil {
				err = l.walk(t.Context())
			}
			run(fmt.Sprintf("the list %+v", f), err)
		}
	}
	few := newCustomerList(e, usualPatience(), "acme", scope, store.CustomerFilter{AccountID: "a-7", Order: store.ByCMI}, 10)
	if small, err := few.ask(t.Context(), s.secret.LabelsAsked("acme", few.filter)); err != nil || !small {
		t.Fatalf("the members of an account are not sorted: %v", err)
	}
	run("an account", few.sorted(t.Context()))
	all := newCustomerList(e, usualPatience(), "acme", scope, store.CustomerFilter{AccountID: "a-7"}, 10)
	run("an account in order", all.list(t.Context(), s.secret.LabelsAsked("acme", all.filter)))

	customer := uuid(s.secret.Hash(form.OfCustomer, "acme", "c-7"))
	some := []pgtype.UUID{customer, uuid(s.secret.Hash(form.OfCustomer, "acme", "c-8"))}
	for _, text := range []struct {
		text string
		args []any
	}{
		{findProfiles, []any{some}}, {findPoints, []any{some, int64(1)}}, {findContacts, []any{some, int64(1)}}, {findScores, []any{[]int64{1, 2}}},
		{findFirstDoings, []any{some, []int64{0, 0}, []int64{1, 1}}}, {findDoings, []any{some, []int64{0, 0}, []int64{1, 1}}},
		{findAnyDoing, []any{[]int64{1}, []int64{0}, []int64{1}}},
		{listInteractions, []any{customer, int64(0), int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64), int64(0), 10}},
		{findDue, []any{int64(5), 10}}, {countPending, []any{scope, int64(5), 10}},
		{lockCustomers, []any{some}}, {lockIdle, []any{some}}, {readLocked, []any{some}}, {findSaved, []any{some}},
		{markCustomers, []any{int64(100), 10, scope, true}}, {eraseResponses, []any{customer}}, {eraseInteractions, []any{customer}}, {eraseOutcomes, []any{customer}},
		{renewStandings, []any{[]int64{1, 2}, []int64{1, 2}, []bool{true, true}}},
		{replaceStandings, []any{[]int64{1}, []int64{1}, []int64{1}, []*float64{nil}, []*float64{nil}, []*float64{nil}}},
		{findWhole, []any{customer}}, {findCustomerOf, []any{customer}}, {lockCustomer, []any{customer}}, {touchCustomer, []any{customer}},
		{"SELECT " + storedColumns + " FROM responses WHERE key = ANY($1)", []any{some}}, {findInteractions, []any{some}}, {findOutcomes, []any{some}},
		{joinLabels, []any{some, int64(1)}}, {leaveLabels, []any{some, int64(1)}},
	} {
		e.explain(t.Context(), text.text, text.args)
		run(text.text, nil)
	}
}

// TestListsOfResponsesAreMerged checks that each class is walked in order and the walks are merged: nothing is sorted, so that a
// page costs what it answers.
func TestListsOfResponsesAreMerged(t *testing.T) {
	t.Parallel()
	s := crowded(t)
	scope, err := s.numberScope(t.Context(), "acme", "")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_770_000_500, 0)
	for _, f := range []store.ResponseFilter{
		{}, {Bucket: cmiv1.Bucket_BUCKET_GROWTH}, {QuestionnaireID: "q"}, {From: at, Before: at.Add(time.Hour)}, {CustomerID: "c-7"},
		{After: &store.Cursor{SubmittedAt: at.UnixMicro()}}, {Status: cmiv1.ScoreStatus_SCORE_STATUS_SCORED, ScoresOnly: true},
	} {
		scope := scope
		if f.QuestionnaireID != "" {
			if scope, err = s.numberScope(t.Context(), "acme", f.QuestionnaireID); err != nil {
				t.Fatal(err)
			}
		}
		w := s.walk("acme", scope, f, 10)
		c, err := s.pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		e := &explaining{conn: c, t: t}
		e.explain(t.Context(), w.text(), w.args)
		c.Release()
		if plan := e.plans[0][len(w.text()):]; strings.Contains(plan, "Sort  (") && f.CustomerID == "" {
			t.Errorf("%+v is sorted:\n%s", f, plan)
		}
		e.walks(fmt.Sprintf("%+v", f))
	}
}

// TestListsOfOutcomesAreWalked checks that a page of outcomes is read along an index, in its order.
func TestListsOfOutcomesAreWalked(t *testing.T) {
	t.Parallel()
	s := crowded(t)
	c, err := s.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	at := time.Unix(1_770_000_500, 0)
	for bits := range 1 << 4 {
		var f store.OutcomeFilter
		index := "outcomes_by_tenant"
		if bits&1 != 0 {
			f.CustomerID, index = "c-7", "outcomes_by_customer"
		}
		if bits&2 != 0 {
			f.Kind = cmiv1.OutcomeKind_OUTCOME_CHURNED
		}
		if bits&4 != 0 {
			f.From, f.Before = at, at.Add(time.Hour)
		}
		if bits&8 != 0 {
			f.After = &store.Cursor{SubmittedAt: at.UnixMicro()}
		}
		text, args, err := s.outcomesQuery(t.Context(), c, "acme", f, 10)
		if err != nil {
			t.Fatal(err)
		}
		e := &explaining{conn: c, t: t}
		e.explain(t.Context(), text, args)
		if plan := e.plans[0][len(text):]; !strings.Contains(plan, "Index Scan Backward using "+index) && f.CustomerID == "" {
			t.Errorf("%+v is no walk of %s:\n%s", f, index, plan)
		}
		e.walks(fmt.Sprintf("%+v", f))
	}
}

// TestFactsAreReadFromIndexesAlone: what is computed from for every customer again and again touches no table once it is
// vacuumed.
func TestFactsAreReadFromIndexesAlone(t *testing.T) {
	t.Parallel()
	s := crowded(t)
	c, err := s.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	e := &explaining{conn: c, t: t}
	keys := []pgtype.UUID{uuid(s.secret.Hash(form.OfCustomer, "acme", "c-7"))}
	e.explain(t.Context(), findPoints, []any{keys, int64(math.MaxInt64)})
	e.explain(t.Context(), findContacts, []any{keys, int64(math.MaxInt64)})
	for i, table := range []string{"responses", "interactions"} {
		if n := strings.Count(e.plans[i], "Index Only Scan using "+table+"_by_customer"); n != 2 {
			t.Errorf("%d of 2 walks look into the index alone:\n%s", n, e.plans[i])
		}
	}
	if slices.ContainsFunc(e.plans, large.MatchString) {
		t.Error("a table is read from end to end")
	}
}
