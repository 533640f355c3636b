package graph

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A gate is what statements are run by: each waits there until it is let through.
type gate struct{ came chan arrival }

type arrival struct {
	text     string
	ids      []string
	deadline time.Duration // what is left
	ctx      context.Context
	pass     chan error
}

func newGate() *gate { return &gate{came: make(chan arrival, 100)} }

// run answers what asks for an id with "answer of" and the id, and with nothing for the id "unknown".
func (g *gate) run(ctx context.Context, text string, params map[string]any) (any, time.Duration, error) {
	begun := time.Now()
	a := arrival{text: text, ctx: ctx, pass: make(chan error, 1)}
	if at, ok := ctx.Deadline(); ok {
		a.deadline = time.Until(at)
	}
	batch, several := params["batch"].(map[string]any)
	requests := []any{params}
	if several {
		requests = batch["requests"].([]any)
	}
	pairs := []any{}
	for position, r := range requests {
		request := r.(map[string]any)
		id := request["id"].(string)
		a.ids = append(a.ids, id)
		if id != "unknown" {
			pairs = append(pairs, []any{int64(position), "answer of " + id})
		}
	}
	g.came <- a
	select {
	case err := <-a.pass:
		if err != nil {
			return nil, time.Since(begun), err
		}
	case <-ctx.Done():
		return nil, time.Since(begun), ctx.Err()
	}
	if several {
		slices.Reverse(pairs) // the order of rows is not promised
		return pairs, time.Since(begun), nil
	}
	return "answer of " + a.ids[0], time.Since(begun), nil
}

// A traveller is a read under way.
type traveller struct {
	value any
	size  int
	err   error
	ended bool
}

func travel(ctx context.Context, t *together, id string, limit int64) *traveller {
	out := &traveller{}
	go func() {
		out.value, out.size, out.err = t.read(ctx, Statement{
			Text: "MATCH (n {id: $id}) RETURN n LIMIT $limit", Params: map[string]any{"id": id, "limit": limit}, limits: []string{"limit"},
		})
		out.ended = true
	}()
	synctest.Wait()
	return out
}

func (g *gate) waiting() (out []arrival) {
	synctest.Wait()
	for len(g.came) > 0 {
		out = append(out, <-g.came)
	}
	return out
}

func TestTogether(t *testing.T) {
	type all = []*traveller
	start := func(slots int) (*together, *gate) {
		g := newGate()
		out := newTogether(g.run)
		out.slots = slots
		return out, g
	}
	seen := func(t *testing.T, what string, got []arrival, want ...string) {
		t.Helper()
		var ids []string
		for _, a := range got {
			ids = append(ids, strings.Join(a.ids, "+"))
		}
		if diff := cmp.Diff(want, ids); diff != "" {
			t.Fatalf("%s: statements (-want +got):\n%s", what, diff)
		}
	}
	bubble := func(name string, f func(t *testing.T)) { t.Run(name, func(t *testing.T) { synctest.Test(t, f) }) }
	ctx := t.Context()

	bubble("what finds a free slot leaves alone, at once, and who comes then leaves together", func(t *testing.T) {
		ctx := t.Context()
		to, g := start(2)
		reads := all{travel(ctx, to, "a", 1), travel(ctx, to, "b", 1)}
		first := g.waiting()
		seen(t, "two slots", first, "a", "b")
		reads = append(reads, travel(ctx, to, "c", 1), travel(ctx, to, "unknown", 1), travel(ctx, to, "d", 1))
		seen(t, "no slot", g.waiting())
		other := travel(ctx, to, "e", 2)
		second := g.waiting()
		seen(t, "another limit has slots of its own", second, "e")
		first[0].pass <- nil
		third := g.waiting()
		seen(t, "one slot is free", third, "c+unknown+d")
		for _, a := range slices.Concat(first[1:], second, third) {
			a.pass <- nil
		}
		synctest.Wait()
		for i, want := range []traveller{{value: "answer of a", size: 1}, {value: "answer of b", size: 1}, {value: "answer of c", size: 3}, {size: 3}, {value: "answer of d", size: 3}} {
			want.ended = true
			if *reads[i] != want {
				t.Errorf("read %d: got %+v, want %+v", i, *reads[i], want)
			}
		}
		if other.value != "answer of e" {
			t.Errorf("the other: %+v", other)
		}
		last := travel(ctx, to, "f", 1)
		for _, a := range g.waiting() {
			a.pass <- nil
		}
		synctest.Wait()
		if last.value != "answer of f" || last.size != 1 {
			t.Errorf("after all: %+v", last)
		}
	})

	bubble("what cannot leave together leaves in the order of its coming, and leaves connections to other shapes", func(t *testing.T) {
		ctx := t.Context()
		to, g := start(2)
		var reads all
		for i := range 10 {
			r := &traveller{}
			reads = append(reads, r)
			go func() {
				r.value, r.size, r.err = to.read(ctx, Statement{Text: "search", Params: map[string]any{"id": string(rune('a' + i))}, alone: true})
				r.ended = true
			}()
			synctest.Wait()
		}
		first := g.waiting()
		seen(t, "ten that go alone", first, "a", "b", "c", "d", "e", "f", "g", "h")
		other := travel(ctx, to, "other", 1)
		seen(t, "another shape", []arrival{g.waiting()[0]}, "other")
		first[3].pass <- nil
		next := g.waiting()
		seen(t, "one slot is free", next, "i")
		next[0].pass <- nil
		last := g.waiting()
		seen(t, "and again", last, "j")
		for _, a := range slices.Concat(first[:3], first[4:], last) {
			a.pass <- nil
		}
		synctest.Wait()
		for i, r := range reads {
			if want := (traveller{value: "answer of " + string(rune('a'+i)), size: 1, ended: true}); *r != want {
				t.Errorf("read %d: got %+v, want %+v", i, *r, want)
			}
		}
		if other.ended {
			t.Error("the other shape's read has ended before its statement")
		}
	})

	bubble("a read that ends leaves the others undisturbed; with the last the statement ends", func(t *testing.T) {
		ctx := t.Context()
		to, g := start(1)
		travel(ctx, to, "a", 1)
		first := g.waiting()
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		long, leave := context.WithTimeout(ctx, time.Minute)
		gone, vanish := context.WithCancel(ctx)
		early := travel(gone, to, "gone", 1)
		hurried, patient := travel(short, to, "hurried", 1), travel(long, to, "patient", 1)
		vanish()
		first[0].pass <- nil
		together := g.waiting()
		seen(t, "without who has gone", together, "hurried+patient")
		if got := together[0].deadline; got != time.Minute {
			t.Errorf("the statement may take %v", got)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !errors.Is(hurried.err, context.DeadlineExceeded) || !errors.Is(early.err, context.Canceled) || patient.ended || together[0].ctx.Err() != nil {
			t.Errorf("%+v %+v %+v %v", hurried, early, patient, together[0].ctx.Err())
		}
		leave()
		synctest.Wait()
		if !errors.Is(patient.err, context.Canceled) || together[0].ctx.Err() == nil {
			t.Errorf("%+v %v", patient, together[0].ctx.Err())
		}
	})

	for _, c := range []struct {
		name    string
		err     error
		again   []string
		message string
	}{
		{"when a statement for several fails, each is read alone", &Error{Code: Internal, Message: "one of them"}, []string{"b", "c"}, ""},
		{"when the database is away, nothing is tried again", away(nil), nil, away(nil).Message},
	} {
		bubble(c.name, func(t *testing.T) {
			ctx := t.Context()
			to, g := start(1)
			travel(ctx, to, "a", 1)
			first := g.waiting()
			reads := all{travel(ctx, to, "b", 1), travel(ctx, to, "c", 1)}
			first[0].pass <- nil
			g.waiting()[0].pass <- c.err
			again := g.waiting()
			slices.SortFunc(again, func(a, b arrival) int { return strings.Compare(a.ids[0], b.ids[0]) })
			seen(t, "then", again, c.again...)
			for _, a := range again {
				a.pass <- nil
			}
			synctest.Wait()
			for i, r := range reads {
				var known *Error
				switch {
				case c.message == "" && (r.err != nil || r.value != "answer of "+[]string{"b", "c"}[i] || r.size != 1):
					t.Errorf("read %d: %+v", i, r)
				case c.message != "" && (!errors.As(r.err, &known) || known.Message != c.message):
					t.Errorf("read %d: %+v", i, r)
				}
			}
		})
	}

	bubble("what takes long leaves in small companies", func(t *testing.T) {
		ctx := t.Context()
		to, g := start(1)
		travel(ctx, to, "a", 1)
		first := g.waiting()
		for _, id := range []string{"b", "c", "d", "e", "f", "g"} {
			travel(ctx, to, id, 1)
		}
		time.Sleep(togetherTime / 2)
		first[0].pass <- nil
		next := g.waiting()
		seen(t, "half of the time each", next, "b+c")
		time.Sleep(10 * togetherTime)
		next[0].pass <- nil
		next = g.waiting()
		seen(t, "the first statement for several was planned, which does not count", next, "d+e")
		time.Sleep(10 * togetherTime)
		next[0].pass <- nil
		next = g.waiting()
		seen(t, "more than the time each", next, "f")
		next[0].pass <- nil
		g.waiting()[0].pass <- nil
	})

	// Neo4j tells whole milliseconds, so that a statement that it had planned before took none.
	bubble("a first statement for several that took no time has been planned", func(t *testing.T) {
		ctx := t.Context()
		to, g := start(1)
		for _, err := range []error{errors.New("broken"), nil} {
			travel(ctx, to, "a", 1)
			travel(ctx, to, "b", 1)
			travel(ctx, to, "c", 1)
			g.waiting()[0].pass <- nil
			g.waiting()[0].pass <- err
			synctest.Wait()
			if l := to.lanes.Values()[0]; l.planned != (err == nil) || err != nil && l.reads != 1 {
				t.Errorf("after the error %v: planned is %t, and %g reads tell of the time that they take", err, l.planned, l.reads)
			}
		}
	})

	// Else a database that is silent would look as if it had lost its clients.
	bubble("reads that all reach their deadlines end for that reason", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		joint, end := company([]*read{{ctx: ctx}, {ctx: ctx}})
		defer end()
		<-joint.Done()
		if err := joint.Err(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("they end with %v", err)
		}
	})

	bubble("while the first statement for several is planned, the other slots go on alone", func(t *testing.T) {
		ctx := t.Context()
		to, g := start(2)
		travel(ctx, to, "a", 1)
		travel(ctx, to, "b", 1)
		alone := g.waiting()
		for _, id := range []string{"c", "d"} {
			travel(ctx, to, id, 1)
		}
		alone[0].pass <- nil
		several := g.waiting()
		seen(t, "the first for several", several, "c+d")
		for _, id := range []string{"e", "f", "g", "h"} {
			travel(ctx, to, id, 1)
		}
		alone[1].pass <- nil
		next := g.waiting()
		seen(t, "meanwhile", next, "e")
		next[0].pass <- nil
		next = g.waiting()
		seen(t, "still", next, "f")
		time.Sleep(time.Second)
		several[0].pass <- nil
		several = g.waiting()
		seen(t, "after it", several, "g+h")
		next[0].pass <- nil
		several[0].pass <- nil
	})

	bubble("many quick reads leave in half of the slots, unless a statement is late", func(t *testing.T) {
		ctx := t.Context()
		to, g := start(2)
		under := func(ids ...string) {
			for _, id := range ids {
				travel(ctx, to, id, 1)
			}
		}
		under("a", "b", "c", "d", "e", "f")
		alone := g.waiting()
		seen(t, "before there were many", alone, "a", "b")
		alone[0].pass <- nil
		many := g.waiting()
		seen(t, "those who wait", many, "c+d+e+f")
		alone[1].pass <- nil
		g.waiting()
		many[0].pass <- nil
		g.waiting()
		under("g", "h", "i")
		first := g.waiting()
		seen(t, "after many", first, "g")
		time.Sleep(togetherTime)
		others := g.waiting()
		seen(t, "the first statement is late", others, "h+i")
		under("j", "k")
		seen(t, "no third slot", g.waiting())
		others[0].pass <- nil
		others = g.waiting()
		seen(t, "the first statement is late still", others, "j+k")
		first[0].pass <- nil
		others[0].pass <- nil
		g.waiting()
		for _, l := range to.lanes.Values() {
			if l.late != 0 || l.running != 0 {
				t.Errorf("after all, %d statements are late and %d under way", l.late, l.running)
			}
		}
	})

	bubble("what several want that takes long is read once for all of them who wait together", func(t *testing.T) {
		ctx := t.Context()
		to, g := start(1)
		travel(ctx, to, "a", 1)
		one := g.waiting()
		quick := all{travel(ctx, to, "b", 1), travel(ctx, to, "b", 1)}
		time.Sleep(time.Millisecond)
		one[0].pass <- nil
		next := g.waiting()
		seen(t, "before it is known that it takes long", next, "b+b")
		gone, vanish := context.WithCancel(ctx)
		reads := all{travel(ctx, to, "c", 1), travel(ctx, to, "d", 1), travel(gone, to, "c", 1), travel(ctx, to, "c", 1)}
		vanish()
		next[0].pass <- nil
		next = g.waiting()
		seen(t, "two want the same", next, "c+d")
		late := travel(ctx, to, "c", 1)
		seen(t, "who comes later does not share", g.waiting())
		next[0].pass <- nil
		next = g.waiting()
		seen(t, "who came later", next, "c")
		alike := all{travel(ctx, to, "e", 1), travel(ctx, to, "e", 1)}
		next[0].pass <- nil
		next = g.waiting()
		seen(t, "all want the same", next, "e")
		if strings.Contains(next[0].text, "batch") {
			t.Errorf("for one: %s", next[0].text)
		}
		failure := &Error{Code: Internal, Message: "not this time"}
		next[0].pass <- failure
		seen(t, "the error is for all of them", g.waiting())
		for _, c := range []struct {
			who  *traveller
			want traveller
		}{
			{quick[0], traveller{value: "answer of b", size: 2}},
			{reads[0], traveller{value: "answer of c", size: 3}},
			{reads[1], traveller{value: "answer of d", size: 3}},
			{reads[2], traveller{size: 1, err: context.Canceled}},
			{reads[3], traveller{value: "answer of c", size: 3}},
			{late, traveller{value: "answer of c", size: 1}},
			{alike[0], traveller{size: 2, err: failure}},
			{alike[1], traveller{size: 2, err: failure}},
		} {
			c.want.ended = true
			if *c.who != c.want {
				t.Errorf("got %+v, want %+v", *c.who, c.want)
			}
		}
	})

	bubble("what cannot leave together is shared by those who want the same", func(t *testing.T) {
		ctx := t.Context()
		to, g := start(1)
		search := func(words string) {
			go func() {
				_, _, _ = to.read(ctx, Statement{Text: "search", Params: map[string]any{"id": words}, alone: true})
			}()
			synctest.Wait()
		}
		for range aloneSlots {
			search("first")
		}
		first := g.waiting()
		search("b")
		search("c")
		for range maxTogether {
			search("b")
		}
		var rest []arrival
		for range 3 {
			first[0].pass <- nil
			first, rest = first[1:], append(rest, g.waiting()...)
		}
		seen(t, "more than may leave together want the same", rest, "b", "c", "b")
		for _, a := range slices.Concat(first, rest) {
			a.pass <- nil
		}
	})

	t.Run("what has arrived and waits for a processor comes along", func(t *testing.T) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // so that they wait
		tries, together := 20, 0
		for range tries {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				to, g := start(1)
				for _, id := range []string{"a", "b", "c"} {
					go func() { _, _, _ = to.read(ctx, Statement{Text: "$id", Params: map[string]any{"id": id}}) }()
				}
				for came := 0; came < 3; {
					for _, a := range g.waiting() {
						came += len(a.ids)
						if len(a.ids) == 3 {
							together++
						}
						a.pass <- nil
					}
				}
			})
		}
		if together < tries/2 { // the scheduler may have the first go on before the others
			t.Errorf("of %d times, three left together in %d", tries, together)
		}
	})

	t.Run("lanes that nobody uses are forgotten", func(t *testing.T) {
		to := newTogether(func(context.Context, string, map[string]any) (any, time.Duration, error) { return nil, 0, nil })
		longest := 3000
		for i := range longest {
			for _, text := range []string{strings.Repeat("x", i), "asked again and again"} {
				if _, _, err := to.read(ctx, Statement{Text: text}); err != nil {
					t.Fatal(err)
				}
			}
		}
		bytes := 0
		for _, key := range to.lanes.Keys() {
			bytes += key.bytes()
		}
		if bytes != to.bytes || bytes > maxLanes || bytes < maxLanes-2*longest-1000 {
			t.Errorf("lanes of %d bytes are kept, %d are counted, and %d may be", bytes, to.bytes, maxLanes)
		}
		if !to.lanes.Contains(laneKey{text: "asked again and again"}) {
			t.Error("a lane in use is forgotten before others")
		}
	})
}

// One request's reads take no more connections than its share, and leave the others to other requests. A read that waits for its
// share keeps nobody from a slot.
func TestSharing(t *testing.T) {
	started := func(t *testing.T, ctx context.Context, to *together, text string) {
		t.Helper()
		go func() {
			_, _, _ = to.read(ctx, Statement{Text: text, Params: map[string]any{"id": text}, alone: strings.HasPrefix(text, "DIFF")})
		}()
		synctest.Wait()
	}
	texts := func(g *gate) (out []string) {
		for _, a := range g.waiting() {
			out = append(out, a.text)
		}
		return out
	}
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		to := newTogether(g.run)
		greedy, cancel := context.WithCancel(Sharing(t.Context(), 3))
		for i := range 50 {
			started(t, greedy, to, fmt.Sprintf("GREEDY %02d", i))
		}
		if got := texts(g); len(got) != 3 {
			t.Errorf("of one request run %q at the same time", got)
		}
		for i := range 4 {
			started(t, Sharing(t.Context(), 0), to, fmt.Sprintf("UNBOUNDED %d", i))
		}
		if got := texts(g); len(got) != 4 {
			t.Errorf("of another one, without a bound, run %q", got)
		}
		cancel() // those who wait for their share leave, too
		synctest.Wait()
		if n := len(shareOf(greedy)); n != 0 {
			t.Errorf("in the end %d of the share are taken", n)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		to := newTogether(g.run)
		to.slots = 2
		greedy := Sharing(t.Context(), 3)
		for i := range 5 {
			started(t, greedy, to, fmt.Sprintf("DIFF %d", i))
		}
		started(t, greedy, to, "POINT")
		started(t, greedy, to, "POINT")
		if got := texts(g); len(got) != 3 {
			t.Errorf("of one request run %q at the same time", got)
		}
		started(t, Sharing(t.Context(), 3), to, "POINT")
		if got := texts(g); !slices.Equal(got, []string{"POINT"}) {
			t.Errorf("while a request waits for its share, of another one run %q", got)
		}
	})
}
