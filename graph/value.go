package graph

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"dossier/internal/edtf"
)

// What clients send arrives as the GraphQL parser left it: literals as int64, float64, string and bool, variables also
// as json.Number or int. These functions turn it into what a statement's parameters hold, or say what is wrong with it.

func coerceString(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", badInput("%s is not a text", show(v))
	}
	return s, nil
}

// coerceID accepts a string or a whole number, as the specification has it.
func coerceID(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int64, int, json.Number:
		return fmt.Sprint(v), nil
	}
	return "", badInput("%s is not an id", show(v))
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
	s, err := coerceString(v)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, badInput("%s is not an instant: write it as in RFC 3339, for example 2024-03-05T12:00:00Z", show(s))
	}
	return t.UTC(), nil
}

// coerceEDTF returns a date that is bounded on both sides.
func coerceEDTF(v any) (edtf.Date, error) {
	s, err := coerceString(v)
	if err != nil {
		if n, isInt := v.(int64); isInt {
			return edtf.Date{}, badInput("%d is a number: put a date in quotes, for example \"%d\"", n, n)
		}
		return edtf.Date{}, err
	}
	d, err := edtf.Parse(s)
	if err != nil {
		return edtf.Date{}, badInput("%v", err)
	}
	if !d.Bounded() {
		return edtf.Date{}, badInput("%s is open on one side: give both, for example [2018-01..2018-04]", show(s))
	}
	return d, nil
}

// bounds returns the first and the last day that a bounded date can be, as Neo4j's DATE.
func bounds(d edtf.Date) (earliest, latest neo4j.Date) {
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
		s = append(s[:57:57], []rune("...")...)
	}
	return string(s)
}
