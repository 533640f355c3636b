package graph

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"dossier/schema"
)

// projected counts relationships: all that were written, and those among them that were not there before.
type projected struct{ written, created int }

// live are the statuses of claims that count; the order is that in which they speak for a relationship.
var live = []string{"CORROBORATED", "ASSERTED", "ALLEGED", "DISPUTED"}

// project brings claims and relationships up to date after the claims with these ids were added: the standing of
// those claims and of all that they point at, and then every relationship that one of them speaks of.
func project(ctx context.Context, tx transaction, o *schema.Ontology, claims []string) (projected, error) {
	var total projected
	for piece := range slices.Chunk(claims, 1000) {
		// Two steps: a claim that supersedes another also changes the standing of what that one disputed.
		rows, err := tx.rows(ctx, `MATCH (c:Claim) WHERE c.id IN $ids
MATCH (c)-[:DISPUTES|CORROBORATES|SUPERSEDES*0..2]->(affected:Claim)
RETURN collect(DISTINCT affected.id), collect(DISTINCT affected.relationshipId)`, map[string]any{"ids": piece})
		if err != nil {
			return total, err
		}
		// First who is out of the running, then who is disputed or backed by those who are not.
		params := map[string]any{"ids": rows[0][0], "live": live}
		if _, err := tx.rows(ctx, `MATCH (c:Claim) WHERE c.id IN $ids
SET c.status = CASE
  WHEN c.retractedAt IS NOT NULL THEN 'RETRACTED'
  WHEN c.withdrawnAt IS NOT NULL THEN 'WITHDRAWN'
  WHEN EXISTS { MATCH (c)<-[:SUPERSEDES]-(x:Claim) WHERE x.retractedAt IS NULL AND x.withdrawnAt IS NULL } THEN 'SUPERSEDED'
  ELSE c.statedAs
END`, params); err != nil {
			return total, err
		}
		if _, err := tx.rows(ctx, `MATCH (c:Claim) WHERE c.id IN $ids
WITH c, EXISTS { MATCH (c)<-[:DISPUTES]-(x:Claim) WHERE x.status IN $live } AS disputed,
     EXISTS { MATCH (c)<-[:CORROBORATES]-(x:Claim) WHERE x.status IN $live } AS corroborated
SET c.disputed = disputed, c.status = CASE
  WHEN NOT c.status IN $live THEN c.status
  WHEN disputed THEN 'DISPUTED'
  WHEN corroborated THEN 'CORROBORATED'
  ELSE c.status
END`, params); err != nil {
			return total, err
		}
		n, err := projectRelationships(ctx, tx, o, rows[0][1].([]any))
		total.written += n.written
		total.created += n.created
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// projectRelationships writes the relationships with these ids as their live claims have them, and removes those
// without any.
func projectRelationships(ctx context.Context, tx transaction, o *schema.Ontology, ids []any) (projected, error) {
	rows, err := tx.rows(ctx, `MATCH (c:Claim) WHERE c.relationshipId IN $ids AND c.status IN $live AND c.rank <> 'DEPRECATED'
RETURN c.relationshipId, collect(properties(c))`, map[string]any{"ids": ids, "live": live})
	if err != nil {
		return projected{}, err
	}
	claims := map[any][]map[string]any{}
	for _, row := range rows {
		for _, c := range row[1].([]any) {
			claims[row[0]] = append(claims[row[0]], c.(map[string]any))
		}
	}
	var total projected
	for _, k := range o.Kinds {
		var there []map[string]any
		var gone []any
		for _, id := range ids {
			if !strings.HasPrefix(id.(string), k.Slug()+":") {
				continue
			}
			if cs := claims[id]; len(cs) > 0 {
				there = append(there, map[string]any{
					"id": id, "source": cs[0]["subjectId"], "target": cs[0]["objectId"], "properties": addUp(k, cs),
				})
			} else {
				gone = append(gone, id)
			}
		}
		if len(gone) > 0 {
			if _, err := tx.rows(ctx, fmt.Sprintf("MATCH ()-[r:%s]->() WHERE r.id IN $ids DELETE r", escape(k.Type)), map[string]any{"ids": gone}); err != nil {
				return total, err
			}
		}
		created, err := tx.unwind(ctx, there, fmt.Sprintf(`MATCH (s:Entity {id: row.source}), (t:Entity {id: row.target})
MERGE (s)-[r:%s {id: row.id}]->(t)
SET r = row.properties`, escape(k.Type)), nil)
		if err != nil {
			return total, err
		}
		total.written += len(there)
		total.created += created
	}
	return total, nil
}

// addUp returns the properties of a relationship that its live claims add up to. The claim that speaks first gives
// the status; each date and each property comes from the first claim that states it, so that a claim which knows only
// the reason does not hide another's date. First speak preferred claims, then those of better standing (see live),
// then the older ones.
func addUp(k *schema.Kind, claims []map[string]any) map[string]any {
	claims = slices.Clone(claims)
	slices.SortFunc(claims, func(a, b map[string]any) int {
		return cmp.Or(
			cmp.Compare(speaks(a), speaks(b)),
			recordedAt(a).Compare(recordedAt(b)),
			cmp.Compare(a["id"].(string), b["id"].(string)))
	})
	out := map[string]any{"id": claims[0]["relationshipId"], "status": claims[0]["status"]}
	contested := false
	recorded := recordedAt(claims[0])
	for _, c := range claims {
		disputed, _ := c["disputed"].(bool)
		contested = contested || disputed
		if recordedAt(c).Before(recorded) {
			recorded = recordedAt(c)
		}
		for _, name := range []string{"validFrom", "validTo"} {
			takeDate(out, c, name)
		}
		for _, p := range k.Properties {
			switch {
			case p.Type == "PartialDate":
				takeDate(out, c, p.Name)
			case out[p.Name] == nil && c[p.Name] != nil:
				out[p.Name] = c[p.Name]
			}
		}
	}
	out["contested"], out["recordedAt"] = contested, recorded
	return out
}

// speaks ranks a claim among those for one relationship, the smallest first.
func speaks(c map[string]any) int {
	n := slices.Index(live, c["status"].(string))
	if c["rank"] != "PREFERRED" {
		n += len(live)
	}
	return n
}

func recordedAt(c map[string]any) time.Time {
	t, _ := c["recordedAt"].(time.Time)
	return t
}

// takeDate takes over a claim's date, all four properties of it, where there is none yet.
func takeDate(out, claim map[string]any, name string) {
	d := dateProperties(name)
	if out[d.edtf] != nil || claim[d.edtf] == nil {
		return
	}
	for _, p := range []string{d.edtf, d.earliest, d.latest, d.text} {
		if v := claim[p]; v != nil {
			out[p] = v
		}
	}
}

// Rebuild projects all relationships again from their claims and returns how many there are. It goes piece by piece,
// each in its own transaction, and reports after each how many it has done.
func (g *Graph) Rebuild(ctx context.Context, progress func(done int)) (int, error) {
	session := g.session(ctx, neo4j.AccessModeWrite)
	defer func() { _ = session.Close(ctx) }()
	last, written := "", 0
	for {
		type piece struct {
			last    string
			written int
		}
		done, err := neo4j.ExecuteWrite(ctx, session, func(tx neo4j.ManagedTransaction) (piece, error) {
			t := transaction{tx}
			rows, err := t.rows(ctx, "MATCH (c:Claim) WHERE c.id > $last WITH c.id AS id ORDER BY id LIMIT 1000 RETURN collect(id)", map[string]any{"last": last})
			if err != nil {
				return piece{}, err
			}
			var ids []string
			for _, id := range rows[0][0].([]any) {
				ids = append(ids, id.(string))
			}
			if len(ids) == 0 {
				return piece{}, nil
			}
			n, err := project(ctx, t, g.ontology, ids)
			return piece{ids[len(ids)-1], n.written}, err
		})
		if err != nil {
			return written, classify(ctx, err)
		}
		if done.last == "" {
			return written, nil
		}
		last, written = done.last, written+done.written
		progress(written)
	}
}
