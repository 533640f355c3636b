package graph

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/text/unicode/norm"

	"dossier/internal/edtf"
)

// What clients send arrives as the GraphQL parser left it: literals as int64, float64, string and bool, variables also
// as json.Number or int. These functions turn it into what a statement's parameters hold, or say what is wrong with it.

// coerceString returns a text as it is stored, with composed letters (NFC).
func coerceString(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", badInput("%s is not a text", show(v))
	}
	return norm.NFC.String(s), nil
}

// coerceEnum accepts a value of an enum as it is declared, and any text where the type is none. The validation takes
// variables in the wrong case too.
func coerceEnum(typ *ast.Definition, v any) (string, error) {
	s, err := coerceString(v)
	if err != nil || typ.Kind != ast.Enum || typ.EnumValues.ForName(s) != nil {
		return s, err
	}
	var values []string
	for _, e := range typ.EnumValues {
		values = append(values, e.Name)
	}
	return "", badInput("%s is no value of %s: write %s", show(s), typ.Name, strings.Join(values, ", "))
}

// coerceID accepts a string or a whole number, as the specification has it.
func coerceID(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int64, int:
		return fmt.Sprint(v), nil
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE") {
			return v.String(), nil
		}
	}
	return "", badInput("%s is not an id: give a text", show(v))
}

func coerceBool(v any) (bool, error) {
	b, ok := v.(bool)
	if !ok {
		return false, badInput("%s is not true or false", show(v))
	}
	return b, nil
}

// coerceInt accepts what fits into GraphQL's 32 bits.
func coerceInt(v any) (int64, error) {
	var n int64
	switch v := v.(type) {
	case int64:
		n = v
	case int:
		n = int64(v)
	case float64:
		n = int64(v)
		if float64(n) != v {
			return 0, badInput("%s is not a whole number", show(v))
		}
	case json.Number:
		i, err := strconv.ParseInt(v.String(), 10, 64)
		if err != nil {
			return 0, badInput("%s is not a whole number of 32 bits", v)
		}
		n = i
	default:
		return 0, badInput("%s is not a whole number", show(v))
	}
	if n < math.MinInt32 || n > math.MaxInt32 {
		return 0, badInput("%d does not fit into 32 bits", n)
	}
	return n, nil
}

func coerceFloat(v any) (float64, error) {
	switch v := v.(type) {
	case float64:
		return v, nil
	case int64:
		return float64(v), nil
	case int:
		return float64(v), nil
	case json.Number:
		if f, err := v.Float64(); err == nil {
			return f, nil
		}
	}
	return 0, badInput("%s is not a number", show(v))
}

func coerceDateTime(v any) (time.Time, error) {
	if s, ok := v.(string); ok {
		if t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(s)); err == nil && t.UTC().Year() > 0 && t.UTC().Year() <= 9999 { // Neo4j writes others in another way
			return t.UTC(), nil
		}
	}
	return time.Time{}, badInput("%s is not an instant: write it in quotes as in RFC 3339, for example \"2024-03-05T12:00:00Z\"", show(v))
}

// coerceEDTF returns a stretch of days that is bounded on both sides: a date's, or an interval's.
func coerceEDTF(v any) (edtf.Interval, error) {
	s, ok := v.(string)
	if !ok {
		return edtf.Interval{}, badInput("%s is not a date: write it in quotes, for example \"2018\" or \"2024-06-30\"", show(v))
	}
	var i edtf.Interval
	var err error
	if strings.Contains(s, "/") {
		i, err = edtf.ParseInterval(s)
	} else {
		var d edtf.Date
		if d, err = edtf.Parse(s); err == nil {
			i, err = edtf.NewInterval(edtf.Known(d), edtf.Known(d))
		}
	}
	if err != nil {
		return edtf.Interval{}, badInput("%v", err)
	}
	_, begins := i.Earliest()
	if _, ends := i.Latest(); !begins || !ends {
		return edtf.Interval{}, badInput("%s is open on one side: give both, for example [2018-01..2018-04]", show(s))
	}
	return i, nil
}

// bounds returns the first and the last day of what is bounded on both sides, as Neo4j's DATE.
func bounds(d interface {
	Earliest() (time.Time, bool)
	Latest() (time.Time, bool)
}) (earliest, latest neo4j.Date) {
	e, _ := d.Earliest()
	l, _ := d.Latest()
	return neo4j.DateOf(e), neo4j.DateOf(l)
}

// asList turns a value into a list; a single value is a list of one, as the specification has it.
func asList(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Slice { // the parser makes typed ones of single variables
		l := make([]any, r.Len())
		for i := range l {
			l[i] = r.Index(i).Interface()
		}
		return l
	}
	return []any{v}
}

// show quotes a value in a message, shortened.
func show(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "the value"
	}
	s := []rune(string(b))
	if len(s) > 60 {
		end := "..."
		if s[0] == '"' {
			end = "...\""
		}
		s = append(s[:56:56], []rune(end)...)
	}
	return string(s)
}
