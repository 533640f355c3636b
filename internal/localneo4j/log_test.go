//go:build unix

package localneo4j

import (
	"os"
	"path/filepath"
	"testing"
)

func TestConsoleProblem(t *testing.T) {
	for name, c := range map[string]struct{ console, want string }{
		"killed": {"WARNING: Using incubator modules: jdk.incubator.vector\nKilled\n", "Killed"},
		"killed, Java 25": {`[0.024s][error][cds] An error has occurred while processing the shared archive file. Run with -Xlog:aot,cds for details.
[0.024s][error][cds] Mismatched values for property jdk.module.addmods: jdk.incubator.vector specified during runtime but not during dump time
Killed
`, "Killed"},
		"no memory": {`Picked up JAVA_TOOL_OPTIONS: -Xshare:auto
[0.003s][error][gc] Failed to reserve memory
Error: Could not create the Java Virtual Machine.
Error: A fatal exception has occurred. Program will exit.
`, "[0.003s][error][gc] Failed to reserve memory: Error: Could not create the Java Virtual Machine."},
		"nothing": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "console.log")
			if err := os.WriteFile(file, []byte(c.console), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := consoleProblem(file); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
