package schema_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/vektah/gqlparser/v2/ast"

	"dossier/schema"
)

func load(t *testing.T) (*ast.Schema, *schema.Ontology) {
	t.Helper()
	s, o, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	return s, o
}

// small is an ontology with one of everything.
const small = `
interface Node { id: ID! }
interface Entity implements Node { id: ID! name: String! }
interface Party implements Entity & Node { id: ID! name: String! }
interface Relationship implements Node { id: ID! status: String! }
"Flesh and blood."
type Person implements Party & Entity & Node @node { id: ID! name: String! born: PartialDate mood: Mood! }
type Firm implements Party & Entity & Node @node(label: "Company") { id: ID! name: String! staff: Int }
type Thing implements Entity & Node @node { id: ID! name: String! }
type Note implements Node @node { id: ID! text: String! tags: [String!]! by: [Person!]! @edge(type: "BY") }
enum Mood { GLAD SAD }
type Query { firms(first: Int): FirmConnection! firm(id: ID!): Firm }

"Somebody owns something."
type Owns @relationship(type: "OWNS_PART_OF") {
  owner: Party! @source(field: "owns")
  what: Entity! @target(field: "owners")
  "In percent."
  share: Float!
}
type Met @relationship(type: "MET", symmetric: true) {
  a: Person! @source(field: "acquaintances")
  b: Person! @target(field: "acquaintances")
}
`

func parse(t *testing.T, text string) *schema.Ontology {
	t.Helper()
	o, err := schema.ParseOntology(&ast.Source{Name: "schema/small.graphqls", Input: text})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestParseOntology(t *testing.T) {
	o := parse(t, small)
	nodes := []*schema.NodeType{
		{Name: "Person", Label: "Person", Description: "Flesh and blood.", Entity: true, Properties: []schema.Property{
			{Name: "born", Type: "PartialDate"},
			{Name: "mood", Type: "Mood", Values: []string{"GLAD", "SAD"}, Required: true},
		}},
		{Name: "Firm", Label: "Company", Entity: true, Plural: "firms", Properties: []schema.Property{{Name: "staff", Type: "Int"}}},
		{Name: "Thing", Label: "Thing", Entity: true},
		{Name: "Note", Label: "Note", Properties: []schema.Property{
			{Name: "text", Type: "String", Required: true},
			{Name: "tags", Type: "String", Required: true, List: true},
		}},
	}
	if diff := cmp.Diff(nodes, o.Nodes); diff != "" {
		t.Errorf("Nodes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(nodes[:3], o.Entities()); diff != "" {
		t.Errorf("Entities (-want +got):\n%s", diff)
	}
	kinds := []*schema.Kind{
		{Name: "Owns", Type: "OWNS_PART_OF", Description: "Somebody owns something.",
			Source:     schema.End{Name: "owner", Type: "Party", Field: "owns"},
			Target:     schema.End{Name: "what", Type: "Entity", Field: "owners"},
			Properties: []schema.Property{{Name: "share", Type: "Float", Description: "In percent.", Required: true}}},
		{Name: "Met", Type: "MET", Symmetric: true,
			Source: schema.End{Name: "a", Type: "Person", Field: "acquaintances"},
			Target: schema.End{Name: "b", Type: "Person", Field: "acquaintances"}},
	}
	if diff := cmp.Diff(kinds, o.Kinds); diff != "" {
		t.Errorf("Kinds (-want +got):\n%s", diff)
	}
	if got := o.Kinds[0].Slug(); got != "owns-part-of" {
		t.Errorf("Slug = %q, want owns-part-of", got)
	}
	if o.Kind("MET") != o.Kinds[1] || o.KindOf("Met") != o.Kinds[1] || o.Node("Firm") != o.Nodes[1] {
		t.Error("a kind or node type is not found by its name")
	}
	if o.Kind("Met") != nil || o.KindOf("MET") != nil || o.Node("Company") != nil || o.Node("Party") != nil {
		t.Error("something is found by a name that is not its own")
	}
}

func TestConcrete(t *testing.T) {
	o := parse(t, small)
	for name, want := range map[string][]string{
		"Node":   {"Person", "Firm", "Thing", "Note"},
		"Entity": {"Person", "Firm", "Thing"},
		"Party":  {"Person", "Firm"},
		"Firm":   {"Firm"},
		"Robot":  nil,
	} {
		if diff := cmp.Diff(want, o.Concrete(name)); diff != "" {
			t.Errorf("Concrete(%q) (-want +got):\n%s", name, diff)
		}
	}
}

// An end reaches the type it names, and all types that implement it; a symmetric kind reaches its type both ways.
func TestReach(t *testing.T) {
	o := parse(t, small)
	owns, met := o.Kinds[0], o.Kinds[1]
	want := map[string]schema.Reach{
		"Party.owns": {Kind: owns, Out: true}, "Person.owns": {Kind: owns, Out: true}, "Firm.owns": {Kind: owns, Out: true},
		"Entity.owners": {Kind: owns, In: true}, "Party.owners": {Kind: owns, In: true}, "Person.owners": {Kind: owns, In: true},
		"Firm.owners": {Kind: owns, In: true}, "Thing.owners": {Kind: owns, In: true},
		"Person.acquaintances": {Kind: met, Out: true, In: true},
	}
	got := map[string]schema.Reach{}
	for _, typ := range []string{"Node", "Entity", "Party", "Person", "Firm", "Thing", "Note", "Owns", "Robot"} {
		for _, field := range []string{"owns", "owners", "acquaintances", "name", "owner"} {
			if r, ok := o.Reach(typ, field); ok {
				got[typ+"."+field] = r
			}
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable()); diff != "" {
		t.Errorf("Reach (-want +got):\n%s", diff)
	}
}

// The fields that the API has are those that the ontology leads to, no more and no fewer.
func TestReachAndSchemaAgree(t *testing.T) {
	s, o := load(t)
	for _, k := range o.Kinds {
		for _, e := range []schema.End{k.Source, k.Target} {
			for _, name := range append(o.Concrete(e.Type), e.Type) {
				f := s.Types[name].Fields.ForName(e.Field)
				if f == nil || f.Type.String() != k.Name+"Connection!" {
					t.Errorf("%s.%s is %v, want %sConnection!", name, e.Field, f, k.Name)
				}
			}
		}
	}
	for _, name := range append(o.Concrete("Entity"), "Entity", "Party") {
		for _, f := range s.Types[name].Fields {
			k := o.KindOf(strings.TrimSuffix(f.Type.Name(), "Connection"))
			if r, ok := o.Reach(name, f.Name); ok != (k != nil) || r.Kind != k {
				t.Errorf("%s.%s is a %s, but Reach says %v, %v", name, f.Name, f.Type, r.Kind, ok)
			}
		}
	}
}

func TestOntologyOfTheProgram(t *testing.T) {
	s, o := load(t)
	type row struct{ Label, Plural, Properties string }
	got := map[string]row{}
	for _, n := range o.Nodes {
		var names []string
		for _, p := range n.Properties {
			names = append(names, p.Name)
		}
		got[n.Name] = row{n.Label, n.Plural, strings.Join(names, " ")}
		if s.Query.Fields.ForName(n.Plural) == nil {
			t.Errorf("the root field %q that lists %s is missing", n.Plural, n.Name)
		}
	}
	want := map[string]row{
		"Person":   {"Person", "people", ""},
		"Company":  {"Company", "companies", "legalForm"},
		"Product":  {"Product", "products", "openWeights"},
		"Event":    {"Event", "events", "date"},
		"Claim":    {"Claim", "claims", "statement madeOn status rank disputed recordedAt withdrawnAt withdrawalReason retractedAt retractionReason"},
		"Change":   {"Change", "changes", "at actor operation cursor"},
		"Document": {"Document", "documents", "title url publisher datePublished sha256"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("node types (-want +got):\n%s", diff)
	}
	var kinds []string
	for _, v := range s.Types["RelationshipKind"].EnumValues {
		kinds = append(kinds, v.Name)
		if o.Kind(v.Name) == nil {
			t.Errorf("RelationshipKind %s is no kind", v.Name)
		}
	}
	if len(kinds) != len(o.Kinds) {
		t.Errorf("RelationshipKind has %d values for %d kinds", len(kinds), len(o.Kinds))
	}
	for _, k := range o.Kinds {
		if k.Description == "" {
			t.Errorf("%s has no description for those who read the schema", k.Name)
		}
	}
}

// A type that nothing leads to is a leftover. The directives need EdgeDirection, and a kind with a number the last two.
func TestEveryTypeOfTheProgramIsUsed(t *testing.T) {
	s, _ := load(t)
	used := map[string]bool{"Query": true}
	var use func(name string)
	use = func(name string) {
		if used[name] && name != "Query" || s.Types[name] == nil {
			return
		}
		used[name] = true
		d := s.Types[name]
		for _, f := range d.Fields {
			use(f.Type.Name())
			for _, a := range f.Arguments {
				use(a.Type.Name())
			}
		}
		for _, p := range s.PossibleTypes[name] {
			if p.Name != name {
				use(p.Name)
			}
		}
		for _, i := range d.Interfaces {
			use(i)
		}
	}
	use("Query")
	use("Subscription")
	for name, d := range s.Types {
		if !used[name] && !d.BuiltIn && name != "EdgeDirection" && name != "IntFilter" && name != "FloatFilter" {
			t.Errorf("%s cannot be reached from Query or Subscription", name)
		}
	}
}

func TestSources(t *testing.T) {
	files := fstest.MapFS{
		"b.graphqls":           {Data: []byte("type B { x: Int }")},
		"a.graphqls":           {Data: []byte("type A { x: Int }")},
		"note.txt":             {Data: []byte("no schema")},
		"generated/c.graphqls": {Data: []byte("type C { x: Int }")},
	}
	for dir, want := range map[string][]string{
		".":         {"schema/a.graphqls", "schema/b.graphqls"},
		"generated": {"schema/generated/c.graphqls"},
		"nowhere":   nil,
	} {
		sources, err := schema.Sources(fs.FS(files), dir)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, s := range sources {
			names = append(names, s.Name)
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("Sources(%q) (-want +got):\n%s", dir, diff)
		}
	}
}
