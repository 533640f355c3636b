package seed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"dossier/graph"
	"dossier/schema"
)

// Options say what Load loads.
type Options struct {
	Packs     []Pack    // nil: the default ones among Packs()
	Actor     string    // who loads them, for the audit trail; "": the program itself, "dossier"
	Documents fs.FS     // the folder of the documents' texts; nil: not at hand, so passages stay without their words
	Progress  io.Writer // gets a line for each step; nil: none
}

// Load stores the facts of the packs, all of them in one transaction. Facts that are stored already stay as they are,
// so loading twice is loading once. Claims may point at what another of the packs has, or what is stored;
// that something points nowhere is told once all else is right.
//
// Packs may name the same entity: what they say of it is put together. A mistake in any pack is reported as [Problems]
// whose files start with the pack's name, and nothing is stored.
func Load(ctx context.Context, g *graph.Graph, o *schema.Ontology, opts Options) (graph.Recorded, error) {
	chosen := opts.Packs
	if chosen == nil {
		chosen = slices.DeleteFunc(Packs(), func(p Pack) bool { return !p.Default })
	}
	all := &facts{at: map[string]place{}}
	var problems Problems
	for _, p := range chosen {
		f, err := read(p.Files, o, opts.Documents)
		var found Problems
		switch {
		case errors.As(err, &found):
			for _, one := range found {
				if one.File == "" {
					one.Text = fmt.Sprintf("pack %s: %s", p.Name, one.Text)
				} else {
					one.File = path.Join(p.Name, one.File)
				}
				problems = append(problems, one)
			}
			continue
		case err != nil:
			return graph.Recorded{}, fmt.Errorf("pack %s: %w", p.Name, err)
		}
		progress(opts.Progress, "pack %s: %s", p.Name, f.summary())
		problems = append(problems, all.merge(p.Name, f)...)
	}
	if err := problems.err(); err != nil {
		return graph.Recorded{}, fmt.Errorf("nothing was loaded, because the facts need a correction:\n%w", err)
	}
	recorded, err := g.Record(ctx, cmp.Or(opts.Actor, "dossier"), all.batch)
	if items := (graph.ItemErrors)(nil); errors.As(err, &items) {
		return graph.Recorded{}, fmt.Errorf("nothing was loaded, because the facts need a correction:\n%w", all.locate(items).err())
	}
	if err != nil {
		return graph.Recorded{}, fmt.Errorf("load facts: %w", err)
	}
	if recorded == (graph.Recorded{}) {
		progress(opts.Progress, "all of it was there already")
		return recorded, nil
	}
	if recorded.Words > 0 {
		progress(opts.Progress, "filled in the words of %s", count(recorded.Words, "passage", "passages"))
	}
	if recorded == (graph.Recorded{Words: recorded.Words}) {
		return recorded, nil
	}
	progress(opts.Progress, "added %s, %s, %s and %s",
		count(recorded.Documents, "document", "documents"), count(recorded.Entities, "entity", "entities"),
		count(recorded.Claims, "claim", "claims"), count(recorded.Relationships, "relationship", "relationships"))
	if recorded.Amended > 0 {
		progress(opts.Progress, "amended %s", count(recorded.Amended, "entity or document", "entities and documents"))
	}
	return recorded, nil
}

// locate says where in the packs the items stand that cannot be recorded, or the references that lead nowhere.
func (f *facts) locate(items graph.ItemErrors) Problems {
	var problems Problems
	for _, item := range items {
		found := false
		for _, r := range f.elsewhere {
			if item.Missing != "" && r.claim == item.Item && r.id == item.Missing {
				problems, found = append(problems, f.missing(r)), true
			}
		}
		if at := f.at[item.Item]; !found {
			problems.add(at.file, at.line, "%s", item)
		}
	}
	return problems
}

// Choose returns the packs of these names, in this order: those that come with the program, and folders of others.
func Choose(names ...string) ([]Pack, error) {
	var known []string
	for _, p := range Packs() {
		known = append(known, p.Name)
	}
	var chosen []Pack
	for _, name := range names {
		pack := Pack{Name: filepath.ToSlash(filepath.Clean(name))}
		if slices.Contains(known, pack.Name) { // a folder of this name
			pack.Name = "./" + pack.Name
		}
		if i := slices.Index(known, name); i >= 0 {
			pack = Packs()[i]
		} else if info, err := os.Stat(name); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("there is no pack %q: there are %s, and your own, of which give the folder", name, strings.Join(known, ", "))
		} else {
			pack.Files = os.DirFS(name)
		}
		if !slices.ContainsFunc(chosen, func(p Pack) bool { return p.Name == pack.Name }) {
			chosen = append(chosen, pack)
		}
	}
	return chosen, nil
}

func progress(w io.Writer, format string, args ...any) {
	if w != nil {
		// Whoever cannot be told how far it is still wants the facts.
		_, _ = fmt.Fprintf(w, format+"\n", args...)
	}
}

// summary says what a pack holds.
func (f *facts) summary() string {
	passages, exact := 0, 0
	for _, c := range f.batch.Claims {
		passages += len(c.Passages)
		for _, p := range c.Passages {
			if p.Exact != "" {
				exact++
			}
		}
	}
	text := " (their text is not at hand)"
	switch {
	case passages == 0:
		text = ""
	case exact == passages:
		text = " (each the same as in the document)"
	}
	return fmt.Sprintf("%s, %s, %s%s", count(len(f.batch.Entities), "entity", "entities"),
		count(len(f.batch.Claims), "claim", "claims"), count(passages, "passage", "passages"), text)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// merge adds a pack's facts, and returns what does not go together with the facts there are.
func (f *facts) merge(pack string, more *facts) Problems {
	var problems Problems
	there := maps.Clone(f.at)
	for id, at := range more.at {
		at.file = path.Join(pack, at.file)
		more.at[id] = at
		if _, ok := f.at[id]; !ok {
			f.at[id] = at
		}
	}
	report := func(id, format string, args ...any) {
		at := more.at[id]
		problems.add(at.file, at.line, "%s (see %s)", fmt.Sprintf(format, args...), there[id])
	}
	for _, d := range more.batch.Documents {
		if _, ok := there[d.ID]; ok {
			report(d.ID, "another pack is about the document %q already: a document has one pack", d.ID)
			continue
		}
		f.batch.Documents = append(f.batch.Documents, d)
	}
	for _, c := range more.batch.Claims {
		if _, ok := there[c.ID]; ok {
			report(c.ID, "another pack has a claim with the id %q already: choose another id", c.ID)
			continue
		}
		f.batch.Claims = append(f.batch.Claims, c)
	}
	for _, r := range more.elsewhere {
		r.at.file = path.Join(pack, r.at.file)
		f.elsewhere = append(f.elsewhere, r)
	}
	for _, e := range more.batch.Entities {
		i := slices.IndexFunc(f.batch.Entities, func(known graph.Entity) bool { return known.ID == e.ID })
		if i < 0 {
			f.batch.Entities = append(f.batch.Entities, e)
			continue
		}
		combine(&f.batch.Entities[i], e, func(format string, args ...any) { report(e.ID, format, args...) })
	}
	return problems
}

// combine puts what two packs say of one entity together, and reports where they differ.
func combine(known *graph.Entity, more graph.Entity, report func(format string, args ...any)) {
	if known.Type != more.Type {
		report("%q is %s here, but %s in another pack: choose another id, or correct one of the two", more.ID, article(more.Type), article(known.Type))
		return
	}
	if known.Name != more.Name {
		report("%q is called %q here, but %q in another pack: use one name, and put the other among its aliases", more.ID, more.Name, known.Name)
	}
	if known.Description == "" {
		known.Description = more.Description
	} else if more.Description != "" && more.Description != known.Description {
		report("%q has a description in another pack already: keep one of the two", more.ID)
	}
	known.Aliases = union(known.Aliases, more.Aliases)
	known.ExternalIDs = union(known.ExternalIDs, more.ExternalIDs)
	properties := maps.Clone(known.Properties)
	for _, name := range slices.Sorted(maps.Keys(more.Properties)) {
		old, ok := properties[name]
		if ok && !reflect.DeepEqual(old, more.Properties[name]) {
			known, isDate := old.(graph.PartialDate)
			same, _ := more.Properties[name].(graph.PartialDate)
			if !isDate || known.EDTF != same.EDTF || known.Text != "" && same.Text != "" {
				report("%q has %s %s here, but %s in another pack: keep one of the two", more.ID, name, show(more.Properties[name]), show(old))
				continue
			}
			if same.Text == "" { // the other has words for it
				continue
			}
		}
		properties[name] = more.Properties[name]
	}
	known.Properties = properties
}

// union returns a and what of b it does not hold yet. It changes neither.
func union[T comparable](a, b []T) []T {
	out := slices.Clone(a)
	for _, v := range b {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// show writes a property's value as it may stand in a pack.
func show(v any) string {
	if d, ok := v.(graph.PartialDate); ok {
		if d.Text != "" {
			return fmt.Sprintf("%s (%q)", d.EDTF, d.Text)
		}
		return d.EDTF
	}
	return fmt.Sprint(v)
}
