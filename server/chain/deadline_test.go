package chain

import (
	"context"
	"errors"
	"testing"
	"time"
)

// Each case is held against the context that the library makes.
func TestDeadlineEndsAsTheLibrarysDoes(t *testing.T) {
	t.Parallel()
	soon, late := time.Millisecond, time.Hour
	type made struct {
		context.Context
		cancel func()
	}
	ways := map[string]func(parent context.Context, in time.Duration) made{
		"ours": func(parent context.Context, in time.Duration) made {
			d := &deadline{Context: parent, at: time.Now().Add(in)}
			return made{d, d.cancel}
		},
		"the library's": func(parent context.Context, in time.Duration) made {
			ctx, cancel := context.WithTimeout(parent, in)
			return made{ctx, cancel}
		},
	}
	cases := map[string]struct {
		in   time.Duration
		do   func(t *testing.T, m made, cancelParent func())
		want error
	}{
		"at its time, waited for":     {soon, func(_ *testing.T, m made, _ func()) { <-m.Done() }, context.DeadlineExceeded},
		"at its time, only asked":     {-soon, func(*testing.T, made, func()) {}, context.DeadlineExceeded},
		"with its parent":             {late, func(_ *testing.T, m made, cancelParent func()) { cancelParent(); <-m.Done() }, context.Canceled},
		"with its parent, only asked": {late, func(_ *testing.T, _ made, cancelParent func()) { cancelParent() }, context.Canceled},
		"when cancelled":              {late, func(_ *testing.T, m made, _ func()) { m.cancel(); <-m.Done() }, context.Canceled},
		"when cancelled, only asked":  {late, func(_ *testing.T, m made, _ func()) { m.cancel() }, context.Canceled},
		"when cancelled, waited for before": {late, func(_ *testing.T, m made, _ func()) {
			done := m.Done()
			m.cancel()
			<-done
		}, context.Canceled},
		"not yet": {late, func(t *testing.T, m made, _ func()) {
			if at, ok := m.Deadline(); !ok || time.Until(at) < late/2 {
				t.Errorf("the deadline is %v, %v", at, ok)
			}
		}, nil},
		"with a child that ends": {soon, func(t *testing.T, m made, _ func()) {
			child, cancel := context.WithCancel(m)
			defer cancel()
			<-child.Done()
			if !errors.Is(child.Err(), context.DeadlineExceeded) {
				t.Errorf("the child ended with %v", child.Err())
			}
		}, context.DeadlineExceeded},
	}
	for name, c := range cases {
		for whose, way := range ways {
			t.Run(name+", "+whose, func(t *testing.T) {
				t.Parallel()
				parent, cancelParent := context.WithCancel(context.Background())
				defer cancelParent()
				m := way(parent, c.in)
				defer m.cancel()
				c.do(t, m, cancelParent)
				if got := m.Err(); !errors.Is(got, c.want) {
					t.Errorf("it ended with %v, want %v", got, c.want)
				}
			})
		}
	}
}
