package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"

	"dossier/internal/neo4jtest"
)

// A root field is one statement in one round trip, however deep it goes and whatever it asks for: no transaction
// around it, nothing before it and nothing after it.
func TestRoundTrips(t *testing.T) {
	proxy := newBoltProxy(t)
	p := startBehind(t, proxy.address)
	warmUp(t, p, proxy, 3) // as many root fields as run side by side below

	type test struct {
		name  string
		query string
		roots int
		holds string // a part of the answer, so that it is one
	}
	tests := []test{
		{"no field of the graph", `{ __typename __schema { queryType { name } } }`, 0, `"Query"`},
		{"nothing there", `{ person(id: "nobody") { name } }`, 1, `{"person":null}`},
		{"a field left out", `{ person(id: "elon-musk") { name } company(id: "openai") @skip(if: true) { name } }`, 1, "Elon Musk"},
		{"two root fields", `{ person(id: "elon-musk") { name } company(id: "openai") { name } }`, 2, "OpenAI"},
		{"one field twice", `{ a: person(id: "elon-musk") { name } b: person(id: "sam-altman") { name } }`, 2, "Sam Altman"},
		{"one field three times", `{ a: people { totalCount } b: companies { totalCount } c: events { totalCount } }`, 3, `{"totalCount":7}`},
		{"fields of one response key", `{ person(id: "elon-musk") { name } person(id: "elon-musk") { aliases } }`, 1, `{"name":"Elon Musk","aliases":["Musk"]}`},
	}
	for depth := 1; depth <= 6; depth++ {
		tests = append(tests, test{fmt.Sprintf("depth %d", depth), nested(depth), 1, `{"person":` + nestedAnswer(depth) + `}`})
	}
	for field, holds := range map[string]string{
		`node(id: "co-founded:elon-musk:openai") { id ... on CoFounded { founder { name } } }`:                                                     "Elon Musk",
		`nodes(ids: ["openai", "elon-musk", "claim:musk-left-openai", "document:musk-altman-rivalry", "left:elon-musk:openai"]) { id __typename }`: "Left",
		`entity(id: "xai") { name relationships { nodes { kind source { id } target { id } } } }`:                                                  "FOUNDED",
		`product(id: "grok-1") { openWeights developers { nodes { company { name } } } }`:                                                          "xAI",
		`event(id: "grok-4-launch") { participants { nodes { party { name } } } concerns { nodes { subject { name } } } }`:                         "Grok 4",
		`document(id: "document:musk-altman-rivalry") { title claims(first: 2) { totalCount nodes { statement } pageInfo { hasNextPage } } }`:      "58",
		`claim(id: "claim:musk-left-openai") { relationship { id claims { nodes { id } } } about { name ... on Person { left { totalCount } } } }`: "left:elon-musk:openai",
		`people(where: {or: [{name: {contains: "musk"}}, {id: {eq: "sam-altman"}}]}, orderBy: {field: NAME}) { totalCount nodes { name } }`:        "Elon Musk",
		`products(last: 1) { edges { cursor node { id } } pageInfo { hasPreviousPage } }`:                                                          `"hasPreviousPage":true`,
		`documents { nodes { claims(where: {disputed: true}) { totalCount } } }`:                                                                   "8",
		`relationships(where: {contested: true}) { totalCount nodes { claims { nodes { disputedBy { attributedTo { name } } } } } }`:               "Elon Musk",
		`claims(where: {about: {name: {eq: "tesla"}}}) { nodes { statement passages { document { title } } } }`:                                    "Tesla",
	} {
		name, _, _ := strings.Cut(field, "(")
		name, _, _ = strings.Cut(name, " ")
		tests = append(tests, test{name, "{ " + field + " }", 1, holds})
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			proxy.traffic()
			data := p.data(t, c.query)
			got := proxy.traffic()
			want := traffic{Messages: map[string]int{}, RoundTrips: c.roots}
			if c.roots > 0 {
				want.Messages["RUN"], want.Messages["PULL"] = c.roots, c.roots
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s\nmessages to Neo4j (-want +got):\n%s", c.query, diff)
			}
			if !strings.Contains(data, c.holds) {
				t.Errorf("%s\nanswers %s, want %s in it", c.query, data, c.holds)
			}
		})
	}

	// A question to Neo4j itself is one too, and so is a profile.
	proxy.traffic()
	p.get(t, "/readyz")
	p.query(t, `{ person(id: "elon-musk") { name } }`, "X-Dossier-Explain", "profile")
	if diff := cmp.Diff(traffic{map[string]int{"RUN": 2, "PULL": 2}, 2}, proxy.traffic()); diff != "" {
		t.Errorf("/readyz and a profile (-want +got):\n%s", diff)
	}
}

// nested is a query that follows depth relationships: from a person to a company, from there to its founders, and so on.
func nested(depth int) string {
	query, closing := `{ person(id: "elon-musk") { `, ""
	for i := range depth {
		if i%2 == 0 {
			query += "coFounded { nodes { company { "
		} else {
			query += "coFounders { nodes { founder { "
		}
		closing += " } } }"
	}
	return query + "name" + closing + " } }"
}

// nestedAnswer is what nested asks for: OpenAI, its four founders, OpenAI, ...
func nestedAnswer(depth int) string {
	last := []string{"OpenAI"}
	if depth%2 == 0 {
		last = []string{"Elon Musk", "Greg Brockman", "Ilya Sutskever", "Sam Altman"}
	}
	answer := ""
	for i := depth; i > 0; i-- {
		field, end, n := "coFounded", "company", 1
		if i%2 == 0 {
			field, end, n = "coFounders", "founder", 4
		}
		var nodes []string
		for j := range n {
			below := answer
			if i == depth {
				below = fmt.Sprintf(`{"name":%q}`, last[j])
			}
			nodes = append(nodes, fmt.Sprintf(`{%q:%s}`, end, below))
		}
		answer = fmt.Sprintf(`{%q:{"nodes":[%s]}}`, field, strings.Join(nodes, ","))
	}
	return answer
}

// warmUp has the program open n connections, which has a traffic of its own: it asks n root fields at once, and holds
// the answer to the first back for a while, so that the others need connections of their own. Each is of another shape,
// so that they do not leave together.
func warmUp(t *testing.T, p *running, proxy *boltProxy, n int) {
	t.Helper()
	query := "{"
	for i := range n {
		query += fmt.Sprintf(` x%d: people(first: %d) { nodes { name } }`, i, i+1)
	}
	query += " }"
	for proxy.connected() < n {
		asked, release := proxy.hold()
		answered := make(chan string, 1)
		go func() { answered <- p.query(t, query) }()
		<-asked
		release()
		<-answered
	}
}

// What the counts above would show if a read were more than one statement.
func TestTrafficOfATransaction(t *testing.T) {
	server := neo4jtest.Server(t)
	proxy := newBoltProxy(t)
	driver, err := neo4j.NewDriverWithContext("bolt://"+proxy.address, neo4j.BasicAuth(server.Username, server.Password, ""),
		func(c *config.Config) { c.TelemetryDisabled = true })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = driver.Close(t.Context()) }()
	if err := driver.VerifyConnectivity(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := proxy.traffic()
	if seen.Messages["HELLO"] != 1 || seen.Messages["LOGON"] != 1 {
		t.Errorf("messages of a new connection: %v", seen.Messages)
	}
	session := driver.NewSession(t.Context(), neo4j.SessionConfig{})
	defer func() { _ = session.Close(t.Context()) }()
	_, err = session.ExecuteRead(t.Context(), func(tx neo4j.ManagedTransaction) (any, error) {
		for range 2 {
			result, err := tx.Run(t.Context(), "RETURN 1", nil)
			if err != nil {
				return nil, err
			}
			if _, err := result.Consume(t.Context()); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := traffic{map[string]int{"BEGIN": 1, "RUN": 2, "PULL": 2, "COMMIT": 1}, 4}
	if diff := cmp.Diff(want, proxy.traffic()); diff != "" {
		t.Errorf("messages of a transaction of two statements (-want +got):\n%s", diff)
	}
}
