package graph

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"
	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/singleflight"
)

// Config says where the database is.
type Config struct {
	URI                string // bolt://, neo4j://, bolt+s://, neo4j+s://
	Username, Password string
	Database           string        // "" is the server's default
	MaxConnections     int           // 0 is 64
	SlowStatement      time.Duration // a statement that takes longer is logged; 0 for none
	// Sent is told of each statement that is sent, and for how many requests it is; ended when its answer is there, or with
	// Neo4j's code of the failure, "timeout", "cancelled" or "connection". Nil is for nobody to be told.
	Sent func(ctx context.Context, text string, together int) (ended func(failure string))
	Log  *slog.Logger // of what happens while nobody waits for an answer; nil for none
}

// How patient we are with the database. A request's own deadline ends all of it.
const (
	maxAttempts    = 4                      // at one read or write, the first included
	firstPause     = 50 * time.Millisecond  // before the second attempt; each further pause is about twice as long
	connectTimeout = 5 * time.Second        // to get a connection: find the server, connect, log in
	idleCheck      = 30 * time.Second       // a connection that was idle for longer is asked first whether it lives
	tripAfter      = 3                      // reads and writes in a row that failed with all of their attempts
	silence        = time.Second            // without an answer, it is a failure; less is not when the request's time is over
	openFor        = 500 * time.Millisecond // how long nothing is tried after that, until the next probe
	probeTimeout   = 3 * time.Second        // what a probe may take
	quickTimeout   = 10 * time.Second       // for statements of ours that ask little
	longTimeout    = 10 * time.Minute       // for what nobody waits for, such as loading facts or building indexes
)

// A database is the way to Neo4j, and what is known of whether it answers.
//
// A read or write that fails because of the connection is tried again after pauses at random. When several in a row
// have failed with all of their attempts, a circuit breaker (M. Nygard, Release It!, 2007) refuses all others at once,
// so that their attempts do not pile up on a database that has enough to do with coming back. Every half second it lets
// one probe through, which all who ask at that time share; when it is answered, everything goes on. A probe also tells silence
// from reads that ask for too much.
type database struct {
	driver  neo4j.DriverWithContext
	name    string       // "" is the server's default
	home    atomic.Value // string: the name of that, once an answer has told it
	slots   permits      // of connections, so that who waits for one waits here and not in the driver
	begun   time.Time
	heard   atomic.Int64 // when the database answered last, in nanoseconds after begun
	breaker *gobreaker.TwoStepCircuitBreaker[any]
	probe   singleflight.Group
	closing context.Context // ends when close is called
	shut    context.CancelFunc
	tallies tallies
	written latest        // what this program changed last: its changes, and what it looks up for itself, see that
	slow    time.Duration // a statement that takes longer is logged
	log     *slog.Logger
	told    func(ctx context.Context, text string, together int) (ended func(failure string)) // Config.Sent
}

// openDatabase prepares connections; the database need not be there yet.
func openDatabase(c Config) (*database, error) {
	if c.MaxConnections == 0 {
		c.MaxConnections = 64
	}
	if strings.EqualFold(c.Database, "system") {
		return nil, errors.New("the database \"system\" holds Neo4j's own: name another, or none for the default one")
	}
	if u, err := url.Parse(c.URI); err == nil && u.User != nil {
		return nil, fmt.Errorf("the database address %q holds a name, and perhaps a password: give them as NEO4J_USERNAME and NEO4J_PASSWORD", WithoutPassword(c.URI))
	}
	notUsable := fmt.Errorf("the database address %q cannot be used: write bolt://host:7687 or neo4j://host:7687, with +s after the first word for encryption", WithoutPassword(c.URI))
	if u, err := url.Parse(c.URI); err == nil && u.Host == "" {
		return nil, notUsable
	}
	driver, err := neo4j.NewDriverWithContext(c.URI, neo4j.BasicAuth(c.Username, c.Password, ""), func(d *config.Config) {
		d.MaxConnectionPoolSize = c.MaxConnections + 1 // for the probe, which needs no slot
		d.ConnectionAcquisitionTimeout = connectTimeout
		d.SocketConnectTimeout = connectTimeout
		d.ConnectionLivenessCheckTimeout = idleCheck
		d.TelemetryDisabled = true
		d.UserAgent = "dossier"
	})
	if err != nil {
		return nil, notUsable
	}
	// The driver makes its dialler with the first connection, which no lock guards (5.28.4): a dial that fails at once
	// makes it before two requests can.
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_ = driver.VerifyConnectivity(ended)
	closing, shut := context.WithCancel(context.Background())
	return &database{
		driver:  driver,
		closing: closing,
		shut:    shut,
		name:    c.Database,
		slots:   make(permits, c.MaxConnections),
		begun:   time.Now(),
		slow:    c.SlowStatement,
		log:     c.Log,
		told:    c.Sent,
		breaker: gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
			Timeout:     openFor,
			ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= tripAfter },
			IsExcluded:  func(err error) bool { return errors.Is(err, errNoEvidence) },
			OnStateChange: func(_ string, from, to gobreaker.State) {
				switch {
				case to == gobreaker.StateClosed:
					c.Log.Info("the database answers again")
				case from == gobreaker.StateClosed:
					c.Log.Warn("the database does not answer: requests are refused until it does")
				}
			},
		}),
	}, nil
}

// WithoutPassword is the address of a database as it may be shown: with nothing of what could be a password.
func WithoutPassword(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Redacted()
	}
	shown := address[strings.LastIndexByte(address, '@')+1:]
	if scheme, _, found := strings.Cut(address, "://"); found && shown != address {
		return scheme + "://" + shown
	}
	return shown
}

// close ends a probe that is under way, and gives the connections back.
func (d *database) close(ctx context.Context) error {
	d.shut()
	select {
	case <-d.probe.DoChan("", func() (any, error) { return nil, nil }): // joins the probe, if there is one
	case <-ctx.Done():
	}
	return d.driver.Close(ctx)
}

func (d *database) session(ctx context.Context, mode neo4j.AccessMode, after ...neo4j.Bookmarks) neo4j.SessionWithContext {
	home, _ := d.home.Load().(string)
	return d.driver.NewSession(ctx, neo4j.SessionConfig{
		AccessMode: mode, DatabaseName: cmp.Or(d.name, home), Bookmarks: neo4j.CombineBookmarks(after...),
	})
}

// answered hears the summary of an answer. It tells the name of the database, which sessions have from then on: of one
// without a name, the driver may ask for the members of a cluster anew, and then only the one that it was told of in the
// beginning, which may be away.
func (d *database) answered(summary neo4j.ResultSummary) {
	if d.home.Load() == nil && summary.Database() != nil {
		d.home.Store(summary.Database().Name())
	}
}

// Ping asks the database for a sign of life, for three seconds at most; where there is none, it gives an *Error with
// ServiceUnavailable. All who ask at the same time share one probe.
func (d *database) Ping(ctx context.Context) error {
	answer := d.probe.DoChan("", func() (any, error) {
		if err := d.closing.Err(); err != nil {
			return nil, err
		}
		done, err := d.allow()
		if err != nil {
			return nil, err
		}
		begun := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), probeTimeout) // nobody's: it waits for no bookmark either
		defer cancel()
		defer context.AfterFunc(d.closing, cancel)()
		ask := func() error { return d.ask(ctx, neo4j.AccessModeRead, "RETURN 1", nil) }
		// The second attempt is for a connection that broke while it was idle, which the first one finds out.
		err = d.attempt(ctx, 2, ask)
		done(d.evidence(ctx, err, begun))
		return nil, err
	})
	select {
	case a := <-answer:
		if a.Err != nil {
			return away(a.Err)
		}
		return nil
	case <-ctx.Done():
		return away(ctx.Err())
	}
}

// allow asks the circuit breaker whether the database may be asked; done is told what came of it.
func (d *database) allow() (done func(error), err error) {
	if done, err = d.breaker.Allow(); err != nil {
		err = fmt.Errorf("%w: %w", ErrNotAsked, err)
	}
	return done, err
}

// Permits are taken by what may run at the same time. Nil ones are never used up.
type permits chan struct{}

// take waits for one, and says whether it came before the context ended.
func (p permits) take(ctx context.Context) bool {
	if p == nil {
		return true
	}
	select {
	case p <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (p permits) give() {
	if p != nil {
		<-p
	}
}

type shareKey struct{}

// Sharing returns a context whose reads take no more than so many connections at the same time, so that one request with
// many of them leaves some to the others; 0 is no limit. What waits to leave together with others' is not counted.
func Sharing(ctx context.Context, connections int) context.Context {
	var p permits
	if connections > 0 {
		p = make(permits, connections)
	}
	return context.WithValue(ctx, shareKey{}, p)
}

func shareOf(ctx context.Context) permits {
	p, _ := ctx.Value(shareKey{}).(permits)
	return p
}

// retry runs a read, and runs it again when its failure may be a passing one: see database. Auto-commit statements save
// two round trips against the driver's own retrying transactions. The context needs a deadline: without one, the driver
// does not heed its end.
func (d *database) retry(ctx context.Context, read func() error) error {
	if d.breaker.State() == gobreaker.StateHalfOpen {
		if err := d.Ping(ctx); err != nil {
			return err
		}
	}
	done, err := d.allow()
	if err != nil {
		return away(err)
	}
	var begun time.Time
	err = d.attempt(ctx, maxAttempts, func() error {
		d.tallies.waiting.Add(1)
		free := d.slots.take(ctx)
		d.tallies.waiting.Add(-1)
		if !free {
			return errNoEvidence
		}
		defer d.slots.give()
		begun = time.Now()
		return read()
	})
	if said := d.evidence(ctx, err, begun); isOver(ctx) && isFailure(said) {
		// Perhaps all that was asked at this time asks for too much: a probe tells, and nobody waits for it here.
		go func() {
			if d.Ping(d.closing) == nil || d.closing.Err() != nil {
				said = errNoEvidence
			}
			done(said)
		}()
	} else {
		done(said)
	}
	return err
}

// attempt tries up to so many times. It gives up early when the breaker has opened meanwhile.
func (d *database) attempt(ctx context.Context, most int, try func() error) error {
	pause := firstPause
	for n := 1; ; n++ {
		err := try()
		if n == most || !mayPass(err) || ctx.Err() != nil || d.breaker.State() == gobreaker.StateOpen {
			return err
		}
		// At random, so that those who failed together do not come back together.
		select {
		case <-time.After(pause/2 + rand.N(pause)): //nolint:gosec // no secret
		case <-ctx.Done():
			return err
		}
		pause *= 2
	}
}

// write runs a transaction, and runs it again when its failure may be a passing one and nothing of it can have been
// stored. Of a commit whose answer is lost nobody knows whether it was done, so that is told and not repeated.
func (d *database) write(ctx context.Context, work func(ctx context.Context, t transaction) error) error {
	ctx, cancel := context.WithTimeout(ctx, longTimeout)
	defer cancel()
	err := d.retry(ctx, func() error {
		session := d.session(ctx, neo4j.AccessModeWrite, d.written.last())
		defer func() { _ = session.Close(ctx) }() // a failure to close says nothing that the result did not
		tx, err := session.BeginTransaction(ctx, deadline(ctx)...)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Close(ctx) }() // rolls back what is not committed
		if err := work(ctx, transaction{d, tx}); err != nil {
			return err
		}
		err = tx.Commit(ctx)
		if err != nil && !hasAnswered(err) {
			return &Error{
				Code:    ServiceUnavailable,
				Message: "The database went away while it stored the change. Look whether the change is there before you make it again.",
				cause:   err,
			}
		}
		if err == nil {
			d.written.set(session.LastBookmarks())
		}
		return err
	})
	if err != nil {
		return classify(ctx, err)
	}
	return nil
}

// rows runs one statement without parameters and returns all of its rows. Without a deadline of the context it may take
// quickTimeout.
func (d *database) rows(ctx context.Context, mode neo4j.AccessMode, text string) ([][]any, error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, quickTimeout)
		defer cancel()
	}
	var out [][]any
	err := d.retry(ctx, func() error {
		out = nil
		return d.ask(ctx, mode, text, func(r *neo4j.Record) { out = append(out, r.Values) }, d.written.last())
	})
	if err != nil {
		return nil, classify(ctx, err)
	}
	return out, nil
}

// ask runs one statement once and hands on its rows.
func (d *database) ask(ctx context.Context, mode neo4j.AccessMode, text string, take func(*neo4j.Record), after ...neo4j.Bookmarks) (err error) {
	session := d.session(ctx, mode, after...)
	defer func() { _ = session.Close(ctx) }()
	ended := d.sent(ctx, text)
	defer func() { ended(err) }()
	result, err := session.Run(ctx, text, nil, deadline(ctx)...)
	if err != nil {
		return err
	}
	for result.Next(ctx) {
		if take != nil {
			take(result.Record())
		}
	}
	summary, err := result.Consume(ctx)
	if err == nil {
		d.answered(summary)
	}
	return err
}

// deadline hands what is left of the request's time to Neo4j, so that it stops working when nobody waits any more. It
// is a duration, which no clock that is set meanwhile can change.
func deadline(ctx context.Context) []func(*neo4j.TransactionConfig) {
	at, ok := ctx.Deadline()
	if !ok {
		return nil
	}
	return []func(*neo4j.TransactionConfig){neo4j.WithTxTimeout(max(time.Until(at), time.Millisecond))}
}

// ErrNotAsked is wrapped by the error of what was refused without asking the database, while the circuit breaker is open:
// that it does not answer has been told before.
var ErrNotAsked = errors.New("the database was not asked")

// errNoEvidence stands for a failure that does not say whether the database answers.
var errNoEvidence = errors.New("no connection became free in time")

func isFailure(evidence error) bool { return evidence != nil && !errors.Is(evidence, errNoEvidence) }

// evidence is what the end of a read or write, which began at some time, says of the database: nil that it answers,
// errNoEvidence nothing, another error that it does not.
func (d *database) evidence(ctx context.Context, err error, begun time.Time) error {
	switch {
	case hasAnswered(err):
		d.heard.Store(int64(time.Since(d.begun)))
		return nil
	case errors.Is(ctx.Err(), context.Canceled): // the client is gone
		return errNoEvidence
	case ctx.Err() != nil && chainOf(ctx).waitsFor() != nil: // for a state that it may not have
		return errNoEvidence
	case ctx.Err() != nil && time.Since(begun) < silence: // most of the time went by before it was asked
		return errNoEvidence
	case ctx.Err() != nil && d.heard.Load() > int64(begun.Sub(d.begun)): // it asked for much, and others were answered
		return errNoEvidence
	}
	return err
}

// hasAnswered says whether nothing speaks against it that the database answers: it did, be it with a failure.
func hasAnswered(err error) bool {
	var known *Error
	var item *ItemError
	var server *neo4j.Neo4jError
	switch {
	case errors.As(err, &known):
		return known.Code != ServiceUnavailable
	case errors.As(err, &server):
		return server.Code != "Neo.TransientError.General.DatabaseUnavailable"
	}
	return err == nil || errors.As(err, &item) || neo4j.IsUsageError(err) // which is our own mistake
}

// mayPass says whether another attempt may succeed where this one failed: the connection broke, or the database says so.
func mayPass(err error) bool {
	var known *Error
	var server *neo4j.Neo4jError
	switch {
	case errors.As(err, &known), errors.Is(err, errNoEvidence):
		return false
	case errors.As(err, &server):
		// What does not fit into memory does not fit into it the next time either.
		return neo4j.IsRetryable(server) && !strings.Contains(server.Code, outOfMemory)
	}
	return !hasAnswered(err)
}

const outOfMemory = "OutOfMemory" // in Neo4j's codes: of one transaction, or of all together

// away says that the database does not answer.
func away(cause error) *Error {
	return &Error{Code: ServiceUnavailable, Message: "The database does not answer. Try again in a moment.", cause: cause}
}

// classify turns a failure of the driver into an *Error for clients; the failure itself stays wrapped, for the log.
func classify(ctx context.Context, err error) error {
	var known *Error
	var item *ItemError
	if err == nil || errors.As(err, &known) || errors.As(err, &item) {
		return err
	}
	var server *neo4j.Neo4jError
	isServer := errors.As(err, &server)
	switch {
	case isServer && strings.HasPrefix(server.Code, "Neo.ClientError.Transaction.InvalidBookmark"):
		return notOurs(err)
	case chainOf(ctx).waitsFor() != nil && (isOver(ctx) || isServer && server.Code == "Neo.TransientError.Transaction.BookmarkTimeout"):
		return &Error{Code: Timeout, Message: "The request took too long: perhaps the database does not have the state of the bookmark yet. Try again.", cause: err}
	case isOver(ctx), isServer && isTimeout(server.Code):
		return &Error{Code: Timeout, Message: "The request took too long. Ask for less at once, or try again.", cause: err}
	case errors.Is(ctx.Err(), context.Canceled):
		return &Error{Code: ServiceUnavailable, Message: "The request was cancelled.", cause: err}
	case isServer && strings.Contains(server.Code, outOfMemory):
		return &Error{Code: ServiceUnavailable, Message: "The database has no memory left for this. Ask for less at once, or try again in a moment.", cause: err}
	case isServer && server.Code == "Neo.ClientError.Procedure.ProcedureCallFailed": // that fails, of those we call, where an index is not there yet: a search, and waiting for indexes
		return &Error{Code: ServiceUnavailable, Message: "The database has not built its search indexes yet. Try again in a moment.", cause: err}
	case !isServer && !neo4j.IsUsageError(err), isServer && neo4j.IsRetryable(server), isSetUpWrong(err):
		return away(err)
	}
	return &Error{Code: Internal, Message: "Something went wrong on our side.", cause: err}
}

// isOver says whether a context's time is over. What had the same deadline may have ended a moment before.
func isOver(ctx context.Context) bool {
	at, ok := ctx.Deadline()
	return errors.Is(ctx.Err(), context.DeadlineExceeded) || ok && ctx.Err() == nil && !time.Now().Before(at)
}

// ForOperators says of a failure what whoever runs the service should know, and clients need not.
func ForOperators(err error) string { return cmp.Or(toMend(err), err.Error()) }

// toMend is what somebody has to mend before a failure passes: how the program or Neo4j is set up, or what the database
// holds. It is "" where nothing of that kind lies behind the failure.
func toMend(err error) string {
	if server := (*neo4j.Neo4jError)(nil); errors.As(err, &server) {
		switch server.Code {
		case "Neo.ClientError.Security.AuthenticationRateLimit":
			return "Neo4j refuses this user for a while, after wrong passwords, perhaps of another program: check NEO4J_USERNAME and NEO4J_PASSWORD, there too, and wait."
		case "Neo.ClientError.Security.CredentialsExpired":
			return "Neo4j wants this user's password to be changed first, as after an installation: run ALTER CURRENT USER SET PASSWORD FROM 'old' TO 'new' in its database \"system\", for example in Neo4j Browser, and give the new one as NEO4J_PASSWORD."
		case "Neo.ClientError.Security.Forbidden":
			return "Neo4j does not let this user do what Dossier needs: give the user of NEO4J_USERNAME the right to read and write, and to create constraints and indexes, or name another user."
		case "Neo.ClientError.Database.DatabaseNotFound":
			return "Neo4j has no database of this name: check NEO4J_DATABASE."
		case "Neo.ClientError.Cluster.NotALeader", "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase":
			return "This member of the cluster does not take changes: let NEO4J_URI begin with neo4j:// in place of bolt://, so that they find the one that does."
		case "Neo.DatabaseError.Schema.ConstraintCreationFailed", "Neo.ClientError.Schema.ConstraintCreationFailed":
			return "Two nodes or relationships in the database have the same id, and with them Neo4j cannot create the constraint that keeps ids apart: delete one of the two, or give it another id."
		}
		if isRefusal(server.Code) {
			return "Neo4j refuses the user name or the password: check NEO4J_USERNAME and NEO4J_PASSWORD."
		}
	}
	if isOtherProtocol(err) {
		return "What answers at the address of NEO4J_URI is not the Bolt of Neo4j 5.26 or later: check host, port (Neo4j listens on 7687, its pages are on 7474) and version."
	}
	return ""
}

// isOtherProtocol says whether something else than a Neo4j of our time answers: web pages, or another version of Bolt.
func isOtherProtocol(err error) bool {
	var usage *neo4j.UsageError
	return errors.As(err, &usage) && strings.HasPrefix(usage.Message, "server responded ") ||
		err != nil && strings.Contains(err.Error(), "server did not accept any of the requested Bolt versions")
}

// isSetUpWrong says whether the database cannot be asked until somebody mends how it is asked.
func isSetUpWrong(err error) bool {
	var server *neo4j.Neo4jError
	return isOtherProtocol(err) || errors.As(err, &server) && (isRefusal(server.Code) || server.Code == "Neo.ClientError.Database.DatabaseNotFound")
}

func isRefusal(code string) bool { return strings.HasPrefix(code, "Neo.ClientError.Security.") }

func isTimeout(code string) bool {
	switch code {
	case "Neo.ClientError.Transaction.TransactionTimedOut",
		"Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
		"Neo.TransientError.Transaction.Terminated", // as Neo4j names it
		"Neo.ClientError.Transaction.Terminated":    // and the driver
		return true
	}
	return false
}
