package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"
)

// serveByHand is what the service is measured against: a server with one route for each question, that runs the
// question's own Cypher and writes what comes back with encoding/json. Its answers are lists without the fields' names,
// so it has less to write than a GraphQL server. It serves until the context ends, on a port that it prints.
func serveByHand(ctx context.Context, uri, username, password string) error {
	driver, err := neo4j.NewDriverWithContext(uri, neo4j.BasicAuth(username, password, ""), func(c *config.Config) {
		c.MaxConnectionPoolSize = 64
		c.TelemetryDisabled = true
	})
	if err != nil {
		return err
	}
	defer func() { _ = driver.Close(context.WithoutCancel(ctx)) }()
	mux := http.NewServeMux()
	for _, q := range questions() {
		mux.HandleFunc("POST /"+q.name, func(w http.ResponseWriter, r *http.Request) {
			answer, err := answerByHand(r, driver, q.cypher)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(answer) // a client that has gone needs no answer
		})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	_, _ = fmt.Fprintf(os.Stdout, "Listening on http://%s\n", listener.Addr())
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}

func answerByHand(r *http.Request, driver neo4j.DriverWithContext, cypher string) (any, error) {
	var params map[string]any
	if err := json.NewDecoder(r.Body).Decode(&params); err != nil {
		return nil, err
	}
	session := driver.NewSession(r.Context(), neo4j.SessionConfig{AccessMode: neo4j.AccessModeRead, DatabaseName: "neo4j"})
	defer func() { _ = session.Close(r.Context()) }()
	result, err := session.Run(r.Context(), cypher, params, neo4j.WithTxTimeout(time.Minute))
	if err != nil {
		return nil, err
	}
	record, err := result.Single(r.Context())
	if err != nil {
		return nil, err
	}
	return record.Values, nil
}
