package graph

import (
	"context"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// A Condition is what a database is, and whether it is fit for its ontology.
type Condition struct {
	Version, Edition                           string   // of Neo4j
	Missing                                    []string // constraints and indexes that Prepare would create
	Unfinished                                 []string // indexes that are not online
	Objects                                    int      // constraints and indexes that there should be
	Entities, Documents, Claims, Relationships int64
	Strays                                     int64 // relationships that no claim speaks of, which Rebuild deletes; -1 if there was no time to count them
}

// Examine looks at the database and changes nothing.
func (g *Graph) Examine(ctx context.Context) (Condition, error) {
	var out Condition
	rows, err := g.rows(ctx, neo4j.AccessModeRead, "CALL dbms.components() YIELD name, versions, edition WHERE name = 'Neo4j Kernel' RETURN versions[0], edition")
	if err != nil {
		return out, err
	}
	if len(rows) == 1 {
		out.Version, _ = rows[0][0].(string)
		out.Edition, _ = rows[0][1].(string)
	}
	states, err := g.indexes(ctx)
	if err != nil {
		return out, err
	}
	objects := Constraints(g.ontology)
	out.Objects = len(objects)
	for _, o := range objects {
		switch states[o.Name] {
		case online:
		case "":
			out.Missing = append(out.Missing, o.Name)
		default:
			out.Unfinished = append(out.Unfinished, o.Name)
		}
	}
	rows, err = g.rows(ctx, neo4j.AccessModeRead,
		"RETURN COUNT { (:Entity) }, COUNT { (:Document) }, COUNT { (:Claim) }, COUNT { ()-[:"+instant{}.types(g.ontology.Kinds...)+"]->() }")
	if err != nil {
		return out, err
	}
	out.Strays = g.countStrays(ctx)
	for i, n := range []*int64{&out.Entities, &out.Documents, &out.Claims, &out.Relationships} {
		*n, _ = rows[0][i].(int64)
	}
	return out, nil
}

// countStrays counts the relationships that no claim speaks of; -1 if there was no time for that.
func (g *Graph) countStrays(ctx context.Context) int64 {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	rows, err := g.rows(ctx, neo4j.AccessModeRead, g.strays()+"\nRETURN count(r)")
	if err != nil {
		return -1
	}
	n, _ := rows[0][0].(int64)
	return n
}
