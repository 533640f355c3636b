package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"dossier/graph"
)

// The media types of answers.
const (
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
)

// document is the gqlgen transport of requests whose answer is one document, as GraphQL over HTTP has it
// (https://graphql.github.io/graphql-over-http/draft/). gqlgen's own differ from it in four places, which the audits of
// npm's graphql-http check: the status of a request without an operation, "data" beside a request error, and the
// statuses 422 and 406.
type document struct{}

var _ graphql.Transport = document{}

func (document) Supports(*http.Request) bool { return true }

// params is the key under which a request's context has its operation: *graphql.RawParams.
type params struct{}

func (document) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx, media := r.Context(), answerType(r.Header)
	p := ctx.Value(params{}).(*graphql.RawParams)
	op, errs := exec.CreateOperationContext(ctx, p)
	switch {
	case r.Method != http.MethodPost && operationOf(op, p) != ast.Query:
		if errs == nil || op.Operation == nil {
			errs = gqlerror.List{badRequest("by GET only queries are answered: send this operation by POST")}
		}
		w.Header().Set("Allow", http.MethodPost)
		write(w, media, http.StatusMethodNotAllowed, exec.DispatchError(graphql.WithOperationContext(ctx, op), errs))
	case errs != nil:
		status := http.StatusOK
		if media == mediaGraphQL || p.Query == "" && p.Extensions["persistedQuery"] == nil {
			status = http.StatusBadRequest
		}
		write(w, media, status, exec.DispatchError(graphql.WithOperationContext(ctx, op), errs))
	default:
		responses, ctx := exec.DispatchOperation(ctx, op)
		if response := responses(ctx); response != nil { // else the client is gone
			if response.Data == nil {
				response.Data = json.RawMessage("null")
			}
			if bookmark := graph.Bookmark(ctx); bookmark != "" {
				w.Header().Set(BookmarkHeader, bookmark)
			}
			write(w, media, http.StatusOK, response)
		}
	}
}

// operationOf is what an operation is, also where it is not valid.
func operationOf(op *graphql.OperationContext, p *graphql.RawParams) ast.Operation {
	if op.Operation != nil {
		return op.Operation.Operation
	}
	document, err := parser.ParseQuery(&ast.Source{Input: p.Query})
	if err == nil {
		if o := document.Operations.ForName(p.OperationName); o != nil {
			return o.Operation
		}
	}
	return ast.Query // for all that we know
}

// write sends a response. Its data is JSON already: encoding/json would read all of it again.
func write(w http.ResponseWriter, media string, status int, response *graphql.Response) {
	var out bytes.Buffer
	out.Grow(len(response.Data) + 64)
	field := func(name string, value []byte) {
		if out.Len() > 0 {
			out.WriteByte(',')
		} else {
			out.WriteByte('{')
		}
		out.WriteString(name)
		out.Write(value)
	}
	if len(response.Errors) > 0 {
		errs, err := json.Marshal(response.Errors)
		if err != nil {
			panic(err) // they are texts and numbers; gqlgen answers 500
		}
		field(`"errors":`, errs)
	}
	if response.Data != nil { // else the request was refused, and the specification wants no data
		field(`"data":`, response.Data)
	}
	if len(response.Extensions) > 0 {
		extensions, err := json.Marshal(response.Extensions)
		if err != nil {
			panic(err)
		}
		field(`"extensions":`, extensions)
	}
	out.WriteByte('}')
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // a client that is gone needs no answer
}

// answerType is the first media type of the Accept header that answers can have. Without one it is plain JSON, which
// old clients want.
func answerType(h http.Header) string {
	accept := strings.Join(h.Values("Accept"), ",")
	for part := range strings.SplitSeq(accept, ",") {
		media, _, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		switch media {
		case mediaGraphQL:
			return mediaGraphQL
		case mediaJSON, "application/*", "*/*":
			return mediaJSON
		}
	}
	if accept == "" {
		return mediaJSON
	}
	return mediaGraphQL
}

// fromURL reads an operation from a URL's query.
func (l Limits) fromURL(u *url.URL) (*graphql.RawParams, *gqlerror.Error) {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, badRequest("the parameters of the URL are not encoded as such")
	}
	p := &graphql.RawParams{Query: q.Get("query"), OperationName: q.Get("operationName")}
	if problem := l.objects(p, []byte(q.Get("variables")), []byte(q.Get("extensions")), q.Get("documentId")); problem != nil {
		return nil, problem
	}
	return p, nil
}

// fromBody reads an operation from a POST's body.
func (l Limits) fromBody(body []byte) (*graphql.RawParams, *gqlerror.Error) {
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
		return nil, badRequest("a list of operations is not answered (batching): send each in a request of its own, or as root fields of one operation")
	}
	var sent struct {
		Query         string          `json:"query"`
		OperationName string          `json:"operationName"`
		Variables     json.RawMessage `json:"variables"`
		Extensions    json.RawMessage `json:"extensions"`
		DocumentID    string          `json:"documentId"`
	}
	err := json.Unmarshal(body, &sent)
	if mistaken := (*json.UnmarshalTypeError)(nil); errors.As(err, &mistaken) && mistaken.Field != "" {
		return nil, badRequest("%s is not a text", mistaken.Field)
	}
	if err != nil {
		return nil, badRequest("the body is not a JSON object with the fields query, operationName, variables and extensions")
	}
	p := &graphql.RawParams{Query: sent.Query, OperationName: sent.OperationName}
	if problem := l.objects(p, sent.Variables, sent.Extensions, sent.DocumentID); problem != nil {
		return nil, problem
	}
	return p, nil
}

// objects adds what is a JSON object, and the extension that gqlgen knows for an operation that is named by a documentId.
func (l Limits) objects(p *graphql.RawParams, variables, extensions []byte, documentID string) *gqlerror.Error {
	if l.MaxVariables > 0 && len(variables) > l.MaxVariables {
		return exceeded("variables", l.MaxVariables, "the variables have %d bytes, and may have %d", len(variables), l.MaxVariables)
	}
	for _, o := range []struct {
		name string
		text []byte
		into *map[string]any
	}{{"variables", variables, &p.Variables}, {"extensions", extensions, &p.Extensions}} {
		if len(o.text) == 0 {
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(o.text))
		decoder.UseNumber()
		if err := decoder.Decode(o.into); err != nil || decoder.Decode(&struct{}{}) != io.EOF {
			return badRequest("%s is not a JSON object", o.name)
		}
	}
	if documentID != "" && p.Extensions["persistedQuery"] == nil {
		if p.Extensions == nil {
			p.Extensions = map[string]any{}
		}
		p.Extensions["persistedQuery"] = persistedQuery(documentID)
	}
	return nil
}

// statusOf is the status of a request whose parameters cannot be used.
func statusOf(err *gqlerror.Error) int {
	if err.Extensions["limit"] == "variables" {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// withParams hands an operation on to the transport.
func withParams(r *http.Request, p *graphql.RawParams) *http.Request {
	p.Headers = r.Header
	return r.WithContext(context.WithValue(r.Context(), params{}, p))
}
