// Package edtf reads and writes dates exactly as precise as their sources: the subset of the Extended Date/Time Format
// (EDTF; ISO 8601-2:2019, levels 0 to 2, as profiled by the Library of Congress, https://www.loc.gov/standards/datetime/)
// that Dossier speaks.
//
// A [Date] is one expression for one day that nobody may know exactly, and so a set of days that it can be:
//
//	2018-06-30             a day
//	2018-06, 2018-06-XX    a month
//	2018-21                a season: 21 spring, 22 summer, 23 autumn, 24 winter
//	2018, 2018-XX[-XX]     a year
//	201X                   a decade
//	[2018-01..2018-04]     one of: a range, both ends included, both of one precision
//	[2018-01,2018-03]      one of: a list, in order, without overlaps; members may be ranges
//	[..2018] [2018..]      one of: open on one side
//
// A date may end in ~ (approximate), ? (uncertain) or % (both); so may the dates inside a set, but not the set. These
// say how far to trust the date. They do not widen its bounds, because no standard says by how much.
//
// The standard ties the seasons 21 to 24 to no hemisphere and no day. Here they are the northern meteorological ones:
// March to May, June to August, September to November, and December to February of the next year. They are thus whole
// months, and 2018-24 starts in 2018.
//
// An [Interval] reaches from one date to another, both included. Either end may be open (..: it goes on) or unknown
// (nothing: it ended or started, no source says when):
//
//	2018/2019-06   2018/..   ../2018   2018/   /2018
//
// Years are 0001 to 9999, so that every bound fits each DATE type that it meets. Times of day, centuries (20XX), qualified
// parts (2018-~06), other sub-year groupings (25 to 41) and all-of sets ({...}) are refused, and so is everything that is
// nearly right. A date therefore prints as it was written, and a refusal says how to write it instead (see [Error]).
package edtf

import (
	"cmp"
	"math"
	"time"
)

// Date is one EDTF expression for one day, known or not. It comes from [Parse], is immutable, and compares with ==.
// The zero Date is no date: it has no bounds and prints as the empty string.
type Date struct {
	text                   string
	earliest, latest       int32 // day numbers, see number; beforeAll and afterAll where the set is open
	precision              Precision
	approximate, uncertain bool
}

// Precision tells how closely a Date is known.
type Precision uint8

// The precisions, from the finest; Range is that of every one-of set.
const (
	Day Precision = iota + 1
	Month
	Season
	Year
	Decade
	Range
)

// String gives the name in capitals, for example DAY, and the empty string for the precision of no date.
func (p Precision) String() string {
	return [...]string{"", "DAY", "MONTH", "SEASON", "YEAR", "DECADE", "RANGE"}[p]
}

// Parse reads a single date or a one-of set. It accepts nothing but what [Date.String] prints. Its error is an [*Error].
func Parse(s string) (Date, error) {
	p := parser{input: s}
	if err := p.checkLength(); err != nil {
		return Date{}, err
	}
	d, err := p.date()
	if err != nil {
		return Date{}, err
	}
	if err := p.end(); err != nil {
		return Date{}, err
	}
	return d, nil
}

// String gives the expression, for which Parse(d.String()) == d.
func (d Date) String() string { return d.text }

// Earliest gives the first day that the date can be, at midnight UTC; false if it is open on that side.
func (d Date) Earliest() (time.Time, bool) { return midnight(d.earliest) }

// Latest gives the last day that the date can be, at midnight UTC; false if it is open on that side.
func (d Date) Latest() (time.Time, bool) { return midnight(d.latest) }

// Bounded reports whether the date has both an earliest and a latest day.
func (d Date) Bounded() bool { return d.earliest > beforeAll && d.latest < afterAll }

// Precision tells how closely the date is known.
func (d Date) Precision() Precision { return d.precision }

// Approximate reports whether the date, or any date of a set, is marked ~ or %: near to it, perhaps not in it.
func (d Date) Approximate() bool { return d.approximate }

// Uncertain reports whether the date, or any date of a set, is marked ? or %: its source is in doubt.
func (d Date) Uncertain() bool { return d.uncertain }

// Compare orders dates by earliest day, then latest day, then text, so that it gives 0 for equal dates only. An open
// start comes before every day, an open end after.
func Compare(a, b Date) int {
	return cmp.Or(
		cmp.Compare(a.earliest, b.earliest),
		cmp.Compare(a.latest, b.latest),
		cmp.Compare(a.text, b.text),
	)
}

// Days are numbered from 1, which is 0001-01-01. These two numbers stand for the lack of a bound.
const (
	beforeAll int32 = 0
	afterAll  int32 = math.MaxInt32
)

const (
	secondsPerDay = 24 * 60 * 60
	unixEpoch     = 719163 // the number of 1970-01-01
)

// number gives the number of a day. As with [time.Date], a month or day beyond its range carries over.
func number(year, month, day int) int32 {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return int32(t.Unix()/secondsPerDay + unixEpoch) //nolint:gosec // days of years of up to four digits
}

// numberOf gives the number of the calendar day of t in its own location.
func numberOf(t time.Time) int32 {
	year, month, day := t.Date()
	switch {
	case year < 1:
		return beforeAll
	case year > 9999:
		return afterAll
	}
	return number(year, int(month), day)
}

// midnight gives the day of a number; false where the number stands for the lack of a bound.
func midnight(n int32) (time.Time, bool) {
	if n == beforeAll || n == afterAll {
		return time.Time{}, false
	}
	return time.Unix((int64(n)-unixEpoch)*secondsPerDay, 0).UTC(), true
}
