package schema_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"dossier/schema"
)

// What clients get as text is the schema: whole, readable, and the same each time.
func TestSDLRoundTrip(t *testing.T) {
	s, _ := load(t)
	text := schema.SDL(s)
	again, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: text})
	if err != nil {
		t.Fatalf("the schema's text is no schema: %v", err)
	}
	if diff := cmp.Diff(text, schema.SDL(again)); diff != "" {
		t.Errorf("written, read and written again (-first +second):\n%s", diff)
	}
	for name, d := range s.Types {
		if d.BuiltIn {
			continue
		}
		got := again.Types[name]
		if got == nil {
			t.Errorf("%s is not in the text", name)
			continue
		}
		if got.Kind != d.Kind || got.Description != d.Description || len(got.Fields) != len(d.Fields) || len(got.EnumValues) != len(d.EnumValues) {
			t.Errorf("%s differs after a round trip", name)
		}
	}
}

// Clients refuse a schema whose directives stand where the released specification knows no place for them.
func TestDirectiveLocations(t *testing.T) {
	s, _ := load(t)
	released := strings.Fields(`QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION
		SCHEMA SCALAR OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT INPUT_FIELD_DEFINITION`)
	var told []string
	for _, v := range s.Types["__DirectiveLocation"].EnumValues {
		told = append(told, v.Name)
	}
	slices.Sort(told)
	slices.Sort(released)
	if diff := cmp.Diff(released, told); diff != "" {
		t.Errorf("__DirectiveLocation (-released +ours):\n%s", diff)
	}
	for name, d := range s.Directives {
		for _, l := range d.Locations {
			if !slices.Contains(released, string(l)) {
				t.Errorf("@%s may stand on a %s", name, l)
			}
		}
	}
}

// The queries that the playground opens on are valid.
func TestExamplesAreValid(t *testing.T) {
	s, _ := load(t)
	files, err := filepath.Glob("../web/examples/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, errs := gqlparser.LoadQueryWithRules(s, string(text), nil); errs != nil {
			t.Errorf("%s: %v", filepath.Base(file), errs)
		}
	}
}

// missing is what the contract promises and the API does not hold yet. What has come is to be taken out here.
var missing = map[string]string{
	"Query.cypher": "guarded Cypher", "CypherResult": "guarded Cypher", "JSON": "guarded Cypher",
}

// What the contract names is there, by that name and of that type. The contract lies beside the repository; where it
// does not, DOSSIER_SHARED names its folder.
func TestContract(t *testing.T) {
	folder := os.Getenv("DOSSIER_SHARED")
	if folder == "" {
		folder = "../../shared"
	}
	text, err := os.ReadFile(filepath.Join(folder, "contract.graphql"))
	if os.IsNotExist(err) && os.Getenv("DOSSIER_SHARED") == "" {
		t.Skip("the contract is not at hand: set DOSSIER_SHARED to the folder that holds contract.graphql")
	}
	if err != nil {
		t.Fatal(err)
	}
	contract, err := parser.ParseSchema(&ast.Source{Name: "contract.graphql", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	s, _ := load(t)
	c := comparison{t: t, missing: map[string]bool{}}
	checked := 0
	for _, want := range contract.Definitions {
		got := s.Types[want.Name]
		if !c.there(want.Name, got != nil) {
			continue
		}
		checked++
		if got.Kind != want.Kind {
			t.Errorf("%s is %s, want %s", want.Name, got.Kind, want.Kind)
		}
		for _, i := range want.Interfaces {
			c.there(want.Name+" implements "+i, slices.Contains(got.Interfaces, i))
		}
		for _, v := range want.EnumValues {
			c.there(want.Name+"."+v.Name, got.EnumValues.ForName(v.Name) != nil)
		}
		for _, f := range want.Fields {
			c.field(want.Name+"."+f.Name, f, got.Fields.ForName(f.Name))
		}
	}
	if checked < 30 {
		t.Errorf("only %d of the contract's types were compared", checked)
	}
	for name, part := range missing {
		if !c.missing[name] {
			t.Errorf("%s (%s) is not missing any more: take it out of the list", name, part)
		}
	}
}

type comparison struct {
	t       *testing.T
	missing map[string]bool // what was found missing and may be
}

// there says whether something of the contract is there, and reports what should be.
func (c comparison) there(name string, ok bool) bool {
	c.t.Helper()
	switch {
	case ok:
	case missing[name] != "":
		c.missing[name] = true
	default:
		c.t.Errorf("%s is missing", name)
	}
	return ok
}

func (c comparison) field(name string, want, got *ast.FieldDefinition) {
	c.t.Helper()
	if !c.there(name, got != nil) {
		return
	}
	if got.Type.String() != want.Type.String() {
		c.t.Errorf("%s is %s, want %s", name, got.Type, want.Type)
	}
	c.defaults(name, want.DefaultValue, got.DefaultValue)
	for _, a := range want.Arguments {
		argument := name + "(" + a.Name + ":)"
		found := got.Arguments.ForName(a.Name)
		if !c.there(argument, found != nil) {
			continue
		}
		if found.Type.String() != a.Type.String() {
			c.t.Errorf("%s is %s, want %s", argument, found.Type, a.Type)
		}
		c.defaults(argument, a.DefaultValue, found.DefaultValue)
	}
	for _, a := range got.Arguments {
		if want.Arguments.ForName(a.Name) == nil && a.Type.NonNull && a.DefaultValue == nil {
			c.t.Errorf("%s needs the argument %s, which the contract does not know", name, a.Name)
		}
	}
}

func (c comparison) defaults(name string, want, got *ast.Value) {
	c.t.Helper()
	if want.String() != got.String() {
		c.t.Errorf("%s has the default %q, want %q", name, got.String(), want.String())
	}
}

// The schema is read by people: descriptions are sentences.
func TestDescriptions(t *testing.T) {
	s, _ := load(t)
	for name, d := range s.Types {
		if d.BuiltIn || strings.HasPrefix(name, "__") {
			continue
		}
		check := func(where, text string) {
			if text != strings.TrimSpace(text) || text != "" && !strings.ContainsAny(text[len(text)-1:], ".?!") {
				t.Errorf("the description of %s is no sentence: %q", where, text)
			}
		}
		check(name, d.Description)
		for _, f := range d.Fields {
			check(name+"."+f.Name, f.Description)
		}
		for _, v := range d.EnumValues {
			check(name+"."+v.Name, v.Description)
		}
	}
}
