//go:build unix

package localneo4j

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// errLocked says that another process (or another part of this one) holds a lock.
var errLocked = errors.New("locked")

// tryLock opens (or makes) the file and takes its lock, or returns errLocked.
// The lock is flock(2)'s: it belongs to the open file, is shared with every
// process that inherits it, and ends with the last of them. Closing the file
// gives it back.
func tryLock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errLocked
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return file, nil
}

// waitLock is tryLock that waits until the lock is free. flock(2) knows no
// deadline, so the wait is a poll. waiting is called once if there is a wait.
func waitLock(ctx context.Context, path string, waiting func()) (*os.File, error) {
	for first := true; ; first = false {
		file, err := tryLock(path)
		if !errors.Is(err, errLocked) {
			return file, err
		}
		if first && waiting != nil {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// writeNumber makes a number the only content of a lock file.
func writeNumber(file *os.File, number int) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(strconv.Itoa(number)+"\n"), 0)
	return err
}

// readNumber reads what writeNumber wrote; 0 if there is none.
func readNumber(path string) int {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, 32))
	if err != nil {
		return 0
	}
	number, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return number
}

// dirLocks hold a data directory: owner is this process's alone, server is
// inherited by Neo4j's processes. Two locks tell a directory in use (owner is
// held) from one whose Neo4j has outlived its owner (only server is held).
type dirLocks struct {
	owner, server *os.File
}

// claimHome takes both locks of a Neo4j home. Neo4j that was left behind by a
// process that died is on its way down by itself (see supervise.sh): it gets
// time for that, and is then ended.
func claimHome(ctx context.Context, dataDir string, home homeDir, progress func(string, ...any)) (dirLocks, error) {
	owner, err := tryLock(home.ownerLock())
	if errors.Is(err, errLocked) {
		pid := readNumber(home.ownerLock())
		return dirLocks{}, fmt.Errorf("data directory %s is in use by another Dossier (process %d): stop that one, or choose another directory with --data-dir", dataDir, pid)
	}
	if err != nil {
		return dirLocks{}, fmt.Errorf("data directory %s: %w", dataDir, err)
	}
	if err := writeNumber(owner, os.Getpid()); err != nil {
		_ = owner.Close()
		return dirLocks{}, fmt.Errorf("data directory %s: %w", dataDir, err)
	}
	server, err := lockServer(ctx, home, progress)
	if err != nil {
		_ = owner.Close()
		return dirLocks{}, fmt.Errorf("data directory %s: %w", dataDir, err)
	}
	return dirLocks{owner: owner, server: server}, nil
}

// How long a left-behind Neo4j gets to end by itself, after a SIGTERM, and
// after a SIGKILL.
var leftoverPatience = [3]time.Duration{20 * time.Second, 20 * time.Second, 5 * time.Second}

func lockServer(ctx context.Context, home homeDir, progress func(string, ...any)) (*os.File, error) {
	path := home.serverLock()
	announce := func() {
		progress("an earlier Neo4j still runs on this data; waiting for it to stop")
	}
	for step, patience := range leftoverPatience {
		// The group's number is the one that Neo4j's processes were started
		// with. It cannot have passed to other processes: whoever holds the
		// lock is a member.
		if group := readNumber(path); step > 0 && group > 1 {
			signal := syscall.SIGTERM
			if step == 2 {
				signal = syscall.SIGKILL
			}
			_ = syscall.Kill(-group, signal)
		}
		wait, cancel := context.WithTimeout(ctx, patience)
		file, err := waitLock(wait, path, announce)
		cancel()
		if err == nil {
			return file, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		announce = nil
	}
	return nil, fmt.Errorf("a Neo4j left behind by an earlier run (process group %d) does not stop: end it, then try again", readNumber(path))
}

func (l dirLocks) release() {
	_ = l.server.Close()
	_ = l.owner.Close()
}
