package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

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
	if leading := l.keys[0]; l.root && !l.distinct && leading.stored && condition == l.filter {
		// A condition on the first key, as a cursor would be, lets that key's index give the order.
		condition = all(leading.expr+" IS NOT NULL", condition)
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
	ends := l.item.endsFor(cut + returned)
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

// distinct is the keyword that leaves out what is there already.
func distinct(needed bool) string {
	if needed {
		return "DISTINCT "
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

func parenthesised(condition string) string {
	if strings.Contains(condition, " OR ") || strings.Contains(condition, " AND ") {
		return "(" + condition + ")"
	}
	return condition
}
