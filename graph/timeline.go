package graph

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"dossier/internal/edtf"
)

// timelineRanks are the kinds of entries of a timeline by their place among entries of equal dates: what starts on a
// day comes before what ends on it.
var timelineRanks = names{"1": "EVENT", "2": "RELATIONSHIP_START", "3": "CLAIM", "4": "RELATIONSHIP_END"}

// An entry is one source of a timeline's rows: the things that a match finds, and the date that puts each in its place.
type entry struct {
	rank  string // expression
	match string
	again bool   // can the match meet the same thing twice?
	held  string // condition that the thing was there at the instant asked for, and is about what is asked
	item  place  // the event, the relationship or the claim
	date  dateName
	known bool // is there an entry only where the date is known? That no source tells of an end is none.
}

// A timelineRow names the columns of a timeline's rows: the keys, and the event, relationship or claim itself, with the
// ends of a relationship.
type timelineRow struct{ earliest, latest, rank, id, item, source, target string }

// timeline compiles the timeline. Of everything, each source of entries is sorted and cut to the page by itself, which an
// index can serve, and then the pages are merged. About somebody there is no index to serve, so that the sources are put
// together first.
func (c *compiler) timeline(f collected, args map[string]any) (string, Shape, error) {
	if err := c.list(); err != nil {
		return "", nil, err
	}
	about, err := c.entityIDs(args, "about")
	if err != nil {
		return "", nil, err
	}
	together, _ := args["together"].(bool)
	between, from, err := c.period(args)
	if err != nil {
		return "", nil, err
	}
	begin, start := "", ""
	switch {
	case about.given():
		begin = c.variable("about")
		start = about.match(begin)
		if together {
			start = about.matchFirst(begin)
		}
	case from != "":
		// What may lie after a day may begin before it, but by no more days than the least certain date has. So an
		// index need not be read from its beginning.
		begin = c.variable("since")
		start = fmt.Sprintf("OPTIONAL MATCH (log:Log {id: 'log'})\nWITH %s - duration({days: coalesce(log.widest, 1000000000)}) AS %s", from, begin)
	}
	row := timelineRow{c.variable("earliest"), c.variable("latest"), c.variable("rank"), c.variable("id"), c.variable("item"), c.variable("source"), c.variable("target")}
	entries, err := c.entries(args, row, about, begin, together)
	if err != nil {
		return "", nil, err
	}
	l := listing{set: set{rows: &rows{
		columns: []string{row.earliest, row.latest, row.rank, row.id, row.item},
		more:    fmt.Sprintf("WITH *, CASE WHEN %[1]s IN ['2', '4'] THEN startNode(%[2]s) END AS %[3]s, CASE WHEN %[1]s IN ['2', '4'] THEN endNode(%[2]s) END AS %[4]s", row.rank, row.item, row.source, row.target),
		binds:   []string{row.source, row.target},
		object:  func(set ast.SelectionSet) (string, Shape, error) { return c.timelineEntry(row, set) },
	}}, order: order{field: "TIMELINE", keys: []key{{expr: row.earliest, values: dateKey}, {expr: row.latest, values: dateKey}, {expr: row.rank}, {expr: row.id}}}}
	if l.window, err = readWindow(args); err != nil {
		return "", nil, err
	}
	if l, err = c.cursors(l); err != nil {
		return "", nil, err
	}
	var sources []string
	add := func(e entry, date dateName, conditions ...string) {
		in := map[string]string{row.earliest: date.earliest, row.latest: date.latest, row.rank: e.rank, row.id: property(e.item.v, "id"), row.item: e.item.v}
		condition := all(append([]string{e.held}, conditions...)...)
		if about.given() {
			sources = append(sources, lines(e.match, where(condition), "RETURN "+distinct(e.again)+l.rows.bound(in)))
			return
		}
		l.matches, l.rows.in, l.rows.filters = append(l.matches, e.match), append(l.rows.in, in), append(l.rows.filters, condition)
	}
	undated, _ := args["undated"].(bool)
	for _, e := range entries {
		dated := e.date.earliest + " IS NOT NULL"
		if from != "" && !about.given() {
			dated = e.date.earliest + " >= " + begin
		}
		add(e, e.date, append([]string{dated}, between(e.date)...)...)
		if undated && !e.known {
			last := "date('9999-12-31')"
			add(e, dateName{earliest: last, latest: last}, e.date.earliest+" IS NULL")
		}
	}
	switch {
	case !about.given():
		l.rows.start, l.rows.begin = start, begin
	case len(sources) > 0:
		l.matches = []string{lines(start, subquery("CALL ("+begin+")", strings.Join(sources, "\nUNION ALL\n")), "WITH "+l.variables())}
		l.distinct = len(about.ids) > 1 && !together
	}
	items, shape, err := c.page(f, l, 0)
	if err != nil {
		return "", nil, err
	}
	return about.checked(c, list(items), shape)
}

// period reads the arguments from and to, and returns the conditions that a date may lie between them, and the
// expression of the first day, "" where from is not given.
func (c *compiler) period(args map[string]any) (between func(dateName) []string, from string, err error) {
	var to string
	var start, end edtf.Interval
	if v := args["from"]; v != nil {
		if start, err = coerceEDTF(v); err != nil {
			return nil, "", within("from", err)
		}
		first, _ := bounds(start)
		from = "date(" + c.param("from", first.Time().Format(time.DateOnly)) + ")"
	}
	if v := args["to"]; v != nil {
		if end, err = coerceEDTF(v); err != nil {
			return nil, "", within("to", err)
		}
		_, last := bounds(end)
		to = "date(" + c.param("to", last.Time().Format(time.DateOnly)) + ")"
	}
	if from != "" && to != "" {
		first, _ := start.Earliest()
		if last, _ := end.Latest(); last.Before(first) {
			return nil, "", within("to", badInput("%s is before from, %s: nothing lies between them", end, start))
		}
	}
	return func(d dateName) (conditions []string) {
		if from != "" {
			conditions = append(conditions, d.latest+" >= "+from)
		}
		if to != "" {
			conditions = append(conditions, d.earliest+" <= "+to)
		}
		return conditions
	}, from, nil
}

// entries are the sources of a timeline: events, claims, and relationships twice. Without about, relationships have a
// source for each kind, because an index is of one kind. a is what holds each of the entities in turn; together, all of
// them are asked for at once.
func (c *compiler) entries(args map[string]any, row timelineRow, about entityIDs, a string, together bool) ([]entry, error) {
	wanted := asList(args["what"])
	for i, v := range wanted {
		if args["what"] == nil {
			break
		}
		if _, err := coerceEnum(c.schema.Types["TimelineKind"], v); err != nil {
			return nil, within(fmt.Sprintf("what.%d", i), err)
		}
	}
	wants := func(rank string) bool {
		return args["what"] == nil || slices.Contains(wanted, any(timelineRanks[rank]))
	}
	// everyone is the condition that all of the entities asked for meet another, told of one by its id.
	everyone := func(condition string) string {
		if !together || len(about.ids) < 2 {
			return ""
		}
		return fmt.Sprintf("all(id IN %s WHERE %s)", about.param, condition)
	}
	var out []entry
	if wants("1") {
		e := entry{rank: text("1"), item: place{v: c.variable("event"), label: "Event"}}
		e.date = c.stored(e.item, "date")
		e.match, e.held = fmt.Sprintf("MATCH (%s:Event)", e.item.v), c.at.recorded(e.item.v)
		if about.given() {
			r := c.variable("relationships")
			e.match, e.again = fmt.Sprintf("MATCH (%s)-[%s:%s*0..1]-(%s:Event)", a, r, c.at.types(c.ontology.Kinds...), e.item.v), true
			if held := c.at.held("r"); held != "" {
				e.held = all(e.held, fmt.Sprintf("all(r IN %s WHERE %s)", r, held))
			}
			other := fmt.Sprintf("MATCH (%s)-[r:%s]-(:Entity {id: id})", e.item.v, c.at.types(c.ontology.Kinds...))
			e.held = all(e.held, everyone(property(e.item.v, "id")+" = id OR "+inline("EXISTS", lines(other, where(c.at.held("r"))))))
		}
		out = append(out, e)
	}
	if wants("3") {
		e := entry{rank: text("3"), item: place{v: c.variable("claim"), label: "Claim"}}
		e.date = c.stored(e.item, "madeOn")
		e.match, e.held = fmt.Sprintf("MATCH (%s:Claim)", e.item.v), c.at.recorded(e.item.v)
		if about.given() {
			e.match = fmt.Sprintf("MATCH (%s)<-[:ABOUT]-(%s:Claim)", a, e.item.v)
			e.held = all(e.held, everyone(fmt.Sprintf("EXISTS { (%s)-[:ABOUT]->(:Entity {id: id}) }", e.item.v)))
		}
		out = append(out, e)
	}
	r := c.variable("relationship")
	e := entry{item: place{v: r, source: "s", target: "t"}}
	e.held = all(c.at.held(r), everyone(fmt.Sprintf("id = startNode(%[1]s).id OR id = endNode(%[1]s).id", r)))
	start, end := e, e
	start.rank, start.date = text("2"), c.stored(e.item, "validFrom")
	end.rank, end.date, end.known = text("4"), c.stored(e.item, "validTo"), true
	var both []entry
	if wants("2") {
		both = append(both, start)
	}
	if wants("4") {
		both = append(both, end)
	}
	if !about.given() {
		for _, e := range both {
			for _, k := range c.ontology.Kinds {
				e.match = fmt.Sprintf("MATCH ()-[%s:%s]->()", r, c.at.types(k))
				out = append(out, e)
			}
		}
		return out, nil
	}
	match := fmt.Sprintf("MATCH (%s)-[%s:%s]-()", a, r, c.at.types(c.ontology.Kinds...))
	if undated, _ := args["undated"].(bool); len(both) == 2 && !undated {
		either := func(start, end string) string {
			return fmt.Sprintf("CASE %s WHEN %s THEN %s ELSE %s END", row.rank, text("2"), start, end)
		}
		e.rank, e.date = row.rank, dateName{earliest: row.earliest, latest: either(start.date.latest, end.date.latest)}
		match = lines(match, where(e.held), fmt.Sprintf("UNWIND %s AS %s", list([]string{start.rank, end.rank}), row.rank),
			fmt.Sprintf("WITH %s, %s, %s AS %s", r, row.rank, either(start.date.earliest, end.date.earliest), row.earliest))
		e.held = ""
		both = []entry{e}
	}
	for _, e := range both {
		e.match = match
		out = append(out, e)
	}
	return out, nil
}

// timelineEntry compiles what is selected of an entry.
func (c *compiler) timelineEntry(row timelineRow, selection ast.SelectionSet) (string, Shape, error) {
	return c.spread("TimelineEntry", selection, func(f collected, at int) ([]string, Shape, error) {
		switch f.field.Name {
		case "date":
			event, start := c.stored(row.as("Event"), "date"), c.stored(row.as(""), "validFrom")
			claim, end := c.stored(row.as("Claim"), "madeOn"), c.stored(row.as(""), "validTo")
			of := func(event, start, claim, end string) string {
				return fmt.Sprintf("CASE %s WHEN '1' THEN %s WHEN '2' THEN %s WHEN '3' THEN %s ELSE %s END", row.rank, event, start, claim, end)
			}
			exprs, shape := c.date(f, dateName{of(event.edtf, start.edtf, claim.edtf, end.edtf), row.earliest, row.latest, of(event.text, start.text, claim.text, end.text)}, at)
			return exprs, shape, nil
		case "subject":
			return c.subject(row, f.set, at)
		default:
			return []string{row.rank}, timelineRanks, nil
		}
	})
}

// as is the row's thing as what its rank says that it is: a node with a label, or a relationship.
func (r timelineRow) as(label string) place {
	if label == "" {
		return place{v: r.item, source: r.source, target: r.target}
	}
	return place{v: r.item, label: label}
}

// subject reads what an entry is about, after its rank, which tells that.
func (c *compiler) subject(row timelineRow, selection ast.SelectionSet, at int) ([]string, Shape, error) {
	event, eventShape, err := c.object(row.as("Event"), c.ontology.Concrete("Event"), selection)
	if err != nil {
		return nil, nil, err
	}
	claim, claimShape, err := c.object(row.as("Claim"), []string{"Claim"}, selection)
	if err != nil {
		return nil, nil, err
	}
	relationship, relationshipShape, err := c.object(row.as(""), c.objects(c.schema.Types["Relationship"]), selection)
	if err != nil {
		return nil, nil, err
	}
	expr := event
	if claim != event || relationship != event {
		expr = fmt.Sprintf("CASE %s\n  WHEN '1' THEN %s\n  WHEN '3' THEN %s\n  ELSE %s\nEND", row.rank,
			strings.TrimPrefix(indent(event), "  "), strings.TrimPrefix(indent(claim), "  "), strings.TrimPrefix(indent(relationship), "  "))
	}
	return []string{row.rank, expr}, oneOf{at, map[string]Shape{"1": eventShape, "2": relationshipShape, "3": claimShape, "4": relationshipShape}}, nil
}
