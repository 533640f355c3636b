//go:build unix

package localneo4j

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// checkDisk returns an error if fewer than needMB megabytes are free where dir
// is, or will be.
func checkDisk(dir string, needMB int, purpose, advice string) error {
	existing := dir
	for {
		if _, err := os.Stat(existing); err == nil {
			break
		}
		parent := filepath.Dir(existing)
		if parent == existing {
			return nil
		}
		existing = parent
	}
	var stat syscall.Statfs_t
	if err := syscall.Statfs(existing, &stat); err != nil {
		return nil //nolint:nilerr // no answer is no reason not to try
	}
	freeMB := int(stat.Bavail * uint64(stat.Bsize) >> 20) //nolint:gosec // the size of a block
	if freeMB < needMB {
		return fmt.Errorf("not enough disk space %s: %d MB are free in %s, about %d MB are needed; make room, or %s", purpose, freeMB, existing, needMB, advice)
	}
	return nil
}

// overheadMB is what the Java machine needs beside its heap and Neo4j's page
// cache: classes, compiled code, thread stacks, network buffers.
const overheadMB = 250

// checkMemory returns an error if the machine has too little memory left for a
// Neo4j of that size.
func checkMemory(heapMB, pageCacheMB int) error {
	freeMB, known := availableMemoryMB()
	needMB := heapMB + pageCacheMB + overheadMB
	if known && freeMB < needMB {
		return fmt.Errorf("not enough memory for Neo4j: %d MB are available, about %d MB are needed (%d heap, %d page cache, %d Java itself); end other programs, or give Neo4j a smaller heap or page cache", freeMB, needMB, heapMB, pageCacheMB, overheadMB)
	}
	return nil
}
