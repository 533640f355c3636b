package graph

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"dossier/internal/kept"
	"dossier/schema"
)

// plans keep what was compiled. Compiling takes up to a tenth of a millisecond, about as much as all else that the
// service does for a request, and most requests are of a few operations that differ in the ids that they ask for. So a
// statement is kept without ids: an operation is compiled with placeholders in the place of its variables of type ID,
// and each request has its own ids put where the placeholders went, among the parameters. All other variables, which
// may change the text, are part of the key.
type plans struct {
	schema   *ast.Schema
	ontology *schema.Ontology
	mark     string // that begins the placeholders' numbers; nobody can guess it
	kept     *kept.Cache[planKey, *plan]
}

// A planKey says which statement an operation's field is.
type planKey struct{ query, operation, field, variables string }

// A plan is a statement with placeholders. Those that cannot be told apart from what is computed of them have no plan.
type plan struct {
	statement Statement
	ids       []string // the parameters that hold placeholders
}

const (
	maxPlan  = 64 << 10 // bytes of one statement with its key; a longer one is compiled each time
	maxPlans = 1 << 20  // bytes of all that are kept
)

func newPlans(s *ast.Schema, o *schema.Ontology) plans {
	return plans{s, o, rand.Text(), kept.New(maxPlan, maxPlans, func(k planKey, p *plan) int {
		return 2<<10 + len(k.query) + len(k.variables) + 3*len(p.statement.Text) // the shape takes about twice as much as the text
	})}
}

// compile is Compile, with what is kept.
func (p plans) compile(root Root, sel Selection) (Statement, error) {
	if sel.Operation == nil || root == Many { // whose shape holds ids
		return Compile(p.schema, p.ontology, root, sel)
	}
	erased, ok := p.erase(sel)
	if !ok {
		return Compile(p.schema, p.ontology, root, sel)
	}
	key := erased.keyOf(sel)
	found, ok := p.kept.Get(context.Background(), key)
	if !ok {
		withoutIDs := sel
		withoutIDs.Variables = erased.values
		st, err := Compile(p.schema, p.ontology, root, withoutIDs)
		if found, ok = p.plan(st, len(erased.ids)); err != nil || !ok {
			return Compile(p.schema, p.ontology, root, sel)
		}
		p.kept.Add(context.Background(), key, found)
	}
	return p.with(found, erased.ids), nil
}

// erased are an operation's variables without ids.
type erased struct {
	mark   string
	values map[string]any  // with placeholders
	ids    []string        // that the placeholders stand for, each once
	key    strings.Builder // tells values apart that may lead to other statements
}

// erase takes the ids out of an operation's variables. It is not ok where a value is of no known Go type.
func (p plans) erase(sel Selection) (*erased, bool) {
	e := &erased{mark: p.mark, values: make(map[string]any, len(sel.Variables))}
	for _, v := range sel.Operation.VariableDefinitions {
		value, given := sel.Variables[v.Variable]
		if !given { // which is not null
			e.key.WriteString("-;")
			continue
		}
		var ok bool
		if e.values[v.Variable], ok = e.value(v.Type, value); !ok {
			return nil, false
		}
		e.key.WriteByte(';')
	}
	return e, true
}

func (e *erased) keyOf(sel Selection) planKey {
	return planKey{sel.Query, sel.Operation.Name, sel.Field.Alias, e.key.String()}
}

// value notes a value of a variable's type and returns it without ids.
func (e *erased) value(t *ast.Type, v any) (any, bool) {
	switch v := v.(type) {
	case nil:
		e.key.WriteString("null")
	case bool:
		e.key.WriteString(strconv.FormatBool(v))
	case int64:
		e.key.WriteString(strconv.FormatInt(v, 10))
	case json.Number:
		e.key.WriteString(v.String() + "n")
	case string:
		if t != nil && t.NamedType == "ID" {
			v = e.placeholder(v)
		}
		e.key.WriteString(strconv.Quote(v))
		return v, true
	case []any:
		if t != nil {
			t = t.Elem
		}
		out := make([]any, len(v))
		e.key.WriteByte('[')
		for i, item := range v {
			var ok bool
			if out[i], ok = e.value(t, item); !ok {
				return nil, false
			}
			e.key.WriteByte(',')
		}
		e.key.WriteByte(']')
		return out, true
	case map[string]any:
		e.key.WriteByte('{')
		for _, name := range slices.Sorted(maps.Keys(v)) {
			e.key.WriteString(strconv.Quote(name) + ":")
			if _, ok := e.value(nil, v[name]); !ok { // which keeps its ids
				return nil, false
			}
			e.key.WriteByte(',')
		}
		e.key.WriteByte('}')
	default:
		return nil, false
	}
	return v, true
}

// placeholder stands for an id: equal ones have the same. It begins with what the id begins with up to a colon, which
// says what it is an id of.
func (e *erased) placeholder(id string) string {
	i := slices.Index(e.ids, id)
	if i < 0 {
		i = len(e.ids)
		e.ids = append(e.ids, id)
	}
	of := id[:strings.IndexByte(id, ':')+1]
	return of + e.mark + strconv.Itoa(i)
}

// fill puts ids in the places of a parameter's placeholders. It says whether there were any.
func (p plans) fill(v any, ids []string) (any, bool) {
	switch v := v.(type) {
	case string:
		if _, number, ok := strings.Cut(v, p.mark); ok {
			if i, err := strconv.Atoi(number); err == nil {
				return ids[i], true
			}
		}
	case []any:
		out, any := slices.Clone(v), false
		for i := range out {
			var here bool
			out[i], here = p.fill(v[i], ids)
			any = any || here
		}
		return out, any
	}
	return v, false
}

// plan is the plan of a statement with n placeholders. There is none if one of them went anywhere but, as it is, into a
// parameter or a list there.
func (p plans) plan(st Statement, n int) (*plan, bool) {
	out := &plan{statement: st}
	for name, v := range st.Params {
		filled, holds := p.fill(v, make([]string, n))
		if holds {
			out.ids = append(out.ids, name)
		}
		if strings.Contains(fmt.Sprint(filled), p.mark) {
			return nil, false
		}
	}
	return out, !strings.Contains(st.Text, p.mark)
}

// with is a plan's statement for some ids.
func (p plans) with(of *plan, ids []string) Statement {
	st := of.statement
	if len(of.ids) > 0 {
		st.Params = maps.Clone(st.Params)
		for _, name := range of.ids {
			st.Params[name], _ = p.fill(st.Params[name], ids)
		}
	}
	return st
}
