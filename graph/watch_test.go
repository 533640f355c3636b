package graph_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"dossier/graph"
)

// soon is how long a test waits for what has to come.
const soon = time.Minute

// subscribe starts an operation whose only field is changed.
func subscribe(ctx context.Context, t *testing.T, g *graph.Graph, operation string) (<-chan graph.Answer, error) {
	t.Helper()
	s, _ := load(t)
	doc, invalid := gqlparser.LoadQueryWithRules(s, operation, rules.NewDefaultRules())
	if invalid != nil {
		t.Fatal(invalid)
	}
	op := &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: map[string]any{}}
	field := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})[0]
	if op.Operation.Operation != ast.Subscription {
		t.Fatalf("%s is no subscription", operation)
	}
	return g.Watch(ctx, graph.Selection{Field: field.Field, Set: field.Selections, Variables: op.Variables})
}

func mustSubscribe(ctx context.Context, t *testing.T, g *graph.Graph, operation string) <-chan graph.Answer {
	t.Helper()
	answers, err := subscribe(ctx, t, g, operation)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

// next returns the next answer.
func next(t *testing.T, answers <-chan graph.Answer) string {
	t.Helper()
	select {
	case a, open := <-answers:
		if !open {
			t.Fatal("the stream ended")
		}
		return string(a)
	case <-time.After(soon):
		t.Fatal("no change came")
	}
	return ""
}

// touch records one change for each of some entities, all in one transaction, and returns the changes' ids.
func touch(t *testing.T, entities ...string) (ids []string) {
	t.Helper()
	for _, row := range query(t, `
MERGE (log:Log {id: 'log'})
SET log.locked = true
WITH log, coalesce(log.sequence, 0) AS start
SET log.sequence = start + size($entities)
WITH start UNWIND range(1, size($entities)) AS i
CREATE (c:Change {id: 'change:' + right('000000000000' + toString(start + i), 12), at: datetime('2025-01-02T03:04:05Z'), actor: 'somebody', operation: 'AMEND_ENTITY'})
MERGE (e:Entity:Person {id: $entities[i - 1]}) ON CREATE SET e.name = 'Name of ' + $entities[i - 1]
CREATE (c)-[:TOUCHED]->(e)
RETURN c.id ORDER BY c.id`, map[string]any{"entities": entities}) {
		ids = append(ids, row[0].(string))
	}
	return ids
}

// A subscriber gets what is recorded from then on, as its selection asks for it.
func TestWatch(t *testing.T) {
	g := emptyGraph(t)
	touch(t, "ada", "ben")
	answers := mustSubscribe(t.Context(), t, g, `subscription { news: changed { cursor __typename id at who: actor operation about { __typename id name } claim { id } document { id } relationship { id } } }`)
	ids := append(touch(t, "ada", "ben"), touch(t, "cyd")...)
	if diff := cmp.Diff([]string{"change:000000000003", "change:000000000004", "change:000000000005"}, ids); diff != "" {
		t.Fatal(diff)
	}
	for i, entity := range []string{"ada", "ben", "cyd"} {
		want := fmt.Sprintf(`{"cursor":%q,"__typename":"Change","id":%q,"at":"2025-01-02T03:04:05Z","who":"somebody","operation":"AMEND_ENTITY",`+
			`"about":[{"__typename":"Person","id":%[3]q,"name":"Name of %[3]s"}],"claim":null,"document":null,"relationship":null}`, cursor(t, "", ids[i]), ids[i], entity)
		if diff := cmp.Diff(want, next(t, answers)); diff != "" {
			t.Errorf("change %d (-want +got):\n%s", i, diff)
		}
	}
}

// A change wakes all who listen at the same time. Those who want the same are answered with one statement, and those who do not
// leave most of the connections to others.
func TestWatchByMany(t *testing.T) {
	var all, most, now atomic.Int64
	g := emptyGraphThatTells(t, func(_ context.Context, text string, _ int) func(string) {
		if !strings.Contains(text, "(change:Change)") {
			return func(string) {}
		}
		all.Add(1)
		for n := now.Add(1); n > most.Load(); {
			most.Store(n)
		}
		return func(string) { now.Add(-1) }
	})
	touch(t, "ada")
	var equal, others []<-chan graph.Answer
	for range 200 {
		equal = append(equal, mustSubscribe(t.Context(), t, g, `subscription { changed { id about { id name } } }`))
	}
	for i := range 30 {
		others = append(others, mustSubscribe(t.Context(), t, g, fmt.Sprintf(`subscription { changed { id about { id name%[1]d: name } } }`, i)))
	}
	id := touch(t, "ada")[0]
	for i, answers := range slices.Concat(equal, others) {
		if got := next(t, answers); !strings.Contains(got, id) {
			t.Errorf("listener %d gets %s", i, got)
		}
	}
	// Who still reads where the trail ended when the change comes reads by itself.
	if n := all.Load(); n > 30+20 {
		t.Errorf("it took %d statements for 200 listeners who want the same and 30 who do not", n)
	}
	if n := most.Load(); n > 4 {
		t.Errorf("%d statements for listeners ran at the same time", n)
	}
}

// Who comes back with a cursor gets all that was recorded since, however much, and then what follows.
func TestWatchAfter(t *testing.T) {
	g := emptyGraph(t)
	many := make([]string, 320) // more than three reads
	for i := range many {
		many[i] = []string{"ada", "ben"}[i%2]
	}
	ids := touch(t, many...)
	answers := mustSubscribe(t.Context(), t, g, fmt.Sprintf(`subscription { changed(after: %q) { id } }`, cursor(t, "", ids[9])))
	ids = append(ids, touch(t, "cyd")...)
	for _, id := range ids[10:] {
		if got, want := next(t, answers), fmt.Sprintf(`{"id":%q}`, id); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}

// With about, only changes about any of these entities come.
func TestWatchAbout(t *testing.T) {
	g := emptyGraph(t)
	start := touch(t, "ada", "ben", "cyd")
	const operation = `subscription { changed(about: ["cyd", "ada"]%s) { about { id } } }`
	live := mustSubscribe(t.Context(), t, g, fmt.Sprintf(operation, ""))
	touch(t, "ben", "ben", "ada", "ben")
	touch(t, "ben")
	touch(t, "cyd", "ben", "ada")
	for name, answers := range map[string]<-chan graph.Answer{
		"live":  live,
		"after": mustSubscribe(t.Context(), t, g, fmt.Sprintf(operation, fmt.Sprintf(", after: %q", cursor(t, "", start[2])))),
	} {
		for _, id := range []string{"ada", "cyd", "ada"} {
			if got, want := next(t, answers), fmt.Sprintf(`{"about":[{"id":%q}]}`, id); got != want {
				t.Errorf("%s: got %s, want %s", name, got, want)
			}
		}
	}
}

// What cannot be meant is refused at once, at its place.
func TestWatchRefuses(t *testing.T) {
	g := emptyGraph(t)
	touch(t, "ada")
	const noCursor = `argument "after": %s is not the cursor of a change: pass one that changed or changes gave`
	quoted := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	for arguments, want := range map[string]string{
		`after: "x"`:                             fmt.Sprintf(noCursor, `"x"`),
		`after: ""`:                              fmt.Sprintf(noCursor, `""`),
		`after: ` + quoted(cursor(t, "", "ada")): fmt.Sprintf(noCursor, quoted(cursor(t, "", "ada"))),
		`after: ` + quoted(cursor(t, "NAME", "x", "change:000000000001")): "is not the cursor of a change",
		`about: ["ada", "nobody"]`:                                        `argument "about": there is no entity "nobody"`,
		`about: []`:                                                       `argument "about": it is empty: name at least one entity`,
		`about: ["ada"], after: "x"`:                                      fmt.Sprintf(noCursor, `"x"`),
	} {
		answers, err := subscribe(t.Context(), t, g, `subscription { news: changed(`+arguments+`) { id } }`)
		var e *graph.Error
		if !errors.As(err, &e) || e.Code != graph.BadUserInput || !strings.HasSuffix(e.Error(), want) && !strings.Contains(e.Error(), want) {
			t.Errorf("%s: error %v, want %s", arguments, err, want)
			continue
		}
		if diff := cmp.Diff([]string{"news"}, e.Path); diff != "" || answers != nil {
			t.Errorf("%s: path %v, answers %v", arguments, e.Path, answers)
		}
	}
}

// Who does not read holds up nobody but itself; one look-up serves all; and with the last listener everything ends.
func TestWatchTogether(t *testing.T) {
	g := emptyGraph(t)
	touch(t, "ada")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	idle := mustSubscribe(ctx, t, g, `subscription { changed { id } }`)
	reader := mustSubscribe(ctx, t, g, `subscription { changed { id } }`)
	own, leave := context.WithCancel(ctx)
	leaver := mustSubscribe(own, t, g, `subscription { changed { id } }`)
	for range 5 {
		for _, id := range touch(t, "ada", "ada") {
			if got := next(t, reader); !strings.Contains(got, id) {
				t.Errorf("got %s, want %s", got, id)
			}
		}
	}
	next(t, leaver)
	leave()
	awaitEnd(t, leaver)
	if got := next(t, idle); got != `{"id":"change:000000000002"}` {
		t.Errorf("who starts late to read gets %s first", got)
	}
	if n := running("graph.(*Graph).poll("); n != 1 {
		t.Errorf("%d look-ups run, want 1 for all listeners", n)
	}
	cancel()
	awaitEnd(t, idle)
	awaitEnd(t, reader)
	deadline := time.After(soon)
	for running("graph.(*Graph).poll(")+running("graph.(*Graph).follow(") > 0 {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-deadline:
			t.Fatal("goroutines are left when nobody listens")
		}
	}

	// And again from the start.
	again := mustSubscribe(t.Context(), t, g, `subscription { changed { id } }`)
	if id := touch(t, "ada")[0]; !strings.Contains(next(t, again), id) {
		t.Errorf("%s did not come", id)
	}
}

// awaitEnd reads what is left of a stream.
func awaitEnd(t *testing.T, answers <-chan graph.Answer) {
	t.Helper()
	timeout := time.After(soon)
	for {
		select {
		case _, open := <-answers:
			if !open {
				return
			}
		case <-timeout:
			t.Fatal("the stream does not end with its context")
		}
	}
}

// running counts the goroutines that are in a function.
func running(function string) int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	n := 0
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(stack, function) {
			n++
		}
	}
	return n
}

// A change that lacks what the schema promises is told as null: the stream goes on.
func TestWatchBroken(t *testing.T) {
	g := emptyGraph(t)
	start := touch(t, "ada")
	for _, id := range touch(t, "ada", "ben")[:1] {
		query(t, `MATCH (c:Change {id: $id}) REMOVE c.actor`, map[string]any{"id": id})
	}
	answers := mustSubscribe(t.Context(), t, g, fmt.Sprintf(`subscription { changed(after: %q) { actor } }`, cursor(t, "", start[0])))
	if got := next(t, answers); got != "" {
		t.Errorf("the broken change is %q, want nothing", got)
	}
	if got := next(t, answers); got != `{"actor":"somebody"}` {
		t.Errorf("the change after the broken one is %q", got)
	}
}
