package main

import (
	"bufio"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A server is one of the programs that are measured: one process, on the same Neo4j as the others.
type server struct {
	name    string
	about   string   // for people
	command []string // it says its address on standard output once it listens
	health  string   // path that tells whether it can answer; empty: as soon as it listens
	// path is where a question is put to it, empty where that cannot be.
	path func(q question) string
	// body is a question as the server takes it.
	body func(q question, variables map[string]any) any
	// read returns the values of an answer.
	read func(q question, answer []byte) (any, error)
	// versions are of what it is made of, for example "gqlgen v0.17.98".
	versions func() ([]string, error)

	process *exec.Cmd // once started
	cancel  func()    // ends it
	url     string
}

// servers are all that can be measured. Which one raw is, the results refer to.
func servers() []*server {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	graphQL := func(operation string, variables map[string]any) any {
		return map[string]any{"query": operation, "variables": variables}
	}
	return []*server{
		{
			name: raw, about: "one hand-written Cypher statement for each question, the same driver, net/http and encoding/json",
			command:  []string{self, "-serve-raw"},
			path:     func(q question) string { return "/" + q.name },
			body:     func(_ question, variables map[string]any) any { return variables },
			read:     func(_ question, answer []byte) (any, error) { return recordValues(answer) },
			versions: func() ([]string, error) { return goVersions(self, "github.com/neo4j/neo4j-go-driver/v5") },
		},
		{
			name: ours, about: "the service",
			command:  []string{"bin/dossier", "serve", "--production", "--host", "127.0.0.1", "--port", "0", "--no-seed", "--slow-query", "0"},
			health:   "/readyz",
			path:     func(question) string { return "/graphql" },
			body:     func(q question, variables map[string]any) any { return graphQL(q.graphql, variables) },
			read:     func(_ question, answer []byte) (any, error) { return dataValues(answer) },
			versions: func() ([]string, error) { return goVersions("bin/dossier", "github.com/99designs/gqlgen") },
		},
		{
			name: neo4jGraphQL, about: "@neo4j/graphql with Apollo Server, and its @cypher where it cannot express a question",
			command: []string{"node", "bench/peers/neo4j-graphql/index.mjs", string(mustJSON(statements()))},
			path: func(q question) string {
				if q.neo4jGraphQL == "" {
					return ""
				}
				return "/"
			},
			body: func(q question, variables map[string]any) any { return graphQL(q.neo4jGraphQL, variables) },
			read: func(q question, answer []byte) (any, error) {
				v, err := dataValues(answer)
				if list, is := v.([]any); is && q.single && len(list) == 1 {
					v = list[0]
				}
				return v, err
			},
			versions: nodeVersions,
		},
		{
			name: dataLoaders, about: "gqlgen with its generated marshalling, resolvers and data loaders",
			command: []string{"bin/bench-dataloaders"},
			path: func(q question) string {
				if !q.loaders {
					return ""
				}
				return "/"
			},
			body: func(q question, variables map[string]any) any { return graphQL(q.graphql, variables) },
			read: func(_ question, answer []byte) (any, error) { return dataValues(answer) },
			versions: func() ([]string, error) {
				return goVersions("bin/bench-dataloaders", "github.com/99designs/gqlgen", "github.com/vikstrous/dataloadgen")
			},
		},
	}
}

// statements are the hand-written ones, by the questions' names.
func statements() map[string]string {
	out := map[string]string{}
	for _, q := range questions() {
		out[q.name] = q.cypher
	}
	return out
}

const (
	raw          = "raw"
	ours         = "ours"
	neo4jGraphQL = "neo4j-graphql"
	dataLoaders  = "dataloaders"
)

func serverNames() (out []string) {
	for _, s := range servers() {
		out = append(out, s.name)
	}
	return out
}

// chooseServers returns the named servers in their usual order, all of them if none is named.
func chooseServers(names string) ([]*server, error) {
	if names == "" {
		return servers(), nil
	}
	wanted := strings.Split(names, ",")
	for _, name := range wanted {
		if !slices.Contains(serverNames(), name) {
			return nil, fmt.Errorf("-servers %s: there is no server %q; there are %s", names, name, strings.Join(serverNames(), ", "))
		}
	}
	return slices.DeleteFunc(servers(), func(s *server) bool { return !slices.Contains(wanted, s.name) }), nil
}

// start runs the server on a database and returns when it listens.
func (s *server) start(ctx context.Context, db *database) error {
	ctx, s.cancel = context.WithCancel(ctx)
	s.process = exec.CommandContext(ctx, s.command[0], s.command[1:]...)
	s.process.Cancel = func() error { return s.process.Process.Signal(os.Interrupt) }
	s.process.WaitDelay = 20 * time.Second // until it is killed
	s.process.Env = append(os.Environ(), "NODE_ENV=production",
		"NEO4J_URI="+db.server.BoltURI, "NEO4J_USERNAME="+db.server.Username, "NEO4J_PASSWORD="+db.server.Password)
	s.process.Stderr = os.Stderr
	out, err := s.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return fmt.Errorf("start %s: %w (make bench builds it)", s.name, err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if s.url = regexp.MustCompile(`http://[0-9.:]*[0-9]`).FindString(lines.Text()); s.url != "" {
			go func() { // what else it says must not fill the pipe
				for lines.Scan() {
				}
			}()
			return nil
		}
	}
	return fmt.Errorf("the server %s ended before it listened: %w", s.name, s.process.Wait())
}

func (s *server) stop() {
	s.cancel()
	_ = s.process.Wait() // how it ends says nothing about the measurements
}

// waitReady waits until the server can answer.
func (s *server) waitReady(ctx context.Context) error {
	for s.health != "" {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+s.health, http.NoBody)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		_ = response.Body.Close()
		if response.StatusCode == http.StatusOK {
			break
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// dataValues are the values of a GraphQL response's data.
func dataValues(answer []byte) (any, error) {
	var response struct{ Data json.RawMessage }
	if err := json.Unmarshal(answer, &response); err != nil {
		return nil, err
	}
	return values(response.Data)
}

// recordValues are those of a record that was written as a list: like an object's, whose names it lacks.
func recordValues(answer []byte) (any, error) {
	v, err := values(answer)
	if record, is := v.([]any); is && len(record) == 1 {
		v = record[0]
	}
	return v, err
}

// goVersions are those of Go and of some modules in a program.
func goVersions(program string, modules ...string) ([]string, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	out := []string{info.GoVersion}
	for _, m := range info.Deps {
		if slices.Contains(modules, m.Path) {
			out = append(out, m.Path+" "+m.Version)
		}
	}
	return out, nil
}

func nodeVersions() ([]string, error) {
	node, err := exec.Command("node", "--version").Output()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile("bench/peers/neo4j-graphql/package.json")
	if err != nil {
		return nil, err
	}
	var described struct{ Dependencies map[string]string }
	if err := json.Unmarshal(text, &described); err != nil {
		return nil, err
	}
	out := []string{"Node " + strings.TrimSpace(string(node))}
	for name, version := range described.Dependencies {
		out = append(out, name+" "+version)
	}
	slices.Sort(out)
	return out, nil
}
