package httpapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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
type document struct {
	api     *API
	timeout time.Duration // for a client to take an answer
	sending *sending
}

var _ graphql.Transport = document{}

func (document) Supports(*http.Request) bool { return true }

// askedKey is the key under which a request's context has what is asked.
type askedKey struct{}

// asked is an operation, and what is to be called once its answer is there.
type asked struct {
	params   *graphql.RawParams
	computed func()
}

func (d document) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx, media := r.Context(), answerType(r.Header)
	asked := ctx.Value(askedKey{}).(asked)
	p := asked.params
	op, errs := exec.CreateOperationContext(ctx, p)
	op.Headers = r.Header // which gqlgen leaves out where a limit refuses the text
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
			asked.computed()
			if bookmark := graph.Bookmark(ctx, len(response.Errors) > 0); bookmark != "" {
				w.Header().Set(BookmarkHeader, bookmark)
			}
			d.send(w, media, response)
		}
	}
}

// send answers with what has been computed. A client that does not take it costs memory and no place among the requests, and
// what is sent has only so much memory altogether.
func (d document) send(w http.ResponseWriter, media string, response *graphql.Response) {
	parts, n := encode(response)
	end, begun := d.sending.begin(n)
	if !begun {
		d.api.metrics.Refused("sending") // as an answer, it has been counted
		w.Header().Set("Retry-After", "1")
		write(w, media, http.StatusServiceUnavailable, &graphql.Response{Errors: gqlerror.List{busy()}})
		return
	}
	defer end()
	if n <= small {
		writeParts(w, media, http.StatusOK, parts, n)
		return
	}
	control := http.NewResponseController(w)
	if d.timeout > 0 {
		_ = control.SetWriteDeadline(time.Now().Add(d.timeout)) // a test's recorder has none
	}
	writeParts(w, media, http.StatusOK, parts, n)
	_ = control.Flush() // a client that is gone needs no answer
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

// write sends a response.
func write(w http.ResponseWriter, media string, status int, response *graphql.Response) {
	parts, n := encode(response)
	writeParts(w, media, status, parts, n)
}

// encode is a response as JSON, and its length. Its data is JSON already, and goes out from where it is.
func encode(response *graphql.Response) (parts [][]byte, length int) {
	parts = make([][]byte, 0, 7)
	field := func(name string, value []byte) {
		between := "{"
		if len(parts) > 0 {
			between = ","
		}
		parts = append(parts, []byte(between+name), value)
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
	parts = append(parts, []byte("}"))
	for _, part := range parts {
		length += len(part)
	}
	return parts, length
}

func writeParts(w http.ResponseWriter, media string, status int, parts [][]byte, length int) {
	w.Header().Add("Vary", "Accept")
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(status)
	for _, part := range parts {
		_, _ = w.Write(part) // a client that is gone needs no answer
	}
}

// answerType is the media type of answers that a client wants. Without an Accept header it is plain JSON, which old clients
// want.
func answerType(h http.Header) string {
	if h.Get("Accept") == "" {
		return mediaJSON
	}
	return cmp.Or(preferred(h, func(media string) string {
		switch media {
		case mediaGraphQL, mediaJSON:
			return media
		case "application/*", "*/*":
			return mediaJSON
		}
		return ""
	}), mediaGraphQL)
}

// preferred is what an Accept header wants most of what there is for its media types ("" for none): by their weights, and of
// equal ones the first (RFC 9110, 12.5.1). It is "" where nothing is wanted.
func preferred(h http.Header, there func(media string) string) (wanted string) {
	most := 0.0
	for _, accept := range h.Values("Accept") {
		for part := range strings.SplitSeq(accept, ",") {
			media, params, err := mime.ParseMediaType(part)
			if err != nil || there(media) == "" {
				continue
			}
			weight := 1.0
			if q, given := params["q"]; given {
				weight, _ = strconv.ParseFloat(q, 64) // what is none is not wanted
			}
			if weight > most {
				wanted, most = there(media), weight
			}
		}
	}
	return wanted
}

// fromURL reads an operation from a URL's query.
func (l Limits) fromURL(u *url.URL) (*graphql.RawParams, *gqlerror.Error) {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, badRequest("the parameters of the URL are not encoded as such")
	}
	p := &graphql.RawParams{Query: q.Get("query"), OperationName: q.Get("operationName")}
	if problem := l.checkVariables(len(q.Get("variables"))); problem != nil {
		return nil, problem
	}
	for _, o := range []struct {
		name string
		into *map[string]any
	}{{"variables", &p.Variables}, {"extensions", &p.Extensions}} {
		if text := q.Get(o.name); text != "" && decode([]byte(text), o.into) != nil {
			return nil, badRequest("%s is not a JSON object", o.name)
		}
	}
	nameDocument(p, q.Get("documentId"))
	return p, nil
}

// fromBody reads an operation from a POST's body.
func (l Limits) fromBody(body []byte) (*graphql.RawParams, *gqlerror.Error) {
	if !utf8.Valid(body) {
		return nil, badRequest("the body is not in UTF-8")
	}
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
		return nil, badRequest("a list of operations is not answered (batching): send each in a request of its own, or as root fields of one operation")
	}
	var sent map[string]json.RawMessage // a struct would take fields of other capitals, too
	if err := json.Unmarshal(body, &sent); err != nil || sent == nil {
		return nil, badRequest("the body is not a JSON object with the fields query, operationName, variables and extensions%s", placeOf(err))
	}
	if problem := l.checkVariables(len(sent["variables"])); problem != nil {
		return nil, problem
	}
	p, documentID := &graphql.RawParams{}, ""
	for _, f := range []struct {
		name string
		into *string
	}{{"query", &p.Query}, {"operationName", &p.OperationName}, {"documentId", &documentID}} {
		if value := sent[f.name]; value != nil && json.Unmarshal(value, f.into) != nil {
			return nil, badRequest("%s is not a text", f.name)
		}
	}
	for _, f := range []struct {
		name string
		into *map[string]any
	}{{"variables", &p.Variables}, {"extensions", &p.Extensions}} {
		if value := sent[f.name]; value != nil && decode(value, f.into) != nil {
			return nil, badRequest("%s is not a JSON object", f.name)
		}
	}
	nameDocument(p, documentID)
	return p, nil
}

// placeOf tells where a text is no JSON, if that is what is wrong with it.
func placeOf(err error) string {
	if mistake, is := errors.AsType[*json.SyntaxError](err); is {
		return fmt.Sprintf(": %s, after %d bytes", mistake, mistake.Offset)
	}
	return ""
}

// decode reads a text that is one JSON value. Numbers keep their digits.
func decode(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("there is more than one value")
	}
	return nil
}

func (l Limits) checkVariables(size int) *gqlerror.Error {
	if l.MaxVariables > 0 && size > l.MaxVariables {
		return exceeded("variables", l.MaxVariables, "the variables have %d bytes, and may have %d", size, l.MaxVariables)
	}
	return nil
}

// nameDocument adds the extension that gqlgen knows for an operation that is named by a documentId.
func nameDocument(p *graphql.RawParams, documentID string) {
	if documentID == "" || p.Extensions["persistedQuery"] != nil {
		return
	}
	if p.Extensions == nil {
		p.Extensions = map[string]any{}
	}
	p.Extensions["persistedQuery"] = persistedQuery(documentID)
}

// statusOf is the status of a request whose parameters cannot be used.
func statusOf(err *gqlerror.Error) int {
	if err.Extensions["limit"] == "variables" {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}
