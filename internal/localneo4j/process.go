//go:build unix

package localneo4j

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

//go:embed supervise.sh
var supervise string

// process is a Java process under the small shell script supervise.sh, which
// ends it when this process ends, however that happens.
type process struct {
	command *exec.Cmd
	leash   io.Closer     // closing it asks the process to stop
	booted  chan struct{} // closed when Neo4j says that all of it has started
	exited  chan struct{} // closed when no process is left
}

// launch starts Java with the arguments in home.javaArgs. It inherits the lock,
// and its group's number is written into that.
func launch(java string, home homeDir, lock *os.File) (*process, error) {
	if err := os.WriteFile(home.supervisor(), []byte(supervise), 0o600); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(home.consoleLog(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	p := &process{
		command: exec.Command("/bin/sh", home.supervisor(), java, "@"+home.javaArgs()),
		booted:  make(chan struct{}),
		exited:  make(chan struct{}),
	}
	output := &console{log: log, booted: p.booted}
	p.command.Stdout, p.command.Stderr = output, output
	p.command.ExtraFiles = []*os.File{lock}
	// A session of its own: Ctrl-C at the terminal must not reach Neo4j, which
	// is stopped in order instead.
	p.command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	// A process that keeps the output open must not keep us.
	p.command.WaitDelay = 2 * time.Second
	if p.leash, err = p.command.StdinPipe(); err != nil {
		_ = log.Close()
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		_ = log.Close()
		return nil, fmt.Errorf("start Neo4j: %w", err)
	}
	group := p.command.Process.Pid
	if err := writeNumber(lock, group); err != nil {
		_ = p.leash.Close()
	}
	go func() {
		defer close(p.exited)
		_ = p.command.Wait()
		endGroup(group)
		_ = log.Close()
	}()
	return p, nil
}

// endGroup ends what is left of a process group: nothing, unless the shell
// script was killed.
func endGroup(group int) {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if errors.Is(syscall.Kill(-group, syscall.SIGTERM), syscall.ESRCH) {
			return
		}
	}
	_ = syscall.Kill(-group, syscall.SIGKILL)
}

// stop asks the process to stop and waits until it has; at the end of ctx it is
// killed, and stop returns ctx's error.
func (p *process) stop(ctx context.Context) error {
	_ = p.leash.Close()
	select {
	case <-p.exited:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-p.exited:
		return nil
	default:
	}
	_ = syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL)
	<-p.exited
	return ctx.Err()
}

// fullyFledged is the one byte (ACK) that Neo4j prints when it has started:
// org.neo4j.server.startup.Environment.FULLY_FLEDGED.
const fullyFledged = 0x06

// console receives what Java prints: into a log file, with an eye on
// fullyFledged.
type console struct {
	log    *os.File
	booted chan struct{}
	once   sync.Once
}

func (c *console) Write(data []byte) (int, error) {
	if bytes.IndexByte(data, fullyFledged) >= 0 {
		c.once.Do(func() { close(c.booted) })
	}
	// A full disk must not stop Neo4j.
	_, _ = c.log.Write(data)
	return len(data), nil
}
