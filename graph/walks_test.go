package graph_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dossier/graph"
)

// A multigraph is a random graph in the database and in memory. Its things have ids of their own, beside those of other
// runs (see history).
type multigraph struct {
	*history
	nodes []string
	edges []graphEdge // in the order of their ids
}

type graphEdge struct {
	id, kind, source, target string
	contested                bool
}

func newMultigraph(t *testing.T, rt *rapid.T, s *service, run int) *multigraph {
	g := &multigraph{history: &history{service: s, t: t, run: run}}
	var b graph.Batch
	for _, name := range strings.Split("abcdefghi", "") {
		b.Entities = append(b.Entities, graph.Entity{Type: "Person", ID: g.id(name), Name: name})
	}
	people := len(b.Entities)
	for _, name := range strings.Split("mno", "") {
		b.Entities = append(b.Entities, graph.Entity{Type: "Company", ID: g.id(name), Name: name})
	}
	for _, e := range b.Entities {
		g.nodes = append(g.nodes, e.ID)
	}
	for i := range rapid.IntRange(0, 40).Draw(rt, "edges") {
		a := graph.Assertion{
			Kind: rapid.SampledFrom([]string{"RIVAL_OF", "SUED", "LEFT"}).Draw(rt, "kind"), Stint: rapid.IntRange(1, 2).Draw(rt, "stint"),
			Source: rapid.SampledFrom(g.nodes[:people]).Draw(rt, "source"),
		}
		targets := map[string][]string{"RIVAL_OF": g.nodes[:people], "SUED": g.nodes, "LEFT": g.nodes[people:]}[a.Kind]
		a.Target = rapid.SampledFrom(targets).Draw(rt, "target")
		id, source, target := idOf(a)
		if source == target || slices.ContainsFunc(g.edges, func(e graphEdge) bool { return e.id == id }) {
			continue
		}
		e := graphEdge{id, a.Kind, source, target, rapid.IntRange(0, 3).Draw(rt, "contested") == 0}
		g.edges = append(g.edges, e)
		c := graph.Claim{ID: fmt.Sprintf("claim:%s-%d", g.id("for"), i), Statement: "It is so.", Asserts: &a}
		b.Claims = append(b.Claims, c)
		if e.contested {
			b.Claims = append(b.Claims, graph.Claim{ID: c.ID + "-not", Statement: "It is not.", About: []string{source}, Disputes: []string{c.ID}})
		}
	}
	slices.SortFunc(g.edges, func(a, b graphEdge) int { return cmp.Compare(a.id, b.id) })
	g.write(rt, b)
	return g
}

// A way says which relationships a walk may take. There are few, because Neo4j plans each anew.
type way struct {
	Direction string
	Kinds     []string // nil for all
	Calm      bool     // contested ones excluded
}

var ways = []way{{Direction: "ANY"}, {"ANY", []string{"SUED", "LEFT"}, true}, {Direction: "OUT"}, {"IN", []string{"SUED", "RIVAL_OF"}, false}}

func (w way) allows(e graphEdge) bool {
	return (w.Kinds == nil || slices.Contains(w.Kinds, e.kind)) && (!w.Calm || !e.contested)
}

// from is where a walk gets to over a relationship that starts at a node; "" is nowhere.
func (w way) from(node string, e graphEdge) string {
	switch {
	case !w.allows(e):
	case node == e.source && w.Direction != "IN":
		return e.target
	case node == e.target && w.Direction != "OUT":
		return e.source
	}
	return ""
}

func (w way) variables(others map[string]any) map[string]any {
	out := map[string]any{"direction": w.Direction, "kinds": w.Kinds, "calm": w.Calm}
	maps.Copy(out, others)
	return out
}

// neighborhood goes step by step from the entities reached last, those with few relationships first, taking what they
// have in the order of its ids while there is room, and then takes what is left between the nodes. Entities come in the order
// in which relationships lead to them.
func (g *multigraph) neighborhood(w way, around []string, depth, limit int) (nodes, relationships []any, truncated bool) {
	there, taken := map[string]bool{}, map[string]bool{}
	take := func(wanted func(graphEdge) bool) (ends []string) {
		for _, e := range g.edges {
			if !w.allows(e) || taken[e.id] || !wanted(e) {
				continue
			}
			if len(relationships) == limit {
				truncated = true
				break
			}
			taken[e.id] = true
			relationships = append(relationships, e.id)
			ends = append(ends, e.source, e.target)
		}
		return ends
	}
	frontier := around
	for step := range depth + 1 {
		frontier = slices.DeleteFunc(slices.Clone(frontier), func(id string) bool {
			was := there[id]
			there[id] = true
			return was
		})
		for _, id := range frontier {
			nodes = append(nodes, id)
		}
		if step == depth {
			break
		}
		if step > 0 {
			degree := func(id string) (n int) {
				for _, e := range g.edges {
					if w.from(id, e) != "" {
						n++
					}
				}
				return n
			}
			slices.SortFunc(frontier, func(a, b string) int { return cmp.Or(cmp.Compare(degree(a), degree(b)), cmp.Compare(a, b)) })
		}
		var ends []string
		for _, n := range frontier {
			ends = append(ends, take(func(e graphEdge) bool { return w.from(n, e) != "" })...)
		}
		frontier = ends
	}
	take(func(e graphEdge) bool { return there[e.source] && there[e.target] })
	return nodes, relationships, truncated
}

const neighborhoodQuery = `query ($around: [ID!]!, $depth: Int, $kinds: [RelationshipKind!], $direction: Direction, $calm: Boolean, $limit: Int) {
  neighborhood(around: $around, depth: $depth, kinds: $kinds, direction: $direction, excludeContested: $calm, limit: $limit) {
    truncated nodes { id } relationships { id }
  }
}`

func TestNeighborhoodAgainstModel(t *testing.T) {
	checks(t, 8)
	s, run := newService(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		g := newMultigraph(t, rt, s, run)
		for range 6 {
			w := rapid.SampledFrom(ways).Draw(rt, "way")
			around := rapid.SliceOfNDistinct(rapid.SampledFrom(g.nodes), 1, 2, rapid.ID).Draw(rt, "around")
			depth := rapid.IntRange(1, 3).Draw(rt, "depth")
			limit := rapid.SampledFrom([]int{1, 2, 3, 5, 8, 1000}).Draw(rt, "limit")
			nodes, relationships, truncated := g.neighborhood(w, around, depth, limit)
			data := g.data(rt, neighborhoodQuery, w.variables(map[string]any{"around": around, "depth": depth, "limit": limit}))
			want := []any{nodes, append([]any{}, relationships...), truncated}
			got := []any{pluck(data, "neighborhood", "nodes", "id"), pluck(data, "neighborhood", "relationships", "id"), pluck(data, "neighborhood", "truncated")[0]}
			if diff := gocmp.Diff(want, got); diff != "" {
				rt.Fatalf("around %v, %+v, depth %d, limit %d of %+v (-want +got):\n%s", around, w, depth, limit, g.edges, diff)
			}
		}
	})
}

// simplePaths are the lengths of all chains that visit no node twice, the shortest first.
func (g *multigraph) simplePaths(w way, from, to string, most int) (lengths []int) {
	visited := map[string]bool{}
	var walk func(at string, length int)
	walk = func(at string, length int) {
		if at == to {
			lengths = append(lengths, length)
			return
		}
		if length == most {
			return
		}
		visited[at] = true
		for _, e := range g.edges {
			if next := w.from(at, e); next != "" && !visited[next] {
				walk(next, length+1)
			}
		}
		visited[at] = false
	}
	walk(from, 0)
	slices.Sort(lengths)
	return lengths
}

const pathsQuery = `query ($from: ID!, $to: ID!, $length: Int, $k: Int, $kinds: [RelationshipKind!], $direction: Direction, $calm: Boolean) {
  paths(from: $from, to: $to, maxLength: $length, k: $k, kinds: $kinds, direction: $direction, excludeContested: $calm) {
    length nodes { id } relationships { id source { id } target { id } }
  }
}`

func TestPathsAgainstEnumeration(t *testing.T) {
	checks(t, 10)
	s, run := newService(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		g := newMultigraph(t, rt, s, run)
		for range 6 {
			w := rapid.SampledFrom(ways).Draw(rt, "way")
			from, to := rapid.SampledFrom(g.nodes).Draw(rt, "from"), rapid.SampledFrom(g.nodes).Draw(rt, "to")
			size := rapid.SampledFrom([][2]int{{6, 1}, {6, 1}, {3, 1}, {2, 1}, {6, 3}, {3, 5}, {1, 3}, {0, 3}}).Draw(rt, "maxLength and k")
			what := fmt.Sprintf("from %s to %s, %+v, maxLength %d, k %d, of %+v", from, to, w, size[0], size[1], g.edges)
			data := g.data(rt, pathsQuery, w.variables(map[string]any{"from": from, "to": to, "length": size[0], "k": size[1]}))
			var lengths []int
			seen := map[string]bool{}
			for _, p := range pluck(data, "paths") {
				lengths = append(lengths, int(pluck(p, "length")[0].(float64)))
				nodes, ids := pluck(p, "nodes", "id"), pluck(p, "relationships", "id")
				if len(ids) != lengths[len(lengths)-1] || len(nodes) != len(ids)+1 || nodes[0] != from || nodes[len(nodes)-1] != to {
					rt.Fatalf("%s: no path is\n%v", what, p)
				}
				visited := map[any]bool{nodes[0]: true}
				for i, id := range ids {
					at := slices.IndexFunc(g.edges, func(e graphEdge) bool { return e.id == id })
					if at < 0 || w.from(nodes[i].(string), g.edges[at]) != nodes[i+1] || visited[nodes[i+1]] {
						rt.Fatalf("%s: step %d goes wrong in\n%v", what, i, p)
					}
					visited[nodes[i+1]] = true
				}
				if seen[fmt.Sprint(ids)] {
					rt.Fatalf("%s: twice there is\n%v", what, p)
				}
				seen[fmt.Sprint(ids)] = true
			}
			want := g.simplePaths(w, from, to, size[0])
			if diff := gocmp.Diff(want[:min(len(want), size[1])], lengths); diff != "" {
				rt.Fatalf("%s: lengths (-want +got):\n%s", what, diff)
			}
		}
	})
}

// A timelineAsked is what a timeline is asked for; there are few, because Neo4j plans each anew.
type timelineAsked struct {
	about             []string // names of a history's things; nil for whatever there is
	together, undated bool
	what              []string
	from, to          string
}

var timelinesAsked = []timelineAsked{
	{about: []string{"ann"}, undated: true},
	{about: []string{"bob", "acme"}, undated: true, from: "2018-01"},
	{about: []string{"ann", "acme"}, together: true, to: "2018"},
	{about: []string{"cat", "summit"}, what: []string{"EVENT", "RELATIONSHIP_END"}, from: "2018~", to: "[2018-02..2019-01]"},
	{from: "2018-06"},
}

// An entry of a timeline: what it is, of what, and the days that its date can be; without a date it comes last.
type entry struct {
	earliest, latest time.Time
	rank             int
	id, date         string
}

var ranks = []string{"EVENT", "RELATIONSHIP_START", "CLAIM", "RELATIONSHIP_END"}

// timeline is what a timeline holds, in order.
func (h *history) timeline(t rapid.TB, a timelineAsked) (out []entry) {
	var about []string
	for _, name := range a.about {
		about = append(about, h.id(name))
	}
	concerns := func(ids ...string) bool {
		some, all := false, true
		for _, id := range about {
			is := slices.Contains(ids, id)
			some, all = some || is, all && is
		}
		return a.about == nil || some && (all || !a.together)
	}
	add := func(rank int, id, date string, ids ...string) {
		if !concerns(ids...) || a.what != nil && !slices.Contains(a.what, ranks[rank]) {
			return
		}
		e := entry{rank: rank, id: id, date: date}
		e.earliest, e.latest = days(t, date)
		start, _ := days(t, a.from)
		_, end := days(t, a.to)
		switch {
		case date == "" || date == "..":
			if !a.undated || rank == 3 {
				return
			}
			e.earliest = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
			e.latest = e.earliest
		case a.from != "" && e.latest.Before(start), a.to != "" && e.earliest.After(end):
			return
		}
		out = append(out, e)
	}
	edges := h.edges()
	for _, event := range []string{h.id("summit"), h.id("party")} {
		joined := []string{event}
		for _, e := range edges {
			if e.target == event {
				joined = append(joined, e.source)
			}
		}
		add(0, event, h.dates[event], joined...)
	}
	for id, e := range edges {
		add(1, id, e.from, e.source, e.target)
		add(3, id, e.to, e.source, e.target)
	}
	for id, c := range h.claims {
		ids := slices.Clone(c.About)
		if c.Asserts != nil {
			ids = append(ids, c.Asserts.Source, c.Asserts.Target)
		}
		add(2, id, c.MadeOn.EDTF, ids...)
	}
	slices.SortFunc(out, func(a, b entry) int {
		return cmp.Or(a.earliest.Compare(b.earliest), a.latest.Compare(b.latest), cmp.Compare(a.rank, b.rank), cmp.Compare(a.id, b.id))
	})
	return out
}

const timelineQuery = `query ($about: [ID!], $together: Boolean, $what: [TimelineKind!], $from: EDTF, $to: EDTF, $undated: Boolean, $first: Int, $after: String, $last: Int, $before: String) {
  timeline(about: $about, together: $together, what: $what, from: $from, to: $to, undated: $undated, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage } edges { cursor node { what date { edtf } subject { id } } }
  }
}`

// A timeline holds what the model's does, in its order, paged from either end.
func TestTimelineAgainstModel(t *testing.T) {
	checks(t, 4)
	s, run := newService(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		h := newHistory(t, rt, s, run)
		for range rapid.IntRange(1, 4).Draw(rt, "steps") {
			h.step(rt)
		}
		for range 3 {
			asked := rapid.SampledFrom(timelinesAsked).Draw(rt, "asked")
			want := []string{}
			for _, e := range h.timeline(rt, asked) {
				want = append(want, fmt.Sprint(ranks[e.rank], " ", strings.TrimPrefix(e.date, ".."), " ", e.id))
			}
			variables := map[string]any{"together": asked.together, "what": asked.what, "undated": asked.undated}
			if asked.about != nil {
				about := []string{}
				for _, name := range asked.about {
					about = append(about, h.id(name))
				}
				variables["about"] = about
			}
			if asked.from != "" {
				variables["from"] = asked.from
			}
			if asked.to != "" {
				variables["to"] = asked.to
			}
			size, backward := rapid.IntRange(1, 5).Draw(rt, "size"), rapid.Bool().Draw(rt, "backward")
			item := func(node any) string {
				date := ""
				if d := pluck(node, "date")[0]; d != nil {
					date = pluck(d, "edtf")[0].(string)
				}
				return fmt.Sprint(pluck(node, "what")[0], " ", date, " ", pluck(node, "subject", "id")[0])
			}
			var got []string
			if asked.about != nil {
				got = h.pages(rt, timelineQuery, "timeline", variables, size, len(want), backward, item)
			} else { // there are the things of other histories too
				variables["first"] = 1000
				data := h.data(rt, timelineQuery, variables)
				if pluck(data, "timeline", "pageInfo", "hasNextPage")[0] != false {
					rt.Fatal("there is more than a page")
				}
				got = []string{}
				for _, e := range pluck(data, "timeline", "edges") {
					if of := item(pluck(e, "node")[0]); strings.Contains(of, h.id("")) {
						got = append(got, of)
					}
				}
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				rt.Fatalf("%+v, backward %t, in pages of %d (-want +got):\n%s", asked, backward, size, diff)
			}
		}
	})
}

// pages walks through a list from its start, or backward from its end, and returns all items in the list's order.
func (h *history) pages(rt *rapid.T, text, field string, variables map[string]any, size, total int, backward bool, item func(any) string) []string {
	out := []string{}
	for {
		if backward {
			variables["last"] = size
		} else {
			variables["first"] = size
		}
		data := h.data(rt, text, variables)
		edges := pluck(data, field, "edges")
		page := []string{}
		for _, e := range edges {
			page = append(page, item(pluck(e, "node")[0]))
		}
		more, before := len(out)+len(page) < total, len(out) > 0
		if backward {
			out = append(page, out...)
			more, before = before, more
		} else {
			out = append(out, page...)
		}
		info := []any{pluck(data, field, "totalCount")[0], pluck(data, field, "pageInfo", "hasNextPage")[0], pluck(data, field, "pageInfo", "hasPreviousPage")[0]}
		if diff := gocmp.Diff([]any{float64(total), more, before}, info); diff != "" {
			rt.Fatalf("totalCount, hasNextPage and hasPreviousPage of the page %v with %v (-want +got):\n%s", page, variables, diff)
		}
		if len(page) == 0 || len(out) >= total {
			return out
		}
		if backward {
			variables["before"] = pluck(edges[0], "cursor")[0]
		} else {
			variables["after"] = pluck(edges[len(edges)-1], "cursor")[0]
		}
	}
}

const diffQuery = `query ($from: AsOf!, $to: AsOf!, $about: [ID!], $first: Int, $after: String, $last: Int, $before: String) {
  diff(from: $from, to: $to, about: $about, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage } edges { cursor node { what before { id status contested } after { id status contested } } }
  }
}`

// The difference between two instants, on either axis, is that between the relationships at the one and at the other.
func TestDiffAgainstLists(t *testing.T) {
	checks(t, 5)
	s, run := newService(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		h := newHistory(t, rt, s, run)
		people := []string{h.id("ann"), h.id("bob"), h.id("cat")}
		var instants []time.Time
		for range rapid.IntRange(2, 5).Draw(rt, "steps") {
			h.step(rt)
			instants = append(instants, lastCommit(t))
		}
		for range 4 {
			validAt, certain := "", false
			if rapid.Bool().Draw(rt, "valid time") {
				validAt, certain = "2018", rapid.Bool().Draw(rt, "certain")
			}
			side := func(name string) (at map[string]any, list map[string]state) {
				known := rapid.SampledFrom(instants).Draw(rt, name)
				slices.Reverse(instants) // mostly one of the first is drawn
				at, list = map[string]any{"knownAt": known.Format(time.RFC3339Nano)}, h.states(rt, known)
				if validAt != "" {
					at["validAt"] = validAt
					if certain {
						at["certainty"] = "CERTAIN"
					}
					maps.DeleteFunc(list, func(_ string, s state) bool { return !s.edge.held(rt, validAt, certain) })
				}
				return at, list
			}
			from, before := side("from")
			to, after := side("to")
			want := []string{}
			both := maps.Clone(before)
			maps.Copy(both, after)
			for _, id := range slices.Sorted(maps.Keys(both)) {
				b, there := before[id]
				a, still := after[id]
				switch {
				case !there:
					want = append(want, fmt.Sprint("APPEARED ", id, " ", a.standing))
				case !still:
					want = append(want, fmt.Sprint("VANISHED ", id, " ", b.standing))
				case a.content != b.content:
					want = append(want, fmt.Sprint("CHANGED ", id, " ", b.standing, " ", a.standing))
				}
			}
			size, backward := rapid.IntRange(1, 4).Draw(rt, "size"), rapid.Bool().Draw(rt, "backward")
			got := h.pages(rt, diffQuery, "diff", map[string]any{"from": from, "to": to, "about": people}, size, len(want), backward, func(node any) string {
				out, id := pluck(node, "what")[0].(string), ""
				standings := ""
				for _, s := range []string{"before", "after"} {
					if r := pluck(node, s)[0]; r != nil {
						id = pluck(r, "id")[0].(string)
						standings += fmt.Sprint(" ", pluck(r, "status")[0], "/", pluck(r, "contested")[0])
					}
				}
				return out + " " + id + standings
			})
			if diff := gocmp.Diff(want, got); diff != "" {
				rt.Fatalf("from %v to %v (-want +got):\n%s", from, to, diff)
			}
		}
	})
}

// A state of a relationship as it is stored: all that it says, and of that its standing and when it held.
type state struct {
	content, standing string
	edge              modelEdge
}

// states reads what the relationships of a history's people were at an instant.
func (h *history) states(rt *rapid.T, at time.Time) map[string]state {
	out := map[string]state{}
	for _, row := range query(h.t, `MATCH (a:Person)-[r]->(:Entity) WHERE a.id IN $people AND r.knownFrom <= $at AND coalesce(r.knownTo > $at, true)
RETURN r.id, properties(r)`, map[string]any{"people": []string{h.id("ann"), h.id("bob"), h.id("cat")}, "at": at}) {
		id, p := row[0].(string), row[1].(map[string]any)
		if _, twice := out[id]; twice {
			rt.Fatalf("%s has two states at %s", id, at)
		}
		delete(p, "knownFrom")
		delete(p, "knownTo")
		from, _ := p["validFromEdtf"].(string)
		to, _ := p["validToEdtf"].(string)
		out[id] = state{fmt.Sprint(p), fmt.Sprint(p["status"], "/", p["contested"]), modelEdge{from: from, to: to}}
	}
	return out
}

// Around an entity with very many relationships the answer is small and says that there is more, and the work does not
// grow with their number.
func TestSupernode(t *testing.T) {
	s := newService(t)
	query(t, "UNWIND ['hub', 'other'] AS id CREATE (:Company:Entity {id: id, name: id, aliases: [], recordedAt: $at, knownFrom: $at})", clock)
	grow := func(from, to int) {
		for at := from; at < to; at += 5000 {
			query(t, `UNWIND range($from, $from + 4999) AS i
CREATE (p:Person:Entity {id: 'leaf-' + i, name: 'Leaf ' + i, aliases: [], recordedAt: $at, knownFrom: $at})
WITH p
UNWIND ['hub', 'other'] AS id
MATCH (hub:Company {id: id})
CREATE (p)-[:LEFT {id: 'left:' + p.id + ':' + id, status: 'ASSERTED', contested: false, recordedAt: $at, knownFrom: $at, validFrom: date('2018-01-01'), validFromLatest: date('2018-12-31'), validFromEdtf: '2018'}]->(hub)`,
				map[string]any{"from": at, "at": clock["at"]})
		}
	}
	ask := func(around string, depth, want int) (hits int64) {
		fields, ok := rootFields(s.schema, fmt.Sprintf(`{ neighborhood(around: [%q], depth: %d, limit: 50) { truncated nodes { id } relationships { id } } }`, around, depth), nil)
		if !ok {
			t.Fatal("the query is not valid")
		}
		answer, fieldErrors, explanation, err := s.graph.Read(t.Context(), graph.Neighborhood, fields[0], true)
		if err != nil || fieldErrors != nil {
			t.Fatal(err, fieldErrors)
		}
		if text := string(answer); !strings.Contains(text, `"truncated":true`) || strings.Count(text, `"left:`) != want {
			t.Errorf("around %s: not %d relationships, truncated:\n%s", around, want, text)
		}
		return explanation.Profile.DBHits
	}
	cases := []struct {
		around      string
		depth, want int
	}{{"hub", 2, 50}, {"leaf-7", 2, 50}, {"leaf-7", 1, 2}} // the last looks for what joins the two hubs
	measure := func() (hits []int64) {
		for _, c := range cases {
			hits = append(hits, ask(c.around, c.depth, c.want))
		}
		return hits
	}
	const most = 20_000 // less than one for each relationship
	grow(0, 20_000)
	before := measure()
	grow(20_000, 40_000)
	for i, after := range measure() {
		what := fmt.Sprintf("%d steps around %s", cases[i].depth, cases[i].around)
		t.Logf("%s: %d database hits, %d with twice as many relationships", what, before[i], after)
		if before[i] > most || after > before[i]+before[i]/20 {
			t.Errorf("%s: %d database hits with 20,000 relationships, %d with 40,000; want at most %d, and no more for more", what, before[i], after, most)
		}
	}
}

// A timeline of some kinds is what one of all kinds has of these, whatever is selected of the others.
func TestTimelineOfSomeKinds(t *testing.T) {
	s := newService(t)
	const text = `query ($what: [TimelineKind!], $about: [ID!], $at: AsOf) { timeline(what: $what, about: $about, asOf: $at, undated: true, first: 1000) { nodes {
  what date { edtf text earliest latest }
  subject { __typename id ... on Event { name } ... on Claim { disputedBy { id } } ... on Relationship { kind source { id } } ... on Sued { outcome } }
} } }`
	entries := func(variables map[string]any) []any {
		sent, err := json.Marshal(variables)
		if err != nil {
			t.Fatal(err)
		}
		answer := s.query(t, text, sent, "")
		var data any
		if answer.Errors != nil || json.Unmarshal(answer.Data, &data) != nil {
			t.Fatalf("%s: %s", sent, answer.Errors)
		}
		return pluck(data, "timeline", "nodes")
	}
	const event, start, claim, end = 1, 2, 4, 8
	for _, c := range []struct { // few, because Neo4j plans each anew
		more  map[string]any
		kinds []int
	}{
		{map[string]any{}, []int{event, start, event | claim, start | claim}},
		{map[string]any{"about": []string{"openai", "musk-altman-falling-out"}}, []int{claim, end}},
		{map[string]any{"at": map[string]any{"knownAt": "2100-01-01T00:00:00Z"}}, []int{event, start | end}},
	} {
		every := entries(c.more)
		for _, some := range c.kinds {
			wanted := []string{}
			for k, kind := range ranks {
				if some>>k&1 == 1 {
					wanted = append(wanted, kind)
				}
			}
			want := slices.DeleteFunc(slices.Clone(every), func(e any) bool { return !slices.Contains(wanted, pluck(e, "what")[0].(string)) })
			variables := maps.Clone(c.more)
			variables["what"] = wanted
			if diff := gocmp.Diff(want, entries(variables)); diff != "" {
				t.Errorf("%v of %v (-want +got):\n%s", wanted, c.more, diff)
			}
		}
		if len(every) < 20 {
			t.Errorf("of %v there are only %d entries", c.more, len(every))
		}
	}
}
