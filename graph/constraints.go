package graph

import (
	"context"
	"fmt"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"dossier/schema"
)

// Constraints are what makes a database fit for an ontology: ids are unique, and what lists are filtered or sorted by
// has an index, also of words.
func Constraints(o *schema.Ontology) []SchemaObject {
	var out []SchemaObject
	add := func(name, kind string, relationship bool, label string, properties ...string) {
		out = append(out, SchemaObject{Name: name, kind: kind, relationship: relationship, label: label, properties: properties})
	}
	node := func(name, label string, properties ...string) { add(name, rangeIndex, false, label, properties...) }
	add("entity_id", unique, false, "Entity", "id")
	node("entity_name", "Entity", "name")
	for _, n := range o.Nodes {
		lower := strings.ToLower(n.Name)
		add(lower+"_id", unique, false, n.Label, "id")
		if n.Entity {
			node(lower+"_name", n.Label, "name")
		}
		for _, p := range n.Properties {
			if p.Type == "PartialDate" {
				node(lower+"_"+snake(p.Name), n.Label, dateProperties(p.Name).earliest)
			}
		}
	}
	add("log", unique, false, "Log", "id")
	node("document_title", "Document", "title")
	node("change_at", "Change", "at")
	node("claim_relationship", "Claim", "relationshipId")
	node("claim_recorded_at", "Claim", "recordedAt")
	for _, k := range o.Kinds {
		lower := strings.ToLower(k.Type)
		relationship := func(name string, properties ...string) { add(name, rangeIndex, true, k.Type, properties...) }
		add(lower+"_id", unique, true, k.Type, "id")
		relationship(subjectIndex(k), "subjectId", "id")
		relationship(lower+"_object", "objectId", "id")
		relationship(lower+"_recorded_at", "recordedAt")
		relationship(lower+"_valid_from", "validFrom")
		relationship(lower+"_valid_to", "validTo")
		relationship(lower+"_valid_to_earliest", "validToEarliest")
		add("believed_"+lower+"_id", rangeIndex, true, schema.Believed+k.Type, "id")
	}
	for _, s := range searched {
		add(searchIndex(s.property), fullText, false, s.label, s.property)
	}
	return out
}

// subjectIndex names the index of a kind's relationships by the ids of their subjects.
func subjectIndex(k *schema.Kind) string { return strings.ToLower(k.Type) + "_subject" }

// endIDs gives relationships that were stored without them the ids of their ends.
func endIDs(k *schema.Kind) string {
	return lines(fmt.Sprintf("MATCH (s)-[r:%s|%s]->(t) WHERE r.subjectId IS NULL OR r.objectId IS NULL", escape(k.Type), escape(schema.Believed+k.Type)),
		"CALL (s, r, t) { SET r.subjectId = s.id, r.objectId = t.id } IN TRANSACTIONS OF 10000 ROWS")
}

// A SchemaObject is a constraint or an index.
type SchemaObject struct {
	Name         string
	kind         string // unique, rangeIndex or fullText
	relationship bool   // on relationships; else on nodes
	label        string // of the nodes, or the type of the relationships
	properties   []string
}

// What a SchemaObject may be.
const (
	unique     = "UNIQUE"
	rangeIndex = "RANGE"
	fullText   = "FULLTEXT"
)

// Statement creates it, unless there is one of its name.
func (o SchemaObject) Statement() string {
	properties := make([]string, len(o.properties))
	for i, p := range o.properties {
		properties[i] = property("n", p)
	}
	list, name := strings.Join(properties, ", "), escape(o.Name)
	switch o.kind {
	case unique:
		return fmt.Sprintf("CREATE CONSTRAINT %s IF NOT EXISTS FOR %s REQUIRE %s IS UNIQUE", name, o.pattern(), list)
	case fullText:
		return fmt.Sprintf("CREATE FULLTEXT INDEX %s IF NOT EXISTS FOR %s ON EACH [%s] OPTIONS {indexConfig: {`fulltext.analyzer`: '%s'}}", name, o.pattern(), list, analyzer)
	}
	return fmt.Sprintf("CREATE INDEX %s IF NOT EXISTS FOR %s ON (%s)", name, o.pattern(), list)
}

// Drop are the statements that take whatever has its name away.
func (o SchemaObject) Drop() string {
	return "DROP CONSTRAINT " + escape(o.Name) + " IF EXISTS; DROP INDEX " + escape(o.Name) + " IF EXISTS"
}

func (o SchemaObject) pattern() string {
	if o.relationship {
		return "()-[n:" + escape(o.label) + "]-()"
	}
	return "(n:" + escape(o.label) + ")"
}

// definition tells objects of the same name apart.
func (o SchemaObject) definition() string {
	what, config := "NODE", ""
	if o.relationship {
		what = "RELATIONSHIP"
	}
	if o.kind == fullText {
		config = analyzer
	}
	return definition(o.kind, what, []string{o.label}, o.properties, config)
}

func definition(kind, what, labels, properties, config any) string {
	return strings.TrimSpace(fmt.Sprintf("%v %v %v %v %v", kind, what, labels, properties, config))
}

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

// Prepare creates the constraints and indexes that are missing, and waits until they are online. Where something else has the
// name of one, nothing is created. An index that Neo4j could not build stays as it is; Examine tells of it.
func (g *Graph) Prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, longTimeout)
	defer cancel()
	stored, err := g.indexes(ctx)
	if err != nil {
		return err
	}
	objects := Constraints(g.ontology)
	for _, o := range objects {
		if s, there := stored[o.Name]; there && s.definition != o.definition() {
			return &Error{Code: ServiceUnavailable, Message: "An index or a constraint of the database is another than the one that Dossier needs. `dossier doctor` tells which, and what to do.",
				cause: fmt.Errorf("%s is %s, and should be %s", o.Name, s.definition, o.definition())}
		}
	}
	for _, k := range g.ontology.Kinds {
		if _, there := stored[subjectIndex(k)]; there {
			continue
		}
		if _, err := g.rows(ctx, neo4j.AccessModeWrite, endIDs(k)); err != nil {
			return fmt.Errorf("store the ends' ids with %s: %w", k.Type, err)
		}
	}
	wait := false
	for _, o := range objects {
		s, there := stored[o.Name]
		wait = wait || s.state != online
		if there {
			continue
		}
		if _, err := g.rows(ctx, neo4j.AccessModeWrite, o.Statement()); err != nil {
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

// A storedIndex is an index of the database.
type storedIndex struct{ state, definition string }

// indexes returns the indexes by their names. A constraint's index has the constraint's name.
func (g *Graph) indexes(ctx context.Context) (map[string]storedIndex, error) {
	rows, err := g.rows(ctx, neo4j.AccessModeRead, "SHOW INDEXES YIELD name, state, type, entityType, labelsOrTypes, properties, owningConstraint, options\n"+
		"WHERE type <> 'LOOKUP'\n"+
		"RETURN name, state, CASE WHEN owningConstraint IS NULL THEN type ELSE '"+unique+"' END, entityType, labelsOrTypes, properties, coalesce(options.indexConfig.`fulltext.analyzer`, '')")
	if err != nil {
		return nil, err
	}
	stored := map[string]storedIndex{}
	for _, row := range rows {
		stored[fmt.Sprint(row[0])] = storedIndex{fmt.Sprint(row[1]), definition(row[2], row[3], row[4], row[5], row[6])}
	}
	return stored, nil
}
