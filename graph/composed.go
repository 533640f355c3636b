package graph

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// composed compiles a selection on a type that is no stored thing but put together by the statement: field says for
// each of its fields where it is read from and how it is written.
func (c *compiler) composed(typeName string, selection ast.SelectionSet, field func(collected) (string, Shape, error)) (string, Shape, error) {
	return c.spread(typeName, selection, func(f collected, _ int) ([]string, Shape, error) {
		expr, shape, err := field(f)
		return []string{expr}, shape, err
	})
}

// spread is composed for fields that may be read with several expressions, from position at of the object's list on.
func (c *compiler) spread(typeName string, selection ast.SelectionSet, field func(f collected, at int) ([]string, Shape, error)) (string, Shape, error) {
	var items []string
	var slots []slot
	for _, f := range c.collect(typeName, selection, nil) {
		if c.compiled++; c.compiled > MaxFields {
			return "", nil, tooManyFields()
		}
		if f.field.Name == "__typename" {
			slots = append(slots, slot{key: f.key, at: nowhere, shape: constant(typeName)})
			continue
		}
		c.path = append(c.path, f.key)
		exprs, shape, err := field(f, len(items))
		if err != nil {
			return "", nil, err
		}
		c.path = c.path[:len(c.path)-1]
		s := slot{key: f.key, name: typeName + "." + f.field.Name, at: len(items), shape: shape, nonNull: f.field.Definition.Type.NonNull}
		switch shape.(type) {
		case partialDate, oneOf:
			s.at = nowhere
		}
		slots, items = append(slots, s), append(items, exprs...)
	}
	return list(items), object(slots), nil
}

// things reads a list of nodes or relationships that the statement has put together.
func (c *compiler) things(items string, p place, possible []string, selection ast.SelectionSet) (string, Shape, error) {
	if err := c.list(); err != nil {
		return "", nil, err
	}
	with, expr, shape, err := c.row(p, possible, selection)
	if err != nil {
		return "", nil, err
	}
	shape = listOf{item: shape, nonNull: true}
	ends := p.endsFor(with + expr)
	if ends == "" && !strings.Contains(with+expr, "{") { // without a subquery, which takes Neo4j longer
		return "[" + p.v + " IN " + items + " | " + expr + "]", shape, nil
	}
	return subquery("COLLECT", "UNWIND "+items+" AS "+p.v, ends, with, "RETURN "+expr), shape, nil
}

// entities reads a list of entities, and relationships one of relationships of some kinds.
func (c *compiler) entities(items string, selection ast.SelectionSet) (string, Shape, error) {
	return c.things(items, place{v: c.variable("entity"), label: "Entity"}, c.ontology.Concrete("Entity"), selection)
}

func (c *compiler) relationships(items string, possible []string, selection ast.SelectionSet) (string, Shape, error) {
	return c.things(items, c.relationship("relationship", "source", "target"), possible, selection)
}
