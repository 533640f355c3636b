package httpapi

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
)

// RequestIDHeader names a request: its answer has it, every line of the log that is about it, and every error for which
// the log has more (code INTERNAL, in extensions.requestId). A proxy or a client may choose it.
const RequestIDHeader = "X-Request-Id"

// maxRequestID is how many characters an id may have that is not ours.
const maxRequestID = 128

type requestIDKey struct{}

// identified gives each request an id, which its answer's header has: the one that it brings if that can stand in a log, or
// a new one.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(RequestIDHeader)
		if !isRequestID(id) {
			id = rand.Text()
		}
		w.Header().Set(RequestIDHeader, id)
		next.ServeHTTP(w, r)
	})
}

// withID returns a context with the id of the request that is answered.
func withID(ctx context.Context, w http.ResponseWriter) context.Context {
	return context.WithValue(ctx, requestIDKey{}, w.Header().Get(RequestIDHeader))
}

// isRequestID says whether a text is short, without spaces, and of printable ASCII.
func isRequestID(id string) bool {
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return id != "" && len(id) <= maxRequestID
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// LogHandler returns a handler that adds to each line with the context of a request the request's id.
func LogHandler(h slog.Handler) slog.Handler { return logHandler{h} }

type logHandler struct{ slog.Handler }

func (h logHandler) Handle(ctx context.Context, line slog.Record) error {
	if id := requestID(ctx); id != "" {
		line = line.Clone()
		line.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, line)
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(attrs)}
}

func (h logHandler) WithGroup(name string) slog.Handler { return logHandler{h.Handler.WithGroup(name)} }
