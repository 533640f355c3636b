package httpapi

import (
	"context"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// What is kept for later requests is bounded by the bytes of the operations' texts: a parsed operation can take a
// hundred times as many, and who sends ever new texts must not fill the memory.
const (
	maxText       = 16 << 10  // of one operation; a longer one is parsed and validated each time
	maxValidated  = 256 << 10 // of those that are kept parsed and validated
	maxRemembered = 4 << 20   // of those that clients have registered by their hashes (automatic persisted queries)
)

// kept is a gqlgen cache that drops what was used longest ago once all texts together have too many bytes. A text that
// is not kept is asked for, or parsed, again.
type kept[T any] struct {
	text   func(key string, value T) string
	budget int

	mu    sync.Mutex
	bytes int
	lru   *simplelru.LRU[string, T]
}

func newKept[T any](budget int, text func(key string, value T) string) *kept[T] {
	k := &kept[T]{text: text, budget: budget}
	// More entries than bytes there cannot be. The error is for a size below 1.
	k.lru, _ = simplelru.NewLRU(budget, func(key string, value T) { k.bytes -= len(text(key, value)) })
	return k
}

func (k *kept[T]) Get(_ context.Context, key string) (T, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.lru.Get(key)
}

func (k *kept[T]) Add(_ context.Context, key string, value T) {
	n := len(k.text(key, value))
	if n > maxText {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.lru.Contains(key) {
		return
	}
	k.lru.Add(key, value)
	for k.bytes += n; k.bytes > k.budget; {
		k.lru.RemoveOldest()
	}
}
