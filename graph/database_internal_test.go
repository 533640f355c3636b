package graph

import (
	"context"
	"errors"
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
		running, let := map[string]int{}, make(chan struct{})
		read := func(ctx context.Context, whose string) {
			_ = d.retry(ctx, func() error {
				running[whose]++
				<-let
				running[whose]--
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
		if running["greedy"] != 3 || running["modest"] != 2 || running["unbounded"] != 4 {
			t.Errorf("at the same time run %v", running)
		}
		cancel() // those who wait for their share leave, too
		close(let)
		synctest.Wait()
		if len(d.slots) != 0 || running["greedy"] != 0 {
			t.Errorf("%d connections are in use in the end, at the same time run %v", len(d.slots), running)
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
