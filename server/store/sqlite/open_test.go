package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/customer-momentum/cmi/server/store"
)

// refused opens a file that cannot be opened, and checks what the sentence says.
func refused(t *testing.T, path string, says ...string) {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err == nil {
		_ = s.Close()
		t.Fatalf("%s was opened", path)
	}
	for _, words := range says {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("the error %q does not say %q", err, words)
		}
	}
}

// outside runs statements on a file that no store has open.
func outside(t *testing.T, path string, statements ...string) {
	t.Helper()
	err := on(path, looking(), func(db *sql.DB) error {
		for _, s := range statements {
			if _, err := db.ExecContext(t.Context(), s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReopenedFilesKeepWhatTheyHad(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cmi 100% sure? #1 ü.db")
	for i, id := range []string{"r-1", "r-2", "r-3"} {
		s, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Record(t.Context(), "acme", []store.Entry{sample(id)}); err != nil {
			t.Fatal(err)
		}
		page, err := s.ListResponses(t.Context(), "acme", store.ResponseFilter{}, 10)
		if err != nil || len(page) != i+1 {
			t.Fatalf("%d are listed, %v; want %d", len(page), err, i+1)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "cmi 100% sure? #1 ü.db") {
			t.Errorf("the store made %q", e.Name())
		}
	}
}

func TestFilesAreForTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	s := open(t)
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample("r-1")}); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(s.path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o, want 600", info.Name(), mode)
		}
	}
}

func TestAFileIsOpenOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	refused(t, s.path, "is open in process", "stop that one")
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(s.path, link); err != nil {
		t.Skipf("this system makes no links: %v", err)
	}
	refused(t, link, "is open in process")
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample("r-1")}); err != nil {
		t.Errorf("the first one, after others were refused: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openAt(t, link)
}

func TestOtherFilesAreRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	const words = "This is a letter, and no database at all. "
	if err := os.WriteFile(text, []byte(strings.Repeat(words, 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, text, text, "not a store", "name another file")
	if got, err := os.ReadFile(text); err != nil || string(got) != strings.Repeat(words, 100) {
		t.Errorf("the file was changed: %v", err)
	}

	foreign := filepath.Join(folder, "foreign.db")
	outside(t, foreign, "CREATE TABLE theirs (x)")
	before, err := os.ReadFile(foreign)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, foreign, foreign, "another program", "name another file")
	if after, err := os.ReadFile(foreign); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed: %v", err)
	}

	refused(t, folder, "is not a file")
	refused(t, filepath.Join(folder, "none", "cmi.db"), "folder", "make")
	refused(t, "", "name of a file")
}

func TestDamagedFilesAreRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cmi.db")
	s := openAt(t, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	bytes, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 100; i < len(bytes); i++ {
		bytes[i] = 0xa5
	}
	if err := os.WriteFile(path, bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, path, path, "damaged", "restore it from a backup")
}

func TestNewerFilesAreRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cmi.db")
	s := openAt(t, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	outside(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (7, 1)")
	refused(t, path, "schema 7", "newer version")
}

func TestOlderFilesAreBroughtForwardOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cmi.db")
	s := openAt(t, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, e := range entries {
		data, err := migrations.ReadFile("migrations/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = &fstest.MapFile{Data: data}
	}
	later := len(entries) + 1
	files[fmt.Sprintf("%05d_later.sql", later)] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE later (x INTEGER) STRICT;\n")}
	forward := func(migrate bool) error {
		return on(path, writing(), func(db *sql.DB) error { return bringForward(t.Context(), db, path, files, migrate) })
	}
	if err := forward(false); err == nil || !strings.Contains(err.Error(), "cmi migrate up --store sqlite:"+path) {
		t.Errorf("got %v, want the sentence to run", err)
	}
	if err := forward(true); err != nil {
		t.Fatal(err)
	}
	refused(t, path, fmt.Sprintf("schema %d", later), "newer version")
}

func TestAnInterruptedSetUpIsFinished(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cmi.db")
	outside(t, path, "PRAGMA application_id = 1129138547")
	outside(t, path, `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`,
		"INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)")
	s := openAt(t, path, Migrate())
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestASetUpCutOffBetweenItsStepsIsFinished: a crash may come after any of the migrations that set a store up.
func TestASetUpCutOffBetweenItsStepsIsFinished(t *testing.T) {
	t.Parallel()
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for i, e := range entries {
		data, err := migrations.ReadFile("migrations/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = &fstest.MapFile{Data: data}
		path := filepath.Join(t.TempDir(), "cmi.db")
		if _, err := create(path); err != nil {
			t.Fatal(err)
		}
		if err := on(path, looking(), func(db *sql.DB) error { return mark(t.Context(), db) }); err != nil {
			t.Fatal(err)
		}
		if err := on(path, writing(), func(db *sql.DB) error { return bringForward(t.Context(), db, path, files, false) }); err != nil {
			t.Fatal(err)
		}
		s := openAt(t, path)
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("after %d steps: %v", i+1, err)
		}
	}
}

// TestCloseGivesEverythingBack: a closed store is one file, whole without its log, and nothing holds on to it.
func TestCloseGivesEverythingBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cmi.db")
	s := openAt(t, path)
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample("r-1")}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(path + end); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there (%v)", end, err)
		}
	}
}

func TestOpenHonoursItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "cmi.db"))
	if err == nil {
		_ = s.Close()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the cancellation", err)
	}
}

func TestPingSeesThatTheFileIsGone(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := os.Rename(s.path, s.path+".moved"); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without its file: got %v", err)
	}
	if err := os.WriteFile(s.path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("with another file in its place: got %v", err)
	}
	if err := os.Rename(s.path+".moved", s.path); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("with its file back: %v", err)
	}
}
