package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"dossier/graph"
)

// maxBody is how many bytes a request's body may have.
const maxBody = 1 << 20

// checked lets only those requests through that GraphQL over HTTP or one of the protocols for subscriptions knows, and
// says in one sentence what is wrong with the others. That a body must be declared as application/json also keeps pages
// of other origins from sending operations unasked: their browser asks first (CORS) for that media type.
func (a *API) checked(o Options, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isWebSocket(r.Header) {
			if status, why := refuseHandshake(o, r); why != "" {
				refuse(w, status, "%s", why)
				return
			}
			a.stream(next, w, r)
			return
		}
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			q := r.URL.Query()
			if id := q.Get("documentId"); id != "" && q.Get("extensions") == "" {
				extensions, _ := json.Marshal(map[string]any{"persistedQuery": persistedQuery(id)}) // texts and a number
				q.Set("extensions", string(extensions))
				r.URL.RawQuery = q.Encode()
			}
			if q.Get("query") == "" && q.Get("extensions") == "" && strings.Contains(r.Header.Get("Accept"), "text/html") {
				http.Redirect(w, r, "playground", http.StatusFound) // somebody looks at the address in a browser
				return
			}
			for _, name := range []string{"variables", "extensions"} {
				var object map[string]any
				if text := q.Get(name); text != "" && json.Unmarshal([]byte(text), &object) != nil {
					refuse(w, http.StatusBadRequest, "the parameter %s is not a JSON object", name)
					return
				}
			}
		case http.MethodPost:
			media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
			if err != nil || media != "application/json" {
				refuse(w, http.StatusUnsupportedMediaType, "send the operation as JSON, with Content-Type: application/json")
				return
			}
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
			if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
				refuse(w, http.StatusRequestEntityTooLarge, "the request is too large: a body may have %d bytes", maxBody)
				return
			}
			if err != nil {
				refuse(w, http.StatusBadRequest, "the request's body ended early")
				return
			}
			body = nameByDocumentID(body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			if isEventStream(r.Header) {
				if json.Unmarshal(body, &graphql.RawParams{}) != nil {
					refuse(w, http.StatusBadRequest, "json request body could not be decoded")
					return
				}
				a.stream(next, w, r)
				return
			}
		default:
			w.Header().Set("Allow", "GET, POST")
			refuse(w, http.StatusMethodNotAllowed, "send operations with POST, or queries with GET")
			return
		}
		next.ServeHTTP(wellFormed{w}, r)
	})
}

// nameByDocumentID returns a body in which an operation that was named by a documentId is named by the extension for
// persisted queries, which is what gqlgen knows.
func nameByDocumentID(body []byte) []byte {
	var fields map[string]any
	if !bytes.Contains(body, []byte(`"documentId"`)) {
		return body
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&fields) != nil {
		return body
	}
	id, _ := fields["documentId"].(string)
	extensions, _ := fields["extensions"].(map[string]any)
	if id == "" || extensions["persistedQuery"] != nil {
		return body
	}
	if extensions == nil {
		extensions = map[string]any{}
	}
	extensions["persistedQuery"] = persistedQuery(id)
	fields["extensions"] = extensions
	out, err := json.Marshal(fields)
	if err != nil {
		return body
	}
	return out
}

// refuse answers a request that is no GraphQL request.
func refuse(w http.ResponseWriter, status int, format string, args ...any) {
	reply(w, status, map[string]any{"errors": []any{map[string]any{
		"message":    fmt.Sprintf(format, args...),
		"extensions": map[string]any{"code": graph.BadUserInput},
	}}})
}

// wellFormed answers 200 where gqlgen would answer 422: GraphQL over HTTP has it so for every well-formed request
// whose client takes application/json. For application/graphql-response+json gqlgen answers 400 itself.
type wellFormed struct{ http.ResponseWriter }

func (w wellFormed) WriteHeader(status int) {
	if status == http.StatusUnprocessableEntity {
		status = http.StatusOK
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach what the writer can do.
func (w wellFormed) Unwrap() http.ResponseWriter { return w.ResponseWriter }
