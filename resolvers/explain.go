package resolvers

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"dossier/graph"
)

// ExplainHeader is the request header that asks for the statements behind an answer, in extensions.cypher: its value
// is "cypher", or "profile" to have Neo4j count its work too.
const ExplainHeader = "X-Dossier-Explain"

// Explain is the gqlgen extension that answers ExplainHeader. Only a server that may show its statements uses it.
type Explain struct{}

var _ interface {
	graphql.HandlerExtension
	graphql.ResponseInterceptor
} = Explain{}

// ExtensionName is the extension's name.
func (Explain) ExtensionName() string { return "Explain" }

// Validate has nothing to check.
func (Explain) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptResponse collects the statements of one response and adds them to it.
func (Explain) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	asked := graphql.GetOperationContext(ctx).Headers.Get(ExplainHeader)
	if asked != "cypher" && asked != "profile" {
		return next(ctx)
	}
	n := &notes{profile: asked == "profile"}
	response := next(context.WithValue(ctx, notesKey{}, n))
	if response != nil {
		if response.Extensions == nil {
			response.Extensions = map[string]any{}
		}
		response.Extensions["cypher"] = n.inOrder(ctx)
	}
	return response
}

// An explained is the statement behind one root field.
type explained struct {
	Field string `json:"field"` // its response key
	*graph.Explanation
}

// notes are the statements behind one response. Root fields run side by side. A nil *notes takes none.
type notes struct {
	profile bool
	mu      sync.Mutex
	byField map[string]*graph.Explanation
}

type notesKey struct{}

func explanations(ctx context.Context) *notes {
	n, _ := ctx.Value(notesKey{}).(*notes)
	return n
}

func (n *notes) profiles() bool { return n != nil && n.profile }

func (n *notes) add(field string, e *graph.Explanation) {
	if n == nil || e == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.byField == nil {
		n.byField = map[string]*graph.Explanation{}
	}
	n.byField[field] = e
}

// inOrder lists the statements in the order of the response's fields.
func (n *notes) inOrder(ctx context.Context) []explained {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := []explained{}
	op := graphql.GetOperationContext(ctx)
	if op.Operation == nil { // refused before it ran
		return out
	}
	for _, f := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"}) {
		if e := n.byField[f.Alias]; e != nil {
			out = append(out, explained{f.Alias, e})
		}
	}
	return out
}
