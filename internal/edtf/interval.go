package edtf

import (
	"strings"
	"time"
)

// Interval is a stretch of time from one day to another, both included, of which each may be imprecise, open or unknown.
// It comes from [ParseInterval] or [NewInterval], is immutable, and compares with ==; nothing is known of the zero
// Interval. Where a method asks about days, a
// one-of set at an end counts with all days between its bounds.
type Interval struct {
	start, end Endpoint
}

// Endpoint is the start or the end of an [Interval]. The zero Endpoint is unknown.
type Endpoint struct {
	date Date
	open bool
}

// Known makes the endpoint that is a date; the zero Date makes the unknown one.
func Known(d Date) Endpoint { return Endpoint{date: d} }

// Open makes the endpoint that does not exist: the interval has always been, or goes on.
func Open() Endpoint { return Endpoint{open: true} }

// Date gives the date of the endpoint; false if it is open or unknown.
func (e Endpoint) Date() (Date, bool) { return e.date, e.date != Date{} }

// IsOpen reports whether the interval has always been, or goes on.
func (e Endpoint) IsOpen() bool { return e.open }

// IsUnknown reports whether the interval started, or ended, at a time of which nothing is known.
func (e Endpoint) IsUnknown() bool { return e == Endpoint{} }

// String gives the date, ".." for open, or the empty string for unknown.
func (e Endpoint) String() string {
	if e.open {
		return ".."
	}
	return e.date.text
}

// NewInterval makes an interval. Its error, an [*Error], says that no end is a date, or that the end is before the start
// whichever days they are.
func NewInterval(start, end Endpoint) (Interval, error) {
	i := Interval{start: start, end: end}
	if reason := i.fault(); reason != "" {
		from := start.String()
		return Interval{}, &Error{Input: from + "/" + end.String(), Offset: len(from) + 1, Reason: reason, interval: true}
	}
	return i, nil
}

// ParseInterval reads an interval, or a single date or set, which is then both the start and the end: the interval of
// its own bounds. Its error is an [*Error].
func ParseInterval(s string) (Interval, error) {
	p := parser{input: s, interval: true}
	if err := p.checkLength(); err != nil {
		return Interval{}, err
	}
	if first := strings.IndexByte(s, '/'); first >= 0 {
		if more := strings.IndexByte(s[first+1:], '/'); more >= 0 {
			return Interval{}, p.fail(first+1+more, `an interval has one "/", and the parts of a date are joined by "-"`)
		}
	}
	start, err := p.endpoint()
	if err != nil {
		return Interval{}, err
	}
	end, endAt := start, 0
	// An open or unknown start needs a "/"; a date does not.
	if _, dated := start.Date(); !dated || p.at("/") {
		if !p.take("/") {
			return Interval{}, p.unexpected(`"/"`)
		}
		endAt = p.pos
		if end, err = p.endpoint(); err != nil {
			return Interval{}, err
		}
	}
	if err := p.end(); err != nil {
		return Interval{}, err
	}
	i := Interval{start: start, end: end}
	if reason := i.fault(); reason != "" {
		return Interval{}, p.fail(endAt, reason)
	}
	return i, nil
}

// fault says what makes the interval impossible, if anything does.
func (i Interval) fault() string {
	_, startDated := i.start.Date()
	_, endDated := i.end.Date()
	earliest, latest := i.bounds()
	switch {
	case !startDated && !endDated:
		return "an interval needs a date on one side at least"
	case latest < earliest:
		return "the end " + i.end.date.text + " is before the start " + i.start.date.text
	}
	return ""
}

// Start gives the start.
func (i Interval) Start() Endpoint { return i.start }

// End gives the end, which the interval includes.
func (i Interval) End() Endpoint { return i.end }

// String gives the interval in EDTF, for which ParseInterval(i.String()) == i. An interval whose start is its end
// prints as that date.
func (i Interval) String() string {
	if i.start == i.end {
		return i.start.String()
	}
	return i.start.String() + "/" + i.end.String()
}

// Earliest gives the first day that the interval can include, at midnight UTC; false if there is no such bound.
func (i Interval) Earliest() (time.Time, bool) {
	earliest, _ := i.bounds()
	return midnight(earliest)
}

// Latest gives the last day that the interval can include, at midnight UTC; false if there is no such bound.
func (i Interval) Latest() (time.Time, bool) {
	_, latest := i.bounds()
	return midnight(latest)
}

// Overlaps reports whether the intervals may share a day.
func (i Interval) Overlaps(other Interval) bool {
	earliest, latest := i.bounds()
	otherEarliest, otherLatest := other.bounds()
	return earliest <= otherLatest && otherEarliest <= latest
}

// MayContain reports whether the interval includes the calendar day of t for some choice of its ends among the days that
// they can be.
func (i Interval) MayContain(t time.Time) bool {
	n := numberOf(t)
	earliest, latest := i.bounds()
	return earliest <= n && n <= latest
}

// MustContain reports whether the interval includes the calendar day of t for every choice of its ends among the days
// that they can be. Since no end is before its start, a start or end that is one day is included even where the other
// is unknown.
func (i Interval) MustContain(t time.Time) bool {
	n := numberOf(t)
	earliest, latest := i.bounds()
	startLatest, endEarliest := latest, earliest // the bounds that one end sets the other
	if d, dated := i.start.Date(); dated {
		startLatest = min(startLatest, d.latest)
	} else if i.start.IsOpen() {
		startLatest = beforeAll
	}
	if d, dated := i.end.Date(); dated {
		endEarliest = max(endEarliest, d.earliest)
	} else if i.end.IsOpen() {
		endEarliest = afterAll
	}
	return startLatest <= n && n <= endEarliest
}

// bounds gives the numbers of the first and last day that the interval can include.
func (i Interval) bounds() (earliest, latest int32) {
	earliest, latest = beforeAll, afterAll
	if d, dated := i.start.Date(); dated {
		earliest = d.earliest
	}
	if d, dated := i.end.Date(); dated {
		latest = d.latest
	}
	return earliest, latest
}
