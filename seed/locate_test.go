package seed_test

import (
	"testing"

	"dossier/graph"
	"dossier/seed"
)

const story = "Ada  said:\n“It’s my café — and only mine.” Bo said: “No.” 🙂 Bo left."

func TestLocate(t *testing.T) {
	for quote, want := range map[string]graph.Passage{
		"Ada":                      {Start: 0, End: 3, Exact: "Ada"},
		"my café":                  {Start: 17, End: 24, Exact: "my café"},
		"“It’s my café":            {Start: 11, End: 24, Exact: "“It’s my café"},
		`"It's my café - and only`: {Start: 11, End: 35, Exact: "“It’s my café — and only"},
		"  Ada said: \"It's":       {Start: 0, End: 16, Exact: "Ada  said:\n“It’s"},
		"Bo left.":                 {Start: 60, End: 68, Exact: "Bo left."},
		"🙂":                        {Start: 58, End: 59, Exact: "🙂"},
	} {
		got, err := seed.Locate(story, quote)
		if err != nil {
			t.Errorf("Locate(%q): %v", quote, err)
			continue
		}
		if len(got.SHA256) != 64 {
			t.Errorf("Locate(%q): hash %q", quote, got.SHA256)
		}
		got.SHA256 = ""
		if got != want {
			t.Errorf("Locate(%q) = %+v, want %+v", quote, got, want)
		}
		if r := []rune(story); string(r[got.Start:got.End]) != got.Exact {
			t.Errorf("Locate(%q): the text has %q at its numbers, not %q", quote, string(r[got.Start:got.End]), got.Exact)
		}
	}
}

// Letters may be composed or not, and are not taken apart.
func TestLocateLetters(t *testing.T) {
	const apart = "Zoe\u0301 and Zoe" // of two code points in the first place
	for quote, want := range map[string]graph.Passage{
		"Zo\u00e9":  {Start: 0, End: 4, Exact: "Zoe\u0301"},
		"Zoe\u0301": {Start: 0, End: 4, Exact: "Zoe\u0301"},
		"Zoe":       {Start: 9, End: 12, Exact: "Zoe"},
	} {
		got, err := seed.Locate(apart, quote)
		if got.SHA256 = ""; err != nil || got != want {
			t.Errorf("Locate(%q) = %+v %v, want %+v", quote, got, err, want)
		}
	}
}

func TestLocateErrors(t *testing.T) {
	for _, c := range []struct{ text, quote, want string }{
		{story, "Bo", `the document has the words "Bo" in 2 places, first at the characters 43 and 60: quote some more words around them`},
		{"aaa", "aa", `the document has the words "aa" in 2 places, first at the characters 0 and 1: quote some more words around them`},
		{story, "bo left", `the document does not have the words "bo left": quote them as they stand there, capitals and punctuation too`},
		{story, " \n", `the quotation is empty: give some words of the document`},
		{"", "Ada", `the document does not have the words "Ada": quote them as they stand there, capitals and punctuation too`},
		{"\xff", "Ada", `the document is not a UTF-8 text: save it as UTF-8`},
		{story, "a quotation that is so long that an error had better show no more than its start",
			`the document does not have the words "a quotation that is so long that an error had better show no…": quote them as they stand there, capitals and punctuation too`},
	} {
		_, err := seed.Locate(c.text, c.quote)
		if err == nil || err.Error() != c.want {
			t.Errorf("Locate(%q): error\n got %v\nwant %s", c.quote, err, c.want)
		}
	}
}

func TestFormatPassage(t *testing.T) {
	p, err := seed.Locate("Ada Byrd started Acme.", "Ada Byrd")
	if err != nil {
		t.Fatal(err)
	}
	const want = "- {start: 0, end: 8, sha256: 52524c6307bd7a3ae945c9b052e9040ada8124425dfe2d1b5f9e755cd9f97a9c}"
	if got := seed.FormatPassage(p); got != want {
		t.Errorf("FormatPassage = %s, want %s", got, want)
	}
}
