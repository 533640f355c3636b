package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dossier/graph"
	"dossier/internal/metrics"
)

// BookmarkHeader is the header in which an answer names the state that it was read from, and a request the state that
// it is to see at least: that of an earlier answer, or of a change. It makes several servers look like one.
const BookmarkHeader = "X-Dossier-Bookmark"

// checked lets only those requests through that GraphQL over HTTP or one of the protocols for subscriptions knows, within
// the limits, and says in one sentence what is wrong with the others.
//
// Nothing runs for a page of another origin that may not call the API. That a body must be declared as application/json
// has its browser ask first (CORS), so forms cannot send operations; where the browser says that a request comes from
// another site, it is refused whatever its method is.
func (a *API) checked(o Options, sending *sending, next http.Handler) http.Handler {
	requests, clients := newGate(o.Limits.MaxConcurrent), newRates(o.Limits)
	streams, operations := newGate(o.Limits.MaxStreams), newGate(o.Limits.MaxStreamOperations)
	traced := func(ctx context.Context, r *http.Request, err *gqlerror.Error) {
		o.Tracer.Refused(ctx, r.Header, metrics.Unread, "", codeOf(err))
	}
	open := func(ctx context.Context, w http.ResponseWriter, r *http.Request) {
		a.stream(streams, next, w, asStream(ctx, r, &stream{
			limits: o.Limits, requests: requests, operations: operations, sending: sending, clients: clients, request: r,
			refused: func(err *gqlerror.Error) {
				a.countRefusal(err)
				traced(ctx, r, err)
			},
		}))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store") // headers that change an answer are not in Vary, and the graph changes
		if !asksForPlayground(r) {
			if why := a.whyEmpty(r.Context(), o); why != "" {
				w.Header().Set("Retry-After", "1")
				a.refuse(w, r, http.StatusServiceUnavailable, failure(graph.ServiceUnavailable, "%s. Try again in a moment.", why))
				return
			}
		}
		if status, err := o.Limits.tooLong(r); err != nil {
			a.refuse(w, r, status, err)
			return
		}
		if wait := clients.ask(r); wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
			a.refuse(w, r, http.StatusTooManyRequests, clients.tooOften())
			return
		}
		ctx, unknown := graph.Chained(withID(r.Context(), w), strings.Join(r.Header.Values(BookmarkHeader), ","))
		if unknown != nil {
			a.refuse(w, r, http.StatusBadRequest, badRequest("header %s: %s", BookmarkHeader, unknown))
			return
		}
		if isWebSocket(r.Header) {
			if status, err := refuseHandshake(o, r); err != nil {
				if status == http.StatusUpgradeRequired {
					w.Header().Set("Sec-WebSocket-Version", webSocketVersion)
				}
				a.refuse(w, r, status, err)
				return
			}
			open(ctx, w, r)
			return
		}
		r.Header.Del("Upgrade")   // to HTTP/2, which some clients offer: gqlgen would take it for a WebSocket
		if asksForPlayground(r) { // somebody looks at the address in a browser
			http.Redirect(w, r, "playground", http.StatusFound)
			return
		}
		if isCrossSite(o, r) {
			a.refuse(w, r, http.StatusForbidden, foreignPage())
			return
		}
		p, status, err := o.Limits.read(w, r)
		if err != nil {
			if status == http.StatusMethodNotAllowed {
				w.Header().Set("Allow", "GET, HEAD, POST")
			}
			traced(ctx, r, err)
			a.refuse(w, r, status, err)
			return
		}
		if r.Method == http.MethodPost && isEventStream(r.Header) {
			body, _ := json.Marshal(p) // which was JSON before
			r.Body = io.NopCloser(bytes.NewReader(body))
			open(ctx, w, r)
			return
		}
		if !requests.enter() { // not before: who sends slowly takes no place
			a.refuseBusy(w, r, "concurrent")
			return
		}
		computed := sync.OnceFunc(requests.leave)
		defer computed()
		p.Headers = r.Header
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, askedKey{}, asked{p, computed})))
	})
}

// read reads the operation of a request, or says with which status it is refused.
func (l Limits) read(w http.ResponseWriter, r *http.Request) (p *graphql.RawParams, status int, problem *gqlerror.Error) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		p, problem = l.fromURL(r.URL)
	case http.MethodPost:
		media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || media != mediaJSON || !isUTF8(params["charset"]) {
			return nil, http.StatusUnsupportedMediaType, badRequest("send the operation as JSON in UTF-8, with Content-Type: application/json")
		}
		if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
			return nil, http.StatusUnsupportedMediaType, badRequest("send the operation as it is, without Content-Encoding")
		}
		in := r.Body
		if l.MaxBody > 0 {
			in = http.MaxBytesReader(w, r.Body, l.MaxBody)
		}
		var body []byte
		tooLarge := l.MaxBody > 0 && r.ContentLength > l.MaxBody
		if !tooLarge {
			body, err = io.ReadAll(in)
			_, tooLarge = errors.AsType[*http.MaxBytesError](err)
		}
		if tooLarge {
			return nil, http.StatusRequestEntityTooLarge, exceeded("body", l.MaxBody, "the request is too large: a body may have %d bytes", l.MaxBody)
		}
		if err != nil {
			return nil, http.StatusBadRequest, badRequest("the request's body ended early")
		}
		p, problem = l.fromBody(body)
	default:
		return nil, http.StatusMethodNotAllowed, badRequest("send operations with POST, or queries with GET")
	}
	if problem != nil {
		return nil, statusOf(problem), problem
	}
	return p, 0, nil
}

// isUTF8 says whether a charset, as clients spell it, is the one that JSON has; none means that, too.
func isUTF8(charset string) bool {
	return charset == "" || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}

// asksForPlayground says whether a browser's address line asks, and for no operation.
func asksForPlayground(r *http.Request) bool {
	if r.Method != http.MethodGet || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		return false
	}
	q := r.URL.Query()
	return q.Get("query") == "" && q.Get("extensions") == "" && q.Get("documentId") == ""
}

// isCrossSite says whether a browser sends a request for a page of another site or port that may not call the API
// (https://www.w3.org/TR/fetch-metadata/). To a server without encryption that is not on its own machine, it tells at most
// the origin.
func isCrossSite(o Options, r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
		return !fromHere(r) && !o.allows(r.Header.Get("Origin"))
	}
	return !o.allows(r.Header.Get("Origin"))
}

func foreignPage() *gqlerror.Error {
	return failure(graph.BadUserInput, "pages of this origin may not call the API: name it with --cors-origin")
}
