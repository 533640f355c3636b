package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A usage is the processor time that a server and Neo4j have taken; not known where there is no proc(5).
type usage struct {
	server, neo4j time.Duration
	known         bool
}

func (u usage) sub(before usage) usage {
	return usage{u.server - before.server, u.neo4j - before.neo4j, u.known && before.known}
}

func (u usage) add(other usage) usage {
	return usage{u.server + other.server, u.neo4j + other.neo4j, other.known}
}

func (s *server) usage(db *database) usage {
	own, err := processorTime(s.process.Process.Pid)
	its, errNeo4j := processorTime(db.pid)
	return usage{own, its, errors.Join(err, errNeo4j) == nil}
}

// processorTime is what all threads of a process have taken, in user mode and in the kernel: utime and stime of
// proc(5), in ticks, of which Linux tells programs 100 a second on all machines that Go runs on.
func processorTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The second field is a name in brackets, which may hold anything; utime is the 14th.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	user, errUser := strconv.Atoi(fields[11])
	system, errSystem := strconv.Atoi(fields[12])
	return time.Duration(user+system) * (time.Second / 100), errors.Join(errUser, errSystem)
}

// peakMemory is the most that a process has held resident, in MiB (VmHWM of proc(5)).
func peakMemory(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	var kB float64
	for line := range strings.Lines(string(status)) {
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kB); n == 1 {
			return kB / 1024, nil
		}
	}
	return 0, errors.New("the kernel tells no VmHWM")
}

// machine is what the measurements were taken on.
func machine() string {
	processor := ""
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if m := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindSubmatch(text); m != nil {
			processor = " (" + strings.TrimSpace(string(m[1])) + ")"
		}
	}
	memory := "memory unknown"
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		var kB int
		if _, err := fmt.Sscanf(string(text), "MemTotal: %d kB", &kB); err == nil {
			memory = fmt.Sprintf("%d GiB of memory", (kB+1<<19)>>20)
		}
	}
	return fmt.Sprintf("%s/%s, %d processors%s, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor, memory)
}
