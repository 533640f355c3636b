package httpapi

import (
	"context"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dossier/graph"
)

// Subscriptions are answered over WebSocket (the protocol graphql-transport-ws, https://github.com/enisdenjo/graphql-ws,
// and its predecessor) and over server-sent events (POST with Accept: text/event-stream, the distinct connections mode
// of https://github.com/enisdenjo/graphql-sse). Either may last for days, so what keeps other requests short does not
// apply, and other bounds do:

const (
	initTimeout  = 10 * time.Second // for a WebSocket's connection_init
	pingEvery    = 20 * time.Second // a WebSocket that has not answered two is closed
	writeTimeout = time.Minute      // for a client to take what it is sent
)

// isWebSocket says whether a request wants to become a WebSocket.
func isWebSocket(h http.Header) bool { return h.Get("Upgrade") != "" }

// isEventStream says whether a request wants its answer as server-sent events: what its Accept names first, of all that
// could be answered, is what it gets. Some clients list text/event-stream last with every query.
func isEventStream(h http.Header) bool {
	for part := range strings.SplitSeq(h.Get("Accept"), ",") {
		media, _, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		switch media {
		case "text/event-stream":
			return true
		case "application/json", "application/graphql-response+json", "application/*", "*/*":
			return false
		}
	}
	return false
}

// eventStream is gqlgen's transport for those requests that want one.
type eventStream struct{ transport.SSE }

func (eventStream) Supports(r *http.Request) bool {
	return r.Method == http.MethodPost && isEventStream(r.Header)
}

// streamedOnly refuses subscriptions where an answer is one document.
type streamedOnly struct{}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = streamedOnly{}

func (streamedOnly) ExtensionName() string                   { return "StreamedOnly" }
func (streamedOnly) Validate(graphql.ExecutableSchema) error { return nil }

func (streamedOnly) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if op.Operation.Operation != ast.Subscription || ctx.Value(streamed{}) != nil {
		return nil
	}
	return failure(graph.BadUserInput, "a subscription has many answers: send it over a WebSocket (graphql-transport-ws), or by POST with Accept: text/event-stream")
}

// streamed is the key under which a context says that its request is answered as a stream.
type streamed struct{}

// streams are the requests that are answered as long as their clients listen.
type streams struct {
	stopping context.Context // ends when the server stops
	stop     context.CancelFunc
	mu       sync.Mutex     // held while one opens, and while stopping ends
	open     sync.WaitGroup // those that opened before
}

// CloseStreams ends all subscriptions in a way that has their clients come back, here or to another server, and all
// that follow at once. It waits until they have ended or the context has.
func (s *streams) CloseStreams(ctx context.Context) {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		s.open.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// stream answers a request without the server's time limits, until its client leaves or the server stops.
func (s *streams) stream(next http.Handler, w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.stopping.Err() == nil {
		s.open.Add(1)
		defer s.open.Done()
	}
	s.mu.Unlock()
	ctx, cancel := context.WithCancel(context.WithValue(r.Context(), streamed{}, true))
	defer context.AfterFunc(s.stopping, cancel)()
	if isWebSocket(r.Header) {
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
		return
	}
	w.Header().Set("X-Accel-Buffering", "no") // for proxies that collect answers
	events := &events{ResponseWriter: w, ctx: ctx}
	defer events.end(cancel)
	next.ServeHTTP(events, r.WithContext(ctx))
}

// events writes server-sent events until its context ends. The transport goes on then: it would tell the client that the
// subscription is complete, where the client should come back, and its pings may outlive the request.
type events struct {
	http.ResponseWriter
	ctx context.Context
	mu  sync.Mutex
}

func (e *events) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	_ = http.NewResponseController(e.ResponseWriter).SetWriteDeadline(time.Now().Add(writeTimeout))
	return e.ResponseWriter.Write(b)
}

// Flush sends what is written.
func (e *events) Flush() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx.Err() == nil {
		_ = http.NewResponseController(e.ResponseWriter).Flush() // a client that is gone ends the context
	}
}

// end waits for a write that is under way, and has all later ones do nothing. The connection may serve other requests.
func (e *events) end(cancel context.CancelFunc) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_ = http.NewResponseController(e.ResponseWriter).SetWriteDeadline(time.Time{})
	cancel()
}

// webSockets accepts WebSockets whose origin has been checked already.
type webSockets struct{ stopping context.Context }

func (s webSockets) Accept(w http.ResponseWriter, r *http.Request, o transport.WebsocketAcceptOptions) (transport.WebsocketConn, error) {
	accept := transport.CoderWebsocketImplementation{AcceptOptions: websocket.AcceptOptions{InsecureSkipVerify: true}}
	conn, err := accept.Accept(w, r, o)
	if err != nil {
		return nil, err
	}
	out := webSocket{conn.(connection), s.stopping}
	// gqlgen would do so too, but not before connection_init, nor while a client does not take what it is sent.
	context.AfterFunc(r.Context(), func() {
		if s.stopping.Err() != nil {
			_ = out.WriteClose(0, "")
		}
	})
	return out, nil
}

// A connection is all that gqlgen asks of a WebSocket.
type connection interface {
	transport.WebsocketConn
	transport.WebsocketReadLimiter
	transport.WebsocketReadDeadliner
}

// webSocket bounds what a client that does not read costs, and tells clients of a server that stops to come back.
type webSocket struct {
	connection
	stopping context.Context
}

func (s webSocket) WriteJSON(v any) error {
	defer time.AfterFunc(writeTimeout, func() { _ = s.Close() }).Stop()
	return s.connection.WriteJSON(v)
}

func (s webSocket) WriteClose(code int, reason string) error {
	if s.stopping.Err() != nil {
		code, reason = int(websocket.StatusGoingAway), "the server stops: come back with the last cursor"
	}
	return s.connection.WriteClose(code, reason)
}

// refuseHandshake says why a request cannot become a WebSocket, if so. Browsers let every page open one, so pages of
// other origins are kept out here.
func refuseHandshake(o Options, r *http.Request) (status int, why string) {
	switch {
	case r.Method != http.MethodGet || !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") || !strings.Contains(strings.ToLower(r.Header.Get("Connection")), "upgrade") ||
		r.Header.Get("Sec-WebSocket-Version") != "13" || r.Header.Get("Sec-WebSocket-Key") == "":
		return http.StatusBadRequest, "this is no WebSocket handshake (RFC 6455, version 13)"
	case !fromHere(r) && !o.allows(r.Header.Get("Origin")):
		return http.StatusForbidden, "pages of this origin may not call the API: name it with --cors-origin"
	}
	return 0, ""
}

// fromHere says whether a request comes from a page of this server, or from none.
func fromHere(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	u, err := url.Parse(origin)
	return origin == "" || err == nil && strings.EqualFold(u.Host, r.Host)
}
