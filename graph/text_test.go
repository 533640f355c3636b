package graph_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"dossier/graph"
	"dossier/schema"
)

// The same request gives the same text, so that the database finds its plan again.
func TestTextIsTheSameEveryTime(t *testing.T) {
	s, o := load(t)
	for _, c := range cases(t, "compile") {
		var first []string
		for range 20 {
			statements, _, err := compile(s, o, c.part("query.graphql"), c.variables())
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			var texts []string
			for _, st := range statements {
				texts = append(texts, st.Text)
			}
			if first == nil {
				first = texts
			} else if !slices.Equal(first, texts) {
				t.Fatalf("%s: one text:\n%s\nanother:\n%s", c.name, strings.Join(first, "\n"), strings.Join(texts, "\n"))
			}
		}
	}
}

// What a client sends is in the parameters and never in the text: the text is that of a harmless request of the same
// form, and the database answers it.
func TestTextHoldsNoInput(t *testing.T) {
	s := newService(t)
	const text = `query ($id: ID!, $ids: [ID!]!, $s: String!, $after: String, $byName: String, $e: EDTF, $t: DateTime) {
  node(id: $id) { id }
  person(id: $id) { name claims(after: $after, where: {statement: {contains: $s}}) { nodes { id } } }
  nodes(ids: $ids) { id }
  people(where: {name: {eq: $s, ne: $s, in: [$s], startsWith: $s}, aliases: {contains: $s}, id: {in: $ids}}, orderBy: {field: NAME}, after: $byName) { nodes { id } totalCount pageInfo { hasPreviousPage } }
  claims(where: {or: [{document: {eq: $id}}, {about: {id: {eq: $id}}}, {attributedTo: {name: {contains: $s}}}, {madeOn: {before: $e}}, {recordedAt: {before: $t}}]}) { totalCount }
  relationships(where: {source: {name: {eq: $s}}, id: {ne: $id}}, before: $after) { totalCount }
}`
	send := func(input string) ([]string, json.RawMessage) {
		t.Helper()
		variables, err := json.Marshal(map[string]any{
			"id": input, "ids": []string{input, "elon-musk"}, "s": input, "e": "2018", "t": "2018-01-01T00:00:00Z",
			"after": cursor(t, "", input), "byName": cursor(t, "NAME", input, input),
		})
		if err != nil {
			t.Fatal(err)
		}
		got := s.query(t, text, variables, "cypher")
		if got.Errors != nil {
			t.Fatalf("%q: %s", input, got.Errors)
		}
		var out []string
		for _, e := range got.Extensions.Cypher {
			out = append(out, e.Statement)
		}
		return out, got.Data
	}
	plain, nothing := send("unremarkable")
	for _, input := range []string{
		`Robert'); MATCH (n) DETACH DELETE n //`, `"`, `'`, "`", "``", `\`, `\'`, `\u0027`, `'"` + "`" + `\$`, `$id`, `{id}`, `person1.name`, `}`, `' OR 1=1 OR '`,
		`x' RETURN n UNION MATCH (n) RETURN n //`, "\n// ", "/*", "\x00", "\U0001F600", strings.Repeat("`'", 5000), `(?i).*`,
	} {
		texts, data := send(input)
		if !slices.Equal(texts, plain) {
			t.Errorf("%.40q changes the text:\n%s", input, strings.Join(texts, "\n"))
		}
		if !bytes.Equal(data, nothing) {
			t.Errorf("%.40q finds something: %s", input, data)
		}
	}
	if rows := query(t, "MATCH (n:Person) RETURN count(n)", nil); rows[0][0] != int64(4) {
		t.Errorf("there are %v people left of 4", rows[0][0])
	}
}

// cursor is what the service gives for an item with these keys in an order.
func cursor(t testing.TB, order string, keys ...string) string {
	t.Helper()
	b, err := json.Marshal(append([]string{order}, keys...))
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// The text grows with what is asked for and not with the number of kinds to the power of the depth: a short request
// must not keep the compiler, or the database's, busy for long.
func TestTextGrowsWithTheQuery(t *testing.T) {
	s, o := load(t)
	for _, level := range []string{
		"relationship { ... on Sued { outcome } claims { nodes { id %s } } }",
		"relationship { source { ... on Person { name } } ... on Left { reason } id claims { nodes { id %s } } }",
	} {
		size := func(depth int) int {
			query := "{ claim(id: \"x\") { id %s } }"
			for range depth {
				query = strings.Replace(query, "%s", level, 1)
			}
			statements, valid, err := compile(s, o, strings.Replace(query, "%s", "", 1), nil)
			if err != nil || !valid {
				t.Fatal(valid, err)
			}
			return len(statements[0].Text)
		}
		if one, three := size(1), size(3); three > 20*one {
			t.Errorf("%s: the text has %d bytes at one level and %d at three", level, one, three)
		}
	}
}

// Fragments that unfold into millions of fields are refused before they cost anything.
func TestTooMuchIsRefused(t *testing.T) {
	s, o := load(t)
	for name, bomb := range map[string]struct{ start, level, end string }{
		"doubled": {
			`{ person(id: "x") { ...F12 } }`,
			` fragment F%d on Person { a: rivals { nodes { a { ...F%d } b { ...F%d } } } b: rivals { nodes { a { ...F%d } b { ...F%d } } } }`,
			` fragment F0 on Person { id }`,
		},
		"kinds": {
			`{ claim(id: "claim:x") { ...F12 } }`,
			` fragment F%d on Claim { relationship { ... on Sued { a: claims { nodes { ...F%d } } } ... on Left { b: claims { nodes { ...F%d } } } ... on Founded { c: claims { nodes { ...F%d } } } ... on HoldsRole { d: claims { nodes { ...F%d } } } } }`,
			` fragment F0 on Claim { id }`,
		},
	} {
		query := bomb.start
		for i := 12; i > 0; i-- {
			query += fmt.Sprintf(bomb.level, i, i-1, i-1, i-1, i-1)
		}
		_, valid, err := compile(s, o, query+bomb.end, nil)
		if e := (*graph.Error)(nil); !valid || !errors.As(err, &e) || e.Code != graph.BadUserInput {
			t.Errorf("%s: a request for 4^12 lists is valid=%t and gives %v", name, valid, err)
		}
	}
}

// A filter may have so many conditions, and one of more is refused.
func TestConditions(t *testing.T) {
	s, o := load(t)
	for n, want := range map[int]string{
		graph.MaxConditions - 1: "",
		graph.MaxConditions:     `argument "where.or.99": the request asks for too much at once: its filters have more than 100 objects of conditions; many values of one field can be given as in`,
	} {
		query := `{ claims(where: {or: [` + strings.Repeat(`{statement: {contains: "x"}} `, n) + `]}) { totalCount } }`
		_, valid, err := compile(s, o, query, nil)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if !valid || got != want {
			t.Errorf("%d conditions: valid %t, error %q, want %q", n, valid, got, want)
		}
	}
}

// Whatever passes the validation compiles or is refused, and gives the same text each time.
func FuzzCompile(f *testing.F) {
	s, o := load(f)
	for _, folder := range []string{"compile", "errors"} {
		for _, c := range cases(f, folder) {
			f.Add(c.part("query.graphql"), string(c.variables()))
		}
	}
	f.Fuzz(func(t *testing.T, query, variables string) {
		if len(query) > 5000 {
			t.Skip("larger than a fuzzer gains from")
		}
		compilesAlways(t, s, o, query, json.RawMessage(variables))
	})
}

// Filters of every list, as deep as they may be.
func FuzzFilters(f *testing.F) {
	s, o := load(f)
	var lists []*ast.FieldDefinition
	for _, field := range s.Query.Fields {
		if field.Arguments.ForName("where") != nil {
			lists = append(lists, field)
		}
	}
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		d := &drawer{r: t, schema: s}
		list := rapid.SampledFrom(lists).Draw(t, "list")
		where := d.value(list.Arguments.ForName("where").Type, 4)
		compilesAlways(t, s, o, fmt.Sprintf("{ %s(where: %s) { totalCount nodes { id } } }", list.Name, literal(where)), nil)
	}))
}

// compilesAlways checks that a request compiles to the same text each time, or is refused as the client's mistake.
func compilesAlways(t rapid.TB, s *ast.Schema, o *schema.Ontology, query string, variables json.RawMessage) {
	t.Helper()
	first, _, err := compile(s, o, query, variables)
	if err != nil {
		if e := (*graph.Error)(nil); !errors.As(err, &e) || e.Code != graph.BadUserInput || len(e.Path) == 0 {
			t.Fatalf("an error that is not the client's, or nowhere: %v", err)
		}
		return
	}
	second, _, _ := compile(s, o, query, variables)
	for i := range first {
		if first[i].Text != second[i].Text {
			t.Fatalf("two texts of one request:\n%s\n%s", first[i].Text, second[i].Text)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	s, o := load(b)
	for _, c := range cases(b, "compile") {
		if !strings.HasPrefix(c.name, "issue-") {
			continue
		}
		b.Run(strings.TrimPrefix(c.name, "issue-"), func(b *testing.B) {
			fields, _ := rootFields(s, c.part("query.graphql"), nil)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := graph.Compile(s, o, rootOf(fields[0].Field), fields[0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
