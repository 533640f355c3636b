package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"dossier/graph"
	"dossier/internal/localneo4j"
	"dossier/schema"
)

// defaultDataDir is where the local Neo4j keeps its data if --data-dir says nothing else.
const defaultDataDir = ".dossier"

// database says which Neo4j holds the graph.
type database struct {
	URI         string `name:"neo4j-uri" from:"NEO4J_URI" help:"Neo4j to use, for example neo4j+s://host. Without it a local one is started. [NEO4J_URI]"`
	Username    string `name:"neo4j-username" from:"NEO4J_USERNAME" default:"neo4j" help:"[NEO4J_USERNAME]"`
	Password    string `name:"neo4j-password" from:"NEO4J_PASSWORD" help:"Better given by the environment than on the command line. [NEO4J_PASSWORD]"`
	Database    string `name:"neo4j-database" from:"NEO4J_DATABASE" help:"Database to use, where NEO4J_URI names a server; without it, the default one. [NEO4J_DATABASE]"`
	Credentials string `name:"neo4j-credentials" from:"NEO4J_CREDENTIALS" type:"existingfile" help:"A file with these four as NAME=value lines, as Aura gives it. [NEO4J_CREDENTIALS]"`
	DataDir     string `from:"DOSSIER_DATA_DIR" default:"${data_dir}" help:"Where the local Neo4j keeps its data. [DOSSIER_DATA_DIR]"`
	Version     string `name:"neo4j-version" from:"DOSSIER_NEO4J_VERSION" help:"Of the local Neo4j: 5.26.30 if not given. Those of years, such as 2026.08.1, need Java 21. [DOSSIER_NEO4J_VERSION]"`
	BoltPort    int    `from:"DOSSIER_BOLT_PORT" default:"7687" help:"Of the local Neo4j; another when taken. [DOSSIER_BOLT_PORT]"`
	BrowserPort int    `from:"DOSSIER_BROWSER_PORT" default:"7474" help:"Of the local Neo4j Browser; another when taken. [DOSSIER_BROWSER_PORT]"`

	slow time.Duration                                                                     // a statement that takes longer is logged
	sent func(ctx context.Context, text string, together int) (ended func(failure string)) // graph.Config.Sent
}

// connection is the graph, and the local Neo4j under it if we started one.
type connection struct {
	schema   *ast.Schema
	ontology *schema.Ontology
	graph    *graph.Graph
	local    *localneo4j.Server
	uri      string // of the database
}

// join opens the graph like connect, but where another process has brought up the local Neo4j, on that one.
func (d database) join(ctx context.Context, p *program) (*connection, error) {
	if d.URI == "" && d.Credentials == "" {
		running, err := localneo4j.Find(d.DataDir)
		switch {
		case err == nil:
			d.URI, d.Username, d.Password, d.Database = running.BoltURI, running.Username, running.Password, "" // it has one
		case !errors.Is(err, localneo4j.ErrNotRunning):
			return nil, err
		}
	}
	return d.connect(ctx, p)
}

// connect opens the graph: on the server that is named, or on a local one that it brings up.
func (d database) connect(ctx context.Context, p *program) (*connection, error) {
	if err := d.readCredentials(); err != nil {
		return nil, err
	}
	s, o, err := schema.Load()
	if err != nil {
		return nil, err
	}
	c := &connection{schema: s, ontology: o}
	config := graph.Config{URI: d.URI, Username: d.Username, Password: d.Password, Database: d.Database}
	if d.URI == "" {
		if err := checkVersion(d.Version); err != nil {
			return nil, err
		}
		c.local, err = localneo4j.Start(ctx, localneo4j.Options{
			Version:  d.Version,
			DataDir:  d.DataDir,
			BoltPort: d.BoltPort,
			HTTPPort: d.BrowserPort,
			Progress: func(format string, args ...any) { _, _ = fmt.Fprintf(p.stdout, format+"\n", args...) },
		})
		if err != nil {
			return nil, err
		}
		config = graph.Config{URI: c.local.BoltURI, Username: c.local.Username, Password: c.local.Password}
	}
	c.uri = config.URI
	config.Log, config.SlowStatement, config.Sent = p.log, d.slow, d.sent
	if c.graph, err = graph.Open(config, c.schema, c.ontology); err != nil {
		c.close(p)
		return nil, err
	}
	return c, nil
}

// checkVersion refuses a version of the local Neo4j that is too old; "" is the default one.
func checkVersion(version string) error {
	if version != "" && !isSupported(version) {
		return fmt.Errorf("Neo4j %s is too old: Dossier needs 5.26 or later", version)
	}
	return nil
}

// trouble says of a failure what whoever runs the program should know and clients are not told: where the database is,
// and what lies behind it.
func (c *connection) trouble(err error) error {
	var e *graph.Error
	if !errors.As(err, &e) || e.Code == graph.BadUserInput || errors.Unwrap(e) == nil {
		return err
	}
	if why := graph.ForOperators(err); why != err.Error() {
		return fmt.Errorf("%s (%s)", why, cause(e))
	}
	return fmt.Errorf("%w (Neo4j at %s: %s)", err, graph.WithoutPassword(c.uri), cause(e))
}

// close ends what connect began, the database last.
func (c *connection) close(p *program) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), 30*time.Second)
	defer cancel()
	if c.graph != nil {
		if err := c.graph.Close(ctx); err != nil {
			p.log.Warn("closing the connections", "error", err)
		}
	}
	if c.local != nil {
		if err := c.local.Stop(ctx); err != nil {
			p.log.Warn("stopping Neo4j", "error", err)
		}
	}
}

// readCredentials takes what the credentials file says, if there is one; it wins over values given one by one.
func (d *database) readCredentials() error {
	if d.Credentials == "" {
		return nil
	}
	f, err := os.Open(d.Credentials)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	values := map[string]string{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if name, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			values[strings.TrimSpace(name)] = unquoted(strings.TrimSpace(value))
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s cannot be read: %w", filepath.Base(d.Credentials), err)
	}
	if values["NEO4J_URI"] == "" {
		return fmt.Errorf("%s has no line that starts with NEO4J_URI=", filepath.Base(d.Credentials))
	}
	for name, field := range map[string]*string{"NEO4J_URI": &d.URI, "NEO4J_USERNAME": &d.Username, "NEO4J_PASSWORD": &d.Password, "NEO4J_DATABASE": &d.Database} {
		if v := values[name]; v != "" {
			*field = v
		}
	}
	return nil
}

// unquoted is a value without the quotes that it may stand in, as shells and containers read such files.
func unquoted(value string) string {
	if n := len(value); n >= 2 && value[0] == value[n-1] && (value[0] == '"' || value[0] == '\'') {
		return value[1 : n-1]
	}
	return value
}
