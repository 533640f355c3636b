package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dossier/graph"
)

// webSocket stands between gqlgen and a WebSocket. It bounds what a client costs, tells clients of a server that stops
// to come back, and closes with the codes of graphql-transport-ws
// (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md), of which gqlgen knows none.
type webSocket struct {
	connection
	stopping context.Context
	stream   *stream
	begun    bool        // has connection_init come?
	refused  atomic.Bool // has there been no memory for an answer?

	mu     sync.Mutex
	active map[string]string // by the ids that the client gives its operations, those that gqlgen has for them
	inner  map[string]string // the other way round, also of operations that the client has completed and gqlgen ends just now
	begins int
}

// The codes with which a WebSocket is closed for what a client does.
const (
	invalidMessage    = 4400
	notInitialised    = 4401
	notAcceptable     = 4406
	initTimedOut      = 4408
	subscribedAlready = 4409
	initialisedTwice  = 4429
)

// A message of either protocol, as far as it matters here.
type message struct {
	Payload json.RawMessage `json:"payload,omitempty"`
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
}

// messageLimit is how many bytes a message may have, as gqlgen wants it told. A longer one closes the WebSocket (1009).
func messageLimit(l Limits) *int64 {
	out := l.MaxBody
	if out == 0 {
		out = -1
	}
	return &out
}

// NextReader returns the next message that gqlgen has to see.
func (s *webSocket) NextReader() (kind int, r io.Reader, err error) {
	for {
		kind, r, err = s.connection.NextReader()
		if err != nil {
			return kind, r, err
		}
		if s.Subprotocol() == "" && s.stream.request.Header.Get("Sec-WebSocket-Protocol") != "" {
			return s.end(notAcceptable, "subprotocol not acceptable: graphql-transport-ws is")
		}
		if kind != int(websocket.MessageText) {
			return s.end(int(websocket.StatusUnsupportedData), "messages are text")
		}
		var m message
		sent, err := io.ReadAll(r)
		if err != nil {
			return kind, nil, err
		}
		if !utf8.Valid(sent) {
			return s.end(int(websocket.StatusInvalidFramePayloadData), "the message is not in UTF-8")
		}
		if json.Unmarshal(sent, &m) != nil {
			return s.end(invalidMessage, "this is no message of the protocol")
		}
		code, why, done := s.look(&m)
		if code != 0 {
			return s.end(code, why)
		}
		if done {
			continue
		}
		sent, err = json.Marshal(m)
		return kind, bytes.NewReader(sent), err
	}
}

func (s *webSocket) end(code int, why string) (int, io.Reader, error) {
	_ = s.WriteClose(code, why)
	return 0, nil, transport.ErrWebsocketClosed
}

// look checks a message that has come: it closes the WebSocket with a code, or is done with, or goes on to gqlgen.
func (s *webSocket) look(m *message) (code int, why string, done bool) {
	current := s.Subprotocol() == "graphql-transport-ws"
	switch payload := bytes.TrimSpace(m.Payload); {
	case m.Type == "subscribe" || m.Type == "start" || len(payload) == 0 || string(payload) == "null" || payload[0] == '{':
	default:
		return invalidMessage, fmt.Sprintf("the payload of %.20s is not an object", m.Type), false
	}
	switch m.Type {
	case "connection_init":
		if s.begun {
			return initialisedTwice, "too many initialisation requests", false
		}
		s.begun = true
	case "subscribe", "start":
		if current != (m.Type == "subscribe") {
			return invalidMessage, "this is no message of the protocol", false
		}
		if !s.begun {
			return notInitialised, "unauthorized: send connection_init first", false
		}
		return s.begin(m)
	case "ping":
		if current && !s.begun { // which gqlgen takes for a mistake
			_ = s.connection.WriteJSON(message{Type: "pong", Payload: m.Payload})
			return 0, "", true
		}
	case "pong":
		return 0, "", current && !s.begun
	case "complete":
		if m.ID == "" {
			return invalidMessage, "what is complete needs an id", false
		}
		return 0, "", current && !s.complete(m)
	case "stop", "connection_terminate":
		if current {
			return invalidMessage, "this is no message of the protocol", false
		}
		s.complete(m)
	default:
		return invalidMessage, "this is no message of the protocol", false
	}
	return 0, "", false
}

// begin checks an operation: where it is refused, its id is told why.
func (s *webSocket) begin(m *message) (code int, why string, done bool) {
	if m.ID == "" {
		return invalidMessage, "an operation needs an id", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	limits := s.stream.limits
	if s.active[m.ID] != "" {
		return subscribedAlready, fmt.Sprintf("subscriber for %.20s already exists", m.ID), false
	}
	if n := limits.MaxSocketOperations; n > 0 && (len(s.active) >= n || len(s.inner) >= 2*n) {
		return s.refuse(m, exceeded("operations", n, "%s are under way over this WebSocket already, and more may not be", plural(n, "operation")))
	}
	if s.stream.clients.ask(s.stream.request) > 0 {
		return s.refuse(m, s.stream.clients.tooOften())
	}
	p, err := limits.fromBody(m.Payload)
	if err != nil && err.Extensions["code"] == graph.BadUserInput { // the message is none
		return invalidMessage, "the payload of " + m.Type + " is no operation: an object with query, operationName, variables and extensions", false
	}
	if err != nil {
		return s.refuse(m, err)
	}
	if !s.stream.operations.enter() {
		return s.refuse(m, busy())
	}
	m.Payload, _ = json.Marshal(p) // which was JSON before
	s.begins++
	inner := fmt.Sprintf("%d", s.begins)
	s.active[m.ID], s.inner[inner] = inner, m.ID
	m.ID = inner
	return 0, "", false
}

// complete ends an operation for its client, who may give its id to another one from now on and hears no more of this one.
// It says whether there is such an operation.
func (s *webSocket) complete(m *message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	inner := s.active[m.ID]
	delete(s.active, m.ID)
	m.ID = inner
	return inner != ""
}

// heard gives a message of gqlgen's the id that its client knows, and says whether it is for the client still.
func (s *webSocket) heard(m *message) bool {
	if m.ID == "" { // about no operation
		return true
	}
	inner := m.ID
	s.mu.Lock()
	defer s.mu.Unlock()
	m.ID = s.inner[inner]
	wanted := m.ID != "" && s.active[m.ID] == inner
	if m.ID != "" && (m.Type == "complete" || m.Type == "error") {
		delete(s.inner, inner)
		s.stream.operations.leave()
		if wanted {
			delete(s.active, m.ID)
		}
	}
	return wanted
}

// ended gives back what the operations have that were under way when the WebSocket closed.
func (s *webSocket) ended() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range s.inner {
		s.stream.operations.leave()
	}
	clear(s.inner)
	clear(s.active)
}

func (s *webSocket) refuse(m *message, err *gqlerror.Error) (int, string, bool) {
	s.stream.refused(err)
	payload, _ := json.Marshal([]*gqlerror.Error{err}) // texts and numbers
	_ = s.write(message{Type: "error", ID: m.ID, Payload: payload})
	return 0, "", true
}

// WriteJSON sends a message of gqlgen's, but nothing of an operation that its client has completed, or that has ended with an
// error.
func (s *webSocket) WriteJSON(v any) error {
	sent, err := json.Marshal(v)
	if err != nil {
		return err
	}
	var m message
	if err := json.Unmarshal(sent, &m); err != nil {
		return err
	}
	if m.Type == "next" {
		if errs := requestErrors(m.Payload); errs != nil {
			m.Type, m.Payload = "error", errs
		}
	}
	if !s.heard(&m) {
		return nil
	}
	if s.refused.Load() { // it is being closed
		return errTooMuchSent
	}
	end, begun := s.stream.sending.begin(len(sent))
	if !begun { // the client comes back
		s.refused.Store(true)
		_ = s.WriteClose(int(websocket.StatusTryAgainLater), "the server has too much to do")
		return errTooMuchSent
	}
	defer end()
	return s.write(m)
}

// requestErrors are the errors of an operation that did not begin to run: no field failed, so that there is no data and
// no path. The protocols want them told without data; gqlgen tells as a result what it has no code for.
func requestErrors(answer []byte) json.RawMessage {
	if !bytes.Contains(answer, []byte(`"data":null`)) {
		return nil
	}
	var result struct {
		Data   json.RawMessage `json:"data"`
		Errors json.RawMessage `json:"errors"`
	}
	var errs []struct {
		Path json.RawMessage `json:"path"`
	}
	if json.Unmarshal(answer, &result) != nil || string(result.Data) != "null" || json.Unmarshal(result.Errors, &errs) != nil {
		return nil
	}
	for _, e := range errs {
		if e.Path != nil {
			return nil
		}
	}
	return result.Errors
}

func (s *webSocket) write(v any) error {
	if timeout := s.stream.limits.WriteTimeout; timeout > 0 {
		defer time.AfterFunc(timeout, func() { _ = s.Close() }).Stop()
	}
	return s.connection.WriteJSON(v)
}

func (s *webSocket) WriteClose(code int, reason string) error {
	switch {
	case s.stopping.Err() != nil:
		code, reason = int(websocket.StatusGoingAway), "the server stops: come back with the last cursor"
	case reason == "connection initialisation timeout": // gqlgen's word for it
		code = initTimedOut
	}
	return s.connection.WriteClose(code, reason)
}
