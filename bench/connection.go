package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"time"
)

// patience is how long an answer may take.
const patience = time.Minute

// A connection asks a server over HTTP/1.1, one question after the other. It is dialed when first asked, and anew after
// an error. It is not safe for concurrent use.
//
// It writes and reads in the goroutine that asks. http.Client hands each request and answer to goroutines of its own,
// for which the machine, which servers and client share, spends more than on some questions: the same for all servers,
// and so hiding what they differ in.
type connection struct {
	url  *url.URL
	conn net.Conn // nil until it is dialed
	in   *bufio.Reader
	stop func() bool // no longer interrupts conn
}

func (c *connection) close() {
	if c.conn != nil {
		c.stop()
		_ = c.conn.Close() // nothing is written that is not answered
		c.conn = nil
	}
}

// post sends a JSON body and returns the answer's, also JSON. What is not 200, or has GraphQL errors, is an error.
func (c *connection) post(ctx context.Context, body []byte) ([]byte, error) {
	status, answer, err := c.exchange(ctx, body)
	switch told := (*net.OpError)(nil); {
	case errors.As(err, &told):
		err = told.Err // without the port, which changes
	case err == nil && (status != http.StatusOK || bytes.Contains(answer, []byte(`"errors":`))):
		err = fmt.Errorf("%d %s: %.300s", status, http.StatusText(status), answer)
	}
	if err != nil {
		c.close()
	}
	return answer, err
}

func (c *connection) exchange(ctx context.Context, body []byte) (status int, answer []byte, err error) {
	if c.conn == nil {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.url.Host)
		if err != nil {
			return 0, nil, err
		}
		c.conn, c.in = conn, bufio.NewReader(conn)
		c.stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
	}
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, nil, err
	}
	request := fmt.Appendf(make([]byte, 0, 256+len(body)), "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", c.url.RequestURI(), c.url.Host, len(body))
	if _, err := c.conn.Write(append(request, body...)); err != nil {
		return 0, nil, err
	}
	return c.answer()
}

// answer reads an answer (RFC 9112), as far as the servers here make use of it: with http.ReadResponse the client took a sixth
// more of the machine.
func (c *connection) answer() (status int, body []byte, err error) {
	line, err := c.line()
	if err != nil {
		return 0, nil, err
	}
	version, rest, _ := bytes.Cut(line, []byte(" "))
	code, _, _ := bytes.Cut(rest, []byte(" "))
	if status, err = strconv.Atoi(string(code)); err != nil || string(version) != "HTTP/1.1" {
		return 0, nil, fmt.Errorf("no HTTP/1.1: %.50q", line)
	}
	length, chunked, last := -1, false, false
	for {
		if line, err = c.line(); err != nil {
			return 0, nil, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, nil, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		case bytes.EqualFold(name, []byte("Connection")):
			last = bytes.EqualFold(value, []byte("close"))
		}
	}
	switch {
	case chunked:
		if body, err = io.ReadAll(httputil.NewChunkedReader(c.in)); err == nil {
			_, err = c.line() // after the last chunk
		}
	case length >= 0:
		body = make([]byte, length)
		_, err = io.ReadFull(c.in, body)
	default:
		err = errors.New("an answer without a length")
	}
	if err == nil && last {
		c.close()
	}
	return status, body, err
}

// line reads a line, which is good until the next one is read.
func (c *connection) line() ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}
