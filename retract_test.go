package main

import (
	"bytes"
	"io"
	"os/user"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"dossier/internal/neo4jtest"
)

// Claims are retracted and withdrawn on the command line; the audit trail knows who loaded, retracted and withdrew them.
func TestRetractAndWithdraw(t *testing.T) {
	p := startSeeded(t)
	const left = `{ person(id: "elon-musk") { left { nodes { reason } } } }`
	p.wantData(t, left, `{"person":{"left":{"nodes":[{"reason":"in part that he failed to gain more control"}]}}}`)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	asEve := onShared(t)
	asEve["DOSSIER_ACTOR"] = "eve"
	for _, c := range []struct {
		env    map[string]string
		args   []string
		prints string
		fails  string
	}{
		{nil, []string{"retract", "claim:musk-left-openai-over-control"}, "", "missing flags: --reason=STRING (dossier --help lists commands and flags)"},
		{nil, []string{"retract", "claim:nobody-left", "--reason", "misread"}, "", "claim:nobody-left: there is no claim with this id"},
		{nil, []string{"withdraw", "claim:musk-co-founded-openai", "--reason", "taken back", "--actor", "bob"}, "Withdrew claim:musk-co-founded-openai.\n", ""},
		{asEve, []string{"retract", "claim:musk-left-openai-over-control", "--reason", "misread"}, "Retracted claim:musk-left-openai-over-control.\n", ""},
		{nil, []string{"retract", "claim:musk-co-founded-openai", "--reason", "misread"}, "Retracted claim:musk-co-founded-openai.\n", ""},
		{nil, []string{"retract", "claim:musk-left-openai-over-control", "--reason", "again"}, "", `claim:musk-left-openai-over-control: it is retracted already: "misread"`},
	} {
		env := c.env
		if env == nil {
			env = onShared(t)
		}
		var out bytes.Buffer
		err := run(t.Context(), c.args, func(name string) string { return env[name] }, &out, io.Discard)
		if c.fails != "" {
			wantError(t, err, c.fails)
		} else if err != nil {
			t.Errorf("%v: %v", c.args, err)
		}
		if out.String() != c.prints {
			t.Errorf("%v prints %q, want %q", c.args, &out, c.prints)
		}
	}
	p.wantData(t, left, `{"person":{"left":{"nodes":[{"reason":null}]}}}`)
	found, err := neo4j.ExecuteQuery(t.Context(), neo4jtest.Driver(t),
		"MATCH (c:Change) RETURN c.actor, c.operation, count(*), max(c.id) ORDER BY max(c.id)", nil, neo4j.EagerResultTransformer)
	if err != nil {
		t.Fatal(err)
	}
	var got [][2]any
	for _, r := range found.Records {
		got = append(got, [2]any{r.Values[0], r.Values[1]})
	}
	want := [][2]any{
		{"dossier", "RECORD_DOCUMENT"}, {"dossier", "RECORD_ENTITY"}, {"dossier", "RECORD_CLAIM"},
		{"bob", "WITHDRAW_CLAIM"}, {"eve", "RETRACT_CLAIM"}, {me.Username, "RETRACT_CLAIM"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the audit trail (-want +got):\n%s", diff)
	}
}
