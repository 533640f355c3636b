package httpapi

import (
	"context"
	"encoding/json"
	"math"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dossier/graph"
)

// CostHeader is the request header that asks what an operation costs, in extensions.cost; any value does. Nobody else is
// told: it would make every answer longer.
const CostHeader = "X-Dossier-Cost"

// Cost is estimated before the operation runs: how many things of the graph (what has a global id) it reads. A list at
// the root counts in full, as it begins at the whole graph: what first, last, limit, k or ids asks for, or a page. A
// list below another thing counts a twentieth of that, as what surrounds one thing rarely fills a page: the generated
// graph of `make bench` has ten relationships an entity. A list that cannot be cut counts as five. Counts of a whole
// list are one, and so is each root field, a statement of its own. What looks at much more than it returns costs
// beside that what the schema's @cost says. What is asked of the schema counts like things of the graph: it takes nothing of the
// database, but as much of ours, and no deadline ends it.
const (
	sparse = 20
	few    = 5
)

// cost is the gqlgen extension that refuses operations that cost too much.
type cost struct {
	schema *ast.Schema
	max    int
	things map[string]bool // types of which an object counts
	// lengths are how many things the schema's lists have: of all types, or of one on average.
	lengths map[string]float64
}

func newCost(s *ast.Schema, maximum int) cost {
	c := cost{schema: s, max: maximum, things: map[string]bool{}, lengths: map[string]float64{"directives": float64(len(s.Directives))}}
	for _, typ := range s.Types {
		c.lengths["types"]++
		c.lengths["interfaces"] += float64(len(typ.Interfaces))
		c.lengths["possibleTypes"] += float64(len(s.PossibleTypes[typ.Name]))
		c.lengths["enumValues"] += float64(len(typ.EnumValues))
		if typ.Kind == ast.InputObject {
			c.lengths["inputFields"] += float64(len(typ.Fields))
			continue
		}
		c.lengths["fields"] += float64(len(typ.Fields))
		for _, f := range typ.Fields {
			c.lengths["args"] += float64(len(f.Arguments))
		}
	}
	c.lengths["args"] /= c.lengths["fields"] // of a field
	for _, list := range []string{"interfaces", "possibleTypes", "enumValues", "inputFields", "fields"} {
		c.lengths[list] /= c.lengths["types"]
	}
	for name, typ := range s.Types {
		for _, object := range s.GetPossibleTypes(typ) {
			for _, i := range object.Interfaces {
				c.things[name] = c.things[name] || i == "Node"
			}
		}
	}
	return c
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
	graphql.ResponseInterceptor
} = cost{}

func (cost) ExtensionName() string                   { return "Cost" }
func (cost) Validate(graphql.ExecutableSchema) error { return nil }

// told is extensions.cost.
type told struct {
	Requested int `json:"requested"`
	Maximum   int `json:"maximum,omitempty"`
}

func (c cost) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	n := int(min(c.of(op), math.MaxInt32))
	if op.Headers.Get(CostHeader) != "" {
		op.Stats.SetExtension(c.ExtensionName(), told{n, c.max})
	}
	if c.max == 0 || n <= c.max {
		return nil
	}
	err := exceeded("cost", c.max, "the operation asks for too much at once: it costs about %d, and may cost %d. Ask for smaller pages with first or last, above all in the outer lists, or for fewer lists within lists", n, c.max)
	err.Extensions["cost"] = n
	return err
}

func (c cost) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	if !graphql.HasOperationContext(ctx) || response == nil {
		return response
	}
	if cost, asked := graphql.GetOperationContext(ctx).Stats.GetExtension(c.ExtensionName()).(told); asked {
		if response.Extensions == nil {
			response.Extensions = map[string]any{}
		}
		response.Extensions["cost"] = cost
	}
	return response
}

// of is what an operation costs with its variables.
func (c cost) of(op *graphql.OperationContext) float64 {
	e := estimate{cost: c, variables: op.Variables}
	e.set(op.Operation.SelectionSet, 1, 0, true)
	return e.total
}

// estimate adds up an operation's cost. Numbers are floating, as products of pages can be larger than any integer.
type estimate struct {
	cost
	variables map[string]any
	total     float64
}

// set adds what a selection costs that is made on n objects. Where they are a page or a subgraph, the lists in them hold
// size items.
func (e *estimate) set(set ast.SelectionSet, n, size float64, root bool) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			switch {
			case !graph.Included(s.Directives, e.variables):
			case strings.HasPrefix(s.Name, "__"):
				e.introspection(s.SelectionSet, n)
			default:
				e.field(s, n, size, root)
			}
		case *ast.InlineFragment:
			if graph.Included(s.Directives, e.variables) {
				e.set(s.SelectionSet, n, size, root)
			}
		case *ast.FragmentSpread:
			if graph.Included(s.Directives, e.variables) {
				e.set(s.Definition.SelectionSet, n, size, root)
			}
		}
	}
}

// introspection adds what a selection costs that is made on n things of the schema.
func (e *estimate) introspection(set ast.SelectionSet, n float64) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if graph.Included(s.Directives, e.variables) && s.SelectionSet != nil {
				m := n
				if length, is := e.lengths[s.Name]; is {
					m *= length
				}
				e.total += m
				e.introspection(s.SelectionSet, m)
			}
		case *ast.InlineFragment:
			e.introspection(s.SelectionSet, n)
		case *ast.FragmentSpread:
			e.introspection(s.Definition.SelectionSet, n)
		}
	}
}

func (e *estimate) field(f *ast.Field, n, size float64, root bool) {
	if root || f.Name == "totalCount" {
		e.total += n
	}
	if d := f.Definition.Directives.ForName("cost"); d != nil {
		weight, _ := d.Arguments.ForName("weight").Value.Value(nil)
		e.total += n * number(weight)
	}
	if f.SelectionSet == nil {
		return
	}
	typ := f.Definition.Type
	asked, cut := e.asked(f)
	if cut && !root {
		asked = math.Ceil(asked / sparse)
	}
	if typ.Elem == nil && cut {
		e.set(f.SelectionSet, n, asked, false)
		return
	}
	if typ.Elem != nil {
		switch {
		case cut:
			n *= asked
		case size > 0:
			n *= size
		default:
			n *= few
		}
	}
	if e.things[typ.Name()] {
		e.total += n
	}
	e.set(f.SelectionSet, n, 0, false)
}

// asked is how many items a field asks for, if it has an argument that says so.
func (e *estimate) asked(f *ast.Field) (n float64, cut bool) {
	for _, name := range []string{"first", "last", "limit", "k", "ids"} {
		declared := f.Definition.Arguments.ForName(name)
		if declared == nil {
			continue
		}
		var v any
		if a := f.Arguments.ForName(name); a != nil {
			v, _ = a.Value.Value(e.variables) // of a validated operation
		}
		if v == nil && declared.DefaultValue != nil {
			v, _ = declared.DefaultValue.Value(nil)
		}
		if v != nil {
			return min(max(number(v), 0), graph.MaxPage), true
		}
		cut = true
	}
	return graph.DefaultPage, cut
}

// number is a whole number, or how many items a list has.
func number(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case json.Number:
		f, _ := v.Float64()
		return f
	case []any:
		return float64(len(v))
	}
	return 1 // an id that stands for a list of one
}
