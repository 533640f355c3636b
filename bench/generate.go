package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	sluglib "github.com/gosimple/slug"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"dossier/schema"
)

// Size says how large a generated graph is. Two graphs of the same size and seed are equal.
type Size struct {
	Entities      int
	Relationships int // each with a claim, and about one in seven with another that disputes or corroborates that
	Hub           int // of the relationships, those of the one entity that has the most
	Documents     int
	Seed          uint64
}

// A model is a graph as the generator makes it up, before it is stored.
//
// Degrees follow a power law (exponent 2.5, as is usual of social graphs): the n-th of the things of one type is drawn
// in proportion to n^(-2/3). Beside that, the first company is the hub, and the last hundredth of each type has no
// relationship at all. Starts of validity lie between 1990 and 2025, four in ten as precise as a day, three as a
// month, two as a year, one unknown; three in ten have an end. One claim in twenty is disputed by somebody, and one in ten
// corroborated.
type model struct {
	size      Size
	ontology  *schema.Ontology
	random    *rand.Rand
	words     []string
	recorded  time.Time
	entities  []map[string]any
	documents []map[string]any
	byType    map[string][]int // indices of entities by object type
	labels    []string         // of entities
	edges     []edge
}

// An edge is a relationship with its claim.
type edge struct {
	kind           *schema.Kind
	source, target int // indices of entities
	properties     map[string]any
}

// The share of each entity type; the rest are events.
var shares = []struct {
	name  string
	share float64
}{{"Person", .4}, {"Company", .3}, {"Product", .15}}

// generate makes up a graph.
func generate(size Size, o *schema.Ontology) *model {
	m := &model{
		size:     size,
		ontology: o,
		random:   rand.New(rand.NewPCG(size.Seed, 0)), //nolint:gosec // the same graph each time
		recorded: time.Date(2025, 1, 1, 0, 0, 0, 0, time.FixedZone("Offset", 0)),
		byType:   map[string][]int{},
	}
	m.words = words(m.random, 5000)
	for i := range size.Entities {
		m.addEntity(typeOf(i))
	}
	for i := range size.Documents {
		m.documents = append(m.documents, map[string]any{
			"id": fmt.Sprintf("document:d%d", i), "title": m.title(5), "publisher": m.title(1),
			"sha256": fmt.Sprintf("%064x", i), "recordedAt": m.recorded, "knownFrom": m.recorded,
		})
	}
	m.addEdges()
	return m
}

// typeOf mixes the types, so that neighbours in the order of storing are not all of one type.
func typeOf(i int) string {
	at := math.Mod(float64(i)*math.Phi, 1)
	for _, s := range shares {
		if at < s.share {
			return s.name
		}
		at -= s.share
	}
	return "Event"
}

func entityID(i int) string { return fmt.Sprintf("e%d", i) }

// hubID is the id of the first company, which is the hub.
func hubID(size Size) string {
	for i := range size.Entities {
		if typeOf(i) == "Company" {
			return entityID(i)
		}
	}
	return ""
}

func (m *model) addEntity(typ string) {
	i := len(m.entities)
	e := map[string]any{
		"id": entityID(i), "name": m.title(2), "aliases": []string{}, "externalIds": []string{},
		"description": m.sentence(12), "recordedAt": m.recorded, "knownFrom": m.recorded,
	}
	switch typ {
	case "Company":
		e["aliases"] = []string{m.title(1)}
	case "Event":
		m.date(e, "date", "date", "dateLatest")
	}
	m.entities, m.labels = append(m.entities, e), append(m.labels, m.ontology.Node(typ).Label)
	m.byType[typ] = append(m.byType[typ], i)
}

func (m *model) addEdges() {
	hub := m.byType["Company"][0]
	seen := map[string]bool{}
	for len(m.edges) < m.size.Relationships {
		k := m.ontology.Kinds[m.random.IntN(len(m.ontology.Kinds))]
		source, target := m.draw(k.Source.Type), m.draw(k.Target.Type)
		if len(m.edges) < m.size.Hub {
			source, target = m.drawEvenly(k.Source.Type), m.drawEvenly(k.Target.Type)
			switch {
			case m.fits(hub, k.Target.Type):
				target = hub
			case m.fits(hub, k.Source.Type):
				source = hub
			default:
				continue
			}
		}
		if source == target {
			continue
		}
		if k.Symmetric && m.id(target) < m.id(source) { // stored once, whoever is named first
			source, target = target, source
		}
		e := edge{kind: k, source: source, target: target}
		id := strings.Join([]string{k.Slug(), m.id(source), m.id(target)}, ":")
		p := map[string]any{"status": m.choose(map[string]float64{"ALLEGED": .1, "CORROBORATED": .1}, "ASSERTED"), "contested": false}
		if k.Type == "HOLDS_ROLE" {
			p["title"] = m.title(1)
			id += ":" + sluglib.Make(p["title"].(string))
		}
		if seen[id] {
			continue
		}
		seen[id] = true
		if m.random.Float64() < .05 {
			p["status"], p["contested"] = "DISPUTED", true
		}
		// A transaction every minute, of a hundred relationships.
		at := m.recorded.Add(time.Duration(len(m.edges)/100) * time.Minute)
		p["id"], p["subjectId"], p["objectId"], p["recordedAt"], p["knownFrom"] = id, m.id(source), m.id(target), at, at
		if from, known := m.date(p, "validFrom", "validFrom", "validFromLatest"); known && m.random.Float64() < .3 {
			to := from.AddDate(m.random.IntN(10), 1+m.random.IntN(12), 0)
			m.setDate(p, "validTo", "validToEarliest", "validTo", to, 1)
		}
		e.properties = p
		m.edges = append(m.edges, e)
	}
}

func (m *model) id(i int) string { return m.entities[i]["id"].(string) }

// fits says whether an entity may stand at an end that is declared to be of a type.
func (m *model) fits(entity int, declared string) bool {
	for _, name := range m.ontology.Concrete(declared) {
		if m.ontology.Node(name).Label == m.labels[entity] {
			return true
		}
	}
	return false
}

// draw picks an entity of a declared type, by the power law.
func (m *model) draw(declared string) int {
	return m.pick(declared, math.Pow(m.random.Float64(), 3))
}

func (m *model) drawEvenly(declared string) int { return m.pick(declared, m.random.Float64()) }

// pick returns the entity at a place between 0 and 1 in the order of one of the object types that a type can be.
func (m *model) pick(declared string, at float64) int {
	types := m.ontology.Concrete(declared)
	of := m.byType[types[m.random.IntN(len(types))]]
	return of[int(at*float64(len(of))*.99)]
}

// choose returns one of some words, each with its probability, or else another word.
func (m *model) choose(of map[string]float64, otherwise string) string {
	at := m.random.Float64()
	for _, name := range []string{"ALLEGED", "CORROBORATED"} {
		if at -= of[name]; at < 0 {
			return name
		}
	}
	return otherwise
}

// date adds a date of some precision, or none, and returns its first day.
func (m *model) date(p map[string]any, name, earliest, latest string) (from time.Time, known bool) {
	precision := m.random.IntN(10)
	day := time.Date(1990, 1, 1+m.random.IntN(35*365), 0, 0, 0, 0, time.UTC)
	if precision == 9 {
		return day, false
	}
	return m.setDate(p, name, earliest, latest, day, precision), true
}

// setDate adds the properties of a date: up to precision 3 a day, up to 6 the month around it, above that the year.
func (m *model) setDate(p map[string]any, name, earliest, latest string, day time.Time, precision int) time.Time {
	last, layout := day, time.DateOnly
	switch {
	case precision > 6:
		day = time.Date(day.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
		last, layout = day.AddDate(1, 0, -1), "2006"
	case precision > 3:
		day = day.AddDate(0, 0, 1-day.Day())
		last, layout = day.AddDate(0, 1, -1), "2006-01"
	}
	p[name+"Edtf"], p[earliest], p[latest] = day.Format(layout), neo4j.DateOf(day), neo4j.DateOf(last)
	return day
}

// words makes up a vocabulary of words that can be spoken.
func words(random *rand.Rand, n int) []string {
	syllables := strings.Fields("ba be bi bo da de di do fa fe ga go ka ke ki ko la le li lo ma me mi mo na ne ni no ra re ri ro sa se si so ta te ti to va ve vi za ze zo")
	seen := map[string]bool{}
	var out []string
	for len(out) < n {
		word := ""
		for range 2 + random.IntN(3) {
			word += syllables[random.IntN(len(syllables))]
		}
		if !seen[word] {
			seen[word] = true
			out = append(out, word)
		}
	}
	return out
}

// word picks a word, some much more often than others, as in real text.
func (m *model) word() string {
	return m.words[int(math.Pow(m.random.Float64(), 3)*float64(len(m.words)))]
}

func (m *model) title(n int) string {
	var out []string
	for range n {
		w := m.words[m.random.IntN(len(m.words))]
		out = append(out, strings.ToUpper(w[:1])+w[1:])
	}
	return strings.Join(out, " ")
}

func (m *model) sentence(n int) string {
	var out []string
	for range n {
		out = append(out, m.word())
	}
	return strings.ToUpper(out[0][:1]) + strings.Join(out, " ")[1:] + "."
}

// claim returns the properties of the claim that stands behind a relationship.
func (m *model) claim(i int) map[string]any {
	e := m.edges[i]
	p := map[string]any{}
	for name, value := range e.properties {
		p[name] = value
	}
	delete(p, "contested")
	delete(p, "knownFrom")
	p["relationshipId"], p["id"] = p["id"], fmt.Sprintf("claim:c%d", i)
	p["kind"] = e.kind.Type
	p["statement"], p["digest"], p["rank"] = m.sentence(10), fmt.Sprintf("%064x", i), "NORMAL"
	p["disputed"], p["statedAs"] = e.properties["contested"], "ASSERTED"
	if p["status"] == "ALLEGED" {
		p["statedAs"] = "ALLEGED"
	}
	m.date(p, "madeOn", "madeOn", "madeOnLatest")
	return p
}

// reply returns the properties of the claim by which somebody disputes or corroborates the one behind a relationship.
func (m *model) reply(i int) map[string]any {
	p := map[string]any{
		"id": fmt.Sprintf("claim:c%d-reply", i), "statement": m.sentence(10), "digest": fmt.Sprintf("%064x", len(m.edges)+i), "rank": "NORMAL",
		"status": "ASSERTED", "statedAs": "ASSERTED", "disputed": false, "recordedAt": m.edges[i].properties["recordedAt"],
	}
	m.date(p, "madeOn", "madeOn", "madeOnLatest")
	return p
}

// load stores a graph in an empty database, as graph.Record would have.
func (m *model) load(ctx context.Context, driver neo4j.DriverWithContext, progress func(format string, args ...any)) error {
	l := &loader{ctx: ctx, driver: driver}
	l.run("MERGE (l:Log {id: 'log'}) SET l.sequence = 0, l.at = $at, l.widest = 365", map[string]any{"at": m.recorded})
	for _, label := range m.distinctLabels() {
		for i, e := range m.entities {
			if m.labels[i] == label {
				l.add(fmt.Sprintf("CREATE (e:Entity:`%s`) SET e = row", label), e)
			}
		}
		l.flush()
	}
	for _, d := range m.documents {
		l.add("CREATE (d:Document) SET d = row", d)
	}
	l.flush()
	progress("%d entities and %d documents stored", len(m.entities), len(m.documents))
	for _, k := range m.ontology.Kinds {
		for _, e := range m.edges {
			if e.kind == k {
				l.add(fmt.Sprintf("MATCH (s:Entity {id: row[0]}), (t:Entity {id: row[1]}) CREATE (s)-[r:`%s`]->(t) SET r = row[2]", k.Type),
					[]any{m.id(e.source), m.id(e.target), e.properties})
			}
		}
		l.flush()
	}
	progress("%d relationships stored", len(m.edges))
	for i, e := range m.edges {
		passages := []any{}
		if m.random.Float64() < .2 {
			start := m.random.IntN(100_000)
			passages = []any{[]any{m.documents[m.random.IntN(len(m.documents))]["id"], start, start + 60, fmt.Sprintf("%064x", i)}}
		}
		l.add(`MATCH (s:Entity {id: row[0]}), (t:Entity {id: row[1]})
CREATE (c:Claim)-[:ABOUT]->(s), (c)-[:ABOUT]->(t)
SET c = row[2]
WITH c, row
UNWIND row[3] AS p
MATCH (d:Document {id: p[0]})
CREATE (c)-[:QUOTED_FROM {start: p[1], end: p[2], sha256: p[3]}]->(d)`, []any{m.id(e.source), m.id(e.target), m.claim(i), passages})
	}
	l.flush()
	claims := len(m.edges)
	for _, reply := range []struct{ status, does string }{{"DISPUTED", "DISPUTES"}, {"CORROBORATED", "CORROBORATES"}} {
		for i, e := range m.edges {
			if e.properties["status"] == reply.status {
				claims++
				l.add(fmt.Sprintf(`MATCH (other:Claim {id: row[0]}), (speaker:Entity {id: row[1]}), (s:Entity {id: row[2]}), (t:Entity {id: row[3]})
CREATE (c:Claim)-[:%s]->(other), (c)-[:ATTRIBUTED_TO]->(speaker), (c)-[:ABOUT]->(s), (c)-[:ABOUT]->(t)
SET c = row[4]`, reply.does), []any{fmt.Sprintf("claim:c%d", i), m.id(m.draw("Person")), m.id(e.source), m.id(e.target), m.reply(i)})
			}
		}
		l.flush()
	}
	progress("%d claims stored", claims)
	return l.err
}

func (m *model) distinctLabels() []string {
	var out []string
	for _, n := range m.ontology.Entities() {
		out = append(out, n.Label)
	}
	return out
}

// A loader sends rows in batches. After an error it does nothing more.
type loader struct {
	ctx    context.Context
	driver neo4j.DriverWithContext
	text   string
	rows   []any
	err    error
}

const batch = 10_000

func (l *loader) add(text string, row any) {
	l.text, l.rows = text, append(l.rows, row)
	if len(l.rows) == batch {
		l.flush()
	}
}

func (l *loader) flush() {
	if len(l.rows) > 0 {
		l.run("UNWIND $rows AS row\n"+l.text, map[string]any{"rows": l.rows})
	}
	l.rows = nil
}

func (l *loader) run(text string, params map[string]any) {
	if l.err == nil {
		_, l.err = neo4j.ExecuteQuery(l.ctx, l.driver, text, params, neo4j.EagerResultTransformer)
	}
}
