package main

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"dossier/internal/neo4jtest"
)

// A boltProxy is an address at which Neo4j answers while the proxy is open. It reads along: which messages of the
// Bolt protocol (https://neo4j.com/docs/bolt/current/) clients send, and in how many round trips.
type boltProxy struct {
	address, target string
	// instead answers a message in Neo4j's place, or leaves it to Neo4j with nil. After a failure, what a client has sent in
	// one go with it is ignored, as Neo4j does until a RESET.
	instead func(m message) (answer []byte)
	tls     *tls.Config // of the address, if it is encrypted

	running sync.WaitGroup
	answers sync.RWMutex // locked while answers are held back

	mu          sync.Mutex
	listener    net.Listener // nil when closed
	connections map[net.Conn]bool
	seen        traffic
	asked       chan struct{} // closed at the next RUN; nil when nobody waits for one
}

// traffic is what clients sent: messages by name, and how often they waited for the answer before they sent more.
type traffic struct {
	Messages   map[string]int
	RoundTrips int
}

// neo4jAddress is where the shared Neo4j listens: host and port.
func neo4jAddress(t *testing.T) string {
	t.Helper()
	return strings.TrimPrefix(neo4jtest.Server(t).BoltURI, "bolt://")
}

// newBoltProxy returns a proxy to the shared Neo4j, open.
func newBoltProxy(t *testing.T) *boltProxy {
	t.Helper()
	return newBoltProxyThat(t, func(message) []byte { return nil })
}

// newBoltProxyThat returns a proxy that answers some messages instead of Neo4j.
func newBoltProxyThat(t *testing.T, instead func(m message) (answer []byte)) *boltProxy {
	t.Helper()
	p := &boltProxy{
		target: neo4jAddress(t), address: "127.0.0.1:0", instead: instead,
		connections: map[net.Conn]bool{}, seen: traffic{Messages: map[string]int{}},
	}
	p.open(t)
	t.Cleanup(p.close)
	return p
}

// open lets clients in.
func (p *boltProxy) open(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	if p.tls != nil {
		listener = tls.NewListener(listener, p.tls)
	}
	p.mu.Lock()
	p.listener, p.address = listener, listener.Addr().String()
	p.mu.Unlock()
	p.running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.running.Go(func() { p.serve(client) })
		}
	})
}

// close refuses clients from now on and ends the connections that there are.
func (p *boltProxy) close() {
	p.mu.Lock()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	for c := range p.connections {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.running.Wait()
}

// traffic returns what was sent since it was called last.
func (p *boltProxy) traffic() traffic {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := p.seen
	p.seen = traffic{Messages: map[string]int{}}
	return seen
}

// connected says how many connections clients have.
func (p *boltProxy) connected() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.connections) / 2
}

// hold holds all answers back until release is called. The channel is closed when a client has sent a statement.
func (p *boltProxy) hold() (asked <-chan struct{}, release func()) {
	p.answers.Lock()
	c := make(chan struct{})
	p.mu.Lock()
	p.asked = c
	p.mu.Unlock()
	return c, sync.OnceFunc(p.answers.Unlock)
}

// serve passes a connection on, in both directions, until one side ends it.
func (p *boltProxy) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	p.mu.Lock()
	if p.listener == nil {
		p.mu.Unlock()
		return
	}
	p.connections[client], p.connections[server] = true, true
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.connections, client)
		delete(p.connections, server)
		p.mu.Unlock()
	}()
	if err := shakeHands(client, server); err != nil {
		return
	}
	unanswered := 0 // under p.mu
	var back sync.WaitGroup
	back.Go(func() {
		pass(client, server, func(m message) bool {
			p.answers.RLock()
			defer p.answers.RUnlock()
			p.mu.Lock()
			defer p.mu.Unlock()
			if s := m.signature; s == success || s == failure || s == ignored {
				unanswered--
			}
			return true
		})
		_ = client.Close()
	})
	failed := false
	pass(server, client, func(m message) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.seen.Messages[messageName(m.signature)]++
		if m.signature == runText && p.asked != nil {
			close(p.asked)
			p.asked = nil
		}
		if m.signature == goodbye {
			return true
		}
		if unanswered == 0 {
			p.seen.RoundTrips++
		}
		answer := p.instead(m)
		switch {
		case m.signature == reset:
			failed = false
		case failed:
			answer = chunk(0xb0, ignored)
		}
		if answer == nil {
			unanswered++
			return true
		}
		failed = failed || answer[3] == failure
		_, err := client.Write(answer)
		return err != nil // the connection is gone, as Neo4j will see
	})
	_ = server.Close()
	back.Wait()
}

// shakeHands passes on what comes before the messages: the versions that both sides speak. With manifest version 1,
// the server lists its own, and the client chooses.
func shakeHands(client, server net.Conn) error {
	if _, err := io.CopyN(server, client, 20); err != nil {
		return err
	}
	var answer bytes.Buffer
	if _, err := io.CopyN(io.MultiWriter(client, &answer), server, 4); err != nil {
		return err
	}
	if !bytes.Equal(answer.Bytes(), []byte{0, 0, 1, 0xff}) {
		return nil
	}
	versions, err := passVarint(client, server)
	if err != nil {
		return err
	}
	if _, err := io.CopyN(client, server, int64(4*versions)); err != nil {
		return err
	}
	if _, err := passVarint(client, server); err != nil {
		return err
	}
	if _, err := io.CopyN(server, client, 4); err != nil {
		return err
	}
	_, err = passVarint(server, client)
	return err
}

type byteReader struct{ io.Reader }

func (r byteReader) ReadByte() (byte, error) {
	var b [1]byte
	_, err := io.ReadFull(r, b[:])
	return b[0], err
}

func passVarint(to io.Writer, from io.Reader) (uint64, error) {
	return binary.ReadUvarint(byteReader{io.TeeReader(from, to)})
}

// pass hands on messages until one side ends, those for which it is told to. It tells of a message before it is handed on, so
// an answer never comes before its request; what is sent at once is read at once, and sent at once.
func pass(to io.Writer, from io.Reader, handOn func(m message) bool) {
	buffer := make([]byte, 1<<20)
	var unparsed []byte
	for {
		n, err := from.Read(buffer)
		var messages []message
		messages, unparsed = parseMessages(append(unparsed, buffer[:n]...))
		var out []byte
		for _, m := range messages {
			if handOn(m) {
				out = append(out, m.chunks...)
			}
		}
		if _, failed := to.Write(out); failed != nil || err != nil {
			return
		}
	}
}

// A message is what one side of a connection sends: its kind, and all of it as it is sent.
type message struct {
	signature byte
	chunks    []byte
}

// parseMessages returns the complete messages, and what follows them. A message is a row of chunks, each with its length in two
// bytes before it, and ends with a chunk of length 0; such a chunk alone is no message, and says that the sender lives.
func parseMessages(data []byte) (messages []message, rest []byte) {
	for {
		at, signature := 0, byte(0)
		for {
			if len(data) < at+2 {
				return messages, data
			}
			length := int(binary.BigEndian.Uint16(data[at:]))
			at += 2
			if length == 0 {
				break
			}
			if len(data) < at+length {
				return messages, data
			}
			if signature == 0 && length >= 2 { // a structure's marker, then its signature
				signature = data[at+1]
			}
			at += length
		}
		if signature != 0 {
			messages = append(messages, message{signature, data[:at]})
		}
		data = data[at:]
	}
}

// chunk is a message of one chunk.
func chunk(content ...byte) []byte {
	out := binary.BigEndian.AppendUint16(nil, uint16(len(content)))
	return append(append(out, content...), 0, 0)
}

// Signatures of messages that matter here.
const (
	goodbye = 0x02
	reset   = 0x0f
	runText = 0x10
	begin   = 0x11
	commit  = 0x12
	route   = 0x66
	success = 0x70
	ignored = 0x7e
	failure = 0x7f
)

var messageNames = map[byte]string{
	0x01: "HELLO", goodbye: "GOODBYE", reset: "RESET", runText: "RUN", begin: "BEGIN", commit: "COMMIT", 0x13: "ROLLBACK",
	0x2f: "DISCARD", 0x3f: "PULL", 0x54: "TELEMETRY", route: "ROUTE", 0x6a: "LOGON", 0x6b: "LOGOFF",
}

func messageName(signature byte) string {
	if name, ok := messageNames[signature]; ok {
		return name
	}
	return fmt.Sprintf("%#x", signature)
}

func TestParseMessages(t *testing.T) {
	run := []byte{0, 3, 0xb3, 0x10, 1, 0, 2, 7, 7, 0, 0} // two chunks
	noop := []byte{0, 0}
	pull := []byte{0, 2, 0xb1, 0x3f, 0, 0}
	all := bytes.Join([][]byte{run, noop, pull}, nil)
	want := []message{{runText, run}, {0x3f, pull}}
	for cut := range len(all) {
		first, rest := parseMessages(all[:cut])
		second, rest := parseMessages(append(slices.Clone(rest), all[cut:]...))
		if got := slices.Concat(first, second); !reflect.DeepEqual(got, want) || len(rest) != 0 {
			t.Errorf("cut at %d: messages %x, rest %x", cut, got, rest)
		}
	}
}
