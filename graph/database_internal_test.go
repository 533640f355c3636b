package graph

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sony/gobreaker/v2"
)

func ready() *database {
	return &database{
		slots: make(permits, 10),
		begun: time.Now(),
		breaker: gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
			IsExcluded: func(err error) bool { return errors.Is(err, errNoEvidence) },
		}),
	}
}

// One request's reads take no more connections than its share, and leave the others to other requests.
func TestSharing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := ready()
		let := make(chan struct{})
		running := map[string]*atomic.Int32{"greedy": {}, "modest": {}, "unbounded": {}}
		read := func(ctx context.Context, whose string) {
			_ = d.retry(ctx, func() error {
				running[whose].Add(1)
				<-let
				running[whose].Add(-1)
				return nil
			})
		}
		greedy, cancel := context.WithCancel(Sharing(t.Context(), 3))
		for range 50 {
			go read(greedy, "greedy")
		}
		synctest.Wait()
		for range 2 {
			go read(Sharing(t.Context(), 3), "modest")
		}
		for range 4 {
			go read(Sharing(t.Context(), 0), "unbounded")
		}
		synctest.Wait()
		for whose, want := range map[string]int32{"greedy": 3, "modest": 2, "unbounded": 4} {
			if n := running[whose].Load(); n != want {
				t.Errorf("at the same time run %d of the %s, want %d", n, whose, want)
			}
		}
		cancel() // those who wait for their share leave, too
		close(let)
		synctest.Wait()
		if n := running["greedy"].Load(); len(d.slots) != 0 || n != 0 {
			t.Errorf("in the end %d connections are in use, and %d of the greedy run", len(d.slots), n)
		}
	})
}

// A read whose time is over tells nothing of the database where others were answered meanwhile: it asked for too much.
func TestEvidence(t *testing.T) {
	for name, c := range map[string]struct {
		other    time.Duration // when another read is answered, 0 for never
		failures uint32
	}{
		"nobody is answered":               {0, 1},
		"another is answered before":       {time.Second, 1},
		"another is answered in that time": {3 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := ready()
				if c.other > 0 {
					time.AfterFunc(c.other, func() { _ = d.retry(t.Context(), func() error { return nil }) })
				}
				time.Sleep(2 * time.Second)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				err := d.retry(ctx, func() error { <-ctx.Done(); return ctx.Err() })
				if n := d.breaker.Counts().ConsecutiveFailures; err == nil || n != c.failures {
					t.Errorf("%d failures of the database are counted, and not %d (%v)", n, c.failures, err)
				}
			})
		})
	}
}
