package graph_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
	"golang.org/x/tools/txtar"

	"dossier/graph"
	"dossier/graph/exec"
	"dossier/internal/neo4jtest"
	"dossier/resolvers"
	"dossier/schema"
	"dossier/seed"
)

var update = flag.Bool("update", false, "write what the cases give into testdata as what they want")

func TestMain(m *testing.M) { neo4jtest.Main(m) }

func load(t testing.TB) (*ast.Schema, *schema.Ontology) {
	t.Helper()
	s, o, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	return s, o
}

// A service answers GraphQL from a database that holds the default pack.
type service struct {
	graph    *graph.Graph
	schema   *ast.Schema
	ontology *schema.Ontology
	handler  http.Handler
}

func newService(t *testing.T) *service {
	t.Helper()
	g := emptyGraph(t)
	s, o := load(t)
	h := handler.New(exec.NewExecutableSchema(exec.Config{Schema: s, Resolvers: &resolvers.Resolver{Graph: g}}))
	h.AddTransport(transport.POST{})
	h.Use(extension.Introspection{})
	h.Use(resolvers.Explain{})
	h.SetErrorPresenter(graphql.ErrorPresenterFunc(resolvers.Present))
	out := &service{g, s, o, h}
	out.reset(t)
	return out
}

// reset brings the database back to the default pack.
func (s *service) reset(t testing.TB) {
	t.Helper()
	neo4jtest.ClearData(t)
	if _, err := seed.Load(t.Context(), s.graph, s.ontology, seed.Options{}); err != nil {
		t.Fatal(err)
	}
	s.fixClock(t)
}

// record stores a batch.
func (s *service) record(t testing.TB, b graph.Batch) {
	t.Helper()
	if _, err := s.graph.Record(t.Context(), "tester", b); err != nil {
		t.Fatal(err)
	}
	s.fixClock(t)
}

// fixClock makes all times of recording the same, so that answers can be compared with a file.
func (s *service) fixClock(t testing.TB) {
	t.Helper()
	query(t, `MATCH (n) SET n += {recordedAt: CASE WHEN n.recordedAt IS NOT NULL THEN $at END, knownFrom: CASE WHEN n.knownFrom IS NOT NULL THEN $at END, at: CASE WHEN n.at IS NOT NULL THEN $at END}`, clock)
	query(t, `MATCH ()-[r]->() SET r += {recordedAt: CASE WHEN r.recordedAt IS NOT NULL THEN $at END, knownFrom: CASE WHEN r.knownFrom IS NOT NULL THEN $at END}`, clock)
}

// clock is the instant that fixClock sets.
var clock = map[string]any{"at": time.Date(2025, 1, 2, 3, 4, 5, 0, time.FixedZone("Offset", 0))}

// A response is what a client gets; its parts are kept as they were written.
type response struct {
	Data       json.RawMessage `json:"data,omitempty"`
	Errors     json.RawMessage `json:"errors,omitempty"`
	Extensions *struct {
		Cypher []struct {
			Field      string
			Statement  string
			Parameters json.RawMessage
		}
	} `json:"extensions,omitempty"`
}

// query sends an operation through gqlgen's handler. Variables are JSON, or nil; explain is "cypher" to see statements.
func (s *service) query(t testing.TB, query string, variables json.RawMessage, explain string) response {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(resolvers.ExplainHeader, explain)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	var out response
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("the answer is no JSON: %v\n%s", err, w.Body)
	}
	return out
}

// A testCase is a txtar file: query.graphql, perhaps variables.json and write.yaml (a batch to record first), and then
// what is wanted. The comment at its start says what it shows.
type testCase struct {
	name, file string
	archive    *txtar.Archive
}

func cases(t testing.TB, folder string) []testCase {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in testdata/%s (%v)", folder, err)
	}
	var out []testCase
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := testCase{strings.TrimSuffix(filepath.Base(file), ".txtar"), file, a}
		if len(bytes.TrimSpace(a.Comment)) == 0 {
			t.Errorf("%s: the comment that says what it shows is missing", file)
		}
		if c.part("query.graphql") == "" {
			t.Fatalf("%s: query.graphql is missing", file)
		}
		out = append(out, c)
	}
	return out
}

func (c testCase) part(name string) string {
	for _, f := range c.archive.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func (c testCase) variables() json.RawMessage {
	if v := c.part("variables.json"); v != "" {
		return json.RawMessage(v)
	}
	return nil
}

// batch is what write.yaml holds: a graph.Batch, its fields' names starting in lower case.
func (c testCase) batch(t testing.TB) (b graph.Batch, ok bool) {
	t.Helper()
	text := c.part("write.yaml")
	if text == "" {
		return b, false
	}
	var content any
	if err := yaml.Unmarshal([]byte(text), &content); err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(pretty(t, content)))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		t.Fatal(err)
	}
	for _, e := range b.Entities {
		for name, v := range e.Properties {
			if date, ok := v.(map[string]any); ok {
				e.Properties[name] = graph.PartialDate{EDTF: date["edtf"].(string)}
			}
		}
	}
	return b, true
}

// want compares what a case gives with its file's parts after the given ones, or writes them there.
func (c testCase) want(t *testing.T, got ...txtar.File) {
	t.Helper()
	given := slices.DeleteFunc(slices.Clone(c.archive.Files), func(f txtar.File) bool {
		return !slices.Contains([]string{"query.graphql", "variables.json", "write.yaml"}, f.Name)
	})
	text := txtar.Format(&txtar.Archive{Comment: c.archive.Comment, Files: append(given, got...)})
	if *update {
		if err := os.WriteFile(c.file, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(txtar.Format(c.archive)), string(text)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", c.file, diff)
	}
}

func pretty(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// rootFields are the fields of an operation that read the graph, as the executor hands them to graph.Read. It returns
// false for an operation that the validation refuses.
func rootFields(s *ast.Schema, query string, variables json.RawMessage) (out []graph.Selection, valid bool) {
	doc, invalid := gqlparser.LoadQueryWithRules(s, query, rules.NewDefaultRules())
	if invalid != nil || len(doc.Operations) == 0 || doc.Operations[0].Operation != ast.Query {
		return nil, false
	}
	given := map[string]any{}
	if len(variables) > 0 {
		d := json.NewDecoder(bytes.NewReader(variables))
		d.UseNumber()
		if d.Decode(&given) != nil {
			return nil, false
		}
	}
	op := doc.Operations[0]
	coerced, refused := validator.VariableValues(s, op, given)
	if refused != nil {
		return nil, false
	}
	for _, f := range graphql.CollectFields(&graphql.OperationContext{Doc: doc, Operation: op, Variables: coerced}, op.SelectionSet, []string{"Query"}) {
		if !strings.HasPrefix(f.Name, "__") {
			out = append(out, graph.Selection{Field: f.Field, Set: f.Selections, Variables: coerced, Operation: op, Query: query})
		}
	}
	return out, true
}

// rootOf says what a root field asks for.
func rootOf(f *ast.Field) graph.Root {
	if root, ok := map[string]graph.Root{"neighborhood": graph.Neighborhood, "paths": graph.Paths, "timeline": graph.Timeline,
		"search": graph.Search, "statistics": graph.Counts, "changes": graph.Changes, "diff": graph.Diff}[f.Name]; ok {
		return root
	}
	switch {
	case f.Name == "nodes":
		return graph.Many
	case strings.HasSuffix(f.Definition.Type.Name(), "Connection"):
		return graph.List
	}
	return graph.One
}

// compile compiles every root field of an operation.
func compile(s *ast.Schema, o *schema.Ontology, query string, variables json.RawMessage) (out []graph.Statement, valid bool, err error) {
	fields, valid := rootFields(s, query, variables)
	for _, f := range fields {
		st, err := graph.Compile(s, o, rootOf(f.Field), f)
		if err != nil {
			return nil, true, err
		}
		out = append(out, st)
	}
	return out, valid, nil
}
