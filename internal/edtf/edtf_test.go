package edtf_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dossier/internal/edtf"
)

func TestParse(t *testing.T) {
	const none = "" // no bound
	tests := []struct {
		in               string
		earliest, latest string
		precision        string
		marks            string
	}{
		{"2018-06-30", "2018-06-30", "2018-06-30", "DAY", ""},
		{"2020-02-29", "2020-02-29", "2020-02-29", "DAY", ""},
		{"0001-01-01", "0001-01-01", "0001-01-01", "DAY", ""},
		{"9999-12-31", "9999-12-31", "9999-12-31", "DAY", ""},
		{"2018-06", "2018-06-01", "2018-06-30", "MONTH", ""},
		{"1900-02", "1900-02-01", "1900-02-28", "MONTH", ""},
		{"2000-02", "2000-02-01", "2000-02-29", "MONTH", ""},
		{"9999-12", "9999-12-01", "9999-12-31", "MONTH", ""},
		{"2018-06-XX", "2018-06-01", "2018-06-30", "MONTH", ""},
		{"2018-21", "2018-03-01", "2018-05-31", "SEASON", ""},
		{"2018-22", "2018-06-01", "2018-08-31", "SEASON", ""},
		{"2018-23", "2018-09-01", "2018-11-30", "SEASON", ""},
		{"2018-24", "2018-12-01", "2019-02-28", "SEASON", ""},
		{"2019-24", "2019-12-01", "2020-02-29", "SEASON", ""},
		{"2018", "2018-01-01", "2018-12-31", "YEAR", ""},
		{"2018-XX", "2018-01-01", "2018-12-31", "YEAR", ""},
		{"2018-XX-XX", "2018-01-01", "2018-12-31", "YEAR", ""},
		{"201X", "2010-01-01", "2019-12-31", "DECADE", ""},
		{"999X", "9990-01-01", "9999-12-31", "DECADE", ""},
		{"2018~", "2018-01-01", "2018-12-31", "YEAR", "approximate"},
		{"2018-06?", "2018-06-01", "2018-06-30", "MONTH", "uncertain"},
		{"2018-06-30%", "2018-06-30", "2018-06-30", "DAY", "approximate uncertain"},
		{"201X~", "2010-01-01", "2019-12-31", "DECADE", "approximate"},
		{"[2018-01..2018-04]", "2018-01-01", "2018-04-30", "RANGE", ""},
		{"[2018-01,2018-03]", "2018-01-01", "2018-03-31", "RANGE", ""},
		{"[2018-01..2018-03,2018-05-09,2019]", "2018-01-01", "2019-12-31", "RANGE", ""},
		{"[2018-21..2018-24]", "2018-03-01", "2019-02-28", "RANGE", ""},
		{"[..2018]", none, "2018-12-31", "RANGE", ""},
		{"[2018..]", "2018-01-01", none, "RANGE", ""},
		{"[..2016,2018-06..]", none, none, "RANGE", ""},
		{"[2018~,2019?]", "2018-01-01", "2019-12-31", "RANGE", "approximate uncertain"},
		{"[2018..2019~]", "2018-01-01", "2019-12-31", "RANGE", "approximate"},
		{"[2018..2019?]", "2018-01-01", "2019-12-31", "RANGE", "uncertain"},
		{"[..2018?]", none, "2018-12-31", "RANGE", "uncertain"},
	}
	for _, test := range tests {
		t.Run(test.in, func(t *testing.T) {
			d, err := edtf.Parse(test.in)
			if err != nil {
				t.Fatal(err)
			}
			if d.String() != test.in {
				t.Errorf("prints %q", d)
			}
			if got := text(d.Earliest()); got != test.earliest {
				t.Errorf("earliest %q, want %q", got, test.earliest)
			}
			if got := text(d.Latest()); got != test.latest {
				t.Errorf("latest %q, want %q", got, test.latest)
			}
			if got, want := d.Bounded(), test.earliest != none && test.latest != none; got != want {
				t.Errorf("bounded %t, want %t", got, want)
			}
			if got := d.Precision().String(); got != test.precision {
				t.Errorf("precision %s, want %s", got, test.precision)
			}
			var marks []string
			if d.Approximate() {
				marks = append(marks, "approximate")
			}
			if d.Uncertain() {
				marks = append(marks, "uncertain")
			}
			if got := strings.Join(marks, " "); got != test.marks {
				t.Errorf("marked %q, want %q", got, test.marks)
			}
		})
	}
}

func TestZeroDate(t *testing.T) {
	var d edtf.Date
	_, hasEarliest := d.Earliest()
	_, hasLatest := d.Latest()
	if hasEarliest || hasLatest || d.Bounded() {
		t.Error("the zero Date has bounds")
	}
	if d.String() != "" || d.Precision().String() != "" {
		t.Errorf("the zero Date prints %q with precision %q", d, d.Precision())
	}
}

// Bounds are compared and handed to the database as they come, so they are midnight UTC and compare with ==.
func TestBoundsAreMidnightUTC(t *testing.T) {
	earliest, _ := mustParse(t, "2018-06").Earliest()
	if want := time.Date(2018, time.June, 1, 0, 0, 0, 0, time.UTC); earliest != want {
		t.Errorf("got %#v, want %#v", earliest, want)
	}
}

func TestCompare(t *testing.T) {
	ordered := []string{
		"[..2018-01]", "[..2018]", "[..2016,2018..]",
		"0001", "201X",
		"2018-01-01", "2018-01", "2018-01?", "[2018-01..2018-04]", "2018", "2018-XX", "2018?", "2018~", "[2018..2019]", "[2018..]",
		"2018-01-02", "2018-02", "2018-21", "9999",
	}
	dates := make([]edtf.Date, len(ordered))
	for i, s := range ordered {
		dates[i] = mustParse(t, s)
	}
	slices.Reverse(dates)
	slices.SortFunc(dates, edtf.Compare)
	for i, d := range dates {
		if d.String() != ordered[i] {
			t.Fatalf("sorted %v,\n  want %v", dates, ordered)
		}
	}
}

func mustParse(t *testing.T, s string) edtf.Date {
	t.Helper()
	d, err := edtf.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// text prints a bound; the lack of one is the empty string.
func text(day time.Time, ok bool) string {
	if !ok {
		return ""
	}
	return day.Format(time.DateOnly)
}

func BenchmarkParse(b *testing.B) {
	for _, s := range []string{"2018", "2018-06-30~", "[2018-01..2018-04]", "[2018-01,2018-03-05,2018-07..2018-09]"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := edtf.Parse(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	got := testing.AllocsPerRun(100, func() {
		_, dateErr := edtf.Parse("[2018-01,2018-03-05~,2018-07..2018-09]")
		_, intervalErr := edtf.ParseInterval("2018-01-05/[2018-07..2018-09]")
		if dateErr != nil || intervalErr != nil {
			t.Fatal(dateErr, intervalErr)
		}
	})
	if got != 0 {
		t.Errorf("%v allocations", got)
	}
}
