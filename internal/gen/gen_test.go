package main

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"dossier/schema"
)

const module = "../.."

// generatedFiles are what generate writes, as long as it writes exactly these.
var generatedFiles = []string{
	"graph/exec/query.graphqls",
	"schema/generated/connections.graphqls",
	"schema/generated/kinds.graphqls",
	"schema/generated/search.graphqls",
	"schema/generated/things.graphqls",
	"seed/generated/pack.schema.json",
}

// newRoot returns a folder that holds the module's hand-written schema files, and more of them.
func newRoot(t *testing.T, more map[string]string) string {
	t.Helper()
	root := t.TempDir()
	names, err := filepath.Glob(filepath.Join(module, "schema", "*.graphqls"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no schema files: %v", err)
	}
	for _, name := range names {
		write(t, filepath.Join(root, "schema", filepath.Base(name)), read(t, name))
	}
	for name, text := range more {
		write(t, filepath.Join(root, filepath.FromSlash(name)), text)
	}
	return root
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// generated returns what is in a root besides the hand-written schema, by path.
func generated(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if dir := filepath.ToSlash(filepath.Dir(name)); dir != "schema" {
			out[filepath.ToSlash(name)] = read(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What is in the tree follows from the declarations in the tree, byte by byte and every time.
func TestGenerateIsUpToDate(t *testing.T) {
	committed := map[string]string{}
	for _, name := range generatedFiles {
		committed[name] = read(t, filepath.Join(module, name))
	}
	for range 3 {
		root := newRoot(t, nil)
		if err := generate(root); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(committed, generated(t, root)); diff != "" {
			t.Fatalf("the generated files are not what make generate writes (-in the tree +generated):\n%s", diff)
		}
	}
}

// A file that is right already is left alone, so that builds stay cached; one that is not is put right.
func TestGenerateWritesWhatChanged(t *testing.T) {
	root := newRoot(t, nil)
	if err := generate(root); err != nil {
		t.Fatal(err)
	}
	want := generated(t, root)
	before := map[string]os.FileInfo{}
	for name := range want {
		before[name] = stat(t, filepath.Join(root, name))
	}
	const changed = "schema/generated/kinds.graphqls"
	write(t, filepath.Join(root, changed), "# edited by hand\n")
	if err := generate(root); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, generated(t, root)); diff != "" {
		t.Errorf("generating again (-first +second):\n%s", diff)
	}
	for name, old := range before {
		now := stat(t, filepath.Join(root, name))
		if name != changed && !now.ModTime().Equal(old.ModTime()) {
			t.Errorf("%s was written again though nothing in it changed", name)
		}
	}
}

func stat(t *testing.T, name string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

var update = flag.Bool("update", false, "write the errors of testdata/mistakes as they are now, to be looked at")

// Each file of testdata/mistakes holds a schema file with a mistake, to be read after the module's own ones, and the
// error.
func TestMistakes(t *testing.T) {
	cases, err := filepath.Glob("testdata/mistakes/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			files, want := map[string]string{}, ""
			for _, f := range archive.Files {
				if f.Name == "error" {
					want = strings.TrimSpace(string(f.Data))
					continue
				}
				files[f.Name] = string(f.Data)
			}
			root := newRoot(t, files)
			err = generate(root)
			if err == nil {
				t.Fatalf("no error, want:\n%s", want)
			}
			if *update {
				archive.Files[len(archive.Files)-1].Data = []byte(err.Error() + "\n")
				write(t, file, string(txtar.Format(archive)))
			}
			if diff := cmp.Diff(want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if written := generated(t, root); len(written) > 0 {
				t.Errorf("%d files were written in spite of the mistake", len(written))
			}
		})
	}
}

// All mistakes are told at once, each of them as an error of its own.
func TestMistakesAreErrorsOfTheirOwn(t *testing.T) {
	root := newRoot(t, map[string]string{"schema/own.graphqls": `
type A @relationship(type: "a") { x: Person! @source(field: "as") y: Person! @target(field: "asOf") }
type B @relationship(type: "B") { x: Person! @source(field: "bs") }
`})
	var mistakes schema.Mistakes
	if err := generate(root); !errors.As(err, &mistakes) {
		t.Fatalf("error %v of type %T, want schema.Mistakes", err, err)
	}
	if len(mistakes) != 2 {
		t.Errorf("%d mistakes, want 2: %v", len(mistakes), mistakes)
	}
}

// A new kind's declaration is enough for all that depends on it.
func TestNewKind(t *testing.T) {
	root := newRoot(t, map[string]string{"schema/own.graphqls": `
"Somebody advised a company."
type Advised @relationship(type: "ADVISED") {
  advisor: Person! @source(field: "advised")
  company: Company! @target(field: "advisors")
  since: PartialDate
  mood: Mood
}
enum Mood { GLAD SAD }
`})
	if err := generate(root); err != nil {
		t.Fatal(err)
	}
	for name, wanted := range map[string][]string{
		"schema/generated/kinds.graphqls": {
			"  \"Somebody advised a company.\"\n  ADVISED\n",
			"extend type Advised implements Relationship & Node {\n",
			"input AdvisedWhere {\n  and: [AdvisedWhere!]\n  or: [AdvisedWhere!]\n  not: AdvisedWhere\n  id: IDFilter\n",
			"  advisor: PersonWhere\n  company: CompanyWhere\n",
			"  since: DateFilter\n  mood: MoodFilter\n",
		},
		"schema/generated/things.graphqls": {
			"  advised(where: AdvisedWhere, orderBy: RelationshipOrder, first: Int, after: String, last: Int, before: String): AdvisedConnection!\n",
			"  advisors(where: AdvisedWhere, orderBy: RelationshipOrder, first: Int, after: String, last: Int, before: String): AdvisedConnection!\n",
			"input MoodFilter {\n  eq: Mood\n  ne: Mood\n  in: [Mood!]\n}\n",
		},
		"schema/generated/connections.graphqls": {
			"type AdvisedConnection {\n  edges: [AdvisedEdge!]!\n",
			"type AdvisedEdge {\n  cursor: String!\n  node: Advised!\n}\n",
		},
		"seed/generated/pack.schema.json": {"ADVISED", "advisor", "since", "GLAD"},
	} {
		text := read(t, filepath.Join(root, name))
		for _, want := range wanted {
			if n := strings.Count(text, want); n == 0 || n > 1 && strings.Contains(want, "\n") {
				t.Errorf("%s has this %d times, want once:\n%s", name, n, want)
			}
		}
	}
	// Root fields do not change, so neither does gqlgen's part.
	if diff := cmp.Diff(read(t, filepath.Join(module, "graph/exec/query.graphqls")), read(t, filepath.Join(root, "graph/exec/query.graphqls"))); diff != "" {
		t.Errorf("graph/exec/query.graphqls (-without the kind +with it):\n%s", diff)
	}
	var names []string
	for name := range generated(t, root) {
		names = append(names, name)
	}
	slices.Sort(names)
	if diff := cmp.Diff(generatedFiles, names); diff != "" {
		t.Errorf("generated files (-want +got):\n%s", diff)
	}
}
