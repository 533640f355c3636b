package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"dossier/internal/httpapi"
)

// limited is a handler with some limits changed.
func limited(t *testing.T, change func(*httpapi.Limits)) http.Handler {
	t.Helper()
	return handler(t, func(o *httpapi.Options) { change(&o.Limits) })
}

// wantRefused checks that a request is refused by a limit with a status, and returns the message.
func wantRefused(t *testing.T, r *http.Response, status int, limit string, maximum int) string {
	t.Helper()
	body := text(t, r)
	e := onlyError(t, body)
	got := map[string]any{"status": r.StatusCode, "code": e.Extensions["code"], "limit": e.Extensions["limit"], "maximum": e.Extensions["maximum"]}
	want := map[string]any{"status": status, "code": "LIMIT_EXCEEDED", "limit": limit, "maximum": float64(maximum)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refusal (-want +got):\n%s%s", diff, body)
	}
	if strings.Contains(body, `"data"`) {
		t.Errorf("a refusal has data: %s", body)
	}
	return e.Message
}

// post sends an operation with variables as JSON, or "".
func post(t *testing.T, h http.Handler, query, variables string, header ...string) *http.Response {
	t.Helper()
	fields := map[string]any{"query": query}
	if variables != "" {
		fields["variables"] = json.RawMessage(variables)
	}
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return ask(h, http.MethodPost, "/graphql", string(body), append([]string{"Content-Type", asJSON, "Accept", asGraphQL}, header...)...)
}

// Each limit lets through what just holds it and refuses one more, wherever in a text that hides.
func TestTextLimits(t *testing.T) {
	const bomb = `fragment A on Query { ...B ...B ...B ...B } fragment B on Query { ...C ...C ...C ...C } fragment C on Query { ...D ...D ...D ...D }
		fragment D on Query { ...E ...E ...E ...E } fragment E on Query { ...F ...F ...F ...F } fragment F on Query { ...G ...G ...G ...G } fragment G on Query `
	for _, c := range []struct {
		name               string
		limit              string
		set                func(*httpapi.Limits, int)
		maximum            int
		fits, tooMuch      string
		variables, tooDeep string // with the same
		message            string
	}{
		{name: "depth", limit: "depth", set: func(l *httpapi.Limits, n int) { l.MaxDepth = n }, maximum: 3,
			fits: `{ people { nodes { name } } }`, tooMuch: `{ people { nodes { validFrom: roles { totalCount } } } }`,
			message: "the operation asks for too much at once: with its fragments it has more than 3 levels of fields"},
		{name: "depth in fragments", limit: "depth", set: func(l *httpapi.Limits, n int) { l.MaxDepth = n }, maximum: 3,
			fits: `{ ...A } fragment A on Query { people { ...B } } fragment B on PersonConnection { nodes { ... on Person { name } } }`, tooMuch: `{ ...A } fragment A on Query { people { ...B } } fragment B on PersonConnection { nodes { ... on Person { roles { totalCount } } } }`,
			message: "levels of fields"},
		{name: "depth of an operation that is not chosen", limit: "depth", set: func(l *httpapi.Limits, n int) { l.MaxDepth = n }, maximum: 3,
			tooMuch: `{ __typename } query B { people { nodes { roles { totalCount } } } }`, message: "levels of fields"},
		{name: "depth of a fragment that nobody spreads", limit: "depth", set: func(l *httpapi.Limits, n int) { l.MaxDepth = n }, maximum: 3,
			tooMuch: `{ __typename } fragment A on Query { people { nodes { roles { totalCount } } } }`, message: "levels of fields"},
		{name: "depth of an argument", limit: "depth", set: func(l *httpapi.Limits, n int) { l.MaxDepth = n }, maximum: 6,
			fits: `{ people(where: {or: [{or: [{name: {eq: "x"}}]}]}) { totalCount } }`, tooMuch: `{ people(where: {or: [{or: [{or: [{name: {eq: "x"}}]}]}]}) { totalCount } }`,
			message: "levels of lists and objects in an argument"},
		{name: "depth of a default", limit: "depth", set: func(l *httpapi.Limits, n int) { l.MaxDepth = n }, maximum: 6,
			tooMuch: `query($w: PersonWhere = {or: [{or: [{or: [{name: {eq: "x"}}]}]}]}) { people(where: $w) { totalCount } }`, message: "levels of lists and objects in an argument"},
		{name: "depth of a variable", limit: "depth", set: func(l *httpapi.Limits, n int) { l.MaxDepth = n }, maximum: 6,
			fits: `query($w: PersonWhere) { people(where: $w) { totalCount } }`, variables: `{"w":{"or":[{"or":[{"name":{"eq":"x"}}]}]}}`,
			tooMuch: `query($w: PersonWhere) { people(where: $w) { totalCount } }`, tooDeep: `{"w":{"or":[{"or":[{"or":[{"name":{"eq":"x"}}]}]}]}}`,
			message: `variable "w" has more than 6 levels of lists and objects`},
		{name: "aliases", limit: "aliases", set: func(l *httpapi.Limits, n int) { l.MaxAliases = n }, maximum: 3,
			fits: `{ a: __typename b: __typename c: __typename __typename }`, tooMuch: `{ a: __typename b: __typename c: __typename d: __typename }`, message: "more than 3 aliases"},
		{name: "aliases in a fragment that is spread often", limit: "aliases", set: func(l *httpapi.Limits, n int) { l.MaxAliases = n }, maximum: 1000,
			tooMuch: `{ ...A } ` + bomb + `{ a: __typename }`, message: "more than 1000 aliases"},
		{name: "directives", limit: "directives", set: func(l *httpapi.Limits, n int) { l.MaxDirectives = n }, maximum: 2,
			fits: `{ __typename @skip(if: false) @include(if: true) }`, tooMuch: `{ __typename @skip(if: false) ... @include(if: true) { a: __typename @include(if: true) } }`, message: "more than 2 directives"},
		{name: "unknown directives", limit: "directives", set: func(l *httpapi.Limits, n int) { l.MaxDirectives = n }, maximum: 2,
			tooMuch: `query @a @a @a { __typename }`, message: "more than 2 directives"},
		{name: "tokens", limit: "tokens", set: func(l *httpapi.Limits, n int) { l.MaxTokens = n }, maximum: 4,
			fits: `{ a: __typename }`[:0] + `{ __typename }`, tooMuch: `{ __typename __typename __typename __typename }`, message: "the operation is too long: it may have 4 tokens"},
		{name: "fields", limit: "fields", set: func(*httpapi.Limits, int) {}, maximum: 10_000,
			tooMuch: `{ ...A } ` + bomb + `{ __typename __typename __typename }`, message: "more than 10000 fields"},
		{name: "one field again and again", limit: "fields", set: func(*httpapi.Limits, int) {}, maximum: 100,
			fits: "{" + strings.Repeat(" __typename", 100) + "}", tooMuch: "{" + strings.Repeat(" __typename", 60) + strings.Repeat(" ... { __typename }", 41) + "}", message: "more than 100 fields of one name in one place"},
		{name: "one field again and again in fragments", limit: "fields", set: func(*httpapi.Limits, int) {}, maximum: 100,
			fits:    "{ ...A ...B } fragment A on Query {" + strings.Repeat(" __typename", 50) + "} fragment B on Query { people { totalCount }" + strings.Repeat(" __typename", 50) + "}",
			tooMuch: "{ ...A ...B } fragment A on Query {" + strings.Repeat(" __typename", 50) + "} fragment B on Query { ...C } fragment C on Query { ... {" + strings.Repeat(" __typename", 51) + "} }", message: "more than 100 fields of one name in one place"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := limited(t, func(l *httpapi.Limits) { c.set(l, c.maximum) })
			if c.fits != "" {
				if body := text(t, post(t, h, c.fits, c.variables)); strings.Contains(body, "LIMIT_EXCEEDED") {
					t.Errorf("what holds the limit is refused: %s", body)
				}
			}
			for range 2 { // the second time too
				if message := wantRefused(t, post(t, h, c.tooMuch, c.tooDeep), http.StatusBadRequest, c.limit, c.maximum); !strings.Contains(message, c.message) {
					t.Errorf("message %q, want %q", message, c.message)
				}
			}
			if r := post(t, h, c.tooMuch, c.tooDeep, "Accept", asJSON); r.StatusCode != http.StatusOK {
				t.Errorf("status %d for a client of plain JSON, want 200", r.StatusCode)
			}
		})
	}
}

// A fragment that spreads itself is measured in finite time, and then refused as invalid.
func TestFragmentCycle(t *testing.T) {
	h := limited(t, func(l *httpapi.Limits) { l.MaxDepth = 5 })
	e := onlyError(t, text(t, post(t, h, `{ ...A } fragment A on Query { ...B } fragment B on Query { a: __typename ...A }`, "")))
	if e.Extensions["code"] != "GRAPHQL_VALIDATION_FAILED" {
		t.Errorf("error %+v", e)
	}
}

// What is refused because of its cost, and what anything costs.
func TestCost(t *testing.T) {
	for _, c := range []struct {
		query, variables string
		want             int
	}{
		{`{ __typename __type(name: "Person") { kind } }`, "", 0},
		{`{ person(id: "a") { name } }`, "", 2},                                // the statement, the person
		{`{ a: person(id: "a") { name } b: person(id: "b") { name } }`, "", 4}, //
		{`{ people { totalCount } }`, "", 2},                                   // the statement, the count
		{`{ people { nodes { name externalIds { scheme } } } }`, "", 101},      // a page
		{`{ people(first: 7) { nodes { name } } }`, "", 8},                     //
		{`{ people(last: 7) { edges { cursor node { name } } } }`, "", 8},      // an edge is no thing, the node in it is
		{`{ people(first: 1000) { nodes { name } } }`, "", 1001},               //
		{`{ people(first: 2000000000) { nodes { name } } }`, "", 1001},         // which is refused later
		{`query($n: Int) { people(first: $n) { nodes { name } } }`, `{"n":9}`, 10},
		{`query($n: Int) { people(first: $n) { nodes { name } } }`, `{"n":null}`, 101},
		{`query($n: Int = 9) { people(first: $n) { nodes { name } } }`, "", 10},
		{`{ people(first: 7) { nodes { coFounded { nodes { company { name } } } } } }`, "", 1 + 7 + 7*5*2},
		{`{ people(first: 7) { nodes { coFounded(first: 40) { totalCount nodes { company { name } } } } } }`, "", 1 + 7 + 7 + 7*2*2},
		{`{ person(id: "a") { coFounded(first: 1) { nodes { id } } } }`, "", 3},
		{`{ nodes(ids: ["a", "b", "c"]) { id } }`, "", 4},
		{`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, `{"ids":["a","b"]}`, 3},
		{`{ neighborhood(around: ["a"]) { nodes { id } relationships { id } } }`, "", 401},
		{`{ neighborhood(around: ["a"], limit: 30) { nodes { id } relationships { id } } }`, "", 61},
		{`{ paths(from: "a", to: "b", k: 2) { nodes { id } } }`, "", 511},
		{`{ statistics { entities } }`, "", 1},
		{`{ statistics { entities mostConnected(first: 40) { id } } }`, "", 2003},
		{`{ a: diff(from: {}, to: {}, first: 3) { nodes { what } } b: diff(from: {}, to: {}) { totalCount } }`, "", 10003},
		{`{ people @skip(if: true) { nodes { name } } }`, "", 0},
		{`query($no: Boolean!) { people @include(if: $no) { nodes { name } } }`, `{"no":false}`, 0},
		{`query($no: Boolean!) { ...A @include(if: $no) } fragment A on Query { people { nodes { name } } }`, `{"no":true}`, 101},
		{`{ ... @skip(if: true) { people { nodes { name } } } }`, "", 0},
	} {
		if c.want > 1 {
			h := limited(t, func(l *httpapi.Limits) { l.MaxCost = c.want - 1 })
			message := wantRefused(t, post(t, h, c.query, c.variables), http.StatusBadRequest, "cost", c.want-1)
			if want := fmt.Sprintf("it costs about %d, and may cost %d. Ask for smaller pages", c.want, c.want-1); !strings.Contains(message, want) {
				t.Errorf("%s: message %q, want %q", c.query, message, want)
			}
			continue
		}
		body := text(t, post(t, limited(t, func(l *httpapi.Limits) { l.MaxCost = 1 }), c.query, c.variables))
		if strings.Contains(body, "LIMIT_EXCEEDED") {
			t.Errorf("%s: %s", c.query, body)
		}
	}
	const query = `{ people(first: 7) { nodes { name } } }`
	h := limited(t, func(l *httpapi.Limits) { l.MaxCost = 8 })
	if body := text(t, post(t, h, query, "", httpapi.CostHeader, "1")); !strings.HasSuffix(body, `"data":null,"extensions":{"cost":{"requested":8,"maximum":8}}}`) {
		t.Errorf("the cost that just fits is told as %s", body)
	}
	if body := text(t, post(t, h, query, "")); strings.Contains(body, "cost") {
		t.Errorf("the cost is told who did not ask: %s", body)
	}
	// The schema, once and many times.
	const all = ` fragment F on __Schema { types { fields { type { fields { args { type { name } } } } } } }`
	h = limited(t, func(l *httpapi.Limits) { l.MaxCost = 100_000 })
	if body := text(t, post(t, h, `{ __schema { ...F } }`+all, "")); strings.Contains(body, "errors") {
		t.Errorf("the schema costs too much: %.200s", body)
	}
	many := "{"
	for i := range 300 {
		many += fmt.Sprintf(" a%d: __schema { ...F }", i)
	}
	wantRefused(t, post(t, h, many+" }"+all, ""), http.StatusBadRequest, "cost", 100_000)
	// A product of pages beyond all integers.
	deep := "{ people(first: 1000) { nodes { " + strings.Repeat("relationships(first: 1000) { nodes { source { ", 12) + "id" + strings.Repeat(" } } }", 12) + " } } }"
	wantRefused(t, post(t, limited(t, func(l *httpapi.Limits) { l.MaxCost = 100_000 }), deep, ""), http.StatusBadRequest, "cost", 100_000)
}

// What the documentation and the pages show, and what tools send, is far from every limit.
func TestLimitsLetExamplesThrough(t *testing.T) {
	h := limited(t, func(l *httpapi.Limits) { *l = serveDefaults(*l) })
	files, err := filepath.Glob("../../web/examples/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, f := range files {
		query, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if body := text(t, post(t, h, string(query), "", httpapi.CostHeader, "1")); strings.Contains(body, "LIMIT_EXCEEDED") {
			t.Errorf("%s: %s", f, body)
		} else {
			t.Log(filepath.Base(f), body[strings.LastIndex(body, `"extensions"`):])
		}
	}
}

func serveDefaults(l httpapi.Limits) httpapi.Limits {
	l.MaxDepth, l.MaxAliases, l.MaxDirectives, l.MaxTokens, l.MaxCost = 30, 100, 50, 4000, 100_000
	return l
}

// An answer is not a hundred times as long as its request.
func TestManyMistakes(t *testing.T) {
	body := text(t, post(t, handler(t), "{"+strings.Repeat(" peple", 60)+"}", ""))
	if n := strings.Count(body, "GRAPHQL_VALIDATION_FAILED"); n != 50 {
		t.Errorf("of 60 mistakes %d are told, want 50", n)
	}
}

// What clients have registered takes only so much memory: what was used longest ago is forgotten.
func TestRememberedTexts(t *testing.T) {
	h := handler(t)
	named := func(i int) (query, extensions string) {
		query = fmt.Sprintf("{ __typename } # %d %s", i, strings.Repeat("x", 15_000))
		return query, fmt.Sprintf(`{"persistedQuery":{"version":1,"sha256Hash":%q}}`, sha256Of(query))
	}
	ask := func(query, extensions string) string {
		body, err := json.Marshal(map[string]any{"query": query, "extensions": json.RawMessage(extensions)})
		if err != nil {
			t.Fatal(err)
		}
		return text(t, ask(h, http.MethodPost, "/graphql", string(body), "Content-Type", asJSON))
	}
	const n = 300 // times 15 KB are more than 4 MiB
	for i := range n {
		if got := ask(named(i)); !strings.Contains(got, `"Query"`) {
			t.Fatal(got)
		}
	}
	for i, want := range map[int]string{0: "PERSISTED_QUERY_NOT_FOUND", n - 1: `"Query"`, n - 200: `"Query"`} {
		_, extensions := named(i)
		if got := ask("", extensions); !strings.Contains(got, want) {
			t.Errorf("text %d: %s, want %s", i, got, want)
		}
	}
}

// What comes before the operation: the URL, the headers, the body, the variables, and lists of operations.
func TestRequestLimits(t *testing.T) {
	h := limited(t, func(l *httpapi.Limits) { l.MaxURL, l.MaxHeaders, l.MaxBody, l.MaxVariables = 100, 120, 1000, 10 })
	fill := func(n int) string { return strings.Repeat("x", n) }
	url := "/graphql?query=%7B__typename%7D&x="
	if r := ask(h, "GET", url+fill(100-len(url)), ""); r.StatusCode != http.StatusOK {
		t.Errorf("a URL of 100 bytes: %d", r.StatusCode)
	}
	wantRefused(t, ask(h, "GET", url+fill(101-len(url)), ""), 414, "url", 100)
	wantRefused(t, ask(h, "GET", url, "", "X-Long", fill(120)), 431, "headers", 120)
	wantRefused(t, ask(h, "GET", url, "", fill(119), "xx"), 431, "headers", 120)
	body := `{"query":"{ __typename }","x":""}`
	if r := ask(h, "POST", "/graphql", body[:len(body)-2]+fill(1000-len(body))+`"}`, "Content-Type", asJSON); r.StatusCode != http.StatusOK {
		t.Errorf("a body of 1000 bytes: %d", r.StatusCode)
	}
	wantRefused(t, ask(h, "POST", "/graphql", body[:len(body)-2]+fill(1001-len(body))+`"}`, "Content-Type", asJSON), 413, "body", 1000)
	variables := func(n int) string { return fmt.Sprintf(`{"n":"%s"}`, fill(n-8)) }
	if r := post(t, h, "{ __typename }", variables(10)); r.StatusCode != http.StatusOK {
		t.Errorf("variables of 10 bytes: %d", r.StatusCode)
	}
	wantRefused(t, post(t, h, "{ __typename }", variables(11)), 413, "variables", 10)
	wantRefused(t, ask(h, "GET", "/graphql?query=%7B__typename%7D&variables="+variables(11), ""), 413, "variables", 10)
	twice := `{"query":"query($a: Boolean!) { __typename @include(if: $a) }","variables":{"a":true},"variables":{"b":2}}`
	if told := text(t, ask(h, "POST", "/graphql", twice, "Content-Type", asJSON)); !strings.Contains(told, `variable \"a\" is missing`) {
		t.Errorf("variables twice, of which the last count: %s", told)
	}
	for _, batch := range []string{`[]`, ` [{"query":"{ __typename }"}]`, `[{"query":"{ __typename }"},{"query":"{ __typename }"}]`} {
		r := ask(h, "POST", "/graphql", batch, "Content-Type", asJSON)
		if e := onlyError(t, text(t, r)); r.StatusCode != http.StatusBadRequest || e.Extensions["code"] != "BAD_USER_INPUT" || !strings.Contains(e.Message, "batching") {
			t.Errorf("%s: %d %+v", batch, r.StatusCode, e)
		}
	}
}

// One client may ask so often, and another one all the same.
func TestRate(t *testing.T) {
	h := limited(t, func(l *httpapi.Limits) { l.MaxRate, l.ClientHeader = 0.2, "X-Forwarded-For" }) // two at once
	from := func(address string, header ...string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, "/graphql?query=%7B__typename%7D", nil)
		r.RemoteAddr = address
		for i := 0; i < len(header); i += 2 {
			r.Header.Add(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
	for _, c := range []struct {
		name      string
		one, same func() *http.Response
	}{
		{"an address, whatever its port", func() *http.Response { return from("192.0.2.1:1000") }, func() *http.Response { return from("192.0.2.1:2000") }},
		{"the same in IPv6", func() *http.Response { return from("192.0.2.2:1000") }, func() *http.Response { return from("[::ffff:192.0.2.2]:1000") }},
		{"a /64", func() *http.Response { return from("[2001:db8::1]:1000") }, func() *http.Response { return from("[2001:db8::ffff:1]:1000") }},
		{"behind a proxy", func() *http.Response { return from("192.0.2.9:1000", "X-Forwarded-For", "192.0.2.3") },
			func() *http.Response { return from("192.0.2.8:1000", "X-Forwarded-For", "10.0.0.1, 192.0.2.3") }},
		{"behind a proxy, with what the client wrote", func() *http.Response {
			return from("192.0.2.9:1000", "X-Forwarded-For", "10.0.0.2", "X-Forwarded-For", "192.0.2.4")
		},
			func() *http.Response { return from("192.0.2.9:1000", "X-Forwarded-For", "10.0.0.3,192.0.2.4") }},
		{"behind a proxy that gives ports", func() *http.Response { return from("192.0.2.9:1000", "X-Forwarded-For", "192.0.2.6:1234") },
			func() *http.Response { return from("192.0.2.8:1000", "X-Forwarded-For", "[::ffff:192.0.2.6]:99") }},
		{"a header that is none", func() *http.Response { return from("192.0.2.5:1000", "X-Forwarded-For", "unknown") }, func() *http.Response { return from("192.0.2.5:1000") }},
	} {
		for i, r := range []*http.Response{c.one(), c.same()} {
			if r.StatusCode != http.StatusOK {
				t.Errorf("%s: request %d: %d", c.name, i+1, r.StatusCode)
			}
		}
		r := c.one()
		e := onlyError(t, text(t, r))
		if r.StatusCode != http.StatusTooManyRequests || e.Extensions["code"] != "RATE_LIMITED" || r.Header.Get("Retry-After") != "5" || e.Message != "you ask too often: 0.2 requests a second are answered" {
			t.Errorf("%s: %d %+v, Retry-After %q", c.name, r.StatusCode, e, r.Header.Get("Retry-After"))
		}
	}
	if r := from("[2001:db8:0:1::1]:1000"); r.StatusCode != http.StatusOK {
		t.Errorf("another client: %d", r.StatusCode)
	}
}

// Without introspection nothing tells the schema, not even by the way.
func TestSchemaKeptSecret(t *testing.T) {
	h := limited(t, func(l *httpapi.Limits) { l.Introspection = false })
	if r := ask(h, "GET", "/schema.graphql", ""); r.StatusCode != http.StatusNotFound {
		t.Errorf("/schema.graphql: %d", r.StatusCode)
	}
	for _, query := range []string{`{ __schema { types { name } } }`, `{ __type(name: "Person") { fields { name } } }`, `query { ...A } fragment A on Query { x: __schema { queryType { name } } }`} {
		body := text(t, post(t, h, query, ""))
		if strings.Contains(body, `"name"`) || !strings.Contains(body, `"message":"introspection disabled"`) {
			t.Errorf("%s is answered %s", query, body)
		}
	}
	if body := text(t, post(t, h, `{ __typename }`, "")); body != `{"data":{"__typename":"Query"}}` {
		t.Errorf("__typename is answered %s", body)
	}
	for _, change := range []func(*httpapi.Limits){func(l *httpapi.Limits) { l.Introspection = false }, func(l *httpapi.Limits) { l.Suggestions = false }} {
		h := limited(t, change)
		for _, query := range []string{
			`{ peple { totalCount } }`, `{ people { nodes } }`, `{ people(fist: 1) { totalCount } }`, `{ people(where: {nme: {eq: ""}}) { totalCount } }`,
			`query($w: PersnWhere) { people(where: $w) { totalCount } }`, `{ people(orderBy: {field: NAM}) { totalCount } }`, `{ node(id: "x") { nam } }`, `{ entity(id: "x") { ... on Persn { name } } }`,
		} {
			body := text(t, post(t, h, query, ""))
			if strings.Contains(body, "Did you mean") || !strings.Contains(body, "GRAPHQL_VALIDATION_FAILED") {
				t.Errorf("%s is answered %s", query, body)
			}
		}
	}
	if body := text(t, post(t, handler(t), `{ people(fist: 1) { totalCount } }`, "")); !strings.Contains(body, "Did you mean") {
		t.Errorf("with suggestions: %s", body)
	}
}

// GraphQL's Int has 32 bits, wherever it stands.
func TestIntsHave32Bits(t *testing.T) {
	h := handler(t)
	for _, c := range []struct {
		query, variables string
		want             string // a part of the message, or "" where it fits
	}{
		{`{ people(first: 2147483647) { totalCount } }`, "", ""},
		{`{ people(first: 2147483648) { totalCount } }`, "", "Int cannot represent non 32-bit signed integer value: 2147483648"},
		{`{ people(first: -2147483649) { totalCount } }`, "", "-2147483649"},
		{`{ people(first: 99999999999999999999) { totalCount } }`, "", "99999999999999999999"},
		{`{ __typename people(first: 2147483648) @skip(if: true) { totalCount } }`, "", "2147483648"},
		{`query($n: Int = 2147483648) { people(first: $n) { totalCount } }`, "", "2147483648"},
		{`query($n: Int) { people(first: $n) { totalCount } }`, `{"n":-2147483648}`, ""},
		{`query($n: Int) { people(first: $n) { totalCount } }`, `{"n":2147483648}`, `variable "n": Int cannot represent non 32-bit signed integer value: 2147483648`},
		{`query($n: Int) { people(first: $n) @skip(if: true) { totalCount } __typename }`, `{"n":2147483648}`, `variable "n"`},
		{`query($n: Int) { people(first: $n) { totalCount } }`, `{"n":"7"}`, `variable "n": Int cannot represent a text: "7"`},
		{`query($n: Int) { people(first: $n) { totalCount } }`, `{"n":1.5}`, `variable "n"`},
		{`query($n: Int) { people(first: $n) { totalCount } }`, `{"n":1e99}`, `variable "n"`},
		{`query($n: Int) { people(first: $n) { totalCount } }`, `{"n":99999999999999999999}`, `variable "n"`},
		{`query($n: Int) { people(first: $n) { totalCount } }`, `{"n":true}`, `variable "n"`},
		{`query($n: Int) { people(first: $n) { totalCount } }`, `{"n":null}`, ""},
	} {
		r := post(t, h, c.query, c.variables)
		body := text(t, r)
		invalid := strings.Contains(body, "GRAPHQL_VALIDATION_FAILED")
		if invalid != (c.want != "") || invalid && (r.StatusCode != http.StatusBadRequest || !strings.Contains(onlyError(t, body).Message, c.want)) {
			t.Errorf("%s %s: %d %s", c.query, c.variables, r.StatusCode, body)
		}
	}
}

// By GET queries are answered, and nothing else.
func TestGETForQueriesOnly(t *testing.T) {
	h := handler(t)
	for _, query := range []string{`mutation{x}`, `mutation+M{x}`, `subscription{changed{id}}`} {
		r := ask(h, "GET", "/graphql?query="+query, "", "Accept", asGraphQL)
		if e := onlyError(t, text(t, r)); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "POST" || e.Extensions["code"] != "BAD_USER_INPUT" {
			t.Errorf("%s: %d, Allow %q, %+v", query, r.StatusCode, r.Header.Get("Allow"), e)
		}
	}
}

// What a browser sends for a page of another site runs nothing, whatever it looks like.
func TestForeignPages(t *testing.T) {
	h := handler(t, func(o *httpapi.Options) { o.Origins = []string{"https://app.example.org"} })
	const query = "/graphql?query=%7B__typename%7D"
	const body = `{"query":"{ __typename }"}`
	for _, c := range []struct {
		name, method, target string
		header               []string
		status               int
	}{
		{"another site, GET", "GET", query, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"another port", "GET", query, []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"a link or a form", "GET", query, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Accept", "text/html"}, 403},
		{"an image", "GET", query, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Accept", "image/*"}, 403},
		{"a foreign origin", "GET", query, []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://example.com"}, 403},
		{"POST", "POST", "/graphql", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://example.com", "Content-Type", asJSON}, 403},
		{"POST from nowhere", "POST", "/graphql", []string{"Sec-Fetch-Site", "cross-site", "Origin", "null", "Content-Type", asJSON}, 403},
		{"events", "POST", "/graphql", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://example.com", "Content-Type", asJSON, "Accept", "text/event-stream"}, 403},
		{"text", "POST", "/graphql", []string{"Content-Type", "text/plain"}, 415},
		{"form", "POST", "/graphql", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		{"multipart", "POST", "/graphql", []string{"Content-Type", "multipart/form-data; boundary=x"}, 415},
		{"text that says it is JSON", "POST", "/graphql", []string{"Content-Type", "text/plain; application/json"}, 415},
		{"events as text", "POST", "/graphql", []string{"Content-Type", "text/plain", "Accept", "text/event-stream"}, 415},
		{"the origin that may", "POST", "/graphql", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://app.example.org", "Content-Type", asJSON}, 200},
		{"the origin that may, GET", "GET", query, []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://app.example.org"}, 200},
		{"a foreign origin of which no more is told", "GET", query, []string{"Origin", "https://example.org"}, 403},
		{"POST of which no more is told", "POST", "/graphql", []string{"Origin", "https://example.org", "Content-Type", asJSON}, 403},
		{"our own page of which no more is told", "POST", "/graphql", []string{"Origin", "http://example.com", "Content-Type", asJSON}, 200}, // httptest's host
		{"our own page by way of a proxy that names its port", "POST", "/graphql", []string{"Origin", "http://example.com:80", "Content-Type", asJSON}, 200},
		{"our own page behind a proxy", "POST", "/graphql", []string{"Sec-Fetch-Site", "same-origin", "Origin", "https://example.net", "Content-Type", asJSON}, 200},
		{"our own page", "POST", "/graphql", []string{"Sec-Fetch-Site", "same-origin", "Content-Type", asJSON}, 200},
		{"the address line", "GET", query, []string{"Sec-Fetch-Site", "none", "Accept", "text/html"}, 200},
		{"a link to the playground", "GET", "/graphql", []string{"Sec-Fetch-Site", "cross-site", "Accept", "text/html"}, 302},
	} {
		sent := ""
		if c.method == "POST" {
			sent = body
		}
		r := ask(h, c.method, c.target, sent, c.header...)
		if answer := text(t, r); r.StatusCode != c.status || (c.status == 200) != strings.Contains(answer, `"Query"`) {
			t.Errorf("%s: %d %s, want %d", c.name, r.StatusCode, answer, c.status)
		}
	}
}

// An operation runs no more statements at the same time than it may; others wait.
func TestStatementsOfOneOperation(t *testing.T) {
	for maximum, want := range map[int]int{0: 4, 3: 3, 9: 4} {
		silent, err := net.Listen("tcp", "127.0.0.1:0") // a database that never answers
		if err != nil {
			t.Fatal(err)
		}
		came := make(chan int)
		go func() {
			n := 0
			for {
				asked, err := silent.Accept()
				if err != nil {
					came <- n
					return
				}
				defer func() { _ = asked.Close() }()
				n++
			}
		}()
		api, log := newAPI(t, silent.Addr().String())
		const short = 800 * time.Millisecond // after a second of silence a probe is sent, too
		o := httpapi.Options{RequestTimeout: short, Limits: limits(), Log: slog.New(slog.NewTextHandler(log, nil))}
		o.Limits.MaxStatements = maximum
		body := text(t, post(t, api.Handler(o), `{ person(id: "a") { name } company(id: "b") { name } statistics { entities } people { nodes { id } } }`, ""))
		if n := strings.Count(body, `"TIMEOUT"`); n != 4 {
			t.Errorf("of 4 fields %d took too long: %s", n, body)
		}
		_ = silent.Close()
		if n := <-came; n != want {
			t.Errorf("with %d statements at the most there were %d, want %d", maximum, n, want)
		}
	}
}

// What finds no place is turned away at once, over HTTP and over a WebSocket, and served again as soon as there is one.
func TestConcurrentRequests(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // a database that never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	api, log := newAPI(t, silent.Addr().String())
	o := httpapi.Options{RequestTimeout: time.Minute, Limits: limits(), Log: slog.New(slog.NewTextHandler(log, nil))}
	o.Limits.MaxConcurrent = 1
	s := httptest.NewServer(api.Handler(o))
	t.Cleanup(s.Close)
	t.Cleanup(func() { api.CloseStreams(context.Background()) })
	conn := dial(t, s.URL)

	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/graphql?query=%7Bperson(id:1)%7Bname%7D%7D", nil)
		if response, err := http.DefaultClient.Do(r); err == nil {
			_ = response.Body.Close()
		}
	}()
	if asked, err := silent.Accept(); err != nil {
		t.Fatal(err)
	} else {
		defer func() { _ = asked.Close() }()
	}
	get := func() (*http.Response, error) { return http.Get(s.URL + "/graphql?query=%7B__typename%7D") }
	r, err := get()
	if err != nil {
		t.Fatal(err)
	}
	e := onlyError(t, text(t, r))
	if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") != "1" || e.Extensions["code"] != "SERVICE_UNAVAILABLE" || e.Message != "the server has too much to do. Try again in a moment." {
		t.Errorf("%d, Retry-After %q, %+v", r.StatusCode, r.Header.Get("Retry-After"), e)
	}
	send(t, conn, subscribeMessage("1", "{ __typename }"))
	if got := receive(t, conn); !strings.Contains(got, `"type":"error"`) || !strings.Contains(got, `"SERVICE_UNAVAILABLE"`) {
		t.Errorf("over a WebSocket: %s", got)
	}
	if r, err := http.Get(s.URL + "/healthz"); err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("/healthz: %v %v", r, err)
	}
	leave()
	<-gone
	for deadline := time.Now().Add(soon); ; {
		r, err := get()
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("the place is not free again: %v", err)
		}
		if r.StatusCode == http.StatusOK {
			break
		}
	}
	for _, id := range []string{"2", "3"} { // the second has the place that the first one left
		send(t, conn, subscribeMessage(id, "{ __typename }"))
		if got := receive(t, conn); !strings.Contains(got, `{"__typename":"Query"}`) {
			t.Errorf("over a WebSocket: %s", got)
		}
		receive(t, conn)
	}
}

// Who asks and does not take a large answer keeps no place among the requests, and those who do the same have no more than
// their share of memory, for a while.
func TestClientThatDoesNotRead(t *testing.T) {
	_, s := serving(t, func(o *httpapi.Options) {
		o.RequestTimeout, o.Limits.WriteTimeout, o.Limits.MaxConcurrent, o.Limits.MaxSending = 3*time.Second, 3*time.Second, 1, 1<<18
	})
	body := operation(t, megabyte())
	large := func() int {
		r, err := http.Post(s.URL+"/graphql", asJSON, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Body.Close() }()
		_, _ = io.Copy(io.Discard, r.Body)
		return r.StatusCode
	}
	askAndNotRead(t, s, "", body)
	for deadline, seenBusy := time.Now().Add(soon), false; ; {
		r, err := http.Get(s.URL + "/graphql?query=%7B__typename%7D")
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		switch status := large(); {
		case status == http.StatusServiceUnavailable:
			seenBusy = seenBusy || r.StatusCode == http.StatusOK
		case seenBusy:
			return
		default: // the other one has found this test's requests in its place
			askAndNotRead(t, s, "", body)
		}
		if time.Now().After(deadline) {
			t.Fatalf("large answers are not sent again (were they refused while small ones were sent: %v)", seenBusy)
		}
	}
}

// megabyte is an operation of which the answer has about one.
func megabyte() string {
	query := "{"
	for i := range 20 {
		query += fmt.Sprintf(" a%d: __schema { ...S }", i)
	}
	return query + "} fragment S on __Schema { types { name description fields { name description args { name description } } } }"
}

// askAndNotRead sends a request whose answer nobody reads.
func askAndNotRead(t *testing.T, s *httptest.Server, headers, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.(*net.TCPConn).SetReadBuffer(4096)
	if _, err := fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s", headers, len(body), body); err != nil {
		t.Fatal(err)
	}
}

// So many streams may be open, of either kind, and no more.
func TestStreamLimit(t *testing.T) {
	_, s := serving(t, func(o *httpapi.Options) { o.Limits.MaxStreams = 2 })
	conn := dial(t, s.URL)
	_, leave := listen(t, s.URL)
	try := func() (*http.Response, error) {
		c, r, err := websocket.Dial(t.Context(), s.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
		if err == nil {
			_ = c.CloseNow()
		}
		return r, err
	}
	r, err := try()
	if err == nil || r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") != "1" {
		t.Fatalf("a third stream: %v", err)
	}
	if e := onlyError(t, text(t, r)); e.Extensions["code"] != "SERVICE_UNAVAILABLE" {
		t.Errorf("a third stream: %+v", e)
	}
	leave()
	for deadline := time.Now().Add(soon); ; {
		if _, err := try(); err == nil {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("the place is not free again: %v", err)
		}
	}
	if r, err := http.Get(s.URL + "/graphql?query=%7B__typename%7D"); err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("a query beside them: %v", err)
	}
	_ = conn.CloseNow()
}

// What one WebSocket may have under way, how often its client may ask, and how long a message may be.
func TestSocketLimits(t *testing.T) {
	_, s := serving(t, func(o *httpapi.Options) {
		o.Limits.MaxSocketOperations, o.Limits.MaxDepth, o.Limits.MaxVariables, o.Limits.MaxBody = 2, 3, 10, 5000
	})
	conn := dial(t, s.URL)
	refused := func(id string, message any, code, limit string) {
		t.Helper()
		send(t, conn, message)
		var got struct {
			Type, ID string
			Payload  []graphQLError
		}
		m := receive(t, conn)
		if err := json.Unmarshal([]byte(m), &got); err != nil || got.Type != "error" || got.ID != id || len(got.Payload) != 1 ||
			got.Payload[0].Extensions["code"] != code || limit != "" && got.Payload[0].Extensions["limit"] != limit {
			t.Errorf("got %s, want an error for %s with %s %s", m, id, code, limit)
		}
	}
	send(t, conn, subscribeMessage("1", waiting))
	send(t, conn, subscribeMessage("2", waiting))
	refused("3", subscribeMessage("3", "{ __typename }"), "LIMIT_EXCEEDED", "operations")
	send(t, conn, map[string]any{"type": "complete", "id": "1"})
	send(t, conn, subscribeMessage("1", "{ __typename }")) // the id is free at once, and its place too
	if got := receive(t, conn); !strings.Contains(got, `"data"`) {
		t.Errorf("got %s", got)
	}
	if got := receive(t, conn); got != `{"id":"1","type":"complete"}` {
		t.Errorf("got %s", got)
	}
	refused("5", map[string]any{"type": "subscribe", "id": "5", "payload": map[string]any{"query": "{ __typename }", "variables": map[string]string{"x": "0123456789"}}}, "LIMIT_EXCEEDED", "variables")
	refused("7", subscribeMessage("7", "{ people { nodes { roles { totalCount } } } }"), "LIMIT_EXCEEDED", "depth")
	refused("7", subscribeMessage("7", "{ people { nope } }"), "GRAPHQL_VALIDATION_FAILED", "") // nothing was said of it after the error
	send(t, conn, subscribeMessage("8", "{ __typename } # "+strings.Repeat("x", 5000)))
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	if _, _, err := conn.Read(ctx); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
		t.Errorf("a message that is too long ends with %v", err)
	}
}

// All WebSockets together have a number of operations, and one that closes gives those back that it had.
func TestStreamOperations(t *testing.T) {
	_, s := serving(t, func(o *httpapi.Options) { o.Limits.MaxStreamOperations = 3 })
	full := func(conn *websocket.Conn, id string) bool {
		t.Helper()
		send(t, conn, subscribeMessage(id, "{ __typename }"))
		got := receive(t, conn)
		if strings.Contains(got, `"type":"error"`) {
			if !strings.Contains(got, `"SERVICE_UNAVAILABLE"`) {
				t.Fatalf("it is refused with %s", got)
			}
			return true
		}
		receive(t, conn) // complete
		return false
	}
	one, other := dial(t, s.URL), dial(t, s.URL)
	send(t, one, subscribeMessage("1", waiting))
	send(t, one, subscribeMessage("2", waiting))
	for _, conn := range []*websocket.Conn{one, one, other} {
		if full(conn, "3") {
			t.Error("there is no place for a third operation")
		}
	}
	send(t, other, subscribeMessage("1", waiting))
	if !full(other, "2") {
		t.Error("there is a place for a fourth operation")
	}
	_ = one.CloseNow()
	for begun := time.Now(); full(other, "2"); {
		if time.Since(begun) > soon {
			t.Fatal("a WebSocket that is closed keeps its places")
		}
	}
}

func TestSocketRate(t *testing.T) {
	_, s := serving(t, func(o *httpapi.Options) { o.Limits.MaxRate = 0.2 }) // two at once: the handshake is one
	conn := dial(t, s.URL)
	send(t, conn, subscribeMessage("1", "{ __typename }"))
	receive(t, conn)
	receive(t, conn)
	send(t, conn, subscribeMessage("2", "{ __typename }"))
	if got := receive(t, conn); !strings.Contains(got, `"RATE_LIMITED"`) || !strings.Contains(got, `"type":"error"`) {
		t.Errorf("one too many is answered %s", got)
	}
}

// Whatever is sent, an answer tells nothing of how the server is made.
func TestErrorsTellNoInternals(t *testing.T) {
	h := handler(t)
	bodies := []string{
		"", "{", "null", "7", `"x"`, "[", "[{}]", `{"query":7}`, `{"query":{}}`, `{"query":"{ __typename }","variables":"x"}`, `{"query":"{ __typename }","variables":[[]]}`,
		`{"query":"{ __typename }","operationName":7}`, `{"query":"{ __typename }","extensions":7}`, `{"query":"{ __typename }"} trailing`, "\x00\xff", `{"query":"\u0000"}`,
		`{"query":"{ __typename }","extensions":{"persistedQuery":7}}`, `{"query":"{ __typename }","extensions":{"persistedQuery":{"version":"x"}}}`,
		`{"query":"{ __typename }","extensions":{"persistedQuery":{"version":2,"sha256Hash":"x"}}}`, `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":{}}}}`,
		`{"query":"query($id: ID!) { person(id: $id) { name } }","variables":{"id":{}}}`, `{"query":"query($id: ID!) { person(id: $id) { name } }","variables":{"id":1.5}}`,
		`{"query":"query($w: PersonWhere) { people(where: $w) { totalCount } }","variables":{"w":7}}`, `{"query":"query($w: PersonWhere) { people(where: $w) { totalCount } }","variables":{"w":{"x":7}}}`,
		`{"query":"query($w: PersonWhere) { people(where: $w) { totalCount } }","variables":{"w":{"name":{"eq":{}}}}}`, `{"query":"query($w: Nothing) { people(where: $w) { totalCount } }"}`,
		`{"query":"query($w: Person) { people(where: $w) { totalCount } }","variables":{"w":{}}}`, `{"query":"query($i: [ID!]!) { nodes(ids: $i) { id } }","variables":{"i":[[["x"]]]}}`,
		`{"query":"query($i: [ID!]!) { nodes(ids: $i) { id } }","variables":{"i":{"a":"x"}}}`, `{"query":"query($d: EDTF) { timeline(from: $d) { totalCount } }","variables":{"d":{"a":[1]}}}`,
		`{"query":"{ person(id: \"x\") { name } }"}`, `{"query":"{ people(after: \"x\") { totalCount } }"}`, `{"query":"mutation { x }"}`, `{"query":"subscription { changed { id } }"}`,
		`{"query":"query($b: Boolean!) { __typename @skip(if: $b) }","variables":{"b":"x"}}`, `{"query":"{ __type(name: 7) { name } }"}`, `{"query":"{ __type { name } }"}`,
		`{"query":"query($n: String!) { __type(name: $n) { name } }","variables":{"n":null}}`, `{"query":"{ ...A }"}`, `{"query":"{ __typename @nothing }"}`,
	}
	for _, body := range bodies {
		for _, accept := range []string{asGraphQL, "text/event-stream"} {
			r := ask(h, http.MethodPost, "/graphql", body, "Content-Type", asJSON, "Accept", accept)
			answer := text(t, r)
			if !strings.Contains(answer, `"code":"`) || r.StatusCode >= 500 {
				t.Errorf("%s is answered %d %s", body, r.StatusCode, answer)
			}
			if found := internals.FindString(answer); found != "" {
				t.Errorf("%s: the answer tells %q: %s", body, found, answer)
			}
		}
	}
}

// internals are words of Go, of our libraries and of Neo4j.
var internals = regexp.MustCompile(`(?i)\.go\b|goroutine|panic|runtime|reflect|interface ?\{|map\[|struct|json:|strconv|gqlgen|gqlparser|mapstructure|unmarshal|nil\b|float64|int64|neo4j|bolt|MATCH \(|127\.0\.0\.1`)
