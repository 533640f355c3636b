package main

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The examples of the TypeScript client, run as its reader would.
func TestTypeScriptClient(t *testing.T) {
	const folder = "clients/typescript"
	need(t, folder+"/dist/examples", "make client")
	p := startSeeded(t)
	example := func(name string, args ...string) (stdout, stderr string, err error) {
		command := exec.CommandContext(t.Context(), "npm", append([]string{"run", "--silent", "example:" + name, "--"}, args...)...)
		command.Dir = folder
		command.Env = append(os.Environ(), "DOSSIER_URL="+p.url)
		var out, problems strings.Builder
		command.Stdout, command.Stderr = &out, &problems
		err = command.Run()
		return out.String(), problems.String(), err
	}
	const chains = `Microsoft - OpenAI - Discussions about a for-profit structure for OpenAI - Tesla
  PARTNERED_WITH  For its cloud, OpenAI is closely aligned above all with Microsoft.
  CONCERNS  Early in 2018 there was talk of giving OpenAI a for-profit structure.
  CONCERNS  OpenAI: Tying OpenAI to Tesla came up as an idea during the discussions of early 2018.
Microsoft - OpenAI - Elon Musk - Discussions about a for-profit structure for OpenAI - Tesla
  PARTNERED_WITH  For its cloud, OpenAI is closely aligned above all with Microsoft.
  CO_FOUNDED  Elon Musk was one of several people who founded OpenAI together.
  PARTICIPATED_IN  OpenAI: During the discussions of early 2018 Musk was in favour of tying OpenAI to Tesla to secure its funding.
  CONCERNS  OpenAI: Tying OpenAI to Tesla came up as an idea during the discussions of early 2018.
`
	for _, c := range []struct {
		name, example, want string
		args                []string
	}{
		{"the text, as the server does not know the hash", "fetch", chains, nil},
		{"the hash alone", "fetch", chains, []string{"microsoft", "tesla"}},
		{"urql", "urql", `Greg Brockman, CTO, since a day that no source tells
Ilya Sutskever, research director, since a day that no source tells
Elon Musk, co-founder
Greg Brockman, co-founder
Ilya Sutskever, co-founder
Sam Altman, co-founder
Elon Musk, who may have left then, in part that he failed to gain more control
`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			stdout, stderr, err := example(c.example, c.args...)
			if err != nil || stderr != "" {
				t.Errorf("%v %s", err, stderr)
			}
			if diff := cmp.Diff(c.want, stdout); diff != "" {
				t.Errorf("it prints (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("an error has a code and a path", func(t *testing.T) {
		stdout, stderr, err := example("fetch", "nobody", "tesla")
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || stdout != "" {
			t.Errorf("it ends with %v and prints %q", err, stdout)
		}
		if diff := cmp.Diff("BAD_USER_INPUT at paths: argument \"from\": there is no entity \"nobody\"\n", stderr); diff != "" {
			t.Errorf("it says (-want +got):\n%s", diff)
		}
	})
}

// Every request of the Bruno collection, in its order, is answered with 200 and without an error.
func TestBrunoCollection(t *testing.T) {
	files, err := filepath.Glob("clients/bruno/*.bru")
	if err != nil || len(files) == 0 {
		t.Fatalf("no requests: %v", err)
	}
	requests := make([]brunoRequest, len(files))
	for i, file := range files {
		requests[i] = readBruno(t, file)
	}
	slices.SortFunc(requests, func(a, b brunoRequest) int { return a.number(t) - b.number(t) })
	p := startSeeded(t)
	for i, r := range requests {
		if r.number(t) != i+1 {
			t.Errorf("%s: request %d has the seq %s", r.file, i+1, r.field("meta", "seq"))
		}
		reply := r.send(t, p)
		var answer struct{ Errors []any }
		isJSON := strings.Contains(reply.header.Get("Content-Type"), "json")
		if err := json.Unmarshal([]byte(reply.body), &answer); reply.status != 200 || isJSON && err != nil || answer.Errors != nil {
			t.Errorf("%s: %d %s", r.file, reply.status, reply.body)
		}
		if r.field("headers", "X-Dossier-Explain") != "" && !strings.Contains(reply.body, `"cypher":[`) {
			t.Errorf("%s shows no statement: %s", r.file, reply.body)
		}
	}
}

// A brunoRequest is a file of Bruno: blocks of lines by their names.
type brunoRequest struct {
	file   string
	blocks map[string]string
}

// readBruno reads what this collection uses of Bruno's format: a block begins with its name and a brace at the start of
// a line, ends with a brace at the start of a line, and is indented by two spaces in between.
func readBruno(t *testing.T, file string) brunoRequest {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := brunoRequest{file, map[string]string{}}
	block := ""
	for line := range strings.Lines(string(text)) {
		name, begins := strings.CutSuffix(line, " {\n")
		switch {
		case block == "" && begins:
			block = name
		case line == "}\n":
			block = ""
		case block != "":
			r.blocks[block] += strings.TrimPrefix(line, "  ")
		case line != "\n":
			t.Fatalf("%s: the line %q stands outside of blocks", file, line)
		}
	}
	return r
}

// field is a value of a block that has one name and value a line.
func (r brunoRequest) field(block, name string) string {
	for line := range strings.Lines(r.blocks[block]) {
		if value, is := strings.CutPrefix(line, name+": "); is {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// number is the request's place in the collection.
func (r brunoRequest) number(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(r.field("meta", "seq"))
	if err != nil {
		t.Fatalf("%s: %v", r.file, err)
	}
	return n
}

func (r brunoRequest) send(t *testing.T, p *running) reply {
	t.Helper()
	path := func(method string) string {
		path, ours := strings.CutPrefix(r.field(method, "url"), "{{url}}")
		if !ours {
			t.Fatalf("%s asks another server than {{url}}: %q", r.file, r.field(method, "url"))
		}
		return path
	}
	if r.blocks["get"] != "" {
		target, query, _ := strings.Cut(path("get"), "?")
		if name, value, has := strings.Cut(query, "="); has {
			target += "?" + name + "=" + url.QueryEscape(value)
		}
		return p.get(t, target)
	}
	body := r.blocks["body:json"]
	if query := r.blocks["body:graphql"]; query != "" {
		b, err := json.Marshal(map[string]any{"query": query, "variables": json.RawMessage(r.blocks["body:graphql:vars"])})
		if err != nil {
			t.Fatalf("%s: %v", r.file, err)
		}
		body = string(b)
	}
	header := []string{"Content-Type", "application/json"}
	if explain := r.field("headers", "X-Dossier-Explain"); explain != "" {
		header = append(header, "X-Dossier-Explain", explain)
	}
	return p.do(t, "POST", path("post"), body, header...)
}
