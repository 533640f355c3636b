package main

import (
	"net"
	"net/url"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// How the server shares the machine with its Neo4j: memory and processors.

// collectLess lets the garbage collector run a quarter as often while there is memory for it. What an answer takes is
// garbage soon and a server holds little else, so that it would run for every few answers. Beyond the limit it runs as
// often as it must. Together they keep the process near 40 MiB. Go's own variables come first.
func collectLess(getenv func(string) string) {
	if getenv("GOGC") != "" || getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(25 << 20)
}

// processors are those that the server uses of the machine: half of them where Neo4j is on the same one, and all while a
// crowd of requests is under way. Go wakes a thread for what becomes ready while one of its processors is idle, which here
// takes it from Neo4j; of a crowd's requests it is the service that has most to do (docs/decisions.md).
type processors struct {
	few, all int
	use      func(n int)  // runtime.GOMAXPROCS
	crowded  atomic.Bool  // are all in use?
	begun    time.Time    // by the monotonic clock, as nobody sets that
	last     atomic.Int64 // when there was a crowd last, in nanoseconds since begun
}

// calm is for how long there was no crowd when the server goes back to few processors.
const calm = time.Second

// shareProcessors has the server use few processors from now on, if it has to share them. Otherwise it returns nil. Go's
// own variable comes first.
func shareProcessors(getenv func(string) string, uri string) *processors {
	all := runtime.GOMAXPROCS(0)
	if getenv("GOMAXPROCS") != "" || all == 1 || !isHere(uri) {
		return nil
	}
	p := &processors{few: all / 2, all: all, use: func(n int) { runtime.GOMAXPROCS(n) }, begun: time.Now()}
	p.use(p.few)
	return p
}

// isHere says whether a Neo4j is on this machine.
func isHere(uri string) bool {
	u, err := url.Parse(uri)
	return err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
}

// underWay hears of how many requests are under way when one more begins.
func (p *processors) underWay(requests int) {
	if p == nil || requests < 12*p.all {
		return
	}
	p.last.Store(int64(time.Since(p.begun)))
	if p.crowded.CompareAndSwap(false, true) {
		p.use(p.all)
		time.AfterFunc(calm, p.calmDown)
	}
}

func (p *processors) calmDown() {
	if left := time.Duration(p.last.Load()) + calm - time.Since(p.begun); left > 0 {
		time.AfterFunc(left, p.calmDown)
		return
	}
	p.use(p.few)
	p.crowded.Store(false)
}
