// Package recall remembers what was read, until somebody says that it changed.
package recall

import "sync"

// Memory remembers values by their keys. It is safe for concurrent use; the zero value, with Most set, is empty and ready.
type Memory[K comparable, V any] struct {
	// Most bounds how many values are remembered. One more drops any other: it is read again when asked for.
	Most int

	mu     sync.RWMutex
	values map[K]V
	turn   uint64 // rises with every Forget, so that what was read before a change is not put after it
}

// Get answers a value, whether there is one, and the turn to put one with.
func (m *Memory[K, V]) Get(key K) (value V, known bool, turn uint64) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	value, known = m.values[key]
	return value, known, m.turn
}

// Put remembers a value unless something was forgotten since turn.
func (m *Memory[K, V]) Put(key K, value V, turn uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if turn != m.turn {
		return
	}
	if len(m.values) >= m.Most {
		for other := range m.values {
			delete(m.values, other)
			break
		}
	}
	if m.values == nil {
		m.values = make(map[K]V)
	}
	m.values[key] = value
}

// Forget forgets the values of keys of which changed answers true.
func (m *Memory[K, V]) Forget(changed func(K) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn++
	for key := range m.values {
		if changed(key) {
			delete(m.values, key)
		}
	}
}
