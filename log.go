package main

import (
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"dossier/internal/httpapi"
)

// How much of the log waits for who reads it, and how long the end of the program does.
const (
	waitingLines = 1000
	lastLines    = time.Second
)

// A backgroundLog writes lines that nobody waits for: where who reads the log has stopped reading, requests go on, and
// lines are lost once waitingLines wait. When there is a reader again, a line tells how many were.
type backgroundLog struct {
	out   io.Writer
	lines chan []byte
	lost  atomic.Int64
	ended chan struct{} // asks for the last lines
	done  chan struct{} // they are written
}

func newBackgroundLog(out io.Writer) *backgroundLog {
	l := &backgroundLog{out: out, lines: make(chan []byte, waitingLines), ended: make(chan struct{}), done: make(chan struct{})}
	go l.write()
	return l
}

// Write takes one line. It never fails.
func (l *backgroundLog) Write(line []byte) (int, error) {
	select {
	case l.lines <- append([]byte(nil), line...):
	default:
		l.lost.Add(1)
	}
	return len(line), nil
}

func (l *backgroundLog) write() {
	defer close(l.done)
	for {
		select {
		case line := <-l.lines:
			l.put(line)
		case <-l.ended:
			for len(l.lines) > 0 {
				l.put(<-l.lines)
			}
			l.tellLost()
			return
		}
	}
}

// put writes a line; that it could not be, there is nobody to tell.
func (l *backgroundLog) put(line []byte) {
	_, _ = l.out.Write(line)
	if len(l.lines) < waitingLines/2 { // the reader has caught up
		l.tellLost()
	}
}

func (l *backgroundLog) tellLost() {
	if n := l.lost.Swap(0); n > 0 {
		newLog(l.out).Warn("the log was not read, so lines of it are lost", "lines", n)
	}
}

// close returns when all lines are written, or nobody has read them for lastLines. It is called once; later lines are lost.
func (l *backgroundLog) close() {
	close(l.ended)
	select {
	case <-l.done:
	case <-time.After(lastLines):
	}
}

// newLog writes a line for each record, with the request it belongs to.
func newLog(out io.Writer) *slog.Logger {
	return slog.New(httpapi.LogHandler(slog.NewTextHandler(out, nil)))
}
