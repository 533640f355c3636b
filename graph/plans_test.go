package graph_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"dossier/graph"
	"dossier/schema"
)

// What is kept of one request answers another exactly as if it had been compiled anew. In every case, texts or whole
// inputs become variables; then it is compiled with others, and after that with its own.
func TestPlansAreWhatCompileGives(t *testing.T) {
	s, o := load(t)
	kept, all := 0, 0
	for _, c := range cases(t, "compile") {
		for _, isOne := range []func(*ast.Value) bool{isText, isInput} {
			plans := graph.NewPlans(s, o)
			fields, _ := rootFields(s, c.part("query.graphql"), c.variables())
			for _, own := range fields {
				valuesToVariables(&own, isOne)
				others := own
				others.Variables = map[string]any{}
				for name, v := range own.Variables {
					others.Variables[name] = otherValues(s, own.Operation.VariableDefinitions.ForName(name).Type, v)
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
	}
	if kept < all*9/10 {
		t.Errorf("of %d statements only %d are kept", all, kept)
	}
}

// Random operations, each with several random sets of variables.
func TestPlansOfRandomOperations(t *testing.T) {
	s, o := load(t)
	kept := 0
	rapid.Check(t, func(r *rapid.T) {
		plans := graph.NewPlans(s, o)
		d := &drawer{r: r, schema: s}
		root := d.field(rapid.SampledFrom(d.roots()).Draw(r, "root"), rapid.IntRange(1, 4).Draw(r, "depth"), 0)
		query, variables, types := write(root, r)
		for range 6 {
			kept += keptAsCompiled(r, query, variables, s, o, plans)
			others := map[string]any{}
			for name, typ := range types {
				others[name] = d.value(typ, 2)
			}
			variables, _ = json.Marshal(others)
		}
	})
	if kept == 0 {
		t.Error("no statement was kept")
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
  paths(from: $id, to: "cyd") { length }
}`
	for _, variables := range []string{
		`{"id": "ann", "both": ["ann", "bob"], "more": true}`,
		`{"id": "ann", "both": ["ann", "bob"], "more": false}`,
		`{"id": "ann", "both": ["ann", "ann"], "more": true}`,
		`{"id": "dan", "both": ["bob", "ann"], "more": true}`,
		`{"id": "cyd", "both": ["bob", "ann"], "more": true}`,
		`{"id": "claim:a", "both": ["ann"], "more": true}`,
		`{"id": "co-founded:a", "both": ["ann"], "more": false}`,
		`{"id": 5, "both": "ann", "more": false}`,
		`{"id": "ann", "both": ["ann"], "ids": [], "more": false}`,
		`{"id": "ann", "both": ["ann"], "ids": null, "more": false, "first": null}`,
		`{"id": "ann", "both": ["ann"], "ids": ["ann"], "more": false, "first": 0}`,
		`{"id": "ann", "both": ["ann"], "ids": ["ann"], "more": false, "first": 2, "e": "2018"}`,
		`{"id": "ann", "both": ["ann"], "ids": ["ann"], "more": false, "first": 2, "e": "nonsense"}`,
		`{"id": "ann", "both": ["ann"], "more": true, "where": {"statement": {"contains": "ann"}}}`,
		`{"id": "ann", "both": ["ann"], "more": true, "where": {"statement": {"contains": "bob"}}}`,
		`{"id": "ann", "both": ["ann"], "more": true, "where": {"statement": {"contains": "Zoe\u0308"}}}`,
		`{"id": "ann", "both": ["ann"], "more": true, "where": {"about": {"id": {"in": ["ann", "bob"]}}}}`,
		`{"id": "ann", "both": ["ann"], "more": true, "by": {"field": "NAME", "direction": "DESC"}}`,
		`{"id": "", "both": ["\u0000id0"], "more": true}`,
	} {
		for range 2 {
			keptAsCompiled(t, query, []byte(variables), s, o, plans)
		}
	}
}

// A list of a hundred ids is kept, a longer one is compiled each time.
func TestPlansOfLongLists(t *testing.T) {
	s, o := load(t)
	for length, kept := range map[int]bool{1: true, 100: true, 101: false, 1000: false, 20_000: false} {
		plans := graph.NewPlans(s, o)
		for _, name := range []string{"first", "second"} {
			ids := make([]string, length)
			for i := range ids {
				ids[i] = fmt.Sprint(name, i)
			}
			variables, _ := json.Marshal(map[string]any{"ids": ids})
			if got := keptAsCompiled(t, `query($ids: [ID!]) { people(where: {id: {in: $ids}}) { nodes { name } } }`, variables, s, o, plans); (got == 1) != kept {
				t.Errorf("%d ids: %d statements kept", length, got)
			}
		}
	}
}

// What a search is for is put into what is kept, unless it is used for something else too.
func TestPlansOfSearches(t *testing.T) {
	s, o := load(t)
	plans := graph.NewPlans(s, o)
	for query, kept := range map[string]bool{
		`query($t: String!, $first: Int) { search(text: $t, first: $first) { edges { score node { ... on Entity { id } } } } }`:             true,
		`query($t: String!) { search(text: $t) { nodes { ... on Person { claims(where: {statement: {contains: $t}}) { totalCount } } } } }`: false,
		`query($t: String!) { search(text: "x", after: $t) { edges { score } } }`:                                                           false,
	} {
		for i, typed := range []string{"open ai", "Zoe\u0308", "Élon", " x.ai gpt4 ", "elon", "the", "", "!", strings.Repeat("a", 201), "a b c d e f g h i j k"} {
			fields, valid := rootFields(s, query, fmt.Appendf(nil, `{"t": %q, "first": 3}`, typed))
			if !valid {
				t.Fatalf("not valid: %s", query)
			}
			want, wantErr := graph.Compile(s, o, graph.Search, fields[0])
			if i > 0 && wantErr == nil && plans.Kept(fields[0]) != kept {
				t.Errorf("%s: kept for %q: %v", query, typed, !kept)
			}
			got, err := plans.Compile(graph.Search, fields[0])
			if fmt.Sprint(err) != fmt.Sprint(wantErr) || !reflect.DeepEqual(got, want) {
				t.Errorf("%s of %q: kept:\n%+v %v\ncompiled:\n%+v %v", query, typed, got, err, want, wantErr)
			}
		}
	}
}

// Days are told apart by their order, from one another and from those of the text; cursors by what the order compares.
func TestPlansTellDaysApart(t *testing.T) {
	s, o := load(t)
	plans := graph.NewPlans(s, o)
	const query = `query($a: EDTF!, $b: EDTF!, $c: String, $t: String!) {
  between: timeline(from: $a, to: $b, after: $c, first: 2) { nodes { what } }
  since: timeline(from: $a, to: "2020", first: 2) { nodes { what } }
  until: timeline(from: "2010", to: $b, first: 2) { nodes { what } }
  relationships(where: {validFrom: {after: $a, before: $b, overlaps: "0001-01-01"}}, orderBy: {field: VALID_FROM}, after: $c) { nodes { id } }
  company(id: "openai", asOf: {validAt: $a}) { name roles(before: $c, last: 3) { nodes { id } } }
  people(orderBy: {field: NAME}, after: $c) { nodes { name } }
  claims(orderBy: {field: RECORDED_AT}, after: $c) { nodes { id } }
  search(text: $t) { edges { score } }
  diff(from: {validAt: $a}, to: {validAt: $b}) { nodes { what } }
}`
	cursor := func(keys ...string) string {
		b, err := json.Marshal(keys)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	kept := 0
	for _, days := range [][2]string{
		{"2015-01-01", "2016-01-01"}, {"2015-02-03", "2016-02-03"}, {"2016-01-01", "2015-01-01"}, {"2016-01-01", "2016-01-01"},
		{"2015", "2016-01-01"}, {"2015", "2015-12-31"}, {"2015", "2015-01-01"}, {"2015-01/2015-06", "2015-03"}, {"2015~", "2016?"},
		{"2021", "2022"}, {"2008", "2009"}, {"2008", "2020"}, {"2010", "2020-12-31"}, {"0001-01-01", "9998-01-01"},
		{"0001-01-01", "0001-01-01"}, {"9999-12-31", "9999-12-31"}, {"nonsense", "2016"}, {"2015/..", "2016"}, {"0000", "0001"},
	} {
		for _, c := range []any{
			nil, "", "words", cursor(), cursor("NAME"), cursor("NAME", "Sam", "sam-altman"), cursor("NAME", "2015-01-01", "sam-altman"), cursor("NAME", "42", "openai"),
			cursor("NAME", "openai", "openai"), cursor("", "left:a"), cursor("VALID_FROM", "2015-01-01", "left:a"), cursor("VALID_FROM", "2016", "left:a"),
			cursor("TIMELINE", "2015-01-01", "2015-12-31", "2", "left:a"), cursor("TIMELINE", "0001-01-01", "9998-01-01", "4", "left:b"),
			cursor("RECORDED_AT", "2026-01-01T00:00:00Z", "claim:a"), cursor("RECORDED_AT", "2026-01-01", "claim:a"),
		} {
			variables := map[string]any{"a": days[0], "b": days[1], "t": "words"}
			if c != nil {
				variables["c"], variables["t"] = c, c
			}
			given, err := json.Marshal(variables)
			if err != nil {
				t.Fatal(err)
			}
			kept += keptAsCompiled(t, query, given, s, o, plans)
		}
	}
	if kept < 500 {
		t.Errorf("only %d statements come from what is kept", kept)
	}
}

// Instants are told apart by their order, whatever the offset that they are written with.
func TestPlansTellInstantsApart(t *testing.T) {
	s, o := load(t)
	plans := graph.NewPlans(s, o)
	const query = `query($a: DateTime!, $b: DateTime!, $c: String, $in: AsOf, $where: ClaimWhere) {
  diff(from: {knownAt: $a}, to: {knownAt: $b}) { nodes { what } }
  company(id: "openai", asOf: {knownAt: $a, validAt: "2015"}) { name roles(first: 3) { totalCount nodes { id } } }
  person(id: "elon-musk", asOf: $in) { name }
  claims(where: {recordedAt: {after: $a, before: "2020-01-01T00:00:00Z"}}, orderBy: {field: RECORDED_AT}, after: $c) { nodes { id } }
  filtered: claims(where: $where) { nodes { id } }
  changes(since: $b) { nodes { id } }
}`
	kept := 0
	texts := []string{"2015-01-01T00:00:00Z", "2015-01-01T02:00:00+02:00", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9998-01-01T00:00:00Z", "2015", "nonsense"}
	for _, a := range texts {
		for _, b := range texts {
			cursor, err := json.Marshal([]string{"RECORDED_AT", b, "claim:a"})
			if err != nil {
				t.Fatal(err)
			}
			given, err := json.Marshal(map[string]any{"a": a, "b": b, "c": base64.RawURLEncoding.EncodeToString(cursor), "in": map[string]any{"knownAt": a, "validAt": "2015"},
				"where": map[string]any{"or": []any{map[string]any{"recordedAt": map[string]any{"before": b}}, map[string]any{"statement": map[string]any{"in": []any{a, "x"}}}}}})
			if err != nil {
				t.Fatal(err)
			}
			kept += keptAsCompiled(t, query, given, s, o, plans)
		}
	}
	if kept < 100 {
		t.Errorf("only %d statements come from what is kept", kept)
	}
}

// keptAsCompiled checks that an operation's fields come from plans as they are compiled, and returns how many are kept.
func keptAsCompiled(t rapid.TB, query string, variables []byte, s *ast.Schema, o *schema.Ontology, plans graph.Plans) (kept int) {
	t.Helper()
	fields, valid := rootFields(s, query, variables)
	if !valid {
		t.Fatalf("not valid: %s", variables)
	}
	for _, sel := range fields {
		want, wantErr := graph.Compile(s, o, rootOf(sel.Field), sel)
		got, err := plans.Compile(rootOf(sel.Field), sel)
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || !reflect.DeepEqual(got, want) {
			t.Errorf("%s of %s: kept:\n%+v %v\ncompiled:\n%+v %v", sel.Field.Alias, variables, got, err, want, wantErr)
		}
		if plans.Kept(sel) {
			kept++
		}
	}
	return kept
}

func isText(v *ast.Value) bool {
	return v.Kind == ast.StringValue && slices.Contains([]string{"ID", "EDTF", "DateTime", "String"}, v.ExpectedType.Name())
}

func isInput(v *ast.Value) bool { return v.Kind == ast.ObjectValue }

// valuesToVariables makes variables of some of the values that arguments below a root field have.
func valuesToVariables(sel *graph.Selection, some func(*ast.Value) bool) {
	operation := *sel.Operation
	variables := map[string]any{}
	for name, v := range sel.Variables {
		variables[name] = v
	}
	operation.VariableDefinitions = append(ast.VariableDefinitionList{}, operation.VariableDefinitions...)
	var value func(v *ast.Value)
	value = func(v *ast.Value) {
		if v.ExpectedType != nil && some(v) {
			name := fmt.Sprintf("value_%d", len(variables))
			if given, err := v.Value(sel.Variables); err == nil {
				variables[name] = given
				definition := &ast.VariableDefinition{Variable: name, Type: v.ExpectedType}
				operation.VariableDefinitions = append(operation.VariableDefinitions, definition)
				v.Kind, v.Raw, v.VariableDefinition = ast.Variable, name, definition
				v.Children = nil
			}
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

// cursorKeys are what a cursor holds, nil for what is none.
func cursorKeys(text string) (keys []string) {
	if b, err := base64.RawURLEncoding.DecodeString(text); err == nil {
		_ = json.Unmarshal(b, &keys)
	}
	return keys
}

var year = regexp.MustCompile(`\b\d{4}\b`)

// otherValues are ids of the same kinds of things as those of a variable, other times, texts or cursors; what else
// variables hold stays as it is.
func otherValues(s *ast.Schema, t *ast.Type, v any) any {
	laterYears := func(text string) string {
		return year.ReplaceAllStringFunc(text, func(y string) string {
			n, _ := strconv.Atoi(y)
			return fmt.Sprintf("%04d", n+4)
		})
	}
	switch v := v.(type) {
	case string:
		keys := cursorKeys(v)
		switch {
		case t.NamedType == "ID":
			prefix, rest, prefixed := strings.Cut(v, ":")
			if prefixed {
				return prefix + ":other-" + rest
			}
			return "other-" + v
		case t.NamedType == "EDTF", t.NamedType == "DateTime":
			return laterYears(v)
		case keys != nil:
			for i, k := range keys[1:] {
				if keys[i+1] = laterYears(k); keys[i+1] == k && len(k) > 1 { // one digit is a rank
					keys[i+1] = "other-" + k
				}
			}
			b, _ := json.Marshal(keys)
			return base64.RawURLEncoding.EncodeToString(b)
		case t.NamedType == "String":
			return "other " + v
		}
	case []any:
		out := make([]any, len(v))
		for i := range v {
			if out[i] = v[i]; t.Elem != nil {
				out[i] = otherValues(s, t.Elem, v[i])
			}
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, item := range v {
			out[name] = otherValues(s, s.Types[t.NamedType].Fields.ForName(name).Type, item)
		}
		return out
	}
	return v
}

func BenchmarkPlans(b *testing.B) {
	s, o := load(b)
	for name, c := range map[string]struct{ query, variables string }{
		"id":     {`query($id: ID!) { person(id: $id) { name } }`, `{"id": "elon-musk"}`},
		"cursor": {`query($after: String!) { companies(first: 50, after: $after, orderBy: {field: NAME}) { nodes { name } } }`, `{"after": "WyJOQU1FIiwiT3BlbkFJIiwib3BlbmFpIl0"}`},
		"search": {`query($text: String!) { search(text: $text, first: 10) { edges { score node { ... on Entity { id name } } } } }`, `{"text": "elon mu"}`},
		"filter": {`query($where: ClaimWhere) { claims(where: $where, first: 50) { nodes { id } } }`, `{"where": {"statement": {"contains": "court"}, "recordedAt": {"after": "2020-01-01T00:00:00Z"}}}`},
		"day":    {`query($day: EDTF!) { company(id: "openai", asOf: {validAt: $day}) { roles(first: 50) { nodes { title } } } }`, `{"day": "2018-02"}`},
	} {
		b.Run(name, func(b *testing.B) {
			plans := graph.NewPlans(s, o)
			fields, valid := rootFields(s, c.query, []byte(c.variables))
			if _, err := plans.Compile(rootOf(fields[0].Field), fields[0]); err != nil || !valid || !plans.Kept(fields[0]) {
				b.Fatalf("not kept: %v", err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := plans.Compile(rootOf(fields[0].Field), fields[0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Ten times as many ids or texts as 3,600 take about ten times as long: variables may have so many.
func BenchmarkManyTexts(b *testing.B) {
	s, o := load(b)
	for name, query := range map[string]string{
		"ids":    `query($texts: [ID!]) { people(where: {id: {in: $texts}}) { totalCount } }`,
		"names":  `query($texts: [String!]) { people(where: {name: {in: $texts}}) { totalCount } }`,
		"around": `query($texts: [ID!]!) { neighborhood(around: $texts) { truncated } }`, // is refused
	} {
		for _, n := range []int{3600, 36000} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				texts := make([]string, n)
				for i := range texts {
					texts[i] = fmt.Sprintf("%04x", i)
				}
				variables, err := json.Marshal(map[string]any{"texts": texts})
				if err != nil {
					b.Fatal(err)
				}
				fields, valid := rootFields(s, query, variables)
				if !valid {
					b.Fatal("not valid")
				}
				plans := graph.NewPlans(s, o)
				for b.Loop() {
					if _, err := plans.Compile(rootOf(fields[0].Field), fields[0]); (err != nil) != (name == "around") {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
