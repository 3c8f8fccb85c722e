package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// watching answers what a store is told, from when it listens on.
func watching(t *testing.T, s *Store) <-chan store.Change {
	t.Helper()
	told := make(chan store.Change, 1000)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Watch(ctx, func(c store.Change) { told <- c }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Watch ended with %v", err)
		}
	})
	if first := <-told; first != (store.Change{}) {
		t.Errorf("the first word is %+v: what was before is not known", first)
	}
	return told
}

func changeQuestionnaire(t *testing.T, s *Store, tenant, id string) {
	t.Helper()
	err := s.ChangeQuestionnaire(t.Context(), tenant, id, func(have []*cmiv1.Questionnaire) ([]*cmiv1.Questionnaire, error) {
		return []*cmiv1.Questionnaire{{QuestionnaireId: id, Version: int32(len(have) + 1)}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestOthersAreTold changes things in one store of a database and listens in another.
func TestOthersAreTold(t *testing.T) {
	t.Parallel()
	url := needed(t).Schema(t)
	here, there := openAt(t, url), openAt(t, url)
	told := watching(t, there)
	changeQuestionnaire(t, here, "acme", `q "quoted" é`)
	if got, want := <-told, (store.Change{Tenant: "acme", QuestionnaireID: `q "quoted" é`}); got != want {
		t.Errorf("told of %+v, want %+v", got, want)
	}
	calibration := &cmiv1.Calibration{QuestionnaireId: "q", CalibratedAt: timestamppb.New(time.Unix(1, 0))}
	if err := here.SaveCalibration(t.Context(), "globex", calibration); err != nil {
		t.Fatal(err)
	}
	if got, want := <-told, (store.Change{Tenant: "globex", QuestionnaireID: "q"}); got != want {
		t.Errorf("told of %+v, want %+v", got, want)
	}
}

// TestOthersAreToldOfNothingElse: another schema of the same database is another service.
func TestOthersAreToldOfNothingElse(t *testing.T) {
	t.Parallel()
	here, other := open(t), open(t)
	told := watching(t, here)
	changeQuestionnaire(t, other, "acme", "theirs")
	changeQuestionnaire(t, here, "acme", "ours")
	if got := <-told; got.QuestionnaireID != "ours" {
		t.Errorf("told of %+v", got)
	}
}

// TestWordsThatDoNotComeThrough changes the count without a word, as when a pooler swallows it.
func TestWordsThatDoNotComeThrough(t *testing.T) {
	t.Parallel()
	s := open(t)
	told := watching(t, s)
	if _, err := s.pool.Exec(t.Context(), countChange); err != nil {
		t.Fatal(err)
	}
	if got := <-told; got != (store.Change{}) {
		t.Errorf("told of %+v, want of anything", got)
	}
}

// TestALostConnectionCountsAsAChange ends the connection that listens: everything may have changed, and words come again.
func TestALostConnectionCountsAsAChange(t *testing.T) {
	t.Parallel()
	url := needed(t).Schema(t)
	s := openAt(t, url+"&application_name="+strings.ToLower(rand.Text()))
	told := watching(t, s)
	const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE pid <> pg_backend_pid() AND query IN ('SELECT n FROM changes') AND application_name = $1`
	// Only the one of this test: others listen in the same server.
	if _, err := s.pool.Exec(t.Context(), end, s.pool.Config().ConnConfig.RuntimeParams["application_name"]); err != nil {
		t.Fatal(err)
	}
	if got := <-told; got != (store.Change{}) {
		t.Errorf("told of %+v, want of anything", got)
	}
	for {
		changeQuestionnaire(t, s, "acme", "q")
		if got := <-told; got.QuestionnaireID == "q" {
			return
		}
	}
}
