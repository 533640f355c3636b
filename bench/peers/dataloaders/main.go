// Dataloaders serves the generated graph as a usual gqlgen server does: generated marshalling, a resolver for each list,
// and data loaders, which gather what the elements of a list ask for into one statement. It is one of the servers that
// the bench compares, on the Neo4j of NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD.
//
// It is a module of its own so that what it needs is no dependency of the service.
package main

//go:generate go tool gqlgen generate

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"
	"github.com/vektah/gqlparser/v2/ast"

	"dossier/bench/peers/dataloaders/exec"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := serve(ctx, os.Getenv("NEO4J_URI"), os.Getenv("NEO4J_USERNAME"), os.Getenv("NEO4J_PASSWORD"))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "dataloaders:", err)
		os.Exit(1)
	}
}

// serve serves until the context ends, on a port that it prints.
func serve(ctx context.Context, uri, username, password string) error {
	driver, err := neo4j.NewDriverWithContext(uri, neo4j.BasicAuth(username, password, ""), func(c *config.Config) {
		c.MaxConnectionPoolSize = 64 // as many as the other servers have
		c.TelemetryDisabled = true
	})
	if err != nil {
		return err
	}
	defer func() { _ = driver.Close(context.WithoutCancel(ctx)) }()

	graphQL := handler.New(exec.NewExecutableSchema(exec.Config{Resolvers: resolvers{database{driver}}}))
	graphQL.AddTransport(transport.POST{})
	graphQL.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	graphQL.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		return next(withLoaders(ctx, database{driver}))
	})

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: graphQL, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Printf("Listening on http://%s\n", listener.Addr())
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}
