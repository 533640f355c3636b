package graph_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"dossier/graph"
)

// What is kept of one request answers another exactly as if it had been compiled anew. In every case, the ids become
// variables; then it is compiled with other ids, and after that with its own.
func TestPlansAreWhatCompileGives(t *testing.T) {
	s, o := load(t)
	kept, all := 0, 0
	for _, c := range cases(t, "compile") {
		plans := graph.NewPlans(s, o)
		fields, _ := rootFields(s, c.part("query.graphql"), c.variables())
		for _, own := range fields {
			idsToVariables(&own)
			others := own
			others.Variables = map[string]any{}
			for name, v := range own.Variables {
				others.Variables[name] = otherIDs(own.Operation.VariableDefinitions.ForName(name).Type, v)
			}
			for _, sel := range []graph.Selection{others, own, others} {
				want, wantErr := graph.Compile(s, o, rootOf(sel.Field), sel)
				got, err := plans.Compile(rootOf(sel.Field), sel)
				if fmt.Sprint(err) != fmt.Sprint(wantErr) || !reflect.DeepEqual(got, want) {
					t.Errorf("%s: kept:\n%+v %v\ncompiled:\n%+v %v", c.name, got, err, want, wantErr)
				}
			}
			all++
			if plans.Kept(own) {
				kept++
			}
		}
	}
	if kept < all*9/10 {
		t.Errorf("of %d statements only %d are kept", all, kept)
	}
}

// What steers the text tells requests apart: the same operation, other variables.
func TestPlansTellRequestsApart(t *testing.T) {
	s, o := load(t)
	plans := graph.NewPlans(s, o)
	const query = `query($id: ID!, $ids: [ID!], $both: [ID!]!, $first: Int, $more: Boolean!, $e: EDTF, $where: ClaimWhere, $by: EntityOrder) {
  entity(id: $id, asOf: {validAt: $e}) { ... on Person @include(if: $more) { name } claims(first: $first, where: $where) { nodes { id } } }
  timeline(about: $ids, from: $e, first: $first) { nodes { what } }
  neighborhood(around: $both) { truncated }
  people(orderBy: $by, first: $first) { nodes { id } }
  node(id: $id) { id ... on Claim { statement } ... on CoFounded { company { name } } }
}`
	for _, variables := range []string{
		`{"id": "a", "both": ["a", "b"], "more": true}`,
		`{"id": "a", "both": ["a", "b"], "more": false}`,
		`{"id": "a", "both": ["a", "a"], "more": true}`,
		`{"id": "c", "both": ["b", "a"], "more": true}`,
		`{"id": "claim:a", "both": ["a"], "more": true}`,
		`{"id": "co-founded:a", "both": ["a"], "more": false}`,
		`{"id": 5, "both": "a", "more": false}`,
		`{"id": "a", "both": ["a"], "ids": [], "more": false}`,
		`{"id": "a", "both": ["a"], "ids": null, "more": false, "first": null}`,
		`{"id": "a", "both": ["a"], "ids": ["a"], "more": false, "first": 0}`,
		`{"id": "a", "both": ["a"], "ids": ["a"], "more": false, "first": 2, "e": "2018"}`,
		`{"id": "a", "both": ["a"], "ids": ["a"], "more": false, "first": 2, "e": "nonsense"}`,
		`{"id": "a", "both": ["a"], "more": true, "where": {"statement": {"contains": "a"}}}`,
		`{"id": "a", "both": ["a"], "more": true, "where": {"statement": {"contains": "b"}}}`,
		`{"id": "a", "both": ["a"], "more": true, "where": {"about": {"id": {"in": ["a", "b"]}}}}`,
		`{"id": "a", "both": ["a"], "more": true, "by": {"field": "NAME", "direction": "DESC"}}`,
		`{"id": "", "both": ["\u0000id0"], "more": true}`,
	} {
		fields, valid := rootFields(s, query, []byte(variables))
		if !valid {
			t.Fatalf("not valid: %s", variables)
		}
		for range 2 {
			for _, sel := range fields {
				want, wantErr := graph.Compile(s, o, rootOf(sel.Field), sel)
				got, err := plans.Compile(rootOf(sel.Field), sel)
				if fmt.Sprint(err) != fmt.Sprint(wantErr) || !reflect.DeepEqual(got, want) {
					t.Errorf("%s of %s: kept:\n%+v %v\ncompiled:\n%+v %v", sel.Field.Name, variables, got, err, want, wantErr)
				}
			}
		}
	}
}

// idsToVariables makes a variable of every id that an argument below a root field gives.
func idsToVariables(sel *graph.Selection) {
	operation := *sel.Operation
	variables := map[string]any{}
	for name, v := range sel.Variables {
		variables[name] = v
	}
	operation.VariableDefinitions = append(ast.VariableDefinitionList{}, operation.VariableDefinitions...)
	var value func(v *ast.Value)
	value = func(v *ast.Value) {
		if v.Kind == ast.StringValue && v.ExpectedType != nil && v.ExpectedType.NamedType == "ID" {
			name := fmt.Sprintf("id_%d", len(variables))
			variables[name] = v.Raw
			definition := &ast.VariableDefinition{Variable: name, Type: v.ExpectedType}
			operation.VariableDefinitions = append(operation.VariableDefinitions, definition)
			v.Kind, v.Raw, v.VariableDefinition = ast.Variable, name, definition
		}
		for _, child := range v.Children {
			value(child.Value)
		}
	}
	var field func(f *ast.Field)
	var set func(s ast.SelectionSet)
	field = func(f *ast.Field) {
		for _, a := range f.Arguments {
			value(a.Value)
		}
		set(f.SelectionSet)
	}
	set = func(s ast.SelectionSet) {
		for _, selection := range s {
			switch selection := selection.(type) {
			case *ast.Field:
				field(selection)
			case *ast.InlineFragment:
				set(selection.SelectionSet)
			case *ast.FragmentSpread:
				set(selection.Definition.SelectionSet)
			}
		}
	}
	field(sel.Field)
	set(sel.Set)
	sel.Operation, sel.Variables = &operation, variables
}

// otherIDs are ids of the same kinds of things as those of a variable, whose other values stay as they are.
func otherIDs(t *ast.Type, v any) any {
	switch v := v.(type) {
	case string:
		if t.NamedType == "ID" {
			prefix, rest, prefixed := strings.Cut(v, ":")
			if prefixed {
				return prefix + ":other-" + rest
			}
			return "other-" + v
		}
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = otherIDs(t.Elem, v[i])
		}
		return out
	}
	return v
}
