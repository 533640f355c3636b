package edtf_test

import (
	"strings"
	"testing"
	"time"

	"dossier/internal/edtf"
)

func TestParseInterval(t *testing.T) {
	const none = "" // no bound
	tests := []struct {
		in               string
		start, end       string // as described below
		earliest, latest string
	}{
		{"2018/2019", "2018", "2019", "2018-01-01", "2019-12-31"},
		{"2018-06-30/2019-21~", "2018-06-30", "2019-21~", "2018-06-30", "2019-05-31"},
		{"2018-06/2018", "2018-06", "2018", "2018-06-01", "2018-12-31"},
		{"2018/..", "2018", "open", "2018-01-01", none},
		{"2018/", "2018", "unknown", "2018-01-01", none},
		{"../2018", "open", "2018", none, "2018-12-31"},
		{"/2018", "unknown", "2018", none, "2018-12-31"},
		{"[2018-01..2018-04]/2019", "[2018-01..2018-04]", "2019", "2018-01-01", "2019-12-31"},
		{"[..2018]/2019", "[..2018]", "2019", none, "2019-12-31"},
		{"2018", "2018", "2018", "2018-01-01", "2018-12-31"},
		{"2018-06-30?", "2018-06-30?", "2018-06-30?", "2018-06-30", "2018-06-30"},
		{"[2018,2020]", "[2018,2020]", "[2018,2020]", "2018-01-01", "2020-12-31"},
	}
	for _, test := range tests {
		t.Run(test.in, func(t *testing.T) {
			i := mustParseInterval(t, test.in)
			if i.String() != test.in {
				t.Errorf("prints %q", i)
			}
			if got := describe(i.Start()); got != test.start {
				t.Errorf("start %s, want %s", got, test.start)
			}
			if got := describe(i.End()); got != test.end {
				t.Errorf("end %s, want %s", got, test.end)
			}
			if got := text(i.Earliest()); got != test.earliest {
				t.Errorf("earliest %q, want %q", got, test.earliest)
			}
			if got := text(i.Latest()); got != test.latest {
				t.Errorf("latest %q, want %q", got, test.latest)
			}
		})
	}
}

func TestIntervalOfOneDatePrintsAsTheDate(t *testing.T) {
	if i := mustParseInterval(t, "2018/2018"); i != mustParseInterval(t, "2018") || i.String() != "2018" {
		t.Errorf("2018/2018 is %s, not the same as 2018", i)
	}
}

func TestNewInterval(t *testing.T) {
	y2018, y2019 := edtf.Known(mustParse(t, "2018")), edtf.Known(mustParse(t, "2019"))
	i, err := edtf.NewInterval(y2018, y2019)
	if err != nil {
		t.Fatal(err)
	}
	if i != mustParseInterval(t, "2018/2019") {
		t.Errorf("made %s", i)
	}
	if edtf.Known(edtf.Date{}) != (edtf.Endpoint{}) {
		t.Error("an endpoint of no date is not the unknown one")
	}

	_, err = edtf.NewInterval(y2019, y2018)
	const want = `"2019/2018" is not an EDTF date or interval: the end 2018 is before the start 2019 (at character 6); ` +
		`write for example 2018, 2018-06-30, [2018-01..2018-04], 2018/2019-06 or 2018/..`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err := edtf.NewInterval(edtf.Open(), edtf.Endpoint{}); err == nil {
		t.Error("an interval without a date was made")
	}
}

func TestIntervalContains(t *testing.T) {
	tests := []struct {
		interval, day string
		want          string // no, may or must
	}{
		{"2018/2019", "2017-12-31", "no"},
		{"2018/2019", "2018-06-30", "may"},
		{"2018/2019", "2018-12-31", "must"},
		{"2018/2019", "2019-01-01", "must"},
		{"2018/2019", "2019-01-02", "may"},
		{"2018/2019", "2020-01-01", "no"},
		{"2018/2020", "2019-06-30", "must"},
		{"2018/..", "9999-12-31", "must"},
		{"2018/", "9999-12-31", "may"},
		{"2018/", "2018-12-31", "may"},
		{"2018-06-30/", "2018-06-30", "must"},
		{"../2018", "0001-01-01", "must"},
		{"/2018", "0001-01-01", "may"},
		{"/2018-06-30", "2018-06-30", "must"},
		{"2018", "2018-06-30", "may"},
		{"2018-06-30", "2018-06-30", "must"},
		{"[2018-01,2018-03]", "2018-02-15", "may"},
		{"[..2018]/2019", "1500-01-01", "may"},
		{"[..2018]/2019", "2018-12-31", "must"},
		{"2018-06-30/2018", "2018-06-30", "must"},
	}
	for _, test := range tests {
		i := mustParseInterval(t, test.interval)
		day, err := time.Parse(time.DateOnly, test.day)
		if err != nil {
			t.Fatal(err)
		}
		got := "no"
		if i.MayContain(day) {
			got = "may"
		}
		if i.MustContain(day) {
			if got != "may" {
				t.Errorf("%s must but may not contain %s", i, test.day)
			}
			got = "must"
		}
		if got != test.want {
			t.Errorf("%s, %s: %s, want %s", i, test.day, got, test.want)
		}
	}
}

// The day of a time is the one on the calendar where the time is told.
func TestContainsTakesTheLocalDay(t *testing.T) {
	late := time.Date(2018, time.June, 30, 23, 0, 0, 0, time.FixedZone("", -5*60*60))
	if !mustParseInterval(t, "2018-06-30").MustContain(late) {
		t.Errorf("2018-06-30 does not contain %s", late)
	}
	for _, year := range []int{-1 << 40, 0, 10000, 1 << 40} {
		far := time.Date(year, time.June, 30, 0, 0, 0, 0, time.UTC)
		if mustParseInterval(t, "0001/9999").MayContain(far) {
			t.Errorf("0001/9999 may contain the year %d", year)
		}
	}
}

func TestOverlaps(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"2018/2019", "2019/2020", true},
		{"2018/2019", "2020/2021", false},
		{"2018-06-30", "2018", true},
		{"2018-06-30", "2018-07", false},
		{"2018/..", "9999", true},
		{"2018/..", "2017", false},
		{"/2018", "0001", true},
		{"../2018", "2019/", false},
		{"2018/", "../2018", true},
		{"[..2018]", "2019", false},
	}
	for _, test := range tests {
		a, b := mustParseInterval(t, test.a), mustParseInterval(t, test.b)
		if a.Overlaps(b) != test.want || b.Overlaps(a) != test.want {
			t.Errorf("%s and %s: %t and %t, want %t", a, b, a.Overlaps(b), b.Overlaps(a), test.want)
		}
	}
}

func mustParseInterval(t *testing.T, s string) edtf.Interval {
	t.Helper()
	i, err := edtf.ParseInterval(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// describe names what an endpoint says of itself.
func describe(e edtf.Endpoint) string {
	var says []string
	if d, ok := e.Date(); ok {
		says = append(says, d.String())
	}
	if e.IsOpen() {
		says = append(says, "open")
	}
	if e.IsUnknown() {
		says = append(says, "unknown")
	}
	return strings.Join(says, " and ")
}

func BenchmarkParseInterval(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := edtf.ParseInterval("2018-01-05/2019-06"); err != nil {
			b.Fatal(err)
		}
	}
}
