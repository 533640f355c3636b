// Bench measures the service against hand-written Cypher, on a generated graph and a real Neo4j.
//
// It generates the graph (once; the database is kept), starts two servers as processes of their own, the built service
// and the one written by hand (serveByHand), and asks both the same questions over HTTP, in turns, so that whatever
// else the machine does slows both alike. Before that it checks that the two agree.
//
//	make bench                                          100,000 entities and 500,000 relationships
//	make bench BENCH_ENTITIES=10000 BENCH_DURATION=1s   a small one, in about two minutes
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"

	"dossier/graph"
	"dossier/internal/localneo4j"
	"dossier/schema"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the program's flags.
type options struct {
	size        Size
	data        string
	binary      string
	rounds      int
	duration    time.Duration
	connections []int
	only        *regexp.Regexp
	results     string
}

func run(ctx context.Context) error {
	o := options{connections: []int{1, 16, 64}}
	flag.IntVar(&o.size.Entities, "entities", 100_000, "entities to generate, with five relationships for each")
	flag.Uint64Var(&o.size.Seed, "seed", 1, "another seed, another graph")
	flag.StringVar(&o.data, "data", ".dossier", "folder for the generated graph's database, kept for the next run")
	flag.StringVar(&o.binary, "binary", "bin/dossier", "the built service")
	flag.IntVar(&o.rounds, "rounds", 3, "turns of each server for each question")
	flag.DurationVar(&o.duration, "duration", 4*time.Second, "of a turn")
	flag.StringVar(&o.results, "results", "", "file to write the table to, as Markdown")
	only := flag.String("only", "", "regular expression: only the questions whose name it matches")
	hold := flag.Bool("hold", false, "only bring up the generated graph, until interrupted")
	byHand := flag.Bool("by-hand", false, "be the server that is written by hand, on the Neo4j of NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD")
	flag.Parse()
	if *byHand {
		return serveByHand(ctx, os.Getenv("NEO4J_URI"), os.Getenv("NEO4J_USERNAME"), os.Getenv("NEO4J_PASSWORD"))
	}
	var err error
	if o.only, err = regexp.Compile(*only); err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	o.size.Relationships, o.size.Hub, o.size.Documents = o.size.Entities*5, o.size.Entities, o.size.Entities/100+1
	db, err := open(ctx, o.data, o.size)
	if err != nil {
		return err
	}
	defer db.close()
	if *hold {
		progress("ready at %s, password in %s", db.server.BoltURI, db.server.PasswordFile)
		<-ctx.Done()
		return nil
	}
	return compare(ctx, db, o)
}

// compare measures both servers and reports.
func compare(ctx context.Context, db *database, o options) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ours, err := start(ctx, db, o.binary, "serve", "--port", "0", "--no-seed")
	if err != nil {
		return err
	}
	defer ours.stop()
	byHand, err := start(ctx, db, self, "-by-hand")
	if err != nil {
		return err
	}
	defer byHand.stop()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute}
	if err := ready(ctx, client, ours); err != nil {
		return err
	}
	r := newReport(o)
	for _, q := range questions() {
		if !o.only.MatchString(q.name) {
			continue
		}
		s, err := takeSample(ctx, db, o.size)
		if err != nil {
			return err
		}
		var operations, variables [][]byte
		for range 500 {
			v := q.variables(s)
			operations, variables = append(operations, mustJSON(map[string]any{"query": q.graphql, "variables": v})), append(variables, mustJSON(v))
		}
		ask := func(server *process, path string, bodies [][]byte) func(context.Context, int) error {
			return func(ctx context.Context, i int) error {
				_, err := post(ctx, client, server.url+path, bodies[i%len(bodies)])
				return err
			}
		}
		askOurs, askByHand := ask(ours, "/graphql", operations), ask(byHand, "/"+q.name, variables)
		row := reportRow{question: q, agreed: agreement(ctx, client, q, ours, byHand, operations[:20], variables[:20])}
		for _, n := range o.connections {
			if q.alone && n > 1 {
				continue
			}
			// The first turn of each makes Java compile what is used, and is not counted.
			measure(ctx, n, o.duration/2, askOurs)
			measure(ctx, n, o.duration/2, askByHand)
			pair := duel{connections: n}
			for range o.rounds {
				pair.ours.add(measure(ctx, n, o.duration, askOurs))
				pair.byHand.add(measure(ctx, n, o.duration, askByHand))
			}
			row.duels = append(row.duels, pair)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.add(row)
	}
	if r.memory, err = ours.peakMemory(); err != nil {
		return err
	}
	return r.finish(o.results)
}

// agreement asks both servers the same and returns the first difference.
func agreement(ctx context.Context, client *http.Client, q question, ours, byHand *process, operations, variables [][]byte) error {
	for i := range operations {
		answer, err := post(ctx, client, ours.url+"/graphql", operations[i])
		if err != nil {
			return fmt.Errorf("ours: %w", err)
		}
		list, err := post(ctx, client, byHand.url+"/"+q.name, variables[i])
		if err != nil {
			return fmt.Errorf("by hand: %w", err)
		}
		var response struct{ Data map[string]any }
		var values []any
		if err := errors.Join(json.Unmarshal(answer, &response), json.Unmarshal(list, &values)); err != nil {
			return err
		}
		if err := q.agree(response.Data, values); err != nil {
			return fmt.Errorf("%s: %w", variables[i], err)
		}
	}
	return nil
}

// takeSample finds what to ask about: the same for every question of the same graph.
func takeSample(ctx context.Context, db *database, size Size) (*sample, error) {
	s := &sample{random: rand.New(rand.NewPCG(size.Seed, 1)), hub: hubID(size)}
	var ids []string
	for range 1000 {
		ids = append(ids, entityID(s.random.IntN(size.Entities)))
	}
	result, err := neo4j.ExecuteQuery(ctx, db.driver, "UNWIND $ids AS id MATCH (e:Entity {id: id}) WHERE COUNT { (e)--() } > 0 RETURN e.id, e.name, labels(e)",
		map[string]any{"ids": ids}, neo4j.EagerResultTransformer)
	if err != nil {
		return nil, err
	}
	for _, r := range result.Records {
		found, labels := named{r.Values[0].(string), r.Values[1].(string)}, r.Values[2].([]any)
		s.entities = append(s.entities, found)
		switch {
		case slices.Contains(labels, any("Person")):
			s.people = append(s.people, found)
		case slices.Contains(labels, any("Company")):
			s.companies = append(s.companies, found)
		}
	}
	return s, nil
}

func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

// A database is a local Neo4j that holds a generated graph.
type database struct {
	server *localneo4j.Server
	driver neo4j.DriverWithContext
}

// open brings up the database of a generated graph, generating it the first time.
func open(ctx context.Context, data string, size Size) (_ *database, err error) {
	s, o, err := schema.Load()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(data, fmt.Sprintf("bench-%d-%d", size.Entities, size.Seed))
	server, err := localneo4j.Start(ctx, localneo4j.Options{DataDir: dir, HeapMB: 2048, PageCacheMB: 1024, NoBrowser: true, Progress: progress})
	if err != nil {
		return nil, err
	}
	db := &database{server: server}
	defer func() {
		if err != nil {
			db.close()
		}
	}()
	db.driver, err = neo4j.NewDriverWithContext(server.BoltURI, neo4j.BasicAuth(server.Username, server.Password, ""), func(c *config.Config) {
		c.TelemetryDisabled = true
	})
	if err != nil {
		return nil, err
	}
	g, err := graph.Open(graph.Config{URI: server.BoltURI, Username: server.Username, Password: server.Password}, s, o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = g.Close(ctx) }()
	if err := g.Prepare(ctx); err != nil {
		return nil, err
	}
	complete := filepath.Join(dir, "complete") // a graph whose loading was cut off has no such file
	if _, err := os.Stat(complete); !errors.Is(err, fs.ErrNotExist) {
		return db, err
	}
	empty, err := g.Empty(ctx)
	if err != nil {
		return nil, err
	}
	if !empty {
		return nil, fmt.Errorf("the graph in %s was not loaded to the end: remove that folder, and run again", dir)
	}
	progress("generating %d entities and %d relationships", size.Entities, size.Relationships)
	if err := generate(size, o).load(ctx, db.driver, progress); err != nil {
		return nil, fmt.Errorf("load the generated graph: %w", err)
	}
	return db, os.WriteFile(complete, nil, 0o600)
}

func (db *database) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if db.driver != nil {
		_ = db.driver.Close(ctx)
	}
	if err := db.server.Stop(ctx); err != nil {
		progress("stopping Neo4j: %v", err)
	}
}

// A process is a server that is measured.
type process struct {
	command *exec.Cmd
	url     string
}

// start runs a server on the database and returns when it listens, which it says with its address.
func start(ctx context.Context, db *database, program string, args ...string) (*process, error) {
	p := &process{command: exec.CommandContext(ctx, program, args...)}
	p.command.Env = append(os.Environ(), "NEO4J_URI="+db.server.BoltURI, "NEO4J_USERNAME="+db.server.Username, "NEO4J_PASSWORD="+db.server.Password)
	p.command.Stderr = os.Stderr
	p.command.Cancel = func() error { return p.command.Process.Signal(os.Interrupt) }
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if p.url = regexp.MustCompile(`http://[0-9.:]*[0-9]`).FindString(lines.Text()); p.url != "" {
			go func() { // what else it says must not fill the pipe
				for lines.Scan() {
				}
			}()
			return p, nil
		}
	}
	return nil, fmt.Errorf("%s ended before it listened: %w", program, p.command.Wait())
}

func (p *process) stop() {
	_ = p.command.Process.Signal(os.Interrupt)
	_ = p.command.Wait() // how it ends says nothing about the measurements
}

// peakMemory is the most that the process has held resident, in MiB (VmHWM of proc(5)).
func (p *process) peakMemory() (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
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

// ready waits until the service can answer.
func ready(ctx context.Context, client *http.Client, p *process) error {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/readyz", http.NoBody)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		_ = response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
