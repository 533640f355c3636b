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
	"net/url"
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
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if answer, err = io.ReadAll(response.Body); err == nil && response.Close {
		c.close()
	}
	return response.StatusCode, answer, err
}
