package httpapi_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/google/go-cmp/cmp"

	"dossier/internal/httpapi"
)

// soon is how long a test waits for what has to come.
const soon = time.Minute

// waiting is a subscription that waits: its database is away, and it knows where to go on.
var waiting = fmt.Sprintf(`subscription { changed(after: %q) { id } }`,
	base64.RawURLEncoding.EncodeToString([]byte(`["","change:000000000001"]`)))

func sha256Of(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func operation(t *testing.T, query string) string {
	t.Helper()
	b, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A subscription where an answer is one document is refused, and the way to send it is told.
func TestSubscriptionNeedsAStream(t *testing.T) {
	h := handler(t)
	const want = "a subscription has many answers: send it over a WebSocket (graphql-transport-ws), or by POST with Accept: text/event-stream"
	for name, r := range map[string]*http.Response{
		http.MethodPost: ask(h, http.MethodPost, "/graphql", operation(t, waiting), "Content-Type", asJSON),
		"POST, JSON":    ask(h, http.MethodPost, "/graphql", operation(t, waiting), "Content-Type", asJSON, "Accept", "application/json, text/event-stream"),
		"GET":           ask(h, "GET", "/graphql?query=subscription%7Bchanged%7Bid%7D%7D", ""),
		"GET, events":   ask(h, "GET", "/graphql?query=subscription%7Bchanged%7Bid%7D%7D", "", "Accept", "text/event-stream"),
	} {
		e := onlyError(t, text(t, r))
		if e.Message != want || e.Extensions["code"] != "BAD_USER_INPUT" {
			t.Errorf("%s: error %+v", name, e)
		}
	}
}

// What Accept names first decides: some clients list text/event-stream with every query.
func TestWhoGetsEvents(t *testing.T) {
	h := handler(t)
	const event = "event: next\ndata: {\"data\":{\"__typename\":\"Query\"}}\n\nevent: complete\n\n"
	for accept, want := range map[string]string{
		"text/event-stream":                    event,
		"text/event-stream, multipart/mixed":   event,
		"text/event-stream, application/json":  event,
		"text/html;x=;, text/event-stream;q=1": event,
		"application/graphql-response+json, application/json, text/event-stream, multipart/mixed": "{\"data\":{\"__typename\":\"Query\"}}",
		"*/*, text/event-stream": "{\"data\":{\"__typename\":\"Query\"}}",
		"":                       "{\"data\":{\"__typename\":\"Query\"}}",
	} {
		body := text(t, ask(h, http.MethodPost, "/graphql", operation(t, "{ __typename }"), "Content-Type", asJSON, "Accept", accept))
		if got := strings.TrimPrefix(body, ":\n\n"); got != want {
			t.Errorf("Accept: %s gives %q, want %q", accept, got, want)
		}
	}
}

func TestEventsRefuse(t *testing.T) {
	h := handler(t)
	for body, want := range map[string]string{
		`{"query": "{ secretField`: "the body is not a JSON object with the fields query, operationName, variables and extensions: unexpected end of JSON input, after 24 bytes",
		`{"query": 7}`:             "query is not a text",
	} {
		r := ask(h, http.MethodPost, "/graphql", body, "Content-Type", asJSON, "Accept", "text/event-stream")
		if e := onlyError(t, text(t, r)); r.StatusCode != http.StatusBadRequest || e.Message != want {
			t.Errorf("%s: %d %+v", body, r.StatusCode, e)
		}
	}
	if r := ask(h, http.MethodPost, "/graphql", operation(t, waiting), "Content-Type", "text/plain", "Accept", "text/event-stream"); r.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("a page could open a stream without asking: %d", r.StatusCode)
	}
	body := text(t, ask(h, http.MethodPost, "/graphql", operation(t, `subscription { changed(after: "x") { id } }`), "Content-Type", asJSON, "Accept", "text/event-stream"))
	if !strings.Contains(body, `"code":"BAD_USER_INPUT"`) || !strings.Contains(body, `argument \"after\": \"x\" is not the cursor of a change`) || !strings.HasSuffix(body, "event: complete\n\n") {
		t.Errorf("a bad cursor is answered %s", body)
	}
	for query, code := range map[string]string{"{ nothing }": "GRAPHQL_VALIDATION_FAILED", "{": "GRAPHQL_PARSE_FAILED"} { // nothing ran: there are no data, not even null
		body := text(t, ask(h, http.MethodPost, "/graphql", operation(t, query), "Content-Type", asJSON, "Accept", "text/event-stream"))
		event, _, _ := strings.Cut(strings.TrimPrefix(body, ":\n\nevent: next\ndata: "), "\n\n")
		if e := onlyError(t, event); e.Extensions["code"] != code || strings.Contains(body, `"data"`) || !strings.HasSuffix(body, "event: complete\n\n") {
			t.Errorf("%s is answered %s", query, body)
		}
	}
}

// serving starts an HTTP server with the limits that a server has, but short ones.
func serving(t *testing.T, change ...func(*httpapi.Options)) (*httpapi.API, *httptest.Server) {
	t.Helper()
	api, log := newAPI(t, closedPort(t))
	o := httpapi.Options{RequestTimeout: 50 * time.Millisecond, Limits: limits(), Log: slog.New(slog.NewTextHandler(log, nil))}
	o.Limits.ReadTimeout = shortLimit
	for _, c := range change {
		c(&o)
	}
	s := httptest.NewUnstartedServer(api.Handler(o))
	s.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		_ = c.(*net.TCPConn).SetWriteBuffer(64 << 10) // else the system takes megabytes for a client that does not read
		return ctx
	}
	s.Config.ReadTimeout, s.Config.WriteTimeout = o.Limits.ReadTimeout, o.WriteTimeout()
	s.Start()
	t.Cleanup(s.Close)
	t.Cleanup(func() { api.CloseStreams(context.Background()) })
	return api, s
}

const shortLimit = 300 * time.Millisecond

// openStream asks for an operation's answers as events.
func openStream(ctx context.Context, t *testing.T, url, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/graphql", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", asJSON)
	r.Header.Set("Accept", "text/event-stream")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// listen opens a stream of events that waits. What comes is sent to the channel line by line.
func listen(t *testing.T, url string) (lines <-chan string, leave func()) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	response := openStream(ctx, t, url, operation(t, waiting))
	if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Fatalf("status %d, Content-Type %q", response.StatusCode, got)
	}
	out := make(chan string, 100)
	go func() {
		defer close(out)
		for s := bufio.NewScanner(response.Body); s.Scan(); {
			out <- s.Text()
		}
	}()
	return out, leave
}

// dial opens a WebSocket and waits until it is acknowledged.
func dial(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), url+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	send(t, conn, map[string]any{"type": "connection_init"})
	if m := receive(t, conn); m != `{"type":"connection_ack"}` {
		t.Fatalf("instead of an acknowledgement came %s", m)
	}
	return conn
}

func send(t *testing.T, conn *websocket.Conn, message any) {
	t.Helper()
	if err := wsjson.Write(t.Context(), conn, message); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, conn *websocket.Conn) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	_, b, err := conn.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func subscribeMessage(id, query string) map[string]any {
	return map[string]any{"type": "subscribe", "id": id, "payload": map[string]string{"query": query}}
}

func TestWebSocket(t *testing.T) {
	_, s := serving(t)
	conn := dial(t, s.URL)
	for _, c := range []struct{ query, want string }{
		{"{ __typename }", `{"payload":{"data":{"__typename":"Query"}},"id":"1","type":"next"}`},
		{`subscription { changed(about: []) { id } }`, `argument \"about\": it is empty`},
		{`subscription { changed { idd } }`, `GRAPHQL_VALIDATION_FAILED`},
		{`subscription { changed { id } }`, `SERVICE_UNAVAILABLE`}, // the database is away, and there is no cursor
	} {
		send(t, conn, subscribeMessage("1", c.query))
		if got := receive(t, conn); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %s, want %s", c.query, got, c.want)
		}
		if strings.Contains(c.want, "VALIDATION") { // an error is the end
			continue
		}
		if got := receive(t, conn); got != `{"id":"1","type":"complete"}` {
			t.Errorf("%s: then %s", c.query, got)
		}
	}
	send(t, conn, map[string]any{"type": "ping"})
	if got := receive(t, conn); got != `{"type":"pong"}` {
		t.Errorf("a ping is answered %s", got)
	}
}

// What is no message of the protocol closes a WebSocket, with a code that says why.
func TestWebSocketCloses(t *testing.T) {
	_, s := serving(t)
	closed := func(conn *websocket.Conn) (code websocket.StatusCode, why string) {
		ctx, cancel := context.WithTimeout(t.Context(), soon)
		defer cancel()
		var end websocket.CloseError
		if _, message, err := conn.Read(ctx); !errors.As(err, &end) {
			return 0, fmt.Sprintf("%s %v", message, err)
		}
		return end.Code, end.Reason
	}
	for _, c := range []struct {
		kind    websocket.MessageType
		message string
		code    websocket.StatusCode
	}{
		{websocket.MessageText, `{"type":"subscribe","id":"1"}`, 4400},
		{websocket.MessageText, `{"type":"subscribe","id":"1","payload":null}`, 4400},
		{websocket.MessageText, `{"type":"subscribe","id":"1","payload":{"query":5}}`, 4400},
		{websocket.MessageText, `{"type":"subscribe","id":"1","payload":[]}`, 4400},
		{websocket.MessageText, `{"type":"complete"}`, 4400},
		{websocket.MessageText, `{"type":"ping","payload":"x"}`, 4400},
		{websocket.MessageText, "{\"type\":\"ping\",\"payload\":{\"a\":\"\xff\"}}", websocket.StatusInvalidFramePayloadData},
		{websocket.MessageBinary, `{"type":"ping"}`, websocket.StatusUnsupportedData},
	} {
		conn := dial(t, s.URL)
		if err := conn.Write(t.Context(), c.kind, []byte(c.message)); err != nil {
			t.Fatal(err)
		}
		if code, why := closed(conn); code != c.code || why == "" {
			t.Errorf("%s ends with %d %s, want %d", c.message, code, why, c.code)
		}
	}
	conn, _, err := websocket.Dial(t.Context(), s.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{"chat"}})
	if err != nil {
		t.Fatal(err)
	}
	send(t, conn, map[string]any{"type": "connection_init"})
	if code, why := closed(conn); code != 4406 || why == "" {
		t.Errorf("another subprotocol ends with %d %s", code, why)
	}
}

// Any page may open a WebSocket without asking, so those of foreign origins are kept out, by the rule of CORS.
func TestWebSocketOrigins(t *testing.T) {
	for _, c := range []struct {
		name             string
		options          httpapi.Options
		allowed, refused []string
	}{
		{"production", httpapi.Options{}, []string{"", "SELF"}, []string{"http://localhost:3000", "https://example.com", "null", "http://example.com/SELF", "SELF.example.com"}},
		{"development", httpapi.Options{LocalOrigins: true}, []string{"", "SELF", "http://localhost:3000"}, []string{"https://example.com", "null"}},
		{"configured", httpapi.Options{Origins: []string{"https://app.example.org"}}, []string{"https://app.example.org"}, []string{"https://app.example.org:444", "http://localhost"}},
		{"every origin", httpapi.Options{Origins: []string{"*"}}, []string{"https://example.com", "null"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, s := serving(t, func(o *httpapi.Options) { o.Origins, o.LocalOrigins = c.options.Origins, c.options.LocalOrigins })
			try := func(origin string) (*http.Response, error) {
				header := http.Header{}
				if origin != "" {
					header.Set("Origin", strings.ReplaceAll(origin, "SELF", s.URL))
				}
				conn, response, err := websocket.Dial(t.Context(), s.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: header})
				if err == nil {
					_ = conn.CloseNow()
				}
				return response, err
			}
			for _, origin := range c.allowed {
				if _, err := try(origin); err != nil {
					t.Errorf("%q: %v", origin, err)
				}
			}
			for _, origin := range c.refused {
				response, err := try(origin)
				if err == nil || response == nil || response.StatusCode != http.StatusForbidden {
					t.Errorf("%q: %v", origin, err)
					continue
				}
				if e := onlyError(t, text(t, response)); e.Message != "pages of this origin may not call the API: name it with --cors-origin" {
					t.Errorf("%q: message %q", origin, e.Message)
				}
			}
		})
	}
	h := handler(t)
	for name, header := range map[string][]string{
		"no connection header": {"Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="},
		"short key":            {"Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "x"},
	} {
		r := ask(h, "GET", "/graphql", "", header...)
		if e := onlyError(t, text(t, r)); r.StatusCode != http.StatusBadRequest || e.Message != "this is no WebSocket handshake (RFC 6455, version 13)" {
			t.Errorf("%s: %d %+v", name, r.StatusCode, e)
		}
	}
	old := ask(h, "GET", "/graphql", "", "Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "8", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
	if e := onlyError(t, text(t, old)); old.StatusCode != http.StatusUpgradeRequired || old.Header.Get("Sec-WebSocket-Version") != "13" || e.Message != "this server speaks version 13 of WebSocket (RFC 6455)" {
		t.Errorf("an old version: %d %+v", old.StatusCode, e)
	}
	// What offers HTTP/2, which need not be taken (RFC 9110, 7.8), is a request like others.
	r := ask(h, "POST", "/graphql", `{"query": "{ __typename }"}`, "Content-Type", "application/json", "Upgrade", "h2c", "Connection", "Upgrade, HTTP2-Settings", "HTTP2-Settings", "AAMAAABkAAQAoAAAAAIAAAAA")
	if got := text(t, r); r.StatusCode != http.StatusOK || got != `{"data":{"__typename":"Query"}}` {
		t.Errorf("an offer of HTTP/2: %d %s", r.StatusCode, got)
	}
}

// Who completes an operation hears no more of it, and may give its id to another one at once.
func TestSocketIDsAreFreeAgain(t *testing.T) {
	_, s := serving(t)
	conn := dial(t, s.URL)
	for i := range 50 {
		send(t, conn, subscribeMessage("1", waiting))
		if i%2 == 0 {
			time.Sleep(time.Millisecond)
		}
		send(t, conn, map[string]any{"type": "complete", "id": "1"})
		send(t, conn, subscribeMessage("1", "{ __typename }"))
		for _, want := range []string{`{"payload":{"data":{"__typename":"Query"}},"id":"1","type":"next"}`, `{"id":"1","type":"complete"}`} {
			if got := receive(t, conn); got != want {
				t.Fatalf("after %d others it gets %s, want %s", i, got, want)
			}
		}
	}
}

// What keeps requests short does not end subscriptions.
func TestStreamsOutliveLimits(t *testing.T) {
	_, s := serving(t)
	lines, _ := listen(t, s.URL)
	conn := dial(t, s.URL)
	send(t, conn, subscribeMessage("1", waiting))
	limits := time.After(4 * shortLimit) // of reading, and of answering
	for waits := true; waits; {
		select {
		case line, open := <-lines:
			if !open || strings.HasPrefix(line, "event") {
				t.Fatalf("the stream of events ended early (%q)", line)
			}
		case <-limits:
			waits = false
		}
	}
	send(t, conn, map[string]any{"type": "ping"})
	if got := receive(t, conn); got != `{"type":"pong"}` {
		t.Errorf("after the limits the WebSocket has %s", got)
	}
}

// A server that stops ends streams at once, in a way that has clients come back.
func TestCloseStreams(t *testing.T) {
	api, s := serving(t)
	lines, _ := listen(t, s.URL)
	gone, leave := listen(t, s.URL)
	leave()
	for range gone { // until it has ended
	}
	conn := dial(t, s.URL)
	send(t, conn, subscribeMessage("1", waiting))
	silent, _, err := websocket.Dial(t.Context(), s.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	closes := make(chan error, 2)
	for _, c := range []*websocket.Conn{conn, silent} {
		go func() {
			_, _, err := c.Read(t.Context())
			closes <- err
		}()
	}
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	api.CloseStreams(ctx)
	if ctx.Err() != nil {
		t.Fatal("streams do not end")
	}
	for line := range lines {
		if strings.HasPrefix(line, "event") {
			t.Errorf("the stream of events ends with %q: clients would not come back", line)
		}
	}
	for range 2 {
		var closed websocket.CloseError
		if err := <-closes; !errors.As(err, &closed) || closed.Code != websocket.StatusGoingAway || !strings.Contains(closed.Reason, "cursor") {
			t.Errorf("the WebSocket ends with %v", err)
		}
	}
	late, _ := listen(t, s.URL)
	for line := range late {
		if strings.HasPrefix(line, "event") {
			t.Errorf("a stream opened late gets %q", line)
		}
	}
	if err := s.Config.Shutdown(ctx); err != nil {
		t.Errorf("requests are left: %v", err)
	}
}

func TestAutomaticPersistedQueries(t *testing.T) {
	h := handler(t)
	const query, hash = "{ __typename }", "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b"
	persisted := func(hash string) string {
		return fmt.Sprintf(`"extensions":{"persistedQuery":{"version":1,"sha256Hash":%q}}`, hash)
	}
	post := func(body string) string {
		return strings.TrimSpace(text(t, ask(h, http.MethodPost, "/graphql", body, "Content-Type", asJSON)))
	}
	get := func(parameters string) string {
		return strings.TrimSpace(text(t, ask(h, "GET", "/graphql?"+parameters, "", "Accept", "text/html, */*")))
	}
	const byGet = `extensions={"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}`
	for _, unknown := range []string{post("{" + persisted(hash) + "}"), get(strings.ReplaceAll(byGet, `"`, "%22")), post(`{"documentId":"sha256:` + hash + `"}`)} {
		if e := onlyError(t, unknown); e.Message != "PersistedQueryNotFound" || e.Extensions["code"] != "PERSISTED_QUERY_NOT_FOUND" {
			t.Errorf("an unknown hash is answered %+v", e)
		}
	}
	other := strings.Repeat("0", 64)
	if e := onlyError(t, post(fmt.Sprintf(`{"query":%q,%s}`, query, persisted(other)))); e.Extensions["code"] != "BAD_USER_INPUT" || !strings.Contains(e.Message, "is not the SHA-256 of the operation that is sent with it") {
		t.Errorf("a wrong hash is answered %+v", e)
	}
	if e := onlyError(t, post("{"+persisted(other)+"}")); e.Message != "PersistedQueryNotFound" {
		t.Errorf("a wrong hash was kept: %+v", e)
	}
	const want = `{"data":{"__typename":"Query"}}`
	for _, known := range []string{
		post(fmt.Sprintf(`{"query":%q,%s}`, query, persisted(hash))),
		post("{" + persisted(hash) + "}"),
		get(strings.ReplaceAll(byGet, `"`, "%22")),
		post(`{"documentId":"` + hash + `","variables":{"n":12345678901234567890}}`),
		get("documentId=sha256:" + hash),
	} {
		if known != want {
			t.Errorf("a known hash is answered %s", known)
		}
	}
	long := "{ __typename } #" + strings.Repeat("x", 17<<10)
	longHash := sha256Of(long)
	if got := post(fmt.Sprintf(`{"query":%q,%s}`, long, persisted(longHash))); got != want {
		t.Errorf("a long operation is answered %s", got)
	}
	if e := onlyError(t, post("{"+persisted(longHash)+"}")); e.Message != "PersistedQueryNotFound" {
		t.Errorf("a long operation is kept: %+v", e)
	}
}

func TestAllowedOperations(t *testing.T) {
	const query = "{ __typename }"
	hash := sha256Of(query)
	list, err := httpapi.ReadOperations(fmt.Appendf(nil, `{%q:%q, %q:%q}`, hash, query, sha256Of(waiting), waiting))
	if err != nil {
		t.Fatal(err)
	}
	_, s := serving(t, func(o *httpapi.Options) { o.Operations = list })
	h := s.Config.Handler
	persisted := func(hash string) string {
		return fmt.Sprintf(`"extensions":{"persistedQuery":{"sha256Hash":%q}}`, hash)
	}
	const notAllowed = "this server answers only the operations on its list: send the hash or the exact text of one of them, or add this one to the file of --persisted-operations and start the server anew"
	for _, c := range []struct{ name, body, code, want string }{
		{"by hash", "{" + persisted(hash) + "}", "", `{"data":{"__typename":"Query"}}`},
		{"by id", `{"documentId":"sha256:` + hash + `"}`, "", `{"data":{"__typename":"Query"}}`},
		{"by text", `{"query":"{ __typename }"}`, "", `{"data":{"__typename":"Query"}}`},
		{"by both", `{"query":"{ __typename }",` + persisted(hash) + "}", "", `{"data":{"__typename":"Query"}}`},
		{"another text", `{"query":"{ x: __typename }"}`, "OPERATION_NOT_ALLOWED", notAllowed},
		{"another text with a good hash", `{"query":"{ x: __typename }",` + persisted(hash) + "}", "OPERATION_NOT_ALLOWED", notAllowed},
		{"another text with its hash", `{"query":"{ x: __typename }",` + persisted(sha256Of("{ x: __typename }")) + "}", "OPERATION_NOT_ALLOWED", notAllowed},
		{"nothing", `{}`, "OPERATION_NOT_ALLOWED", notAllowed},
		{"another hash", "{" + persisted("abc") + "}", "PERSISTED_QUERY_NOT_FOUND", `no operation on this server's list has the hash "abc": add it to the file of --persisted-operations and start the server anew`},
		{"a wrong hash with a good text", `{"query":"{ __typename }",` + persisted("abc") + "}", "BAD_USER_INPUT", `the hash "abc" is not the SHA-256 of the operation that is sent with it`},
		{"introspection", `{"query":"{ __schema { queryType { name } } }"}`, "OPERATION_NOT_ALLOWED", notAllowed},
	} {
		body := text(t, ask(h, http.MethodPost, "/graphql", c.body, "Content-Type", asJSON))
		if c.code == "" {
			if got := strings.TrimSpace(body); got != c.want {
				t.Errorf("%s: %s", c.name, got)
			}
		} else if e := onlyError(t, body); e.Extensions["code"] != c.code || e.Message != c.want {
			t.Errorf("%s: %+v", c.name, e)
		}
	}
	if e := onlyError(t, text(t, ask(h, "GET", "/graphql?query=%7Bx:__typename%7D", ""))); e.Extensions["code"] != "OPERATION_NOT_ALLOWED" {
		t.Errorf("by GET: %+v", e)
	}
	conn := dial(t, s.URL)
	send(t, conn, subscribeMessage("1", `subscription { changed { id } }`))
	if got := receive(t, conn); !strings.Contains(got, `"type":"error"`) || !strings.Contains(got, "OPERATION_NOT_ALLOWED") {
		t.Errorf("over WebSocket: %s", got)
	}
	send(t, conn, map[string]any{"type": "subscribe", "id": "2", "payload": map[string]any{"extensions": map[string]any{"persistedQuery": map[string]any{"sha256Hash": hash}}}})
	if got := receive(t, conn); !strings.Contains(got, `{"data":{"__typename":"Query"}}`) {
		t.Errorf("over WebSocket, by hash: %s", got)
	}
}

func TestReadOperations(t *testing.T) {
	const none = "it is not a JSON object of operations by their SHA-256, as GraphQL Code Generator writes persisted-documents.json"
	for file, want := range map[string]string{
		"":                none,
		"null":            none,
		"[]":              none,
		`{"a": {}}`:       none,
		"{}":              "it lists no operation: nothing could be asked",
		`{"ff": "{ a }"}`: `"ff" is not the SHA-256 of its operation (1 of 1 are wrong): have the file written anew, with hashAlgorithm sha256`,
		fmt.Sprintf(`{%q:"{ a }", "b":"{ b }", "a":"{ a }"}`, sha256Of("{ a }")): `"a" is not the SHA-256 of its operation (2 of 3 are wrong): have the file written anew, with hashAlgorithm sha256`,
	} {
		_, err := httpapi.ReadOperations([]byte(file))
		if err == nil || err.Error() != want {
			t.Errorf("%s\nerror %v\nwant  %s", file, err, want)
		}
	}
	got, err := httpapi.ReadOperations(fmt.Appendf(nil, `{%q:"{ a }"}`, sha256Of("{ a }")))
	if diff := cmp.Diff(httpapi.Operations{sha256Of("{ a }"): "{ a }"}, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

// Streams, too, have only so much memory for what their clients do not take: those for which there is none end.
func TestStreamThatIsNotRead(t *testing.T) {
	_, s := serving(t, func(o *httpapi.Options) {
		o.RequestTimeout, o.Limits.WriteTimeout, o.Limits.MaxSending = 3*time.Second, time.Minute, 1<<18
	})
	query := megabyte()
	large := operation(t, query)
	const accept = "Accept: text/event-stream\r\n"
	askAndNotRead(t, s, accept, large)
	events := func(body string) bool {
		return strings.Contains(text(t, openStream(t.Context(), t, s.URL, body)), "event: next")
	}
	for deadline := time.Now().Add(soon); events(large); { // until one waits for its client, and has not found this one's in its place
		if time.Now().After(deadline) {
			t.Fatal("all streams have memory")
		}
		askAndNotRead(t, s, accept, large)
	}
	if !events(operation(t, "{ __typename }")) {
		t.Error("a small answer is not sent")
	}
	socket := dial(t, s.URL)
	send(t, socket, subscribeMessage("1", query))
	_, got, err := socket.Read(t.Context())
	if closed := (websocket.CloseError{}); !errors.As(err, &closed) || closed.Code != websocket.StatusTryAgainLater {
		t.Errorf("the WebSocket ends with %v, after %.200s", err, got)
	}
}
