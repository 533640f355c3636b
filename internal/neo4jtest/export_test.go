//go:build unix

package neo4jtest

// RemoveLeftovers is removeLeftovers, for the tests.
var RemoveLeftovers = removeLeftovers
