package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What the public clients and the public audits of GraphQL say of the whole program: the scripts of clients/conformance,
// each with what it prints.
func TestConformance(t *testing.T) {
	const folder = "clients/conformance"
	need(t, folder+"/node_modules", "make conformance")
	p := startSeeded(t, "--socket-init-timeout=3s")
	for _, c := range []struct{ script, want string }{
		{"audits", "61 of 61 audits pass\n"},
		{"graphql-ws", `query {"data":{"person":{"name":"Elon Musk"}}}
subscription {"data":{"changed":{"operation":"RECORD_ENTITY"}}}
errors GRAPHQL_VALIDATION_FAILED
ping is answered
subscribe before init 4401 unauthorized: send connection_init first
init twice 4429 too many initialisation requests
one id twice 4409 subscriber for 1 already exists
no JSON 4400 this is no message of the protocol
unknown type 4400 this is no message of the protocol
ping before init, then no init 4408 connection initialisation timeout
`},
		{"graphql-sse", `query {"data":{"person":{"name":"Elon Musk"}}}
subscription RECORD_ENTITY RECORD_ENTITY RECORD_ENTITY
errors GRAPHQL_VALIDATION_FAILED
`},
		{"relay", `compiled documents: 6 reader, 4 normalization, 8 operation text
2 true
claim:altman-fell-out-with-musk
claim:case-withdrawn
claim:court-filings-were-about-openai
claim:criticism-shapes-musks-narrative
3 true
Elon Musk
Greg Brockman
Ilya Sutskever
Sam Altman
refetched by node(id)
`},
		{"apollo", `Elon Musk, Greg Brockman, Ilya Sutskever
Elon Musk, Greg Brockman, Ilya Sutskever, Sam Altman
GET without the text: 400
POST with the text: 200
GET without the text: 200
Elon Musk OpenAI
BAD_USER_INPUT people
`},
		{"graphcache", `Elon Musk, Greg Brockman, Ilya Sutskever
Elon Musk, Greg Brockman, Ilya Sutskever, Sam Altman
Elon Musk OpenAI
from the cache Elon Musk
0 warnings
`},
	} {
		t.Run(c.script, func(t *testing.T) {
			command := exec.CommandContext(t.Context(), "node", c.script+".mjs")
			command.Dir = folder
			command.Env = append(os.Environ(), "DOSSIER_URL="+p.url)
			var problems strings.Builder
			command.Stderr = &problems
			out, err := command.Output()
			if err != nil || problems.Len() > 0 {
				t.Errorf("%v\n%s", err, problems.String())
			}
			if diff := cmp.Diff(c.want, string(out)); diff != "" {
				t.Errorf("it prints (-want +got):\n%s", diff)
			}
		})
	}
}

// Relay's server specification: node(id) fetches again every object that has a global id, whatever its type is.
func TestNodeRefetchesEveryType(t *testing.T) {
	p := startSeeded(t)
	var schema struct {
		Type struct {
			PossibleTypes []struct{ Name string }
		} `json:"__type"`
	}
	decode(t, p.data(t, `{ __type(name: "Node") { possibleTypes { name } } }`), &schema)
	var found struct {
		People, Companies, Products, Events, Documents, Claims, Relationships, Changes struct {
			Nodes []map[string]string
		}
	}
	const first = `(first: 1000) { nodes { __typename id } } `
	decode(t, p.data(t, "{ people"+first+"companies"+first+"products"+first+"events"+first+"documents"+first+"claims"+first+"relationships"+first+"changes"+first+"}"), &found)
	byType := map[string]string{}
	for _, list := range [][]map[string]string{found.People.Nodes, found.Companies.Nodes, found.Products.Nodes, found.Events.Nodes, found.Documents.Nodes,
		found.Claims.Nodes, found.Relationships.Nodes, found.Changes.Nodes} {
		for _, one := range list {
			byType[one["__typename"]] = one["id"]
		}
	}
	if len(schema.Type.PossibleTypes) < 10 {
		t.Errorf("only %d types have a global id", len(schema.Type.PossibleTypes))
	}
	var missing []string
	for _, typ := range schema.Type.PossibleTypes {
		id := byType[typ.Name]
		if id == "" {
			missing = append(missing, typ.Name)
			continue
		}
		p.wantData(t, fmt.Sprintf(`{ node(id: %q) { __typename id ... on %s { id } } }`, id, typ.Name), fmt.Sprintf(`{"node":{"__typename":%q,"id":%q}}`, typ.Name, id))
	}
	slices.Sort(missing)
	if diff := cmp.Diff([]string(nil), missing); diff != "" {
		t.Errorf("the first facts have none of these types:\n%s", diff)
	}
	p.wantData(t, `{ node(id: "nothing") { id } }`, `{"node":null}`)
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}
