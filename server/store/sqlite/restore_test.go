package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// backupOf makes a backup of a new store that holds a response.
func backupOf(t *testing.T, id string) string {
	t.Helper()
	s := open(t)
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample(id)}); err != nil {
		t.Fatal(err)
	}
	return backedUp(t, s)
}

func TestABackupIsRestored(t *testing.T) {
	t.Parallel()
	backup := backupOf(t, "r-1")
	before, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cmi.db")
	restored, err := Restore(t.Context(), backup, path, Copying{})
	if err != nil {
		t.Fatal(err)
	}
	if restored.Kept != "" || restored.Bytes != int64(len(before)) || restored.Schema != restored.Known || restored.Known == 0 {
		t.Errorf("got %+v, want %d bytes of the newest schema", restored, len(before))
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: want it for its owner alone", info, err)
	}
	checkKept(t, openAt(t, path), map[string]bool{"r-1": true})
	if after, err := os.ReadFile(backup); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the backup was changed: %v", err)
	}
	if n := len(filesOf(t, backup)); n != 1 {
		t.Errorf("%d files are where the backup is, want it alone", n)
	}
	checkNoPartials(t, filepath.Dir(path))
}

// TestARestoreReplacesOnlyWhenAsked: then the old store is whole under its new name.
func TestARestoreReplacesOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	backup := backupOf(t, "r-new")
	path := filepath.Join(t.TempDir(), "cmi.db")
	s := openAt(t, path)
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample("r-old")}); err != nil {
		t.Fatal(err)
	}
	_, err := Restore(t.Context(), backup, path, Copying{Force: true})
	if err == nil || !strings.Contains(err.Error(), "is open in process") {
		t.Fatalf("under a service: got %v, want it refused", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), backup, path, Copying{}); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Fatalf("got %v, want it refused", err)
	}
	restored, err := Restore(t.Context(), backup, path, Copying{Force: true})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, path, "r-new", "r-old")
	holds(t, restored.Kept, "r-old", "r-new")
}

// holds checks that a store has one response and not another.
func holds(t *testing.T, path, id, other string) {
	t.Helper()
	s := openAt(t, path)
	checkKept(t, s, map[string]bool{id: true})
	if _, err := s.Response(t.Context(), "acme", other); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%s has %s: %v", path, other, err)
	}
}

// TestARestoreKeepsTheLogOfTheOldStore: after a crash the last writes are in the log alone. They must be in what is kept.
func TestARestoreKeepsTheLogOfTheOldStore(t *testing.T) {
	t.Parallel()
	path := crashed(t, "r-old")
	restored, err := Restore(t.Context(), backupOf(t, "r-new"), path, Copying{Force: true})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, path, "r-new", "r-old")
	holds(t, restored.Kept, "r-old", "r-new")
}

// TestARestoreIsNotMisledByALog: the new store must not meet the log of another one, which SQLite would take for its own.
func TestARestoreIsNotMisledByALog(t *testing.T) {
	t.Parallel()
	backup := backupOf(t, "r-new")
	for name, spoil := range map[string]func(path string) error{
		"of a store that is gone":    os.Remove,
		"of a store that is damaged": func(path string) error { return os.WriteFile(path, bytes.Repeat([]byte("A letter. "), 9000), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := crashed(t, "r-old")
			if err := spoil(path); err != nil {
				t.Fatal(err)
			}
			if _, err := Restore(t.Context(), backup, path, Copying{}); err == nil || !strings.Contains(err.Error(), "--force") {
				t.Fatalf("got %v, want it refused", err)
			}
			restored, err := Restore(t.Context(), backup, path, Copying{Force: true})
			if err != nil {
				t.Fatal(err)
			}
			if restored.Kept == "" {
				t.Error("nothing of the old store is kept")
			}
			holds(t, path, "r-new", "r-old")
		})
	}
}

// crashed makes the files of a store that a crash left with a response in its log.
func crashed(t *testing.T, id string) string {
	t.Helper()
	s := open(t)
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample(id)}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cmi.db")
	for name, content := range filesOf(t, s.path) {
		if strings.HasSuffix(name, ".db") || strings.HasSuffix(name, "-wal") {
			if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() == 0 {
		t.Fatalf("the log is empty, %v: the test tries nothing", err)
	}
	return path
}

func TestABadBackupIsRefused(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile(backupOf(t, "r-1"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	put := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	foreign := filepath.Join(folder, "foreign.db")
	outside(t, foreign, "CREATE TABLE theirs (x)")
	newer := put("newer.db", good)
	outside(t, newer, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (7000, 1)")
	begun := filepath.Join(folder, "begun.db")
	outside(t, begun, "PRAGMA application_id = 1129138547")
	scrambled := bytes.Clone(good)
	for i := len(scrambled) / 2; i < len(scrambled)*3/4; i++ {
		scrambled[i] ^= 0xa5
	}
	inUse := put("in-use.db", good)
	put("in-use.db-wal", nil)
	path := filepath.Join(folder, "cmi.db")
	for _, c := range []struct{ backup, says string }{
		{put("text", []byte(strings.Repeat("A letter, and no database. ", 100))), "not a store of this service"},
		{put("empty.db", nil), "not a store of this service"},
		{put("short.db", good[:60]), "is damaged"},
		{put("truncated.db", good[:len(good)/2]), "is damaged"},
		{put("truncated-a-little.db", good[:len(good)-1]), "is damaged"},
		{put("scrambled.db", scrambled), "is damaged"},
		{foreign, "not a store of this service"},
		{newer, "schema 7000"},
		{begun, "never finished"},
		{inUse, "in use and no backup"},
		{filepath.Join(folder, "none.db"), "there is no backup"},
		{folder, "is not a file"},
	} {
		if _, err := Restore(t.Context(), c.backup, path, Copying{Force: true}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want it to say %q", filepath.Base(c.backup), err, c.says)
		}
		if _, err := os.Lstat(path); err == nil {
			t.Fatalf("%s was put in place", filepath.Base(c.backup))
		}
	}
	checkNoPartials(t, folder)
	if _, err := Restore(t.Context(), inUse, inUse, Copying{Force: true}); err == nil {
		t.Error("a store was restored from itself")
	}
}

// TestABadBackupChangesNothing: the store that is there stays, with its log.
func TestABadBackupChangesNothing(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("A letter. ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	path := crashed(t, "r-old")
	before := filesOf(t, path)
	if _, err := Restore(t.Context(), text, path, Copying{Force: true}); err == nil {
		t.Fatal("a letter was restored")
	}
	after := filesOf(t, path)
	delete(after, "cmi.db.lock")
	for name := range after {
		if !bytes.Equal(before[name], after[name]) {
			t.Errorf("%s was changed", name)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d files are there, want %d", len(after), len(before))
	}
}

func TestAnOlderBackupIsRestoredAsItIs(t *testing.T) {
	t.Parallel()
	backup := backupOf(t, "r-1")
	known, err := knownSchema()
	if err != nil {
		t.Fatal(err)
	}
	err = on(backup, looking(), func(db *sql.DB) error {
		_, err := db.ExecContext(t.Context(), "DELETE FROM goose_db_version WHERE version_id = ?", known)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	restored, err := Restore(t.Context(), backup, filepath.Join(t.TempDir(), "cmi.db"), Copying{})
	if err != nil || restored.Schema != known-1 || restored.Known != known {
		t.Errorf("got %+v, %v; want schema %d of %d", restored, err, known-1, known)
	}
}

func TestAnInterruptedRestoreLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := filepath.Join(t.TempDir(), "cmi.db")
	if _, err := Restore(ctx, backupOf(t, "r-1"), path, Copying{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the cancellation", err)
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("there is a store all the same")
	}
	checkNoPartials(t, filepath.Dir(path))
}
