// Package schema declares what the graph knows: the things, the kinds of relationship between them, and the GraphQL
// API around both. The *.graphqls files are the only place where a kind is declared. Three readers follow from them:
//
//   - the Ontology, a typed and validated view of the hand-written files, which the generator, the compiler and the
//     loader of facts read;
//   - generated/, the part of the API that one declaration implies (fields on both ends, connections, filters,
//     RelationshipKind), written by internal/gen;
//   - the GraphQL schema that clients see, which is both together.
package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

//go:embed *.graphqls generated/*.graphqls
var files embed.FS

// Load returns the schema that clients see and the ontology behind it, from the files embedded in the program.
func Load() (*ast.Schema, *Ontology, error) {
	written, err := Sources(files, ".")
	if err != nil {
		return nil, nil, err
	}
	o, err := ParseOntology(written...)
	if err != nil {
		return nil, nil, err
	}
	generated, err := Sources(files, "generated")
	if err != nil {
		return nil, nil, err
	}
	s, err := gqlparser.LoadSchema(append(written, generated...)...)
	if err != nil {
		return nil, nil, fmt.Errorf("schema and generated/ do not fit together, run make generate: %w", err)
	}
	delete(s.Directives, "defer") // gqlparser has it in every schema, and answers here come whole
	withoutDirectivesOnDirectives(s)
	return s, o, nil
}

// withoutDirectivesOnDirectives takes out of a schema that a directive's definition may be deprecated: gqlparser has that
// from the draft of the specification after https://spec.graphql.org/September2025/, and clients that go by a released one
// refuse a schema with a location that they do not know.
func withoutDirectivesOnDirectives(s *ast.Schema) {
	const location = "DIRECTIVE_DEFINITION"
	for _, d := range s.Directives {
		d.Locations = slices.DeleteFunc(d.Locations, func(l ast.DirectiveLocation) bool { return l == location })
	}
	locations := s.Types["__DirectiveLocation"]
	locations.EnumValues = slices.DeleteFunc(locations.EnumValues, func(v *ast.EnumValueDefinition) bool { return v.Name == location })
}

// Sources returns the *.graphqls files of one folder, by name. Errors about them name them as schema/file.graphqls.
func Sources(fsys fs.FS, dir string) ([]*ast.Source, error) {
	names, err := fs.Glob(fsys, strings.TrimPrefix(dir+"/*.graphqls", "./"))
	if err != nil {
		return nil, err
	}
	var out []*ast.Source
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		out = append(out, &ast.Source{Name: "schema/" + name, Input: string(text)})
	}
	return out, nil
}

// SDL writes the schema that clients see as one document.
func SDL(s *ast.Schema) string {
	var b strings.Builder
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatSchema(s)
	return b.String()
}
