// Bench measures the service against what else could be put before the same Neo4j, on a generated graph.
//
// It generates the graph (once; the database is kept), starts the servers (see servers) as processes of their own, and
// asks all of them the same questions (see questions) over HTTP, in turns, so that whatever else the machine does slows
// all alike. Before that it checks that their answers agree.
package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
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
	rounds      int
	duration    time.Duration
	warmUp      time.Duration
	connections []int
	servers     []*server
	questions   []question
	results     string
}

func run(ctx context.Context) error {
	var o options
	flag.IntVar(&o.size.Entities, "entities", 100_000, "entities to generate, with five relationships for each")
	flag.Uint64Var(&o.size.Seed, "seed", 1, "another seed, another graph")
	flag.StringVar(&o.data, "data", ".dossier", "folder for the generated graph's database, kept for the next run")
	flag.IntVar(&o.rounds, "rounds", 2, "turns of each server, for each question and number of connections")
	flag.DurationVar(&o.duration, "duration", 2*time.Second, "of a turn")
	flag.DurationVar(&o.warmUp, "warm-up", 6*time.Second, "a turn of each server for each question, at the most connections, before anything counts, and again until they get no faster; and a third of it at each number of them")
	flag.StringVar(&o.results, "results", "", "file for the results, as Markdown (default standard output)")
	connections := flag.String("connections", "1,16,64", "numbers of connections to ask on")
	names := flag.String("servers", "", "which servers to measure (default all: "+strings.Join(serverNames(), ",")+")")
	only := flag.String("only", "", "regular expression: only the questions whose name it matches (all: "+strings.Join(questionNames(), ", ")+")")
	hold := flag.Bool("hold", false, "only bring up the generated graph, until interrupted")
	raw := flag.Bool("serve-raw", false, "be the server raw, on the Neo4j of NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD")
	flag.Parse()
	if *raw {
		return serveByHand(ctx, os.Getenv("NEO4J_URI"), os.Getenv("NEO4J_USERNAME"), os.Getenv("NEO4J_PASSWORD"))
	}
	var err error
	if o.connections, err = numbers(*connections); err != nil {
		return err
	}
	if o.servers, err = chooseServers(*names); err != nil {
		return err
	}
	if o.questions, err = chooseQuestions(*only); err != nil {
		return err
	}
	if o.rounds < 1 {
		return fmt.Errorf("-rounds %d: there must be at least one", o.rounds)
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
	r, err := compare(ctx, db, o)
	if err != nil {
		return err
	}
	return r.write(o.results)
}

// numbers reads numbers of connections, as -connections has them.
func numbers(list string) ([]int, error) {
	var out []int
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-connections %s: give numbers above 0 with commas between, for example 1,16,64", list)
		}
		out = append(out, n)
	}
	return out, nil
}

func questionNames() (out []string) {
	for _, q := range questions() {
		out = append(out, q.name)
	}
	return out
}

func chooseQuestions(only string) ([]question, error) {
	matching, err := regexp.Compile(only)
	if err != nil {
		return nil, fmt.Errorf("-only: %w", err)
	}
	out := slices.DeleteFunc(questions(), func(q question) bool { return !matching.MatchString(q.name) })
	if len(out) == 0 {
		return nil, fmt.Errorf("-only %s: no question has such a name: %s", only, strings.Join(questionNames(), ", "))
	}
	return out, nil
}

// Servers are warmed up as long as they answer more often than in the turn before, by this factor in their geometric mean.
const (
	fasterBy    = 1.03
	mostWarmUps = 5
)

// compare asks all servers all questions.
func compare(ctx context.Context, db *database, o options) (*report, error) {
	for _, s := range o.servers {
		if err := s.start(ctx, db); err != nil {
			return nil, err
		}
		defer s.stop()
	}
	for _, s := range o.servers {
		if err := s.waitReady(ctx); err != nil {
			return nil, err
		}
	}
	all := make([][]*asking, len(o.questions))
	for i, q := range o.questions {
		var err error
		if all[i], err = ask(ctx, db, o, q); err != nil {
			return nil, err
		}
	}
	turn := func(a *asking, connections int, d time.Duration) (measurement, error) {
		if err := db.calm(ctx); err != nil {
			return measurement{}, err
		}
		before := a.server.usage(db)
		m := a.measure(ctx, connections, d)
		m.cpu = a.server.usage(db).sub(before)
		return m, nil
	}
	// Neo4j plans what it has not seen, and Java and JavaScript compile what is used often, which takes them a minute of some
	// questions: first all are asked everything, much at once, until they get no faster.
	for i, q := range o.questions {
		if q.alone {
			continue
		}
		progress("warming up: %s", q.name)
		before := 0.0
		for range mostWarmUps {
			product := 1.0
			for _, a := range all[i] {
				m, err := turn(a, slices.Max(o.connections), o.warmUp)
				if err != nil {
					return nil, err
				}
				product *= m.perSecond()
			}
			now := math.Pow(product, 1/float64(len(all[i])))
			if now < fasterBy*before {
				break
			}
			before = now
		}
	}
	r := &report{options: o}
	for i, q := range o.questions {
		asked := all[i]
		if err := db.calm(ctx); err != nil {
			return nil, err
		}
		if err := agreement(ctx, q, asked); err != nil {
			r.differ(q, err)
		}
		for _, n := range o.connections {
			if q.alone && n > 1 {
				continue
			}
			for _, a := range asked {
				if _, err := turn(a, n, o.warmUp/3); err != nil {
					return nil, err
				}
			}
			row := newRow(q, n)
			for range o.rounds {
				for _, a := range asked {
					m, err := turn(a, n, o.duration)
					if err != nil {
						return nil, err
					}
					row.add(a.server.name, m)
				}
			}
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			r.add(row)
		}
	}
	r.finish(db)
	return r, startTimes(ctx, db, o, r)
}

// startTimes starts each server five times more and asks it the first question until it answers.
func startTimes(ctx context.Context, db *database, o options, r *report) error {
	q := o.questions[0]
	s, err := takeSample(ctx, db, o.size)
	if err != nil {
		return err
	}
	for _, server := range o.servers {
		if server.path(q) == "" {
			continue
		}
		body := mustJSON(server.body(q, q.variables(s)))
		var times []time.Duration
		for range 5 {
			fresh := *server
			begun := time.Now()
			if err := fresh.start(ctx, db); err != nil {
				return err
			}
			address, err := url.Parse(fresh.url + fresh.path(q))
			if err != nil {
				return err
			}
			c := connection{url: address}
			for {
				if _, err = c.post(ctx, body); err == nil || time.Since(begun) > time.Minute {
					break
				}
			}
			c.close()
			times = append(times, time.Since(begun))
			fresh.stop()
			if err != nil {
				return fmt.Errorf("%s does not answer a minute after its start: %w", server.name, err)
			}
		}
		slices.Sort(times)
		r.starts = append(r.starts, fmt.Sprintf("| %s | %d |\n", server.name, times[len(times)/2].Milliseconds()))
	}
	return nil
}

// An asking is one question as one server is asked it, with many variables.
type asking struct {
	server *server
	url    *url.URL
	bodies [][]byte
}

// ask makes ready what each server that can answer a question is asked: the same of all.
func ask(ctx context.Context, db *database, o options, q question) ([]*asking, error) {
	s, err := takeSample(ctx, db, o.size)
	if err != nil {
		return nil, err
	}
	var asked []*asking
	for _, server := range o.servers {
		if server.path(q) == "" {
			continue
		}
		address, err := url.Parse(server.url + server.path(q))
		if err != nil {
			return nil, err
		}
		asked = append(asked, &asking{server: server, url: address})
	}
	for range 500 {
		variables := q.variables(s)
		for _, a := range asked {
			a.bodies = append(a.bodies, mustJSON(a.server.body(q, variables)))
		}
	}
	return asked, nil
}

// agreement asks all servers the same and returns the first difference, or error.
func agreement(ctx context.Context, q question, asked []*asking) error {
	agree := q.agree
	if agree == nil {
		agree = equal
	}
	for i := range 20 {
		var first any
		for n, a := range asked {
			c := connection{url: a.url}
			answer, err := c.post(ctx, a.bodies[i])
			c.close()
			if err != nil {
				return fmt.Errorf("%s: %w", a.server.name, err)
			}
			v, err := a.server.read(q, answer)
			if err != nil {
				return fmt.Errorf("%s: %w: %.300s", a.server.name, err, answer)
			}
			if n == 0 {
				first = v
			} else if err := agree(first, v); err != nil {
				return fmt.Errorf("%s, then %s, asked %s: %w", asked[0].server.name, a.server.name, a.bodies[i], err)
			}
		}
	}
	return nil
}

// takeSample finds what to ask about: the same for every question of the same graph.
func takeSample(ctx context.Context, db *database, size Size) (*sample, error) {
	s := &sample{random: rand.New(rand.NewPCG(size.Seed, 1)), hub: hubID(size)} //nolint:gosec // the same sample each time
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
