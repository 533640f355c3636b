package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"dossier/internal/neo4jtest"
)

// block is a fenced block of a page.
var block = regexp.MustCompile("(?s)```(graphql|cypher)\n(.*?)```")

// Every query that the README and the guides show runs on the first facts, and finds something.
func TestDocumentedQueries(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	p := startSeeded(t)
	shown := 0
	for _, page := range append(pages, "README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range block.FindAllStringSubmatch(string(text), -1) {
			shown++
			if b[1] == "graphql" {
				if data := p.data(t, b[2]); strings.Contains(data, `"nodes":[]`) || data == "{}" {
					t.Errorf("%s: this query finds nothing:\n%s\n%s", page, b[2], data)
				}
				continue
			}
			for statement := range strings.SplitSeq(strings.TrimSpace(b[2]), ";") {
				if strings.TrimSpace(statement) == "" {
					continue
				}
				found, err := neo4j.ExecuteQuery(t.Context(), neo4jtest.Driver(t), statement, nil, neo4j.EagerResultTransformer)
				if err != nil || len(found.Records) == 0 {
					t.Errorf("%s: this statement finds nothing (%v):\n%s", page, err, statement)
				}
			}
		}
	}
	if shown < 15 {
		t.Errorf("only %d queries are shown; has the fencing changed?", shown)
	}
}
