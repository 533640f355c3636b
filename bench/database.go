package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"

	"dossier/graph"
	"dossier/internal/localneo4j"
	"dossier/schema"
)

// A database is a local Neo4j that holds a generated graph.
type database struct {
	server  *localneo4j.Server
	driver  neo4j.DriverWithContext
	pid     int // of Java
	version string
}

// open brings up the database of a generated graph, generating it the first time.
func open(ctx context.Context, data string, size Size) (_ *database, err error) {
	s, o, err := schema.Load()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(data, fmt.Sprintf("bench-%d-%d", size.Entities, size.Seed))
	server, err := localneo4j.Start(ctx, localneo4j.Options{DataDir: dir, HeapMB: 2048, PageCacheMB: pageCache(size), NoBrowser: true, Progress: progress})
	if err != nil {
		return nil, err
	}
	db := &database{server: server}
	defer func() {
		if err != nil {
			db.close()
		}
	}()
	db.driver, err = neo4j.NewDriverWithContext(server.BoltURI, neo4j.BasicAuth(server.Username, server.Password, ""), func(c *config.Config) {
		c.TelemetryDisabled = true
	})
	if err != nil {
		return nil, err
	}
	if err := db.identify(ctx); err != nil {
		return nil, err
	}
	g, err := graph.Open(graph.Config{URI: server.BoltURI, Username: server.Username, Password: server.Password}, s, o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = g.Close(ctx) }()
	if err := g.Prepare(ctx); err != nil {
		return nil, err
	}
	complete := filepath.Join(dir, "complete") // a graph whose loading was cut off has no such file
	if _, err := os.Stat(complete); !errors.Is(err, fs.ErrNotExist) {
		return db, err
	}
	empty, err := g.Empty(ctx)
	if err != nil {
		return nil, err
	}
	if !empty {
		return nil, fmt.Errorf("the graph in %s was not loaded to the end: remove that folder, and run again", dir)
	}
	progress("generating %d entities and %d relationships", size.Entities, size.Relationships)
	if err := generate(size, o).load(ctx, db.driver, progress); err != nil {
		return nil, fmt.Errorf("load the generated graph: %w", err)
	}
	return db, os.WriteFile(complete, nil, 0o600)
}

// pageCache is what Neo4j keeps in memory of its files, in MiB: as much as they have.
func pageCache(size Size) int { return max(1024, size.Entities/125) }

// identify asks Neo4j for its process and version.
func (db *database) identify(ctx context.Context) error {
	result, err := neo4j.ExecuteQuery(ctx, db.driver, `CALL dbms.queryJmx('java.lang:type=Runtime') YIELD attributes
CALL dbms.components() YIELD versions
RETURN attributes.Pid.value AS pid, versions[0] AS version`, nil, neo4j.EagerResultTransformer)
	if err != nil {
		return err
	}
	pid, _, errPID := neo4j.GetRecordValue[int64](result.Records[0], "pid")
	version, _, errVersion := neo4j.GetRecordValue[string](result.Records[0], "version")
	db.pid, db.version = int(pid), version
	return errors.Join(errPID, errVersion)
}

// calm ends what still runs for requests whose clients have given up, so that it takes no time of the turns that follow.
// What does not look whether it is to end, as Neo4j's search for several shortest paths, is told of and left alone.
func (db *database) calm(ctx context.Context) error {
	const patience = 10 * time.Second
	begun := time.Now()
	const others = "SHOW TRANSACTIONS YIELD transactionId AS id, currentQuery WHERE NOT currentQuery STARTS WITH 'SHOW TRANSACTIONS'"
	for {
		result, err := neo4j.ExecuteQuery(ctx, db.driver, others, nil, neo4j.EagerResultTransformer)
		if err != nil || len(result.Records) == 0 {
			return err
		}
		if _, err := neo4j.ExecuteQuery(ctx, db.driver, others+" TERMINATE TRANSACTIONS id YIELD message RETURN message", nil, neo4j.EagerResultTransformer); err != nil {
			return err
		}
		if time.Since(begun) > patience {
			progress("Neo4j goes on with %d statements that it was told to end", len(result.Records))
			return nil
		}
		select { // a statement looks now and then whether it is to end
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (db *database) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if db.driver != nil {
		_ = db.driver.Close(ctx)
	}
	if err := db.server.Stop(ctx); err != nil {
		progress("stopping Neo4j: %v", err)
	}
}
