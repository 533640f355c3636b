package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"dossier/internal/neo4jtest"
)

// One declaration and make generate are enough for a new kind of relationship: it can be claimed in a pack, and asked
// for from both ends, in lists, in filters and in Cypher. The test does this to a copy of the module.
func TestNewKind(t *testing.T) {
	module := copyModule(t)
	appendTo(t, filepath.Join(module, "schema/ontology.graphqls"), `
"Somebody advised a company."
type Advised @relationship(type: "ADVISED") {
  advisor: Person! @source(field: "advised")
  company: Company! @target(field: "advisors")
  since: String
}
`)
	appendTo(t, filepath.Join(module, "seed/packs/musk-altman-rivalry/advisors.yaml"), `claims:
  - id: claim:brockman-advised-xai
    statement: For the sake of a test, Greg Brockman advised xAI.
    asserts: {kind: ADVISED, advisor: greg-brockman, company: xai, since: spring, validFrom: "2024"}
    passages:
      - {start: 0, end: 3, sha256: 9ddf4a0605640e09f00147f1707bd9906fe90dc60cec13f8b06ce5a3cda92e04}
`)
	before := files(t, module)
	// What make generate runs.
	command(t, module, "go", "run", "./internal/gen")
	command(t, module, "go", "tool", "gqlgen", "generate")
	var changed []string
	for name, text := range files(t, module) {
		if before[name] != text {
			changed = append(changed, name)
		}
	}
	if diff := cmp.Diff([]string{
		"schema/generated/connections.graphqls",
		"schema/generated/kinds.graphqls",
		"schema/generated/things.graphqls",
		"seed/generated/pack.schema.json",
	}, slices.Sorted(slices.Values(changed))); diff != "" {
		t.Errorf("make generate changes other files than it should (-want +got):\n%s", diff)
	}
	command(t, module, "go", "build", "-o", "dossier", ".")

	neo4jtest.Clear(t)
	t.Cleanup(func() { neo4jtest.Clear(t) }) // the module as it is knows nothing of the new kind
	p := startProcess(t, filepath.Join(module, "dossier"), onShared(t))
	p.await(t, "Dossier is ready")

	p.wantData(t, `{
		person(id: "greg-brockman") { advised(where: {since: {eq: "SPRING"}, company: {name: {startsWith: "x"}}}) {
			totalCount nodes { id kind status since validFrom { edtf } company { name } source { id } claims { nodes { id relationship { id } } } } }
			none: advised(where: {since: {eq: "autumn"}}) { totalCount } }
		company(id: "xai") { advisors(where: {advisor: {id: {eq: "greg-brockman"}}}) { nodes { advisor { name } target { __typename } } pageInfo { hasNextPage } } }
		relationships(where: {kind: {eq: ADVISED}}) { totalCount nodes { __typename ... on Advised { since } } }
		node(id: "advised:greg-brockman:xai") { ... on Advised { company { id } } } }`,
		`{"person":{"advised":{"totalCount":1,"nodes":[{"id":"advised:greg-brockman:xai","kind":"ADVISED","status":"ASSERTED","since":"spring",`+
			`"validFrom":{"edtf":"2024"},"company":{"name":"xAI"},"source":{"id":"greg-brockman"},`+
			`"claims":{"nodes":[{"id":"claim:brockman-advised-xai","relationship":{"id":"advised:greg-brockman:xai"}}]}}]},"none":{"totalCount":0}},`+
			`"company":{"advisors":{"nodes":[{"advisor":{"name":"Greg Brockman"},"target":{"__typename":"Company"}}],"pageInfo":{"hasNextPage":false}}},`+
			`"relationships":{"totalCount":1,"nodes":[{"__typename":"Advised","since":"spring"}]},`+
			`"node":{"company":{"id":"xai"}}}`)
	for cypher, want := range map[string]any{
		"MATCH (:Person {id: 'greg-brockman'})-[r:ADVISED]->(:Company {id: 'xai'}) RETURN r.since":                    "spring",
		"SHOW CONSTRAINTS YIELD labelsOrTypes, properties WHERE labelsOrTypes = ['ADVISED'] RETURN properties[0]":     "id",
		"SHOW INDEXES YIELD labelsOrTypes, properties WHERE labelsOrTypes = ['ADVISED'] RETURN count(properties) > 1": true,
	} {
		result, err := neo4j.ExecuteQuery(t.Context(), neo4jtest.Driver(t), cypher, nil, neo4j.EagerResultTransformer)
		if err != nil || len(result.Records) != 1 || result.Records[0].Values[0] != want {
			t.Errorf("%s: %v, want %v (%v)", cypher, result, want, err)
		}
	}
}

// copyModule copies what git tracks, or would track, of this module.
func copyModule(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	root := t.TempDir()
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		if strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata/") {
			continue
		}
		text, err := os.ReadFile(name)
		if os.IsNotExist(err) { // deleted, but not yet for git
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		appendTo(t, filepath.Join(root, name), string(text))
	}
	return root
}

func appendTo(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// files returns the content of all files below a folder, by path.
func files(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		out[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// command runs a program in a folder.
func command(t *testing.T, dir string, name string, args ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", c, err, out)
	}
}

// startProcess is start for a program that was built.
func startProcess(t *testing.T, program string, env map[string]string) *running {
	t.Helper()
	c := exec.Command(program, "serve", "--port=0")
	c.Dir = t.TempDir()
	c.Env = os.Environ()
	for name, value := range env {
		c.Env = append(c.Env, name+"="+value)
	}
	p := &running{stdout: newOutput(), stderr: newOutput(), ended: make(chan struct{})}
	p.cancel = func() { _ = c.Process.Signal(syscall.SIGTERM) }
	c.Stdout, c.Stderr = p.stdout, p.stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.err = c.Wait()
	}()
	p.listen(t)
	return p
}
