package graph

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// A Condition is what a database is, and whether it is fit for its ontology.
type Condition struct {
	Version, Edition string         // of Neo4j
	Objects          int            // constraints and indexes that there should be
	Missing          []string       // those that Prepare would create
	Others           []SchemaObject // those whose names something else has
	Unfinished       []string       // indexes that are not online
	Doubled          []string       // ids that two have, of which a missing constraint would tell; one of each constraint

	Entities, Documents, Claims, Relationships int64
	Amiss                                      Amiss
}

// Amiss counts what the database holds and Record and its like would not have left so: somebody wrote past them. -1 is for what
// there was no time to count.
type Amiss struct {
	Strays   int64 // relationships that no claim speaks of; Rebuild deletes them
	Undrawn  int64 // claims whose relationship is not there; Rebuild draws it
	Unlinked int64 // claims that are not linked to the subject or the object of what they assert; Rebuild links them
	Orphans  int64 // claims whose subject or object is not there at all; they are among neither of the two
	Misread  int64 // claims whose standing is stored as another than the record says; Rebuild works it out
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
	stored, err := g.indexes(ctx)
	if err != nil {
		return out, err
	}
	objects := Constraints(g.ontology)
	out.Objects = len(objects)
	for _, o := range objects {
		s, there := stored[o.Name]
		switch {
		case !there:
			out.Missing = append(out.Missing, o.Name)
		case s.definition != o.definition():
			out.Others = append(out.Others, o)
		case s.state != online:
			out.Unfinished = append(out.Unfinished, o.Name)
		}
		if o.kind == unique && s.definition != o.definition() {
			out.Doubled = append(out.Doubled, g.doubled(ctx, o)...)
		}
	}
	rows, err = g.rows(ctx, neo4j.AccessModeRead,
		"RETURN COUNT { (:Entity) }, COUNT { (:Document) }, COUNT { (:Claim) }, COUNT { ()-[:"+instant{}.types(g.ontology.Kinds...)+"]->() }")
	if err != nil {
		return out, err
	}
	for i, n := range []*int64{&out.Entities, &out.Documents, &out.Claims, &out.Relationships} {
		*n, _ = rows[0][i].(int64)
	}
	out.Amiss = g.amiss(ctx)
	return out, nil
}

// doubled finds an id that two of those have whose ids a constraint would keep apart.
func (g *Graph) doubled(ctx context.Context, o SchemaObject) []string {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	pattern := o.pattern()
	if o.relationship {
		pattern += ">" // each once
	}
	rows, err := g.rows(ctx, neo4j.AccessModeRead, lines("MATCH "+pattern+" WHERE n.id IS NOT NULL",
		"WITH n.id AS id, count(*) AS times WHERE times > 1",
		"RETURN min(id)"))
	if err != nil || rows[0][0] == nil {
		return nil
	}
	return []string{fmt.Sprintf("%v of %s", rows[0][0], o.label)}
}

// amiss counts what somebody wrote past the record.
func (g *Graph) amiss(ctx context.Context) Amiss {
	count := func(statement string) int64 {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		rows, err := g.rows(ctx, neo4j.AccessModeRead, statement)
		if err != nil {
			return -1
		}
		n, _ := rows[0][0].(int64)
		return n
	}
	const asserting = "MATCH (c:Claim) WHERE c.subjectId IS NOT NULL"
	entity := func(id string) string { return "EXISTS { (:Entity {id: c." + id + "}) }" }
	linked := func(id string) string { return "EXISTS { (c)-[:ABOUT]->(:Entity {id: c." + id + "}) }" }
	complete := entity("subjectId") + " AND " + entity("objectId")
	status, disputed := standing("c", "datetime('9999-12-31T23:59:59Z')") // all that is recorded
	undrawn := make([]string, len(g.ontology.Kinds))
	for i, k := range g.ontology.Kinds {
		undrawn[i] = subquery("COUNT", lines(
			"MATCH (c:Claim) WHERE c.relationshipId STARTS WITH "+text(k.Slug()+":"),
			"AND c.rank <> 'DEPRECATED' AND c.status IN ['"+strings.Join(live, "', '")+"']",
			"AND NOT EXISTS { ()-[:"+escape(k.Type)+" {id: c.relationshipId}]->() }",
			"AND "+complete))
	}
	return Amiss{
		Strays:   count(g.strays() + "\nRETURN count(r)"),
		Undrawn:  count("RETURN " + strings.Join(undrawn, " + ")),
		Unlinked: count(lines(asserting, "AND "+complete+" AND NOT ("+linked("subjectId")+" AND "+linked("objectId")+")", "RETURN count(c)")),
		Orphans:  count(lines(asserting, "AND NOT ("+complete+")", "RETURN count(c)")),
		Misread: count(lines("MATCH (c:Claim)",
			"WITH c, "+status+" AS status, "+disputed+" AS disputed",
			"WHERE c.status IS NULL OR c.status <> status OR c.disputed IS NULL OR c.disputed <> disputed",
			"RETURN count(c)")),
	}
}
