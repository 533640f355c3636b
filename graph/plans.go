package graph

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/text/unicode/norm"

	"dossier/internal/kept"
	"dossier/schema"
)

// plans keep what was compiled. Compiling takes up to a tenth of a millisecond, about as much as all else that the
// service does for a request, and most requests are of a few operations that differ in the ids, times, texts and cursors
// that they ask for. So a statement is kept without those: an operation is compiled with placeholders in the place of ids,
// days, instants, filters' texts, cursors and what it searches for, and each request has its own values put where the
// placeholders went, among the parameters. All else in the variables, which may change the text, is part of the key.
type plans struct {
	schema   *ast.Schema
	ontology *schema.Ontology
	mark     string                      // that begins the placeholders' numbers; nobody can guess it
	typed    searchText                  // what a search makes of the mark
	kept     *kept.Cache[planKey, *plan] // nil for what has no plan
}

// A planKey says which statement an operation's field is.
type planKey struct{ query, operation, field, variables string }

// A plan is a statement with placeholders.
type plan struct {
	statement Statement
	holding   []string // the parameters that hold placeholders, sorted
}

const (
	maxPlan         = 64 << 10 // bytes of one statement with its key; a longer one is compiled each time
	maxPlans        = 1 << 20  // bytes of all that are kept
	maxPlaceholders = 100      // of ids and texts: long lists are seldom of one length, and each one is compared with each
)

func newPlans(s *ast.Schema, o *schema.Ontology) plans {
	mark := rand.Text()
	typed, _ := readSearchText(mark) // a word
	return plans{s, o, mark, typed, kept.New(maxPlan, maxPlans, func(k planKey, p *plan) int {
		size := 2<<10 + len(k.query) + len(k.variables)
		if p != nil {
			size += 3 * len(p.statement.Text) // the shape takes about twice as much as the text
		}
		return size
	})}
}

// compile is Compile, with what is kept.
func (p plans) compile(root Root, sel Selection) (Statement, error) {
	if sel.Operation == nil || root == Many { // whose shape holds ids
		return Compile(p.schema, p.ontology, root, sel)
	}
	e, ok := p.erase(sel, early)
	if !ok {
		return Compile(p.schema, p.ontology, root, sel)
	}
	key := e.keyOf(sel)
	found, known := p.kept.Get(context.Background(), key)
	if found != nil {
		return e.restore(found), nil
	}
	st, err := Compile(p.schema, p.ontology, root, sel)
	if err == nil && !known && p.kept.Fits(key, &plan{statement: st}) {
		p.kept.Add(context.Background(), key, p.plan(root, sel, e, st))
	}
	return st, err
}

// plan is the plan of a statement, or nil where placeholders make another of it than the values did. Those of days are
// tried at both ends of the calendar: a day that the operation's text compares with one of them lies between.
func (p plans) plan(root Root, sel Selection, begins *erased, want Statement) *plan {
	ends, ok := p.erase(sel, late)
	if !ok {
		return nil
	}
	var out *plan
	for _, e := range []*erased{ends, begins} {
		without := sel
		without.Variables = e.variables(sel)
		st, err := Compile(p.schema, p.ontology, root, without)
		if err != nil {
			return nil
		}
		found := &plan{statement: st}
		for _, name := range slices.Sorted(maps.Keys(st.Params)) {
			if _, holds := e.fill(st.Params[name]); holds {
				found.holding = append(found.holding, name)
			}
		}
		if !reflect.DeepEqual(e.restore(found), want) || out != nil && !slices.Equal(found.holding, out.holding) {
			return nil
		}
		out = found
	}
	return out
}

// early and late are where the placeholders of days begin.
var (
	early = time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC)
	late  = time.Date(9998, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// erased are an operation's variables with placeholders. Equal values have the same one, and those of days and of
// instants are in their order. A placeholder has the number of what it stands for: after the mark, or as the days or
// seconds after the first one.
type erased struct {
	schema   *ast.Schema
	literal  map[string]bool // ids that the field's arguments have in the operation's text
	mark     string
	begin    time.Time       // of the placeholders of days and of instants
	values   []any           // with placeholders, in the order of the operation's variables
	texts    []string        // the ids and other texts, as far as there are not too many
	days     []string        // the days, sorted
	instants []time.Time     // the instants, sorted
	typed    searchText      // what a search makes of the mark, if its text has been erased
	searched searchText      // what it makes of the text
	key      strings.Builder // tells values apart that may lead to other statements
}

// erase puts placeholders into an operation's variables. It is not ok where a value is of no known Go type, or there are too
// many.
func (p plans) erase(sel Selection, begin time.Time) (*erased, bool) {
	e := &erased{schema: p.schema, mark: p.mark, begin: begin}
	for _, a := range sel.Field.Arguments {
		e.findLiterals(a.Value)
	}
	typed := searchVariable(sel)
	for _, v := range sel.Operation.VariableDefinitions {
		e.findTimes(v.Type, sel.Variables[v.Variable])
	}
	slices.Sort(e.days)
	e.days = slices.Compact(e.days)
	slices.SortFunc(e.instants, time.Time.Compare)
	e.instants = slices.CompactFunc(e.instants, time.Time.Equal)
	e.values = make([]any, len(sel.Operation.VariableDefinitions))
	for i, v := range sel.Operation.VariableDefinitions {
		value, given := sel.Variables[v.Variable]
		text, isText := value.(string)
		ok := true
		switch {
		case !given: // which is not null
			e.key.WriteByte('-')
		case isText && v.Variable == typed:
			var err error
			e.values[i], e.typed = p.mark, p.typed
			e.searched, err = readSearchText(text)
			ok = err == nil
		default:
			e.values[i], ok = e.value(v.Type, value)
		}
		if !ok || len(e.texts) > maxPlaceholders {
			return nil, false
		}
		e.key.WriteByte(';')
	}
	return e, true
}

// variables are those of the selection that are given, with placeholders.
func (e *erased) variables(sel Selection) map[string]any {
	out := make(map[string]any, len(e.values))
	for i, v := range sel.Operation.VariableDefinitions {
		if _, given := sel.Variables[v.Variable]; given {
			out[v.Variable] = e.values[i]
		}
	}
	return out
}

func (e *erased) keyOf(sel Selection) planKey {
	return planKey{sel.Query, sel.Operation.Name, sel.Field.Alias, e.key.String()}
}

// searchVariable is the variable that holds what a search is for and is used for nothing else, "" without one.
func searchVariable(sel Selection) string {
	if a := sel.Field.Arguments.ForName("text"); sel.Field.Name == "search" && a != nil && a.Value.Kind == ast.Variable &&
		strings.Count(sel.Query, "$"+a.Value.Raw) == 2 { // where it is defined, and here
		return a.Value.Raw
	}
	return ""
}

// findLiterals notes the ids that a value has in the operation's text. A variable with one of them keeps it: that both are
// the same entity makes another statement.
func (e *erased) findLiterals(v *ast.Value) {
	switch v.Kind {
	case ast.StringValue, ast.BlockValue, ast.IntValue:
		if e.literal == nil {
			e.literal = map[string]bool{}
		}
		e.literal[v.Raw] = true
	}
	for _, child := range v.Children {
		e.findLiterals(child.Value)
	}
}

// findTimes notes the days and the instants of a value of a variable's type.
func (e *erased) findTimes(t *ast.Type, v any) {
	switch v := v.(type) {
	case string:
		if first, last, ok := stretch(t, v); ok {
			e.days = append(e.days, first, last)
		}
		if at, ok := instantOf(t, v); ok {
			e.instants = append(e.instants, at)
		}
		for _, k := range cursor(t, v) {
			if isDay(k) && !isMissing(k) {
				e.days = append(e.days, k)
			}
			if at, ok := writtenInstant(k); ok {
				e.instants = append(e.instants, at)
			}
		}
	case []any:
		for _, item := range v {
			e.findTimes(elem(t), item)
		}
	case map[string]any:
		for name, item := range v {
			e.findTimes(e.field(t, name), item)
		}
	}
}

// value notes a value of a variable's type and returns it with placeholders.
func (e *erased) value(t *ast.Type, v any) (any, bool) {
	switch v := v.(type) {
	case nil:
		e.key.WriteString("null")
	case bool:
		e.key.WriteString(strconv.FormatBool(v))
	case int64:
		e.key.WriteString(strconv.FormatInt(v, 10))
	case json.Number:
		e.key.WriteString(v.String() + "n")
	case string:
		out, ok := e.text(t, v)
		e.key.WriteString(strconv.Quote(out))
		return out, ok
	case []any:
		out := make([]any, len(v))
		e.key.WriteByte('[')
		for i, item := range v {
			var ok bool
			if out[i], ok = e.value(elem(t), item); !ok {
				return nil, false
			}
			e.key.WriteByte(',')
		}
		e.key.WriteByte(']')
		return out, true
	case map[string]any:
		out := make(map[string]any, len(v))
		e.key.WriteByte('{')
		for _, name := range slices.Sorted(maps.Keys(v)) {
			e.key.WriteString(strconv.Quote(name) + ":")
			var ok bool
			if out[name], ok = e.value(e.field(t, name), v[name]); !ok {
				return nil, false
			}
			e.key.WriteByte(',')
		}
		e.key.WriteByte('}')
		return out, true
	default:
		return nil, false
	}
	return v, true
}

// text is a text of a variable's type with placeholders. It is not ok for the cursor of a search, which holds a score that no
// other has.
func (e *erased) text(t *ast.Type, v string) (out string, ok bool) {
	if t == nil {
		return v, true
	}
	if t.NamedType == "ID" {
		if e.literal[v] {
			return v, true
		}
		return e.placeholder(prefix(v), v), true
	}
	if at, ok := instantOf(t, v); ok {
		return e.instant(at), true
	}
	if first, last, ok := stretch(t, v); ok {
		if first, last = e.day(first), e.day(last); first == last {
			return first, true
		}
		return first + "/" + last, true
	}
	if keys := cursor(t, v); keys != nil {
		for i, k := range keys[1:] { // the first is the order's
			at, instant := writtenInstant(k)
			switch {
			case isMissing(k): // which decides what is read
			case isDay(k):
				keys[i+1] = e.day(k)
			case instant:
				keys[i+1] = e.instant(at)
			case isNumber(k):
				if len(k) > 1 { // not one of a timeline's kinds
					return "", false
				}
			case !isInstant(k): // which the compiler reads
				keys[i+1] = e.placeholder(prefix(k), k)
			}
		}
		return encodeCursor(keys), true
	}
	if t.NamedType == "String" { // of a filter: nothing is kept where it is anything else
		return e.placeholder("", norm.NFC.String(v)), true
	}
	return v, true
}

// placeholder stands for an id or another text: equal ones have the same. It may begin as the text does.
func (e *erased) placeholder(begin, text string) string {
	i := slices.Index(e.texts, text)
	if i < 0 {
		i = len(e.texts)
		if i <= maxPlaceholders { // one more says that there are too many
			e.texts = append(e.texts, text)
		}
	}
	return begin + e.mark + strconv.Itoa(i)
}

// prefix is what says what an id is of: all up to a colon.
func prefix(id string) string { return id[:strings.IndexByte(id, ':')+1] }

// day stands for a day.
func (e *erased) day(day string) string {
	i, _ := slices.BinarySearch(e.days, day)
	return e.begin.AddDate(0, 0, i).Format(time.DateOnly)
}

// instant stands for an instant.
func (e *erased) instant(at time.Time) string {
	i, _ := slices.BinarySearchFunc(e.instants, at, time.Time.Compare)
	return e.begin.Add(time.Duration(i) * time.Second).Format(time.RFC3339Nano)
}

// standsFor is what a placeholder stands for, if a text is one.
func (e *erased) standsFor(text string) (string, bool) {
	if e.typed.query != "" {
		switch text {
		case e.typed.query:
			return e.searched.query, true
		case e.typed.beginning:
			return e.searched.beginning, true
		}
	}
	if _, number, marked := strings.Cut(text, e.mark); marked {
		if i, err := strconv.Atoi(number); err == nil && i < len(e.texts) {
			return e.texts[i], true
		}
		return "", false
	}
	if isDay(text) {
		day, _ := time.Parse(time.DateOnly, text)
		i, is := e.number(day, 24*time.Hour, len(e.days))
		if is {
			return e.days[i], true
		}
	} else if at, written := writtenInstant(text); written {
		i, is := e.number(at, time.Second, len(e.instants))
		if is {
			return e.instants[i].Format(time.RFC3339Nano), true
		}
	}
	return "", false
}

// number is how many steps a time is after the first of so many placeholders, if it is one of them.
func (e *erased) number(at time.Time, step time.Duration, placeholders int) (int, bool) {
	i := at.Sub(e.begin) / step
	return int(i), i >= 0 && int(i) < placeholders && at.Equal(e.begin.Add(i*step))
}

// stretch is the first and the last day of a value of type EDTF, if both can be told.
func stretch(t *ast.Type, v string) (first, last string, ok bool) {
	if t == nil || t.NamedType != "EDTF" {
		return "", "", false
	}
	date, err := coerceEDTF(v)
	if err != nil {
		return "", "", false
	}
	f, l := bounds(date)
	first, last = f.Time().Format(time.DateOnly), l.Time().Format(time.DateOnly)
	return first, last, isDay(first) && isDay(last)
}

// cursor is what a value of type String holds if it is a cursor: the order's field and the keys; otherwise nil.
func cursor(t *ast.Type, v string) []string {
	if t == nil || t.NamedType != "String" {
		return nil
	}
	values, err := decodeCursor(v)
	if err != nil {
		return nil
	}
	return values
}

// instantOf is a value of type DateTime, if it is one.
func instantOf(t *ast.Type, v string) (time.Time, bool) {
	if t == nil || t.NamedType != "DateTime" {
		return time.Time{}, false
	}
	at, err := coerceDateTime(v)
	return at, err == nil
}

// writtenInstant is an instant as cursors and parameters hold it.
func writtenInstant(text string) (time.Time, bool) {
	if !isInstant(text) {
		return time.Time{}, false
	}
	at, err := coerceDateTime(text)
	return at, err == nil && at.Format(time.RFC3339Nano) == text
}

// field is the type of an input object's field.
func (e *erased) field(t *ast.Type, name string) *ast.Type {
	if t == nil || e.schema.Types[t.NamedType] == nil {
		return nil
	}
	if f := e.schema.Types[t.NamedType].Fields.ForName(name); f != nil {
		return f.Type
	}
	return nil
}

// elem is the type of a list's items.
func elem(t *ast.Type) *ast.Type {
	if t == nil {
		return nil
	}
	return t.Elem
}

func isDay(text string) bool {
	if len(text) != len(time.DateOnly) {
		return false
	}
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

func isMissing(day string) bool { return day == missingDay(true) || day == missingDay(false) }

func isInstant(text string) bool {
	if len(text) < len(time.DateOnly) || text[4] != '-' {
		return false
	}
	_, err := time.Parse(time.RFC3339Nano, text)
	return err == nil
}

func isNumber(text string) bool {
	if text == "" || strings.IndexByte("+-.0123456789", text[0]) < 0 {
		return false
	}
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}

// restore is a plan's statement for the values that the placeholders stand for.
func (e *erased) restore(of *plan) Statement {
	st := of.statement
	if len(of.holding) > 0 {
		st.Params = maps.Clone(st.Params)
		for _, name := range of.holding {
			st.Params[name], _ = e.fill(st.Params[name])
		}
	}
	return st
}

// fill puts values in the places of a parameter's placeholders. It says whether there were any.
func (e *erased) fill(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		if value, ok := e.standsFor(v); ok {
			return value, true
		}
	case []any:
		out, any := slices.Clone(v), false
		for i := range out {
			var here bool
			out[i], here = e.fill(v[i])
			any = any || here
		}
		return out, any
	}
	return v, false
}
