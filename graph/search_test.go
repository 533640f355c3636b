package graph_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dossier/graph"
	"dossier/internal/neo4jtest"
)

// A hit is one edge of a search's answer.
type hit struct {
	Cursor       string
	Score        float64
	MatchedField string
	Node         struct {
		Typename string `json:"__typename"`
		ID       string
	}
}

type found struct {
	Edges      []hit
	TotalCount int
	PageInfo   struct {
		HasNextPage, HasPreviousPage bool
		EndCursor                    *string
	}
}

func (f found) ids() (out []string) {
	for _, h := range f.Edges {
		out = append(out, h.Node.ID)
	}
	return out
}

const searchQuery = `query ($text: String!, $types: [SearchType!], $first: Int, $after: String) {
  search(text: $text, types: $types, first: $first, after: $after) {
    edges { cursor score matchedField node { __typename ... on Entity { id } ... on Document { id } ... on Claim { id } } }
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}`

// search asks for a search; variables but the text may be left out.
func (s *service) search(t testing.TB, text string, variables map[string]any) (found, json.RawMessage) {
	t.Helper()
	all := map[string]any{"text": text}
	for k, v := range variables {
		all[k] = v
	}
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	got := s.query(t, searchQuery, raw, "")
	if got.Errors != nil {
		return found{}, got.Errors
	}
	var out struct{ Search found }
	if err := json.Unmarshal(got.Data, &out); err != nil {
		t.Fatal(err)
	}
	return out.Search, nil
}

// find is search for what must be answered.
func (s *service) find(t testing.TB, text string, variables map[string]any) found {
	t.Helper()
	out, refused := s.search(t, text, variables)
	if refused != nil {
		t.Fatalf("%q: %s", text, refused)
	}
	return out
}

// What people type finds what they mean, first of all.
func TestSearchFindsFirst(t *testing.T) {
	s := newService(t)
	s.record(t, graph.Batch{Entities: []graph.Entity{
		{Type: "Person", ID: "zoe-muller", Name: "Zoë Müller", Aliases: []string{"Dr. Z", "Frau Müller-Lüdenscheidt"}},
		{Type: "Person", ID: "orsted", Name: "Hans Christian Ørsted"},
		{Type: "Person", ID: "obrien", Name: "Conan O’Brien"},
		{Type: "Company", ID: "strasse", Name: "Weiße Straße", Description: "A maker of pavements in Łódź."},
		{Type: "Company", ID: "nihon-keizai", Name: "日本経済新聞社"},
		{Type: "Company", ID: "toyota", Name: "トヨタ自動車"},
		{Type: "Company", ID: "samsung", Name: "삼성전자"},
		{Type: "Company", ID: "yandex", Name: "Яндекс"},
		{Type: "Company", ID: "yota", Name: "Йота"},
		{Type: "Product", ID: "gpt-4", Name: "GPT-4"},
		{Type: "Product", ID: "llama-cpp", Name: "llama_cpp_2"},
		{Type: "Company", ID: "the-who", Name: "The Not and Or"},
		{Type: "Company", ID: "x-dot", Name: "Z.ai"},
		{Type: "Company", ID: "dotless", Name: "Istanbul Works"},
		{Type: "Company", ID: "with-a-dot", Name: "İstanbul Works"},
	}})
	for _, c := range []struct{ text, id, field string }{
		{"Sutskevr", "ilya-sutskever", "name"},
		{"Ilia Sutskever", "ilya-sutskever", "name"},
		{"sutskever ilya", "ilya-sutskever", "name"},
		{"open ai", "openai", "name"},
		{"OpenAI", "openai", "name"},
		{"Microsoft's", "microsoft", "name"},
		{"Open-AI", "openai", "name"},
		{"opne ai", "", ""}, // no word of it is near enough
		{"MUSK", "elon-musk", "*"},
		{"müsk", "elon-musk", "*"},
		{"mu\u0308sk", "elon-musk", "*"},
		{"elon mu", "elon-musk", "name"},
		{"elno musk", "elon-musk", "name"},
		{"x.ai", "xai", "name"},
		{"x", "x", "name"},
		{"grok4", "grok-4", "name"},
		{"grok 4", "grok-4", "name"},
		{"Grok-1", "grok-1", "name"},
		{"muller", "zoe-muller", "name"},
		{"ZOE MÜLLER", "zoe-muller", "name"},
		{"mueler", "zoe-muller", "name"},
		{"ludenscheidt", "zoe-muller", "aliases"},
		{"müller lüdenscheidt", "zoe-muller", "aliases"},
		{"orsted", "orsted", "name"},
		{"Ørst", "orsted", "name"},
		{"o'brien", "obrien", "name"},
		{"O’Brien", "obrien", "name"},
		{"obrien", "obrien", "name"},
		{"weisse strasse", "strasse", "name"},
		{"lodz", "strasse", "description"},
		{"pavem", "strasse", "description"},
		{"日本", "nihon-keizai", "name"},
		{"経", "nihon-keizai", "name"},
		{"本日", "", ""},
		{"トヨ", "toyota", "name"},
		{"トヨタ自動車", "toyota", "name"},
		{"삼성", "samsung", "name"},
		{"яндекс", "yandex", "name"},
		{"ЯНД", "yandex", "name"},
		{"йот", "yota", "name"},
		{"llama_cpp_2", "llama-cpp", "name"},
		{"Llama_C", "llama-cpp", "name"},
		{"llama_", "llama-cpp", "name"},
		{"elon_musk", "elon-musk", "name"},
		{"grok_4", "grok-4", "name"},
		{"gpt4", "gpt-4", "name"},
		{"gpt-4", "gpt-4", "name"},
		{"gpt5", "", ""},
		{"istanbul", "dotless", "name"},
		{"İstanbul", "with-a-dot", "name"},
		{"elon musk altman ilya", "", ""}, // in one field
		{"correspondence with musk", "*", "name"},
		{"musk AND altman", "*", "name"},
		{"ONNX or MLX", "*", "statement"},
		{"NOT volatility", "*", "statement"},
		{"qqqqqqqq", "", ""},
		{"the not and or", "", ""}, // too frequent to be in the indexes
	} {
		got := s.find(t, c.text, nil)
		switch {
		case c.id == "":
			if len(got.Edges) > 0 {
				t.Errorf("%q finds %v", c.text, got.ids())
			}
		case len(got.Edges) == 0:
			t.Errorf("%q finds nothing, want %s", c.text, c.id)
		case c.id != "*" && got.Edges[0].Node.ID != c.id, c.field != "*" && got.Edges[0].MatchedField != c.field:
			t.Errorf("%q finds %s by %s first, want %s by %s", c.text, got.Edges[0].Node.ID, got.Edges[0].MatchedField, c.id, c.field)
		}
	}
}

// As somebody types a name, it is among what is found from the first letter on, and the first from the second.
func TestSearchAsYouType(t *testing.T) {
	s := newService(t)
	for _, c := range []struct{ text, id string }{{"Sutskever", "ilya-sutskever"}, {"Elon Musk", "elon-musk"}, {"OpenAI", "openai"}, {"Brockman", "greg-brockman"}} {
		for n := 1; n <= len(c.text); n++ {
			ids := s.find(t, c.text[:n], nil).ids()
			if !slices.Contains(ids, c.id) {
				t.Errorf("%q does not find %s but %v", c.text[:n], c.id, ids)
			} else if n > 1 && ids[0] != c.id {
				t.Errorf("%q finds %v before %s", c.text[:n], ids[:slices.Index(ids, c.id)], c.id)
			}
		}
	}
}

// A search holds each thing once, by its best field, the best first, and only of the types asked for.
func TestSearchAnswer(t *testing.T) {
	s := newService(t)
	all := s.find(t, "musk", map[string]any{"first": 1000})
	if all.TotalCount != len(all.Edges) || all.TotalCount < 20 {
		t.Fatalf("totalCount %d, and %d edges", all.TotalCount, len(all.Edges))
	}
	seen := map[string]bool{}
	types := map[string]int{}
	for i, h := range all.Edges {
		if seen[h.Node.ID] {
			t.Errorf("%s twice", h.Node.ID)
		}
		seen[h.Node.ID] = true
		types[h.Node.Typename]++
		if i > 0 {
			before := all.Edges[i-1]
			if h.Score > before.Score || h.Score == before.Score && h.Node.ID < before.Node.ID {
				t.Errorf("%s (%g) comes before %s (%g)", before.Node.ID, before.Score, h.Node.ID, h.Score)
			}
		}
		want := map[string][]string{"Claim": {"statement"}, "Document": {"title"}}[h.Node.Typename]
		if want == nil {
			want = []string{"name", "aliases", "description"}
		}
		if !slices.Contains(want, h.MatchedField) {
			t.Errorf("%s, a %s, by %s", h.Node.ID, h.Node.Typename, h.MatchedField)
		}
	}
	for _, asked := range [][]string{{"CLAIM"}, {"DOCUMENT"}, {"PERSON", "EVENT"}, {"COMPANY"}} {
		want := 0
		for _, typ := range asked {
			want += types[typ[:1]+strings.ToLower(typ[1:])]
		}
		got := s.find(t, "musk", map[string]any{"types": asked, "first": 1000})
		if got.TotalCount != want || len(got.Edges) != want {
			t.Errorf("%v: totalCount %d, %d edges, want %d", asked, got.TotalCount, len(got.Edges), want)
		}
	}
	if types["Claim"] == 0 || types["Person"] == 0 || types["Event"] == 0 || types["Document"] == 0 {
		t.Errorf("types found: %v", types)
	}
	if all.PageInfo.HasNextPage || all.PageInfo.HasPreviousPage {
		t.Error("there is something around everything")
	}
}

// Walking through a search by its cursors gives everything once, in the order of the whole.
func TestSearchPages(t *testing.T) {
	s := newService(t)
	var batch graph.Batch // equal scores, whose order only the id gives
	for i := range 40 {
		batch.Entities = append(batch.Entities, graph.Entity{Type: "Product", ID: fmt.Sprintf("widget-%02d", i), Name: "Widget"})
	}
	s.record(t, batch)
	for _, text := range []string{"openai", "w", "widget"} {
		whole := s.find(t, text, map[string]any{"first": 1000})
		if len(whole.Edges) < 40 {
			t.Fatalf("%q finds only %d", text, len(whole.Edges))
		}
		for _, size := range []int{1, 7, 39} {
			var walked []string
			variables := map[string]any{"first": size}
			for {
				page := s.find(t, text, variables)
				walked = append(walked, page.ids()...)
				if page.TotalCount != len(whole.Edges) {
					t.Fatalf("%q: totalCount %d on a page, %d of the whole", text, page.TotalCount, len(whole.Edges))
				}
				if page.PageInfo.HasPreviousPage != (variables["after"] != nil) {
					t.Errorf("%q: hasPreviousPage is %v after %v", text, page.PageInfo.HasPreviousPage, variables["after"])
				}
				if !page.PageInfo.HasNextPage || len(walked) > len(whole.Edges) {
					break
				}
				variables["after"] = *page.PageInfo.EndCursor
			}
			if !slices.Equal(walked, whole.ids()) {
				t.Errorf("%q by %d: %v, want %v", text, size, walked, whole.ids())
			}
		}
	}
}

// A search sees what has just been recorded, and a changed name by its new form only.
func TestSearchIsCurrent(t *testing.T) {
	s := newService(t)
	for _, name := range []string{"Quixotry", "Zymurgy"} {
		s.record(t, graph.Batch{Entities: []graph.Entity{{Type: "Company", ID: "renamed", Name: name}}})
		if ids := s.find(t, name, nil).ids(); !slices.Equal(ids, []string{"renamed"}) {
			t.Errorf("%s: %v", name, ids)
		}
	}
	if ids := s.find(t, "Quixotry", nil).ids(); len(ids) > 0 {
		t.Errorf("the old name finds %v", ids)
	}
}

// harmless is what a query of ours may look like, whatever is typed: groups of quoted words, prefixes and fuzzy words,
// each with a boost of ours.
var harmless = regexp.MustCompile(`^\+?\(TERM( TERM)*\)( \+?\(TERM( TERM)*\))*$`)
var harmlessTerm = regexp.MustCompile(`"[\p{L}\p{M}\p{Nd}\p{Nl}.,'’_ ]+"\^8|[\p{L}\p{M}\p{Nd}\p{Nl}.,'_]+(\*\^2|~[12]\^0\.5)`)

// Whatever is typed is answered or refused by its argument: it never reaches Lucene as syntax.
func FuzzSearch(f *testing.F) {
	for _, text := range []string{
		"Musk", "a:b", "name:musk", "+musk -altman", "(musk", "musk)", `"musk`, `mu\sk`, "mu*", "*", "?", "musk~", "musk~0.5", "musk^4", "[a TO b]", "{a TO b}",
		"AND", "OR", "NOT", "a AND b", "&&", "||", "!", "a && b", "/mu.k/", "//", `\`, `"`, "'", "''", ".", "a.b", "a'b", "1,000", "x..y", "o’brien", "a_b", "_", "a_", "1_a_", "-", "--",
		"日本語", "日 本", "テスト", "한국어", "ไทย", "العربية", "हिन्दी", "İ", "ß", "ﬁ", "２０", "²", "Ⅷ", "\u0301a", "a\u0301", "\u200d", "e\x00f", "\xff", "\U0001F600", "𝔘", "𠀀", "ᏸ",
		strings.Repeat("a", 200), strings.Repeat("a ", 10), strings.Repeat("語", 200), "TO", "a TO b", "_exists_:name", "*:*", "a\tb\nc", "a\u3000b",
	} {
		f.Add(text)
	}
	sch, o := load(f)
	neo4jtest.ClearData(f)
	for _, c := range graph.Constraints(o) {
		query(f, c.Statement(), nil)
	}
	query(f, "CALL db.awaitIndexes(300)", nil)
	query(f, "UNWIND ['Elon Musk', 'name', 'a b', '日本', 'テスト', 'ß', '1,000'] AS text CREATE (:Entity:Person {id: text, name: text}), (:Claim {id: text, statement: text})", nil)
	f.Fuzz(func(t *testing.T, text string) {
		variables, err := json.Marshal(map[string]string{"text": text})
		if err != nil {
			t.Fatal(err)
		}
		statements, _, err := compile(sch, o, `query ($text: String!) { search(text: $text) { totalCount nodes { __typename } } }`, variables)
		if err != nil {
			var refused *graph.Error
			if !errors.As(err, &refused) || refused.Code != graph.BadUserInput || refused.Argument != "text" {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		lucene, _ := statements[0].Params["query"].(string)
		if !harmless.MatchString(harmlessTerm.ReplaceAllString(lucene, "TERM")) {
			t.Errorf("%q becomes %s", text, lucene)
		}
		query(t, statements[0].Text, statements[0].Params)
	})
}
