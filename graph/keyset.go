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
)

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

// An orderField is the field of an orderBy's enum that a list is sorted by.
type orderField string

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
	var values []*string
	if err := json.Unmarshal(b, &values); err != nil {
		return nil, err
	}
	if len(values) < 2 || slices.Contains(values, nil) {
		return nil, errors.New("no keys")
	}
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = *v
	}
	return out, nil
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
			var at time.Time
			if at, err = coerceDateTime(values[i+1]); err == nil {
				out[i] = at.Format(time.RFC3339Nano)
			}
		case floatKey:
			out[i], err = strconv.ParseFloat(values[i+1], 64)
		}
	}
	if err != nil {
		return nil, badInput("%s is not a cursor: pass one that pageInfo or an edge gave", show(cursor))
	}
	return out, nil
}
