// Package kept keeps what was worked out for one request for the next, within a budget of bytes: who sends ever new
// requests must not fill the memory.
package kept

import (
	"context"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// A Cache keeps values by their keys. It drops what was used longest ago once all entries together are too large. What
// it does not have is worked out again. Its methods may be called at the same time, and are those of gqlgen's caches;
// they look at no context.
type Cache[K comparable, V any] struct {
	most, budget int
	size         func(K, V) int

	mu    sync.Mutex
	bytes int
	lru   *simplelru.LRU[K, V]
}

// New returns a cache of entries of most bytes each and of budget bytes altogether, as size counts them.
func New[K comparable, V any](most, budget int, size func(K, V) int) *Cache[K, V] {
	c := &Cache[K, V]{most: most, budget: budget, size: size}
	// More entries than bytes there cannot be. The error is for a size below 1.
	c.lru, _ = simplelru.NewLRU(budget, func(key K, value V) { c.bytes -= size(key, value) })
	return c
}

// Get returns what is kept.
func (c *Cache[K, V]) Get(_ context.Context, key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lru.Get(key)
}

// Fits says whether an entry is small enough to be kept.
func (c *Cache[K, V]) Fits(key K, value V) bool { return c.size(key, value) <= c.most }

// Add keeps a value, unless it is too large or there is one already.
func (c *Cache[K, V]) Add(_ context.Context, key K, value V) {
	if !c.Fits(key, value) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lru.Contains(key) {
		return
	}
	c.lru.Add(key, value)
	for c.bytes += c.size(key, value); c.bytes > c.budget; {
		c.lru.RemoveOldest()
	}
}
