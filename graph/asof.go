package graph

import (
	"fmt"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"dossier/schema"
)

// An instant is what an asOf argument asks for, on both axes of time. The zero instant is now, whatever held when.
//
// A relationship holds from some day s of its start on until some day e of its end, s <= day < e. A bound that is not
// known may be any day; an end that is known to be open is after all days.
type instant struct {
	earliest, latest string // expressions of the first and last day of validAt, "" without it
	certain          bool
	known            string // expression of knownAt, "" without it
}

// asOf reads a root field's argument of type AsOf.
func (c *compiler) asOf(f *ast.Field, name string) (instant, error) {
	given, ok := f.ArgumentMap(c.variables)[name].(map[string]any)
	if !ok {
		return instant{}, nil
	}
	var at instant
	input := c.schema.Types["AsOf"]
	if v := given["validAt"]; v != nil {
		date, err := coerceEDTF(v)
		if err != nil {
			return at, within(name, within("validAt", err))
		}
		first, last := bounds(date)
		at.earliest = "date(" + c.param("validAt", first.Time().Format(time.DateOnly)) + ")"
		if at.latest = at.earliest; first != last {
			at.latest = "date(" + c.param("validAt", last.Time().Format(time.DateOnly)) + ")"
		}
	}
	if v := given["knownAt"]; v != nil {
		t, err := coerceDateTime(v)
		if err != nil {
			return at, within(name, within("knownAt", err))
		}
		at.known = "datetime(" + c.param("knownAt", t.Format(time.RFC3339Nano)) + ")"
	}
	if v := given["certainty"]; v != nil {
		certainty, err := coerceEnum(c.schema.Types[input.Fields.ForName("certainty").Type.Name()], v)
		if err != nil {
			return at, within(name, within("certainty", err))
		}
		at.certain = certainty == "CERTAIN"
	}
	return at, nil
}

// held is the condition that a relationship was believed at the instant, and held then. It is empty for now.
func (at instant) held(r string) string {
	var conditions []string
	if at.known != "" {
		conditions = append(conditions, fmt.Sprintf("%[1]s.knownFrom <= %[2]s AND coalesce(%[1]s.knownTo > %[2]s, true)", r, at.known))
	}
	switch {
	case at.earliest == "":
	case at.certain:
		conditions = append(conditions, fmt.Sprintf("%[1]s.validFromLatest <= %[2]s AND (%[1]s.validToEarliest > %[3]s OR %[1]s.validToEdtf = '..')", r, at.earliest, at.latest))
	default:
		conditions = append(conditions, fmt.Sprintf("coalesce(%[1]s.validFrom <= %[3]s, true) AND coalesce(%[1]s.validTo > %[2]s, true)", r, at.earliest, at.latest))
		if at.earliest != at.latest { // of one day, the two say this too
			conditions = append(conditions, fmt.Sprintf("coalesce(%[1]s.validFrom < %[1]s.validTo, true)", r))
		}
	}
	return strings.Join(conditions, " AND ")
}

// recorded is the condition that a node was on record at the instant. It is empty for now.
func (at instant) recorded(v string) string {
	if at.known == "" {
		return ""
	}
	return v + ".recordedAt <= " + at.known
}

// types joins the relationship types that hold some kinds, for a pattern.
func (at instant) types(kinds ...*schema.Kind) string {
	var out []string
	for _, k := range kinds {
		out = append(out, escape(k.Type))
		if at.known != "" {
			out = append(out, escape(schema.Believed+k.Type))
		}
	}
	return strings.Join(out, "|")
}

// kind is the expression of a relationship's kind.
func (at instant) kind(r string) string {
	if at.known == "" {
		return "type(" + r + ")"
	}
	return "replace(type(" + r + "), " + text(schema.Believed) + ", '')"
}

// value is the expression of a stored property of what stands at a place, as it was at the instant. Relationships are
// versions of themselves; a claim's standing is computed; a change never changes; other nodes keep their former properties
// beside them.
func (at instant) value(p place, name string) string {
	current := property(p.v, name)
	switch {
	case name == "id" && p.id != "":
		return p.id
	case at.known == "" || p.label == "" || p.label == "Change" || name == "id" || name == "recordedAt":
		return current
	case p.label == "Claim":
		status, disputed := standing(p.v, at.known)
		switch name {
		case "status":
			return status
		case "disputed":
			return disputed
		case "retractedAt", "retractionReason":
			return fmt.Sprintf("CASE WHEN %s.retractedAt <= %s THEN %s END", p.v, at.known, current)
		case "withdrawnAt", "withdrawalReason":
			return fmt.Sprintf("CASE WHEN %s.withdrawnAt <= %s THEN %s END", p.v, at.known, current)
		}
		return current
	}
	former := p.v + "Then"
	return fmt.Sprintf("CASE WHEN %[1]s.knownFrom <= %[2]s THEN %[3]s ELSE head(COLLECT { MATCH (%[1]s)-[:FORMERLY]->(%[4]s:Former) WHERE %[4]s.knownFrom <= %[2]s AND %[4]s.knownTo > %[2]s RETURN %[5]s }) END",
		p.v, at.known, current, former, property(former, name))
}
