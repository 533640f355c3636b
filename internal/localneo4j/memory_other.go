//go:build !linux

package localneo4j

// availableMemoryMB is not known: the other systems have no single number for it.
func availableMemoryMB() (megabytes int, known bool) { return 0, false }
