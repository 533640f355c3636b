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
	returned, shape, err := around.checked(c, answer, shape)
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
	sorted, cut := "", "cut"
	if !first {
		// An entity with very many relationships must not crowd out the others. Beyond that, their number does not matter.
		const many = 50
		sorted = fmt.Sprintf("WITH n, relationships, size(%s) AS degree ORDER BY degree, n.id",
			inline("COLLECT", "MATCH "+h.follow.from("r", ""), fmt.Sprintf("WITH r LIMIT %d", many), where(h.follow.condition("r")), "RETURN 1"))
	}
	if h.follow.condition("r") != "" {
		cut = h.cut("frontier") + " AS cut"
	}
	return lines(
		subquery("CALL (frontier, relationships)",
			h.unlessFull("frontier"),
			sorted,
			subquery("CALL (n)", "MATCH "+h.follow.from("r", ""), "WITH r LIMIT "+h.perEntity, "RETURN r ORDER BY r.id"),
			"WITH r, relationships "+where("NOT r IN relationships", h.follow.condition("r")),
			"WITH DISTINCT r LIMIT "+h.limit+" + 1",
			"RETURN collect(r) AS found"),
		// Not by a COLLECT: its DISTINCT would compare all that is known outside, too.
		subquery("CALL (nodes, relationships, found)",
			"UNWIND found[.."+h.limit+" - size(relationships)] AS r",
			"UNWIND [startNode(r), endNode(r)] AS m",
			"WITH m, nodes WHERE NOT m IN nodes",
			"WITH DISTINCT m ORDER BY m.id",
			"RETURN collect(m) AS reached"),
		"WITH nodes + reached AS nodes, reached AS frontier, relationships + found AS relationships, "+cut,
	)
}

// closing takes the relationships that join the entities of the last hop. Most of all relationships are those of the few
// entities that have the most. So these are not followed: what joins them to the others is found from there, and what joins
// two of them from the one that has fewer, which takes Neo4j a tenth of the time, as it knows both ends.
func (h hops) closing() string {
	if h.follow.directed {
		// Against the direction of the walk, relationships between its last entities and those before are new too.
		return lines(
			"WITH *, "+subquery("COLLECT", h.unlessFull("frontier"), "RETURN n")+" AS last",
			h.joining("last, nodes, relationships", h.between("last", "nodes", "NOT r IN relationships")),
			"WITH nodes, relationships + found AS relationships, "+h.cut("last")+" AS cut",
		)
	}
	const many = 6
	return lines(
		"WITH *, "+subquery("COLLECT", h.unlessFull("frontier"), "WITH n ORDER BY COUNT { (n)--() }, n.id", "RETURN n")+" AS last",
		fmt.Sprintf("WITH nodes, frontier, relationships, cut, last[..-%[1]d] AS few, last[-%[1]d..] AS many", many),
		h.joining("few, many, frontier", h.between("few", "frontier")+"\nUNION\n"+lines(
			"UNWIND range(0, size(many) - 2) AS i",
			"WITH many[i] AS n, many[i + 1..] AS others "+where("NOT "+h.exceeding()),
			"UNWIND others AS m",
			"MATCH "+h.follow.from("r", "m"),
			where(h.follow.condition("r")),
			"RETURN r")),
		"WITH nodes, relationships + found AS relationships, "+h.cut("few + many[..-1]")+" AS cut",
	)
}

// joining is what a search for relationships finds that uses some variables, as far as the limit lets it.
func (h hops) joining(variables, search string) string {
	return subquery("CALL ("+variables+")",
		subquery("CALL ("+variables+")", search),
		"WITH r ORDER BY r.id LIMIT "+h.limit+" + 1",
		"RETURN collect(r) AS found")
}

// between searches for relationships that join entities to others.
func (h hops) between(entities, others string, conditions ...string) string {
	return lines(
		"UNWIND "+entities+" AS n",
		subquery("CALL (n)", "MATCH "+h.follow.from("r", "m"), "RETURN r, m LIMIT "+h.most),
		"WITH * "+where(append(conditions, "m IN "+others, h.follow.condition("r"))...),
		"RETURN r")
}

func (h hops) unlessFull(entities string) string {
	return fmt.Sprintf("UNWIND CASE WHEN size(relationships) > %s THEN [] ELSE %s END AS n", h.limit, entities)
}

// cut is the condition that some entities have more relationships than are looked at.
func (h hops) cut(entities string) string {
	return "cut OR " + inline("EXISTS", "UNWIND "+entities+" AS n", "WITH n "+where(h.exceeding()), "RETURN n")
}

// exceeding is the condition that the entity n has more relationships than are looked at. Those of the kinds asked for are
// counted only where there are as many of any type, which is cheap to tell; a CASE keeps the planner from doing both.
func (h hops) exceeding() string {
	return fmt.Sprintf("CASE WHEN COUNT { (n)--() } > %[1]s THEN COUNT { %[2]s } > %[1]s ELSE false END", h.most, h.follow.from("", ""))
}
