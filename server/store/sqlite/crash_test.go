package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/server/store"
)

// crashStore names the variable that makes the test binary the process that is killed.
const crashStore = "CMI_SQLITE_CRASH_STORE"

// recordUntilKilled records from several callers at once, single entries and batches, and prints each id only after it was
// acknowledged.
func recordUntilKilled(path string) int {
	s, err := Open(context.Background(), path)
	if err != nil {
		fmt.Fprintln(os.Stderr, "open:", err)
		return 1
	}
	var mu sync.Mutex
	var callers sync.WaitGroup
	for caller := range 8 {
		callers.Go(func() {
			size := []int{1, 1, 1, 7, 64, 300}[caller%6]
			for n := 0; ; n += size {
				var entries []store.Entry
				var ids strings.Builder
				for i := range size {
					id := fmt.Sprintf("%d-%d-%d", os.Getpid(), caller, n+i)
					entries = append(entries, sample(id))
					fmt.Fprintln(&ids, id)
				}
				if _, err := s.Record(context.Background(), "acme", entries); err != nil {
					fmt.Fprintln(os.Stderr, "record:", err)
					os.Exit(1)
				}
				mu.Lock()
				_, _ = os.Stdout.WriteString(ids.String())
				mu.Unlock()
			}
		})
	}
	callers.Wait()
	return 0
}

func TestKilledAgainAndAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cmi.db")
	acknowledged := map[string]bool{}
	for range 22 {
		for _, id := range killOnce(t, crashStore, path, 1) {
			if acknowledged[id] {
				t.Fatalf("%s was acknowledged twice", id)
			}
			acknowledged[id] = true
		}
	}
	start := time.Now()
	s := openAt(t, path)
	t.Logf("%d entries acknowledged over 22 kills; the store opened in %v", len(acknowledged), time.Since(start))
	if len(acknowledged) == 0 {
		t.Fatal("nothing was acknowledged: the test tried nothing")
	}
	checkKept(t, s, acknowledged)
}

// killOnce starts the process of a mode, kills it at a random moment after its start, possibly while it opens, or after its
// first acknowledgement, and answers what it acknowledged. slower is by how much it is given more time: on a busy machine.
func killOnce(t *testing.T, mode, path string, slower int) (ids []string) {
	t.Helper()
	process := exec.Command(os.Args[0], "-test.run=^$")
	process.Env = append(os.Environ(), mode+"="+path)
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	kill := func() { _ = process.Process.Kill() }
	moment := time.Duration(20+rand.IntN(300)) * time.Millisecond * time.Duration(slower)
	early := rand.IntN(2) == 0
	if early {
		defer time.AfterFunc(moment, kill).Stop()
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // a line that was cut off by the kill was not read whole, so it is not counted
		}
		if len(ids) == 0 && !early {
			defer time.AfterFunc(moment, kill).Stop()
		}
		ids = append(ids, strings.TrimSuffix(line, "\n"))
	}
	if err := process.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Fatalf("the process ended by itself: %v", err)
	}
	return ids
}

// checkKept walks the whole store: each acknowledged entry is there once, as it was recorded.
func checkKept(t *testing.T, s *Store, acknowledged map[string]bool) {
	t.Helper()
	seen := map[string]bool{}
	filter := store.ResponseFilter{}
	for {
		page, err := s.ListResponses(t.Context(), "acme", filter, 1000)
		if err != nil {
			t.Fatalf("ListResponses: %v", err)
		}
		for _, k := range page {
			id := k.Score.GetResponseId()
			want := sample(id)
			if seen[id] {
				t.Errorf("%s is kept twice", id)
			}
			if !proto.Equal(k.Score, want.Score) || !proto.Equal(k.Response, want.Response) || k.Content != want.Content {
				t.Errorf("%s is not as it was recorded", id)
			}
			seen[id] = true
			filter.After = &k.Cursor
		}
		if len(page) < 1000 {
			break
		}
	}
	for id := range acknowledged {
		if !seen[id] {
			t.Errorf("%s was acknowledged and is gone", id)
		}
	}
	var fine string
	if err := s.reader.db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&fine); err != nil || fine != "ok" {
		t.Errorf("integrity check: %s, %v", strconv.Quote(fine), err)
	}
}
