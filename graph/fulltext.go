package graph

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// searched are the properties that search looks into. Each has a full-text index of its own, so that the index tells
// which field matched. The weights let a match in a name come before an equal match in a text about something.
var searched = []struct {
	label, property string
	weight          float64
}{
	{"Entity", "name", 1},
	{"Entity", "aliases", 0.8}, // of a list, the index holds the words of all items
	{"Document", "title", 0.6},
	{"Claim", "statement", 0.4},
	{"Entity", "description", 0.2},
}

// searchIndex names the full-text index of a property.
func searchIndex(property string) string { return "search_" + property }

// analyzer is that of the full-text indexes. It splits texts as Unicode's word boundaries do (UAX 29), ignores case and accents, and
// leaves out the most frequent English words.
const analyzer = "standard-folding"

// What a text to search for may hold.
const (
	maxSearchText  = 200 // characters
	maxSearchWords = 10
)

// luceneQuery turns what a user types into a query of Lucene's classic syntax. Every word must be found in the field
// that is searched: as it is, as the beginning of a word, or with a letter or two wrong; neighbours also as one word,
// so that "open ai" finds OpenAI. The query is built from letters, digits and the joins inside words alone, so that
// nothing that is typed can be syntax.
func luceneQuery(text string) (string, error) {
	if n := utf8.RuneCountInString(text); n > maxSearchText {
		return "", badInput("%d characters are too many: search for at most %d", n, maxSearchText)
	}
	words := searchWords(text)
	if len(words) == 0 {
		return "", badInput("%s holds nothing to search for: give at least one letter or digit", show(text))
	}
	if len(words) > maxSearchWords {
		return "", badInput("%d words are too many: search for at most %d", len(words), maxSearchWords)
	}
	onlyStopWords := !slices.ContainsFunc(words, func(w searchWord) bool { return !w.stop() })
	clauses := make([]string, len(words))
	for i, w := range words {
		alternatives := w.alternatives()
		if i > 0 {
			alternatives = append(alternatives, joined(words[i-1], w)...)
		}
		if i < len(words)-1 {
			alternatives = append(alternatives, joined(w, words[i+1])...)
		}
		required := "+"
		if w.stop() && !onlyStopWords { // no index holds it
			required = ""
		}
		clauses[i] = required + "(" + strings.Join(alternatives, " ") + ")"
	}
	return strings.Join(clauses, " "), nil
}

// A searchWord is a word in lower case.
type searchWord struct {
	text   string // with accents
	folded string // as the index holds it
	script script
}

// A script says how the index splits words.
type script int

const (
	alphabetic  script = iota // into words
	ideographic               // into characters
	katakana                  // into words, apart from other scripts
)

func scriptOf(r rune) script {
	switch {
	case unicode.In(r, unicode.Han, unicode.Hiragana):
		return ideographic
	case unicode.Is(unicode.Katakana, r), r == 'ー':
		return katakana
	}
	return alphabetic
}

// searchWords splits a text into words as the indexes' analyzer does, near enough: at whatever is no letter, mark or
// digit, unless it joins two of them, and where the script changes.
func searchWords(text string) []searchWord {
	var out []searchWord
	var word []rune
	end := func() {
		if len(word) > 0 {
			out = append(out, searchWord{string(word), fold(word), scriptOf(word[0])})
		}
		word = nil
	}
	runes := []rune(norm.NFC.String(strings.ToValidUTF8(text, " ")))
	for i, r := range runes {
		switch {
		case unicode.In(r, unicode.L, unicode.Nd, unicode.Nl):
			if len(word) > 0 && scriptOf(word[0]) != scriptOf(r) {
				end()
			}
			word = append(word, unicode.ToLower(r))
		case len(word) > 0 && unicode.Is(unicode.M, r):
			word = append(word, r)
		case len(word) > 0 && i+1 < len(runes) && joins(runes[i-1], r, runes[i+1]):
			word = append(word, r)
		default:
			end()
		}
	}
	end()
	return out
}

// joins says whether a character makes one word of what stands before and after it.
func joins(before, r, after rune) bool {
	letters := unicode.In(before, unicode.L, unicode.M) && unicode.IsLetter(after)
	digits := unicode.IsDigit(before) && unicode.IsDigit(after)
	switch r {
	case '\'', '’':
		return letters
	case '.':
		return letters || digits
	case ',':
		return digits
	case '_':
		return unicode.In(before, unicode.L, unicode.M, unicode.Nd, unicode.Nl) && unicode.In(after, unicode.L, unicode.Nd, unicode.Nl)
	}
	return false
}

// unfoldable are the Latin letters that have no decomposition, with what the analyzer makes of them.
var unfoldable = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'ł': "l", 'þ': "th", 'ħ': "h", 'ŧ': "t", 'ı': "i", 'ŋ': "n", '’': "'",
}

// fold takes the accents off Latin letters, as the analyzer does in the indexes. Other scripts stay as they are.
func fold(word []rune) string {
	var b strings.Builder
	for _, r := range word {
		if s, ok := unfoldable[r]; ok {
			b.WriteString(s)
			continue
		}
		plain := strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return unicode.ToLower(r)
		}, norm.NFKD.String(string(r)))
		if strings.ContainsFunc(plain, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
			plain = string(r)
		}
		b.WriteString(plain)
	}
	return b.String()
}

// How much better the word itself is than a word that begins with it, and that than one with other letters.
const (
	exactBoost  = "^8"
	prefixBoost = "^2"
	fuzzyBoost  = "^0.5"
)

// alternatives are the ways in which a word may be found. In quotes, the analyzer treats a word as it did in the
// indexes; a prefix or a word with other letters is compared as it is written here.
func (w searchWord) alternatives() []string {
	out := []string{quoted(w.text)}
	if w.script == ideographic {
		return out
	}
	out = append(out, w.folded+"*"+prefixBoost)
	letters := utf8.RuneCountInString(w.folded)
	switch {
	case strings.ContainsFunc(w.folded, unicode.IsDigit): // another number is no typing error
		if apart := splitDigits(w.folded); apart != w.folded {
			out = append(out, quoted(apart))
		}
	case letters >= 8:
		out = append(out, w.folded+"~2"+fuzzyBoost)
	case letters >= 4:
		out = append(out, w.folded+"~1"+fuzzyBoost)
	}
	if base, ok := strings.CutSuffix(w.folded, "'s"); ok {
		out = append(out, quoted(base))
	}
	if apart := strings.ReplaceAll(w.folded, "_", " "); apart != w.folded {
		out = append(out, quoted(apart))
	}
	if bare := w.bare(); bare != w.folded {
		out = append(out, quoted(bare), bare+"*"+prefixBoost)
	}
	return out
}

// withoutJoins takes out what joins letters or digits.
var withoutJoins = strings.NewReplacer(".", "", ",", "", "'", "", "_", "")

// bare is the word without its joins: "x.ai" is found as xAI too.
func (w searchWord) bare() string { return withoutJoins.Replace(w.folded) }

// joined are the ways in which two neighbours may be found as one word.
func joined(a, b searchWord) []string {
	if a.script != alphabetic || b.script != alphabetic {
		return nil
	}
	one := a.bare() + b.bare()
	return []string{quoted(one), one + "*" + prefixBoost}
}

func quoted(word string) string { return `"` + word + `"` + exactBoost }

// splitDigits puts a space between letters and digits: "gpt4" is found as GPT-4 too.
func splitDigits(word string) string {
	var b strings.Builder
	var before rune
	for i, r := range word {
		if i > 0 && (unicode.IsDigit(before) && unicode.IsLetter(r) || unicode.IsLetter(before) && unicode.IsDigit(r)) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

// stopWords are the words that the analyzer leaves out of the indexes.
var stopWords = strings.Fields("a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with")

func (w searchWord) stop() bool { return slices.Contains(stopWords, w.folded) }
