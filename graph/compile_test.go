package graph_test

import (
	"bytes"
	"fmt"
	"testing"

	"golang.org/x/tools/txtar"
)

// Each case: the statement of each root field, its parameters, and the answer that the database gives.
func TestCompile(t *testing.T) {
	s := newService(t)
	for _, c := range cases(t, "compile") {
		t.Run(c.name, func(t *testing.T) {
			if b, ok := c.batch(t); ok {
				s.record(t, b)
				s.fixClock(t)
				defer s.reset(t)
			}
			got := s.query(t, c.part("query.graphql"), c.variables())
			var cypher bytes.Buffer
			params := map[string]any{}
			for _, e := range got.Extensions.Cypher {
				fmt.Fprintf(&cypher, "// %s\n%s\n", e.Field, e.Statement)
				params[e.Field] = e.Parameters
			}
			got.Extensions = nil
			c.want(t,
				txtar.File{Name: "cypher", Data: cypher.Bytes()},
				txtar.File{Name: "params.json", Data: pretty(t, params)},
				txtar.File{Name: "result.json", Data: pretty(t, got)})
		})
	}
}
