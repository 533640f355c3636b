// Package graph is everything that touches the database: it is the only package that speaks Cypher or to the driver.
//
// Reading is one way, whatever is asked: a root field is compiled into one statement (Compile), the statement runs in
// one round trip and returns one record of nested lists (Read), and the record is written as the field's JSON (Write).
// No object of Go stands in between. What was compiled is kept for requests that differ in ids, times, texts and
// cursors (plans). While the connections are busy, reads of the same text wait for one another and leave as one statement
// (together); statements that are new leave most of the connections to the others (run); while the database is away, a
// circuit breaker answers in its place (database).
//
// Writing is claims (Record). What the graph knows is what has been claimed; the typed relationships that queries
// match are projected from the live claims in the same transaction (Rebuild does it again for all of them):
//
//	(:Person:Entity {id, name, aliases, description, externalIds, recordedAt, ...})      also Company, Product, Event
//	  -[:CO_FOUNDED {id, subjectId, objectId, status, contested, recordedAt, validFrom, ..., validTo, ..., own properties}]->
//	(:Company:Entity)
//	(:Claim {id, statement, statedAs, status, disputed, rank, madeOn, ..., recordedAt, retractedAt, withdrawnAt, digest,
//	         relationshipId, kind, subjectId, objectId, validFrom, ..., validTo, ..., own properties})
//	  -[:ATTRIBUTED_TO|ABOUT]->(:Entity)   -[:QUOTED_FROM {start, end, sha256, exact}]->(:Document)
//	  -[:DISPUTES|CORROBORATES|SUPERSEDES]->(:Claim)
//
// Nothing is forgotten. What a relationship was before its claims added up to something else stays as a relationship of
// the type BELIEVED_<KIND>, what an entity or a document was before it was amended as a node beside it, each with the
// stretch of transaction time [knownFrom, knownTo) in which it was the record. So a read as of an earlier instant is the
// same statement with one more condition (instant). Every writing transaction has an instant of its own, later than all
// before on any machine, and notes what it did:
//
//	(:Entity|Document {..., knownFrom})-[:FORMERLY]->(:Former {knownFrom, knownTo, the properties of then})
//	()-[:CO_FOUNDED {..., knownFrom}]->()   ()-[:BELIEVED_CO_FOUNDED {..., knownFrom, knownTo}]->()
//	(:Change {id, at, actor, operation})-[:TOUCHED]->(:Entity)   -[:CHANGED]->(:Claim|Document)
//	(:Log {id, sequence, at, widest})   the last change's number and instant; whoever writes locks it first; the most
//	                                    days that lie between the first and the last day of a date
//
// A partial date is four properties: validFrom (first day), validFromLatest, validFromEdtf and validFromText, and
// likewise for the others; of the end of validity the plain validTo is the last day and validToEarliest the first, so
// that the plain names hold the widest bounds. A known open end is the EDTF "..", without bounds.
package graph

import (
	"context"
	"hash/maphash"
	"log/slog"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/vektah/gqlparser/v2/ast"

	"dossier/internal/kept"
	"dossier/schema"
)

// A Graph is a database that holds the graph of one ontology.
type Graph struct {
	*database
	schema   *ast.Schema
	ontology *schema.Ontology
	plans    plans
	together *together
	trail    trail

	seed          maphash.Seed
	answeredTexts *kept.Cache[uint64, struct{}] // the statements that have been answered lately, by their hashes
	planning      permits                       // of the others, which Neo4j has to plan first
}

// maxAnswered is how many statements are taken for planned; Neo4j keeps the plans of a thousand.
const maxAnswered = 1000

// Open prepares a connection; the database need not be there yet. Close ends it. An address that cannot be used or holds a name
// or password, and the database "system", are refused.
//
// What the methods of a Graph cannot do for a reason that clients may know gives an *Error: while the database does not answer,
// with ServiceUnavailable. Without a deadline of the context, questions such as Empty's and Examine's may take ten seconds each,
// and changes and Prepare ten minutes.
func Open(c Config, s *ast.Schema, o *schema.Ontology) (*Graph, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	d, err := openDatabase(c)
	if err != nil {
		return nil, err
	}
	g := &Graph{
		database: d, schema: s, ontology: o, plans: newPlans(s, o),
		seed:          maphash.MakeSeed(),
		answeredTexts: kept.New(1, maxAnswered, func(uint64, struct{}) int { return 1 }),
		planning:      make(permits, max(1, cap(d.slots)/4)),
	}
	g.together = newTogether(g.run)
	g.trail.open()
	return g, nil
}

// Close ends what Watch began and gives the connections back.
func (g *Graph) Close(ctx context.Context) error {
	g.trail.shut()
	return g.close(ctx)
}

// Empty says whether the database holds no entity, document or claim.
func (g *Graph) Empty(ctx context.Context) (bool, error) {
	rows, err := g.rows(ctx, neo4j.AccessModeRead,
		"RETURN NOT EXISTS { (:Entity) } AND NOT EXISTS { (:Document) } AND NOT EXISTS { (:Claim) }")
	if err != nil {
		return false, err
	}
	empty, _ := rows[0][0].(bool)
	return empty, nil
}

// An Explanation shows how a root field was answered.
type Explanation struct {
	Statement  string         `json:"statement"`
	Parameters map[string]any `json:"parameters"`
	// Together is how many requests were answered with this statement at once, each with parameters of its own or with
	// another's that are equal.
	Together int      `json:"together"`
	Profile  *Profile `json:"profile,omitempty"`
}

// A Profile is what Neo4j counted while it ran a statement.
type Profile struct {
	DBHits int64 `json:"dbHits"`
	Rows   int64 `json:"rows"` // that the operators handed on, all together
	// Operators are the plan's steps in the order in which Neo4j lists them, the last one first.
	Operators []Operator `json:"operators"`
}

// An Operator is one step of a plan.
type Operator struct {
	Name   string `json:"name"`
	Depth  int    `json:"depth"`
	DBHits int64  `json:"dbHits"`
	Rows   int64  `json:"rows"`
}

// Read answers a root field: its JSON, or nil for null, and the errors at places below it. An error of the field as a
// whole is an *Error. With profile, Neo4j counts along, and the explanation has what it counted.
func (g *Graph) Read(ctx context.Context, root Root, sel Selection, profile bool) (Answer, []FieldError, *Explanation, error) {
	st, err := g.plans.compile(root, sel)
	if err != nil {
		return nil, nil, nil, err
	}
	explanation := &Explanation{Statement: st.Text, Parameters: st.Params}
	var record any
	if profile {
		explanation.Together = 1
		record, explanation.Profile, err = g.profiled(ctx, st)
	} else {
		record, explanation.Together, err = g.together.read(ctx, st)
		g.tallies.together[explanation.Together-1].Add(1)
	}
	if err != nil {
		return nil, nil, explanation, classify(ctx, err)
	}
	answer, fieldErrors := Write(sel.Field.Alias, st.Shape, record)
	return answer, fieldErrors, explanation, nil
}

// run runs a statement and returns its one value, or nil without one, and how long Neo4j worked on it.
func (g *Graph) run(ctx context.Context, text string, params map[string]any) (value any, worked time.Duration, err error) {
	err = g.planned(ctx, text, func() error {
		var summary neo4j.ResultSummary
		if value, summary, err = g.once(ctx, text, params); err == nil {
			worked = summary.ResultAvailableAfter() + summary.ResultConsumedAfter()
		}
		return err
	})
	return value, worked, err
}

// planned runs a statement with this text by retry. Neo4j has to plan a text that it has not seen lately, for seconds perhaps:
// those take no more than a quarter of the connections, so that what has been asked before is answered meanwhile.
func (g *Graph) planned(ctx context.Context, text string, read func() error) error {
	sum := maphash.String(g.seed, text)
	if _, known := g.answeredTexts.Get(ctx, sum); known {
		return g.retry(ctx, read)
	}
	if !g.planning.take(ctx) {
		return ctx.Err()
	}
	defer g.planning.give()
	err := g.retry(ctx, read)
	if err == nil {
		g.answeredTexts.Add(ctx, sum, struct{}{})
	}
	return err
}

// profiled does the same while Neo4j counts along.
func (g *Graph) profiled(ctx context.Context, st Statement) (value any, p *Profile, err error) {
	share := shareOf(ctx)
	if !share.take(ctx) {
		return nil, nil, ctx.Err()
	}
	defer share.give()
	text := "PROFILE " + st.Text
	err = g.planned(ctx, text, func() error {
		var summary neo4j.ResultSummary
		if value, summary, err = g.once(ctx, text, st.Params); err == nil && summary.Profile() != nil {
			p = &Profile{}
			p.add(summary.Profile(), 0)
		}
		return err
	})
	return value, p, err
}

func (g *Graph) once(ctx context.Context, text string, params map[string]any) (value any, summary neo4j.ResultSummary, err error) {
	chain := chainOf(ctx)
	session := g.session(ctx, neo4j.AccessModeRead, chain.waitsFor())
	defer func() { _ = session.Close(ctx) }() // a failure to close says nothing that the result did not
	ended := g.sent(ctx, text)
	defer func() { ended(err) }()
	result, err := session.Run(ctx, text, params, deadline(ctx)...)
	if err != nil {
		return nil, nil, err
	}
	if result.Next(ctx) {
		value = result.Record().Values[0]
	}
	if summary, err = result.Consume(ctx); err == nil {
		chain.saw(session.LastBookmarks())
		g.answered(summary)
	}
	return value, summary, err
}

func (p *Profile) add(plan neo4j.ProfiledPlan, depth int) {
	p.DBHits += plan.DbHits()
	p.Rows += plan.Records()
	p.Operators = append(p.Operators, Operator{strings.TrimSuffix(plan.Operator(), "@neo4j"), depth, plan.DbHits(), plan.Records()})
	for _, child := range plan.Children() {
		p.add(child, depth+1)
	}
}
