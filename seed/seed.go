// Package seed holds the facts that Dossier starts with, and loads them.
//
// The facts of one document are a pack: a folder of YAML files that a person likes to edit. A pack names its document,
// the people, companies, products and events in it, and, claim by claim, what the document states: in our own words,
// with the passage it stands in (positions and SHA-256, never the text) and who says it. The format is derived from
// the ontology (see [JSONSchema]), so that a new kind of relationship can be used in a pack at once.
//
// [Read] turns a pack into a [graph.Batch], or says with file and line what is wrong with it. [Load] reads the wanted
// packs and stores all their facts at once, or nothing at all; loading again changes nothing. [Locate] finds the
// numbers of a passage for whoever writes a claim.
package seed

import (
	"embed"
	"io/fs"
)

//go:embed packs
var packs embed.FS

// A Pack is a folder of facts about one document.
type Pack struct {
	Name  string
	Files fs.FS // the pack's folder
	// Default says whether the pack is loaded unless other packs are asked for.
	Default bool
}

// Packs returns the packs that come with the program, the default ones first.
func Packs() []Pack {
	named := func(name string, byDefault bool) Pack {
		files, err := fs.Sub(packs, "packs/"+name)
		if err != nil {
			panic(err) // only for a name that is no path
		}
		return Pack{Name: name, Files: files, Default: byDefault}
	}
	return []Pack{
		named("musk-altman-rivalry", true),
		named("public-record", false),
	}
}
