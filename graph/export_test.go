package graph

import "context"

// These are their namesakes, for the tests.
var (
	Standing   = standing
	ForSeveral = forSeveral
	NewPlans   = newPlans
)

// Plans are plans, for the tests.
type Plans = plans

// Compile is compile, for the tests.
func (p plans) Compile(root Root, sel Selection) (Statement, error) { return p.compile(root, sel) }

// Kept says whether the statement of a selection is kept.
func (p plans) Kept(sel Selection) bool {
	e, ok := p.erase(sel, early)
	if !ok {
		return false
	}
	found, _ := p.kept.Get(context.Background(), e.keyOf(sel))
	return found != nil
}

// Limits are the names of the parameters that a statement has once, however many requests it answers.
func (s Statement) Limits() []string { return s.limits }

// Alone says whether a statement is of no use for several requests at once.
func (s Statement) Alone() bool { return s.alone }

// Run runs a statement as reads do.
func (g *Graph) Run(ctx context.Context, text string) error {
	_, _, err := g.run(ctx, text, nil)
	return err
}
