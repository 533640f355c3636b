//go:build unix

package localneo4j

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// artifacts are Maven projects: server and shell, each a folder to copy jars to.
//
//go:embed artifacts
var artifacts embed.FS

// Megabytes: of all that Maven brings (into its own repository, too), and of
// what a complete cache needs on disk.
const (
	fetchMB      = 190
	fetchDiskMB  = 500
	progressStep = 10
)

// installation is a version of Neo4j on this machine, ready to run.
type installation struct {
	version   string
	java      javaRuntime
	dir       string   // in the cache
	jars      []string // paths in dir: server/*.jar and shell/*.jar, sorted
	mainClass string
	archive   string // class data archive (see archive.go); "" if there is none
}

// classPath lists the jars of one module, "server" or "shell".
func (i installation) classPath(module string) string {
	var paths []string
	for _, jar := range i.jars {
		if strings.HasPrefix(jar, module+"/") {
			paths = append(paths, filepath.Join(i.dir, jar))
		}
	}
	return strings.Join(paths, string(os.PathListSeparator))
}

// Fetch brings Neo4j, Neo4j Browser and cypher-shell into the cache, unless
// they are there and whole, and returns their folder. It also makes what lets
// Neo4j start quickly (see archive.go). Start does so by itself; Fetch alone
// warms the cache. Of the options, Version, CacheDir and Progress count.
//
// Maven does the fetching, as it is set up on the machine. Any number of
// processes may fetch at once: one does the work, the others wait for it.
func Fetch(ctx context.Context, o Options) (dir string, err error) {
	o, err = o.withDefaults()
	if err != nil {
		return "", err
	}
	install, err := ensureInstall(ctx, o)
	if err != nil {
		return "", err
	}
	return install.dir, nil
}

// ensureInstall finds the cached install, or makes what is missing of it.
func ensureInstall(ctx context.Context, o Options) (installation, error) {
	java, err := findJava(ctx, o.Version)
	if err != nil {
		return installation{}, err
	}
	projects, err := fs.Sub(artifacts, "artifacts")
	if err != nil {
		return installation{}, err
	}
	sum, err := sumFiles(projects)
	if err != nil {
		return installation{}, err
	}
	// With the sum in the name, changed projects are fetched anew.
	i := installation{version: o.Version, java: java, dir: filepath.Join(o.CacheDir, "neo4j", o.Version+"-"+sum)}
	if i.load() == nil && i.loadArchive() == nil {
		return i, nil
	}
	err = i.locked(ctx, o, func() error {
		if err := i.ensureJars(ctx, o, projects); err != nil {
			return err
		}
		return i.ensureArchive(ctx, o)
	})
	return i, err
}

// locked runs a function while no other process changes what is in i.dir.
func (i *installation) locked(ctx context.Context, o Options, change func() error) error {
	if err := os.MkdirAll(filepath.Dir(i.dir), 0o755); err != nil {
		return fmt.Errorf("cannot make the cache directory: %w; make it writable", err)
	}
	lock, err := waitLock(ctx, i.dir+".lock", func() {
		o.Progress("waiting for another process that fetches Neo4j %s", o.Version)
	})
	if err != nil {
		return fmt.Errorf("cache directory: %w", err)
	}
	defer func() { _ = lock.Close() }()
	// What an interrupted run left behind; the rest of it is no obstacle.
	leftovers, _ := filepath.Glob(i.dir + ".tmp-*")
	for _, path := range leftovers {
		_ = os.RemoveAll(path)
	}
	return change()
}

// ensureJars fetches the jars of the Maven projects unless they are there and
// whole. The caller holds the lock.
func (i *installation) ensureJars(ctx context.Context, o Options, projects fs.FS) error {
	if i.load() == nil {
		return nil
	}
	if err := fetchJars(ctx, o, projects, i.dir); err != nil {
		return err
	}
	if err := i.load(); err != nil {
		return fmt.Errorf("fetched Neo4j %s into %s, but it is not whole: %w; check that disk", o.Version, i.dir, err)
	}
	return nil
}

// load reads what the cache holds, or returns an error if that is not whole:
// the file named manifest is written last and has the size of every jar.
func (i *installation) load() error {
	text, err := os.ReadFile(filepath.Join(i.dir, "manifest"))
	if err != nil {
		return err
	}
	i.jars = nil
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var size int64
		var name string
		if _, err := fmt.Sscanf(line, "%d %s", &size, &name); err != nil {
			return fmt.Errorf("%s/manifest: %w", i.dir, err)
		}
		info, err := os.Stat(filepath.Join(i.dir, name))
		if err != nil {
			return err
		}
		if info.Size() != size {
			return fmt.Errorf("%s has %d bytes instead of %d", name, info.Size(), size)
		}
		i.jars = append(i.jars, name)
	}
	i.mainClass, err = entryPoint(filepath.Join(i.dir, "server", "neo4j-"+i.version+".jar"))
	return err
}

// entryPoint reads the name of Neo4j's main class from its jar: it differs
// between releases.
func entryPoint(jar string) (string, error) {
	archive, err := zip.OpenReader(jar)
	if err != nil {
		return "", err
	}
	defer func() { _ = archive.Close() }()
	service, err := archive.Open("META-INF/services/org.neo4j.server.startup.EntryPoint")
	if err != nil {
		return "", fmt.Errorf("%s: %w", jar, err)
	}
	defer func() { _ = service.Close() }()
	text, err := io.ReadAll(service)
	if err != nil {
		return "", fmt.Errorf("%s: %w", jar, err)
	}
	return firstLine(string(text)), nil
}

// fetchJars has Maven copy the jars into a new folder, which then takes the
// place of dir in one step.
func fetchJars(ctx context.Context, o Options, projects fs.FS, dir string) error {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return fmt.Errorf("no mvn found in PATH: Maven fetches Neo4j %s; install it (on Debian: apt-get install maven), or set NEO4J_URI to a Neo4j of yours", o.Version)
	}
	if err := checkDisk(dir, fetchDiskMB, "to fetch Neo4j", "choose another cache directory"); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".tmp-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temporary) }()

	o.Progress("fetching Neo4j %s with Maven (about %d MB, once)", o.Version, fetchMB)
	if err := os.CopyFS(temporary, projects); err != nil {
		return err
	}
	if err := runMaven(ctx, o, mvn, temporary); err != nil {
		return err
	}
	size, err := writeManifest(temporary)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.Rename(temporary, dir); err != nil {
		return err
	}
	o.Progress("fetched Neo4j %s: %d MB in %s", o.Version, size>>20, dir)
	return nil
}

var downloaded = regexp.MustCompile(`^\[INFO\] Downloaded .*\(([\d.]+) (B|kB|MB|GB) at`)

// runMaven copies the jars of the projects in dir into their folders.
func runMaven(ctx context.Context, o Options, mvn, dir string) error {
	command := exec.CommandContext(ctx, mvn, "--batch-mode", "-Dstyle.color=never", "-Dneo4j.version="+o.Version,
		"org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies")
	command.Dir = dir
	out, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("start Maven: %w", err)
	}
	var megabytes, shown float64
	var last, problem string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		if match := downloaded.FindStringSubmatch(line); match != nil {
			number, _ := strconv.ParseFloat(match[1], 64)
			megabytes += number * map[string]float64{"B": 1e-6, "kB": 1e-3, "MB": 1, "GB": 1e3}[match[2]]
			if megabytes-shown >= progressStep {
				shown = megabytes
				o.Progress("fetching Neo4j %s: %.0f of about %d MB", o.Version, megabytes, fetchMB)
			}
		}
		if strings.TrimSpace(line) != "" {
			last = line
		}
		if text, found := strings.CutPrefix(line, "[ERROR] "); found && problem == "" {
			problem = text
		}
	}
	if err := command.Wait(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if problem == "" {
			problem = last
		}
		return fmt.Errorf("cannot fetch Neo4j %s: Maven says: %s; check the network and Maven's settings, then start again (what was fetched is kept)", o.Version, mavenReason(problem))
	}
	return nil
}

// mavenReason shortens Maven's first error line, which tells a chain of
// failures from the goal down to the cause, to its last two links.
func mavenReason(line string) string {
	line, _, _ = strings.Cut(line, " -> [Help")
	if at := strings.LastIndex(line, "Could not "); at >= 0 {
		return line[at:]
	}
	if at := strings.LastIndex(line, "Cannot access "); at >= 0 {
		return line[at:]
	}
	return line
}

// writeManifest flushes the jars to disk and then writes the manifest, which
// vouches for them. It returns the jars' bytes.
func writeManifest(dir string) (int64, error) {
	jars, err := filepath.Glob(filepath.Join(dir, "*", "*.jar")) // sorted
	if err != nil {
		return 0, err
	}
	var total int64
	var manifest strings.Builder
	for _, jar := range jars {
		size, err := syncFile(jar)
		if err != nil {
			return 0, err
		}
		name, err := filepath.Rel(dir, jar)
		if err != nil {
			return 0, err
		}
		total += size
		fmt.Fprintf(&manifest, "%d %s\n", size, name)
	}
	return total, writeAtomically(filepath.Join(dir, "manifest"), manifest.String())
}

func syncFile(path string) (size int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), file.Sync()
}

// sumFiles is a short sum of the names and contents of files.
func sumFiles(files fs.FS) (string, error) {
	var all []byte
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		all = append(append(append(all, path...), 0), content...)
		return err
	})
	return shortSum(all), err
}

// shortSum is enough of a SHA-256 to tell a few versions of something apart.
func shortSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:4])
}
