// Package httpapi puts the graph on HTTP: GraphQL, the playground, the schema as text, and the two questions that an
// operator's tools ask. It holds what may be lost: whether the graph is ready, what is under way, how often each client
// has asked lately, and operations that it has parsed and validated.
package httpapi

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/rs/cors"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"dossier/graph"
	"dossier/graph/exec"
	"dossier/internal/kept"
	"dossier/internal/metrics"
	"dossier/internal/tracing"
	"dossier/resolvers"
	"dossier/schema"
	"dossier/web"
)

// Options say how the API behaves.
type Options struct {
	Origins        []string      // whose pages may call it (CORS), for example https://example.org; "*" is every one
	LocalOrigins   bool          // and every page served from this machine, on any port
	LocalHosts     bool          // are only requests answered that name this machine?
	Explain        bool          // may clients see statements, with the header X-Dossier-Explain?
	Operations     Operations    // the only ones that are answered; nil for any
	RequestTimeout time.Duration // what one answer may take to compute; 0 is no limit
	Limits         Limits
	UnderWay       func(requests int) // hears of how many are computed when one more begins; nil for nobody
	Metrics        bool               // are they shown at /metrics?
	Tracer         *tracing.Tracer    // of operations; nil for none
	Log            *slog.Logger
}

// WriteTimeout is http.Server's for the API: from the end of a request's headers until its client has taken the answer.
// It is 0, which is no limit, where one of its parts has none.
func (o Options) WriteTimeout() time.Duration {
	if o.Limits.ReadTimeout == 0 || o.RequestTimeout == 0 || o.Limits.WriteTimeout == 0 {
		return 0
	}
	return o.Limits.ReadTimeout + o.RequestTimeout + o.Limits.WriteTimeout
}

// An API serves one graph.
type API struct {
	graph   *graph.Graph
	schema  *ast.Schema
	status  atomic.Pointer[notReady] // nil once the graph is ready
	metrics *metrics.Metrics

	underWay atomic.Int64 // requests that are computed, without subscriptions
	streams
}

// New returns an API whose graph is not ready yet.
func New(g *graph.Graph, s *ast.Schema) *API {
	a := &API{graph: g, schema: onlyObjectsPossible(s)}
	a.metrics = metrics.New(g.Stats, a.underWay.Load, countedCodes, countedLimits)
	a.stopping, a.stop = context.WithCancel(context.Background())
	a.NotReady("starting")
	return a
}

// onlyObjectsPossible returns the schema with no type possible but objects, as introspection has it: gqlparser also counts
// the interfaces that implement an interface.
func onlyObjectsPossible(s *ast.Schema) *ast.Schema {
	out := *s
	out.PossibleTypes = map[string][]*ast.Definition{}
	for name, types := range s.PossibleTypes {
		out.PossibleTypes[name] = slices.DeleteFunc(slices.Clone(types), func(d *ast.Definition) bool { return d.Kind != ast.Object })
	}
	return &out
}

// notReady says why the graph cannot be used yet.
type notReady struct {
	why   string
	facts firstFacts
}

// firstFacts says whether the graph waits for its first facts. While it does, operations are refused: their answers would
// be empty.
type firstFacts int

const (
	present firstFacts = iota // or nobody is to load them
	notAskedFor
	loading
)

// NotReady notes why the graph cannot be used yet; /readyz tells it.
func (a *API) NotReady(why string) {
	facts := present
	if before := a.status.Load(); before != nil {
		facts = before.facts
	}
	a.status.Store(&notReady{why, facts})
}

// Seeding notes that the graph, if it is empty, gets its first facts before it is ready. It is called before anything is served.
func (a *API) Seeding() { a.status.Store(&notReady{"starting", notAskedFor}) }

// Empty says whether the graph is empty, and so waits for its first facts until Ready is called.
func (a *API) Empty(ctx context.Context) (bool, error) {
	empty, err := a.graph.Empty(ctx)
	for err == nil {
		before := a.status.Load()
		if before == nil || before.facts != notAskedFor {
			break
		}
		now := &notReady{before.why, present}
		if empty {
			now = &notReady{"loading the first facts", loading}
		}
		if a.status.CompareAndSwap(before, now) {
			break
		}
	}
	return empty, err
}

// whyEmpty says why an operation might be answered as if there was nothing, or "": the graph waits for its first facts, or
// nobody knows whether it does. Where nobody has found out yet, because the server has just started or the database was away
// until now, it asks.
func (a *API) whyEmpty(ctx context.Context, o Options) string {
	s := a.status.Load()
	if s != nil && s.facts == notAskedFor {
		ctx, cancel := context.WithTimeout(ctx, cmp.Or(o.RequestTimeout, longest))
		defer cancel()
		if _, err := a.Empty(ctx); err != nil { // the operation's own statement may be answered all the same, a moment later
			return "The database does not answer"
		}
		s = a.status.Load()
	}
	if s != nil && s.facts == loading {
		return "The first facts are being loaded"
	}
	return ""
}

// Ready notes that the graph has its constraints and its first facts.
func (a *API) Ready() { a.status.Store(nil) }

// Handler serves
//
//	/graphql         queries by POST with a JSON body, or by GET (GraphQL over HTTP); subscriptions over WebSocket, or by
//	                 POST as server-sent events
//	/playground      GraphiQL
//	/schema.graphql  the schema as text, if clients may see it
//	/healthz         200 as long as the process serves
//	/readyz          200 when queries can be answered, else 503 and why not
//	/metrics         for Prometheus, if they are to be shown here
func (a *API) Handler(o Options) http.Handler {
	mux := http.NewServeMux()
	sending := newSending(o.Limits.MaxSending)
	mux.Handle("/graphql", a.checked(o, sending, a.graphql(o, sending)))
	mux.Handle("/playground", web.Handler())
	mux.Handle("/playground/", web.Handler())
	if o.Limits.Introspection {
		mux.HandleFunc("GET /schema.graphql", a.sdl)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", a.readiness)
	if o.Metrics {
		mux.Handle("GET /metrics", a.Metrics())
	}
	mux.Handle("GET /{$}", http.RedirectHandler("/playground", http.StatusFound))
	return identified(a.hosted(o, allowOrigins(o).Handler(mux)))
}

// hosted refuses what asks a machine's own server by another name than the machine's: a page of any site can have its name mean
// this machine, and would be let in as the server's own (DNS rebinding).
func (a *API) hosted(o Options, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.LocalHosts && !isThisMachine(hostname(r.Host)) {
			a.refuse(w, r, http.StatusMisdirectedRequest, badRequest("this server answers for this machine, and not for %q: ask for localhost, or start it with --production, with which it answers for any host", r.Host))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Metrics answers with what has been counted, in Prometheus' format.
func (a *API) Metrics() http.Handler { return a.metrics.Handler() }

// What is kept for later requests is bounded by the bytes of the operations' texts, and some more for each: a parsed operation
// can take a hundred times as many as its text.
const (
	maxText       = 16 << 10  // of one operation; a longer one is parsed and validated each time
	maxValidated  = 256 << 10 // of those that are kept parsed and validated
	maxRemembered = 4 << 20   // of those that clients have registered by their hashes (automatic persisted queries)
	keptBeside    = 256       // what an entry takes beside its text
)

func sizeOfText(text string) int { return len(text) + keptBeside }

// graphql runs operations, over each of the transports.
func (a *API) graphql(o Options, sending *sending) http.Handler {
	h := handler.New(exec.NewExecutableSchema(exec.Config{Schema: a.schema, Resolvers: &resolvers.Resolver{Graph: a.graph}}))
	h.AddTransport(transport.Websocket{
		Implementation:        webSockets{a.stopping},
		InitTimeout:           o.Limits.SocketInitTimeout,
		PingPongInterval:      pingEvery,
		KeepAlivePingInterval: pingEvery,
		PayloadReadLimit:      messageLimit(o.Limits),
	})
	h.AddTransport(eventStream{transport.SSE{KeepAlivePingInterval: pingEvery}})
	h.AddTransport(document{a, o.Limits.WriteTimeout, sending})
	validated := kept.New(maxText, maxValidated, func(text string, _ *ast.QueryDocument) int { return sizeOfText(text) })
	h.SetQueryCache(validated)
	h.SetParserTokenLimit(o.Limits.MaxTokens)
	suggestions := o.Limits.Introspection && o.Limits.Suggestions
	h.SetDisableSuggestion(!suggestions)
	h.SetValidationRulesFn(func() *rules.Rules { return validationRules(suggestions) })
	if o.Limits.Introspection {
		h.Use(extension.Introspection{})
	}
	h.Use(streamedOnly{})
	if o.Operations != nil {
		h.Use(allowed{o.Operations})
	} else {
		h.Use(named{})
		h.Use(extension.AutomaticPersistedQuery{Cache: kept.New(maxText, maxRemembered, func(_, text string) int { return sizeOfText(text) })})
	}
	h.Use(textLimits{o.Limits, validated})
	h.Use(variables{a.schema, o.Limits.MaxDepth})
	h.Use(newCost(a.schema, o.Limits.MaxCost))
	if o.Explain {
		h.Use(resolvers.Explain{})
	}
	h.Use(bookmarks{})
	h.AroundOperations(a.operation(o))
	h.AroundResponses(a.response(o))
	h.SetErrorPresenter(a.present(o.Log))
	h.SetRecoverFunc(func(ctx context.Context, p any) error {
		o.Log.ErrorContext(ctx, "panic in a request", "panic", p)
		return &graph.Error{Code: graph.Internal, Message: "Something went wrong on our side."}
	})
	return h
}

func (a *API) sdl(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(schema.SDL(a.schema)))
}

func (a *API) readiness(w http.ResponseWriter, r *http.Request) {
	if s := a.status.Load(); s != nil {
		reply(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready", "reason": s.why})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := a.graph.Ping(ctx); err != nil {
		reply(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready", "reason": graph.ForOperators(err)})
		return
	}
	reply(w, http.StatusOK, map[string]string{"status": "ready"})
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone needs no answer
}

// allowOrigins lets the configured pages call the API from a browser, and no other.
func allowOrigins(o Options) *cors.Cors {
	return cors.New(cors.Options{
		AllowOriginFunc: o.allows,
		AllowedMethods:  []string{http.MethodGet, http.MethodPost},
		AllowedHeaders:  []string{"*"}, // also those of tracing, and of proxies
		ExposedHeaders:  []string{"Retry-After", RequestIDHeader, BookmarkHeader},
		MaxAge:          600,
	})
}

// allows says whether pages of an origin may call the API.
func (o Options) allows(origin string) bool {
	for _, allowed := range o.Origins {
		if allowed == "*" || strings.EqualFold(origin, allowed) {
			return true
		}
	}
	return o.LocalOrigins && isLocal(origin)
}

// isLocal says whether an origin is a page on this machine, on any port.
func isLocal(origin string) bool {
	_, host, ok := strings.Cut(origin, "://")
	if !ok {
		return false
	}
	host = hostname(host)
	return host == "localhost" || host == "127.0.0.1" || host == "[::1]"
}

// hostname is a host without its port.
func hostname(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		return host[:i]
	}
	return host
}

// isThisMachine says whether a host is none that a name server could have mean this machine: an address, or localhost.
func isThisMachine(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return err == nil || host == "" || host == "localhost" || strings.HasSuffix(host, ".localhost")
}
