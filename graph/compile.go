package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"dossier/schema"
)

// A Statement is one root field, compiled: one round trip to the database, which returns one record with one value,
// nested lists of what Shape says.
type Statement struct {
	Text   string
	Params map[string]any
	Shape  Shape
	limits []string // the parameters that stand in a LIMIT, which takes no variables
	alone  bool     // is it of no use for several requests at once?
}

// A Root says what a root field asks for.
type Root int

// The roots: one thing by the argument id, several by the argument ids, a connection, and those that have a shape of
// their own.
const (
	One Root = iota
	Many
	List
	Neighborhood
	Paths
	Timeline
	Search
	Changes
	Diff
	Counts
)

// A Selection is a root field of a validated operation.
type Selection struct {
	Field     *ast.Field
	Set       ast.SelectionSet // below the field, of all fields with its response key
	Variables map[string]any   // coerced

	// The operation that the field is of, and the text of its document: what is compiled is kept for the next request
	// with the same. Without an operation nothing is kept.
	Operation *ast.OperationDefinition
	Query     string
}

// Compile turns a root field into a statement, in four steps that every object below it goes through again:
//
//  1. collect the fields that are asked for, as the specification's CollectFields does, type by type;
//  2. find for each field what holds it: a property, an edge, a set of relationships, the other end of one;
//  3. write the expression that reads it, and for a list the subquery that matches, filters, sorts and limits it;
//  4. note in the shape where in the record the field's value will be, and how it is written as JSON.
//
// It does no I/O. Arguments that cannot be used give an *Error with code BadUserInput and the path of the field.
func Compile(s *ast.Schema, o *schema.Ontology, root Root, sel Selection) (Statement, error) {
	c, f := newCompiler(s, o, sel)
	text, shape, err := c.root(root, f)
	if err != nil {
		return Statement{}, located(err, c.path)
	}
	return Statement{Text: text, Params: c.params, Shape: shape, limits: c.limits, alone: c.alone}, nil
}

func newCompiler(s *ast.Schema, o *schema.Ontology, sel Selection) (*compiler, collected) {
	return &compiler{
		schema:      s,
		ontology:    o,
		variables:   sel.Variables,
		environment: environment{params: map[string]any{}, hints: map[string]int{}},
		path:        []string{sel.Field.Alias},
	}, collected{key: sel.Field.Alias, field: sel.Field, set: sel.Set}
}

// located says at which field an argument is at fault, where the error does not say so yet.
func located(err error, path []string) error {
	var e *Error
	if !errors.As(err, &e) || e.Path != nil {
		return err
	}
	out := *e
	out.Path = slices.Clone(path)
	return &out
}

type compiler struct {
	environment
	schema    *ast.Schema
	ontology  *schema.Ontology
	variables map[string]any
	at        instant  // that everything is read at
	scope     *scope   // of the row in work; nil where nothing can be bound for it
	lower     scope    // the texts in lower case that the filter in work compares with
	path      []string // of the field in work; after an error, of the field at fault
	compiled  int      // fields so far
	lists     int      // lists so far
	filters   int      // objects of conditions so far
	alone     bool     // see Statement
}

// Fragments on several types that nest in each other can ask for exponentially more than a request's length, and Neo4j
// plans for about a tenth of a second for each list that a statement has not had before, and for a hundredth, or a thirtieth
// where a list has relationships of all kinds, for each object of conditions. So there are bounds.
const (
	MaxFields = 10_000 // that one statement may read; all of a request may not have more
	maxLists  = 100    // that one statement may read or count
	// MaxConditions is how many objects of conditions the filters of one statement may have.
	MaxConditions = 100
)

func tooManyFields() error {
	return badInput("the request asks for too much at once: with all its fragments it comes to more than %d fields", MaxFields)
}

// list counts a list, and refuses one too many.
func (c *compiler) list() error {
	if c.lists++; c.lists > maxLists {
		return badInput("the request asks for too much at once: with all its fragments it comes to more than %d lists", maxLists)
	}
	return nil
}

func (c *compiler) root(root Root, f collected) (string, Shape, error) {
	args := f.field.ArgumentMap(c.variables)
	typ := f.field.Definition.Type
	var err error
	if c.at, err = c.asOf(f.field, "asOf"); err != nil {
		return "", nil, err
	}
	switch root {
	case One:
		id, err := coerceID(args["id"])
		if err != nil {
			return "", nil, within("id", err)
		}
		p, match, possible := c.byID(c.schema.Types[typ.Name()], id, c.param("id", id))
		if match == "" {
			return "RETURN null AS answer", object(nil), nil
		}
		with, expr, shape, err := c.row(p, possible, f.set)
		return lines(match, with, "RETURN "+expr+" AS answer"), shape, err
	case Many:
		return c.many(f, args)
	case Neighborhood:
		return c.neighborhood(f, args)
	case Paths:
		return c.paths(f, args)
	case Timeline:
		return c.timeline(f, args)
	case Search:
		return c.search(f)
	case Changes:
		return c.changes(f, args)
	case Diff:
		return c.diff(f, args)
	case Counts:
		return c.statistics(f)
	default:
		items, shape, err := c.connection(f, nil, 0)
		return "RETURN " + list(items) + " AS answer", shape, err
	}
}

// byID returns the pattern that finds what has an id, with the object types that it may be. Ids tell what they are
// of: claims and documents start with "claim:" and "document:", relationships with their kind, and entities have no
// colon. The match is empty where the id is of nothing that the declared type can be.
func (c *compiler) byID(declared *ast.Definition, id, param string) (p place, match string, possible []string) {
	prefix, _, prefixed := strings.Cut(id, ":")
	label := "Entity"
	possible = c.ontology.Concrete("Entity")
	if prefixed {
		for _, k := range c.ontology.Kinds {
			if k.Slug() == prefix {
				p = c.relationship(k.Name, k.Source.Name, k.Target.Name)
				return p, lines(fmt.Sprintf("MATCH (%s)-[%s:%s {id: %s}]->(%s)", p.source, p.v, c.at.types(k), param, p.target), where(c.at.held(p.v))),
					c.allowed(declared, k.Name)
			}
		}
		label, possible = "", nil
		for _, n := range c.ontology.Nodes {
			if !n.Entity && strings.EqualFold(n.Name, prefix) {
				label, possible = n.Label, []string{n.Name}
			}
		}
	}
	possible = c.allowed(declared, possible...)
	if len(possible) == 0 {
		return p, "", nil
	}
	if len(possible) == 1 {
		label = c.ontology.Node(possible[0]).Label
	}
	p = place{v: c.variable(strings.ToLower(label)), label: label}
	recorded := c.at.recorded(p.v)
	if label == "Change" && recorded != "" {
		recorded = property(p.v, "at") + " <= " + c.at.known
	}
	return p, lines(fmt.Sprintf("MATCH (%s:%s {id: %s})", p.v, escape(label), param), where(recorded)), possible
}

// allowed keeps those object types that a declared type can be.
func (c *compiler) allowed(declared *ast.Definition, names ...string) []string {
	var out []string
	for _, n := range names {
		if c.is(n, declared.Name) {
			out = append(out, n)
		}
	}
	return out
}

// is says whether an object type is, implements or is a member of another type.
func (c *compiler) is(object, typeName string) bool {
	if object == typeName {
		return true
	}
	for _, d := range c.schema.PossibleTypes[typeName] {
		if d.Name == object {
			return true
		}
	}
	return false
}

// many finds things by their ids, in one statement: a list for each class of id, which the shape puts in order.
func (c *compiler) many(f collected, args map[string]any) (string, Shape, error) {
	given := asList(args["ids"])
	if len(given) > MaxPage {
		return "", nil, within("ids", badInput("%d ids are too many: ask for at most %d at once", len(given), MaxPage))
	}
	shape := byIDs{ids: make([]string, len(given))}
	declared := c.schema.Types[f.field.Definition.Type.Name()]
	classes := map[string][]any{} // ids by what they begin with, up to the colon
	var order []string
	for i, v := range given {
		id, err := coerceID(v)
		if err != nil {
			return "", nil, within(fmt.Sprintf("ids.%d", i), err)
		}
		shape.ids[i] = id
		class := ""
		if colon := strings.IndexByte(id, ':'); colon >= 0 {
			class = id[:colon+1]
		}
		if _, seen := classes[class]; !seen {
			order = append(order, class)
		}
		classes[class] = append(classes[class], id)
	}
	slices.Sort(order) // the text must not depend on the order of the ids
	var exprs []string
	for _, class := range order {
		id := c.variable("id")
		p, match, possible := c.byID(declared, classes[class][0].(string), id)
		if match == "" {
			continue
		}
		with, expr, item, err := c.row(p, possible, f.set)
		if err != nil {
			return "", nil, err
		}
		exprs = append(exprs, subquery("COLLECT", fmt.Sprintf("UNWIND %s AS %s", c.param("ids", classes[class]), id), match, with,
			"RETURN "+list([]string{id, expr})))
		shape.classes = append(shape.classes, item)
	}
	return "RETURN " + list(exprs) + " AS answer", shape, nil
}

// A place is where in a pattern an object stands: a node or a relationship in variable v.
type place struct {
	v              string
	label          string // that a node is known to carry, for a node
	source, target string // the ends' variables, for a relationship
	document       string // the other end's variable, for a link; v is the link itself
	id             string // the expression that reads the id of a relationship's end from the relationship
}

// relationship returns the place of a relationship matched from source to target.
func (c *compiler) relationship(kind, source, target string) place {
	return place{source: c.variable(source), v: c.variable(kind), target: c.variable(target)}
}

// collected is a field to answer: all selections with its response key, merged.
type collected struct {
	key   string
	field *ast.Field
	set   ast.SelectionSet
}

// collect returns the fields that an object of a type answers, in order (specification, section 6.3.2).
func (c *compiler) collect(object string, set ast.SelectionSet, into []collected) []collected {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if !Included(s.Directives, c.variables) {
				continue
			}
			if i := slices.IndexFunc(into, func(f collected) bool { return f.key == s.Alias }); i >= 0 {
				into[i].set = append(slices.Clip(into[i].set), s.SelectionSet...)
			} else {
				into = append(into, collected{key: s.Alias, field: s, set: s.SelectionSet})
			}
		case *ast.InlineFragment:
			if Included(s.Directives, c.variables) && (s.TypeCondition == "" || c.is(object, s.TypeCondition)) {
				into = c.collect(object, s.SelectionSet, into)
			}
		case *ast.FragmentSpread:
			if Included(s.Directives, c.variables) && c.is(object, s.Definition.TypeCondition) {
				into = c.collect(object, s.Definition.SelectionSet, into)
			}
		}
	}
	return into
}

// Included says whether @skip and @include leave a selection in, with these variables.
func Included(directives ast.DirectiveList, variables map[string]any) bool {
	for _, d := range directives {
		switch d.Name {
		case "skip":
			if on, _ := d.ArgumentMap(variables)["if"].(bool); on {
				return false
			}
		case "include":
			if on, _ := d.ArgumentMap(variables)["if"].(bool); !on {
				return false
			}
		}
	}
	return true
}

// A scope is a row of a subquery, where a clause before the RETURN binds what several of the row's expressions share.
// Neo4j plans what stands there with the rest; what stands within an expression it runs apart, and slower.
type scope []string

func (s *scope) bind(variable, expr string) { *s = append(*s, expr+" AS "+variable) }

// clause is the one that binds them beside all else, or first of all; "" without any.
func (s *scope) clause() string { return s.with("WITH *, ") }
func (s *scope) first() string  { return s.with("WITH ") }

func (s *scope) with(keyword string) string {
	if len(*s) == 0 {
		return ""
	}
	return keyword + strings.Join(*s, ", ")
}

// enter makes a scope the current one, until leave is called.
func (c *compiler) enter(s *scope) (leave func()) {
	outer := c.scope
	c.scope = s
	return func() { c.scope = outer }
}

// row compiles an object that is a row of a subquery of its own: it returns the clause that the RETURN needs before it,
// if any, and the expression and the shape of the object.
func (c *compiler) row(p place, possible []string, set ast.SelectionSet) (with, expr string, shape Shape, err error) {
	s := &scope{}
	leave := c.enter(s)
	expr, shape, err = c.object(p, possible, set)
	leave()
	return s.clause(), expr, shape, err
}

// object returns the expression and the shape of an object that stands at a place and is of one of the possible types.
// What all of them answer alike is read once; the rest is picked by label or relationship type, with one branch for
// all types that answer the same. The record then begins with what tells the type.
func (c *compiler) object(p place, possible []string, set ast.SelectionSet) (string, Shape, error) {
	if len(possible) == 0 { // a filter has excluded every kind
		return "null", object(nil), nil
	}
	byType, alike := c.byType(possible, set)
	if alike {
		items, slots, err := c.fields(p, possible, byType[0], 0)
		return list(items), object(slots), err
	}
	common := slices.DeleteFunc(slices.Clone(byType[0]), func(f collected) bool {
		return slices.ContainsFunc(byType, func(fields []collected) bool { return !slices.ContainsFunc(fields, f.same) })
	})
	tells, types := c.typeName(p, possible)
	items, slots, err := c.fields(p, possible, common, 1)
	if err != nil {
		return "", nil, err
	}
	out := variants{names: types, own: 1 + len(items), types: map[string]object{}}
	// Types with the same own fields share a branch.
	type branch struct {
		types []string
		own   []collected
		slots []slot
	}
	var branches []*branch
	for i, name := range possible {
		own := slices.DeleteFunc(slices.Clone(byType[i]), func(f collected) bool { return slices.ContainsFunc(common, f.same) })
		at := slices.IndexFunc(branches, func(b *branch) bool { return slices.EqualFunc(b.own, own, collected.same) })
		if at < 0 {
			at, branches = len(branches), append(branches, &branch{own: own})
		}
		branches[at].types = append(branches[at].types, name)
	}
	leave := c.enter(nil) // what types have of their own is read of those alone
	var cases strings.Builder
	cases.WriteString("CASE")
	for _, b := range branches {
		var own []string
		if own, b.slots, err = c.fields(p, b.types, b.own, 0); err != nil {
			return "", nil, err
		}
		if len(own) > 0 {
			fmt.Fprintf(&cases, "\n  WHEN %s THEN %s", c.isA(p, b.types), strings.TrimPrefix(indent(list(own)), "  "))
		}
		for i := range b.slots {
			b.slots[i].own = true
		}
	}
	cases.WriteString("\nEND")
	leave()
	for i, name := range possible {
		b := branches[slices.IndexFunc(branches, func(b *branch) bool { return slices.Contains(b.types, name) })]
		for _, f := range byType[i] { // in the order of the selection
			for _, s := range append(slices.Clone(slots), b.slots...) {
				if s.key == f.key {
					out.types[name] = append(out.types[name], s)
				}
			}
		}
	}
	if cases.Len() == len("CASE\nEND") { // the types differ in order only
		return list(append([]string{tells}, items...)), out, nil
	}
	return list(slices.Concat([]string{tells}, items, []string{cases.String()})), out, nil
}

// byType is what is selected of an object, for each of the types that it may be of; alike says whether that is the same.
func (c *compiler) byType(possible []string, set ast.SelectionSet) (out [][]collected, alike bool) {
	out, alike = make([][]collected, len(possible)), true
	for i, name := range possible {
		out[i] = c.collect(name, set, nil)
		alike = alike && slices.EqualFunc(out[i], out[0], collected.same)
	}
	return out, alike
}

// same says whether two fields are answered by the same expression.
func (f collected) same(other collected) bool {
	return f.key == other.key && f.field == other.field && slices.Equal(f.set, other.set)
}

// isA is the condition that what stands at a place is of one of some object types.
func (c *compiler) isA(p place, objects []string) string {
	var out []string
	for _, name := range objects {
		if k := c.ontology.KindOf(name); k != nil {
			out = append(out, text(k.Type))
		} else {
			out = append(out, p.v+":"+escape(c.ontology.Node(name).Label))
		}
	}
	if p.source != "" {
		return fmt.Sprintf("%s IN [%s]", c.at.kind(p.v), strings.Join(out, ", "))
	}
	return strings.Join(out, " OR ")
}

// fields returns what an object's record holds, from position offset on, and where its fields are found there.
func (c *compiler) fields(p place, possible []string, fields []collected, offset int) (items []string, slots []slot, err error) {
	for _, f := range fields {
		if c.compiled++; c.compiled > MaxFields {
			return nil, nil, tooManyFields()
		}
		s := slot{key: f.key, at: offset + len(items)}
		if f.field.Name == "__typename" {
			if len(possible) == 1 {
				s.at, s.shape = nowhere, constant(possible[0])
			} else {
				expr, types := c.typeName(p, possible)
				s.shape = types
				items = append(items, expr)
			}
			slots = append(slots, s)
			continue
		}
		c.path = append(c.path, f.key)
		s.name = f.field.ObjectDefinition.Name + "." + f.field.Name
		s.nonNull = f.field.Definition.Type.NonNull
		typ := c.schema.Types[f.field.Definition.Type.Name()]
		types, inner, inlined := c.inline(f)
		at := s.at
		s.at = nowhere // what is read of most fields stands in the object's own list, from that position on
		var expressions []string
		switch {
		case inlined:
			var of []slot
			expressions, of, err = c.fields(c.end(p, f.field), types, inner, at)
			s.shape = object(of)
		case typ.Name == "PartialDate":
			expressions, s.shape = c.partialDate(p, f, at)
		case isConnection(typ):
			expressions, s.shape, err = c.connection(f, &p, at)
		default:
			var expr string
			expr, s.shape, err = c.field(p, f)
			s.at, expressions = at, []string{expr}
		}
		if err != nil {
			return nil, nil, err
		}
		items = append(items, expressions...)
		c.path = c.path[:len(c.path)-1]
		slots = append(slots, s)
	}
	return items, slots, nil
}

// inline says whether a field's object is always there and read alike, whatever its type, and returns the types that it
// may be of, and its fields: they stand in the list of what it is a field of, since a list of its own takes the driver
// and the database longer.
func (c *compiler) inline(f collected) (possible []string, fields []collected, ok bool) {
	typ := f.field.Definition.Type
	if !typ.NonNull || !c.isEnd(f.field) {
		return nil, nil, false
	}
	possible = c.objects(c.schema.Types[typ.Name()])
	byType, alike := c.byType(possible, f.set)
	return possible, byType[0], alike
}

// typeName reads from the database which of several object types something is of.
func (c *compiler) typeName(p place, possible []string) (string, names) {
	out := names{}
	for _, name := range possible {
		if k := c.ontology.KindOf(name); k != nil {
			out[k.Type] = name
		} else {
			out[c.ontology.Node(name).Label] = name
		}
	}
	if p.source != "" {
		return c.at.kind(p.v), out
	}
	return "labels(" + p.v + ")", out
}

// field returns the expression and the shape of one field.
func (c *compiler) field(p place, f collected) (string, Shape, error) {
	def := f.field.Definition
	typ := c.schema.Types[def.Type.Name()]
	switch {
	case def.Directives.ForName("edge") != nil:
		return c.edge(p, f)
	case def.Directives.ForName("joined") != nil:
		return c.claimed(p, f)
	case typ.Name == "ExternalId":
		return c.at.value(p, f.field.Name), listOf{item: externalID(c.plain(typ, f.set)), nonNull: true, nullIsEmpty: true}, nil
	case f.field.Name == "degree" && p.source == "":
		return c.degreeField(p, f)
	case f.field.Name == "cursor" && p.label == "Change":
		return property(p.v, "id"), cursorOf{}, nil
	case c.isEnd(f.field):
		return c.object(c.end(p, f.field), c.objects(typ), f.set)
	default:
		if p.source != "" && f.field.Name == "kind" {
			return c.at.kind(p.v), scalar("String"), nil
		}
		expr := c.at.value(p, f.field.Name)
		if def.Type.Elem != nil {
			return expr, listOf{item: scalar(typ.Name), nonNull: def.Type.Elem.NonNull, nullIsEmpty: def.Type.NonNull}, nil
		}
		return expr, scalar(typ.Name), nil
	}
}

// objects are the object types that a declared type can be, in the ontology's order.
func (c *compiler) objects(typ *ast.Definition) []string {
	if typ.Name == "Relationship" {
		var out []string
		for _, k := range c.ontology.Kinds {
			out = append(out, k.Name)
		}
		return out
	}
	return c.ontology.Concrete(typ.Name)
}

// isEnd says whether a field leads to the node at the end of what it is a field of, a relationship or a link.
func (c *compiler) isEnd(f *ast.Field) bool {
	typ := c.schema.Types[f.Definition.Type.Name()]
	return !isConnection(typ) && typ.Name != "PartialDate" && typ.Name != "ExternalId" && typ.Kind != ast.Scalar && typ.Kind != ast.Enum &&
		f.Definition.Directives.ForName("edge") == nil && f.Definition.Directives.ForName("joined") == nil
}

// end returns the place of the node that a relationship's or a link's field leads to.
func (c *compiler) end(p place, f *ast.Field) place {
	k := c.ontology.KindOf(f.ObjectDefinition.Name)
	switch {
	case p.document != "":
		return place{v: p.document, label: "Document"}
	case f.Name == "target" || k != nil && f.Name == k.Target.Name:
		return place{v: p.target, label: "Entity", id: property(p.v, "objectId")}
	default:
		return place{v: p.source, label: "Entity", id: property(p.v, "subjectId")}
	}
}

// edge reads a field that a stored relationship outside the ontology leads to: a list, or the one there is.
func (c *compiler) edge(p place, f collected) (string, Shape, error) {
	if err := c.list(); err != nil {
		return "", nil, err
	}
	typ := c.schema.Types[f.field.Definition.Type.Name()]
	next, match, order := c.follow(p, f.field.Definition.Directives.ForName("edge"), typ, f.field.Name)
	with, expr, shape, err := c.row(next, c.linked(typ), f.set)
	if err != nil {
		return "", nil, err
	}
	carried := next.v
	if next.document != "" {
		carried += ", " + next.document
	}
	expr = subquery("COLLECT", match, where(c.recorded(next)), "WITH "+carried+" ORDER BY "+order, with, "RETURN "+expr)
	if f.field.Definition.Type.Elem == nil {
		return "head(" + expr + ")", shape, nil
	}
	return expr, listOf{item: shape, nonNull: f.field.Definition.Type.Elem.NonNull}, nil
}

// linked are the object types at the end of an edge: a link type stands for itself.
func (c *compiler) linked(typ *ast.Definition) []string {
	if typ.Directives.ForName("link") != nil {
		return []string{typ.Name}
	}
	return c.objects(typ)
}

// follow returns the pattern of an @edge that starts at a node, the place that it leads to, and a stable order.
func (c *compiler) follow(p place, edge *ast.Directive, typ *ast.Definition, hint string) (next place, match, order string) {
	rel := edge.Arguments.ForName("type").Value.Raw
	next = place{v: c.variable(hint), label: c.label(typ)}
	pattern := fmt.Sprintf("[:%s]-%%s(%s:%s)", escape(rel), next.v, escape(c.label(typ)))
	order = property(next.v, "id")
	if typ.Directives.ForName("link") != nil {
		node := nodeOf(typ)
		next.label, next.document = "", c.variable(node.Name)
		pattern = fmt.Sprintf("[%s:%s]-%%s(%s:%s)", next.v, escape(rel), next.document, escape(c.label(c.schema.Types[node.Type.Name()])))
		order = strings.Join([]string{property(next.document, "id"), property(next.v, "start"), property(next.v, "end")}, ", ")
	}
	if incoming(edge) {
		return next, fmt.Sprintf("MATCH (%s)<-%s", p.v, fmt.Sprintf(pattern, "")), order
	}
	return next, fmt.Sprintf("MATCH (%s)-%s", p.v, fmt.Sprintf(pattern, ">")), order
}

// recorded is the condition that what an @edge leads to was on record: entities and documents are recorded before the
// claims that lead to them, but other claims may come later.
func (c *compiler) recorded(p place) string {
	if p.label != "Claim" {
		return ""
	}
	return c.at.recorded(p.v)
}

func incoming(edge *ast.Directive) bool {
	d := edge.Arguments.ForName("direction")
	return d != nil && d.Value.Raw == "IN"
}

// nodeOf returns the field of a link type that holds the node it points to.
func nodeOf(link *ast.Definition) *ast.FieldDefinition {
	for _, f := range link.Fields {
		if f.Type.Name() == "Document" {
			return f
		}
	}
	return nil
}

// label is the label that all nodes of a declared type carry.
func (c *compiler) label(typ *ast.Definition) string {
	if n := c.ontology.Node(typ.Name); n != nil {
		return n.Label
	}
	return "Entity"
}

// claimed reads the relationship that a claim asserts. Neo4j has no relationship from a node to a relationship, so
// the claim's relationshipId is looked up in the index of its kind.
func (c *compiler) claimed(p place, f collected) (string, Shape, error) {
	if err := c.list(); err != nil {
		return "", nil, err
	}
	r := c.relationship("relationship", "source", "target")
	with, expr, shape, err := c.row(r, c.objects(c.schema.Types["Relationship"]), f.set)
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "UNWIND CASE %s", property(p.v, "kind"))
	for _, k := range c.ontology.Kinds {
		held := ""
		if condition := c.at.held("r"); condition != "" {
			held = " " + where(condition)
		}
		fmt.Fprintf(&b, "\n  WHEN %s THEN", text(k.Type))
		for i, t := range strings.Split(c.at.types(k), "|") {
			if i > 0 {
				b.WriteString(" +")
			}
			fmt.Fprintf(&b, " COLLECT { MATCH ()-[r:%s {id: %s}]->()%s RETURN r }", t, property(p.v, "relationshipId"), held)
		}
	}
	fmt.Fprintf(&b, "\n  ELSE []\nEND AS %s", r.v)
	return "head(" + subquery("COLLECT", b.String(), r.ends(), with, "RETURN "+expr) + ")", shape, nil
}

// partialDate reads a date's stored properties.
func (c *compiler) partialDate(p place, f collected, at int) ([]string, Shape) {
	return c.date(f, c.stored(p, f.field.Name), at)
}

// stored says where a date of a thing is read.
func (c *compiler) stored(p place, field string) dateName {
	d := dateProperties(field)
	return dateName{c.at.value(p, d.edtf), c.at.value(p, d.earliest), c.at.value(p, d.latest), c.at.value(p, d.text)}
}

// date reads a date with up to four expressions, which stand in the list of what it is a date of, from position at on:
// the EDTF first, since a date without one is none.
func (c *compiler) date(f collected, stored dateName, at int) ([]string, Shape) {
	exprs := map[string]string{"earliest": stored.earliest, "latest": stored.latest, "text": stored.text}
	items := []string{stored.edtf}
	out := partialDate{edtf: at}
	for _, g := range c.collect("PartialDate", f.set, nil) {
		s := slot{key: g.key, name: "PartialDate." + g.field.Name, at: at}
		switch g.field.Name {
		case "__typename":
			s.at, s.shape = nowhere, constant("PartialDate")
		case "precision":
			s.shape, s.nonNull = precision{}, true
		case "edtf":
			s.shape, s.nonNull = scalar("String"), true
		default:
			s.at, s.shape, s.nonNull = at+len(items), scalar(g.field.Definition.Type.Name()), g.field.Definition.Type.NonNull
			items = append(items, exprs[g.field.Name])
		}
		out.fields = append(out.fields, s)
	}
	return items, out
}

// plain collects the fields of a type that is written from one value, with each slot named by its field.
func (c *compiler) plain(typ *ast.Definition, set ast.SelectionSet) []plainField {
	var out []plainField
	for _, f := range c.collect(typ.Name, set, nil) {
		out = append(out, plainField{key: f.key, field: f.field.Name})
	}
	return out
}

// A dateName holds the names of the properties that one partial date is stored in, or the expressions that read them.
type dateName struct{ edtf, earliest, latest, text string }

// dateProperties names a date's properties. The plain name holds the widest bound, so that the obvious Cypher
// (r.validFrom <= $day AND $day < r.validTo) asks what was possibly so: for a start and for a single date that is the
// first day, for the end of validity the last.
func dateProperties(field string) dateName {
	d := dateName{edtf: field + "Edtf", earliest: field, latest: field + "Latest", text: field + "Text"}
	if field == "validTo" {
		d.earliest, d.latest = "validToEarliest", "validTo"
	}
	return d
}
