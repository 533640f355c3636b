package graph

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"dossier/internal/edtf"
)

// Write turns a statement's record into a root field's JSON. Null goes up to the nearest field that may be null, as
// the specification says (section 6.4.4); what caused it comes back as errors, one for each, with the full response
// path from the root field's key on. Where null reaches the root field itself, the answer is nil.
func Write(key string, shape Shape, record any) (Answer, []FieldError) {
	w := writers.Get().(*writer)
	defer w.done()
	w.path = append(w.path[:0], step{key: key})
	if record == nil || !shape.write(w, record) {
		return nil, w.errors
	}
	return slices.Clone(w.buf), w.errors
}

// writers keeps buffers that have grown to the size of an answer: growing them anew would cost five times the answer's
// size in memory, and most of the garbage collector's work.
var writers = sync.Pool{New: func() any { return &writer{} }}

// done gives the writer back, unless an answer of unusual size has made it large.
func (w *writer) done() {
	if cap(w.buf) <= 1<<18 {
		w.buf, w.errors = w.buf[:0], nil
		writers.Put(w)
	}
}

// A FieldError is an error at one place of the response.
type FieldError struct {
	Path    []any // response keys and positions in lists
	Code    Code
	Message string
}

// A Shape says where in a record an answer's values are and how they are written as JSON. Each implementation is one
// form that a value takes in a record.
type Shape interface {
	// write appends a value that is not null, and reports true. Or it appends nothing of lasting value, has reported
	// an error, and returns false: the value is null then, and the caller cuts the buffer.
	write(w *writer, value any) bool
}

type writer struct {
	buf    []byte
	path   []step
	errors []FieldError
}

// A step of a path is a response key or, without one, a position in a list.
type step struct {
	key string
	at  int
}

func (w *writer) fail(format string, args ...any) bool {
	return w.report(Internal, fmt.Sprintf(format, args...))
}

// refuse reports that the client's input is at fault, which only the record could tell.
func (w *writer) refuse(err error) bool { return w.report(BadUserInput, err.Error()) }

func (w *writer) report(code Code, message string) bool {
	path := make([]any, len(w.path))
	for i, s := range w.path {
		if path[i] = s.key; s.key == "" {
			path[i] = s.at
		}
	}
	w.errors = append(w.errors, FieldError{Path: path, Code: code, Message: message})
	return false
}

// absent says whether a record's value stands for null. A date without an EDTF is none, and an open end is no date.
func absent(shape Shape, value any) bool {
	if d, ok := shape.(partialDate); ok {
		record, ok := value.([]any)
		return ok && (record[d.edtf] == nil || record[d.edtf] == "..")
	}
	return value == nil
}

// field writes the value of a field or list item, or null in its place; it reports false where null is not allowed,
// which makes the parent null.
func (w *writer) field(shape Shape, value any, nonNull bool, name string) bool {
	if !absent(shape, value) {
		start := len(w.buf)
		if shape.write(w, value) {
			return true
		}
		w.buf = w.buf[:start]
		if nonNull {
			return false
		}
	} else if l, ok := shape.(listOf); ok && l.nullIsEmpty {
		w.buf = append(w.buf, "[]"...)
		return true
	} else if nonNull {
		return w.fail("Cannot return null for non-nullable field %s.", name)
	}
	w.buf = append(w.buf, "null"...)
	return true
}

// nowhere is the position of what is not in the record.
const nowhere = -1

// A slot is where one field of an object is found.
type slot struct {
	key     string // in the response
	name    string // for messages, for example "Person.name"
	at      int    // position in the object's list; nowhere if the list itself is what the shape is written from
	own     bool   // in the list of what only the object's type answers (variants)
	shape   Shape
	nonNull bool
}

func (s slot) value(record, own []any) any {
	if s.own && own != nil { // there is none where nothing is read of it
		record = own
	}
	if s.at == nowhere {
		return record
	}
	return record[s.at]
}

// object is an object whose record is the list of its fields.
type object []slot

func (o object) write(w *writer, value any) bool {
	record, ok := value.([]any)
	if !ok {
		return w.fail("unexpected value for an object")
	}
	return o.writeFrom(w, record, nil)
}

func (o object) writeFrom(w *writer, record, own []any) bool {
	w.buf = append(w.buf, '{')
	for i, s := range o {
		w.key(i, s.key)
		w.path = append(w.path, step{key: s.key})
		ok := w.field(s.shape, s.value(record, own), s.nonNull, s.name)
		w.path = w.path[:len(w.path)-1]
		if !ok {
			return false
		}
	}
	w.buf = append(w.buf, '}')
	return true
}

func (w *writer) key(i int, key string) {
	if i > 0 {
		w.buf = append(w.buf, ',')
	}
	w.buf = append(w.buf, '"') // response keys are GraphQL names, which need no escaping
	w.buf = append(w.buf, key...)
	w.buf = append(w.buf, '"', ':')
}

// variants is an object of one of several types. Its record begins with what tells the type, then has what all of them
// answer alike, and at position own the list of what only this type answers.
type variants struct {
	names names
	own   int
	types map[string]object
}

func (v variants) write(w *writer, value any) bool {
	record, ok := value.([]any)
	if !ok || len(record) == 0 {
		return w.fail("unexpected value for an object")
	}
	name, ok := v.names.of(record[0])
	if !ok {
		return w.fail("unexpected type of an object")
	}
	var own []any
	if len(record) > v.own {
		own, _ = record[v.own].([]any)
	}
	return v.types[name].writeFrom(w, record, own)
}

// listOf is a list of values of one shape.
type listOf struct {
	item        Shape
	nonNull     bool // are the items?
	nullIsEmpty bool // a stored list that is not there
}

func (l listOf) write(w *writer, value any) bool {
	items, ok := value.([]any)
	if !ok {
		return w.fail("unexpected value for a list")
	}
	w.buf = append(w.buf, '[')
	for i, item := range items {
		if !w.item(i, l.item, item, l.nonNull) {
			return false
		}
	}
	w.buf = append(w.buf, ']')
	return true
}

// item writes the i-th value of a list.
func (w *writer) item(i int, shape Shape, value any, nonNull bool) bool {
	if i > 0 {
		w.buf = append(w.buf, ',')
	}
	w.path = append(w.path, step{at: i})
	ok := w.field(shape, value, nonNull, "in a list")
	w.path = w.path[:len(w.path)-1]
	return ok
}

// byIDs is the list of things asked for by their ids: for each class of ids a list of pairs of id and thing.
type byIDs struct {
	ids     []string
	classes []Shape
}

func (b byIDs) write(w *writer, value any) bool {
	type found struct {
		shape Shape
		value any
	}
	things := map[string]found{}
	for i, class := range value.([]any) {
		for _, pair := range class.([]any) {
			p := pair.([]any)
			things[p[0].(string)] = found{b.classes[i], p[1]}
		}
	}
	w.buf = append(w.buf, '[')
	for i, id := range b.ids {
		f := things[id]
		if !w.item(i, f.shape, f.value, false) {
			return false
		}
	}
	w.buf = append(w.buf, ']')
	return true
}

// page is a connection: the list that it stands in holds the rows, the count and whether there is something behind the
// page, as far as asked for. A row is the list of what nodes and edges ask of the item, and of its keys; or that value, if it
// is one.
type page struct {
	limit    int
	backward bool
	order    orderField
	keys     int  // position in a row, or nowhere
	rows     int  // position in the list, or nowhere
	behind   int  // position in the list, or nowhere
	single   bool // is a row one value?
	fields   []pageSlot
}

// A pageSlot is a field of a connection, of an edge or of PageInfo.
type pageSlot struct {
	key, field string
	typeName   string
	item       slot       // nodes and node: in the row; totalCount: in the page's list
	fields     []pageSlot // of edges and pageInfo
}

func (p page) write(w *writer, value any) bool {
	record, ok := value.([]any)
	if !ok {
		return w.fail("unexpected value for a connection")
	}
	var rows []any
	more, behind := false, false
	if p.rows != nowhere {
		rows = record[p.rows].([]any)
		if more = len(rows) > p.limit; more {
			rows = rows[:p.limit]
		}
		if p.backward {
			rows = slices.Clone(rows)
			slices.Reverse(rows)
		}
	}
	if p.behind != nowhere {
		behind, _ = record[p.behind].(bool)
	}
	if p.backward {
		more, behind = behind, more
	}
	read := p.reader()
	w.buf = append(w.buf, '{')
	for i, f := range p.fields {
		w.key(i, f.key)
		w.path = append(w.path, step{key: f.key})
		ok := true
		switch f.field {
		case "nodes":
			w.buf = append(w.buf, '[')
			for i, row := range rows {
				if ok = w.item(i, f.item.shape, f.item.value(read(row), nil), true); !ok {
					break
				}
			}
			w.buf = append(w.buf, ']')
		case "edges":
			w.buf = append(w.buf, '[')
			for i, row := range rows {
				if ok = w.item(i, edge{p, f.fields}, read(row), true); !ok {
					break
				}
			}
			w.buf = append(w.buf, ']')
		case "pageInfo":
			p.writeInfo(w, f.fields, rows, read, more, behind)
		case "totalCount":
			ok = w.field(scalar("Int"), record[f.item.at], true, "totalCount")
		case "statistics":
			ok = w.field(f.item.shape, record[f.item.at], true, "statistics")
		default:
			w.string(f.typeName)
		}
		w.path = w.path[:len(w.path)-1]
		if !ok {
			return false
		}
	}
	w.buf = append(w.buf, '}')
	return true
}

// reader returns what reads a row as a list, which is good until it reads the next one.
func (p page) reader() func(row any) []any {
	if !p.single {
		return func(row any) []any { return row.([]any) }
	}
	one := make([]any, 1)
	return func(row any) []any {
		one[0] = row
		return one
	}
}

func (p page) writeInfo(w *writer, fields []pageSlot, rows []any, read func(row any) []any, next, previous bool) {
	cursor := func(at int) {
		if len(rows) == 0 {
			w.buf = append(w.buf, "null"...)
			return
		}
		w.string(p.cursor(read(rows[at])))
	}
	w.buf = append(w.buf, '{')
	for i, f := range fields {
		w.key(i, f.key)
		switch f.field {
		case "hasNextPage":
			w.buf = strconv.AppendBool(w.buf, next)
		case "hasPreviousPage":
			w.buf = strconv.AppendBool(w.buf, previous)
		case "startCursor":
			cursor(0)
		case "endCursor":
			cursor(len(rows) - 1)
		default:
			w.string(f.typeName)
		}
	}
	w.buf = append(w.buf, '}')
}

// edge is one row of a connection with its cursor.
type edge struct {
	page   page
	fields []pageSlot
}

func (p page) cursor(row []any) string { return p.order.encode(row[p.keys].([]any)) }

func (e edge) write(w *writer, value any) bool {
	row := value.([]any)
	w.buf = append(w.buf, '{')
	for i, f := range e.fields {
		w.key(i, f.key)
		switch f.field {
		case "node":
			w.path = append(w.path, step{key: f.key})
			ok := w.field(f.item.shape, f.item.value(row, nil), true, "node")
			w.path = w.path[:len(w.path)-1]
			if !ok {
				return false
			}
		case "cursor":
			w.string(e.page.cursor(row))
		default:
			if f.item.shape == nil {
				w.string(f.typeName)
			} else if !w.field(f.item.shape, f.item.value(row, nil), f.item.nonNull, f.item.name) {
				return false
			}
		}
	}
	w.buf = append(w.buf, '}')
	return true
}

// oneOf is a value in the list of what it is a field of. Before it stands what tells its shape.
type oneOf struct {
	tag    int // position in that list; the value's is the next
	shapes map[string]Shape
}

func (o oneOf) write(w *writer, value any) bool {
	record := value.([]any)
	tag, _ := record[o.tag].(string)
	shape, ok := o.shapes[tag]
	if !ok || record[o.tag+1] == nil {
		return w.fail("unexpected type of an object")
	}
	return shape.write(w, record[o.tag+1])
}

// existing is an answer about entities that an argument named; its record begins with the ids that no entity has.
type existing struct {
	argument string
	shape    Shape
}

func (e existing) write(w *writer, value any) bool {
	record := value.([]any)
	if unknown, _ := record[0].([]any); len(unknown) > 0 {
		return w.refuse(within(e.argument, badInput("there is no entity %s", show(unknown[0]))))
	}
	return e.shape.write(w, record[1])
}

// constant is a __typename that is known beforehand.
type constant string

func (c constant) write(w *writer, _ any) bool { w.string(string(c)); return true }

// names is a __typename by the label or the relationship type that the record holds.
type names map[string]string

func (n names) write(w *writer, value any) bool {
	name, ok := n.of(value)
	if !ok {
		return w.fail("unexpected type of an object")
	}
	w.string(name)
	return true
}

// of returns the name of the type that a label, among others, or a relationship type tells.
func (n names) of(value any) (name string, ok bool) {
	switch v := value.(type) {
	case string:
		name, ok = n[v]
	case []any:
		for _, label := range v {
			if l, isText := label.(string); isText && !ok {
				name, ok = n[l]
			}
		}
	}
	return name, ok
}

// partialDate is a date in the list of what it is a date of; without an EDTF there is none.
type partialDate struct {
	edtf   int // position in that list
	fields object
}

func (p partialDate) write(w *writer, value any) bool { return p.fields.write(w, value) }

// precision is a date's precision, from its EDTF.
type precision struct{}

func (precision) write(w *writer, value any) bool {
	s, _ := value.(string)
	d, err := edtf.Parse(s)
	if err != nil {
		return w.fail("unexpected value for a date")
	}
	w.string(d.Precision().String())
	return true
}

// externalID is an id in another register, stored as "scheme:value".
type externalID []plainField

type plainField struct{ key, field string }

// pages are where registers show what an id stands for.
var pages = map[string]string{
	"wikidata": "https://www.wikidata.org/wiki/",
	"isni":     "https://isni.org/isni/",
	"lei":      "https://search.gleif.org/#/record/",
	"orcid":    "https://orcid.org/",
}

func (e externalID) write(w *writer, value any) bool {
	s, _ := value.(string)
	scheme, id, _ := strings.Cut(s, ":")
	w.buf = append(w.buf, '{')
	for i, f := range e {
		w.key(i, f.key)
		switch f.field {
		case "scheme":
			w.string(scheme)
		case "value":
			w.string(id)
		case "url":
			if page, ok := pages[scheme]; ok {
				w.string(page + id)
			} else {
				w.buf = append(w.buf, "null"...)
			}
		default:
			w.string("ExternalId")
		}
	}
	w.buf = append(w.buf, '}')
	return true
}

// scalar is a value of the named scalar type; an enum's is its name, a String.
type scalar string

func (s scalar) write(w *writer, value any) bool {
	switch v := value.(type) {
	case string:
		w.string(v)
		return true
	case bool:
		w.buf = strconv.AppendBool(w.buf, v)
		return true
	case int64:
		if s == "Int" && (v < math.MinInt32 || v > math.MaxInt32) {
			return w.fail("Int cannot represent %d: it does not fit into 32 bits", v)
		}
		w.buf = strconv.AppendInt(w.buf, v, 10)
		return true
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return w.fail("Float cannot represent a value that is no number")
		}
		w.buf = strconv.AppendFloat(w.buf, v, 'g', -1, 64)
		return true
	case neo4j.Date:
		w.buf = append(w.buf, '"')
		w.buf = v.Time().AppendFormat(w.buf, time.DateOnly)
		w.buf = append(w.buf, '"')
		return true
	case time.Time:
		w.buf = append(w.buf, '"')
		w.buf = v.UTC().AppendFormat(w.buf, time.RFC3339Nano)
		w.buf = append(w.buf, '"')
		return true
	}
	return w.fail("%s cannot represent the stored value", string(s))
}

// string appends a JSON string (RFC 8259). Bytes that are no UTF-8 become U+FFFD.
func (w *writer) string(s string) {
	const hex = "0123456789abcdef"
	w.buf = append(w.buf, '"')
	start := 0
	for i := 0; i < len(s); {
		b := s[i]
		if b >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				w.buf = append(append(w.buf, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		if b >= ' ' && b != '"' && b != '\\' {
			i++
			continue
		}
		w.buf = append(w.buf, s[start:i]...)
		switch b {
		case '"', '\\':
			w.buf = append(w.buf, '\\', b)
		case '\n':
			w.buf = append(w.buf, '\\', 'n')
		case '\r':
			w.buf = append(w.buf, '\\', 'r')
		case '\t':
			w.buf = append(w.buf, '\\', 't')
		default:
			w.buf = append(w.buf, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
		}
		i++
		start = i
	}
	w.buf = append(append(w.buf, s[start:]...), '"')
}
