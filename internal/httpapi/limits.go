package httpapi

import (
	"fmt"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dossier/graph"
)

// Limits are what one request, one client and all of them together may take. Zero is no limit. docs/reliability.md has
// them all, with the refusals.
type Limits struct {
	// Of an operation. Depth, aliases, directives and tokens are counted in its text with all fragments put in place, and
	// before it is validated: some rules of validation take time that grows faster than the text.
	MaxDepth      int // fields within fields; also lists and objects within a value
	MaxAliases    int // fields with an alias
	MaxDirectives int
	MaxTokens     int // names, numbers, texts and signs
	MaxCost       int // about how many things of the graph it reads
	MaxStatements int // that it runs at the same time; the others wait for those

	// Of a request, in bytes.
	MaxBody      int64 // also of a message over a WebSocket
	MaxVariables int   // as JSON
	MaxHeaders   int   // names and values
	MaxURL       int

	// Of all clients together.
	MaxConcurrent       int // requests whose answers are computed at the same time; one more is turned away at once
	MaxStreams          int // WebSockets and event streams that are open at the same time
	MaxStreamOperations int // that are under way over all WebSockets
	MaxSending          int // bytes of answers that wait for their clients to take them

	// Of a request, and of an answer.
	ReadTimeout  time.Duration // for its client to send it; http.Server's
	WriteTimeout time.Duration // for its client to take it (Options.WriteTimeout), or one event or message of a stream

	// Of a WebSocket.
	MaxSocketOperations int           // that are under way at the same time
	SocketInitTimeout   time.Duration // for connection_init to come

	// Of a client.
	MaxRate      float64 // requests a second, also those over a WebSocket; ten seconds' worth may come at once
	ClientHeader string  // the header in which a proxy names the client's address, the last one counts; "" is none

	// What may be learned without knowing the schema.
	Introspection bool // the schema, by introspection and at /schema.graphql
	Suggestions   bool // "Did you mean ...?"; needs Introspection, of which it would tell a part
}

// The codes of refusals. What is refused because the server has too much to do is graph.ServiceUnavailable.
const (
	// LimitExceeded is for a request that is larger than this server takes: extensions.limit says in what, and
	// extensions.maximum how large it may be.
	LimitExceeded graph.Code = "LIMIT_EXCEEDED"
	// RateLimited is for a client that asks too often: Retry-After says when it may ask again.
	RateLimited graph.Code = "RATE_LIMITED"
)

// exceeded refuses what is more than a limit.
func exceeded(limit string, maximum any, format string, args ...any) *gqlerror.Error {
	err := failure(LimitExceeded, format, args...)
	err.Extensions["limit"], err.Extensions["maximum"] = limit, maximum
	return err
}

// refuse answers a request that is not looked into further.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, status int, err *gqlerror.Error) {
	a.countRefusal(err)
	write(w, answerType(r.Header), status, &graphql.Response{Errors: gqlerror.List{err}})
}

// badRequest says what is wrong with a request that is no GraphQL request.
func badRequest(format string, args ...any) *gqlerror.Error {
	return failure(graph.BadUserInput, format, args...)
}

// tooLong checks what net/http has read already: a request's URL and headers.
func (l Limits) tooLong(r *http.Request) (status int, err *gqlerror.Error) {
	if n := len(r.RequestURI); l.MaxURL > 0 && n > l.MaxURL {
		return http.StatusRequestURITooLong, exceeded("url", l.MaxURL, "the URL has %d bytes, and may have %d: send the operation by POST", n, l.MaxURL)
	}
	if l.MaxHeaders == 0 {
		return 0, nil
	}
	n := len(r.Host)
	for name, values := range r.Header {
		for _, v := range values {
			n += len(name) + len(v)
		}
	}
	if n > l.MaxHeaders {
		return http.StatusRequestHeaderFieldsTooLarge, exceeded("headers", l.MaxHeaders, "the headers have %d bytes, and may have %d", n, l.MaxHeaders)
	}
	return 0, nil
}

// HeaderBytes is what http.Server.MaxHeaderBytes has to let through for a request that is a little too long to be
// told so. net/http itself refuses what is longer still, in plain text.
func (l Limits) HeaderBytes() int {
	if l.MaxURL == 0 || l.MaxHeaders == 0 {
		return 16 << 20
	}
	return 2 * (l.MaxURL + l.MaxHeaders)
}

// plural is a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
