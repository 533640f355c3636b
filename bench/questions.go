package main

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
)

// A question is put to the servers as a GraphQL operation or as Cypher that returns one record. The same variables go
// to all. Each asks for the same things in the same order, so that the answers can be compared without their names.
type question struct {
	name         string
	about        string // for people
	graphql      string // in the terms of our schema
	cypher       string
	neo4jGraphQL string // in the terms of peers/neo4j-graphql; empty: not put to it
	single       bool   // asks about one thing, with which @neo4j/graphql answers as a list of one
	loaders      bool   // peers/dataloaders can be asked, with the same operation as ours
	alone        bool   // one connection is enough: an answer takes about a second, or by hand many
	variables    func(s *sample) map[string]any
	// agree tells where two answers (see values) differ that must not; nil: they must be equal.
	agree func(one, other any) error
}

// A sample is what questions are asked about.
type sample struct {
	random                      *rand.Rand
	entities, people, companies []named // with relationships
	hub                         string
}

type named struct{ id, name string }

func (s *sample) one(of []named) string { return of[s.random.IntN(len(of))].id }

func (s *sample) entity() named { return s.entities[s.random.IntN(len(s.entities))] }

// kinds joins all types of the ontology; a hand-written statement names them, as ours does.
const kinds = "CO_FOUNDED|FOUNDED|HOLDS_ROLE|LEFT|SUED|RIVAL_OF|COMPETES_WITH|PARTNERED_WITH|DEVELOPED|INTEGRATED_WITH|PARTICIPATED_IN|CONCERNS"

// questions are all that are measured; a new one is one more entry.
func questions() []question {
	neighborhood := func(name, about string, depth int, id func(s *sample) string) question {
		return question{
			name: name, about: about, agree: agreeOnSubgraphs,
			graphql: fmt.Sprintf(`query($id: ID!) { neighborhood(around: [$id], depth: %d, limit: 200) {
  nodes { id name } relationships { id kind status source { id } target { id } } truncated } }`, depth),
			cypher:       neighborhoodByHand(depth),
			neo4jGraphQL: fmt.Sprintf(`query($id: ID!) { neighborhood%d(id: $id) { nodes { id name } relationships { id kind status source target } truncated } }`, depth),
			variables:    func(s *sample) map[string]any { return map[string]any{"id": id(s)} },
		}
	}
	someone := func(s *sample) string { return s.entity().id }
	hub := func(s *sample) string { return s.hub }
	paths := func(name, about string, k int, cypher, neo4jGraphQL string, pair func(s *sample) (from, to string)) question {
		return question{
			name: name, about: about, alone: k > 1, agree: agreeOnLengths,
			graphql: fmt.Sprintf(`query($from: ID!, $to: ID!) { paths(from: $from, to: $to, k: %d) {
  length nodes { id name } relationships { id kind } } }`, k),
			cypher:       cypher,
			neo4jGraphQL: neo4jGraphQL,
			variables: func(s *sample) map[string]any {
				from, to := pair(s)
				return map[string]any{"from": from, "to": to}
			},
		}
	}
	strangers := func(s *sample) (string, string) {
		for {
			if a, b := s.entity().id, s.entity().id; a != b {
				return a, b
			}
		}
	}
	return []question{
		{
			name: "point", about: "somebody by id", single: true, loaders: true,
			graphql:      `query($id: ID!) { entity(id: $id) { id name description } }`,
			cypher:       `MATCH (e:Entity {id: $id}) RETURN e.id, e.name, e.description`,
			neo4jGraphQL: `query($id: ID!) { entities(where: {id: {eq: $id}}) { id name description } }`,
			variables:    func(s *sample) map[string]any { return map[string]any{"id": s.entity().id} },
		},
		{
			name: "nested", about: "who founded companies with somebody: three levels", single: true, loaders: true,
			graphql: `query($id: ID!) { person(id: $id) { name coFounded(first: 10) { nodes { company { name coFounders(first: 10) { nodes { founder { name } } } } } } } }`,
			cypher: `MATCH (p:Person {id: $id})
RETURN p.name, COLLECT {
  MATCH (p)-[f:CO_FOUNDED]->(c) WITH f, c ORDER BY f.id LIMIT 10
  RETURN [c.name, COLLECT { MATCH (c)<-[g:CO_FOUNDED]-(q) WITH g, q ORDER BY g.id LIMIT 10 RETURN q.name }]
}`,
			neo4jGraphQL: `query($id: ID!) { people(where: {id: {eq: $id}}) { name coFoundedConnection(first: 10, sort: [{edge: {id: ASC}}]) { edges { node {
  name coFoundersConnection(first: 10, sort: [{edge: {id: ASC}}]) { edges { node { name } } } } } } } }`,
			variables: func(s *sample) map[string]any { return map[string]any{"id": s.one(s.people)} },
		},
		{
			name: "page", about: "a page of 50 companies with founders and a count", loaders: true,
			graphql: `query($after: String!) { companies(first: 50, after: $after, orderBy: {field: NAME}) {
  nodes { id name coFounders(first: 5) { nodes { founder { name } } totalCount } } } }`,
			cypher: `MATCH (c:Company) WHERE c.name >= $name AND (c.name > $name OR c.id > $id)
WITH c ORDER BY c.name, c.id LIMIT 50
RETURN collect([c.id, c.name, COLLECT { MATCH (c)<-[f:CO_FOUNDED]-(p) WITH f, p ORDER BY f.id LIMIT 5 RETURN p.name }, COUNT { (c)<-[:CO_FOUNDED]-() }])`,
			neo4jGraphQL: `query($name: String!, $id: ID!) {
  companies(limit: 50, sort: [{name: ASC}, {id: ASC}], where: {name: {gte: $name}, OR: [{name: {gt: $name}}, {id: {gt: $id}}]}) {
    id name coFoundersConnection(first: 5, sort: [{edge: {id: ASC}}]) { edges { node { name } } totalCount } } }`,
			variables: func(s *sample) map[string]any {
				c := s.companies[s.random.IntN(len(s.companies))]
				cursor := base64.RawURLEncoding.EncodeToString(mustJSON([]string{"NAME", c.name, c.id}))
				return map[string]any{"after": cursor, "name": c.name, "id": c.id}
			},
		},
		{
			name: "by-date", about: "the last 50 relationships of a kind before a day", loaders: true,
			graphql: `query($day: EDTF!) { relationships(first: 50, where: {kind: {eq: LEFT}, validFrom: {before: $day}}, orderBy: {field: VALID_FROM, direction: DESC}) {
  nodes { id validFrom { edtf } source { name } target { name } } } }`,
			cypher: `MATCH (a)-[r:LEFT]->(b) WHERE r.validFrom < date($day)
WITH a, r, b ORDER BY r.validFrom DESC, r.id DESC LIMIT 50
RETURN collect([r.id, r.validFromEdtf, a.name, b.name])`,
			neo4jGraphQL: `query($day: Date!) { departures(day: $day) { id validFromEdtf person company } }`,
			variables: func(s *sample) map[string]any {
				return map[string]any{"day": fmt.Sprintf("%d-%02d-%02d", 1991+s.random.IntN(30), 1+s.random.IntN(12), 1+s.random.IntN(28))}
			},
		},
		{
			name: "as-of", about: "the roles in a company on a day", single: true, loaders: true,
			graphql: `query($id: ID!, $day: EDTF!) { company(id: $id, asOf: {validAt: $day}) { name roles(first: 50) { nodes { title holder { name } validFrom { edtf } } } } }`,
			cypher: `MATCH (c:Company {id: $id})
RETURN c.name, COLLECT {
  MATCH (c)<-[r:HOLDS_ROLE]-(p) WHERE coalesce(r.validFrom <= date($day), true) AND coalesce(r.validTo > date($day), true)
  WITH r, p ORDER BY r.id LIMIT 50
  RETURN [r.title, p.name, r.validFromEdtf]
}`,
			neo4jGraphQL: `query($id: ID!, $day: Date!) { companies(where: {id: {eq: $id}}) { name rolesConnection(first: 50, sort: [{edge: {id: ASC}}], where: {edge: {
  AND: [{OR: [{validFrom: {lte: $day}}, {validFrom: {eq: null}}]}, {OR: [{validTo: {gt: $day}}, {validTo: {eq: null}}]}]}}) {
    edges { properties { title } node { name } since: properties { validFromEdtf } } } } }`,
			variables: func(s *sample) map[string]any {
				return map[string]any{"id": s.one(s.companies), "day": fmt.Sprintf("%d-%02d-%02d", 1991+s.random.IntN(30), 1+s.random.IntN(12), 1+s.random.IntN(28))}
			},
		},
		{
			name: "claims", about: "claims about somebody, with passages and disputes", single: true, loaders: true,
			graphql: `query($id: ID!) { entity(id: $id) { claims(first: 20) { nodes { statement status passages { start end document { title } } disputedBy { statement } } } } }`,
			cypher: `MATCH (e:Entity {id: $id})
RETURN COLLECT {
  MATCH (e)<-[:ABOUT]-(c:Claim) WITH c ORDER BY c.id LIMIT 20
  RETURN [c.statement, c.status, COLLECT { MATCH (c)-[q:QUOTED_FROM]->(d) WITH q, d ORDER BY d.id, q.start RETURN [q.start, q.end, d.title] },
          COLLECT { MATCH (c)<-[:DISPUTES]-(o) WITH o ORDER BY o.id RETURN o.statement }]
}`,
			neo4jGraphQL: `query($id: ID!) { entities(where: {id: {eq: $id}}) { claims(limit: 20, sort: [{id: ASC}]) { statement status
  passagesConnection(sort: [{node: {id: ASC}}, {edge: {start: ASC}}]) { edges { properties { start end } node { title } } } disputedBy(sort: [{id: ASC}]) { statement } } } }`,
			variables: func(s *sample) map[string]any { return map[string]any{"id": s.entity().id} },
		},
		neighborhood("neighborhood-1", "around somebody, 1 step", 1, someone),
		neighborhood("neighborhood-2", "around somebody, 2 steps", 2, someone),
		neighborhood("neighborhood-hub", "around the hub, 2 steps", 2, hub),
		paths("path", "the shortest path between two", 1, shortestByHand,
			`query($from: ID!, $to: ID!) { paths(from: $from, to: $to) { length nodes { id name } relationships { id kind } } }`, strangers),
		{
			name: "timeline", about: "everything from some day on, 50 entries", alone: true,
			graphql: `query($from: EDTF!) { timeline(from: $from, first: 50) { nodes { what date { edtf } subject { id } } } }`,
			cypher:  timelineByHand(),
			variables: func(s *sample) map[string]any {
				return map[string]any{"from": fmt.Sprintf("%d-%02d-%02d", 1991+s.random.IntN(30), 1+s.random.IntN(12), 1+s.random.IntN(28))}
			},
			agree: agreeOnDates,
		},
		{
			name: "timeline-about", about: "what happened to somebody, 50 entries",
			graphql: `query($id: ID!) { timeline(about: [$id], first: 50) { nodes { what date { edtf } subject { id } } } }`,
			cypher:  timelineAboutByHand,
			variables: func(s *sample) map[string]any {
				return map[string]any{"id": s.entity().id}
			},
			agree: agreeOnDates,
		},
		{
			name: "search", about: "somebody's name, the second word cut off",
			graphql: `query($text: String!) { search(text: $text, first: 10) { edges { score matchedField node { __typename ... on Entity { id name } ... on Claim { id } ... on Document { id } } } } }`,
			cypher:  searchByHand,
			variables: func(s *sample) map[string]any {
				first, second, _ := strings.Cut(s.entity().name, " ")
				return map[string]any{"text": first + " " + second[:3]}
			},
			agree: agreeOnCount,
		},
		// The last one: by hand it goes on for minutes after its client has given up, and Neo4j does not let it be ended.
		paths("paths-3", "the 3 shortest paths between two", 3, threeByHand, "", strangers),
	}
}

// neighborhoodByHand expands step by step, as far as the limit of 200 lets it, and then looks for what joins the last
// step's nodes, the ones with the fewest relationships first.
func neighborhoodByHand(depth int) string {
	var b strings.Builder
	b.WriteString("MATCH (a:Entity {id: $id})\nWITH [a] AS front, [a] AS seen, [] AS rels\n")
	for range depth {
		fmt.Fprintf(&b, `CALL (front, rels) {
  UNWIND CASE WHEN size(rels) <= 200 THEN front ELSE [] END AS n
  CALL (n) { MATCH (n)-[r:%s]-() RETURN r LIMIT 401 }
  WITH DISTINCT r WHERE NOT r IN rels
  WITH r ORDER BY r.id LIMIT 201
  RETURN collect(r) AS more
}
WITH seen, rels + more AS rels, COLLECT { UNWIND more[..200 - size(rels)] AS r UNWIND [startNode(r), endNode(r)] AS m WITH DISTINCT m WHERE NOT m IN seen RETURN m } AS front
WITH seen + front AS seen, front, rels
`, kinds)
	}
	fmt.Fprintf(&b, `CALL (front, rels) {
  UNWIND CASE WHEN size(rels) <= 200 THEN front ELSE [] END AS n
  WITH n ORDER BY COUNT { (n)--() }
  WITH collect(n) AS ns
  UNWIND range(0, size(ns) - 2) AS i
  WITH ns[i] AS n, ns[i + 1..] AS larger
  MATCH (n)-[r:%s]-(m) WHERE m IN larger
  RETURN collect(DISTINCT r) AS among
}
WITH seen, rels + among AS rels
RETURN [n IN seen | [n.id, n.name]], [r IN rels[..200] | [r.id, type(r), r.status, startNode(r).id, endNode(r).id]], size(rels) > 200`, kinds)
	return b.String()
}

const (
	shortestByHand = `MATCH (a:Entity {id: $from}), (b:Entity {id: $to})
OPTIONAL MATCH p = shortestPath((a)-[:` + kinds + `*..6]-(b))
RETURN [p IN collect(p) | [[n IN nodes(p) | [n.id, n.name]], [r IN relationships(p) | [r.id, type(r)]]]]`

	threeByHand = `MATCH (a:Entity {id: $from}), (b:Entity {id: $to})
OPTIONAL MATCH p = SHORTEST 3 ((a) ((x)-[:` + kinds + `]-()){1,6} (b) WHERE all(n IN x WHERE single(m IN x WHERE m = n)) AND NOT b IN x)
RETURN [p IN collect(p) | [[n IN nodes(p) | [n.id, n.name]], [r IN relationships(p) | [r.id, type(r)]]]]`

	timelineAboutByHand = `MATCH (a:Entity {id: $id})
CALL (a) {
  MATCH (a)-[r:` + kinds + `]-() WHERE r.validFrom IS NOT NULL
  RETURN r.validFrom AS d, r.validFromLatest AS l, 2 AS rank, r.id AS id, ['RELATIONSHIP_START', r.validFromEdtf, r.id] AS entry
  UNION ALL
  MATCH (a)-[r:` + kinds + `]-() WHERE r.validToEarliest IS NOT NULL
  RETURN r.validToEarliest AS d, r.validTo AS l, 4 AS rank, r.id AS id, ['RELATIONSHIP_END', r.validToEdtf, r.id] AS entry
  UNION ALL
  MATCH (a)<-[:ABOUT]-(c:Claim) WHERE c.madeOn IS NOT NULL
  RETURN c.madeOn AS d, c.madeOnLatest AS l, 3 AS rank, c.id AS id, ['CLAIM', c.madeOnEdtf, c.id] AS entry
  UNION ALL
  MATCH (a)-[:` + kinds + `*0..1]-(e:Event) WHERE e.date IS NOT NULL
  RETURN e.date AS d, e.dateLatest AS l, 1 AS rank, e.id AS id, ['EVENT', e.dateEdtf, e.id] AS entry
}
WITH DISTINCT d, l, rank, id, entry ORDER BY d, l, rank, id LIMIT 50
RETURN collect(entry)`

	searchByHand = `WITH toLower($text) AS text, split(toLower($text), ' ') AS words
WITH text, words, '"' + words[0] + words[1] + '"^8 ' + words[0] + words[1] + '*^2' AS joined
WITH text, reduce(q = '', w IN words | q + ' +("' + w + '"^8 ' + w + '*^2 ' + CASE WHEN size(w) >= 8 THEN w + '~2^0.5 ' WHEN size(w) >= 4 THEN w + '~1^0.5 ' ELSE '' END + joined + ')') AS query
UNWIND [['name', 1.0], ['aliases', .8], ['title', .6], ['statement', .4], ['description', .2]] AS field
CALL db.index.fulltext.queryNodes('search_' + field[0], query, {limit: 1000}) YIELD node, score
WITH text, node, field[0] AS matched, score / (score + 10) * field[1] AS score ORDER BY score DESC
WITH text, node, collect([score, matched])[0] AS best
WITH node, best[1] AS matched, best[0] + CASE WHEN any(n IN [node.name, node.title] + coalesce(node.aliases, []) WHERE toLower(n) STARTS WITH text) THEN 1 ELSE 0 END AS score
ORDER BY score DESC, node.id LIMIT 10
RETURN collect([score, matched, node.id, node.name, labels(node)])`
)

// timelineByHand reads one page of every source, each by its index, and merges them.
func timelineByHand() string {
	var branches []string
	add := func(match, earliest, latest, rank, what, edtf string) {
		branches = append(branches, fmt.Sprintf("  MATCH %s WHERE x.%s IS NOT NULL AND x.%s >= date($from)\n  RETURN x.%[2]s AS d, x.%[3]s AS l, %s AS rank, x.id AS id, ['%s', x.%s, x.id] AS entry ORDER BY d, l, id LIMIT 50",
			match, earliest, latest, rank, what, edtf))
	}
	for k := range strings.SplitSeq(kinds, "|") {
		add("()-[x:"+k+"]->()", "validFrom", "validFromLatest", "2", "RELATIONSHIP_START", "validFromEdtf")
		add("()-[x:"+k+"]->()", "validToEarliest", "validTo", "4", "RELATIONSHIP_END", "validToEdtf")
	}
	add("(x:Claim)", "madeOn", "madeOnLatest", "3", "CLAIM", "madeOnEdtf")
	add("(x:Event)", "date", "dateLatest", "1", "EVENT", "dateEdtf")
	return "CALL () {\n" + strings.Join(branches, "\n  UNION ALL\n") + "\n}\nWITH d, l, rank, id, entry ORDER BY d, l, rank, id LIMIT 50\nRETURN collect(entry)"
}
