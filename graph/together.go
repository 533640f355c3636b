package graph

import (
	"context"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// How many reads leave together.
const (
	maxTogether  = 64
	togetherTime = 16 * time.Millisecond  // what the reads of one statement may take: what takes long gains nothing from company
	maxLanes     = 1 << 20                // bytes of those that are remembered
	aloneSlots   = 8                      // statements of one shape at the same time that cannot leave together
	manyReads    = 4                      // that left together, and more are to be expected
	quickRead    = 100 * time.Microsecond // Neo4j's time for a read that costs the service as much
)

// Most of what a quick read costs Neo4j is the statement's and not the read's. So reads of the same shape, which differ
// in their parameters only, leave together as one statement when more of them come than are answered at once: natural
// batching. Nothing waits for company; what finds a free slot leaves at once, alone or with those whose requests have
// arrived, too. Reads that must leave alone have lanes as well, so that there are not too many of them at the same time.
//
// Reads that wait for the same thing, as many do for what everybody looks at just now, are read once. Only those who wait
// together are: what came after a statement had left may know of a change that the statement does not see.
//
// Each shape has slots of its own, so that none waits for another. A read that ends before its statement does, because
// its client is gone or its time is over, leaves the others undisturbed. When a statement for several that differ fails,
// each of them is read alone, so that it gets its own answer or its own error.
type together struct {
	// run runs a statement and returns its one value, or nil without one, and how long Neo4j worked on it.
	run   func(ctx context.Context, text string, params map[string]any) (value any, worked time.Duration, err error)
	slots int // statements of one shape at the same time

	mu    sync.Mutex
	lanes *simplelru.LRU[laneKey, *lane]
	bytes int // of all lanes, about
}

// A lane is the reads of one shape.
type lane struct {
	slots   int           // statements at the same time, at most
	most    int           // reads in one of them
	running int           // statements under way
	waiting []*read       // in the order of their coming
	worked  time.Duration // of Neo4j on the latest statements: each counts an eighth less with every later one
	reads   float64       // in those
	size    int           // of the company that came back last, of equal reads one
	late    int           // statements under way that have taken more than togetherTime
	text    string        // of the statement for several; "" until there was one
	first   bool          // is the first statement for several under way?
	planned bool          // has it been answered?
}

// A read waits for its answer.
type read struct {
	ctx    context.Context
	params map[string]any
	wants  string        // the parameters; "" where that is not worth the time to write them
	equals []*read       // that leave with it and get its answer
	answer chan answered // holds one
}

type answered struct {
	value any
	err   error
	size  int  // of the company
	alone bool // it is to be read alone
}

func newTogether(run func(ctx context.Context, text string, params map[string]any) (any, time.Duration, error)) *together {
	lanes, _ := simplelru.NewLRU[laneKey, *lane](maxLanes, nil) // the error is for a size below 1
	return &together{run: run, slots: max(2, runtime.GOMAXPROCS(0)), lanes: lanes}
}

// read runs a statement, alone or with others, and returns its one value and how many reads left together. It takes its
// share of the connections first (see Sharing): a read that waited for that in a slot would keep others from it.
func (t *together) read(ctx context.Context, st Statement) (value any, size int, err error) {
	share := shareOf(ctx)
	if !share.take(ctx) {
		return nil, 1, ctx.Err()
	}
	held := true
	defer func() {
		if held {
			share.give()
		}
	}()
	key := st.lane()
	key.others += strings.Join(chainOf(ctx).waitsFor(), " ") // who waits for another state may wait longer
	t.mu.Lock()
	l, known := t.lanes.Get(key)
	if !known {
		l = t.open(key, st.alone)
	}
	free, before := l.running < l.places(), len(l.waiting)
	if free {
		l.running++
		if t.letLineUp(l); len(l.waiting) == 0 {
			late := t.whenLate(l, st)
			t.mu.Unlock()
			var worked time.Duration
			defer func() { t.leave(l, st, late, worked, 1, err) }()
			value, worked, err = t.run(ctx, st.Text, st.Params)
			return value, 1, err
		}
	}
	r := &read{ctx: ctx, params: st.Params, answer: make(chan answered, 1)}
	if l.most == 1 || l.each() >= quickRead {
		t.mu.Unlock() // a client may send many parameters, and others need not wait for that
		r.wants = fmt.Sprintf("%#v", st.Params)
		t.mu.Lock()
		if !free && l.running < l.places() { // by now
			l.running++
			free = true
		}
	}
	if free {
		l.waiting = slices.Insert(l.waiting, min(before, len(l.waiting)), r)
		t.follow(l, st)
	} else {
		l.waiting = append(l.waiting, r)
	}
	t.mu.Unlock()
	if !free && l.most > 1 { // who comes along takes no connection
		share.give()
		held = false
	}
	select {
	case a := <-r.answer:
		if !a.alone {
			return a.value, a.size, a.err
		}
		if !held {
			if held = share.take(ctx); !held {
				return nil, 1, ctx.Err()
			}
		}
		value, _, err = t.run(ctx, st.Text, st.Params)
		return value, 1, err
	case <-ctx.Done():
		return nil, 1, ctx.Err()
	}
}

// letLineUp lets requests that have arrived come as far as the lane, those that only wait for a processor, until no more of
// them are for it. Where nothing else is to be done it returns at once.
func (t *together) letLineUp(l *lane) {
	for known := -1; known < len(l.waiting) && len(l.waiting) < l.most-1; {
		known = len(l.waiting)
		t.mu.Unlock()
		runtime.Gosched()
		t.mu.Lock()
	}
}

// A laneKey is what the reads of a shape have in common: the text, and what else a statement for several has once.
type laneKey struct{ text, others string }

func (s Statement) lane() laneKey {
	key := laneKey{text: s.Text}
	for _, name := range s.limits {
		key.others += fmt.Sprint(s.Params[name], " ")
	}
	return key
}

// bytes is about what a lane takes: its texts, for one request and for several, and the rest of it.
func (k laneKey) bytes() int { return 2*len(k.text) + len(k.others) + 500 }

// open returns a new lane, of reads that leave together or of those that leave alone. When all lanes take too much memory
// it forgets those that were used longest ago, but not while statements are under way.
func (t *together) open(key laneKey, alone bool) *lane {
	t.bytes += key.bytes()
	if t.bytes > maxLanes {
		for _, k := range t.lanes.Keys() { // the oldest first
			if l, _ := t.lanes.Peek(k); l.running == 0 && t.bytes > maxLanes {
				t.lanes.Remove(k)
				t.bytes -= k.bytes()
			}
		}
	}
	l := &lane{slots: t.slots, most: maxTogether}
	if alone {
		l.slots, l.most = aloneSlots, 1
	}
	t.lanes.Add(key, l)
	return l
}

// whenLate has a statement that leaves now keep nobody waiting for long: once it is late, its place is another's, too.
func (t *together) whenLate(l *lane, st Statement) *time.Timer {
	return time.AfterFunc(togetherTime, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		l.late++
		if len(l.waiting) > 0 && l.running < l.places() {
			l.running++
			t.follow(l, st)
		}
	})
}

// leave gives the slot of a statement back, to those who wait if there are any. The time of one that failed says nothing.
func (t *together) leave(l *lane, st Statement, late *time.Timer, worked time.Duration, size int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !late.Stop() {
		l.late--
	}
	switch {
	case size > 1 && !l.planned:
		l.first, l.planned = false, err == nil // most of that time was planning
	case err == nil:
		l.worked, l.reads = l.worked*7/8+worked, l.reads*7/8+float64(size)
	}
	l.size = size
	t.follow(l, st)
}

// follow has those who wait leave in a slot that is held, or gives it back.
func (t *together) follow(l *lane, st Statement) {
	var next []*read
	if l.running <= l.places() { // else another statement has them leave when it comes back
		next = l.next()
	}
	if next == nil {
		l.running--
		return
	}
	if l.text == "" && len(next) > 1 {
		l.text = forSeveral(st)
	}
	go t.depart(l, st, t.whenLate(l, st), next)
}

// each is what one read took Neo4j lately, 0 where that is not known. Neo4j tells whole milliseconds of a statement, which
// may be none, so that only several of them together say it.
func (l *lane) each() time.Duration {
	if l.reads == 0 {
		return 0
	}
	return time.Duration(float64(l.worked) / l.reads)
}

// places is how many statements there may be at the same time: half of the slots while many quick reads leave together, and
// one more for each statement that is late. It is the service that has most to do then, and the fewer statements there are,
// the less.
func (l *lane) places() int {
	if l.size >= manyReads && l.each() < quickRead {
		return min(l.slots, max(1, l.slots/2)+l.late)
	}
	return l.slots
}

// next takes the reads that leave together now, without those that have ended meanwhile, and of equal ones the first, which
// has the others.
func (l *lane) next() []*read {
	n := l.most
	if each := l.each(); each > 0 {
		n = min(n, max(1, int(togetherTime/each)))
	}
	if l.first && !l.planned { // while Neo4j plans the statement for several, the other slots go on
		n = 1
	}
	var out []*read
	taken := 0
	later := l.waiting[:0]
	for _, r := range l.waiting {
		equal := -1
		if r.wants != "" {
			equal = slices.IndexFunc(out, func(o *read) bool { return o.wants == r.wants })
		}
		switch {
		case r.ctx.Err() != nil:
		case taken == maxTogether:
			later = append(later, r)
		case equal >= 0:
			taken++
			out[equal].equals = append(out[equal].equals, r)
		case len(out) < n:
			taken++
			out = append(out, r)
		default:
			later = append(later, r)
		}
	}
	clear(l.waiting[len(later):])
	l.waiting = later
	if len(out) > 1 && !l.planned {
		l.first = true
	}
	return out
}

// depart answers some reads, and those that are equal to them, with one statement.
func (t *together) depart(l *lane, st Statement, late *time.Timer, reads []*read) {
	var values []any
	var worked time.Duration
	var err error
	defer func() { t.leave(l, st, late, worked, len(reads), err) }()
	everyone := slices.Clone(reads)
	for _, r := range reads {
		everyone = append(everyone, r.equals...)
	}
	if len(everyone) == 1 {
		values, worked, err = t.answer(reads[0].ctx, l, st, reads)
	} else {
		ctx, end := company(everyone)
		defer end()
		ctx, share := jointly(ctx, everyone)
		values, worked, err = t.answer(ctx, l, st, reads)
		share()
	}
	// Whose error it is among several, nobody knows; of equal ones it is each's, who would only get it again.
	a := answered{size: len(everyone), alone: err != nil && hasAnswered(err) && len(reads) > 1, err: err}
	for i, r := range reads {
		a.value = values[i]
		r.answer <- a
		for _, equal := range r.equals {
			equal.answer <- a
		}
	}
}

// answer runs the statement for one read, or the lane's for several of them, and returns the value of each, nil without one.
func (t *together) answer(ctx context.Context, l *lane, st Statement, reads []*read) (values []any, worked time.Duration, err error) {
	values = make([]any, len(reads))
	if len(reads) == 1 {
		values[0], worked, err = t.run(ctx, st.Text, reads[0].params)
		return values, worked, err
	}
	params := map[string]any{}
	for _, name := range st.limits {
		params[name] = st.Params[name]
	}
	requests := make([]any, len(reads))
	for i, r := range reads {
		requests[i] = r.params
	}
	params[batchParam] = map[string]any{"requests": requests}
	value, worked, err := t.run(ctx, l.text, params)
	pairs, _ := value.([]any)
	for _, pair := range pairs {
		p := pair.([]any)
		values[p[0].(int64)] = p[1]
	}
	return values, worked, err
}

// companyKey is the key under which a context has the reads that leave together with it: []*read.
type companyKey struct{}

// company is the context of reads that leave together: it ends when the last of them has ended, or when end is called.
func company(reads []*read) (ctx context.Context, end func()) {
	ctx = context.WithValue(context.WithoutCancel(reads[0].ctx), companyKey{}, reads)
	var latest time.Time
	for _, r := range reads {
		at, ok := r.ctx.Deadline()
		if !ok {
			latest = time.Time{}
			break
		}
		if at.After(latest) {
			latest = at
		}
	}
	if latest.IsZero() {
		latest = time.Now().Add(longTimeout)
	}
	ctx, cancel := context.WithDeadline(ctx, latest)
	var left atomic.Int64
	left.Store(int64(len(reads)))
	stops := make([]func() bool, len(reads))
	for i, r := range reads {
		stops[i] = context.AfterFunc(r.ctx, func() {
			// At the latest deadline the context ends for that reason, which says something of the database.
			if left.Add(-1) == 0 && time.Now().Before(latest) {
				cancel()
			}
		})
	}
	return ctx, func() {
		cancel()
		for _, stop := range stops {
			stop()
		}
	}
}

// batchParam is what a statement for several calls the map of its requests.
const batchParam = "batch"

var (
	parameter  = regexp.MustCompile(`\$(\w+)`)
	subqueries = regexp.MustCompile(`CALL \((\w?)`)
)

// forSeveral is the statement that answers several requests with a list of pairs, of a request's position and its
// answer. What has no answer has no pair. Parameters become properties of the request, except in a LIMIT, which takes no
// variables; and every subquery that names what it sees of the outside has to name the request too. The requests are in a
// map because Neo4j plans a statement anew for lists of one parameter, of up to 10, of up to 100: seconds in which nobody
// gets an answer.
func forSeveral(st Statement) string {
	text := parameter.ReplaceAllStringFunc(st.Text, func(p string) string {
		if slices.Contains(st.limits, p[1:]) {
			return p
		}
		return "request." + p[1:]
	})
	text = subqueries.ReplaceAllStringFunc(text, func(c string) string {
		if strings.HasSuffix(c, "(") {
			return "CALL (request"
		}
		return "CALL (request, " + c[len("CALL ("):]
	})
	return lines(
		"UNWIND range(0, size($"+batchParam+".requests) - 1) AS position",
		"WITH position, $"+batchParam+".requests[position] AS request",
		subquery("CALL (request)", text),
		"RETURN collect([position, answer]) AS answers")
}
