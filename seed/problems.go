package seed

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"dossier/internal/edtf"
	"dossier/schema"
)

// A Problem is one thing that is wrong with a pack, in words for whoever edits it.
type Problem struct {
	File string // the file's name in the pack's folder; "" where the pack as a whole is meant
	Line int    // counted from 1; 0 without a File
	Text string // what is wrong and what would be right, without a line break
}

func (p Problem) String() string {
	if p.File == "" {
		return p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

// Problems are all that is wrong with a pack, by file and line.
type Problems []Problem

// shownProblems is how many problems one error prints.
const shownProblems = 20

// Error gives one line for each problem, up to 20, and then how many more there are.
func (p Problems) Error() string {
	var lines []string
	for _, one := range p[:min(len(p), shownProblems)] {
		lines = append(lines, one.String())
	}
	if more := len(p) - shownProblems; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "\n")
}

func (p *Problems) add(file string, line int, format string, args ...any) {
	*p = append(*p, Problem{File: file, Line: line, Text: fmt.Sprintf(format, args...)})
}

func (p *Problems) in(file string) func(line int, format string, args ...any) {
	return func(line int, format string, args ...any) { p.add(file, line, format, args...) }
}

// err returns the problems in order, each once, or nil if there are none.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(p)
}

// A checker holds files against the JSON Schema of packs.
type checker struct {
	schema *jsonschema.Schema
	doc    any // the schema as plain data: its descriptions are what the messages say would be right
}

func newChecker(o *schema.Ontology) (*checker, error) {
	const name = "pack.schema.json"
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(JSONSchema(o)))
	if err != nil {
		return nil, fmt.Errorf("schema of packs: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.RegisterFormat(&jsonschema.Format{Name: "edtf", Validate: checkDate})
	c.RegisterFormat(&jsonschema.Format{Name: "edtf-end", Validate: func(v any) error {
		if v == ".." {
			return nil
		}
		return checkDate(v)
	}})
	if err := c.AddResource(name, doc); err != nil {
		return nil, fmt.Errorf("schema of packs: %w", err)
	}
	s, err := c.Compile(name)
	if err != nil {
		return nil, fmt.Errorf("schema of packs: %w", err)
	}
	return &checker{schema: s, doc: doc}, nil
}

func checkDate(v any) error {
	s, ok := v.(string)
	if !ok {
		return nil // the type is another rule's matter
	}
	d, err := edtf.Parse(s)
	if err != nil {
		return err
	}
	if !d.Bounded() {
		return fmt.Errorf("%q is open on one side: give both ends, for example [2018-01..2018-04]", s)
	}
	return nil
}

// check reports all that the schema finds wrong with a file.
func (c *checker) check(s *source, report func(line int, format string, args ...any)) {
	err := c.schema.Validate(s.root)
	if err == nil {
		return
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		report(1, "%v", err)
		return
	}
	c.explain(invalid, s, report)
}

// explain walks down to the rules that are broken and words each.
func (c *checker) explain(e *jsonschema.ValidationError, s *source, report func(line int, format string, args ...any)) {
	if len(e.Causes) > 0 {
		for _, cause := range e.Causes {
			c.explain(cause, s, report)
		}
		return
	}
	var (
		steps   []any
		rule    = c.rule(e.SchemaURL)
		hint    = lowerFirst(rule.text("description"))
		subject = "the file"
	)
	for _, step := range e.InstanceLocation {
		steps = append(steps, step)
	}
	pointer := pointerTo(steps...)
	if s.unread[pointer] {
		return
	}
	line := s.line(pointer)
	if n := len(steps); n > 0 {
		subject = fmt.Sprintf("%q", e.InstanceLocation[n-1])
		if i := e.InstanceLocation[n-1]; strings.Trim(i, "0123456789") == "" && n > 1 {
			subject = fmt.Sprintf("an entry of %q", e.InstanceLocation[n-2])
		}
	}
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		for _, key := range k.Properties {
			report(s.line(pointerTo(append(steps, key)...)), "%s has no key %q%s", article(rule.text("title")), key, rule.keys(key))
		}
	case *kind.Required:
		for _, key := range k.Missing {
			report(line, "this %s has no %q: %s", rule.text("title"), key, lowerFirst(c.describe(rule, key)))
		}
	case *kind.Type:
		explainType(k, value(s.root, e.InstanceLocation), s.written[pointer], subject, hint, c.insteadOfNone(e.SchemaURL), func(text string) { report(line, "%s", text) })
	case *kind.Enum:
		got, allowed := fmt.Sprint(value(s.root, e.InstanceLocation)), texts(k.Want)
		if near := nearest(got, allowed); near != "" {
			report(line, "%s is %q, which is unknown: did you mean %s?", subject, got, near)
			return
		}
		report(line, "%s is %q, which is unknown: it is one of %s", subject, got, strings.Join(allowed, ", "))
	case *kind.Pattern:
		report(line, "%s is %q, but must be %s", subject, k.Got, hint)
	case *kind.Format:
		report(line, "%s: %s", subject, k.Err.Error())
	case *kind.MinLength:
		report(line, "%s is empty: %s", subject, hint)
	case *kind.MinItems:
		report(line, "%s is empty: %s", subject, hint)
	case *kind.Minimum:
		report(line, "%s is %s, but must be at least %s", subject, k.Got.RatString(), k.Want.RatString())
	case *kind.UniqueItems:
		report(s.line(pointerTo(append(steps, k.Duplicates[1])...)), "%s names the same thing twice: take one of them out", subject)
	default:
		report(line, "%s is not right: %s", subject, hint)
	}
}

// explainType words that a value is of the wrong type; instead says what else could be done where there is none.
func explainType(k *kind.Type, got any, written, subject, hint, instead string, report func(string)) {
	want := map[string]string{
		"string": "a text", "boolean": "true or false", "integer": "a whole number", "number": "a number",
		"array": "a list ([one, another], or lines that start with a dash)", "object": "a group of keys",
	}[k.Want[0]]
	if slices.Equal(k.Want, []string{"string", "object"}) {
		want = hint
	}
	switch got.(type) {
	case nil:
		report(fmt.Sprintf("%s is empty: it must be %s%s", subject, want, instead))
	case map[string]any:
		report(fmt.Sprintf("%s is a group of keys, but must be %s", subject, want))
	case []any:
		report(fmt.Sprintf("%s is a list, but must be %s", subject, want))
	case string:
		report(fmt.Sprintf("%s is the text %q, but must be %s", subject, got, want))
	default:
		if k.Want[0] == "string" {
			report(fmt.Sprintf("%s is %s, which YAML does not read as a text: put it in quotes, \"%s\"", subject, written, written))
			return
		}
		report(fmt.Sprintf("%s is %s, but must be %s", subject, written, want))
	}
}

// insteadOfNone says whether a key that has no value may be left out, as far as the location of its schema tells.
func (c *checker) insteadOfNone(url string) string {
	i := strings.LastIndex(url, "/properties/")
	if i < 0 {
		return ", or be left out where it is not required"
	}
	required, _ := c.rule(url[:i])["required"].([]any)
	if slices.Contains(required, any(url[i+len("/properties/"):])) {
		return ""
	}
	return ", or be left out"
}

// A rule is one (sub)schema.
type rule map[string]any

// rule finds a schema by its location, as the library gives it.
func (c *checker) rule(url string) rule {
	_, pointer, _ := strings.Cut(url, "#")
	v := c.doc
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if m, ok := v.(map[string]any); ok && step != "" {
			v = m[step]
		}
		if l, ok := v.([]any); ok && len(l) > 0 {
			v = l[0]
		}
	}
	m, _ := v.(map[string]any)
	return m
}

func (r rule) text(key string) string {
	s, _ := r[key].(string)
	return s
}

// keys says which keys would be right instead of a wrong one.
func (r rule) keys(wrong string) string {
	properties, _ := r["properties"].(map[string]any)
	var known []string
	for key := range properties {
		known = append(known, key)
	}
	slices.Sort(known)
	if near := nearest(wrong, known); near != "" {
		return fmt.Sprintf(": did you mean %q?", near)
	}
	return ": it has " + strings.Join(known, ", ")
}

// describe says what belongs under a key.
func (c *checker) describe(r rule, key string) string {
	properties, _ := r["properties"].(map[string]any)
	p, _ := properties[key].(map[string]any)
	if d := rule(p).text("description"); d != "" {
		return d
	}
	return c.rule(rule(p).text("$ref")).text("description")
}

// value returns what stands at a location of a file.
func value(root any, location []string) any {
	for _, step := range location {
		switch v := root.(type) {
		case map[string]any:
			root = v[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(v) {
				return nil
			}
			root = v[i]
		}
	}
	return root
}

// nearest returns the candidate that a mistyped word most likely means, or "".
func nearest(word string, candidates []string) string {
	best, distance := "", max(2, utf8.RuneCountInString(word)/4)+1
	if utf8.RuneCountInString(word) < 4 {
		distance = 2
	}
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(c)); d < distance && d < utf8.RuneCountInString(c) {
			best, distance = c, d
		}
	}
	return best
}

func texts(values []any) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = fmt.Sprint(v)
	}
	return out
}

// article puts "a" or "an" before the name of a thing, in lower case; the name of a kind, all in capitals, takes none.
func article(name string) string {
	if name == strings.ToUpper(name) {
		return name
	}
	name = strings.ToLower(name)
	if strings.ContainsRune("aeiou", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

// either joins alternatives, for example "a person, a company or an event".
func either(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// lowerFirst fits a description into a sentence; an abbreviation at its start stays as it is.
func lowerFirst(s string) string { return changeFirst(s, unicode.ToLower) }

func upperFirst(s string) string { return changeFirst(s, unicode.ToUpper) }

func changeFirst(s string, change func(rune) rune) string {
	first, n := utf8.DecodeRuneInString(s)
	if second, _ := utf8.DecodeRuneInString(s[n:]); n == 0 || unicode.IsUpper(second) {
		return s
	}
	return string(change(first)) + s[n:]
}
