package postgres

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// halfway begins a transaction of another process, which the test ends.
func halfway(t *testing.T, s *Store) pgx.Tx {
	t.Helper()
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
	return tx
}

func within(t *testing.T, tx pgx.Tx, text string, args ...any) {
	t.Helper()
	if _, err := tx.Exec(t.Context(), text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// meets runs a call that is to wait for a transaction, and commits that once it does: as query, with the arguments, tells.
func meets(t *testing.T, s *Store, tx pgx.Tx, call func() error, query string, args ...any) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- call() }()
	for waits := false; !waits; {
		if err := s.pool.QueryRow(t.Context(), query, args...).Scan(&waits); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			t.Fatalf("it did not wait, and ended with %v", err)
		default:
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := next(t, ended); err != nil {
		t.Fatal(err)
	}
}

// blocked tells whether anyone waits for a lock that another one holds.
const blocked = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND $1::integer = ANY (pg_blocking_pids(pid)))"

func pid(tx pgx.Tx) uint32 { return tx.Conn().PgConn().PID() }

// recordedAt records a response, and answers its place.
func recordedAt(t *testing.T, s *Store) store.Cursor {
	t.Helper()
	if _, err := s.Record(t.Context(), "acme", []store.Entry{answered("r", "ann")}); err != nil {
		t.Fatal(err)
	}
	kept, err := s.Response(t.Context(), "acme", "r")
	if err != nil {
		t.Fatal(err)
	}
	return kept.Cursor
}

func nothingRescored(t *testing.T, s *Store) {
	t.Helper()
	var n int
	if err := s.pool.QueryRow(t.Context(), "SELECT count(*) FROM rescored").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows are left of who was erased, %v", n, err)
	}
}

// TestAPieceWaitsForAnErasure that is under way, and leaves out what it takes away.
func TestAPieceWaitsForAnErasure(t *testing.T) {
	t.Parallel()
	s := open(t)
	place, op := recordedAt(t, s), started(t, s, "acme", "op", 1)
	tx := halfway(t, s)
	within(t, tx, shareErasures, "acme")
	within(t, tx, eraseResponses, uuid(s.secret.Hash(form.OfCustomer, "acme", "ann")))
	again := []store.Rescored{{Place: place, Before: 1, After: 2, Score: []byte("score")}}
	meets(t, s, tx, func() error {
		saved, err := s.SavePiece(t.Context(), op.Key, 0, []byte("part"), again, 2)
		if err == nil && saved.Left != 0 {
			t.Errorf("it is %+v", saved)
		}
		return err
	}, blocked, pid(tx))
	nothingRescored(t, s)
}

// TestAnErasureWaitsForAPiece that is being saved, and takes away what that keeps.
func TestAnErasureWaitsForAPiece(t *testing.T) {
	t.Parallel()
	s := open(t)
	place, op := recordedAt(t, s), started(t, s, "acme", "op", 1)
	tx := halfway(t, s)
	within(t, tx, holdErasures, "acme")
	within(t, tx, keepRescored, op.Key, []int32{18}, []int64{form.SeqOf(place)}, [][]byte{{1}}, int64(1), int64(1<<40))
	meets(t, s, tx, func() error {
		_, err := s.EraseCustomer(t.Context(), "acme", "ann")
		return err
	}, blocked, pid(tx))
	nothingRescored(t, s)
}

// TestErasuresOfOthersGoOn while a piece is saved: tenants do not wait for one another.
func TestErasuresOfOthersGoOn(t *testing.T) {
	t.Parallel()
	s := open(t)
	recordedAt(t, s)
	tx := halfway(t, s)
	within(t, tx, holdErasures, "globex")
	if _, err := s.EraseCustomer(t.Context(), "acme", "ann"); err != nil {
		t.Error(err)
	}
}

// TestACutWaitsForWhoIsRecording: what had its number, and is committed only then, is in the slices from the beginning.
func TestACutWaitsForWhoIsRecording(t *testing.T) {
	t.Parallel()
	url := needed(t).Schema(t)
	name := strings.ToLower(rand.Text())
	s, other := openAt(t, url+"&application_name="+name), openAt(t, url)
	recordedAt(t, s)
	tx := halfway(t, other)
	sum := sha256.Sum256([]byte(name))
	within(t, tx, `INSERT INTO responses (seq, key, customer, tenant_class, questionnaire_class, version, submitted_at, content, score, response)
		SELECT nextval('responses_seq'), $1, customer, tenant_class, questionnaire_class, version, submitted_at, content, score, response FROM responses`,
		uuid(form.Hash(sum[:16])))
	if _, err := s.Record(t.Context(), "acme", []store.Entry{answered("later", "bob")}); err != nil {
		t.Fatal(err)
	}
	var cut []store.ResponseSlice
	meets(t, other, tx, func() (err error) {
		cut, err = s.CutResponses(t.Context(), "acme", store.ResponseCut{QuestionnaireID: "onboarding"}, 10)
		return err
	}, "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND query = $2)", name, anyWriter)
	if len(cut) != 1 || cut[0].N != 3 {
		t.Errorf("the slices are %+v", cut)
	}
}

// TestEveryMoveIsAsked: a list without moves asks for all that there can be.
func TestEveryMoveIsAsked(t *testing.T) {
	t.Parallel()
	moves := movesAsked(store.RescoredFilter{})
	if n := len(cmiv1.Bucket_name); len(moves) != n*n || moves[0] != 0 || moves[len(moves)-1] != moveOf(cmiv1.Bucket_BUCKET_ADVOCATE, cmiv1.Bucket_BUCKET_ADVOCATE) {
		t.Errorf("they are %v", moves)
	}
	odd := []store.Move{{Before: 0, After: 17}, {Before: 2, After: 1}, {Before: -1}, {Before: 1, After: 3}, {Before: 2, After: 1}}
	if moves := movesAsked(store.RescoredFilter{Moves: odd}); len(moves) != 2 || moves[0] != 19 || moves[1] != 33 {
		t.Errorf("they are %v", moves)
	}
}
