package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"dossier/graph"
	"dossier/internal/httpapi"
	"dossier/schema"
)

// None of these tests needs a database: it is away, and what is asked needs none or tells so.

// newAPI returns an API on a database at an address, and what it logs.
func newAPI(t *testing.T, address string) (*httpapi.API, *bytes.Buffer) {
	t.Helper()
	s, o, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	g, err := graph.Open(graph.Config{URI: "bolt://" + address, Username: "neo4j", Password: "the-password"}, s, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close(context.WithoutCancel(t.Context())) })
	return httpapi.New(g, s), &bytes.Buffer{}
}

// closedPort is an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// limits are those of these tests: few, so that each is met by what is about it alone.
func limits() httpapi.Limits {
	return httpapi.Limits{MaxTokens: 20_000, MaxBody: 1 << 20, SocketInitTimeout: 10 * time.Second, WriteTimeout: time.Minute, Introspection: true, Suggestions: true}
}

func handler(t *testing.T, change ...func(*httpapi.Options)) http.Handler {
	t.Helper()
	api, log := newAPI(t, closedPort(t))
	o := httpapi.Options{RequestTimeout: 10 * time.Second, Limits: limits(), Log: slog.New(slog.NewTextHandler(log, nil))}
	for _, c := range change {
		c(&o)
	}
	return api.Handler(o)
}

// ask sends a request with a body, and header names and values in turn.
func ask(h http.Handler, method, target, body string, header ...string) *http.Response {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, response *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const (
	asJSON    = "application/json"
	asGraphQL = "application/graphql-response+json"
)

// GraphQL over HTTP, as its specification has it (https://graphql.github.io/graphql-over-http/draft/): which requests
// are answered, with which media type and status.
func TestGraphQLOverHTTP(t *testing.T) {
	h := handler(t)
	get := func(parameters ...string) string {
		q := url.Values{}
		for i := 0; i < len(parameters); i += 2 {
			q.Set(parameters[i], parameters[i+1])
		}
		return "/graphql?" + q.Encode()
	}
	post := func(query string, more ...string) string {
		fields := map[string]any{"query": query}
		for i := 0; i < len(more); i += 2 {
			fields[more[i]] = json.RawMessage(more[i+1])
		}
		b, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	const typename = `{"data":{"__typename":"Query"}}`
	const two = "query A { __typename } query B { b: __typename }"
	for _, c := range []struct {
		name         string
		method       string
		target, body string
		contentType  string // of the request
		accept       string
		status       int
		answerType   string
		code         string // extensions.code of the only error
		want         string // the answer, or a part of the error's message
	}{
		{"POST", "POST", "/graphql", post("{ __typename }"), asJSON, "", 200, asJSON, "", typename},
		{"POST with a charset", "POST", "/graphql", post("{ __typename }"), "application/json; charset=utf-8", "", 200, asJSON, "", typename},
		{"GET", "GET", get("query", "{ __typename }"), "", "", "", 200, asJSON, "", typename},
		{"GET with an operation", "GET", get("query", two, "operationName", "B"), "", "", asGraphQL, 200, asGraphQL, "", `{"data":{"b":"Query"}}`},
		{"GET with variables", "GET", get("query", "query($x: Boolean!) { __typename @skip(if: $x) a: __typename }", "variables", `{"x":true}`), "", "", asGraphQL, 200, asGraphQL, "", `{"data":{"a":"Query"}}`},
		{"accepts both", "POST", "/graphql", post("{ __typename }"), asJSON, asGraphQL + ", application/json;q=0.9", 200, asGraphQL, "", typename},
		{"accepts JSON", "POST", "/graphql", post("{ __typename }"), asJSON, asJSON, 200, asJSON, "", typename},
		{"accepts anything", "POST", "/graphql", post("{ __typename }"), asJSON, "*/*", 200, asJSON, "", typename},
		{"wants JSON more", "POST", "/graphql", post("{ __typename }"), asJSON, asGraphQL + ";q=0.5, application/json;q=0.9", 200, asJSON, "", typename},
		{"does not want the other", "POST", "/graphql", post("{ __typename }"), asJSON, asGraphQL + ";q=0, text/event-stream;q=0, application/json", 200, asJSON, "", typename},
		{"wants events less", "POST", "/graphql", post("{ __typename }"), asJSON, "text/event-stream;q=0.1, " + asGraphQL, 200, asGraphQL, "", typename},
		{"null operation and variables", "POST", "/graphql", post("{ __typename }", "operationName", "null", "variables", "null"), asJSON, asGraphQL, 200, asGraphQL, "", typename},

		// A request that is well-formed but no good: its status depends on the media type.
		{"syntax error", "POST", "/graphql", post("{ people( }"), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_PARSE_FAILED", "Expected Name"},
		{"syntax error, JSON", "POST", "/graphql", post("{ people( }"), asJSON, asJSON, 200, asJSON, "GRAPHQL_PARSE_FAILED", "Expected Name"},
		{"unknown field", "POST", "/graphql", post("{ peple { totalCount } }"), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", `Did you mean "people"`},
		{"unknown field, JSON", "POST", "/graphql", post("{ peple { totalCount } }"), asJSON, asJSON, 200, asJSON, "GRAPHQL_VALIDATION_FAILED", "peple"},
		{"unknown field by GET", "GET", get("query", "{ peple { totalCount } }"), "", "", asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", "peple"},
		{"unknown enum value", "POST", "/graphql", post("{ relationships(where: {kind: {eq: HATED}}) { totalCount } }"), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", "HATED"},
		{"unknown enum value in a variable", "POST", "/graphql", post("query($k: RelationshipKind) { relationships(where: {kind: {eq: $k}}) { totalCount } }", "variables", `{"k":"HATED"}`), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", "HATED"},
		{"number for a text", "POST", "/graphql", post("query($t: String!) { a: __typename people(where: {name: {eq: $t}}) { totalCount } }", "variables", `{"t":5}`), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", `variable "t": String cannot represent a value that is no text: 5`},
		{"fraction for an id", "POST", "/graphql", post("query($i: ID!) { a: __typename person(id: $i) { name } }", "variables", `{"i":5.5}`), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", `variable "i": ID cannot represent a value that is neither a text nor an integer: 5.5`},
		{"text for a number", "POST", "/graphql", post("query($n: Int) { people(first: $n) { totalCount } }", "variables", `{"n":"1"}`), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", `variable "n": Int cannot represent a text: "1"`},
		{"capitals of an enum", "POST", "/graphql", post("query($d: OrderDirection!) { people(orderBy: {field: NAME, direction: $d}) { totalCount } }", "variables", `{"d":"desc"}`), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", `variable "d": desc is not a valid OrderDirection`},
		{"null for a place that has a default", "POST", "/graphql", post("query($d: OrderDirection = DESC) { people(orderBy: {field: NAME, direction: $d}) { totalCount } }", "variables", `{"d":null}`), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", `variable "d" cannot be null where it is used, as OrderDirection!`},
		{"null for a directive", "POST", "/graphql", post("query($d: Boolean = true) { ...F } fragment F on Query { __typename @include(if: $d) ...F2 } fragment F2 on Query { __typename }", "variables", `{"d":null}`), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", `variable "d" cannot be null where it is used, as Boolean!`},
		{"null where nothing is read", "POST", "/graphql", post("query($d: OrderDirection = DESC) { __typename people(orderBy: {field: NAME, direction: $d}) @skip(if: true) { totalCount } }", "variables", `{"d":null}`), asJSON, asGraphQL, 200, asGraphQL, "", typename},
		{"one for a list", "POST", "/graphql", post("query($i: [ID!]!, $w: StringFilter) { a: __typename @skip(if: true) nodes(ids: $i) @skip(if: true) { id } people(where: {name: $w}) @skip(if: true) { totalCount } }", "variables", `{"i":"openai","w":{"in":"Elon Musk"}}`), asJSON, asGraphQL, 200, asGraphQL, "", `{"data":{}}`},
		{"too many objects", "POST", "/graphql", post("query($w: ClaimWhere) { claims(where: $w) { totalCount } }", "variables", `{"w":{"or":[`+strings.Repeat("{},", 1000)+`{}]}}`), asJSON, asGraphQL, 400, asGraphQL, "LIMIT_EXCEEDED", `variable "w" has more than 1000 objects`},
		{"missing variable", "POST", "/graphql", post("query($id: ID!) { person(id: $id) { name } }"), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", `variable "id" is missing`},
		{"a part of a variable", "POST", "/graphql", post("query($w: CompanyWhere) { companies(where: $w) { totalCount } }", "variables", `{"w":{"or":[{},{"name":{"in":["a",5]}}]}}`), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", `variable "w.or[1].name.in[1]": String cannot represent a value that is no text: 5`},
		{"unknown escape", "POST", "/graphql", post(`{ search(text: "a\q") { totalCount } }`), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_PARSE_FAILED", "Invalid character escape sequence: \\q."},
		{"open quote", "POST", "/graphql", post(`{ search(text: "a) { totalCount } }`), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_PARSE_FAILED", "Unterminated string."},
		{"deeper than can be parsed", "POST", "/graphql", post(strings.Repeat("{ node(id: 1) ", 1001) + strings.Repeat("}", 1001)), asJSON, asGraphQL, 400, asGraphQL, "LIMIT_EXCEEDED", "it has more than 1000 levels"},
		{"the only operation is another", "POST", "/graphql", post("{ __typename }", "operationName", `"C"`), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", `no operation is called "C": there is only one without a name`},
		{"unknown operation", "POST", "/graphql", post(two, "operationName", `"C"`), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", `no operation is called "C": there are A, B`},
		{"several operations, none chosen", "POST", "/graphql", post(two), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", "there are several operations: say with operationName which one is meant (A, B)"},
		{"only fragments", "POST", "/graphql", post("fragment f on Query { __typename }"), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", "no operation provided"},
		{"no operation", "POST", "/graphql", post(""), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", "no operation"},
		{"no query, JSON", "POST", "/graphql", `{"qeury": "{ __typename }"}`, asJSON, "", 400, asJSON, "GRAPHQL_VALIDATION_FAILED", "no operation"},
		{"no query", "POST", "/graphql", `{}`, asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", "no operation"},
		{"query in capitals, which is another name", "POST", "/graphql", `{"Query": "{ __typename }"}`, asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", "no operation"},
		{"beside what only looks like it", "POST", "/graphql", `{"query": "{ __typename }", "QUERY": "{ a: __typename }", "Variables": 7}`, asJSON, asGraphQL, 200, asGraphQL, "", typename},
		{"no hash", "POST", "/graphql", `{"extensions": {"persistedQuery": {"version": 1}}}`, asJSON, asGraphQL, 400, asGraphQL, "BAD_USER_INPUT", "names no operation: send the SHA-256 of its text (sha256Hash)"},
		{"a hash of another version", "POST", "/graphql", `{"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "` + strings.Repeat("0", 64) + `"}}}`, asJSON, asGraphQL, 400, asGraphQL, "BAD_USER_INPUT", "extensions.persistedQuery.version is not 1"},
		{"GET without query", "GET", "/graphql", "", "", asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", "no operation"},
		{"a charset as many spell it", "POST", "/graphql", post("{ __typename }"), "application/json;charset=utf8", "", 200, asJSON, "", typename},
		{"two streams", "POST", "/graphql", post("subscription { a: changed { at } ... on Subscription { b: changed { at } } }"), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", "A subscription has one stream: ask for a and b in two."},
		{"no parts that come later", "POST", "/graphql", post("{ ... @defer { __typename } }"), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", `Unknown directive "@defer"`},
		{"no mutations", "POST", "/graphql", post("mutation { x }"), asJSON, asGraphQL, 400, asGraphQL, "GRAPHQL_VALIDATION_FAILED", "mutation"},

		// A request that is not well-formed.
		{"empty body", "POST", "/graphql", "", asJSON, asGraphQL, 400, asGraphQL, "BAD_USER_INPUT", "the body is not a JSON object"},
		{"JSON with a mistake", "POST", "/graphql", `{"query": "{ __typename }",}`, asJSON, asGraphQL, 400, asGraphQL, "BAD_USER_INPUT", "extensions: invalid character '}' looking for beginning of object key string, after 28 bytes"},
		{"broken JSON", "POST", "/graphql", `{"query": "{ secretField`, asJSON, asGraphQL, 400, asGraphQL, "BAD_USER_INPUT", "the body is not a JSON object"},
		{"two bodies", "POST", "/graphql", `{"query": "{ __typename }"} {}`, asJSON, asGraphQL, 400, asGraphQL, "BAD_USER_INPUT", "the body is not a JSON object"},
		{"a list", "POST", "/graphql", `[{"query": "{ __typename }"}]`, asJSON, asJSON, 400, asJSON, "BAD_USER_INPUT", "a list of operations is not answered (batching): send each in a request of its own"},
		{"not UTF-8", "POST", "/graphql", "{\"query\": \"{ __typename } # \xff\"}", asJSON, asGraphQL, 400, asGraphQL, "BAD_USER_INPUT", "the body is not in UTF-8"},
		{"another charset", "POST", "/graphql", post("{ __typename }"), "application/json; charset=utf-16", "", 415, asJSON, "BAD_USER_INPUT", "send the operation as JSON in UTF-8"},
		{"query is a number", "POST", "/graphql", `{"query": 7}`, asJSON, asJSON, 400, asJSON, "BAD_USER_INPUT", "query is not a text"},
		{"variables are a list", "POST", "/graphql", post("{ __typename }", "variables", "[1]"), asJSON, asGraphQL, 400, asGraphQL, "BAD_USER_INPUT", "variables is not a JSON object"},
		{"GET with broken variables", "GET", get("query", "{ __typename }", "variables", "{"), "", "", asGraphQL, 400, asGraphQL, "BAD_USER_INPUT", "variables is not a JSON object"},
		{"too large", "POST", "/graphql", post("{ __typename } # " + strings.Repeat("x", 1<<20)), asJSON, asGraphQL, 413, asGraphQL, "LIMIT_EXCEEDED", "the request is too large: a body may have 1048576 bytes"},
		{"too many tokens", "POST", "/graphql", post("{" + strings.Repeat(" __typename", 20_001) + "}"), asJSON, asGraphQL, 400, asGraphQL, "LIMIT_EXCEEDED", "it may have 20000 tokens"},

		// What a page of another host could send without asking first.
		{"text", "POST", "/graphql", post("{ __typename }"), "text/plain", "", 415, asJSON, "BAD_USER_INPUT", "application/json"},
		{"no content type", "POST", "/graphql", post("{ __typename }"), "", "", 415, asJSON, "BAD_USER_INPUT", "application/json"},
		{"form", "POST", "/graphql", "query=%7B__typename%7D", "application/x-www-form-urlencoded", "", 415, asJSON, "BAD_USER_INPUT", "application/json"},
		{"multipart form", "POST", "/graphql", "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{\"query\":\"{__typename}\"}\r\n--x--\r\n", "multipart/form-data; boundary=x", "", 415, asJSON, "BAD_USER_INPUT", "application/json"},
		{"GraphQL as the body", "POST", "/graphql", "{ __typename }", "application/graphql", "", 415, asJSON, "BAD_USER_INPUT", "application/json"},
		{"PUT", "PUT", "/graphql", post("{ __typename }"), asJSON, "", 405, asJSON, "BAD_USER_INPUT", "POST"},
		{"DELETE", "DELETE", "/graphql", "", "", "", 405, asJSON, "BAD_USER_INPUT", "POST"},
	} {
		t.Run(c.name, func(t *testing.T) {
			header := []string{}
			if c.contentType != "" {
				header = append(header, "Content-Type", c.contentType)
			}
			if c.accept != "" {
				header = append(header, "Accept", c.accept)
			}
			response := ask(h, c.method, c.target, c.body, header...)
			body := text(t, response)
			if response.StatusCode != c.status {
				t.Errorf("status %d, want %d", response.StatusCode, c.status)
			}
			if mediaType, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); mediaType != c.answerType {
				t.Errorf("Content-Type %q, want %s", response.Header.Get("Content-Type"), c.answerType)
			}
			if c.code == "" {
				if diff := cmp.Diff(c.want, strings.TrimSpace(body)); diff != "" {
					t.Errorf("answer (-want +got):\n%s", diff)
				}
				return
			}
			found := onlyError(t, body)
			if found.Extensions["code"] != c.code || !strings.Contains(found.Message, c.want) {
				t.Errorf("error %v %q, want %s with %q", found.Extensions["code"], found.Message, c.code, c.want)
			}
			if strings.Contains(found.Message, "secretField") {
				t.Errorf("the error repeats the body: %s", found.Message)
			}
		})
	}
}

func TestCompressedBodies(t *testing.T) {
	for encoding, want := range map[string]int{"gzip": 415, "identity": 200} {
		response := ask(handler(t), "POST", "/graphql", `{"query": "{ __typename }"}`, "Content-Type", asJSON, "Content-Encoding", encoding)
		if response.StatusCode != want {
			t.Errorf("Content-Encoding %s: %d, want %d", encoding, response.StatusCode, want)
		}
	}
}

func TestWhatIsAllowedInstead(t *testing.T) {
	if got := ask(handler(t), "PUT", "/graphql", "{}", "Content-Type", asJSON).Header.Get("Allow"); got != "GET, HEAD, POST" {
		t.Errorf("Allow %q, want GET, HEAD, POST", got)
	}
}

// A client that breaks off is told so, should it still listen.
func TestBodyEndsEarly(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/graphql", iotest.ErrReader(io.ErrUnexpectedEOF))
	r.Header.Set("Content-Type", asJSON)
	w := httptest.NewRecorder()
	handler(t).ServeHTTP(w, r)
	if e := onlyError(t, w.Body.String()); w.Code != 400 || e.Message != "the request's body ended early" {
		t.Errorf("%d %+v", w.Code, e)
	}
}

type graphQLError struct {
	Message    string
	Path       []any
	Locations  []location
	Extensions map[string]any
}

type location struct{ Line, Column int }

// onlyError returns the one error of an answer that has no data.
func onlyError(t *testing.T, body string) graphQLError {
	t.Helper()
	var answer struct {
		Data   json.RawMessage
		Errors []graphQLError
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("the answer is no JSON: %v\n%s", err, body)
	}
	if len(answer.Errors) != 1 {
		t.Fatalf("%d errors, want 1: %s", len(answer.Errors), body)
	}
	return answer.Errors[0]
}

// Where a query is wrong is said by line and column.
func TestErrorsHaveLocations(t *testing.T) {
	body := text(t, ask(handler(t), "POST", "/graphql", `{"query":"{\n  people { nodes { titel } }\n}"}`, "Content-Type", asJSON))
	e := onlyError(t, body)
	if diff := cmp.Diff([]location{{2, 20}}, e.Locations); diff != "" {
		t.Errorf("locations (-want +got):\n%s", diff)
	}
	if !strings.Contains(e.Message, `titel`) {
		t.Errorf("message %q does not name the field", e.Message)
	}
}

func TestIntrospection(t *testing.T) {
	body := text(t, ask(handler(t), "POST", "/graphql", `{"query":"{ __type(name: \"Person\") { kind interfaces { name } } }"}`, "Content-Type", asJSON))
	want := `{"data":{"__type":{"kind":"OBJECT","interfaces":[{"name":"Party"},{"name":"Entity"},{"name":"Node"}]}}}`
	if diff := cmp.Diff(want, strings.TrimSpace(body)); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestPossibleTypes(t *testing.T) {
	body := text(t, ask(handler(t), "POST", "/graphql", `{"query":"{ __type(name: \"Entity\") { possibleTypes { kind name } } }"}`, "Content-Type", asJSON))
	for _, want := range []string{`{"kind":"OBJECT","name":"Person"}`, `{"kind":"OBJECT","name":"Event"}`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is missing: %s", want, body)
		}
	}
	if strings.Contains(body, "INTERFACE") {
		t.Errorf("an interface is no possible type: %s", body)
	}
}

// The database is away: whoever asks is told so, with a code to act upon, and no more than that.
func TestDatabaseAway(t *testing.T) {
	address := closedPort(t)
	api, log := newAPI(t, address)
	h := api.Handler(httpapi.Options{RequestTimeout: 10 * time.Second, Limits: limits(), Log: slog.New(slog.NewTextHandler(log, nil))})
	body := text(t, ask(h, "POST", "/graphql", `{"query":"{ musk: person(id: \"elon-musk\") { name } }"}`, "Content-Type", asJSON))
	if !strings.Contains(body, `"data":{"musk":null}`) {
		t.Errorf("answer %s, want data with null", body)
	}
	e := onlyError(t, body)
	want := graphQLError{
		Message:    "The database does not answer. Try again in a moment.",
		Path:       []any{"musk"},
		Locations:  []location{{1, 3}},
		Extensions: map[string]any{"code": "SERVICE_UNAVAILABLE"},
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	for _, secret := range []string{address, "127.0.0.1", "the-password", "MATCH"} {
		if strings.Contains(body, secret) {
			t.Errorf("the answer tells %q: %s", secret, body)
		}
	}
	if line := log.String(); !strings.Contains(line, address) || !strings.Contains(line, "SERVICE_UNAVAILABLE") || strings.Contains(line, "the-password") {
		t.Errorf("the log should say which address fails, with the code, without the password: %q", line)
	}
}

// A database that accepts connections and then says nothing costs a request its time and no more.
func TestRequestTimeout(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	api, log := newAPI(t, silent.Addr().String())
	h := api.Handler(httpapi.Options{RequestTimeout: 50 * time.Millisecond, Limits: limits(), Log: slog.New(slog.NewTextHandler(log, nil))})
	body := text(t, ask(h, "POST", "/graphql", `{"query":"{ person(id: \"elon-musk\") { name } }"}`, "Content-Type", asJSON))
	e := onlyError(t, body)
	if e.Extensions["code"] != "TIMEOUT" || e.Message != "The request took too long. Ask for less at once, or try again." {
		t.Errorf("error %+v, want TIMEOUT", e)
	}
	if cmp.Diff([]any{"person"}, e.Path) != "" {
		t.Errorf("path %v, want person", e.Path)
	}
}

// However short the time is, there is an answer; 0 is no limit.
func TestRequestTimeoutOfNothing(t *testing.T) {
	api, log := newAPI(t, "127.0.0.1:1")
	for timeout, code := range map[time.Duration]string{1: "TIMEOUT", 0: ""} {
		h := api.Handler(httpapi.Options{RequestTimeout: timeout, Limits: limits(), Log: slog.New(slog.NewTextHandler(log, nil))})
		body := text(t, ask(h, "POST", "/graphql", `{"query":"{ __typename }"}`, "Content-Type", asJSON))
		if code == "" && body == `{"data":{"__typename":"Query"}}` {
			continue
		}
		if e := onlyError(t, body); code == "" || e.Extensions["code"] != code {
			t.Errorf("with a limit of %s it answers %s", timeout, body)
		}
	}
}

// Pages may call the API from a browser if they are configured, or in development served from this machine.
func TestOrigins(t *testing.T) {
	local := []string{"http://localhost", "http://localhost:3000", "https://localhost:8443", "http://127.0.0.1:5173", "http://[::1]:5173", "http://[::1]"}
	foreign := []string{"https://example.com", "http://localhost.example.com", "http://evil-localhost", "http://localhost@example.com",
		"http://127.0.0.1.example.com:80", "http://example.com:80/localhost", "null", "localhost", "file://", "http://[::1].example.com"}
	configured := []string{"https://app.example.org", "https://APP.example.org"}
	like := []string{"https://app.example.org.example.com", "http://app.example.org", "https://app.example.org:8443", "https://xapp.example.org"}
	options := func(o httpapi.Options) func(*httpapi.Options) {
		return func(out *httpapi.Options) { out.Origins, out.LocalOrigins = o.Origins, o.LocalOrigins }
	}
	for _, c := range []struct {
		name             string
		options          httpapi.Options
		allowed, refused []string
	}{
		{"development", httpapi.Options{LocalOrigins: true}, local, append(append(foreign, configured...), like...)},
		{"production", httpapi.Options{}, nil, append(append(foreign, local...), configured...)},
		{"configured", httpapi.Options{Origins: []string{"https://app.example.org"}}, configured, append(append(foreign, local...), like...)},
		{"every origin", httpapi.Options{Origins: []string{"*"}}, append(append(append(local, foreign...), configured...), like...), nil},
		{"both", httpapi.Options{Origins: []string{"https://app.example.org"}, LocalOrigins: true}, append(configured, local...), append(foreign, like...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := handler(t, options(c.options))
			for _, origin := range append(c.allowed, c.refused...) {
				want := ""
				if contains(c.allowed, origin) {
					want = origin
				}
				plain := ask(h, "POST", "/graphql", `{"query":"{ __typename }"}`, "Content-Type", asJSON, "Origin", origin)
				if got := plain.Header.Get("Access-Control-Allow-Origin"); got != want {
					t.Errorf("%s: Access-Control-Allow-Origin %q, want %q", origin, got, want)
				}
				if got := plain.Header.Values("Vary"); !contains(got, "Origin") {
					t.Errorf("%s: Vary %q, want Origin: a cache must not mix up the answers", origin, got)
				}
				if got := plain.Header.Get("Access-Control-Allow-Credentials"); got != "" {
					t.Errorf("%s: Access-Control-Allow-Credentials %q: there is nothing to be allowed", origin, got)
				}
				preflight := ask(h, "OPTIONS", "/graphql", "", "Origin", origin,
					"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,x-dossier-explain")
				if got := preflight.Header.Get("Access-Control-Allow-Origin"); got != want {
					t.Errorf("%s: Access-Control-Allow-Origin %q to a preflight request, want %q", origin, got, want)
				}
				if got := preflight.Header.Get("Access-Control-Allow-Methods"); (got == "POST") != (want != "") {
					t.Errorf("%s: Access-Control-Allow-Methods %q", origin, got)
				}
				if got := preflight.Header.Get("Access-Control-Allow-Headers"); (got == "content-type,x-dossier-explain") != (want != "") {
					t.Errorf("%s: Access-Control-Allow-Headers %q", origin, got)
				}
			}
		})
	}
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

// A name that a page has mean this machine is none of the machine's.
func TestHosts(t *testing.T) {
	local := handler(t, func(o *httpapi.Options) { o.LocalHosts = true })
	for host, want := range map[string]int{"localhost:8080": 200, "localhost": 200, "dossier.localhost:8080": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "192.0.2.1": 200,
		"example.com:8080": 421, "localhost.example.com": 421} {
		r := httptest.NewRequest(http.MethodGet, "/graphql?query=%7B__typename%7D", nil)
		r.Host = host
		w := httptest.NewRecorder()
		local.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d %s, want %d", host, w.Code, w.Body, want)
		}
	}
	if r := ask(handler(t), http.MethodGet, "/graphql?query=%7B__typename%7D", ""); r.StatusCode != http.StatusOK { // example.com
		t.Errorf("any host: %d", r.StatusCode)
	}
}

// No page may send what is not meant to be sent.
func TestPreflightRefuses(t *testing.T) {
	h := handler(t, func(o *httpapi.Options) { o.LocalOrigins = true })
	for _, c := range []struct{ method, headers string }{
		{"DELETE", ""}, {"PUT", "content-type"},
	} {
		r := ask(h, "OPTIONS", "/graphql", "", "Origin", "http://localhost:3000",
			"Access-Control-Request-Method", c.method, "Access-Control-Request-Headers", c.headers)
		if got := r.Header.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s with %q is allowed to %s", c.method, c.headers, got)
		}
	}
}

// Tracing, proxies and clients have headers of their own.
func TestPreflightOfOtherHeaders(t *testing.T) {
	h := handler(t, func(o *httpapi.Options) { o.LocalOrigins = true })
	const headers = "apollographql-client-name,authorization,traceparent"
	r := ask(h, "OPTIONS", "/graphql", "", "Origin", "http://localhost:3000", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", headers)
	if got := r.Header.Get("Access-Control-Allow-Headers"); got != headers {
		t.Errorf("Access-Control-Allow-Headers %q, want %q", got, headers)
	}
}

func TestHealthAndReadiness(t *testing.T) {
	api, log := newAPI(t, closedPort(t))
	h := api.Handler(httpapi.Options{RequestTimeout: 10 * time.Second, Limits: limits(), Log: slog.New(slog.NewTextHandler(log, nil))})
	check := func(target string, status int, want string) {
		t.Helper()
		r := ask(h, "GET", target, "")
		body := strings.TrimSpace(text(t, r))
		if r.StatusCode != status || body != want {
			t.Errorf("%s: %d %s, want %d %s", target, r.StatusCode, body, status, want)
		}
		if got := r.Header.Get("Content-Type"); got != asJSON {
			t.Errorf("%s: Content-Type %q", target, got)
		}
		if got := r.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q, want no-store", target, got)
		}
	}
	check("/healthz", 200, `{"status":"ok"}`)
	check("/readyz", 503, `{"reason":"starting","status":"not ready"}`)
	api.NotReady("it is tried again")
	check("/readyz", 503, `{"reason":"it is tried again","status":"not ready"}`)
	api.Ready() // but the database is gone again
	check("/readyz", 503, `{"reason":"The database does not answer. Try again in a moment.","status":"not ready"}`)
	check("/healthz", 200, `{"status":"ok"}`)
}

func TestPaths(t *testing.T) {
	h := handler(t)
	for _, c := range []struct {
		method, target string
		status         int
		location       string
	}{
		{"GET", "/", 302, "/playground"},
		{"GET", "/nowhere", 404, ""},
		{"GET", "/graphql/x", 404, ""},
		{"POST", "/healthz", 405, ""},
		{"POST", "/schema.graphql", 405, ""},
		{"HEAD", "/healthz", 200, ""},
		{"GET", "/schema.graphql", 200, ""},
	} {
		r := ask(h, c.method, c.target, "")
		if r.StatusCode != c.status || r.Header.Get("Location") != c.location {
			t.Errorf("%s %s: %d %q, want %d %q", c.method, c.target, r.StatusCode, r.Header.Get("Location"), c.status, c.location)
		}
	}
}

func TestSchemaText(t *testing.T) {
	r := ask(handler(t), "GET", "/schema.graphql", "")
	s, _, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(schema.SDL(s), text(t, r)); diff != "" {
		t.Errorf("/schema.graphql (-want +got):\n%s", diff)
	}
	if got := r.Header.Get("Content-Type"); got != "text/plain; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
}

// Statements are shown only where they may be.
func TestExplainNeedsLeave(t *testing.T) {
	for _, explain := range []bool{false, true} {
		h := handler(t, func(o *httpapi.Options) { o.Explain = explain })
		body := text(t, ask(h, "POST", "/graphql", `{"query":"{ person(id: \"x\") { name } }"}`, "Content-Type", asJSON, "X-Dossier-Explain", "cypher"))
		if got := strings.Contains(body, "MATCH"); got != explain {
			t.Errorf("with Explain %v: %s", explain, body)
		}
		for _, header := range []string{"", "sql", "CYPHER"} {
			body := text(t, ask(h, "POST", "/graphql", `{"query":"{ person(id: \"x\") { name } }"}`, "Content-Type", asJSON, "X-Dossier-Explain", header))
			if strings.Contains(body, "extensions\":{\"cypher") {
				t.Errorf("with Explain %v and X-Dossier-Explain %q: %s", explain, header, body)
			}
		}
	}
}

// Two root fields that fail are two errors; the one that needs no database is answered.
func TestEachRootFieldIsItsOwn(t *testing.T) {
	body := text(t, ask(handler(t), "POST", "/graphql",
		`{"query":"{ a: person(id: \"x\") { name } __typename b: company(id: \"y\") { name } }"}`, "Content-Type", asJSON))
	var answer struct {
		Data   map[string]any
		Errors []graphQLError
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"a": nil, "b": nil, "__typename": "Query"}, answer.Data); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
	got := map[string]bool{}
	for _, e := range answer.Errors {
		got[fmt.Sprintf("%v %v", e.Path, e.Extensions["code"])] = true
	}
	if diff := cmp.Diff(map[string]bool{"[a] SERVICE_UNAVAILABLE": true, "[b] SERVICE_UNAVAILABLE": true}, got); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

// Who opens the endpoint in a browser is led to the playground; a query that comes from one is answered.
func TestEndpointInABrowser(t *testing.T) {
	h := handler(t)
	const browser = "text/html,application/xhtml+xml,*/*;q=0.8"
	if r := ask(h, "GET", "/graphql", "", "Accept", browser); r.StatusCode != http.StatusFound || r.Header.Get("Location") != "/playground" {
		t.Errorf("without a query: %d to %q, want 302 to /playground", r.StatusCode, r.Header.Get("Location"))
	}
	if r := ask(h, "GET", "/graphql?query=%7B__typename%7D", "", "Accept", browser); r.StatusCode != http.StatusOK {
		t.Errorf("with a query: %d, want 200", r.StatusCode)
	}
}
