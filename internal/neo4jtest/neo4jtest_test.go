//go:build unix

package neo4jtest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"dossier/internal/neo4jtest"
)

func TestMain(m *testing.M) { neo4jtest.Main(m) }

func query(t *testing.T, cypher string) []*neo4j.Record {
	t.Helper()
	result, err := neo4j.ExecuteQuery(t.Context(), neo4jtest.Driver(t), cypher, nil, neo4j.EagerResultTransformer)
	if err != nil {
		t.Fatalf("%s: %v", cypher, err)
	}
	return result.Records
}

// Data of a process that died are removed, those of one that lives are not.
func TestLeftovers(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(os.TempDir(), fmt.Sprintf("dossier-neo4jtest-%d-1", dead.Process.Pid))
	used := filepath.Join(os.TempDir(), fmt.Sprintf("dossier-neo4jtest-%d-1", os.Getpid()))
	for _, dir := range []string{left, used} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	neo4jtest.RemoveLeftovers()
	if _, err := os.Stat(left); err == nil {
		t.Error("leftovers are still there")
	}
	if _, err := os.Stat(used); err != nil {
		t.Error(err)
	}
}

func TestClear(t *testing.T) {
	if a, b := neo4jtest.Server(t), neo4jtest.Server(t); a != b {
		t.Fatal("two servers in one test process")
	}
	query(t, "CREATE CONSTRAINT `odd ``name` FOR (n:Thing) REQUIRE n.id IS UNIQUE")
	query(t, "CREATE INDEX plain FOR (n:Thing) ON (n.name)")
	query(t, "UNWIND range(1, 15000) AS i CREATE (:Thing {id: i})-[:NEXT]->(:Other)")

	neo4jtest.ClearData(t)
	if n := query(t, "MATCH (n) RETURN count(n)")[0].Values[0]; n != int64(0) {
		t.Errorf("%v nodes are left", n)
	}
	if left := query(t, "SHOW INDEXES WHERE type <> 'LOOKUP'"); len(left) != 2 {
		t.Errorf("ClearData left %d indexes of 2", len(left))
	}

	query(t, "CREATE (:Thing {id: 1})")
	neo4jtest.Clear(t)
	if n := query(t, "MATCH (n) RETURN count(n)")[0].Values[0]; n != int64(0) {
		t.Errorf("%v nodes are left", n)
	}
	if left := query(t, "SHOW INDEXES WHERE type <> 'LOOKUP'"); len(left) != 0 {
		t.Errorf("%d indexes are left", len(left))
	}
	if left := query(t, "SHOW INDEXES WHERE type = 'LOOKUP'"); len(left) != 2 {
		t.Errorf("%d of Neo4j's own 2 lookup indexes are left", len(left))
	}
}
