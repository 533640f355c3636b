package graph

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/vektah/gqlparser/v2/ast"

	"dossier/schema"
)

// A page without first or last holds defaultPage items; more than maxPage cannot be asked for.
const (
	defaultPage = 100
	maxPage     = 1000
)

func isConnection(typ *ast.Definition) bool { return strings.HasSuffix(typ.Name, "Connection") }

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

// A window is the part of a list that a client asks for (Relay's first, after, last and before).
type window struct {
	limit         int
	backward      bool    // last: the items before the end, or before a cursor
	after, before *string // cursors, nil without one
}

func readWindow(args map[string]any) (window, error) {
	w := window{limit: defaultPage}
	for _, name := range []string{"after", "before"} {
		v, given := args[name]
		if !given || v == nil {
			continue
		}
		s, err := coerceString(v)
		if err != nil {
			return w, within(name, err)
		}
		if name == "after" {
			w.after = &s
		} else {
			w.before = &s
		}
	}
	if args["first"] != nil && args["last"] != nil {
		return w, within("last", badInput("a page is either the first or the last items of a list: leave out first or last"))
	}
	for _, name := range []string{"first", "last"} {
		v := args[name]
		if v == nil {
			continue
		}
		n, err := coerceInt(v)
		if err != nil {
			return w, within(name, err)
		}
		if n < 0 {
			return w, within(name, badInput("%d is negative: ask for 0 to %d items", n, maxPage))
		}
		if n > maxPage {
			return w, within(name, badInput("%d is too many: ask for at most %d items and page on with the cursor", n, maxPage))
		}
		w.limit, w.backward = int(n), name == "last"
	}
	return w, nil
}

// connection compiles a connection. Without a place it lists everything of its type. What its record holds begins at a
// position of the list that it stands in.
func (c *compiler) connection(f collected, p *place, at int) ([]string, Shape, error) {
	if err := c.list(); err != nil {
		return nil, nil, err
	}
	l, err := c.listing(f.field, p)
	if err != nil {
		return nil, nil, err
	}
	return c.page(f, l, at)
}

// listed is the type of a connection's items.
func (c *compiler) listed(f *ast.Field) *ast.Definition {
	return c.schema.Types[c.schema.Types[f.Definition.Type.Name()].Fields.ForName("nodes").Type.Name()]
}

// A listing is what a connection's arguments come to.
type listing struct {
	set
	window
	order
	filter            string // of the where
	lower             scope  // what the filter compares with in lower case, bound once and not for each item
	afterKey, upToKey keyset // of the cursors after and before
	ahead             bool   // is it asked whether the list goes on after the page?
	few               string // variable of the scope that holds all items unless there are many of them; "" without a scope
}

// listing reads a connection's arguments.
func (c *compiler) listing(f *ast.Field, p *place) (l listing, err error) {
	args := f.ArgumentMap(c.variables)
	if l.window, err = readWindow(args); err != nil {
		return l, err
	}
	typ := c.listed(f)
	if p == nil {
		l.set = c.everything(typ, c.kinds(args["where"]))
	} else {
		l.set = c.related(*p, f, typ, c.kinds(args["where"]))
	}
	if given := args["where"]; given != nil {
		input := c.schema.Types[f.Definition.Arguments.ForName("where").Type.Name()]
		if l.filter, err = c.narrow(&l.set, input, given); err != nil {
			return l, within("where", err)
		}
		l.lower, c.lower = c.lower, nil
		for i, m := range l.matches {
			l.matches[i] = lines(l.lower.first(), m)
		}
	}
	l.filter = all(l.held, l.filter)
	if l.order, err = c.order(f, args["orderBy"], l.set, args["where"]); err != nil {
		return l, within("orderBy", err)
	}
	return c.cursors(l)
}

// cursors reads the keys of a listing's cursors.
func (c *compiler) cursors(l listing) (_ listing, err error) {
	if l.afterKey, err = c.keys(l.order, "after", l.after); err != nil {
		return l, err
	}
	l.upToKey, err = c.keys(l.order, "before", l.before)
	return l, err
}

// page compiles what is selected of a connection: one subquery for the rows, one for the count where it is asked for,
// and one that looks behind the page, for something is there only where a cursor says that the list was entered in its
// middle. They stand in the list of what the connection is a field of, from a position on, since a list of their own takes
// the driver and the database longer.
func (c *compiler) page(f collected, l listing, at int) ([]string, Shape, error) {
	out := page{limit: l.limit, backward: l.backward, order: orderField(l.field), keys: nowhere, rows: nowhere, behind: nowhere}
	r := &row{}
	var items []string
	needsBehind := false
	fields := c.collect(f.field.Definition.Type.Name(), f.set, nil)
	asked := func(names ...string) bool {
		return slices.ContainsFunc(fields, func(g collected) bool { return slices.Contains(names, g.field.Name) })
	}
	if l.isBeside() && c.scope != nil && asked("nodes", "edges", "pageInfo") {
		l.few = c.variable("few")
		c.scope.bind(l.few, l.beside.few(l.item.v))
	}
	inner := &r.scope
	if l.rows != nil {
		inner = nil // what a row holds may be of several types
	}
	leave := c.enter(inner)
	for _, g := range fields {
		c.path = append(c.path, g.key)
		s := pageSlot{key: g.key, field: g.field.Name}
		var err error
		switch g.field.Name {
		case "nodes":
			s.item, err = c.item(l.set, g.set, r)
		case "edges":
			s.fields, err = c.edges(l.set, g, r)
		case "pageInfo":
			r.needed = true
			ahead, behind := "hasNextPage", "hasPreviousPage"
			if l.backward {
				ahead, behind = behind, ahead
			}
			for _, e := range c.collect("PageInfo", g.set, nil) {
				s.fields = append(s.fields, pageSlot{key: e.key, field: e.field.Name, typeName: "PageInfo"})
				r.keys = r.keys || strings.HasSuffix(e.field.Name, "Cursor")
				l.ahead = l.ahead || e.field.Name == ahead
				needsBehind = needsBehind || e.field.Name == behind
			}
		case "totalCount":
			s.item = slot{at: at + len(items)}
			items = append(items, l.count())
		case "statistics":
			s.item = slot{at: at + len(items)}
			var expr string
			if expr, s.item.shape, err = c.counts(l, g); err == nil {
				items = append(items, expr)
			}
		case "__typename":
			s.typeName = g.field.ObjectDefinition.Name
		}
		if err != nil {
			return nil, nil, err
		}
		out.fields = append(out.fields, s)
		c.path = c.path[:len(c.path)-1]
	}
	leave()
	if r.needed {
		if r.keys {
			out.keys = r.add(list(l.expressions()))
		}
		out.rows = at + len(items)
		items = append(items, c.read(l, r.returned()))
		out.single = len(r.items) == 1
	}
	behind := l.afterKey
	if l.backward {
		behind = l.upToKey
	}
	if needsBehind && behind.exprs != nil {
		out.behind = at + len(items)
		items = append(items, l.exists(behind))
	}
	return items, out, nil
}

// A row collects what is read of each item of a page, for nodes, for edges' node, and for cursors.
type row struct {
	items  []string
	needed bool // are the items read at all?
	keys   bool // and their keys, for cursors?
	scope  scope
}

// returned ends the subquery of a page's rows: with the list of what is read of an item. One value is in no list, which
// would take the driver and the database longer.
func (r *row) returned() string {
	expr := list(r.items)
	if len(r.items) == 1 {
		expr = r.items[0]
	}
	return lines(r.scope.clause(), "RETURN "+expr)
}

func (r *row) add(expr string) (at int) {
	r.items = append(r.items, expr)
	return len(r.items) - 1
}

// item compiles a selection on the items of a page. What is read of an item stands in the row itself, unless that depends
// on the item's type.
func (c *compiler) item(s set, selection ast.SelectionSet, r *row) (slot, error) {
	r.needed = true
	if s.rows != nil {
		expr, shape, err := s.rows.object(selection)
		return slot{at: r.add(expr), shape: shape}, err
	}
	if len(s.possible) > 0 {
		if byType, alike := c.byType(s.possible, selection); alike {
			items, slots, err := c.fields(s.item, s.possible, byType[0], len(r.items))
			r.items = append(r.items, items...)
			return slot{at: nowhere, shape: object(slots)}, err
		}
	}
	expr, shape, err := c.object(s.item, s.possible, selection)
	return slot{at: r.add(expr), shape: shape}, err
}

// edges compiles a selection on the edges of a page.
func (c *compiler) edges(s set, f collected, r *row) (fields []pageSlot, err error) {
	r.needed = true
	for _, e := range c.collect(f.field.Definition.Type.Name(), f.set, nil) {
		es := pageSlot{key: e.key, field: e.field.Name}
		switch e.field.Name {
		case "node":
			c.path = append(c.path, e.key)
			if es.item, err = c.item(s, e.set, r); err != nil {
				return nil, err
			}
			c.path = c.path[:len(c.path)-1]
		case "cursor":
			r.keys = true
		case "__typename":
			es.typeName = e.field.ObjectDefinition.Name
		default:
			own := s.rows.fields[e.field.Name]
			es.item = slot{at: r.add(own.expr), shape: own.shape, nonNull: true, name: e.field.ObjectDefinition.Name + "." + e.field.Name}
		}
		fields = append(fields, es)
	}
	return fields, nil
}

func parenthesised(condition string) string {
	if strings.Contains(condition, " OR ") || strings.Contains(condition, " AND ") {
		return "(" + condition + ")"
	}
	return condition
}

// read is the subquery of a page's rows, and of one more where it is asked whether there is a next page. What filters
// them comes before the limit, what reads and returns them after.
func (c *compiler) read(l listing, returned string) string {
	n := int64(l.limit)
	if l.ahead {
		n++
	}
	if len(l.matches) == 0 || n == 0 {
		return "[]"
	}
	limit := c.limit("limit", n)
	first := l.first(l.backward, limit)
	cut := "WITH " + distinct(l.distinct) + l.variables() + first
	switch {
	case l.rows != nil && l.rows.in != nil:
		branches := make([]string, len(l.matches))
		for i, m := range l.matches {
			in := l.rows.in[i]
			branches[i] = lines(m, where(l.rows.filters[i], l.in(in).between(l.afterKey, l.upToKey)), "RETURN "+l.rows.bound(in)+first)
		}
		return subquery("COLLECT", l.rows.start, subquery("CALL ("+l.rows.begin+")", strings.Join(branches, "\nUNION ALL\n")),
			cut, l.rows.needed(returned), returned)
	case l.keys[0].date != "" && !l.distinct:
		return c.readHalves(l, returned, limit, cut)
	case l.isBeside():
		return c.readBeside(l, returned, limit)
	}
	condition := all(l.filter, l.between(l.afterKey, l.upToKey))
	if first := l.keys[0]; l.root && !l.distinct && first.stored && condition == l.filter {
		// A condition on the first key, as a cursor would be, lets that key's index give the order.
		condition = all(first.expr+" IS NOT NULL", condition)
	}
	if len(l.matches) == 1 {
		return subquery("COLLECT", l.matches[0], where(condition), cut, l.rows.needed(returned), returned)
	}
	return subquery("COLLECT", subquery("CALL ()", l.branches(condition, distinct(l.distinct)+l.variables()+first)), cut, returned)
}

// readHalves is read for a list in the order of a date that may be missing: those that have it are read in the order of
// its index, and the others, in the order of their ids, only where those do not fill the page. A half that a cursor leaves
// out is not read at all.
func (c *compiler) readHalves(l listing, returned, limit, cut string) string {
	k := l.keys[0]
	has, unknown := k.date+" < "+k.missing, order{keys: l.keys[1:]}
	if k.descending {
		has = k.date + " > " + k.missing
	}
	known := order{keys: slices.Clone(l.keys)}
	known.keys[0].expr = k.date
	half := func(o order, condition string, after, upTo keyset) string {
		read := l.item.v + o.first(l.backward, limit)
		condition = all(condition, l.filter, o.between(after, upTo))
		if len(l.matches) == 1 {
			return subquery("COLLECT", l.matches[0], where(condition), "RETURN "+read)
		}
		return subquery("COLLECT", subquery("CALL ()", l.branches(condition, read)), "RETURN "+read)
	}
	var halves []string
	if !l.afterKey.unknown {
		upTo := l.upToKey
		if upTo.unknown {
			upTo = keyset{}
		}
		halves = append(halves, half(known, has, l.afterKey, upTo))
	}
	if l.upToKey.exprs == nil || l.upToKey.unknown {
		after, upTo := l.afterKey.afterUnknown(), l.upToKey.afterUnknown()
		id := ""
		if after.exprs == nil && upTo.exprs == nil {
			id = property(l.item.v, "id") + " IS NOT NULL" // lets the ids' index give the order
		}
		halves = append(halves, half(unknown, all(id, k.expr+" = "+k.missing), after, upTo))
	}
	if l.backward {
		slices.Reverse(halves)
	}
	ends := ""
	if l.item.source != "" {
		ends = l.item.ends()
	}
	switch len(halves) {
	case 0:
		return "[]"
	case 1:
		return subquery("COLLECT", "UNWIND "+halves[0]+" AS "+l.item.v, ends, cut, returned)
	}
	found := c.variable("found")
	return subquery("COLLECT", "WITH "+halves[0]+" AS "+found,
		fmt.Sprintf("UNWIND %s + CASE size(%s) WHEN %s THEN [] ELSE %s END AS %s", found, found, limit, halves[1], l.item.v),
		ends, cut, returned)
}

// crowd is how many relationships of one kind a node may have for them to be sorted.
const crowd = 100

// isBeside says whether a page is read by readBeside.
func (l listing) isBeside() bool { return l.beside != nil && len(l.keys) == 1 }

// few is the list of a node's relationships, in variable r, or a crowd and one of them.
func (b *beside) few(r string) string {
	return inline("COLLECT", "MATCH "+fmt.Sprintf(b.pattern, b.node, r, b.relationshipType), fmt.Sprintf("RETURN %s LIMIT %d", r, crowd+1))
}

// readBeside is read for the relationships of one kind that a node has, in the order of their ids. Those of a node with
// few are sorted. Of a node with more than a crowd only the page is read, from an index, so that a hub's page takes no
// longer than others.
func (c *compiler) readBeside(l listing, returned, limit string) string {
	b, r, condition := l.beside, l.item.v, all(l.filter, l.between(l.afterKey, l.upToKey))
	id, few, with := c.variable("id"), l.few, ""
	if few == "" {
		// Not in a list comprehension around it all: where such stand within each other, Neo4j 5.26 loses the inner one's
		// variable and fails.
		few = c.variable("few")
		with = "WITH " + b.few(r) + " AS " + few
	}
	source, target := l.item.source, l.item.target
	bind := "" // what binds those ends that are not there yet
	if source == b.node {
		source = ""
	} else {
		bind = fmt.Sprintf(", startNode(%s) AS %s", r, source)
	}
	if target == b.node {
		target = ""
	} else {
		bind = fmt.Sprintf("%s, endNode(%s) AS %s", bind, r, target)
	}
	bound := ""
	if l.afterKey.exprs == nil && l.upToKey.exprs == nil {
		bound = property(r, "id") + " > ''" // an index of two properties serves where there are conditions on both
	}
	hub, within := scope{property(b.node, "id") + " AS " + id}, l.lower // what is bound for all branches, and in each
	if len(b.ends) == 1 {
		hub, within = append(hub, l.lower...), nil
	}
	branches := make([]string, len(b.ends))
	for i, end := range b.ends {
		of := order{keys: []key{{expr: property(r, end), descending: l.keys[0].descending}, l.keys[0]}}
		branches[i] = lines(
			within.first(),
			fmt.Sprintf("MATCH (%s)-[%s:%s]->(%s)", source, r, b.relationshipType, target),
			fmt.Sprintf("USING INDEX SEEK %s:%s(%s, id)", r, b.relationshipType, end),
			where(property(r, end)+" = "+id, bound, condition),
			"RETURN "+r+of.first(l.backward, limit))
	}
	page := branches[0]
	if len(branches) > 1 {
		page = lines(subquery("CALL ("+id+")", strings.Join(branches, "\nUNION ALL\n")), "RETURN "+r+l.first(l.backward, limit))
	}
	sorted := []string{l.lower.first(), fmt.Sprintf("UNWIND %s AS %s", few, r)}
	unsorted := 1 // at most, need not be
	if condition != "" {
		sorted, unsorted = append(sorted, "WITH "+r+bind, where(condition)), 0
	}
	return subquery("COLLECT", with,
		fmt.Sprintf("UNWIND CASE WHEN size(%[1]s) > %[2]d THEN %[3]s WHEN size(%[1]s) > %[4]d THEN %[5]s ELSE %[1]s END AS %[6]s", few,
			crowd, subquery("COLLECT", hub.first(), page),
			unsorted, subquery("COLLECT", append(sorted, "RETURN "+r+l.first(l.backward, limit))...), r),
		"WITH "+r+bind, returned)
}

// branches read what every match finds, put together.
func (l listing) branches(condition, read string) string {
	out := make([]string, len(l.matches))
	for i, m := range l.matches {
		out[i] = lines(m, where(condition), "RETURN "+read)
	}
	return strings.Join(out, "\nUNION ALL\n")
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

// distinct is the keyword that leaves out what is there already.
func distinct(needed bool) string {
	if needed {
		return "DISTINCT "
	}
	return ""
}

// needed is the clause more, if a row reads what it binds.
func (r *rows) needed(returned string) string {
	if r != nil && slices.ContainsFunc(r.binds, func(v string) bool { return strings.Contains(returned, v) }) {
		return r.more
	}
	return ""
}

// count is the number of items on all pages.
func (l listing) count() string {
	if len(l.matches) == 0 {
		return "0"
	}
	count := strings.Join(l.each("COUNT", keyset{}), " + ")
	if l.few != "" && l.filter == "" {
		return fmt.Sprintf("CASE WHEN size(%s) > %d THEN %s ELSE size(%[1]s) END", l.few, crowd, count)
	}
	return count
}

// exists says whether any item does not come after the cursor with these keys.
func (l listing) exists(behind keyset) string {
	if len(l.matches) == 0 {
		return "false"
	}
	return strings.Join(l.each("EXISTS", behind), " OR ")
}

// each asks a subquery of every match, about all items or those that a cursor is behind.
func (l listing) each(keyword string, behind keyset) []string {
	out := make([]string, len(l.matches))
	for i, m := range l.matches {
		o, returned, condition := l.order, "", l.filter
		switch {
		case l.rows != nil && l.rows.in != nil:
			in := l.rows.in[i]
			m = lines(l.rows.start, m)
			o, condition = l.in(in), l.rows.filters[i]
		case l.rows != nil:
			returned = "RETURN " + distinct(l.distinct) + l.variables()
		case l.distinct:
			returned = "RETURN DISTINCT " + l.item.v
		case l.computed:
			returned = "RETURN " + l.item.v
		}
		if behind.exprs != nil {
			condition = all(condition, "NOT "+parenthesised(o.beyond(behind, l.backward)))
		}
		out[i] = subquery(keyword, m, where(condition), returned)
	}
	return out
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

// An order is how a list is sorted: by the client's key, if any, then by id, which makes it total.
type order struct {
	field string // of the orderBy's enum; "" is by id alone. Cursors carry it.
	keys  []key
}

// A key is an expression that is never null, and what its values are.
type key struct {
	expr       string
	values     keyType
	descending bool
	stored     bool // is it a property that all items have?
	// date is the property, where an index has it, of a date that may be missing, and missing the day that stands in for it
	// in expr: that is later, or earlier, than all others.
	date, missing string
}

// A keyset is what a cursor holds: the keys of an item, as expressions.
type keyset struct {
	exprs   []string // nil without a cursor
	unknown bool     // is the first key a date that is missing?
}

// afterUnknown is what such a keyset holds beside the missing date.
func (k keyset) afterUnknown() keyset {
	if !k.unknown {
		return keyset{}
	}
	return keyset{exprs: k.exprs[1:]}
}

type keyType int

const (
	stringKey keyType = iota
	dateKey
	dateTimeKey
	floatKey
)

// order reads an orderBy. Its enum's values are property names in upper case: VALID_FROM sorts by validFrom.
func (c *compiler) order(f *ast.Field, orderBy any, s set, filter any) (order, error) {
	o := order{}
	descending := false
	if given, _ := orderBy.(map[string]any); given != nil {
		input := c.schema.Types[f.Definition.Arguments.ForName("orderBy").Type.Name()]
		for _, name := range []string{"field", "direction"} {
			if given[name] == nil {
				continue
			}
			value, err := coerceEnum(c.schema.Types[input.Fields.ForName(name).Type.Name()], given[name])
			if err != nil {
				return o, within(name, err)
			}
			if name == "field" {
				o.field = value
			}
			descending = value == "DESC"
		}
	}
	id := key{expr: property(s.item.v, "id"), descending: descending, stored: true}
	switch o.field {
	case "":
	case "ID", "AT": // the ids of changes are in the order of their recording
		o.field = ""
	case "KIND":
		o.keys = append(o.keys, key{expr: c.at.kind(s.item.v), descending: descending})
	default:
		k := key{descending: descending}
		name := camel(o.field)
		def := s.declared.Fields.ForName(name)
		switch {
		case def == nil || def.Type.Name() == "PartialDate":
			k.values, k.expr = dateKey, c.at.value(s.item, dateProperties(name).earliest)
			if !hasDate(filter, name) { // so that an index can give the order
				if s.root && c.at.known == "" {
					k.date = k.expr
				}
				k.missing = "date(" + text(missingDay(descending)) + ")"
				k.expr = fmt.Sprintf("coalesce(%s, %s)", k.expr, k.missing)
			}
		case def.Type.Name() == "DateTime":
			k.values, k.expr = dateTimeKey, c.at.value(s.item, name)
		default:
			k.expr = c.at.value(s.item, name)
		}
		k.stored = def != nil && def.Type.NonNull
		o.keys = append(o.keys, k)
	}
	o.keys = append(o.keys, id)
	return o, nil
}

// missingDay stands in for a date that is missing: unknown dates come last, whichever way the list runs.
func missingDay(descending bool) string {
	if descending {
		return "0000-01-01" // EDTF years begin with 0001
	}
	return "9999-12-31"
}

// hasDate says whether a filter lets only those through that have a date.
func hasDate(filter any, name string) bool {
	where, _ := filter.(map[string]any)
	date, _ := where[name].(map[string]any)
	return date["before"] != nil || date["after"] != nil || date["overlaps"] != nil || date["known"] == true
}

// camel turns VALID_FROM into validFrom.
func camel(upper string) string {
	words := strings.Split(strings.ToLower(upper), "_")
	for i := 1; i < len(words); i++ {
		words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
	}
	return strings.Join(words, "")
}

func (o order) expressions() []string {
	out := make([]string, len(o.keys))
	for i, k := range o.keys {
		out[i] = k.expr
	}
	return out
}

func (o order) clause(backward bool) string {
	out := make([]string, len(o.keys))
	for i, k := range o.keys {
		out[i] = k.expr
		if k.descending != backward {
			out[i] += " DESC"
		}
	}
	return strings.Join(out, ", ")
}

// first is the clause that sorts items, from the list's end if backward, and leaves a number of them.
func (o order) first(backward bool, limit string) string {
	return " ORDER BY " + o.clause(backward) + " LIMIT " + limit
}

// in returns the order with its keys' expressions replaced.
func (o order) in(exprs map[string]string) order {
	out := order{field: o.field, keys: slices.Clone(o.keys)}
	for i, k := range o.keys {
		out.keys[i].expr = exprs[k.expr]
	}
	return out
}

// keys reads a cursor's keys.
func (c *compiler) keys(o order, argument string, cursor *string) (out keyset, err error) {
	if cursor == nil {
		return out, nil
	}
	values, err := o.decode(*cursor)
	if err != nil {
		return out, within(argument, err)
	}
	for i, k := range o.keys {
		expr := c.param(argument, values[i])
		switch k.values {
		case dateKey:
			expr = "date(" + expr + ")"
		case dateTimeKey:
			expr = "datetime(" + expr + ")"
		}
		out.exprs = append(out.exprs, expr)
	}
	out.unknown = o.keys[0].values == dateKey && values[0] == missingDay(o.keys[0].descending)
	return out, nil
}

// between is the condition that an item comes after a cursor and before another.
func (o order) between(after, before keyset) string {
	return all(o.beyond(after, false), o.beyond(before, true))
}

// beyond is the condition that an item comes after a cursor with these keys, or before it: the keyset, compared key by
// key. It is empty without a cursor. The first key's bound stands apart, so that an index can serve; the rest is a CASE
// because the planner would multiply out alternatives of conditions, for minutes where a statement has many.
func (o order) beyond(cursor keyset, before bool) string {
	if cursor.exprs == nil {
		return ""
	}
	keys := cursor.exprs
	operator := func(k key) string {
		if k.descending != before {
			return " < "
		}
		return " > "
	}
	last := len(keys) - 1
	condition := o.keys[last].expr + operator(o.keys[last]) + keys[last]
	if last == 0 {
		return condition
	}
	var cases strings.Builder
	for i, value := range keys[:last] {
		k := o.keys[i]
		then := "true" // by its bound
		if i > 0 {
			then = k.expr + operator(k) + value
		}
		fmt.Fprintf(&cases, " WHEN %s <> %s THEN %s", k.expr, value, then)
	}
	first := o.keys[0]
	return first.expr + strings.TrimRight(operator(first), " ") + "= " + keys[0] + " AND CASE" + cases.String() + " ELSE " + condition + " END"
}

// encode returns the opaque cursor of an item: the order's field and the item's keys. A cursor holds keys and no
// offset, so it stays good when items are added or removed around it.
func (o orderField) encode(keys []any) string {
	values := make([]string, 0, len(keys)+1)
	values = append(values, string(o))
	for _, k := range keys {
		switch k := k.(type) {
		case neo4j.Date:
			values = append(values, k.Time().Format(time.DateOnly))
		case time.Time:
			values = append(values, k.UTC().Format(time.RFC3339Nano))
		case float64:
			values = append(values, strconv.FormatFloat(k, 'g', -1, 64))
		default:
			values = append(values, fmt.Sprint(k))
		}
	}
	return encodeCursor(values)
}

type orderField string

func encodeCursor(values []string) string {
	b, err := json.Marshal(values)
	if err != nil {
		return "" // strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// decodeCursor returns what a cursor holds: the order's field and at least one key, if it is one.
func decodeCursor(cursor string) ([]string, error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, err
	}
	var values []string
	if err := json.Unmarshal(b, &values); err != nil {
		return nil, err
	}
	if len(values) < 2 {
		return nil, errors.New("no keys")
	}
	return values, nil
}

// decode returns a cursor's keys, checked to be what the order compares.
func (o order) decode(cursor string) ([]any, error) {
	values, err := decodeCursor(cursor)
	if err == nil && (values[0] != o.field || len(values) != len(o.keys)+1) {
		return nil, badInput("the cursor comes from another list, or from one in another order: keep the arguments while paging")
	}
	out := make([]any, len(o.keys))
	for i, k := range o.keys {
		if err != nil {
			break
		}
		out[i] = values[i+1]
		switch k.values {
		case dateKey:
			_, err = time.Parse(time.DateOnly, values[i+1])
		case dateTimeKey:
			_, err = time.Parse(time.RFC3339Nano, values[i+1])
		case floatKey:
			out[i], err = strconv.ParseFloat(values[i+1], 64)
		}
	}
	if err != nil {
		return nil, badInput("%s is not a cursor: pass one that pageInfo or an edge gave", show(cursor))
	}
	return out, nil
}
