package graph_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"pgregory.net/rapid"

	"dossier/graph"
	"dossier/internal/neo4jtest"
)

// emptyGraph opens a graph on the test server and removes all data.
func emptyGraph(t *testing.T) *graph.Graph {
	t.Helper()
	return emptyGraphThatTells(t, nil)
}

// emptyGraphThatTells does the same, and the graph tells of the statements that it sends.
func emptyGraphThatTells(t *testing.T, sent func(ctx context.Context, text string, together int) (ended func(string))) *graph.Graph {
	t.Helper()
	server := neo4jtest.Server(t)
	neo4jtest.ClearData(t)
	s, o := load(t)
	g, err := graph.Open(graph.Config{URI: server.BoltURI, Username: server.Username, Password: server.Password, Sent: sent}, s, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close(context.WithoutCancel(t.Context())) })
	if err := g.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return g
}

// Relationships of a database from before, which lack the ids of their ends, get them together with the index.
func TestPrepareStoresTheEndsIDs(t *testing.T) {
	s := newService(t)
	query(t, "MATCH ()-[r:CO_FOUNDED]->() REMOVE r.subjectId, r.objectId", nil)
	query(t, "DROP INDEX co_founded_subject", nil)
	if err := s.graph.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows := query(t, "MATCH (a)-[r:CO_FOUNDED]->(b) RETURN count(r) > 0, all(x IN collect(r.subjectId = a.id AND r.objectId = b.id) WHERE x), count(r) = count(r.subjectId)", nil)
	if diff := gocmp.Diff([][]any{{true, true, true}}, rows); diff != "" {
		t.Error(diff)
	}
}

func query(t testing.TB, text string, params map[string]any) [][]any {
	t.Helper()
	result, err := neo4j.ExecuteQuery(t.Context(), neo4jtest.Driver(t), text, params, neo4j.EagerResultTransformer)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]any
	for _, r := range result.Records {
		rows = append(rows, r.Values)
	}
	return rows
}

const hash = "94022a184d62fba7331d4f4d99126b29198002d9f628adc6acab73fb8a21a7aa"

// people and firms that the claims of these tests are about.
func cast() graph.Batch {
	return graph.Batch{
		Documents: []graph.Document{{ID: "document:one", Title: "One", SHA256: hash}},
		Entities: []graph.Entity{
			{Type: "Person", ID: "ann", Name: "Ann"}, {Type: "Person", ID: "bob", Name: "Bob"},
			{Type: "Company", ID: "acme", Name: "Acme"}, {Type: "Company", ID: "bolt", Name: "Bolt"},
			{Type: "Product", ID: "widget", Name: "Widget"},
		},
	}
}

// A modelClaim is a claim of the model: what the graph is told, in which batch, and whether it still counts.
type modelClaim struct {
	graph.Claim
	batch                int
	retracted, withdrawn bool
}

// model adds claims up in memory, the plainest way there is.
type model map[string]modelClaim

func (m model) standing() (status map[string]string, disputed map[string]bool) {
	superseded := map[string]bool{}
	for _, c := range m {
		if !c.retracted && !c.withdrawn {
			superseded[c.Supersedes] = true
		}
	}
	status, disputed = map[string]string{}, map[string]bool{}
	corroborated := map[string]bool{}
	for id, c := range m {
		if c.retracted || c.withdrawn || superseded[id] {
			continue
		}
		for _, d := range c.Disputes {
			disputed[d] = true
		}
		for _, d := range c.Corroborates {
			corroborated[d] = corroborated[d] || elseBy(c.Claim, m[d].Claim)
		}
	}
	for id, c := range m {
		switch {
		case c.retracted:
			status[id] = "RETRACTED"
		case c.withdrawn:
			status[id] = "WITHDRAWN"
		case superseded[id]:
			status[id] = "SUPERSEDED"
		case disputed[id]:
			status[id] = "DISPUTED"
		case corroborated[id]:
			status[id] = "CORROBORATED"
		case c.Alleged:
			status[id] = "ALLEGED"
		default:
			status[id] = "ASSERTED"
		}
	}
	return status, disputed
}

// elseBy says whether a claim is made by somebody whom another one is not made by: people, or else documents.
func elseBy(c, other graph.Claim) bool {
	if len(c.AttributedTo) > 0 {
		return slices.ContainsFunc(c.AttributedTo, func(id string) bool { return !slices.Contains(other.AttributedTo, id) })
	}
	return len(other.AttributedTo) > 0 || !slices.ContainsFunc(c.Passages, func(p graph.Passage) bool {
		return slices.ContainsFunc(other.Passages, func(q graph.Passage) bool { return p.Document == q.Document })
	})
}

// edges are the relationships that the model's claims add up to: status, contested, validFrom and reason by id.
func (m model) edges() map[string]string {
	status, disputed := m.standing()
	speak := map[string][]modelClaim{}
	for id, c := range m {
		if c.Asserts == nil || c.Rank == "DEPRECATED" || slices.Contains([]string{"SUPERSEDED", "WITHDRAWN", "RETRACTED"}, status[id]) {
			continue
		}
		key := fmt.Sprintf("%s:%s:%s", strings.ToLower(c.Asserts.Kind), c.Asserts.Source, c.Asserts.Target)
		if c.Asserts.Stint > 1 {
			key += fmt.Sprint(":", c.Asserts.Stint)
		}
		speak[key] = append(speak[key], c)
	}
	order := map[string]int{"CORROBORATED": 0, "ASSERTED": 1, "ALLEGED": 2, "DISPUTED": 3}
	rank := map[string]int{"PREFERRED": 0, "": 1, "NORMAL": 1}
	out := map[string]string{}
	for key, claims := range speak {
		slices.SortFunc(claims, func(a, b modelClaim) int {
			return cmp.Or(cmp.Compare(rank[a.Rank], rank[b.Rank]), cmp.Compare(order[status[a.ID]], order[status[b.ID]]),
				cmp.Compare(a.batch, b.batch), cmp.Compare(a.ID, b.ID))
		})
		contested, from, reason := false, "", any(nil)
		for _, c := range claims {
			contested = contested || disputed[c.ID]
			from = cmp.Or(from, c.Asserts.ValidFrom.EDTF)
			if reason == nil {
				reason = c.Asserts.Properties["reason"]
			}
		}
		out[key] = fmt.Sprint(status[claims[0].ID], " ", contested, " ", from, " ", reason)
	}
	return out
}

// storedEdges reads the same of the database, as it was known at an instant.
func storedEdges(t testing.TB, at time.Time) map[string]string {
	out := map[string]string{}
	for _, row := range query(t, `MATCH (s:Entity)-[r:LEFT|BELIEVED_LEFT]->(t:Entity) WHERE r.knownFrom <= $at AND coalesce(r.knownTo > $at, true)
RETURN r.id, r.status, r.contested, coalesce(r.validFromEdtf, ''), r.reason, s.id, t.id`, map[string]any{"at": at}) {
		id := row[0].(string)
		if !strings.Contains(id, ":"+row[5].(string)+":"+row[6].(string)) {
			t.Errorf("relationship %s runs from %s to %s", id, row[5], row[6])
		}
		if _, twice := out[id]; twice {
			t.Errorf("relationship %s has two states at %s", id, at)
		}
		out[id] = fmt.Sprint(row[1], " ", row[2], " ", row[3], " ", row[4])
	}
	return out
}

// storedStanding reads the standing of the claims recorded by an instant.
func storedStanding(t testing.TB, at time.Time) (status map[string]string, disputed map[string]bool) {
	status, disputed = map[string]string{}, map[string]bool{}
	then, contradicted := graph.Standing("c", "$at")
	for _, row := range query(t, "MATCH (c:Claim) WHERE c.recordedAt <= $at RETURN c.id, "+then+", "+contradicted, map[string]any{"at": at}) {
		status[row[0].(string)] = row[1].(string)
		if row[2].(bool) {
			disputed[row[0].(string)] = true
		}
	}
	return status, disputed
}

// content is everything that is stored: each node and each relationship in full, in alphabetical order.
func content(t testing.TB) []string {
	var out []string
	for _, row := range query(t, `CALL () {
  MATCH (n) RETURN labels(n) AS what, properties(n) AS properties
  UNION ALL
  MATCH (s)-[r]->(t) RETURN [s.id, type(r), t.id] AS what, properties(r) AS properties
}
RETURN what, [k IN keys(properties) | k + '=' + toStringOrNull(properties[k])], properties.aliases`, nil) {
		fields := row[1].([]any)
		slices.SortFunc(fields, func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		out = append(out, fmt.Sprint(row[0], fields, row[2]))
	}
	slices.Sort(out)
	return out
}

// lastCommit is the instant of the last change.
func lastCommit(t testing.TB) time.Time {
	at, _ := query(t, "MATCH (l:Log) RETURN l.at", nil)[0][0].(time.Time)
	return at
}

// Whatever claims arrive in whatever portions, are retracted or withdrawn, their standing and the relationships are what
// the model says, and so is what is kept of every instant before; projecting everything again changes nothing.
func TestProjectionAgainstModel(t *testing.T) {
	g := emptyGraph(t)
	checks(t, 20)
	rapid.Check(t, func(rt *rapid.T) {
		neo4jtest.ClearData(t)
		if _, err := g.Record(t.Context(), "tester", cast()); err != nil {
			rt.Fatal(err)
		}
		m := model{}
		type snapshot struct {
			at       time.Time
			status   map[string]string
			disputed map[string]bool
			edges    map[string]string
		}
		var past []snapshot
		keep := func() {
			status, disputed := m.standing()
			for id := range disputed { // of claims that there are
				if _, ok := m[id]; !ok {
					delete(disputed, id)
				}
			}
			past = append(past, snapshot{lastCommit(t), status, disputed, m.edges()})
		}
		keep()
		var ids []string
		for step := range rapid.IntRange(1, 6).Draw(rt, "steps") {
			what := rapid.SampledFrom([]string{"record", "record", "retract", "withdraw"}).Draw(rt, "what")
			if what != "record" && len(ids) == 0 {
				continue
			}
			if what == "record" {
				var b graph.Batch
				for range rapid.IntRange(1, 4).Draw(rt, "claims") {
					c := drawClaim(rt, fmt.Sprintf("claim:c%02d", len(ids)), ids)
					ids = append(ids, c.ID)
					m[c.ID] = modelClaim{Claim: c, batch: step}
					b.Claims = append(b.Claims, c)
				}
				slices.Reverse(b.Claims) // order within a batch does not matter
				if _, err := g.Record(t.Context(), "tester", b); err != nil {
					rt.Fatal(err)
				}
				again, err := g.Record(t.Context(), "tester", b)
				if err != nil || again != (graph.Recorded{}) {
					rt.Fatalf("recording a batch again: %+v, %v", again, err)
				}
			} else {
				id := rapid.SampledFrom(ids).Draw(rt, "which")
				c := m[id]
				end, refused := g.Retract, c.retracted
				if what == "withdraw" {
					end, refused = g.Withdraw, c.retracted || c.withdrawn
				}
				if err := end(t.Context(), "tester", id, "because"); (err != nil) != refused {
					rt.Fatalf("%s %s, which is %+v: %v", what, id, c, err)
				}
				if refused {
					continue
				}
				c.retracted, c.withdrawn = c.retracted || what == "retract", c.withdrawn || what == "withdraw"
				m[id] = c
			}
			keep()
		}
		now := past[len(past)-1]
		for _, row := range query(t, "MATCH (c:Claim) RETURN c.id, c.status, c.disputed", nil) {
			id := row[0].(string)
			if row[1] != now.status[id] || row[2] != now.disputed[id] {
				rt.Fatalf("%s is %v, disputed %v; want %v, %v", id, row[1], row[2], now.status[id], now.disputed[id])
			}
		}
		for i, s := range past {
			// An instant's state holds until just before the next.
			until := s.at
			if i+1 < len(past) {
				until = past[i+1].at.Add(-time.Nanosecond)
			}
			for _, at := range []time.Time{s.at, until} {
				if diff := gocmp.Diff(s.edges, storedEdges(t, at)); diff != "" {
					rt.Fatalf("relationships after step %d of %d, at %s (-want +got):\n%s", i, len(past)-1, at, diff)
				}
				status, disputed := storedStanding(t, at)
				if diff := gocmp.Diff(s.status, status); diff != "" {
					rt.Fatalf("standing after step %d of %d, at %s (-want +got):\n%s", i, len(past)-1, at, diff)
				}
				if diff := gocmp.Diff(s.disputed, disputed); diff != "" {
					rt.Fatalf("disputed after step %d of %d, at %s (-want +got):\n%s", i, len(past)-1, at, diff)
				}
			}
		}
		before := content(t)
		did, err := g.Rebuild(t.Context(), func(int) {})
		if err != nil || did != (graph.Rebuilt{Relationships: len(now.edges)}) {
			rt.Fatalf("rebuilt %+v of %d relationships: %v", did, len(now.edges), err)
		}
		wantAmiss := func(when string, want graph.Amiss) {
			if condition, err := g.Examine(t.Context()); err != nil || condition.Amiss != want {
				rt.Fatalf("%s, this is amiss: %+v, want %+v (%v)", when, condition.Amiss, want, err)
			}
		}
		wantAmiss("as it was recorded", graph.Amiss{})
		if diff := gocmp.Diff(before, content(t)); diff != "" {
			rt.Fatalf("after a rebuild (-before +after):\n%s", diff)
		}
		// What is lost is rebuilt too.
		query(t, "MATCH (:Entity)-[r]->(:Entity) WHERE r.id < 'left:b' OR r.status = 'ASSERTED' DELETE r", nil)
		if _, err := g.Rebuild(t.Context(), func(int) {}); err != nil {
			rt.Fatal(err)
		}
		if diff := gocmp.Diff(before, content(t)); diff != "" {
			rt.Fatalf("after a loss and a rebuild (-before +after):\n%s", diff)
		}
		// What was written past the record goes: what no claim speaks of, and what joins others than the claims say.
		query(t, `MATCH (a:Entity {id: 'ann'}), (b:Entity {id: 'bob'}), (c:Company {id: 'acme'})
CREATE (a)-[:LEFT]->(c), (a)-[:LEFT {id: 'left:somebody:somewhere'}]->(c), (a)-[:LEFT {id: 'sued:a:b'}]->(c), (a)-[:BELIEVED_LEFT {id: 'left:x:y'}]->(c)
WITH a, b OPTIONAL MATCH ()-[r:LEFT]->(c) WHERE r.id STARTS WITH 'left:ann'
WITH a, b, c, r, r.id AS id DELETE r
FOREACH (x IN CASE WHEN id IS NULL THEN [] ELSE [id] END | CREATE (b)-[:LEFT {id: x}]->(a))`, nil)
		wantAmiss("after somebody wrote past the record", graph.Amiss{Strays: 4})
		if _, err := g.Rebuild(t.Context(), func(int) {}); err != nil {
			rt.Fatal(err)
		}
		if diff := gocmp.Diff(before, content(t)); diff != "" {
			rt.Fatalf("after somebody wrote past the record and a rebuild (-before +after):\n%s", diff)
		}
	})
}

// What somebody deletes or changes past the record is seen, and comes back where the record tells of it.
func TestAmiss(t *testing.T) {
	g := emptyGraph(t)
	batch := graph.Batch{
		Entities: []graph.Entity{{ID: "ann", Type: "Person", Name: "Ann"}, {ID: "acme", Type: "Company", Name: "Acme"}, {ID: "bell", Type: "Company", Name: "Bell"}},
		Claims: []graph.Claim{
			{ID: "claim:one", Statement: "Ann left Acme.", Asserts: &graph.Assertion{Kind: "LEFT", Source: "ann", Target: "acme"}},
			{ID: "claim:two", Statement: "Ann left Bell.", Asserts: &graph.Assertion{Kind: "LEFT", Source: "ann", Target: "bell"}},
			{ID: "claim:three", Statement: "Ann is nice.", About: []string{"ann"}},
		},
	}
	record := func(t *testing.T) {
		if _, err := g.Record(t.Context(), "tester", batch); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		done    string
		amiss   graph.Amiss
		rebuilt graph.Rebuilt
		left    graph.Amiss // after a rebuild
	}{
		"relationship deleted": {
			done:    "MATCH ()-[r:LEFT {id: 'left:ann:acme'}]->() DELETE r",
			amiss:   graph.Amiss{Undrawn: 1},
			rebuilt: graph.Rebuilt{Relationships: 2},
		},
		"link deleted": {
			done:    "MATCH (:Claim {id: 'claim:one'})-[r:ABOUT]->(:Entity {id: 'acme'}) DELETE r",
			amiss:   graph.Amiss{Unlinked: 1},
			rebuilt: graph.Rebuilt{Relationships: 2},
		},
		"standing changed": {
			done:    "MATCH (c:Claim {id: 'claim:three'}) SET c.status = 'FALSE'",
			amiss:   graph.Amiss{Misread: 1},
			rebuilt: graph.Rebuilt{Relationships: 2},
		},
		"standing taken away": {
			done:    "MATCH (c:Claim) REMOVE c.status, c.disputed",
			amiss:   graph.Amiss{Misread: 3},
			rebuilt: graph.Rebuilt{Relationships: 2},
		},
		"entity deleted": {
			done:    "MATCH (e:Entity {id: 'bell'}) DETACH DELETE e",
			amiss:   graph.Amiss{Orphans: 1},
			rebuilt: graph.Rebuilt{Relationships: 1, Undrawn: 1},
			left:    graph.Amiss{Orphans: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := func(when string, want graph.Amiss) {
				if condition, err := g.Examine(t.Context()); err != nil || condition.Amiss != want {
					t.Errorf("%s, this is amiss: %+v, want %+v (%v)", when, condition.Amiss, want, err)
				}
			}
			neo4jtest.ClearData(t)
			record(t)
			before := content(t)
			want("before", graph.Amiss{})
			query(t, c.done, nil)
			want("after it", c.amiss)
			did, err := g.Rebuild(t.Context(), func(int) {})
			if err != nil || did != c.rebuilt {
				t.Errorf("rebuilt %+v, want %+v (%v)", did, c.rebuilt, err)
			}
			want("after a rebuild", c.left)
			if c.left != (graph.Amiss{}) { // somebody has to load again what has it
				record(t)
				want("after it is loaded again", graph.Amiss{Unlinked: 1, Undrawn: 1})
				if did, err = g.Rebuild(t.Context(), func(int) {}); err != nil || did != (graph.Rebuilt{Relationships: 2}) {
					t.Errorf("rebuilt %+v (%v)", did, err)
				}
				want("after that and a rebuild", graph.Amiss{})
				return
			}
			if diff := gocmp.Diff(before, content(t)); diff != "" {
				t.Errorf("after a rebuild (-before +after):\n%s", diff)
			}
		})
	}
}

// drawClaim draws a claim that may point at earlier ones.
func drawClaim(rt *rapid.T, id string, earlier []string) graph.Claim {
	c := graph.Claim{
		ID: id, Statement: "Something.", About: []string{"ann"},
		Alleged: rapid.Bool().Draw(rt, "alleged"),
		Rank:    rapid.SampledFrom([]string{"", "", "PREFERRED", "NORMAL", "DEPRECATED"}).Draw(rt, "rank"),
	}
	c.AttributedTo = rapid.SampledFrom([][]string{nil, {"ann"}, {"bob"}, {"ann", "bob"}}).Draw(rt, "attributed")
	if rapid.Bool().Draw(rt, "quoted") {
		c.Passages = []graph.Passage{{Document: "document:one", End: 1, SHA256: hash}}
	}
	if rapid.IntRange(0, 4).Draw(rt, "asserts") > 0 {
		c.Asserts = &graph.Assertion{
			Kind: "LEFT", Source: rapid.SampledFrom([]string{"ann", "bob"}).Draw(rt, "person"), Target: "acme",
			Stint: rapid.IntRange(0, 2).Draw(rt, "stint"),
		}
		c.Asserts.ValidFrom.EDTF = rapid.SampledFrom([]string{"", "2018", "2018-02", "2019~"}).Draw(rt, "validFrom")
		if reason := rapid.SampledFrom([]string{"", "money", "power"}).Draw(rt, "reason"); reason != "" {
			c.Asserts.Properties = map[string]any{"reason": reason}
		}
	}
	if len(earlier) > 0 {
		pick := func(name string) []string {
			if rapid.IntRange(0, 2).Draw(rt, name) > 0 {
				return nil
			}
			return []string{rapid.SampledFrom(earlier).Draw(rt, name+" which")}
		}
		c.Disputes, c.Corroborates = pick("disputes"), pick("corroborates")
		c.Corroborates = slices.DeleteFunc(c.Corroborates, func(id string) bool { return slices.Contains(c.Disputes, id) }) // both at once is refused
		if s := pick("supersedes"); s != nil {
			c.Supersedes = s[0]
		}
	}
	return c
}

// checks sets how many cases the property tests of a test draw: each of them talks to the database.
func checks(t *testing.T, n int) {
	f := flag.Lookup("rapid.checks")
	before := f.Value.String()
	if before != f.DefValue { // asked for on the command line
		return
	}
	if err := f.Value.Set(fmt.Sprint(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(before) })
}

// What cannot be recorded names the item and the reason, and leaves nothing behind.
func TestRecordRefuses(t *testing.T) {
	g := emptyGraph(t)
	if _, err := g.Record(t.Context(), "tester", cast()); err != nil {
		t.Fatal(err)
	}
	claim := func(change func(*graph.Claim)) graph.Batch {
		c := graph.Claim{ID: "claim:x", Statement: "X.", Asserts: &graph.Assertion{Kind: "LEFT", Source: "ann", Target: "acme"}}
		change(&c)
		return graph.Batch{Entities: []graph.Entity{{Type: "Person", ID: "new", Name: "New"}}, Claims: []graph.Claim{c}}
	}
	cases := []struct {
		name  string
		batch graph.Batch
		want  string
	}{
		{"unknown kind", claim(func(c *graph.Claim) { c.Asserts.Kind = "MET" }), `claim:x: there is no kind of relationship "MET"`},
		{"wrong end", claim(func(c *graph.Claim) { c.Asserts.Target = "widget" }), `claim:x: company "widget" is not a Company`},
		{"dangling end", claim(func(c *graph.Claim) { c.Asserts.Source = "nobody" }), `claim:x: there is no entity "nobody", which it points at (ABOUT)`},
		{"dangling speaker", claim(func(c *graph.Claim) { c.AttributedTo = []string{"nobody"} }), `claim:x: there is no entity "nobody", which it points at (ATTRIBUTED_TO)`},
		{"claim as a speaker", claim(func(c *graph.Claim) { c.AttributedTo = []string{"claim:y"} }), `claim:x: there is no entity "claim:y", which it points at (ATTRIBUTED_TO)`},
		{"dangling dispute", claim(func(c *graph.Claim) { c.Disputes = []string{"claim:y"} }), `claim:x: there is no claim "claim:y", which it points at (DISPUTES)`},
		{"entity disputed", claim(func(c *graph.Claim) { c.Disputes = []string{"ann"} }), `claim:x: there is no claim "ann", which it points at (DISPUTES)`},
		{"itself", claim(func(c *graph.Claim) { c.Disputes = []string{"claim:x"} }), `claim:x: a claim cannot point at itself (DISPUTES)`},
		{"dangling document", claim(func(c *graph.Claim) {
			c.Passages = []graph.Passage{{Document: "document:two", End: 1, SHA256: hash}}
		}), `claim:x: the document "document:two", which it quotes, does not exist`},
		{"malformed date", claim(func(c *graph.Claim) { c.Asserts.ValidFrom.EDTF = "June 2024" }), `claim:x: validFrom: "June 2024" is not an EDTF date: `},
		{"open date", claim(func(c *graph.Claim) { c.MadeOn.EDTF = "[2018..]" }), `claim:x: madeOn: "[2018..]" is open on one side: give both bounds, for example [2018-01..2018-04]`},
		{"end before start", claim(func(c *graph.Claim) {
			c.Asserts.ValidFrom.EDTF, c.Asserts.ValidTo.EDTF = "2019", "2018"
		}), `claim:x: validTo 2018 is not after validFrom 2019: it is when the relationship no longer held`},
		{"words without a date", claim(func(c *graph.Claim) { c.Asserts.ValidTo.Text = "later" }), `claim:x: validTo has words ("later") but no date`},
		{"unknown property", claim(func(c *graph.Claim) { c.Asserts.Properties = map[string]any{"mood": "sad"} }), `claim:x: Left has no property "mood"`},
		{"property of another type", claim(func(c *graph.Claim) { c.Asserts.Properties = map[string]any{"reason": true} }), `claim:x: reason is not a String`},
		{"missing property", claim(func(c *graph.Claim) { c.Asserts.Kind = "HOLDS_ROLE" }), `claim:x: HoldsRole needs title`},
		{"one end twice", claim(func(c *graph.Claim) {
			*c.Asserts = graph.Assertion{Kind: "RIVAL_OF", Source: "ann", Target: "ann"}
		}), `claim:x: RIVAL_OF joins "ann" to itself`},
		{"bad id", claim(func(c *graph.Claim) { c.ID = "X" }), `X: the id is not "claim:" and lower-case words joined by hyphens, for example claim:first-meeting`},
		{"bad rank", claim(func(c *graph.Claim) { c.Rank = "BEST" }), `claim:x: the rank "BEST" is not PREFERRED, NORMAL or DEPRECATED`},
		{"bad hash", claim(func(c *graph.Claim) {
			c.Passages = []graph.Passage{{Document: "document:one", End: 1, SHA256: "12"}}
		}), `claim:x: the passage's sha256 is not 64 lower-case hexadecimal digits`},
		{"words of another passage", claim(func(c *graph.Claim) {
			c.Passages = []graph.Passage{{Document: "document:one", End: 1, SHA256: strings.Repeat("0", 64), Exact: "A"}}
		}), `claim:x: the words of the passage from 0 to 1 are others than those of its sha256`},
		{"superseding in a circle", graph.Batch{Claims: []graph.Claim{
			{ID: "claim:x", Statement: "X.", About: []string{"ann"}, Supersedes: "claim:y"},
			{ID: "claim:y", Statement: "Y.", About: []string{"ann"}, Supersedes: "claim:x"},
		}}, `claim:x: it supersedes itself, by way of what it supersedes: the newest claim supersedes the older one`},
		{"another type", graph.Batch{Entities: []graph.Entity{{Type: "Company", ID: "ann", Name: "Ann"}}}, `ann: this id belongs to another thing already, which is no Company but a Person`},
		{"blank name", graph.Batch{Entities: []graph.Entity{{Type: "Person", ID: "cat", Name: " "}}}, `cat: the name is blank`},
		{"long name", graph.Batch{Entities: []graph.Entity{{Type: "Person", ID: "cat", Name: strings.Repeat("ü", 1001)}}}, `cat: the name has 1001 characters, and may have 1000`},
		{"long title", claim(func(c *graph.Claim) {
			c.Asserts.Kind, c.Asserts.Properties = "HOLDS_ROLE", map[string]any{"title": strings.Repeat("x", 1001)}
		}), `claim:x: the title has 1001 characters, and may have 1000`},
		{"both ways", claim(func(c *graph.Claim) { c.Disputes, c.Corroborates = []string{"claim:y"}, []string{"claim:y"} }), `claim:x: it disputes claim:y and corroborates it: it does one of the two`},
		{"passage beyond 32 bits", claim(func(c *graph.Claim) {
			c.Passages = []graph.Passage{{Document: "document:one", Start: 1, End: 1 << 31, SHA256: hash}}
		}), `claim:x: the passage from 1 to 2147483648 is none: it starts at 0 or later, and ends after its start and at 2147483647 at the latest`},
		{"no day long", claim(func(c *graph.Claim) { c.Asserts.ValidFrom.EDTF, c.Asserts.ValidTo.EDTF = "2019-05-03", "2019-05-03" }), `claim:x: validTo 2019-05-03 is not after validFrom 2019-05-03`},
		{"document with another text", graph.Batch{Documents: []graph.Document{{ID: "document:one", Title: "One", SHA256: strings.Repeat("0", 64)}}},
			`document:one: this document is recorded already, with another text (sha256 ` + hash + `), which claims are quoted from; a document's text never changes: give the new one another id`},
		{"several", graph.Batch{Entities: []graph.Entity{{Type: "Person", ID: "cat"}, {Type: "Person", ID: "Dog", Name: "Dog"}}},
			"cat: the name is blank\nDog: the id is not lower-case words joined by hyphens, for example elon-musk"},
		{"unknown type", graph.Batch{Entities: []graph.Entity{{Type: "Claim", ID: "cat", Name: "Cat"}}}, `cat: there is no entity type "Claim"`},
	}
	count := func() any { return query(t, "MATCH (n) RETURN count(n)", nil)[0][0] }
	before := count()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := g.Record(t.Context(), "tester", c.batch)
			var item *graph.ItemError
			if !errors.As(err, &item) || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if after := count(); after != before {
				t.Errorf("%v nodes are stored, there were %v", after, before)
			}
		})
	}
	t.Run("claim that says the same in other words", func(t *testing.T) {
		b := cast()
		b.Claims = []graph.Claim{
			{ID: "claim:rivals", Statement: "X.", AttributedTo: []string{"ann", "bob"}, Asserts: &graph.Assertion{Kind: "RIVAL_OF", Source: "ann", Target: "bob"}},
		}
		if _, err := g.Record(t.Context(), "tester", b); err != nil {
			t.Fatal(err)
		}
		b.Claims = []graph.Claim{{
			ID: "claim:rivals", Statement: "X.", AttributedTo: []string{"bob", "ann"}, Rank: "NORMAL", About: []string{"bob"},
			Asserts: &graph.Assertion{Kind: "RIVAL_OF", Source: "bob", Target: "ann", Stint: 1},
		}}
		if recorded, err := g.Record(t.Context(), "tester", b); err != nil || recorded != (graph.Recorded{}) {
			t.Errorf("%+v %v, want that nothing is new", recorded, err)
		}
	})
	t.Run("titles are told apart", func(t *testing.T) {
		b := cast()
		titles := []string{"C engineer", "C# engineer", "C++ engineer", "会长", "会场", "🚀", "💰"}
		for i, title := range append(titles, "c  Engineer ") { // which is the first one again
			b.Claims = append(b.Claims, graph.Claim{
				ID: fmt.Sprint("claim:title-", i), Statement: "X.",
				Asserts: &graph.Assertion{Kind: "HOLDS_ROLE", Source: "ann", Target: "acme", Properties: map[string]any{"title": title}},
			})
		}
		if _, err := g.Record(t.Context(), "tester", b); err != nil {
			t.Fatal(err)
		}
		rows := query(t, "MATCH (:Person {id: 'ann'})-[r:HOLDS_ROLE]->(:Company {id: 'acme'}) RETURN r.id ORDER BY r.id", nil)
		if len(rows) != len(titles) || !slices.ContainsFunc(rows, func(r []any) bool { return r[0] == "holds-role:ann:acme:c-engineer" }) {
			t.Errorf("%d roles %v, want %d", len(rows), rows, len(titles))
		}
	})
	t.Run("claim with other content", func(t *testing.T) {
		first := claim(func(*graph.Claim) {})
		if _, err := g.Record(t.Context(), "tester", first); err != nil {
			t.Fatal(err)
		}
		first.Claims[0].Statement = "Y."
		_, err := g.Record(t.Context(), "tester", first)
		want := "claim:x: this claim is recorded already, with other content; a claim never changes: give the new one another id, and let it supersede this one"
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	})
}

// A symmetric kind is stored once, whichever end is named first; parallel titles are parallel relationships.
func TestRelationshipIdentity(t *testing.T) {
	g := emptyGraph(t)
	b := cast()
	asserts := func(id string, a graph.Assertion) {
		b.Claims = append(b.Claims, graph.Claim{ID: "claim:" + id, Statement: "X.", Asserts: &a})
	}
	asserts("one", graph.Assertion{Kind: "RIVAL_OF", Source: "ann", Target: "bob"})
	asserts("two", graph.Assertion{Kind: "RIVAL_OF", Source: "bob", Target: "ann"})
	asserts("cto", graph.Assertion{Kind: "HOLDS_ROLE", Source: "ann", Target: "acme", Properties: map[string]any{"title": "CTO"}})
	asserts("head", graph.Assertion{Kind: "HOLDS_ROLE", Source: "ann", Target: "acme", Properties: map[string]any{"title": "Head of Research"}})
	asserts("again", graph.Assertion{Kind: "HOLDS_ROLE", Source: "ann", Target: "acme", Stint: 2, Properties: map[string]any{"title": "CTO"}})
	asserts("open", graph.Assertion{Kind: "FOUNDED", Source: "bob", Target: "bolt", ValidTo: graph.PartialDate{EDTF: ".."}})
	if _, err := g.Record(t.Context(), "tester", b); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range query(t, "MATCH ()-[r:RIVAL_OF|HOLDS_ROLE|FOUNDED]->() RETURN r.id ORDER BY r.id", nil) {
		got = append(got, row[0].(string))
	}
	want := []string{
		"founded:bob:bolt", "holds-role:ann:acme:cto", "holds-role:ann:acme:cto:2", "holds-role:ann:acme:head-of-research", "rival-of:ann:bob",
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("relationships (-want +got):\n%s", diff)
	}
}
