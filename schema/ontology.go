package schema

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// An Ontology is the typed view of the hand-written schema: which things there are and how they may be related.
type Ontology struct {
	// Nodes are the types stored as nodes, in order of declaration: the entity types, Claim and Document.
	Nodes []*NodeType
	// Kinds are the kinds of relationship, in order of declaration.
	Kinds []*Kind

	nodes map[string]*NodeType
	kinds map[string]*Kind // by Neo4j type
	types map[string]*Kind // by GraphQL type
	ends  map[string]map[string]Reach
	impl  map[string][]string
}

// A NodeType is an object type that is stored as a node.
type NodeType struct {
	Name        string // of the GraphQL type, for example "Person"
	Label       string // of the node; entities carry the label Entity too
	Description string
	Entity      bool   // does it implement Entity?
	Plural      string // the root field that lists it, for example "people"; "" where there is none
	// Properties are the fields stored on the node itself that its interfaces do not declare.
	Properties []Property
}

// Searched says whether search finds nodes of this type: whatever has words of its own, so all but the audit trail.
func (n *NodeType) Searched() bool { return n.Name != "Change" }

// SearchType is the type's name in the API's enum SearchType, for example "PERSON".
func (n *NodeType) SearchType() string {
	var b strings.Builder
	for i, r := range n.Name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// A Kind is one kind of relationship.
type Kind struct {
	Name           string // of the GraphQL type, for example "CoFounded"
	Type           string // in Neo4j and in RelationshipKind, for example "CO_FOUNDED"
	Description    string
	Symmetric      bool
	Source, Target End
	Properties     []Property // the kind's own fields
}

// Slug is the kind's part of its relationships' ids, for example "co-founded".
func (k *Kind) Slug() string { return strings.ReplaceAll(strings.ToLower(k.Type), "_", "-") }

// An End is one end of a kind.
type End struct {
	Name  string // of the field that holds it, for example "founder"
	Type  string // an object or interface type of entities
	Field string // the connection's name on that type, for example "coFounded"
}

// A Property is a stored field.
type Property struct {
	Name        string
	Type        string   // String, Boolean, Int, Float, ID, PartialDate or an enum
	Values      []string // of the enum
	Description string
	Required    bool
	List        bool
}

// A Reach is what a generated field leads to: the relationships of one kind, in one direction or, for a symmetric
// kind, in both.
type Reach struct {
	Kind *Kind
	Out  bool // may the entity be the relationship's source?
	In   bool // may it be its target?
}

// Node returns the node type of that GraphQL name, or nil.
func (o *Ontology) Node(name string) *NodeType { return o.nodes[name] }

// Kind returns the kind of that Neo4j type, for example "CO_FOUNDED", or nil.
func (o *Ontology) Kind(neo4jType string) *Kind { return o.kinds[neo4jType] }

// KindOf returns the kind that the GraphQL object type declares, for example "CoFounded", or nil.
func (o *Ontology) KindOf(typeName string) *Kind { return o.types[typeName] }

// Reach returns what the generated field of an entity type or interface leads to; false where the field is none.
func (o *Ontology) Reach(typeName, field string) (Reach, bool) {
	r, ok := o.ends[typeName][field]
	return r, ok
}

// Entities are the node types that implement Entity, in order of declaration.
func (o *Ontology) Entities() []*NodeType {
	var out []*NodeType
	for _, n := range o.Nodes {
		if n.Entity {
			out = append(out, n)
		}
	}
	return out
}

// Concrete returns the names of the node types that a node or interface type name stands for, in order of declaration.
func (o *Ontology) Concrete(name string) []string { return o.impl[name] }

// Believed begins the type of the relationships that hold what was believed before: BELIEVED_LEFT what LEFT once said.
const Believed = "BELIEVED_"

// Mistakes are all that is wrong with an ontology's declarations, each with file and line.
type Mistakes []error

func (m Mistakes) Error() string { return errors.Join(m...).Error() }

func (m Mistakes) Unwrap() []error { return m }

var (
	relationshipType = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	connectionField  = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
	// storedOnClaim are the properties of claims that are no fields of theirs.
	storedOnClaim = regexp.MustCompile(`^(statedAs|digest|knownFrom|knownTo|relationshipId|subjectId|objectId|(madeOn|validFrom|validTo)(Edtf|Text|Latest|Earliest))$`)
	// stored are the types, beside enums, that a property of an entity or a relationship may have. Every date of theirs
	// is a PartialDate; only claims and documents have instants, which are ours.
	stored   = []string{"String", "Boolean", "Int", "Float", "ID", "PartialDate"}
	instants = []string{"DateTime"}
)

// ParseOntology reads the hand-written sources, without what is generated from them.
// A mistake in a declaration is reported with file and line; the error is then of type Mistakes.
func ParseOntology(sources ...*ast.Source) (*Ontology, error) {
	doc, err := parser.ParseSchemas(sources...)
	if err != nil {
		return nil, err
	}
	r := reader{doc: doc, o: &Ontology{
		nodes: map[string]*NodeType{}, kinds: map[string]*Kind{}, types: map[string]*Kind{},
		ends: map[string]map[string]Reach{}, impl: map[string][]string{},
	}}
	if r.checkTypes(); len(r.mistakes) == 0 { // what the other steps would say of these mistakes follows from them
		r.readNodes()
		r.readKinds()
		r.readEnds()
	}
	if len(r.mistakes) > 0 {
		return nil, r.mistakes
	}
	return r.o, nil
}

// reader builds an Ontology in steps, each of which needs the one before.
type reader struct {
	doc      *ast.SchemaDocument
	o        *Ontology
	mistakes Mistakes
	at       map[*Kind]*ast.Definition
}

func (r *reader) mistake(p *ast.Position, format string, args ...any) {
	r.mistakes = append(r.mistakes, fmt.Errorf("%s:%d: %s", p.Src.Name, p.Line, fmt.Sprintf(format, args...)))
}

// checkTypes finds what is wrong with the declarations by themselves.
func (r *reader) checkTypes() {
	first := map[string]*ast.Definition{}
	for _, d := range r.doc.Definitions {
		if other := first[d.Name]; other != nil {
			r.mistake(d.Position, "type %s is declared twice, first at %s:%d", d.Name, other.Position.Src.Name, other.Position.Line)
			continue
		}
		first[d.Name] = d
		for _, f := range d.Fields {
			for _, dir := range f.Directives {
				r.needsType(dir, d.Name+"."+f.Name)
			}
		}
		for _, dir := range d.Directives {
			r.needsType(dir, d.Name)
			if dir.Name == "relationship" && d.Kind != ast.Object {
				r.mistake(d.Position, "%s has @relationship, but a kind of relationship is an object type: write type %s", d.Name, d.Name)
			}
		}
	}
	for _, d := range r.doc.Definitions {
		if d.Directives.ForName("relationship") == nil && d.Directives.ForName("node") == nil {
			continue
		}
		for _, suffix := range []string{"Connection", "Edge", "Where"} {
			if other := first[d.Name+suffix]; other != nil && !slices.Contains(writtenFilters, other.Name) {
				r.mistake(other.Position, "type %s is generated for %s: choose another name", other.Name, d.Name)
			}
		}
	}
}

// writtenFilters are the where-inputs of node types that are written by hand, because nothing follows from the ontology.
var writtenFilters = []string{"ClaimWhere", "DocumentWhere"}

// needsType reports an @edge or @link that does not say which stored relationship it means.
func (r *reader) needsType(dir *ast.Directive, on string) {
	if (dir.Name == "edge" || dir.Name == "link") && dir.Arguments.ForName("type") == nil {
		r.mistake(dir.Position, "%s: @%s needs type: the relationship type that it follows", on, dir.Name)
	}
}

// readNodes finds the types stored as nodes, what implements what, and the root fields that list them.
func (r *reader) readNodes() {
	for _, d := range r.doc.Definitions {
		dir := d.Directives.ForName("node")
		if dir == nil {
			continue
		}
		n := &NodeType{Name: d.Name, Label: d.Name, Description: d.Description, Entity: slices.Contains(d.Interfaces, "Entity")}
		if a := dir.Arguments.ForName("label"); a != nil {
			n.Label = a.Value.Raw
		}
		r.o.nodes[n.Name] = n
		r.o.Nodes = append(r.o.Nodes, n)
		r.o.impl[n.Name] = []string{n.Name}
		for _, i := range d.Interfaces {
			r.o.impl[i] = append(r.o.impl[i], n.Name)
		}
		types := stored
		if !n.Entity {
			types = slices.Concat(stored, instants)
		}
		n.Properties = r.properties(d, types, func(f *ast.FieldDefinition) bool {
			return f.Directives.ForName("edge") != nil || f.Directives.ForName("joined") != nil || r.inherited(d, f.Name)
		})
	}
	if q := r.doc.Definitions.ForName("Query"); q != nil {
		for _, f := range q.Fields {
			if n := r.o.nodes[strings.TrimSuffix(f.Type.Name(), "Connection")]; n != nil && strings.HasSuffix(f.Type.Name(), "Connection") {
				n.Plural = f.Name
			}
		}
	}
}

// inherited says whether an interface of the type declares the field.
func (r *reader) inherited(d *ast.Definition, field string) bool {
	for _, name := range d.Interfaces {
		if i := r.doc.Definitions.ForName(name); i != nil && i.Fields.ForName(field) != nil {
			return true
		}
	}
	return false
}

// properties reads the fields of a type that are stored, which is all but those to skip.
func (r *reader) properties(d *ast.Definition, types []string, skip func(*ast.FieldDefinition) bool) []Property {
	var out []Property
	for _, f := range d.Fields {
		if skip(f) {
			continue
		}
		if len(f.Arguments) > 0 {
			r.mistake(f.Position, "%s.%s has arguments, but a stored field takes none", d.Name, f.Name)
			continue
		}
		t := r.doc.Definitions.ForName(f.Type.Name())
		isEnum := t != nil && t.Kind == ast.Enum
		if !slices.Contains(types, f.Type.Name()) && !isEnum {
			r.mistake(f.Position, "%s.%s is of type %s, which cannot be stored on a node or relationship: use %s or an enum, or declare a kind of relationship",
				d.Name, f.Name, f.Type.Name(), strings.Join(types, ", "))
			continue
		}
		var values []string
		if isEnum {
			for _, v := range t.EnumValues {
				values = append(values, v.Name)
			}
		}
		out = append(out, Property{Values: values, Name: f.Name, Type: f.Type.Name(), Description: f.Description, Required: f.Type.NonNull, List: f.Type.Elem != nil})
	}
	return out
}

// readKinds finds the kinds, with their ends and properties.
func (r *reader) readKinds() {
	r.at = map[*Kind]*ast.Definition{}
	taken := r.plumbing()
	for _, d := range r.doc.Definitions {
		dir := d.Directives.ForName("relationship")
		if dir == nil {
			for _, f := range d.Fields {
				for _, name := range []string{"source", "target"} {
					if f.Directives.ForName(name) != nil {
						r.mistake(f.Position, "%s.%s has @%s, but %s has no @relationship(type: ...)", d.Name, f.Name, name, d.Name)
					}
				}
			}
			continue
		}
		k := &Kind{Name: d.Name, Description: d.Description}
		if a := dir.Arguments.ForName("type"); a != nil {
			k.Type = a.Value.Raw
		}
		if a := dir.Arguments.ForName("symmetric"); a != nil {
			k.Symmetric = a.Value.Raw == "true"
		}
		switch {
		case !relationshipType.MatchString(k.Type):
			r.mistake(dir.Position, "%s: @relationship(type: %q) is not a relationship type: write it in upper case with underscores, for example CO_FOUNDED", k.Name, k.Type)
			continue
		case r.o.kinds[k.Type] != nil:
			r.mistake(dir.Position, "%s: type %q already belongs to %s", k.Name, k.Type, r.o.kinds[k.Type].Name)
			continue
		case strings.Contains(k.Type, Believed), k.Type == "FORMERLY":
			r.mistake(dir.Position, "%s: type %q is kept for what relationships and things were before: choose one that is not FORMERLY and does not contain %s", k.Name, k.Type, Believed)
			continue
		case r.isNode(k.Type):
			r.mistake(dir.Position, "%s: type %q is the name of a thing, and ids and constraints could not be told apart: choose another, for example HAS_%s", k.Name, k.Type, k.Type)
			continue
		case taken[k.Type]:
			r.mistake(dir.Position, "%s: type %q is used by @edge or @link and cannot be a kind too", k.Name, k.Type)
			continue
		}
		source, target := r.end(d, "source"), r.end(d, "target")
		if source == nil || target == nil {
			continue
		}
		k.Source, k.Target = *source, *target
		if k.Symmetric && (k.Source.Type != k.Target.Type || k.Source.Field != k.Target.Field) {
			r.mistake(d.Position, "%s is symmetric, so both ends need the same type and the same field: they are %s (%q) and %s (%q)",
				k.Name, k.Source.Type, k.Source.Field, k.Target.Type, k.Target.Field)
			continue
		}
		k.Properties = r.properties(d, stored, func(f *ast.FieldDefinition) bool {
			isEnd := f.Name == k.Source.Name || f.Name == k.Target.Name
			if owner := r.reserved(f.Name, isEnd); owner != "" {
				r.mistake(f.Position, "%s.%s: %s has a field %q already, leave it out or choose another name", d.Name, f.Name, owner, f.Name)
				return true
			}
			return isEnd
		})
		r.o.kinds[k.Type], r.o.types[k.Name], r.at[k] = k, k, d
		r.o.Kinds = append(r.o.Kinds, k)
	}
}

// isNode says whether a relationship type is, but for case, the name of a type of node.
func (r *reader) isNode(relationshipType string) bool {
	return strings.EqualFold(relationshipType, "Entity") || slices.ContainsFunc(r.o.Nodes, func(n *NodeType) bool { return strings.EqualFold(n.Name, relationshipType) })
}

// reserved says who has a field that a kind's own field would clash with, or "". Every relationship has the common
// ones. A property is stored on claims too, beside their own; and stint tells terms apart in packs.
func (r *reader) reserved(field string, isEnd bool) string {
	has := func(typeName string) bool {
		d := r.doc.Definitions.ForName(typeName)
		return d != nil && d.Fields.ForName(field) != nil
	}
	switch {
	case has("Relationship"):
		return "every relationship"
	case !isEnd && (has("Claim") || storedOnClaim.MatchString(field)):
		return "every claim"
	case !isEnd && field == "stint":
		return "every relationship in a pack"
	}
	return ""
}

// plumbing returns the Neo4j types of relationships that are no kind: those of @edge and @link.
func (r *reader) plumbing() map[string]bool {
	taken := map[string]bool{}
	for _, d := range r.doc.Definitions {
		lists := []ast.DirectiveList{d.Directives}
		for _, f := range d.Fields {
			lists = append(lists, f.Directives)
		}
		for _, l := range lists {
			for _, dir := range l {
				if dir.Name == "edge" || dir.Name == "link" {
					taken[dir.Arguments.ForName("type").Value.Raw] = true
				}
			}
		}
	}
	return taken
}

// end returns the end of a kind that the directive marks, or nil after reporting a mistake.
func (r *reader) end(d *ast.Definition, directive string) *End {
	var found *ast.FieldDefinition
	for _, f := range d.Fields {
		if f.Directives.ForName(directive) == nil {
			continue
		}
		if found != nil {
			r.mistake(f.Position, "%s has @%s twice, on %s and %s: a relationship has one %s", d.Name, directive, found.Name, f.Name, directive)
			return nil
		}
		found = f
	}
	if found == nil {
		r.mistake(d.Position, "%s has no field with @%s(field: ...): mark the end that a relationship %s", d.Name, directive,
			map[string]string{"source": "starts at", "target": "points to"}[directive])
		return nil
	}
	e := &End{Name: found.Name, Type: found.Type.Name()}
	if a := found.Directives.ForName(directive).Arguments.ForName("field"); a != nil {
		e.Field = a.Value.Raw
	}
	t := r.doc.Definitions.ForName(e.Type)
	isEntity := t != nil && (t.Name == "Entity" || slices.Contains(t.Interfaces, "Entity"))
	switch {
	case t == nil:
		r.mistake(found.Position, "%s.%s: there is no type %s", d.Name, found.Name, e.Type)
	case !isEntity:
		r.mistake(found.Position, "%s.%s: %s is not an entity: an end is a type that implements Entity, or Entity itself", d.Name, found.Name, e.Type)
	case !found.Type.NonNull || found.Type.Elem != nil:
		r.mistake(found.Position, "%s.%s: an end is always there and single: write %s!", d.Name, found.Name, e.Type)
	case found.Directives.ForName("source") != nil && found.Directives.ForName("target") != nil:
		if directive == "source" {
			r.mistake(found.Position, "%s.%s is marked as @source and as @target: a relationship has two ends, declare a field for each", d.Name, found.Name)
		}
	case e.Field != "" && !connectionField.MatchString(e.Field):
		r.mistake(found.Position, "%s.%s: field %q is no name for a field: begin with a lower-case letter, then letters and digits", d.Name, found.Name, e.Field)
	case e.Field == "":
		r.mistake(found.Position, "%s.%s: @%s needs field: the connection's name on %s", d.Name, found.Name, directive, e.Type)
	default:
		return e
	}
	return nil
}

// readEnds gives every entity type and interface its fields from the kinds.
func (r *reader) readEnds() {
	for _, k := range r.o.Kinds {
		r.reach(k, k.Source, Reach{Kind: k, Out: true, In: k.Symmetric})
		if !k.Symmetric {
			r.reach(k, k.Target, Reach{Kind: k, In: true})
		}
	}
}

// reach adds an end's field to the end's type and to all types that implement it.
func (r *reader) reach(k *Kind, e End, what Reach) {
	for _, d := range r.doc.Definitions {
		if d.Name != e.Type && !slices.Contains(d.Interfaces, e.Type) {
			continue
		}
		at := r.at[k].Fields.ForName(e.Name).Position
		if f := d.Fields.ForName(e.Field); f != nil {
			r.mistake(at, "%s.%s: field %q clashes with %s.%s at %s:%d", k.Name, e.Name, e.Field, d.Name, e.Field, f.Position.Src.Name, f.Position.Line)
			return
		}
		if slices.Contains(CommonFields, e.Field) {
			r.mistake(at, "%s.%s: field %q clashes with the one that every entity has", k.Name, e.Name, e.Field)
			return
		}
		if other, ok := r.o.ends[d.Name][e.Field]; ok {
			r.mistake(at, "%s.%s: field %q clashes on %s with the one of %s", k.Name, e.Name, e.Field, d.Name, other.Kind.Name)
			return
		}
		if r.o.ends[d.Name] == nil {
			r.o.ends[d.Name] = map[string]Reach{}
		}
		r.o.ends[d.Name][e.Field] = what
	}
}

// CommonFields are the generated fields that every entity has: all its relationships, the claims about it, and the
// number of its relationships.
var CommonFields = []string{"relationships", "claims", "degree"}
