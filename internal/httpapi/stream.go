package httpapi

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
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

const pingEvery = 20 * time.Second // a WebSocket that has not answered two is closed

// isWebSocket says whether a request wants to become a WebSocket.
func isWebSocket(h http.Header) bool {
	for _, offers := range h.Values("Upgrade") {
		for protocol := range strings.SplitSeq(offers, ",") {
			if strings.EqualFold(strings.TrimSpace(protocol), "websocket") {
				return true
			}
		}
	}
	return false
}

// isEventStream says whether a request wants its answer as server-sent events rather than as a document. Some clients list
// text/event-stream last with every query.
func isEventStream(h http.Header) bool {
	const events, document = "text/event-stream", "application/*"
	return preferred(h, func(media string) string {
		switch media {
		case events:
			return events
		case mediaJSON, mediaGraphQL, document, "*/*":
			return document
		}
		return ""
	}) == events
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
	if op.Operation.Operation != ast.Subscription || ctx.Value(streamKey{}) != nil {
		return nil
	}
	return failure(graph.BadUserInput, "a subscription has many answers: send it over a WebSocket (graphql-transport-ws), or by POST with Accept: text/event-stream")
}

// A stream is a request that is answered as one, and what its operations have to ask for leave.
type stream struct {
	limits     Limits
	requests   gate
	operations gate // of all WebSockets
	sending    *sending
	clients    *rates
	request    *http.Request
	refused    func(*gqlerror.Error) // is told of operations that are refused before gqlgen sees them
	socket     *webSocket            // once it is one
}

// streamKey is the key under which a context has its *stream.
type streamKey struct{}

func asStream(ctx context.Context, r *http.Request, s *stream) *http.Request {
	return r.WithContext(context.WithValue(ctx, streamKey{}, s))
}

// enterFromStream takes the place that a query of a stream needs among the requests that are answered at the same time.
// Other requests have one already.
func enterFromStream(ctx context.Context) (leave func(), entered bool) {
	s, _ := ctx.Value(streamKey{}).(*stream)
	if s == nil {
		return func() {}, true
	}
	return sync.OnceFunc(s.requests.leave), s.requests.enter()
}

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
func (a *API) stream(places gate, next http.Handler, w http.ResponseWriter, r *http.Request) {
	if !places.enter() {
		a.refuseBusy(w, r, "streams")
		return
	}
	defer places.leave()
	defer a.metrics.StreamOpened()()
	a.mu.Lock()
	if a.stopping.Err() == nil {
		a.open.Add(1)
		defer a.open.Done()
	}
	a.mu.Unlock()
	ctx, cancel := context.WithCancel(r.Context())
	defer context.AfterFunc(a.stopping, cancel)()
	if isWebSocket(r.Header) {
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
		if socket := ctx.Value(streamKey{}).(*stream).socket; socket != nil {
			socket.ended()
		}
		return
	}
	w.Header().Set("X-Accel-Buffering", "no") // for proxies that collect answers
	s := ctx.Value(streamKey{}).(*stream)
	events := &events{ResponseWriter: w, ctx: ctx, cancel: cancel, timeout: s.limits.WriteTimeout, sending: s.sending}
	defer events.end()
	next.ServeHTTP(events, r.WithContext(ctx))
}

// nextEvent begins what gqlgen writes of an event with a result.
const nextEvent = "event: next\ndata: "

// events writes server-sent events until its context ends. The transport goes on then: it would tell the client that the
// subscription is complete, where the client should come back, and its pings may outlive the request.
type events struct {
	http.ResponseWriter
	ctx     context.Context
	cancel  context.CancelFunc
	timeout time.Duration // of a write
	sending *sending
	mu      sync.Mutex
}

func (e *events) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	if result, is := bytes.CutPrefix(b, []byte(nextEvent)); is && requestErrors(result) != nil { // which have no data, and gqlgen writes null
		var told map[string]json.RawMessage
		_ = json.Unmarshal(result, &told) // which has been read as JSON
		delete(told, "data")
		without, _ := json.Marshal(told)
		b = slices.Concat([]byte(nextEvent), without, []byte("\n\n"))
	}
	end, begun := e.sending.begin(len(b))
	if !begun { // the stream ends, and its client comes back
		e.cancel()
		return 0, errTooMuchSent
	}
	defer end()
	var until time.Time // never
	if e.timeout > 0 {
		until = time.Now().Add(e.timeout)
	}
	_ = http.NewResponseController(e.ResponseWriter).SetWriteDeadline(until) // a test's recorder has none
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

// end waits for a write that is under way, and has all later ones do nothing.
func (e *events) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cancel()
}

// errTooMuchSent ends a stream for whose answer there is no memory.
var errTooMuchSent = errors.New("too much is on its way to clients that do not take it")

// webSockets accepts WebSockets whose origin has been checked already.
type webSockets struct{ stopping context.Context }

func (s webSockets) Accept(w http.ResponseWriter, r *http.Request, o transport.WebsocketAcceptOptions) (transport.WebsocketConn, error) {
	accept := transport.CoderWebsocketImplementation{AcceptOptions: websocket.AcceptOptions{InsecureSkipVerify: true}}
	conn, err := accept.Accept(w, r, o)
	if err != nil {
		return nil, err
	}
	stream := r.Context().Value(streamKey{}).(*stream)
	out := &webSocket{connection: conn.(connection), stopping: s.stopping, stream: stream, active: map[string]string{}, inner: map[string]string{}}
	stream.socket = out
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

// refuseHandshake says why a request cannot become a WebSocket, if so. Browsers let every page open one, so pages of
// other origins are kept out here.
func refuseHandshake(o Options, r *http.Request) (status int, err *gqlerror.Error) {
	switch {
	case r.Method != http.MethodGet || !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") || !strings.Contains(strings.ToLower(r.Header.Get("Connection")), "upgrade") ||
		!isHandshakeKey(r.Header.Get("Sec-WebSocket-Key")):
		return http.StatusBadRequest, badRequest("this is no WebSocket handshake (RFC 6455, version 13)")
	case r.Header.Get("Sec-WebSocket-Version") != webSocketVersion:
		return http.StatusUpgradeRequired, badRequest("this server speaks version %s of WebSocket (RFC 6455)", webSocketVersion)
	case !fromHere(r) && !o.allows(r.Header.Get("Origin")):
		return http.StatusForbidden, foreignPage()
	}
	return 0, nil
}

// webSocketVersion is the one version of WebSocket (RFC 6455, 4.4).
const webSocketVersion = "13"

// isHandshakeKey says whether a handshake's key is one: 16 bytes in base64.
func isHandshakeKey(key string) bool {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(key))
	return err == nil && len(b) == 16
}

// fromHere says whether a request comes from a page of this server, or from none.
func fromHere(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	u, err := url.Parse(origin)
	return origin == "" || err == nil && strings.EqualFold(withoutDefaultPort(u.Scheme, u.Host), withoutDefaultPort(u.Scheme, r.Host))
}

func withoutDefaultPort(scheme, host string) string {
	return strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[scheme])
}
