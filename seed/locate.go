package seed

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"dossier/graph"
)

// content is a text that is addressed by Unicode code points, as passages are.
type content struct{ runes []rune }

func newContent(text string) *content { return &content{runes: []rune(text)} }

func (c *content) length() int { return len(c.runes) }

func (c *content) slice(start, end int) string { return string(c.runes[start:end]) }

// Locate finds the one place in a document's text where a quotation stands, and returns it as a passage with its
// hash and its exact words; the document's id is left open. Straight quotation marks and apostrophes stand for
// typographic ones too, a hyphen for a dash, any white space for any other, and composed letters for decomposed ones. The error says what to do about a
// quotation that is empty, that the text does not have, or that it has in several places.
func Locate(text, quote string) (graph.Passage, error) {
	if !utf8.ValidString(text) {
		return graph.Passage{}, fmt.Errorf("the document is not a UTF-8 text: save it as UTF-8")
	}
	c := newContent(text)
	folded, from := fold(c.runes)
	wanted, _ := fold([]rune(strings.TrimSpace(quote)))
	if len(wanted) == 0 {
		return graph.Passage{}, fmt.Errorf("the quotation is empty: give some words of the document")
	}
	var starts []int
	for i := 0; i+len(wanted) <= len(folded); i++ {
		end := i + len(wanted)
		within := end < len(folded) && unicode.Is(unicode.Mn, folded[end]) // a letter, of which the accent comes next
		if slices.Equal(folded[i:end], wanted) && !within {
			starts = append(starts, i)
		}
	}
	switch len(starts) {
	case 0:
		return graph.Passage{}, fmt.Errorf("the document does not have the words %q: quote them as they stand there, capitals and punctuation too", shorten(quote))
	case 1:
		start, end := from[starts[0]], from[starts[0]+len(wanted)-1]+1
		exact := c.slice(start, end)
		return graph.Passage{Start: start, End: end, SHA256: hash(exact), Exact: exact}, nil
	}
	return graph.Passage{}, fmt.Errorf("the document has the words %q in %d places, first at the characters %d and %d: quote some more words around them",
		shorten(quote), len(starts), from[starts[0]], from[starts[1]])
}

// FormatPassage writes a passage as an entry of a claim's passages in a pack.
func FormatPassage(p graph.Passage) string {
	return fmt.Sprintf("- {start: %d, end: %d, sha256: %s}", p.Start, p.End, p.SHA256)
}

// fold writes a text as it may be typed on any keyboard, with the parts of letters by themselves (NFD), and tells for each
// character where it comes from.
func fold(text []rune) (folded []rune, from []int) {
	for i, c := range text {
		switch {
		case unicode.IsSpace(c):
			if n := len(folded); n > 0 && folded[n-1] == ' ' && from[n-1] == i-1 {
				from[n-1] = i // the last of several: a passage that starts after them starts right
				continue
			}
			c = ' '
		case strings.ContainsRune("‘’‚‛′", c):
			c = '\''
		case strings.ContainsRune("“”„‟″", c):
			c = '"'
		case strings.ContainsRune("‐‑‒–—―−", c):
			c = '-'
		}
		if c < utf8.RuneSelf {
			folded, from = append(folded, c), append(from, i)
			continue
		}
		for _, part := range norm.NFD.String(string(c)) {
			folded, from = append(folded, part), append(from, i)
		}
	}
	return folded, from
}

// shorten keeps the start of a long quotation.
func shorten(quote string) string {
	const most = 60
	quote = strings.Join(strings.Fields(quote), " ")
	if r := []rune(quote); len(r) > most {
		return string(r[:most]) + "…"
	}
	return quote
}
