package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// everyMethod calls each with ctx, on things that are there, and answers the errors by the name of the method.
func everyMethod(ctx context.Context, s store.Store) map[string]error {
	errs := map[string]error{"Ping": s.Ping(ctx)}
	for _, v := range visits() {
		_, errs[v.method] = v.call(ctx, s, "acme")
	}
	return errs
}

func everyMethodIsCalled(t *testing.T, s store.Store) {
	furnish(t, s, "acme")
	errs := everyMethod(t.Context(), s)
	for method, err := range errs {
		if err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
	covers(t, slices.Collect(maps.Keys(errs)), "Close", "Watch", "WorkJobs")
}

func cancelled(t *testing.T, s store.Store) {
	furnish(t, s, "acme")
	before, at := read(t.Context(), s, "acme", 1), due(t, s, store.Forever-1, 100)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for method, err := range everyMethod(gone, s) {
		if !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: got %v, want the error of the context as it is", method, err)
		}
	}
	if difference := read(t.Context(), s, "acme", 1).differs(before); difference != "" {
		t.Errorf("a cancelled call changed something: %s", difference)
	}
	sameNames(t, "due after cancelled calls", due(t, s, store.Forever-1, 100), at...)
}

func cancelledWithin(t *testing.T, s store.Store) {
	saveVersions(t, s, "acme", version("q", 1, cmiv1.State_STATE_PUBLISHED))
	within, cancel := context.WithCancel(t.Context())
	err := s.ChangeQuestionnaire(within, "acme", "q", func([]*cmiv1.Questionnaire) ([]*cmiv1.Questionnaire, error) {
		cancel()
		return []*cmiv1.Questionnaire{version("q", 2, cmiv1.State_STATE_DRAFT)}, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled within change: got %v", err)
	}
	if got := versionsOf(t, s, "acme", "q"); len(got) != 1 {
		t.Errorf("a call that was cancelled within change saved a version")
	}
}

// deadlines has callers run out of time while others write: whoever was told of success is kept, the store goes on, and no
// error is other than that of the context.
func deadlines(t *testing.T, s store.Store) {
	recorded := make([]bool, callers)
	together(callers, func(i int) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*100*time.Microsecond)
		defer cancel()
		_, err := s.Record(ctx, "acme", []store.Entry{entry(fmt.Sprintf("r-%d", i))})
		recorded[i] = err == nil
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
	})
	for i, ok := range recorded {
		id := fmt.Sprintf("r-%d", i)
		_, err := s.Response(t.Context(), "acme", id)
		if ok && err != nil {
			t.Errorf("%s was acknowledged: %v", id, err)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", id, err)
		}
	}
	record(t, s, "acme", entry("after"))
}

func afterClose(t *testing.T, s store.Store) {
	furnish(t, s, "acme")
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	for method, err := range everyMethod(t.Context(), s) {
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: got %v, want ErrUnavailable", method, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
}

// whileClosing closes under load: each call is either answered or told that the store is gone.
func whileClosing(t *testing.T, s store.Store) {
	together(callers+1, func(i int) {
		if i == callers {
			time.Sleep(2 * time.Millisecond)
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			return
		}
		for n := range 1000 {
			_, err := s.Record(t.Context(), "acme", []store.Entry{entry(fmt.Sprintf("r-%d-%d", i, n))})
			if err == nil {
				_, err = s.ListResponses(t.Context(), "acme", store.ResponseFilter{}, 3)
			}
			if errors.Is(err, store.ErrUnavailable) {
				return
			}
			if err != nil {
				t.Errorf("got %v, want an answer or ErrUnavailable", err)
				return
			}
		}
	})
}
