//go:build unix

package localneo4j

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// A class data archive (JEP 350) holds the classes of a program as one build of
// Java has parsed and verified them. It halves the time and the processor time
// that Neo4j needs to start. Java writes it when a program ends that was started
// for it, so one is made once, by a Neo4j on throw-away data, beside the jars.
// Java ignores an archive that does not fit.

// archiveFile is where the archive for this build of Java is. An empty file
// says that none could be made, so that it is not tried again.
func (i *installation) archiveFile() string {
	return filepath.Join(i.dir, "classes-"+shortSum([]byte(i.java.path+"\n"+i.java.build))+".jsa")
}

// loadArchive sets i.archive, or returns an error if no archive was made yet.
func (i *installation) loadArchive() error {
	info, err := os.Stat(i.archiveFile())
	if err != nil {
		return err
	}
	if info.Size() > 0 {
		i.archive = i.archiveFile()
	}
	return nil
}

// ensureArchive sets i.archive, making the archive if that was not tried yet.
// That Neo4j has to start without one is no error. The caller holds the lock.
func (i *installation) ensureArchive(ctx context.Context, o Options) error {
	if i.loadArchive() == nil {
		return nil
	}
	o.HeapMB, o.PageCacheMB = 384, 64
	if checkMemory(o.HeapMB, o.PageCacheMB) != nil {
		return nil // another time
	}
	o.Progress("preparing quick starts of Neo4j %s (once)", o.Version)
	temporary, err := os.MkdirTemp(filepath.Dir(i.dir), filepath.Base(i.dir)+".tmp-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temporary) }()

	archive := filepath.Join(temporary, "classes.jsa")
	err = trainingRun(ctx, o, *i, temporary, archive)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		o.Progress("no quick starts: %v", err)
		return os.WriteFile(i.archiveFile(), nil, 0o644)
	}
	if err := os.Rename(archive, i.archiveFile()); err != nil {
		return err
	}
	return i.loadArchive()
}

// trainingRun starts Neo4j, lets it plan and run statements of the kinds that
// Dossier sends, and stops it, upon which Java writes the archive.
func trainingRun(ctx context.Context, o Options, i installation, dataDir, archive string) error {
	o.DataDir, o.BoltPort, o.HTTPPort, o.NoBrowser = dataDir, 0, 0, false
	o.Progress = func(string, ...any) {}
	o.JavaOptions = []string{"-XX:ArchiveClassesAtExit=" + archive, "-XX:TieredStopAtLevel=1"}
	server, err := startInstalled(ctx, o, i)
	if err != nil {
		return err
	}
	trained := train(ctx, server)
	stopping, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if err := server.Stop(stopping); err != nil {
		return err
	}
	if trained != nil {
		return trained
	}
	_, err = os.Stat(archive)
	return err
}

func train(ctx context.Context, server *Server) error {
	driver, err := server.connect()
	if err != nil {
		return err
	}
	defer func() { _ = driver.Close(ctx) }()
	for _, cypher := range []string{
		"CREATE CONSTRAINT FOR (n:Training) REQUIRE n.id IS UNIQUE",
		"CREATE INDEX FOR ()-[r:TRAINED]-() ON (r.from)",
		`UNWIND range(1, 20) AS i MERGE (n:Training {id: i}) ON CREATE SET n.name = 'n' + i, n.at = date('2020-01-01')
		 WITH n, i MATCH (m:Training {id: i - 1}) MERGE (m)-[r:TRAINED {from: i}]->(n) SET r += {on: datetime(), tags: ['a', 'b']}`,
		`MATCH (n:Training) WHERE n.id >= 3 AND toLower(n.name) CONTAINS 'n' WITH n ORDER BY n.id DESC LIMIT 5
		 RETURN collect([n.id, n.at, COLLECT { MATCH (n)-[r:TRAINED]->(m) WITH r, m ORDER BY r.from LIMIT 3 RETURN [r.from, m.name] },
		   COUNT { (n)-[:TRAINED]->() }, EXISTS { (n)<-[:TRAINED]-() }])`,
		"MATCH p = shortestPath((a:Training {id: 1})-[:TRAINED*..6]-(b:Training {id: 5})) RETURN [n IN nodes(p) | n.name]",
		"MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 100 ROWS",
		"SHOW INDEXES",
		"SHOW CONSTRAINTS",
	} {
		session := driver.NewSession(ctx, neo4j.SessionConfig{DatabaseName: "neo4j"})
		result, err := session.Run(ctx, cypher, nil)
		if err == nil {
			_, err = result.Consume(ctx)
		}
		_ = session.Close(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}
