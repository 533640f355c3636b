package httpapi

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dossier/graph"
	"dossier/resolvers"
)

// longest is what a request without a limit of its time may take. The database's driver heeds the end of a context only
// where that has a deadline.
const longest = 24 * time.Hour

// maxErrors is how many mistakes of one operation are told: the answer must not be a hundred times as long as the request.
const maxErrors = 50

// operation runs an operation: within its time, counted and traced, with a place of its own if it comes over a stream. A
// subscription has none of that, as it waits for changes; what it sends is counted.
func (a *API) operation(o Options) graphql.OperationMiddleware {
	return func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		op := graphql.GetOperationContext(ctx)
		if op.Operation.Operation == ast.Subscription {
			return a.countSubscription(ctx, next)
		}
		leave, entered := enterFromStream(ctx)
		if !entered {
			a.metrics.Refused("concurrent")
			a.metrics.Failed(string(graph.ServiceUnavailable))
			a.metrics.Answered(string(ast.Query), string(graph.ServiceUnavailable))
			return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{busy()}})
		}
		ctx, ended := o.Tracer.Operation(ctx, op.Headers, string(op.Operation.Operation), op.Operation.Name)
		responses := next(ctx)
		// The response is computed when the handler that next returns is called, so the deadline ends after it.
		return func(ctx context.Context) *graphql.Response {
			defer leave()
			defer a.underWay.Add(-1)
			if n := a.underWay.Add(1); o.UnderWay != nil {
				o.UnderWay(int(n))
			}
			ctx, cancel := context.WithTimeout(graph.Sharing(ctx, o.Limits.MaxStatements), cmp.Or(o.RequestTimeout, longest))
			defer cancel()
			response := responses(ctx)
			if response == nil && errors.Is(ctx.Err(), context.DeadlineExceeded) { // before anything was read
				response = &graphql.Response{Errors: gqlerror.List{failure(graph.Timeout, "The request took too long. Try again.")}}
			}
			ended(firstCode(response))
			return response
		}
	}
}

// response counts a response, and keeps short what a refused request is told. An operation that was not run is traced here.
func (a *API) response(o Options) graphql.ResponseMiddleware {
	return func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		response := next(ctx)
		if response != nil && response.Data == nil && len(response.Errors) > maxErrors {
			response.Errors = response.Errors[:maxErrors]
		}
		operation := a.countResponse(ctx, response)
		if failed := firstCode(response); failed != "" && operation != string(ast.Subscription) && graphql.HasOperationContext(ctx) {
			op := graphql.GetOperationContext(ctx)
			o.Tracer.Refused(ctx, op.Headers, operation, op.OperationName, failed)
		}
		return response
	}
}

// present turns an error into what clients are told of it, counts it, and logs what operators have to know: what clients
// themselves caused, and what the circuit breaker says once for all, is not among that.
func (a *API) present(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		out := resolvers.Present(ctx, err)
		a.countError(ctx, out)
		code := out.Extensions["code"]
		if id := requestID(ctx); id != "" && code == graph.Internal {
			out.Extensions["requestId"] = id
		}
		ours := code == graph.Internal || code == graph.ServiceUnavailable || code == graph.Timeout
		clientGone, told := errors.Is(context.Cause(ctx), context.Canceled), errors.Is(err, graph.ErrNotAsked)
		if ours && !clientGone && !told {
			log.ErrorContext(ctx, "request failed", "code", code, "path", out.Path.String(), "error", causes(out))
		}
		return out
	}
}

// causes is what lies behind an error as clients see it, for the log.
func causes(err error) string {
	var parts []string
	for ; err != nil; err = errors.Unwrap(err) {
		if s := err.Error(); len(parts) == 0 || !strings.Contains(parts[len(parts)-1], s) {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ": ")
}
