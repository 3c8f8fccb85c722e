package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// TestALockedFileIsUnavailable has another program take the file for writing, as an sqlite3 shell may.
func TestALockedFileIsUnavailable(t *testing.T) {
	t.Parallel()
	s := open(t)
	if _, err := s.writer.conn.ExecContext(t.Context(), "PRAGMA busy_timeout = 20"); err != nil {
		t.Fatal(err)
	}
	err := on(s.path, looking(), func(db *sql.DB) error {
		if _, err := db.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
			return err
		}
		if _, err := s.Record(t.Context(), "acme", []store.Entry{sample("r-1")}); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Record: got %v, want ErrUnavailable", err)
		}
		if err := s.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Ping: got %v, want ErrUnavailable", err)
		}
		_, err := db.ExecContext(t.Context(), "ROLLBACK")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample("r-1")}); err != nil {
		t.Errorf("Record, once the file was free: %v", err)
	}
}

// TestAFullDiskIsUnavailable bounds the file in place of filling a disk.
func TestAFullDiskIsUnavailable(t *testing.T) {
	t.Parallel()
	s := open(t)
	if _, err := s.writer.conn.ExecContext(t.Context(), "PRAGMA max_page_count = 40"); err != nil {
		t.Fatal(err)
	}
	var kept int
	for i := 0; ; i++ {
		_, err := s.Record(t.Context(), "acme", []store.Entry{sample(fmt.Sprintf("r-%d", i))})
		if err != nil {
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("got %v, want ErrUnavailable", err)
			}
			kept = i
			break
		}
	}
	if _, err := s.Response(t.Context(), "acme", "r-0"); err != nil {
		t.Errorf("a full store reads: %v", err)
	}
	if _, err := s.writer.conn.ExecContext(t.Context(), "PRAGMA max_page_count = 4000"); err != nil {
		t.Fatal(err)
	}
	for i := range kept + 10 {
		outcomes, err := s.Record(t.Context(), "acme", []store.Entry{sample(fmt.Sprintf("r-%d", i))})
		if err != nil {
			t.Fatalf("once there was room: %v", err)
		}
		if want := map[bool]store.Result{true: store.Replayed, false: store.Recorded}[i < kept]; outcomes[0].Result != want {
			t.Fatalf("r-%d: got result %d, want %d", i, outcomes[0].Result, want)
		}
	}
}

func TestEntriesThatLackWhatTheyAreFoundByAreRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, spoil := range map[string]func(*store.Entry){
		"no response":    func(e *store.Entry) { e.Response = nil },
		"no score":       func(e *store.Entry) { e.Score = nil },
		"no id":          func(e *store.Entry) { e.Score.ResponseId = "" },
		"no time":        func(e *store.Entry) { e.Score.SubmittedAt = nil },
		"unknown status": func(e *store.Entry) { e.Score.Status = 9 },
		"unknown bucket": func(e *store.Entry) { e.Score.Bucket = -1 },
		"no UTF-8":       func(e *store.Entry) { e.Response.CustomerId = "\xff" },
	} {
		e := sample("bad")
		spoil(&e)
		_, err := s.Record(t.Context(), "acme", []store.Entry{sample("good"), e})
		if err == nil || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: got %v, want an error that says that trying again is of no use", name, err)
		}
	}
	if _, err := s.Response(context.Background(), "acme", "good"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the good entry beside a bad one was kept: %v", err)
	}
}
