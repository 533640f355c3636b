package resolvers

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"dossier/graph"
)

// watch answers the subscription that the context is about, change by change.
func (r *Resolver) watch(ctx context.Context) (<-chan graph.Answer, error) {
	field := graphql.GetFieldContext(ctx).Field
	changes, err := r.Graph.Watch(ctx, graph.Selection{
		Field:     field.Field,
		Set:       field.Selections,
		Variables: graphql.GetOperationContext(ctx).Variables,
	})
	if err != nil {
		return nil, Present(ctx, err)
	}
	return changes, nil
}
