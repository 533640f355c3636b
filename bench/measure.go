package main

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A measurement is what came of asking the same question over and over, on some connections at once.
type measurement struct {
	latencies []time.Duration // of the answers, sorted
	took      time.Duration
	cpu       usage
	errors    int
	problem   error // the first one
}

// add joins the measurement of another round.
func (m *measurement) add(other measurement) {
	m.latencies = append(m.latencies, other.latencies...)
	slices.Sort(m.latencies)
	m.took += other.took
	m.cpu = m.cpu.add(other.cpu)
	m.errors += other.errors
	if m.problem == nil {
		m.problem = other.problem
	}
}

// perSecond is how many answers came per second.
func (m *measurement) perSecond() float64 { return float64(len(m.latencies)) / m.took.Seconds() }

// percentile is the latency in milliseconds that p in 100 answers did not exceed, NaN if there were none.
func (m *measurement) percentile(p int) float64 {
	if len(m.latencies) == 0 {
		return math.NaN()
	}
	return float64(m.latencies[(len(m.latencies)-1)*p/100].Microseconds()) / 1000
}

// perThousand are the seconds of a processor's time for 1,000 requests, NaN if they are not known.
func (m *measurement) perThousand(time time.Duration) float64 {
	requests := len(m.latencies) + m.errors
	if !m.cpu.known || requests == 0 {
		return math.NaN()
	}
	return time.Seconds() / float64(requests) * 1000
}

// measure asks for a time, with as many requests under way at any moment as there are connections, each waiting for
// its answer before the next.
func (a *asking) measure(ctx context.Context, connections int, d time.Duration) measurement {
	var next atomic.Int64
	parts := make([]measurement, connections)
	begin := time.Now()
	var running sync.WaitGroup
	for n := range parts {
		running.Go(func() {
			p := &parts[n]
			c := connection{url: a.url}
			defer c.close()
			for time.Since(begin) < d && ctx.Err() == nil {
				body := a.bodies[int(next.Add(1)-1)%len(a.bodies)]
				asked := time.Now()
				if _, err := c.post(ctx, body); err != nil {
					p.errors++
					p.problem = err
					continue
				}
				p.latencies = append(p.latencies, time.Since(asked))
			}
		})
	}
	running.Wait()
	took := time.Since(begin)
	var out measurement
	for _, p := range parts {
		out.add(p)
	}
	out.took = took
	return out
}

// mustJSON renders what the program itself has made, which cannot fail.
func mustJSON(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return out
}
