package postgres

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

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

// refused opens a database that cannot be opened, and checks what the sentence says.
func refused(t *testing.T, url string, says ...string) {
	t.Helper()
	s, err := Open(t.Context(), url)
	if err == nil {
		_ = s.Close()
	}
	refuses(t, err, says...)
}

// later adds migrations to those of the program.
func (s *Schema) later(t *testing.T, texts ...string) {
	t.Helper()
	files := embeddedFiles(t)
	newest := len(files)
	for i, text := range texts {
		files[fmt.Sprintf("%05d_later_%d.sql", newest+1+i, i)] = &fstest.MapFile{Data: []byte(text)}
	}
	s.files = files
}

func TestStatusSaysWhatWasApplied(t *testing.T) {
	t.Parallel()
	url := needed(t).Schema(t)
	s := schemaAt(t, url)
	if status := s.status(t); status.Have != 0 || status.Want < 1 || status.Current() {
		t.Errorf("of an empty schema: %+v", status)
	}
	if all := texts(t, url); len(all) > 0 {
		t.Errorf("asking made %v", all)
	}
	start := time.Now().Add(-time.Minute)
	s.up(t, migration.Newest)
	status := s.status(t)
	for _, v := range status.Versions {
		if !v.Applied || v.Name == "" || v.At.Before(start) || v.At.After(time.Now().Add(time.Minute)) {
			t.Errorf("%+v", v)
		}
	}
	if !status.Current() || len(status.After(0)) != len(status.Versions) {
		t.Errorf("at the newest: %+v", status)
	}
	outside(t, url, "INSERT INTO schema_versions (version_id, is_applied) VALUES (99, true)")
	if status := s.status(t); status.Have != 99 || status.Current() || status.Versions[len(status.Versions)-1].Name != "" {
		t.Errorf("of a newer program: %+v", status)
	}
	refuses(t, s.Up(t.Context(), migration.Newest), "schema 99", "newer version")
	refuses(t, s.Down(t.Context(), 1), "schema 99", "newer version")
	refused(t, url, "schema 99", "newer version")
}

func TestAStartBringsNothingForwardUnasked(t *testing.T) {
	t.Parallel()
	url := needed(t).Schema(t)
	if err := openAt(t, url).Close(); err != nil {
		t.Fatal(err)
	}
	s := schemaAt(t, url)
	newest := s.status(t).Have
	s.later(t, "-- +goose Up\nCREATE TABLE later (x bigint);\n-- +goose Down\nDROP TABLE later;\n")
	start := func(migrate bool) error {
		return on(t.Context(), s.config, func(db *sql.DB) error {
			return bringForward(t.Context(), db, migration.UpCommand(s.config.ConnString()), s.files, migrate)
		})
	}
	refuses(t, start(false), fmt.Sprintf("has schema %d", newest), "back it up", "run cmi migrate up --store ")
	if have := s.status(t).Have; have != newest {
		t.Errorf("it was refused, and has schema %d now", have)
	}
	if err := start(true); err != nil {
		t.Error(err)
	}
	refused(t, url, fmt.Sprintf("schema %d", newest+1), "newer version")
	s.down(t, newest)
	openAt(t, url)
}

// TestAMigrationThatFailsIsUndone, and those before it stand.
func TestAMigrationThatFailsIsUndone(t *testing.T) {
	t.Parallel()
	url := needed(t).Schema(t)
	s := schemaAt(t, url)
	s.up(t, migration.Newest)
	want, have := texts(t, url), s.status(t).Have
	s.later(t, "-- +goose Up\nCREATE TABLE fine (x bigint);\n-- +goose Down\nDROP TABLE fine;\n",
		"-- +goose Up\nCREATE TABLE half (x bigint);\nINSERT INTO nowhere VALUES (1);\n")
	refuses(t, s.Up(t.Context(), migration.Newest), fmt.Sprintf("migration %d (later 1) failed", have+2), "nowhere")
	if now := s.status(t).Have; now != have+1 {
		t.Errorf("it has schema %d", now)
	}
	s.down(t, have)
	sameSchema(t, "after all,", texts(t, url), want)
}

// TestProcessesThatStartTogetherSetUpOnce: each opens the same empty schema, and all of them know one secret.
func TestProcessesThatStartTogetherSetUpOnce(t *testing.T) {
	t.Parallel()
	url := needed(t).Schema(t)
	stores := make([]*Store, 4)
	var starts sync.WaitGroup
	for i := range stores {
		starts.Go(func() {
			var err error
			if stores[i], err = Open(t.Context(), url); err != nil {
				t.Errorf("process %d: %v", i, err)
			}
		})
	}
	starts.Wait()
	for _, s := range stores {
		if s == nil || stores[0] == nil {
			continue
		}
		if *s.secret != *stores[0].secret {
			t.Error("they do not have the same secret")
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := count(t, url, versions); n != fmt.Sprint(1+len(schemaAt(t, url).status(t).Versions)) {
		t.Errorf("%s versions were noted", n)
	}
}

// TestUpsThatMeetWait: even for longer than statements may take.
func TestUpsThatMeetWait(t *testing.T) {
	t.Parallel()
	url := needed(t).Schema(t)
	s := schemaAt(t, url)
	s.config.RuntimeParams["statement_timeout"] = "1"
	s.later(t, "-- +goose Up\nCREATE TABLE once (x bigint);\nSELECT pg_sleep(0.05);\n-- +goose Down\nDROP TABLE once;\n")
	var ups sync.WaitGroup
	for range 4 {
		ups.Go(func() {
			if err := s.Up(t.Context(), migration.Newest); err != nil {
				t.Error(err)
			}
		})
	}
	ups.Wait()
	if !s.status(t).Current() {
		t.Errorf("%+v", s.status(t))
	}
}

// TestSchemasApart: a store that another schema of the search_path has is not the one that is set up.
func TestSchemasApart(t *testing.T) {
	t.Parallel()
	mine, theirs := needed(t).Schema(t), needed(t).Schema(t)
	if err := openAt(t, theirs).Close(); err != nil {
		t.Fatal(err)
	}
	both := needed(t).With("search_path", ask(t, mine, "SELECT current_schema()::text")[0]+","+ask(t, theirs, "SELECT current_schema()::text")[0])
	if status := schemaAt(t, both).status(t); status.Have != 0 {
		t.Errorf("%+v", status)
	}
	s, other := openAt(t, both), openAt(t, theirs)
	if *s.secret == *other.secret {
		t.Error("they are one store")
	}
	refused(t, needed(t).With("search_path", "nowhere_at_all"), "no schema", "create one")
}

func answered(id, who string) store.Entry {
	when := timestamppb.New(time.Unix(1_770_000_000, 0))
	return store.Entry{
		Response: &cmiv1.Response{ResponseId: id, CustomerId: who, SubmittedAt: when},
		Score: &cmiv1.Score{
			ResponseId: id, CustomerId: who, QuestionnaireId: "onboarding", QuestionnaireVersion: 1, SubmittedAt: when, ScoredAt: when,
			Status: cmiv1.ScoreStatus_SCORE_STATUS_SCORED, Cmi: proto.Float64(12.5), Bucket: cmiv1.Bucket_BUCKET_AT_RISK,
		},
		Content: sha256.Sum256([]byte(id)),
	}
}

// TestUpKeepsWhatThereIs: where nothing is to do, and where something is added.
func TestUpKeepsWhatThereIs(t *testing.T) {
	t.Parallel()
	url := needed(t).Schema(t)
	s := openAt(t, url)
	for i := range 20 {
		if _, err := s.Record(t.Context(), "acme", []store.Entry{answered(fmt.Sprint("r", i), fmt.Sprint("who", i%3))}); err != nil {
			t.Fatal(err)
		}
	}
	want := answers(t, s)
	schema := schemaAt(t, url)
	schema.up(t, migration.Newest)
	if got := answers(t, s); !bytes.Equal(got, want) {
		t.Errorf("after nothing was to do: got %s, want %s", got, want)
	}
	newest := schema.status(t).Have
	schema.later(t, "-- +goose Up\nALTER TABLE customers ADD COLUMN later bigint NOT NULL DEFAULT 0;\n-- +goose Down\nALTER TABLE customers DROP COLUMN later;\n")
	schema.up(t, migration.Newest)
	schema.down(t, newest)
	if got := answers(t, s); !bytes.Equal(got, want) {
		t.Errorf("after something came and went: got %s, want %s", got, want)
	}
}

// answers is what a tenant's reading methods say, in words.
func answers(t *testing.T, s *Store) []byte {
	t.Helper()
	var all bytes.Buffer
	page, err := s.ListResponses(t.Context(), "acme", store.ResponseFilter{}, 1000)
	if err != nil || len(page) != 20 {
		t.Fatalf("%d are listed, %v", len(page), err)
	}
	for _, k := range page {
		fmt.Fprintln(&all, k.Score, k.Response, k.Content, k.Cursor)
	}
	facts, err := s.Facts(t.Context(), "acme", []string{"who0", "who1", "who2"}, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range facts {
		fmt.Fprintln(&all, f.Profile, f.Points, f.Revision)
	}
	return all.Bytes()
}

// TestAStoreThatWentBackAndForthIsAStore: it answers as one that was made in one go.
func TestAStoreThatWentBackAndForthIsAStore(t *testing.T) {
	t.Parallel()
	needed(t)
	storetest.Compare(t, func(t *testing.T) store.Store {
		url := needed(t).Schema(t)
		schema := schemaAt(t, url)
		schema.up(t, migration.Newest)
		schema.down(t, 0)
		schema.up(t, migration.Newest)
		return openAt(t, url)
	}, 3)
}
