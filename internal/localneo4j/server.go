//go:build unix

// Package localneo4j runs a real Neo4j for those who have none: Neo4j Community
// with Neo4j Browser and cypher-shell, as a child of this process, without a
// container or an installation.
//
// Neo4j is published as Maven artifacts, and runs from them. Fetch has Maven
// copy the jars into the user's cache directory, once for each version. Start
// runs Java on them with settings of our own (loopback only, no usage reports,
// nothing that reaches out of the database) and returns when Neo4j answers.
// A small shell script stands between us and Java and ends it when we end, be
// it by a kill -9. Locks on the data directory keep two servers off the same
// data and find one that was left behind all the same.
//
// Everything of one server is under DataDir/neo4j:
//
//	password   of user neo4j, in plain text, mode 0600
//	data/      databases, transaction logs, users
//	logs/      Neo4j's logs, and what Java prints (console.log)
//	conf/      neo4j.conf and Java's arguments, written at every start
//	run/       locks, the shell script, and while the server runs, its address
//	           (running.json)
//
// The package is for Unix systems: Linux and macOS.
package localneo4j

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"
)

// Options say which Neo4j is started, and where. The zero value of every field
// but the ports stands for its default.
type Options struct {
	DataDir  string // data, password, settings and logs go to DataDir/neo4j; default ".dossier"
	CacheDir string // jars, shared by all data directories; default "dossier" in the user's cache directory
	Version  string // of Neo4j; default DefaultVersion

	// Ports on the loopback interface. If one is taken, a free one is used
	// instead; 0 stands for any free port.
	BoltPort, HTTPPort int

	HeapMB      int // Java heap; default 512, or 1536 for versions named by years, whose parser remembers more of what it has read
	PageCacheMB int // Neo4j's page cache, outside the heap; default 192

	NoBrowser   bool     // serve no Neo4j Browser: nothing listens on HTTP
	JavaOptions []string // more options for Java, after our own
	Settings    []string // more settings of Neo4j, as name=value, after our own

	// Progress is told, in lines for people, what takes time. May be nil.
	Progress func(format string, args ...any)
}

// DefaultVersion of Neo4j: the long-term support line.
const DefaultVersion = "5.26.30"

// Ports that Neo4j uses by default.
const (
	DefaultBoltPort = 7687
	DefaultHTTPPort = 7474
)

var aVersion = regexp.MustCompile(`^\d+\.\d+\.\d+$`)

func (o Options) withDefaults() (Options, error) {
	if o.DataDir == "" {
		o.DataDir = ".dossier"
	}
	if o.CacheDir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return o, fmt.Errorf("no cache directory: %w; set HOME or XDG_CACHE_HOME", err)
		}
		o.CacheDir = filepath.Join(cache, "dossier")
	}
	if o.Version == "" {
		o.Version = DefaultVersion
	}
	if !aVersion.MatchString(o.Version) {
		return o, fmt.Errorf("%q is no version of Neo4j: write it as %s or 2026.08.1", o.Version, DefaultVersion)
	}
	for _, port := range []int{o.BoltPort, o.HTTPPort} {
		if port < 0 || port > math.MaxUint16 {
			return o, fmt.Errorf("the port %d of the local Neo4j is none: choose one from 1 to 65535, or 0 for any", port)
		}
	}
	if o.BoltPort != 0 && o.BoltPort == o.HTTPPort && !o.NoBrowser {
		return o, fmt.Errorf("the port %d of the local Neo4j cannot be both for Bolt and for Neo4j Browser: choose two", o.BoltPort)
	}
	if o.HeapMB == 0 {
		if o.HeapMB = 512; calendarVersion(o.Version) {
			o.HeapMB = 1536
		}
	}
	if o.PageCacheMB == 0 {
		o.PageCacheMB = 192
	}
	if o.Progress == nil {
		o.Progress = func(string, ...any) {}
	}
	// Java and Maven run elsewhere.
	for _, path := range []*string{&o.DataDir, &o.CacheDir} {
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return o, err
		}
		*path = absolute
	}
	return o, nil
}

// Server is a running Neo4j.
type Server struct {
	BoltURI      string // bolt://127.0.0.1:7687
	BrowserURL   string // http://127.0.0.1:7474/browser/; "" with NoBrowser
	Username     string
	Password     string
	PasswordFile string // holds Password; mode 0600
	LogFile      string // Neo4j's own log

	process  *process
	exited   chan struct{}
	stopping sync.Once
	stopped  chan struct{} // closed when Stop was called
	err      error         // valid after exited
}

// String leaves out the password, so that printing a Server does not tell it.
func (s *Server) String() string { return "local Neo4j at " + s.BoltURI }

// Start brings up the Neo4j of a data directory, fetching it first if need be,
// and returns when it answers an authenticated query. The server ends with this
// process, however that ends; data of a server that was not stopped in order
// are recovered at the next start.
//
// The context bounds the start alone. Every error is one line that says what is
// wrong and what to do.
func Start(ctx context.Context, o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	install, err := ensureInstall(ctx, o)
	if err != nil {
		return nil, err
	}
	return startInstalled(ctx, o, install)
}

// startInstalled is Start with what it needs fetched.
func startInstalled(ctx context.Context, o Options, install installation) (*Server, error) {
	home := homeDir(filepath.Join(o.DataDir, "neo4j"))
	for _, dir := range []string{"run", "conf", "logs", "data"} {
		if err := os.MkdirAll(home.path(dir), 0o700); err != nil {
			return nil, fmt.Errorf("cannot make the data directory: %w; choose another with --data-dir", err)
		}
	}
	locks, err := claimHome(ctx, o.DataDir, home, o.Progress)
	if err != nil {
		return nil, err
	}
	server, err := startClaimed(ctx, o, install, home, locks)
	if err != nil {
		locks.release()
		return nil, err
	}
	return server, nil
}

// startClaimed is startInstalled with the data directory's locks held; the
// server gives them back.
func startClaimed(ctx context.Context, o Options, install installation, home homeDir, locks dirLocks) (*Server, error) {
	if err := checkMemory(o.HeapMB, o.PageCacheMB); err != nil {
		return nil, err
	}
	if err := checkDisk(o.DataDir, dataDiskMB, "for Neo4j's data", "choose another directory with --data-dir"); err != nil {
		return nil, err
	}
	password, err := ensurePassword(home)
	if err != nil {
		return nil, err
	}

	started := time.Now()
	o.Progress("starting Neo4j %s", o.Version)
	for attempt := 1; ; attempt++ {
		server, err := boot(ctx, o, install, home, locks, password)
		// Another program can take a port between our look and Neo4j's.
		if errors.Is(err, errPortTaken) && attempt < 5 {
			continue
		}
		if err != nil {
			return nil, err
		}
		o.Progress("Neo4j is ready after %.1f s at %s", time.Since(started).Seconds(), server.BoltURI)
		return server, nil
	}
}

const dataDiskMB = 500

var errPortTaken = errors.New("port is taken")

// boot makes one attempt to start Neo4j.
func boot(ctx context.Context, o Options, install installation, home homeDir, locks dirLocks, password string) (*Server, error) {
	boltPort, err := choosePort(o, "Bolt", o.BoltPort)
	if err != nil {
		return nil, err
	}
	httpPort := 0
	if !o.NoBrowser {
		if httpPort, err = choosePort(o, "HTTP", o.HTTPPort); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(home.config(), []byte(settings(o, install.version, boltPort, httpPort)), 0o600); err != nil {
		return nil, err
	}
	if err := os.WriteFile(home.javaArgs(), []byte(javaArguments(o, install, home)), 0o600); err != nil {
		return nil, err
	}
	logBefore := fileSize(home.log())
	process, err := launch(install.java.path, home, locks.server)
	if err != nil {
		return nil, err
	}
	s := &Server{
		BoltURI:      fmt.Sprintf("bolt://127.0.0.1:%d", boltPort),
		Username:     username,
		Password:     password,
		PasswordFile: home.passwordFile(),
		LogFile:      home.log(),
		process:      process,
		exited:       make(chan struct{}),
		stopped:      make(chan struct{}),
	}
	if !o.NoBrowser {
		s.BrowserURL = fmt.Sprintf("http://127.0.0.1:%d/browser/", httpPort)
	}

	select {
	case <-process.booted:
		err = s.answers(ctx)
		if err == nil {
			err = s.writeRunning(home, install)
		}
	case <-process.exited:
		err = startFailure(home, logBefore)
	case <-ctx.Done():
		err = fmt.Errorf("starting Neo4j: %w", ctx.Err())
	}
	if err != nil {
		// Nobody has written to it yet.
		hurry, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = process.stop(hurry)
		return nil, err
	}

	go func() {
		defer close(s.exited)
		<-process.exited
		select {
		case <-s.stopped:
		default:
			s.err = fmt.Errorf("neo4j ended by itself: %s; its logs are in %s", reason(logProblem(home.log(), logBefore), consoleProblem(home.consoleLog())), home.path("logs"))
		}
		_ = os.Remove(home.runningFile())
		locks.release()
	}()
	return s, nil
}

// Exited is closed when Neo4j has ended, stopped or by itself, and the data
// directory is free again.
func (s *Server) Exited() <-chan struct{} { return s.exited }

// Err tells, once Exited is closed, why Neo4j ended; nil if it was stopped.
func (s *Server) Err() error {
	<-s.exited
	return s.err
}

// Stop ends Neo4j in order and waits until it has ended. At the end of ctx it
// is killed, which is an error, though one that loses no data: the next start
// recovers them. Stop may be called more than once.
func (s *Server) Stop(ctx context.Context) error {
	s.stopping.Do(func() { close(s.stopped) })
	err := s.process.stop(ctx)
	<-s.exited
	if err != nil {
		return fmt.Errorf("neo4j did not stop in time and was killed (%w); it recovers its data at the next start", err)
	}
	return nil
}

// answers waits until Neo4j answers a query of its user.
func (s *Server) answers(ctx context.Context) error {
	driver, err := s.connect()
	if err != nil {
		return err
	}
	defer func() { _ = driver.Close(ctx) }()

	deadline := time.Now().Add(30 * time.Second)
	for {
		err := ping(ctx, driver)
		if err == nil {
			return nil
		}
		var refused *neo4j.Neo4jError
		if errors.As(err, &refused) && refused.Code == "Neo.ClientError.Security.Unauthorized" {
			return fmt.Errorf("neo4j refuses the password in %s: if it was changed, put the new one into that file", s.PasswordFile)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("neo4j runs but answers no query: %w; see %s", err, s.LogFile)
		}
		select {
		case <-s.process.exited:
			return fmt.Errorf("neo4j ended as soon as it had started; see %s", s.LogFile)
		case <-ctx.Done():
			return fmt.Errorf("waiting for Neo4j's first answer: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (s *Server) connect() (neo4j.DriverWithContext, error) {
	return neo4j.NewDriverWithContext(s.BoltURI, neo4j.BasicAuth(s.Username, s.Password, ""), func(c *config.Config) {
		c.MaxConnectionPoolSize = 1
		c.TelemetryDisabled = true
	})
}

func ping(ctx context.Context, driver neo4j.DriverWithContext) error {
	session := driver.NewSession(ctx, neo4j.SessionConfig{DatabaseName: "neo4j"})
	defer func() { _ = session.Close(ctx) }()
	result, err := session.Run(ctx, "RETURN 1", nil)
	if err != nil {
		return err
	}
	_, err = result.Consume(ctx)
	return err
}

// choosePort returns the wanted port if it is free, else any free one.
func choosePort(o Options, what string, wanted int) (int, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", wanted))
	if err != nil && wanted != 0 {
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err == nil {
			o.Progress("port %d is taken: Neo4j's %s uses %d", wanted, what, listener.Addr().(*net.TCPAddr).Port)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("no free port for Neo4j's %s on the loopback interface: %w", what, err)
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}

// running is what other processes of the user need to know of a running
// server: the contents of run/running.json.
type running struct {
	BoltURI    string `json:"boltUri"`
	BrowserURL string `json:"browserUrl,omitempty"`
	Username   string `json:"username"`
	Java       string `json:"java"`
	ShellPath  string `json:"shellPath"` // cypher-shell's class path
}

func (s *Server) writeRunning(home homeDir, install installation) error {
	text, err := json.MarshalIndent(running{
		BoltURI:    s.BoltURI,
		BrowserURL: s.BrowserURL,
		Username:   s.Username,
		Java:       install.java.path,
		ShellPath:  install.classPath("shell"),
	}, "", "  ")
	if err != nil {
		return err
	}
	return writeAtomically(home.runningFile(), string(text)+"\n")
}
