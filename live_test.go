package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/google/go-cmp/cmp"

	"dossier/graph"
	"dossier/internal/localneo4j"
	"dossier/internal/neo4jtest"
	"dossier/schema"
)

// A subscription is a client that listens.
type subscription struct {
	data  chan string // of each answer, as JSON; closed at the end
	leave func()      // breaks the connection off; may be called again
	err   error       // why it ended, once data is closed
}

// next returns the data of the next answer.
func (s *subscription) next(t *testing.T) string {
	t.Helper()
	select {
	case d, open := <-s.data:
		if !open {
			t.Fatalf("the subscription ended: %v", s.err)
		}
		return d
	case <-time.After(patience):
		t.Fatal("no change came")
	}
	return ""
}

// errCompleted says that the server has ended a subscription for good, which clients take as: do not come back.
var errCompleted = errors.New("the server completed it")

// transports are the ways to subscribe.
var transports = map[string]func(*testing.T, *running, string) *subscription{
	"WebSocket": overWebSocket,
	"SSE":       overSSE,
}

// overWebSocket subscribes over graphql-transport-ws. It returns once the server has taken the subscription: it answers
// a ping after that.
func overWebSocket(t *testing.T, p *running, query string) *subscription {
	t.Helper()
	ctx, leave := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(leave)
	conn, _, err := websocket.Dial(ctx, p.url+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range []any{
		map[string]any{"type": "connection_init"},
		map[string]any{"type": "subscribe", "id": "1", "payload": map[string]any{"query": query}},
	} {
		if err := wsjson.Write(ctx, conn, message); err != nil {
			t.Fatal(err)
		}
	}
	s := &subscription{data: make(chan string, 1000), leave: leave}
	go func() {
		defer close(s.data)
		defer func() { _ = conn.CloseNow() }()
		for {
			var m struct {
				Type    string
				Payload struct{ Data, Errors json.RawMessage }
			}
			if s.err = wsjson.Read(ctx, conn, &m); s.err != nil {
				return
			}
			switch {
			case m.Type == "complete":
				s.err = errCompleted
				return
			case m.Payload.Errors != nil:
				s.err = fmt.Errorf("errors %s", m.Payload.Errors)
				return
			case m.Type == "next":
				s.data <- string(m.Payload.Data)
			}
		}
	}()
	return s
}

// overSSE subscribes over server-sent events. It returns once the server has begun to answer.
func overSSE(t *testing.T, p *running, query string) *subscription {
	t.Helper()
	ctx, leave := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(leave)
	response, err := http.DefaultClient.Do(p.graphQL(ctx, t, query, nil, "Accept", "text/event-stream"))
	if err != nil {
		t.Fatal(err)
	}
	s := &subscription{data: make(chan string, 1000), leave: leave}
	go func() {
		defer close(s.data)
		defer func() { _ = response.Body.Close() }()
		lines := bufio.NewScanner(response.Body)
		for lines.Scan() {
			if lines.Text() == "event: complete" {
				s.err = errCompleted
				return
			}
			line, isData := strings.CutPrefix(lines.Text(), "data: ")
			if !isData {
				continue
			}
			var answer struct{ Data, Errors json.RawMessage }
			if s.err = json.Unmarshal([]byte(line), &answer); s.err != nil {
				return
			}
			if answer.Errors != nil {
				s.err = fmt.Errorf("errors %s", answer.Errors)
				return
			}
			s.data <- string(answer.Data)
		}
		if s.err = lines.Err(); s.err == nil {
			s.err = io.EOF
		}
	}()
	return s
}

// lastCursor is where the audit trail ends now.
func (p *running) lastCursor(t *testing.T) string {
	t.Helper()
	changes := p.trail(t)
	return changes[len(changes)-1].Cursor
}

type changeNote struct {
	ID, Cursor string
	About      []struct{ ID string }
}

// trail is the whole audit trail.
func (p *running) trail(t *testing.T) (out []changeNote) {
	t.Helper()
	after := "null"
	for {
		var page struct {
			Changes struct {
				Nodes    []changeNote
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		if err := json.Unmarshal([]byte(p.data(t, `{ changes(first: 1000, after: `+after+`) { nodes { id cursor about { id } } pageInfo { hasNextPage endCursor } } }`)), &page); err != nil {
			t.Fatal(err)
		}
		out = append(out, page.Changes.Nodes...)
		if !page.Changes.PageInfo.HasNextPage {
			return out
		}
		after = `"` + page.Changes.PageInfo.EndCursor + `"`
	}
}

// writer is another process that writes to the shared Neo4j.
func writer(t *testing.T) *graph.Graph {
	t.Helper()
	return writerTo(t, neo4jtest.Server(t))
}

// writerTo is another process that writes to a Neo4j.
func writerTo(t *testing.T, server *localneo4j.Server) *graph.Graph {
	t.Helper()
	s, o, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	g, err := graph.Open(graph.Config{URI: server.BoltURI, Username: server.Username, Password: server.Password}, s, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close(context.WithoutCancel(t.Context())) })
	return g
}

func recordPeople(t *testing.T, g *graph.Graph, ids ...string) {
	t.Helper()
	var b graph.Batch
	for _, id := range ids {
		b.Entities = append(b.Entities, graph.Entity{Type: "Person", ID: id, Name: "Name of " + id})
	}
	if _, err := g.Record(context.WithoutCancel(t.Context()), "a test", b); err != nil {
		t.Error(err) // not Fatal: writers run beside the test
	}
}

// What one process writes reaches who listens to another one, over both transports, as the subscription selects it.
func TestLiveChanges(t *testing.T) {
	startSeeded(t)
	second := start(t, onShared(t))
	second.await(t, "Dossier is ready")
	const claim = "claim:musk-co-founded-openai"
	g := writer(t)
	recordPeople(t, g, "eve")
	listeners := map[string]*subscription{}
	for name, subscribe := range transports {
		listeners[name] = subscribe(t, second, fmt.Sprintf(`subscription { changed(after: %q) { actor operation about { id } claim { id status retractionReason } relationship { id status } } }`, second.lastCursor(t)))
		listeners[name+", about"] = subscribe(t, second, fmt.Sprintf(`subscription { changed(about: ["sam-altman", "eve"], after: %q) { operation about { id } } }`, second.lastCursor(t)))
	}
	env := onShared(t)
	err := run(t.Context(), []string{"retract", claim, "--reason", "A test has it so.", "--actor", "an editor"}, func(name string) string { return env[name] }, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	recordPeople(t, g, "bob")
	if _, err := g.Record(t.Context(), "a test", graph.Batch{Entities: []graph.Entity{{Type: "Person", ID: "eve", Name: "Eve"}}}); err != nil {
		t.Fatal(err)
	}
	for name := range transports {
		want := `{"changed":{"actor":"an editor","operation":"RETRACT_CLAIM","about":[{"id":"elon-musk"},{"id":"openai"}],` +
			`"claim":{"id":"` + claim + `","status":"RETRACTED","retractionReason":"A test has it so."},"relationship":null}}`
		for _, want := range []string{
			want, // it was the only claim of that relationship
			`{"changed":{"actor":"a test","operation":"RECORD_ENTITY","about":[{"id":"bob"}],"claim":null,"relationship":null}}`,
			`{"changed":{"actor":"a test","operation":"AMEND_ENTITY","about":[{"id":"eve"}],"claim":null,"relationship":null}}`,
		} {
			if diff := cmp.Diff(want, listeners[name].next(t)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		if diff := cmp.Diff(`{"changed":{"operation":"AMEND_ENTITY","about":[{"id":"eve"}]}}`, listeners[name+", about"].next(t)); diff != "" {
			t.Errorf("%s, about (-want +got):\n%s", name, diff)
		}
	}

	// Without a cursor, what is recorded from then on. That the server listens shows in what it says of changes that
	// come one after the other until one is told.
	for name, subscribe := range transports {
		s := subscribe(t, second, `subscription { changed { about { id } } }`)
		var got string
		for i := 0; got == ""; i++ {
			recordPeople(t, g, fmt.Sprintf("%s-%d", strings.ToLower(name), i))
			select {
			case got = <-s.data:
			case <-time.After(time.Second):
			}
			if i == 100 {
				t.Fatalf("%s: no change comes", name)
			}
		}
		if !strings.HasPrefix(got, `{"changed":{"about":[{"id":"`+strings.ToLower(name)+`-`) {
			t.Errorf("%s: the first change from now on is %s", name, got)
		}
	}
}

// A client whose connection breaks again and again, while others write, and that comes back with the last cursor to any
// replica, has in the end seen every change once, in order.
func TestReconnect(t *testing.T) {
	replicas := []*running{startSeeded(t), start(t, onShared(t))}
	replicas[1].await(t, "Dossier is ready")
	before := replicas[0].trail(t)
	seed := rand.Uint64()
	t.Logf("random seed %d", seed)

	const writers, batches = 3, 25
	var writing sync.WaitGroup
	g := writer(t)
	for w := range writers {
		random := rand.New(rand.NewPCG(seed, uint64(w)))
		writing.Go(func() {
			for b := range batches {
				var ids []string
				for i := range 1 + random.IntN(8) {
					ids = append(ids, fmt.Sprintf("p%d-%d-%d", w, b, i))
				}
				recordPeople(t, g, ids...)
			}
		})
	}
	written := make(chan struct{})
	go func() { writing.Wait(); close(written) }()

	random := rand.New(rand.NewPCG(seed, writers))
	var got []string
	cursor := before[len(before)-1].Cursor
	connections := 0
	listen := func(most int) { // until it has so many changes, or there are no more
		connections++
		names := []string{"SSE", "WebSocket"}
		s := transports[names[random.IntN(2)]](t, replicas[random.IntN(2)], fmt.Sprintf(`subscription { changed(after: %q) { id cursor } }`, cursor))
		defer s.leave()
		for range most {
			var answer struct{ Changed changeNote }
			if err := json.Unmarshal([]byte(s.next(t)), &answer); err != nil {
				t.Fatal(err)
			}
			got, cursor = append(got, answer.Changed.ID), answer.Changed.Cursor
		}
	}
	for open := true; open; {
		select {
		case <-written:
			open = false
		default:
			// There will be so many: each batch has at least one.
			listen(min(random.IntN(12), writers*batches-len(got)))
			if len(got) >= writers*batches {
				<-written
			}
		}
	}
	after := replicas[0].trail(t)
	listen(len(after) - len(before) - len(got))
	var want []string
	for _, c := range after[len(before):] {
		want = append(want, c.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after %d connections the client has seen (-want +got):\n%s", connections, diff)
	}
	if connections < 3 {
		t.Errorf("only %d connections", connections)
	}
}

// The database goes away while clients listen: they wait, and then get what was recorded meanwhile.
func TestLiveWhileNeo4jAway(t *testing.T) {
	proxy := newBoltProxy(t)
	p := startBehind(t, proxy.address)
	g := writer(t)
	query := fmt.Sprintf(`subscription { changed(after: %q) { about { id } } }`, p.lastCursor(t))
	listeners := []*subscription{overWebSocket(t, p, query), overSSE(t, p, query)}
	recordPeople(t, g, "first")
	for _, s := range listeners {
		s.next(t)
	}
	proxy.close()
	recordPeople(t, g, "second")
	p.awaitLog(t, "live changes wait for the database")
	recordPeople(t, g, "third")
	listeners = append(listeners, overSSE(t, p, query)) // waits as well, as it knows where to go on
	proxy.open(t)
	if first := listeners[2].next(t); !strings.Contains(first, `"first"`) {
		t.Errorf("who came while the database was away gets %s first", first)
	}
	for _, s := range listeners {
		for _, id := range []string{"second", "third"} {
			if got := s.next(t); !strings.Contains(got, `"`+id+`"`) {
				t.Errorf("got %s, want the change of %s", got, id)
			}
		}
	}
	if n := strings.Count(p.stderr.String(), "live changes wait"); n != 1 {
		t.Errorf("the log says %d times that live changes wait:\n%s", n, p.stderr)
	}
}

// A program that stops ends its subscriptions, in a way that has clients come back, and does not wait for them.
func TestStopEndsSubscriptions(t *testing.T) {
	p := startSeeded(t)
	query := fmt.Sprintf(`subscription { changed(after: %q) { about { id } } }`, p.lastCursor(t))
	listeners := map[string]*subscription{"WebSocket": overWebSocket(t, p, query), "SSE": overSSE(t, p, query)}
	recordPeople(t, writer(t), "first")
	for _, s := range listeners {
		s.next(t)
	}
	if err := p.stop(t); err != nil {
		t.Errorf("stopping gives the error %v", err)
	}
	for name, s := range listeners {
		for range s.data { // until it has ended
		}
		if s.err == nil || errors.Is(s.err, errCompleted) || strings.Contains(s.err.Error(), "errors") {
			t.Errorf("%s ends with %v", name, s.err)
		}
	}
	if code := websocket.CloseStatus(listeners["WebSocket"].err); code != websocket.StatusGoingAway {
		t.Errorf("the WebSocket ends with %v", listeners["WebSocket"].err)
	}
	if strings.Contains(p.stderr.String(), "cut off") {
		t.Errorf("subscriptions were waited for:\n%s", p.stderr)
	}
}

func sha256Of(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// An operation that was sent once with its hash can be asked for by the hash alone.
func TestPersistedQueries(t *testing.T) {
	p := startSeeded(t)
	const query = `query($id: ID!) { person(id: $id) { name } }`
	extensions := fmt.Sprintf(`{"persistedQuery":{"version":1,"sha256Hash":%q}}`, sha256Of(query))
	byHash := "/graphql?" + url.Values{"extensions": {extensions}, "variables": {`{"id":"elon-musk"}`}}.Encode()
	if r := p.get(t, byHash); !strings.Contains(r.body, `"PERSISTED_QUERY_NOT_FOUND"`) {
		t.Errorf("a hash that nobody has sent yet is answered %s", r.body)
	}
	body := fmt.Sprintf(`{"query":%q,"variables":{"id":"sam-altman"},"extensions":%s}`, query, extensions)
	if r := p.do(t, "POST", "/graphql", body, "Content-Type", "application/json"); r.body != `{"data":{"person":{"name":"Sam Altman"}}}` {
		t.Errorf("with its hash: %s", r.body)
	}
	if r := p.get(t, byHash); r.body != `{"data":{"person":{"name":"Elon Musk"}}}` {
		t.Errorf("by its hash: %s", r.body)
	}
}

// With a list, only the operations on it are answered.
func TestPersistedOperations(t *testing.T) {
	const query = `{ person(id: "elon-musk") { name } }`
	file := filepath.Join(t.TempDir(), "persisted-documents.json")
	write := func(hash string) {
		t.Helper()
		if err := os.WriteFile(file, fmt.Appendf(nil, "{%q: %q}", hash, query), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("0123")
	err := run(t.Context(), []string{"serve", "--persisted-operations", file}, noEnvironment, io.Discard, io.Discard)
	wantError(t, err, `--persisted-operations persisted-documents.json: "0123" is not the SHA-256 of its operation (1 of 1 are wrong): have the file written anew, with hashAlgorithm sha256`)
	write(sha256Of(query))
	neo4jtest.ClearData(t)
	env := onShared(t)
	env["DOSSIER_PERSISTED_OPERATIONS"] = file
	p := start(t, env)
	p.await(t, "Dossier is ready")
	p.wantData(t, query, `{"person":{"name":"Elon Musk"}}`)
	r := p.do(t, "POST", "/graphql", `{"documentId":"`+sha256Of(query)+`"}`, "Content-Type", "application/json")
	if r.body != `{"data":{"person":{"name":"Elon Musk"}}}` {
		t.Errorf("by its hash: %s", r.body)
	}
	p.wantError(t, `{ person(id: "sam-altman") { name } }`, "OPERATION_NOT_ALLOWED")
}
