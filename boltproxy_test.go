package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
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
	p := &boltProxy{target: neo4jAddress(t), address: "127.0.0.1:0", connections: map[net.Conn]bool{}, seen: traffic{Messages: map[string]int{}}}
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
		pass(client, server, func(messages []byte) {
			p.answers.RLock()
			defer p.answers.RUnlock()
			p.mu.Lock()
			defer p.mu.Unlock()
			for _, m := range messages {
				if m == success || m == failure || m == ignored {
					unanswered--
				}
			}
		})
		_ = client.Close()
	})
	pass(server, client, func(messages []byte) {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, m := range messages {
			p.seen.Messages[messageName(m)]++
			if m == runText && p.asked != nil {
				close(p.asked)
				p.asked = nil
			}
			if m == goodbye {
				continue
			}
			if unanswered == 0 {
				p.seen.RoundTrips++
			}
			unanswered++
		}
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

// pass copies until one side ends. What it has read is counted before it is passed on, so an answer never comes
// before its request; what is sent at once is read at once, so it counts as one.
func pass(to io.Writer, from io.Reader, count func(messages []byte)) {
	buffer := make([]byte, 1<<20)
	var unparsed []byte
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			var messages []byte
			messages, unparsed = parseMessages(append(unparsed, buffer[:n]...))
			count(messages)
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// parseMessages returns the signatures of the complete messages, and what follows them. A message is a row of chunks,
// each with its length in two bytes before it, and ends with a chunk of length 0; such a chunk alone is no message.
func parseMessages(data []byte) (signatures, rest []byte) {
	for {
		at, signature := 0, byte(0)
		for {
			if len(data) < at+2 {
				return signatures, data
			}
			length := int(binary.BigEndian.Uint16(data[at:]))
			at += 2
			if length == 0 {
				break
			}
			if len(data) < at+length {
				return signatures, data
			}
			if signature == 0 && length >= 2 { // a structure's marker, then its signature
				signature = data[at+1]
			}
			at += length
		}
		if signature != 0 {
			signatures = append(signatures, signature)
		}
		data = data[at:]
	}
}

// Signatures of messages that matter here.
const (
	goodbye = 0x02
	runText = 0x10
	commit  = 0x12
	success = 0x70
	ignored = 0x7e
	failure = 0x7f
)

var messageNames = map[byte]string{
	0x01: "HELLO", goodbye: "GOODBYE", 0x0f: "RESET", runText: "RUN", 0x11: "BEGIN", commit: "COMMIT", 0x13: "ROLLBACK",
	0x2f: "DISCARD", 0x3f: "PULL", 0x54: "TELEMETRY", 0x66: "ROUTE", 0x6a: "LOGON", 0x6b: "LOGOFF",
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
	for cut := range len(all) {
		first, rest := parseMessages(all[:cut])
		second, rest := parseMessages(append(rest, all[cut:]...))
		if got := slices.Concat(first, second); !bytes.Equal(got, []byte{0x10, 0x3f}) || len(rest) != 0 {
			t.Errorf("cut at %d: messages %x, rest %x", cut, got, rest)
		}
	}
}
