package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracedata "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"dossier/internal/neo4jtest"
)

// These tests look at the program as those do who run it: docs/operators.md.

// metric is the value of a metric with its labels, 0 without it.
func (p *running) metric(t *testing.T, name string) float64 {
	t.Helper()
	page := p.get(t, "/metrics")
	if page.status != http.StatusOK {
		t.Fatalf("/metrics: %d %s", page.status, page.body)
	}
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindStringSubmatch(page.body)
	if found == nil {
		return 0
	}
	value, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestMetrics(t *testing.T) {
	p := startSeeded(t, "--max-depth=5")
	untouched := p.get(t, "/metrics").body // what has not happened yet is 0, so that the first time is a rise
	for _, name := range []string{
		`dossier_requests_total{code="INTERNAL",operation="query"} 0`, `dossier_requests_total{code="OK",operation="subscription"} 0`,
		`dossier_errors_total{code="SERVICE_UNAVAILABLE"} 0`, `dossier_errors_total{code="RATE_LIMITED"} 0`,
		`dossier_limit_refusals_total{limit="concurrent"} 0`, `dossier_limit_refusals_total{limit="rate"} 0`,
	} {
		if !strings.Contains(untouched, "\n"+name+"\n") {
			t.Errorf("at the start there is no %s", name)
		}
	}
	statements := p.metric(t, "dossier_statements_total")
	if statements == 0 {
		t.Error("no statement is counted after the first facts were loaded")
	}
	p.data(t, `{ person(id: "elon-musk") { name } }`)
	if got := p.metric(t, "dossier_statements_total"); got < statements+1 {
		t.Errorf("a query took %g statements", got-statements)
	}
	if got := p.metric(t, "dossier_statement_duration_seconds_count"); got < 1 {
		t.Error("no statement's duration is counted")
	}
	p.query(t, `{ person(id: "elon-musk") { coFounded { nodes { company { founders: coFounders { nodes { founder { name } } } } } } } }`)
	p.query(t, `{ persona }`)
	p.query(t, `{ people(first: -1) { totalCount } }`)
	p.do(t, "POST", "/graphql", "[]", "Content-Type", "application/json")
	for name, want := range map[string]float64{
		`dossier_requests_total{code="OK",operation="query"}`:              1,
		`dossier_requests_total{code="LIMIT_EXCEEDED",operation="unread"}`: 1,
		`dossier_requests_total{code="BAD_USER_INPUT",operation="query"}`:  1,
		`dossier_requests_total{code="BAD_USER_INPUT",operation="unread"}`: 1,
		`dossier_limit_refusals_total{limit="depth"}`:                      1,
		`dossier_errors_total{code="LIMIT_EXCEEDED"}`:                      1,
		`dossier_errors_total{code="BAD_USER_INPUT"}`:                      2,
		`dossier_request_duration_seconds_count{operation="query"}`:        2,
		`dossier_requests_under_way`:                                       0,
		`dossier_reads_together_bucket{le="1"}`:                            1,
		`dossier_reads_together_count`:                                     1,
		`dossier_connections`:                                              64,
		`dossier_connections_in_use`:                                       0,
		`dossier_connections_waiting`:                                      0,
		`dossier_breaker_state{state="closed"}`:                            1,
		`dossier_breaker_state{state="open"}`:                              0,
		`dossier_streams_open`:                                             0,
	} {
		if got := p.metric(t, name); got != want {
			t.Errorf("%s is %g, want %g", name, got, want)
		}
	}
	page := p.get(t, "/metrics").body
	for _, name := range []string{"go_goroutines ", "process_resident_memory_bytes ", "go_build_info{"} {
		if !strings.Contains(page, "\n"+name) {
			t.Errorf("%s is missing", name)
		}
	}

	t.Run("together", func(t *testing.T) {
		// More at once than leave alone.
		for range 10 {
			var all sync.WaitGroup
			for range 64 {
				all.Go(func() { p.query(t, `{ person(id: "sam-altman") { name coFounded { totalCount } } }`) })
			}
			all.Wait()
			if p.metric(t, "dossier_reads_together_count") > p.metric(t, `dossier_reads_together_bucket{le="1"}`) {
				return
			}
		}
		t.Error("no reads left together")
	})
	t.Run("streams", func(t *testing.T) {
		overSSE(t, p, `subscription { changed { id } }`)
		if got := p.metric(t, "dossier_streams_open"); got != 1 {
			t.Errorf("%g streams are open, want 1", got)
		}
		for begun := time.Now(); p.metric(t, `dossier_requests_total{code="OK",operation="subscription"}`) != 1; time.Sleep(10 * time.Millisecond) {
			if time.Since(begun) > patience {
				t.Fatal("the subscription is not counted")
			}
		}
	})
}

func TestMetricsElsewhere(t *testing.T) {
	t.Run("production shows none", func(t *testing.T) {
		p := start(t, onShared(t), "--production", "--host=127.0.0.1", "--no-seed")
		if got := p.get(t, "/metrics").status; got != http.StatusNotFound {
			t.Errorf("/metrics: %d", got)
		}
	})
	t.Run("an address of their own", func(t *testing.T) {
		p := start(t, onShared(t), "--production", "--host=127.0.0.1", "--no-seed", "--metrics-address=127.0.0.1:0")
		elsewhere := &running{url: p.await(t, `Metrics at (http://\S+)/metrics\.`)[1]}
		if got := p.get(t, "/metrics").status; got != http.StatusNotFound {
			t.Errorf("/metrics of the API: %d", got)
		}
		if got := elsewhere.metric(t, "dossier_connections"); got != 64 {
			t.Errorf("dossier_connections is %g", got)
		}
		if got := elsewhere.get(t, "/graphql").status; got != http.StatusNotFound {
			t.Errorf("/graphql beside the metrics: %d", got)
		}
	})
}

func TestRequestIDs(t *testing.T) {
	p := startSeeded(t)
	ids := map[string]bool{}
	for _, sent := range []string{"", "", "with space", strings.Repeat("x", 129), "né"} {
		got := p.get(t, "/healthz", "X-Request-Id", sent).header.Get("X-Request-Id")
		if !regexp.MustCompile(`^[A-Z2-7]{26}$`).MatchString(got) || ids[got] {
			t.Errorf("X-Request-Id %q: the answer has %q", sent, got)
		}
		ids[got] = true
	}
	const id = "4bf92f35-77b3:4da6/a3ce"
	if got := p.get(t, "/graphql?query={__typename}", "X-Request-Id", id).header["X-Request-Id"]; len(got) != 1 || got[0] != id {
		t.Errorf("X-Request-Id %q: the answer has %q", id, got)
	}

	// A name that is none: the error is ours, and its id leads to the log.
	cypherOnShared(t, "MATCH (n:Entity {id: 'elon-musk'}) SET n.name = duration('P1D')")
	body := p.query(t, `{ person(id: "elon-musk") { name } }`, "X-Request-Id", id)
	if !strings.Contains(body, `"code":"INTERNAL"`) || !strings.Contains(body, `"requestId":"`+id+`"`) {
		t.Errorf("an error of ours: %s", body)
	}
	p.awaitLog(t, `msg="request failed".* request=`+regexp.QuoteMeta(id)+"\n")
	if body := p.query(t, `{ people(first: -1) { totalCount } }`); strings.Contains(body, "requestId") {
		t.Errorf("an error of the client's has a request id: %s", body)
	}
}

func TestSlowStatements(t *testing.T) {
	p := startSeeded(t, "--slow-query=1ns")
	if log := p.stderr.String(); strings.Contains(log, "CREATE") {
		t.Errorf("the log tells of what nobody waited for:\n%s", log)
	}
	p.query(t, `{ person(id: "elon-musk") { name } }`, "X-Request-Id", "the-slow-one")
	p.awaitLog(t, `level=WARN msg="slow statement" took=\S+ together=1 statement="(OPTIONAL )?MATCH .*\$id.* request=the-slow-one\n`)
	if strings.Contains(p.stderr.String(), "elon-musk") {
		t.Errorf("the log has values of parameters:\n%s", p.stderr)
	}

	for _, flag := range []string{"--slow-query=0", "--slow-query=1h"} {
		t.Run("none with "+flag, func(t *testing.T) {
			p := start(t, onShared(t), flag)
			p.await(t, "Dossier is ready")
			p.data(t, `{ person(id: "elon-musk") { name } }`)
			_ = p.stop(t)
			if log := p.stderr.String(); log != "" {
				t.Errorf("the log has\n%s", log)
			}
		})
	}
}

// Who reads the log may stop reading. Nobody waits for that, and when he goes on, a line tells how many he missed.
func TestLogThatIsNotRead(t *testing.T) {
	neo4jtest.ClearData(t)
	p := start(t, onShared(t), "--no-seed", "--slow-query=1ns")
	p.await(t, "Dossier is ready")
	p.stderr.mu.Lock() // what writes to it waits
	goOn := sync.OnceFunc(p.stderr.mu.Unlock)
	t.Cleanup(goOn)
	const requests = 2500
	for range requests {
		p.wantData(t, `{ person(id: "nobody") { name } }`, `{"person":null}`)
	}
	goOn()
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
	log := p.stderr.String()
	slow, lost := strings.Count(log, `msg="slow statement"`), 0
	for _, found := range regexp.MustCompile(`msg="the log was not read, so lines of it are lost" lines=(\d+)\n`).FindAllStringSubmatch(log, -1) {
		n, _ := strconv.Atoi(found[1])
		lost += n
	}
	t.Logf("%d lines of %d requests, and %d lost", slow, requests, lost)
	if lost == 0 || slow+lost < requests {
		t.Error("the log does not tell of every line")
	}
}

// cypherOnShared runs a statement beside the program.
func cypherOnShared(t *testing.T, statement string) {
	t.Helper()
	if _, err := neo4j.ExecuteQuery(t.Context(), neo4jtest.Driver(t), statement, nil, neo4j.EagerResultTransformer); err != nil {
		t.Fatal(err)
	}
}

// retractOnShared retracts a claim beside the program and returns the bookmark of that change.
func retractOnShared(t *testing.T, claim string) (bookmark string) {
	t.Helper()
	var out bytes.Buffer
	env := onShared(t)
	if err := run(t.Context(), []string{"retract", claim, "--reason=misread", "--bookmark"}, func(name string) string { return env[name] }, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`^Retracted ` + claim + `\.\nBookmark (\S+)\n$`).FindStringSubmatch(out.String())
	if found == nil {
		t.Fatalf("retract prints %q", &out)
	}
	return found[1]
}

// Two replicas on one Neo4j: what one is told, the other shows to who brings the bookmark.
func TestBookmarks(t *testing.T) {
	one := startSeeded(t)
	two := start(t, onShared(t), "--no-seed")
	two.await(t, "Dossier is ready")
	const query = `{ claims(where: {status: {eq: RETRACTED}}) { totalCount } }`
	ask := func(t *testing.T, p *running, bookmark string) reply {
		t.Helper()
		return replyTo(t, p.graphQL(t.Context(), t, query, nil, "X-Dossier-Bookmark", bookmark))
	}
	retracted := func(n int) string { return fmt.Sprintf(`{"data":{"claims":{"totalCount":%d}}}`, n) }

	before := ask(t, one, "")
	if before.body != retracted(0) {
		t.Fatalf("before a claim is retracted: %s", before.body)
	}
	after := ask(t, two, retractOnShared(t, "claim:musk-left-openai-over-control"))
	if after.body != retracted(1) {
		t.Errorf("with the bookmark of the change: %s", after.body)
	}
	if b, a := before.header.Get("X-Dossier-Bookmark"), after.header.Get("X-Dossier-Bookmark"); b == "" || a == "" || a == b {
		t.Errorf("the answers have the bookmarks %q and %q", b, a)
	}
	if got := ask(t, one, before.header.Get("X-Dossier-Bookmark")+","+after.header.Get("X-Dossier-Bookmark")).body; got != retracted(1) {
		t.Errorf("with the bookmarks of two answers: %s", got)
	}
	if got := replyTo(t, two.graphQL(t.Context(), t, "{ __typename }", nil, "X-Dossier-Bookmark", "FB:handed-on")).header.Get("X-Dossier-Bookmark"); got != "FB:handed-on" {
		t.Errorf("an answer that needs no statement has the bookmark %q", got)
	}

	t.Run("not ours", func(t *testing.T) {
		const why = "the bookmark is none of this database: send the one that an earlier answer gave, as it is, or none"
		for _, c := range []struct {
			bookmark string
			status   int
			message  string
		}{
			{"no bookmark", http.StatusBadRequest, "header X-Dossier-Bookmark: " + why},
			{strings.Repeat("FB:a,", 100) + "FB:a", http.StatusBadRequest, "header X-Dossier-Bookmark: " + why},
			{"x", http.StatusBadRequest, "header X-Dossier-Bookmark: " + why},
			{"FB:nonsense", http.StatusOK, why},
			{"FB:x", http.StatusOK, why},
		} {
			got := ask(t, two, c.bookmark)
			if got.status != c.status || !strings.Contains(got.body, `"message":"`+c.message+`"`) || !strings.Contains(got.body, `"code":"BAD_USER_INPUT"`) {
				t.Errorf("%.20q: %d %s", c.bookmark, got.status, got.body)
			}
			if back := got.header.Get("X-Dossier-Bookmark"); back != "" { // its client would send it again and again
				t.Errorf("%.20q is refused, and given back as %q", c.bookmark, back)
			}
		}
	})
	t.Run("a state to come", func(t *testing.T) {
		next := later(t, ask(t, two, "").header.Get("X-Dossier-Bookmark"), 1)
		answer := make(chan string)
		go func() { answer <- ask(t, two, next).body }()
		for two.metric(t, "dossier_connections_in_use") == 0 {
			select {
			case got := <-answer:
				t.Fatalf("it is answered before it is there: %s", got)
			case <-time.After(10 * time.Millisecond):
			}
		}
		retractOnShared(t, "claim:musk-co-founded-openai")
		if got := <-answer; got != retracted(2) {
			t.Errorf("with the bookmark of a state to come: %s", got)
		}
	})
	t.Run("a state that never comes", func(t *testing.T) {
		p := start(t, onShared(t), "--no-seed", "--request-timeout=1500ms")
		p.await(t, "Dossier is ready")
		never := later(t, after.header.Get("X-Dossier-Bookmark"), 1000)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if got := ask(t, p, never).body; !strings.Contains(got, `"message":"The request took too long: perhaps the database does not have the state of the bookmark yet. Try again."`) || !strings.Contains(got, `"code":"TIMEOUT"`) {
					t.Errorf("it answers %s", got)
				}
			})
		}
		for p.metric(t, "dossier_connections_in_use") == 0 {
			time.Sleep(10 * time.Millisecond)
		}
		if got := ask(t, p, "").body; got != retracted(2) {
			t.Errorf("without a bookmark meanwhile: %s", got)
		}
		all.Wait()
		if p.metric(t, `dossier_breaker_state{state="closed"}`) != 1 {
			t.Error("who waits for a state that never comes shuts out all others")
		}
	})
	t.Run("together", func(t *testing.T) {
		bookmark := ask(t, two, "").header.Get("X-Dossier-Bookmark")
		for two.metric(t, "dossier_reads_together_count") == two.metric(t, `dossier_reads_together_bucket{le="1"}`) {
			var all sync.WaitGroup
			for range 64 {
				all.Go(func() {
					if got := ask(t, two, bookmark); got.body != retracted(2) || got.header.Get("X-Dossier-Bookmark") != bookmark {
						t.Errorf("%s with the bookmark %q, want %q", got.body, got.header.Get("X-Dossier-Bookmark"), bookmark)
					}
				})
			}
			all.Wait()
		}
	})
	// What has no headers of its own has the bookmark among its extensions.
	t.Run("over a WebSocket", func(t *testing.T) {
		conn, _, err := websocket.Dial(t.Context(), two.url+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.CloseNow() }()
		send := func(message map[string]any) {
			if err := wsjson.Write(t.Context(), conn, message); err != nil {
				t.Fatal(err)
			}
		}
		ask := func(id string, bookmark any) {
			send(map[string]any{"type": "subscribe", "id": id, "payload": map[string]any{"query": query, "extensions": map[string]any{"bookmark": bookmark}}})
		}
		type message struct {
			Type, ID string
			Payload  json.RawMessage
		}
		next := func() (m message) { // that is not the end of an operation
			for m.Type == "" || m.Type == "complete" || m.Type == "connection_ack" {
				m = message{}
				if err := wsjson.Read(t.Context(), conn, &m); err != nil {
					t.Fatal(err)
				}
			}
			return m
		}
		bookmarkOf := func(m message, want string) string {
			var got struct {
				Data       json.RawMessage
				Extensions struct{ Bookmark string }
			}
			if err := json.Unmarshal(m.Payload, &got); err != nil || `{"data":`+string(got.Data)+"}" != want || got.Extensions.Bookmark == "" {
				t.Fatalf("%s %s, want %s and a bookmark (%v)", m.Type, m.Payload, want, err)
			}
			return got.Extensions.Bookmark
		}
		send(map[string]any{"type": "connection_init"})
		ask("1", nil)
		seen := bookmarkOf(next(), retracted(2))
		ask("2", later(t, seen, 1))
		send(map[string]any{"type": "ping"})
		if m := next(); m.Type != "pong" {
			t.Fatalf("before the state of its bookmark is there comes %s %s", m.Type, m.Payload)
		}
		retractOnShared(t, "claim:musk-founded-xai")
		if after := bookmarkOf(next(), retracted(3)); after == seen {
			t.Errorf("the answers before and after have the bookmark %s", after)
		}
		for id, c := range map[string]struct {
			bookmark any
			message  string
		}{
			"number": {7, "extensions.bookmark is not a text"},
			"words":  {"no bookmark", "extensions.bookmark: the bookmark is none of this database: send the one that an earlier answer gave, as it is, or none"},
		} {
			ask(id, c.bookmark)
			if m := next(); !strings.Contains(string(m.Payload), `"message":"`+c.message+`"`) || !strings.Contains(string(m.Payload), `"code":"BAD_USER_INPUT"`) {
				t.Errorf("%v: %s %s", c.bookmark, m.Type, m.Payload)
			}
		}
		got := replyTo(t, two.request(t.Context(), t, "POST", "/graphql", `{"query": "`+query+`", "extensions": {"bookmark": null}}`, "Content-Type", "application/json"))
		if !strings.Contains(got.body, `"extensions":{"bookmark":"`+got.header.Get("X-Dossier-Bookmark")+`"}`) {
			t.Errorf("over HTTP, asked for: %s", got.body)
		}
	})
}

// later is the bookmark of a state so many transactions later, as Neo4j 5 writes them: base64 of a list of the
// database's id, the transaction's number and more, packed as in Bolt.
func later(t *testing.T, bookmark string, transactions uint16) string {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(bookmark, "FB:"))
	const number = 3 + 16 // after the list's and the id's lengths, and the id
	if err != nil || len(packed) < number+3 || packed[number] != 0xc9 {
		t.Fatalf("the bookmark %q has no transaction's number of 16 bits (%x)", bookmark, packed)
	}
	digits := packed[number+1 : number+3]
	binary.BigEndian.PutUint16(digits, binary.BigEndian.Uint16(digits)+transactions)
	return "FB:" + base64.StdEncoding.EncodeToString(packed)
}

func TestDoctor(t *testing.T) {
	p := startSeeded(t)
	_ = p.stop(t)
	shared := onShared(t)
	examine := func(t *testing.T, change map[string]string) (printed string, err error) {
		t.Helper()
		var out, log bytes.Buffer
		err = run(t.Context(), []string{"doctor"}, func(name string) string {
			if value, ok := change[name]; ok {
				return value
			}
			return shared[name]
		}, &out, &log)
		for _, secret := range []string{shared["NEO4J_PASSWORD"], "the-wrong-one"} {
			if strings.Contains(out.String()+log.String(), secret) {
				t.Errorf("it prints the password:\n%s%s", &out, &log)
			}
		}
		return out.String(), err
	}
	wantPrinted := func(t *testing.T, got, pattern string) {
		t.Helper()
		if !regexp.MustCompile(pattern).MatchString(got) {
			t.Errorf("it prints\n%s\nwant\n%s", got, pattern)
		}
	}
	const one = "there is a problem: it is told above, with what to do"

	t.Run("written past the record", func(t *testing.T) {
		cypherOnShared(t, "MATCH (p:Person {id: 'elon-musk'}), (c:Company {id: 'microsoft'}) CREATE (p)-[:CO_FOUNDED {id: 'co-founded:elon-musk:microsoft'}]->(c)")
		got, err := examine(t, nil)
		wantError(t, err, one)
		wantPrinted(t, got, "PROBLEM: 1 relationships that no claim speaks of, of those that are or were believed: .*`dossier rebuild` deletes them\n")
		var out bytes.Buffer
		if err := run(t.Context(), []string{"rebuild"}, func(name string) string { return shared[name] }, &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		wantPrinted(t, out.String(), `Projected \d+ relationships from their claims.\nDeleted 1 that no claim speaks of.\n$`)
	})
	t.Run("healthy", func(t *testing.T) {
		got, err := examine(t, nil)
		if err != nil {
			t.Error(err)
		}
		wantPrinted(t, got, `^Settings
  DOSSIER_REQUEST_TIMEOUT      1m
Configuration of the database
  NEO4J_URI        `+regexp.QuoteMeta(shared["NEO4J_URI"])+`
  NEO4J_USERNAME   neo4j
  NEO4J_PASSWORD   is set
  NEO4J_DATABASE   none: the server's default
Versions
  Dossier          \S.*
  Go               go1\.\S+ \w+/\w+
  Neo4j            \d+\.\d+\S* community
Database
  reachable        yes, at `+regexp.QuoteMeta(shared["NEO4J_URI"])+`
  stored schema    (\d+) of (\d+) constraints and indexes
  entities         19
  documents        1
  claims           58
  relationships    28
No problems
$`)
	})
	t.Run("without a constraint and an index", func(t *testing.T) {
		cypherOnShared(t, "DROP CONSTRAINT person_id")
		cypherOnShared(t, "DROP INDEX change_at")
		got, err := examine(t, nil)
		wantError(t, err, one)
		wantPrinted(t, got, `  PROBLEM: 2 constraints and indexes are missing \(person_id, change_at\): `+"`dossier serve`"+` creates them when it starts; if it is starting, wait\n`)
		start(t, shared, "--no-seed").await(t, "Dossier is ready")
		if got, err := examine(t, nil); err != nil {
			t.Errorf("after that it fails: %v\n%s", err, got)
		}
	})
	t.Run("something else with the name of an index", func(t *testing.T) {
		cypherOnShared(t, "DROP INDEX document_title")
		cypherOnShared(t, "CREATE INDEX document_title FOR (n:Document) ON (n.url)")
		got, err := examine(t, nil)
		wantError(t, err, one)
		wantPrinted(t, got, "  PROBLEM: something else has the name of Dossier's document_title: take it away \\(DROP CONSTRAINT document_title IF EXISTS; DROP INDEX document_title IF EXISTS\\), and `dossier serve` creates the right one\n")
		p := start(t, shared, "--no-seed")
		p.await(t, "Not ready yet: An index or a constraint of the database is another than the one that Dossier needs. `dossier doctor` tells which, and what to do. .*document_title is RANGE NODE \\[Document\\] \\[url\\], and should be RANGE NODE \\[Document\\] \\[title\\]")
		for _, statement := range []string{"DROP CONSTRAINT document_title IF EXISTS", "DROP INDEX document_title IF EXISTS"} {
			cypherOnShared(t, statement)
		}
		p.await(t, "Dossier is ready")
	})
	t.Run("two of one id", func(t *testing.T) {
		cypherOnShared(t, "DROP CONSTRAINT document_id")
		cypherOnShared(t, "CREATE (:Document {id: 'document:twice'}), (:Document {id: 'document:twice'})")
		got, err := examine(t, nil)
		wantError(t, err, "there are 2 problems: they are told above, with what to do")
		wantPrinted(t, got, `\n  PROBLEM: two have the same id \(document:twice of Document\), so that the constraint that keeps ids apart cannot be created: delete one of the two, or give it another id\n`)
		start(t, shared, "--no-seed").await(t, `Not ready yet: Two nodes or relationships in the database have the same id, and .*: delete one of the two, or give it another id\. \(.*document:twice.*\)`)
		cypherOnShared(t, "MATCH (d:Document {id: 'document:twice'}) DELETE d")
		start(t, shared, "--no-seed").await(t, "Dossier is ready")
		if got, err := examine(t, nil); err != nil {
			t.Errorf("after that it fails: %v\n%s", err, got)
		}
	})
	t.Run("unreachable", func(t *testing.T) {
		got, err := examine(t, map[string]string{"NEO4J_URI": "bolt://127.0.0.1:1"})
		wantError(t, err, one)
		wantPrinted(t, got, `\n  PROBLEM: Neo4j does not answer at bolt://127\.0\.0\.1:1 \(.*connection refused\): see that it runs, that the address is right, and that nothing between here and there blocks it\n$`)
	})
	t.Run("no address", func(t *testing.T) {
		got, err := examine(t, map[string]string{"NEO4J_URI": "http://example.org"})
		wantError(t, err, one)
		wantPrinted(t, got, `\n  PROBLEM: the database address "http://example\.org" cannot be used: write bolt://`)
	})
	t.Run("wrong settings", func(t *testing.T) {
		got, err := examine(t, map[string]string{"DOSSIER_REQUEST_TIMEOUT": "", "DOSSIER_CORS_ORIGINS": "example.org/app"})
		wantError(t, err, one)
		wantPrinted(t, got, `^Settings\n  DOSSIER_CORS_ORIGINS         example\.org/app\n  PROBLEM: --cors-origin "example\.org/app" is not an origin: `)
		_, err = examine(t, map[string]string{"DOSSIER_MAX_DEPTH": "-1"})
		wantError(t, err, "--max-depth -1 is negative: 0 is none (dossier --help lists commands and flags)")
	})
	t.Run("wrong password", func(t *testing.T) {
		got, err := examine(t, map[string]string{"NEO4J_PASSWORD": "the-wrong-one"})
		wantError(t, err, one)
		wantPrinted(t, got, `\n  PROBLEM: Neo4j refuses the user name or the password: check NEO4J_USERNAME and NEO4J_PASSWORD\. \(.*Unauthorized.*\)\n$`)
	})
	t.Run("no such database", func(t *testing.T) {
		got, err := examine(t, map[string]string{"NEO4J_DATABASE": "elsewhere"})
		wantError(t, err, one)
		wantPrinted(t, got, `\n  PROBLEM: Neo4j has no database of this name: check NEO4J_DATABASE\. \(.*elsewhere\)\)\n$`)
	})
	t.Run("no local one", func(t *testing.T) {
		dir := t.TempDir()
		got, err := examine(t, map[string]string{"NEO4J_URI": "", "DOSSIER_DATA_DIR": dir})
		wantError(t, err, one)
		wantPrinted(t, got, `  Java             \S.*\n  PROBLEM: no local Neo4j is running in `+dir+` \(.*\): start one with `)
	})
}

func TestSupportedVersions(t *testing.T) {
	for version, want := range map[string]bool{
		"4.4.40": false, "5.25.9": false, "5.26.0": true, "5.26.30": true, "5.26.0-drop03": true, "2025.01.0": true, "2026.08.1": true, "new": true,
	} {
		if got := isSupported(version); got != want {
			t.Errorf("Neo4j %s is supported: %v", version, got)
		}
	}
}

func TestHealth(t *testing.T) {
	ask := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"health"}, args...), noEnvironment, &out, io.Discard)
		return out.String(), err
	}
	p := start(t, map[string]string{"NEO4J_URI": "bolt://127.0.0.1:1"})
	port := "--port=" + p.url[strings.LastIndexByte(p.url, ':')+1:]
	if got, err := ask(port); err != nil || got != `{"status":"ok"}`+"\n" {
		t.Errorf("it prints %q, error %v", got, err)
	}
	got, err := ask(port, "--ready")
	wantError(t, err, "the server answers with the status 503")
	if !strings.Contains(got, `"status":"not ready"`) {
		t.Errorf("it prints %q", got)
	}
	_ = p.stop(t)
	if _, err := ask(port); err == nil || !strings.HasPrefix(err.Error(), "no server answers: ") {
		t.Errorf("without a server: %v", err)
	}
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer other.Close()
	port = other.URL[strings.LastIndexByte(other.URL, ':')+1:]
	_, err = ask("--port=" + port)
	wantError(t, err, "what answers on port "+port+" is another program: name Dossier's port with --port or PORT")
}

// A collector takes the spans that programs send to it.
type spanCollector struct {
	*httptest.Server
	sent chan *collector.ExportTraceServiceRequest
}

// newSpanCollector returns a collector that takes spans at a path.
func newSpanCollector(t *testing.T, path string) spanCollector {
	c := spanCollector{sent: make(chan *collector.ExportTraceServiceRequest, 100)}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		spans := &collector.ExportTraceServiceRequest{}
		if err != nil || r.URL.Path != path || proto.Unmarshal(body, spans) != nil {
			t.Errorf("the collector gets %s, error %v", r.URL, err)
		}
		c.sent <- spans
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(c.Close)
	return c
}

// traces are the spans that came until the program ended, by trace, in the order of their ends.
func (c spanCollector) traces() map[string][]*tracedata.Span {
	close(c.sent)
	traces := map[string][]*tracedata.Span{}
	for request := range c.sent {
		for _, r := range request.ResourceSpans {
			for _, s := range r.ScopeSpans {
				for _, span := range s.Spans {
					id := hex.EncodeToString(span.TraceId)
					traces[id] = append(traces[id], span)
				}
			}
		}
	}
	return traces
}

// attribute is an attribute of a span.
func attribute(s *tracedata.Span, key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return cmp.Or(a.Value.GetStringValue(), strconv.FormatInt(a.Value.GetIntValue(), 10))
		}
	}
	return ""
}

// traceparent is the header of a request that belongs to a trace.
func traceparent(trace string) string { return "00-" + trace + "-b7ad6b7169203331-01" }

// A request's trace goes on through its operation and its statements, to OpenTelemetry's collector; that of an operation that
// cannot be run ends there.
func TestTraces(t *testing.T) {
	neo4jtest.ClearData(t)
	receiver := newSpanCollector(t, "/v1/traces")
	env := onShared(t)
	env["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.URL
	p := start(t, env, "--max-depth=5", "--max-cost=1000")
	p.await(t, "Dossier is ready")
	const musk = "0af7651916cd43dd8448eb211c80319c"
	p.query(t, `query Musk { person(id: "elon-musk") { name } }`, "traceparent", traceparent(musk))
	mistakes := map[string]struct{ query, code, span string }{
		"1af7651916cd43dd8448eb211c80319c": {`{ people(first: -1) { totalCount } }`, "BAD_USER_INPUT", "query"},
		"2af7651916cd43dd8448eb211c80319c": {`{ persona }`, "GRAPHQL_VALIDATION_FAILED", "unread"},
		"3af7651916cd43dd8448eb211c80319c": {`{ persona`, "GRAPHQL_PARSE_FAILED", "unread"},
		"4af7651916cd43dd8448eb211c80319c": {`{ person(id: "x") { coFounded { nodes { company { founders: coFounders { nodes { founder { name } } } } } } } }`, "LIMIT_EXCEEDED", "unread"},
		"5af7651916cd43dd8448eb211c80319c": {`{ people(first: 500) { nodes { coFounded(first: 500) { nodes { id } } } } }`, "LIMIT_EXCEEDED", "query"},
	}
	for trace, m := range mistakes {
		p.query(t, m.query, "traceparent", traceparent(trace))
	}
	if err := p.stop(t); err != nil { // which sends what is left
		t.Fatal(err)
	}
	traces := receiver.traces()
	if len(traces) != 1+len(mistakes) {
		t.Errorf("%d traces, want those of %d requests", len(traces), 1+len(mistakes))
	}
	trace := traces[musk]
	if len(trace) != 2 {
		t.Fatalf("the trace has %d spans, want operation and statement: %v", len(trace), trace)
	}
	statement, operation := trace[0], trace[1] // in the order of their ends
	if hex.EncodeToString(operation.ParentSpanId) != "b7ad6b7169203331" || operation.Name != "query" || attribute(operation, "graphql.operation.name") != "Musk" {
		t.Errorf("the operation is %v", operation)
	}
	if !bytes.Equal(statement.ParentSpanId, operation.SpanId) || !strings.Contains(attribute(statement, "db.query.text"), "$id") || attribute(statement, "dossier.together") != "1" || attribute(statement, "error.type") != "" {
		t.Errorf("the statement is %v", statement)
	}
	if strings.Contains(fmt.Sprint(trace), "elon-musk") {
		t.Errorf("the trace has values of parameters: %v", trace)
	}
	for id, m := range mistakes {
		if got := traces[id]; len(got) != 1 || got[0].Name != m.span || attribute(got[0], "error.type") != m.code {
			t.Errorf("the trace of %s is %v", m.query, got)
		}
	}
}

// The endpoint for spans wins over the one for all, and a statement that fails is seen as such.
func TestTracesOfFailures(t *testing.T) {
	startSeeded(t)
	receiver := newSpanCollector(t, "/spans")
	proxy := newBoltProxy(t)
	env := onShared(t)
	env["NEO4J_URI"] = "bolt://" + proxy.address
	env["OTEL_EXPORTER_OTLP_ENDPOINT"], env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = "http://127.0.0.1:1", receiver.URL+"/spans"
	p := start(t, env)
	p.await(t, "Dossier is ready")
	proxy.close()
	const trace = "0af7651916cd43dd8448eb211c80319c"
	p.query(t, `{ person(id: "elon-musk") { name } }`, "traceparent", traceparent(trace))
	if err := p.stop(t); err != nil {
		t.Fatal(err)
	}
	spans := receiver.traces()[trace]
	if len(spans) < 2 {
		t.Fatalf("the trace is %v", spans)
	}
	for i, span := range spans {
		want := "connection"
		if i == len(spans)-1 { // the operation
			want = "SERVICE_UNAVAILABLE"
		}
		if got := attribute(span, "error.type"); got != want || span.Status.GetCode() != tracedata.Status_STATUS_CODE_ERROR {
			t.Errorf("the span %s has the error.type %q, want %q", span.Name, got, want)
		}
	}
}
