package graph

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// maxMatches is how many matches of one field a search looks at, the best ones.
const maxMatches = 1000

// search compiles a search: the indexes of all fields are asked, and each thing is kept once, with the field that
// matches it best. Scores depend on what else the indexes hold, so they compare within one search only.
func (c *compiler) search(f collected) (string, Shape, error) {
	if err := c.list(); err != nil {
		return "", nil, err
	}
	c.alone = true // Neo4j lets no outer variable stand beside the aggregates within
	args := f.field.ArgumentMap(c.variables)
	var l listing
	var err error
	if l.window, err = readWindow(args); err != nil {
		return "", nil, err
	}
	typed, err := coerceString(args["text"])
	if err != nil {
		return "", nil, within("text", err)
	}
	text, err := readSearchText(typed)
	if err != nil {
		return "", nil, within("text", err)
	}
	possible, err := c.searchTypes(f.field, args["types"])
	if err != nil {
		return "", nil, within("types", err)
	}
	item := place{v: c.variable("node")}
	score, matched := c.variable("score"), c.variable("matchedField")
	l.rows = &rows{
		columns: []string{item.v, score, matched},
		object: func(set ast.SelectionSet) (string, Shape, error) {
			return c.object(item, possible, set)
		},
		fields: map[string]column{"score": {score, scalar("Float")}, "matchedField": {matched, scalar("String")}},
	}
	l.order = order{field: "SCORE", keys: []key{{expr: score, values: floatKey, descending: true}, {expr: property(item.v, "id")}}}
	if l, err = c.cursors(l); err != nil {
		return "", nil, err
	}
	if match := c.matches(item, possible, score, matched, c.param("query", text.query), c.param("text", text.beginning)); match != "" {
		l.matches = []string{match}
	}
	items, shape, err := c.page(f, l, 0)
	return "RETURN " + list(items) + " AS answer", shape, err
}

// A searchText is what a search makes of what is typed.
type searchText struct {
	query     string // of Lucene
	beginning string // of the names that are probably meant
}

// readSearchText reads what is typed; names are stored with composed letters, and put in lower case by Java's rules, which are
// Unicode's.
func readSearchText(typed string) (searchText, error) {
	typed = norm.NFC.String(typed)
	query, err := luceneQuery(typed)
	return searchText{query, cases.Lower(language.Und).String(strings.TrimSpace(typed))}, err
}

// searchTypes are the object types that a search is for, in the ontology's order; all that can be found where none is
// given.
func (c *compiler) searchTypes(f *ast.Field, given any) ([]string, error) {
	var asked []string
	if given != nil {
		enum := c.schema.Types[f.Definition.Arguments.ForName("types").Type.Name()]
		listed := asList(given)
		if len(listed) == 0 {
			return nil, badInput("it is empty: name at least one type, or leave it out for all of them")
		}
		for i, v := range listed {
			value, err := coerceEnum(enum, v)
			if err != nil {
				return nil, within(strconv.Itoa(i), err)
			}
			asked = append(asked, value)
		}
	}
	var out []string
	for _, n := range c.ontology.Nodes {
		if n.Searched() && (given == nil || slices.Contains(asked, n.SearchType())) {
			out = append(out, n.Name)
		}
	}
	return out, nil
}

// matches binds what is found, its score and the field that matches best. The index's own scores have no upper bound;
// here they come to less than the field's weight, and 1 is added for a name that begins with what is typed: that one is
// probably meant, and an index knows no beginnings.
func (c *compiler) matches(item place, possible []string, score, matched, query, beginning string) string {
	var fields []string
	for _, s := range searched {
		if slices.ContainsFunc(possible, func(name string) bool {
			n := c.ontology.Node(name)
			return n.Label == s.label || n.Entity && s.label == "Entity"
		}) {
			fields = append(fields, list([]string{text(s.property), strconv.FormatFloat(s.weight, 'f', 1, 64)}))
		}
	}
	if len(fields) == 0 {
		return ""
	}
	condition := ""
	if len(possible) < len(c.schema.PossibleTypes["SearchResult"]) {
		condition = c.isA(item, possible)
	}
	field, best := c.variable("field"), c.variable("best")
	return lines(
		fmt.Sprintf("UNWIND %s AS %s", list(fields), field),
		fmt.Sprintf("CALL db.index.fulltext.queryNodes('%s' + %s[0], %s, {limit: %d}) YIELD node AS %s, score AS %s", searchIndex(""), field, query, maxMatches, item.v, score),
		where(condition),
		fmt.Sprintf("WITH %[1]s, max([%[2]s[1] * %[3]s / (%[3]s + 10), %[2]s[0]]) AS %[4]s", item.v, field, score, best),
		// A claim has no name to read.
		fmt.Sprintf("WITH %[1]s, %[2]s[1] AS %[3]s, %[2]s[0] + CASE\n  WHEN %[2]s[1] <> 'statement' AND any(name IN [%[1]s.name, %[1]s.title] + coalesce(%[1]s.aliases, []) WHERE toLower(name) STARTS WITH %[4]s) THEN 1\n  ELSE 0\nEND AS %[5]s",
			item.v, best, matched, beginning, score))
}
