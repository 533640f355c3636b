package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"dossier/schema"
)

// A set is what a connection lists: everything that one of the patterns matches.
type set struct {
	// matches are MATCH clauses that bind the same variables. There are several where every one of them can use an
	// index of its own; the database then reads the first page of each and sorts those.
	matches  []string
	item     place
	possible []string        // the object types of the items
	declared *ast.Definition // the type of the items
	distinct bool            // can a match meet the same item twice?
	root     bool            // does it start from nothing, so that an index can give the order?
	computed bool            // do the matches end in a WITH, so that a subquery needs a RETURN?
	held     string          // condition that an item was there at the instant asked for
	rows     *rows           // where the items are rows that the matches compute, and nothing stored
	beside   *beside         // where the items are the relationships of one kind that a node has
}

// beside is a node and the relationships of one kind that it has, which indexes have by the ids of their ends and then
// by their own.
type beside struct {
	node             string // variable
	pattern          string // of the node and its relationships, with %s for the node, the relationship and its type
	relationshipType string
	ends             []string // properties of the relationships that hold the id of an end at which the node may be
}

// rows say what a list of computed rows holds: several variables together.
type rows struct {
	columns []string // the variables that every branch binds
	// in says of each match, where it does not bind them itself, how it does: the expressions of the columns. Those of
	// the order's keys are also what that branch is sorted and cut by, so that an index can serve.
	in      []map[string]string
	filters []string // of each match then, its own condition
	start   string   // clause that binds what every match begins with then
	begin   string   // the variable that start binds
	more    string   // clause that binds what a row may need beside its columns, for those of the page
	binds   []string // the variables that more binds; it is left out where none of them is read
	// object compiles a selection on a row.
	object func(ast.SelectionSet) (string, Shape, error)
	// fields are those of an edge beyond cursor and node.
	fields map[string]column
}

// A column is an expression and how its value is written.
type column struct {
	expr  string
	shape Shape
}

// everything is the set of all items of a declared type: the nodes with its label, or the relationships of some kinds.
func (c *compiler) everything(typ *ast.Definition, kinds []*schema.Kind) set {
	s := set{declared: typ, root: true}
	if typ.Name != "Relationship" {
		s.possible = c.objects(typ)
		s.item = place{v: c.variable(typ.Name), label: c.label(typ)}
		s.matches = []string{fmt.Sprintf("MATCH (%s:%s)", s.item.v, escape(c.label(typ)))}
		s.held = c.at.recorded(s.item.v)
		return s
	}
	s.item = c.relationship("relationship", "source", "target")
	s.held = c.at.held(s.item.v)
	for _, k := range kinds {
		s.possible = append(s.possible, k.Name)
		s.matches = append(s.matches, fmt.Sprintf("MATCH (%s)-[%s:%s]->(%s)", s.item.source, s.item.v, c.at.types(k), s.item.target))
	}
	return s
}

// related is the set that a connection field of an object lists; of relationships of any kind, those of some kinds.
func (c *compiler) related(p place, f *ast.Field, typ *ast.Definition, kinds []*schema.Kind) set {
	s := set{declared: typ, possible: c.objects(typ)}
	if edge := f.Definition.Directives.ForName("edge"); edge != nil {
		var match string
		s.item, match, _ = c.follow(p, edge, typ, typ.Name)
		s.matches, s.held = []string{match}, c.recorded(s.item)
		s.distinct = c.link(edge.Arguments.ForName("type").Value.Raw) != nil
		return s
	}
	if f.Definition.Directives.ForName("joined") != nil {
		s.item = place{v: c.variable(typ.Name), label: c.label(typ)}
		s.matches = []string{fmt.Sprintf("MATCH (%s:%s {relationshipId: %s})", s.item.v, escape(c.label(typ)), property(p.v, "id"))}
		s.held = c.recorded(s.item)
		return s
	}
	reach, ok := c.ontology.Reach(f.ObjectDefinition.Name, f.Name)
	if !ok { // relationships: both ways
		s.possible = nil
		for _, k := range kinds {
			s.possible = append(s.possible, k.Name)
		}
		s.item, s.computed = c.relationship("relationship", "source", "target"), true
		s.held = c.at.held(s.item.v)
		if len(kinds) == 0 {
			return s
		}
		s.matches = []string{s.item.bothWays(p, c.at.types(kinds...))}
		return s
	}
	k := reach.Kind
	s.possible = []string{k.Name}
	rel := c.variable(f.Name)
	s.held = c.at.held(rel)
	b := &beside{node: p.v, relationshipType: escape(k.Type)}
	if c.at.known == "" { // what was believed is in no such index
		s.beside = b
	}
	switch {
	case reach.Out && reach.In:
		b.pattern, b.ends = "(%s)-[%s:%s]-()", []string{"subjectId", "objectId"}
		s.item, s.computed = place{v: rel, source: c.variable(k.Source.Name), target: c.variable(k.Target.Name)}, true
		s.matches = []string{s.item.bothWays(p, c.at.types(k))}
	case reach.Out:
		b.pattern, b.ends = "(%s)-[%s:%s]->()", []string{"subjectId"}
		s.item = place{v: rel, source: p.v, target: c.variable(k.Target.Name)}
		s.matches = []string{fmt.Sprintf("MATCH (%s)-[%s:%s]->(%s)", p.v, rel, c.at.types(k), s.item.target)}
	default:
		b.pattern, b.ends = "(%s)<-[%s:%s]-()", []string{"objectId"}
		s.item = place{v: rel, source: c.variable(k.Source.Name), target: p.v}
		s.matches = []string{fmt.Sprintf("MATCH (%s)<-[%s:%s]-(%s)", p.v, rel, c.at.types(k), s.item.source)}
	}
	return s
}

// bothWays matches a relationship of some types whichever end a node is, and names its ends.
func (r place) bothWays(node place, types string) string {
	return lines(fmt.Sprintf("MATCH (%s)-[%s:%s]-()", node.v, r.v, types), r.ends())
}

// ends is the clause that names the ends of a relationship.
func (r place) ends() string {
	return fmt.Sprintf("WITH %[1]s, startNode(%[1]s) AS %[2]s, endNode(%[1]s) AS %[3]s", r.v, r.source, r.target)
}

// endsFor is that clause, if what is read is a relationship and its ends are read of.
func (r place) endsFor(read string) string {
	if r.source == "" || !strings.Contains(read, r.source) && !strings.Contains(read, r.target) {
		return ""
	}
	return r.ends()
}

// link returns the type whose fields live on stored relationships of a type that is no kind, or nil. Two nodes may be
// joined by several of them.
func (c *compiler) link(relationshipType string) *ast.Definition {
	for _, d := range c.schema.Types {
		if l := d.Directives.ForName("link"); l != nil && l.Arguments.ForName("type").Value.Raw == relationshipType {
			return d
		}
	}
	return nil
}

// variables are what a match binds and the items need.
func (s set) variables() string {
	switch {
	case s.rows != nil:
		return strings.Join(s.rows.columns, ", ")
	case s.item.source == "":
		return s.item.v
	}
	return strings.Join([]string{s.item.source, s.item.v, s.item.target}, ", ")
}

// bound names expressions as the columns.
func (r *rows) bound(in map[string]string) string {
	out := make([]string, len(r.columns))
	for i, name := range r.columns {
		if out[i] = in[name]; in[name] != name {
			out[i] += " AS " + name
		}
	}
	return strings.Join(out, ", ")
}

// needed is the clause more, if a row reads what it binds.
func (r *rows) needed(returned string) string {
	if r != nil && slices.ContainsFunc(r.binds, func(v string) bool { return strings.Contains(returned, v) }) {
		return r.more
	}
	return ""
}

// kinds are those that a filter on relationships does not exclude, so that the others are not even looked at.
func (c *compiler) kinds(filter any) []*schema.Kind {
	given, _ := filter.(map[string]any)
	kind, _ := given["kind"].(map[string]any)
	if kind == nil {
		return c.ontology.Kinds
	}
	return slices.DeleteFunc(slices.Clone(c.ontology.Kinds), func(k *schema.Kind) bool {
		eq, ne, in := kind["eq"], kind["ne"], kind["in"]
		return eq != nil && eq != k.Type || ne == k.Type || in != nil && !slices.Contains(asList(in), any(k.Type))
	})
}
