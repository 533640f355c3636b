package graph

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"dossier/schema"
)

// A history is what a relationship has been, as the record knew it: its states in order, each different from the one
// before.
type history struct {
	id, source, target string
	states             []state
}

// A state of a relationship holds from its instant until the next state.
type state struct {
	from       time.Time
	properties map[string]any // without knownFrom and knownTo; nil while no live claim speaks of the relationship
}

// add adds a state, if it is another than the last one. A relationship that nothing speaks of yet has none.
func (h *history) add(s state) {
	var last map[string]any
	if n := len(h.states); n > 0 {
		last = h.states[n-1].properties
	}
	if !reflect.DeepEqual(last, s.properties) {
		h.states = append(h.states, s)
	}
}

// project brings claims and relationships up to date after the claims with these ids were added, retracted or withdrawn
// at an instant: the standing of those claims and of all that they bear on, and then every relationship that one of
// them speaks of. It returns how many relationships were not there before.
func project(ctx context.Context, tx transaction, o *schema.Ontology, claims []string, at time.Time) (created int, err error) {
	for piece := range slices.Chunk(claims, 1000) {
		// Two steps: a claim that supersedes another also changes the standing of what that one disputed.
		rows, err := tx.rows(ctx, `MATCH (c:Claim) WHERE c.id IN $ids
MATCH (c)-[:DISPUTES|CORROBORATES|SUPERSEDES*0..2]->(affected)
RETURN collect(DISTINCT affected.id), collect(DISTINCT affected.relationshipId)`, map[string]any{"ids": piece})
		if err != nil {
			return created, err
		}
		if err := setStanding(ctx, tx, rows[0][0].([]any), at); err != nil {
			return created, err
		}
		for _, k := range o.Kinds {
			n, err := advance(ctx, tx, k, ofKind(k, rows[0][1].([]any)), at)
			created += n
			if err != nil {
				return created, err
			}
		}
	}
	return created, nil
}

// setStanding stores the standing that claims have at an instant.
func setStanding(ctx context.Context, tx transaction, claims []any, at time.Time) error {
	status, disputed := standing("c", "$at")
	_, err := tx.rows(ctx, lines("MATCH (c:Claim) WHERE c.id IN $ids",
		"WITH c, "+status+" AS status, "+disputed+" AS disputed",
		"SET c.status = status, c.disputed = disputed"), map[string]any{"ids": claims, "at": at})
	return err
}

// ofKind are the relationships of a kind among those with these ids.
func ofKind(k *schema.Kind, ids []any) []any {
	return slices.DeleteFunc(slices.Clone(ids), func(id any) bool { return !strings.HasPrefix(id.(string), k.Slug()+":") })
}

// advance adds what relationships are at an instant, which is later than all before, to what is stored of them. It
// returns how many were not there before.
func advance(ctx context.Context, tx transaction, k *schema.Kind, ids []any, at time.Time) (created int, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	params := map[string]any{"ids": ids, "at": at}
	rows, err := tx.rows(ctx, fmt.Sprintf("MATCH ()-[r:%s]->() WHERE r.id IN $ids RETURN r.id, properties(r)", escape(k.Type)), params)
	if err != nil {
		return 0, err
	}
	before := map[any][]state{}
	for _, row := range rows {
		s := state{properties: row[1].(map[string]any)}
		s.from, _ = s.properties["knownFrom"].(time.Time)
		delete(s.properties, "knownFrom")
		before[row[0]] = []state{s}
	}
	all, err := histories(ctx, tx, k, before, lines("MATCH (c:Claim) WHERE c.relationshipId IN $ids AND c.rank <> 'DEPRECATED'",
		"WITH c.relationshipId AS id, $at AS at, c"), params)
	if err != nil {
		return 0, err
	}
	all = slices.DeleteFunc(all, func(h *history) bool { return len(h.states) == len(before[h.id]) })
	for _, h := range all {
		if len(h.states) == 1 {
			created++
		}
	}
	return created, store(ctx, tx, k, all)
}

// histories adds to what relationships of a kind have been before, by id, what the claims say that they were at some
// instants. The match binds these: a relationship's id, an instant (at), and a claim (c) that may speak for it.
func histories(ctx context.Context, tx transaction, k *schema.Kind, before map[any][]state, match string, params map[string]any) ([]*history, error) {
	status, disputed := standing("c", "at")
	rows, err := tx.rows(ctx, lines(match,
		"WHERE c.recordedAt <= at",
		"WITH id, at, c {.*, status: "+status+", disputed: "+disputed+"} AS claim",
		"RETURN id, at, collect(claim)",
		"ORDER BY id, at"), params)
	if err != nil {
		return nil, err
	}
	var out []*history
	for _, row := range rows {
		claims := make([]map[string]any, 0, len(row[2].([]any)))
		for _, c := range row[2].([]any) {
			claims = append(claims, c.(map[string]any))
		}
		if len(out) == 0 || out[len(out)-1].id != row[0] {
			out = append(out, &history{row[0].(string), claims[0]["subjectId"].(string), claims[0]["objectId"].(string), before[row[0]]})
		}
		s := state{from: row[1].(time.Time)}
		claims = slices.DeleteFunc(claims, func(c map[string]any) bool { return !slices.Contains(live, c["status"].(string)) })
		h := out[len(out)-1]
		if len(claims) > 0 {
			s.properties = addUp(k, claims)
			s.properties["subjectId"], s.properties["objectId"] = h.source, h.target
		}
		h.add(s)
	}
	return out, nil
}

// store writes what relationships of a kind are: the last state as the current relationship, if it is one, and the
// states before as the relationships that were believed in then.
func store(ctx context.Context, tx transaction, k *schema.Kind, all []*history) error {
	var gone []any
	var current, past []map[string]any
	for _, h := range all {
		here := false
		for i, s := range h.states {
			if s.properties == nil {
				continue
			}
			row := map[string]any{"id": h.id, "source": h.source, "target": h.target, "properties": maps.Clone(s.properties)}
			properties := row["properties"].(map[string]any)
			properties["knownFrom"] = s.from
			if here = i == len(h.states)-1; here {
				current = append(current, row)
				continue
			}
			properties["knownTo"] = h.states[i+1].from
			past = append(past, row)
		}
		if !here {
			gone = append(gone, h.id)
		}
	}
	const ends = "MATCH (s:Entity {id: row.source}), (t:Entity {id: row.target})\n"
	if err := tx.unwind(ctx, past, fmt.Sprintf(ends+"CREATE (s)-[r:%s]->(t)\nSET r = row.properties", escape(schema.Believed+k.Type))); err != nil {
		return err
	}
	if err := tx.unwind(ctx, current, fmt.Sprintf(ends+"MERGE (s)-[r:%s {id: row.id}]->(t)\nSET r = row.properties", escape(k.Type))); err != nil {
		return err
	}
	return remove(ctx, tx, k.Type, gone)
}

// remove deletes the relationships of a type with these ids.
func remove(ctx context.Context, tx transaction, relationshipType string, ids []any) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.rows(ctx, fmt.Sprintf("MATCH ()-[r:%s]->() WHERE r.id IN $ids DELETE r", escape(relationshipType)), map[string]any{"ids": ids})
	return err
}

// addUp returns the properties of a relationship that its live claims add up to. The claim that speaks first gives
// the status; each date and each property comes from the first claim that states it, so that a claim which knows only
// the reason does not hide another's date. A start or an end that cannot be together with what was said before is not
// taken. First speak preferred claims, then those of better standing (see live), then the older ones.
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
			if !endsFirst(cmp.Or(out["validFrom"], c["validFrom"]), cmp.Or(out["validTo"], c["validTo"])) {
				takeDate(out, c, name)
			}
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

// endsFirst says whether something would end before it starts, or on the day on which it does, so that it never held: by the
// bounds of both; not where one is unknown.
func endsFirst(start, end any) bool {
	from, starts := start.(neo4j.Date)
	to, ends := end.(neo4j.Date)
	return starts && ends && !to.Time().After(from.Time())
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

// Rebuilt counts what a Rebuild did.
type Rebuilt struct {
	Relationships int // that there are now
	Undrawn       int // that live claims speak of and are not there: an end of theirs is not stored
	Deleted       int // that no claim speaks of
}

// Rebuild works out the standing of all claims again, links them to the subjects and objects of what they assert, and projects all
// relationships again from them, with all that they have been; it deletes those that no claim speaks of. It goes piece by piece,
// each in its own transaction, and reports after each how many relationships it has done. What is recorded meanwhile is right
// already. It notes no change: the record, which is the claims, stays the same.
func (g *Graph) Rebuild(ctx context.Context, progress func(done int)) (out Rebuilt, err error) {
	err = g.pieces(ctx, "id", func(ctx context.Context, t transaction, at time.Time, claims []any) (Rebuilt, error) {
		if err := setStanding(ctx, t, claims, at); err != nil {
			return Rebuilt{}, err
		}
		_, err := t.rows(ctx, `MATCH (c:Claim) WHERE c.id IN $ids
MATCH (e:Entity) WHERE e.id IN [c.subjectId, c.objectId]
MERGE (c)-[:ABOUT]->(e)`, map[string]any{"ids": claims})
		return Rebuilt{}, err
	}, func(Rebuilt) {})
	if err != nil {
		return out, err
	}
	err = g.pieces(ctx, "relationshipId", func(ctx context.Context, t transaction, _ time.Time, relationships []any) (all Rebuilt, err error) {
		for _, k := range g.ontology.Kinds {
			there, undrawn, err := recount(ctx, t, k, ofKind(k, relationships))
			if err != nil {
				return all, err
			}
			all.Relationships += there
			all.Undrawn += undrawn
		}
		return all, nil
	}, func(piece Rebuilt) {
		out.Relationships += piece.Relationships
		out.Undrawn += piece.Undrawn
		progress(out.Relationships)
	})
	if err != nil {
		return out, err
	}
	out.Deleted, err = g.removeStrays(ctx)
	return out, err
}

// pieces goes through the values that claims have of a property, in their order, a thousand at a time, each time in a
// transaction of its own. What do returns goes to done once it is committed.
func (g *Graph) pieces(ctx context.Context, name string, do func(ctx context.Context, t transaction, at time.Time, values []any) (Rebuilt, error), done func(piece Rebuilt)) error {
	value := property("c", name)
	for last := ""; ; {
		var next string // the last value of this piece; "" when there was none left
		var piece Rebuilt
		err := g.write(ctx, func(ctx context.Context, t transaction) error {
			at, _, err := t.lock(ctx)
			if err != nil {
				return err
			}
			rows, err := t.rows(ctx, lines("MATCH (c:Claim) WHERE "+value+" > $last",
				"WITH DISTINCT "+value+" AS value ORDER BY value LIMIT 1000",
				"RETURN collect(value)"), map[string]any{"last": last})
			if err != nil {
				return err
			}
			values := rows[0][0].([]any)
			if next = ""; len(values) == 0 {
				return nil
			}
			next = values[len(values)-1].(string)
			piece, err = do(ctx, t, at, values)
			return err
		})
		if err != nil || next == "" {
			return err
		}
		last = next
		done(piece)
	}
}

// recount replaces what is stored of relationships of a kind by what the claims tell of all times. It returns how many
// there are now, and how many more there would be if their ends were stored.
func recount(ctx context.Context, tx transaction, k *schema.Kind, ids []any) (there, undrawn int, err error) {
	if len(ids) == 0 {
		return 0, 0, nil
	}
	// What a relationship is may change when something happens to a claim for it, to one that points at such a claim,
	// or to one that supersedes either.
	all, err := histories(ctx, tx, k, nil, `MATCH (c:Claim) WHERE c.relationshipId IN $ids AND c.rank <> 'DEPRECATED'
MATCH (c)<-[:DISPUTES|CORROBORATES|SUPERSEDES*0..1]-()<-[:SUPERSEDES*0..1]-(x)
UNWIND [x.recordedAt, x.retractedAt, x.withdrawnAt] AS at
WITH c.relationshipId AS id, collect(DISTINCT c) AS claims, collect(DISTINCT at) AS instants
UNWIND instants AS at
UNWIND claims AS c
WITH id, at, c`, map[string]any{"ids": ids})
	if err != nil {
		return 0, 0, err
	}
	// Also what stands: somebody may have drawn it between other entities.
	for _, name := range []string{schema.Believed + k.Type, k.Type} {
		if err := remove(ctx, tx, name, ids); err != nil {
			return 0, 0, err
		}
	}
	if err := store(ctx, tx, k, all); err != nil {
		return 0, 0, err
	}
	rows, err := tx.rows(ctx, fmt.Sprintf("MATCH ()-[r:%s]->() WHERE r.id IN $ids RETURN count(r)", escape(k.Type)), map[string]any{"ids": ids})
	if err != nil {
		return 0, 0, err
	}
	n, _ := rows[0][0].(int64)
	for _, h := range all {
		if n := len(h.states); n > 0 && h.states[n-1].properties != nil {
			undrawn++
		}
	}
	return int(n), undrawn - int(n), nil
}

// strays matches the relationships r that no claim speaks of, of those that are or were believed: we did not write them.
func (g *Graph) strays() string {
	return lines(
		"MATCH ()-[r:"+instant{known: "datetime()"}.types(g.ontology.Kinds...)+"]->()",
		"WHERE r.id IS NULL OR NOT EXISTS { MATCH (c:Claim) WHERE c.relationshipId = r.id AND type(r) IN [c.kind, '"+schema.Believed+"' + c.kind] }")
}

// removeStrays deletes the relationships that no claim speaks of, and returns how many there were.
func (g *Graph) removeStrays(ctx context.Context) (deleted int, err error) {
	for most, n := int64(1000), int64(1000); n == most; {
		err := g.write(ctx, func(ctx context.Context, t transaction) error {
			if _, _, err := t.lock(ctx); err != nil {
				return err
			}
			rows, err := t.rows(ctx, g.strays()+"\nWITH r LIMIT $most DELETE r RETURN count(*)", map[string]any{"most": most})
			if err == nil {
				n, _ = rows[0][0].(int64)
			}
			return err
		})
		if err != nil {
			return deleted, err
		}
		deleted += int(n)
	}
	return deleted, nil
}
