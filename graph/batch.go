package graph

// A Batch is what one Record call writes, whole or not at all: the documents, the entities and the claims of one
// source. Order within a slice does not matter; a claim may point at entities, documents and claims of the same
// batch or at ones stored before. Names, aliases and other texts that are searched or compared come with composed letters
// (NFC, Unicode's annex 15), as what is asked for is composed before it is compared.
type Batch struct {
	Documents []Document
	Entities  []Entity
	Claims    []Claim
}

// A PartialDate is a date as precise as its source.
type PartialDate struct {
	EDTF string // ISO 8601-2, bounded on both sides; "" is no date
	Text string // the source's own words, "" if they say no more than EDTF
}

// A Document is a source of claims. Its text is not stored; the passages that claims quote may be.
type Document struct {
	ID            string // "document:" and a slug
	Title         string
	URL           string
	Publisher     string
	SHA256        string // lower-case hexadecimal, of the whole text as UTF-8
	DatePublished PartialDate
}

// An Entity is a person, company, product or event.
type Entity struct {
	Type        string // name of the object type in the ontology, for example "Person"
	ID          string // slug: lower-case letters and digits, joined by single hyphens
	Name        string
	Aliases     []string
	Description string
	ExternalIDs []ExternalID
	// Properties are the fields that the entity's own type declares, by field name: string, bool, int64, float64
	// or PartialDate, as the ontology says.
	Properties map[string]any
}

// An ExternalID names the same entity in another register, for example scheme "wikidata", value "Q317521".
type ExternalID struct{ Scheme, Value string }

// A Claim is what somebody said, and where. It is never changed once recorded; a later claim may dispute,
// corroborate or supersede it.
type Claim struct {
	ID           string // "claim:" and a slug
	Statement    string
	Alleged      bool     // stated as an allegation rather than as a fact
	Rank         string   // ClaimRank; "" is NORMAL
	AttributedTo []string // entity ids; empty: the document in its own voice
	About        []string // entity ids; the ends of Asserts are added to them
	Asserts      *Assertion
	MadeOn       PartialDate
	Passages     []Passage
	Disputes     []string // claim ids
	Corroborates []string // claim ids
	Supersedes   string   // claim id or ""
}

// An Assertion is the relationship that a claim asserts. Claims that assert the same kind, ends and stint speak of
// the same relationship.
type Assertion struct {
	Kind       string // RelationshipKind, for example "CO_FOUNDED"
	Source     string // entity id
	Target     string // entity id
	Stint      int    // 0 or 1 for the first; 2 for a second term in the same role, and so on
	ValidFrom  PartialDate
	ValidTo    PartialDate
	Properties map[string]any // the kind's own fields by name, as in Entity.Properties
}

// A Passage is a piece of a document's text: W3C Web Annotation text position and quote selectors.
type Passage struct {
	Document   string // document id
	Start, End int    // offsets in Unicode code points, end exclusive
	SHA256     string // lower-case hexadecimal, of the passage as UTF-8
	Exact      string // the passage itself, "" where the text is not at hand
}
