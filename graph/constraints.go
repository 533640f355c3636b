package graph

import (
	"context"
	"fmt"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"dossier/schema"
)

// Constraints returns the statements that make a database fit for an ontology: ids are unique, and what lists are
// filtered or sorted by has an index, also of words.
func Constraints(o *schema.Ontology) []SchemaObject {
	var out []SchemaObject
	unique := func(name, pattern, property string) {
		out = append(out, SchemaObject{name, fmt.Sprintf("CREATE CONSTRAINT %s IF NOT EXISTS FOR %s REQUIRE %s IS UNIQUE", escape(name), pattern, property)})
	}
	index := func(name, pattern string, properties ...string) {
		out = append(out, SchemaObject{name, fmt.Sprintf("CREATE INDEX %s IF NOT EXISTS FOR %s ON (%s)", escape(name), pattern, strings.Join(properties, ", "))})
	}
	unique("entity_id", "(n:Entity)", "n.id")
	index("entity_name", "(n:Entity)", "n.name")
	for _, n := range o.Nodes {
		pattern := "(n:" + escape(n.Label) + ")"
		lower := strings.ToLower(n.Name)
		unique(lower+"_id", pattern, "n.id")
		if n.Entity {
			index(lower+"_name", pattern, "n.name")
		}
		for _, p := range n.Properties {
			if p.Type == "PartialDate" {
				index(lower+"_"+snake(p.Name), pattern, "n."+escape(dateProperties(p.Name).earliest))
			}
		}
	}
	out = append(out, SchemaObject{"log", "CREATE CONSTRAINT log IF NOT EXISTS FOR (n:Log) REQUIRE n.id IS UNIQUE"})
	index("document_title", "(n:Document)", "n.title")
	index("change_at", "(n:Change)", "n.at")
	index("claim_relationship", "(n:Claim)", "n.relationshipId")
	index("claim_recorded_at", "(n:Claim)", "n.recordedAt")
	for _, k := range o.Kinds {
		pattern := "()-[r:" + escape(k.Type) + "]-()"
		lower := strings.ToLower(k.Type)
		unique(lower+"_id", pattern, "r.id")
		index(subjectIndex(k), pattern, "r.subjectId", "r.id")
		index(lower+"_object", pattern, "r.objectId", "r.id")
		index(lower+"_recorded_at", pattern, "r.recordedAt")
		index(lower+"_valid_from", pattern, "r.validFrom")
		index(lower+"_valid_to", pattern, "r.validTo")
		index(lower+"_valid_to_earliest", pattern, "r.validToEarliest")
		index("believed_"+lower+"_id", "()-[r:"+escape(schema.Believed+k.Type)+"]-()", "r.id")
	}
	return append(out, fullTextIndexes()...)
}

// subjectIndex names the index of a kind's relationships by the ids of their subjects.
func subjectIndex(k *schema.Kind) string { return strings.ToLower(k.Type) + "_subject" }

// endIDs gives relationships that were stored without them the ids of their ends.
func endIDs(k *schema.Kind) string {
	return lines(fmt.Sprintf("MATCH (s)-[r:%s|%s]->(t) WHERE r.subjectId IS NULL OR r.objectId IS NULL", escape(k.Type), escape(schema.Believed+k.Type)),
		"CALL (s, r, t) { SET r.subjectId = s.id, r.objectId = t.id } IN TRANSACTIONS OF 10000 ROWS")
}

// A SchemaObject is a constraint or an index.
type SchemaObject struct{ Name, Statement string }

func snake(camel string) string {
	var b strings.Builder
	for _, r := range camel {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

// Prepare creates the constraints and indexes that are missing, and waits until they are online. An index that Neo4j could not
// build stays as it is; Examine tells of it.
func (g *Graph) Prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, longTimeout)
	defer cancel()
	states, err := g.indexes(ctx)
	if err != nil {
		return err
	}
	for _, k := range g.ontology.Kinds {
		if states[subjectIndex(k)] != "" {
			continue
		}
		if _, err := g.rows(ctx, neo4j.AccessModeWrite, endIDs(k)); err != nil {
			return fmt.Errorf("store the ends' ids with %s: %w", k.Type, err)
		}
	}
	wait := false
	for _, o := range Constraints(g.ontology) {
		wait = wait || states[o.Name] != online
		if states[o.Name] != "" {
			continue
		}
		if _, err := g.rows(ctx, neo4j.AccessModeWrite, o.Statement); err != nil {
			return fmt.Errorf("create %s: %w", o.Name, err)
		}
	}
	if wait {
		_, err = g.rows(ctx, neo4j.AccessModeRead, "CALL db.awaitIndexes(300)")
	}
	return err
}

// online is the state of an index that can be used.
const online = "ONLINE"

// indexes returns the states of the indexes by their names. A constraint's index has the constraint's name.
func (g *Graph) indexes(ctx context.Context) (map[string]string, error) {
	rows, err := g.rows(ctx, neo4j.AccessModeRead, "SHOW INDEXES YIELD name, state RETURN name, state")
	if err != nil {
		return nil, err
	}
	states := map[string]string{}
	for _, row := range rows {
		states[fmt.Sprint(row[0])] = fmt.Sprint(row[1])
	}
	return states, nil
}
