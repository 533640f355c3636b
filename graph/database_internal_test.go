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
