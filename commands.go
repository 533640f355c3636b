package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"time"

	"dossier/graph"
	"dossier/internal/localneo4j"
	"dossier/schema"
	"dossier/seed"
)

// author says who makes a change.
type author struct {
	Actor string `from:"DOSSIER_ACTOR" help:"Who makes the change, for the audit trail; without it, your user name. [DOSSIER_ACTOR]"`
}

func (a author) name() (string, error) {
	if a.Actor != "" {
		return a.Actor, nil
	}
	u, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("your user name is not known (%w): say who makes the change with --actor or DOSSIER_ACTOR", err)
	}
	return u.Username, nil
}

// told says what else is printed of a change.
type told struct {
	Bookmark bool `help:"Print the bookmark of the change: a request that sends it as X-Dossier-Bookmark sees the change, whichever server it asks."`
}

func (t told) tell(p *program, g *graph.Graph) {
	if b := g.Written(); t.Bookmark && b != "" {
		_, _ = fmt.Fprintf(p.stdout, "Bookmark %s\n", b)
	}
}

type seedFacts struct {
	database
	author
	told
	Packs     []string `arg:"" optional:"" help:"Packs to load, by name, or by the folder of your own; without any, the default ones."`
	Documents string   `from:"DOSSIER_DOCUMENTS" type:"existingdir" help:"Folder of the documents' texts, to fill in the words of passages. [DOSSIER_DOCUMENTS]"`
}

type retract struct{ ending }

type withdraw struct{ ending }

// ending is what it takes to let a claim no longer count.
type ending struct {
	database
	author
	told
	Claim  string `arg:"" help:"The claim's id, for example claim:musk-left-openai."`
	Reason string `required:"" help:"Why, in your own words."`
}

type rebuild struct{ database }

type health struct {
	Host  string `from:"HOST" help:"Address that the server listens on; loopback is the default. [HOST]"`
	Port  int    `from:"PORT" default:"8080" help:"Port that the server listens on. [PORT]"`
	Ready bool   `help:"Ask whether queries can be answered, too."`
}

type shell struct {
	DataDir string   `from:"DOSSIER_DATA_DIR" default:"${data_dir}" help:"Data directory of the running server. [DOSSIER_DATA_DIR]"`
	Args    []string `arg:"" optional:"" help:"cypher-shell's own arguments, or a statement."`
}

type fetch struct {
	Version string `name:"neo4j-version" from:"DOSSIER_NEO4J_VERSION" help:"5.26.30 if not given. [DOSSIER_NEO4J_VERSION]"`
}

type passage struct {
	File  string `arg:"" help:"A text in UTF-8."`
	Words string `arg:"" help:"Words that stand in it once."`
}

type printSchema struct{}

// Run loads packs, into the running server's Neo4j or into one that is started for it.
func (s seedFacts) Run(p *program) error {
	options := seed.Options{Progress: p.stdout}
	var err error
	if options.Actor, err = s.name(); err != nil {
		return err
	}
	if options.Documents, err = folder(s.Documents); err != nil {
		return err
	}
	if len(s.Packs) > 0 {
		if options.Packs, err = seed.Choose(s.Packs...); err != nil {
			return err
		}
	}
	c, err := s.join(p.ctx, p)
	if err != nil {
		return err
	}
	defer c.close(p)
	if err := c.graph.Prepare(p.ctx); err != nil {
		return c.trouble(err)
	}
	if _, err = seed.Load(p.ctx, c.graph, c.ontology, options); err != nil {
		return c.trouble(err)
	}
	s.tell(p, c.graph)
	return nil
}

// Run retracts a claim.
func (r retract) Run(p *program) error { return r.run(p, "Retracted", (*graph.Graph).Retract) }

// Run withdraws a claim.
func (w withdraw) Run(p *program) error { return w.run(p, "Withdrew", (*graph.Graph).Withdraw) }

func (e ending) run(p *program, did string, end func(g *graph.Graph, ctx context.Context, actor, claim, reason string) error) error {
	actor, err := e.name()
	if err != nil {
		return err
	}
	c, err := e.join(p.ctx, p)
	if err != nil {
		return err
	}
	defer c.close(p)
	if err := c.graph.Prepare(p.ctx); err != nil {
		return c.trouble(err)
	}
	if err := end(c.graph, p.ctx, actor, e.Claim, e.Reason); err != nil {
		return c.trouble(err)
	}
	_, _ = fmt.Fprintf(p.stdout, "%s %s.\n", did, e.Claim)
	e.tell(p, c.graph)
	return nil
}

// folder is a directory's file system, or nil without one.
func folder(dir string) (fs.FS, error) {
	if dir == "" {
		return nil, nil
	}
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", dir)
	}
	return os.DirFS(dir), nil
}

// Run projects all relationships again.
func (r rebuild) Run(p *program) error {
	c, err := r.join(p.ctx, p)
	if err != nil {
		return err
	}
	defer c.close(p)
	done, err := c.graph.Rebuild(p.ctx, func(done int) { _, _ = fmt.Fprintf(p.stdout, "%d relationships\n", done) })
	if err != nil {
		return c.trouble(err)
	}
	_, _ = fmt.Fprintf(p.stdout, "Projected %d relationships from their claims.\n", done.Relationships)
	if done.Deleted > 0 {
		_, _ = fmt.Fprintf(p.stdout, "Deleted %d that no claim speaks of.\n", done.Deleted)
	}
	if done.Undrawn > 0 {
		_, _ = fmt.Fprintf(p.stdout, "Could not draw %d: who or what they join is not stored. %s\n", done.Undrawn, restore)
	}
	return nil
}

// restore is what to do when entities are gone that claims are about.
const restore = "Load again what has it, such as the packs (`dossier seed`), and then run `dossier rebuild`."

// Run asks a running server.
func (h health) Run(p *program) error {
	path := "/healthz"
	if h.Ready {
		path = "/readyz"
	}
	ctx, cancel := context.WithTimeout(p.ctx, 4*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(cmp.Or(strings.Trim(h.Host, "[]"), "127.0.0.1"), strconv.Itoa(h.Port))+path, nil)
	if err != nil {
		return err
	}
	response, err := (&http.Client{Transport: &http.Transport{}}).Do(r) // by no proxy
	if err != nil {
		return fmt.Errorf("no server answers: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, 100_000))
	var is struct{ Status string }
	if json.Unmarshal(answer, &is) != nil || is.Status == "" {
		return fmt.Errorf("what answers on port %d is another program: name Dossier's port with --port or PORT", h.Port)
	}
	_, _ = fmt.Fprintf(p.stdout, "%s\n", strings.TrimSpace(string(answer)))
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers with the status %d", response.StatusCode)
	}
	return nil
}

// An exitCode is how a program ended that was run in this one's place and has told why.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit status %d", int(c)) }

// Run opens cypher-shell, and ends with its exit code.
func (s shell) Run(p *program) error {
	err := localneo4j.Shell(p.ctx, s.DataDir, s.Args, os.Stdin, p.stdout, p.stderr)
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return exitCode(failed.ExitCode())
	}
	return err
}

// Run fetches Neo4j.
func (f fetch) Run(p *program) error {
	if err := checkVersion(f.Version); err != nil {
		return err
	}
	_, err := localneo4j.Fetch(p.ctx, localneo4j.Options{
		Version:  f.Version,
		Progress: func(format string, args ...any) { _, _ = fmt.Fprintf(p.stdout, format+"\n", args...) },
	})
	return err
}

// Run prints a passage as a pack has it.
func (c passage) Run(p *program) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	found, err := seed.Locate(string(text), c.Words)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, seed.FormatPassage(found))
	return err
}

// Run prints the schema that clients see.
func (printSchema) Run(p *program) error {
	s, _, err := schema.Load()
	if err != nil {
		return err
	}
	_, err = io.WriteString(p.stdout, schema.SDL(s))
	return err
}
