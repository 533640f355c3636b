//go:build unix

package localneo4j

import "path/filepath"

// homeDir is the folder that Neo4j runs in: DataDir/neo4j.
type homeDir string

func (h homeDir) path(elem ...string) string {
	return filepath.Join(append([]string{string(h)}, elem...)...)
}

func (h homeDir) ownerLock() string    { return h.path("run", "owner.lock") }
func (h homeDir) serverLock() string   { return h.path("run", "server.lock") }
func (h homeDir) runningFile() string  { return h.path("run", "running.json") }
func (h homeDir) supervisor() string   { return h.path("run", "supervise.sh") }
func (h homeDir) passwordFile() string { return h.path("password") }
func (h homeDir) config() string       { return h.path("conf", "neo4j.conf") }
func (h homeDir) javaArgs() string     { return h.path("conf", "java.args") }
func (h homeDir) log() string          { return h.path("logs", "neo4j.log") }
func (h homeDir) consoleLog() string   { return h.path("logs", "console.log") }
