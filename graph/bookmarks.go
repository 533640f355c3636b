package graph

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// A bookmark names a state of the database. On a cluster, and behind several servers of ours, a read may be answered by
// a member that lags behind the one that was written to or read from before. A read with a bookmark waits until the
// member that answers it has that state (causal consistency; Neo4j's Operations Manual, Causal clustering).
//
// For clients a bookmark is a text. It holds those of all statements of an answer, separated by commas.

const maxBookmarks = 100 // of Neo4j's in one of ours

var bookmarkPattern = regexp.MustCompile(`^FB:[A-Za-z0-9+/=:_.-]{1,200}$`) // as Neo4j has written them since 4.0

// Chained returns a context with which reads wait for the state that a bookmark names, "" for none, and which notes the
// states that they see. An *Error with code BadUserInput says that it can be no bookmark.
func Chained(ctx context.Context, bookmark string) (context.Context, error) {
	c := &chain{}
	for one := range strings.SplitSeq(bookmark, ",") {
		if one = strings.TrimSpace(one); one != "" {
			c.after = append(c.after, one)
		}
	}
	if len(c.after) > maxBookmarks || slices.ContainsFunc(c.after, func(b string) bool { return !bookmarkPattern.MatchString(b) }) {
		return ctx, notOurs(nil)
	}
	return context.WithValue(ctx, chainKey{}, c), nil
}

// Bookmark names the state that the reads with a context of Chained have seen. If there was none to be made, it is the one
// that they would have waited for; if all have failed, "": the one that they waited for may be why.
func Bookmark(ctx context.Context, failed bool) string {
	c := chainOf(ctx)
	if c == nil {
		return ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.seen) == 0 && !failed {
		return strings.Join(c.after, ",")
	}
	return strings.Join(c.seen, ",")
}

// Written is the bookmark of the last change that was made through this Graph; "" without one.
func (g *Graph) Written() string { return strings.Join(g.written.last(), ",") }

func notOurs(cause error) *Error {
	return &Error{
		Code:    BadUserInput,
		Message: "the bookmark is none of this database: send the one that an earlier answer gave, as it is, or none",
		cause:   cause,
	}
}

// A chain is what the statements of one request wait for, and what they saw. A nil chain waits for nothing and notes
// nothing.
type chain struct {
	after neo4j.Bookmarks

	mu   sync.Mutex
	seen neo4j.Bookmarks
}

type chainKey struct{}

func chainOf(ctx context.Context) *chain {
	c, _ := ctx.Value(chainKey{}).(*chain)
	return c
}

func (c *chain) waitsFor() neo4j.Bookmarks {
	if c == nil {
		return nil
	}
	return c.after
}

func (c *chain) saw(bookmarks neo4j.Bookmarks) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range bookmarks {
		if !slices.Contains(c.seen, b) {
			c.seen = append(c.seen, b)
		}
	}
	if more := len(c.seen) - maxBookmarks; more > 0 { // the first ones are likely to be the oldest
		c.seen = slices.Delete(c.seen, 0, more)
	}
}

// jointly gives reads that leave together, and wait for the same state, a chain of their own; share tells each of them
// what it saw.
func jointly(ctx context.Context, reads []*read) (joint context.Context, share func()) {
	c := &chain{after: chainOf(ctx).waitsFor()}
	return context.WithValue(ctx, chainKey{}, c), func() {
		for _, r := range reads {
			chainOf(r.ctx).saw(c.seen)
		}
	}
}

// A latest holds the bookmarks of the last change.
type latest struct {
	mu        sync.Mutex
	bookmarks neo4j.Bookmarks
}

func (l *latest) last() neo4j.Bookmarks {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bookmarks
}

func (l *latest) set(b neo4j.Bookmarks) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bookmarks = b
}
