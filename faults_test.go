package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/rs/zerolog"

	"dossier/graph"
	"dossier/internal/localneo4j"
	"dossier/internal/neo4jtest"
)

// What the service promises while its database is in trouble, and after it.
const (
	answerWithin = 10 * time.Second // every request
	goodWithin   = 5 * time.Second  // after the fault, the next data
)

// requestTimeout is what a request may take in these tests: shorter than answerWithin, so that requests which wait for
// it do not make the tests long.
const requestTimeout = 3 * time.Second

// allowance is how much later than that an answer may come on a machine that has other things to do.
const allowance = 3 * time.Second

// A faultProxy stands between the service and Neo4j and makes trouble.
type faultProxy struct {
	*toxiproxy.Proxy
	accepted atomic.Int64 // connections that have reached it
}

// newFaultProxy returns a proxy to the shared Neo4j, open and without a fault.
func newFaultProxy(t *testing.T) *faultProxy {
	t.Helper()
	p := &faultProxy{}
	zerolog.SetGlobalLevel(zerolog.InfoLevel) // toxics have loggers of their own
	// The proxy counts no connections itself, but logs each.
	log := zerolog.New(io.Discard).Hook(zerolog.HookFunc(func(_ *zerolog.Event, _ zerolog.Level, message string) {
		if message == "Accepted client" {
			p.accepted.Add(1)
		}
	}))
	p.Proxy = toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), log), "neo4j", "127.0.0.1:0", neo4jAddress(t))
	p.open(t)
	t.Cleanup(p.Stop)
	return p
}

func (p *faultProxy) open(t *testing.T) {
	t.Helper()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
}

// toxic does something to the bytes that pass, until heal is called. Direction is "upstream" for those to Neo4j, or
// "downstream" for those from it.
func (p *faultProxy) toxic(t *testing.T, kind, direction, attributes string) (heal func()) {
	t.Helper()
	added, err := p.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(`{"type": %q, "stream": %q, "attributes": %s}`, kind, direction, attributes)))
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := p.Toxics.RemoveToxic(context.Background(), added.Name); err != nil {
			t.Error(err)
		}
	}
}

// pointRead and longRead are what clients ask in these tests; the answer to the second has some thousands of bytes.
const (
	pointRead = `{ person(id: "elon-musk") { name } }`
	longRead  = `{ claims(first: 30) { nodes { id statement passages { start end document { title url } } about { id name } attributedTo { id name } } } }`
)

// An outcome is how a request ended.
type outcome struct {
	code string // of the error; "" for data
	body string
	took time.Duration
}

// tryAsking sends a query and returns how it ended; an answer that is neither data nor a coded error fails the test.
func (p *running) tryAsking(t *testing.T, query string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), answerWithin)
	defer cancel()
	begun := time.Now()
	response, err := http.DefaultClient.Do(p.graphQL(ctx, t, query, nil))
	if err != nil {
		t.Errorf("no answer after %v: %v", time.Since(begun), err)
		return outcome{code: "none"}
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Errorf("no whole answer after %v: %v", time.Since(begun), err)
		return outcome{code: "none"}
	}
	out := outcome{body: string(content), took: time.Since(begun)}
	var answer struct {
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(content, &answer); err != nil {
		t.Errorf("the answer is no JSON: %s", content)
	}
	for _, e := range answer.Errors {
		out.code = e.Extensions.Code
		if out.code != "SERVICE_UNAVAILABLE" && out.code != "TIMEOUT" || internals.MatchString(e.Message) {
			t.Errorf("this is no error for clients: %s", content)
		}
	}
	return out
}

// internals are what no message may hold.
var internals = regexp.MustCompile(`EOF|\.go|goroutine|neo4j|Neo4j|connection|127\.0\.0\.1|Error|context`)

// askTogether sends queries from so many clients at once, one each, in turn.
func (p *running) askTogether(t *testing.T, clients int, queries ...string) []outcome {
	t.Helper()
	out := make([]outcome, clients)
	var group sync.WaitGroup
	for i := range out {
		group.Go(func() { out[i] = p.tryAsking(t, queries[i%len(queries)]) })
	}
	group.Wait()
	return out
}

// awaitGood asks until there are data, which has to be soon.
func (p *running) awaitGood(t *testing.T) {
	t.Helper()
	for begun := time.Now(); ; {
		good := p.tryAsking(t, pointRead).code == "" && p.get(t, "/readyz").status == http.StatusOK
		if good && time.Since(begun) <= goodWithin {
			t.Logf("good again after %v", time.Since(begun).Round(time.Millisecond))
			return
		}
		if time.Since(begun) > goodWithin {
			t.Fatalf("not good again after %v: %+v, /readyz %s", time.Since(begun), p.tryAsking(t, pointRead), p.get(t, "/readyz").body)
		}
		time.Sleep(20 * time.Millisecond) // between two polls
	}
}

var createdBy = regexp.MustCompile(`created by (\S+)`)

// ours are the goroutines of the program and of the driver, by what started them.
func ours() map[string]int {
	stacks := make([]byte, 16<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	out := map[string]int{}
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(stack, "toxiproxy") {
			continue
		}
		if created := createdBy.FindStringSubmatch(stack); created != nil && !strings.HasPrefix(created[1], "testing.") {
			out[created[1]]++
		}
	}
	return out
}

// mark notes what the program holds: goroutines by kind.
type mark map[string]int

// nothingLeft waits until the program holds no more than it did, and Neo4j runs nothing for it.
func (m mark) nothingLeft(t *testing.T, connections int) {
	t.Helper()
	http.DefaultClient.CloseIdleConnections()
	var left []string
	for begun := time.Now(); time.Since(begun) < 30*time.Second; time.Sleep(50 * time.Millisecond) {
		left = nil
		for kind, n := range ours() {
			if n > m[kind] {
				left = append(left, fmt.Sprintf("%d goroutines of %s, before %d", n, kind, m[kind]))
			}
		}
		if n := count(t, "SHOW TRANSACTIONS YIELD currentQuery WHERE NOT currentQuery STARTS WITH 'SHOW' RETURN count(*)"); n > 0 {
			left = append(left, fmt.Sprintf("%d transactions", n))
		}
		if n := count(t, "CALL dbms.listConnections() YIELD userAgent WHERE userAgent = 'dossier' RETURN count(*)"); n > connections {
			left = append(left, fmt.Sprintf("%d connections, more than %d", n, connections))
		}
		if left == nil {
			return
		}
	}
	slices.Sort(left)
	t.Errorf("left behind:\n%s", strings.Join(left, "\n"))
}

func count(t *testing.T, statement string) int {
	t.Helper()
	result, err := neo4j.ExecuteQuery(context.WithoutCancel(t.Context()), neo4jtest.Driver(t), statement, nil, neo4j.EagerResultTransformer)
	if err != nil {
		t.Fatal(err)
	}
	return int(result.Records[0].Values[0].(int64))
}

// Each fault: what clients are told while it lasts, whether the service calls itself ready, how it comes back, that
// who listens to changes misses none, and that nothing is left of it.
func TestFaults(t *testing.T) {
	proxy := newFaultProxy(t)
	p := startBehind(t, proxy.Listen, "--request-timeout="+requestTimeout.String())
	const clients = 16
	for _, query := range []string{pointRead, longRead} { // planned, and connections for all
		for slices.ContainsFunc(p.askTogether(t, clients, query), func(o outcome) bool { return o.code != "" }) {
		}
	}
	g := writer(t)
	listener := overSSE(t, p, `subscription { changed { about { id } } }`)
	listen := func(id string) {
		t.Helper()
		if got := listener.next(t); !strings.Contains(got, `"`+id+`"`) {
			t.Errorf("the listener gets %s, want %s", got, id)
		}
	}
	recordPeople(t, g, "before")
	listen("before")
	http.DefaultClient.CloseIdleConnections()
	before := mark(ours())

	const data = "" // in place of a code
	for i, c := range []struct {
		name  string
		begin func(t *testing.T) (heal func())
		query string
		want  []string // codes that may come
		ready int      // status of /readyz
		deaf  bool     // nobody reaches Neo4j: also not who writes beside the service
	}{
		{"away", func(t *testing.T) func() { proxy.Stop(); return func() { proxy.open(t) } },
			pointRead, []string{"SERVICE_UNAVAILABLE"}, 503, false},
		{"connections reset", func(t *testing.T) func() { return proxy.toxic(t, "reset_peer", "downstream", `{"timeout": 0}`) },
			pointRead, []string{"SERVICE_UNAVAILABLE"}, 503, false},
		{"requests reset", func(t *testing.T) func() { return proxy.toxic(t, "reset_peer", "upstream", `{"timeout": 0}`) },
			pointRead, []string{"SERVICE_UNAVAILABLE"}, 503, false},
		{"black hole to Neo4j", func(t *testing.T) func() { return proxy.toxic(t, "timeout", "upstream", `{"timeout": 0}`) },
			pointRead, []string{"SERVICE_UNAVAILABLE", "TIMEOUT"}, 503, false},
		{"black hole from Neo4j", func(t *testing.T) func() { return proxy.toxic(t, "timeout", "downstream", `{"timeout": 0}`) },
			pointRead, []string{"SERVICE_UNAVAILABLE", "TIMEOUT"}, 503, false},
		{"stopped", func(t *testing.T) func() { return stopped(t, javaPID(t, dataDir(neo4jtest.Server(t)))) },
			pointRead, []string{"SERVICE_UNAVAILABLE", "TIMEOUT"}, 503, true},
		{"slow", func(t *testing.T) func() {
			return proxy.toxic(t, "latency", "downstream", `{"latency": 300, "jitter": 100}`)
		},
			pointRead, []string{data}, 200, false},
		{"slower than a request may take", func(t *testing.T) func() { return proxy.toxic(t, "latency", "downstream", `{"latency": 20000}`) },
			pointRead, []string{"SERVICE_UNAVAILABLE", "TIMEOUT"}, 503, false},
		{"starved of bandwidth", func(t *testing.T) func() { return proxy.toxic(t, "bandwidth", "downstream", `{"rate": 1}`) },
			longRead, []string{"SERVICE_UNAVAILABLE", "TIMEOUT"}, 0, false},
		{"cut in mid-answer", func(t *testing.T) func() { return proxy.toxic(t, "limit_data", "downstream", `{"bytes": 1500}`) },
			longRead, []string{"SERVICE_UNAVAILABLE"}, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			heal := sync.OnceFunc(c.begin(t))
			t.Cleanup(heal)
			var slowest time.Duration
			told := map[string]int{}
			for range 3 {
				for _, o := range p.askTogether(t, clients, c.query) {
					if !slices.Contains(c.want, o.code) {
						t.Errorf("a client gets %.300s", o.body)
					}
					told[o.code]++
					slowest = max(slowest, o.took)
				}
			}
			t.Logf("answers by code: %v, the slowest after %v", told, slowest.Round(time.Millisecond))
			if slowest > requestTimeout+allowance {
				t.Errorf("a client waited %v, and a request may take %v", slowest, requestTimeout)
			}
			if r := p.get(t, "/healthz"); r.status != http.StatusOK {
				t.Errorf("/healthz: %d %s", r.status, r.body)
			}
			if r := p.get(t, "/readyz"); c.ready != 0 && r.status != c.ready || strings.Contains(r.body, "EOF") {
				t.Errorf("/readyz: %d %s, want %d", r.status, r.body, c.ready)
			}
			missed := fmt.Sprintf("missed-%d", i)
			if !c.deaf {
				recordPeople(t, g, missed)
			}
			heal()
			p.awaitGood(t)
			if c.deaf {
				recordPeople(t, g, missed)
			}
			listen(missed)
			before.nothingLeft(t, clients+8) // and those of the probe, of who listens, and of the writer
		})
	}
}

// stopped stops a process as SIGSTOP does: its connections stay, and nobody answers. It returns when every thread
// stands still: after the signal, those that run on another processor do so for a moment more.
func stopped(t *testing.T, pid int) (heal func()) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	heal = func() {
		if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
			t.Error(err)
		}
	}
	for begun := time.Now(); !standsStill(t, pid); time.Sleep(time.Millisecond) { // between two polls
		if time.Since(begun) > patience {
			heal()
			t.Fatalf("process %d does not stop", pid)
		}
	}
	return heal
}

// standsStill tells whether all threads of a process are stopped, of those that there still are.
func standsStill(t *testing.T, pid int) bool {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil || len(threads) == 0 {
		t.Fatalf("the threads of process %d: %v", pid, err)
	}
	return !slices.ContainsFunc(threads, func(thread string) bool {
		stat, err := os.ReadFile(thread)
		_, state, _ := strings.Cut(string(stat), ") ") // after the name, see proc(5)
		return err == nil && !strings.HasPrefix(state, "T")
	})
}

// dataDir is where a local Neo4j has its data.
func dataDir(s *localneo4j.Server) string {
	return filepath.Dir(filepath.Dir(filepath.Dir(s.LogFile)))
}

// A read whose connection breaks is made again: clients do not notice, however many they are.
func TestReadsAreRetried(t *testing.T) {
	proxy := newFaultProxy(t)
	p := startBehind(t, proxy.Listen)
	const clients = 32
	p.askTogether(t, clients, pointRead)
	for range 3 {
		reached := proxy.accepted.Load()
		proxy.Stop()
		proxy.open(t)
		for _, o := range p.askTogether(t, clients, pointRead) {
			if o.code != "" {
				t.Errorf("a client gets %s", o.body)
			}
		}
		if proxy.accepted.Load() == reached {
			t.Error("no connection was made anew")
		}
	}
}

// However many clients ask while the database is in trouble, few attempts reach it.
func TestRetryStorm(t *testing.T) {
	proxy := newFaultProxy(t)
	p := startBehind(t, proxy.Listen, "--request-timeout="+requestTimeout.String())
	heal := proxy.toxic(t, "reset_peer", "downstream", `{"timeout": 0}`)
	const clients = 16
	p.askTogether(t, clients, pointRead)
	reached, begun := proxy.accepted.Load(), time.Now()
	if reached < 5 {
		t.Errorf("only %d connections reached the proxy: its count is wrong", reached)
	}
	requests := 0
	for time.Since(begun) < 2*time.Second {
		for _, o := range p.askTogether(t, clients, pointRead) {
			requests++
			if o.code != "SERVICE_UNAVAILABLE" {
				t.Fatalf("a client gets %s", o.body)
			}
		}
	}
	if p.metric(t, `dossier_breaker_state{state="closed"}`) != 0 || p.metric(t, `dossier_errors_total{code="SERVICE_UNAVAILABLE"}`) < float64(requests) {
		t.Errorf("of %d requests that were refused, the metrics tell\n%s", requests, p.get(t, "/metrics").body)
	}
	// A probe every half second, of two attempts.
	took := time.Since(begun)
	most := 2 * (int64(took/(500*time.Millisecond)) + 2)
	n := proxy.accepted.Load() - reached
	t.Logf("%d requests in %v made %d attempts, after %d when the fault began", requests, took.Round(time.Millisecond), n, reached)
	if n == 0 || n > most {
		t.Errorf("want at least 1 attempt and at most %d", most)
	}
	heal()
	p.awaitGood(t)
	p.awaitLog(t, "the database answers again")
	if log := p.stderr.String(); strings.Count(log, "requests are refused until it does") != 1 {
		t.Errorf("the log does not tell once that the database was away:\n%s", log)
	} else if n := strings.Count(log, "request failed"); n == 0 || n > clients*(int(most)+2) { // those that waited for an attempt
		t.Errorf("the log tells of %d requests that failed, of %d", n, requests)
	}
}

// Neo4j dies (SIGKILL) under load, and is started again; then it is restarted in order.
func TestNeo4jRestarts(t *testing.T) {
	options := localneo4j.Options{
		DataDir: filepath.Join(t.TempDir(), "data"), NoBrowser: true, HeapMB: 384, PageCacheMB: 64,
		BoltPort: freePort(t), JavaOptions: []string{"-XX:TieredStopAtLevel=1"},
	}
	var server *localneo4j.Server
	bringUp := func() {
		t.Helper()
		var err error
		if server, err = localneo4j.Start(context.WithoutCancel(t.Context()), options); err != nil {
			t.Fatal(err)
		}
	}
	bringDown := func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = server.Stop(ctx) // says that it was killed, if it was
	}
	bringUp()
	t.Cleanup(func() { bringDown() })
	p := start(t, map[string]string{
		"NEO4J_URI": server.BoltURI, "NEO4J_USERNAME": server.Username, "NEO4J_PASSWORD": server.Password,
		"DOSSIER_REQUEST_TIMEOUT": requestTimeout.String(),
	})
	p.await(t, "Dossier is ready")
	listener := overSSE(t, p, fmt.Sprintf(`subscription { changed(after: %q) { about { id } } }`, p.lastCursor(t)))
	for _, c := range []struct {
		name string
		end  func()
	}{
		{"killed", func() {
			if err := syscall.Kill(javaPID(t, options.DataDir), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			<-server.Exited()
		}},
		{"restarted", bringDown},
	} {
		t.Run(c.name, func(t *testing.T) {
			ended := make(chan struct{})
			var load sync.WaitGroup
			for range 4 {
				load.Go(func() {
					for {
						select {
						case <-ended:
							return
						default:
							p.tryAsking(t, pointRead)
						}
					}
				})
			}
			c.end()
			close(ended)
			load.Wait()
			for _, o := range p.askTogether(t, 8, pointRead) {
				if o.code != "SERVICE_UNAVAILABLE" {
					t.Errorf("a client gets %s", o.body)
				}
			}
			if r := p.get(t, "/healthz"); r.status != http.StatusOK {
				t.Errorf("/healthz: %d %s", r.status, r.body)
			}
			if r := p.get(t, "/readyz"); r.status != http.StatusServiceUnavailable {
				t.Errorf("/readyz: %d %s", r.status, r.body)
			}
			bringUp()
			p.awaitGood(t)
			recordPeople(t, writerTo(t, server), c.name)
			if got := listener.next(t); !strings.Contains(got, c.name) {
				t.Errorf("the listener gets %s, want %s", got, c.name)
			}
		})
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// More clients than connections: they wait their turn, none is lost, and the service still knows that Neo4j answers.
func TestPoolExhausted(t *testing.T) {
	proxy := newFaultProxy(t)
	p := startBehind(t, proxy.Listen, "--request-timeout="+requestTimeout.String())
	const connections, clients = 64, 200
	var queries []string // that do not travel together
	for first := range 100 {
		queries = append(queries, fmt.Sprintf(`{ person(id: "elon-musk") { coFounded(first: %d) { nodes { id } } } }`, first+1))
	}
	for p.tryAsking(t, queries[0]).code != "" { // until it is planned
	}
	http.DefaultClient.CloseIdleConnections()
	before := mark(ours())
	heal := sync.OnceFunc(proxy.toxic(t, "latency", "downstream", `{"latency": 300}`))
	t.Cleanup(heal)
	answered := make(chan []outcome)
	go func() { answered <- p.askTogether(t, clients, queries...) }()
	for begun := time.Now(); p.metric(t, "dossier_connections_waiting") == 0 || p.metric(t, "dossier_connections_in_use") != connections; time.Sleep(time.Millisecond) {
		if time.Since(begun) > patience {
			t.Fatalf("the metrics tell of no connections that are waited for:\n%s", p.get(t, "/metrics").body)
		}
	}
	if r := p.get(t, "/readyz"); r.status != http.StatusOK {
		t.Errorf("/readyz: %d %s", r.status, r.body)
	}
	told := map[string]int{}
	for _, o := range <-answered {
		told[o.code]++
	}
	t.Logf("answers by code: %v over %d connections", told, proxy.accepted.Load())
	if told[""] == 0 || proxy.accepted.Load() < connections {
		t.Errorf("want data for some, over all %d connections", connections)
	}
	heal()
	p.awaitGood(t)
	before.nothingLeft(t, connections+8)
}

// Reads that all ask for more than comes through in their time, while nobody else asks, do not have others refused: a probe
// is answered.
func TestReadsThatAskForTooMuch(t *testing.T) {
	proxy := newFaultProxy(t)
	p := startBehind(t, proxy.Listen, "--request-timeout="+requestTimeout.String())
	var long strings.Builder
	for i := range 8 {
		fmt.Fprintf(&long, "c%d: %s\n", i, strings.Replace(strings.Trim(longRead, "{ }")+" } } }", "30", fmt.Sprint(30+i), 1))
	}
	query := "{\n" + long.String() + "}"
	for _, q := range []string{query, pointRead} { // planned, and connections for all
		for p.tryAsking(t, q).code != "" {
		}
	}
	heal := sync.OnceFunc(proxy.toxic(t, "bandwidth", "downstream", `{"rate": 2}`))
	t.Cleanup(heal)
	if o := p.tryAsking(t, query); o.code != "TIMEOUT" {
		t.Errorf("what is too much is answered by %.300s", o.body)
	}
	for begun := time.Now(); time.Since(begun) < time.Second; {
		if o := p.tryAsking(t, pointRead); o.code != "" {
			t.Fatalf("then others are answered by %s", o.body)
		}
	}
	heal()
	p.awaitGood(t)
	if log := p.stderr.String(); strings.Contains(log, "the database does not answer") {
		t.Errorf("the log has\n%s", log)
	}
}

// A client that is gone before its answer is there leaves no statement running in Neo4j.
func TestClientGone(t *testing.T) {
	p := startSeeded(t)
	// Much text, and many words that are not in it: a search that takes long.
	result, err := neo4j.ExecuteQuery(t.Context(), neo4jtest.Driver(t), `UNWIND range(1, 2000) AS i
CREATE (p:Entity:Person {id: 'long-' + i, name: 'Long ' + i})
SET p.description = reduce(text = '', j IN range(1, 500) | text + ' some words of person ' + i)`, nil, neo4j.EagerResultTransformer)
	if err != nil || result.Summary.Counters().NodesCreated() != 2000 {
		t.Fatal(err)
	}
	var words []string
	for i := range 90 {
		words = append(words, fmt.Sprintf(`{description: {contains: "absent %d"}}`, i))
	}
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	r := p.graphQL(ctx, t, `{ people(where: {or: [`+strings.Join(words, ", ")+`]}) { nodes { name } } }`, nil)
	gone := make(chan error, 1)
	go func() {
		response, err := http.DefaultClient.Do(r)
		if err == nil {
			content, _ := io.ReadAll(response.Body)
			_ = response.Body.Close()
			err = fmt.Errorf("an answer came: %.300s", content)
		}
		gone <- err
	}()
	const running = "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS 'Person' AND NOT currentQuery STARTS WITH 'SHOW' RETURN count(*)"
	for count(t, running) == 0 {
		select {
		case err := <-gone:
			t.Fatal(err)
		default:
		}
	}
	leave()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for begun := time.Now(); count(t, running) > 0; {
		if time.Since(begun) > goodWithin {
			t.Fatalf("the statement still runs %v after its client has gone", time.Since(begun))
		}
	}
}

// A write whose connection breaks is made again when nothing of it can have been stored. When the answer to its commit is
// lost, nobody knows; it is not made again, and whoever made it is told so.
func TestWritesAreSafe(t *testing.T) {
	for _, c := range []struct {
		name   string
		broken byte // kind of the message whose first answer never comes
		want   string
	}{
		{"before the commit", runText, ""},
		{"in the commit", commit, "The database went away while it stored the change. Look whether the change is there before you make it again."},
	} {
		t.Run(c.name, func(t *testing.T) {
			neo4jtest.ClearData(t)
			server := *neo4jtest.Server(t)
			address, broke := breakOnce(t, c.broken)
			server.BoltURI = "bolt://" + address
			g := writerTo(t, &server)
			_, err := g.Record(t.Context(), "a test", graph.Batch{Entities: []graph.Entity{{Type: "Person", ID: "ada", Name: "Ada"}}})
			var told *graph.Error
			if got := errors.As(err, &told); got != (c.want != "") || got && (told.Message != c.want || told.Code != graph.ServiceUnavailable) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if !broke() {
				t.Error("no connection was broken")
			}
			if n := count(t, "MATCH (c:Change)-[:TOUCHED]->(:Person {id: 'ada'}) RETURN count(*)"); n != 1 {
				t.Errorf("it was stored %d times", n)
			}
		})
	}
}

// breakOnce is an address at which the shared Neo4j answers, but for the first answer that follows a kind of message: in
// its place the connection breaks.
func breakOnce(t *testing.T, kind byte) (address string, broke func() bool) {
	t.Helper()
	target := neo4jAddress(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var sent, broken atomic.Bool
	var group sync.WaitGroup
	t.Cleanup(group.Wait)
	t.Cleanup(func() { _ = listener.Close() })
	serve := func(client net.Conn) {
		defer func() { _ = client.Close() }()
		server, err := net.Dial("tcp", target)
		if err != nil {
			return
		}
		defer func() { _ = server.Close() }()
		if shakeHands(client, server) != nil {
			return
		}
		group.Go(func() {
			pass(client, server, func(message) bool {
				if !sent.Load() || !broken.CompareAndSwap(false, true) {
					return true
				}
				_ = client.Close()
				return false
			})
			_ = client.Close()
		})
		pass(server, client, func(m message) bool {
			if m.signature == kind {
				sent.Store(true)
			}
			return true
		})
	}
	group.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { serve(client) })
		}
	})
	return listener.Addr().String(), broken.Load
}

// Ten thousand hostile requests leave nothing behind: no memory, no goroutine.
func TestHostileRequests(t *testing.T) {
	p := startSeeded(t)
	// Operations that are valid are kept parsed, up to a size of their texts. Long texts reach it soon.
	comment := "\n#" + strings.Repeat(" long", 100)
	send := func(query string, variables any) func(*http.Client, int) error {
		query += comment
		return func(client *http.Client, i int) error {
			body, err := json.Marshal(map[string]any{"query": strings.ReplaceAll(query, "%d", strconv.Itoa(i)), "variables": variables})
			if err != nil {
				return err
			}
			return p.post(client, string(body))
		}
	}
	raw := func(body string) func(*http.Client, int) error {
		return func(client *http.Client, _ int) error { return p.post(client, body) }
	}
	requests := map[string]func(*http.Client, int) error{
		"JSON that ends":         raw(`{"query": "{ person(id: \"elon-musk\") { na`),
		"no JSON":                raw("\x00\xff{{{{"),
		"JSON of another kind":   raw(`[[[[[[[[[[[["query"]]]]]]]]]]]]`),
		"JSON too deep":          raw(`{"query": "{ __typename }", "variables": ` + strings.Repeat(`{"a": [`, 5000) + strings.Repeat(`]}`, 5000) + `}`),
		"too deep":               send(`{ person(id: "a%d") `+strings.Repeat(`{ coFounded { nodes { company { coFounders { nodes { founder `, 60)+"{ id }"+strings.Repeat(" } } } } } }", 60)+" }", nil),
		"brackets":               send(strings.Repeat("{", 30_000)+" # %d", nil),
		"too many aliases":       send("{"+aliases(1000)+" }", nil),
		"too many directives":    send("{ __typename"+strings.Repeat(" @skip(if: false)", 500)+" # %d\n}", nil),
		"a circle of fragments":  send("{ ...a%d } fragment a%d on Query { ...b } fragment b on Query { ...a%d }", nil),
		"a broken cursor":        send(`{ people(first: 2, after: "!%d") { nodes { id } } }`, nil),
		"another thing's cursor": send(`{ claims(first: 2, after: "WyJOQU1FIiwiYiIsImMiXQ") { nodes { id } } } # %d`, nil),
		"an unknown field":       send(`{ person(id: "a") { nam%d } }`, nil),
		"a huge id":              send(`query ($id: ID!) { person(id: $id) { name } } # %d`, map[string]any{"id": strings.Repeat("a", 20_000)}),
		"an unknown id":          send(`{ person(id: "nobody-%d") { name } }`, nil),
		"a number too big":       send(`{ people(first: 99999999999%d) { nodes { id } } }`, nil),
		"search syntax":          send(`{ search(text: "name:[* TO *] AND (+\"x~%d OR /.*/ ^ \\\\ ") { nodes { __typename } } }`, nil),
		"an unknown hash":        raw(`{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "00"}}}`),
		"an aborted body":        func(*http.Client, int) error { return p.abort() },
	}
	names := slices.Sorted(maps.Keys(requests))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	burst := func(names []string, from, n int) {
		t.Helper()
		var group sync.WaitGroup
		for worker := range 8 {
			group.Go(func() {
				for i := from + worker; i < from+n; i += 8 {
					name := names[i%len(names)]
					if err := requests[name](client, i); err != nil {
						t.Errorf("%s: %v", name, err)
						return
					}
				}
			})
		}
		group.Wait()
		client.CloseIdleConnections()
	}
	burst(names, 0, 3000)
	before, heap := mark(ours()), heapInUse()
	burst(names, 3000, 10_000)
	before.nothingLeft(t, 64+8)
	now := heapInUse()
	t.Logf("heap %d KiB, before %d KiB", now>>10, heap>>10)
	if now > heap+heap/5 {
		t.Errorf("the heap has grown from %d KiB to %d KiB", heap>>10, now>>10)
	}
	p.wantData(t, pointRead, `{"person":{"name":"Elon Musk"}}`)
	if strings.Contains(p.stderr.String(), "panic") {
		t.Error("a request made the service panic")
	}
}

func aliases(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` a%d: person(id: "nobody") { id }`, i)
	}
	return b.String()
}

// post sends a body and takes any answer that is JSON, or a refusal of the HTTP request.
func (p *running) post(client *http.Client, body string) error {
	r, err := http.NewRequest(http.MethodPost, p.url+"/graphql", strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode >= 500 && response.StatusCode != http.StatusServiceUnavailable:
		return fmt.Errorf("%s: %.300s", response.Status, content)
	case response.StatusCode == http.StatusOK && !json.Valid(content):
		return fmt.Errorf("this is no JSON: %.300s", content)
	}
	return nil
}

// abort sends less of a body than its length says.
func (p *running) abort() error {
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		return err
	}
	if _, err := io.WriteString(conn, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"query\": \"{"); err != nil {
		return err
	}
	return conn.Close()
}

// heapInUse is what the process holds once its garbage is collected.
func heapInUse() uint64 {
	for range 3 { // finalizers and pools need more than one
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
