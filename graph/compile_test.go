package graph_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"dossier/graph"
	"dossier/internal/neo4jtest"
)

// Each case: the statement of each root field, its parameters, and the answer that the database gives. Every statement
// finds what it starts from by an index or a label, and goes on by relationships.
func TestCompile(t *testing.T) {
	s := newService(t)
	for _, c := range cases(t, "compile") {
		t.Run(c.name, func(t *testing.T) {
			if b, ok := c.batch(t); ok {
				s.record(t, b)
				defer s.reset(t)
			}
			got := s.query(t, c.part("query.graphql"), c.variables(), "cypher")
			if got.Extensions == nil {
				t.Fatalf("no statements: %s", got.Errors)
			}
			var cypher bytes.Buffer
			params := map[string]any{}
			for _, e := range got.Extensions.Cypher {
				fmt.Fprintf(&cypher, "// %s\n%s\n", e.Field, e.Statement)
				params[e.Field] = e.Parameters
			}
			got.Extensions = nil
			c.want(t,
				txtar.File{Name: "cypher", Data: cypher.Bytes()},
				txtar.File{Name: "params.json", Data: pretty(t, params)},
				txtar.File{Name: "result.json", Data: pretty(t, got)})

			statements, _, err := compile(s.schema, s.ontology, c.part("query.graphql"), c.variables())
			if err != nil {
				t.Fatal(err)
			}
			for _, st := range statements {
				answersAnyWay(t, neo4jtest.Driver(t), st)
				for _, operator := range explain(t, st.Text, st.Params) {
					if strings.HasPrefix(operator, "CartesianProduct") || strings.HasPrefix(operator, "AllNodesScan") {
						t.Errorf("%s in the plan of\n%s", operator, st.Text)
					}
				}
			}
		})
	}
}

// answersAnyWay checks that a statement gives the same where a node's lists are taken for a crowd's, and for several
// requests at once.
func answersAnyWay(t rapid.TB, driver neo4j.DriverWithContext, st graph.Statement) {
	t.Helper()
	alone := answers(t, driver, st.Text, st.Params)
	if crowded := strings.NewReplacer("LIMIT 101", "LIMIT 1", "> 100 THEN", "> 0 THEN").Replace(st.Text); crowded != st.Text {
		if diff := gocmp.Diff(fmt.Sprint(alone), fmt.Sprint(answers(t, driver, crowded, st.Params))); diff != "" {
			t.Errorf("few (-), a crowd (+):\n%s\nin\n%s", diff, crowded)
		}
	}
	if !st.Alone() {
		answersTogether(t, driver, st)
	}
}

// answersTogether checks that several requests that are answered with one statement get what each would get alone: the
// case's own, with one between them that has no answer or another.
func answersTogether(t rapid.TB, driver neo4j.DriverWithContext, st graph.Statement) {
	t.Helper()
	other := maps.Clone(st.Params)
	for name, v := range other {
		switch v := v.(type) {
		case string:
			if name == "id" {
				other[name] = "nobody"
			}
		case []any:
			other[name] = v[:len(v)/2]
		}
	}
	var want []any
	var requests []any
	params := map[string]any{}
	for i, p := range []map[string]any{st.Params, other, st.Params} {
		for _, answer := range answers(t, driver, st.Text, p) {
			want = append(want, []any{int64(i), answer})
		}
		request := maps.Clone(p)
		request["position"] = i
		requests = append(requests, request)
	}
	for _, name := range st.Limits() {
		params[name] = st.Params[name]
	}
	params["batch"] = map[string]any{"requests": requests}
	got := answers(t, driver, graph.ForSeveral(st), params)[0].([]any)
	slices.SortFunc(got, func(a, b any) int { return cmp.Compare(a.([]any)[0].(int64), b.([]any)[0].(int64)) })
	if diff := gocmp.Diff(fmt.Sprint(want...), fmt.Sprint(got...)); diff != "" {
		t.Errorf("together (-alone +together):\n%s\nin\n%s", diff, graph.ForSeveral(st))
	}
}

// answers runs a statement and returns what it answers with, of each row the first value.
func answers(t rapid.TB, driver neo4j.DriverWithContext, text string, params map[string]any) []any {
	t.Helper()
	result, err := neo4j.ExecuteQuery(context.Background(), driver, text, params, neo4j.EagerResultTransformer)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	out := []any{}
	for _, r := range result.Records {
		out = append(out, r.Values[0])
	}
	return out
}

// explain returns the operators of a statement's plan.
func explain(t *testing.T, text string, params map[string]any) []string {
	t.Helper()
	result, err := neo4j.ExecuteQuery(t.Context(), neo4jtest.Driver(t), "EXPLAIN "+text, params, neo4j.EagerResultTransformer)
	if err != nil {
		t.Fatal(err)
	}
	var operators func(neo4j.Plan) []string
	operators = func(p neo4j.Plan) []string {
		out := []string{p.Operator()}
		for _, child := range p.Children() {
			out = append(out, operators(child)...)
		}
		return out
	}
	return operators(result.Summary.Plan())
}
