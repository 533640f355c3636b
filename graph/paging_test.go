package graph_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dossier/graph"
)

// A listed is what the paging test writes once and finds in several lists: as an event, and as a relationship of a
// person to the run's company.
type listed struct {
	event, relationship string            // ids
	keys                map[string]string // what lists may be ordered by; "" is not known
}

// A pagedList is a list that the paging test walks through.
type pagedList struct {
	query  string
	path   []string
	orders []string
	id     func(listed) string
	kinds  []string // of its relationships
	crowd  int      // items that are there from the beginning
}

const pageFields = `{ totalCount edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`

var pagedLists = []pagedList{
	{
		`query ($run: String!, $order: EntityOrder, $first: Int, $after: String, $last: Int, $before: String) {
  events(where: {name: {startsWith: $run, ignoreCase: false}}, orderBy: $order, first: $first, after: $after, last: $last, before: $before) ` + pageFields + ` }`,
		[]string{"events"}, []string{"ID", "NAME", "DATE"}, func(l listed) string { return l.event }, []string{"LEFT"}, 0,
	},
	{
		`query ($company: ID!, $order: RelationshipOrder, $first: Int, $after: String, $last: Int, $before: String) {
  relationships(where: {kind: {in: [CO_FOUNDED, FOUNDED, LEFT]}, target: {id: {eq: $company}}}, orderBy: $order, first: $first, after: $after, last: $last, before: $before) ` + pageFields + ` }`,
		[]string{"relationships"}, []string{"VALID_FROM", "VALID_TO", "KIND", "RECORDED_AT"}, func(l listed) string { return l.relationship }, []string{"CO_FOUNDED", "FOUNDED", "LEFT"}, 0,
	},
	{
		`query ($company: ID!, $order: RelationshipOrder, $first: Int, $after: String, $last: Int, $before: String) {
  company(id: $company) { relationships(orderBy: $order, first: $first, after: $after, last: $last, before: $before) ` + pageFields + ` } }`,
		[]string{"company", "relationships"}, []string{"VALID_FROM", "VALID_TO", "KIND", "RECORDED_AT"}, func(l listed) string { return l.relationship }, []string{"CO_FOUNDED", "FOUNDED", "LEFT"}, 0,
	},
	{ // about as many as are no longer sorted
		`query ($company: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  company(id: $company) { coFounders(first: $first, after: $after, last: $last, before: $before) ` + pageFields + ` } }`,
		[]string{"company", "coFounders"}, []string{"ID"}, func(l listed) string { return l.relationship }, []string{"CO_FOUNDED"}, 98,
	},
}

// A key is where an item stands in an order: what is not known comes last whichever way, ties are broken by id.
type key struct {
	value, id  string
	descending bool
}

func (k key) compare(other key) int {
	if unknown := cmp.Compare(map[bool]int{k.value == "": 1}[true], map[bool]int{other.value == "": 1}[true]); unknown != 0 {
		return unknown
	}
	c := cmp.Or(cmp.Compare(k.value, other.value), cmp.Compare(k.id, other.id))
	if k.descending {
		return -c
	}
	return c
}

// Lists are walked from either end, in any order, while items come and go: each page holds what a sorted slice of the
// items that are there would hold, and says rightly what is before and after it.
func TestPagesAgainstModel(t *testing.T) {
	checks(t, 15)
	s := newService(t)
	run := 0
	rapid.Check(t, func(r *rapid.T) {
		run++
		w := &walk{service: s, t: t, run: fmt.Sprintf("run%d-", run)}
		w.list = rapid.SampledFrom(pagedLists).Draw(r, "list")
		w.order = rapid.SampledFrom(w.list.orders).Draw(r, "order")
		w.descending = rapid.Bool().Draw(r, "descending") && strings.Contains(w.list.query, "$order")
		w.backward = rapid.Bool().Draw(r, "backward")
		w.write(r, w.list.crowd+rapid.IntRange(0, 8).Draw(r, "items"))
		for range 12 {
			if rapid.IntRange(0, 3).Draw(r, "delete") == 0 && len(w.items) > 0 {
				w.delete(rapid.IntRange(0, len(w.items)-1).Draw(r, "which"))
			}
			if rapid.IntRange(0, 4).Draw(r, "insert") == 0 {
				w.write(r, 1)
			}
			if !w.page(r, rapid.IntRange(0, 4+w.list.crowd/4).Draw(r, "size")) {
				break
			}
		}
	})
}

// walk is one way through one list.
type walk struct {
	*service
	t        *testing.T
	run      string
	list     pagedList
	order    string
	items    []listed
	written  int
	batches  int
	backward bool

	descending bool
	cursor     *string // of the item that the last page ended with
	at         key     // that item's key
}

func (w *walk) key(l listed) key {
	k := key{value: l.keys[w.order], id: w.list.id(l), descending: w.descending}
	if w.order == "ID" {
		k.value = k.id
	}
	return k
}

// write adds items with few different names and dates, so that many are equal.
func (w *walk) write(r *rapid.T, n int) {
	w.batches++
	b := graph.Batch{Entities: []graph.Entity{{Type: "Company", ID: w.run + "company", Name: w.run + "company"}}}
	dates := rapid.SampledFrom([]string{"", "0001-01-01", "1999-12-31", "2001-06-05", "2024-02-29"})
	for range n {
		id := fmt.Sprintf("%s%d", w.run, w.written)
		w.written++
		date, from := dates.Draw(r, "date"), dates.Draw(r, "from")
		to := dates.Draw(r, "to")
		if from != "" && to <= from { // this is refused
			to = ""
		}
		// No name holds a character from U+E000 to U+FFFF: Neo4j 5.26 sorts stored texts by code point, but compares them
		// with parameters by UTF-16 unit, where those come after what is beyond U+FFFF.
		name := w.run + rapid.SampledFrom([]string{"", "a", "A", "b", "é", "Ω", "語", "\U0001F600"}).Draw(r, "name")
		kind := rapid.SampledFrom(w.list.kinds).Draw(r, "kind")
		event := graph.Entity{Type: "Event", ID: id + "-event", Name: name, Properties: map[string]any{}}
		if date != "" {
			event.Properties["date"] = graph.PartialDate{EDTF: date}
		}
		b.Entities = append(b.Entities, event, graph.Entity{Type: "Person", ID: id, Name: name})
		b.Claims = append(b.Claims, graph.Claim{ID: "claim:" + id, Statement: "A claim.", Asserts: &graph.Assertion{
			Kind: kind, Source: id, Target: w.run + "company", ValidFrom: graph.PartialDate{EDTF: from}, ValidTo: graph.PartialDate{EDTF: to},
		}})
		w.items = append(w.items, listed{
			event: event.ID, relationship: w.ontology.Kind(kind).Slug() + ":" + id + ":" + w.run + "company",
			keys: map[string]string{"NAME": name, "DATE": date, "VALID_FROM": from, "VALID_TO": to, "KIND": kind, "RECORDED_AT": fmt.Sprintf("%03d", w.batches)},
		})
	}
	if _, err := w.graph.Record(w.t.Context(), "tester", b); err != nil {
		r.Fatal(err)
	}
}

func (w *walk) delete(i int) {
	gone := w.items[i]
	w.items = slices.Delete(w.items, i, i+1)
	query(w.t, "MATCH (e:Event {id: $event}) DETACH DELETE e", map[string]any{"event": gone.event})
	query(w.t, "MATCH (:Company {id: $company})<-[r]-() WHERE r.id = $id DELETE r", map[string]any{"company": w.run + "company", "id": gone.relationship})
}

type pageOf struct {
	TotalCount int
	Edges      []struct {
		Cursor string
		Node   struct{ ID string }
	}
	Nodes    []struct{ ID string }
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       *string
	}
}

// page fetches the next page and compares it with the model's; it returns false at the end of the list.
func (w *walk) page(r *rapid.T, size int) bool {
	direction := map[bool]string{true: "DESC", false: "ASC"}[w.descending]
	variables := map[string]any{"run": w.run, "company": w.run + "company", "order": map[string]any{"field": w.order, "direction": direction}}
	if w.backward {
		variables["last"], variables["before"] = size, w.cursor
	} else {
		variables["first"], variables["after"] = size, w.cursor
	}
	got := w.fetch(r, variables)

	sorted := slices.Clone(w.items)
	slices.SortFunc(sorted, func(a, b listed) int { return w.key(a).compare(w.key(b)) })
	rest, behind := sorted, 0
	if w.cursor != nil {
		rest = slices.DeleteFunc(slices.Clone(sorted), func(l listed) bool {
			c := w.key(l).compare(w.at)
			return w.backward && c >= 0 || !w.backward && c <= 0
		})
		behind = len(sorted) - len(rest)
	}
	want := rest[:min(size, len(rest))]
	if w.backward {
		want = rest[max(0, len(rest)-size):]
	}
	var ids, edges, nodes []string
	for _, l := range want {
		ids = append(ids, w.list.id(l))
	}
	for _, e := range got.Edges {
		edges = append(edges, e.Node.ID)
	}
	for _, n := range got.Nodes {
		nodes = append(nodes, n.ID)
	}
	if diff := gocmp.Diff(ids, edges); diff != "" {
		r.Fatalf("edges (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(ids, nodes); diff != "" {
		r.Fatalf("nodes (-want +got):\n%s", diff)
	}
	next, previous := len(rest) > len(want), behind > 0
	if w.backward {
		next, previous = previous, next
	}
	if got.TotalCount != len(w.items) || got.PageInfo.HasNextPage != next || got.PageInfo.HasPreviousPage != previous {
		r.Fatalf("totalCount %d, hasNextPage %t, hasPreviousPage %t; want %d, %t, %t",
			got.TotalCount, got.PageInfo.HasNextPage, got.PageInfo.HasPreviousPage, len(w.items), next, previous)
	}
	start, end := got.PageInfo.StartCursor, got.PageInfo.EndCursor
	if len(want) == 0 {
		if start != nil || end != nil {
			r.Fatalf("an empty page has the cursors %v and %v", start, end)
		}
		return size == 0 && len(rest) > 0
	}
	if *start != got.Edges[0].Cursor || *end != got.Edges[len(want)-1].Cursor {
		r.Fatalf("startCursor %s and endCursor %s are not those of the edges", *start, *end)
	}
	if w.backward {
		w.cursor, w.at = start, w.key(want[0])
	} else {
		w.cursor, w.at = end, w.key(want[len(want)-1])
	}
	return true
}

func (w *walk) fetch(r *rapid.T, variables map[string]any) pageOf {
	raw, err := json.Marshal(variables)
	if err != nil {
		r.Fatal(err)
	}
	answer := w.query(w.t, w.list.query, raw, "")
	if answer.Errors != nil {
		r.Fatalf("%s", answer.Errors)
	}
	data := answer.Data
	for _, name := range w.list.path {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(data, &object); err != nil {
			r.Fatal(err)
		}
		data = object[name]
	}
	var out pageOf
	if err := json.Unmarshal(data, &out); err != nil {
		r.Fatal(err)
	}
	return out
}

// A hub's relationships of one kind are read from an index: all of them, both ways of a symmetric kind, with conditions;
// and a page takes as many database hits with twice as many of them.
func TestPagesOfAHub(t *testing.T) {
	s := newService(t)
	want := map[string][]string{}
	grow := func(from, to int) {
		b := graph.Batch{Entities: []graph.Entity{{Type: "Company", ID: "m-hub", Name: "Hub"}, {Type: "Person", ID: "hub-person", Name: "Hub"}}}
		add := func(list, kind, source, target string) {
			id := strings.Join([]string{s.ontology.Kind(kind).Slug(), source, target}, ":")
			want[list] = append(want[list], id)
			b.Claims = append(b.Claims, graph.Claim{ID: "claim:" + strings.ReplaceAll(id, ":", "-"), Statement: "A claim.", Asserts: &graph.Assertion{Kind: kind, Source: source, Target: target}})
		}
		for i := from; i < to; i++ {
			person, before, after := fmt.Sprintf("p%d", i), fmt.Sprintf("a%d", i), fmt.Sprintf("z%d", i)
			b.Entities = append(b.Entities, graph.Entity{Type: "Person", ID: person, Name: fmt.Sprint("Person ", i%10)},
				graph.Entity{Type: "Company", ID: before, Name: before}, graph.Entity{Type: "Company", ID: after, Name: after})
			add("coFounders", "CO_FOUNDED", person, "m-hub")
			add("coFounded", "CO_FOUNDED", "hub-person", before)
			add("competitors", "COMPETES_WITH", before, "m-hub")
			add("competitors", "COMPETES_WITH", "m-hub", after)
			if i%10 == 3 {
				want["named"] = append(want["named"], "co-founded:"+person+":m-hub")
			}
		}
		s.record(t, b)
	}
	ask := func(list, query string) (ids []string, hits int64) {
		fields, ok := rootFields(s.schema, query, nil)
		if !ok {
			t.Fatalf("not valid: %s", query)
		}
		answer, fieldErrors, explanation, err := s.graph.Read(t.Context(), graph.One, fields[0], true)
		if err != nil || fieldErrors != nil {
			t.Fatal(err, fieldErrors)
		}
		var out map[string]pageOf
		if err := json.Unmarshal(answer, &out); err != nil {
			t.Fatal(err)
		}
		for _, n := range out[list].Nodes {
			ids = append(ids, n.ID)
		}
		return ids, explanation.Profile.DBHits
	}
	lists := []struct{ list, query string }{
		{"coFounders", `{ company(id: "m-hub") { coFounders(%s) { nodes { id } } } }`},
		{"coFounded", `{ person(id: "hub-person") { coFounded(%s) { nodes { id } } } }`},
		{"competitors", `{ company(id: "m-hub") { competitors(%s) { nodes { id } } } }`},
		{"named", `{ company(id: "m-hub") { named: coFounders(where: {founder: {name: {eq: "Person 3"}}}, %s) { nodes { id } } } }`},
	}
	grow(0, 150)
	var before []int64
	for _, l := range lists {
		slices.Sort(want[l.list])
		for page, cut := range map[string]func(all []string) []string{
			"first: 1000": func(all []string) []string { return all },
			"first: 7":    func(all []string) []string { return all[:7] },
			"last: 7":     func(all []string) []string { return all[len(all)-7:] },
		} {
			got, _ := ask(l.list, fmt.Sprintf(l.query, page))
			if diff := gocmp.Diff(cut(want[l.list]), got); diff != "" {
				t.Errorf("%s(%s) (-want +got):\n%s", l.list, page, diff)
			}
		}
		_, hits := ask(l.list, fmt.Sprintf(l.query, "first: 7"))
		before = append(before, hits)
	}
	grow(150, 300)
	for i, l := range lists {
		if _, hits := ask(l.list, fmt.Sprintf(l.query, "first: 7")); hits > before[i] {
			t.Errorf("%s: %d database hits with twice as many, %d before", l.list, hits, before[i])
		}
	}
}
