package seed

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"dossier/graph"
	"dossier/internal/edtf"
	"dossier/schema"
)

// Read reads the *.yaml files of a pack's folder and returns the facts in them, without storing anything.
//
// The pack's document names a text file, which Read looks for beside the YAML files and then in documents (nil: there
// are none). A text that is found must have the declared SHA-256, and so must every passage; Passage.Exact is then
// filled. With documents given, a text that is missing is a mistake; with nil it is not, and passages keep positions
// and hashes only.
//
// Every mistake in a pack (no YAML, against the JSON Schema, an id twice or nowhere, an end of the wrong type, a wrong
// hash, ...) is reported at once: the error is then of type [Problems], and the batch is empty.
//
// What a claim points at has to be in the pack; Load also knows other packs and what is stored.
func Read(pack fs.FS, o *schema.Ontology, documents fs.FS) (graph.Batch, error) {
	f, err := read(pack, o, documents)
	var problems Problems
	switch {
	case errors.As(err, &problems):
	case err != nil:
		return graph.Batch{}, err
	}
	for _, r := range f.elsewhere {
		problems = append(problems, f.missing(r))
	}
	if err := problems.err(); err != nil {
		return graph.Batch{}, err
	}
	return f.batch, nil
}

// facts are the content of a pack.
type facts struct {
	batch     graph.Batch
	at        map[string]place // by id of a document, entity or claim
	elsewhere []reference      // that lead out of the pack
}

// A reference leads from a claim to an entity or another claim.
type reference struct {
	claim, id string
	at        place
}

// A place is where something is declared.
type place struct {
	file string
	line int
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.file, p.line) }

// read works in three steps: files to plain data that fits the schema; what ids there are; what is said with them.
// A later step goes on where an earlier one found mistakes, as far as it can say something sensible. Facts come with the
// error where there are Problems.
func read(pack fs.FS, o *schema.Ontology, documents fs.FS) (*facts, error) {
	r := &reader{
		ontology: o, pack: pack, documents: documents,
		facts: &facts{at: map[string]place{}},
		types: map[string]string{},
	}
	complete, err := r.parse()
	if err != nil {
		return r.facts, err
	}
	r.declare()
	// References into a file that could not be read are no mistakes.
	r.checkReferences = complete
	for _, s := range r.sources {
		r.entities(s)
		r.claims(s)
	}
	return r.facts, r.problems.err()
}

type reader struct {
	ontology        *schema.Ontology
	pack, documents fs.FS
	sources         []*source
	problems        Problems
	checkReferences bool

	*facts
	types map[string]string // of entities, by id
	text  *content          // of the document; nil where it is not at hand
}

// parse reads the files and holds them against the schema. It reports whether all of them could be read.
func (r *reader) parse() (complete bool, err error) {
	entries, err := fs.ReadDir(r.pack, ".")
	if err != nil {
		return false, Problems{{Text: fmt.Sprintf("the folder cannot be read (%v)", reason(err))}}
	}
	var names []string
	for _, e := range entries {
		ending := strings.ToLower(path.Ext(e.Name()))
		if (ending == ".yaml" || ending == ".yml") && !strings.HasPrefix(e.Name(), ".") && !e.IsDir() { // with a dot, editors' own
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return false, Problems{{Text: "there is no *.yaml file here: a pack is a folder of them"}}
	}
	check, err := newChecker(r.ontology)
	if err != nil {
		return false, err
	}
	complete = true
	for _, name := range names {
		report := r.problems.in(name)
		text, err := fs.ReadFile(r.pack, name)
		if err != nil {
			report(1, "the file cannot be read (%v)", reason(err))
			complete = false
			continue
		}
		if s := parse(name, text, report); s != nil {
			check.check(s, report)
			r.sources = append(r.sources, s)
			continue
		}
		complete = false
	}
	return complete, nil
}

// reason is why a file or a folder cannot be read, without where it is.
func reason(err error) error {
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		return at.Err
	}
	return err
}

// declare notes the ids that the pack gives, each once, and reads its document.
func (r *reader) declare() {
	found, where := false, place{}
	for _, s := range r.sources {
		root, _ := s.root.(map[string]any)
		if d, ok := root["document"].(map[string]any); ok {
			if found {
				r.problems.add(s.name, s.line("/document"), "the pack has a document already, at %s: a pack is about one document", where)
				continue
			}
			found, where = true, place{s.name, s.line("/document")}
			r.document(s, d)
		}
		for _, n := range r.ontology.Entities() {
			for i, e := range s.section(n.Plural) {
				if id := str(e, "id"); !strings.Contains(id, ":") && r.mark(s, pointerTo(n.Plural, i, "id"), id) {
					r.types[id] = n.Name
				}
			}
		}
		for i, c := range s.section("claims") {
			if id := str(c, "id"); strings.HasPrefix(id, "claim:") {
				r.mark(s, pointerTo("claims", i, "id"), id)
			}
		}
	}
	if !found && len(r.problems) == 0 && len(r.sources) > 0 {
		r.problems.add(r.sources[0].name, 1, "no file of the pack has a section \"document\": add it, with id, title, file and sha256")
	}
}

// mark notes where an id is declared; false if it is none or was declared before.
func (r *reader) mark(s *source, pointer, id string) bool {
	if id == "" {
		return false
	}
	if first, ok := r.at[id]; ok {
		r.problems.add(s.name, s.line(pointer), "the id %q is in use already, at %s: choose another, or merge the two", id, first)
		return false
	}
	r.at[id] = place{s.name, s.line(pointer)}
	return true
}

func (r *reader) document(s *source, d map[string]any) {
	doc := graph.Document{
		ID: str(d, "id"), Title: str(d, "title"), URL: str(d, "url"), Publisher: str(d, "publisher"),
		SHA256: str(d, "sha256"), DatePublished: date(d["datePublished"]),
	}
	if strings.HasPrefix(doc.ID, "document:") {
		r.mark(s, "/document/id", doc.ID)
	}
	r.batch.Documents = append(r.batch.Documents, doc)

	file := str(d, "file")
	if file == "" {
		return
	}
	line := s.line("/document/file")
	text, err := r.open(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && r.documents == nil:
	case errors.Is(err, fs.ErrNotExist):
		r.problems.add(s.name, line, "the folder of documents has no file %q: put it there, or leave the folder out", file)
	case err != nil:
		r.problems.add(s.name, line, "the document's text cannot be read: %v", err)
	case !utf8.Valid(text):
		r.problems.add(s.name, line, "%q is not a UTF-8 text: save it as UTF-8", file)
	case doc.SHA256 != "" && hash(string(text)) != doc.SHA256:
		r.problems.add(s.name, s.line("/document/sha256"), "%q is not the text that the pack was written from: its sha256 is %s", file, hash(string(text)))
	default:
		r.text = newContent(string(text))
	}
}

// open returns the document's text: the pack's own, or the one in the folder of documents.
func (r *reader) open(file string) ([]byte, error) {
	if !fs.ValidPath(file) {
		return nil, fmt.Errorf("%q must be a path below the folder, with / between its parts", file)
	}
	text, err := fs.ReadFile(r.pack, file)
	if errors.Is(err, fs.ErrNotExist) && r.documents != nil {
		return fs.ReadFile(r.documents, file)
	}
	return text, err
}

func (r *reader) entities(s *source) {
	for _, n := range r.ontology.Entities() {
		for _, e := range s.section(n.Plural) {
			if e == nil {
				continue
			}
			entity := graph.Entity{
				Type: n.Name, ID: str(e, "id"), Name: str(e, "name"), Aliases: strs(e, "aliases"),
				Description: str(e, "description"), Properties: values(e, n.Properties),
			}
			for _, x := range items(e, "externalIds") {
				entity.ExternalIDs = append(entity.ExternalIDs, graph.ExternalID{Scheme: str(x, "scheme"), Value: str(x, "value")})
			}
			r.batch.Entities = append(r.batch.Entities, entity)
		}
	}
}

func (r *reader) claims(s *source) {
	for i, c := range s.section("claims") {
		if c == nil {
			continue
		}
		at := func(steps ...any) string { return pointerTo("claims", i) + pointerTo(steps...) }
		claim := graph.Claim{
			ID: str(c, "id"), Statement: str(c, "statement"), Rank: str(c, "rank"),
			AttributedTo: strs(c, "says"), About: strs(c, "about"), MadeOn: date(c["madeOn"]),
			Disputes: strs(c, "disputes"), Corroborates: strs(c, "corroborates"), Supersedes: str(c, "supersedes"),
		}
		claim.Alleged = len(claim.AttributedTo) > 0
		if b, ok := c["alleged"].(bool); ok {
			claim.Alleged = b
		}
		for _, key := range []string{"says", "about"} {
			for j, id := range strs(c, key) {
				r.entity(s, at(key, j), claim.ID, id)
			}
		}
		for _, key := range []string{"disputes", "corroborates"} {
			for j, id := range strs(c, key) {
				r.claim(s, at(key, j), claim.ID, id)
			}
		}
		r.claim(s, at("supersedes"), claim.ID, claim.Supersedes)
		if asserted, ok := c["asserts"].(map[string]any); ok {
			claim.Asserts = r.assertion(s, at("asserts"), claim.ID, asserted)
		} else if len(claim.About) == 0 && c["asserts"] == nil {
			r.problems.add(s.name, s.line(at()), "the claim is about nobody and nothing: give it \"about\" with an id or more, or \"asserts\"")
		}
		for j, p := range items(c, "passages") {
			claim.Passages = append(claim.Passages, r.passage(s, at("passages", j), p))
		}
		r.batch.Claims = append(r.batch.Claims, claim)
	}
}

// entity notes a claim's reference to an entity, and returns its type; "" where the pack has none.
func (r *reader) entity(s *source, pointer, claim, id string) string {
	t, ok := r.types[id]
	if !ok && id != "" && r.checkReferences {
		r.dangling(s, pointer, claim, id)
	}
	return t
}

// claim checks a claim's reference to another one, and notes one that leads out of the pack.
func (r *reader) claim(s *source, pointer, from, id string) {
	_, ok := r.at[id]
	switch {
	case !strings.HasPrefix(id, "claim:") || !r.checkReferences: // the schema reports what is no claim's id
	case id == from:
		r.problems.add(s.name, s.line(pointer), "the claim points at itself: name another claim")
	case !ok:
		r.dangling(s, pointer, from, id)
	}
}

// dangling notes a reference to what is not in the pack: a claim, or else an entity.
func (r *reader) dangling(s *source, pointer, claim, id string) {
	r.elsewhere = append(r.elsewhere, reference{claim, id, place{s.name, s.line(pointer)}})
}

// missing says that a reference leads nowhere. It may mean another of the things that are known.
func (f *facts) missing(r reference) Problem {
	prefix, what := "", "person, company, product or event"
	if strings.HasPrefix(r.id, "claim:") {
		prefix, what = "claim:", "claim" // which is no likeness
	}
	var known []string
	for id := range f.at {
		if slug, is := strings.CutPrefix(id, prefix); is && !strings.Contains(slug, ":") && id != r.claim {
			known = append(known, slug)
		}
	}
	slices.Sort(known)
	right := "add it, load the pack that has it, or correct the id"
	if near := nearest(strings.TrimPrefix(r.id, prefix), known); near != "" {
		right = fmt.Sprintf("did you mean %q? Otherwise add it, or load the pack that has it", prefix+near)
	}
	return Problem{r.at.file, r.at.line, fmt.Sprintf("there is no %s with the id %q: %s", what, r.id, right)}
}

func (r *reader) assertion(s *source, pointer, claim string, a map[string]any) *graph.Assertion {
	k := r.ontology.Kind(str(a, "kind"))
	if k == nil {
		return nil // reported by the schema
	}
	out := &graph.Assertion{
		Kind: k.Type, Source: str(a, k.Source.Name), Target: str(a, k.Target.Name),
		ValidFrom: date(a["validFrom"]), ValidTo: date(a["validTo"]), Properties: values(a, k.Properties),
	}
	if n, ok := whole(a["stint"]); ok {
		out.Stint = int(n)
	}
	for _, e := range []schema.End{k.Source, k.Target} {
		at, id := pointer+pointerTo(e.Name), str(a, e.Name)
		if t := r.entity(s, at, claim, id); t != "" && !slices.Contains(r.ontology.Concrete(e.Type), t) {
			r.problems.add(s.name, s.line(at), "%q is %s, but the %s of %s is %s", id, article(t), e.Name, k.Type, kindsOf(r.ontology, e.Type))
		}
	}
	if out.Source != "" && out.Source == out.Target {
		r.problems.add(s.name, s.line(pointer+pointerTo(k.Target.Name)), "%s joins %q to itself: its two ends are different ones", k.Type, out.Source)
	}
	if problem := outOfOrder(out.ValidFrom, out.ValidTo); problem != "" {
		r.problems.add(s.name, s.line(pointer+"/validTo"), "%s", problem)
	}
	return out
}

// outOfOrder says why nothing can start at the one date and end at the other; "" if something can.
func outOfOrder(from, to graph.PartialDate) string {
	f, err1 := edtf.Parse(from.EDTF)
	t, err2 := edtf.Parse(to.EDTF)
	if err1 != nil || err2 != nil {
		return ""
	}
	earliest, known1 := f.Earliest()
	latest, known2 := t.Latest()
	switch {
	case !known1 || !known2 || latest.After(earliest):
		return ""
	case latest.Equal(earliest):
		return fmt.Sprintf("the relationship ends on the day on which it starts (%s): validTo is the first day on which it no longer held, so write the day after", t)
	}
	return fmt.Sprintf("the relationship ends (%s) before it starts (%s): correct one of the two", t, f)
}

func (r *reader) passage(s *source, pointer string, p map[string]any) graph.Passage {
	out := graph.Passage{SHA256: str(p, "sha256")}
	if len(r.batch.Documents) > 0 {
		out.Document = r.batch.Documents[0].ID
	}
	start, ok1 := whole(p["start"])
	end, ok2 := whole(p["end"])
	if !ok1 || !ok2 || start < 0 || end < 0 {
		return out
	}
	out.Start, out.End = int(start), int(end)
	line := s.line(pointer)
	switch {
	case start >= end:
		r.problems.add(s.name, line, "the passage starts at %d and ends at %d: the end must be the larger number", start, end)
	case r.text == nil:
	case end > int64(r.text.length()):
		r.problems.add(s.name, line, "the passage ends at %d, but the document has %d characters: dossier passage FILE \"words\" gives the right numbers", end, r.text.length())
	default:
		out.Exact = r.text.slice(out.Start, out.End)
		if got := hash(out.Exact); out.SHA256 != "" && got != out.SHA256 {
			r.problems.add(s.name, line, "the characters %d to %d of the document are not the passage that was meant, their sha256 is %s: dossier passage FILE \"words\" gives the right numbers", start, end, got)
		}
	}
	return out
}

// hash is the SHA-256 of a text as UTF-8, in lower-case hexadecimal.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// values returns the properties among a group's keys, typed as the ontology says; what does not fit is left out, the
// schema has reported it.
func values(group map[string]any, declared []schema.Property) map[string]any {
	out := map[string]any{}
	for _, p := range declared {
		v, ok := group[p.Name]
		if !ok || v == nil {
			continue
		}
		out[p.Name] = typed(v, p)
	}
	return out
}

func typed(v any, p schema.Property) any {
	if list, ok := v.([]any); ok && p.List {
		p.List = false
		out := make([]any, len(list))
		for i := range list {
			out[i] = typed(list[i], p)
		}
		return out
	}
	switch p.Type {
	case "PartialDate":
		return date(v)
	case "Int":
		n, _ := whole(v)
		return n
	case "Float":
		if n, ok := whole(v); ok {
			return float64(n)
		}
	}
	return v
}

// date reads a date in either form: a text that is EDTF, or a group of edtf and text.
func date(v any) graph.PartialDate {
	switch v := v.(type) {
	case string:
		return graph.PartialDate{EDTF: v}
	case map[string]any:
		return graph.PartialDate{EDTF: str(v, "edtf"), Text: str(v, "text")}
	}
	return graph.PartialDate{}
}

func str(group map[string]any, key string) string {
	s, _ := group[key].(string)
	return s
}

func strs(group map[string]any, key string) []string {
	list, _ := group[key].([]any)
	var out []string
	for _, v := range list {
		s, _ := v.(string) // a wrong type keeps its place, so that positions agree
		out = append(out, s)
	}
	return out
}

func items(group map[string]any, key string) []map[string]any {
	list, _ := group[key].([]any)
	var out []map[string]any
	for _, v := range list {
		m, _ := v.(map[string]any)
		out = append(out, m)
	}
	return out
}

// whole reads a whole number, also one that is written as 2.0.
func whole(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case uint64:
		return int64(min(n, 1<<62)), true //nolint:gosec // it fits
	case float64:
		if n == float64(int64(n)) {
			return int64(n), true
		}
	}
	return 0, false
}
