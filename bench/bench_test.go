package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dossier/graph"
	"dossier/internal/neo4jtest"
	"dossier/schema"
)

func TestMain(m *testing.M) { neo4jtest.Main(m) }

// What is generated is stored as if it had been recorded: there is nothing that the record does not say.
func TestGenerated(t *testing.T) {
	s, o, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	server := neo4jtest.Server(t)
	g, err := graph.Open(graph.Config{URI: server.BoltURI, Username: server.Username, Password: server.Password}, s, o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = g.Close(context.WithoutCancel(t.Context())) }()
	if err := g.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	size := Size{Entities: 300, Relationships: 1000, Hub: 100, Documents: 20, Seed: 1}
	if err := generate(size, o).load(t.Context(), neo4jtest.Driver(t), t.Logf); err != nil {
		t.Fatal(err)
	}
	condition, err := g.Examine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if condition.Entities != 300 || condition.Relationships != 1000 || condition.Claims < 1100 || condition.Amiss != (graph.Amiss{}) {
		t.Errorf("the generated graph has %d entities, %d relationships, %d claims, and amiss are %+v", condition.Entities, condition.Relationships, condition.Claims, condition.Amiss)
	}
	rebuilt, err := g.Rebuild(t.Context(), func(int) {})
	if want := (graph.Rebuilt{Relationships: 1000}); err != nil || rebuilt != want {
		t.Errorf("it was rebuilt as %+v, not %+v: %v", rebuilt, want, err)
	}
	neo4jtest.Clear(t)
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ name, answer, want string }{
		{"a list", `["a", null, 1.50]`, `["a", null, 1.50]`},
		{"an object in the order written", `{"b": 1, "a": 2}`, `[1, 2]`},
		{"an object of one member", `{"data": "x"}`, `"x"`},
		{"objects within", `{"name": "x", "company": {"roles": {"nodes": [{"title": "t", "holder": {"name": "h"}}]}}}`, `["x", [["t", "h"]]]`},
		{"a list of objects of one member", `{"nodes": [{"founder": {"name": "a"}}, {"founder": {"name": "b"}}]}`, `["a", "b"]`},
		{"empty ones", `{"a": [], "b": null, "c": {}}`, `[[], null]`},
	} {
		got, err := values([]byte(c.answer))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var want any
		d := json.NewDecoder(strings.NewReader(c.want))
		d.UseNumber()
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	if _, err := values([]byte(`{"a": [1`)); err == nil {
		t.Error("an answer that is cut off has values")
	}
}

// Every question's comparison must notice a difference, and must not take one answer for two.
func TestAgreement(t *testing.T) {
	for _, c := range []struct {
		agree           func(one, other any) error
		one, same, diff string
	}{
		{equal, `[["a"], 1]`, `[["a"], 1]`, `[["b"], 1]`},
		{agreeOnLengths, `[[[1, 2], [3]]]`, `[[[4, 5], [6]]]`, `[[[1, 2, 3], [4, 5]]]`},
		{agreeOnDates, `[["EVENT", "2018", "a"]]`, `[["CLAIM", "2018", "b"]]`, `[["EVENT", "2019", "a"]]`},
		{agreeOnCount, `[[1], [2]]`, `[[3], [4]]`, `[[1]]`},
		{agreeOnSubgraphs, `[[["a", 1], ["b", 2]], [["r"]], false]`, `[[["b", 2], ["a", 1]], [["r"]], false]`, `[[["a", 1], ["b", 2]], [["s"]], false]`},
	} {
		read := func(text string) any {
			v, err := values([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if err := c.agree(read(c.one), read(c.same)); err != nil {
			t.Errorf("%s and %s should agree: %v", c.one, c.same, err)
		}
		if c.agree(read(c.one), read(c.diff)) == nil {
			t.Errorf("%s and %s should not agree", c.one, c.diff)
		}
	}
	for _, q := range questions() {
		if q.agree != nil && q.agree("one", "two") == nil {
			t.Errorf("%s: answers of no shape agree", q.name)
		}
	}
}

func TestFlagErrors(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(numbers("1,x")), "-connections 1,x: give numbers above 0 with commas between, for example 1,16,64"},
		{second(chooseServers("raw,rwa")), `-servers raw,rwa: there is no server "rwa"; there are raw, ours, neo4j-graphql, dataloaders`},
		{second(chooseQuestions("^nothing")), "-only ^nothing: no question has such a name: "},
	} {
		if c.err == nil || !strings.HasPrefix(c.err.Error(), c.want) {
			t.Errorf("got %v, want %s", c.err, c.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestConnection(t *testing.T) {
	ends := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.RequestURI != "/ask?twice=1" {
			t.Errorf("%s %s with %v (%v)", r.Method, r.RequestURI, r.Header, err)
		}
		switch string(body) {
		case "closes":
			w.Header().Set("Connection", "close")
		case "refuses":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "breaks":
			panic(http.ErrAbortHandler)
		case "waits":
			<-ends
		}
		_, _ = w.Write(bytes.Repeat(body, 3000)) // more than one chunk
	}))
	defer server.Close()
	defer close(ends)
	address, err := url.Parse(server.URL + "/ask?twice=1")
	if err != nil {
		t.Fatal(err)
	}
	c := connection{url: address}
	defer c.close()
	for _, body := range []string{"one", "closes", "two"} {
		if got, err := c.post(t.Context(), []byte(body)); err != nil || string(got) != strings.Repeat(body, 3000) {
			t.Errorf("%s: %.20s (%v)", body, got, err)
		}
	}
	for body, want := range map[string]string{"refuses": "503 Service Unavailable: refuses", `{"errors":1}`: `200 OK: {"errors":1}`, "breaks": "EOF"} {
		if _, err := c.post(t.Context(), []byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %.40v, want %s", body, err, want)
		}
	}
	given, up := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer up()
	if _, err := c.post(given, []byte("waits")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("given up: %v", err)
	}
	if got, err := c.post(t.Context(), []byte("after")); err != nil || string(got) != strings.Repeat("after", 3000) {
		t.Errorf("after errors: %.20s (%v)", got, err)
	}
}

func TestProcessorTime(t *testing.T) {
	before, err := processorTime(os.Getpid())
	if runtime.GOOS != "linux" { // there is no proc(5), and nothing may be told for it
		if err == nil {
			t.Errorf("processor time %v without proc(5)", before)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	for after := before; after == before; {
		if after, err = processorTime(os.Getpid()); err != nil {
			t.Fatal(err)
		}
	}
	if peak, err := peakMemory(os.Getpid()); err != nil || peak < 1 {
		t.Errorf("peak of memory: %v MiB, %v", peak, err)
	}
}

// A figure that is not known must not be printed as if it were.
func TestCells(t *testing.T) {
	r := newRow(question{about: "a question"}, 16)
	r.add(raw, measurement{latencies: []time.Duration{time.Millisecond, 3 * time.Millisecond}, took: time.Second})
	r.add(ours, measurement{latencies: []time.Duration{time.Millisecond}, took: time.Second, cpu: usage{server: time.Second, known: true}})
	var got []string
	for _, f := range figures {
		for _, server := range []string{raw, ours, dataLoaders} {
			got = append(got, f.cell(r, server))
		}
	}
	want := []string{"2", "1 (0.50)", "–", "1.0", "1.0 (1.00)", "–", "1.0", "1.0 (1.00)", "–",
		"not measured", "1000.00 (–)", "–", "not measured", "0.00 (–)", "–"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The server with data loaders is a module of its own, and only comparable when it is built of the same versions.
func TestVersions(t *testing.T) {
	versions := func(file string) map[string]string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, m := range regexp.MustCompile(`(?m)^\t(\S+) (v\S+)`).FindAllStringSubmatch(string(text), -1) {
			out[m[1]] = m[2]
		}
		return out
	}
	service, peer := versions("../go.mod"), versions("peers/dataloaders/go.mod")
	for _, module := range []string{"github.com/99designs/gqlgen", "github.com/vektah/gqlparser/v2", "github.com/neo4j/neo4j-go-driver/v5"} {
		if service[module] == "" || service[module] != peer[module] {
			t.Errorf("%s: the service has %q, peers/dataloaders has %q: go get it there in the same version", module, service[module], peer[module])
		}
	}
}
