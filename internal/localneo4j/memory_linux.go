package localneo4j

import (
	"bufio"
	"fmt"
	"os"
)

// availableMemoryMB is the kernel's estimate of what new programs can have
// without swapping: MemAvailable in proc_meminfo(5).
func availableMemoryMB() (megabytes int, known bool) {
	file, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var kilobytes int
		if n, _ := fmt.Sscanf(lines.Text(), "MemAvailable: %d kB", &kilobytes); n == 1 {
			return kilobytes >> 10, true
		}
	}
	return 0, false
}
