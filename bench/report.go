package main

import (
	"fmt"
	"math"
	"os"
	"strings"
	"time"
)

// A report is the tables of results.
type report struct {
	options  options
	rows     []row
	problems []string // what a reader must know to judge the rows
	memory   []string // lines of a table
	starts   []string // lines of a table
	neo4j    string   // its version
	versions []string // lines of a list
}

// A row is what the servers did with one question at some number of connections.
type row struct {
	question    question
	connections int
	of          map[string]*measurement // by the server's name
}

func newRow(q question, connections int) row {
	return row{question: q, connections: connections, of: map[string]*measurement{}}
}

// add joins a turn of a server.
func (r row) add(server string, m measurement) {
	if r.of[server] == nil {
		r.of[server] = &measurement{}
	}
	r.of[server].add(m)
}

func (r row) String() string { return r.question.about + ", " + count(r.connections, "connection") }

// A figure is something to be read from a measurement; NaN where it was not measured.
type figure struct {
	title, note string
	format      string
	of          func(m *measurement) float64
}

const ticks = "Less is better. Counted in hundredths of a second, so that it tells little where there were few requests."

var figures = []figure{
	{"Answers per second", "More is better.", "%.0f", (*measurement).perSecond},
	{"Latency, median, in milliseconds", "Less is better.", "%.1f", func(m *measurement) float64 { return m.percentile(50) }},
	{"Latency that 99 in 100 answers do not exceed, in milliseconds", "Less is better.", "%.1f", func(m *measurement) float64 { return m.percentile(99) }},
	{"Processor seconds of the server for 1,000 requests", ticks, "%.2f", func(m *measurement) float64 { return m.perThousand(m.cpu.server) }},
	{"Processor seconds of Neo4j for 1,000 requests", ticks, "%.2f", func(m *measurement) float64 { return m.perThousand(m.cpu.neo4j) }},
}

// value reads the figure of one server, NaN if the server was not asked.
func (f figure) value(r row, server string) float64 {
	if m := r.of[server]; m != nil {
		return f.of(m)
	}
	return math.NaN()
}

// cell renders the figure of one server, with its ratio to raw in brackets.
func (f figure) cell(r row, server string) string {
	v := f.value(r, server)
	switch {
	case r.of[server] == nil:
		return "–"
	case math.IsNaN(v):
		return "not measured"
	}
	text := fmt.Sprintf(f.format, v)
	if server != raw && r.of[raw] != nil {
		text += " (" + ratio(v, f.value(r, raw)) + ")"
	}
	return text
}

func ratio(a, b float64) string {
	if r := a / b; !math.IsNaN(r) && !math.IsInf(r, 0) {
		return fmt.Sprintf("%.2f", r)
	}
	return "–"
}

// table is the figure of all servers in all rows.
func (r *report) table(f figure) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s\n\n%s In brackets: the ratio to raw.\n\n", f.title, f.note)
	columns := []string{"question", "connections"}
	for _, s := range r.options.servers {
		columns = append(columns, s.name)
	}
	b.WriteString(heading(columns...))
	for _, row := range r.rows {
		fmt.Fprintf(&b, "| %s | %d |", row.question.about, row.connections)
		for _, s := range r.options.servers {
			b.WriteString(" " + f.cell(row, s.name) + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func heading(columns ...string) string {
	return "| " + strings.Join(columns, " | ") + " |\n" + strings.Repeat("| --- ", len(columns)) + "|\n"
}

// summary is what is asked of the service at 16 connections, "" if it was not measured at 16.
func (r *report) summary() string {
	var b strings.Builder
	for _, row := range r.rows {
		if row.connections != 16 || row.of[ours] == nil {
			continue
		}
		throughput, p99, cpu := figures[0], figures[2], figures[3]
		to := func(f figure, other string) string { return ratio(f.value(row, ours), f.value(row, other)) }
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", row.question.about,
			to(throughput, raw), to(p99, raw), to(throughput, neo4jGraphQL), to(cpu, neo4jGraphQL))
	}
	if b.Len() == 0 {
		return ""
	}
	return "\n## Ours at 16 connections\n\nRatios of ours to another server. Wanted are, in this order: 1 or more, 1 or less, 4.5 or more, 0.33 or less.\n\n" +
		heading("question", "answers per second, to raw", "p99, to raw", "answers per second, to neo4j-graphql", "processor time, to neo4j-graphql") + b.String()
}

// add takes a row, and tells it at once.
func (r *report) add(row row) {
	r.rows = append(r.rows, row)
	var parts []string
	for _, s := range r.options.servers {
		m := row.of[s.name]
		if m == nil {
			continue
		}
		parts = append(parts, s.name+" "+figures[0].cell(row, s.name))
		if m.errors > 0 {
			r.tell(fmt.Sprintf("%v: %s: %s beside %s, the first: %v", row, s.name, count(m.errors, "error"), count(len(m.latencies), "answer"), m.problem))
		}
	}
	progress("%v: answers per second: %s", row, strings.Join(parts, ", "))
}

// differ notes that the answers to a question do not agree.
func (r *report) differ(q question, how error) {
	r.tell(q.about + ": the answers do not agree: " + how.Error())
}

func (r *report) tell(problem string) {
	problem = strings.Join(strings.Fields(problem), " ")
	r.problems = append(r.problems, "- "+problem+"\n")
	progress("%s", problem)
}

// finish reads what is known at the end: the servers' peaks of memory, and what they are made of.
func (r *report) finish(db *database) {
	line := func(name string, pid int, compared float64) (peak float64) {
		peak, err := peakMemory(pid)
		text := "not measured"
		if err == nil {
			text = fmt.Sprintf("%.1f", peak)
			if compared > 0 {
				text += " (" + ratio(peak, compared) + ")"
			}
		}
		r.memory = append(r.memory, fmt.Sprintf("| %s | %s |\n", name, text))
		return peak
	}
	compared := 0.0
	for _, s := range r.options.servers {
		peak := line(s.name, s.process.Process.Pid, compared)
		if s.name == raw {
			compared = peak
		}
		made, err := s.versions()
		if err != nil {
			made = []string{"versions unknown: " + err.Error()}
		}
		r.versions = append(r.versions, fmt.Sprintf("- **%s**: %s (%s)\n", s.name, s.about, strings.Join(made, ", ")))
	}
	line("Neo4j", db.pid, 0)
	r.neo4j = db.version
}

// write writes the report as Markdown to a file, or to standard output if none is named.
func (r *report) write(file string) error {
	var b strings.Builder
	size := r.options.size
	fmt.Fprintf(&b, "# Results\n\nWritten by `make bench` on %s: Neo4j %s on %s, which the servers and their client share.\n", time.Now().Format(time.DateOnly), r.neo4j, machine())
	fmt.Fprintf(&b, "The graph: %d entities, %d relationships, a claim for each, of which one in twenty is disputed by another and one in ten corroborated, a hub of %d relationships, seed %d.\n", size.Entities, size.Relationships, size.Hub, size.Seed)
	fmt.Fprintf(&b, "The servers took turns: of each, %s of %v for each question and number of connections. Before all that, which does not count, each was asked each question for %v at the most connections, and again until they got no faster by %.0f in 100 in the mean, %d times at most; and for a third of that before each number of them.\n\n",
		count(r.options.rounds, "turn"), r.options.duration, r.options.warmUp, 100*(fasterBy-1), mostWarmUps)
	b.WriteString(strings.Join(r.versions, "") + r.summary())
	for _, f := range figures {
		b.WriteString(r.table(f))
	}
	b.WriteString("\n## Resident memory at its peak, in MiB\n\nIn brackets: the ratio to raw.\n\n" + heading("process", "MiB") + strings.Join(r.memory, ""))
	b.WriteString("\n## From the start of the process to its first answer, median of five, in milliseconds\n\n" + heading("server", "ms") + strings.Join(r.starts, ""))
	b.WriteString("\n## To be known with it\n\n")
	if r.problems == nil {
		r.problems = []string{"Nothing: all answers agreed, and no server failed.\n"}
	}
	b.WriteString(strings.Join(r.problems, ""))
	if file == "" {
		_, err := fmt.Print(b.String())
		return err
	}
	return os.WriteFile(file, []byte(b.String()), 0o644)
}

// count renders a number of things.
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
