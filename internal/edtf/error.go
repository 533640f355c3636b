package edtf

import (
	"fmt"
	"unicode/utf8"
)

// Error says why an input is not an EDTF date, or not an EDTF interval.
type Error struct {
	Input  string // the input as given
	Offset int    // the byte of Input at which the fault shows, 0 to len(Input)
	Reason string // what is wrong there

	interval bool // an interval would have done, too
}

// Error gives one line: the input (only its start if it is longer than any date), what is wrong, where, counted in
// characters from 1, and examples of what would be right.
func (e *Error) Error() string {
	what, examples := "date", "2018, 2018-06, 2018-06-30, 2018~ or [2018-01..2018-04]"
	if e.interval {
		what, examples = "date or interval", "2018, 2018-06-30, [2018-01..2018-04], 2018/2019-06 or 2018/.."
	}
	shown, more := e.Input, ""
	if len(shown) > maxLength {
		shown, more = shown[:cut(shown, 32)], "..."
	}
	character := utf8.RuneCountInString(e.Input[:e.Offset]) + 1
	return fmt.Sprintf("%q%s is not an EDTF %s: %s (at character %d); write for example %s",
		shown, more, what, e.Reason, character, examples)
}

// cut gives the largest length up to n at which s does not break inside a character.
func cut(s string, n int) int {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}
