package graph

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/sync/singleflight"

	"dossier/schema"
)

const (
	pollEvery   = 250 * time.Millisecond // how long a change may be there before anybody looks
	feedTimeout = 20 * time.Second       // what one read of the trail's changes may take
	feedPage    = 100                    // changes that are read at once
	feedSlots   = 4                      // statements for listeners at the same time: a change wakes all of them
)

// Watch answers the subscription changed: one answer for each change that is recorded from now on, or after the one
// whose cursor is given, in the order of recording, whichever process recorded it. A nil answer is a change that cannot
// be shown, as the log says. The channel is closed when the context has ended or the graph is closed; who reads slowly
// holds up nobody else.
//
// Arguments that cannot be used give an *Error with code BadUserInput. A database that is away gives one with code
// ServiceUnavailable where the present end of the trail has to be known, without a cursor. Later Watch waits for the
// database, and then goes on where it was.
//
// The trail's end is the property sequence of (:Log {id: 'log'}), which every writing transaction counts up; the ids of
// changes hold these numbers.
func (g *Graph) Watch(ctx context.Context, sel Selection) (<-chan Answer, error) {
	f, err := compileFeed(g.schema, g.ontology, sel)
	if err != nil {
		return nil, err
	}
	// Also with a cursor, for who asks about an entity that does not exist should be told.
	now, unknown, err := g.trailEnd(ctx, f.about)
	switch {
	case err != nil && f.after == "":
		return nil, err
	case len(unknown) > 0:
		return nil, located(within("about", badInput("there is no entity %s", show(unknown[0]))), []string{f.key})
	case f.after == "":
		f.after = changeID(now.sequence)
	}
	out := make(chan Answer)
	g.trail.beside(func(closing context.Context) {
		defer close(out)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(closing, cancel)()
		g.follow(ctx, f, out)
	})
	return out, nil
}

// A feed is the subscription changed, compiled.
type feed struct {
	Statement        // the changes after the id in the parameter after, up to that in upTo: lists of id and object
	key       string // of the field in the response
	about     []string
	after     string // id of the change that the client has seen last; "" without a cursor
}

func compileFeed(s *ast.Schema, o *schema.Ontology, sel Selection) (feed, error) {
	c, f := newCompiler(s, o, sel)
	out, err := c.feed(f)
	if err != nil {
		return out, located(err, c.path)
	}
	return out, nil
}

var changePattern = regexp.MustCompile(`^change:\d{12}$`)

// changeID is the id of the change with a number: ids sort as the numbers do.
func changeID(sequence int64) string { return fmt.Sprintf("change:%012d", sequence) }

// feed compiles the subscription changed.
func (c *compiler) feed(f collected) (feed, error) {
	out := feed{key: f.key}
	if err := c.list(); err != nil {
		return out, err
	}
	args := f.field.ArgumentMap(c.variables)
	if args["after"] != nil {
		cursor, err := coerceString(args["after"])
		if err != nil {
			return out, within("after", err)
		}
		keys, err := order{keys: []key{{}}}.decode(cursor)
		if err == nil && !changePattern.MatchString(keys[0].(string)) {
			err = errors.New("another thing's")
		}
		if err != nil {
			return out, within("after", badInput("%s is not the cursor of a change: pass one that changed or changes gave", show(cursor)))
		}
		out.after = keys[0].(string)
	}
	about, err := c.entityIDs(args, "about")
	if err != nil {
		return out, err
	}
	out.about = about.ids
	change := place{v: c.variable("change"), label: "Change"}
	id := property(change.v, "id")
	touches := ""
	if about.given() {
		touches = fmt.Sprintf("EXISTS { MATCH (%s)-[:TOUCHED]->(touched:Entity) WHERE touched.id IN %s }", change.v, about.param)
	}
	with, expr, shape, err := c.row(change, []string{"Change"}, f.set)
	if err != nil {
		return out, err
	}
	rows := subquery("COLLECT",
		fmt.Sprintf("MATCH (%s:Change)", change.v),
		where(id+" > "+c.param("after", ""), id+" <= "+c.param("upTo", ""), touches),
		fmt.Sprintf("WITH %s ORDER BY %s LIMIT %d", change.v, id, feedPage),
		with, "RETURN "+list([]string{id, expr}))
	out.Statement = Statement{Text: "RETURN " + rows + " AS answer", Params: c.params, Shape: shape}
	return out, nil
}

// follow sends the changes after the one that a feed names until the context ends.
func (g *Graph) follow(ctx context.Context, f feed, out chan<- Answer) {
	defer g.trail.leave()
	g.trail.join(g.poll)
	for logged := false; ctx.Err() == nil; {
		end, moved := g.trail.now()
		err := g.catchUp(ctx, &f, end, out)
		var again <-chan time.Time
		if err != nil && ctx.Err() == nil {
			// That the database is away the poller tells, once for all.
			var known *Error
			if away := errors.As(err, &known) && known.Code == ServiceUnavailable; !away && !logged {
				g.log.ErrorContext(ctx, "live changes cannot be read; trying again", "error", err)
				logged = true
			}
			again = time.After(pollEvery)
		}
		select {
		case <-moved:
		case <-again:
		case <-ctx.Done():
			return
		}
	}
}

// catchUp sends the changes up to an end of the trail, and notes in the feed how far it came.
func (g *Graph) catchUp(ctx context.Context, f *feed, end trailEnd, out chan<- Answer) error {
	for upTo := changeID(end.sequence); f.after < upTo; {
		rows, err := g.changesUpTo(ctx, *f, upTo, end.bookmarks)
		if err != nil {
			return err
		}
		for _, row := range rows {
			row := row.([]any)
			answer, fieldErrors := Write(f.key, f.Shape, row[1])
			for _, e := range fieldErrors {
				g.log.ErrorContext(ctx, "a live change is incomplete", "change", row[0], "path", e.Path, "error", e.Message)
			}
			select {
			case out <- answer:
				f.after = row[0].(string)
			case <-ctx.Done():
				return nil
			}
		}
		if len(rows) < feedPage {
			f.after = upTo
		}
	}
	return nil
}

// changesUpTo reads the next changes for a feed. Listeners who want the same at the same time are answered with one
// statement, and all of them together leave most connections to those who ask.
func (g *Graph) changesUpTo(ctx context.Context, f feed, upTo string, bookmarks neo4j.Bookmarks) (rows []any, err error) {
	params := maps.Clone(f.Params)
	params["after"], params["upTo"] = f.after, upTo
	answer := g.trail.reads.DoChan(fmt.Sprintf("%s %#v %v", f.Text, params, bookmarks), func() (any, error) {
		ctx, done := g.trail.enter()
		defer done()
		ctx, cancel := context.WithTimeout(context.WithValue(ctx, chainKey{}, &chain{after: bookmarks}), feedTimeout)
		defer cancel()
		if !g.trail.slots.take(ctx) {
			return nil, away(ctx.Err())
		}
		defer g.trail.slots.give()
		value, _, err := g.run(ctx, f.Text, params)
		return value, classify(ctx, err)
	})
	select {
	case a := <-answer:
		if a.Err != nil {
			return nil, a.Err
		}
		return a.Val.([]any), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A trailEnd is how far the audit trail goes. Whoever reads up to there does it with the bookmarks: only then has every
// change up to there been applied, to all indexes and on the server of the cluster that answers.
type trailEnd struct {
	sequence  int64
	bookmarks neo4j.Bookmarks
}

// trailEnd reads where the trail ends, and which of some entities do not exist. Those who ask for the same while others are
// answered are answered together, as many are who come back after a server has stopped.
func (g *Graph) trailEnd(ctx context.Context, entities []string) (end trailEnd, unknown []any, err error) {
	ctx, cancel := context.WithTimeout(ctx, quickTimeout)
	defer cancel()
	seen := &chain{}
	value, _, err := g.together.read(context.WithValue(ctx, chainKey{}, seen), Statement{
		Text: lines(
			"OPTIONAL MATCH (log:Log {id: 'log'})",
			"RETURN [coalesce(log.sequence, 0), [id IN $ids WHERE NOT EXISTS { (:Entity {id: id}) }]]"),
		Params: map[string]any{"ids": slices.Concat([]string{}, entities)},
		alone:  true,
	})
	if err != nil {
		return end, nil, classify(ctx, err)
	}
	read := value.([]any)
	end.sequence, _ = read[0].(int64)
	end.bookmarks = seen.seen
	unknown, _ = read[1].([]any)
	return end, unknown, nil
}

// A trail is the end of the audit trail, as somebody looked it up for all who listen.
type trail struct {
	closing context.Context // ends with the graph
	close   context.CancelFunc
	running sync.WaitGroup     // what runs beside, and has to end before the connections do
	reads   singleflight.Group // of changes, for those who listen
	slots   permits

	mu        sync.Mutex
	listeners int
	stop      context.CancelFunc // of the poller that runs while there are listeners
	end       trailEnd
	moved     chan struct{} // closed when the end is another one; nil when nobody waits for that
}

func (t *trail) open() {
	t.closing, t.close = context.WithCancel(context.Background())
	t.slots = make(permits, feedSlots)
}

// shut ends all that runs beside, and waits for it.
func (t *trail) shut() {
	t.mu.Lock()
	t.close()
	t.mu.Unlock()
	t.running.Wait()
}

// beside runs a function in a goroutine, with a context that ends with the graph.
func (t *trail) beside(f func(context.Context)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.start(f)
}

// enter is for what somebody else's goroutine runs beside until done is called.
func (t *trail) enter() (ctx context.Context, done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closing.Err() != nil {
		return t.closing, func() {}
	}
	t.running.Add(1)
	return t.closing, t.running.Done
}

func (t *trail) start(f func(context.Context)) {
	if t.closing.Err() != nil { // nobody waits for it any more, and it ends at once
		go f(t.closing)
		return
	}
	t.running.Go(func() { f(t.closing) })
}

// join notes a listener; the first one has the poller started.
func (t *trail) join(poll func(context.Context)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.listeners++; t.listeners == 1 {
		var ctx context.Context
		ctx, t.stop = context.WithCancel(t.closing)
		t.start(func(context.Context) { poll(ctx) })
	}
}

// leave ends the poller with the last listener.
func (t *trail) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.listeners--; t.listeners == 0 {
		t.stop()
	}
}

// now returns the end of the trail, and a channel that is closed when there is another one.
func (t *trail) now() (trailEnd, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.moved == nil {
		t.moved = make(chan struct{})
	}
	return t.end, t.moved
}

// set notes where the trail ends, and wakes the listeners if that is news.
func (t *trail) set(end trailEnd) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if end.sequence == t.end.sequence {
		return
	}
	t.end = end
	if t.moved != nil {
		close(t.moved)
		t.moved = nil
	}
}

// poll looks up the end of the trail until the context ends.
func (g *Graph) poll(ctx context.Context) {
	for away := false; ctx.Err() == nil; {
		end, _, err := g.trailEnd(ctx, nil)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			g.trail.set(end)
		case !away:
			g.log.Warn("live changes wait for the database", "error", ForOperators(err))
		}
		away = err != nil
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
			return
		}
	}
}
