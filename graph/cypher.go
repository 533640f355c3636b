package graph

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// environment hands out the names of a statement's variables and parameters. The same calls give the same names, so
// that a statement's text depends on nothing but the request's shape, and Neo4j finds its plan again.
type environment struct {
	params map[string]any
	hints  map[string]int // how often each was used for a parameter
	limits []string       // the parameters that limit made
	count  int
}

// variable returns a new variable; the hint makes the text readable. The number keeps it from being a keyword.
func (e *environment) variable(hint string) string {
	e.count++
	return fmt.Sprintf("%s%d", strings.ToLower(hint[:1])+hint[1:], e.count)
}

// param stores a value and returns how the statement names it: by the hint, from the second time on with a number.
func (e *environment) param(hint string, value any) string {
	for {
		e.hints[hint]++
		name := hint
		if n := e.hints[hint]; n > 1 {
			name += strconv.Itoa(n)
		}
		if _, taken := e.params[name]; !taken { // by a hint that ends in a number
			e.params[name] = value
			return "$" + name
		}
	}
}

// limit stores a number that a LIMIT is to name; it may stand elsewhere too.
func (e *environment) limit(hint string, value int64) string {
	p := e.param(hint, value)
	e.limits = append(e.limits, p[1:])
	return p
}

// escape quotes a name that cannot be a parameter: a label, a relationship type or a property key. All of them come
// from the ontology; a plain one stays as it is, for the reader's sake.
func escape(name string) string {
	plain := name != ""
	for i, r := range name {
		if r != '_' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (i == 0 || r < '0' || r > '9') {
			plain = false
		}
	}
	if plain {
		return name
	}
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

// property is a property of what a variable holds.
func property(variable, name string) string { return variable + "." + escape(name) }

// text is a Cypher string literal, for names from the ontology.
func text(s string) string {
	s = strings.ReplaceAll(s, `\`, `\\`)
	return "'" + strings.ReplaceAll(s, `'`, `\'`) + "'"
}

// list is a list of expressions, broken into lines when it is long.
func list(items []string) string {
	length := 0
	broken := false
	for _, s := range items {
		length += len(s) + 2
		broken = broken || strings.Contains(s, "\n")
	}
	if !broken && length < 100 {
		return "[" + strings.Join(items, ", ") + "]"
	}
	return "[\n" + indent(strings.Join(items, ",\n")) + "\n]"
}

// subquery is a block of clauses in braces, each on its own line. Empty clauses are left out.
func subquery(keyword string, clauses ...string) string {
	return keyword + " {\n" + indent(lines(clauses...)) + "\n}"
}

// inline is a short subquery, on one line.
func inline(keyword string, clauses ...string) string {
	return keyword + " { " + strings.ReplaceAll(lines(clauses...), "\n", " ") + " }"
}

func lines(clauses ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(clauses), func(s string) bool { return s == "" }), "\n")
}

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }

// where joins conditions, all of which must hold; without any it is empty.
func where(conditions ...string) string {
	c := all(conditions...)
	if c == "" {
		return ""
	}
	return "WHERE " + c
}

func all(conditions ...string) string { return join(" AND ", conditions) }

// some holds where one of the conditions does. Alternatives of several conditions each stand in a CASE: the planner would
// multiply them out (conjunctive normal form), of five with four each 1,024, and plan for longer than a request may take.
func some(conditions ...string) string {
	if len(conditions) == 1 || !slices.ContainsFunc(conditions, func(c string) bool { return strings.Contains(c, " AND ") }) {
		return join(" OR ", conditions)
	}
	out := "CASE"
	for _, c := range conditions {
		out += " WHEN " + c + " THEN true"
	}
	return out + " ELSE false END"
}

// join puts every condition in parentheses that would otherwise bind differently.
func join(operator string, conditions []string) string {
	conditions = slices.DeleteFunc(slices.Clone(conditions), func(s string) bool { return s == "" })
	if len(conditions) == 1 {
		return conditions[0]
	}
	out := make([]string, len(conditions))
	for i, c := range conditions {
		out[i] = c
		if strings.Contains(c, " OR ") || strings.Contains(c, " AND ") && operator == " OR " {
			out[i] = "(" + c + ")"
		}
	}
	return strings.Join(out, operator)
}
