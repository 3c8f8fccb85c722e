package sqlite

import "sync"

// memoMost bounds what a memo remembers; beyond it, all is forgotten and read again.
const memoMost = 65_536

// memo remembers what was read and never changes.
type memo[K comparable, V any] struct {
	mu    sync.RWMutex
	known map[K]V
}

func (m *memo[K, V]) get(key K) (V, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	value, ok := m.known[key]
	return value, ok
}

func (m *memo[K, V]) put(key K, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= memoMost {
		m.known = make(map[K]V)
	}
	m.known[key] = value
}
