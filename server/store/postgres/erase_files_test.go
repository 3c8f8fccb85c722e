package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/postgres/pgtest"
)

// erasing are the statements by which the guide for operators takes what was erased out of the files.
func erasing(t *testing.T) []string {
	t.Helper()
	guide, err := os.ReadFile("../../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```sql\n(VACUUM \\(FULL\\).*?)```").FindSubmatch(guide)
	if block == nil {
		t.Fatal("the guide does not say how to take out of the files what was erased")
	}
	var statements []string
	for text := range strings.SplitSeq(string(block[1]), ";") {
		if text = strings.TrimSpace(text); text != "" {
			statements = append(statements, text)
		}
	}
	return statements
}

// inFiles counts how often something stands in the tables and indexes of a server. Its log is another affair: the guide says so.
// The server goes on while the walk does: a file that it takes away meanwhile has nothing in it.
func inFiles(t *testing.T, data, mark string) (n int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(data, "base"), func(path string, entry fs.DirEntry, err error) error {
		var body []byte
		if err == nil && !entry.IsDir() {
			body, err = os.ReadFile(path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		n += bytes.Count(body, []byte(mark))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestErasedBytesGoAsTheGuideSays looks into the files of a server of its own: what was erased stands there until the guide is
// followed, and not afterwards; what was not erased stays.
func TestErasedBytesGoAsTheGuideSays(t *testing.T) {
	t.Parallel()
	needed(t)
	server, err := pgtest.Start(t.Context())
	if err != nil {
		t.Skipf("the files of a server that others started are not looked into: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	s := openAt(t, server.URL)
	const people, each = 40, 5
	mark := func(i int) string { return fmt.Sprintf("mark-of-%03d.", i) }
	at := time.Unix(1_770_000_000, 0)
	for i := range people {
		id := fmt.Sprintf("c-%d", i)
		_, err := s.ChangeCustomers(t.Context(), "acme", []string{id}, func(int, store.Profile) (*cmiv1.Customer, error) {
			return &cmiv1.Customer{CustomerId: id, Segments: map[string]string{"said": mark(i)}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var entries []store.Entry
		var deeds []*cmiv1.Interaction
		for k := range each {
			moment := timestamppb.New(at.Add(time.Duration(k) * time.Hour))
			// Long ones are kept apart from their rows, in pieces.
			text := strings.Repeat(mark(i), 1+k*400)
			entries = append(entries, store.Entry{
				Response: &cmiv1.Response{Answers: []*cmiv1.Answer{{ItemId: "why", Value: &cmiv1.Answer_Text{Text: text}}}},
				Score: &cmiv1.Score{ResponseId: fmt.Sprintf("%s-%d", id, k), CustomerId: id, QuestionnaireId: "q", QuestionnaireVersion: 1,
					Status: cmiv1.ScoreStatus_SCORE_STATUS_SCORED, Bucket: cmiv1.Bucket_BUCKET_GROWTH, SubmittedAt: moment, Series: mark(i)},
			})
			deeds = append(deeds, &cmiv1.Interaction{InteractionId: fmt.Sprintf("%s-%d", id, k), CustomerId: id, Kind: mark(i), OccurredAt: moment})
		}
		if _, err := s.Record(t.Context(), "acme", entries); err != nil {
			t.Fatal(err)
		}
		if _, err := s.RecordInteractions(t.Context(), "acme", deeds, at); err != nil {
			t.Fatal(err)
		}
		_, err = s.RecordOutcomes(t.Context(), "acme", []*cmiv1.Outcome{
			{OutcomeId: mark(i), CustomerId: id, Kind: cmiv1.OutcomeKind_OUTCOME_CHURNED, OccurredAt: timestamppb.New(at)},
		}, at)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Void(t.Context(), "acme", id+"-1", at, mark(i)); err != nil {
			t.Fatal(err)
		}
	}
	rescoreAll(t, s, func(score *cmiv1.Score) []byte { return []byte(score.GetSeries()) })

	var data string
	if err := s.pool.QueryRow(t.Context(), "SHOW data_directory").Scan(&data); err != nil {
		t.Fatal(err)
	}
	for i := range people / 2 {
		if _, err := s.EraseCustomer(t.Context(), "acme", fmt.Sprintf("c-%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	follow := func(statements ...string) {
		for _, text := range statements {
			if _, err := s.pool.Exec(t.Context(), text); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
	}
	follow("CHECKPOINT")
	if inFiles(t, data, mark(3)) == 0 {
		t.Error("nothing of who was erased is in the files even before: the test looks at the wrong ones")
	}
	follow(erasing(t)...)
	for i := range people {
		switch n := inFiles(t, data, mark(i)); {
		case i < people/2 && n > 0:
			t.Errorf("what customer %d said stands %d times in the files", i, n)
		case i >= people/2 && n == 0:
			t.Errorf("of customer %d, who was not erased, nothing is left", i)
		}
	}
}

// rescoreAll has an operation score every response again.
func rescoreAll(t *testing.T, s *Store, again func(*cmiv1.Score) []byte) {
	t.Helper()
	cut, err := s.CutResponses(t.Context(), "acme", store.ResponseCut{QuestionnaireID: "q"}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	op := started(t, s, "acme", "all", len(cut))
	for i, slice := range cut {
		kept, err := s.ResponsesIn(t.Context(), "acme", slice)
		if err != nil {
			t.Fatal(err)
		}
		var rescored []store.Rescored
		for _, k := range kept {
			rescored = append(rescored, store.Rescored{Place: k.Cursor, Before: k.Score.GetBucket(), After: k.Score.GetBucket(), Score: again(k.Score)})
		}
		if _, err := s.SavePiece(t.Context(), op.Key, i, nil, rescored, 1); err != nil {
			t.Fatal(err)
		}
	}
}
