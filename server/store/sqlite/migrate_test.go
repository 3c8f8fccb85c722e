package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/migration"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/storetest"
)

// refuses checks that an error says something.
func refuses(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("it was done; want an error that says %q", says)
		return
	}
	for _, words := range says {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("the error %q does not say %q", err, words)
		}
	}
}

func TestStatusSaysWhatWasApplied(t *testing.T) {
	t.Parallel()
	s := schemaAt(t, filepath.Join(t.TempDir(), "cmi.db"))
	if err := os.WriteFile(s.path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if status := s.status(t); status.Have != 0 || status.Want < 3 || status.Current() || len(status.Versions) != int(status.Want) {
		t.Errorf("of an empty file: %+v", status)
	}
	if data, err := os.ReadFile(s.path); err != nil || len(data) > 0 {
		t.Errorf("asking wrote %d bytes, %v", len(data), err)
	}
	start := time.Now().Add(-2 * time.Second)
	s.up(t, 2)
	status := s.status(t)
	for _, v := range status.Versions {
		if v.Applied != (v.Number <= 2) || v.Name == "" || v.Applied && (v.At.Before(start) || v.At.After(time.Now().Add(2*time.Second))) {
			t.Errorf("%+v", v)
		}
	}
	if status.Have != 2 || status.Current() || len(status.After(1)) != 1 || status.After(1)[0].Number != 2 {
		t.Errorf("at 2: %+v", status)
	}
	s.up(t, migration.Newest)
	if status := s.status(t); !status.Current() {
		t.Errorf("at the newest: %+v", status)
	}
	outside(t, s.path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
	if status := s.status(t); status.Have != 99 || status.Current() || status.Versions[len(status.Versions)-1].Name != "" {
		t.Errorf("of a newer program: %+v", status)
	}
	refuses(t, s.Up(t.Context(), migration.Newest), "schema 99", "newer version")
	refuses(t, s.Down(t.Context(), 1), "schema 99", "newer version")
}

func TestVersionsThatCannotBeReached(t *testing.T) {
	t.Parallel()
	s := schemaAt(t, filepath.Join(t.TempDir(), "cmi.db"))
	_, err := s.Status(t.Context())
	refuses(t, err, "there is no file "+s.path)
	refuses(t, s.Down(t.Context(), 0), "there is no file "+s.path)
	if _, err := os.Stat(s.path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made: %v", err)
	}
	s.up(t, 2)
	for _, to := range []int64{-1, 4711} {
		refuses(t, s.Up(t.Context(), to), "there is no schema", "up to 6")
		refuses(t, s.Down(t.Context(), to), "there is no schema", "up to 6")
	}
	refuses(t, s.Up(t.Context(), 1), "schema 2 already", "cmi migrate down")
	refuses(t, s.Down(t.Context(), 3), "schema 2 only", "cmi migrate up")
	s.up(t, 2)
	s.down(t, 2)
	if have := s.status(t).Have; have != 2 {
		t.Errorf("it has schema %d", have)
	}
	foreign := schemaAt(t, filepath.Join(t.TempDir(), "theirs.db"))
	outside(t, foreign.path, "CREATE TABLE theirs (x)")
	_, err = foreign.Status(t.Context())
	refuses(t, err, "another program")
	refuses(t, foreign.Up(t.Context(), migration.Newest), "another program")
}

// TestAStoreInUseStaysAsItIs: a service that has the file open would not know its tables any more.
func TestAStoreInUseStaysAsItIs(t *testing.T) {
	t.Parallel()
	s := open(t)
	schema := schemaAt(t, s.path)
	if status := schema.status(t); !status.Current() {
		t.Errorf("while it is open: %+v", status)
	}
	refuses(t, schema.Up(t.Context(), migration.Newest), "is open in process", "stop that one")
	refuses(t, schema.Down(t.Context(), 1), "is open in process", "stop that one")
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestAStartBringsNothingForwardUnasked, not even a store that somebody set up to an older version and nobody used yet.
func TestAStartBringsNothingForwardUnasked(t *testing.T) {
	t.Parallel()
	s := schemaAt(t, filepath.Join(t.TempDir(), "cmi.db"))
	for k := s.status0(t).Want - 1; k > 0; k-- {
		s.up(t, migration.Newest)
		s.down(t, k)
		refused(t, s.path, fmt.Sprintf("has schema %d", k), "back it up", "run cmi migrate up --store sqlite:"+s.path)
		if have := s.status(t).Have; have != k {
			t.Errorf("it was refused, and has schema %d now", have)
		}
	}
	s.up(t, migration.Newest)
	openAt(t, s.path)
}

// status0 is the status of a file that is made for it.
func (s *Schema) status0(t *testing.T) migration.Status {
	t.Helper()
	s.up(t, 0)
	return s.status(t)
}

// TestAMigrationThatFailsIsUndone, and those before it stand.
func TestAMigrationThatFailsIsUndone(t *testing.T) {
	t.Parallel()
	s := schemaAt(t, filepath.Join(t.TempDir(), "cmi.db"))
	s.up(t, migration.Newest)
	want, have := texts(t, s.path), s.status(t).Have
	files := embeddedFiles(t)
	files[fmt.Sprintf("%05d_fine_one.sql", have+1)] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE fine (x INTEGER) STRICT;\n-- +goose Down\nDROP TABLE fine;\n")}
	files[fmt.Sprintf("%05d_bad_one.sql", have+2)] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE half (x INTEGER) STRICT;\nINSERT INTO nowhere VALUES (1);\n")}
	s.files = files
	refuses(t, s.Up(t.Context(), migration.Newest), fmt.Sprintf("migration %d (bad one) failed", have+2), "nowhere")
	if now := s.status(t).Have; now != have+1 {
		t.Errorf("it has schema %d", now)
	}
	s.down(t, have)
	sameSchema(t, "after all,", texts(t, s.path), want)
}

// answers is what a tenant's reading methods say, in words.
func answers(t *testing.T, s *Store) []string {
	t.Helper()
	var all []string
	page, err := s.ListResponses(t.Context(), "acme", store.ResponseFilter{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range page {
		all = append(all, fmt.Sprintf("%v %v %v %v", k.Score, k.Response, k.Content, k.Cursor))
	}
	for _, who := range []string{"ann", "bob", "cem"} {
		if f := factsOf(t, s, who); f != nil {
			all = append(all, fmt.Sprintf("%v %v %v", f.Profile, f.Points, f.Interactions))
		}
		done, err := s.ListInteractions(t.Context(), "acme", store.InteractionFilter{CustomerID: who}, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range done {
			all = append(all, fmt.Sprintf("%v %v", d.Interaction, d.Cursor))
		}
	}
	return all
}

// inhabit has customers come, answer, do things, and one of them go.
func inhabit(t *testing.T, s *Store) {
	t.Helper()
	for _, who := range []string{"ann", "bob", "cem"} {
		for step := lifeSaved; step <= lifeGrown; step++ {
			if err := live(t.Context(), s, who, step); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := live(t.Context(), s, "bob", lifeErased); err != nil {
		t.Fatal(err)
	}
}

// TestFactsSurviveTheWayBackAndForth: standings follow from facts, so that nothing but calibrations is lost with them.
func TestFactsSurviveTheWayBackAndForth(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cmi.db")
	s := openAt(t, path)
	inhabit(t, s)
	want := answers(t, s)
	if len(want) < 10 {
		t.Fatalf("only %d answers", len(want))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	schema := schemaAt(t, path)
	for _, to := range []int64{migration.Newest, 2} {
		if to != migration.Newest {
			schema.down(t, to)
		}
		schema.up(t, migration.Newest)
		s := openAt(t, path)
		if got := answers(t, s); !slices.Equal(got, want) {
			t.Errorf("after the way by %d: got\n%s\nwant\n%s", to, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if err := live(t.Context(), s, "ann", lifeRecorded); err != nil {
			t.Errorf("what was recorded, sent again: %v", err)
		}
		checkErasedLife(t, s, "bob")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStandingsAreDueAfterTheWayBack: none of them is believed, and computed anew they are in all lists and means again.
func TestStandingsAreDueAfterTheWayBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cmi.db")
	c := newCrew(t, openAt(t, path), 5)
	for range 400 {
		c.live(60)
	}
	if err := c.s.Close(); err != nil {
		t.Fatal(err)
	}
	schema := schemaAt(t, path)
	schema.down(t, 2)
	schema.up(t, migration.Newest)
	c.s = openAt(t, path)
	for _, tenant := range crewTenants() {
		known := 0
		for _, m := range c.members {
			if m.tenant == tenant && m.profile != nil {
				known++
			}
		}
		if n := pending(t, c.s, tenant, 0, 1000); n != known || n == 0 {
			t.Errorf("%d of %d are due in %s", n, known, tenant)
		}
		if n, _, err := c.s.MeanCMI(t.Context(), tenant, store.Group{Lifecycle: cmiv1.Lifecycle_LIFECYCLE_ACTIVE}); n != 0 || err != nil {
			t.Errorf("there are means of %d still, %v", n, err)
		}
	}
	for _, m := range c.members {
		c.stand(m)
	}
	c.checkMeans()
	for range 100 {
		f, tenant := c.anyFilter(), crewTenants()[c.r.IntN(2)]
		if got, want := idsOf(listed(t, c.s, tenant, f, 1+c.r.IntN(12))), c.list(tenant, f); !slices.Equal(got, want) {
			t.Fatalf("%+v: got %v, want %v", f, got, want)
		}
	}
}

// TestTheWayBackErases: what later versions kept of customers is not left lying in the file.
func TestTheWayBackErases(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cmi.db")
	s := openAt(t, path)
	inhabit(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	schema := schemaAt(t, path)
	for _, step := range []struct {
		to   int64
		gone string
	}{{1, "kind ann"}, {0, "ann"}} {
		found := func() (n int) {
			for _, content := range filesOf(t, path) {
				n += bytes.Count(content, []byte(step.gone))
			}
			return n
		}
		if found() == 0 {
			t.Fatalf("%q is not in the file to begin with", step.gone)
		}
		schema.down(t, step.to)
		if n := found(); n > 0 {
			t.Errorf("at %d, %q is in the file %d times", step.to, step.gone, n)
		}
	}
}

// TestAStoreThatWentBackAndForthIsAStore: it answers as one that was made in one go.
func TestAStoreThatWentBackAndForthIsAStore(t *testing.T) {
	t.Parallel()
	storetest.Compare(t, func(t *testing.T) store.Store {
		schema := schemaAt(t, filepath.Join(t.TempDir(), "cmi.db"))
		for _, to := range []int64{2, 1, 0} {
			schema.up(t, migration.Newest)
			schema.down(t, to)
		}
		schema.up(t, migration.Newest)
		return openAt(t, schema.path)
	}, 3)
}
