package edtf_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"dossier/internal/edtf"
)

var update = flag.Bool("update", false, "write testdata/errors.txt anew")

// TestErrors holds the messages in testdata/errors.txt. A line "date" or "interval" with a quoted input asks for one; the
// indented lines below hold it.
func TestErrors(t *testing.T) {
	const file = "testdata/errors.txt"
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for n, line := range strings.Split(strings.TrimSuffix(string(golden), "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "\t"):
			continue // written anew
		case line == "" || strings.HasPrefix(line, "#"):
			fmt.Fprintln(&out, line)
			continue
		}
		what, quoted, _ := strings.Cut(line, " ")
		input, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%s:%d: %q: %v", file, n+1, quoted, err)
		}
		switch what {
		case "date":
			_, err = edtf.Parse(input)
		case "interval":
			_, err = edtf.ParseInterval(input)
		default:
			t.Fatalf("%s:%d: %q is neither date nor interval", file, n+1, what)
		}
		if err == nil {
			t.Fatalf("%s:%d: %s is accepted", file, n+1, line)
		}
		fmt.Fprintf(&out, "%s\n\t%s\n", line, err)
	}
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, got := strings.Split(string(golden), "\n"), strings.Split(out.String(), "\n")
	for n := range min(len(want), len(got)) {
		if want[n] != got[n] {
			t.Fatalf("%s:%d:\ngot  %s\nwant %s\n(go test -run TestErrors -update writes the file anew)", file, n+1, got[n], want[n])
		}
	}
	if len(want) != len(got) {
		t.Errorf("%s has %d lines, want %d", file, len(want), len(got))
	}
}

func TestErrorFields(t *testing.T) {
	_, err := edtf.Parse("2018-13")
	var e *edtf.Error
	if !errors.As(err, &e) {
		t.Fatalf("%T is not an *edtf.Error", err)
	}
	if e.Input != "2018-13" || e.Offset != 5 || e.Reason != "month 13 is not 01 to 12 or a season 21 to 24" {
		t.Errorf("got %+v", *e)
	}
}

func TestLongInput(t *testing.T) {
	set := "[2000" + strings.Repeat(",2000-01-01", 25) + "]"
	for _, input := range []string{set, strings.Repeat("€", 1<<20)} {
		_, err := edtf.Parse(input)
		if err == nil {
			t.Fatalf("%d bytes are accepted", len(input))
		}
		message := err.Error()
		if len(message) > 300 || !strings.Contains(message, `"... is not an EDTF date: it is longer than 256 bytes`) ||
			strings.Contains(message, `\x`) {
			t.Errorf("got %s", message)
		}
	}
	longest := "[2000-01-01"
	for day := 2; len(longest)+len(",2000-01-01]") <= 256; day++ {
		longest += fmt.Sprintf(",2000-01-%02d", day)
	}
	if _, err := edtf.Parse(longest + "]"); err != nil {
		t.Error(err)
	}
}
