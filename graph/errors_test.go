package graph_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// What no message to a client may hold: Cypher, a place in our code, a type of Go, an address.
var unfit = regexp.MustCompile(`MATCH|RETURN|COLLECT|UNWIND|\bNeo\b|[Nn]eo4j|\.go\b|goroutine|panic|runtime|` +
	`\b(string|bool|u?int(8|16|32|64)?|float(32|64)|slice|map|struct|ptr|interface|nil|invalid)\b|json\.|strconv|%!|0x|://|127\.0\.0\.1|\n`)

// Each case: what a client reads when its request is wrong. Every error has a code, one line, and nothing of ours in it.
func TestErrors(t *testing.T) {
	s := newService(t)
	for _, c := range cases(t, "errors") {
		t.Run(c.name, func(t *testing.T) {
			got, errors := s.refused(t, c, "")
			if explained, _ := s.refused(t, c, "cypher"); !bytes.Equal(explained.Errors, got.Errors) {
				t.Errorf("with statements asked for, the errors are others: %s", explained.Errors)
			}
			for _, e := range errors {
				if found := unfit.FindString(e.Message); found != "" {
					t.Errorf("%q holds %q", e.Message, found)
				}
				if !strings.HasPrefix(e.Extensions.Code, "GRAPHQL_") && e.Extensions.Code != "BAD_USER_INPUT" {
					t.Errorf("%q has the code %q", e.Message, e.Extensions.Code)
				}
			}
			c.want(t, txtar.File{Name: "result.json", Data: pretty(t, got)})
		})
	}
}

type clientError struct {
	Message    string
	Extensions struct{ Code string }
}

// refused sends a case's operation and puts the errors in a fixed order: root fields are answered side by side.
func (s *service) refused(t *testing.T, c testCase, explain string) (response, []clientError) {
	t.Helper()
	got := s.query(t, c.part("query.graphql"), c.variables(), explain)
	got.Extensions = nil
	var raw []json.RawMessage
	if err := json.Unmarshal(got.Errors, &raw); err != nil || len(raw) == 0 {
		t.Fatalf("no errors (%v): %s", err, got.Data)
	}
	slices.SortStableFunc(raw, func(a, b json.RawMessage) int { return bytes.Compare(a, b) })
	var errors []clientError
	for _, r := range raw {
		var e clientError
		if err := json.Unmarshal(r, &e); err != nil {
			t.Fatal(err)
		}
		errors = append(errors, e)
	}
	got.Errors = pretty(t, raw)
	return got, errors
}
