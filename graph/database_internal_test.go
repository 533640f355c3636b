package graph

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/sony/gobreaker/v2"
)

func ready(t *testing.T) *database {
	driver, err := neo4j.NewDriverWithContext("bolt://127.0.0.1:1", neo4j.NoAuth()) // nobody listens there
	if err != nil {
		t.Fatal(err)
	}
	return &database{
		driver:  driver,
		closing: t.Context(),
		slots:   make(permits, 10),
		begun:   time.Now(),
		breaker: gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
			IsExcluded: func(err error) bool { return errors.Is(err, errNoEvidence) },
		}),
	}
}

// A read whose time is over tells nothing of the database where others were answered meanwhile: it asked for too much. Where
// none was, a probe is sent, which fails here, and both count.
func TestEvidence(t *testing.T) {
	for name, c := range map[string]struct {
		other    time.Duration // when another read is answered, 0 for never
		failures uint32
	}{
		"nobody is answered":               {0, 2},
		"another is answered before":       {time.Second, 2},
		"another is answered in that time": {3 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := ready(t)
				if c.other > 0 {
					time.AfterFunc(c.other, func() { _ = d.retry(t.Context(), func() error { return nil }) })
				}
				time.Sleep(2 * time.Second)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				err := d.retry(ctx, func() error { <-ctx.Done(); return ctx.Err() })
				time.Sleep(probeTimeout)
				synctest.Wait()
				if n := d.breaker.Counts().ConsecutiveFailures; err == nil || n != c.failures {
					t.Errorf("%d failures of the database are counted, and not %d (%v)", n, c.failures, err)
				}
			})
		})
	}
}

// Attempts are made after pauses at random, each about twice as long as the one before.
func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := ready(t)
		broken := errors.New("the connection broke")
		different := map[time.Duration]bool{}
		for range 20 {
			var at []time.Time
			err := d.attempt(t.Context(), maxAttempts, func() error {
				at = append(at, time.Now())
				return broken
			})
			if !errors.Is(err, broken) || len(at) != maxAttempts {
				t.Fatalf("%d attempts, and %v", len(at), err)
			}
			for i, about := range []time.Duration{50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond} {
				pause := at[i+1].Sub(at[i])
				if pause < about/2 || pause >= about*3/2 {
					t.Errorf("attempt %d comes after a pause of %v, want about %v", i+2, pause, about)
				}
				different[pause] = true
			}
		}
		if len(different) < 30 {
			t.Errorf("of 60 pauses only %d are different", len(different))
		}
	})
}
