package main

import (
	"net"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
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
	keepMonitorBack()
	return p
}

// keepMonitorBack has the thread with which Go watches over the others take a processor only where nobody else wants it, as
// far as the system allows that. It looks every 20 µs after each pause that the server makes, thousands of times a second where
// requests wait for Neo4j, and each time took a processor from it: a quarter of the server's time (docs/decisions.md). What
// the monitor does is not urgent; its share of a busy processor is one in a hundred.
//
// Go starts it before all other threads but the first (https://go.dev/src/runtime/proc.go, main), and Linux numbers them in
// the order of their start.
func keepMonitorBack() {
	threads, err := os.ReadDir("/proc/self/task") // by name; only Linux has it
	if err != nil {
		return
	}
	ids := make([]int, len(threads))
	for i, t := range threads {
		ids[i], _ = strconv.Atoi(t.Name())
	}
	slices.Sort(ids)
	if first := slices.Index(ids, os.Getpid()); first >= 0 {
		const leastUrgent = 19
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, ids[(first+1)%len(ids)], leastUrgent)
	}
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
