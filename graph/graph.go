// Package graph is everything that touches the database: it is the only package that speaks Cypher or to the driver.
//
// Reading is one way, whatever is asked: a root field is compiled into one statement (Compile), the statement runs in
// one round trip and returns one record of nested lists (Read), and the record is written as the field's JSON (Write).
// No object of Go stands in between.
//
// Writing is claims (Record). What the graph knows is what has been claimed; the typed relationships that queries
// match are projected from the live claims in the same transaction (Rebuild does it again for all of them):
//
//	(:Person:Entity {id, name, aliases, description, externalIds, recordedAt, ...})      also Company, Product, Event
//	  -[:CO_FOUNDED {id, status, contested, recordedAt, validFrom, ..., validTo, ..., own properties}]->(:Company:Entity)
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
//	(:Log {id, sequence, at})   the last change's number and instant; whoever writes locks it first
//
// A partial date is four properties: validFrom (first day), validFromLatest, validFromEdtf and validFromText, and
// likewise for the others; of the end of validity the plain validTo is the last day and validToEarliest the first, so
// that the plain names hold the widest bounds. A known open end is the EDTF "..", without bounds.
package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"
	"github.com/vektah/gqlparser/v2/ast"

	"dossier/schema"
)

// Config says where the database is.
type Config struct {
	URI                string // bolt://, neo4j://, bolt+s://, neo4j+s://
	Username, Password string
	Database           string       // "" is the server's default
	MaxConnections     int          // 0 is 64
	Log                *slog.Logger // of what happens while nobody waits for an answer; nil for none
}

// A Graph is a database that holds the graph of one ontology.
type Graph struct {
	driver   neo4j.DriverWithContext
	database string
	schema   *ast.Schema
	ontology *schema.Ontology
	log      *slog.Logger
	trail    trail
}

// Open prepares a connection; the database need not be there yet. Close ends it.
func Open(c Config, s *ast.Schema, o *schema.Ontology) (*Graph, error) {
	if c.MaxConnections == 0 {
		c.MaxConnections = 64
	}
	driver, err := neo4j.NewDriverWithContext(c.URI, neo4j.BasicAuth(c.Username, c.Password, ""), func(d *config.Config) {
		d.MaxConnectionPoolSize = c.MaxConnections
		d.ConnectionAcquisitionTimeout = 10 * time.Second
		d.SocketConnectTimeout = 5 * time.Second
		d.MaxTransactionRetryTime = 10 * time.Second
		d.TelemetryDisabled = true
		d.UserAgent = "dossier"
	})
	if err != nil {
		return nil, fmt.Errorf("the database address %q cannot be used: write bolt://host:7687 or neo4j://host:7687, with +s after the first word for encryption", c.URI)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	g := &Graph{driver: driver, database: c.Database, schema: s, ontology: o, log: c.Log}
	g.trail.open()
	return g, nil
}

// Close ends what Watch began and gives the connections back.
func (g *Graph) Close(ctx context.Context) error {
	g.trail.shut()
	return g.driver.Close(ctx)
}

// Ping says whether the database answers a statement.
func (g *Graph) Ping(ctx context.Context) error {
	_, err := g.rows(ctx, neo4j.AccessModeRead, "RETURN 1")
	return err
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
	Profile    *Profile       `json:"profile,omitempty"`
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
	st, err := Compile(g.schema, g.ontology, root, sel)
	if err != nil {
		return nil, nil, nil, err
	}
	explanation := &Explanation{Statement: st.Text, Parameters: st.Params}
	text := st.Text
	if profile {
		text = "PROFILE " + text
	}
	var record any
	err = retry(ctx, func() error {
		session := g.session(ctx, neo4j.AccessModeRead)
		defer func() { _ = session.Close(ctx) }() // a failure to close says nothing that the result did not
		result, err := session.Run(ctx, text, st.Params, deadline(ctx)...)
		if err != nil {
			return err
		}
		record = nil
		if result.Next(ctx) {
			record = result.Record().Values[0]
		}
		summary, err := result.Consume(ctx)
		if err == nil && profile && summary.Profile() != nil {
			explanation.Profile = &Profile{}
			explanation.Profile.add(summary.Profile(), 0)
		}
		return err
	})
	if err != nil {
		return nil, nil, explanation, classify(ctx, err)
	}
	answer, fieldErrors := Write(sel.Field.Alias, st.Shape, record)
	return answer, fieldErrors, explanation, nil
}

func (p *Profile) add(plan neo4j.ProfiledPlan, depth int) {
	p.DBHits += plan.DbHits()
	p.Rows += plan.Records()
	p.Operators = append(p.Operators, Operator{strings.TrimSuffix(plan.Operator(), "@neo4j"), depth, plan.DbHits(), plan.Records()})
	for _, child := range plan.Children() {
		p.add(child, depth+1)
	}
}

func (g *Graph) session(ctx context.Context, mode neo4j.AccessMode) neo4j.SessionWithContext {
	return g.driver.NewSession(ctx, neo4j.SessionConfig{AccessMode: mode, DatabaseName: g.database})
}

// rows runs one statement without parameters and returns all of its rows.
func (g *Graph) rows(ctx context.Context, mode neo4j.AccessMode, text string) ([][]any, error) {
	var out [][]any
	err := retry(ctx, func() error {
		session := g.session(ctx, mode)
		defer func() { _ = session.Close(ctx) }()
		result, err := session.Run(ctx, text, nil, deadline(ctx)...)
		if err != nil {
			return err
		}
		out = nil
		for result.Next(ctx) {
			out = append(out, result.Record().Values)
		}
		return result.Err()
	})
	if err != nil {
		return nil, classify(ctx, err)
	}
	return out, nil
}

// deadline hands what is left of the request's time to Neo4j, so that it stops working when nobody waits any more.
func deadline(ctx context.Context) []func(*neo4j.TransactionConfig) {
	at, ok := ctx.Deadline()
	if !ok {
		return nil
	}
	return []func(*neo4j.TransactionConfig){neo4j.WithTxTimeout(max(time.Until(at), time.Millisecond))}
}

// retry runs a read again, up to three times in all, when the driver says that it may succeed then. Auto-commit
// statements save two round trips against the driver's own retrying transactions.
func retry(ctx context.Context, read func() error) error {
	for attempt := 1; ; attempt++ {
		err := read()
		if err == nil || attempt == 3 || !neo4j.IsRetryable(err) || ctx.Err() != nil {
			return err
		}
		pause := time.Duration(attempt) * (50 + time.Duration(rand.IntN(50))) * time.Millisecond
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}

// classify turns a failure of the driver into an *Error for clients; the failure itself stays wrapped, for the log.
func classify(ctx context.Context, err error) error {
	var known *Error
	var item *ItemError
	if errors.As(err, &known) || errors.As(err, &item) {
		return err
	}
	var server *neo4j.Neo4jError
	isServer := errors.As(err, &server)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded), isServer && isTimeout(server.Code):
		return &Error{Code: Timeout, Message: "The request took too long. Ask for less at once, or try again.", cause: err}
	case errors.Is(ctx.Err(), context.Canceled):
		return &Error{Code: ServiceUnavailable, Message: "The request was cancelled.", cause: err}
	case !isServer, neo4j.IsRetryable(err), isRefusal(server.Code):
		return &Error{Code: ServiceUnavailable, Message: "The database does not answer. Try again in a moment.", cause: err}
	}
	return &Error{Code: Internal, Message: "Something went wrong on our side.", cause: err}
}

// ForOperators says of a failure what whoever runs the service should know, and clients need not.
func ForOperators(err error) string {
	var server *neo4j.Neo4jError
	if errors.As(err, &server) && isRefusal(server.Code) {
		return "Neo4j refuses the user name or the password: check NEO4J_USERNAME and NEO4J_PASSWORD."
	}
	return err.Error()
}

func isRefusal(code string) bool { return strings.HasPrefix(code, "Neo.ClientError.Security.") }

func isTimeout(code string) bool {
	switch code {
	case "Neo.ClientError.Transaction.TransactionTimedOut",
		"Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
		"Neo.TransientError.Transaction.Terminated":
		return true
	}
	return false
}
