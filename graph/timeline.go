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

// A timeline is what is asked of one.
type timeline struct {
	c        *compiler
	row      timelineRow
	about    entityIDs
	together bool
	undated  bool
	begin    string // variable of each of the entities asked about in turn, or else of the first day that is looked at
	start    string // clauses that bind it
	wanted   []any  // kinds of entries; nil for all
	between  func(dateName) []string
	from     string // expression of the first day asked for, "" for none
}

// timeline compiles the timeline. Of everything, each source of entries is sorted and cut to the page by itself, which an
// index can serve, and then the pages are merged. About somebody there is no index to serve, so that the sources are put
// together first.
func (c *compiler) timeline(f collected, args map[string]any) (string, Shape, error) {
	if err := c.list(); err != nil {
		return "", nil, err
	}
	t, err := c.readTimeline(args)
	if err != nil {
		return "", nil, err
	}
	row := t.row
	l := listing{set: set{rows: &rows{
		columns: []string{row.earliest, row.latest, row.rank, row.id, row.item},
		more:    fmt.Sprintf("WITH *, CASE WHEN %[1]s IN ['2', '4'] THEN startNode(%[2]s) END AS %[3]s, CASE WHEN %[1]s IN ['2', '4'] THEN endNode(%[2]s) END AS %[4]s", row.rank, row.item, row.source, row.target),
		binds:   []string{row.source, row.target},
		object:  t.entry,
	}}, order: order{field: "TIMELINE", keys: []key{{expr: row.earliest, values: dateKey}, {expr: row.latest, values: dateKey}, {expr: row.rank}, {expr: row.id}}}}
	entries := t.entries()
	if l.window, err = readWindow(args); err != nil {
		return "", nil, err
	}
	if l, err = c.cursors(l); err != nil {
		return "", nil, err
	}
	t.read(entries, &l)
	items, shape, err := c.page(f, l, 0)
	if err != nil {
		return "", nil, err
	}
	return t.about.checked(c, list(items), shape)
}

// readTimeline reads the arguments of a timeline, and names its variables.
func (c *compiler) readTimeline(args map[string]any) (timeline, error) {
	t := timeline{c: c}
	t.together, _ = args["together"].(bool)
	t.undated, _ = args["undated"].(bool)
	var err error
	if t.about, err = c.entityIDs(args, "about"); err != nil {
		return t, err
	}
	if t.between, t.from, err = c.period(args); err != nil {
		return t, err
	}
	switch {
	case t.about.given():
		t.begin = c.variable("about")
		t.start = t.about.match(t.begin)
		if t.together {
			t.start = t.about.matchFirst(t.begin)
		}
	case t.from != "":
		// What may lie after a day may begin before it, but by no more days than the least certain date has. So an
		// index need not be read from its beginning.
		t.begin = c.variable("since")
		t.start = fmt.Sprintf("OPTIONAL MATCH (log:Log {id: 'log'})\nWITH %s - duration({days: coalesce(log.widest, 1000000000)}) AS %s", t.from, t.begin)
	}
	t.row = timelineRow{c.variable("earliest"), c.variable("latest"), c.variable("rank"), c.variable("id"), c.variable("item"), c.variable("source"), c.variable("target")}
	if args["what"] == nil {
		return t, nil
	}
	if t.wanted = asList(args["what"]); len(t.wanted) == 0 {
		return t, within("what", badInput("it is empty: name at least one kind of entry, or leave it out for all of them"))
	}
	for i, v := range t.wanted {
		if _, err := coerceEnum(c.schema.Types["TimelineKind"], v); err != nil {
			return t, within(fmt.Sprintf("what.%d", i), err)
		}
	}
	return t, nil
}

// read gives a list what reads its rows: entries that are dated, within the period asked for, and those without dates,
// which come last, where they are asked for.
func (t timeline) read(entries []entry, l *listing) {
	var sources []string
	add := func(e entry, date dateName, conditions ...string) {
		row := t.row
		in := map[string]string{row.earliest: date.earliest, row.latest: date.latest, row.rank: e.rank, row.id: property(e.item.v, "id"), row.item: e.item.v}
		condition := all(append([]string{e.held}, conditions...)...)
		if t.about.given() {
			sources = append(sources, lines(e.match, where(condition), "RETURN "+distinct(e.again)+l.rows.bound(in)))
			return
		}
		l.matches, l.rows.in, l.rows.filters = append(l.matches, e.match), append(l.rows.in, in), append(l.rows.filters, condition)
	}
	for _, e := range entries {
		dated := e.date.earliest + " IS NOT NULL"
		if t.from != "" && !t.about.given() {
			dated = e.date.earliest + " >= " + t.begin
		}
		add(e, e.date, append([]string{dated}, t.between(e.date)...)...)
		if t.undated && !e.known {
			last := "date('9999-12-31')"
			add(e, dateName{earliest: last, latest: last}, e.date.earliest+" IS NULL")
		}
	}
	switch {
	case !t.about.given():
		l.rows.start, l.rows.begin = t.start, t.begin
	case len(sources) > 0:
		l.matches = []string{lines(t.start, subquery("CALL ("+t.begin+")", strings.Join(sources, "\nUNION ALL\n")), "WITH "+l.variables())}
		l.distinct = len(t.about.ids) > 1 && !t.together
	}
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

// entries are the sources of a timeline.
func (t timeline) entries() (out []entry) {
	if t.wants("1") {
		out = append(out, t.events())
	}
	if t.wants("3") {
		out = append(out, t.claims())
	}
	return append(out, t.changes()...)
}

func (t timeline) wants(rank string) bool {
	return t.wanted == nil || slices.Contains(t.wanted, any(timelineRanks[rank]))
}

func (t timeline) wantsAny(ranks string) bool {
	return strings.ContainsFunc(ranks, func(rank rune) bool { return t.wants(string(rank)) })
}

// everyone is the condition that all of the entities asked for together meet another, told of one by its id.
func (t timeline) everyone(condition string) string {
	if !t.together || len(t.about.ids) < 2 {
		return ""
	}
	return fmt.Sprintf("all(id IN %s WHERE %s)", t.about.param, condition)
}

// events are those that somebody is related to, or that are asked for themselves.
func (t timeline) events() entry {
	c := t.c
	e := entry{rank: text("1"), item: place{v: c.variable("event"), label: "Event"}}
	e.date = c.stored(e.item, "date")
	e.match, e.held = fmt.Sprintf("MATCH (%s:Event)", e.item.v), c.at.recorded(e.item.v)
	if !t.about.given() {
		return e
	}
	r, types := c.variable("relationships"), c.at.types(c.ontology.Kinds...)
	e.match, e.again = fmt.Sprintf("MATCH (%s)-[%s:%s*0..1]-(%s:Event)", t.begin, r, types, e.item.v), true
	if held := c.at.held("r"); held != "" {
		e.held = all(e.held, fmt.Sprintf("all(r IN %s WHERE %s)", r, held))
	}
	other := fmt.Sprintf("MATCH (%s)-[r:%s]-(:Entity {id: id})", e.item.v, types)
	e.held = all(e.held, t.everyone(property(e.item.v, "id")+" = id OR "+inline("EXISTS", lines(other, where(c.at.held("r"))))))
	return e
}

// claims are those about somebody.
func (t timeline) claims() entry {
	e := entry{rank: text("3"), item: place{v: t.c.variable("claim"), label: "Claim"}}
	e.date = t.c.stored(e.item, "madeOn")
	e.match, e.held = fmt.Sprintf("MATCH (%s:Claim)", e.item.v), t.c.at.recorded(e.item.v)
	if t.about.given() {
		e.match = fmt.Sprintf("MATCH (%s)<-[:ABOUT]-(%s:Claim)", t.begin, e.item.v)
		e.held = all(e.held, t.everyone(fmt.Sprintf("EXISTS { (%s)-[:ABOUT]->(:Entity {id: id}) }", e.item.v)))
	}
	return e
}

// changes are starts and ends of relationships. Of everything, there is a source for each kind, because an index is of one
// kind. About somebody, one walk finds both, unless those without dates are asked for.
func (t timeline) changes() (out []entry) {
	c, r := t.c, t.c.variable("relationship")
	e := entry{item: place{v: r, source: "s", target: "t"}}
	e.held = all(c.at.held(r), t.everyone(fmt.Sprintf("id = startNode(%[1]s).id OR id = endNode(%[1]s).id", r)))
	start, end := e, e
	start.rank, start.date = text("2"), c.stored(e.item, "validFrom")
	end.rank, end.date, end.known = text("4"), c.stored(e.item, "validTo"), true
	var wanted []entry
	if t.wants("2") {
		wanted = append(wanted, start)
	}
	if t.wants("4") {
		wanted = append(wanted, end)
	}
	if !t.about.given() {
		for _, e := range wanted {
			for _, k := range c.ontology.Kinds {
				e.match = fmt.Sprintf("MATCH ()-[%s:%s]->()", r, c.at.types(k))
				out = append(out, e)
			}
		}
		return out
	}
	match := fmt.Sprintf("MATCH (%s)-[%s:%s]-()", t.begin, r, c.at.types(c.ontology.Kinds...))
	if len(wanted) == 2 && !t.undated {
		either := func(start, end string) string {
			return fmt.Sprintf("CASE %s WHEN %s THEN %s ELSE %s END", t.row.rank, text("2"), start, end)
		}
		e.rank, e.date = t.row.rank, dateName{earliest: t.row.earliest, latest: either(start.date.latest, end.date.latest)}
		e.match = lines(match, where(e.held), fmt.Sprintf("UNWIND %s AS %s", list([]string{start.rank, end.rank}), t.row.rank),
			fmt.Sprintf("WITH %s, %s, %s AS %s", r, t.row.rank, either(start.date.earliest, end.date.earliest), t.row.earliest))
		e.held = ""
		return []entry{e}
	}
	for _, e := range wanted {
		e.match = match
		out = append(out, e)
	}
	return out
}

// entry compiles what is selected of an entry.
func (t timeline) entry(selection ast.SelectionSet) (string, Shape, error) {
	c, row := t.c, t.row
	return c.spread("TimelineEntry", selection, func(f collected, at int) ([]string, Shape, error) {
		switch f.field.Name {
		case "date":
			event, start := c.stored(row.as("Event"), "date"), c.stored(row.as(""), "validFrom")
			claim, end := c.stored(row.as("Claim"), "madeOn"), c.stored(row.as(""), "validTo")
			of := func(event, start, claim, end string) string {
				return t.byRank(" ", branch{"1", event}, branch{"2", start}, branch{"3", claim}, branch{"4", end})
			}
			edtf, text := of(event.edtf, start.edtf, claim.edtf, end.edtf), of(event.text, start.text, claim.text, end.text)
			exprs, shape := c.date(f, dateName{edtf, row.earliest, row.latest, text}, at)
			return exprs, shape, nil
		case "subject":
			return t.subject(f.set, at)
		default:
			return []string{row.rank}, timelineRanks, nil
		}
	})
}

// A branch is an expression for entries of some ranks.
type branch struct{ ranks, expr string }

// byRank is an expression that is another one for each rank. It has no branch for ranks that are not asked for: to Neo4j it
// would be a mistake to read from a node what only relationships have. The last branch may be one for several ranks.
func (t timeline) byRank(sep string, branches ...branch) string {
	branches = slices.DeleteFunc(branches, func(b branch) bool { return !t.wantsAny(b.ranks) })
	if len(branches) == 0 {
		return "null"
	}
	last := branches[len(branches)-1]
	if !slices.ContainsFunc(branches, func(b branch) bool { return b.expr != last.expr }) {
		return last.expr
	}
	out := "CASE " + t.row.rank
	for _, b := range branches[:len(branches)-1] {
		out += sep + "WHEN " + text(b.ranks) + " THEN " + strings.ReplaceAll(b.expr, "\n", sep)
	}
	return out + sep + "ELSE " + strings.ReplaceAll(last.expr, "\n", sep) + strings.TrimSuffix(sep, "  ") + "END"
}

// as is the row's thing as what its rank says that it is: a node with a label, or a relationship.
func (r timelineRow) as(label string) place {
	if label == "" {
		return place{v: r.item, source: r.source, target: r.target}
	}
	return place{v: r.item, label: label}
}

// subject reads what an entry is about, after its rank, which tells that.
func (t timeline) subject(selection ast.SelectionSet, at int) ([]string, Shape, error) {
	var branches []branch
	shapes := map[string]Shape{}
	for _, s := range []struct {
		ranks, label string
		types        []string
	}{
		{"1", "Event", t.c.ontology.Concrete("Event")},
		{"3", "Claim", []string{"Claim"}},
		{"24", "", t.c.objects(t.c.schema.Types["Relationship"])},
	} {
		if !t.wantsAny(s.ranks) {
			continue
		}
		expr, shape, err := t.c.object(t.row.as(s.label), s.types, selection)
		if err != nil {
			return nil, nil, err
		}
		branches = append(branches, branch{s.ranks, expr})
		for _, rank := range s.ranks {
			shapes[string(rank)] = shape
		}
	}
	return []string{t.row.rank, t.byRank("\n  ", branches...)}, oneOf{at, shapes}, nil
}
