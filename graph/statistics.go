package graph

import (
	"fmt"
	"strings"

	"dossier/schema"
)

// statistics compiles the counts over the whole graph.
func (c *compiler) statistics(f collected) (string, Shape, error) {
	c.alone = true // as in a search
	expr, shape, err := c.composed("Statistics", f.set, func(g collected) (string, Shape, error) {
		if err := c.list(); err != nil {
			return "", nil, err
		}
		switch g.field.Name {
		case "relationships":
			l := listing{set: c.everything(c.schema.Types["Relationship"], c.ontology.Kinds)}
			l.filter = l.held
			return c.counts(l, g)
		case "claims":
			l := listing{set: c.everything(c.schema.Types["Claim"], nil)}
			l.filter = l.held
			return c.counts(l, g)
		case "byType":
			var types []string
			for _, n := range c.ontology.Entities() {
				types = append(types, list([]string{text(n.Name), c.countNodes(n.Label)}))
			}
			return c.tally("["+strings.Join(types, ",\n")+"]", g, scalar("String"))
		case "mostConnected":
			return c.mostConnected(g)
		case "documents":
			return c.countNodes("Document"), scalar("Int"), nil
		default:
			return c.countNodes("Entity"), scalar("Int"), nil
		}
	})
	return "RETURN " + expr + " AS answer", shape, err
}

// countNodes counts the nodes with a label.
func (c *compiler) countNodes(label string) string {
	n := c.variable(label)
	return inline("COUNT", fmt.Sprintf("MATCH (%s:%s)", n, escape(label)), where(c.at.recorded(n)))
}

// counts compiles what is counted over a list of claims or relationships.
func (c *compiler) counts(l listing, f collected) (string, Shape, error) {
	c.alone = true // as in a search
	typ := f.field.Definition.Type.Name()
	date := map[string]string{"ClaimStatistics": "madeOn", "RelationshipStatistics": "validFrom"}[typ]
	return c.composed(typ, f.set, func(g collected) (string, Shape, error) {
		if err := c.list(); err != nil {
			return "", nil, err
		}
		switch g.field.Name {
		case "byKind":
			return c.tally(c.grouped(l, c.at.kind(l.item.v), ""), g, scalar("String"))
		case "byStatus":
			return c.tally(c.grouped(l, c.at.value(l.item, "status"), ""), g, scalar("String"))
		case "byYear":
			return c.tally(c.grouped(l, c.at.value(l.item, date)+".year", c.at.value(l.item, date)+" IS NOT NULL"), g, scalar("Int"))
		case "contested", "disputed":
			some := l
			some.filter = all(l.filter, c.at.value(l.item, g.field.Name))
			return some.count(), scalar("Int"), nil
		default:
			return l.count(), scalar("Int"), nil
		}
	})
}

// grouped counts the items of a list by the value of an expression, in its order.
func (c *compiler) grouped(l listing, by, condition string) string {
	if len(l.matches) == 0 {
		return "[]"
	}
	group := c.variable("group")
	if !l.root {
		// Below an object the values are counted in a list: Neo4j 5.26 takes an aggregate in a subquery for one of the
		// clause around it, and refuses the object's variable there.
		distinct := ""
		if l.distinct {
			distinct = "WITH DISTINCT " + l.item.v
		}
		values, list := c.variable("values"), subquery("COLLECT", l.matches[0], where(l.filter, condition), distinct, "RETURN "+by)
		return subquery("COLLECT",
			"WITH "+list+" AS "+values,
			fmt.Sprintf("UNWIND COLLECT { UNWIND %[1]s AS v WITH DISTINCT v ORDER BY v RETURN v } AS %[2]s", values, group),
			fmt.Sprintf("RETURN [%[2]s, size([v IN %[1]s WHERE v = %[2]s])]", values, group))
	}
	item, count := l.item.v, c.variable("count")
	if l.distinct {
		item = "DISTINCT " + item
	}
	branches := make([]string, len(l.matches))
	for i, m := range l.matches {
		branches[i] = lines(m, where(l.filter, condition), fmt.Sprintf("RETURN %s AS %s, count(%s) AS %s", by, group, item, count))
	}
	return subquery("COLLECT", subquery("CALL ()", strings.Join(branches, "\nUNION ALL\n")),
		fmt.Sprintf("WITH %s, sum(%s) AS %s ORDER BY %s", group, count, count, group), fmt.Sprintf("RETURN [%s, %s]", group, count))
}

// tally writes a list of pairs of what was counted and how many there are.
func (c *compiler) tally(pairs string, f collected, group Shape) (string, Shape, error) {
	var slots []slot
	typ := f.field.Definition.Type.Name()
	for _, g := range c.collect(typ, f.set, nil) {
		s := slot{key: g.key, name: typ + "." + g.field.Name, shape: group, nonNull: true}
		switch g.field.Name {
		case "count":
			s.at, s.shape = 1, scalar("Int")
		case "__typename":
			s.at, s.shape = nowhere, constant(typ)
		}
		slots = append(slots, s)
	}
	return pairs, listOf{item: object(slots), nonNull: true}, nil
}

// mostConnected compiles the entities with the most relationships.
func (c *compiler) mostConnected(f collected) (string, Shape, error) {
	first, err := c.number(f, f.field.ArgumentMap(c.variables), "first", 1, 100)
	if err != nil {
		return "", nil, err
	}
	e := place{v: c.variable("entity"), label: "Entity"}
	with, expr, shape, err := c.row(e, c.ontology.Concrete("Entity"), f.set)
	if err != nil {
		return "", nil, err
	}
	degree := c.variable("degree")
	return subquery("COLLECT", fmt.Sprintf("MATCH (%s:Entity)", e.v), where(c.at.recorded(e.v)),
		fmt.Sprintf("WITH %s, %s AS %s ORDER BY %s DESC, %s LIMIT %s", e.v, c.degree(e, c.ontology.Kinds, arrow{"-", "-"}), degree, degree, property(e.v, "id"), c.limit("first", first)),
		with, "RETURN "+expr), listOf{item: shape, nonNull: true}, nil
}

// degree counts the relationships of an entity.
func (c *compiler) degree(p place, kinds []*schema.Kind, way arrow) string {
	r := c.variable("degree")
	return inline("COUNT", fmt.Sprintf("MATCH (%s)%s[%s:%s]%s()", p.v, way.tail, r, c.at.types(kinds...), way.head), where(c.at.held(r)))
}

// degreeField reads the field degree of an entity.
func (c *compiler) degreeField(p place, f collected) (string, Shape, error) {
	if err := c.list(); err != nil {
		return "", nil, err
	}
	args := f.field.ArgumentMap(c.variables)
	kinds, err := c.kindsGiven(args)
	if err != nil {
		return "", nil, err
	}
	way, err := c.direction(args)
	if err != nil {
		return "", nil, err
	}
	return c.degree(p, kinds, way), scalar("Int"), nil
}
