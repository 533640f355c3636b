package httpapi

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"

	"dossier/graph"
)

// maxRepeats is how often one response key may stand in one selection: each is compared with each (Field Selection
// Merging), which took 11 seconds for 10,000 of them.
const maxRepeats = 100

// textLimits is the gqlgen extension that holds an operation's text against the limits before it is validated. A text
// that has been validated before is known to hold them.
type textLimits struct {
	Limits
	validated graphql.Cache[*ast.QueryDocument]
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
} = textLimits{}

func (textLimits) ExtensionName() string                   { return "TextLimits" }
func (textLimits) Validate(graphql.ExecutableSchema) error { return nil }

func (l textLimits) MutateOperationParameters(ctx context.Context, p *graphql.RawParams) *gqlerror.Error {
	if _, known := l.validated.Get(ctx, p.Query); known {
		return nil
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: p.Query}, l.MaxTokens)
	if err != nil {
		switch what := err.Error(); {
		case strings.Contains(what, "exceeded token limit"):
			return exceeded("tokens", l.MaxTokens, "the operation is too long: it may have %s", plural(l.MaxTokens, "token"))
		case strings.Contains(what, "exceeded maximum nesting depth"):
			most := min(cmp.Or(l.MaxDepth, parser.MaxNestingDepth), parser.MaxNestingDepth)
			return exceeded("depth", most, "the operation asks for too much at once: it has more than %d levels", most)
		case strings.Contains(what, lexer.Invalid.String()):
			return misspelt(p.Query)
		}
		return nil // which is said where it is parsed again
	}
	m := measure{document: document, fragments: map[string]*size{}}
	for _, o := range document.Operations {
		s := m.set(o.SelectionSet, map[string]int{})
		s.directives += len(o.Directives)
		for _, v := range o.VariableDefinitions {
			s.directives += len(v.Directives)
			s.values = max(s.values, nesting(v.DefaultValue))
		}
		if err := l.check(s); err != nil {
			return err
		}
	}
	for _, f := range document.Fragments { // also those that nothing spreads: they are validated too
		if err := l.check(*m.fragment(f.Name)); err != nil {
			return err
		}
	}
	return nil
}

// misspelt is what is wrong with a text that does not consist of words and signs of GraphQL: the parser only says that there is
// something that it did not expect.
func misspelt(text string) *gqlerror.Error {
	words := lexer.New(&ast.Source{Input: text})
	for {
		word, err := words.ReadToken()
		if wrong, is := errors.AsType[*gqlerror.Error](err); is {
			wrong.Extensions = map[string]any{"code": errcode.ParseFailed}
			return wrong
		}
		if err != nil || word.Kind == lexer.EOF {
			return nil
		}
	}
}

func (l Limits) check(s size) *gqlerror.Error {
	for _, c := range []struct {
		limit, has    string
		actual, bound int
	}{
		{"depth", "levels of fields", s.depth, l.MaxDepth},
		{"depth", "levels of lists and objects in an argument", s.values, l.MaxDepth},
		{"aliases", "aliases", s.aliases, l.MaxAliases},
		{"directives", "directives", s.directives, l.MaxDirectives},
		{"fields", "fields", s.fields, graph.MaxFields},
		{"fields", "fields of one name in one place", s.repeats, maxRepeats},
	} {
		if c.bound > 0 && c.actual > c.bound {
			return exceeded(c.limit, c.bound, "the operation asks for too much at once: with its fragments it has more than %d %s", c.bound, c.has)
		}
	}
	return nil
}

// size is how large a selection is with its fragments put in place. Numbers beyond manyTimes are not told apart.
type size struct {
	depth, values, repeats, aliases, directives, fields int
	keys                                                map[string]int // how often it has each response key; of fragments only
}

const manyTimes = 1 << 30

func (s *size) add(o size) {
	s.depth, s.values, s.repeats = max(s.depth, o.depth), max(s.values, o.values), max(s.repeats, o.repeats)
	s.aliases = min(s.aliases+o.aliases, manyTimes)
	s.directives = min(s.directives+o.directives, manyTimes)
	s.fields = min(s.fields+o.fields, manyTimes)
}

// measure measures a document that need not be valid, each of its fragments once.
type measure struct {
	document  *ast.QueryDocument
	fragments map[string]*size // a fragment that is being measured has no size yet: it spreads itself
}

// set measures a selection. In keys it counts the response keys, also those of fragments, which are one selection with what
// is around them.
func (m *measure) set(set ast.SelectionSet, keys map[string]int) size {
	var out size
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			below := m.set(s.SelectionSet, map[string]int{})
			keys[s.Alias]++
			below.repeats = max(below.repeats, keys[s.Alias])
			below.depth++
			below.fields = min(below.fields+1, manyTimes)
			if s.Alias != s.Name {
				below.aliases++
			}
			below.directives += len(s.Directives)
			for _, a := range s.Arguments {
				below.values = max(below.values, nesting(a.Value))
			}
			out.add(below)
		case *ast.InlineFragment:
			out.add(m.set(s.SelectionSet, keys))
			out.directives += len(s.Directives)
		case *ast.FragmentSpread:
			spread := m.fragment(s.Name)
			out.add(*spread)
			out.directives += len(s.Directives)
			for key, n := range spread.keys {
				keys[key] = min(keys[key]+n, manyTimes)
				out.repeats = max(out.repeats, keys[key])
			}
		}
	}
	return out
}

func (m *measure) fragment(name string) *size {
	if known := m.fragments[name]; known != nil {
		return known
	}
	out := &size{}
	m.fragments[name] = out
	if f := m.document.Fragments.ForName(name); f != nil {
		keys := map[string]int{}
		*out = m.set(f.SelectionSet, keys)
		out.keys = keys
		out.directives += len(f.Directives)
	}
	return out
}

// nesting is how deep lists and objects lie in each other.
func nesting(v *ast.Value) int {
	if v == nil || v.Kind != ast.ListValue && v.Kind != ast.ObjectValue {
		return 0
	}
	deepest := 0
	for _, child := range v.Children {
		deepest = max(deepest, nesting(child.Value))
	}
	return deepest + 1
}
