package storetest

import (
	"context"
	"sync"
	"time"

	"github.com/customer-momentum/cmi/server/store"
)

// modelJobs is a queue in memory.
type modelJobs struct {
	sent   map[store.Job]bool // whatever was ever sent
	queued []store.Job
	wakers map[*sync.Cond]bool // of those who work now
}

// changed wakes those who work.
func (j *modelJobs) changed() {
	for w := range j.wakers {
		w.Broadcast()
	}
}

func (j *modelJobs) put(job store.Job) {
	j.queued = append(j.queued, job)
	j.changed()
}

func (m *model) SendJobs(ctx context.Context, jobs []store.Job) error {
	_, err := asked(ctx, m, func() (any, error) {
		for _, job := range jobs {
			if !m.jobs.sent[job] {
				if m.jobs.sent == nil {
					m.jobs.sent = map[store.Job]bool{}
				}
				m.jobs.sent[job] = true
				m.jobs.put(job)
			}
		}
		return nil, nil
	})
	return err
}

// patience is for how long the model lets jobs run that were told to end.
const patience = time.Second

func (m *model) WorkJobs(ctx context.Context, work store.Work) error {
	m.mu.Lock()
	err := m.gone(ctx)
	wake := sync.NewCond(&m.mu)
	if err == nil {
		if m.jobs.wakers == nil {
			m.jobs.wakers = map[*sync.Cond]bool{}
		}
		m.jobs.wakers[wake] = true
	}
	m.mu.Unlock()
	if err != nil {
		return err
	}
	doing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		m.mu.Lock()
		wake.Broadcast()
		m.mu.Unlock()
		time.AfterFunc(patience, cancel)
	})
	defer stop()
	var workers sync.WaitGroup
	for range work.Workers {
		workers.Go(func() { m.workOn(ctx, doing, wake, work.Do) })
	}
	workers.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.jobs.wakers, wake)
	return m.gone(ctx)
}

// workOn does one job after another until ctx ends or the store closes.
func (m *model) workOn(ctx, doing context.Context, wake *sync.Cond, do func(context.Context, store.Job) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for {
		for len(m.jobs.queued) == 0 && m.gone(ctx) == nil {
			wake.Wait()
		}
		if m.gone(ctx) != nil {
			return
		}
		job := m.jobs.queued[0]
		m.jobs.queued = m.jobs.queued[1:]
		m.mu.Unlock()
		err := do(doing, job)
		m.mu.Lock()
		if err != nil {
			m.jobs.put(job)
		}
	}
}
