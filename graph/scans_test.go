package graph_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dossier/graph"
	"dossier/internal/neo4jtest"
)

// scans are those of a plan's operators that read all of something, or join everything with everything.
func scans(operators []string) string {
	var out []string
	for _, operator := range operators {
		name, _, _ := strings.Cut(operator, "@")
		if strings.Contains(name, "Scan") && !strings.Contains(name, "Index") || name == "CartesianProduct" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), ", ")
}

// On a graph that is large enough for the planner to prefer an index, testdata/scans.txt lists which of the compiler's
// cases read all of a label or of a kind, with what of their plan does. Only what counts them or compares what has no
// index may: a new line there is a statement to think about.
func TestScans(t *testing.T) {
	s := newService(t)
	t.Cleanup(func() { neo4jtest.ClearData(t) })
	for i := range 150 {
		query(t, `MATCH (x:Entity|Claim|Document) WHERE x.copy IS NULL
WITH collect(x) AS originals
UNWIND originals AS x
CREATE (y:$(labels(x)))
SET y = x {.*, id: x.id + $suffix, copy: true}
WITH originals, collect(y) AS copies
UNWIND range(0, size(originals) - 1) AS k
WITH originals, copies, copies[k] AS y, originals[k] AS x
MATCH (x)-[r]->(b) WHERE b IN originals
WITH y, r, copies[head([j IN range(0, size(originals) - 1) WHERE originals[j] = b])] AS z
CREATE (y)-[c:$(type(r))]->(z)
SET c = r {.*, id: r.id + $suffix}`, map[string]any{"suffix": fmt.Sprint("-copy-", i)})
	}
	query(t, "CALL db.prepareForReplanning()", nil)
	var got strings.Builder
	for _, c := range cases(t, "compile") {
		statements, _, err := compile(s.schema, s.ontology, c.part("query.graphql"), c.variables())
		if err != nil {
			t.Fatal(err)
		}
		fields, _ := rootFields(s.schema, c.part("query.graphql"), c.variables())
		for i, st := range statements {
			alone := scans(explain(t, st.Text, st.Params))
			if alone != "" {
				fmt.Fprintf(&got, "%s %s: %s\n", c.name, fields[i].Field.Alias, alone)
			}
			if st.Alone() {
				continue
			}
			params := maps.Clone(st.Params)
			params["batch"] = map[string]any{"requests": []any{st.Params, st.Params}}
			if together := scans(explain(t, graph.ForSeveral(st), params)); together != alone {
				fmt.Fprintf(&got, "%s %s, for several requests: %s\n", c.name, fields[i].Field.Alias, together)
			}
		}
	}
	file := filepath.Join("testdata", "scans.txt")
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
