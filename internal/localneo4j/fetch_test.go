//go:build unix

package localneo4j

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// pathWith makes PATH a folder of links to the named programs alone.
func pathWith(t *testing.T, programs ...string) {
	t.Helper()
	dir := t.TempDir()
	for _, program := range programs {
		path, err := exec.LookPath(program)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, program)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

func TestJava(t *testing.T) {
	start := func(t *testing.T, version string) error {
		t.Helper()
		_, err := Start(t.Context(), Options{DataDir: t.TempDir(), CacheDir: t.TempDir(), Version: version})
		return err
	}
	t.Run("missing", func(t *testing.T) {
		t.Setenv("JAVA_HOME", "")
		pathWith(t)
		wantError(t, start(t, ""), "no java found in PATH", "install a JDK 17 or later")
	})
	t.Run("JAVA_HOME is wrong", func(t *testing.T) {
		t.Setenv("JAVA_HOME", "/nowhere")
		wantError(t, start(t, ""), "JAVA_HOME is /nowhere", "unset JAVA_HOME")
	})
	for name, test := range map[string]struct{ script, version, want string }{
		"too old":           {`echo 'openjdk version "11.0.2" 2019-01-15' >&2`, "", "is Java 11, too old for Neo4j 5.26.30: install a JDK 17 or later"},
		"old name":          {`echo 'java version "1.8.0_401"' >&2`, "", "is Java 8, too old"},
		"too old for newer": {`echo 'openjdk version "17.0.15" 2025-04-15' >&2`, "2026.08.1", "is Java 17, too old for Neo4j 2026.08.1: install a JDK 21 or later"},
		"broken":            {`exit 3`, "", "-version failed (exit status 3)"},
		"something else":    {`echo coffee`, "", `names no version ("coffee")`},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			if err := os.Mkdir(filepath.Join(home, "bin"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(home, "bin", "java"), []byte("#!/bin/sh\n"+test.script+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			t.Setenv("JAVA_HOME", home)
			wantError(t, start(t, test.version), test.want)
		})
	}
}

func TestFetchFails(t *testing.T) {
	t.Run("no Maven", func(t *testing.T) {
		pathWith(t, "java")
		_, err := Fetch(t.Context(), Options{CacheDir: t.TempDir()})
		wantError(t, err, "no mvn found in PATH", "apt-get install maven", "NEO4J_URI")
	})
	t.Run("offline", func(t *testing.T) {
		// An empty repository, and nothing behind any address.
		t.Setenv("MAVEN_OPTS", "-Dmaven.repo.local="+t.TempDir()+
			" -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=1 -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=1")
		cache := t.TempDir()
		_, err := Fetch(t.Context(), Options{CacheDir: cache})
		wantError(t, err, "cannot fetch Neo4j "+DefaultVersion, "Maven says: Could not transfer", "refused", "check the network")
		if left, _ := filepath.Glob(filepath.Join(cache, "neo4j", "*.tmp-*")); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	})
	t.Run("cache directory", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Fetch(t.Context(), Options{CacheDir: file})
		wantError(t, err, "cannot make the cache directory", file)
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Fetch(ctx, Options{CacheDir: t.TempDir()}); err == nil {
			t.Error("no error")
		}
	})
}

// The cache is filled once however many ask for it, and again if a part of it
// is missing. One jar instead of all makes that quick.
func TestCache(t *testing.T) {
	root, err := artifacts.ReadFile("artifacts/pom.xml")
	if err != nil {
		t.Fatal(err)
	}
	projects := fstest.MapFS{
		"pom.xml":        {Data: []byte(strings.Replace(string(root), "<module>shell</module>", "", 1))},
		"server/pom.xml": {Data: []byte(oneJar)},
	}
	o, err := Options{CacheDir: t.TempDir()}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(o.CacheDir, "neo4j", "test")
	fetch := func(p *progress) error {
		o := o
		o.Progress = p.add
		i := installation{version: o.Version, dir: dir}
		return i.locked(t.Context(), o, func() error { return i.ensureJars(t.Context(), o, projects) })
	}

	var all sync.WaitGroup
	fetched := &progress{}
	for range 3 {
		all.Go(func() {
			if err := fetch(fetched); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := strings.Count(fetched.String(), "fetching Neo4j"); n != 1 {
		t.Errorf("fetched %d times:\n%s", n, fetched)
	}
	jar := filepath.Join(dir, "server", "neo4j-"+DefaultVersion+".jar")
	whole, err := os.Stat(jar)
	if err != nil {
		t.Fatal(err)
	}

	for name, damage := range map[string]func() error{
		"nothing":       func() error { return nil },
		"jar cut short": func() error { return os.Truncate(jar, 1000) },
		"interrupted":   func() error { return os.Remove(filepath.Join(dir, "manifest")) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := damage(); err != nil {
				t.Fatal(err)
			}
			again := &progress{}
			if err := fetch(again); err != nil {
				t.Fatal(err)
			}
			want := 1
			if name == "nothing" {
				want = 0
			}
			if n := strings.Count(again.String(), "fetching Neo4j"); n != want {
				t.Errorf("fetched %d times, want %d", n, want)
			}
			if info, err := os.Stat(jar); err != nil || info.Size() != whole.Size() {
				t.Errorf("%v, %v", info, err)
			}
		})
	}
}

// oneJar is a Maven project that brings the one jar that is looked into.
const oneJar = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>dossier</groupId>
    <artifactId>local-neo4j</artifactId>
    <version>1</version>
  </parent>
  <artifactId>local-neo4j-server</artifactId>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.neo4j</groupId>
      <artifactId>neo4j</artifactId>
      <version>${neo4j.version}</version>
      <exclusions>
        <exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion>
      </exclusions>
    </dependency>
  </dependencies>
</project>
`
