package edtf_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dossier/internal/edtf"
)

// The naive model: a date is the set of days in it, found by asking every day of a window of years. It knows nothing of
// bounds or day numbers.

// The years that the model draws: two decades, three leap years.
const (
	firstYear = 2003
	lastYear  = 2013
)

// window has all days of their decades, written as 2018-06-30.
var window = func() (days []string) {
	for d := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2020; d = d.AddDate(0, 0, 1) {
		days = append(days, d.Format(time.DateOnly))
	}
	return days
}()

// modelSingle is a date as the model sees it, and its text.
type modelSingle struct {
	text, unqualified string
	qualifier         string
}

// matches compares a day with the text, digit for digit; parts that are not there and X match all.
func (m modelSingle) matches(day string) bool {
	for i := range len(m.unqualified) {
		if m.unqualified[i] != 'X' && m.unqualified[i] != day[i] {
			return false
		}
	}
	return true
}

var seasons = map[string]string{"21": "03 04 05", "22": "06 07 08", "23": "09 10 11", "24": "12 01 02"}

// inSeason looks for the month of a day among those of the season that the text names.
func (m modelSingle) inSeason(day string) bool {
	year, month := day[:4], day[5:7]
	if month == "01" || month == "02" { // of the winter that is named after the year before
		n, _ := strconv.Atoi(year)
		year = strconv.Itoa(n - 1)
	}
	return year == m.unqualified[:4] && strings.Contains(seasons[m.unqualified[5:]], month)
}

func (m modelSingle) precision() string {
	switch known := strings.ReplaceAll(m.unqualified, "-XX", ""); {
	case strings.HasSuffix(known, "X"):
		return "DECADE"
	case len(known) == len("2018"):
		return "YEAR"
	case len(known) == len("2018-06-30"):
		return "DAY"
	case known[5:] >= "21" && known[5:] <= "24":
		return "SEASON"
	}
	return "MONTH"
}

// in gives the indexes of the first and last day of the window that are in the date, -1 and -1 if none is.
func (m modelSingle) in() (first, last int) {
	contains := m.matches
	if m.precision() == "SEASON" {
		contains = m.inSeason
	}
	first, last = -1, -1
	for i, day := range window {
		if contains(day) {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	return first, last
}

// singles draws well-formed dates; unless they are to be plausible, also such as are on no calendar.
func singles(plausible bool) *rapid.Generator[modelSingle] {
	months, days := rapid.IntRange(0, 30), rapid.IntRange(0, 33)
	if plausible {
		months, days = rapid.IntRange(1, 12), rapid.IntRange(1, 28)
	}
	return rapid.Custom(func(t *rapid.T) modelSingle {
		year := rapid.IntRange(firstYear, lastYear).Draw(t, "year")
		month, day := months.Draw(t, "month"), days.Draw(t, "day")
		var text string
		switch rapid.SampledFrom([]string{"day", "month", "season", "year", "decade", "day XX", "month XX", "all XX"}).Draw(t, "form") {
		case "day":
			text = fmt.Sprintf("%d-%02d-%02d", year, month, day)
		case "month":
			text = fmt.Sprintf("%d-%02d", year, month)
		case "season":
			text = fmt.Sprintf("%d-%d", year, rapid.IntRange(21, 24).Draw(t, "season"))
		case "year":
			text = fmt.Sprint(year)
		case "decade":
			text = fmt.Sprintf("%dX", year/10)
		case "day XX":
			text = fmt.Sprintf("%d-%02d-XX", year, month)
		case "month XX":
			text = fmt.Sprintf("%d-XX", year)
		case "all XX":
			text = fmt.Sprintf("%d-XX-XX", year)
		}
		qualifier := rapid.SampledFrom([]string{"", "", "~", "?", "%"}).Draw(t, "qualifier")
		return modelSingle{text: text + qualifier, unqualified: text, qualifier: qualifier}
	})
}

func TestSingleDatesAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := singles(false).Draw(t, "date")
		first, last := m.in()
		d, err := edtf.Parse(m.text)
		if (err == nil) != (first >= 0) {
			t.Fatalf("%s has days %d to %d of the window, and is parsed with %v", m.text, first, last, err)
		}
		if err != nil {
			return
		}
		if got, want := text(d.Earliest()), window[first]; got != want {
			t.Errorf("%s: earliest %s, want %s", d, got, want)
		}
		if got, want := text(d.Latest()), window[last]; got != want {
			t.Errorf("%s: latest %s, want %s", d, got, want)
		}
		if got := d.Precision().String(); got != m.precision() {
			t.Errorf("%s: precision %s, want %s", d, got, m.precision())
		}
		if got, want := d.Approximate(), m.qualifier == "~" || m.qualifier == "%"; got != want {
			t.Errorf("%s: approximate %t", d, got)
		}
		if got, want := d.Uncertain(), m.qualifier == "?" || m.qualifier == "%"; got != want {
			t.Errorf("%s: uncertain %t", d, got)
		}
	})
}

// modelSet is a one-of set: where its members lie, whether days before or after the window are in it, and whether it is
// legal.
type modelSet struct {
	text                string
	days                [][2]int // of each member, the first and last index in the window
	openStart, openEnd  bool
	legal, hasQualifier bool
}

func (s modelSet) earliest() string {
	if s.openStart {
		return ""
	}
	return window[s.days[0][0]]
}

func (s modelSet) latest() string {
	if s.openEnd {
		return ""
	}
	return window[s.days[len(s.days)-1][1]]
}

func sets() *rapid.Generator[modelSet] {
	return rapid.Custom(func(t *rapid.T) modelSet {
		set := modelSet{legal: true}
		members := rapid.IntRange(1, 4).Draw(t, "members")
		var texts []string
		for n := range members {
			from := singles(true).Draw(t, "member")
			first, last := from.in()
			text := from.text
			set.hasQualifier = set.hasQualifier || from.qualifier != ""
			switch rapid.SampledFrom([]string{"single", "single", "range", "from", "until"}).Draw(t, "form") {
			case "single":
				set.legal = set.legal && members > 1
			case "range":
				to := singles(true).Draw(t, "end")
				toFirst, toLast := to.in()
				set.legal = set.legal && to.precision() == from.precision() && toFirst > last
				set.hasQualifier = set.hasQualifier || to.qualifier != ""
				text, last = text+".."+to.text, toLast
			case "from":
				set.legal, set.openEnd = set.legal && n == members-1, true
				text += ".."
			case "until":
				set.legal, set.openStart = set.legal && n == 0, true
				text = ".." + text
			}
			set.days = append(set.days, [2]int{first, last})
			texts = append(texts, text)
		}
		if rapid.Bool().Draw(t, "sorted") { // else hardly any set is legal
			// Members are few: exchange neighbours until none is out of order.
			for range members {
				for i := range members - 1 {
					if set.days[i][0] > set.days[i+1][0] && !strings.Contains(texts[i]+texts[i+1], "..") {
						set.days[i], set.days[i+1] = set.days[i+1], set.days[i]
						texts[i], texts[i+1] = texts[i+1], texts[i]
					}
				}
			}
		}
		for i := range members - 1 {
			set.legal = set.legal && set.days[i][1] < set.days[i+1][0]
		}
		set.text = "[" + strings.Join(texts, ",") + "]"
		return set
	})
}

func TestSetsAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := sets().Draw(t, "set")
		d, err := edtf.Parse(set.text)
		if (err == nil) != set.legal {
			t.Fatalf("%s: legal %t, but parsed with %v", set.text, set.legal, err)
		}
		if err != nil {
			return
		}
		if got, want := text(d.Earliest()), set.earliest(); got != want {
			t.Errorf("%s: earliest %s, want %s", d, got, want)
		}
		if got, want := text(d.Latest()), set.latest(); got != want {
			t.Errorf("%s: latest %s, want %s", d, got, want)
		}
		if d.Precision() != edtf.Range {
			t.Errorf("%s: precision %s", d, d.Precision())
		}
		if got := d.Approximate() || d.Uncertain(); got != set.hasQualifier {
			t.Errorf("%s: marked %t", d, got)
		}
	})
}

func TestCompareIsTotalOrder(t *testing.T) {
	dates := rapid.OneOf(
		rapid.Map(singles(true), func(m modelSingle) string { return m.text }),
		rapid.Map(sets().Filter(func(s modelSet) bool { return s.legal }), func(s modelSet) string { return s.text }),
	)
	rapid.Check(t, func(t *rapid.T) {
		var d [3]edtf.Date
		for i := range d {
			var err error
			if d[i], err = edtf.Parse(dates.Draw(t, "date")); err != nil {
				t.Fatal(err)
			}
		}
		a, b, c := d[0], d[1], d[2]
		if (edtf.Compare(a, b) == 0) != (a == b) {
			t.Errorf("%s and %s: %d", a, b, edtf.Compare(a, b))
		}
		if edtf.Compare(a, b) != -edtf.Compare(b, a) {
			t.Errorf("%s and %s: %d, and the other way %d", a, b, edtf.Compare(a, b), edtf.Compare(b, a))
		}
		if edtf.Compare(a, b) <= 0 && edtf.Compare(b, c) <= 0 && edtf.Compare(a, c) > 0 {
			t.Errorf("%s, %s, %s do not stand in order", a, b, c)
		}
		aFirst, aBounded := a.Earliest()
		bFirst, bBounded := b.Earliest()
		if aBounded && bBounded && aFirst != bFirst && edtf.Compare(a, b) != aFirst.Compare(bFirst) {
			t.Errorf("%s and %s do not compare by their earliest days", a, b)
		}
	})
}

// The model of an interval is every pair of a start and an end, both drawn from a few months, that does not run
// backwards. Two days beyond either edge of those months stand for all that is there.

var (
	monthsFirst = time.Date(2012, 1, 30, 0, 0, 0, 0, time.UTC)
	monthsLast  = time.Date(2012, 5, 2, 0, 0, 0, 0, time.UTC)
)

type modelEndpoint struct {
	text string
	days []time.Time // that it can be
}

func endpoints(isStart bool) *rapid.Generator[modelEndpoint] {
	all := daysBetween(monthsFirst, monthsLast)
	edge := all[len(all)-1:]
	if isStart {
		edge = all[:1]
	}
	return rapid.Custom(func(t *rapid.T) modelEndpoint {
		switch rapid.SampledFrom([]string{"date", "date", "date", "open", "unknown"}).Draw(t, "kind") {
		case "open":
			return modelEndpoint{text: "..", days: edge}
		case "unknown":
			return modelEndpoint{days: all}
		}
		day := rapid.SampledFrom(all[2:len(all)-2]).Draw(t, "day")
		switch rapid.SampledFrom([]string{"day", "month", "range"}).Draw(t, "form") {
		case "month":
			first := time.Date(2012, day.Month(), 1, 0, 0, 0, 0, time.UTC)
			return modelEndpoint{text: day.Format("2006-01"), days: daysBetween(first, first.AddDate(0, 1, -1))}
		case "range":
			to := day.AddDate(0, 0, rapid.IntRange(1, 20).Draw(t, "length"))
			if to.Before(all[len(all)-2]) {
				return modelEndpoint{text: fmt.Sprintf("[%s..%s]", day.Format(time.DateOnly), to.Format(time.DateOnly)), days: daysBetween(day, to)}
			}
		}
		return modelEndpoint{text: day.Format(time.DateOnly), days: []time.Time{day}}
	})
}

func daysBetween(first, last time.Time) (days []time.Time) {
	for ; !first.After(last); first = first.AddDate(0, 0, 1) {
		days = append(days, first)
	}
	return days
}

// modelInterval tells of each day whether some and whether all of the interval's pairs have it between them.
func modelInterval(start, end modelEndpoint) (pairs int, may, must map[time.Time]bool) {
	count := map[time.Time]int{}
	for _, from := range start.days {
		for _, to := range end.days {
			if to.Before(from) {
				continue
			}
			pairs++
			for _, day := range daysBetween(from, to) {
				count[day]++
			}
		}
	}
	may, must = map[time.Time]bool{}, map[time.Time]bool{}
	for day, n := range count {
		may[day], must[day] = true, n == pairs
	}
	return pairs, may, must
}

func TestIntervalsAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var intervals [2]edtf.Interval
		var mays [2]map[time.Time]bool
		for i := range intervals {
			start, end := endpoints(true).Draw(t, "start"), endpoints(false).Draw(t, "end")
			dated := len(start.text) > 2 || len(end.text) > 2
			pairs, may, must := modelInterval(start, end)
			interval, err := edtf.ParseInterval(start.text + "/" + end.text)
			if (err == nil) != (dated && pairs > 0) {
				t.Fatalf("%s/%s: %d pairs, but parsed with %v", start.text, end.text, pairs, err)
			}
			if err != nil {
				return
			}
			for _, day := range daysBetween(monthsFirst, monthsLast) {
				if got := interval.MayContain(day); got != may[day] {
					t.Errorf("%s may contain %s: %t", interval, text(day, true), got)
				}
				if got := interval.MustContain(day); got != must[day] {
					t.Errorf("%s must contain %s: %t", interval, text(day, true), got)
				}
			}
			intervals[i], mays[i] = interval, may
		}
		shared := false
		for day := range mays[0] {
			shared = shared || mays[1][day]
		}
		if got := intervals[0].Overlaps(intervals[1]); got != shared {
			t.Errorf("%s and %s overlap: %t", intervals[0], intervals[1], got)
		}
	})
}
