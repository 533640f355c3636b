package edtf_test

import (
	"errors"
	"strings"
	"testing"

	"dossier/internal/edtf"
)

var seeds = []string{
	"2018", "2018-06", "2018-06-30", "2018-24", "9999-24", "201X", "000X", "2018-XX", "2018-XX-XX", "2018-06-XX", "2018~", "2018-06?",
	"2018-06-30%", "[2018-01..2018-04]", "[2018-01,2018-03]", "[..2018]", "[2018..]", "[..2016,2018~..2019,2020..]",
	"2018/2019", "2018/..", "2018/", "../2018", "/2018", "[..2018]/[2019..]", "2020-02-29/2020-02", "0001/9999",
	"", "/", "June 2024", "2024/06/05", "2018\xff", "２０１８", strings.Repeat("2018,", 60),
}

func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := edtf.Parse(s)
		if err != nil {
			checkError(t, s, err)
			if d != (edtf.Date{}) {
				t.Errorf("%q is refused and gives %v", s, d)
			}
			return
		}
		if d.String() != s {
			t.Errorf("%q prints %q", s, d)
		}
		checkDate(t, d)
		i, err := edtf.ParseInterval(s)
		if err != nil {
			t.Fatalf("a date, but not an interval: %v", err)
		}
		if start, _ := i.Start().Date(); start != d || i.Start() != i.End() {
			t.Errorf("%s is the interval from %s to %s", d, i.Start(), i.End())
		}
	})
}

func FuzzParseInterval(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		i, err := edtf.ParseInterval(s)
		if err != nil {
			checkError(t, s, err)
			if i != (edtf.Interval{}) {
				t.Errorf("%q is refused and gives %v", s, i)
			}
			return
		}
		again, err := edtf.ParseInterval(i.String())
		if err != nil || again != i {
			t.Errorf("%q prints %q, which gives %v, %v", s, i, again, err)
		}
		made, err := edtf.NewInterval(i.Start(), i.End())
		if err != nil || made != i {
			t.Errorf("%q cannot be made of its ends: %v, %v", s, made, err)
		}
		for _, end := range []edtf.Endpoint{i.Start(), i.End()} {
			d, dated := end.Date()
			if dated {
				checkDate(t, d)
			}
			if kinds := count(dated, end.IsOpen(), end.IsUnknown()); kinds != 1 {
				t.Errorf("%q has an end %q of %d kinds", s, end, kinds)
			}
		}
		if !i.Overlaps(i) {
			t.Errorf("%q does not overlap itself", s)
		}
		earliest, hasEarliest := i.Earliest()
		latest, hasLatest := i.Latest()
		if hasEarliest && hasLatest && latest.Before(earliest) {
			t.Errorf("%q runs from %s to %s", s, earliest, latest)
		}
		if hasEarliest && (!i.MayContain(earliest) || i.MayContain(earliest.AddDate(0, 0, -1))) {
			t.Errorf("%q does not start on %s", s, earliest)
		}
		if hasLatest && (!i.MayContain(latest) || i.MayContain(latest.AddDate(0, 0, 1))) {
			t.Errorf("%q does not end on %s", s, latest)
		}
	})
}

// checkDate holds what is true of every date.
func checkDate(t *testing.T, d edtf.Date) {
	t.Helper()
	again, err := edtf.Parse(d.String())
	if err != nil || again != d || edtf.Compare(again, d) != 0 {
		t.Errorf("%q gives %v, %v", d, again, err)
	}
	earliest, hasEarliest := d.Earliest()
	latest, hasLatest := d.Latest()
	switch {
	case hasEarliest && (earliest.Year() < 1 || earliest.Year() > 9999), hasLatest && (latest.Year() < 1 || latest.Year() > 9999):
		t.Errorf("%q has bounds %s and %s, outside the years 0001 to 9999", d, earliest, latest)
	case hasEarliest && hasLatest && latest.Before(earliest):
		t.Errorf("%q has its earliest day %s after its latest, %s", d, earliest, latest)
	case d.Bounded() != (hasEarliest && hasLatest):
		t.Errorf("%q is bounded: %t", d, d.Bounded())
	case d.Precision() < edtf.Day || d.Precision() > edtf.Range || (d.Precision() == edtf.Range) != strings.HasPrefix(d.String(), "["):
		t.Errorf("%q has the precision %s", d, d.Precision())
	case d.Precision() == edtf.Day && earliest != latest:
		t.Errorf("%q is a day from %s to %s", d, earliest, latest)
	}
}

// checkError holds what is true of every error.
func checkError(t *testing.T, input string, err error) {
	t.Helper()
	var e *edtf.Error
	if !errors.As(err, &e) {
		t.Fatalf("%q is refused with %T", input, err)
	}
	if e.Input != input || e.Offset < 0 || e.Offset > len(input) || e.Reason == "" {
		t.Errorf("%q is refused with %+v", input, *e)
	}
	message := err.Error()
	misformatted := strings.Contains(message, "%!") && !strings.Contains(input, "%!")
	if strings.ContainsAny(message, "\n\r\x00") || len(message) > 2000 || misformatted {
		t.Errorf("%q is refused with %q", input, message)
	}
}

func count(conditions ...bool) (n int) {
	for _, c := range conditions {
		if c {
			n++
		}
	}
	return n
}
