//go:build unix

package localneo4j

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

// startFailure turns what a Neo4j that did not start has left in its logs into
// an error. errPortTaken is in its chain if that was the reason.
func startFailure(home homeDir, logBefore int64) error {
	problem, logs := logProblem(home.log(), logBefore), home.log()
	if problem == "" {
		problem, logs = consoleProblem(home.consoleLog()), home.consoleLog()
	}
	err := fmt.Errorf("neo4j ended while starting: %s; see %s", reason(problem), logs)
	if strings.Contains(problem, "BindException") || strings.Contains(problem, "Address already in use") {
		return fmt.Errorf("%w: %w", errPortTaken, err)
	}
	return err
}

var logLine = regexp.MustCompile(`^\d{4}-\d\d-\d\d \S+ +([A-Z]+) +(.*)`)

// logProblem finds the last error in Neo4j's log from an offset on, with the
// cause that its stack trace ends in; "" if there is none.
func logProblem(path string, offset int64) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	// A log shorter than before has been rotated.
	if size := fileSize(path); size >= offset {
		if _, err := file.Seek(offset, io.SeekStart); err != nil {
			return ""
		}
	}
	var problem, cause string
	uncaught := false
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		level, text := "", lines.Text()
		if match := logLine.FindStringSubmatch(text); match != nil {
			level, text = match[1], match[2]
		}
		switch {
		case level == "ERROR", uncaught:
			problem, cause, uncaught = text, "", false
		// What Java itself says of an exception that nobody caught comes as
		// warnings, the exception on a line of its own.
		case level == "WARN" && strings.HasPrefix(text, "Exception in thread"):
			uncaught = true
		case strings.HasPrefix(text, "Caused by: "):
			cause = strings.TrimPrefix(text, "Caused by: ")
		}
	}
	if cause != "" {
		return strings.TrimSuffix(problem, ".") + ": " + cause
	}
	return problem
}

// sharing matches what Java says of an archive of classes that it then goes on
// without, for example because Neo4j adds a module to those of the archive.
var sharing = regexp.MustCompile(`^\[[0-9.]+s\]\[\w+ *\]\[(cds|aot)\b`)

// consoleProblem returns the first two lines that Java printed, which is where
// it says why it does not run, leaving out warnings; "" if there are none.
func consoleProblem(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	var problem []string
	for line := range strings.Lines(string(text)) {
		line = strings.Trim(line, "\r\n\x06 ")
		if line != "" && len(problem) < 2 && !strings.Contains(strings.ToLower(line), "warning") && !strings.HasPrefix(line, "Picked up") && !sharing.MatchString(line) {
			problem = append(problem, line)
		}
	}
	return strings.Join(problem, ": ")
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// reason is the first text that says something.
func reason(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return "it gave no reason"
}
