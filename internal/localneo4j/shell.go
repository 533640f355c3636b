//go:build unix

package localneo4j

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Shell runs cypher-shell against the running server of a data directory. The
// arguments are cypher-shell's own; address, user and password need not be
// among them. Its error is cypher-shell's *exec.ExitError if that failed.
func Shell(ctx context.Context, dataDir string, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	home := homeDir(filepath.Join(dataDir, "neo4j"))
	text, err := os.ReadFile(home.runningFile())
	notRunning := fmt.Errorf("no local Neo4j runs on data directory %s: start Dossier there first, or name another directory with --data-dir", dataDir)
	if errors.Is(err, fs.ErrNotExist) {
		return notRunning
	}
	if err != nil {
		return err
	}
	var r running
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("%s: %w; start Dossier again", home.runningFile(), err)
	}
	// The file outlives a server whose starter was killed.
	probe, err := net.DialTimeout("tcp", strings.TrimPrefix(r.BoltURI, "bolt://"), 5*time.Second)
	if err != nil {
		return notRunning
	}
	_ = probe.Close()
	password, err := os.ReadFile(home.passwordFile())
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, r.Java, append([]string{"-cp", r.ShellPath, "org.neo4j.shell.Main", "--address", r.BoltURI}, args...)...)
	// cypher-shell takes user and password from its environment, which, unlike
	// its arguments, other users cannot read.
	command.Env = append(os.Environ(), "NEO4J_USERNAME="+r.Username, "NEO4J_PASSWORD="+strings.TrimSpace(string(password)))
	command.Stdin, command.Stdout, command.Stderr = stdin, stdout, stderr
	return command.Run()
}
