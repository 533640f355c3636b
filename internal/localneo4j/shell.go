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

// ErrNotRunning says that no local Neo4j runs on a data directory.
var ErrNotRunning = errors.New("no local Neo4j runs")

// Running is a server that another process of the user has started.
type Running struct {
	BoltURI, Username, Password string

	java, shellPath string
}

// Find returns the server that runs on a data directory. Without one the error is an ErrNotRunning that says what to do.
func Find(dataDir string) (Running, error) {
	home := homeDir(filepath.Join(dataDir, "neo4j"))
	notRunning := fmt.Errorf("%w on data directory %s: start Dossier there first, or name another directory with --data-dir", ErrNotRunning, dataDir)
	text, err := os.ReadFile(home.runningFile())
	if errors.Is(err, fs.ErrNotExist) {
		return Running{}, notRunning
	}
	if err != nil {
		return Running{}, err
	}
	var r running
	if err := json.Unmarshal(text, &r); err != nil {
		return Running{}, fmt.Errorf("%s: %w; start Dossier again", home.runningFile(), err)
	}
	// The file outlives a server whose starter was killed.
	probe, err := net.DialTimeout("tcp", strings.TrimPrefix(r.BoltURI, "bolt://"), 5*time.Second)
	if err != nil {
		return Running{}, notRunning
	}
	_ = probe.Close()
	password, err := os.ReadFile(home.passwordFile())
	if err != nil {
		return Running{}, err
	}
	return Running{r.BoltURI, r.Username, strings.TrimSpace(string(password)), r.Java, r.ShellPath}, nil
}

// Shell runs cypher-shell against the running server of a data directory. The
// arguments are cypher-shell's own; address, user and password need not be
// among them. Its error is cypher-shell's *exec.ExitError if that failed.
func Shell(ctx context.Context, dataDir string, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	r, err := Find(dataDir)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, r.java, append([]string{"-cp", r.shellPath, "org.neo4j.shell.Main", "--address", r.BoltURI}, args...)...)
	// cypher-shell takes user and password from its environment, which, unlike
	// its arguments, other users cannot read.
	command.Env = append(os.Environ(), "NEO4J_USERNAME="+r.Username, "NEO4J_PASSWORD="+r.Password)
	command.Stdin, command.Stdout, command.Stderr = stdin, stdout, stderr
	return command.Run()
}
