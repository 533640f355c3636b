package graph

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// A page without first or last holds DefaultPage items; more than MaxPage cannot be asked for.
const (
	DefaultPage = 100
	MaxPage     = 1000
)

func isConnection(typ *ast.Definition) bool { return strings.HasSuffix(typ.Name, "Connection") }

// A window is the part of a list that a client asks for (Relay's first, after, last and before).
type window struct {
	limit         int
	backward      bool    // last: the items before the end, or before a cursor
	after, before *string // cursors, nil without one
}

func readWindow(args map[string]any) (window, error) {
	w := window{limit: DefaultPage}
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
			return w, within(name, badInput("%d is negative: ask for 0 to %d items", n, MaxPage))
		}
		if n > MaxPage {
			return w, within(name, badInput("%d is too many: ask for at most %d items and page on with the cursor", n, MaxPage))
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
