package catalog

import "sync"

// maxShelves bounds for how many tenants the candidates are remembered.
const maxShelves = 1024

// shelves remembers the candidates of tenants. Whatever changes a questionnaire forgets its tenant's. The zero value is
// empty and ready.
type shelves struct {
	mu      sync.RWMutex
	entries map[string]*[]candidate
	turn    uint64 // rises with every forget, so that what was read before a change is not put after it
}

func (s *shelves) get(tenant string) (*[]candidate, uint64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.entries[tenant], s.turn
}

func (s *shelves) put(tenant string, all []candidate, turn uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if turn != s.turn {
		return
	}
	if s.entries == nil || len(s.entries) >= maxShelves {
		s.entries = make(map[string]*[]candidate)
	}
	s.entries[tenant] = &all
}

func (s *shelves) forget(tenant string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	delete(s.entries, tenant)
}
