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
	"dossier/internal/edtf"
)

// What the past is asked: every root field that takes asOf, with lists, filters, counts and nested things below.
const pastQuery = `query ($at: AsOf, $ann: ID!, $bob: ID!, $dan: ID!, $acme: ID!, $summit: ID!, $document: ID!, $ids: [ID!]!) {
  relationships(first: 1000, where: {kind: {in: [LEFT, RIVAL_OF, HOLDS_ROLE]}}, asOf: $at) {
    totalCount
    statistics { total contested byStatus { status count } byYear { year count } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { ...state claims(orderBy: {field: RECORDED_AT}) { totalCount nodes { id status } } } }
  }
  some: relationships(where: {kind: {eq: LEFT}, contested: false, or: [{status: {in: [ASSERTED, CORROBORATED]}}, {source: {name: {contains: "an"}}}]}, orderBy: {field: VALID_FROM, direction: DESC}, asOf: $at) {
    totalCount nodes { id }
  }
  person(id: $ann, asOf: $at) {
    ...thing
    left { totalCount nodes { id reason company { name degree(kinds: [LEFT], direction: IN) departures { nodes { id person { name } } } } } }
    rivals(where: {contested: false}) { nodes { id a { name } b { name } } }
    relationships { totalCount nodes { id } }
    claims(where: {status: {ne: RETRACTED}}, orderBy: {field: RECORDED_AT, direction: DESC}) { totalCount nodes { id } statistics { disputed } }
  }
  dan: person(id: $dan, asOf: $at) { ...thing }
  company(id: $acme, asOf: $at) { ...thing legalForm departures(where: {person: {name: {startsWith: "b"}}}) { totalCount nodes { id } } }
  event(id: $summit, asOf: $at) { ...thing date { edtf earliest latest } participants { nodes { id capacity party { name } } } }
  people(where: {name: {contains: "n"}}, orderBy: {field: NAME}, asOf: $at) { totalCount edges { cursor node { id name } } }
  events(orderBy: {field: DATE}, asOf: $at) { nodes { id date { edtf } } }
  documents(where: {title: {startsWith: "one"}}, asOf: $at) { totalCount nodes { id title publisher datePublished { edtf } } }
  claims(where: {document: {eq: $document}}, asOf: $at) { totalCount nodes {
    id statement status disputed rank recordedAt retractedAt retractionReason withdrawnAt withdrawalReason
    madeOn { edtf } attributedTo { name } relationship { id status contested }
    disputedBy { id status disputed } corroboratedBy { id } supersedes { id status } passages { document { title } }
  } }
  disputed: claims(where: {disputed: true, attributedTo: {name: {contains: "n"}}}, asOf: $at) { totalCount nodes { id } }
  statistics(asOf: $at) {
    entities documents byType { type count } mostConnected { id degree }
    relationships { total contested byKind { kind count } byStatus { status count } }
    claims { total disputed byStatus { status count } byYear { year count } }
  }
  neighborhood(around: [$ann], depth: 2, asOf: $at) { truncated nodes { id name } relationships { ...state } }
  paths(from: $ann, to: $bob, maxLength: 4, k: 4, excludeContested: true, asOf: $at) { length nodes { id name } relationships { id } }
  timeline(about: [$ann, $acme], undated: true, asOf: $at) { totalCount edges { cursor node { what date { edtf text } subject { id } } } }
  nodes(ids: $ids, asOf: $at) { id ...state ... on Claim { status disputed } ... on Person { name } ... on Document { title } ... on Change { at actor operation claim { id } about { id name } } }
}
fragment thing on Entity { name aliases description degree }
fragment state on Relationship {
  id kind status contested recordedAt source { id name } target { name }
  validFrom { edtf earliest latest precision text } validTo { edtf earliest latest }
  ... on Left { reason } ... on HoldsRole { title }
}`

// past are the variables of pastQuery.
func (h *history) past(at any) map[string]any {
	out := map[string]any{"at": at, "document": "document:" + h.id("one")}
	for _, name := range []string{"ann", "bob", "dan", "acme", "summit"} {
		out[name] = h.id(name)
	}
	out["ids"] = []string{"left:" + h.id("ann") + ":" + h.id("acme"), "rival-of:" + h.id("ann") + ":" + h.id("bob"), "claim:" + h.id("c00"), "claim:" + h.id("c03"),
		h.id("dan"), "document:" + h.id("one"), "change:000000000001", fmt.Sprintf("change:%012d", 3)}
	return out
}

// What was answered at any time is what is answered as of then, whatever has been recorded since.
func TestKnownAtAgainstThePast(t *testing.T) {
	checks(t, 2)
	s, run := newService(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		h := newHistory(t, rt, s, run)
		type answered struct {
			at     time.Time
			answer map[string]any
		}
		var past []answered
		for range rapid.IntRange(2, 6).Draw(rt, "steps") {
			h.step(rt)
			past = append(past, answered{lastCommit(t), h.data(rt, pastQuery, h.past(nil))})
		}
		for i, p := range past {
			until := p.at // an instant's state holds until just before the next
			if i+1 < len(past) && past[i+1].at.After(p.at) && rapid.Bool().Draw(rt, "just before the next") {
				until = past[i+1].at.Add(-time.Nanosecond)
			}
			now := h.data(rt, pastQuery, h.past(map[string]any{"knownAt": until.Format(time.RFC3339Nano)}))
			for _, answers := range []map[string]any{p.answer, now} {
				answers["paths"] = unordered(answers["paths"].([]any), 4)
			}
			if diff := gocmp.Diff(p.answer, now); diff != "" {
				rt.Fatalf("after step %d of %d, as known at %s (-then +as of then):\n%s", i+1, len(past), until, diff)
			}
		}
	})
}

// unordered puts paths of equal length in the order of their texts, for nothing is promised of it. Where there may be
// more than were asked for, only their lengths are sure.
func unordered(paths []any, asked int) []any {
	out := slices.Clone(paths)
	for i, p := range out {
		if len(paths) == asked {
			out[i] = p.(map[string]any)["length"]
		}
	}
	slices.SortFunc(out, func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return out
}

// What is read as of a valid time: at the root, and below other things.
const (
	validQuery = `query ($at: AsOf, $people: [ID!]!) {
  relationships(where: {kind: {in: [LEFT, RIVAL_OF, HOLDS_ROLE, PARTICIPATED_IN]}, source: {id: {in: $people}}}, asOf: $at) { totalCount nodes { id } }
  nodes(ids: $people, asOf: $at) { ... on Person { id degree left { totalCount nodes { id } } } }
}`
	validWalks = `query ($at: AsOf, $people: [ID!]!) {
  claims(where: {about: {id: {in: $people}}}, asOf: $at) { nodes { id relationship { id } } }
  neighborhood(around: $people, asOf: $at) { relationships { id } }
  timeline(about: $people, what: [RELATIONSHIP_START], undated: true, asOf: $at) { nodes { subject { id } } }
}`
	validDiff = `query ($from: AsOf!, $to: AsOf!, $people: [ID!]) {
  diff(about: $people, from: $from, to: $to) { totalCount nodes { what before { id } after { id } } }
}`
)

// Which relationships held at a valid time, possibly or certainly, and as known at any time, is what a model says that
// goes through the days one by one.
func TestValidAtAgainstModel(t *testing.T) {
	checks(t, 5)
	s, run := newService(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		h := newHistory(t, rt, s, run)
		people := []string{h.id("ann"), h.id("bob"), h.id("cat")}
		type known struct {
			at     time.Time
			edges  map[string]modelEdge
			claims map[string]string
		}
		var past []known
		for range rapid.IntRange(1, 4).Draw(rt, "steps") {
			h.step(rt)
			past = append(past, known{lastCommit(t), h.edges(), h.asserted()})
		}
		lastAt, lastHeld := map[string]any{}, []any{} // what was asked for last as of now, at first whenever it held
		for _, id := range slices.Sorted(maps.Keys(past[len(past)-1].edges)) {
			lastHeld = append(lastHeld, id)
		}
		for range 8 {
			validAt := drawDate(rt, "validAt")
			certain := rapid.Bool().Draw(rt, "certain")
			at := map[string]any{"validAt": validAt}
			if certain {
				at["certainty"] = "CERTAIN"
			}
			then, now := past[len(past)-1], rapid.Bool().Draw(rt, "now")
			if !now {
				then = rapid.SampledFrom(past).Draw(rt, "known")
				at["knownAt"] = then.at.Format(time.RFC3339Nano)
			}
			held, left, degree := []any{}, map[string][]any{}, map[string]int{}
			for _, id := range slices.Sorted(maps.Keys(then.edges)) {
				e := then.edges[id]
				if !e.held(rt, validAt, certain) {
					continue
				}
				held = append(held, id)
				degree[e.source]++
				degree[e.target]++
				if strings.HasPrefix(id, "left:") {
					left[e.source] = append(left[e.source], id)
				}
			}
			same := func(where string, want, got []any) {
				if diff := gocmp.Diff(want, got); diff != "" {
					rt.Fatalf("%s as of %v, of %+v (-want +got):\n%s", where, at, then.edges, diff)
				}
			}
			variables := map[string]any{"at": at, "people": people}
			data := h.data(rt, validQuery, variables)
			same("relationships", append(held, len(held)), append(alphabetical(pluck(data, "relationships", "nodes", "id")), int(pluck(data, "relationships", "totalCount")[0].(float64))))
			for i, p := range people {
				got := data["nodes"].([]any)[i]
				same("those of "+p, append(left[p], len(left[p]), degree[p]), append(alphabetical(pluck(got, "left", "nodes", "id")),
					int(pluck(got, "left", "totalCount")[0].(float64)), int(pluck(got, "degree")[0].(float64))))
			}
			if !now {
				continue
			}
			want, got := []any{}, []any{}
			for _, id := range slices.Sorted(maps.Keys(then.edges)) {
				switch was, is := slices.Contains(lastHeld, any(id)), slices.Contains(held, any(id)); {
				case is && !was:
					want = append(want, fmt.Sprint("APPEARED <nil> ", id))
				case was && !is:
					want = append(want, fmt.Sprint("VANISHED ", id, " <nil>"))
				}
			}
			data = h.data(rt, validDiff, map[string]any{"from": lastAt, "to": at, "people": people})
			for _, d := range pluck(data, "diff", "nodes") {
				side := func(name string) any {
					thing, _ := d.(map[string]any)[name].(map[string]any)
					return thing["id"]
				}
				got = append(got, fmt.Sprint(d.(map[string]any)["what"], " ", side("before"), " ", side("after")))
			}
			same(fmt.Sprint("differences from ", lastAt), append(want, len(want)), append(got, int(pluck(data, "diff", "totalCount")[0].(float64))))
			lastAt, lastHeld = at, held
			if !certain {
				continue
			}
			data = h.data(rt, validWalks, variables)
			same("neighborhood", held, alphabetical(pluck(data, "neighborhood", "relationships", "id")))
			same("timeline", held, alphabetical(pluck(data, "timeline", "nodes", "subject", "id")))
			for _, c := range pluck(data, "claims", "nodes") {
				var want any
				if id := then.claims[c.(map[string]any)["id"].(string)]; slices.Contains(held, any(id)) {
					want = map[string]any{"id": id}
				}
				same(fmt.Sprint("relationship of ", c), []any{want}, []any{c.(map[string]any)["relationship"]})
			}
		}
	})
}

func alphabetical(ids []any) []any {
	slices.SortFunc(ids, func(a, b any) int { return cmp.Compare(a.(string), b.(string)) })
	return ids
}

// data sends an operation that must succeed and returns what it answers.
func (h *history) data(t rapid.TB, text string, variables map[string]any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(variables)
	if err != nil {
		t.Fatal(err)
	}
	answer := h.query(h.t, text, raw, "")
	if answer.Errors != nil {
		t.Fatalf("%s\nwith %s", answer.Errors, raw)
	}
	var data map[string]any
	if err := json.Unmarshal(answer.Data, &data); err != nil {
		t.Fatal(err)
	}
	return data
}

// pluck follows a path into an answer, through all items of lists.
func pluck(v any, path ...string) []any {
	if list, ok := v.([]any); ok {
		out := []any{}
		for _, item := range list {
			out = append(out, pluck(item, path...)...)
		}
		return out
	}
	if len(path) == 0 {
		return []any{v}
	}
	return pluck(v.(map[string]any)[path[0]], path[1:]...)
}

// A history is a random record in the making: in the database, and in the model. Its things have ids of their own, and
// stand beside those of other runs: Neo4j plans statements anew when the numbers of things change much.
type history struct {
	*service
	t       *testing.T
	run     int
	claims  model
	ids     []string // of the claims, in the order of recording
	batches int
	dates   map[string]string // of the events
}

func newHistory(t *testing.T, rt *rapid.T, s *service, run int) *history {
	h := &history{service: s, t: t, run: run, claims: model{}, dates: map[string]string{}}
	h.dates[h.id("summit")] = "2018"
	h.write(rt, graph.Batch{
		Documents: []graph.Document{{ID: "document:" + h.id("one"), Title: "One", SHA256: hash}},
		Entities: []graph.Entity{
			{Type: "Person", ID: h.id("ann"), Name: "Ann"}, {Type: "Person", ID: h.id("bob"), Name: "Bob"}, {Type: "Person", ID: h.id("cat"), Name: "Cat"},
			{Type: "Company", ID: h.id("acme"), Name: "Acme"}, {Type: "Company", ID: h.id("bolt"), Name: "Bolt"},
			{Type: "Event", ID: h.id("summit"), Name: "Summit", Properties: map[string]any{"date": graph.PartialDate{EDTF: "2018"}}},
			{Type: "Event", ID: h.id("party"), Name: "Party"},
		},
	})
	return h
}

// id is the id of one of the history's things.
func (h *history) id(name string) string { return fmt.Sprintf("run%d-%s", h.run, name) }

func (h *history) write(rt *rapid.T, b graph.Batch) {
	if _, err := h.graph.Record(h.t.Context(), "tester", b); err != nil {
		rt.Fatal(err)
	}
}

// step records some claims, and perhaps something about things, or ends a claim that still counts.
func (h *history) step(rt *rapid.T) {
	h.batches++
	live := slices.DeleteFunc(slices.Clone(h.ids), func(id string) bool { return h.claims[id].retracted || h.claims[id].withdrawn })
	slices.Reverse(live) // mostly one of the first is drawn, so this is the newest
	if len(live) > 0 && rapid.IntRange(0, 2).Draw(rt, "end a claim") == 0 {
		id := rapid.SampledFrom(live).Draw(rt, "which")
		c, end := h.claims[id], h.graph.Retract
		if c.retracted = rapid.Bool().Draw(rt, "retract"); !c.retracted {
			c.withdrawn, end = true, h.graph.Withdraw
		}
		h.claims[id] = c
		if err := end(h.t.Context(), "tester", id, "because"); err != nil {
			rt.Fatal(err)
		}
		return
	}
	var b graph.Batch
	for range rapid.IntRange(1, 4).Draw(rt, "claims") {
		c := drawClaim(rt, "claim:"+h.id(fmt.Sprintf("c%02d", len(h.ids))), h.ids)
		c.About = []string{h.id("ann")}
		if c.Asserts != nil {
			c.Asserts = h.drawAssertion(rt)
		}
		if rapid.Bool().Draw(rt, "made on a day") {
			c.MadeOn.EDTF = drawDate(rt, "madeOn")
		}
		c.AttributedTo = slices.Clone(c.AttributedTo)
		for i, who := range c.AttributedTo {
			c.AttributedTo[i] = h.id(who)
		}
		for i := range c.Passages {
			c.Passages[i].Document = "document:" + h.id("one")
		}
		h.ids = append(h.ids, c.ID)
		h.claims[c.ID] = modelClaim{Claim: c, batch: h.batches}
		b.Claims = append(b.Claims, c)
	}
	switch rapid.IntRange(0, 4).Draw(rt, "things") {
	case 0:
		name := rapid.SampledFrom([]string{"Ann", "Anna", "Hannah"}).Draw(rt, "name")
		b.Entities = []graph.Entity{{Type: "Person", ID: h.id("ann"), Name: name, Aliases: []string{name}, Description: "Now " + name}}
	case 1:
		b.Entities = []graph.Entity{
			{Type: "Person", ID: h.id("dan"), Name: "Dan"},
			{Type: "Company", ID: h.id("acme"), Name: "Acme", Properties: map[string]any{"legalForm": rapid.SampledFrom([]string{"inc", "ltd"}).Draw(rt, "form")}},
		}
	case 2:
		b.Documents = []graph.Document{{ID: "document:" + h.id("one"), Title: "One more", SHA256: hash, DatePublished: graph.PartialDate{EDTF: drawDate(rt, "published")}}}
		date := drawDate(rt, "date")
		h.dates[h.id("summit")] = date
		b.Entities = []graph.Entity{{Type: "Event", ID: h.id("summit"), Name: "Summit", Properties: map[string]any{"date": graph.PartialDate{EDTF: date}}}}
	}
	h.write(rt, b)
}

// drawAssertion draws a relationship of one of four kinds between few things.
func (h *history) drawAssertion(rt *rapid.T) *graph.Assertion {
	a := &graph.Assertion{
		Kind:   rapid.SampledFrom([]string{"LEFT", "LEFT", "RIVAL_OF", "HOLDS_ROLE", "PARTICIPATED_IN"}).Draw(rt, "kind"),
		Source: h.id(rapid.SampledFrom([]string{"ann", "bob", "cat"}).Draw(rt, "source")),
		Stint:  rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(rt, "stint"),
	}
	switch a.Kind {
	case "RIVAL_OF":
		people := slices.DeleteFunc([]string{"ann", "bob", "cat"}, func(name string) bool { return h.id(name) == a.Source })
		a.Target = h.id(rapid.SampledFrom(people).Draw(rt, "target"))
	case "PARTICIPATED_IN":
		a.Target = h.id(rapid.SampledFrom([]string{"summit", "party"}).Draw(rt, "target"))
	default:
		a.Target = h.id(rapid.SampledFrom([]string{"acme", "bolt"}).Draw(rt, "target"))
	}
	switch word := rapid.SampledFrom([]string{"", "one", "two"}).Draw(rt, "property"); {
	case a.Kind == "HOLDS_ROLE":
		a.Properties = map[string]any{"title": cmp.Or(word, "three")}
	case a.Kind == "LEFT" && word != "":
		a.Properties = map[string]any{"reason": word}
	}
	if rapid.IntRange(0, 3).Draw(rt, "start known") > 0 {
		a.ValidFrom.EDTF = drawDate(rt, "validFrom")
	}
	switch rapid.SampledFrom([]string{"as the start", "dated", "open", "unknown"}).Draw(rt, "end") {
	case "as the start":
		if first, last := days(rt, a.ValidFrom.EDTF); last.After(first) { // of a day, this is refused
			a.ValidTo = a.ValidFrom
		}
	case "dated":
		a.ValidTo.EDTF = drawDate(rt, "validTo")
		if first, _ := days(rt, a.ValidFrom.EDTF); a.ValidFrom.EDTF != "" {
			if _, last := days(rt, a.ValidTo.EDTF); !last.After(first) { // this is refused
				a.ValidTo.EDTF = ""
			}
		}
	case "open":
		a.ValidTo.EDTF = ".."
	}
	return a
}

// drawDate draws a date of any precision from few years, so that dates meet.
func drawDate(rt *rapid.T, label string) string {
	year := rapid.SampledFrom([]string{"2017", "2018", "2019"}).Draw(rt, label+" year")
	month := rapid.SampledFrom([]string{"-01", "-02", "-12"}).Draw(rt, label+" month")
	day := rapid.SampledFrom([]string{"-01", "-02", "-28"}).Draw(rt, label+" day")
	date := rapid.SampledFrom([]string{year + month + day, year, year + month, year + "-24", "201X"}).Draw(rt, label)
	form := rapid.SampledFrom([]string{"%s", "%s", "%s~", "[" + year + month + "..2020-01]", "[2016-12-31," + year + month + day + "]"}).Draw(rt, label+" form")
	return strings.Replace(form, "%s", date, 1)
}

// days are the bounds of a date.
func days(t rapid.TB, text string) (first, last time.Time) {
	if text == "" || text == ".." {
		return first, last
	}
	d, err := edtf.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	first, _ = d.Earliest()
	last, _ = d.Latest()
	return first, last
}

// A modelEdge is a relationship that the model's claims add up to.
type modelEdge struct{ source, target, from, to string }

// idOf is the id of the relationship that a claim asserts, and its ends in order.
func idOf(a graph.Assertion) (id, source, target string) {
	source, target = a.Source, a.Target
	if a.Kind == "RIVAL_OF" {
		source, target = min(source, target), max(source, target)
	}
	id = strings.ToLower(strings.ReplaceAll(a.Kind, "_", "-")) + ":" + source + ":" + target
	if title, ok := a.Properties["title"].(string); ok {
		id += ":" + title
	}
	if a.Stint > 1 {
		id += fmt.Sprint(":", a.Stint)
	}
	return id, source, target
}

// asserted are the ids of the relationships that claims assert, by the claims' ids.
func (h *history) asserted() map[string]string {
	out := map[string]string{}
	for id, c := range h.claims {
		if c.Asserts != nil {
			out[id], _, _ = idOf(*c.Asserts)
		}
	}
	return out
}

// edges are the relationships that the claims add up to, by id: each date comes from the first claim that states it,
// preferred ones before others, those of better standing before worse, the older before the newer; but an end that is not after
// the start is none.
func (h *history) edges() map[string]modelEdge {
	status, _ := h.claims.standing()
	order := []string{"CORROBORATED", "ASSERTED", "ALLEGED", "DISPUTED"}
	var speaking []modelClaim
	for id, c := range h.claims {
		if c.Asserts != nil && c.Rank != "DEPRECATED" && slices.Contains(order, status[id]) {
			speaking = append(speaking, c)
		}
	}
	slices.SortFunc(speaking, func(a, b modelClaim) int {
		first := func(c modelClaim) int { return map[bool]int{true: 0, false: 1}[c.Rank == "PREFERRED"] }
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(slices.Index(order, status[a.ID]), slices.Index(order, status[b.ID])),
			cmp.Compare(a.batch, b.batch), cmp.Compare(a.ID, b.ID))
	})
	out := map[string]modelEdge{}
	for _, c := range speaking {
		id, source, target := idOf(*c.Asserts)
		e := out[id]
		from, to := cmp.Or(e.from, c.Asserts.ValidFrom.EDTF), cmp.Or(e.to, c.Asserts.ValidTo.EDTF)
		if first, _ := days(h.t, from); from != "" && to != "" && to != ".." {
			if _, last := days(h.t, to); !last.After(first) { // of two claims: the later word is not taken
				from, to = e.from, e.to
			}
		}
		out[id] = modelEdge{source, target, from, to}
	}
	return out
}

// held goes through the days of a date. On a day a relationship held if it started on that day or before, and ended
// after it: possibly with the earliest start and the latest end, certainly with the latest start and the earliest end.
// An unknown start or end may lie anywhere; an open end never comes. Possibly means on some of the days, certainly on
// all of them.
func (e modelEdge) held(t rapid.TB, date string, certain bool) bool {
	earliestStart, latestStart := days(t, e.from)
	earliestEnd, latestEnd := days(t, e.to)
	first, last := days(t, date)
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		started := e.from == "" || !earliestStart.After(day)
		goesOn := e.to == "" || e.to == ".." || latestEnd.After(day)
		if certain {
			started = e.from != "" && !latestStart.After(day)
			goesOn = e.to == ".." || e.to != "" && earliestEnd.After(day)
		}
		if held := started && goesOn; held != certain {
			return held
		}
	}
	return certain
}
