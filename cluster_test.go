package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A cluster is what programs see of a cluster of Neo4j: addresses of members, one of which leads. All of them lead to the
// shared Neo4j, since the community edition has no clusters; but they tell who reads and who writes (the message ROUTE of the
// Bolt protocol), and those that do not lead refuse to write, as the members of a real one do.
type cluster struct {
	members []*boltProxy

	mu      sync.Mutex
	leader  int
	readers []int
}

// newCluster returns a cluster of three, of which the first leads and the others read.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{readers: []int{1, 2}}
	for i := range 3 {
		c.members = append(c.members, newBoltProxyThat(t, func(m message) []byte { return c.answer(i, m) }))
	}
	return c
}

// elect makes another member lead, and others read.
func (c *cluster) elect(leader int, readers ...int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leader, c.readers = leader, readers
}

// environment is that of a program that is told of one member.
func (c *cluster) environment(t *testing.T, member int) map[string]string {
	t.Helper()
	env := onShared(t)
	env["NEO4J_URI"] = "neo4j://" + c.members[member].address
	return env
}

// traffic is what each member was sent since it was called last.
func (c *cluster) traffic() (out []map[string]int) {
	for _, m := range c.members {
		out = append(out, m.traffic().Messages)
	}
	return out
}

// answer is a member's, where it is not Neo4j's.
func (c *cluster) answer(member int, m message) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	content := m.chunks[:len(m.chunks)-2]
	reads := bytes.Contains(content, []byte("\x84mode\x81r"))
	within := m.signature == runText && content[len(content)-1] == 0xa0 // a transaction: it has no mode of its own
	switch {
	case m.signature == route:
		return c.table()
	case (m.signature == begin || m.signature == runText && !within) && !reads && member != c.leader:
		return chunk(append([]byte{0xb1, failure}, packed(map[string]any{
			"code": "Neo.ClientError.Cluster.NotALeader", "message": "this member does not lead",
		})...)...)
	}
	return nil
}

// table is the answer to who reads and who writes.
func (c *cluster) table() []byte {
	servers := []any{}
	add := func(role string, members ...int) {
		addresses := []any{}
		for _, m := range members {
			addresses = append(addresses, c.members[m].address)
		}
		servers = append(servers, map[string]any{"role": role, "addresses": addresses})
	}
	add("ROUTE", 0, 1, 2)
	add("READ", c.readers...)
	add("WRITE", c.leader)
	return chunk(append([]byte{0xb1, success}, packed(map[string]any{
		"rt": map[string]any{"ttl": 300, "db": "neo4j", "servers": servers},
	})...)...)
}

// packed writes a value as the Bolt protocol does (PackStream): short maps and lists, texts and small numbers.
func packed(value any) []byte {
	switch v := value.(type) {
	case map[string]any:
		out := []byte{0xa0 + byte(len(v))}
		for key, value := range v {
			out = append(append(out, packed(key)...), packed(value)...)
		}
		return out
	case []any:
		out := []byte{0x90 + byte(len(v))}
		for _, item := range v {
			out = append(out, packed(item)...)
		}
		return out
	case string:
		return append([]byte{0xd0, byte(len(v))}, v...)
	case int:
		return []byte{0xc9, byte(v >> 8), byte(v)}
	}
	panic(fmt.Sprintf("%T cannot be packed", value))
}

// Reads go to the members that do not lead and changes to the one that does, whoever that is just now. What is wrong with one
// member costs at most the requests that it has.
func TestCluster(t *testing.T) {
	startSeeded(t)
	c := newCluster(t)
	env := c.environment(t, 0)
	p := start(t, env, "--no-seed")
	p.await(t, "Dossier is ready")
	const query = `{ claims(where: {status: {eq: RETRACTED}}) { totalCount } }`
	retracted := func(n int) string { return fmt.Sprintf(`{"data":{"claims":{"totalCount":%d}}}`, n) }
	read := func(t *testing.T, want int, header ...string) {
		t.Helper()
		if got := p.query(t, query, header...); got != retracted(want) {
			t.Errorf("it answers %s, want %s", got, retracted(want))
		}
	}
	retract := func(env map[string]string, claim string) (printed string, err error) {
		var out bytes.Buffer
		err = run(t.Context(), []string{"retract", claim, "--reason=misread", "--bookmark"}, func(name string) string { return env[name] }, &out, io.Discard)
		return out.String(), err
	}
	written := func(t *testing.T, leader int, claim string) (bookmark string) {
		t.Helper()
		c.traffic()
		printed, err := retract(env, claim)
		if err != nil {
			t.Fatal(err)
		}
		for i, seen := range c.traffic() {
			if (seen["COMMIT"] == 1) != (i == leader) || seen["COMMIT"] > 1 {
				t.Errorf("of a change member %d got %v, and %d leads", i, seen, leader)
			}
		}
		_, bookmark, _ = strings.Cut(strings.TrimSpace(printed), "Bookmark ")
		return bookmark
	}

	t.Run("who does not lead reads", func(t *testing.T) {
		read(t, 0)
		c.traffic()
		for range 20 {
			read(t, 0)
		}
		seen := c.traffic()
		if seen[0]["RUN"] != 0 || seen[1]["RUN"]+seen[2]["RUN"] != 20 {
			t.Errorf("of 20 reads the members got %v", seen)
		}
		if seen[0]["ROUTE"]+seen[1]["ROUTE"]+seen[2]["ROUTE"] != 0 {
			t.Errorf("they were asked again who reads: %v", seen)
		}
	})
	t.Run("who leads writes", func(t *testing.T) {
		read(t, 1, "X-Dossier-Bookmark", written(t, 0, "claim:musk-left-openai-over-control"))
	})
	t.Run("one that does not lead, by its own address", func(t *testing.T) {
		direct := c.environment(t, 1)
		direct["NEO4J_URI"] = strings.Replace(direct["NEO4J_URI"], "neo4j://", "bolt://", 1)
		const want = "This member of the cluster does not take changes: let NEO4J_URI begin with neo4j:// in place of bolt://, so that they find the one that does."
		if _, err := retract(direct, "claim:musk-co-founded-openai"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	})
	t.Run("another leads from now on", func(t *testing.T) {
		c.elect(1, 0, 2)
		read(t, 2, "X-Dossier-Bookmark", written(t, 1, "claim:musk-co-founded-openai"))
	})
	t.Run("one goes away", func(t *testing.T) {
		for _, i := range []int{0, 2} {
			c.members[i].close()
			for range 20 {
				read(t, 2)
			}
			c.members[i].open(t)
		}
	})
	t.Run("one is silent", func(t *testing.T) {
		q := start(t, env, "--no-seed", "--request-timeout=3s")
		q.await(t, "Dossier is ready")
		for _, i := range []int{0, 2} {
			_, release := c.members[i].hold()
			var lost int
			for range 10 {
				switch got := q.query(t, query); {
				case strings.Contains(got, `"code":"TIMEOUT"`):
					lost++
				case got != retracted(2):
					t.Errorf("it answers %s, want %s", got, retracted(2))
				}
			}
			release()
			if lost > 1 {
				t.Errorf("%d of 10 requests in a row got no answer", lost)
			}
		}
	})
	t.Run("nobody reads", func(t *testing.T) {
		c.elect(1)
		q := start(t, env, "--no-seed", "--request-timeout=1s")
		begun := time.Now()
		if got := q.query(t, query); !strings.Contains(got, `"code":"TIMEOUT"`) || time.Since(begun) > 5*time.Second {
			t.Errorf("after %s it answers %s", time.Since(begun), got)
		}
	})
}

// An encrypted address (+s) has to show a certificate that this machine trusts; +ssc takes any.
func TestEncrypted(t *testing.T) {
	certified := httptest.NewTLSServer(http.NotFoundHandler())
	defer certified.Close()
	startSeeded(t)
	c := newCluster(t)
	for _, m := range c.members {
		m.close()
		m.tls = &tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12}
		m.open(t)
	}
	env := c.environment(t, 0)
	at := func(scheme string) map[string]string {
		env := maps.Clone(env)
		env["NEO4J_URI"] = strings.Replace(env["NEO4J_URI"], "neo4j", scheme, 1)
		return env
	}
	for _, scheme := range []string{"neo4j+ssc", "bolt+ssc"} {
		p := start(t, at(scheme), "--no-seed")
		p.await(t, "Dossier is ready")
		p.wantData(t, `{ person(id: "elon-musk") { name } }`, `{"person":{"name":"Elon Musk"}}`)
	}
	p := start(t, at("neo4j+s"), "--no-seed")
	p.await(t, `Not ready yet: The database does not answer.*\(Neo4j at neo4j\+s://.*certificate signed by unknown authority\)`)
}
