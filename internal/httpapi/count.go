package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dossier/graph"
	"dossier/internal/metrics"
)

// ok is the outcome of an operation without errors.
const ok = "OK"

// What is counted from the start, so that its first event is seen as a rise.
var (
	countedCodes = []string{
		string(graph.BadUserInput), string(graph.ServiceUnavailable), string(graph.Timeout), string(graph.Internal),
		string(LimitExceeded), string(RateLimited), string(PersistedQueryNotFound), string(OperationNotAllowed),
		errcode.ParseFailed, errcode.ValidationFailed,
	}
	countedLimits = []string{
		"depth", "aliases", "directives", "tokens", "fields", "objects", "cost", "variables", "body", "headers", "url",
		"concurrent", "streams", "operations", "sending", "rate",
	}
)

func codeOf(err *gqlerror.Error) string { return fmt.Sprint(err.Extensions["code"]) }

// firstCode is the code of a response's first error, or "".
func firstCode(r *graphql.Response) string {
	if r == nil || len(r.Errors) == 0 {
		return ""
	}
	return codeOf(r.Errors[0])
}

// countRefusal counts an operation that is refused before gqlgen sees it.
func (a *API) countRefusal(err *gqlerror.Error) {
	a.metrics.Answered(metrics.Unread, codeOf(err))
	a.countFailure(err)
}

func (a *API) countFailure(err *gqlerror.Error) {
	a.metrics.Failed(codeOf(err))
	if limit, is := err.Extensions["limit"].(string); is {
		a.metrics.Refused(limit)
	} else if err.Extensions["code"] == RateLimited {
		a.metrics.Refused("rate")
	}
}

// countError counts an error in an answer that gqlgen makes.
func (a *API) countError(ctx context.Context, err *gqlerror.Error) {
	a.countFailure(err)
	if s, is := ctx.Value(startKey{}).(*start); is {
		code := codeOf(err)
		s.code.CompareAndSwap(nil, &code)
	}
}

// countResponse counts an answer that gqlgen made, unless it is one of a subscription's. It returns what the operation is; "" is
// for the end of a subscription.
func (a *API) countResponse(ctx context.Context, response *graphql.Response) (operation string) {
	if response == nil {
		return ""
	}
	operation = metrics.Unread
	var begun time.Time
	if graphql.HasOperationContext(ctx) {
		op := graphql.GetOperationContext(ctx)
		if begun = op.Stats.OperationStart; op.Operation != nil {
			operation = string(op.Operation.Operation)
		}
	}
	if operation == string(ast.Subscription) && response.Data != nil {
		return operation
	}
	a.metrics.Answered(operation, cmp.Or(firstCode(response), ok))
	if operation == string(ast.Query) && !begun.IsZero() {
		a.metrics.Took(operation, time.Since(begun))
	}
	return operation
}

// A start is how it goes when a subscription starts.
type start struct {
	code atomic.Pointer[string] // of the first error
}

type startKey struct{}

// countSubscription counts a subscription, by how it starts.
func (a *API) countSubscription(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	s := &start{}
	out := next(context.WithValue(ctx, startKey{}, s))
	code := ok
	if failed := s.code.Load(); failed != nil {
		code = *failed
	}
	a.metrics.Answered(string(ast.Subscription), code)
	return out
}
