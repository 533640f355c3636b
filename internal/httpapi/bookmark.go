package httpapi

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dossier/graph"
)

// bookmarks is the gqlgen extension for operations that have no headers of their own, such as those over a WebSocket. An
// operation's extensions.bookmark is what BookmarkHeader is for a request, and wins over it. Whoever sends one, at first
// null, finds the answer's in the answer's extensions.bookmark. Subscriptions need none.
type bookmarks struct{}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
	graphql.OperationInterceptor
	graphql.ResponseInterceptor
} = bookmarks{}

// ExtensionName is the key of bookmarks among the extensions of operations and answers.
func (bookmarks) ExtensionName() string { return "bookmark" }

// Validate has nothing to check.
func (bookmarks) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses what can be no bookmark.
func (b bookmarks) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	switch sent := op.Extensions[b.ExtensionName()].(type) {
	case nil:
		return nil
	case string:
		if _, err := graph.Chained(ctx, sent); err != nil {
			return badRequest("extensions.bookmark: %s", err)
		}
		return nil
	default:
		return badRequest("extensions.bookmark is not a text")
	}
}

// InterceptOperation has the operation's statements wait for its bookmark.
func (b bookmarks) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if sent, asked := b.of(ctx); asked {
		ctx, _ = graph.Chained(ctx, sent) // which was checked
	}
	return next(ctx)
}

// InterceptResponse adds the bookmark of the answer.
func (b bookmarks) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	if response == nil || !graphql.HasOperationContext(ctx) {
		return response
	}
	if _, asked := b.of(ctx); asked && response.Data != nil {
		if response.Extensions == nil {
			response.Extensions = map[string]any{}
		}
		response.Extensions[b.ExtensionName()] = graph.Bookmark(ctx, len(response.Errors) > 0)
	}
	return response
}

// of is what an operation sends, "" for null, and whether it sends anything.
func (b bookmarks) of(ctx context.Context) (bookmark string, asked bool) {
	op := graphql.GetOperationContext(ctx)
	sent, asked := op.Extensions[b.ExtensionName()]
	bookmark, _ = sent.(string)
	return bookmark, asked && op.Operation != nil && op.Operation.Operation != ast.Subscription
}
