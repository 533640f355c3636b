package seed_test

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"dossier/graph"
	"dossier/schema"
	"dossier/seed"
)

var update = flag.Bool("update", false, "write what the tests get into testdata as what they want")

func ontology(t testing.TB) *schema.Ontology {
	t.Helper()
	_, o, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestRead(t *testing.T) {
	got, err := seed.Read(os.DirFS("testdata/pack"), ontology(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	const doc = "document:acme"
	want := graph.Batch{
		Documents: []graph.Document{{
			ID: doc, Title: "The story of Acme", URL: "https://acme.example/story", Publisher: "The Daily Acme",
			SHA256: "HASH", DatePublished: graph.PartialDate{EDTF: "2002"},
		}},
		Entities: []graph.Entity{
			{Type: "Person", ID: "ada-byrd", Name: "Ada Byrd", Aliases: []string{"Ada"}, Properties: map[string]any{}},
			{Type: "Person", ID: "bo-crane", Name: "Bo Crane", ExternalIDs: []graph.ExternalID{{Scheme: "register", Value: "17"}}, Properties: map[string]any{}},
			{Type: "Company", ID: "acme", Name: "Acme", Properties: map[string]any{"legalForm": "café"}},
			{Type: "Product", ID: "coffee", Name: "Coffee", Properties: map[string]any{"openWeights": false}},
			{Type: "Event", ID: "opening", Name: "The opening", Description: "Acme opens its doors.", Properties: map[string]any{"date": graph.PartialDate{EDTF: "1999~"}}},
		},
		Claims: []graph.Claim{
			{
				ID: "claim:ada-founded-acme", Statement: "Ada Byrd is the founder of Acme.", Disputes: []string{"claim:bo-founded-acme"},
				Asserts:  &graph.Assertion{Kind: "FOUNDED", Source: "ada-byrd", Target: "acme", ValidFrom: graph.PartialDate{EDTF: "1999"}, Properties: map[string]any{}},
				Passages: []graph.Passage{{Document: doc, Start: 0, End: 29, SHA256: "HASH", Exact: "Ada Byrd started Acme in 1999"}},
			},
			{
				ID: "claim:acme-is-a-cafe", Statement: "Acme is a café.", Rank: "PREFERRED", AttributedTo: []string{"ada-byrd"}, About: []string{"acme"},
				Passages: []graph.Passage{{Document: doc, Start: 32, End: 41, SHA256: "HASH", Exact: "“my café”"}},
			},
			{
				ID: "claim:bo-founded-acme", Statement: "Bo Crane is the founder of Acme.", Alleged: true, AttributedTo: []string{"bo-crane"}, Disputes: []string{"claim:ada-founded-acme"},
				Asserts:  &graph.Assertion{Kind: "FOUNDED", Source: "bo-crane", Target: "acme", Properties: map[string]any{}},
				Passages: []graph.Passage{{Document: doc, Start: 53, End: 85, SHA256: "HASH", Exact: "Bo Crane says that he started it"}},
			},
			{
				ID: "claim:bo-sued-acme", Statement: "Bo Crane took Acme to court.", MadeOn: graph.PartialDate{EDTF: "2001-06"},
				Asserts: &graph.Assertion{
					Kind: "SUED", Source: "bo-crane", Target: "acme", Stint: 2,
					ValidFrom:  graph.PartialDate{EDTF: "[2001-01..2001-04]", Text: "early 2001"},
					Properties: map[string]any{"outcome": "unknown"},
				},
				Passages: []graph.Passage{
					{Document: doc, Start: 53, End: 66, SHA256: "HASH", Exact: "Bo Crane says"},
					{Document: doc, Start: 91, End: 123, SHA256: "HASH", Exact: "took Acme to court in early 2001"},
				},
			},
		},
	}
	// The hashes are the loader's own matter: that they fit the text is what filling Exact has shown.
	hashes := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".SHA256" }, cmp.Ignore())
	if diff := cmp.Diff(want, got, hashes); diff != "" {
		t.Errorf("batch (-want +got):\n%s", diff)
	}
}

// A document's text may lie beside the pack, in the folder of documents, or nowhere.
func TestReadFindsTheText(t *testing.T) {
	o := ontology(t)
	const file = "text.txt"
	text, err := os.ReadFile("testdata/pack/" + file)
	if err != nil {
		t.Fatal(err)
	}
	without := packFiles(t)
	delete(without, file)
	for name, c := range map[string]struct {
		pack, documents fs.FS
		want            string
	}{
		"in the pack":      {packFiles(t), nil, "Ada Byrd started Acme in 1999"},
		"in the documents": {without, fstest.MapFS{file: {Data: text}}, "Ada Byrd started Acme in 1999"},
		"nowhere":          {without, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := seed.Read(c.pack, o, c.documents)
			if err != nil {
				t.Fatal(err)
			}
			p := b.Claims[0].Passages[0]
			if p.Exact != c.want {
				t.Errorf("Exact = %q, want %q", p.Exact, c.want)
			}
			if p.Start != 0 || p.End != 29 || len(p.SHA256) != 64 {
				t.Errorf("passage = %+v, want its numbers in any case", p)
			}
		})
	}
}

// Each archive in testdata/errors changes the files of testdata/pack into a broken pack; "want" is all of the error's
// text. Files below documents/ are the folder of documents, which is given only then.
func TestReadErrors(t *testing.T) {
	archives, err := filepath.Glob("testdata/errors/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives in testdata/errors: %v", err)
	}
	o := ontology(t)
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			pack, want := packFiles(t), ""
			var documents fs.FS
			for _, f := range a.Files {
				if f.Name == "want" {
					want = string(f.Data)
					continue
				}
				pack[f.Name] = &fstest.MapFile{Data: f.Data}
				if strings.HasPrefix(f.Name, "documents/") {
					documents, _ = fs.Sub(pack, "documents")
				}
			}
			batch, err := seed.Read(pack, o, documents)
			if err == nil {
				t.Fatal("the broken pack was read without an error")
			}
			var problems seed.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("error is %T, want seed.Problems: %v", err, err)
			}
			if len(batch.Documents)+len(batch.Entities)+len(batch.Claims) > 0 {
				t.Error("a broken pack gives facts")
			}
			got := err.Error() + "\n"
			if *update {
				a.Files[len(a.Files)-1].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadEmptyFolder(t *testing.T) {
	_, err := seed.Read(fstest.MapFS{}, ontology(t), nil)
	if want := "there is no *.yaml file here: a pack is a folder of them"; err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
}

// packFiles is the pack that the tests change.
func packFiles(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	names, err := filepath.Glob("testdata/pack/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = &fstest.MapFile{Data: data}
	}
	return files
}

// Files come from many editors.
func TestReadEncodings(t *testing.T) {
	read := func(more string) (graph.Batch, error) {
		pack := packFiles(t)
		pack["more.yaml"] = &fstest.MapFile{Data: []byte(more)}
		return seed.Read(pack, ontology(t), nil)
	}
	b, err := read("\ufeffpeople:\n  - {id: zoe, name: \"Zoe\u0308\", aliases: [Zo:e, 12:30, x:y:1, \"Zo\"]}\n") // a byte order mark, and letters in two parts
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(b.Entities, func(e graph.Entity) bool { return e.ID == "zoe" })
	if got := b.Entities[i]; got.Name != "Zo\u00eb" || !slices.Equal(got.Aliases, []string{"Zo:e", "12:30", "x:y:1", "Zo"}) {
		t.Errorf("it is read as %q, %q", got.Name, got.Aliases)
	}
	for more, want := range map[string]string{
		"people:\n  - {id: zoe, name: \"Zo\xeb\"}\n": "more.yaml:2: not UTF-8: save the file as UTF-8",
		"\xff\xfep\x00e\x00":                         "more.yaml:1: not UTF-8: save the file as UTF-8",
		"people:\n  - {id: zoe, name: .nan}\n":       "more.yaml:2: .nan is no number that can be stored",
		"people:\n  - {id: zoe, name: }\n":           "more.yaml:2: \"name\" is empty: it must be a text",
		"people:\n  - {id: , name: Zoe}\n":           "more.yaml:2: \"id\" is empty: it must be a text, or be left out where it is not required",
	} {
		if _, err := read(more); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", more, err, want)
		}
	}
}

// Editors and systems leave other files beside those of a pack.
func TestReadFolder(t *testing.T) {
	pack := packFiles(t)
	pack["more.yml"] = &fstest.MapFile{Data: []byte("people: [{id: zoe, name: Zoe}]")}
	pack["LAST.YAML"] = &fstest.MapFile{Data: []byte("people: [{id: zac, name: Zac}]")}
	for _, name := range []string{"._claims.yaml", ".#claims.yaml", "folder.yaml/notes.txt", "claims.yaml~"} {
		pack[name] = &fstest.MapFile{Data: []byte("\x00\xff")}
	}
	b, err := seed.Read(pack, ontology(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"zoe", "zac"} {
		if !slices.ContainsFunc(b.Entities, func(e graph.Entity) bool { return e.ID == id }) {
			t.Errorf("%s is not read", id)
		}
	}
	_, err = seed.Read(os.DirFS("testdata/nowhere"), ontology(t), nil)
	if want := "the folder cannot be read (no such file or directory)"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
