//go:build unix

// Package neo4jtest gives the tests of a package a real Neo4j: one server for
// each test process, on free ports and with data of its own, started by the
// first test that asks for it and ended with the process.
//
//	func TestMain(m *testing.M) { neo4jtest.Main(m) }
//
//	func TestSomething(t *testing.T) {
//		server := neo4jtest.Server(t)
//		neo4jtest.Clear(t)
//		...
//	}
//
// A machine that cannot run Neo4j fails these tests: they are never skipped.
package neo4jtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"

	"dossier/internal/localneo4j"
)

// instance is the server of this test process: the only state that tests of a
// package share.
var instance struct {
	inMain bool // Main runs: what is started will be ended

	once   sync.Once
	dir    string
	server *localneo4j.Server
	driver neo4j.DriverWithContext
	err    error
}

// Main runs the tests of a package, ends the server if one of them started it,
// removes its data, and exits. It is to be called by TestMain.
func Main(m *testing.M) {
	instance.inMain = true
	code := m.Run()
	if err := end(); err != nil {
		fmt.Fprintln(os.Stderr, "neo4jtest:", err)
		code = 1
	}
	os.Exit(code)
}

// Server returns the server of this test process, starting it if need be. Tests
// share it, and so must not run in parallel if they clear or count.
func Server(t testing.TB) *localneo4j.Server {
	t.Helper()
	start(t)
	return instance.server
}

// Driver returns a driver connected to Server.
func Driver(t testing.TB) neo4j.DriverWithContext {
	t.Helper()
	start(t)
	return instance.driver
}

// Clear removes everything that tests leave behind: all data, constraints and
// indexes.
func Clear(t testing.TB) {
	t.Helper()
	ClearData(t)
	drop := func(kind string, found *neo4j.EagerResult) {
		for _, record := range found.Records {
			name := record.Values[0].(string)
			run(t, "DROP "+kind+" `"+strings.ReplaceAll(name, "`", "``")+"`")
		}
	}
	// A constraint takes its index with it. Lookup indexes are a part of every
	// new database.
	drop("CONSTRAINT", run(t, "SHOW CONSTRAINTS YIELD name"))
	drop("INDEX", run(t, "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"))
}

// ClearData removes all nodes and relationships; constraints and indexes stay.
func ClearData(t testing.TB) {
	t.Helper()
	// Not the test's context: that has ended when clean-up functions run.
	ctx := context.Background()
	session := Driver(t).NewSession(ctx, neo4j.SessionConfig{DatabaseName: "neo4j"})
	defer func() { _ = session.Close(ctx) }()
	// In batches, which only an auto-commit transaction may run, and relationships first: any number of nodes, each with
	// any number of relationships, fits into the memory.
	for _, statement := range []string{
		"MATCH ()-[r]->() CALL (r) { DELETE r } IN TRANSACTIONS OF 10000 ROWS",
		"MATCH (n) CALL (n) { DELETE n } IN TRANSACTIONS OF 10000 ROWS",
	} {
		result, err := session.Run(ctx, statement, nil)
		if err == nil {
			_, err = result.Consume(ctx)
		}
		if err != nil {
			t.Fatalf("clear the data: %v", err)
		}
	}
}

func run(t testing.TB, cypher string) *neo4j.EagerResult {
	t.Helper()
	result, err := neo4j.ExecuteQuery(context.Background(), Driver(t), cypher, nil, neo4j.EagerResultTransformer, neo4j.ExecuteQueryWithDatabase("neo4j"))
	if err != nil {
		t.Fatalf("%s: %v", cypher, err)
	}
	return result
}

func start(t testing.TB) {
	t.Helper()
	if !instance.inMain {
		t.Fatal("neo4jtest: this package needs func TestMain(m *testing.M) { neo4jtest.Main(m) }, which ends the server")
	}
	instance.once.Do(func() { instance.err = begin() })
	if instance.err != nil {
		t.Fatalf("neo4jtest: %v", instance.err)
	}
}

func begin() (err error) {
	removeLeftovers()
	if instance.dir, err = os.MkdirTemp("", fmt.Sprintf("%s%d-", dirPrefix, os.Getpid())); err != nil {
		return err
	}
	instance.server, err = localneo4j.Start(context.Background(), localneo4j.Options{
		Version:     os.Getenv("DOSSIER_NEO4J_VERSION"), // "" is the default
		DataDir:     instance.dir,
		PageCacheMB: 64,
		NoBrowser:   true,
		// Short runs: quick to start, small.
		JavaOptions: []string{"-XX:TieredStopAtLevel=1"},
		// Tests clear and fill the graph all the time, for which Neo4j would plan seven hundred of those of graph/ again.
		Settings: []string{"dbms.cypher.min_replan_interval=1h"},
		Progress: func(format string, args ...any) {
			fmt.Fprintf(os.Stderr, "neo4jtest: "+format+"\n", args...)
		},
	})
	if err != nil {
		return err
	}
	instance.driver, err = neo4j.NewDriverWithContext(instance.server.BoltURI,
		neo4j.BasicAuth(instance.server.Username, instance.server.Password, ""),
		func(c *config.Config) { c.TelemetryDisabled = true })
	return err
}

const dirPrefix = "dossier-neo4jtest-"

// removeLeftovers removes the data of test processes that died (a panic, a
// timeout) before they could.
func removeLeftovers() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*"))
	for _, dir := range dirs {
		var pid int
		if _, err := fmt.Sscanf(filepath.Base(dir), dirPrefix+"%d-", &pid); err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(dir)
		}
	}
}

func end() error {
	if instance.driver != nil {
		_ = instance.driver.Close(context.Background())
	}
	var err error
	if instance.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		err = instance.server.Stop(ctx)
	}
	if instance.dir != "" {
		if removed := os.RemoveAll(instance.dir); err == nil {
			err = removed
		}
	}
	return err
}
