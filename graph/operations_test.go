package graph_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"dossier/graph"
	"dossier/internal/neo4jtest"
)

// Whatever an operation asks for, each field's answer is its own: an operation with fewer of the fields, written differently,
// answers a part of what the whole one does; and requests that travel together get what each gets alone. No operation that
// the schema allows is an internal error.
func TestRandomOperations(t *testing.T) {
	s := newService(t)
	checks(t, 20)
	rapid.Check(t, func(r *rapid.T) {
		d := &drawer{r: r, schema: s.schema}
		root := d.field(rapid.SampledFrom(d.roots()).Draw(r, "root"), rapid.IntRange(1, 4).Draw(r, "depth"), 0)
		whole, _, _ := write(root, nil)
		statements, _, err := compile(s.schema, s.ontology, whole, nil)
		if e := (*graph.Error)(nil); errors.As(err, &e) && e.Code == graph.BadUserInput {
			return
		} else if err != nil {
			r.Fatalf("%v in %s", err, whole)
		}
		for _, st := range statements {
			answersAnyWay(r, neo4jtest.Driver(t), st)
		}
		all := s.query(t, whole, nil, "")
		if refused(r, whole, all) {
			return
		}
		part, variables, _ := write(root, r)
		some := s.query(t, part, variables, "")
		if refused(r, part, some) {
			r.Fatalf("the whole was answered and this part refused: %s\n%s\n%s", some.Errors, part, variables)
		}
		if diff := cmp.Diff(decoded(t, some.Data), common(decoded(t, some.Data), decoded(t, all.Data))); diff != "" {
			r.Fatalf("fewer fields (-), all (+):\n%s\nin\n%s\n%s\nof\n%s", diff, part, variables, whole)
		}
		for i, one := range s.crowd(t, whole, 24) {
			if diff := cmp.Diff(string(all.Data), string(one.Data)); diff != "" {
				r.Fatalf("alone (-), number %d of a crowd that asks the same (+):\n%s\nin\n%s", i+1, diff, whole)
			}
		}
	})
}

// crowd has so many ask the same at the same time, twice: the second time it is known how long the reads take, so that some
// are shared.
func (s *service) crowd(t testing.TB, query string, size int) []response {
	t.Helper()
	out := make([]response, 2*size)
	for n := range 2 {
		var asked sync.WaitGroup
		for i := range size {
			asked.Go(func() { out[n*size+i] = s.query(t, query, nil, "") })
		}
		asked.Wait()
	}
	return out
}

// Filters are sets: of what a list has, not is the rest, or the union and and the intersection, in the list's order; and
// the count is that of what is there.
func TestRandomFilters(t *testing.T) {
	s := newService(t)
	checks(t, 10)
	type list struct {
		field  *ast.FieldDefinition
		within string // the operation, with %s for the field
	}
	var lists []list
	for owner, within := range map[string]string{"Query": "{ %s }", "Person": `{ of: person(id: "elon-musk") { %s } }`,
		"Company": `{ of: company(id: "openai") { %s } }`, "Document": `{ of: document(id: "document:musk-altman-rivalry") { %s } }`} {
		found := len(lists)
		for _, f := range s.schema.Types[owner].Fields {
			if f.Arguments.ForName("where") != nil {
				lists = append(lists, list{f, within})
			}
		}
		if len(lists) == found {
			t.Fatalf("%s has no list to filter", owner)
		}
	}
	slices.SortFunc(lists, func(a, b list) int { return strings.Compare(a.within+a.field.Name, b.within+b.field.Name) })
	rapid.Check(t, func(r *rapid.T) {
		d := &drawer{r: r, schema: s.schema}
		list := rapid.SampledFrom(lists).Draw(r, "list")
		where := list.field.Arguments.ForName("where").Type
		x, y := literal(d.value(where, 3)), literal(d.value(where, 3))
		var fields []string
		for alias, filter := range map[string]string{"all": "{}", "x": x, "y": y, "not": "{not: " + x + "}",
			"or": "{or: [" + x + ", " + y + "]}", "and": "{and: [" + x + ", " + y + "]}"} {
			fields = append(fields, fmt.Sprintf("%s: %s(where: %s, first: 100) { totalCount nodes { id } }", alias, list.field.Name, filter))
		}
		query := fmt.Sprintf(list.within, strings.Join(fields, "\n"))
		got := s.query(t, query, nil, "")
		if refused(r, query, got) {
			return
		}
		type page struct {
			TotalCount int
			Nodes      []struct{ ID string }
		}
		var pages map[string]page
		if strings.Contains(list.within, "of: ") {
			var data struct{ Of map[string]page }
			decode(t, got.Data, &data)
			pages = data.Of
		} else {
			decode(t, got.Data, &pages)
		}
		in := func(alias, id string) bool {
			return slices.ContainsFunc(pages[alias].Nodes, func(n struct{ ID string }) bool { return n.ID == id })
		}
		want := map[string][]string{}
		for _, n := range pages["all"].Nodes {
			x, y := in("x", n.ID), in("y", n.ID)
			for alias, is := range map[string]bool{"all": true, "x": x, "y": y, "not": !x, "or": x || y, "and": x && y} {
				if is {
					want[alias] = append(want[alias], n.ID)
				}
			}
		}
		for alias, page := range pages {
			var ids []string
			for _, n := range page.Nodes {
				ids = append(ids, n.ID)
			}
			if !slices.Equal(ids, want[alias]) || page.TotalCount != len(ids) {
				r.Fatalf("%s are %v, %d in all; want %v in\n%s", alias, ids, page.TotalCount, want[alias], query)
			}
		}
	})
}

// refused tells whether an operation was refused, for a reason that is the client's.
func refused(r *rapid.T, query string, got response) bool {
	if got.Errors == nil {
		return false
	}
	var errors []struct{ Extensions struct{ Code graph.Code } }
	if json.Unmarshal(got.Errors, &errors) != nil || len(errors) == 0 {
		r.Fatalf("%s\nin %s", got.Errors, query)
	}
	for _, e := range errors {
		if e.Extensions.Code != graph.BadUserInput {
			r.Fatalf("%s\nin %s", got.Errors, query)
		}
	}
	return true
}

// common is what of all is at the places where part has something.
func common(part, all any) any {
	switch part := part.(type) {
	case map[string]any:
		all, ok := all.(map[string]any)
		if !ok {
			return all
		}
		out := map[string]any{}
		for name := range part {
			if v, ok := all[name]; ok {
				out[name] = common(part[name], v)
			}
		}
		return out
	case []any:
		list, ok := all.([]any)
		if !ok || len(list) != len(part) {
			return all
		}
		out := make([]any, len(list))
		for i := range list {
			out[i] = common(part[i], list[i])
		}
		return out
	}
	return all
}

func decoded(t *testing.T, raw json.RawMessage) (out any) {
	t.Helper()
	decode(t, raw, &out)
	return out
}

func decode(t *testing.T, raw json.RawMessage, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
}

// A selected is a field with its arguments and what is selected of it, or an inline fragment.
type selected struct {
	alias, field string
	on           string // the fragment's type condition
	args         []argument
	set          []*selected // nil for a leaf
}

type argument struct {
	name  string
	typ   *ast.Type
	value any
}

// A name is an enum's value.
type name string

// A drawer draws operations from a schema.
type drawer struct {
	r       *rapid.T
	schema  *ast.Schema
	aliases int
}

func (d *drawer) roots() (out []*ast.FieldDefinition) {
	for _, f := range d.schema.Query.Fields {
		if !strings.HasPrefix(f.Name, "__") {
			out = append(out, f)
		}
	}
	return out
}

// field draws a field's arguments and, as far as the depth lets it, what is selected of it. Above is the number of lists
// that it is in, of which each makes the answer larger. It is nil for a field that is too deep.
func (d *drawer) field(f *ast.FieldDefinition, depth, above int) *selected {
	d.aliases++
	out := &selected{alias: fmt.Sprintf("f%d", d.aliases), field: f.Name}
	for _, a := range f.Arguments {
		draw := a.Type.NonNull || d.one(4, a.Name)
		var value any
		switch a.Name {
		case "after", "before", "last": // of no use without a cursor
			continue
		case "first":
			draw, value = true, rapid.IntRange(0, max(1, 4-above)).Draw(d.r, "first")
		case "id":
			value = known[f.Name]
		}
		if value == nil && draw {
			value = d.value(a.Type, 2)
		}
		if draw {
			out.args = append(out.args, argument{a.Name, a.Type, value})
		}
	}
	if def := d.schema.Types[f.Type.Name()]; def.IsCompositeType() {
		if depth == 0 {
			return nil
		}
		out.set = d.set(def, depth, above)
	}
	return out
}

// set draws what is selected of a type. Edges and connections are no levels of their own.
func (d *drawer) set(def *ast.Definition, depth, above int) []*selected {
	out := []*selected{}
	if def.IsAbstractType() {
		for _, possible := range d.schema.GetPossibleTypes(def) {
			if d.one(4, possible.Name) {
				out = append(out, &selected{on: possible.Name, set: d.set(possible, depth, above)})
			}
		}
	}
	if strings.HasSuffix(def.Name, "Connection") {
		above++
	} else if !strings.HasSuffix(def.Name, "Edge") {
		depth--
	}
	for range min(4, len(def.Fields)) {
		f := rapid.SampledFrom(def.Fields).Draw(d.r, "field")
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		if below := d.field(f, depth, above); below != nil {
			out = append(out, below)
		}
	}
	return out
}

// one is true one time in n.
func (d *drawer) one(n int, label string) bool { return rapid.IntRange(1, n).Draw(d.r, label) == n }

// Of what is in the default pack: for a field that asks for one thing of a type, its id; and values of scalars.
var (
	known = map[string]any{"person": "elon-musk", "company": "openai", "product": "grok-4", "event": "grok-4-launch",
		"document": "document:musk-altman-rivalry", "claim": "claim:musk-founded-xai"}
	drawn = map[string][]any{
		"ID":       {"elon-musk", "openai", "sam-altman", "tesla", "microsoft", "sued:elon-musk:openai", "nobody"},
		"String":   {"musk", "Open", "AI", "e", "", "é\" \\ *"},
		"EDTF":     {"2015", "2018-02", "2024-02-29", "2019~", "2023", "201X"},
		"Date":     {"2015-12-11", "2024-02-29"},
		"DateTime": {"2025-01-02T03:04:05Z", "2030-01-01T00:00:00+02:00", "2001-01-01T00:00:00Z"},
		"Int":      {0, 1, 2, 5, -1},
		"Float":    {0, 0.5, -1e9, 100000},
		"Boolean":  {true, false},
	}
)

// value draws a value, as far as the depth lets it with objects within objects.
func (d *drawer) value(t *ast.Type, depth int) any {
	if t.Elem != nil {
		out := []any{}
		for range rapid.SampledFrom([]int{1, 1, 1, 1, 2, 2, 0}).Draw(d.r, "items") {
			out = append(out, d.value(t.Elem, depth))
		}
		return out
	}
	def := d.schema.Types[t.NamedType]
	switch def.Kind {
	case ast.Scalar:
		return rapid.SampledFrom(drawn[def.Name]).Draw(d.r, def.Name)
	case ast.Enum:
		return name(rapid.SampledFrom(def.EnumValues).Draw(d.r, def.Name).Name)
	}
	out := map[string]any{}
	for _, f := range def.Fields {
		nested := d.schema.Types[f.Type.Name()].Kind == ast.InputObject
		if f.Type.NonNull || (!nested || depth > 0) && d.one(4, f.Name) {
			out[f.Name] = d.value(f.Type, depth-1)
		}
	}
	return out
}

// write writes an operation: all of it, as plain as can be; or, if it may draw, some of its fields, with values in
// variables (of the types that it returns), fragments with names, fields mentioned twice, and directives.
func write(root *selected, may *rapid.T) (query string, variables json.RawMessage, types map[string]*ast.Type) {
	w := &writer{may: may, values: map[string]any{}, types: map[string]*ast.Type{}, named: map[*argument]string{}}
	body := w.set([]*selected{root})
	head := ""
	if len(w.declared) > 0 {
		head = "query(" + strings.Join(w.declared, ", ") + ") "
	}
	variables, _ = json.Marshal(w.values)
	return head + body + strings.Join(w.fragments, ""), variables, w.types
}

type writer struct {
	may                 *rapid.T
	declared, fragments []string
	values              map[string]any
	types               map[string]*ast.Type
	named               map[*argument]string // the variables of arguments
}

func (w *writer) one(n int, label string) bool {
	return w.may != nil && rapid.IntRange(1, n).Draw(w.may, label) == n
}

func (w *writer) set(set []*selected) string {
	out := []string{"__typename"}
	for _, s := range set {
		switch {
		case w.one(4, "drop"):
		case w.one(4, "skip"):
			out = append(out, w.selected(s, s.set, "@skip(if: true)"))
		case len(s.set) > 1 && w.one(4, "twice"):
			out = append(out, w.selected(s, s.set[:1], "@include(if: true)"), w.selected(s, s.set[1:], ""))
		default:
			out = append(out, w.selected(s, s.set, ""))
		}
	}
	return "{ " + strings.Join(out, " ") + " }"
}

func (w *writer) selected(s *selected, set []*selected, directive string) string {
	below := ""
	if s.set != nil {
		below = w.set(set)
	}
	if s.on != "" && w.one(3, "name") {
		fragment := fmt.Sprintf("F%d", len(w.fragments))
		w.fragments = append(w.fragments, fmt.Sprintf(" fragment %s on %s %s", fragment, s.on, below))
		return "..." + fragment + " " + directive
	}
	if s.on != "" {
		return "... on " + s.on + " " + directive + below
	}
	var args []string
	for i := range s.args {
		args = append(args, s.args[i].name+": "+w.argument(&s.args[i]))
	}
	if args != nil {
		return s.alias + ": " + s.field + "(" + strings.Join(args, ", ") + ") " + directive + below
	}
	return s.alias + ": " + s.field + " " + directive + below
}

// argument writes an argument's value, the same each time.
func (w *writer) argument(a *argument) string {
	if _, ok := w.named[a]; !ok {
		w.named[a] = ""
		if w.one(2, "variable") {
			variable := fmt.Sprintf("v%d", len(w.declared))
			w.declared = append(w.declared, "$"+variable+": "+a.typ.String())
			w.values[variable], w.types[variable] = a.value, a.typ
			w.named[a] = "$" + variable
		}
	}
	if w.named[a] != "" {
		return w.named[a]
	}
	return literal(a.value)
}

// literal writes a value as GraphQL does.
func literal(v any) string {
	switch v := v.(type) {
	case name:
		return string(v)
	case []any:
		out := make([]string, len(v))
		for i, item := range v {
			out[i] = literal(item)
		}
		return "[" + strings.Join(out, ", ") + "]"
	case map[string]any:
		var out []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			out = append(out, key+": "+literal(v[key]))
		}
		return "{" + strings.Join(out, ", ") + "}"
	}
	raw, _ := json.Marshal(v)
	return string(raw)
}
