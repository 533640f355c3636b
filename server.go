// Dossier is a knowledge-graph service: who did what with whom, when, and who says so.
//
// This file wires the server: what it is made of, and the order in which things start and stop. The other commands are in
// commands.go and doctor.go; what all of them have of the database is in connection.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"dossier/graph"
	"dossier/internal/httpapi"
	"dossier/internal/tracing"
	"dossier/seed"
)

func main() {
	ctx, end := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		<-signals
		signal.Stop(signals) // before anything says that it ends: a second one ends the program at once, and its Neo4j after it
		end()
	}()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	if code, ok := errors.AsType[exitCode](err); ok {
		os.Exit(int(code))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dossier:", err)
		os.Exit(1)
	}
}

// commands are what the program can do. A flag's "from" names the environment variable that gives it when the flag
// is not on the command line.
type commands struct {
	Serve    serve       `cmd:"" default:"withargs" help:"Serve the graph (the default). Brings up a local Neo4j unless NEO4J_URI names one."`
	Seed     seedFacts   `cmd:"" help:"Load packs of facts into the graph."`
	Retract  retract     `cmd:"" help:"Take a claim out of the record, for example because it was recorded in error."`
	Withdraw withdraw    `cmd:"" help:"Note that whoever made a claim has taken it back."`
	Rebuild  rebuild     `cmd:"" help:"Project all relationships, and what they were before, again from their claims."`
	Doctor   doctor      `cmd:"" help:"Tell how the program is configured and how its database is, and what to do where there is a problem."`
	Health   health      `cmd:"" help:"Ask a server on this machine whether it serves; fails if not. For a container's health check."`
	Shell    shell       `cmd:"" help:"Open cypher-shell on the local Neo4j of a running server; cypher-shell's own flags follow --."`
	Fetch    fetch       `cmd:"" help:"Fetch Neo4j into the cache, without starting it."`
	Passage  passage     `cmd:"" help:"Print where in a text some words stand, for a claim's passages in a pack."`
	Schema   printSchema `cmd:"" help:"Print the GraphQL schema."`

	Version kong.VersionFlag `help:"Print the version."`
}

type serve struct {
	database
	limits
	Host           string        `from:"HOST" help:"Address to listen on. Loopback, or all addresses with --production. [HOST]"`
	Port           int           `from:"PORT" default:"8080" help:"Port to listen on, 0 for any. [PORT]"`
	Production     bool          `from:"DOSSIER_PRODUCTION" help:"Listen on all addresses, allow no origins but those given, show no statements. [DOSSIER_PRODUCTION]"`
	CORSOrigins    []string      `name:"cors-origin" from:"DOSSIER_CORS_ORIGINS" help:"Pages that may call the API, for example https://example.org. [DOSSIER_CORS_ORIGINS]"`
	Explain        bool          `from:"DOSSIER_EXPLAIN" help:"Show statements to requests with X-Dossier-Explain, also in production. [DOSSIER_EXPLAIN]"`
	MetricsAddress string        `from:"DOSSIER_METRICS_ADDRESS" help:"Host and port on which to serve /metrics alone. Without it they are on the port of the API, or nowhere with --production. [DOSSIER_METRICS_ADDRESS]"`
	SlowQuery      time.Duration `from:"DOSSIER_SLOW_QUERY" default:"1s" help:"Log statements that take longer; 0 for none. [DOSSIER_SLOW_QUERY]"`
	RequestTimeout time.Duration `from:"DOSSIER_REQUEST_TIMEOUT" default:"9s" help:"What one request may take; 0 is no limit. [DOSSIER_REQUEST_TIMEOUT]"`
	Drain          time.Duration `from:"DOSSIER_DRAIN" help:"How long to go on answering after SIGTERM while /readyz says 503, so that load balancers send no more. [DOSSIER_DRAIN]"`
	Operations     string        `name:"persisted-operations" from:"DOSSIER_PERSISTED_OPERATIONS" type:"existingfile" help:"Answer only the operations of this file, a JSON object of texts by their SHA-256. [DOSSIER_PERSISTED_OPERATIONS]"`
	Seed           bool          `from:"DOSSIER_SEED" default:"true" negatable:"" help:"Load the default packs into an empty graph. [DOSSIER_SEED]"`
	Documents      string        `from:"DOSSIER_DOCUMENTS" type:"existingdir" help:"Folder of the documents' texts, to fill in the words of passages. [DOSSIER_DOCUMENTS]"`
}

// limits are httpapi.Limits; docs/reliability.md explains them.
type limits struct {
	MaxDepth            int           `from:"DOSSIER_MAX_DEPTH" default:"30" group:"Limits (0 is none)" help:"Levels of fields within fields, and of lists and objects within an argument. [DOSSIER_MAX_DEPTH]"`
	MaxAliases          int           `from:"DOSSIER_MAX_ALIASES" default:"100" group:"Limits (0 is none)" help:"Aliases of an operation. [DOSSIER_MAX_ALIASES]"`
	MaxDirectives       int           `from:"DOSSIER_MAX_DIRECTIVES" default:"50" group:"Limits (0 is none)" help:"Directives of an operation. [DOSSIER_MAX_DIRECTIVES]"`
	MaxTokens           int           `from:"DOSSIER_MAX_TOKENS" default:"4000" group:"Limits (0 is none)" help:"Words and signs of an operation. [DOSSIER_MAX_TOKENS]"`
	MaxCost             int           `from:"DOSSIER_MAX_COST" default:"100000" group:"Limits (0 is none)" help:"What an operation costs, about the number of things that it reads. [DOSSIER_MAX_COST]"`
	MaxStatements       int           `from:"DOSSIER_MAX_STATEMENTS" default:"8" group:"Limits (0 is none)" help:"Statements that an operation runs at the same time; its others wait. [DOSSIER_MAX_STATEMENTS]"`
	MaxBody             int64         `from:"DOSSIER_MAX_BODY" default:"1048576" group:"Limits (0 is none)" help:"Bytes of a body, or of a message over a WebSocket. [DOSSIER_MAX_BODY]"`
	MaxVariables        int           `from:"DOSSIER_MAX_VARIABLES" default:"262144" group:"Limits (0 is none)" help:"Bytes of the variables. [DOSSIER_MAX_VARIABLES]"`
	MaxHeaders          int           `from:"DOSSIER_MAX_HEADERS" default:"32768" group:"Limits (0 is none)" help:"Bytes of the headers. [DOSSIER_MAX_HEADERS]"`
	MaxURL              int           `name:"max-url" from:"DOSSIER_MAX_URL" default:"16384" group:"Limits (0 is none)" help:"Bytes of the URL. [DOSSIER_MAX_URL]"`
	MaxConcurrent       int           `from:"DOSSIER_MAX_CONCURRENT" default:"256" group:"Limits (0 is none)" help:"Requests whose answers are computed at the same time. [DOSSIER_MAX_CONCURRENT]"`
	MaxStreams          int           `from:"DOSSIER_MAX_STREAMS" default:"1000" group:"Limits (0 is none)" help:"WebSockets and event streams that are open at the same time. [DOSSIER_MAX_STREAMS]"`
	MaxStreamOperations int           `from:"DOSSIER_MAX_STREAM_OPERATIONS" default:"5000" group:"Limits (0 is none)" help:"Operations under way over all WebSockets. [DOSSIER_MAX_STREAM_OPERATIONS]"`
	MaxSending          int           `from:"DOSSIER_MAX_SENDING" default:"134217728" group:"Limits (0 is none)" help:"Bytes of answers that wait for their clients to take them. [DOSSIER_MAX_SENDING]"`
	ReadTimeout         time.Duration `from:"DOSSIER_READ_TIMEOUT" default:"30s" group:"Limits (0 is none)" help:"For a client to send a request. [DOSSIER_READ_TIMEOUT]"`
	WriteTimeout        time.Duration `from:"DOSSIER_WRITE_TIMEOUT" default:"1m" group:"Limits (0 is none)" help:"For a client to take an answer, or one event of a stream. [DOSSIER_WRITE_TIMEOUT]"`
	MaxSocketOperations int           `from:"DOSSIER_MAX_SOCKET_OPERATIONS" default:"100" group:"Limits (0 is none)" help:"Operations under way over one WebSocket. [DOSSIER_MAX_SOCKET_OPERATIONS]"`
	SocketInitTimeout   time.Duration `from:"DOSSIER_SOCKET_INIT_TIMEOUT" default:"10s" group:"Limits (0 is none)" help:"For a WebSocket's connection_init to come. [DOSSIER_SOCKET_INIT_TIMEOUT]"`
	MaxRate             float64       `from:"DOSSIER_MAX_RATE" default:"0" group:"Limits (0 is none)" help:"Requests a second of one client, ten times as many at once. [DOSSIER_MAX_RATE]"`
	ClientHeader        string        `from:"DOSSIER_CLIENT_HEADER" group:"Limits (0 is none)" help:"Header in which the proxy in front names the client, for example X-Forwarded-For. [DOSSIER_CLIENT_HEADER]"`
	Introspection       bool          `from:"DOSSIER_INTROSPECTION" default:"true" negatable:"" group:"Limits (0 is none)" help:"Show the schema to clients. [DOSSIER_INTROSPECTION]"`
	Suggestions         bool          `from:"DOSSIER_SUGGESTIONS" default:"true" negatable:"" group:"Limits (0 is none)" help:"Suggest names where one is mistaken. [DOSSIER_SUGGESTIONS]"`
}

const maxRate = 1e6

var headerName = regexp.MustCompile("^[-!#$%&'*+.^_`|~0-9A-Za-z]+$") // RFC 9110, 5.1

// AfterApply checks the limits once flags and environment are read.
func (l limits) AfterApply(parsed *kong.Context) error {
	if err := negative(parsed.Flags()); err != nil {
		return err
	}
	if math.IsNaN(l.MaxRate) || l.MaxRate > maxRate {
		return fmt.Errorf("--max-rate %g is no rate: it may be %g requests a second, and 0 is no limit", l.MaxRate, maxRate)
	}
	if l.ClientHeader != "" && !headerName.MatchString(l.ClientHeader) {
		return fmt.Errorf("--client-header %q is no name of a header: write, for example, X-Forwarded-For", l.ClientHeader)
	}
	return nil
}

// negative finds a limit or a time that is less than none.
func negative(flags []*kong.Flag) error {
	for _, f := range flags {
		v := f.Target
		_, isTime := v.Interface().(time.Duration)
		if isLimit := f.Group != nil && strings.HasPrefix(f.Group.Key, "Limits"); isTime || isLimit {
			if v.CanInt() && v.Int() < 0 || v.CanFloat() && v.Float() < 0 {
				return fmt.Errorf("--%s %v is negative: 0 is none", f.Name, v.Interface())
			}
		}
	}
	return nil
}

// program is what every command is run with.
type program struct {
	ctx            context.Context
	getenv         func(string) string
	stdout, stderr io.Writer
	log            *slog.Logger
}

// run is the whole program: it returns when the command is done or, for a server, when ctx ends, after everything it
// started has stopped.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	var c commands
	exited := false
	parser, err := kong.New(&c,
		kong.Name("dossier"),
		kong.Description("Who did what with whom, when, and who says so: a knowledge graph on Neo4j, served as GraphQL."),
		kong.UsageOnError(),
		variables(),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { exited = true }),
		kong.Resolvers(environment(getenv)))
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if exited { // --help, --version
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w (dossier --help lists commands and flags)", err)
	}
	return command.Run(&program{ctx: ctx, getenv: getenv, stdout: stdout, stderr: stderr, log: newLog(stderr)})
}

// variables are what the tags of flags call ${name}.
func variables() kong.Vars { return kong.Vars{"version": version(), "data_dir": defaultDataDir} }

// environment gives flags their values from the environment variables that their "from" names.
func environment(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
		name := f.Tag.Get("from")
		if name == "" || getenv(name) == "" {
			return nil, nil
		}
		return getenv(name), nil
	})
}

// Run serves until the context ends. A local Neo4j is up before the first request; one that is elsewhere may still be
// away, and /readyz says so until it answers.
func (s serve) Run(p *program) error {
	ctx, stop := context.WithCancelCause(p.ctx)
	defer stop(nil)
	// Who read the log may leave: writing it fails then, and does not end the server. Nor does anybody wait for who is slow.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	lines := newBackgroundLog(p.stderr)
	defer lines.close()
	p.log = newLog(lines)
	collectLess(p.getenv)
	documents, err := folder(s.Documents)
	if err != nil {
		return err
	}
	origins, err := readOrigins(s.CORSOrigins)
	if err != nil {
		return err
	}
	operations, err := readOperations(s.Operations)
	if err != nil {
		return err
	}
	// The port comes first: that it is taken should be known before a database is started.
	listener, err := s.listen()
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // closed twice when the server has closed it
	scraped, err := s.listenForMetrics()
	if err != nil {
		return err
	}
	if scraped != nil {
		defer func() { _ = scraped.Close() }()
	}
	s.slow = s.SlowQuery
	tracer, err := tracing.Open(ctx, p.getenv, p.log)
	if err != nil {
		return err
	}
	if tracer != nil {
		s.sent = tracer.Statement
		defer closeTracer(p, tracer)
	}
	connected, err := s.connect(ctx, p)
	if p.ctx.Err() != nil { // while the local Neo4j started: that it did not is no failure
		if err == nil {
			connected.close(p)
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer connected.close(p)
	shared := shareProcessors(p.getenv, connected.uri) // how much the graph sends at once follows from all of them

	api := httpapi.New(connected.graph, connected.schema)
	if s.Seed {
		api.Seeding()
	}
	options := httpapi.Options{
		Origins:        origins,
		LocalOrigins:   !s.Production,
		LocalHosts:     !s.Production && s.isAddress() && listener.Addr().(*net.TCPAddr).IP.IsLoopback(),
		Explain:        !s.Production || s.Explain,
		Operations:     operations,
		RequestTimeout: s.RequestTimeout,
		Limits:         httpapi.Limits(s.limits),
		UnderWay:       shared.underWay,
		Metrics:        scraped == nil && !s.Production,
		Tracer:         tracer,
		Log:            p.log,
	}
	server := &http.Server{
		Handler:           api.Handler(options),
		ReadHeaderTimeout: s.ReadTimeout / 3,
		ReadTimeout:       s.ReadTimeout,
		WriteTimeout:      options.WriteTimeout(),
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    options.Limits.HeaderBytes(),
		ErrorLog:          slog.NewLogLogger(p.log.Handler(), slog.LevelWarn),
	}
	go func() { stop(server.Serve(listener)) }()
	_, _ = fmt.Fprintf(p.stdout, "Listening on %[1]s. When queries can be answered, %[1]s/readyz says so.\n", pages(listener.Addr()))
	if scraped != nil {
		_, _ = fmt.Fprintf(p.stdout, "Metrics at %s/metrics.\n", pages(scraped.Addr()))
		collected := metricsServer(api, p.log)
		defer func() { _ = collected.Close() }()
		go func() { stop(collected.Serve(scraped)) }()
	}
	prepared := make(chan struct{})
	go func() {
		defer close(prepared)
		s.prepare(ctx, p, api, connected, documents, listener.Addr())
	}()
	if connected.local != nil {
		go func() {
			select {
			case <-connected.local.Exited():
				stop(connected.local.Err())
			case <-ctx.Done():
			}
		}()
	}
	<-ctx.Done()
	<-prepared
	if p.ctx.Err() != nil {
		_, _ = fmt.Fprintln(p.stdout, "Stopping.")
		api.NotReady("the server stops")
		time.Sleep(s.Drain)
	}
	s.shutDown(p, server, api)
	if p.ctx.Err() != nil {
		return nil
	}
	return context.Cause(ctx)
}

// shutDown ends streams and lets requests end that are under way, within the time that one may take. Nothing new begins.
func (s serve) shutDown(p *program, server *http.Server, api *httpapi.API) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), max(10*time.Second, s.RequestTimeout+time.Second))
	defer cancel()
	closed := make(chan struct{})
	go func() {
		api.CloseStreams(ctx)
		close(closed)
	}()
	if err := server.Shutdown(ctx); err != nil {
		p.log.Warn("requests were cut off", "error", err)
		_ = server.Close() // which ends them
	}
	<-closed
}

// readOrigins checks what --cors-origin gives: origins as browsers send them, or * for all.
func readOrigins(given []string) ([]string, error) {
	var out []string
	for _, text := range given {
		text = strings.TrimSpace(text)
		u, err := url.Parse(strings.TrimSuffix(text, "/"))
		if text != "*" && (err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" || u.RawQuery != "" || strings.Contains(u.Host, "*")) {
			return nil, fmt.Errorf("--cors-origin %q is not an origin: write scheme and host, for example https://example.org, or * for all", text)
		}
		out = append(out, strings.TrimSuffix(text, "/"))
	}
	return out, nil
}

// readOperations reads the file of --persisted-operations, if there is one.
func readOperations(file string) (httpapi.Operations, error) {
	if file == "" {
		return nil, nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--persisted-operations: %w", err)
	}
	operations, err := httpapi.ReadOperations(content)
	if err != nil {
		return nil, fmt.Errorf("--persisted-operations %s: %w", filepath.Base(file), err)
	}
	return operations, nil
}

// isAddress says whether --host names no name of this machine that clients may ask for.
func (s serve) isAddress() bool {
	host := strings.Trim(s.Host, "[]")
	return host == "" || strings.EqualFold(host, "localhost") || net.ParseIP(host) != nil
}

func (s serve) listen() (net.Listener, error) {
	host := strings.Trim(s.Host, "[]")
	if host == "" && !s.Production {
		host = "127.0.0.1"
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(s.Port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d is taken by another program: choose another with --port or PORT", s.Port)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s port %d: %w; see --host and --port", host, s.Port, err)
	}
	return listener, nil
}

// listenForMetrics listens where --metrics-address says, or nowhere.
func (s serve) listenForMetrics() (net.Listener, error) {
	if s.MetricsAddress == "" {
		return nil, nil
	}
	listener, err := net.Listen("tcp", s.MetricsAddress)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("--metrics-address %s is taken by another program: choose another port", s.MetricsAddress)
	}
	if err != nil {
		return nil, fmt.Errorf("--metrics-address %s: %w: write host and port, for example 127.0.0.1:9090", s.MetricsAddress, err)
	}
	return listener, nil
}

// closeTracer sends the spans that are left.
func closeTracer(p *program, t *tracing.Tracer) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), 5*time.Second)
	defer cancel()
	if err := t.Close(ctx); err != nil {
		p.log.Warn("spans were not sent", "error", err)
	}
}

// metricsServer serves the metrics and nothing else.
func metricsServer(api *httpapi.API, log *slog.Logger) *http.Server {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", api.Metrics())
	return &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// prepare makes the graph ready: constraints, indexes, and facts where there are none. It tries again until it has
// succeeded or the context ends.
func (s serve) prepare(ctx context.Context, p *program, api *httpapi.API, c *connection, documents fs.FS, addr net.Addr) {
	ctx = graph.Unhurried(ctx)
	told := ""
	for attempt := 0; ; attempt++ {
		err := s.prepareOnce(ctx, p, api, c, documents)
		if err == nil {
			api.Ready()
			s.greet(p, c, addr)
			return
		}
		if ctx.Err() != nil {
			return
		}
		why := graph.ForOperators(err)
		api.NotReady(why)
		if why != told && !errors.Is(err, graph.ErrNotAsked) {
			_, _ = fmt.Fprintf(p.stdout, "Not ready yet: %v\nTrying again until it works.\n", c.trouble(err))
			told = why
		}
		pause := min(time.Second<<min(attempt, 3), 5*time.Second)
		if why != err.Error() { // somebody has to mend it, and Neo4j refuses whoever sends wrong passwords too often
			pause = 30 * time.Second
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

func (s serve) prepareOnce(ctx context.Context, p *program, api *httpapi.API, c *connection, documents fs.FS) error {
	if !s.Seed {
		return c.graph.Prepare(ctx)
	}
	empty, err := api.Empty(ctx)
	if err != nil {
		return err
	}
	if err := c.graph.Prepare(ctx); err != nil {
		return err
	}
	switch {
	case empty:
		_, _ = fmt.Fprintln(p.stdout, "The graph is empty: loading its first facts.")
	case documents != nil:
		_, _ = fmt.Fprintln(p.stdout, "Filling in the words of passages.")
	default:
		return nil
	}
	_, err = seed.Load(ctx, c.graph, c.ontology, seed.Options{Documents: documents, Progress: p.stdout})
	if unavailable := (*graph.Error)(nil); err != nil && !errors.As(err, &unavailable) {
		// A mistake in the facts does not mend itself; what is stored already can be served.
		_, _ = fmt.Fprintf(p.stderr, "dossier: %v\n", err)
		return nil
	}
	return err
}

// pages is where a browser on this machine finds what listens at an address.
func pages(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err == nil && ip.IsUnspecified() { // any address of this machine, none of which it names
		return "http://" + net.JoinHostPort("localhost", port)
	}
	return "http://" + addr.String()
}

func (s serve) greet(p *program, c *connection, addr net.Addr) {
	base := pages(addr)
	lines := [][2]string{
		{"Playground", base + "/playground"},
		{"GraphQL", base + "/graphql"},
	}
	if l := c.local; l != nil {
		lines = append(lines,
			[2]string{"Neo4j Browser", l.BrowserURL},
			[2]string{"Bolt", l.BoltURI},
			[2]string{"User", l.Username + ", password in " + l.PasswordFile},
			[2]string{"Cypher", s.cypher()})
	}
	_, _ = fmt.Fprintln(p.stdout, "Dossier is ready.")
	for _, l := range lines {
		_, _ = fmt.Fprintf(p.stdout, "  %-14s %s\n", l[0], l[1])
	}
}

// cypher is the command that opens cypher-shell on the local Neo4j.
func (s serve) cypher() string {
	if s.DataDir == defaultDataDir {
		return "make cypher"
	}
	return fmt.Sprintf("bin/dossier shell --data-dir '%s'", strings.ReplaceAll(s.DataDir, "'", `'\''`))
}
