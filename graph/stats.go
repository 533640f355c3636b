package graph

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// Stats are what a graph has done since it was opened, and what it does now.
type Stats struct {
	Statements  uint64              // sent to the database, further attempts and probes included
	Took        Durations           // the statements
	Together    [maxTogether]uint64 // reads, by how many left together in one statement, less one
	Connections int                 // that may be open
	InUse       int                 // of them
	Waiting     int                 // for one
	Breaker     string              // closed, half-open or open
}

// Durations are a histogram of how long something took.
type Durations struct {
	Within map[time.Duration]uint64 // how many took no longer, by bounds
	Count  uint64
	Sum    time.Duration
}

// durationBounds are the bounds of Durations.
var durationBounds = [...]time.Duration{
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second,
}

// tallies are what is counted as it happens.
type tallies struct {
	statements atomic.Uint64
	took       [len(durationBounds) + 1]atomic.Uint64 // by the least bound that was kept to; the last kept to none
	sum        atomic.Int64                           // nanoseconds of all
	together   [maxTogether]atomic.Uint64
	waiting    atomic.Int64
}

// Stats returns what has been counted so far.
func (g *Graph) Stats() Stats {
	out := Stats{
		Statements:  g.tallies.statements.Load(),
		Connections: cap(g.slots),
		InUse:       len(g.slots),
		Waiting:     int(g.tallies.waiting.Load()),
		Breaker:     g.breaker.State().String(),
	}
	for i := range out.Together {
		out.Together[i] = g.tallies.together[i].Load()
	}
	out.Took = g.tallies.durations()
	return out
}

func (t *tallies) durations() Durations {
	out := Durations{Within: map[time.Duration]uint64{}, Sum: time.Duration(t.sum.Load())}
	for i := range t.took {
		out.Count += t.took[i].Load()
		if i < len(durationBounds) {
			out.Within[durationBounds[i]] = out.Count
		}
	}
	return out
}

func (t *tallies) ended(took time.Duration) {
	i, _ := slices.BinarySearch(durationBounds[:], took)
	t.took[i].Add(1)
	t.sum.Add(int64(took))
}

type unhurriedKey struct{}

// Unhurried is a context for what nobody waits for, such as loading facts: its statements are not logged as slow. On a
// Neo4j that has just started, each of them takes a second to plan.
func Unhurried(ctx context.Context) context.Context {
	return context.WithValue(ctx, unhurriedKey{}, true)
}

// sent notes that a statement is sent, for the request of the context or for those that leave together. ended notes that
// its answer or failure is there, and logs it when that took long: what it asks for, never the values that it asks with.
func (d *database) sent(ctx context.Context, text string) (ended func(error)) {
	requests := []context.Context{ctx}
	if reads, ok := ctx.Value(companyKey{}).([]*read); ok {
		requests = requests[:0]
		for _, r := range reads {
			requests = append(requests, r.ctx)
		}
	}
	d.tallies.statements.Add(1)
	var told []func(string)
	if d.told != nil {
		for _, r := range requests {
			told = append(told, d.told(r, text, len(requests)))
		}
	}
	begun := time.Now()
	return func(err error) {
		took := time.Since(begun)
		d.tallies.ended(took)
		for _, ended := range told {
			ended(failureOf(ctx, err))
		}
		if d.slow <= 0 || took < d.slow {
			return
		}
		for _, r := range requests {
			if r.Value(unhurriedKey{}) != nil {
				continue
			}
			d.log.WarnContext(r, "slow statement", "took", took.Round(time.Millisecond).String(), "together", len(requests), "statement", shortened(text))
		}
	}
}

// longestLogged is how many bytes of a statement are logged.
const longestLogged = 4000

// shortened is a statement as it is logged.
func shortened(text string) string {
	if len(text) <= longestLogged {
		return text
	}
	return fmt.Sprintf("%s... (%d bytes)", strings.ToValidUTF8(text[:longestLogged], ""), len(text))
}

// failureOf is what kind of failure an error of a statement is, or "".
func failureOf(ctx context.Context, err error) string {
	var server *neo4j.Neo4jError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &server):
		return server.Code
	case isOver(ctx):
		return "timeout"
	case ctx.Err() != nil:
		return "cancelled"
	}
	return "connection"
}
