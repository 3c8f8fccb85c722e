package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// settle saves a standing of every customer of the crew, that holds for ever unless until says otherwise.
func (c *crew) settle(until map[string]int64) {
	c.t.Helper()
	for _, m := range c.members {
		c.stand(m)
		at, ok := until[m.id]
		if !ok {
			continue
		}
		m.standing.Until = at
		if err := c.s.SaveStandings(c.t.Context(), []store.Standing{m.standing}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// due are the ids of who is due at a time, of both tenants.
func due(t *testing.T, s *Store, at int64, limit int) []string {
	t.Helper()
	all, err := s.Due(t.Context(), at, limit)
	if err != nil {
		t.Fatalf("Due: %v", err)
	}
	var ids []string
	for _, d := range all {
		ids = append(ids, d.Tenant+"/"+d.CustomerID)
	}
	return ids
}

func pending(t *testing.T, s *Store, tenant string, at int64, limit int) int {
	t.Helper()
	n, err := s.Pending(t.Context(), tenant, at, limit)
	if err != nil {
		t.Fatalf("Pending: %v", err)
	}
	return n
}

func crewOf(t *testing.T, s *Store, names ...string) *crew {
	c := newCrew(t, s, 1)
	for _, name := range names {
		c.put(&crewman{tenant: name[:4], id: name[5:]})
	}
	return c
}

func TestDueAreThoseWhoChangedThenThoseWhoseTimeCame(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := crewOf(t, s, "acme/ann", "acme/bob", "zeta/cid", "acme/dan", "acme/eve")
	c.settle(map[string]int64{"ann": 300, "bob": 100, "cid": 200})
	c.put(c.members[3])
	for _, test := range []struct {
		at    int64
		limit int
		want  []string
	}{
		{99, 10, []string{"acme/dan"}},
		{100, 10, []string{"acme/dan", "acme/bob"}},
		{math.MaxInt64, 10, []string{"acme/dan", "acme/bob", "zeta/cid", "acme/ann"}},
		{math.MaxInt64, 2, []string{"acme/dan", "acme/bob"}},
		{math.MinInt64, 10, []string{"acme/dan"}},
		{100, 0, nil},
		{100, -1, nil},
	} {
		if got := due(t, s, test.at, test.limit); !slices.Equal(got, test.want) {
			t.Errorf("at %d, %d at most: got %v, want %v", test.at, test.limit, got, test.want)
		}
		acme := len(slices.DeleteFunc(slices.Clone(due(t, s, test.at, 10)), func(id string) bool { return id[:4] != "acme" }))
		if got, want := pending(t, s, "acme", test.at, test.limit), max(min(acme, test.limit), 0); got != want {
			t.Errorf("at %d, %d at most: got %d pending, want %d", test.at, test.limit, got, want)
		}
	}
	if n := pending(t, s, "nobody", math.MaxInt64, 10); n != 0 {
		t.Errorf("%d of no tenant are pending", n)
	}
	c.erase(c.members[3])
	if got := due(t, s, 99, 10); len(got) > 0 {
		t.Errorf("who was erased is due: %v", got)
	}
}

func TestStandingsOfOtherRevisionsAreNotSaved(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := crewOf(t, s, "acme/ann", "acme/bob")
	stale := store.Standing{
		Tenant: "acme", CustomerID: "ann", Revision: revisionOf(t, s, "acme", "ann"), Until: store.Forever, CMI: new(1.0),
	}
	c.put(c.members[0])
	fresh := store.Standing{
		Tenant: "acme", CustomerID: "bob", Revision: revisionOf(t, s, "acme", "bob"), Until: store.Forever, CMI: new(2.0),
	}
	unknown := store.Standing{Tenant: "acme", CustomerID: "nobody", Revision: 1}
	if err := s.SaveStandings(t.Context(), []store.Standing{stale, unknown, fresh}); err != nil {
		t.Fatal(err)
	}
	if got := due(t, s, 0, 10); !slices.Equal(got, []string{"acme/ann"}) {
		t.Errorf("got %v due, want ann, whose profile changed", got)
	}
	if got := idsOf(listed(t, s, "acme", store.CustomerFilter{Order: store.ByCMI}, 10)); !slices.Equal(got, []string{"bob"}) {
		t.Errorf("got %v with a CMI, want bob", got)
	}
}

func TestStandingsBeyondTheContractAreRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	crewOf(t, s, "acme/ann")
	for name, spoil := range map[string]func(*store.Standing){
		"no customer":          func(s *store.Standing) { s.CustomerID = "" },
		"an unknown bucket":    func(s *store.Standing) { s.Bucket = 4 },
		"a negative bucket":    func(s *store.Standing) { s.StableBucket = -1 },
		"an unknown direction": func(s *store.Standing) { s.Direction = 5 },
		"an unknown lifecycle": func(s *store.Standing) { s.Lifecycle = 4 },
		"a CMI above 100":      func(s *store.Standing) { s.CMI = new(100.000000001) },
		"a CMI that is none":   func(s *store.Standing) { s.CMI = new(math.NaN()) },
		"an endless velocity":  func(s *store.Standing) { s.Velocity = new(math.Inf(1)) },
		"a p-value of nothing": func(s *store.Standing) { s.PValue = new(math.NaN()) },
	} {
		standing := store.Standing{Tenant: "acme", CustomerID: "ann", Revision: revisionOf(t, s, "acme", "ann"), Until: store.Forever}
		spoil(&standing)
		if err := s.SaveStandings(t.Context(), []store.Standing{standing}); err == nil || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: got %v, want an error that says that trying again is of no use", name, err)
		}
		if got := due(t, s, 0, 10); len(got) != 1 {
			t.Errorf("%s: it was saved", name)
		}
	}
}

func TestMarkedCustomersAreDue(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := crewOf(t, s, "acme/ann", "acme/bob", "zeta/cid", "acme/dan")
	settle := func() {
		c.settle(nil)
		for i, m := range c.members {
			m.standing.Calibrated = i%2 == 0
			if err := s.SaveStandings(t.Context(), []store.Standing{m.standing}); err != nil {
				t.Fatal(err)
			}
		}
		if got := due(t, s, math.MaxInt64, 10); len(got) > 0 {
			t.Fatalf("%v are due from the start", got)
		}
	}
	for name, test := range map[string]struct {
		mark func() error
		want []string
	}{
		"calibrated": {func() error { return s.MarkDue(t.Context(), "acme", true) }, []string{"acme/ann"}},
		"tenant":     {func() error { return s.MarkDue(t.Context(), "acme", false) }, []string{"acme/ann", "acme/bob", "acme/dan"}},
		"nobody":     {func() error { return s.MarkDue(t.Context(), "nobody", false) }, nil},
		"rules":      {func() error { return s.UseRules(t.Context(), "1") }, []string{"acme/ann", "acme/bob", "acme/dan", "zeta/cid"}},
		"other rules": {func() error { return errors.Join(s.UseRules(t.Context(), "2"), s.UseRules(t.Context(), "2")) },
			[]string{"acme/ann", "acme/bob", "acme/dan", "zeta/cid"}},
	} {
		settle()
		if err := test.mark(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := due(t, s, 0, 10)
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestTheSameRulesMarkNobody(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := crewOf(t, s, "acme/ann")
	if err := s.UseRules(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	c.settle(nil)
	for range 2 {
		if err := s.UseRules(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openAt(t, s.path)
	}
	if got := due(t, s, math.MaxInt64, 10); len(got) > 0 {
		t.Errorf("got %v, want nobody", got)
	}
}

// TestMarksOutliveStandingsThatAreUnderWay saves standings that were computed before a mark: it stands. ann is due by time
// and did not depend on calibrations, bob by facts.
func TestMarksOutliveStandingsThatAreUnderWay(t *testing.T) {
	t.Parallel()
	for _, calibrated := range []bool{false, true} {
		s := open(t)
		c := crewOf(t, s, "acme/ann", "acme/bob")
		ann := c.standing(c.members[0])
		ann.Revision, ann.Calibrated, ann.Until = revisionOf(t, s, "acme", "ann"), false, 50
		if err := s.SaveStandings(t.Context(), []store.Standing{ann}); err != nil {
			t.Fatal(err)
		}
		var underWay []store.Standing
		for _, m := range c.members {
			standing := c.standing(m)
			standing.Revision, standing.Calibrated = revisionOf(t, s, m.tenant, m.id), true
			underWay = append(underWay, standing)
		}
		if err := s.MarkDue(t.Context(), "acme", calibrated); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveStandings(t.Context(), underWay); err != nil {
			t.Fatal(err)
		}
		if got := due(t, s, 100, 10); len(got) != 2 {
			t.Errorf("calibrated only %v: got %v due, want both", calibrated, got)
		}
	}
}

// partly marks a tenant, two customers at a time.
func partly(t *testing.T, s *Store, tenant string) *marking {
	t.Helper()
	scope, err := s.scope(t.Context(), tenant, "")
	if err != nil {
		t.Fatal(err)
	}
	return &marking{tenant: scope, together: 2}
}

// noMarkings checks that no note stays of what ended.
func noMarkings(t *testing.T, s *Store) {
	t.Helper()
	var markings int
	if err := s.reader.db.QueryRowContext(t.Context(), "SELECT count(*) FROM markings").Scan(&markings); err != nil || markings != 0 {
		t.Errorf("%d markings stay, %v", markings, err)
	}
}

func tenAndOne(t *testing.T, s *Store) (*crew, []string) {
	var names []string
	for i := range 10 {
		names = append(names, fmt.Sprintf("acme/c-%d", i))
	}
	c := crewOf(t, s, append(names, "zeta/cid")...)
	c.settle(nil)
	return c, names
}

func TestMarkingsTakeSeveralTransactions(t *testing.T) {
	t.Parallel()
	s := open(t)
	_, names := tenAndOne(t, s)
	if err := s.mark(t.Context(), partly(t, s, "acme")); err != nil {
		t.Fatal(err)
	}
	if got := due(t, s, 0, 20); !slices.Equal(got, names) {
		t.Errorf("got %v, want %v", got, names)
	}
	noMarkings(t, s)
}

// TestBrokenOffMarkingsGoOnWithTheNextStart ends a store between two parts of a marking. Who was marked before that and has
// a new standing since is not marked again.
func TestBrokenOffMarkingsGoOnWithTheNextStart(t *testing.T) {
	t.Parallel()
	s := open(t)
	c, names := tenAndOne(t, s)
	m := partly(t, s, "acme")
	m.next = 1
	for range 2 {
		part := newRequest()
		part.apply = func(ctx context.Context, w *writer) (err error) {
			*m, err = w.markPart(ctx, *m)
			return err
		}
		if err := s.writer.submit(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range c.members[:4] {
		c.stand(m)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, s.path)
	if got := due(t, s, 0, 20); !slices.Equal(got, names[4:]) {
		t.Errorf("got %v, want %v", got, names[4:])
	}
	noMarkings(t, s)
}

// TestRenewedStandingsKeepTheirFigures saves the same figures again, which writes less.
func TestRenewedStandingsKeepTheirFigures(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := crewOf(t, s, "acme/ann")
	c.settle(nil)
	ann := c.members[0]
	c.put(ann)
	ann.standing.Revision = revisionOf(t, s, "acme", "ann")
	ann.standing.Until, ann.standing.Calibrated = 77, !ann.standing.Calibrated
	if err := s.SaveStandings(t.Context(), []store.Standing{ann.standing}); err != nil {
		t.Fatal(err)
	}
	got := listed(t, s, "acme", store.CustomerFilter{}, 10)[0].Standing
	if said(got) != said(ann.standing) {
		t.Errorf("got %s, want %s", said(got), said(ann.standing))
	}
	n, _, err := s.MeanCMI(t.Context(), "acme", store.Group{Lifecycle: ann.standing.Lifecycle})
	want := 0
	if ann.standing.CMI != nil {
		want = 1
	}
	if n != want || err != nil {
		t.Errorf("got %d in the mean, %v; want %d", n, err, want)
	}
}
