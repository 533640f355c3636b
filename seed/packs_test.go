package seed_test

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dossier/graph"
	"dossier/internal/edtf"
	"dossier/seed"
)

// documents returns the folder of the shared documents, or skips the test in a clone that has none.
func documents(t *testing.T) fs.FS {
	t.Helper()
	if dir := os.Getenv("DOSSIER_DOCUMENTS"); dir != "" {
		return os.DirFS(dir) // a folder that is named must be there
	}
	const shared = "../../shared/documents"
	if _, err := os.Stat(shared); err != nil {
		t.Skipf("the documents are not at hand: set DOSSIER_DOCUMENTS to their folder, or put it at %s", shared)
	}
	return os.DirFS(shared)
}

func readPack(t *testing.T, name string, docs fs.FS) graph.Batch {
	t.Helper()
	chosen, err := seed.Choose(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := seed.Read(chosen[0].Files, ontology(t), docs)
	if err != nil {
		t.Fatalf("pack %s:\n%v", name, err)
	}
	return b
}

// Reading with the document's text verifies its hash and that of every passage.
func TestRivalryPackAgainstTheDocument(t *testing.T) {
	docs := documents(t)
	b := readPack(t, "musk-altman-rivalry", docs)
	checkExact(t, b)
	text, err := fs.ReadFile(docs, "musk-altman-rivalry.txt")
	if err != nil {
		t.Fatal(err)
	}
	checkOwnWords(t, b, string(text))
}

func TestPublicRecordPackAgainstItsText(t *testing.T) {
	checkExact(t, readPack(t, "public-record", nil))
}

// checkExact holds that every passage has its words, and that a date stands in the words it was taken from.
func checkExact(t *testing.T, b graph.Batch) {
	t.Helper()
	about := map[string]string{} // entity id to all passages about it
	for _, c := range b.Claims {
		words := ""
		for _, p := range c.Passages {
			if p.Exact == "" {
				t.Errorf("%s: passage %d to %d has no words", c.ID, p.Start, p.End)
			}
			words += p.Exact + "\n"
		}
		for _, d := range dates(c) {
			checkDated(t, c.ID, d, words)
		}
		for _, id := range mentioned(c) {
			about[id] += words
		}
	}
	for _, e := range b.Entities {
		if d, ok := e.Properties["date"].(graph.PartialDate); ok {
			checkDated(t, e.ID, d, about[e.ID])
		}
	}
}

// checkDated holds that a date's year, month and day stand in the text, or the source's own words for it.
func checkDated(t *testing.T, what string, d graph.PartialDate, words string) {
	t.Helper()
	if d.EDTF == "" {
		return
	}
	if d.Text != "" && strings.Contains(words, d.Text) {
		return
	}
	date, err := edtf.Parse(d.EDTF)
	if err != nil {
		t.Fatal(err)
	}
	day, _ := date.Earliest()
	layouts := map[edtf.Precision][]string{
		edtf.Day: {"January 2, 2006", "2 January 2006"}, edtf.Month: {"January 2006"}, edtf.Year: {"2006"},
	}[date.Precision()]
	said := slices.ContainsFunc(layouts, func(l string) bool { return strings.Contains(words, day.Format(l)) })
	if date.Precision() == edtf.Month {
		said = said || regexp.MustCompile(`\b\d\d? `+day.Format("January 2006")).MatchString(words)
	}
	if !said {
		t.Errorf("%s is dated %s, which none of its passages says:\n%s", what, d.EDTF, words)
	}
}

func dates(c graph.Claim) []graph.PartialDate {
	all := []graph.PartialDate{c.MadeOn}
	if c.Asserts != nil {
		all = append(all, c.Asserts.ValidFrom, c.Asserts.ValidTo)
	}
	return all
}

func mentioned(c graph.Claim) []string {
	ids := slices.Concat(c.AttributedTo, c.About)
	if c.Asserts != nil {
		ids = append(ids, c.Asserts.Source, c.Asserts.Target)
	}
	return ids
}

// checkOwnWords holds that nothing in a pack repeats six words of the document in a row.
func checkOwnWords(t *testing.T, b graph.Batch, text string) {
	t.Helper()
	const most = 6
	word := regexp.MustCompile(`[\p{L}\p{N}-]+`)
	runs := func(s string) (out []string) {
		words := word.FindAllString(strings.ToLower(s), -1)
		for i := 0; i+most <= len(words); i++ {
			out = append(out, strings.Join(words[i:i+most], " "))
		}
		return out
	}
	copied := map[string]bool{}
	for _, run := range runs(text) {
		copied[run] = true
	}
	check := func(what, s string) {
		for _, run := range runs(s) {
			if copied[run] {
				t.Errorf("%s copies the document: %q", what, run)
			}
		}
	}
	for _, e := range b.Entities {
		check(e.ID, e.Name)
		check(e.ID, e.Description)
	}
	for _, c := range b.Claims {
		check(c.ID, c.Statement)
		if c.Asserts != nil {
			for name, v := range c.Asserts.Properties {
				check(c.ID+" "+name, fmt.Sprint(v))
			}
		}
	}
}

func TestPacksAreWhole(t *testing.T) {
	for _, p := range seed.Packs() {
		t.Run(p.Name, func(t *testing.T) {
			b := readPack(t, p.Name, nil)
			if len(b.Documents) != 1 {
				t.Errorf("%d documents, want 1", len(b.Documents))
			}
			used, disputes := map[string]bool{}, map[string]bool{}
			for _, c := range b.Claims {
				for _, id := range mentioned(c) {
					used[id] = true
				}
				for _, other := range c.Disputes {
					disputes[c.ID+" disputes "+other] = true
				}
			}
			for _, e := range b.Entities {
				if !used[e.ID] {
					t.Errorf("no claim speaks of %s", e.ID)
				}
			}
			for _, c := range b.Claims {
				if len(c.Passages) == 0 {
					t.Errorf("%s has no passage", c.ID)
				}
				for _, other := range c.Disputes {
					if !disputes[other+" disputes "+c.ID] {
						t.Errorf("%s disputes %s, but not the other way round", c.ID, other)
					}
				}
			}
		})
	}
}

// What the document says, as relationships: "?" marks what is only alleged.
func TestRivalryPackRelationships(t *testing.T) {
	want := `
elon-musk CO_FOUNDED openai
greg-brockman CO_FOUNDED openai
ilya-sutskever CO_FOUNDED openai
sam-altman CO_FOUNDED openai
xai COMPETES_WITH openai
grok-4-launch CONCERNS grok-4
musk-case-withdrawal CONCERNS openai
musk-court-filings CONCERNS openai
openai-correspondence-release CONCERNS elon-musk
openai-for-profit-transition CONCERNS openai
openai-structure-talks CONCERNS openai
openai-structure-talks CONCERNS tesla ?
xai DEVELOPED grok-1
elon-musk FOUNDED xai
greg-brockman HOLDS_ROLE openai title=CTO
ilya-sutskever HOLDS_ROLE openai title=research director
xai INTEGRATED_WITH x purpose=realtime data
elon-musk LEFT openai
elon-musk LEFT openai reason=in part that he failed to gain more control ?
openai PARTNERED_WITH microsoft nature=cloud
elon-musk PARTICIPATED_IN grok-4-launch capacity=on the livestream
elon-musk PARTICIPATED_IN musk-altman-falling-out
elon-musk PARTICIPATED_IN musk-court-filings capacity=author
elon-musk PARTICIPATED_IN openai-structure-talks capacity=in favour of tying OpenAI to Tesla ?
openai PARTICIPATED_IN openai-correspondence-release capacity=publisher
sam-altman PARTICIPATED_IN musk-altman-falling-out
xai PARTICIPATED_IN grok-4-launch capacity=host
elon-musk RIVAL_OF sam-altman
elon-musk RIVAL_OF sam-altman
elon-musk SUED openai outcome=withdrawn until 2024-06
`
	var got []string
	for _, c := range readPack(t, "musk-altman-rivalry", nil).Claims {
		if a := c.Asserts; a != nil {
			line := strings.Join([]string{a.Source, a.Kind, a.Target}, " ")
			for name, v := range a.Properties {
				line += fmt.Sprintf(" %s=%v", name, v)
			}
			if a.ValidFrom.EDTF != "" {
				line += " from " + a.ValidFrom.EDTF
			}
			if a.ValidTo.EDTF != "" {
				line += " until " + a.ValidTo.EDTF
			}
			if c.Alleged {
				line += " ?"
			}
			got = append(got, line)
		}
	}
	lines := strings.Split(strings.TrimSpace(want), "\n")
	slices.Sort(lines)
	slices.Sort(got)
	if diff := cmp.Diff(lines, got); diff != "" {
		t.Errorf("relationships (-want +got):\n%s", diff)
	}
}

func TestRivalryPackDates(t *testing.T) {
	b := readPack(t, "musk-altman-rivalry", nil)
	got := map[string]string{}
	for _, e := range b.Entities {
		if d, ok := e.Properties["date"].(graph.PartialDate); ok {
			got[e.ID] = strings.TrimSpace(d.EDTF + " " + d.Text)
		}
	}
	for _, c := range b.Claims {
		for i, d := range dates(c) {
			if d.EDTF != "" {
				got[c.ID+[]string{" made", " from", " to"}[i]] = strings.TrimSpace(d.EDTF + " " + d.Text)
			}
		}
	}
	want := map[string]string{
		"openai-structure-talks":                   "[2018-01..2018-04] early 2018",
		"openai-correspondence-release":            "2024-03-05",
		"musk-case-withdrawal":                     "2024-06",
		"claim:tesla-should-fund-openai made":      "[2018-01..2018-04] early 2018",
		"claim:musk-wanted-more-control made":      "2024-03-05",
		"claim:musk-left-openai-over-control made": "2024-03-05",
		"claim:musk-sued-openai to":                "2024-06",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dates (-want +got):\n%s", diff)
	}
}

// What Musk says and what OpenAI says stands side by side, each disputing the other.
func TestRivalryPackDisputes(t *testing.T) {
	b := readPack(t, "musk-altman-rivalry", nil)
	claims := map[string]graph.Claim{}
	for _, c := range b.Claims {
		claims[c.ID] = c
	}
	var got []string
	for _, c := range b.Claims {
		if slices.Equal(c.AttributedTo, []string{"elon-musk"}) {
			line := strings.TrimPrefix(c.ID, "claim:") + " <>"
			for _, id := range c.Disputes {
				line += fmt.Sprintf(" %s (%s)", strings.TrimPrefix(id, "claim:"), strings.Join(claims[id].AttributedTo, " "))
			}
			got = append(got, line)
		}
	}
	slices.Sort(got)
	want := []string{
		"grok-imagine-made-for-fun <>",
		"openai-should-keep-its-principles <> musk-wants-personal-control (openai) musk-wanted-more-control (openai) musk-endorsed-attaching-openai-to-tesla (openai)",
		"openai-too-close-to-microsoft <>",
		"openai-veered-from-founding-principles <> musk-left-openai-over-control (openai)",
		"tesla-should-fund-openai <> openai-rejected-full-control (openai)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Musk's claims (-want +got):\n%s", diff)
	}
}

func TestChoose(t *testing.T) {
	chosen, err := seed.Choose("public-record", "public-record")
	if err != nil || len(chosen) != 1 || chosen[0].Default {
		t.Errorf("Choose = %v, %v, want public-record once, which is no default", chosen, err)
	}
	t.Chdir(t.TempDir())
	if err := os.Mkdir("public-record", 0o700); err != nil {
		t.Fatal(err)
	}
	if chosen, err = seed.Choose("public-record", "./public-record", "public-record/"); err != nil || len(chosen) != 2 || chosen[1].Name != "./public-record" {
		t.Errorf("Choose = %v, %v, want the pack and the folder of its name", chosen, err)
	}
	_, err = seed.Choose("public-records")
	if want := `there is no pack "public-records": there are musk-altman-rivalry, public-record, and your own, of which give the folder`; err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
}
