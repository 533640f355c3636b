package graph

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"pgregory.net/rapid"
)

// a slot that may be null, and one that may not.
func nullable(key string, at int, shape Shape) slot {
	return slot{key: key, name: "T." + key, at: at, shape: shape}
}

func required(key string, at int, shape Shape) slot {
	s := nullable(key, at, shape)
	s.nonNull = true
	return s
}

const str = scalar("String")

// October 2021, 6.4.4: null goes up to the nearest field that may be null; each error has the path of the field that
// could not be answered, by response keys and positions in lists, from the root field on.
func TestWriteNulls(t *testing.T) {
	inner := object{required("a", 0, str), nullable("b", 1, str)}
	own := func(s slot) slot { s.own = true; return s }
	several := variants{names: names{"A": "TypeA", "B": "TypeB"}, own: 2, types: map[string]object{
		"TypeA": {own(required("own", 0, str)), required("all", 1, str), own(nullable("more", 1, str))},
		"TypeB": {required("all", 1, str)},
	}}
	for _, c := range []struct {
		name   string
		shape  Shape
		record any
		want   string // "" is null at the root
		errors []string
	}{
		{"nothing there", object{required("a", 0, str)}, nil, "", nil},
		{"a null that may be", object{nullable("a", 0, str)}, []any{nil}, `{"a":null}`, nil},
		{"at the root", object{required("a", 0, str)}, []any{nil}, "", []string{"root.a"}},
		{"to the parent", object{nullable("p", 0, inner), nullable("c", 1, str)}, []any{[]any{nil, "x"}, "y"}, `{"p":null,"c":"y"}`, []string{"root.p.a"}},
		{"through parents", object{nullable("p", 0, object{required("q", 0, object{required("r", 0, inner)})})},
			[]any{[]any{[]any{[]any{nil, "x"}}}}, `{"p":null}`, []string{"root.p.q.r.a"}},
		{"through parents to the root", object{required("p", 0, object{required("q", 0, inner)})}, []any{[]any{[]any{nil, nil}}}, "", []string{"root.p.q.a"}},
		{"to the list item", object{nullable("l", 0, listOf{item: inner})}, []any{[]any{[]any{"1", nil}, []any{nil, nil}, nil, []any{"4", "x"}}},
			`{"l":[{"a":"1","b":null},null,null,{"a":"4","b":"x"}]}`, []string{"root.l.1.a"}},
		{"to the list", object{nullable("l", 0, listOf{item: inner, nonNull: true}), nullable("c", 1, str)}, []any{[]any{[]any{"1", nil}, []any{nil, nil}, []any{nil, nil}}, "y"},
			`{"l":null,"c":"y"}`, []string{"root.l.1.a"}},
		{"a null item", object{nullable("l", 0, listOf{item: str, nonNull: true})}, []any{[]any{"x", nil}}, `{"l":null}`, []string{"root.l.1"}},
		{"through a list to the root", object{required("l", 0, listOf{item: inner, nonNull: true})}, []any{[]any{[]any{nil, nil}}}, "", []string{"root.l.0.a"}},
		{"lists in lists", object{nullable("l", 0, listOf{item: listOf{item: str, nonNull: true}})}, []any{[]any{[]any{"x"}, []any{nil}, []any{}}},
			`{"l":[["x"],null,[]]}`, []string{"root.l.1.0"}},
		{"a stored list that is not there", object{required("l", 0, listOf{item: str, nonNull: true, nullIsEmpty: true})}, []any{nil}, `{"l":[]}`, nil},
		{"several errors", object{nullable("p", 0, inner), nullable("l", 1, listOf{item: inner}), nullable("q", 2, inner)},
			[]any{[]any{nil, nil}, []any{[]any{nil, nil}, []any{"x", nil}, []any{nil, nil}}, []any{"y", "z"}},
			`{"p":null,"l":[null,{"a":"x","b":null},null],"q":{"a":"y","b":"z"}}`, []string{"root.p.a", "root.l.0.a", "root.l.2.a"}},
		{"an error below what another error makes null", object{nullable("p", 0, object{nullable("q", 0, inner), required("a", 1, str)})},
			[]any{[]any{[]any{nil, nil}, nil}}, `{"p":null}`, []string{"root.p.q.a", "root.p.a"}},
		{"one error for each object that becomes null", object{nullable("p", 0, object{required("a", 0, str), required("b", 1, str)})},
			[]any{[]any{nil, nil}}, `{"p":null}`, []string{"root.p.a"}},
		{"one value under two keys", object{nullable("p", 0, inner), nullable("again", 0, inner)}, []any{[]any{nil, nil}}, `{"p":null,"again":null}`, []string{"root.p.a", "root.again.a"}},
		{"a value that does not fit", object{nullable("n", 0, scalar("Int")), nullable("f", 1, scalar("Float")), nullable("s", 2, str)},
			[]any{int64(math.MaxInt32) + 1, math.NaN(), []any{}}, `{"n":null,"f":null,"s":null}`, []string{"root.n", "root.f", "root.s"}},
		{"a value that does not fit where null may not be", object{nullable("p", 0, object{required("n", 0, scalar("Int"))})},
			[]any{[]any{int64(math.MinInt32) - 1}}, `{"p":null}`, []string{"root.p.n"}},
		{"of one of several types, with what all answer and what one does", object{nullable("p", 0, several), nullable("q", 1, several), nullable("r", 2, several)},
			[]any{[]any{[]any{"Entity", "A"}, "1", []any{"x", nil}}, []any{[]any{"Entity", "B"}, "2", nil}, []any{[]any{"A"}, "3", []any{nil, "y"}}},
			`{"p":{"own":"x","all":"1","more":null},"q":{"all":"2"},"r":null}`, []string{"root.r.own"}},
		{"of an unknown type", object{nullable("p", 0, several)}, []any{[]any{[]any{"Entity"}, "1", nil}}, `{"p":null}`, []string{"root.p"}},
		{"a type's name", object{required("__typename", nowhere, constant("T")), required("label", 0, names{"L": "Label"}), required("kind", 1, names{"K": "Kind"})},
			[]any{[]any{"Entity", "L"}, "K"}, `{"__typename":"T","label":"Label","kind":"Kind"}`, nil},
		{"a date", object{nullable("d", nowhere, partialDate{1, object{required("edtf", 1, str), required("p", 1, precision{}), required("first", 2, scalar("Date")), nullable("text", 3, str)}})},
			[]any{"x", "2018", neo4j.DateOf(time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC)), nil}, `{"d":{"edtf":"2018","p":"YEAR","first":"2018-01-01","text":null}}`, nil},
		{"no date", object{nullable("d", nowhere, partialDate{0, object{required("first", 1, scalar("Date"))}})}, []any{nil, nil}, `{"d":null}`, nil},
		{"a date without a bound", object{nullable("d", nowhere, partialDate{0, object{required("first", 1, scalar("Date"))}})}, []any{"2018", nil}, `{"d":null}`, []string{"root.d.first"}},
		{"an instant", object{required("t", 0, scalar("DateTime"))}, []any{time.Date(2018, 1, 1, 1, 0, 0, 5000, time.FixedZone("", 3600))}, `{"t":"2018-01-01T00:00:00.000005Z"}`, nil},
		{"by ids", byIDs{[]string{"b", "a", "c", "b", "x"}, []Shape{object{required("a", 0, str)}, object{required("b", 0, str)}}},
			[]any{[]any{[]any{"a", []any{"A"}}}, []any{[]any{"b", []any{"B"}}, []any{"c", []any{nil}}}},
			`[{"b":"B"},{"a":"A"},null,{"b":"B"},null]`, []string{"root.2.b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, errors := Write("root", c.shape, c.record)
			if string(got) != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if diff := cmp.Diff(c.errors, paths(errors)); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			for _, e := range errors {
				if e.Message == "" || strings.ContainsAny(e.Message, "\n%") {
					t.Errorf("an unfit message: %q", e.Message)
				}
			}
		})
	}
}

func paths(errors []FieldError) []string {
	var out []string
	for _, e := range errors {
		out = append(out, strings.ReplaceAll(strings.Trim(fmt.Sprint(e.Path), "[]"), " ", "."))
	}
	return out
}

// A connection is never null inside, so an error in one item goes up to the field that holds the connection.
func TestWriteConnection(t *testing.T) {
	item := slot{at: 0, nonNull: true, shape: object{required("a", 0, str)}}
	cursors := func(field string) pageSlot { return pageSlot{key: field, field: field} }
	connection := page{
		limit: 2, order: "NAME", keys: 1, rows: 0, behind: 2,
		fields: []pageSlot{
			{key: "list", field: "nodes", item: item},
			{key: "rows", field: "edges", fields: []pageSlot{{key: "c", field: "cursor"}, {key: "it", field: "node", item: item}, {key: "__typename", typeName: "Edge"}}},
			{key: "n", field: "totalCount", item: slot{at: 1}},
			{key: "info", field: "pageInfo", fields: []pageSlot{cursors("hasNextPage"), cursors("hasPreviousPage"), cursors("startCursor"), cursors("endCursor"), {key: "t", typeName: "PageInfo"}}},
		},
	}
	row := func(name any) []any { return []any{[]any{name}, []any{name, "id"}} }
	const x, y = "WyJOQU1FIiwieCIsImlkIl0", "WyJOQU1FIiwieSIsImlkIl0"
	backward := connection
	backward.backward = true
	for _, c := range []struct {
		name   string
		shape  page
		record []any
		want   string
		errors []string
	}{
		{"a full page with more behind it", connection, []any{[]any{row("x"), row("y"), row("z")}, int64(7), true},
			`{"list":[{"a":"x"},{"a":"y"}],"rows":[{"c":"` + x + `","it":{"a":"x"},"__typename":"Edge"},{"c":"` + y + `","it":{"a":"y"},"__typename":"Edge"}],"n":7,` +
				`"info":{"hasNextPage":true,"hasPreviousPage":true,"startCursor":"` + x + `","endCursor":"` + y + `","t":"PageInfo"}}`, nil},
		{"backward, the rows come last first", backward, []any{[]any{row("y"), row("x"), row("w")}, int64(7), false},
			`{"list":[{"a":"x"},{"a":"y"}],"rows":[{"c":"` + x + `","it":{"a":"x"},"__typename":"Edge"},{"c":"` + y + `","it":{"a":"y"},"__typename":"Edge"}],"n":7,` +
				`"info":{"hasNextPage":false,"hasPreviousPage":true,"startCursor":"` + x + `","endCursor":"` + y + `","t":"PageInfo"}}`, nil},
		{"empty", connection, []any{[]any{}, int64(0), false},
			`{"list":[],"rows":[],"n":0,"info":{"hasNextPage":false,"hasPreviousPage":false,"startCursor":null,"endCursor":null,"t":"PageInfo"}}`, nil},
		{"an item that cannot be", connection, []any{[]any{row("x"), row(nil)}, int64(2), false}, "null", []string{"root.connection.list.1.a"}},
		{"no count", connection, []any{[]any{}, nil, false}, "null", []string{"root.connection.n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, errors := Write("root", object{nullable("connection", 0, c.shape)}, []any{c.record})
			if want := `{"connection":` + c.want + `}`; string(got) != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if diff := cmp.Diff(c.errors, paths(errors)); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("in the list of what it is a list of, of items that stand in their rows, one value each", func(t *testing.T) {
		names := page{limit: 9, keys: nowhere, rows: 2, behind: nowhere, single: true, fields: []pageSlot{
			{key: "list", field: "nodes", item: slot{at: nowhere, shape: object{nullable("a", 0, str), required("__typename", nowhere, constant("T"))}}},
			{key: "n", field: "totalCount", item: slot{at: 1}},
		}}
		got, errors := Write("root", object{required("name", 0, str), required("connection", nowhere, names)}, []any{"it", int64(2), []any{"x", nil}})
		if want := `{"name":"it","connection":{"list":[{"a":"x","__typename":"T"},{"a":null,"__typename":"T"}],"n":2}}`; string(got) != want || errors != nil {
			t.Errorf("got  %s\nwant %s\nerrors at %v", got, want, paths(errors))
		}
	})
	t.Run("in the node of an edge", func(t *testing.T) {
		only := connection
		only.fields = only.fields[1:2]
		got, errors := Write("root", object{required("connection", 0, only)}, []any{[]any{[]any{row("x"), row(nil)}, nil, nil}})
		if got != nil || cmp.Diff([]string{"root.connection.rows.1.it.a"}, paths(errors)) != "" {
			t.Errorf("got %s, errors at %v", got, paths(errors))
		}
	})
}

// A kind of value for the model: a text that may be wrong, an object, or a list.
type model struct {
	fields      []modelField // of an object
	item        *model       // of a list
	itemNonNull bool
}

type modelField struct {
	key     string
	nonNull bool
	value   *model
}

func (m *model) shape() Shape {
	switch {
	case m.item != nil:
		return listOf{item: m.item.shape(), nonNull: m.itemNonNull}
	case m.fields != nil:
		out := object{}
		for i, f := range m.fields {
			out = append(out, slot{key: f.key, name: f.key, at: i, shape: f.value.shape(), nonNull: f.nonNull})
		}
		return out
	}
	return scalar("Float")
}

// complete answers a value as the specification's CompleteValue does; false means that null is passed on to the parent.
func (m *model) complete(value any, nonNull bool, path []any, errors *[]string) (any, bool) {
	fail := func() (any, bool) {
		*errors = append(*errors, paths([]FieldError{{Path: path}})...)
		return nil, !nonNull
	}
	record, _ := value.([]any)
	switch {
	case value == nil && nonNull:
		return fail()
	case value == nil:
		return nil, true
	case m.item != nil:
		out := []any{}
		for i, v := range record {
			completed, ok := m.item.complete(v, m.itemNonNull, append(path[:len(path):len(path)], i), errors)
			if !ok {
				return nil, !nonNull
			}
			out = append(out, completed)
		}
		return out, true
	case m.fields != nil:
		out := map[string]any{}
		for i, f := range m.fields {
			completed, ok := f.value.complete(record[i], f.nonNull, append(path[:len(path):len(path)], f.key), errors)
			if !ok {
				return nil, !nonNull
			}
			out[f.key] = completed
		}
		return out, true
	}
	if f, ok := value.(float64); ok && math.IsNaN(f) {
		return fail()
	}
	return value, true
}

func drawModel(t *rapid.T, depth int) *model {
	// The library prefers small numbers: objects come first, so that they are deep.
	switch kind := rapid.IntRange(0, 2).Draw(t, "kind"); {
	case kind == 2 || depth == 0:
		return &model{}
	case kind == 1:
		return &model{item: drawModel(t, depth-1), itemNonNull: rapid.Bool().Draw(t, "items not null")}
	}
	out := &model{}
	for i := range rapid.IntRange(1, 3).Draw(t, "fields") {
		out.fields = append(out.fields, modelField{fmt.Sprintf("f%d", i), rapid.Bool().Draw(t, "not null"), drawModel(t, depth-1)})
	}
	return out
}

func (m *model) draw(t *rapid.T) any {
	if rapid.IntRange(0, 4).Draw(t, "null") == 0 {
		return nil
	}
	out := []any{}
	switch {
	case m.item != nil:
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			out = append(out, m.item.draw(t))
		}
		return out
	case m.fields != nil:
		for _, f := range m.fields {
			out = append(out, f.value.draw(t))
		}
		return out
	}
	return rapid.SampledFrom([]any{math.NaN(), 1.5, -1e300, "text", "\"\n\x00\u2028", true}).Draw(t, "value")
}

// What is written is JSON, and what the specification's algorithm gives for the same record.
func writesAsSpecified(t *rapid.T) {
	m := &model{fields: []modelField{{"f", rapid.Bool().Draw(t, "not null"), drawModel(t, 4)}}}
	record := []any{m.fields[0].value.draw(t)}
	got, errors := Write("root", m.shape(), record)
	var wantErrors []string
	want, _ := m.complete(record, false, []any{"root"}, &wantErrors)
	var answer any
	if got != nil {
		if err := json.Unmarshal(got, &answer); err != nil {
			t.Fatalf("%v: %s", err, got)
		}
	}
	if diff := cmp.Diff(want, answer); diff != "" {
		t.Fatalf("answer (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantErrors, paths(errors)); diff != "" {
		t.Fatalf("errors (-want +got):\n%s", diff)
	}
}

func TestWriteAgainstModel(t *testing.T) { rapid.Check(t, writesAsSpecified) }

func FuzzWrite(f *testing.F) { f.Fuzz(rapid.MakeFuzz(writesAsSpecified)) }

// A JSON string says what the standard library's says, byte for byte where no escape is a matter of taste.
func FuzzString(f *testing.F) {
	for _, s := range []string{"", "plain", `"quoted\"`, "\x00\x1f\x7f", "tab\tline\nreturn\r", "\xff\xfe", "a\xc3", "é\u2028\u2029\U0001F600", "</script>&", "\ufffd", "\xed\xa0\x80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w := &writer{}
		w.string(s)
		var theirs bytes.Buffer
		e := json.NewEncoder(&theirs)
		e.SetEscapeHTML(false)
		if err := e.Encode(s); err != nil {
			t.Fatal(err)
		}
		var got, want string
		if err := json.Unmarshal(w.buf, &got); err != nil {
			t.Fatalf("%q is written as %s: %v", s, w.buf, err)
		}
		if err := json.Unmarshal(theirs.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("%q is written as %s, which reads %q, want %q", s, w.buf, got, want)
		}
		if taste := "\b\f\x7f\u2028\u2029\ufffd"; !strings.ContainsAny(want, taste) && string(w.buf)+"\n" != theirs.String() {
			t.Fatalf("%q is written as %s, want %s", s, w.buf, theirs.Bytes())
		}
	})
}

// orders of every sort of key.
var orders = []order{
	{keys: []key{{expr: "n.id"}}},
	{field: "NAME", keys: []key{{expr: "n.name"}, {expr: "n.id"}}},
	{field: "DATE", keys: []key{{expr: "n.date", values: dateKey}, {expr: "n.id"}}},
	{field: "RECORDED_AT", keys: []key{{expr: "n.recordedAt", values: dateTimeKey}, {expr: "n.id"}}},
}

// Any text is refused as a cursor or gives as many keys as the order has; a cursor made of those keys gives them again.
func FuzzCursor(f *testing.F) {
	day := neo4j.DateOf(time.Date(2018, 2, 28, 0, 0, 0, 0, time.UTC))
	for _, keys := range [][]any{{"id"}, {"O'Neil \x00\"\\", "id"}, {day, "id"}, {time.Date(2018, 1, 1, 0, 0, 0, 123456789, time.UTC), "id"}} {
		for _, o := range orders {
			f.Add(orderField(o.field).encode(keys))
		}
	}
	f.Add("")
	f.Add("W10")
	f.Add("nonsense!")
	f.Add("WyJEQVRFIiwiMjAxOC0wMi0zMCIsImlkIl0") // 30 February
	f.Fuzz(func(t *testing.T, cursor string) {
		for _, o := range orders {
			keys, err := o.decode(cursor)
			if err != nil {
				continue
			}
			if len(keys) != len(o.keys) {
				t.Fatalf("%q gives %d keys of %d", cursor, len(keys), len(o.keys))
			}
			again, err := o.decode(orderField(o.field).encode(keys))
			if err != nil || fmt.Sprint(again) != fmt.Sprint(keys) {
				t.Fatalf("%q gives %v, which gives %v (%v)", cursor, keys, again, err)
			}
		}
	})
}

// A cursor of what the database gave is good in its own order and in no other.
func TestCursorRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(orders)-1).Draw(t, "order")
		var keys []any
		for _, k := range orders[i].keys {
			at := time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "at"), rapid.Int64Range(0, 999999999).Draw(t, "nanoseconds")).UTC()
			switch k.values {
			case dateKey:
				keys = append(keys, neo4j.DateOf(at))
			case dateTimeKey:
				keys = append(keys, at)
			default:
				keys = append(keys, rapid.String().Draw(t, "text"))
			}
		}
		cursor := orderField(orders[i].field).encode(keys)
		for j, o := range orders {
			decoded, err := o.decode(cursor)
			if (err == nil) != (i == j) {
				t.Fatalf("a cursor of order %q is read in order %q with %v", orders[i].field, o.field, err)
			}
			if err == nil && orderField(o.field).encode(decoded) != cursor {
				t.Fatalf("%v are read as %v", keys, decoded)
			}
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	person := object{
		required("__typename", nowhere, constant("Person")), required("id", 0, str), required("name", 1, str), nullable("description", 2, str),
		required("aliases", 3, listOf{item: str, nonNull: true, nullIsEmpty: true}),
		nullable("date", nowhere, partialDate{4, object{required("edtf", 4, str), required("first", 5, scalar("Date")), required("precision", 4, precision{})}}),
	}
	people := page{limit: 50, keys: 1, rows: 0, behind: nowhere, fields: []pageSlot{
		{key: "edges", field: "edges", fields: []pageSlot{{key: "cursor", field: "cursor"}, {key: "node", field: "node", item: slot{at: 0, shape: person, nonNull: true}}}},
		{key: "pageInfo", field: "pageInfo", fields: []pageSlot{{key: "hasNextPage", field: "hasNextPage"}, {key: "endCursor", field: "endCursor"}}},
	}}
	var rows []any
	for i := range 51 {
		id := fmt.Sprintf("person-%d", i)
		rows = append(rows, []any{
			[]any{id, "Ann \"the\" Example", nil, []any{"Ann", "A. Example"}, "2018", neo4j.DateOf(time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC))},
			[]any{id},
		})
	}
	record := []any{rows}
	answer, _ := Write("people", people, record)
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		Write("people", people, record)
	}
}
