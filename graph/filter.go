package graph

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/vektah/gqlparser/v2/ast"
)

// filter compiles a where-input into a condition on what stands at a place. Every condition given must hold; null is
// not given. An input field is about the property, or the end, of the same name, or about nodes reached over its @edge.
func (c *compiler) filter(input *ast.Definition, value any, p place, declared *ast.Definition) (string, error) {
	given, ok := value.(map[string]any)
	if !ok {
		return "", badInput("%s is not an object with conditions", show(value))
	}
	if c.filters++; c.filters > MaxConditions {
		return "", badInput("the request asks for too much at once: its filters have more than %d objects of conditions; many values of one field can be given as in", MaxConditions)
	}
	var conditions []string
	for _, f := range input.Fields { // in the schema's order, so that the text is the same for the same conditions
		v, ok := given[f.Name]
		if !ok || v == nil {
			continue
		}
		condition, err := c.condition(input, f, v, p, declared)
		if err != nil {
			return "", within(f.Name, err)
		}
		conditions = append(conditions, condition)
	}
	return all(conditions...), nil
}

// narrow compiles a connection's where-input. Conditions on nodes reached over an @edge that are named by their ids go
// into the match, so that the database can start from those few nodes instead of looking at every item; the same item
// may then be met over several of them.
func (c *compiler) narrow(s *set, input *ast.Definition, value any) (string, error) {
	given, ok := value.(map[string]any)
	if !ok {
		return c.filter(input, value, s.item, s.declared)
	}
	var conditions []string
	rest := maps.Clone(given)
	for _, f := range input.Fields {
		nodes, _ := given[f.Name].(map[string]any)
		ids, isWhere := nodes["id"].(map[string]any)
		if !isWhere {
			ids = nodes
		}
		if f.Directives.ForName("edge") == nil || ids["eq"] == nil && ids["in"] == nil {
			continue
		}
		match, condition, err := c.reached(f, nodes, s.item)
		if err != nil {
			return "", within(f.Name, err)
		}
		for i := range s.matches {
			s.matches[i] = lines(s.matches[i], match)
		}
		s.distinct = true
		conditions = append(conditions, condition)
		delete(rest, f.Name)
	}
	condition, err := c.filter(input, rest, s.item, s.declared)
	return all(append(conditions, condition)...), err
}

// never is what nothing meets, such as one of no alternatives. Not a literal false: what the planner sees never to hold, it
// leaves out with the rest of the condition, and refuses the index that it is told to use for that.
const never = "size([]) > 0"

// condition compiles one field of a where-input.
func (c *compiler) condition(input *ast.Definition, f *ast.FieldDefinition, v any, p place, declared *ast.Definition) (string, error) {
	typ := c.schema.Types[f.Type.Name()]
	switch {
	case f.Name == "and" || f.Name == "or":
		var parts []string
		for i, item := range asList(v) {
			part, err := c.filter(input, item, p, declared)
			if err != nil {
				return "", within(fmt.Sprint(i), err)
			}
			if part == "" {
				part = "true"
			}
			parts = append(parts, part)
		}
		if f.Name == "or" && len(parts) == 0 {
			return never, nil
		}
		if f.Name == "or" {
			return some(parts...), nil
		}
		return all(parts...), nil
	case f.Name == "not":
		part, err := c.filter(input, v, p, declared)
		if part == "" {
			part = "true"
		}
		// What is unknown does not meet the condition, and so meets its negation.
		return "NOT coalesce(" + part + ", false)", err
	case f.Directives.ForName("edge") != nil:
		match, condition, err := c.reached(f, v, p)
		return fmt.Sprintf("EXISTS { %s %s }", match, where(condition)), err
	case strings.HasSuffix(typ.Name, "Where"):
		end := c.end(p, &ast.Field{Name: f.Name, ObjectDefinition: declared})
		end.id = "" // with the entity's own, its index serves
		return c.nodeFilter(typ, v, end)
	}
	if typ.Name == "DateFilter" {
		dates, ok := v.(map[string]any)
		if !ok {
			return "", badInput("%s is not an object with conditions", show(v))
		}
		return c.testDate(p, f.Name, dates)
	}
	def := declared.Fields.ForName(f.Name)
	expr := c.at.value(p, f.Name)
	if p.source != "" && f.Name == "kind" {
		expr = c.at.kind(p.v)
	}
	if def != nil && def.Type.Elem != nil {
		item := c.variable("item")
		condition, err := c.test(typ, f.Name, item, v)
		if condition == "" {
			return "", err
		}
		return fmt.Sprintf("any(%s IN %s WHERE %s)", item, expr, condition), err
	}
	return c.test(typ, f.Name, expr, v)
}

// nodeFilter is a condition on a node that a pattern reached without saying its label: with it, an index can serve.
func (c *compiler) nodeFilter(input *ast.Definition, v any, node place) (string, error) {
	typ := c.schema.Types[strings.TrimSuffix(input.Name, "Where")]
	condition, err := c.filter(input, v, node, typ)
	return all(node.v+":"+escape(c.label(typ)), condition), err
}

// reached returns the pattern of an @edge filter, and the condition on the node that it leads to.
func (c *compiler) reached(f *ast.FieldDefinition, v any, p place) (match, condition string, err error) {
	edge := f.Directives.ForName("edge")
	node := place{v: c.variable(f.Name), label: "Entity"}
	arrow := "-[:%s]->"
	if incoming(edge) {
		arrow = "<-[:%s]-"
	}
	relationship := edge.Arguments.ForName("type").Value.Raw
	match = fmt.Sprintf("MATCH (%s)"+arrow+"(%s", p.v, escape(relationship), node.v)
	typ := c.schema.Types[f.Type.Name()]
	if strings.HasSuffix(typ.Name, "Where") {
		condition, err = c.nodeFilter(typ, v, node)
	} else {
		if link := c.link(relationship); link != nil {
			match += ":" + escape(c.label(c.schema.Types[nodeOf(link).Type.Name()]))
		}
		condition, err = c.test(typ, "id", property(node.v, "id"), v)
	}
	return match + ")", condition, err
}

// test compiles the conditions on one value: a scalar filter's fields, or the value itself for a Boolean.
func (c *compiler) test(typ *ast.Definition, name, expr string, v any) (string, error) {
	if typ.Kind == ast.Scalar {
		b, err := coerceBool(v)
		if err != nil {
			return "", err
		}
		return expr + " = " + c.param(name, b), nil
	}
	given, ok := v.(map[string]any)
	if !ok {
		return "", badInput("%s is not an object with conditions", show(v))
	}
	// Case is ignored on both sides, or on none.
	fold := typ.Name == "StringFilter" && given["ignoreCase"] != false
	if fold {
		expr = "toLower(" + expr + ")"
	}
	var conditions []string
	for _, f := range typ.Fields {
		v, ok := given[f.Name]
		if !ok || v == nil || f.Name == "ignoreCase" {
			continue
		}
		value, err := coerceFilter(c.schema.Types[f.Type.Name()], f.Type.Elem != nil, v)
		if err != nil {
			return "", within(f.Name, err)
		}
		param := c.param(name, value)
		if f.Type.Name() == "DateTime" {
			param = "datetime(" + param + ")"
		}
		if fold {
			lower := "toLower(" + param + ")"
			if f.Type.Elem != nil {
				lower = "[x IN " + param + " | toLower(x)]"
			}
			param = c.variable(name)
			c.lower.bind(param, lower)
		}
		switch f.Name {
		case "eq":
			conditions = append(conditions, expr+" = "+param)
		case "ne":
			conditions = append(conditions, "coalesce("+expr+" <> "+param+", true)")
		case "in":
			conditions = append(conditions, expr+" IN "+param)
		case "contains":
			conditions = append(conditions, expr+" CONTAINS "+param)
		case "startsWith":
			conditions = append(conditions, expr+" STARTS WITH "+param)
		case "lt", "before":
			conditions = append(conditions, expr+" < "+param)
		case "gt", "after":
			conditions = append(conditions, expr+" > "+param)
		}
	}
	return all(conditions...), nil
}

// coerceFilter turns a filter's value into a parameter.
func coerceFilter(typ *ast.Definition, isList bool, v any) (any, error) {
	if isList {
		out := []any{}
		for i, item := range asList(v) {
			value, err := coerceFilter(typ, false, item)
			if err != nil {
				return nil, within(fmt.Sprint(i), err)
			}
			out = append(out, value)
		}
		return out, nil
	}
	switch typ.Name {
	case "ID":
		return coerceID(v)
	case "Int":
		return coerceInt(v)
	case "Float":
		return coerceFloat(v)
	case "DateTime":
		t, err := coerceDateTime(v)
		return t.Format(time.RFC3339Nano), err
	default:
		return coerceEnum(typ, v)
	}
}

// testDate compares a partial date's widest bounds, so that a date that may match does.
func (c *compiler) testDate(p place, name string, given map[string]any) (string, error) {
	d := dateProperties(name)
	earliest, latest := c.at.value(p, d.earliest), c.at.value(p, d.latest)
	var conditions []string
	for _, operator := range []string{"before", "after", "overlaps", "known"} {
		v := given[operator]
		if v == nil {
			continue
		}
		if operator == "known" {
			known, err := coerceBool(v)
			if err != nil {
				return "", within(operator, err)
			}
			is := " IS NOT NULL"
			if !known {
				is = " IS NULL"
			}
			conditions = append(conditions, earliest+is)
			continue
		}
		date, err := coerceEDTF(v)
		if err != nil {
			return "", within(operator, err)
		}
		first, last := bounds(date)
		day := func(d neo4j.Date) string { return "date(" + c.param(name, d.Time().Format(time.DateOnly)) + ")" }
		switch operator {
		case "before":
			conditions = append(conditions, earliest+" < "+day(first))
		case "after":
			conditions = append(conditions, latest+" > "+day(last))
		case "overlaps":
			conditions = append(conditions, earliest+" <= "+day(last), latest+" >= "+day(first))
		}
	}
	return all(conditions...), nil
}
