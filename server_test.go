package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/tools/txtar"

	"dossier/internal/neo4jtest"
)

// These tests start the whole program: with a local Neo4j of its own where that is what they are about, and else on
// the one that the tests of a package share.

// TestMain runs the tests, or is the program where a test starts it in a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	neo4jtest.Main(m)
}

const asProgram = "DOSSIER_TEST_AS_PROGRAM"

var update = flag.Bool("update", false, "write the answers of testdata/queries and testdata/questions as they are now, to be looked at")

// patience is how long a test waits for what has to come.
const patience = 2 * time.Minute

// A running is the program while it serves.
type running struct {
	url    string // http://127.0.0.1:12345
	stdout *output
	stderr *output
	cancel context.CancelFunc
	ended  chan struct{}
	err    error // of run, once ended is closed
}

// start runs the program on a free port, with these environment variables and flags, and returns once it listens.
func start(t *testing.T, env map[string]string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	p := &running{stdout: newOutput(), stderr: newOutput(), cancel: cancel, ended: make(chan struct{})}
	args = append([]string{"serve", "--port=0"}, args...)
	getenv := func(name string) string {
		switch name {
		case "GOGC":
			return "100" // the tests themselves need more memory than a server may have
		case "GOMAXPROCS":
			return strconv.Itoa(runtime.GOMAXPROCS(0)) // and all of the processors
		case "DOSSIER_NEO4J_VERSION":
			return os.Getenv(name)
		}
		return env[name]
	}
	go func() {
		defer close(p.ended)
		p.err = run(ctx, args, getenv, p.stdout, p.stderr)
	}()
	p.listen(t)
	return p
}

// listen waits until the program says where it listens. The test ends it.
func (p *running) listen(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		_ = p.stop(t)
		if t.Failed() {
			t.Logf("the program's output:\n%s%s", p.stdout, p.stderr)
		}
	})
	p.url = "http://" + p.await(t, `http://(\S+)/readyz`)[1]
}

// await waits for what the program prints, and returns the match and its groups.
func (p *running) await(t *testing.T, pattern string) []string {
	t.Helper()
	return p.awaitIn(t, p.stdout, pattern)
}

// awaitLog waits for what the program logs, which it does beside everything else.
func (p *running) awaitLog(t *testing.T, pattern string) {
	t.Helper()
	p.awaitIn(t, p.stderr, pattern)
}

func (p *running) awaitIn(t *testing.T, o *output, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	timeout := time.After(patience)
	for {
		text, changed := o.read()
		if found := re.FindStringSubmatch(text); found != nil {
			return found
		}
		select {
		case <-changed:
		case <-p.ended:
			t.Fatalf("the program ended (%v) before it printed %q; it printed:\n%s%s", p.err, pattern, p.stdout, p.stderr)
		case <-timeout:
			t.Fatalf("the program did not print %q; it printed:\n%s%s", pattern, p.stdout, p.stderr)
		}
	}
}

// stop ends the program as Ctrl-C does, and returns what run returned.
func (p *running) stop(t *testing.T) error {
	t.Helper()
	p.cancel()
	select {
	case <-p.ended:
		return p.err
	case <-time.After(patience):
		t.Error("the program does not stop")
		return nil
	}
}

// output is a writer whose text can be waited for.
type output struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{}
}

func newOutput() *output { return &output{changed: make(chan struct{})} }

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.changed)
	o.changed = make(chan struct{})
	return o.text.Write(b)
}

func (o *output) read() (text string, changed <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String(), o.changed
}

func (o *output) String() string {
	text, _ := o.read()
	return text
}

// onShared is the environment of a program that uses the Neo4j of this package's tests. A request may take long there:
// what Neo4j has not planned before takes seconds on a machine that does other things too.
func onShared(t *testing.T) map[string]string {
	t.Helper()
	server := neo4jtest.Server(t)
	return map[string]string{
		"NEO4J_URI": server.BoltURI, "NEO4J_USERNAME": server.Username, "NEO4J_PASSWORD": server.Password,
		"DOSSIER_REQUEST_TIMEOUT": "1m",
	}
}

// startSeeded clears the shared Neo4j and starts the program on it, with these flags, and returns once the first facts
// are loaded.
func startSeeded(t *testing.T, args ...string) *running {
	t.Helper()
	neo4jtest.ClearData(t)
	p := start(t, onShared(t), args...)
	p.await(t, "Dossier is ready")
	return p
}

// startBehind is startSeeded with the address of a proxy in place of Neo4j's own.
func startBehind(t *testing.T, proxy string, args ...string) *running {
	t.Helper()
	return startSeeded(t, append(args, "--neo4j-uri=bolt://"+proxy)...)
}

// A reply is an HTTP response that has been read.
type reply struct {
	status int
	header http.Header
	body   string
}

// get asks for a path, with header names and values in turn.
func (p *running) get(t *testing.T, path string, header ...string) reply {
	t.Helper()
	return p.do(t, "GET", path, "", header...)
}

// do sends any request, with header names and values in turn.
func (p *running) do(t *testing.T, method, path, body string, header ...string) reply {
	t.Helper()
	return replyTo(t, p.request(t.Context(), t, method, path, body, header...))
}

// request is what do sends.
func (p *running) request(ctx context.Context, t *testing.T, method, path, body string, header ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// replyTo sends a request. Redirects are not followed.
func replyTo(t *testing.T, r *http.Request) reply {
	t.Helper()
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(b)}
}

// graphQL is a request that asks a GraphQL query, with variables or nil, and with header names and values in turn.
func (p *running) graphQL(ctx context.Context, t *testing.T, query string, variables map[string]any, header ...string) *http.Request {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return p.request(ctx, t, "POST", "/graphql", string(body), append([]string{"Content-Type", "application/json"}, header...)...)
}

// query asks a GraphQL query and returns the whole answer.
func (p *running) query(t *testing.T, query string, header ...string) string {
	t.Helper()
	return replyTo(t, p.graphQL(t.Context(), t, query, nil, header...)).body
}

// ask asks a GraphQL query that has no error, with variables or nil, and returns the data.
func (p *running) ask(t *testing.T, query string, variables map[string]any) string {
	t.Helper()
	r := replyTo(t, p.graphQL(t.Context(), t, query, variables))
	var answer struct{ Data, Errors json.RawMessage }
	if err := json.Unmarshal([]byte(r.body), &answer); err != nil || answer.Errors != nil || answer.Data == nil {
		t.Fatalf("%s\nwith the variables %v answers %s", query, variables, r.body)
	}
	return string(answer.Data)
}

// data is ask without variables.
func (p *running) data(t *testing.T, query string) string {
	t.Helper()
	return p.ask(t, query, nil)
}

// wantData compares a query's data with what is wanted, byte by byte: the order of fields is a part of the answer.
func (p *running) wantData(t *testing.T, query, want string) {
	t.Helper()
	if diff := cmp.Diff(want, p.data(t, query)); diff != "" {
		t.Errorf("%s\nanswer (-want +got):\n%s", query, diff)
	}
}

// wantError asks a query whose only error has a code, and returns the error's message.
func (p *running) wantError(t *testing.T, query, code string) string {
	t.Helper()
	body := p.query(t, query)
	var answer struct {
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer.Errors) != 1 || answer.Errors[0].Extensions.Code != code {
		t.Fatalf("%s\nanswers %s\nwant one error with the code %s", query, body, code)
	}
	return answer.Errors[0].Message
}

// What a fresh clone does: the program brings its own Neo4j, seeds it, answers, and leaves nothing behind but the
// data, with which it starts again.
func TestLocalNeo4j(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	first := start(t, map[string]string{"DOSSIER_DATA_DIR": dir, "DOSSIER_BOLT_PORT": "0", "DOSSIER_BROWSER_PORT": "0"})
	greeting := first.await(t, `(?s)Dossier is ready\.
  Playground     (http://\S+)/playground
  GraphQL        (http://\S+)/graphql
  Neo4j Browser  (http://127\.0\.0\.1:\d+/browser/)
  Bolt           (bolt://127\.0\.0\.1:\d+)
  User           (\S+), password in (\S+)
  Cypher         bin/dossier shell --data-dir '(\S+)'
`)
	browser, bolt, user, passwordFile := greeting[3], greeting[4], greeting[5], greeting[6]
	if greeting[1] != first.url || greeting[2] != first.url {
		t.Errorf("the greeting names %s and %s, but the program listens at %s", greeting[1], greeting[2], first.url)
	}
	if greeting[7] != dir {
		t.Errorf("the greeting has cypher-shell opened on %s, not %s", greeting[7], dir)
	}
	if !strings.Contains(first.stdout.String(), "added 1 document, 19 entities, 58 claims and 28 relationships") {
		t.Errorf("the seed's progress is missing:\n%s", first.stdout)
	}

	t.Run("queries", func(t *testing.T) { testQueries(t, first) })
	t.Run("examples", func(t *testing.T) { testExamples(t, first) })

	t.Run("Cypher", func(t *testing.T) {
		info, err := os.Stat(passwordFile)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o, want 600", passwordFile, info.Mode().Perm())
		}
		password, err := os.ReadFile(passwordFile)
		if err != nil {
			t.Fatal(err)
		}
		driver, err := neo4j.NewDriverWithContext(bolt, neo4j.BasicAuth(user, strings.TrimSpace(string(password)), ""))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = driver.Close(t.Context()) }()
		result, err := neo4j.ExecuteQuery(t.Context(), driver,
			`MATCH (p:Person)-[r:CO_FOUNDED]->(c:Company {name: 'OpenAI'}) RETURN p.name, r.status`, nil, neo4j.EagerResultTransformer)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range result.Records {
			got = append(got, strings.TrimSpace(fmt.Sprintln(r.Values...)))
		}
		slices.Sort(got)
		want := []string{"Elon Musk ASSERTED", "Greg Brockman ASSERTED", "Ilya Sutskever ASSERTED", "Sam Altman ASSERTED"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the co-founders (-want +got):\n%s", diff)
		}
		for _, secret := range []string{first.stdout.String(), first.stderr.String()} {
			if strings.Contains(secret, strings.TrimSpace(string(password))) {
				t.Error("the program prints the password")
			}
		}
	})

	t.Run("Neo4j Browser", func(t *testing.T) {
		response, err := http.Get(browser)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		page, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK || !bytes.Contains(page, []byte("Neo4j Browser")) {
			t.Errorf("%s: status %d, error %v", browser, response.StatusCode, err)
		}
	})

	t.Run("a second program on the same data", func(t *testing.T) {
		err := run(t.Context(), []string{"serve", "--port=0", "--data-dir", dir}, noEnvironment, io.Discard, io.Discard)
		wantError(t, err, fmt.Sprintf(`data directory %s is in use by another Dossier (process %d): stop that one, or choose another directory with --data-dir`, dir, os.Getpid()))
	})

	t.Run("seed while it serves", func(t *testing.T) {
		var out bytes.Buffer
		if err := run(t.Context(), []string{"seed", "--data-dir", dir}, noEnvironment, &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "all of it was there already") {
			t.Errorf("seeding again printed:\n%s", &out)
		}
	})

	t.Run("rebuild while it serves", func(t *testing.T) {
		var out bytes.Buffer
		if err := run(t.Context(), []string{"rebuild", "--data-dir", dir}, noEnvironment, &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "Projected 28 relationships from their claims.") {
			t.Errorf("rebuilding printed:\n%s", &out)
		}
		testQueries(t, first)
	})

	// A change that only this graph knows: the second start must find it.
	var out bytes.Buffer
	if err := run(t.Context(), []string{"seed", "seed/testdata/pack", "--data-dir", dir}, noEnvironment, &out, io.Discard); err != nil {
		t.Errorf("a pack of one's own: %v", err)
	}
	if err := run(t.Context(), []string{"seed", "public-record", "--data-dir", dir}, noEnvironment, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	const left = `{ person(id: "elon-musk") { left { nodes { validFrom { edtf } } } } }`
	const dated = `{"person":{"left":{"nodes":[{"validFrom":{"edtf":"2018-02"}}]}}}`
	first.wantData(t, left, dated)

	if err := first.stop(t); err != nil {
		t.Errorf("stopping gives the error %v", err)
	}
	if !strings.Contains(first.stdout.String(), "Stopping.") {
		t.Error("the program does not say that it stops")
	}
	if left := processesOf(t, dir); left != "" {
		t.Errorf("this is still running:\n%s", left)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(bolt, "bolt://")); err == nil {
		t.Errorf("%s still accepts connections", bolt)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(first.url, "http://")); err == nil {
		t.Errorf("%s still accepts connections", first.url)
	}

	second := start(t, nil, "--data-dir", dir, "--bolt-port=0", "--browser-port=0")
	second.await(t, "Dossier is ready")
	if text := second.stdout.String(); strings.Contains(text, "empty") || strings.Contains(text, "pack ") {
		t.Errorf("the second start seeds again:\n%s", text)
	}
	second.wantData(t, left, dated)

	// Without its Neo4j the program ends too, and says why.
	if err := syscall.Kill(javaPID(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-second.ended:
	case <-time.After(patience):
		t.Fatal("the program goes on without its Neo4j")
	}
	wantError(t, second.err, "neo4j ended by itself: Killed; its logs are in "+filepath.Join(dir, "neo4j", "logs"))
	if left := processesOf(t, dir); left != "" {
		t.Errorf("this is still running:\n%s", left)
	}
}

// testQueries asks the queries of testdata/queries. The answers are compared as indented text.
func testQueries(t *testing.T, p *running) {
	files, err := filepath.Glob("testdata/queries/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no queries: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil || len(archive.Files) != 2 {
			t.Fatalf("%s holds not a query and its answer: %v", file, err)
		}
		var got bytes.Buffer
		if err := json.Indent(&got, []byte(p.query(t, string(archive.Files[0].Data))), "", "  "); err != nil {
			t.Fatal(err)
		}
		if *update {
			archive.Files[1].Data = got.Bytes()
			if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(strings.TrimSpace(string(archive.Files[1].Data)), strings.TrimSpace(got.String())); diff != "" {
			t.Errorf("%s: answer (-want +got):\n%s", file, diff)
		}
	}
}

// processesOf lists the processes that were started for a data directory.
func processesOf(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.Command("ps", "-A", "-o", "pid=,args=").Output()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, dir+"/") {
			found = append(found, line)
		}
	}
	return strings.Join(found, "")
}

// javaPID is the process of the Neo4j of a data directory.
func javaPID(t *testing.T, dir string) int {
	t.Helper()
	processes := processesOf(t, dir)
	java := regexp.MustCompile(`(?m)^ *(\d+) \S*java @`).FindStringSubmatch(processes)
	if java == nil {
		t.Fatalf("there is no Java among\n%s", processes)
	}
	pid, err := strconv.Atoi(java[1])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// need ends a test that lacks a file, and says what to run to have it.
func need(t *testing.T, file, run string) {
	t.Helper()
	if _, err := os.Stat(file); err != nil {
		t.Fatalf("%s is missing: run %s", file, run)
	}
}

func noEnvironment(string) string { return "" }

// wantError compares an error for people with what is wanted: one line, in these words.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", want)
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestPagesAndSchema(t *testing.T) {
	need(t, "web/dist/index.html", "make web")
	p := startSeeded(t)
	if r := p.get(t, "/"); r.status != 302 || r.header.Get("Location") != "/playground" {
		t.Errorf("/: %d to %q, want 302 to /playground", r.status, r.header.Get("Location"))
	}
	if r := p.get(t, "/healthz"); r.status != 200 || r.body != "{\"status\":\"ok\"}\n" {
		t.Errorf("/healthz: %d %s", r.status, r.body)
	}
	if r := p.get(t, "/readyz"); r.status != 200 || r.body != "{\"status\":\"ready\"}\n" {
		t.Errorf("/readyz: %d %s", r.status, r.body)
	}
	r := p.get(t, "/schema.graphql")
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: r.body})
	if err != nil {
		t.Fatalf("/schema.graphql: %v", err)
	}
	if s.Types["CoFounded"] == nil || s.Query.Fields.ForName("claims") == nil {
		t.Error("/schema.graphql lacks CoFounded or claims")
	}
	r = p.get(t, "/playground")
	if r.status != 200 || !strings.Contains(r.body, "<title>") || !strings.Contains(r.header.Get("Content-Type"), "text/html") {
		t.Errorf("/playground: %d %s", r.status, r.body)
	}
	if policy := r.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("/playground has the Content-Security-Policy %q", policy)
	}
}

// What a request may carry, over HTTP to the whole program; internal/httpapi has the rest.
func TestRequests(t *testing.T) {
	p := startSeeded(t)
	const query = `{"query":"query Who($id: ID!) { person(id: $id) { name } }","variables":{"id":"sam-altman"},"operationName":"Who"}`
	const want = `{"data":{"person":{"name":"Sam Altman"}}}`
	r := p.do(t, "POST", "/graphql", query, "Content-Type", "application/json", "Accept", "application/graphql-response+json")
	if r.status != 200 || r.header.Get("Content-Type") != "application/graphql-response+json" || strings.TrimSpace(r.body) != want {
		t.Errorf("POST: %d %s %s", r.status, r.header.Get("Content-Type"), r.body)
	}
	r = p.get(t, "/graphql?query=%7Bperson(id:%22sam-altman%22)%7Bname%7D%7D")
	if r.status != 200 || strings.TrimSpace(r.body) != want {
		t.Errorf("GET: %d %s", r.status, r.body)
	}
	r = p.do(t, "POST", "/graphql", query, "Content-Type", "text/plain")
	if r.status != 415 || strings.Contains(r.body, "Altman") {
		t.Errorf("POST of text/plain: %d %s", r.status, r.body)
	}
	r = p.do(t, "POST", "/graphql", query, "Content-Type", "application/json", "Origin", "http://localhost:5173")
	if got := r.header.Get("Access-Control-Allow-Origin"); got != "http://localhost:5173" {
		t.Errorf("in development a page of this machine is allowed to %q", got)
	}
	r = p.do(t, "POST", "/graphql", query, "Content-Type", "application/json", "Origin", "https://example.org")
	if got := r.header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("in development a page of another host is allowed to %q", got)
	}

	// What nobody knows is null; what cannot be is an error with a code.
	p.wantData(t, `{ a: person(id: "nobody") { name } b: node(id: "claim:none") { id } c: company(id: "elon-musk") { name }
		nodes(ids: ["openai", "none", "claim:musk-left-openai", "co-founded:elon-musk:openai"]) { __typename id } }`,
		`{"a":null,"b":null,"c":null,"nodes":[{"__typename":"Company","id":"openai"},null,`+
			`{"__typename":"Claim","id":"claim:musk-left-openai"},{"__typename":"CoFounded","id":"co-founded:elon-musk:openai"}]}`)
	for _, c := range []struct{ query, code, message string }{
		{`{ people(first: -1) { totalCount } }`, "BAD_USER_INPUT", `"first"`},
		{`{ people(first: 100000) { totalCount } }`, "BAD_USER_INPUT", `1000`},
		{`{ people(after: "not a cursor") { nodes { id } } }`, "BAD_USER_INPUT", `"after"`},
		{`{ relationships(where: {validFrom: {before: "sometime"}}) { totalCount } }`, "BAD_USER_INPUT", `sometime`},
		{`{ relationships(where: {kind: {eq: HATED}}) { totalCount } }`, "GRAPHQL_VALIDATION_FAILED", `HATED`},
	} {
		if got := p.wantError(t, c.query, c.code); !strings.Contains(got, c.message) || strings.Contains(got, "MATCH") {
			t.Errorf("%s: message %q, want one with %s", c.query, got, c.message)
		}
	}
}

func TestExplain(t *testing.T) {
	development := startSeeded(t)
	const query = `{ musk: person(id: "elon-musk") { name } openai: company(id: "openai") { name } }`
	type explained struct {
		Extensions *struct {
			Cypher []struct {
				Field, Statement string
				Parameters       map[string]any
				Profile          *struct{ DBHits, Rows int }
			}
		}
	}
	ask := func(p *running, header ...string) (out explained) {
		t.Helper()
		body := p.query(t, query, header...)
		if !strings.HasPrefix(body, `{"data":{"musk":{"name":"Elon Musk"},"openai":{"name":"OpenAI"}}`) {
			t.Errorf("answer %s", body)
		}
		if err := json.Unmarshal([]byte(body), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for header, profiled := range map[string]bool{"cypher": false, "profile": true} {
		e := ask(development, "X-Dossier-Explain", header)
		if e.Extensions == nil || len(e.Extensions.Cypher) != 2 {
			t.Errorf("X-Dossier-Explain: %s gives %+v, want two statements", header, e.Extensions)
			continue
		}
		for i, field := range []string{"musk", "openai"} {
			c := e.Extensions.Cypher[i]
			if c.Field != field || !strings.HasPrefix(c.Statement, "MATCH ") || len(c.Parameters) != 1 {
				t.Errorf("X-Dossier-Explain: %s gives %+v for %s", header, c, field)
			}
			if (c.Profile != nil) != profiled || profiled && c.Profile.DBHits == 0 {
				t.Errorf("X-Dossier-Explain: %s gives the profile %+v", header, c.Profile)
			}
			// What is shown can be run as it stands.
			result, err := neo4j.ExecuteQuery(t.Context(), neo4jtest.Driver(t), c.Statement, c.Parameters, neo4j.EagerResultTransformer)
			if err != nil || len(result.Records) != 1 {
				t.Errorf("%s: %v", c.Statement, err)
			}
		}
	}
	if e := ask(development); e.Extensions != nil {
		t.Errorf("without the header there is %+v", e.Extensions)
	}

	production := start(t, onShared(t), "--production", "--host=127.0.0.1", "--cors-origin=https://app.example.org")
	production.await(t, "Dossier is ready")
	if e := ask(production, "X-Dossier-Explain", "cypher"); e.Extensions != nil {
		t.Errorf("in production there is %+v", e.Extensions)
	}
	for origin, want := range map[string]string{"https://app.example.org": "https://app.example.org", "http://localhost:5173": "", "https://example.com": ""} {
		if got := production.get(t, "/healthz", "Origin", origin).header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("in production a page of %s is allowed to %q, want %q", origin, got, want)
		}
	}
	env := onShared(t)
	env["DOSSIER_PRODUCTION"], env["DOSSIER_EXPLAIN"], env["HOST"] = "true", "true", "127.0.0.1"
	explaining := start(t, env)
	explaining.await(t, "Dossier is ready")
	if e := ask(explaining, "X-Dossier-Explain", "cypher"); e.Extensions == nil {
		t.Error("in production with --explain there is nothing")
	}
}

// The program starts without its database, says so, comes up by itself when the database does, and comes back after
// the database was away for a while.
func TestNeo4jAway(t *testing.T) {
	neo4jtest.Clear(t)
	proxy := newBoltProxy(t)
	proxy.close()
	env := onShared(t)
	env["NEO4J_URI"] = "bolt://" + proxy.address
	p := start(t, env)
	const query = `{ person(id: "elon-musk") { name } }`
	away := func() {
		t.Helper()
		if r := p.get(t, "/healthz"); r.status != 200 {
			t.Errorf("/healthz: %d %s", r.status, r.body)
		}
		r := p.get(t, "/readyz")
		var state struct{ Status, Reason string }
		if err := json.Unmarshal([]byte(r.body), &state); err != nil {
			t.Fatal(err)
		}
		if r.status != 503 || state.Status != "not ready" || state.Reason == "" || strings.Contains(state.Reason, proxy.address) {
			t.Errorf("/readyz: %d %s", r.status, r.body)
		}
		message := p.wantError(t, query, "SERVICE_UNAVAILABLE")
		if message != "The database does not answer. Try again in a moment." {
			t.Errorf("message %q", message)
		}
	}
	p.await(t, `Not ready yet: The database does not answer\. .*\(Neo4j at bolt://`+regexp.QuoteMeta(proxy.address)+`: .*connection refused\)`)
	away()

	// Many ask before the database is there, and go on until they are answered: nothing is read from an empty graph, not even
	// before the program has tried again, by somebody whose request came when it was still away.
	const name = `{"person":{"name":"Elon Musk"}}`
	var asking sync.WaitGroup
	for range 8 {
		asking.Go(func() {
			answer := p.tryAsking(t, query)
			for answer.code == "SERVICE_UNAVAILABLE" {
				answer = p.tryAsking(t, query)
			}
			if !strings.Contains(answer.body, name) {
				t.Errorf("the first answer is %s", answer.body)
			}
		})
	}
	proxy.open(t)
	loading, first := 0, p.tryAsking(t, query)
	for ; first.code == "SERVICE_UNAVAILABLE"; first = p.tryAsking(t, query) {
		if !strings.Contains(first.body, "The first facts are being loaded. Try again in a moment.") {
			continue
		}
		loading++
		if r := p.get(t, "/readyz"); r.status == 503 && !strings.Contains(r.body, `"reason":"loading the first facts"`) {
			t.Errorf("/readyz while the first facts are loaded: %s", r.body)
		}
		if r := replyTo(t, p.graphQL(t.Context(), t, query, nil)); r.status == 503 && r.header.Get("Retry-After") != "1" {
			t.Errorf("a refusal has the header Retry-After: %q", r.header.Get("Retry-After"))
		}
	}
	if loading == 0 || !strings.Contains(first.body, name) {
		t.Errorf("after %d refusals while the first facts are loaded: %s", loading, first.body)
	}
	asking.Wait()
	p.await(t, "Dossier is ready")
	p.wantData(t, query, name)
	if r := p.get(t, "/readyz"); r.status != 200 {
		t.Errorf("/readyz: %d %s", r.status, r.body)
	}

	for range 2 {
		proxy.close()
		away()
		proxy.open(t)
		p.wantData(t, query, name) // the first request after it, without another attempt
		if r := p.get(t, "/readyz"); r.status != 200 {
			t.Errorf("/readyz: %d %s", r.status, r.body)
		}
	}
	// Connections that die while they are idle are nobody's trouble.
	proxy.close()
	proxy.open(t)
	p.wantData(t, query, name)

	if text := p.stdout.String() + p.stderr.String(); strings.Contains(text, env["NEO4J_PASSWORD"]) {
		t.Error("the program prints the password")
	}
	if err := p.stop(t); err != nil {
		t.Errorf("stopping gives the error %v", err)
	}
}

// What somebody has to mend is told apart from a database that is away, to those who run the program; clients are told to
// come back, and nothing else.
func TestNeo4jRefuses(t *testing.T) {
	pages, err := net.Listen("tcp", "127.0.0.1:0") // which answers as Neo4j's do
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pages.Close() }()
	go func() {
		for {
			conn, err := pages.Accept()
			if err != nil {
				return
			}
			_, _ = io.CopyN(io.Discard, conn, 20) // Bolt's handshake
			_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			_ = conn.Close()
		}
	}()
	manage := func(statement string) {
		if _, err := neo4j.ExecuteQuery(context.WithoutCancel(t.Context()), neo4jtest.Driver(t), statement, nil, neo4j.EagerResultTransformer, neo4j.ExecuteQueryWithDatabase("system")); err != nil {
			t.Fatal(err)
		}
	}
	manage("CREATE USER fresh SET PLAINTEXT PASSWORD 'as-installed' SET PASSWORD CHANGE REQUIRED")
	t.Cleanup(func() { manage("DROP USER fresh") })
	for name, c := range map[string]struct {
		env    map[string]string
		reason string
		cause  string // told only where the program runs
	}{
		"password": {
			map[string]string{"NEO4J_USERNAME": "nobody", "NEO4J_PASSWORD": "not-the-password"},
			"Neo4j refuses the user name or the password: check NEO4J_USERNAME and NEO4J_PASSWORD.",
			"Neo.ClientError.Security.Unauthorized",
		},
		"password to be changed": {
			map[string]string{"NEO4J_USERNAME": "fresh", "NEO4J_PASSWORD": "as-installed"},
			"Neo4j wants this user's password to be changed first, as after an installation: run ALTER CURRENT USER SET PASSWORD FROM 'old' TO 'new' in its database \"system\", for example in Neo4j Browser, and give the new one as NEO4J_PASSWORD.",
			"Neo.ClientError.Security.CredentialsExpired",
		},
		"database": {
			map[string]string{"NEO4J_DATABASE": "elsewhere"},
			"Neo4j has no database of this name: check NEO4J_DATABASE.",
			"Neo.ClientError.Database.DatabaseNotFound",
		},
		"port of its pages": {
			map[string]string{"NEO4J_URI": "bolt://" + pages.Addr().String()},
			"What answers at the address of NEO4J_URI is not the Bolt of Neo4j 5.26 or later: check host, port (Neo4j listens on 7687, its pages are on 7474) and version.",
			"server responded HTTP",
		},
	} {
		t.Run(name, func(t *testing.T) {
			env := onShared(t)
			maps.Copy(env, c.env)
			p := start(t, env)
			p.await(t, "Not ready yet: "+regexp.QuoteMeta(c.reason)+` \(.*`+regexp.QuoteMeta(c.cause)+`.*\)\n`)
			var state struct{ Reason string }
			if r := p.get(t, "/readyz"); r.status != 503 || json.Unmarshal([]byte(r.body), &state) != nil || state.Reason != c.reason {
				t.Errorf("/readyz: %d %s", r.status, r.body)
			}
			message := p.wantError(t, `{ person(id: "elon-musk") { name } }`, "SERVICE_UNAVAILABLE")
			if message != "The database does not answer. Try again in a moment." {
				t.Errorf("message %q", message)
			}
			if text := p.stdout.String() + p.stderr.String(); strings.Contains(text, env["NEO4J_PASSWORD"]) {
				t.Errorf("it prints the password:\n%s", text)
			}
		})
	}
}

// When what keeps a program from being ready changes, it says so.
func TestReasonChanges(t *testing.T) {
	proxy := newBoltProxy(t)
	proxy.close()
	env := onShared(t)
	env["NEO4J_URI"], env["NEO4J_DATABASE"] = "bolt://"+proxy.address, "elsewhere"
	p := start(t, env)
	p.await(t, "Not ready yet: The database does not answer")
	proxy.open(t)
	p.await(t, "Not ready yet: Neo4j has no database of this name")
	if n := strings.Count(p.stdout.String(), "does not answer"); n != 1 {
		t.Errorf("the first reason is told %d times:\n%s", n, p.stdout)
	}
}

// A program that is stopped while it still waits for its database stops at once.
func TestStopWhileNotReady(t *testing.T) {
	p := start(t, map[string]string{"NEO4J_URI": "bolt://127.0.0.1:1"})
	p.await(t, "Not ready yet")
	if err := p.stop(t); err != nil {
		t.Errorf("stopping gives the error %v", err)
	}
}

// So does one whose local Neo4j is about to start.
func TestStopWhileStarting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := newOutput()
	ended := make(chan error)
	go func() {
		ended <- run(ctx, []string{"serve", "--port=0", "--bolt-port=0", "--browser-port=0", "--data-dir", t.TempDir()},
			func(name string) string {
				return map[string]string{"DOSSIER_NEO4J_VERSION": os.Getenv("DOSSIER_NEO4J_VERSION")}[name]
			}, out, io.Discard)
	}()
	for {
		text, changed := out.read()
		if strings.Contains(text, "starting Neo4j") {
			break
		}
		select {
		case <-changed:
		case err := <-ended:
			t.Fatalf("it ends before it starts: %v", err)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("stopping gives the error %v", err)
	}
}

// Before a program ends it can go on for a while, and says that it should be sent no more.
func TestDrain(t *testing.T) {
	p := startSeeded(t, "--drain=3s")
	p.cancel()
	p.await(t, "Stopping")
	for {
		if r := p.get(t, "/readyz"); r.status == 503 && strings.Contains(r.body, "the server stops") {
			break
		}
	}
	p.wantData(t, `{ person(id: "elon-musk") { name } }`, `{"person":{"name":"Elon Musk"}}`)
	if err := p.stop(t); err != nil {
		t.Errorf("stopping gives the error %v", err)
	}
}

// Who sends a second signal does not want to wait for what the first one began.
func TestSecondSignal(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, os.Args[0], "serve", "--port=0", "--drain=1h")
	c.Env = append(os.Environ(), asProgram+"=1", "NEO4J_URI=bolt://127.0.0.1:1")
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // it would stay an hour if the tests were killed
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		switch {
		case strings.HasPrefix(lines.Text(), "Not ready yet"), strings.HasPrefix(lines.Text(), "Stopping"):
			if err := c.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.Wait(); err == nil || err.Error() != "signal: terminated" {
		t.Errorf("it ends with %v", err)
	}
}

// Who reads what the program prints may leave.
func TestNobodyReads(t *testing.T) {
	c := exec.CommandContext(t.Context(), os.Args[0], "serve", "--port=0")
	c.Env = append(os.Environ(), asProgram+"=1", "NEO4J_URI=bolt://127.0.0.1:1")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stdout, c.Stderr = write, write
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	if lines := bufio.NewScanner(read); !lines.Scan() || !strings.HasPrefix(lines.Text(), "Listening") {
		t.Errorf("it prints %q", lines.Text())
	}
	_ = read.Close()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil { // which it answers with "Stopping."
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("it ends with %v", err)
	}
}

// A terminal that is closed ends the program in order, unless it was started to outlive it (nohup).
func TestHangup(t *testing.T) {
	for _, ignored := range []bool{false, true} {
		command := []string{"sh", "-c", `exec "$0" serve --port=0`, os.Args[0]}
		if ignored {
			command[2] = `trap "" HUP; ` + command[2]
		}
		c := exec.CommandContext(t.Context(), command[0], command[1:]...)
		c.Env = append(os.Environ(), asProgram+"=1", "NEO4J_URI=bolt://127.0.0.1:1")
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		await := func(text string) {
			for lines.Scan() {
				if strings.HasPrefix(lines.Text(), text) {
					return
				}
			}
			t.Errorf("ignored %v: it ends before it prints %q", ignored, text)
		}
		await("Trying again")
		if err := c.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		if ignored { // else this is the second signal, which ends it at once
			if err := c.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}
		await("Stopping.")
		if err := c.Wait(); err != nil {
			t.Errorf("ignored %v: it ends with %v", ignored, err)
		}
	}
}

// What cypher-shell says when it fails is said once, and its exit code is the program's.
func TestShellFails(t *testing.T) {
	c := exec.CommandContext(t.Context(), os.Args[0], "shell", "--data-dir", dataDir(neo4jtest.Server(t)), "RETURN nothing")
	c.Env = append(os.Environ(), asProgram+"=1")
	out, err := c.CombinedOutput()
	failed, ok := errors.AsType[*exec.ExitError](err)
	if !ok || failed.ExitCode() != 1 || strings.Count(string(out), "Variable `nothing` not defined") != 1 || strings.Contains(string(out), "dossier") {
		t.Errorf("%v: %s", err, out)
	}
}

// Requests in flight are answered before the program ends.
func TestStopAnswersWhatWasAsked(t *testing.T) {
	proxy := newBoltProxy(t)
	p := startBehind(t, proxy.address)
	asked, release := proxy.hold()
	defer release()
	answered := make(chan string, 1)
	go func() {
		response, err := http.Get(p.url + "/graphql?query=%7Bperson(id:%22sam-altman%22)%7Bname%7D%7D")
		if err != nil {
			answered <- err.Error()
			return
		}
		defer func() { _ = response.Body.Close() }()
		b, _ := io.ReadAll(response.Body)
		answered <- string(b)
	}()
	<-asked
	p.cancel()
	p.await(t, "Stopping")
	release()
	if got := strings.TrimSpace(<-answered); got != `{"data":{"person":{"name":"Sam Altman"}}}` {
		t.Errorf("answer %s", got)
	}
	if err := p.stop(t); err != nil {
		t.Errorf("stopping gives the error %v", err)
	}
}

func TestCredentialsFile(t *testing.T) {
	neo4jtest.Clear(t)
	server := neo4jtest.Server(t)
	file := filepath.Join(t.TempDir(), "credentials.txt")
	text := fmt.Sprintf("# Wait 60 seconds before connecting\nNEO4J_URI=%s\nNEO4J_USERNAME=\"%s\"\nNEO4J_PASSWORD='%s'\nNEO4J_DATABASE=neo4j\nAURA_INSTANCENAME=x\n",
		server.BoltURI, server.Username, server.Password)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, map[string]string{"NEO4J_CREDENTIALS": file}, "--no-seed")
	p.await(t, "Dossier is ready")
	p.wantData(t, `{ people { totalCount } }`, `{"people":{"totalCount":0}}`)
}

func TestCommandLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	port := taken.Addr().(*net.TCPAddr).Port
	long := filepath.Join(t.TempDir(), "long.txt")
	if err := os.WriteFile(long, []byte("NEO4J_URI=bolt://example.org\n#"+strings.Repeat("x", 1<<16)+"\nNEO4J_PASSWORD=x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty.txt")
	if err := os.WriteFile(empty, []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "missing")
	for _, c := range []struct {
		name string
		args []string
		env  map[string]string
		want string
	}{
		{"unknown flag", []string{"--prot=1"}, nil, "unknown flag --prot, did you mean \"--port\"? (dossier --help lists commands and flags)"},
		{"unknown command", []string{"sreve"}, nil, "unexpected argument sreve (dossier --help lists commands and flags)"},
		{"port is no number", []string{"--port=http"}, nil, "--port: expected a valid 64 bit int but got \"http\" (dossier --help lists commands and flags)"},
		{"PORT is no number", nil, map[string]string{"PORT": "http"}, "--port: expected a valid 64 bit int but got \"http\" (dossier --help lists commands and flags)"},
		{"port taken", []string{fmt.Sprintf("--port=%d", port)}, nil, fmt.Sprintf("port %d is taken by another program: choose another with --port or PORT", port)},
		{"port too large", []string{"--port=70000"}, nil, "cannot listen on 127.0.0.1 port 70000: listen tcp: address 70000: invalid port; see --host and --port"},
		{"host", []string{"--host=192.0.2.1", "--port=0"}, nil, "cannot listen on 192.0.2.1 port 0: listen tcp 192.0.2.1:0: bind: cannot assign requested address; see --host and --port"},
		{"database address", []string{"--port=0"}, map[string]string{"NEO4J_URI": "ftp://example.org"},
			"the database address \"ftp://example.org\" cannot be used: write bolt://host:7687 or neo4j://host:7687, with +s after the first word for encryption"},
		{"origin", []string{"--port=0", "--cors-origin=example.org/app"}, nil,
			"--cors-origin \"example.org/app\" is not an origin: write scheme and host, for example https://example.org, or * for all"},
		{"documents", []string{"--documents=" + missing}, nil, "--documents: stat " + missing + ": no such file or directory (dossier --help lists commands and flags)"},
		{"documents by environment", nil, map[string]string{"DOSSIER_DOCUMENTS": missing}, "--documents: stat " + missing + ": no such file or directory (dossier --help lists commands and flags)"},
		{"database address with a password", []string{"--port=0"}, map[string]string{"NEO4J_URI": "bolt://neo4j:se%cret@example.org"},
			"the database address \"bolt://example.org\" cannot be used: write bolt://host:7687 or neo4j://host:7687, with +s after the first word for encryption"},
		{"database address with a name", []string{"--port=0"}, map[string]string{"NEO4J_URI": "bolt://neo4j:secret@example.org"},
			"the database address \"bolt://neo4j:xxxxx@example.org\" holds a name, and perhaps a password: give them as NEO4J_USERNAME and NEO4J_PASSWORD"},
		{"database address without a scheme", []string{"--port=0"}, map[string]string{"NEO4J_URI": "neo4j:secret@example.org:7687"},
			"the database address \"example.org:7687\" cannot be used: write bolt://host:7687 or neo4j://host:7687, with +s after the first word for encryption"},
		{"database that is Neo4j's own", []string{"--port=0"}, map[string]string{"NEO4J_URI": "bolt://example.org", "NEO4J_DATABASE": "System"},
			"the database \"system\" holds Neo4j's own: name another, or none for the default one"},
		{"port of the local database", []string{"--port=0", "--bolt-port=-1"}, nil, "the port -1 of the local Neo4j is none: choose one from 1 to 65535, or 0 for any"},
		{"port of the local database, twice", []string{"--port=0", "--bolt-port=7777", "--browser-port=7777"}, nil, "the port 7777 of the local Neo4j cannot be both for Bolt and for Neo4j Browser: choose two"},
		{"version of the local database", []string{"fetch", "--neo4j-version=../../x"}, nil, "\"../../x\" is no version of Neo4j: write it as 5.26.30 or 2026.08.1"},
		{"client header", []string{"--port=0", "--client-header=X-Real-IP: "}, nil, "--client-header \"X-Real-IP: \" is no name of a header: write, for example, X-Forwarded-For (dossier --help lists commands and flags)"},
		{"origin with a wildcard", []string{"--port=0", "--cors-origin=https://*.example.org"}, nil,
			"--cors-origin \"https://*.example.org\" is not an origin: write scheme and host, for example https://example.org, or * for all"},
		{"collector", []string{"--port=0"}, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"},
			"OTEL_EXPORTER_OTLP_ENDPOINT \"localhost:4318\" cannot be used: write a URL such as http://localhost:4318"},
		{"port of the metrics", []string{"--port=0", fmt.Sprintf("--metrics-address=127.0.0.1:%d", port)}, nil,
			fmt.Sprintf("--metrics-address 127.0.0.1:%d is taken by another program: choose another port", port)},
		{"negative time", []string{"--request-timeout=-1s"}, nil, "--request-timeout -1s is negative: 0 is none (dossier --help lists commands and flags)"},
		{"negative limit", []string{"--max-body=-1"}, nil, "--max-body -1 is negative: 0 is none (dossier --help lists commands and flags)"},
		{"negative rate by environment", nil, map[string]string{"DOSSIER_MAX_RATE": "-0.5"}, "--max-rate -0.5 is negative: 0 is none (dossier --help lists commands and flags)"},
		{"old version of the local database", []string{"--port=0", "--neo4j-version=4.4.0"}, nil, "Neo4j 4.4.0 is too old: Dossier needs 5.26 or later"},
		{"old version to fetch", []string{"fetch", "--neo4j-version=5.25.1"}, nil, "Neo4j 5.25.1 is too old: Dossier needs 5.26 or later"},
		{"no rate", []string{"--max-rate=NaN"}, nil, "--max-rate NaN is no rate: it may be 1e+06 requests a second, and 0 is no limit (dossier --help lists commands and flags)"},
		{"rate too large", []string{"--max-rate=1e18"}, nil, "--max-rate 1e+18 is no rate: it may be 1e+06 requests a second, and 0 is no limit (dossier --help lists commands and flags)"},
		{"credentials with a line that is too long", []string{"--port=0", "--neo4j-credentials=" + long}, nil, "long.txt cannot be read: bufio.Scanner: token too long"},
		{"credentials", []string{"--port=0", "--neo4j-credentials=" + empty}, nil, "empty.txt has no line that starts with NEO4J_URI="},
		{"pack", []string{"seed", "gossip"}, nil, `there is no pack "gossip": there are musk-altman-rivalry, public-record, and your own, of which give the folder`},
		{"passage", []string{"passage", empty, "goodbye"}, nil, `the document does not have the words "goodbye": quote them as they stand there, capitals and punctuation too`},
		{"passage of no file", []string{"passage", missing, "goodbye"}, nil, "open " + missing + ": no such file or directory"},
		{"shell", []string{"shell", "--data-dir", missing}, nil, "no local Neo4j runs on data directory " + missing + ": start Dossier there first, or name another directory with --data-dir"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errors bytes.Buffer
			err := run(t.Context(), c.args, func(name string) string { return c.env[name] }, &out, &errors)
			wantError(t, err, c.want)
			if out.Len() > 0 {
				t.Errorf("it prints:\n%s", &out)
			}
		})
	}
}

// Whoever runs a command is told where the database was looked for, and what came of it.
func TestCommandsTellOfTheDatabase(t *testing.T) {
	refused := onShared(t)
	refused["NEO4J_USERNAME"] = "nobody" // whom Neo4j refuses for a while after some attempts
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{
			map[string]string{"NEO4J_URI": "bolt://127.0.0.1:1"},
			"The database does not answer. Try again in a moment. (Neo4j at bolt://127.0.0.1:1: ConnectivityError: dial tcp 127.0.0.1:1: connect: connection refused)",
		},
		{refused, "Neo4j refuses th"},
	} {
		for _, args := range [][]string{{"seed"}, {"retract", "claim:x", "--reason=misread"}, {"withdraw", "claim:x", "--reason=misread"}, {"rebuild"}} {
			err := run(t.Context(), args, func(name string) string { return c.env[name] }, io.Discard, io.Discard)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%v: %v, want %s", args, err, c.want)
			}
		}
	}
}

// What listens on all addresses of a machine is told by one that a browser can open.
func TestPagesOfAnAddress(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080",
		"0.0.0.0:8080":   "http://localhost:8080",
		"[::]:8080":      "http://localhost:8080",
		"[::1]:8080":     "http://[::1]:8080",
	} {
		if got := pages(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address))); got != want {
			t.Errorf("%s is opened by %s, want %s", address, got, want)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"--help"}, []string{"Usage: dossier <command>", "serve", "seed", "retract", "withdraw", "rebuild", "shell", "fetch", "passage", "schema", "the default"}},
		{[]string{"serve", "--help"}, []string{"--port=8080", "[PORT]", "--data-dir=\".dossier\"", "[DOSSIER_DATA_DIR]", "[NEO4J_URI]", "--cors-origin", "--explain", "--[no-]seed"}},
		{[]string{"seed", "--help"}, []string{"[<packs> ...]", "--documents"}},
	} {
		var out, errors bytes.Buffer
		if err := run(t.Context(), c.args, noEnvironment, &out, &errors); err != nil {
			t.Errorf("%v: %v", c.args, err)
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%v lacks %q:\n%s", c.args, want, &out)
			}
		}
		if errors.Len() > 0 {
			t.Errorf("%v writes to stderr: %s", c.args, &errors)
		}
	}
}

func TestPrintingCommands(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text.txt")
	if err := os.WriteFile(text, []byte("“Ada” started Acme."), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"schema"}, "type CoFounded implements Relationship & Node"},
		{[]string{"--version"}, version() + "\n"},
		{[]string{"passage", text, "started Acme"}, "{start: 6, end: 18, sha256: "},
	} {
		var out bytes.Buffer
		if err := run(t.Context(), c.args, noEnvironment, &out, io.Discard); err != nil {
			t.Errorf("%v: %v", c.args, err)
		}
		if !strings.Contains(out.String(), c.want) {
			t.Errorf("%v prints %s, want %q in it", c.args, &out, c.want)
		}
	}
}

// The pages in a real browser: their own tests run against the whole program.
func TestPages(t *testing.T) {
	need(t, "web/dist/index.html", "make web")
	need(t, "web/node_modules/playwright-core", "make web")
	chromium := os.Getenv("CHROMIUM")
	if chromium == "" {
		chromium = "/usr/bin/chromium"
	}
	need(t, chromium, "make chromium, or name another one with CHROMIUM")
	p := startSeeded(t)
	command := exec.CommandContext(t.Context(), "npm", "run", "--silent", "e2e")
	command.Dir = "web"
	command.Env = append(os.Environ(), "DOSSIER_URL="+p.url, "CHROMIUM="+chromium)
	out, err := command.CombinedOutput()
	t.Logf("npm run e2e\n%s", out)
	if err != nil {
		t.Errorf("npm run e2e: %v", err)
	}
}

// Beside a Neo4j on its machine, the server's least urgent thread is the one with which Go watches over the others: it alone
// sleeps by the clock.
func TestMonitorKeepsBack(t *testing.T) {
	c := exec.CommandContext(t.Context(), os.Args[0], "serve", "--port=0")
	c.Env = append(os.Environ(), asProgram+"=1", "NEO4J_URI=bolt://127.0.0.1:1")
	c.Env = slices.DeleteFunc(c.Env, func(v string) bool { return strings.HasPrefix(v, "GOMAXPROCS=") })
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}()
	if lines := bufio.NewScanner(out); !lines.Scan() || !strings.HasPrefix(lines.Text(), "Listening") {
		t.Fatalf("it prints %q", lines.Text())
	}
	tasks := fmt.Sprintf("/proc/%d/task/", c.Process.Pid)
	threads, err := os.ReadDir(tasks)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, thread := range threads {
		stat, err := os.ReadFile(tasks + thread.Name() + "/stat")
		if err != nil {
			t.Fatal(err)
		}
		_, fields, _ := strings.Cut(string(stat), ") ") // after the name
		if nice := strings.Fields(fields)[16]; nice != "0" {
			kept = append(kept, thread.Name())
		}
	}
	if len(kept) != 1 {
		t.Fatalf("of %d threads %v are less urgent", len(threads), kept)
	}
	asleep := fmt.Sprint(syscall.SYS_NANOSLEEP) + " "
	for begun := time.Now(); ; {
		at, err := os.ReadFile(tasks + kept[0] + "/syscall")
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(string(at), asleep) {
			return
		}
		if time.Since(begun) > patience {
			t.Fatal("it never sleeps by the clock")
		}
	}
}

// A server leaves half of the processors to a Neo4j that is on its machine, and none to one that is elsewhere.
func TestProcessors(t *testing.T) {
	for uri, want := range map[string]bool{
		"bolt://127.0.0.1:7687":           true,
		"bolt://localhost:7687":           true,
		"neo4j://[::1]:7687":              true,
		"bolt://neo4j:7687":               false,
		"neo4j+s://x.databases.neo4j.io":  false,
		"bolt://localhost.example.org:17": false,
	} {
		if got := isHere(uri); got != want {
			t.Errorf("is %s on this machine? %t, want %t", uri, got, want)
		}
	}
	none := shareProcessors(func(string) string { return "" }, "bolt://neo4j:7687")
	chosen := shareProcessors(func(string) string { return "2" }, "bolt://localhost:7687")
	if none != nil || chosen != nil {
		t.Errorf("processors are shared with a Neo4j that is elsewhere (%v), or where their number is given (%v)", none, chosen)
	}
	none.underWay(1000) // and nobody hears of it

	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var used []int
		p := &processors{few: 2, all: 4, begun: time.Now(), use: func(n int) {
			mu.Lock()
			defer mu.Unlock()
			used = append(used, n)
		}}
		expect := func(when string, want ...int) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if !slices.Equal(used, want) {
				t.Errorf("%s: %v, want %v", when, used, want)
			}
		}
		p.underWay(47)
		expect("not many")
		p.underWay(48)
		p.underWay(49)
		expect("a crowd", 4)
		time.Sleep(calm / 2)
		p.underWay(48)
		p.underWay(1)
		time.Sleep(calm - time.Millisecond)
		expect("shortly after", 4)
		time.Sleep(time.Millisecond)
		expect("after it", 4, 2)
		time.Sleep(10 * calm)
		p.underWay(48)
		expect("another crowd", 4, 2, 4)
		time.Sleep(calm)
		expect("and after that", 4, 2, 4, 2)
	})
}
