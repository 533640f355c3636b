package graph

import (
	"context"
	"sync/atomic"
	"time"
)

// Stats are what a graph has done since it was opened, and what it does now.
type Stats struct {
	Statements  uint64              // sent to the database, further attempts and probes included
	Together    [maxTogether]uint64 // reads, by how many left together in one statement, less one
	Connections int                 // that may be open
	InUse       int                 // of them
	Waiting     int                 // for one
	Breaker     string              // closed, half-open or open
}

// tallies are what is counted as it happens.
type tallies struct {
	statements atomic.Uint64
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
	return out
}

// sent notes that a statement is sent, which answers so many requests. ended notes that its answer is there, and logs it
// when that took long: what it asks for, never the values that it asks with.
func (d *database) sent(ctx context.Context, text string, together int) (ended func()) {
	d.tallies.statements.Add(1)
	told := func() {}
	if d.told != nil {
		told = d.told(ctx, text, together)
	}
	if d.slow <= 0 {
		return told
	}
	begun := time.Now()
	return func() {
		told()
		if took := time.Since(begun); took >= d.slow {
			d.log.WarnContext(ctx, "slow statement", "took", took.Round(time.Millisecond).String(), "together", together, "statement", text)
		}
	}
}
