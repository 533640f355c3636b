package graph

import (
	"fmt"

	"dossier/schema"
)

// What a neighbourhood may ask for, and how many relationships are looked at for it: an entity with more of them than
// maxPerEntity, or a hop with ten times as many, is seen in part, and the answer says that it is truncated. So the work
// is bounded, however many relationships there are.
const (
	maxDepth     = 6
	maxSubgraph  = 1000
	maxPerEntity = 2000
)

// neighborhood compiles a bounded subgraph, hop by hop. From the entities that the last hop has reached the next one
// follows their relationships, takes those that are new, in the order of their ids, as far as the limit lets it, and
// reaches the entities at their other ends. In the end come the relationships between the entities of the last hop, found
// from the end that has fewer of them.
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
	h := hops{
		limit: c.param("limit", limit), perEntity: c.param("perEntity", max(limit+1, maxPerEntity)), perHop: c.param("perHop", 10*max(limit+1, maxPerEntity)),
		follow: follow,
	}
	known := where(c.at.recorded("n"))
	text := []string{lines(
		"WITH "+subquery("COLLECT", fmt.Sprintf("UNWIND range(0, size(%[1]s) - 1) AS i\nMATCH (n:Entity {id: %[1]s[i]})", around.param), known, "WITH n ORDER BY i", "RETURN n")+" AS nodes",
		"WITH nodes, nodes AS frontier, [] AS relationships, false AS truncated",
	)}
	for range depth {
		text = append(text, h.hop())
	}
	text = append(text, h.closing())
	answer, shape, err := c.composed("Subgraph", f.set, func(g collected) (string, Shape, error) {
		switch g.field.Name {
		case "nodes":
			return c.entities("nodes", g.set)
		case "relationships":
			return c.relationships("relationships", objectTypes(follow.kinds), g.set)
		default:
			return "truncated", scalar("Boolean"), nil
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

// from draws the pattern from one node to another.
func (f follows) from(a, r, b string) string {
	return fmt.Sprintf("(%s)"+f.pattern+"(%s)", a, r, b)
}

// hops writes the steps of a neighbourhood. Between them go on nodes and relationships, all that was taken so far; the
// frontier, the nodes that the last step has reached; and truncated.
type hops struct {
	limit, perEntity, perHop string
	follow                   follows
}

// capped is the condition that not all relationships of the frontier are looked at.
func (h hops) capped(others string) string {
	return fmt.Sprintf("size([d IN degrees WHERE d > %[1]s]) > %[2]s OR reduce(sum = 0, d IN degrees | sum + CASE WHEN d > %[1]s THEN %[1]s ELSE d END) > %[3]s", h.perEntity, others, h.perHop)
}

func (h hops) degrees() string {
	return inline("COLLECT", "UNWIND frontier AS n", "RETURN COUNT { "+h.follow.from("n", "", "")+" }")
}

// look returns the relationships that the frontier's nodes have, as far as they are looked at, and the other end m.
func (h hops) look() string {
	return lines(subquery("CALL (n)", "MATCH "+h.follow.from("n", "r", "m"), "RETURN r, m LIMIT "+h.perEntity), "WITH * LIMIT "+h.perHop)
}

func (h hops) hop() string {
	return lines(
		"WITH *, "+h.degrees()+" AS degrees",
		subquery("CALL (frontier, relationships)",
			"UNWIND frontier AS n",
			h.look(),
			where("NOT r IN relationships", h.follow.condition("r")),
			"WITH DISTINCT r ORDER BY r.id LIMIT "+h.limit+" + 1",
			"RETURN collect(r) AS found"),
		fmt.Sprintf("WITH nodes, relationships, found[..%[1]s - size(relationships)] AS taken,\n  truncated OR size(relationships) + size(found) > %[1]s OR %[2]s AS truncated", h.limit, h.capped("0")),
		"WITH *, "+subquery("COLLECT", "UNWIND taken AS r", "UNWIND [startNode(r), endNode(r)] AS m", "WITH DISTINCT m WHERE NOT m IN nodes", "WITH m ORDER BY m.id", "RETURN m")+" AS frontier",
		"WITH nodes + frontier AS nodes, frontier, relationships + taken AS relationships, truncated",
	)
}

func (h hops) closing() string {
	// Against the direction of the walk, relationships between its last entities and those before are new too.
	reached := "frontier"
	if h.follow.directed {
		reached = "nodes"
	}
	return lines(
		"WITH *, "+h.degrees()+" AS degrees",
		subquery("CALL (nodes, frontier, relationships)",
			"UNWIND frontier AS n",
			"WITH nodes, frontier, relationships, n, COUNT { "+h.follow.from("n", "", "")+" } AS degree ORDER BY degree, n.id",
			h.look(),
			where("m IN "+reached, "NOT r IN relationships", h.follow.condition("r")),
			"WITH DISTINCT r ORDER BY r.id LIMIT "+h.limit+" + 1",
			"RETURN collect(r) AS found"),
		fmt.Sprintf("WITH nodes, relationships + found[..%[1]s - size(relationships)] AS relationships,\n  truncated OR size(relationships) + size(found) > %[1]s OR %[2]s AS truncated", h.limit, h.capped("1")),
	)
}
