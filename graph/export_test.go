package graph

// Standing and ForSeveral are standing and forSeveral, for the tests.
var (
	Standing   = standing
	ForSeveral = forSeveral
)

// Limits are the names of the parameters that a statement has once, however many requests it answers.
func (s Statement) Limits() []string { return s.limits }

// Alone says whether a statement is of no use for several requests at once.
func (s Statement) Alone() bool { return s.alone }
