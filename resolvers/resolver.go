// Package resolvers says what each root field reads. A resolver names the read and nothing else: the arguments and
// everything below the field are compiled into one statement by package graph, from the selection itself.
package resolvers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dossier/graph"
)

// Resolver answers root fields from a graph.
type Resolver struct{ Graph *graph.Graph }

// read answers the root field that the context is about.
func (r *Resolver) read(ctx context.Context, root graph.Root) (graph.Answer, error) {
	field := graphql.GetFieldContext(ctx).Field
	op := graphql.GetOperationContext(ctx)
	notes := explanations(ctx)
	answer, below, explanation, err := r.Graph.Read(ctx, root, graph.Selection{
		Field:     field.Field,
		Set:       field.Selections,
		Variables: op.Variables,
		Operation: op.Operation,
		Query:     op.RawQuery,
	}, notes.profiles())
	notes.add(field.Alias, explanation)
	if err != nil {
		return nil, Present(ctx, err)
	}
	for i, e := range below {
		err := &gqlerror.Error{Message: e.Message, Path: path(e.Path), Extensions: map[string]any{"code": e.Code}}
		if answer == nil && i == len(below)-1 {
			return nil, err // the field's own error, so that gqlgen adds none of its own
		}
		graphql.AddError(ctx, err)
	}
	return answer, nil
}

func path(keys []any) ast.Path {
	out := make(ast.Path, len(keys))
	for i, k := range keys {
		switch k := k.(type) {
		case string:
			out[i] = ast.PathName(k)
		case int:
			out[i] = ast.PathIndex(k)
		}
	}
	return out
}

// Present turns any error of a request into the one that its client sees, with a code. What a client cannot mend is
// told in general words: the error itself stays wrapped, for the log.
func Present(ctx context.Context, err error) *gqlerror.Error {
	var presented *gqlerror.Error
	if errors.As(err, &presented) {
		// gqlparser's own path; a field's may begin with an alias of this name.
		if code := presented.Extensions["code"]; (code == nil || code == errcode.ValidationFailed) && len(presented.Path) > 1 && presented.Path[0] == ast.PathName("variable") {
			return aboutVariable(presented)
		}
		if op := operation(ctx); op != nil && op.Doc != nil && op.Operation == nil {
			return aboutChoice(presented, op)
		}
		if presented.Extensions["code"] == nil { // a request that is none: gqlgen gives those no code
			out := *presented
			out.Message, _, _ = strings.Cut(out.Message, " body:") // what was sent is no news to who sent it
			out.Extensions = map[string]any{"code": graph.BadUserInput}
			return &out
		}
		return presented
	}
	out := &gqlerror.Error{Err: err, Message: "Something went wrong on our side.", Path: graphql.GetPath(ctx),
		Extensions: map[string]any{"code": graph.Internal}}
	var known *graph.Error
	if errors.As(err, &known) {
		out.Message = known.Error()
		out.Extensions["code"] = known.Code
		if len(known.Path) > 0 {
			out.Path = nil
			for _, key := range known.Path {
				out.Path = append(out.Path, ast.PathName(key))
			}
		}
	}
	return out
}

// operation is what the context is about, or nil.
func operation(ctx context.Context) *graphql.OperationContext {
	if !graphql.HasOperationContext(ctx) {
		return nil
	}
	return graphql.GetOperationContext(ctx)
}

// aboutChoice says which operations there are where none of them is meant, of one or more.
func aboutChoice(err *gqlerror.Error, op *graphql.OperationContext) *gqlerror.Error {
	out := *err
	var names []string
	for _, o := range op.Doc.Operations {
		names = append(names, cmp.Or(o.Name, "one without a name"))
	}
	const most = 10
	there := strings.Join(names[:min(len(names), most)], ", ")
	if len(names) > most {
		there += ", ..."
	}
	switch {
	case op.OperationName == "":
		out.Message = fmt.Sprintf("there are several operations: say with operationName which one is meant (%s)", there)
	case len(names) == 1:
		out.Message = fmt.Sprintf("no operation is called %.80q: there is only %s", op.OperationName, there)
	default:
		out.Message = fmt.Sprintf("no operation is called %.80q: there are %s", op.OperationName, there)
	}
	return &out
}

// wanted is what the parser says when a variable's value is not of a scalar type.
var wanted = regexp.MustCompile(`^cannot use .* as (\w+)$`)

// scalars describe GraphQL's own scalar types to people.
var scalars = map[string]string{
	"Int":     "a whole number of 32 bits",
	"Float":   "a number",
	"String":  "a text",
	"Boolean": "true or false",
	"ID":      "an id: a text or a whole number",
}

// aboutVariable says which variable is wrong. The parser tells that in the path, which is no place in the response,
// and names the types of the language that it is written in.
func aboutVariable(err *gqlerror.Error) *gqlerror.Error {
	out := *err
	out.Path = nil
	name := strings.TrimPrefix(err.Path.String(), "variable.")
	switch {
	case err.Message == "must be defined":
		out.Message = fmt.Sprintf("variable %q is missing: the operation needs it", name)
	case err.Message == "cannot be null":
		out.Message = fmt.Sprintf("variable %q cannot be null", name)
	case err.Message == "unknown field":
		out.Message = fmt.Sprintf("variable %q: its type has no such field", name)
	case strings.HasPrefix(err.Message, "must be a ") && strings.Contains(err.Message, ", not a "):
		typeName, _, _ := strings.Cut(strings.TrimPrefix(err.Message, "must be a "), ",")
		out.Message = fmt.Sprintf("variable %q is not an object of the type %s", name, typeName)
	case wanted.MatchString(err.Message):
		typeName := wanted.FindStringSubmatch(err.Message)[1]
		what, known := scalars[typeName]
		if !known {
			what = "a " + typeName
		}
		out.Message = fmt.Sprintf("variable %q is not %s", name, what)
	default:
		out.Message = fmt.Sprintf("variable %q: %s", name, err.Message)
	}
	return &out
}
