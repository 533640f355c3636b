package graph

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A change is what the audit trail notes of one item: what was done to it, and which it is.
type change struct {
	done  string // RECORD, AMEND, RETRACT or WITHDRAW
	label string // Entity, Document or Claim
	id    string
}

// commit runs a writing transaction and notes its changes, if there are any, in the audit trail:
//
//	(:Change {id, at, actor, operation, kind, relationshipId})-[:TOUCHED]->(:Entity)   -[:CHANGED]->(:Claim|:Document)
//
// The operation is for example RECORD_CLAIM; kind and relationshipId are there where the claim asserts a relationship.
// Ids hold a sequence without gaps ("change:000000000001"), so that their order is that of the commits. An item at
// fault gives an *ItemError. What write does may be done again in a new
// transaction.
func (g *Graph) commit(ctx context.Context, actor string, write func(ctx context.Context, tx transaction, at time.Time) ([]change, error)) error {
	if strings.TrimSpace(actor) == "" {
		return within("actor", badInput("say who makes the change, for the audit trail"))
	}
	return g.write(ctx, func(ctx context.Context, t transaction) error {
		at, sequence, err := t.lock(ctx)
		if err != nil {
			return err
		}
		changes, err := write(ctx, t, at)
		if err != nil || len(changes) == 0 {
			return err
		}
		return t.note(ctx, actor, at, sequence, changes)
	})
}

// lock makes writers take turns, in all replicas of the service: it takes the lock of the one Log node, which the
// transaction holds until its end. It returns the transaction's instant, later than that of any before, and the number
// of the last change.
func (t transaction) lock(ctx context.Context) (at time.Time, sequence int64, err error) {
	// Setting a property takes the lock; what is read before that may be out of date.
	if _, err := t.rows(ctx, "MERGE (l:Log {id: 'log'}) ON CREATE SET l.widest = 0 SET l.locked = true REMOVE l.locked", nil); err != nil {
		return at, 0, err
	}
	rows, err := t.rows(ctx, "MATCH (l:Log {id: 'log'}) RETURN coalesce(l.sequence, 0), l.at", nil)
	if err != nil {
		return at, 0, err
	}
	// Neo4j holds equal instants of different zones for different, so all of ours have the offset 0, which the driver
	// takes from a zone of this name.
	at = time.Now().Truncate(time.Microsecond)
	if last, ok := rows[0][1].(time.Time); ok && !at.After(last) {
		at = last.Add(time.Microsecond)
	}
	return at.In(time.FixedZone("Offset", 0)), rows[0][0].(int64), nil
}

// note adds changes to the audit trail, in this order.
func (t transaction) note(ctx context.Context, actor string, at time.Time, sequence int64, changes []change) error {
	rows := map[string][]map[string]any{}
	for _, c := range changes {
		sequence++
		rows[c.label] = append(rows[c.label], map[string]any{"item": c.id, "properties": map[string]any{
			"id": changeID(sequence), "at": at, "actor": actor, "operation": c.done + "_" + strings.ToUpper(c.label),
		}})
	}
	for label, statement := range map[string]string{
		"Entity": `MATCH (e:Entity {id: row.item})
CREATE (change:Change)-[:TOUCHED]->(e)
SET change = row.properties`,
		"Document": `MATCH (d:Document {id: row.item})
CREATE (change:Change)-[:CHANGED]->(d)
SET change = row.properties`,
		"Claim": `MATCH (c:Claim {id: row.item})
CREATE (change:Change)-[:CHANGED]->(c)
SET change = row.properties, change.kind = c.kind, change.relationshipId = c.relationshipId
WITH change, c
MATCH (c)-[:ABOUT]->(e:Entity)
CREATE (change)-[:TOUCHED]->(e)`,
	} {
		if err := t.unwind(ctx, rows[label], statement); err != nil {
			return err
		}
	}
	_, err := t.rows(ctx, "MATCH (l:Log {id: 'log'}) SET l.sequence = $sequence, l.at = $at", map[string]any{"sequence": sequence, "at": at})
	return err
}

// Retract takes a claim out of the record, for example because it was recorded in error. It stays readable, with the
// reason, but no longer counts: what it superseded, disputed or corroborated stands as if it had never been made, and
// its relationship is projected from the others. A claim that is not there or is retracted already, or an empty reason,
// gives an *ItemError.
func (g *Graph) Retract(ctx context.Context, actor, claim, reason string) error {
	return g.end(ctx, actor, claim, reason, "RETRACT", "retracted", "SET c.retractedAt = $at, c.retractionReason = $reason")
}

// Withdraw notes that whoever made a claim has taken it back. From then on it counts as little as a retracted one. What
// gives an *ItemError is as for Retract; a retracted claim cannot be withdrawn.
func (g *Graph) Withdraw(ctx context.Context, actor, claim, reason string) error {
	return g.end(ctx, actor, claim, reason, "WITHDRAW", "withdrawn", "SET c.withdrawnAt = $at, c.withdrawalReason = $reason")
}

// end lets a claim no longer count.
func (g *Graph) end(ctx context.Context, actor, claim, reason, done, participle, set string) error {
	if strings.TrimSpace(reason) == "" {
		return &ItemError{Item: claim, Reason: "say why it is " + participle + ": the reason is empty"}
	}
	return g.commit(ctx, actor, func(ctx context.Context, tx transaction, at time.Time) ([]change, error) {
		params := map[string]any{"id": claim, "at": at, "reason": reason}
		rows, err := tx.rows(ctx, "MATCH (c:Claim {id: $id}) RETURN c.retractionReason, c.withdrawalReason", params)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			return nil, &ItemError{Item: claim, Reason: "there is no claim with this id"}
		}
		if why, ok := rows[0][0].(string); ok {
			return nil, &ItemError{Item: claim, Reason: fmt.Sprintf("it is retracted already: %q", why)}
		}
		if why, ok := rows[0][1].(string); ok && done == "WITHDRAW" {
			return nil, &ItemError{Item: claim, Reason: fmt.Sprintf("it is withdrawn already: %q", why)}
		}
		if _, err := tx.rows(ctx, "MATCH (c:Claim {id: $id}) "+set, params); err != nil {
			return nil, err
		}
		_, err = project(ctx, tx, g.ontology, []string{claim}, at)
		return []change{{done, "Claim", claim}}, err
	})
}
