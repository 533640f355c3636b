package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
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
// its answer before the next. The i-th request is ask(i).
func measure(ctx context.Context, connections int, d time.Duration, ask func(ctx context.Context, i int) error) measurement {
	var next atomic.Int64
	parts := make([]measurement, connections)
	begin := time.Now()
	var running sync.WaitGroup
	for c := range parts {
		running.Go(func() {
			p := &parts[c]
			for time.Since(begin) < d && ctx.Err() == nil {
				asked := time.Now()
				if err := ask(ctx, int(next.Add(1)-1)); err != nil {
					p.errors++
					p.problem = err
					continue
				}
				p.latencies = append(p.latencies, time.Since(asked))
			}
		})
	}
	running.Wait()
	var out measurement
	for _, p := range parts {
		out.add(p)
	}
	out.took = time.Since(begin)
	return out
}

// post sends a JSON body and returns the answer's, also JSON.
func post(ctx context.Context, client *http.Client, address string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		if told := (*url.Error)(nil); errors.As(err, &told) {
			err = told.Err // without the port, which changes
		}
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || bytes.Contains(answer, []byte(`"errors":`))) {
		err = fmt.Errorf("%s: %.300s", response.Status, answer)
	}
	return answer, err
}

// mustJSON renders what the program itself has made, which cannot fail.
func mustJSON(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return out
}
