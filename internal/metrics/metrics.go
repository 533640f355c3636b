// Package metrics counts what a server does, for Prometheus to collect (https://prometheus.io/docs/instrumenting/exposition_formats/).
// docs/operators.md lists the metrics.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"dossier/graph"
)

// Metrics are those of one server.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	errors   *prometheus.CounterVec
	refusals *prometheus.CounterVec
	streams  prometheus.Gauge
}

// New returns metrics of which nothing is counted yet: of these codes of errors and these limits, 0, so that the first one counted is
// seen as a rise. What a graph counts itself, and how many requests are under way, is asked whenever they are collected.
func New(stats func() graph.Stats, underWay func() int64, codes, limits []string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dossier_requests_total", Help: "Operations by what they are and how they were answered: OK, or the code of the first error.",
		}, []string{"operation", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "dossier_request_duration_seconds", Help: "Time to compute an answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"operation"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dossier_errors_total", Help: "Errors in answers, by code.",
		}, []string{"code"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dossier_limit_refusals_total", Help: "What was refused because of a limit, by limit.",
		}, []string{"limit"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "dossier_streams_open", Help: "WebSockets and event streams that are open.",
		}),
	}
	computed := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "dossier_requests_under_way", Help: "Operations whose answers are computed, without subscriptions.",
	}, func() float64 { return float64(underWay()) })
	for _, operation := range []string{"query", "subscription", Unread} {
		for _, code := range append([]string{"OK"}, codes...) {
			m.requests.WithLabelValues(operation, code)
		}
	}
	m.duration.WithLabelValues("query")
	for _, code := range codes {
		m.errors.WithLabelValues(code)
	}
	for _, limit := range limits {
		m.refusals.WithLabelValues(limit)
	}
	m.registry.MustRegister(m.requests, m.duration, computed, m.errors, m.refusals, m.streams, ofGraph(stats),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), collectors.NewBuildInfoCollector())
	return m
}

// Handler answers with all metrics in Prometheus' format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Unread is what operations are that are no query or subscription, since they were refused before they were read.
const Unread = "unread"

// Answered counts an operation: what it is, and OK or the code of its first error.
func (m *Metrics) Answered(operation, code string) { m.requests.WithLabelValues(operation, code).Inc() }

// Took notes how long an answer was computed.
func (m *Metrics) Took(operation string, took time.Duration) {
	m.duration.WithLabelValues(operation).Observe(took.Seconds())
}

// Failed counts an error in an answer.
func (m *Metrics) Failed(code string) { m.errors.WithLabelValues(code).Inc() }

// Refused counts what was more than a limit.
func (m *Metrics) Refused(limit string) { m.refusals.WithLabelValues(limit).Inc() }

// StreamOpened counts a stream until closed is called.
func (m *Metrics) StreamOpened() (closed func()) {
	m.streams.Inc()
	return m.streams.Dec
}

// ofGraph collects what a graph has counted.
type ofGraph func() graph.Stats

var (
	statements  = prometheus.NewDesc("dossier_statements_total", "Statements sent to Neo4j, further attempts included.", nil, nil)
	took        = prometheus.NewDesc("dossier_statement_duration_seconds", "Time until a statement's answer was there.", nil, nil)
	together    = prometheus.NewDesc("dossier_reads_together", "Reads by how many left together in one statement.", nil, nil)
	connections = prometheus.NewDesc("dossier_connections", "Connections that may be open to Neo4j.", nil, nil)
	inUse       = prometheus.NewDesc("dossier_connections_in_use", "Connections that somebody uses.", nil, nil)
	waiting     = prometheus.NewDesc("dossier_connections_waiting", "Reads and writes that wait for a connection.", nil, nil)
	breaker     = prometheus.NewDesc("dossier_breaker_state", "1 for the state of the circuit breaker: closed (all is well), open or half-open.", []string{"state"}, nil)
)

// Describe lists the metrics.
func (ofGraph) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{statements, took, together, connections, inUse, waiting, breaker} {
		out <- d
	}
}

// Collect asks the graph.
func (stats ofGraph) Collect(out chan<- prometheus.Metric) {
	s := stats()
	gauge := func(d *prometheus.Desc, n int, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	out <- prometheus.MustNewConstMetric(statements, prometheus.CounterValue, float64(s.Statements))
	within := map[float64]uint64{}
	for bound, n := range s.Took.Within {
		within[bound.Seconds()] = n
	}
	out <- prometheus.MustNewConstHistogram(took, s.Took.Count, s.Took.Sum.Seconds(), within)
	buckets, reads, sum := map[float64]uint64{}, uint64(0), uint64(0)
	for i, n := range s.Together {
		size := i + 1
		reads += n
		sum += n * uint64(size)
		if size&(size-1) == 0 { // powers of two are enough
			buckets[float64(size)] = reads
		}
	}
	out <- prometheus.MustNewConstHistogram(together, reads, float64(sum), buckets)
	gauge(connections, s.Connections)
	gauge(inUse, s.InUse)
	gauge(waiting, s.Waiting)
	for _, state := range []string{"closed", "half-open", "open"} {
		here := 0
		if state == s.Breaker {
			here = 1
		}
		gauge(breaker, here, state)
	}
}
