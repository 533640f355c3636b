package main

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"

	"dossier/graph"
	"dossier/internal/localneo4j"
)

// doctor reads what a server reads, so that it tells of the same mistakes.
type doctor struct{ serve }

// Run tells how the program is configured and how its database is. It starts and changes nothing. For each problem it
// says what to do; with one, it fails.
func (d doctor) Run(p *program, parsed *kong.Context) error {
	e := examination{program: p}
	d.examineSettings(&e, parsed.Flags())
	d.examine(&e)
	switch len(e.problems) {
	case 0:
		e.section("No problems")
		return nil
	case 1:
		return errors.New("there is a problem: it is told above, with what to do")
	}
	return fmt.Errorf("there are %d problems: they are told above, with what to do", len(e.problems))
}

// An examination prints what is found.
type examination struct {
	*program
	problems []string
}

func (e *examination) section(title string) { _, _ = fmt.Fprintln(e.stdout, title) }

func (e *examination) line(name, format string, args ...any) {
	_, _ = fmt.Fprintf(e.stdout, "  %-16s %s\n", name, fmt.Sprintf(format, args...))
}

func (e *examination) problem(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	e.problems = append(e.problems, text)
	_, _ = fmt.Fprintf(e.stdout, "  PROBLEM: %s\n", text)
}

// examineSettings tells what the environment says beside the database, which was read by these flags, and what of it a server would
// refuse.
func (d doctor) examineSettings(e *examination, flags []*kong.Flag) {
	e.section("Settings")
	set := false
	for _, f := range flags {
		name := f.Tag.Get("from")
		if value := e.getenv(name); name != "" && value != "" && !strings.HasPrefix(name, "NEO4J_") {
			_, _ = fmt.Fprintf(e.stdout, "  %-28s %s\n", name, value)
			set = true
		}
	}
	if !set {
		e.line("", "The environment has none: the defaults apply.")
	}
	_, folderErr := folder(d.Documents)
	_, originsErr := readOrigins(d.CORSOrigins)
	_, operationsErr := readOperations(d.Operations)
	for _, err := range []error{folderErr, originsErr, operationsErr} {
		if err != nil {
			e.problem("%v", err)
		}
	}
}

func (d doctor) examine(e *examination) {
	e.section("Configuration of the database")
	if err := d.readCredentials(); err != nil {
		e.problem("%v", err)
		return
	}
	local := d.URI == ""
	var notRunning error
	if local {
		e.line("NEO4J_URI", "none: a local Neo4j, in %s", d.DataDir)
		running, err := localneo4j.Find(d.DataDir)
		if err == nil {
			d.URI, d.Username, d.Password, d.Database = running.BoltURI, running.Username, running.Password, ""
		}
		notRunning = err
	} else {
		e.line("NEO4J_URI", "%s", graph.WithoutPassword(d.URI))
		e.line("NEO4J_USERNAME", "%s", d.Username)
		e.line("NEO4J_PASSWORD", "%s", map[bool]string{true: "is set", false: "is not set"}[d.Password != ""])
		e.line("NEO4J_DATABASE", "%s", cmp.Or(d.Database, "none: the server's default"))
	}

	e.section("Versions")
	e.line("Dossier", "%s", version())
	e.line("Go", "%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if local {
		java, err := localneo4j.Java(e.ctx)
		if err != nil {
			e.problem("%v", err)
		} else {
			e.line("Java", "%s", java)
		}
	}
	if notRunning != nil {
		e.problem("no local Neo4j is running in %s (%v): start one with `dossier serve`, or name another with NEO4J_URI", d.DataDir, notRunning)
		return
	}
	d.examineDatabase(e)
}

func (d doctor) examineDatabase(e *examination) {
	c, err := d.connect(e.ctx, e.program)
	if err != nil {
		e.problem("%v", err)
		return
	}
	defer c.close(e.program)
	at := graph.WithoutPassword(d.URI)
	if err := c.graph.Ping(e.ctx); err != nil {
		if why := graph.ForOperators(err); why != err.Error() {
			e.problem("%s (%s)", why, cause(err))
		} else {
			e.problem("Neo4j does not answer at %s (%s): see that it runs, that the address is right, and that nothing between here and there blocks it", at, cause(err))
		}
		return
	}
	condition, err := c.graph.Examine(e.ctx)
	if err != nil {
		e.problem("the database cannot be looked at (%s): see that %s may read it", cause(err), d.Username)
		return
	}
	e.line("Neo4j", "%s %s", condition.Version, condition.Edition)
	if !isSupported(condition.Version) {
		e.problem("Neo4j %s is too old: Dossier needs 5.26 or later", condition.Version)
	}

	e.section("Database")
	e.line("reachable", "yes, at %s", at)
	e.line("stored schema", "%d of %d constraints and indexes", condition.Objects-len(condition.Missing)-len(condition.Others), condition.Objects)
	if n := len(condition.Missing); n > 0 {
		e.problem("%d constraints and indexes are missing (%s): `dossier serve` creates them when it starts; if it is starting, wait", n, some(condition.Missing))
	}
	for _, o := range condition.Others {
		e.problem("something else has the name of Dossier's %s: take it away (%s), and `dossier serve` creates the right one", o.Name, o.Drop())
	}
	if len(condition.Doubled) > 0 {
		e.problem("two have the same id (%s), so that the constraint that keeps ids apart cannot be created: delete one of the two, or give it another id", some(condition.Doubled))
	}
	if len(condition.Unfinished) > 0 {
		e.problem("indexes are not online (%s): if they are being built, wait; if one has failed, drop it and start `dossier serve`, which creates it again", some(condition.Unfinished))
	}
	e.line("entities", "%d", condition.Entities)
	e.line("documents", "%d", condition.Documents)
	e.line("claims", "%d", condition.Claims)
	e.line("relationships", "%d", condition.Relationships)
	d.examineRecord(e, condition.Amiss)
	if condition.Entities == 0 {
		e.line("", "The graph is empty: load facts with `dossier seed`.")
	}
}

// examineRecord tells where the database is not as its record says.
func (d doctor) examineRecord(e *examination, a graph.Amiss) {
	for _, one := range []struct {
		n    int64
		what string // that is counted
		todo string
	}{
		{a.Strays, "%d relationships that no claim speaks of, of those that are or were believed", "somebody wrote them past Dossier; `dossier rebuild` deletes them"},
		{a.Undrawn, "%d claims whose relationship is not there", "somebody deleted it; `dossier rebuild` draws it again"},
		{a.Unlinked, "%d claims that are not linked to both who and what they assert something of", "somebody deleted the link; `dossier rebuild` makes it again"},
		{a.Orphans, "%d claims that assert something of who or what is not stored", "somebody deleted it. " + restore},
		{a.Misread, "%d claims whose standing (status, disputed) is not what the record says", "somebody changed it, or another version of Dossier wrote it; `dossier rebuild` works it out"},
	} {
		switch {
		case one.n < 0:
			e.line("", "It took too long to count the %s.", strings.TrimPrefix(one.what, "%d "))
		case one.n > 0:
			e.problem(one.what+": %s", one.n, one.todo)
		}
	}
}

// some are the first of many names.
func some(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + ", ..."
}

// cause is what lies behind a failure of the graph, in one line.
func cause(err error) string {
	if behind := errors.Unwrap(err); behind != nil {
		err = behind
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

// version is what Go knows of where the program comes from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	out := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			out += " " + s.Value
		}
	}
	return cmp.Or(out, "unknown")
}

// isSupported says whether a version of Neo4j is 5.26 or later.
func isSupported(version string) bool {
	var major, minor int
	if n, _ := fmt.Sscanf(version, "%d.%d", &major, &minor); n < 2 {
		return true // not as versions are written so far
	}
	return major > 5 || major == 5 && minor >= 26
}
