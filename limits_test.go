package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"dossier/internal/neo4jtest"
)

// Flags and environment variables set their limits. What each limit does is tested where it is made.
func TestLimitFlags(t *testing.T) {
	neo4jtest.ClearData(t)
	env := onShared(t)
	for name, value := range map[string]string{"SEED": "false", "MAX_DEPTH": "3", "MAX_ALIASES": "2", "MAX_DIRECTIVES": "1", "MAX_TOKENS": "60", "MAX_COST": "50", "INTROSPECTION": "false"} {
		env["DOSSIER_"+name] = value
	}
	p := start(t, env, "--max-body=500", "--max-variables=20", "--max-headers=400", "--max-url=300")
	long := strings.Repeat("x", 500)
	for _, c := range []struct {
		limit          string
		method, target string
		body           string
		header         []string
		status         int
	}{
		{"depth", "POST", "/graphql", `{"query":"{ people { nodes { roles { totalCount } } } }"}`, nil, 400},
		{"aliases", "POST", "/graphql", `{"query":"{ a: __typename b: __typename c: __typename }"}`, nil, 400},
		{"directives", "POST", "/graphql", `{"query":"{ __typename @skip(if: false) @include(if: true) }"}`, nil, 400},
		{"tokens", "POST", "/graphql", `{"query":"{` + strings.Repeat(" a", 60) + `}"}`, nil, 400},
		{"cost", "POST", "/graphql", `{"query":"{ people(first: 50) { nodes { id } } }"}`, nil, 400},
		{"body", "POST", "/graphql", `{"query":"` + long + `"}`, nil, 413},
		{"variables", "POST", "/graphql", `{"query":"{ __typename }","variables":{"x":"0123456789012345"}}`, nil, 413},
		{"headers", "POST", "/graphql", `{"query":"{ __typename }"}`, []string{"X-Long", long}, 431},
		{"url", "GET", "/graphql?query=" + long, "", nil, 414},
	} {
		r := p.do(t, c.method, c.target, c.body, append(c.header, "Content-Type", "application/json", "Accept", "application/graphql-response+json")...)
		if want := fmt.Sprintf(`"limit":%q`, c.limit); r.status != c.status || !strings.Contains(r.body, `"LIMIT_EXCEEDED"`) || !strings.Contains(r.body, want) {
			t.Errorf("%s: %d %s", c.limit, r.status, r.body)
		}
	}
	if r := p.get(t, "/schema.graphql"); r.status != http.StatusNotFound {
		t.Errorf("/schema.graphql without introspection: %d", r.status)
	}
	if body := p.query(t, "{ peple { totalCount } }"); strings.Contains(body, "Did you mean") {
		t.Errorf("a suggestion without introspection: %s", body)
	}
	// What is far too long for net/http itself.
	if r := p.get(t, "/graphql?query="+strings.Repeat("x", 10_000)); r.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a URL of 10,000 bytes: %d", r.status)
	}
	wantError(t, run(t.Context(), []string{"serve", "--max-cost=-1"}, noEnvironment, io.Discard, io.Discard),
		"--max-cost -1 is negative: 0 is none (dossier --help lists commands and flags)")
}

// Without flags, the limits are those that the documentation names.
func TestDefaultLimits(t *testing.T) {
	var c commands
	parser, err := kong.New(&c, kong.Resolvers(environment(noEnvironment)), variables())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"serve"}); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	l := c.Serve.limits
	for flag, value := range map[string]any{
		"max-depth": l.MaxDepth, "max-aliases": l.MaxAliases, "max-directives": l.MaxDirectives, "max-tokens": l.MaxTokens, "max-cost": l.MaxCost,
		"max-statements": l.MaxStatements, "max-body": int(l.MaxBody), "max-variables": l.MaxVariables, "max-headers": l.MaxHeaders, "max-url": l.MaxURL,
		"max-concurrent": l.MaxConcurrent, "max-streams": l.MaxStreams, "max-stream-operations": l.MaxStreamOperations, "max-sending": l.MaxSending,
		"max-socket-operations": l.MaxSocketOperations, "socket-init-timeout": l.SocketInitTimeout, "read-timeout": l.ReadTimeout,
		"write-timeout": l.WriteTimeout, "request-timeout": c.Serve.RequestTimeout,
	} {
		row := regexp.MustCompile(`(?m)^\| .* \| (.*) \| ` + "`--" + flag + "`").FindSubmatch(page)
		if row == nil {
			t.Errorf("--%s is not in the table", flag)
			continue
		}
		if told := quantity(t, string(row[1])); told != value {
			t.Errorf("--%s is %v without a flag, and the table says %v", flag, value, told)
		}
	}
	if l.MaxRate != 0 || !l.Introspection || !l.Suggestions {
		t.Errorf("the table says that there is no rate, and that introspection and suggestions are on: %+v", l)
	}
}

// quantity reads what a table says: 100,000 or 64 KiB as an int, 9 s as a time.Duration.
func quantity(t *testing.T, text string) any {
	number, unit, _ := strings.Cut(strings.ReplaceAll(text, ",", ""), " ")
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Errorf("%q is no quantity", text)
	}
	switch unit {
	case "KiB":
		return n << 10
	case "MiB":
		return n << 20
	case "s":
		return time.Duration(n) * time.Second
	case "min":
		return time.Duration(n) * time.Minute
	}
	return n
}

// The flags that concern streams and clients.
func TestLoadFlags(t *testing.T) {
	neo4jtest.ClearData(t)
	p := start(t, onShared(t), "--no-seed", "--max-rate=0.2", "--client-header=X-Real-IP", "--max-streams=1")
	p.await(t, "Dossier is ready")
	ask := func(address string) reply { return p.get(t, "/graphql?query=%7B__typename%7D", "X-Real-IP", address) }
	for i, want := range []int{200, 200, 429} {
		if r := ask("192.0.2.1"); r.status != want || want == 429 && r.header.Get("Retry-After") == "" {
			t.Errorf("request %d: %d %s", i+1, r.status, r.body)
		}
	}
	if r := ask("192.0.2.2"); r.status != http.StatusOK {
		t.Errorf("another client: %d %s", r.status, r.body)
	}
	overSSE(t, p, `subscription { changed { id } }`)
	r := p.do(t, "POST", "/graphql", `{"query":"{ __typename }"}`, "Content-Type", "application/json", "Accept", "text/event-stream", "X-Real-IP", "192.0.2.3")
	if r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") == "" || !strings.Contains(r.body, `"SERVICE_UNAVAILABLE"`) {
		t.Errorf("a second stream: %d %s", r.status, r.body)
	}
	for _, limit := range []string{"rate", "streams"} {
		if n := p.metric(t, `dossier_limit_refusals_total{limit="`+limit+`"}`); n != 1 {
			t.Errorf("%g refusals are counted of %s, want 1", n, limit)
		}
	}
}

// What a request may take is what Neo4j gives its transaction: a statement does not outlive its request.
func TestTimeoutReachesNeo4j(t *testing.T) {
	wire := tap(t)
	p := startBehind(t, wire.address, "--request-timeout=40s")
	wire.sent()
	p.wantData(t, `{ person(id: "nobody") { name } }`, `{"person":null}`)
	timeouts := txTimeouts(t, wire.sent())
	if len(timeouts) != 1 || timeouts[0] <= 30*time.Second || timeouts[0] > 40*time.Second {
		t.Errorf("the transactions' timeouts are %v, want one of at most 40s", timeouts)
	}
	// A change may take longer, and has an end, too: of its transaction, and of what is read before.
	env := onShared(t)
	env["NEO4J_URI"] = "bolt://" + wire.address
	wantError(t, run(t.Context(), []string{"retract", "claim:nobody", "--reason=none"}, func(name string) string { return env[name] }, io.Discard, io.Discard),
		"claim:nobody: there is no claim with this id")
	begun := transactions(wire.sent())
	for _, begin := range begun {
		if timeouts := txTimeouts(t, begin); len(timeouts) != 1 || timeouts[0] > 10*time.Minute {
			t.Errorf("a transaction begins with the timeouts %v, want one of at most 10m", timeouts)
		}
	}
	if len(begun) == 0 {
		t.Error("no transaction was begun")
	}
}

// Each change sees the one before, whichever member of a cluster takes it: it names the state that that one left.
func TestChangesAreChained(t *testing.T) {
	neo4jtest.ClearData(t)
	wire := tap(t)
	server := *neo4jtest.Server(t)
	server.BoltURI = "bolt://" + wire.address
	g := writerTo(t, &server)
	for _, id := range []string{"first", "second", "third"} {
		recordPeople(t, g, id)
	}
	begun := transactions(wire.sent())
	if len(begun) != 3 {
		t.Fatalf("%d transactions were begun, want 3", len(begun))
	}
	for i, begin := range begun {
		if chained := bytes.Contains(begin, []byte("\x89bookmarks")); chained != (i > 0) {
			t.Errorf("transaction %d names the state that it is to see: %v", i+1, chained)
		}
	}
}

// transactions finds, in messages of Bolt, those that begin one: BEGIN, behind the message's length.
func transactions(sent []byte) (out [][]byte) {
	for {
		i := bytes.Index(sent, []byte("\xB1\x11"))
		if i < 0 {
			return out
		}
		end := i + int(binary.BigEndian.Uint16(sent[i-2:]))
		out, sent = append(out, sent[i:end]), sent[end:]
	}
}

// A wiretap is a way to the shared Neo4j on which what clients send is written down.
type wiretap struct {
	address string
	mu      sync.Mutex
	bytes   []byte
}

func tap(t *testing.T) *wiretap {
	t.Helper()
	target := neo4jAddress(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wiretap{address: listener.Addr().String()}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() {
				_, _ = io.Copy(client, server)
				_ = client.Close()
			}()
			go func() {
				_, _ = io.Copy(io.MultiWriter(w, server), client)
				_ = server.Close()
			}()
		}
	}()
	return w
}

func (w *wiretap) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bytes = append(w.bytes, b...)
	return len(b), nil
}

// sent is what was sent since it was called last.
func (w *wiretap) sent() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.bytes
	w.bytes = nil
	return out
}

// txTimeouts finds tx_timeout, in milliseconds, in messages of Bolt: a key of PackStream and an integer of 16 or 32 bits
// (https://neo4j.com/docs/bolt/current/packstream/).
func txTimeouts(t *testing.T, sent []byte) (out []time.Duration) {
	t.Helper()
	for {
		_, value, found := bytes.Cut(sent, []byte("\x8Atx_timeout"))
		if !found {
			return out
		}
		sent = value
		switch value[0] {
		case 0xC9:
			out = append(out, time.Duration(int16(binary.BigEndian.Uint16(value[1:])))*time.Millisecond)
		case 0xCA:
			out = append(out, time.Duration(int32(binary.BigEndian.Uint32(value[1:])))*time.Millisecond)
		default:
			t.Fatalf("tx_timeout is followed by %s", strconv.Quote(string(value[:5])))
		}
	}
}

// Who sends a request too slowly is not waited for.
func TestSlowSenders(t *testing.T) {
	p := start(t, onShared(t), "--no-seed", "--read-timeout=600ms")
	const headers = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"
	for sent, want := range map[string]string{
		headers:                           "",
		headers + "\r\n" + `{"query": "{`: "HTTP/1.1 400 Bad Request",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := io.WriteString(conn, sent); err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(conn) // until the server closes
		if status, _, _ := strings.Cut(string(answer), "\r\n"); err != nil || status != want {
			t.Errorf("after %q it gets %q (%v), want %q", sent, answer, err, want)
		}
	}
}
