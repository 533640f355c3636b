package graph

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	sluglib "github.com/gosimple/slug"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"dossier/internal/edtf"
	"dossier/schema"
)

// Recorded counts what a Record call added. What was there before is not counted.
type Recorded struct {
	Documents, Entities, Claims int
	Relationships               int // that the claims add up to now and did not before
	Amended                     int // documents and entities that were there and have changed
	Words                       int // passages that were there without their words, and have them now
}

// An ItemError says which item of a batch cannot be recorded, and why.
type ItemError struct {
	Item    string // the item's id
	Reason  string
	Missing string // the id of what it points at, where that is neither in the batch nor stored
}

func (e *ItemError) Error() string { return e.Item + ": " + e.Reason }

// ItemErrors are what is wrong with a batch: of each item the first mistake, or, where the items by themselves have none, all that
// does not go together with the rest and with what is stored.
type ItemErrors []*ItemError

func (e ItemErrors) Error() string {
	texts := make([]string, len(e))
	for i, one := range e {
		texts[i] = one.Error()
	}
	return strings.Join(texts, "\n")
}

// Unwrap returns each of them.
func (e ItemErrors) Unwrap() []error {
	out := make([]error, len(e))
	for i, one := range e {
		out[i] = one
	}
	return out
}

func (e *ItemErrors) add(item, format string, args ...any) {
	*e = append(*e, &ItemError{Item: item, Reason: fmt.Sprintf(format, args...)})
}

func (e ItemErrors) err() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// Record stores a batch, whole or not at all, in one transaction, and projects the relationships that its claims
// speak of. The actor is who records it, for the audit trail. It may be repeated, and then changes nothing: entities and
// documents with a known id are completed (aliases and external ids are added, other values given replace the stored
// ones, and what they were before is kept; the text of a document stays the same), and a claim with a known id must be the
// same claim. A passage whose words were not at hand the first time gets them, which is no change of the record. Items that
// cannot be stored give ItemErrors, an actor without a name an *Error with BadUserInput. An *Error with ServiceUnavailable says
// that the database does not answer; where that was at the end, it says that nobody knows whether the batch was stored.
func (g *Graph) Record(ctx context.Context, actor string, b Batch) (Recorded, error) {
	r := &recording{ontology: g.ontology, batch: b}
	if err := r.prepare(); err != nil {
		return Recorded{}, err
	}
	var out Recorded
	err := g.commit(ctx, actor, func(ctx context.Context, tx transaction, at time.Time) (changes []change, err error) {
		out, changes, err = r.write(ctx, tx, at)
		return changes, err
	})
	if err != nil {
		return Recorded{}, err
	}
	return out, nil
}

// A transaction runs statements one after the other.
type transaction struct {
	database *database
	tx       neo4j.ExplicitTransaction
}

func (t transaction) rows(ctx context.Context, text string, params map[string]any) (out [][]any, err error) {
	ended := t.database.sent(ctx, text)
	defer func() { ended(err) }()
	result, err := t.tx.Run(ctx, text, params)
	if err != nil {
		return nil, err
	}
	for result.Next(ctx) {
		out = append(out, result.Record().Values)
	}
	return out, result.Err()
}

// unwind runs a statement for a list of rows, in pieces that the database digests well.
func (t transaction) unwind(ctx context.Context, rows []map[string]any, text string) error {
	for piece := range slices.Chunk(rows, 1000) {
		if _, err := t.rows(ctx, "UNWIND $rows AS row\n"+text, map[string]any{"rows": piece}); err != nil {
			return err
		}
	}
	return nil
}

// recording is one Record call. prepare checks the batch and turns it into rows, without the database.
type recording struct {
	ontology *schema.Ontology
	batch    Batch

	documents []thing
	entities  []thing
	claims    []map[string]any
	digests   map[string]string // of claims, by id
	written   map[string]string // those of the claims as they are written, which older records have
	links     map[string][]map[string]any
	passages  []map[string]any
	types     map[string]string // of the batch's entities, by id
	ends      []endCheck
	widest    int64 // days between the first and the last day of the least certain date
}

// A thing is a document or an entity of a batch.
type thing struct {
	id         string
	label      string         // of the node; entities carry the label Entity too
	properties map[string]any // nil takes a stored property away
}

// endCheck notes that an entity must be of a type; the database knows those that are not in the batch.
type endCheck struct {
	claim, entity string
	types         []string
	role          string
}

var (
	slug      = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	hexSHA256 = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func (r *recording) prepare() error {
	r.links, r.types = map[string][]map[string]any{}, map[string]string{}
	r.digests, r.written = map[string]string{}, map[string]string{}
	var problems ItemErrors
	check := func(id string, err error) {
		if err != nil {
			problems.add(id, "%v", err)
		}
	}
	documents := map[string]bool{}
	for _, d := range r.batch.Documents {
		if documents[d.ID] {
			problems.add(d.ID, "there are two documents with this id")
			continue
		}
		documents[d.ID] = true
		check(d.ID, r.document(d))
	}
	for _, e := range r.batch.Entities {
		check(e.ID, r.entity(e))
	}
	supersedes := map[string]string{}
	for _, c := range r.batch.Claims {
		check(c.ID, r.claim(c))
		supersedes[c.ID] = c.Supersedes
	}
	for _, c := range r.batch.Claims {
		for id, steps := supersedes[c.ID], 0; id != "" && steps < len(supersedes); id, steps = supersedes[id], steps+1 {
			if id == c.ID {
				problems.add(c.ID, "it supersedes itself, by way of what it supersedes: the newest claim supersedes the older one")
				break
			}
		}
	}
	return problems.err()
}

// longestName is how many characters an id, a name or a title may have: an index holds it. Other texts are as long as they need to be.
const longestName = 1000

func checkLength(what, text string) error {
	if n := utf8.RuneCountInString(text); n > longestName {
		return fmt.Errorf("the %s has %d characters, and may have %d", what, n, longestName)
	}
	return nil
}

func checkName(what, text string) error {
	if err := checkLength(what, text); err != nil {
		return err
	}
	return checkText(what, text)
}

func checkText(what, text string) error {
	if strings.TrimSpace(text) == "" {
		return fmt.Errorf("the %s is blank", what)
	}
	return nil
}

func checkID(id, prefix string) error {
	if err := checkLength("id", id); err != nil {
		return err
	}
	if !strings.HasPrefix(id, prefix) || !slug.MatchString(strings.TrimPrefix(id, prefix)) {
		return fmt.Errorf("the id is not %q and lower-case words joined by hyphens, for example %s", prefix, prefix+"first-meeting")
	}
	return nil
}

func (r *recording) document(d Document) error {
	if err := checkID(d.ID, "document:"); err != nil {
		return err
	}
	if err := checkName("title", d.Title); err != nil {
		return err
	}
	if !hexSHA256.MatchString(d.SHA256) {
		return fmt.Errorf("sha256 is not 64 lower-case hexadecimal digits")
	}
	p := map[string]any{"title": d.Title, "sha256": d.SHA256}
	put(p, "url", d.URL)
	put(p, "publisher", d.Publisher)
	if err := r.setDate(p, "datePublished", d.DatePublished); err != nil {
		return err
	}
	r.documents = append(r.documents, thing{d.ID, "Document", p})
	return nil
}

func (r *recording) entity(e Entity) error {
	n := r.ontology.Node(e.Type)
	if n == nil || !n.Entity {
		return fmt.Errorf("there is no entity type %q", e.Type)
	}
	if err := checkLength("id", e.ID); err != nil {
		return err
	}
	if !slug.MatchString(e.ID) {
		return fmt.Errorf("the id is not lower-case words joined by hyphens, for example elon-musk")
	}
	if err := checkName("name", e.Name); err != nil {
		return err
	}
	if t, twice := r.types[e.ID]; twice {
		return fmt.Errorf("there are two entities with this id, a %s and a %s", t, e.Type)
	}
	r.types[e.ID] = e.Type
	p := map[string]any{"name": e.Name}
	put(p, "description", e.Description)
	if err := r.setProperties(p, e.Type, n.Properties, e.Properties); err != nil {
		return err
	}
	aliases, external := []any{}, []any{}
	for _, a := range e.Aliases {
		if err := checkName("alias", a); err != nil {
			return err
		}
		aliases = append(aliases, a)
	}
	for _, x := range e.ExternalIDs {
		if x.Scheme == "" || strings.Contains(x.Scheme, ":") || x.Value == "" {
			return fmt.Errorf("the external id %q of %q needs a scheme without a colon, and a value", x.Value, x.Scheme)
		}
		external = append(external, x.Scheme+":"+x.Value)
	}
	p["aliases"], p["externalIds"] = aliases, external
	r.entities = append(r.entities, thing{e.ID, n.Label, p})
	return nil
}

func (r *recording) claim(c Claim) error {
	if err := checkID(c.ID, "claim:"); err != nil {
		return err
	}
	if err := checkText("statement", c.Statement); err != nil {
		return err
	}
	if _, twice := r.digests[c.ID]; twice {
		return fmt.Errorf("there are two claims with this id")
	}
	p := map[string]any{"id": c.ID, "statement": c.Statement, "rank": "NORMAL", "statedAs": "ASSERTED", "disputed": false}
	if c.Alleged {
		p["statedAs"] = "ALLEGED"
	}
	p["status"] = p["statedAs"]
	switch c.Rank {
	case "":
	case "PREFERRED", "NORMAL", "DEPRECATED":
		p["rank"] = c.Rank
	default:
		return fmt.Errorf("the rank %q is not PREFERRED, NORMAL or DEPRECATED", c.Rank)
	}
	if err := r.setDate(p, "madeOn", c.MadeOn); err != nil {
		return err
	}
	about := slices.Clone(c.About)
	if c.Asserts != nil {
		if err := r.assertion(c.ID, c.Asserts, p); err != nil {
			return err
		}
		about = append(about, c.Asserts.Source, c.Asserts.Target)
	}
	if len(about) == 0 {
		return fmt.Errorf("a claim is about at least one entity")
	}
	link := func(kind string, ids ...string) {
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			r.links[kind] = append(r.links[kind], map[string]any{"from": c.ID, "to": id})
		}
	}
	link("ATTRIBUTED_TO", c.AttributedTo...)
	link("ABOUT", about...)
	link("DISPUTES", c.Disputes...)
	link("CORROBORATES", c.Corroborates...)
	if c.Supersedes != "" {
		link("SUPERSEDES", c.Supersedes)
	}
	for _, id := range c.Disputes {
		if slices.Contains(c.Corroborates, id) {
			return fmt.Errorf("it disputes %s and corroborates it: it does one of the two", id)
		}
	}
	for _, q := range c.Passages {
		if q.Start < 0 || q.End <= q.Start || q.End > math.MaxInt32 {
			return fmt.Errorf("the passage from %d to %d is none: it starts at 0 or later, and ends after its start and at %d at the latest", q.Start, q.End, math.MaxInt32)
		}
		if !hexSHA256.MatchString(q.SHA256) {
			return fmt.Errorf("the passage's sha256 is not 64 lower-case hexadecimal digits")
		}
		if q.Exact != "" && fmt.Sprintf("%x", sha256.Sum256([]byte(q.Exact))) != q.SHA256 {
			return fmt.Errorf("the words of the passage from %d to %d are others than those of its sha256", q.Start, q.End)
		}
		row := map[string]any{"from": c.ID, "to": q.Document, "start": q.Start, "end": q.End, "sha256": q.SHA256, "exact": nil}
		if q.Exact != "" {
			row["exact"] = q.Exact
		}
		r.passages = append(r.passages, row)
	}
	digest, err := digestOf(r.normal(c))
	if err != nil {
		return err
	}
	p["digest"] = digest
	r.digests[c.ID] = digest
	r.written[c.ID], _ = digestOf(c)
	r.claims = append(r.claims, p)
	return nil
}

// normal is a claim as others that say the same are written, too: what is left out is its default, and the order of a list
// says nothing.
func (r *recording) normal(c Claim) Claim {
	sorted := func(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }
	c.AttributedTo, c.Disputes, c.Corroborates, c.About = sorted(c.AttributedTo), sorted(c.Disputes), sorted(c.Corroborates), sorted(c.About)
	if c.Rank == "NORMAL" {
		c.Rank = ""
	}
	if c.Asserts != nil {
		a := *c.Asserts
		if a.Stint == 1 {
			a.Stint = 0
		}
		if k := r.ontology.Kind(a.Kind); k != nil && k.Symmetric && a.Target < a.Source {
			a.Source, a.Target = a.Target, a.Source
		}
		if a.Properties == nil {
			a.Properties = map[string]any{}
		}
		c.Asserts = &a
		c.About = slices.DeleteFunc(c.About, func(id string) bool { return id == a.Source || id == a.Target })
	}
	if len(c.About) == 0 {
		c.About = nil
	}
	passages := map[Passage]bool{}
	for _, p := range c.Passages {
		p.Exact = ""
		passages[p] = true
	}
	c.Passages = slices.SortedFunc(maps.Keys(passages), func(a, b Passage) int {
		return cmp.Or(cmp.Compare(a.Document, b.Document), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.SHA256, b.SHA256))
	})
	return c
}

// pointsAt is the label of what a relationship of a claim leads to.
func pointsAt(kind string) string {
	if kind == "ATTRIBUTED_TO" || kind == "ABOUT" {
		return "Entity"
	}
	return "Claim"
}

// digestOf tells claims apart by what they say: the SHA-256 of their content, less the words of passages, which may be
// at hand or not.
func digestOf(c Claim) (string, error) {
	c.Passages = slices.Clone(c.Passages)
	for i := range c.Passages {
		c.Passages[i].Exact = ""
	}
	b, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("a property cannot be stored: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// assertion checks what a claim asserts and adds it to the claim's properties.
func (r *recording) assertion(claim string, a *Assertion, p map[string]any) error {
	k := r.ontology.Kind(a.Kind)
	if k == nil {
		return fmt.Errorf("there is no kind of relationship %q", a.Kind)
	}
	if a.Source == a.Target {
		return fmt.Errorf("%s joins %q to itself", a.Kind, a.Source)
	}
	if a.Stint < 0 {
		return fmt.Errorf("the stint %d is negative", a.Stint)
	}
	r.ends = append(r.ends,
		endCheck{claim, a.Source, r.ontology.Concrete(k.Source.Type), k.Source.Name},
		endCheck{claim, a.Target, r.ontology.Concrete(k.Target.Type), k.Target.Name})
	source, target := a.Source, a.Target
	if k.Symmetric && target < source { // stored once, whoever is named first
		source, target = target, source
	}
	p["kind"], p["subjectId"], p["objectId"] = a.Kind, source, target
	p["relationshipId"] = relationshipID(k, source, target, a)
	if err := r.setDate(p, "validFrom", a.ValidFrom); err != nil {
		return err
	}
	if err := r.setDate(p, "validTo", a.ValidTo); err != nil {
		return err
	}
	if endsFirst(p["validFrom"], p["validTo"]) {
		return fmt.Errorf("validTo %s is not after validFrom %s: it is when the relationship no longer held", a.ValidTo.EDTF, a.ValidFrom.EDTF)
	}
	return r.setProperties(p, k.Name, k.Properties, a.Properties)
}

// relationshipID is a relationship's id, the same for all claims that speak of it: kind, ends, what the kind requires
// (two titles at one company are two roles), and the stint from the second on.
func relationshipID(k *schema.Kind, source, target string, a *Assertion) string {
	parts := []string{k.Slug(), source, target}
	for _, p := range k.Properties {
		if p.Required {
			parts = append(parts, slugOf(fmt.Sprint(a.Properties[p.Name])))
		}
	}
	if a.Stint > 1 {
		parts = append(parts, fmt.Sprint(a.Stint))
	}
	return strings.Join(parts, ":")
}

// slugOf is a text as a part of an id, whatever its capitals. Where it has more than plain letters and digits ("C++",
// "C#"), which do not tell it from others, it ends with eight digits of the text's SHA-256.
func slugOf(text string) string {
	plain := strings.ToLower(strings.Join(strings.Fields(text), " "))
	out := sluglib.Make(plain)
	if out == strings.ReplaceAll(plain, " ", "-") {
		return out
	}
	sum := sha256.Sum256([]byte(plain))
	return strings.TrimPrefix(out+"-"+hex.EncodeToString(sum[:4]), "-")
}

func put(p map[string]any, name, value string) {
	if value != "" {
		p[name] = value
	}
}

// setDate adds the properties of a partial date. An end of validity may be open (".."). A date without words takes the
// words of a former one away.
func (r *recording) setDate(p map[string]any, name string, d PartialDate) error {
	if d.EDTF == "" {
		if d.Text != "" {
			return fmt.Errorf("%s has words (%q) but no date", name, d.Text)
		}
		return nil
	}
	names := dateProperties(name)
	p[names.edtf] = d.EDTF
	p[names.text] = nil
	put(p, names.text, d.Text)
	if d.EDTF == ".." && name == "validTo" {
		return nil
	}
	date, err := edtf.Parse(d.EDTF)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if !date.Bounded() {
		return fmt.Errorf("%s: %q is open on one side: give both bounds, for example [2018-01..2018-04]", name, d.EDTF)
	}
	first, last := bounds(date)
	p[names.earliest], p[names.latest] = first, last
	r.widest = max(r.widest, (last.Time().Unix()-first.Time().Unix())/(24*60*60))
	return nil
}

// setProperties adds the own fields of an entity type or a kind.
func (r *recording) setProperties(p map[string]any, owner string, declared []schema.Property, given map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		i := slices.IndexFunc(declared, func(d schema.Property) bool { return d.Name == name })
		if i < 0 {
			return fmt.Errorf("%s has no property %q", owner, name)
		}
		d := declared[i]
		if date, isDate := given[name].(PartialDate); isDate && d.Type == "PartialDate" {
			if err := r.setDate(p, name, date); err != nil {
				return err
			}
			continue
		}
		values, isList := given[name].([]any)
		if !isList {
			values = []any{given[name]}
		}
		fits := isList == d.List && !slices.ContainsFunc(values, func(v any) bool { return !ofType(v, d) })
		if !fits {
			what := d.Type
			if d.Type == "Int" {
				what = "whole number of 32 bits"
			}
			if d.Values != nil {
				what += ": " + strings.Join(d.Values, ", ")
			}
			if d.List {
				what = "list of " + what
			}
			return fmt.Errorf("%s is not a %s", name, what)
		}
		for _, v := range values {
			text, isText := v.(string)
			if !isText || d.Values != nil {
				continue
			}
			check := checkText
			if d.Required { // a part of the id
				check = checkName
			}
			if err := check(name, text); err != nil {
				return err
			}
		}
		p[name] = given[name]
	}
	for _, d := range declared {
		if _, there := given[d.Name]; d.Required && !there {
			return fmt.Errorf("%s needs %s", owner, d.Name)
		}
	}
	return nil
}

// ofType says whether a value can be stored as a property.
func ofType(v any, p schema.Property) bool {
	switch v := v.(type) {
	case bool:
		return p.Type == "Boolean"
	case int64:
		return p.Type == "Int" && v >= math.MinInt32 && v <= math.MaxInt32 || p.Type == "Float"
	case float64:
		return p.Type == "Float"
	case string:
		return p.Type == "String" || p.Type == "ID" || slices.Contains(p.Values, v)
	}
	return false
}

// write stores the rows. Its statements, in order: what must be there and is, documents, entities, claims, what they
// point at, their passages; then the claims' standing and the relationships that follow from them.
func (r *recording) write(ctx context.Context, tx transaction, at time.Time) (out Recorded, changes []change, err error) {
	known, err := r.known(ctx, tx)
	if err != nil {
		return out, nil, err
	}
	var fresh []map[string]any
	var ids []string
	isFresh := map[any]bool{}
	for _, c := range r.claims {
		id := c["id"].(string)
		if _, stored := known.claims[id]; !stored {
			c["recordedAt"] = at
			fresh, ids, isFresh[id] = append(fresh, c), append(ids, id), true
		}
	}
	out.Claims = len(fresh)
	if out.Documents, changes, err = amend(ctx, tx, at, "Document", r.documents, known.things); err != nil {
		return out, nil, err
	}
	var more []change
	if out.Entities, more, err = amend(ctx, tx, at, "Entity", r.entities, known.things); err != nil {
		return out, nil, err
	}
	changes = append(changes, more...)
	out.Amended = len(changes) - out.Documents - out.Entities
	for _, id := range ids {
		changes = append(changes, change{"RECORD", "Claim", id})
	}
	// A log without this property is of a database from before there was one; nobody knows then.
	if _, err := tx.rows(ctx, "MATCH (l:Log {id: 'log'}) WHERE l.widest < $days SET l.widest = $days", map[string]any{"days": r.widest}); err != nil {
		return out, nil, err
	}
	if err := tx.unwind(ctx, fresh, "CREATE (c:Claim)\nSET c = row"); err != nil {
		return out, nil, err
	}
	for _, kind := range slices.Sorted(maps.Keys(r.links)) {
		label := pointsAt(kind)
		rows := slices.DeleteFunc(slices.Clone(r.links[kind]), func(l map[string]any) bool { return !isFresh[l["from"]] })
		if err := tx.unwind(ctx, rows, fmt.Sprintf("MATCH (c:Claim {id: row.from}), (t:%s {id: row.to})\nCREATE (c)-[:%s]->(t)", escape(label), escape(kind))); err != nil {
			return out, nil, err
		}
	}
	var passages, words []map[string]any
	for _, q := range r.passages {
		switch {
		case isFresh[q["from"]]:
			passages = append(passages, q)
		case q["exact"] != nil:
			words = append(words, q)
		}
	}
	if err := tx.unwind(ctx, passages, `MATCH (c:Claim {id: row.from}), (d:Document {id: row.to})
MERGE (c)-[q:QUOTED_FROM {start: row.start, end: row.end}]->(d)
SET q.sha256 = row.sha256, q.exact = coalesce(row.exact, q.exact)`); err != nil {
		return out, nil, err
	}
	for piece := range slices.Chunk(words, 1000) {
		rows, err := tx.rows(ctx, `UNWIND $rows AS row
MATCH (c:Claim {id: row.from})-[q:QUOTED_FROM {start: row.start, end: row.end}]->(d:Document {id: row.to})
WHERE q.exact IS NULL
SET q.exact = row.exact
RETURN count(*)`, map[string]any{"rows": piece})
		if err != nil {
			return out, nil, err
		}
		n, _ := rows[0][0].(int64)
		out.Words += int(n)
	}
	out.Relationships, err = project(ctx, tx, r.ontology, ids, at)
	return out, changes, err
}

// amend stores documents or entities that are new, and those that differ from what is stored; of these, what they were
// before is kept:
//
//	(:Entity|Document {..., knownFrom})-[:FORMERLY]->(:Former {knownFrom, knownTo, ...})
//
// It returns how many are new, and the changes in the order of the things.
func amend(ctx context.Context, tx transaction, at time.Time, label string, things []thing, stored map[string]map[string]any) (created int, changes []change, err error) {
	fresh := map[string][]map[string]any{} // by label
	var amended []map[string]any
	for _, t := range things {
		before, there := stored[t.id]
		after := t.over(before)
		switch {
		case !there:
			after["id"], after["recordedAt"], after["knownFrom"] = t.id, at, at
			fresh[t.label] = append(fresh[t.label], after)
			created++
			changes = append(changes, change{"RECORD", label, t.id})
		case !reflect.DeepEqual(before, after):
			after["knownFrom"] = at
			former := maps.Clone(before)
			delete(former, "id")
			delete(former, "recordedAt")
			former["knownTo"] = at
			amended = append(amended, map[string]any{"id": t.id, "after": after, "former": former})
			changes = append(changes, change{"AMEND", label, t.id})
		}
	}
	for _, l := range slices.Sorted(maps.Keys(fresh)) {
		labels := escape(l)
		if l != label {
			labels += ":" + escape(label)
		}
		if err := tx.unwind(ctx, fresh[l], "CREATE (n:"+labels+")\nSET n = row"); err != nil {
			return created, nil, err
		}
	}
	return created, changes, tx.unwind(ctx, amended, "MATCH (n:"+escape(label)+` {id: row.id})
CREATE (n)-[:FORMERLY]->(f:Former)
SET f = row.former, n = row.after`)
}

// over returns a stored thing's properties completed by what a batch says of it.
func (t thing) over(stored map[string]any) map[string]any {
	out := map[string]any{}
	maps.Copy(out, stored)
	for name, v := range t.properties {
		switch {
		case v == nil:
			delete(out, name)
		case name == "aliases" || name == "externalIds":
			all, _ := out[name].([]any)
			all = append([]any{}, all...)
			for _, one := range v.([]any) {
				if !slices.Contains(all, one) {
					all = append(all, one)
				}
			}
			out[name] = all
		default:
			out[name] = v
		}
	}
	return out
}

// stored is what the database has of the things that a batch names.
type stored struct {
	entities map[string][]string       // labels, by id
	things   map[string]map[string]any // properties of entities and documents, by id
	claims   map[string]string         // digests, by id
}

// known asks the database for what the batch names, and checks that everything a claim points at is there.
func (r *recording) known(ctx context.Context, tx transaction) (stored, error) {
	s := stored{map[string][]string{}, map[string]map[string]any{}, map[string]string{}}
	wanted := map[string]map[string]bool{"Entity": {}, "Document": {}, "Claim": {}}
	for id := range r.types {
		wanted["Entity"][id] = true
	}
	for _, d := range r.documents {
		wanted["Document"][d.id] = true
	}
	for _, c := range r.claims {
		wanted["Claim"][c["id"].(string)] = true
	}
	for kind, links := range r.links {
		for _, l := range links {
			wanted[pointsAt(kind)][l["to"].(string)] = true
		}
	}
	for _, q := range r.passages {
		wanted["Document"][q["to"].(string)] = true
	}
	for label, ids := range wanted {
		content := "properties(n)"
		if label == "Claim" {
			content = "n.digest"
		}
		for piece := range slices.Chunk(slices.Sorted(maps.Keys(ids)), 1000) {
			rows, err := tx.rows(ctx, "MATCH (n:"+escape(label)+") WHERE n.id IN $ids RETURN n.id, labels(n), "+content, map[string]any{"ids": piece})
			if err != nil {
				return s, err
			}
			for _, row := range rows {
				id := row[0].(string)
				switch label {
				case "Entity":
					for _, l := range row[1].([]any) {
						s.entities[id] = append(s.entities[id], l.(string))
					}
					fallthrough
				case "Document":
					s.things[id], _ = row[2].(map[string]any)
				default:
					s.claims[id], _ = row[2].(string)
				}
			}
		}
	}
	return s, r.conflicts(s)
}

// conflicts reports what does not go together with what is stored: another text of a document, another type of an entity,
// other content of a claim; and claims that point at something that is neither in the batch nor stored, or is of the wrong
// type.
func (r *recording) conflicts(s stored) error {
	var problems ItemErrors
	for _, d := range r.documents {
		if sum, there := s.things[d.id]["sha256"]; there && sum != d.properties["sha256"] {
			problems.add(d.id, "this document is recorded already, with another text (sha256 %s), which claims are quoted from; a document's text never changes: give the new one another id", sum)
		}
	}
	for _, e := range r.entities {
		if labels, ok := s.entities[e.id]; ok && !slices.Contains(labels, e.label) {
			problems.add(e.id, "this id belongs to another thing already, which is no %s but a %s", e.label, strings.Join(slices.DeleteFunc(slices.Clone(labels), func(l string) bool { return l == "Entity" }), ", "))
		}
	}
	for _, c := range r.claims {
		id := c["id"].(string)
		if digest, there := s.claims[id]; there && digest != r.digests[id] && digest != r.written[id] {
			problems.add(id, "this claim is recorded already, with other content; a claim never changes: give the new one another id, and let it supersede this one")
		}
	}
	inBatch := map[string]bool{}
	for _, d := range r.documents {
		inBatch[d.id] = true
	}
	for _, kind := range slices.Sorted(maps.Keys(r.links)) {
		for _, l := range r.links[kind] {
			to := l["to"].(string)
			there := r.digests[to] != "" || s.claims[to] != ""
			if pointsAt(kind) == "Entity" {
				there = r.types[to] != "" || s.entities[to] != nil
			}
			switch {
			case to == l["from"]:
				problems.add(to, "a claim cannot point at itself (%s)", kind)
			case !there:
				problems.add(l["from"].(string), "there is no %s %q, which it points at (%s)", strings.ToLower(pointsAt(kind)), to, kind)
				problems[len(problems)-1].Missing = to
			}
		}
	}
	for _, q := range r.passages {
		if to := q["to"].(string); !inBatch[to] && s.things[to] == nil {
			problems.add(q["from"].(string), "the document %q, which it quotes, does not exist", to)
		}
	}
	for _, e := range r.ends {
		is := s.entities[e.entity]
		if t, ok := r.types[e.entity]; ok {
			is = []string{r.ontology.Node(t).Label}
		}
		fits := len(is) == 0 // which is told already: a claim is about its ends
		for _, t := range e.types {
			fits = fits || slices.Contains(is, r.ontology.Node(t).Label)
		}
		if !fits {
			problems.add(e.claim, "%s %q is not a %s", e.role, e.entity, strings.Join(e.types, " or "))
		}
	}
	return problems.err()
}
