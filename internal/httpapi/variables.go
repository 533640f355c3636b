package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"dossier/graph"
)

// GraphQL's Int has 32 bits (https://spec.graphql.org/October2021/#sec-Int), and variables are of the kind of JSON that their
// types ask for. gqlparser takes 64 bits, numbers in texts, and anything for a String.

const no32Bits = "Int cannot represent non 32-bit signed integer value: %s"

// validationRules are gqlparser's, that integers have 32 bits, and that a subscription has one response key; without suggestions, none of them names what was not asked for.
func validationRules(suggestions bool) *rules.Rules {
	out := rules.NewDefaultRules()
	out.AddRule("IntsHave32Bits", func(observers *core.Events, addError core.AddErrFunc) {
		observers.OnValue(func(_ *core.Walker, v *ast.Value) {
			if v.Kind == ast.IntValue && v.Definition != nil && v.Definition.Name == "Int" && !isInt(v.Raw, 32) && isInt(v.Raw, 64) {
				addError(core.Message(no32Bits, v.Raw), core.At(v.Position))
			}
		})
	})
	out.AddRule("SubscriptionsHaveOneStream", func(observers *core.Events, addError core.AddErrFunc) {
		observers.OnOperation(func(_ *core.Walker, o *ast.OperationDefinition) {
			if o.Operation == ast.Subscription {
				// Fields of several names are gqlparser's to refuse.
				if keys := responseKeys(o.SelectionSet, nil, map[string]bool{}); len(keys) > 1 && keys[0].Name == keys[1].Name {
					addError(core.Message("A subscription has one stream: ask for %s and %s in two.", keys[0].Alias, keys[1].Alias), core.At(keys[1].Position))
				}
			}
		})
	})
	if !suggestions { // FieldsOnCorrectType and ScalarLeafs are gqlgen's to replace
		for name, quiet := range map[string]core.Rule{
			rules.KnownArgumentNamesRule.Name:  rules.KnownArgumentNamesRuleWithoutSuggestions,
			rules.KnownTypeNamesRule.Name:      rules.KnownTypeNamesRuleWithoutSuggestions,
			rules.ValuesOfCorrectTypeRule.Name: rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
		} {
			out.RemoveRule(name)
			out.AddRule(quiet.Name, quiet.RuleFunc)
		}
	}
	return out
}

// responseKeys adds the fields of a selection that an answer would have by other names than those before.
func responseKeys(set ast.SelectionSet, known []*ast.Field, seen map[string]bool) []*ast.Field {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if !slices.ContainsFunc(known, func(f *ast.Field) bool { return f.Alias == s.Alias }) {
				known = append(known, s)
			}
		case *ast.InlineFragment:
			known = responseKeys(s.SelectionSet, known, seen)
		case *ast.FragmentSpread:
			if s.Definition != nil && !seen[s.Name] {
				seen[s.Name] = true
				known = responseKeys(s.Definition.SelectionSet, known, seen)
			}
		}
	}
	return known
}

func isInt(number string, bits int) bool {
	_, err := strconv.ParseInt(number, 10, bits)
	return err == nil
}

// maxObjects is how many objects a variable may have: far more than the conditions that one statement may have.
const maxObjects = 10 * graph.MaxConditions

// variables is the gqlgen extension that checks what gqlparser lets through.
type variables struct {
	schema   *ast.Schema
	maxDepth int
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = variables{}

func (variables) ExtensionName() string                   { return "Variables" }
func (variables) Validate(graphql.ExecutableSchema) error { return nil }

func (c variables) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	null := map[string]bool{} // the variables that are
	for _, v := range op.Operation.VariableDefinitions {
		value, given := op.Variables[v.Variable]
		if given && value == nil {
			null[v.Variable] = true
		}
		objects := 0
		if err := c.check(v.Variable, v.Type, value, 0, &objects); err != nil {
			return err
		}
	}
	if len(null) == 0 {
		return nil
	}
	return nulls{op.Variables, null, map[string]bool{}}.check(op.Operation.SelectionSet)
}

// check looks into the value of a variable, or of a part that its name leads to, at a depth of lists and objects. It counts the objects.
func (c variables) check(name string, t *ast.Type, v any, depth int, objects *int) *gqlerror.Error {
	if c.maxDepth > 0 && depth > c.maxDepth {
		return exceeded("depth", c.maxDepth, "variable %q has more than %d levels of lists and objects", whole(name), c.maxDepth)
	}
	if v == nil {
		return nil
	}
	if fields, is := v.(map[string]any); is {
		if *objects++; *objects > maxObjects {
			return exceeded("objects", maxObjects, "variable %q has more than %d objects", whole(name), maxObjects)
		}
		for _, f := range c.schema.Types[t.Name()].Fields {
			if part := fields[f.Name]; part != nil {
				if err := c.check(name+"."+f.Name, f.Type, part, depth+1, objects); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if list := reflect.ValueOf(v); list.Kind() == reflect.Slice { // which gqlparser also makes of single values, and gives a type
		for i := range list.Len() {
			if err := c.check(fmt.Sprintf("%s[%d]", name, i), cmp.Or(t.Elem, t), list.Index(i).Interface(), depth+1, objects); err != nil {
				return err
			}
		}
		return nil
	}
	if why := c.unfit(t.Name(), v); why != "" {
		return failure(graph.Code(errcode.ValidationFailed), "variable %q: %s", name, why)
	}
	return nil
}

// whole is the name of the variable that a part's name leads into.
func whole(name string) string {
	if i := strings.IndexAny(name, ".["); i >= 0 {
		return name[:i]
	}
	return name
}

// unfit says why a JSON value that is no list, object or null cannot be a value of a scalar type or an enum; "" if it can, or for
// types that have rules of their own.
func (c variables) unfit(typeName string, v any) string {
	_, isText := v.(string)
	text := fmt.Sprint(v)
	switch d := c.schema.Types[typeName]; {
	case typeName == "Int" && isText:
		return fmt.Sprintf("Int cannot represent a text: %q", text)
	case typeName == "Int" && !isInt(text, 32):
		return fmt.Sprintf(no32Bits, text)
	case typeName == "String" && !isText:
		return "String cannot represent a value that is no text: " + text
	case typeName == "ID" && !isText && strings.ContainsAny(text, ".eE"):
		return "ID cannot represent a value that is neither a text nor an integer: " + text
	case d.Kind == ast.Enum && d.EnumValues.ForName(text) == nil: // capitals matter
		return fmt.Sprintf("%s is not a valid %s", text, typeName)
	}
	return ""
}

// nulls look for variables that are null where null cannot be: a default, of the variable or of the place, lets them pass
// validation (https://spec.graphql.org/October2021/#sec-All-Variable-Usages-are-Allowed).
type nulls struct {
	variables  map[string]any
	null, seen map[string]bool // variables that are null; fragments that have been looked into
}

func (n nulls) check(set ast.SelectionSet) *gqlerror.Error {
	for _, selection := range set {
		var directives ast.DirectiveList
		var arguments ast.ArgumentList
		var below ast.SelectionSet
		switch s := selection.(type) {
		case *ast.Field:
			directives, arguments, below = s.Directives, s.Arguments, s.SelectionSet
		case *ast.InlineFragment:
			directives, below = s.Directives, s.SelectionSet
		case *ast.FragmentSpread:
			directives = s.Directives
			if !n.seen[s.Name] {
				below = s.Definition.SelectionSet
			}
		}
		for _, d := range directives {
			if err := n.checkArguments(d.Arguments); err != nil {
				return err
			}
		}
		if !graph.Included(directives, n.variables) {
			continue
		}
		if s, is := selection.(*ast.FragmentSpread); is {
			n.seen[s.Name] = true
		}
		if err := n.checkArguments(arguments); err != nil {
			return err
		}
		if err := n.check(below); err != nil {
			return err
		}
	}
	return nil
}

func (n nulls) checkArguments(arguments ast.ArgumentList) *gqlerror.Error {
	for _, a := range arguments {
		if err := n.checkValue(a.Value); err != nil {
			return err
		}
	}
	return nil
}

func (n nulls) checkValue(v *ast.Value) *gqlerror.Error {
	if v.Kind == ast.Variable && n.null[v.Raw] && v.ExpectedType != nil && v.ExpectedType.NonNull {
		out := failure(graph.Code(errcode.ValidationFailed), "variable %q cannot be null where it is used, as %s", v.Raw, v.ExpectedType)
		out.Locations = []gqlerror.Location{{Line: v.Position.Line, Column: v.Position.Column}}
		return out
	}
	for _, child := range v.Children {
		if err := n.checkValue(child.Value); err != nil {
			return err
		}
	}
	return nil
}
