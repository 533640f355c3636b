package edtf

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxLength is the length in bytes of the longest input that is read; it leaves room for sets of some twenty days.
const maxLength = 256

// parser reads one input from left to right:
//
//	interval = endpoint "/" endpoint | date
//	endpoint = date | ".." | ""
//	date     = single | "[" member { "," member } "]"
//	member   = single | single ".." single | ".." single (the first) | single ".." (the last)
//	single   = year [ "-" month [ "-" day ] ] [ "~" | "?" | "%" ]
type parser struct {
	input    string
	pos      int  // the byte ahead
	interval bool // intervals are accepted
	inSet    bool
}

func (p *parser) checkLength() error {
	switch {
	case p.input == "":
		return p.fail(0, "it is empty")
	case len(p.input) > maxLength:
		return p.fail(maxLength, "it is longer than "+strconv.Itoa(maxLength)+" bytes")
	}
	return nil
}

func (p *parser) endpoint() (Endpoint, error) {
	switch {
	case p.pos == len(p.input) || p.at("/"):
		return Endpoint{}, nil
	case p.take(".."):
		return Open(), nil
	}
	d, err := p.date()
	return Known(d), err
}

func (p *parser) date() (Date, error) {
	start := p.pos
	var d Date
	var err error
	if p.at("[") {
		d, err = p.set()
	} else {
		d, err = p.single()
	}
	if err != nil {
		return Date{}, err
	}
	d.text = p.input[start:p.pos]
	return d, nil
}

// set reads a one-of set. Its members are disjoint and ascending, so that one set has one spelling.
func (p *parser) set() (Date, error) {
	start := p.pos
	p.take("[")
	if p.at("]") {
		return Date{}, p.fail(p.pos, "the set is empty")
	}
	p.inSet = true
	var set Date
	for n := 1; ; n++ {
		at := p.pos
		m, err := p.member()
		switch {
		case err != nil:
			return Date{}, err
		case n == 1:
			set = m
		case m.earliest == beforeAll:
			return Date{}, p.fail(at, "only the first date of a set can be open to the past")
		case m.earliest <= set.latest:
			return Date{}, p.fail(at, "the dates of a set stand in order and do not overlap")
		default:
			set.latest, set.precision = m.latest, Range
			set.approximate = set.approximate || m.approximate
			set.uncertain = set.uncertain || m.uncertain
		}
		if p.take("]") {
			break
		}
		if !p.take(",") {
			return Date{}, p.unexpected(`"," or "]"`)
		}
		if m.latest == afterAll {
			return Date{}, p.fail(p.pos-1, "only the last date of a set can be open to the future")
		}
	}
	p.inSet = false
	if set.precision != Range {
		return Date{}, p.fail(start, "a set of one date is written without brackets")
	}
	return set, nil
}

// member reads a date or range of a set; a range has the precision Range.
func (p *parser) member() (Date, error) {
	openStart := p.take("..")
	if openStart && p.at("]") {
		return Date{}, p.fail(p.pos, `a date is missing beside ".."`)
	}
	d, err := p.single()
	if err != nil {
		return Date{}, err
	}
	if openStart {
		d.earliest, d.precision = beforeAll, Range
		return d, nil
	}
	if !p.take("..") {
		return d, nil
	}
	if p.at("]") || p.at(",") { // only "]" is right, which the set knows
		d.latest, d.precision = afterAll, Range
		return d, nil
	}
	at := p.pos
	to, err := p.single()
	switch {
	case err != nil:
		return Date{}, err
	case to.precision != d.precision:
		return Date{}, p.fail(at, "both ends of a range have one precision")
	case to.earliest <= d.latest:
		return Date{}, p.fail(at, "the end of a range is after its start")
	}
	return Date{
		earliest:    d.earliest,
		latest:      to.latest,
		precision:   Range,
		approximate: d.approximate || to.approximate,
		uncertain:   d.uncertain || to.uncertain,
	}, nil
}

func (p *parser) single() (Date, error) {
	d, err := p.unqualified()
	if err != nil {
		return Date{}, err
	}
	switch {
	case p.take("~"):
		d.approximate = true
	case p.take("?"):
		d.uncertain = true
	case p.take("%"):
		d.approximate, d.uncertain = true, true
	}
	return d, nil
}

func (p *parser) unqualified() (Date, error) {
	at := p.pos
	text := p.field()
	digits := strings.TrimSuffix(text, "X")
	year, ok := numeral(digits)
	switch {
	case len(text) != 4 || len(digits) < 3 || !ok:
		if text == "" {
			return Date{}, p.unexpected("a year")
		}
		return Date{}, p.fail(at, notYear(text))
	case year == 0:
		return Date{}, p.fail(at, "years are 0001 to 9999")
	case len(digits) == 3:
		if p.at("-") {
			return Date{}, p.fail(p.pos, "a decade has no months")
		}
		return Date{earliest: number(year*10, 1, 1), latest: number(year*10+9, 12, 31), precision: Decade}, nil
	case p.take("-"):
		return p.withinYear(year)
	}
	return Date{earliest: number(year, 1, 1), latest: number(year, 12, 31), precision: Year}, nil
}

// withinYear reads what follows a year and "-".
func (p *parser) withinYear(year int) (Date, error) {
	at := p.pos
	text := p.field()
	month, ok := numeral(text)
	switch {
	case text == "XX":
		if p.take("-") {
			at := p.pos
			if day := p.field(); day != "XX" {
				return Date{}, p.fail(at, "the day is XX where the month is")
			}
		}
		return Date{earliest: number(year, 1, 1), latest: number(year, 12, 31), precision: Year}, nil
	case ok && len(text) == 2 && 21 <= month && month <= 24:
		if p.at("-") {
			return Date{}, p.fail(p.pos, "a season has no days")
		}
		if year == 9999 && month == 24 {
			return Date{}, p.fail(at, "the winter of 9999 ends after the last year, 9999")
		}
		first := 3 * (month - 20)
		return Date{earliest: number(year, first, 1), latest: number(year, first+3, 1) - 1, precision: Season}, nil
	case !ok || len(text) != 2 || month < 1 || month > 12:
		if text == "" {
			return Date{}, p.unexpected("a month")
		}
		return Date{}, p.fail(at, notMonth(text))
	case p.take("-"):
		return p.withinMonth(year, month)
	}
	return Date{earliest: number(year, month, 1), latest: number(year, month+1, 1) - 1, precision: Month}, nil
}

// withinMonth reads what follows a month and "-".
func (p *parser) withinMonth(year, month int) (Date, error) {
	at := p.pos
	text := p.field()
	day, ok := numeral(text)
	first, last := number(year, month, 1), number(year, month+1, 1)-1
	length := int(last - first + 1)
	switch {
	case text == "XX":
		return Date{earliest: first, latest: last, precision: Month}, nil
	case text == "":
		return Date{}, p.unexpected("a day")
	case !ok || len(text) != 2:
		return Date{}, p.fail(at, notDay(text))
	case day < 1 || day > length:
		return Date{}, p.fail(at, fmt.Sprintf("%04d-%02d has the days 01 to %d", year, month, length))
	}
	n := number(year, month, day)
	return Date{earliest: n, latest: n, precision: Day}, nil
}

func (p *parser) at(s string) bool { return strings.HasPrefix(p.input[p.pos:], s) }

func (p *parser) take(s string) bool {
	if !p.at(s) {
		return false
	}
	p.pos += len(s)
	return true
}

// field takes the ASCII letters and digits ahead: right or wrong, one part of a date.
func (p *parser) field() string {
	start := p.pos
	for p.pos < len(p.input) {
		c := p.input[p.pos]
		if !isDigit(c) && (c|0x20 < 'a' || 'z' < c|0x20) {
			break
		}
		p.pos++
	}
	return p.input[start:p.pos]
}

func (p *parser) end() error {
	if p.pos < len(p.input) {
		return p.unexpected("the end")
	}
	return nil
}

func (p *parser) fail(at int, reason string) error {
	return &Error{Input: p.input, Offset: at, Reason: reason, interval: p.interval}
}

// unexpected refuses what is ahead, which is not what the grammar wants.
func (p *parser) unexpected(want string) error {
	before, rest := p.input[:p.pos], p.input[p.pos:]
	if rest == "" {
		return p.fail(p.pos, want+" is missing")
	}
	_, size := utf8.DecodeRuneInString(rest)
	found := rest[:size]
	if p.at("..") {
		found = ".."
	}
	reason := fmt.Sprintf("found %q where %s should be", found, want)
	switch found {
	case " ":
		reason = "a date has no spaces"
	case "/":
		if !p.interval && !p.inSet {
			reason = `"/" makes an interval, where one date is wanted; the parts of a date are joined by "-"`
		}
	case ",":
		if !p.inSet {
			reason = `a list of dates stands in square brackets, [2018,2019]`
		}
	case ".":
		reason = `the parts of a date are joined by "-", the ends of a range by ".."`
	case "..":
		if !p.inSet {
			reason = `dates joined by ".." stand in square brackets, [2018..2019]`
		}
	case "{":
		reason = `sets in braces, "all of", are not supported; "one of" is written in square brackets, [2018,2019]`
	case "[":
		reason = "a set stands alone, not inside a set or after a date"
	case "~", "?", "%":
		switch {
		case strings.HasSuffix(before, "]"):
			reason = fmt.Sprintf("%q belongs to the dates inside the brackets", found)
		case endsQualified(before):
			reason = `a date has one of ~ ? %, and % means both`
		default:
			reason = fmt.Sprintf("%q belongs at the end of a date", found)
		}
	case "-":
		switch {
		case want == "a year":
			reason = "years are 0001 to 9999"
		case endsQualified(before):
			reason = fmt.Sprintf("%q belongs at the end of a date", before[len(before)-1:])
		}
	case "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212":
		reason = fmt.Sprintf(`%q is not the hyphen "-", which joins the parts of a date; "/" makes an interval`, found)
	}
	return p.fail(p.pos, reason)
}

func endsQualified(s string) bool { return s != "" && strings.ContainsAny(s[len(s)-1:], "~?%") }

// notYear says why a field is not a year or decade.
func notYear(text string) string {
	_, numeric := numeral(text)
	masked := !numeric && strings.Trim(text, "0123456789Xx") == ""
	switch {
	case masked && strings.Contains(text, "x"):
		return "an unspecified digit is a capital X"
	case masked:
		return "only the last digit of a year can be X; write a range of years, [2000..2099]"
	case len(text) == 5 && text[3:] == "0s" && isDigit(text[0]):
		return "a decade is written " + text[:3] + "X"
	case isDigit(text[0]):
		return fmt.Sprintf(`%q is not a year of 4 digits, 0001 to 9999; the year comes first, and "-" joins the parts of a date`, text)
	case text[0] == 'Y' && len(text) > 1 && isDigit(text[1]):
		return "years are 0001 to 9999"
	}
	return fmt.Sprintf("%q is not a year, and a date has no words: June 2024 is 2024-06, about 2018 is 2018~", text)
}

// notMonth says why a field is not a month or season.
func notMonth(text string) string {
	month, numeric := numeral(text)
	switch {
	case numeric && len(text) == 1:
		return fmt.Sprintf("month %s is written with 2 digits, 0%s", text, text)
	case numeric && len(text) == 4:
		return fmt.Sprintf("%s is not a month; an interval of years is written 2018/2019, one of the years [2018..2019]", text)
	case numeric && len(text) == 2 && 25 <= month && month <= 41:
		return fmt.Sprintf("%s is not supported; write quarters and the like as ranges of months", text)
	case numeric:
		return fmt.Sprintf("month %s is not 01 to 12 or a season 21 to 24", text)
	case strings.ContainsAny(text, "Xx"):
		return "an unspecified month is XX; some of the months are a range, [2018-10..2018-12]"
	}
	return fmt.Sprintf("%q is not a month 01 to 12 or a season 21 to 24", text)
}

// notDay says why a field is not a day of any month.
func notDay(text string) string {
	_, numeric := numeral(text)
	switch {
	case numeric && len(text) == 1:
		return fmt.Sprintf("day %s is written with 2 digits, 0%s", text, text)
	case len(text) > 2 && text[2] == 'T':
		return "a date is a whole day, without a time"
	case strings.ContainsAny(text, "Xx"):
		return "an unspecified day is XX; some of the days are a range, [2018-06-10..2018-06-19]"
	}
	return fmt.Sprintf("%q is not a day of 2 digits", text)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// numeral gives the value of ASCII digits, and false for anything else; that of more than 4 digits has no meaning.
func numeral(s string) (value int, ok bool) {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		value = value*10 + int(s[i]-'0')
	}
	return value, s != ""
}
