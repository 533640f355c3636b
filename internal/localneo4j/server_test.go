//go:build unix

package localneo4j

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// TestMain lets the test binary stand in for a program that starts Neo4j, so
// that tests can kill it.
func TestMain(m *testing.M) {
	if dir := os.Getenv("LOCALNEO4J_PARENT"); dir != "" {
		if err := parent(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// small is a server that starts quickly.
func small(dataDir string) Options {
	return Options{
		DataDir:     dataDir,
		HeapMB:      256,
		PageCacheMB: 32,
		NoBrowser:   true,
		JavaOptions: []string{"-XX:TieredStopAtLevel=1"},
	}
}

// parent starts a server, prints its process group, and stops it upon SIGINT.
func parent(dir string) error {
	interrupted, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT)
	defer cancel()
	s, err := Start(context.Background(), small(dir))
	if err != nil {
		return err
	}
	fmt.Println("group", s.process.command.Process.Pid)
	select {
	case <-interrupted.Done():
		err = s.Stop(context.Background())
	case <-s.Exited():
	}
	return errors.Join(err, s.Err())
}

// startParent runs parent as a process that leads its own process group, and
// returns it with the process group of its Neo4j.
func startParent(t *testing.T, dir string) (command *exec.Cmd, group int) {
	t.Helper()
	command = exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "LOCALNEO4J_PARENT="+dir)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("parent: %v", err)
	}
	if _, err := fmt.Sscanf(line, "group %d", &group); err != nil {
		t.Fatalf("parent: %s", line)
	}
	return command, group
}

// run runs a statement and returns the first value of its first record.
func run(t *testing.T, s *Server, cypher string) any {
	t.Helper()
	driver, err := s.connect()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = driver.Close(t.Context()) }()
	result, err := neo4j.ExecuteQuery(t.Context(), driver, cypher, nil, neo4j.EagerResultTransformer)
	if err != nil {
		t.Fatalf("%s: %v", cypher, err)
	}
	if len(result.Records) == 0 {
		return nil
	}
	return result.Records[0].Values[0]
}

// mustStart starts a server that ends with the test.
func mustStart(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}

// processes lists the command lines of all processes of a group.
func processes(t *testing.T, group int) []string {
	t.Helper()
	out, err := exec.Command("ps", "-A", "-o", "pgid=,pid=,args=").Output()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, line := range strings.Split(string(out), "\n") {
		if fields := strings.Fields(line); len(fields) > 2 && fields[0] == strconv.Itoa(group) && !strings.Contains(line, "<defunct>") {
			found = append(found, strings.Join(fields[1:], " "))
		}
	}
	return found
}

// progress collects progress lines.
type progress struct {
	mu    sync.Mutex
	lines []string
}

func (p *progress) add(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, fmt.Sprintf(format, args...))
}

func (p *progress) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", parts)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error of more than one line: %v", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

// The life of a data directory: first start, use, stop, start again, crash.
func TestServer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), `a "folder" with spaces`)
	told := &progress{}
	o := small(dir)
	o.NoBrowser = false
	o.Progress = told.add
	s := mustStart(t, o)

	t.Run("password", func(t *testing.T) {
		info, err := os.Stat(s.PasswordFile)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != 0o600 {
			t.Errorf("%s has mode %v", s.PasswordFile, info.Mode())
		}
		if len(s.Password) < 20 {
			t.Errorf("password of %d characters", len(s.Password))
		}
		if text := fmt.Sprintf("%v %+v %s", s, s, told); strings.Contains(text, s.Password) {
			t.Error("printing the server or its progress tells the password")
		}
		out, err := exec.Command("ps", "-A", "-ww", "-o", "args=").Output()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(out, []byte(dir)) {
			t.Error("the server is not among the processes")
		}
		if bytes.Contains(out, []byte(s.Password)) {
			t.Error("a command line shows the password")
		}
	})

	t.Run("settings", func(t *testing.T) {
		for name, want := range map[string]string{
			"server.bolt.listen_address":                    strings.TrimPrefix(s.BoltURI, "bolt://"),
			"server.default_listen_address":                 "127.0.0.1",
			"server.https.enabled":                          "false",
			"dbms.usage_report.enabled":                     "false",
			"client.allow_telemetry":                        "false",
			"dbms.security.auth_enabled":                    "true",
			"dbms.security.allow_csv_import_from_file_urls": "false",
			"db.memory.transaction.max":                     "128.00MiB",
			"server.memory.pagecache.size":                  "32.00MiB",
		} {
			if got := run(t, s, "SHOW SETTINGS '"+name+"' YIELD value"); got != want {
				t.Errorf("%s is %v, want %s", name, got, want)
			}
		}
		driver, err := s.connect()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = driver.Close(t.Context()) }()
		for _, source := range []string{"file:///etc/passwd", s.BrowserURL, "http://[::1]:1/"} {
			_, err := neo4j.ExecuteQuery(t.Context(), driver, "LOAD CSV FROM $source AS line RETURN line", map[string]any{"source": source}, neo4j.EagerResultTransformer)
			var refused *neo4j.Neo4jError
			if !errors.As(err, &refused) {
				t.Errorf("LOAD CSV FROM %s: %v", source, err)
			} else if source != s.BrowserURL && strings.HasPrefix(source, "http") && !strings.Contains(refused.Msg, "blocked") {
				t.Errorf("LOAD CSV FROM %s was tried: %v", source, err)
			}
		}
	})

	t.Run("browser", func(t *testing.T) {
		response, err := http.Get(s.BrowserURL)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusOK || !bytes.Contains(body, []byte("Neo4j Browser")) {
			t.Errorf("%s: %s: %.80q", s.BrowserURL, response.Status, body)
		}
		api, err := http.Post(strings.TrimSuffix(s.BrowserURL, "browser/")+"db/neo4j/tx/commit", "application/json", strings.NewReader(`{"statements": []}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = api.Body.Close()
		if api.StatusCode != http.StatusNotFound {
			t.Errorf("the HTTP API answers %s", api.Status)
		}
	})

	t.Run("second instance", func(t *testing.T) {
		_, err := Start(t.Context(), small(dir))
		wantError(t, err, "data directory "+dir+" is in use", fmt.Sprintf("process %d", os.Getpid()), "--data-dir")
	})

	t.Run("shell", func(t *testing.T) {
		var out, problems bytes.Buffer
		err := Shell(t.Context(), dir, []string{"--format", "plain", "CREATE (n:Kept {name: 'kept'}) RETURN n.name"}, nil, &out, &problems)
		if err != nil || out.String() != "n.name\n\"kept\"\n" {
			t.Errorf("cypher-shell: %v, %q, %q", err, &out, &problems)
		}
		out.Reset()
		err = Shell(t.Context(), dir, []string{"--format", "plain"}, strings.NewReader("MATCH (n:Kept) RETURN count(n) AS n;\n"), &out, &problems)
		if err != nil || out.String() != "n\n1\n" {
			t.Errorf("cypher-shell with standard input: %v, %q, %q", err, &out, &problems)
		}
	})

	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-s.Exited()
	if err := s.Err(); err != nil {
		t.Errorf("a stopped server has an error: %v", err)
	}
	if left := processes(t, s.process.command.Process.Pid); len(left) > 0 {
		t.Errorf("processes left: %q", left)
	}
	wantError(t, Shell(t.Context(), dir, nil, nil, io.Discard, io.Discard), "no local Neo4j runs on data directory "+dir)

	// Again, on ports that are taken. Java refuses to start with -Xshare:on if
	// the class data archive does not fit.
	var taken [2]net.Listener
	for i := range taken {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = listener.Close() }()
		taken[i] = listener
	}
	o.BoltPort = taken[0].Addr().(*net.TCPAddr).Port
	o.HTTPPort = taken[1].Addr().(*net.TCPAddr).Port
	o.JavaOptions = append(o.JavaOptions, "-Xshare:on")
	again := mustStart(t, o)
	for _, want := range []string{
		fmt.Sprintf("port %d is taken: Neo4j's Bolt uses ", o.BoltPort),
		fmt.Sprintf("port %d is taken: Neo4j's HTTP uses ", o.HTTPPort),
	} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("progress does not say %q:\n%s", want, told)
		}
	}
	if again.Password != s.Password {
		t.Error("the password did not survive")
	}
	if n := run(t, again, "MATCH (n:Kept) RETURN count(n)"); n != int64(1) {
		t.Errorf("%v nodes survived of 1", n)
	}

	err := filepath.WalkDir(filepath.Join(dir, "neo4j"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path == again.PasswordFile {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(again.Password)) {
			t.Errorf("%s holds the password", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}

	// Java dies: the server says so, and its data directory is free.
	group := again.process.command.Process.Pid
	java := javaProcess(t, group)
	if err := syscall.Kill(java, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-again.Exited()
	wantError(t, again.Err(), "neo4j ended by itself", filepath.Join(dir, "neo4j", "logs"))
	if left := processes(t, group); len(left) > 0 {
		t.Errorf("processes left: %q", left)
	}
	locks, err := claimHome(t.Context(), dir, homeDir(filepath.Join(dir, "neo4j")), t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	locks.release()
}

// javaProcess finds Java in a process group.
func javaProcess(t *testing.T, group int) int {
	t.Helper()
	for _, line := range processes(t, group) {
		if fields := strings.Fields(line); filepath.Base(fields[1]) == "java" {
			pid, err := strconv.Atoi(fields[0])
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatalf("no java in process group %d", group)
	return 0
}

// Whatever ends the program that started Neo4j, Neo4j ends too, and the next
// start finds the data.
func TestParentEnds(t *testing.T) {
	dir := t.TempDir()

	t.Run("Ctrl-C", func(t *testing.T) {
		command, group := startParent(t, dir)
		// As a terminal does: to the whole process group.
		if err := syscall.Kill(-command.Process.Pid, syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		if err := command.Wait(); err != nil {
			t.Errorf("parent: %v", err)
		}
		if left := processes(t, group); len(left) > 0 {
			t.Errorf("processes left: %q", left)
		}
	})

	t.Run("kill -9", func(t *testing.T) {
		command, group := startParent(t, dir)
		_ = command.Process.Kill()
		_ = command.Wait()
		told := &progress{}
		o := small(dir)
		o.Progress = told.add
		s := mustStart(t, o)
		if left := processes(t, group); len(left) > 0 {
			t.Errorf("processes left: %q", left)
		}
		if !strings.Contains(told.String(), "an earlier Neo4j still runs") {
			t.Errorf("no word of the wait for the earlier server:\n%s", told)
		}
		run(t, s, "CREATE (:Kept)")
		if err := s.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})

	t.Run("kill -9 of all but Java", func(t *testing.T) {
		shorten(t, &leftoverPatience[0], time.Millisecond)
		command, group := startParent(t, dir)
		java := javaProcess(t, group)
		for _, line := range processes(t, group) {
			if pid, _ := strconv.Atoi(strings.Fields(line)[0]); pid != java {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		_ = command.Process.Kill()
		_ = command.Wait()
		s := mustStart(t, small(dir))
		if left := processes(t, group); len(left) > 0 {
			t.Errorf("processes left: %q", left)
		}
		if n := run(t, s, "MATCH (n:Kept) RETURN count(n)"); n != int64(1) {
			t.Errorf("%v nodes survived of 1", n)
		}
	})
}

func shorten(t *testing.T, d *time.Duration, to time.Duration) {
	was := *d
	*d = to
	t.Cleanup(func() { *d = was })
}

func TestStartFails(t *testing.T) {
	t.Run("Java refuses", func(t *testing.T) {
		o := small(t.TempDir())
		o.JavaOptions = []string{"-XX:+NoSuchOption"}
		_, err := Start(t.Context(), o)
		wantError(t, err, "neo4j ended while starting", "Unrecognized VM option 'NoSuchOption'", "console.log")
	})
	t.Run("Neo4j refuses", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, "neo4j", "data"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "neo4j", "data", "databases"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Start(t.Context(), small(dir))
		wantError(t, err, "neo4j ended while starting", "databases", filepath.Join(dir, "neo4j", "logs", "neo4j.log"))
	})
	t.Run("memory", func(t *testing.T) {
		o := small(t.TempDir())
		o.HeapMB = 1 << 30
		_, err := Start(t.Context(), o)
		wantError(t, err, "not enough memory for Neo4j", "MB are available", "smaller heap")
	})
	t.Run("data directory", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Start(t.Context(), small(file))
		wantError(t, err, "cannot make the data directory", file, "--data-dir")
	})
	t.Run("password file", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, "neo4j", "data", "databases", "system"), 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := Start(t.Context(), small(dir))
		wantError(t, err, filepath.Join(dir, "neo4j", "password")+" is missing", "put the password")
	})
	t.Run("cancelled", func(t *testing.T) {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		o := small(dir)
		o.Progress = func(format string, _ ...any) {
			if strings.HasPrefix(format, "starting") {
				cancel()
			}
		}
		if _, err := Start(ctx, o); !errors.Is(err, context.Canceled) {
			t.Fatalf("%v", err)
		}
		// Nothing is left that would hold the directory.
		lock, err := tryLock(homeDir(filepath.Join(dir, "neo4j")).serverLock())
		if err != nil {
			t.Fatal(err)
		}
		_ = lock.Close()
	})
}

// Another program takes the port that was found free before Neo4j does.
func TestPortRace(t *testing.T) {
	dir := t.TempDir()
	config := homeDir(filepath.Join(dir, "neo4j")).config()
	port := regexp.MustCompile(`server\.bolt\.listen_address=(\S+)\n`)
	taken := make(chan net.Listener, 1)
	go func() {
		defer close(taken)
		for t.Context().Err() == nil {
			text, _ := os.ReadFile(config)
			if match := port.FindSubmatch(text); match != nil {
				if listener, err := net.Listen("tcp", string(match[1])); err == nil {
					taken <- listener
				}
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	s := mustStart(t, small(dir))
	listener := <-taken
	if listener == nil {
		t.Fatal("the port could not be taken")
	}
	defer func() { _ = listener.Close() }()
	if address := listener.Addr().String(); s.BoltURI == "bolt://"+address {
		t.Errorf("Neo4j runs on %s, which is taken", address)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}

	// A password that was changed elsewhere.
	if err := os.WriteFile(s.PasswordFile, []byte("not-the-password\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), small(dir))
	wantError(t, err, "neo4j refuses the password in "+s.PasswordFile, "put the new one into that file")
	if strings.Contains(err.Error(), "not-the-password") {
		t.Errorf("the error tells the password: %v", err)
	}
}

func TestDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	wantError(t, checkDisk(dir, 1<<40, "for Neo4j's data", "choose another directory with --data-dir"),
		"not enough disk space for Neo4j's data", "MB are free in", "--data-dir")
	if err := checkDisk(dir, 1, "", ""); err != nil {
		t.Error(err)
	}
}
