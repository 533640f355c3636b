package kept_test

import (
	"context"
	"strings"
	"testing"

	"dossier/internal/kept"
)

// What was used longest ago goes first, and what is too large is not kept at all.
func TestCacheStaysWithinItsBudget(t *testing.T) {
	c := kept.New(4, 10, func(key, _ string) int { return len(key) })
	has := func() (out string) {
		for _, key := range []string{"aaaa", "bbb", "ccc", "dd", "eeeee"} {
			if value, ok := c.Get(context.Background(), key); ok {
				out += value
			}
		}
		return out
	}
	add := func(keys ...string) {
		for _, key := range keys {
			c.Add(context.Background(), key, strings.ToUpper(key[:1]))
		}
	}
	add("aaaa", "bbb", "ccc")
	if got := has(); got != "ABC" {
		t.Errorf("10 bytes of 10: %q", got)
	}
	c.Get(context.Background(), "aaaa")
	add("dd")
	if got := has(); got != "ACD" {
		t.Errorf("after the two bytes that were one too many: %q", got)
	}
	add("eeeee")
	if got := has(); got != "ACD" {
		t.Errorf("after one that is too large: %q", got)
	}
	add("dd", "dd")
	if got := has(); got != "ACD" {
		t.Errorf("after one that was there already: %q", got)
	}
}
