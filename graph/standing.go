package graph

import "fmt"

// live are the standings of claims that count; the order is that in which they speak for a relationship.
var live = []string{"CORROBORATED", "ASSERTED", "ALLEGED", "DISPUTED"}

// standing returns two Cypher expressions for the claim that a variable holds, which was recorded by an instant (an
// expression too): its ClaimStatus as of that instant, and whether a live claim disputed it then. They bind no variable
// outside of their subqueries, and inside only names that start with the claim's.
//
// First who is out of the running: what was retracted or withdrawn by then, and what a claim that was neither had
// superseded. Then who was disputed or backed by a claim in the running. Claims recorded later do not exist yet.
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
	pointed := func(kind, by string) string {
		return subquery("EXISTS", fmt.Sprintf("MATCH (%s)<-[:%s]-(%s)", claim, kind, by), where(upheld(by), "NOT "+superseded(by)))
	}
	disputed = pointed("DISPUTES", claim+"Opponent")
	status = lines(
		"CASE",
		fmt.Sprintf("  WHEN %s.retractedAt <= %s THEN 'RETRACTED'", claim, at),
		fmt.Sprintf("  WHEN %s.withdrawnAt <= %s THEN 'WITHDRAWN'", claim, at),
		indent("WHEN "+superseded(claim)+" THEN 'SUPERSEDED'"),
		indent("WHEN "+disputed+" THEN 'DISPUTED'"),
		indent("WHEN "+pointed("CORROBORATES", claim+"Backer")+" THEN 'CORROBORATED'"),
		fmt.Sprintf("  ELSE %s.statedAs", claim),
		"END")
	return status, disputed
}
