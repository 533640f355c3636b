package seed_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/vektah/gqlparser/v2/ast"

	"dossier/schema"
	"dossier/seed"
)

func TestJSONSchemaIsDeterministic(t *testing.T) {
	a, b := seed.JSONSchema(ontology(t)), seed.JSONSchema(ontology(t))
	if !bytes.Equal(a, b) {
		t.Error("one ontology gives two schemas")
	}
}

func TestJSONSchemaIsAJSONSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(seed.JSONSchema(ontology(t))))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("pack.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Compile("pack.schema.json"); err != nil { // checks it against the metaschema
		t.Error(err)
	}
}

// The schema's sections, kinds and ranks are those of the API.
func TestJSONSchemaFollowsTheAPI(t *testing.T) {
	var got struct {
		Properties map[string]any
		Defs       struct {
			Claim struct {
				Properties struct{ Rank struct{ Enum []string } }
			}
			Assertion struct {
				Properties struct{ Kind struct{ Enum []string } }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(seed.JSONSchema(ontology(t)), &got); err != nil {
		t.Fatal(err)
	}
	for _, section := range []string{"document", "people", "companies", "products", "events", "claims"} {
		if _, ok := got.Properties[section]; !ok {
			t.Errorf("there is no section %q", section)
		}
	}
	api, _, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(names(api, "RelationshipKind"), got.Defs.Assertion.Properties.Kind.Enum); diff != "" {
		t.Errorf("kinds (-API +schema):\n%s", diff)
	}
	if diff := cmp.Diff(names(api, "ClaimRank"), got.Defs.Claim.Properties.Rank.Enum); diff != "" {
		t.Errorf("ranks (-API +schema):\n%s", diff)
	}
}

func names(s *ast.Schema, enum string) (out []string) {
	for _, v := range s.Types[enum].EnumValues {
		out = append(out, v.Name)
	}
	return out
}

// A kind that is declared in the ontology can be used in a pack, with all that it declares.
func TestNewKindInAPack(t *testing.T) {
	sources, err := schema.Sources(os.DirFS("../schema"), ".")
	if err != nil {
		t.Fatal(err)
	}
	o, err := schema.ParseOntology(append(sources, &ast.Source{Name: "new.graphqls", Input: `
		"A person advised a party."
		type Advised @relationship(type: "ADVISED") {
			adviser: Person! @source(field: "advised")
			client: Party! @target(field: "advisers")
			times: Int!
			fee: Float
			since: PartialDate
			mood: Mood
			topics: [String!]
		}
		enum Mood { GLAD SAD }`})...)
	if err != nil {
		t.Fatal(err)
	}
	pack := packFiles(t)
	claim := func(asserts string) fstest.MapFS {
		pack["claims.yaml"] = &fstest.MapFile{Data: []byte(`
claims:
  - id: claim:advice
    statement: Ada advised Bo.
    asserts: {kind: ADVISED, adviser: ada-byrd, ` + asserts + `}
    passages: [{start: 0, end: 8, sha256: 8f04a2a64f3e4a2a4a1c5f0b0e8e6e8f4c7c8cde1f3a8a6bd9b7c2d4c1e0f9a1}]
`)}
		delete(pack, "text.txt")
		return pack
	}
	b, err := seed.Read(claim(`client: bo-crane, times: 3, fee: 2, since: 2001~, mood: GLAD, topics: [money]`), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(b.Claims[0].Asserts)
	want := `{"Kind":"ADVISED","Source":"ada-byrd","Target":"bo-crane","Stint":0,"ValidFrom":{"EDTF":"","Text":""},"ValidTo":{"EDTF":"","Text":""},` +
		`"Properties":{"fee":2,"mood":"GLAD","since":{"EDTF":"2001~","Text":""},"times":3,"topics":["money"]}}`
	if string(got) != want {
		t.Errorf("assertion\n got %s\nwant %s", got, want)
	}
	if _, ok := b.Claims[0].Asserts.Properties["fee"].(float64); !ok {
		t.Errorf("fee is a %T, want float64 also for a whole number", b.Claims[0].Asserts.Properties["fee"])
	}

	_, err = seed.Read(claim("client: coffee, times: 1.5, fee: much, mood: GLUM"), o, nil)
	wantErr := []string{
		`claims.yaml:5: "coffee" is a product, but the client of ADVISED is a person or a company`,
		`claims.yaml:5: "fee" is the text "much", but must be a number`,
		`claims.yaml:5: "mood" is "GLUM", which is unknown: did you mean GLAD?`,
		`claims.yaml:5: "times" is 1.5, but must be a whole number`,
	}
	if err == nil {
		t.Fatal("the broken claim was read without an error")
	}
	gotErr := strings.Split(err.Error(), "\n")
	slices.Sort(gotErr)
	if diff := cmp.Diff(wantErr, gotErr); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}
