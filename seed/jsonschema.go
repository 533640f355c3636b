package seed

import (
	"encoding/json"
	"strings"

	"dossier/schema"
)

type object = map[string]any

// JSONSchema returns the JSON Schema (draft 2020-12) of a pack's files, so that editors can complete and check them.
// Sections, kinds, ends and properties come from the ontology; the same ontology gives the same bytes. The formats
// "edtf" and "edtf-end" (which has ".." too) mark dates of ISO 8601-2, which need a check of their own.
func JSONSchema(o *schema.Ontology) []byte {
	const (
		slug = `[a-z0-9]+(-[a-z0-9]+)*`
		day  = `a date as precise as its source, in quotes: "2018", "2024-06" or "[2018-01..2018-04]"; or {edtf: ..., text: the source's own words}`
	)
	defs := object{
		"EntityId": text("The id of a person, company, product or event: lower-case letters and digits, joined by single hyphens, for example elon-musk",
			"pattern", "^"+slug+"$"),
		"ClaimId":    text("The id of a claim: claim: and a slug, for example claim:musk-founded-xai", "pattern", "^claim:"+slug+"$"),
		"DocumentId": text("The id of a document: document: and a slug, for example document:court-filing", "pattern", "^document:"+slug+"$"),
		"Sha256":     text("The SHA-256 of a text as UTF-8: 64 lower-case hexadecimal digits", "pattern", "^[0-9a-f]{64}$"),
		"Date":       dateIn("edtf", upperFirst(day)),
		"End":        dateIn("edtf-end", upperFirst(day)+`; or ".." for what is known to go on`),
		"ExternalId": group("external id", "The same thing in another register", object{
			"scheme": text("The name of the register, without a colon, for example wikidata", "pattern", "^[^:]+$"),
			"value":  text("The id there, for example Q317521", "minLength", 1),
		}, "scheme", "value"),
		"Document": group("document", "The source of all claims in the pack", object{
			"id":            ref("DocumentId", ""),
			"title":         text("The document's title, or one of ours where it has none", "minLength", 1),
			"url":           text("Where the document can be read", "minLength", 1),
			"publisher":     text("Who published the document", "minLength", 1),
			"datePublished": ref("Date", "When the document was published"),
			"file":          text("Name of the text file: in the pack's folder, or in the folder given with --documents", "minLength", 1),
			"sha256":        ref("Sha256", "SHA-256 of the whole text file"),
		}, "id", "title", "file", "sha256"),
		"Passage": group("passage", "Where a claim stands in the document's text", object{
			"start":  number("Where the passage starts: Unicode characters (code points) before it"),
			"end":    number("Where the passage ends: Unicode characters (code points) up to and with its last"),
			"sha256": ref("Sha256", "SHA-256 of the passage"),
		}, "start", "end", "sha256"),
		"Claim": group("claim", "One statement of the document", object{
			"id":           ref("ClaimId", "Id of the claim, which no other claim has"),
			"statement":    text("What is claimed, in our own words", "minLength", 1),
			"says":         list("EntityId", "Who makes the claim; leave it out where the document speaks in its own voice"),
			"alleged":      object{"type": "boolean", "description": "Is it an allegation rather than a fact? Left out: true for what somebody says, false for what the document says in its own voice"},
			"about":        list("EntityId", "Whom or what the claim is about; the ends of what it asserts are added to them"),
			"asserts":      ref("Assertion", "The relationship that the claim asserts, if it asserts one"),
			"madeOn":       ref("Date", "When the claim was made, where the document tells it"),
			"rank":         object{"enum": []string{"PREFERRED", "NORMAL", "DEPRECATED"}, "description": "How to weigh the claim among others on the same matter; left out: NORMAL"},
			"passages":     object{"type": "array", "minItems": 1, "items": ref("Passage", ""), "description": "Where in the document the claim stands, in one place or more"},
			"disputes":     list("ClaimId", "Claims that this one contradicts; write it on both where each contradicts the other"),
			"corroborates": list("ClaimId", "Claims that this one supports"),
			"supersedes":   ref("ClaimId", "The claim that this one replaces"),
		}, "id", "statement", "passages"),
	}

	sections := object{
		"document": ref("Document", "The source of all claims in the pack; one file of the pack names it"),
		"claims":   object{"type": "array", "items": ref("Claim", ""), "description": "What the document states, claim by claim"},
	}
	for _, n := range o.Entities() {
		if n.Plural == "" {
			continue
		}
		defs[n.Name] = entity(n)
		sections[n.Plural] = object{"type": "array", "items": ref(n.Name, ""), "description": sentence(n.Description)}
	}

	kinds, branches := []string{}, []object{}
	for _, k := range o.Kinds {
		defs[k.Type] = relationship(o, k)
		kinds = append(kinds, k.Type)
		branches = append(branches, object{
			"if":   object{"properties": object{"kind": object{"const": k.Type}}, "required": []string{"kind"}},
			"then": object{"$ref": "#/$defs/" + k.Type},
		})
	}
	assertion := object{
		"title": "relationship", "description": "A relationship: its kind, its two ends, and what else the kind has",
		"type": "object", "required": []string{"kind"},
		"properties": object{"kind": object{"enum": kinds, "description": "The kind of relationship"}},
	}
	if len(branches) > 0 {
		assertion["allOf"] = branches
	}
	defs["Assertion"] = assertion

	root := group("pack file", "Facts of one document. A pack is a folder of such files; any section may stand in any of them", sections)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$defs"] = defs
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(root); err != nil {
		panic(err) // maps, lists, texts and numbers only
	}
	return []byte(b.String())
}

// dateIn is a date in both of its forms: text in a format, or a group of that text and the source's own words.
func dateIn(format, description string) object {
	return object{
		"title": "date", "description": description,
		"type": []string{"string", "object"},
		"if":   object{"type": "string"},
		"then": object{"format": format},
		"else": group("date", description, object{
			"edtf": text("ISO 8601-2 (EDTF), for example [2018-01..2018-04]", "format", format),
			"text": text("The source's own words, for example early 2018", "minLength", 1),
		}, "edtf"),
	}
}

func entity(n *schema.NodeType) object {
	fields := object{
		"id":          ref("EntityId", ""),
		"name":        text("The name to show", "minLength", 1),
		"aliases":     object{"type": "array", "items": text("Another name in use", "minLength", 1), "uniqueItems": true, "description": "Other names in use"},
		"description": text("What the document says of it, in our own words", "minLength", 1),
		"externalIds": object{"type": "array", "items": ref("ExternalId", ""), "uniqueItems": true, "description": "The same thing in other registers"},
	}
	required := append([]string{"id", "name"}, properties(fields, n.Properties)...)
	return group(strings.ToLower(n.Name), sentence(n.Description), fields, required...)
}

func relationship(o *schema.Ontology, k *schema.Kind) object {
	fields := object{
		"kind":      object{"const": k.Type, "description": sentence(k.Description)},
		"validFrom": ref("Date", "Since when it holds, where the document tells it"),
		"validTo":   ref("End", "When it no longer held, where the document tells it: for a last day, the day after it; \"..\" where it is known to go on"),
		"stint":     object{"type": "integer", "minimum": 1, "description": "2 for the second relationship of this kind between the two, and so on; left out: 1"},
	}
	for _, e := range []schema.End{k.Source, k.Target} {
		fields[e.Name] = ref("EntityId", "Id of "+kindsOf(o, e.Type))
	}
	required := append([]string{"kind", k.Source.Name, k.Target.Name}, properties(fields, k.Properties)...)
	return group(k.Type, sentence(k.Description), fields, required...)
}

// properties adds the fields that a type of the ontology declares, and returns the names of the required ones.
func properties(fields object, declared []schema.Property) (required []string) {
	for _, p := range declared {
		f := property(p)
		if p.List {
			f = object{"type": "array", "items": f}
		}
		if p.Description != "" {
			f["description"] = sentence(p.Description)
		}
		fields[p.Name] = f
		if p.Required {
			required = append(required, p.Name)
		}
	}
	return required
}

func property(p schema.Property) object {
	switch {
	case p.Values != nil:
		return object{"enum": p.Values}
	case p.Type == "Boolean":
		return object{"type": "boolean"}
	case p.Type == "Int":
		return object{"type": "integer"}
	case p.Type == "Float":
		return object{"type": "number"}
	case p.Type == "PartialDate":
		return object{"$ref": "#/$defs/Date"}
	}
	return object{"type": "string", "minLength": 1}
}

// kindsOf names what an end may be, for example "a person or a company".
func kindsOf(o *schema.Ontology, typeName string) string {
	var names []string
	for _, c := range o.Concrete(typeName) {
		names = append(names, article(c))
	}
	return either(names)
}

func group(title, description string, fields object, required ...string) object {
	g := object{"title": title, "description": description, "type": "object", "additionalProperties": false, "properties": fields}
	if len(required) > 0 {
		g["required"] = required
	}
	return g
}

func text(description, keyword string, value any) object {
	return object{"type": "string", "description": description, keyword: value}
}

func number(description string) object {
	return object{"type": "integer", "minimum": 0, "description": description}
}

func list(of, description string) object {
	return object{"type": "array", "items": ref(of, ""), "uniqueItems": true, "description": description}
}

func ref(def, description string) object {
	r := object{"$ref": "#/$defs/" + def}
	if description != "" {
		r["description"] = description
	}
	return r
}

// sentence is a description of the ontology as the pack's schema words its own: without a full stop at the end.
func sentence(s string) string { return strings.TrimSuffix(strings.TrimSpace(s), ".") }
