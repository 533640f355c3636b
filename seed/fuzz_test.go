package seed_test

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"dossier/seed"
)

// Whatever a file holds, reading it ends in facts that hang together, or in problems that name a line and speak plainly.
func FuzzRead(f *testing.F) {
	for name, file := range packFiles(f) {
		if path.Ext(name) == ".yaml" {
			f.Add(file.Data)
		}
	}
	for _, p := range seed.Packs() {
		names, err := fs.Glob(p.Files, "*.yaml")
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(p.Files, name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data[:min(len(data), 3000)])
		}
	}
	archives, err := filepath.Glob("testdata/errors/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			f.Add(file.Data)
		}
	}
	o := ontology(f)
	jargon := regexp.MustCompile(`oneOf|anyOf|allOf|\$ref|\$defs|additionalProperties|jsonschema|map\[|%!|<nil>`)
	f.Fuzz(func(t *testing.T, text []byte) {
		pack := packFiles(t)
		delete(pack, "claims.yaml")
		pack["more.yaml"] = &fstest.MapFile{Data: text}
		b, err := seed.Read(pack, o, nil)
		if err != nil {
			var problems seed.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("error is a %T: %v", err, err)
			}
			for _, p := range problems {
				if p.File != "" && (p.Line < 1 || p.Line > strings.Count(string(text), "\n")+100) || p.Text == "" || strings.ContainsAny(p.Text, "\n") {
					t.Errorf("problem %#v", p)
				}
				// Words of the file itself may be anything.
				if j := jargon.FindString(p.Text); j != "" && !strings.Contains(string(text), j) {
					t.Errorf("problem speaks of %q: %s", j, p.Text)
				}
			}
			return
		}
		ids := map[string]bool{}
		for _, e := range b.Entities {
			ids[e.ID] = true
		}
		for _, c := range b.Claims {
			for _, id := range mentioned(c) {
				if !ids[id] {
					t.Errorf("%s speaks of %q, which is no entity", c.ID, id)
				}
			}
			for _, p := range c.Passages {
				if p.Exact == "" || len([]rune(p.Exact)) != p.End-p.Start {
					t.Errorf("%s: passage %+v", c.ID, p)
				}
			}
		}
	})
}
