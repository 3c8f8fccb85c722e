package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// backedUp makes a backup beside the other files of the test, and answers where it is.
func backedUp(t *testing.T, s *Store) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "backup.db")
	size, err := Backup(t.Context(), s.path, out, Copying{})
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(out); err != nil || info.Size() != size || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v; want %d bytes for the owner alone", info, err, size)
	}
	return out
}

// load records from several callers until it is told to stop, and knows what was acknowledged.
type load struct {
	mu    sync.Mutex
	acked map[string]bool
	ended atomic.Bool
	enter sync.WaitGroup
	all   sync.WaitGroup
}

// record starts the load, and returns once every caller was acknowledged a few times.
func (l *load) record(t *testing.T, s *Store) {
	l.acked = map[string]bool{}
	for caller := range 6 {
		l.enter.Add(1)
		l.all.Go(func() {
			entered := sync.OnceFunc(l.enter.Done)
			defer entered()
			size := []int{1, 1, 7, 64}[caller%4]
			for n := 0; !l.ended.Load(); n += size {
				var entries []store.Entry
				for i := range size {
					entries = append(entries, sample(fmt.Sprintf("%d-%d", caller, n+i)))
				}
				if _, err := s.Record(context.Background(), "acme", entries); err != nil {
					t.Errorf("record: %v", err)
					return
				}
				l.mu.Lock()
				for _, e := range entries {
					l.acked[e.Score.GetResponseId()] = true
				}
				l.mu.Unlock()
				if n > 20*size {
					entered()
				}
			}
		})
	}
	l.enter.Wait()
}

// until answers what was acknowledged until now.
func (l *load) until() map[string]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := make(map[string]bool, len(l.acked))
	for id := range l.acked {
		ids[id] = true
	}
	return ids
}

func (l *load) stop() {
	l.ended.Store(true)
	l.all.Wait()
}

// TestABackupUnderLoadHoldsWhatWasAcknowledged takes backups while six callers record.
func TestABackupUnderLoadHoldsWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	live := open(t)
	var l load
	l.record(t, live)
	defer l.stop()
	outs, before := []string{}, []map[string]bool{}
	for range 3 {
		before = append(before, l.until())
		outs = append(outs, backedUp(t, live))
	}
	if after := l.until(); len(after) == len(before[0]) {
		t.Error("nothing was recorded during the backups: the test tried nothing")
	}
	l.stop()
	for i, out := range outs {
		copied := openAt(t, out)
		checkKept(t, copied, before[i])
		for id := range before[i] {
			same(t, live, copied, id)
		}
	}
}

// same checks that two stores say the same of a response.
func same(t *testing.T, live, copied *Store, id string) {
	t.Helper()
	want, err := live.Response(t.Context(), "acme", id)
	if err != nil {
		t.Fatal(err)
	}
	got, err := copied.Response(t.Context(), "acme", id)
	if err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	if !proto.Equal(got.Score, want.Score) || !proto.Equal(got.Response, want.Response) || got.Content != want.Content {
		t.Errorf("%s differs between the store and its backup", id)
	}
}

// TestABackupHoldsAllThatIsKept compares what is kept of one customer, of every kind.
func TestABackupHoldsAllThatIsKept(t *testing.T) {
	t.Parallel()
	live := open(t)
	e := sample("r-1")
	who := e.Score.GetCustomerId()
	profile := &cmiv1.Customer{CustomerId: who, AccountId: "account", Segments: map[string]string{"country": "ch"}}
	saveProfiles(t, live, profile)
	if _, err := live.Record(t.Context(), "acme", []store.Entry{e, sample("r-2")}); err != nil {
		t.Fatal(err)
	}
	did := []*cmiv1.Interaction{{InteractionId: "did-1", CustomerId: who, Kind: "visit", OccurredAt: timestamppb.New(time.Unix(1_770_000_000, 0))}}
	if _, err := live.RecordInteractions(t.Context(), "acme", did, time.Unix(1_770_000_100, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := live.Void(t.Context(), "acme", "r-2", time.Unix(1_770_000_200, 0), "by mistake"); err != nil {
		t.Fatal(err)
	}
	copied := openAt(t, backedUp(t, live))
	got, want := factsOf(t, copied, who), factsOf(t, live, who)
	if want == nil || got == nil || !proto.Equal(got.Profile, profile) || len(got.Points) != len(want.Points) || len(want.Points) != 1 ||
		len(got.Interactions) != 1 || len(want.Interactions) != 1 {
		t.Errorf("got %+v, want %+v", got, want)
	}
	same(t, live, copied, "r-1")
	same(t, live, copied, "r-2")
	outcomes, err := copied.Record(t.Context(), "acme", []store.Entry{e})
	if err != nil || outcomes[0].Result != store.Replayed {
		t.Errorf("sent again to the copy: %+v, %v; want it known", outcomes, err)
	}
}

// TestABackupHasNothingOfTheErased also takes one while a reader keeps the log of the store from being cut off: what was erased
// is in the files of the store then, and must not get into the backup.
func TestABackupHasNothingOfTheErased(t *testing.T) {
	t.Parallel()
	s := open(t)
	record := func(mark string) {
		t.Helper()
		e := sample("id-" + mark)
		e.Response.CustomerId, e.Score.CustomerId = "who-"+mark, "who-"+mark
		e.Response.Answers[0].Value = &cmiv1.Answer_Text{Text: strings.Repeat(mark+" ", 2000)}
		if _, err := s.Record(t.Context(), "acme", []store.Entry{e}); err != nil {
			t.Fatal(err)
		}
		saveProfiles(t, s, &cmiv1.Customer{CustomerId: "who-" + mark, Segments: map[string]string{"note": mark}})
	}
	record("GoneEnd")
	record("StaysEnd")
	err := s.look(t.Context(), "look", func(v *view) error {
		if _, err := v.firstSeen(t.Context(), form.Hash{}); err != nil { // from here on the log stays
			return err
		}
		if _, err := s.EraseCustomer(t.Context(), "acme", "who-GoneEnd"); err != nil {
			return err
		}
		checkMarks(t, backedUp(t, s))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	checkMarks(t, backedUp(t, s))
}

func checkMarks(t *testing.T, out string) {
	t.Helper()
	content, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(content, []byte("StaysEnd")) {
		t.Error("the backup does not name who was not erased: the test sees nothing")
	}
	if n := bytes.Count(content, []byte("GoneEnd")); n > 0 {
		t.Errorf("the backup holds %d texts of who was erased", n)
	}
}

func TestABackupRefuses(t *testing.T) {
	t.Parallel()
	s := open(t)
	folder := filepath.Dir(s.path)
	foreign, text, there := filepath.Join(folder, "foreign.db"), filepath.Join(folder, "text"), filepath.Join(folder, "there.db")
	outside(t, foreign, "CREATE TABLE theirs (x)")
	for _, path := range []string{text, there} {
		if err := os.WriteFile(path, []byte(strings.Repeat("A letter, and no database. ", 100)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(folder, "link.db")
	if err := os.Link(s.path, link); err != nil {
		t.Skipf("this system makes no links: %v", err)
	}
	fresh := filepath.Join(folder, "fresh.db")
	for _, c := range []struct {
		path, out string
		force     bool
		says      string
	}{
		{filepath.Join(folder, "none.db"), fresh, false, "there is no store"},
		{folder, fresh, false, "is not a file"},
		{foreign, fresh, false, "not a store of this service"},
		{text, fresh, false, "not a store of this service"},
		{s.path, there, false, "--force"},
		{s.path, folder, true, "is not a file"},
		{s.path, filepath.Join(folder, "none", "b.db"), false, "folder"},
		{s.path, s.path, true, "belongs to the store"},
		{s.path, s.path + "-wal", true, "belongs to the store"},
		{s.path, link, true, "is the store itself"},
	} {
		if _, err := Backup(t.Context(), c.path, c.out, Copying{Force: c.force}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s to %s: got %v, want it to say %q", c.path, c.out, err, c.says)
		}
	}
	if _, err := os.Lstat(fresh); err == nil {
		t.Error("a refused backup left a file")
	}
	checkNoPartials(t, folder)
	if _, err := Backup(t.Context(), s.path, there, Copying{Force: true}); err != nil {
		t.Fatal(err)
	}
	openAt(t, there)
}

// checkNoPartials checks that nothing unfinished lies in a folder.
func checkNoPartials(t *testing.T, folder string) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(folder, "*"+partialMark+"*")); err != nil || len(left) > 0 {
		t.Errorf("%v is left over, %v", left, err)
	}
}

func TestAnInterruptedBackupLeavesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := filepath.Join(t.TempDir(), "backup.db")
	if _, err := Backup(ctx, s.path, out, Copying{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the cancellation", err)
	}
	if _, err := os.Lstat(out); err == nil {
		t.Error("there is a backup all the same")
	}
	checkNoPartials(t, filepath.Dir(out))
}

// TestWhatAKilledBackupLeftIsRemoved, but not what another one is writing.
func TestWhatAKilledBackupLeftIsRemoved(t *testing.T) {
	t.Parallel()
	s := open(t)
	folder := t.TempDir()
	out := filepath.Join(folder, "backup.db")
	for name, content := range map[string]string{
		"backup.db" + partialMark + "1": "half a copy", "backup.db" + partialMark + "2": "", "backup.db" + partialMark + "1-journal": "",
		"backup.db" + partialMark + "mine": "somebody's own", "other.db" + partialMark + "3": "of another",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	busy := out + partialMark + "4"
	if err := os.WriteFile(busy, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := on(busy, url.Values{}, func(db *sql.DB) error {
		if _, err := db.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
			return err
		}
		if _, err := Backup(t.Context(), s.path, out, Copying{}); err == nil || !strings.Contains(err.Error(), "another process is writing") {
			t.Errorf("got %v, want it refused", err)
		}
		_, err := os.Lstat(busy)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Backup(t.Context(), s.path, out, Copying{}); err != nil {
		t.Fatal(err)
	}
	for name := range filesOf(t, out) {
		if name != "backup.db" && !strings.HasSuffix(name, "mine") && !strings.HasPrefix(name, "other.db") {
			t.Errorf("%s is left over", name)
		}
	}
	if left := len(filesOf(t, out)); left != 3 {
		t.Errorf("%d files are there, want the backup and two that are not its own", left)
	}
}

func TestABackupTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	s := open(t)
	var done, total int64
	_, err := Backup(t.Context(), s.path, filepath.Join(t.TempDir(), "b.db"), Copying{Progress: func(d, all int64) { done, total = d, all }})
	if err != nil || total == 0 || done != total {
		t.Errorf("in the end %d of %d, %v; want all", done, total, err)
	}
}

// TestABackupOfAClosedStore needs no service, and leaves the store as one that a service opens.
func TestABackupOfAClosedStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cmi.db")
	s := openAt(t, path)
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample("r-1")}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	copied := openAt(t, backedUp(t, s))
	same(t, openAt(t, path), copied, "r-1")
}
