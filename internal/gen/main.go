// Gen writes what follows from the hand-written schema:
//
//	schema/generated/*.graphqls       the rest of the API: fields on both ends of a kind, connections, filters
//	graph/exec/query.graphqls         the root fields as gqlgen sees them: each returns an Answer
//	seed/generated/pack.schema.json   the JSON Schema of the files that hold facts
//
// gqlgen then makes graph/exec and the frame of resolvers/ from graph/exec/query.graphqls. It is not given the whole
// schema, because none of the code that it would generate for the types below a root field would ever run: one
// statement answers the whole field, and its record is written to JSON directly (package graph).
//
// Run it in the module's root: make generate. A mistake in a declaration ends it with file and line, and nothing is
// written.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"dossier/schema"
	"dossier/seed"
)

func main() {
	root := flag.String("root", ".", "the module's root folder")
	flag.Parse()
	if err := generate(*root); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// generate reads root/schema and writes all generated files below root.
func generate(root string) error {
	written, err := schema.Sources(os.DirFS(filepath.Join(root, "schema")), ".")
	if err != nil {
		return err
	}
	ontology, err := schema.ParseOntology(written...)
	if err != nil {
		return err
	}
	doc, err := parser.ParseSchemas(written...)
	if err != nil {
		return err
	}
	implied := impliedSDL(ontology, doc)
	files := map[string]string{}
	whole := written
	for name, text := range implied {
		files["schema/generated/"+name] = text
		whole = append(whole, &ast.Source{Name: "schema/generated/" + name, Input: text})
	}
	s, err := gqlparser.LoadSchema(whole...)
	if err != nil {
		return err
	}
	files["graph/exec/query.graphqls"] = rootSDL(s)
	files["seed/generated/pack.schema.json"] = string(seed.JSONSchema(ontology))
	for name, text := range files {
		if err := writeChanged(filepath.Join(root, name), text); err != nil {
			return err
		}
	}
	return nil
}

// rootSDL returns the root fields as gqlgen sees them. Arguments are left out: the whole schema validates them, and
// the compiler reads them.
func rootSDL(s *ast.Schema) string {
	var b strings.Builder
	b.WriteString(marker)
	b.WriteString("\n\"A root field's whole answer, as JSON.\"\nscalar Answer\n")
	for _, root := range []*ast.Definition{s.Query, s.Subscription} {
		fmt.Fprintf(&b, "\ntype %s {\n", root.Name)
		for _, f := range root.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			null := ""
			if f.Type.NonNull {
				null = "!"
			}
			fmt.Fprintf(&b, "%s  %s: Answer%s\n", description(f.Description), f.Name, null)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// writeChanged leaves a file alone that is right already, so that builds stay cached.
func writeChanged(name, text string) error {
	if old, err := os.ReadFile(name); err == nil && string(old) == text {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o644)
}
