package graph

import (
	"fmt"

	"dossier/schema"
)

// What a neighbourhood may ask for, and how many of an entity's relationships are looked at for it where conditions may
// turn them away: an entity with more of them is seen in part, and the answer says that it is truncated. So the work is
// bounded, however many relationships there are.
const (
	maxDepth     = 6
	maxSubgraph  = 1000
	maxPerEntity = 2000
	fewest       = 200 // that are looked at, however low the limit
)

// neighborhood compiles a bounded subgraph, hop by hop. From the entities that the last hop has reached, those with few
// relationships first, the next one follows their relationships, takes those that are new, as far as the limit lets it,
// and reaches the entities at their other ends. In the end come the relationships between the entities of the last hop.
func (c *compiler) neighborhood(f collected, args map[string]any) (string, Shape, error) {
	around, err := c.entityIDs(args, "around")
	if err != nil {
		return "", nil, err
	}
	depth, err := c.number(f, args, "depth", 1, maxDepth)
	if err != nil {
		return "", nil, err
	}
	limit, err := c.number(f, args, "limit", 1, maxSubgraph)
	if err != nil {
		return "", nil, err
	}
	follow, err := c.follows(args)
	if err != nil {
		return "", nil, err
	}
	// Of twice the limit's relationships and one more, at most the limit's has been taken before, so that there is one too
	// many whatever else the entity has: no need to look at more. Some more, so that of few the smallest ids come.
	enough := max(2*limit+1, fewest)
	h := hops{follow: follow, limit: c.limit("limit", limit), most: c.limit("perEntity", max(enough, maxPerEntity))}
	if h.perEntity = h.most; follow.condition("r") == "" {
		h.perEntity = c.limit("perEntity", enough)
	}
	known := where(c.at.recorded("n"))
	text := []string{lines(
		"WITH "+subquery("COLLECT", fmt.Sprintf("UNWIND range(0, size(%[1]s) - 1) AS i\nMATCH (n:Entity {id: %[1]s[i]})", around.param), known, "WITH n ORDER BY i", "RETURN n")+" AS nodes",
		"WITH nodes, nodes AS frontier, [] AS relationships, false AS cut",
	)}
	for i := range depth {
		text = append(text, h.hop(i == 0))
	}
	text = append(text, h.closing())
	answer, shape, err := c.composed("Subgraph", f.set, func(g collected) (string, Shape, error) {
		switch g.field.Name {
		case "nodes":
			return c.entities("nodes", g.set)
		case "relationships":
			return c.relationships("relationships[.."+h.limit+"]", objectTypes(follow.kinds), g.set)
		default:
			return "cut OR size(relationships) > " + h.limit, scalar("Boolean"), nil
		}
	})
	if err != nil {
		return "", nil, err
	}
	// The entities asked for that there are come first, and no other is one of them.
	unknown := fmt.Sprintf("[id IN %[1]s WHERE NOT id IN [n IN nodes[..size(%[1]s)] | n.id]]", around.param)
	returned, shape, err := around.beside(unknown, answer, shape)
	return lines(append(text, returned)...), shape, err
}

// objectTypes are the object types of kinds.
func objectTypes(kinds []*schema.Kind) []string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = k.Name
	}
	return out
}

// A follows says which relationships a walk may take, and which way.
type follows struct {
	kinds     []*schema.Kind
	directed  bool
	pattern   string // with %s for the relationship's variable
	condition func(r string) string
}

// follows reads the arguments of walks: kinds, direction and excludeContested.
func (c *compiler) follows(args map[string]any) (follows, error) {
	kinds, err := c.kindsGiven(args)
	if err != nil {
		return follows{}, err
	}
	arrow, err := c.direction(args)
	if err != nil {
		return follows{}, err
	}
	calm, _ := args["excludeContested"].(bool)
	at := c.at
	return follows{kinds, arrow.tail != arrow.head, arrow.tail + "[%s:" + at.types(kinds...) + "]" + arrow.head, func(r string) string {
		condition := at.held(r)
		if calm {
			condition = all(condition, "NOT "+r+".contested")
		}
		return condition
	}}, nil
}

// from draws the pattern from the node n to another.
func (f follows) from(r, m string) string {
	return fmt.Sprintf("(n)"+f.pattern+"(%s)", r, m)
}

// hops writes the steps of a neighbourhood. Between them go on nodes, all that was reached so far; the frontier, those
// that the last step has reached; relationships, all that was taken, and one more where that is one too many: then the
// steps that follow find nothing to do; and cut, whether not all relationships of an entity were looked at.
type hops struct {
	follow                 follows
	limit, perEntity, most string
}

func (h hops) hop(first bool) string {
	sorted, seen, order, cut := "", "n", "r.id", "cut"
	if !first {
		// An entity with very many relationships must not crowd out the others. Beyond that, their number does not matter,
		// and which of them come is the order in which Neo4j stores them: to read the ids of all took a sixth of two hops.
		const many = 50
		sorted = fmt.Sprintf("WITH n, relationships, size(%s) AS degree ORDER BY degree, n.id",
			inline("COLLECT", "MATCH "+h.follow.from("r", ""), fmt.Sprintf("WITH r LIMIT %d", many), where(h.follow.condition("r")), "RETURN 1"))
		seen, order = "n, degree", fmt.Sprintf("CASE WHEN degree < %d THEN r.id END", many)
	}
	if h.follow.condition("r") != "" {
		cut = h.cut("UNWIND frontier AS n", "WITH n, COUNT { (n)--() } AS degree") + " AS cut"
	}
	return lines(
		subquery("CALL (frontier, relationships)",
			h.unlessFull("frontier"),
			sorted,
			subquery("CALL ("+seen+")", "MATCH "+h.follow.from("r", ""), "WITH r LIMIT "+h.perEntity, "RETURN r ORDER BY "+order),
			"WITH r, relationships "+where("NOT r IN relationships", h.follow.condition("r")),
			"WITH DISTINCT r LIMIT "+h.limit+" + 1",
			"RETURN collect(r) AS found"),
		// Not by a COLLECT: its DISTINCT would compare all that is known outside, too.
		subquery("CALL (nodes, relationships, found)",
			"UNWIND found[.."+h.limit+" - size(relationships)] AS r",
			"UNWIND [startNode(r), endNode(r)] AS m",
			"WITH m, nodes WHERE NOT m IN nodes",
			"WITH DISTINCT m",
			"RETURN collect(m) AS reached"),
		"WITH nodes + reached AS nodes, reached AS frontier, relationships + found AS relationships, "+cut,
	)
}

// closing takes the relationships that join the entities of the last hop, which are found from either end. Most of all
// relationships are those of the few entities that have the most. So the two that have the most are not followed: what joins
// them to the others is found from there, and what joins the two Neo4j finds from the one that has fewer, which takes it less
// time, as it knows both ends. Among those with equally many it does not matter which two these are, unless more than two have
// too many to look at: then not all of what joins them is looked for, and the answer is truncated.
func (h hops) closing() string {
	if h.follow.directed {
		// Against the direction of the walk, relationships between its last entities and those before are new too.
		return lines(
			"WITH *, "+subquery("COLLECT", h.unlessFull("frontier"), "RETURN n")+" AS last",
			h.joining("last, nodes, relationships",
				"UNWIND last AS n",
				subquery("CALL (n)", "MATCH "+h.follow.from("r", "m"), "RETURN r, m LIMIT "+h.most),
				"WITH * "+where("NOT r IN relationships", "m IN nodes", h.follow.condition("r")),
				"RETURN r"),
			"WITH nodes, relationships + found AS relationships, "+h.cut("UNWIND last AS n", "WITH n, COUNT { (n)--() } AS degree")+" AS cut",
		)
	}
	return lines(
		"WITH *, "+subquery("COLLECT", h.unlessFull("frontier"), "WITH n, COUNT { (n)--() } AS degree ORDER BY degree", "RETURN [n, degree]")+" AS last",
		h.joining("last, frontier",
			"UNWIND last[..-2] AS entry",
			"WITH entry[0] AS n, entry[1] AS degree, frontier "+where("NOT "+h.exceeding()),
			"MATCH "+h.follow.from("r", "m"),
			where("m IN frontier", h.follow.condition("r")),
			"RETURN r",
			"UNION",
			"WITH last[-2][0] AS n, last[-2][1] AS degree, last[-1][0] AS m "+where("NOT "+h.exceeding()),
			"MATCH "+h.follow.from("r", "m"),
			where(h.follow.condition("r")),
			"RETURN r"),
		"WITH nodes, relationships + found AS relationships, "+h.cut("UNWIND last[..-1] AS entry", "WITH entry[0] AS n, entry[1] AS degree")+" AS cut",
	)
}

// joining is what a search for relationships finds that uses some variables, as far as the limit lets it.
func (h hops) joining(variables string, search ...string) string {
	return subquery("CALL ("+variables+")",
		subquery("CALL ("+variables+")", search...),
		"WITH r ORDER BY r.id LIMIT "+h.limit+" + 1",
		"RETURN collect(r) AS found")
}

func (h hops) unlessFull(entities string) string {
	return fmt.Sprintf("UNWIND CASE WHEN size(relationships) > %s THEN [] ELSE %s END AS n", h.limit, entities)
}

// cut is the condition that some of what the clauses bring, entities n of a degree, have more relationships than are looked at.
func (h hops) cut(entities ...string) string {
	return "cut OR " + inline("EXISTS", append(entities, where(h.exceeding()), "RETURN n")...)
}

// exceeding is the condition that the entity n, whose relationships of any type are its degree, has more of those asked for
// than are looked at. These are counted only where there are as many of any type; a CASE keeps the planner from doing both.
func (h hops) exceeding() string {
	return fmt.Sprintf("CASE WHEN degree > %[1]s THEN COUNT { %[2]s } > %[1]s ELSE false END", h.most, h.follow.from("", ""))
}
