package graph

import "fmt"

// live are the standings of claims that count; the order is that in which they speak for a relationship.
var live = []string{"CORROBORATED", "ASSERTED", "ALLEGED", "DISPUTED"}

// standing returns two Cypher expressions for the claim that a variable holds, which was recorded by an instant (an
// expression too): its ClaimStatus as of that instant, and whether a live claim disputed it then. They bind no variable
// outside of their subqueries, and inside only names that start with the claim's.
//
// First who is out of the running: what was retracted or withdrawn by then, and what a claim that was neither had
// superseded. Then who was disputed, or backed by somebody else, with a claim in the running. Claims recorded later do
// not exist yet.
//
// The patterns name no label, which only claims have anyway: with one, Neo4j may look every claim up for each claim.
func standing(claim, at string) (status, disputed string) {
	upheld := func(x string) string { // recorded, and neither retracted nor withdrawn
		return fmt.Sprintf("%[1]s.recordedAt <= %[2]s AND coalesce(%[1]s.retractedAt > %[2]s, true) AND coalesce(%[1]s.withdrawnAt > %[2]s, true)", x, at)
	}
	superseded := func(x string) string {
		by := x + "Successor"
		return subquery("EXISTS", fmt.Sprintf("MATCH (%s)<-[:SUPERSEDES]-(%s)", x, by), where(upheld(by)))
	}
	pointed := func(kind, by string, more ...string) string {
		return subquery("EXISTS", fmt.Sprintf("MATCH (%s)<-[:%s]-(%s)", claim, kind, by), where(append([]string{upheld(by), "NOT " + superseded(by)}, more...)...))
	}
	disputed = pointed("DISPUTES", claim+"Opponent")
	backer := claim + "Backer"
	status = lines(
		"CASE",
		fmt.Sprintf("  WHEN %s.retractedAt <= %s THEN 'RETRACTED'", claim, at),
		fmt.Sprintf("  WHEN %s.withdrawnAt <= %s THEN 'WITHDRAWN'", claim, at),
		indent("WHEN "+superseded(claim)+" THEN 'SUPERSEDED'"),
		indent("WHEN "+disputed+" THEN 'DISPUTED'"),
		indent("WHEN "+pointed("CORROBORATES", backer, elseBy(backer, claim))+" THEN 'CORROBORATED'"),
		fmt.Sprintf("  ELSE %s.statedAs", claim),
		"END")
	return status, disputed
}

// elseBy is the condition that a claim is made by somebody whom another one is not made by. A claim that is attributed to
// nobody is made by the documents that it is quoted from.
func elseBy(claim, other string) string {
	by := func(c, kind, who string) string { return fmt.Sprintf("EXISTS { (%s)-[:%s]->(%s) }", c, kind, who) }
	speaker, document := claim+"Speaker", claim+"Document"
	return lines("CASE",
		"  WHEN "+by(claim, "ATTRIBUTED_TO", ""),
		"  THEN "+inline("EXISTS", fmt.Sprintf("MATCH (%s)-[:ATTRIBUTED_TO]->(%s)", claim, speaker), where("NOT "+by(other, "ATTRIBUTED_TO", speaker))),
		"  ELSE "+by(other, "ATTRIBUTED_TO", "")+" OR NOT "+inline("EXISTS", fmt.Sprintf("MATCH (%s)-[:QUOTED_FROM]->(%s)", claim, document), where(by(other, "QUOTED_FROM", document))),
		"END")
}
