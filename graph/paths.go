package graph

import (
	"fmt"
	"strings"
)

// What a search for paths may ask for.
const (
	maxPathLength = 10
	maxPaths      = 10
)

// paths compiles the k shortest chains between two entities, none of which visits an entity twice.
//
// The first search brings one chain of the least length or, of several, as many as k lets it. While there are fewer than k, the next
// longer ones deviate somewhere from those found (Yen 1971, with Lawler's rule): they share a beginning with one of
// them, take there a relationship that none with this beginning takes, and go on the shortest way that avoids the
// entities of the beginning. Every search runs from both ends. One for all chains of a length starts at the end that has
// fewer relationships, because its first step expands the start whole. One for a single chain looks for the shortest ones
// itself (near).
func (c *compiler) paths(f collected, args map[string]any) (string, Shape, error) {
	if err := c.list(); err != nil {
		return "", nil, err
	}
	ends, err := c.entityEnds(args)
	if err != nil {
		return "", nil, err
	}
	length, err := c.number(f, args, "maxLength", 0, maxPathLength)
	if err != nil {
		return "", nil, err
	}
	k, err := c.number(f, args, "k", 1, maxPaths)
	if err != nil {
		return "", nil, err
	}
	follow, err := c.follows(args)
	if err != nil {
		return "", nil, err
	}
	w := walk{follow: follow, length: length, one: k == 1, k: c.limit("k", k), max: c.param("maxLength", length)}
	find := func(param string) string {
		return "head(" + inline("COLLECT", "MATCH (n:Entity {id: "+param+"})", where(c.at.recorded("n")), "RETURN n") + ")"
	}
	text := []string{fmt.Sprintf("WITH %s AS a, %s AS b", find(ends[0].param+"[0]"), find(ends[1].param+"[0]"))}
	switch {
	case ends[0].ids[0] == ends[1].ids[0]:
		text = append(text, "WITH a, b, false AS turned, CASE WHEN a IS NULL THEN [] ELSE [{nodes: [a], relationships: []}] END AS paths")
	case length == 0:
		text = append(text, "WITH a, b, false AS turned, [] AS paths")
	default:
		text = append(text, w.first())
		for range k - 1 {
			text = append(text, w.next())
		}
	}
	path := c.variable("path")
	answer, shape, err := c.composed("Path", f.set, func(g collected) (string, Shape, error) {
		inOrder := func(items string) string {
			return fmt.Sprintf("CASE WHEN turned THEN reverse(%[1]s.%[2]s) ELSE %[1]s.%[2]s END", path, items)
		}
		switch g.field.Name {
		case "nodes":
			return c.entities(inOrder("nodes"), g.set)
		case "relationships":
			return c.relationships(inOrder("relationships"), objectTypes(follow.kinds), g.set)
		default:
			return "size(" + path + ".relationships)", scalar("Int"), nil
		}
	})
	if err != nil {
		return "", nil, err
	}
	answer = subquery("COLLECT", "UNWIND paths AS "+path, "RETURN "+answer)
	shape = listOf{item: shape, nonNull: true}
	for i := len(ends) - 1; i >= 0; i-- { // so that from is told of first
		answer, shape = list([]string{ends[i].unknown(c), answer}), existing{ends[i].argument, shape}
	}
	return lines(append(text, "RETURN "+answer+" AS answer")...), shape, nil
}

// entityEnds reads the arguments from and to.
func (c *compiler) entityEnds(args map[string]any) (ends [2]entityIDs, err error) {
	for i, argument := range []string{"from", "to"} {
		if ends[i], err = c.entityIDs(args, argument); err != nil {
			return ends, err
		}
	}
	return ends, nil
}

// A walk writes the steps of a search for paths. Between them go on a and b, the ends asked for; turned, whether the
// search starts at b; ends, in the order of the search; and paths, those found, as maps of nodes and relationships.
type walk struct {
	follow follows
	length int64
	one    bool // is one chain enough?
	k, max string
}

// shortest draws the pattern of shortest paths, with the conditions that prune the search.
func (w walk) shortest(function, from, to string, conditions ...string) string {
	pattern := strings.Replace(fmt.Sprintf(w.follow.pattern, ""), "]", fmt.Sprintf("*..%d]", w.length), 1)
	if held := w.follow.condition("r"); held != "" {
		conditions = append(conditions, "all(r IN relationships(p) WHERE "+held+")")
	}
	return lines(fmt.Sprintf("MATCH p = %s((%s)%s(%s))", function, from, pattern, to), where(conditions...))
}

func (w walk) first() string {
	turned, search := "false", w.shortest("shortestPath", "start", "goal")
	if !w.one {
		search = w.shortest("allShortestPaths", "start", "goal")
		if !w.follow.directed {
			turned = "COUNT { (a)--() } > COUNT { (b)--() }"
		}
	}
	const path = "{nodes: nodes(p), relationships: relationships(p)}"
	found := lines(search, "WITH p LIMIT "+w.k, "RETURN collect("+path+") AS paths")
	if w.one && w.length >= 3 && !w.follow.directed {
		found = w.near(lines(search, "RETURN "+path))
	}
	return lines(
		"WITH *, "+turned+" AS turned",
		"WITH *, CASE WHEN turned THEN [b, a] ELSE [a, b] END AS ends",
		subquery("CALL (ends)", "WITH ends[0] AS start, ends[1] AS goal", found))
}

// near finds one shortest chain whose length is three at most, between two entities with no more than a crowd of
// relationships each, and leaves all other searches to another subquery.
//
// Neo4j's own search goes on from the side that has reached fewer entities, even if one of them is a hub: from somebody
// whose only relationship is with the hub it reads all of the hub's. This one compares what the ends are related to, and
// takes a third step from the side whose entities have fewer relationships between them.
func (w walk) near(otherwise string) string {
	around := func(end string) string {
		return inline("COLLECT", fmt.Sprintf("MATCH (%s)"+w.follow.pattern+"()", end, "r"), where(w.follow.condition("r")), fmt.Sprintf("RETURN r LIMIT %d", crowd+1))
	}
	others := func(relationships, end string) string {
		return fmt.Sprintf("[r IN %s | CASE WHEN startNode(r) = %s THEN endNode(r) ELSE startNode(r) END]", relationships, end)
	}
	at := func(list, condition, read string) string {
		return fmt.Sprintf("[i IN range(0, size(%s) - 1) WHERE %s | %s]", list, condition, read)
	}
	to := func(entity string) string { // the relationship with which the goal is reached from there
		return "head([j IN range(0, size(right) - 1) WHERE right[j] = " + entity + " | back[j]])"
	}
	const degrees = "reduce(sum = 0, n IN %s | sum + COUNT { (n)--() })"
	return lines(
		"WITH *, "+around("start")+" AS out, "+around("goal")+" AS back",
		fmt.Sprintf("WITH *, size(out) <= %[1]d AND size(back) <= %[1]d AS few, %s AS left, %s AS right", crowd, others("out", "start"), others("back", "goal")),
		"WITH *, CASE WHEN few THEN "+
			at("left", "left[i] = goal", "{nodes: [start, goal], relationships: [out[i]]}")+" + "+
			at("left", "left[i] IN right", "{nodes: [start, left[i], goal], relationships: [out[i], "+to("left[i]")+"]}")+
			" ELSE [] END AS near",
		"WITH *, CASE WHEN few AND size(near) = 0 THEN "+subquery("COLLECT",
			"WITH "+fmt.Sprintf(degrees, "left")+" > "+fmt.Sprintf(degrees, "right")+" AS swapped",
			"WITH swapped, CASE WHEN swapped THEN right ELSE left END AS these, CASE WHEN swapped THEN left ELSE right END AS those",
			"UNWIND these AS n",
			"MATCH "+w.follow.from("r", "m"),
			where("m IN those", w.follow.condition("r")),
			"WITH r, CASE WHEN swapped THEN [m, n] ELSE [n, m] END AS between LIMIT 1",
			"RETURN {nodes: [start] + between + [goal], relationships: [head("+at("left", "left[i] = between[0]", "out[i]")+"), r, "+to("between[1]")+"]}")+
			" ELSE near END AS near",
		"WITH *, CASE WHEN size(near) = 0 THEN "+subquery("COLLECT", otherwise)+" ELSE near END AS paths",
		"RETURN paths[..1] AS paths")
}

func (w walk) next() string {
	return lines(
		subquery("CALL (ends, paths)",
			"WITH ends, paths WHERE size(paths) < "+w.k,
			"UNWIND paths AS path",
			"UNWIND range(0, size(path.relationships) - 1) AS i",
			"WITH DISTINCT ends[1] AS goal, paths, path.nodes[i] AS start, path.nodes[..i] AS before, path.relationships[..i] AS prefix",
			"WITH *, [path IN paths WHERE path.relationships[..size(prefix)] = prefix | path.relationships[size(prefix)]] AS taken",
			w.shortest("shortestPath", "start", "goal", "none(r IN relationships(p) WHERE r IN taken)", "none(n IN nodes(p) WHERE n IN before)"),
			"WITH DISTINCT {nodes: before + nodes(p), relationships: prefix + relationships(p)} AS path WHERE size(path.relationships) <= "+w.max,
			"WITH collect(path) AS longer, min(size(path.relationships)) AS least",
			"RETURN [path IN longer WHERE size(path.relationships) = least] AS longer"),
		"WITH a, b, turned, ends, paths + longer[.."+w.k+" - size(paths)] AS paths")
}
