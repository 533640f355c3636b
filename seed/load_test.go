package seed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"dossier/graph"
	"dossier/internal/neo4jtest"
	"dossier/schema"
	"dossier/seed"
)

func TestMain(m *testing.M) { neo4jtest.Main(m) }

// openGraph returns a graph in an empty database.
func openGraph(t *testing.T) (*graph.Graph, *schema.Ontology) {
	t.Helper()
	server := neo4jtest.Server(t)
	neo4jtest.ClearData(t)
	s, o, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	g, err := graph.Open(graph.Config{URI: server.BoltURI, Username: server.Username, Password: server.Password}, s, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close(context.WithoutCancel(t.Context())) })
	if err := g.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return g, o
}

// rows runs Cypher and writes each row as its values, one line each.
func rows(t *testing.T, cypher string) string {
	t.Helper()
	result, err := neo4j.ExecuteQuery(t.Context(), neo4jtest.Driver(t), cypher, nil, neo4j.EagerResultTransformer, neo4j.ExecuteQueryWithDatabase("neo4j"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range result.Records {
		lines = append(lines, strings.TrimSpace(fmt.Sprintln(r.Values...)))
	}
	return strings.Join(lines, "\n")
}

// everything in the database, by sort.
const inventory = `MATCH (n) UNWIND labels(n) AS what RETURN what, count(*) AS n ORDER BY what
UNION ALL MATCH ()-[r]->() RETURN type(r) AS what, count(*) AS n ORDER BY what`

func TestLoadTwiceIsLoadingOnce(t *testing.T) {
	g, o := openGraph(t)
	var progress bytes.Buffer
	got, err := seed.Load(t.Context(), g, o, seed.Options{Progress: &progress})
	if err != nil {
		t.Fatal(err)
	}
	if want := (graph.Recorded{Documents: 1, Entities: 19, Claims: 58, Relationships: 28}); got != want {
		t.Errorf("Load = %+v, want %+v", got, want)
	}
	wantProgress := "pack musk-altman-rivalry: 19 entities, 58 claims, 59 passages (their text is not at hand)\n" +
		"added 1 document, 19 entities, 58 claims and 28 relationships\n"
	if diff := cmp.Diff(wantProgress, progress.String()); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	before := rows(t, inventory)

	got, err = seed.Load(t.Context(), g, o, seed.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got != (graph.Recorded{}) {
		t.Errorf("the second Load added %+v, want nothing", got)
	}
	if diff := cmp.Diff(before, rows(t, inventory)); diff != "" {
		t.Errorf("loading twice differs from loading once (-once +twice):\n%s", diff)
	}
}

func TestLoadedFacts(t *testing.T) {
	g, o := openGraph(t)
	if _, err := seed.Load(t.Context(), g, o, seed.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ cypher, want string }{
		{`MATCH (p:Person)-[r:CO_FOUNDED]->(c:Company {name: 'OpenAI'}) RETURN p.name, r.status ORDER BY p.name`,
			"Elon Musk ASSERTED\nGreg Brockman ASSERTED\nIlya Sutskever ASSERTED\nSam Altman ASSERTED"},
		{`MATCH (p:Person)-[r:LEFT]->(c) RETURN p.id, c.id, r.reason, r.contested, r.validFrom`,
			"elon-musk openai in part that he failed to gain more control true <nil>"},
		{`MATCH (p)-[r:SUED]->(c) RETURN p.id, c.id, r.outcome, r.validFrom, r.validToEdtf, r.contested`,
			"elon-musk openai withdrawn <nil> 2024-06 false"},
		{`MATCH (p)-[r:HOLDS_ROLE]->(c) RETURN p.id, r.title ORDER BY p.id`,
			"greg-brockman CTO\nilya-sutskever research director"},
		{`MATCH (e:Event) WHERE e.dateEdtf IS NOT NULL RETURN e.id, e.dateEdtf, e.dateText ORDER BY e.id`,
			"musk-case-withdrawal 2024-06 <nil>\nopenai-correspondence-release 2024-03-05 <nil>\nopenai-structure-talks [2018-01..2018-04] early 2018"},
		{`MATCH (:Person {id: 'elon-musk'})<-[:ATTRIBUTED_TO]-(c:Claim)<-[:DISPUTES]-(d)-[:ATTRIBUTED_TO]->(o) RETURN DISTINCT c.id, o.id ORDER BY c.id`,
			"claim:openai-should-keep-its-principles openai\nclaim:openai-veered-from-founding-principles openai\nclaim:tesla-should-fund-openai openai"},
	} {
		if diff := cmp.Diff(c.want, rows(t, c.cypher)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.cypher, diff)
		}
	}
}

// Packs about the same entities are put together: a pack that knows dates dates the other's relationships.
func TestLoadSeveralPacks(t *testing.T) {
	g, o := openGraph(t)
	if _, err := seed.Load(t.Context(), g, o, seed.Options{Packs: seed.Packs()}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ cypher, want string }{
		{`MATCH (p {id: 'elon-musk'})-[r:LEFT]->() RETURN p.aliases, p.externalIds, r.validFromEdtf, r.reason`,
			"[Musk] [wikidata:Q317521] 2018-02 in part that he failed to gain more control"},
		{`MATCH ({id: 'elon-musk'})-[r:SUED]->(c) RETURN c.id, r.validFromEdtf, r.outcome ORDER BY c.id, r.validFromEdtf`,
			"greg-brockman 2024-02-29 withdrawn\ngreg-brockman 2024-08-05 <nil>\n" +
				"openai 2024-02-29 withdrawn\nopenai 2024-08-05 <nil>\n" +
				"sam-altman 2024-02-29 withdrawn\nsam-altman 2024-08-05 <nil>"},
		{`MATCH (e {id: 'grok-4-launch'}) RETURN e.dateEdtf`, "2025-07-09"},
	} {
		if diff := cmp.Diff(c.want, rows(t, c.cypher)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.cypher, diff)
		}
	}
	// Passages of the pack that carries its text have their words; those of the other have not.
	if diff := cmp.Diff("document:musk-altman-rivalry 0\ndocument:public-record 39",
		rows(t, `MATCH ()-[q:QUOTED_FROM]->(d) RETURN d.id, count(q.exact) ORDER BY d.id`)); diff != "" {
		t.Errorf("passages with words (-want +got):\n%s", diff)
	}
}

// Words that were not at hand the first time are added the second time.
func TestLoadWithDocumentsLater(t *testing.T) {
	docs := documents(t)
	g, o := openGraph(t)
	if _, err := seed.Load(t.Context(), g, o, seed.Options{}); err != nil {
		t.Fatal(err)
	}
	before := rows(t, inventory)
	recorded, err := seed.Load(t.Context(), g, o, seed.Options{Documents: docs})
	if err != nil {
		t.Fatal(err)
	}
	if want := (graph.Recorded{Words: recorded.Words}); recorded.Words == 0 || recorded != want {
		t.Errorf("the second load adds %+v", recorded)
	}
	if diff := cmp.Diff(before, rows(t, inventory)); diff != "" {
		t.Errorf("the second load added something (-before +after):\n%s", diff)
	}
	if got := rows(t, `MATCH ()-[q:QUOTED_FROM]->() RETURN count(*) > 0 AND all(x IN collect(q.exact IS NOT NULL) WHERE x)`); got != "true" {
		t.Errorf("every passage has its words: %s, want true", got)
	}
}

func TestLoadNothingFromABrokenPack(t *testing.T) {
	g, o := openGraph(t)
	broken := packFiles(t)
	broken["more.yaml"] = &fstest.MapFile{Data: []byte("people:\n  - id: cy\n")}
	_, err := seed.Load(t.Context(), g, o, seed.Options{Packs: append(seed.Packs(), seed.Pack{Name: "acme", Files: broken})})
	checkError(t, err, "nothing was loaded, because the facts need a correction:\nacme/more.yaml:2: this person has no \"name\": the name to show")
	if got := rows(t, inventory); got != "" {
		t.Errorf("the database holds something:\n%s", got)
	}
}

// A claim that was recorded stays as it is. What the database knows better is reported with file and line too.
func TestLoadChangedClaim(t *testing.T) {
	g, o := openGraph(t)
	pack := packFiles(t)
	load := func() error {
		_, err := seed.Load(t.Context(), g, o, seed.Options{Packs: []seed.Pack{{Name: "acme", Files: pack}}})
		return err
	}
	if err := load(); err != nil {
		t.Fatal(err)
	}
	before := rows(t, inventory)
	changed := strings.Replace(string(pack["claims.yaml"].Data), "Acme is a café.", "Acme is no café.", 1)
	pack["claims.yaml"] = &fstest.MapFile{Data: []byte(changed)}
	pack["more.yaml"] = &fstest.MapFile{Data: []byte("people: [{id: cy, name: Cy}]\n")}
	checkError(t, load(), "nothing was loaded, because the facts need a correction:\nacme/claims.yaml:8: claim:acme-is-a-cafe: this claim is recorded already, with other content; "+
		"a claim never changes: give the new one another id, and let it supersede this one")
	if diff := cmp.Diff(before, rows(t, inventory)); diff != "" {
		t.Errorf("the refused load changed something (-before +after):\n%s", diff)
	}
	// All that have changed are told at once.
	all := strings.ReplaceAll(string(pack["claims.yaml"].Data), "statement: ", "statement: Now ")
	pack["claims.yaml"] = &fstest.MapFile{Data: []byte(all)}
	var problems seed.Problems
	if claims := strings.Count(all, "statement: "); !errors.As(load(), &problems) || len(problems) != claims || claims < 2 {
		t.Errorf("of %d claims are told: %v", claims, problems)
	}
}

// A document says something about what another one says, whether both are loaded together or not.
func TestLoadPacksThatPointAtEachOther(t *testing.T) {
	g, o := openGraph(t)
	acme := seed.Pack{Name: "acme", Files: packFiles(t)}
	const document = `document: {id: document:reply, title: A reply, file: reply.txt, sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}
claims:
`
	const passages = `, passages: [{start: 0, end: 3, sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}]}
`
	reply := func(claim string) seed.Pack {
		return seed.Pack{Name: "reply", Files: fstest.MapFS{"all.yaml": {Data: []byte(document + "  - {id: claim:reply, statement: It is not so., " + claim + passages)}}}
	}
	load := func(packs ...seed.Pack) error {
		_, err := seed.Load(t.Context(), g, o, seed.Options{Packs: packs})
		return err
	}
	good := reply("says: [ada-byrd], about: [acme], disputes: [claim:acme-is-a-cafe], asserts: {kind: FOUNDED, founder: ada-byrd, company: acme}")
	checkError(t, load(good), `nothing was loaded, because the facts need a correction:
reply/all.yaml:3: there is no claim with the id "claim:acme-is-a-cafe": add it, load the pack that has it, or correct the id
reply/all.yaml:3: there is no person, company, product or event with the id "acme": add it, load the pack that has it, or correct the id
reply/all.yaml:3: there is no person, company, product or event with the id "ada-byrd": add it, load the pack that has it, or correct the id`)
	if err := load(good, acme); err != nil {
		t.Fatal(err)
	}
	if got := rows(t, "MATCH (:Claim {id: 'claim:reply'})-[:DISPUTES]->(c) RETURN c.id, c.status"); got != "claim:acme-is-a-cafe DISPUTED" {
		t.Errorf("the reply disputes %q", got)
	}
	neo4jtest.ClearData(t)
	if err := load(acme); err != nil {
		t.Fatal(err)
	}
	checkError(t, load(reply("about: [acme], asserts: {kind: FOUNDED, founder: coffee, company: acme}")),
		`nothing was loaded, because the facts need a correction:
reply/all.yaml:3: claim:reply: founder "coffee" is not a Person`)
	if err := load(good); err != nil {
		t.Fatal(err)
	}
	if got := rows(t, "MATCH (:Claim {id: 'claim:reply'})-[:DISPUTES]->(c) RETURN c.id, c.status"); got != "claim:acme-is-a-cafe DISPUTED" {
		t.Errorf("the later reply disputes %q", got)
	}
}

func TestLoadPacksThatDisagree(t *testing.T) {
	other := fstest.MapFS{"all.yaml": {Data: []byte(`document:
  id: document:acme
  title: The story of Acme, told again
  file: again.txt
  sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
people:
  - id: acme
    name: Acme
  - id: ada-byrd
    name: Ada B. Byrd
    aliases: [Ada, Adabel]
products:
  - id: coffee
    name: Coffee
    openWeights: true
events:
  - id: opening
    name: The opening
    description: The doors open.
    date: {edtf: "1999-05", text: May}
claims:
  - id: claim:bo-sued-acme
    statement: Bo sued.
    about: [ada-byrd]
    passages: [{start: 0, end: 3, sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}]
`)}}
	_, err := seed.Load(t.Context(), nil, ontology(t), seed.Options{Packs: []seed.Pack{{Name: "acme", Files: packFiles(t)}, {Name: "again", Files: other}}})
	checkError(t, err, `nothing was loaded, because the facts need a correction:
again/all.yaml:2: another pack is about the document "document:acme" already: a document has one pack (see acme/document.yaml:2)
again/all.yaml:7: "acme" is a person here, but a company in another pack: choose another id, or correct one of the two (see acme/entities.yaml:9)
again/all.yaml:9: "ada-byrd" is called "Ada B. Byrd" here, but "Ada Byrd" in another pack: use one name, and put the other among its aliases (see acme/entities.yaml:2)
again/all.yaml:13: "coffee" has openWeights true here, but false in another pack: keep one of the two (see acme/entities.yaml:13)
again/all.yaml:17: "opening" has a description in another pack already: keep one of the two (see acme/entities.yaml:17)
again/all.yaml:17: "opening" has date 1999-05 ("May") here, but 1999~ in another pack: keep one of the two (see acme/entities.yaml:17)
again/all.yaml:22: another pack has a claim with the id "claim:bo-sued-acme" already: choose another id (see acme/claims.yaml:23)`)
}

func TestLoadPackWithoutFiles(t *testing.T) {
	_, err := seed.Load(t.Context(), nil, ontology(t), seed.Options{Packs: []seed.Pack{{Name: "empty", Files: fstest.MapFS{}}}})
	checkError(t, err, "nothing was loaded, because the facts need a correction:\npack empty: there is no *.yaml file here: a pack is a folder of them")
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatal("there is no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	var problems seed.Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Errorf("error holds no seed.Problems: %T", err)
	}
}
