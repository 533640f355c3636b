package graph

import (
	"fmt"
	"slices"

	"dossier/schema"
)

// maxIDs is how many entities an argument may name.
const maxIDs = 100

// entityIDs are the entities that an argument names. That each of them exists only the database knows: see checked.
type entityIDs struct {
	argument string
	ids      []string // without repetition
	param    string   // "" where the argument is not given
}

// entityIDs reads an argument that names entities.
func (c *compiler) entityIDs(args map[string]any, argument string) (entityIDs, error) {
	out := entityIDs{argument: argument}
	if args[argument] == nil {
		return out, nil
	}
	seen := map[string]bool{}
	for i, v := range asList(args[argument]) {
		id, err := coerceID(v)
		if err != nil {
			return out, within(fmt.Sprintf("%s.%d", argument, i), err)
		}
		if !seen[id] {
			seen[id], out.ids = true, append(out.ids, id)
		}
	}
	if len(out.ids) == 0 {
		return out, within(argument, badInput("it is empty: name at least one entity"))
	}
	if len(out.ids) > maxIDs {
		return out, within(argument, badInput("%d ids are too many: name at most %d entities", len(out.ids), maxIDs))
	}
	ids := make([]any, len(out.ids))
	for i, id := range out.ids {
		ids[i] = id
	}
	out.param = c.param(argument, ids)
	return out, nil
}

func (e entityIDs) given() bool { return e.param != "" }

// match binds each of the entities in turn; it is empty where none are asked for.
func (e entityIDs) match(v string) string {
	if !e.given() {
		return ""
	}
	return fmt.Sprintf("MATCH (%[1]s:Entity) WHERE %[1]s.id IN %[2]s", v, e.param)
}

// matchFirst binds the first of the entities.
func (e entityIDs) matchFirst(v string) string {
	if !e.given() {
		return ""
	}
	return fmt.Sprintf("MATCH (%s:Entity {id: %s[0]})", v, e.param)
}

// checked returns the statement of an expression that asks beside its answer which of the entities do not exist.
func (e entityIDs) checked(c *compiler, expr string, shape Shape) (string, Shape, error) {
	if !e.given() {
		return "RETURN " + expr + " AS answer", shape, nil
	}
	return e.beside(e.unknown(c), expr, shape)
}

// beside returns the statement of an expression with that of the list of ids that no entity has beside it.
func (e entityIDs) beside(unknown, expr string, shape Shape) (string, Shape, error) {
	return "RETURN " + list([]string{unknown, expr}) + " AS answer", existing{e.argument, shape}, nil
}

// unknown is the expression of the list of ids that no entity has.
func (e entityIDs) unknown(c *compiler) string {
	known := all(c.at.recorded("e"))
	if known != "" {
		known = " WHERE " + known
	}
	return fmt.Sprintf("[id IN %s WHERE NOT EXISTS { MATCH (e:Entity {id: id})%s }]", e.param, known)
}

// number reads a whole number of an argument with a default, within bounds.
func (c *compiler) number(f collected, args map[string]any, argument string, least, most int64) (int64, error) {
	v := args[argument]
	if v == nil { // null is the default
		var err error
		if v, err = f.field.Definition.Arguments.ForName(argument).DefaultValue.Value(nil); err != nil {
			return 0, within(argument, err)
		}
	}
	n, err := coerceInt(v)
	switch {
	case err != nil:
		return 0, within(argument, err)
	case n < least:
		return 0, within(argument, badInput("%d is too small: ask for %d to %d", n, least, most))
	case n > most:
		return 0, within(argument, badInput("%d is too large: ask for %d to %d", n, least, most))
	}
	return n, nil
}

// kindsGiven reads the argument kinds: all of them where it is not given.
func (c *compiler) kindsGiven(args map[string]any) ([]*schema.Kind, error) {
	if args["kinds"] == nil {
		return c.ontology.Kinds, nil
	}
	wanted := map[string]bool{}
	if len(asList(args["kinds"])) == 0 {
		return nil, within("kinds", badInput("it is empty: name at least one kind, or leave it out for all of them"))
	}
	for i, v := range asList(args["kinds"]) {
		kind, err := coerceEnum(c.schema.Types["RelationshipKind"], v)
		if err != nil {
			return nil, within(fmt.Sprintf("kinds.%d", i), err)
		}
		wanted[kind] = true
	}
	return slices.DeleteFunc(slices.Clone(c.ontology.Kinds), func(k *schema.Kind) bool { return !wanted[k.Type] }), nil
}

// An arrow is a direction as patterns draw it.
type arrow struct{ tail, head string }

// direction reads the argument of that name.
func (c *compiler) direction(args map[string]any) (arrow, error) {
	if args["direction"] == nil {
		return arrow{"-", "-"}, nil
	}
	d, err := coerceEnum(c.schema.Types["Direction"], args["direction"])
	if err != nil {
		return arrow{}, within("direction", err)
	}
	return map[string]arrow{"OUT": {"-", "->"}, "IN": {"<-", "-"}, "ANY": {"-", "-"}}[d], nil
}
