package catalog

import (
	"sync"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// maxCompiled bounds the memory of compiled questionnaires; one takes some kilobytes.
const maxCompiled = 4096

// cache holds compiled questionnaires under the name by which they were asked for, version 0 included. Whatever changes
// a questionnaire forgets all of it. The zero value is empty and ready.
type cache struct {
	mu      sync.RWMutex
	entries map[cacheKey]compiled
	// turn rises with every forget, so that what was read before a change is not put after it.
	turn uint64
}

type cacheKey struct {
	tenant, id string
	version    int32
}

type compiled struct {
	scorer *scoring.Scorer
	state  cmiv1.State
}

// get answers the entry, zero when there is none, and the turn to put one with.
func (c *cache) get(key cacheKey) (compiled, uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.entries[key], c.turn
}

// put keeps an entry unless something was forgotten since turn. A full cache drops any other entry: it is compiled again
// when asked for.
func (c *cache) put(key cacheKey, entry compiled, turn uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if turn != c.turn {
		return
	}
	if len(c.entries) >= maxCompiled {
		for other := range c.entries {
			delete(c.entries, other)
			break
		}
	}
	if c.entries == nil {
		c.entries = make(map[cacheKey]compiled)
	}
	c.entries[key] = entry
}

// forget drops every version of a questionnaire.
func (c *cache) forget(tenant, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	for key := range c.entries {
		if key.tenant == tenant && key.id == id {
			delete(c.entries, key)
		}
	}
}
