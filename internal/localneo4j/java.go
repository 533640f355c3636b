//go:build unix

package localneo4j

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// javaRuntime is the Java that runs Neo4j.
type javaRuntime struct {
	path  string // the java program
	build string // what `java -version` prints: tells one build of Java from another
	major int    // 17, 21, 25, ...
}

var javaVersion = regexp.MustCompile(`version "(?:1\.)?(\d+)`)

// findJava finds Java in JAVA_HOME, else in PATH, and checks that it is new
// enough for the version of Neo4j.
func findJava(ctx context.Context, neo4jVersion string) (javaRuntime, error) {
	need := javaNeeded(neo4jVersion)
	advice := fmt.Sprintf("install a JDK %d or later (on Debian: apt-get install openjdk-17-jdk-headless) or point JAVA_HOME at one", need)
	if need > 17 {
		advice = fmt.Sprintf("install a JDK %d or later or point JAVA_HOME at one", need)
	}

	var path string
	if home := os.Getenv("JAVA_HOME"); home != "" {
		path = filepath.Join(home, "bin", "java")
		if info, err := os.Stat(path); err != nil || info.IsDir() {
			return javaRuntime{}, fmt.Errorf("JAVA_HOME is %s, but there is no bin/java in it: Neo4j %s needs Java; correct or unset JAVA_HOME, or %s", home, neo4jVersion, advice)
		}
	} else {
		var err error
		if path, err = exec.LookPath("java"); err != nil {
			return javaRuntime{}, fmt.Errorf("no java found in PATH: Neo4j %s needs Java; %s, or name a Neo4j that runs elsewhere with NEO4J_URI", neo4jVersion, advice)
		}
	}

	// Java prints its version on standard error.
	out, err := exec.CommandContext(ctx, path, "-version").CombinedOutput()
	if err != nil {
		return javaRuntime{}, fmt.Errorf("%s -version failed (%w): Neo4j %s needs a working Java; %s", path, err, neo4jVersion, advice)
	}
	match := javaVersion.FindSubmatch(out)
	if match == nil {
		return javaRuntime{}, fmt.Errorf("%s -version names no version (%q): Neo4j %s needs Java; %s", path, firstLine(string(out)), neo4jVersion, advice)
	}
	major, err := strconv.Atoi(string(match[1]))
	if err != nil {
		return javaRuntime{}, fmt.Errorf("version of %s: %w", path, err)
	}
	if major < need {
		return javaRuntime{}, fmt.Errorf("%s is Java %d, too old for Neo4j %s: %s", path, major, neo4jVersion, advice)
	}
	return javaRuntime{path: path, build: string(out), major: major}, nil
}

// javaNeeded is the lowest Java release that runs a version of Neo4j: 17 for
// the 5 line, 21 for the calendar versions (2025.01 and later).
func javaNeeded(neo4jVersion string) int {
	if calendarVersion(neo4jVersion) {
		return 21
	}
	return 17
}

// calendarVersion tells "2026.08.1" from "5.26.30".
func calendarVersion(neo4jVersion string) bool {
	year, _, _ := strings.Cut(neo4jVersion, ".")
	return len(year) == 4
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(line)
}

// Java describes the Java that would run Neo4j. The error says what is missing
// and what to do.
func Java(ctx context.Context) (string, error) {
	java, err := findJava(ctx, DefaultVersion)
	return firstLine(java.build), err
}
