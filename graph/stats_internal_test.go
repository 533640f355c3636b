package graph

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// nameKey is the key under which a request's context has its name.
type nameKey struct{}

// named adds the name of a line's request to it.
type named struct{ slog.Handler }

func (h named) Handle(ctx context.Context, r slog.Record) error {
	r.Add("request", ctx.Value(nameKey{}))
	return h.Handler.Handle(ctx, r)
}

// A statement that answers several requests is told of in the name of each.
func TestSentTellsEachRequest(t *testing.T) {
	var log bytes.Buffer
	var told []string
	d := &database{
		slow: 1,
		log:  slog.New(named{slog.NewTextHandler(&log, nil)}),
		told: func(ctx context.Context, text string, together int) func(string) {
			told = append(told, fmt.Sprintf("%v begins %s for %d", ctx.Value(nameKey{}), text, together))
			return func(failure string) { told = append(told, fmt.Sprintf("%v ends %s", ctx.Value(nameKey{}), failure)) }
		},
	}
	var reads []*read
	for _, name := range []string{"ann", "bob"} {
		reads = append(reads, &read{ctx: context.WithValue(t.Context(), nameKey{}, name)})
	}
	ctx, end := company(reads)
	defer end()
	d.sent(ctx, "RETURN 1")(&neo4j.Neo4jError{Code: "Neo.TransientError.It"})
	if got, want := strings.Join(told, ", "), "ann begins RETURN 1 for 2, bob begins RETURN 1 for 2, ann ends Neo.TransientError.It, bob ends Neo.TransientError.It"; got != want {
		t.Errorf("told:\n%s\nand not\n%s", got, want)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `together=2 statement="RETURN 1" request=ann`) || !strings.Contains(lines[1], `together=2 statement="RETURN 1" request=bob`) {
		t.Errorf("the log:\n%s", log.String())
	}
}

// Each duration is counted in every bucket whose bound it kept to, as Prometheus has it.
func TestDurationsAreCumulative(t *testing.T) {
	var counted tallies
	for _, took := range []time.Duration{0, time.Millisecond, time.Millisecond + 1, time.Second, time.Minute} {
		counted.ended(took)
	}
	got := counted.durations()
	if got.Count != 5 || got.Sum != time.Minute+time.Second+2*time.Millisecond+1 {
		t.Errorf("%d durations, %s together", got.Count, got.Sum)
	}
	for bound, want := range map[time.Duration]uint64{time.Millisecond: 2, 2500 * time.Microsecond: 3, 500 * time.Millisecond: 3, time.Second: 4, 10 * time.Second: 4} {
		if got.Within[bound] != want {
			t.Errorf("%d took no longer than %s, not %d", got.Within[bound], bound, want)
		}
	}
}
