package graph_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"dossier/graph"
	"dossier/internal/neo4jtest"
)

// Statements that Neo4j has not planned yet take a quarter of the connections, however many come: what has been asked
// before is answered meanwhile.
func TestStatementsThatAreNew(t *testing.T) {
	server := neo4jtest.Server(t)
	s, o := load(t)
	g, err := graph.Open(graph.Config{URI: server.BoltURI, Username: server.Username, Password: server.Password, MaxConnections: 8}, s, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close(context.WithoutCancel(t.Context())) })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	const known = "RETURN 1 AS answer"
	if err := g.Run(ctx, known); err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	for i := range 6 {
		running.Go(func() {
			if err := g.Run(ctx, fmt.Sprintf("UNWIND range(1, %d) AS x RETURN sum(x) AS answer", 6_000_000+i)); err != nil {
				t.Error(err)
			}
		})
	}
	most := 0
	ended := make(chan struct{})
	go func() {
		running.Wait()
		close(ended)
	}()
	for answered := 0; ; answered++ {
		most = max(most, g.Stats().InUse)
		if err := g.Run(ctx, known); err != nil {
			t.Fatal(err)
		}
		select {
		case <-ended:
			if most != 2 || answered < 10 {
				t.Errorf("%d connections were in use at most, want 2; what is known was answered %d times meanwhile", most, answered)
			}
			return
		default:
		}
	}
}
