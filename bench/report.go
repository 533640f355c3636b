package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"dossier/internal/localneo4j"
)

// A report is the table of results.
type report struct {
	options options
	rows    []reportRow
	memory  float64 // MiB
}

// A reportRow is one question's results.
type reportRow struct {
	question question
	agreed   error // how the answers differ
	duels    []duel
}

// A duel is both servers' measurement at some number of connections.
type duel struct {
	connections  int
	ours, byHand measurement
}

func newReport(o options) *report {
	return &report{options: o}
}

// add takes a row, and shows it at once.
func (r *report) add(row reportRow) {
	r.rows = append(r.rows, row)
	fmt.Print(row.lines())
	for _, problem := range row.problems() {
		progress("%s: %s", row.question.name, problem)
	}
}

const heading = `| question | connections | ours/s | by hand/s | ratio | ours p50 ms | by hand p50 ms | ours p99 ms | by hand p99 ms |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
`

func (r reportRow) lines() string {
	var b strings.Builder
	for _, d := range r.duels {
		ms := func(m measurement, p int) float64 { return float64(m.percentile(p).Microseconds()) / 1000 }
		fmt.Fprintf(&b, "| %s | %d | %.0f | %.0f | %.2f | %.1f | %.1f | %.1f | %.1f |\n", r.question.about, d.connections,
			d.ours.perSecond(), d.byHand.perSecond(), d.ours.perSecond()/d.byHand.perSecond(),
			ms(d.ours, 50), ms(d.byHand, 50), ms(d.ours, 99), ms(d.byHand, 99))
	}
	return b.String()
}

// problems are what a reader must know to judge a row.
func (r reportRow) problems() (out []string) {
	if r.agreed != nil {
		out = append(out, "the answers differ: "+r.agreed.Error())
	}
	for _, d := range r.duels {
		for _, side := range []struct {
			name string
			m    measurement
		}{{"ours", d.ours}, {"by hand", d.byHand}} {
			if side.m.errors > 0 {
				out = append(out, fmt.Sprintf("%s at %d connections: %d errors beside %d answers, the first: %v", side.name, d.connections, side.m.errors, len(side.m.latencies), side.m.problem))
			}
		}
	}
	return out
}

// finish shows the memory, and writes everything to a file if one is given.
func (r *report) finish(file string) error {
	fmt.Printf("Resident memory of the service, at its peak: %.0f MiB.\n", r.memory)
	if file == "" {
		return nil
	}
	var b strings.Builder
	size := r.options.size
	fmt.Fprintf(&b, "# Results\n\nWritten by `make bench` on %s: Neo4j %s, %s, %d processors, %s.\n", time.Now().Format(time.DateOnly), localneo4j.DefaultVersion, runtime.Version(), runtime.NumCPU(), machine())
	fmt.Fprintf(&b, "%d entities, %d relationships and as many claims, a hub of %d relationships, seed %d; %d turns of %v for each server, question and number of connections.\n",
		size.Entities, size.Relationships, size.Hub, size.Seed, r.options.rounds, r.options.duration)
	fmt.Fprintf(&b, "The ratio is ours by hand-written, in answers per second: above 1, ours is the faster.\n\n%s", heading)
	for _, row := range r.rows {
		b.WriteString(row.lines())
	}
	fmt.Fprintf(&b, "\nResident memory of the service, at its peak: %.0f MiB.\n", r.memory)
	var problems []string
	for _, row := range r.rows {
		for _, p := range row.problems() {
			problems = append(problems, "- "+row.question.about+": "+p+"\n")
		}
	}
	if problems != nil {
		b.WriteString("\nTo be known with it:\n\n" + strings.Join(problems, ""))
	}
	return os.WriteFile(file, []byte(b.String()), 0o644)
}

// machine says how much memory there is.
func machine() string {
	text, err := os.ReadFile("/proc/meminfo")
	var kB int
	if err == nil {
		_, err = fmt.Sscanf(string(text), "MemTotal: %d kB", &kB)
	}
	if err != nil {
		return "memory unknown"
	}
	return fmt.Sprintf("%d GiB of memory", (kB+1<<19)>>20)
}
