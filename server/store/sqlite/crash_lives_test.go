package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// crashLives names the variable that makes the test binary a process that is killed while customers come and go.
const crashLives = "CMI_SQLITE_CRASH_LIVES"

// The steps of a life, each one call. Only every second customer is erased.
const (
	lifeSaved = iota + 1
	lifeDid
	lifeConcluded
	lifeRecorded
	lifeVoided
	lifeGrown
	lifeErased
)

func livingProfile(who string, step int) *cmiv1.Customer {
	return &cmiv1.Customer{CustomerId: who, AccountId: who, Segments: map[string]string{"note": strings.Repeat(who, 1+step*step*step)}}
}

func livingDeeds(who string) (all []*cmiv1.Interaction) {
	for i := range 5 {
		all = append(all, &cmiv1.Interaction{
			InteractionId: fmt.Sprintf("%s-%d", who, i), CustomerId: who, Kind: "kind " + who,
			OccurredAt: timestamppb.New(time.UnixMicro(1_770_000_000_000_000 + int64(i))),
		})
	}
	return all
}

func livingOutcomes(who string) (all []*cmiv1.Outcome) {
	for i := range 5 {
		all = append(all, &cmiv1.Outcome{
			OutcomeId: fmt.Sprintf("%s-%d", who, i), CustomerId: who, Kind: cmiv1.OutcomeKind_OUTCOME_EXPANDED,
			OccurredAt: timestamppb.New(time.UnixMicro(1_770_000_000_000_000 + int64(i))),
		})
	}
	return all
}

func livingEntries(who string) (all []store.Entry) {
	for i := range 3 {
		e := sample(fmt.Sprintf("%s-%d", who, i))
		e.Response.CustomerId, e.Score.CustomerId = who, who
		all = append(all, e)
	}
	return all
}

// live takes one step.
func live(ctx context.Context, s *Store, who string, step int) (err error) {
	switch step {
	case lifeSaved, lifeGrown:
		var errs []error
		errs, err = s.ChangeCustomers(ctx, "acme", []string{who}, func(int, store.Profile) (*cmiv1.Customer, error) {
			return livingProfile(who, step), nil
		})
		err = errors.Join(append(errs, err)...)
	case lifeDid:
		_, err = s.RecordInteractions(ctx, "acme", livingDeeds(who), time.Unix(1_770_000_000, 0))
	case lifeConcluded:
		_, err = s.RecordOutcomes(ctx, "acme", livingOutcomes(who), time.Unix(1_770_000_000, 0))
	case lifeRecorded:
		_, err = s.Record(ctx, "acme", livingEntries(who))
	case lifeVoided:
		_, err = s.Void(ctx, "acme", who+"-1", time.Unix(1_770_000_000, 0), "not by "+who)
	case lifeErased:
		_, err = s.EraseCustomer(ctx, "acme", who)
	}
	return err
}

// steps is how many a life has, by the number in the id: every other one ends in an erasure, the first of all.
func steps(n int) int { return lifeErased - n%2 }

// liveUntilKilled has several callers lead customers through their lives, and prints each step only after it was
// acknowledged.
func liveUntilKilled(path string) int {
	s, err := Open(context.Background(), path)
	if err != nil {
		fmt.Fprintln(os.Stderr, "open:", err)
		return 1
	}
	var mu sync.Mutex
	var callers sync.WaitGroup
	for caller := range 8 {
		callers.Go(func() {
			for n := 0; ; n++ {
				who := fmt.Sprintf("who-%d-%d-%d-End", os.Getpid(), caller, n)
				for step := 1; step <= steps(n); step++ {
					if err := live(context.Background(), s, who, step); err != nil {
						fmt.Fprintln(os.Stderr, "step", step, err)
						os.Exit(1)
					}
					mu.Lock()
					_, _ = fmt.Printf("%d %d %s\n", step, steps(n), who)
					mu.Unlock()
				}
			}
		})
	}
	callers.Wait()
	return 0
}

func TestKilledInTheMiddleOfLives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cmi.db")
	type progress struct{ step, most int }
	lives := map[string]progress{}
	ends, erased := 0, 0
	for kill := 0; kill < 12 || ends < 8 && kill < 100; kill++ {
		for _, line := range killOnce(t, crashLives, path, 1+kill/12) {
			var who string
			var p progress
			if _, err := fmt.Sscanf(line, "%d %d %s", &p.step, &p.most, &who); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if p.step != lives[who].step+1 {
				t.Fatalf("%s: step %d after %d", who, p.step, lives[who].step)
			}
			lives[who] = p
			if p.step == lifeErased {
				ends++
			}
		}
	}
	s := openAt(t, path)
	files := filesOf(t, path)
	for who, p := range lives {
		if !checkLife(t, s, who, p.step, min(p.step+1, p.most)) {
			continue
		}
		erased++
		for name, content := range files {
			if bytes.Contains(content, []byte(who)) {
				t.Errorf("%s names %s, who was erased", name, who)
			}
		}
	}
	t.Logf("%d lives, %d of them erased", len(lives), erased)
	if ends == 0 {
		t.Error("nobody was erased: the test tried too little")
	}
	var fine string
	if err := s.reader.db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&fine); err != nil || fine != "ok" {
		t.Errorf("integrity check: %q, %v", fine, err)
	}
}

// checkLife checks that a customer is between the last step that was acknowledged and the one that may have been under
// way, and says whether they are erased.
func checkLife(t *testing.T, s *Store, who string, least, most int) (erased bool) {
	t.Helper()
	facts := factsOf(t, s, who)
	if facts == nil {
		if most < lifeErased {
			t.Fatalf("%s is gone after step %d", who, least)
		}
		checkErasedLife(t, s, who)
		return true
	}
	if least == lifeErased {
		t.Errorf("%s is there, and was erased", who)
		return false
	}
	if !proto.Equal(facts.Profile, livingProfile(who, lifeSaved)) && !proto.Equal(facts.Profile, livingProfile(who, lifeGrown)) {
		t.Errorf("%s has the profile %v", who, facts.Profile)
	}
	if least >= lifeGrown && !proto.Equal(facts.Profile, livingProfile(who, lifeGrown)) {
		t.Errorf("%s has the profile of before", who)
	}
	if n := len(facts.Interactions); n != 5 && (n != 0 || least >= lifeDid) {
		t.Errorf("%s has %d interactions after step %d", who, n, least)
	}
	came, err := s.ListOutcomes(t.Context(), "acme", store.OutcomeFilter{CustomerID: who}, 100)
	if n := len(came); err != nil || n != 5 && (n != 0 || least >= lifeConcluded) {
		t.Errorf("%s has %d outcomes after step %d: %v", who, n, least, err)
	}
	n := len(facts.Points)
	switch {
	case n == 0 && least < lifeRecorded, n == 3 && least < lifeVoided && most >= lifeRecorded, n == 2 && most >= lifeVoided:
	default:
		t.Errorf("%s has %d points after step %d", who, n, least)
	}
	return false
}

// checkErasedLife sends everything again, none of which may come back.
func checkErasedLife(t *testing.T, s *Store, who string) {
	t.Helper()
	results, err := s.RecordInteractions(t.Context(), "acme", livingDeeds(who), time.Unix(1_770_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	outcomes, err := s.Record(t.Context(), "acme", livingEntries(who))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outcomes {
		results = append(results, o.Result)
	}
	came, err := s.RecordOutcomes(t.Context(), "acme", livingOutcomes(who), time.Unix(1_770_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	results = append(results, came...)
	for _, r := range results {
		if r != store.Erased {
			t.Errorf("%s, sent again: got result %d", who, r)
		}
	}
}
