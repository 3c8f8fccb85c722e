package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/sqlite"
)

// listed reads a list of a service, as it answers it.
func listed(t *testing.T, s *served, path string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.HTTP+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v: %s", path, answer.Status, err, body)
	}
	return string(body)
}

// TestBackupAndRestoreAroundAService backs a store up while a service has it, and asks a second service, on the restored
// store, the same.
func TestBackupAndRestoreAroundAService(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	live, backup, trial := "sqlite:"+filepath.Join(folder, "live.db"), filepath.Join(folder, "backup.db"), "sqlite:"+filepath.Join(folder, "trial.db")
	first := serve(t, "--store", live)
	cmi(t, "", "simulate", "--server", first.GRPC, "--customers", "40", "--waves", "3").expect(t, exitOK)

	r := cmi(t, "", "backup", "--store", live, backup)
	r.expect(t, exitOK)
	says(t, r.out, backup+": ", "B in ")
	if r.err != "" {
		t.Errorf("without a terminal it says %q", r.err)
	}
	r = cmi(t, "", "backup", "--store", live, backup)
	r.expect(t, exitNo)
	r.sentence(t, backup, "--force")
	cmi(t, "", "backup", "--store", live, "--force", backup).expect(t, exitOK)

	r = cmi(t, "", "restore", backup, "--store", live, "--force")
	r.expect(t, exitNo)
	r.sentence(t, "is open in process", "stop that one")

	r = cmi(t, "", "restore", backup, "--store", trial)
	r.expect(t, exitOK)
	says(t, r.out, trial+": ", "B in ")
	second := serve(t, "--store", trial)
	for _, path := range []string{"/v1/scores?pageSize=1000", "/v1/customers?pageSize=100"} {
		want, got := listed(t, first, path), listed(t, second, path)
		if got != want || len(got) < 1000 {
			t.Errorf("%s differs:\n%s\n%s", path, got, want)
		}
	}

	second.end(t, os.Interrupt)
	r = cmi(t, "", "restore", backup, "--store", trial)
	r.expect(t, exitNo)
	r.sentence(t, "--force")
	r = cmi(t, "", "restore", backup, "--store", trial, "--force")
	r.expect(t, exitOK)
	says(t, r.out, "is kept as "+strings.TrimPrefix(trial, "sqlite:")+".replaced-")
}

func TestRestoreSaysWhatIsWrongWithABackup(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := filepath.Join(folder, "letter")
	write(t, text, strings.Repeat("A letter, and no database. ", 200))
	r := cmi(t, "", "restore", text, "--store", "sqlite:"+filepath.Join(folder, "cmi.db"))
	r.expect(t, exitNo)
	r.sentence(t, "letter is not a store of this service")
}

// TestRestoredOlderStoresNameTheMigration checks what is said of an older backup.
func TestRestoredOlderStoresNameTheMigration(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	restored := sqlite.Restored{Bytes: 12_300_000, Kept: "/x/cmi.db.replaced-1", Schema: 2, Known: 3}
	if err := tellRestored(streams{out: &out}, "sqlite:/x/cmi.db", restored, time.Now()); err != nil {
		t.Fatal(err)
	}
	says(t, out.String(), "kept as /x/cmi.db.replaced-1.", "schema 2", "cmi migrate up --store sqlite:/x/cmi.db", "12.3 MB in ")
}

func TestBackupsOfPostgreSQLAreItsOwn(t *testing.T) {
	t.Parallel()
	const url = "postgres://cmi:geheim@db.example.com/cmi"
	r := cmi(t, "", "backup", "--store", url, filepath.Join(t.TempDir(), "b"))
	r.expect(t, exitNo)
	r.sentence(t, "pg_dump", "pg_basebackup", "docs/operations.md", "db.example.com")
	r = cmi(t, "", "restore", "b", "--store", url)
	r.expect(t, exitNo)
	r.sentence(t, "pg_restore", "pg_basebackup", "docs/operations.md")
	if strings.Contains(r.err, "geheim") {
		t.Errorf("the password is shown: %s", r.err)
	}
	r = cmi(t, "", "backup", "--store", "mysql:x", "b")
	r.expect(t, exitNo)
	r.sentence(t, "sqlite:FILE")
	r = cmi(t, "", "backup", "--store", "sqlite:cmi.db")
	r.expect(t, exitUsage)
}

// TestAKilledBackupIsNotThere kills the program in the middle of a backup of a store that this process holds and is large
// enough for that.
func TestAKilledBackupIsNotThere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, out := filepath.Join(folder, "live.db"), filepath.Join(folder, "backup.db")
	s := large(t, path)
	for range 20 {
		if killed(t, path, out) {
			if left := unfinished(t, out); len(left) == 0 {
				t.Error("nothing unfinished is left: the test tries too little")
			}
			cmi(t, "", "backup", "--store", "sqlite:"+path, out).expect(t, exitOK)
			if left := unfinished(t, out); len(left) > 0 {
				t.Errorf("the next backup left %v", left)
			}
			checkLarge(t, s, out)
			return
		}
		if err := os.Remove(out); err != nil {
			t.Fatal(err)
		}
	}
	t.Error("every backup was finished before it was killed")
}

const largeEntries = 48

// large makes a store with some dozens of MB in it.
func large(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	when := timestamppb.New(time.Unix(1_770_000_000, 0))
	text := strings.Repeat("What I have to say is long. ", 40_000)
	for i := range largeEntries {
		id := fmt.Sprintf("r-%d", i)
		_, err := s.Record(t.Context(), "acme", []store.Entry{{
			Response: &cmiv1.Response{
				ResponseId: id, CustomerId: "c-1", SubmittedAt: when,
				Answers: []*cmiv1.Answer{{ItemId: "why", Value: &cmiv1.Answer_Text{Text: text}}},
			},
			Score: &cmiv1.Score{
				ResponseId: id, CustomerId: "c-1", QuestionnaireId: "q", QuestionnaireVersion: 1, Series: "q", SubmittedAt: when, ScoredAt: when,
				Status: cmiv1.ScoreStatus_SCORE_STATUS_SCORED,
			},
			Content: [32]byte{byte(i)},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// killed starts a backup, kills it once its file is there, and says whether that was before its end.
func killed(t *testing.T, path, out string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := command(ctx, "backup", "--store", "sqlite:"+path, out)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for growing := false; !growing && ctx.Err() == nil; {
		for _, file := range unfinished(t, out) {
			if info, err := os.Stat(file); err == nil && info.Size() > 0 {
				growing = true
			}
		}
		if _, err := os.Stat(out); err == nil {
			break
		}
	}
	_ = c.Process.Kill()
	_ = c.Wait() // that it was killed is what is asked for
	_, err := os.Stat(out)
	return err != nil
}

func unfinished(t *testing.T, out string) []string {
	t.Helper()
	left, err := filepath.Glob(out + ".partial-*")
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// checkLarge checks that a backup holds what a store does.
func checkLarge(t *testing.T, live *sqlite.Store, out string) {
	t.Helper()
	copied, err := sqlite.Open(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	for _, s := range []*sqlite.Store{live, copied} {
		if page, err := s.ListResponses(t.Context(), "acme", store.ResponseFilter{}, 2*largeEntries); err != nil || len(page) != largeEntries {
			t.Errorf("%d responses, %v; want %d", len(page), err, largeEntries)
		}
	}
}

func TestTheCopyBarShowsHowFarACopyIs(t *testing.T) {
	t.Parallel()
	if quiet := newCopyBar(&bytes.Buffer{}, "Writing"); quiet.tell() != nil {
		t.Error("it shows something without a terminal")
	}
	var to bytes.Buffer
	bar := copyBar{drawBar(&to, lineWidth, "Writing", "")}
	bar.tell()(1_500_000, 3_000_000)
	bar.end()
	says(t, to.String(), "Writing", "1.5 MB of 3.0 MB")
}
