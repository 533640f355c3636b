package graph_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"dossier/graph"
)

// inWords joins the values of a row by spaces.
func inWords(row []any) string { return strings.TrimSpace(fmt.Sprintln(row...)) }

// changes are the audit trail in order: number, who, what, the relationship, what was touched.
func changes(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, row := range query(t, `MATCH (c:Change)
RETURN right(c.id, 3), c.actor, c.operation, coalesce(c.kind + ' ' + c.relationshipId, '-'),
       COLLECT { MATCH (c)-[:CHANGED]->(x) RETURN x.id }, COLLECT { MATCH (c)-[:TOUCHED]->(e:Entity) RETURN e.id ORDER BY e.id }
ORDER BY c.id`, nil) {
		out = append(out, inWords(row))
	}
	return out
}

// Each change of the record is noted, in order; what changes nothing is not, and stores nothing.
func TestAuditTrail(t *testing.T) {
	g := emptyGraph(t)
	record := func(actor string, b graph.Batch) graph.Recorded {
		t.Helper()
		out, err := g.Record(t.Context(), actor, b)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	passage := graph.Passage{Document: "document:one", End: 3, SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte("She")))}
	first := graph.Batch{
		Documents: cast().Documents,
		Entities: []graph.Entity{
			{Type: "Person", ID: "ann", Name: "Ann", Aliases: []string{"Annie", "Annie"}}, {Type: "Company", ID: "acme", Name: "Acme"},
			{Type: "Event", ID: "launch", Name: "Launch", Properties: map[string]any{"date": graph.PartialDate{EDTF: "2018", Text: "early"}}},
		},
		Claims: []graph.Claim{
			{ID: "claim:b", Statement: "B.", Asserts: &graph.Assertion{Kind: "LEFT", Source: "ann", Target: "acme"}, Passages: []graph.Passage{passage}},
			{ID: "claim:a", Statement: "A.", About: []string{"launch"}, Disputes: []string{"claim:b"}},
		},
	}
	record("eve", first)
	stored := content(t)
	unchanged := func(what string) {
		t.Helper()
		if diff := gocmp.Diff(stored, content(t)); diff != "" {
			t.Errorf("%s changes (-before +after):\n%s", what, diff)
		}
	}
	if again := record("zoe", first); again != (graph.Recorded{}) {
		t.Errorf("recorded again: %+v", again)
	}
	unchanged("recording again")
	if err := g.Retract(t.Context(), "zoe", "claim:none", "because"); err == nil {
		t.Error("a claim that is not there was retracted")
	}
	unchanged("a refusal")

	// The words of a passage are no change of the record, but they are stored.
	first.Claims[0].Passages[0].Exact = "She"
	if again := record("zoe", first); again != (graph.Recorded{Words: 1}) {
		t.Errorf("words were recorded as %+v", again)
	}
	if got := query(t, "MATCH ()-[q:QUOTED_FROM]->() RETURN q.exact", nil)[0][0]; got != "She" {
		t.Errorf("the passage's words are %v", got)
	}

	amended := record("bob", graph.Batch{
		Documents: []graph.Document{{ID: "document:one", Title: "One, corrected", SHA256: hash}},
		Entities: []graph.Entity{
			{Type: "Company", ID: "acme", Name: "Acme"}, // as it is
			{Type: "Event", ID: "launch", Name: "Launch", Properties: map[string]any{"date": graph.PartialDate{EDTF: "2018-02"}}},
			{Type: "Person", ID: "ann", Name: "Ann", Aliases: []string{"Anna", "Annie"}},
		},
	})
	if amended != (graph.Recorded{Amended: 3}) {
		t.Errorf("amended: %+v", amended)
	}
	if err := g.Withdraw(t.Context(), "ann", "claim:a", "I was wrong"); err != nil {
		t.Fatal(err)
	}
	if err := g.Retract(t.Context(), "eve", "claim:b", "misread"); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"001 eve RECORD_DOCUMENT - [document:one] []",
		"002 eve RECORD_ENTITY - [] [ann]",
		"003 eve RECORD_ENTITY - [] [acme]",
		"004 eve RECORD_ENTITY - [] [launch]",
		"005 eve RECORD_CLAIM LEFT left:ann:acme [claim:b] [acme ann]",
		"006 eve RECORD_CLAIM - [claim:a] [launch]",
		"007 bob AMEND_DOCUMENT - [document:one] []",
		"008 bob AMEND_ENTITY - [] [launch]",
		"009 bob AMEND_ENTITY - [] [ann]",
		"010 ann WITHDRAW_CLAIM - [claim:a] [launch]",
		"011 eve RETRACT_CLAIM LEFT left:ann:acme [claim:b] [acme ann]",
	}
	if diff := gocmp.Diff(want, changes(t)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}

	// What things were before is kept, from one change until the other.
	var got []string
	for _, row := range query(t, `MATCH (now)-[:FORMERLY]->(f:Former)
RETURN now.id, coalesce(f.name, f.title), f.aliases, f.dateEdtf, f.dateText, now.aliases, now.dateEdtf, now.dateText,
       f.knownFrom = now.recordedAt, f.knownTo = now.knownFrom, f.id, f.recordedAt ORDER BY now.id`, nil) {
		got = append(got, inWords(row))
	}
	want = []string{
		"ann Ann [Annie] <nil> <nil> [Annie Anna] <nil> <nil> true true <nil> <nil>",
		"document:one One <nil> <nil> <nil> <nil> <nil> <nil> true true <nil> <nil>",
		"launch Launch [] 2018 early [] 2018-02 <nil> true true <nil> <nil>",
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("former things (-want +got):\n%s", diff)
	}

	// The relationship was disputed, then it was not, and then it was gone.
	got = nil
	for _, row := range query(t, `MATCH (b:Claim {id: 'claim:b'}), (a:Claim {id: 'claim:a'}), (:Person)-[r:LEFT|BELIEVED_LEFT]->(:Company)
RETURN type(r), r.status, r.contested, r.knownFrom = b.recordedAt, r.knownTo = a.withdrawnAt,
       r.knownFrom = a.withdrawnAt, r.knownTo = b.retractedAt, r.recordedAt = b.recordedAt ORDER BY r.knownFrom`, nil) {
		got = append(got, inWords(row))
	}
	want = []string{
		"BELIEVED_LEFT DISPUTED true true true false false true",
		"BELIEVED_LEFT ASSERTED false false false true true true",
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("what was believed (-want +got):\n%s", diff)
	}
	for _, row := range query(t, "MATCH (c:Claim) RETURN c.id, c.status, c.withdrawalReason, c.retractionReason, c.rank ORDER BY c.id", nil) {
		got = append(got, inWords(row))
	}
	want = append(want, "claim:a WITHDRAWN I was wrong <nil> NORMAL", "claim:b RETRACTED <nil> misread NORMAL")
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

// Writers take turns, whichever replica they use: each commit has an instant of its own, and the order of changes is
// that of the commits.
func TestConcurrentWriters(t *testing.T) {
	replicas := []*graph.Graph{emptyGraph(t), emptyGraph(t)}
	const writers, batches = 6, 5
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range batches {
				id := fmt.Sprintf("writer-%d-%d", w, i)
				b := graph.Batch{
					Entities: []graph.Entity{{Type: "Person", ID: id, Name: id}, {Type: "Company", ID: "acme", Name: "Acme", Aliases: []string{id}}},
					Claims:   []graph.Claim{{ID: "claim:" + id, Statement: "S.", Asserts: &graph.Assertion{Kind: "LEFT", Source: id, Target: "acme"}}},
				}
				if _, err := replicas[w%2].Record(t.Context(), id, b); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	rows := query(t, "MATCH (c:Change) RETURN c.id, c.at, c.actor ORDER BY c.id", nil)
	if len(rows) != 3*writers*batches {
		t.Errorf("%d changes of %d", len(rows), 3*writers*batches)
	}
	for i, row := range rows {
		if want := fmt.Sprintf("change:%012d", i+1); row[0] != want {
			t.Fatalf("change %v, want %s", row[0], want)
		}
		if i == 0 {
			continue
		}
		later := row[1].(time.Time).Compare(rows[i-1][1].(time.Time))
		if first := i%3 == 0; first && later <= 0 || !first && (later != 0 || row[2] != rows[i-1][2]) {
			t.Errorf("the change %v follows %v", row, rows[i-1])
		}
	}
	log := query(t, "MATCH (c:Change) WITH max(c.at) AS last MATCH (l:Log) RETURN l.sequence, l.at = last", nil)
	if len(log) != 1 || log[0][0] != int64(len(rows)) || log[0][1] != true {
		t.Errorf("the log is %v after %d changes", log, len(rows))
	}
	aliases := query(t, "MATCH (c:Company {id: 'acme'}) RETURN size(c.aliases), COUNT { (c)-[:FORMERLY]->() }", nil)[0]
	if aliases[0] != int64(writers*batches) || aliases[1] != int64(writers*batches-1) {
		t.Errorf("the company that all wrote has %v aliases and %v former states", aliases[0], aliases[1])
	}
}

// A clock that is behind, as another replica's may be, gives no instant before the last one.
func TestClockBehind(t *testing.T) {
	g := emptyGraph(t)
	last := time.Date(2999, 1, 2, 3, 4, 5, 0, time.FixedZone("Offset", 0))
	query(t, "MERGE (l:Log {id: 'log'}) SET l.at = $last", map[string]any{"last": last})
	if _, err := g.Record(t.Context(), "tester", cast()); err != nil {
		t.Fatal(err)
	}
	if at := lastCommit(t); !at.Equal(last.Add(time.Microsecond)) {
		t.Errorf("the commit after %v was at %v", last, at)
	}
}

// What cannot be retracted or withdrawn is told with the reason, and nothing changes.
func TestRetractRefuses(t *testing.T) {
	g := emptyGraph(t)
	b := cast()
	for _, id := range []string{"claim:retracted", "claim:withdrawn", "claim:x"} {
		b.Claims = append(b.Claims, graph.Claim{ID: id, Statement: "X.", About: []string{"ann"}})
	}
	if _, err := g.Record(t.Context(), "tester", b); err != nil {
		t.Fatal(err)
	}
	if err := g.Retract(t.Context(), "tester", "claim:retracted", "misread"); err != nil {
		t.Fatal(err)
	}
	if err := g.Withdraw(t.Context(), "tester", "claim:withdrawn", "took it back"); err != nil {
		t.Fatal(err)
	}
	before := content(t)
	for _, c := range []struct {
		end           func(ctx context.Context, actor, claim, reason string) error
		claim, reason string
		want          string
	}{
		{g.Retract, "claim:none", "because", `claim:none: there is no claim with this id`},
		{g.Withdraw, "claim:none", "because", `claim:none: there is no claim with this id`},
		{g.Retract, "claim:x", " ", `claim:x: say why it is retracted: the reason is empty`},
		{g.Withdraw, "claim:x", "", `claim:x: say why it is withdrawn: the reason is empty`},
		{g.Retract, "claim:retracted", "again", `claim:retracted: it is retracted already: "misread"`},
		{g.Withdraw, "claim:retracted", "again", `claim:retracted: it is retracted already: "misread"`},
		{g.Withdraw, "claim:withdrawn", "again", `claim:withdrawn: it is withdrawn already: "took it back"`},
	} {
		err := c.end(t.Context(), "tester", c.claim, c.reason)
		var item *graph.ItemError
		if !errors.As(err, &item) || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	var input *graph.Error
	if err := g.Retract(t.Context(), "", "claim:x", "because"); !errors.As(err, &input) || err.Error() != `argument "actor": say who makes the change, for the audit trail` {
		t.Errorf("without an actor: %v", err)
	}
	if diff := gocmp.Diff(before, content(t)); diff != "" {
		t.Errorf("refusals change the record (-before +after):\n%s", diff)
	}
	// A claim that was withdrawn may turn out to be recorded in error.
	if err := g.Retract(t.Context(), "tester", "claim:withdrawn", "misread"); err != nil {
		t.Error(err)
	}
}
