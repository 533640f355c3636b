package graph

import (
	"cmp"
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// differences are the kinds of difference by what a row's key says of it.
var differences = names{"appeared": "APPEARED", "vanished": "VANISHED", "changed": "CHANGED"}

// diff compiles the differences between two instants: of every relationship its state at the one and at the other, paired
// by id.
func (c *compiler) diff(f collected, args map[string]any) (string, Shape, error) {
	if err := c.list(); err != nil {
		return "", nil, err
	}
	c.alone = true // Neo4j lets no outer variable stand beside the aggregates within
	about, err := c.entityIDs(args, "about")
	if err != nil {
		return "", nil, err
	}
	from, err := c.asOf(f.field, "from")
	if err != nil {
		return "", nil, err
	}
	to, err := c.asOf(f.field, "to")
	if err != nil {
		return "", nil, err
	}
	id, before, after, what, r := c.variable("id"), c.variable("before"), c.variable("after"), c.variable("what"), c.variable("relationship")
	relationships := func(at instant) string {
		a := c.variable("about")
		if about.given() {
			return lines(about.match(a), fmt.Sprintf("MATCH (%s)-[%s:%s]-()", a, r, at.types(c.ontology.Kinds...)))
		}
		return fmt.Sprintf("MATCH ()-[%s:%s]->()", r, at.types(c.ontology.Kinds...))
	}
	var pairs string
	if from.known == "" && to.known == "" { // as far as is known now, a relationship holds or not, and is the same
		held := func(at instant) string { return "coalesce(" + cmp.Or(at.held(r), "true") + ", false)" }
		was, is := c.variable("was"), c.variable("is")
		pairs = lines(relationships(from),
			fmt.Sprintf("WITH %s%s, %s AS %s, %s AS %s", distinct(about.given()), r, held(from), was, held(to), is),
			where(was+" <> "+is),
			fmt.Sprintf("WITH %[1]s.id AS %[2]s, CASE WHEN %[6]s THEN %[1]s END AS %[3]s, CASE WHEN %[7]s THEN %[1]s END AS %[4]s, CASE WHEN %[7]s THEN 'appeared' ELSE 'vanished' END AS %[5]s",
				r, id, before, after, what, was, is))
	} else {
		states := func(at instant, side string) string {
			return lines(relationships(at), where(at.held(r)), fmt.Sprintf("RETURN DISTINCT %s, %s AS side", r, side))
		}
		pairs = lines(
			subquery("CALL ()", states(from, "'before'"), "UNION ALL", states(to, "'after'")),
			fmt.Sprintf("WITH %[1]s.id AS %[2]s, head(collect(CASE side WHEN 'before' THEN %[1]s END)) AS %[3]s, head(collect(CASE side WHEN 'after' THEN %[1]s END)) AS %[4]s", r, id, before, after),
			fmt.Sprintf("WITH %[1]s, %[2]s, %[3]s, CASE WHEN %[2]s IS NULL THEN 'appeared' WHEN %[3]s IS NULL THEN 'vanished' WHEN %[5]s <> %[6]s THEN 'changed' END AS %[4]s",
				id, before, after, what, content(before), content(after)))
	}
	l := listing{set: set{
		matches: []string{pairs},
		rows: &rows{columns: []string{id, before, after, what}, object: func(set ast.SelectionSet) (string, Shape, error) {
			return c.composed("Difference", set, func(g collected) (string, Shape, error) {
				switch g.field.Name {
				case "before":
					return c.state(before, from, g.set)
				case "after":
					return c.state(after, to, g.set)
				default:
					return what, differences, nil
				}
			})
		}},
	}, order: order{field: "DIFF", keys: []key{{expr: id}}}, filter: what + " IS NOT NULL"}
	if l.window, err = readWindow(args); err != nil {
		return "", nil, err
	}
	if l, err = c.cursors(l); err != nil {
		return "", nil, err
	}
	items, shape, err := c.page(f, l, 0)
	if err != nil {
		return "", nil, err
	}
	return about.checked(c, list(items), shape)
}

// content is what a state of a relationship says, whenever it was believed: a state may come back.
func content(r string) string { return r + " {.*, knownFrom: 0, knownTo: 0}" }

// state reads a relationship, where there is one, and everything below it, at an instant.
func (c *compiler) state(v string, at instant, selection ast.SelectionSet) (string, Shape, error) {
	now := c.at
	c.at = at
	defer func() { c.at = now }()
	expr, shape, err := c.relationships("["+v+"]", c.objects(c.schema.Types["Relationship"]), selection)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN head(%s) END", v, expr), shape.(listOf).item, nil
}
