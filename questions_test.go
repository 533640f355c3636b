package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// What the playground offers is asked as it stands in web/examples: the five questions, on which it opens, with their
// exact answers; every other example has to be answered with something.

// example reads an example of the playground, for example "04-known-on-a-day", and its title.
func example(t *testing.T, name string) (query, title string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("web/examples", name+".graphql"))
	if err != nil {
		t.Fatal(err)
	}
	title, _, _ = strings.Cut(strings.TrimPrefix(string(text), "# "), "\n")
	return string(text), title
}

// The answers to a reader's questions. A question's file has the name of its example and begins with its title.
func TestQuestions(t *testing.T) {
	p := startSeeded(t)
	files, err := filepath.Glob("testdata/questions/*.txtar")
	if err != nil || len(files) != 5 {
		t.Fatalf("there are %d questions, want 5 (%v)", len(files), err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil || len(archive.Files) != 1 {
			t.Fatalf("%s holds not one answer: %v", file, err)
		}
		query, title := example(t, strings.TrimSuffix(filepath.Base(file), ".txtar"))
		if question := strings.TrimSpace(string(archive.Comment)); question != title || !strings.HasSuffix(title, "?") {
			t.Errorf("%s asks %q, and its example %q", file, question, title)
		}
		var got bytes.Buffer
		if err := json.Indent(&got, []byte(p.data(t, query)), "", "  "); err != nil {
			t.Fatal(err)
		}
		got.WriteByte('\n')
		if *update {
			archive.Files[0].Data = got.Bytes()
			if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(string(archive.Files[0].Data), got.String()); diff != "" {
			t.Errorf("%s: answer (-want +got):\n%s", file, diff)
		}
	}
}

// What was known on a given day stays what was known then, whatever is recorded or taken back later.
func TestKnownOnADay(t *testing.T) {
	p := startSeeded(t)
	query, _ := example(t, "04-known-on-a-day")
	changed := func(direction string) time.Time {
		t.Helper()
		var answer struct {
			Changes struct{ Nodes []struct{ At time.Time } }
		}
		data := p.data(t, `{ changes(first: 1, orderBy: {field: AT, direction: `+direction+`}) { nodes { at } } }`)
		if err := json.Unmarshal([]byte(data), &answer); err != nil || len(answer.Changes.Nodes) != 1 {
			t.Fatalf("the changes are %s: %v", data, err)
		}
		return answer.Changes.Nodes[0].At
	}
	want := func(day time.Time, then, now string) {
		t.Helper()
		got := p.ask(t, query, map[string]any{"day": day.Format(time.RFC3339Nano)})
		if diff := cmp.Diff(`{"then":`+then+`,"now":`+now+`}`, got); diff != "" {
			t.Errorf("known at %s (-want +got):\n%s", day, diff)
		}
	}
	const plain = `{"statement":"Musk left OpenAI.","status":"ASSERTED","attributedTo":[]}`
	why := func(status string) string { // a claim that no longer counts stays readable
		return `{"statement":"Failing to gain more control was part of why Musk left OpenAI, as the correspondence indicates.","status":"` + status + `","attributedTo":[{"name":"OpenAI"}]}`
	}
	left := func(reason, claims string) string {
		return `{"name":"Elon Musk","left":{"nodes":[{"company":{"name":"OpenAI"},"reason":` + reason +
			`,"status":"ASSERTED","claims":{"nodes":[` + claims + `]}}]}}`
	}
	withReason := left(`"in part that he failed to gain more control"`, plain+","+why("DISPUTED"))
	withoutReason := left("null", plain+","+why("RETRACTED"))

	seeded := changed("DESC")
	want(changed("ASC").Add(-time.Microsecond), "null", withReason)
	want(seeded, withReason, withReason)

	env := onShared(t)
	if err := run(t.Context(), []string{"retract", "claim:musk-left-openai-over-control", "--reason", "A test has it so.", "--actor", "an editor"},
		func(name string) string { return env[name] }, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	retracted := changed("DESC")
	want(seeded, withReason, withoutReason)
	want(retracted.Add(-time.Microsecond), withReason, withoutReason)
	want(retracted, withoutReason, withoutReason)
}

// testExamples asks every example. None is answered with an error or with nothing.
func testExamples(t *testing.T, p *running) {
	files, err := filepath.Glob("web/examples/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		query, _ := example(t, strings.TrimSuffix(filepath.Base(file), ".graphql"))
		var data string
		if strings.Contains(query, "\nsubscription ") {
			s := overSSE(t, p, query)
			data = s.next(t)
			s.leave()
		} else {
			data = p.data(t, query)
		}
		var fields map[string]any
		if err := json.Unmarshal([]byte(data), &fields); err != nil {
			t.Fatal(err)
		}
		for name, value := range fields {
			// Before anything was recorded nothing was known: that is what the example shows.
			if isNothing(value) && !strings.HasSuffix(file, "/04-known-on-a-day.graphql") {
				t.Errorf("%s: %s is answered with nothing", file, name)
			}
		}
	}
}

// isNothing tells whether a root field's answer has nothing to show: null, or a list, page or graph without an item.
func isNothing(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, items := range []string{"nodes", "edges"} {
			if list, ok := v[items].([]any); ok && len(list) == 0 {
				return true
			}
		}
	}
	return false
}
