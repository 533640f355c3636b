package httpapi

import (
	"cmp"
	"context"
	"fmt"
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

// validationRules are gqlparser's, and that one; without suggestions, none of them names what was not asked for.
func validationRules(suggestions bool) *rules.Rules {
	out := rules.NewDefaultRules()
	out.AddRule("IntsHave32Bits", func(observers *core.Events, addError core.AddErrFunc) {
		observers.OnValue(func(_ *core.Walker, v *ast.Value) {
			if v.Kind == ast.IntValue && v.Definition != nil && v.Definition.Name == "Int" && !isInt(v.Raw, 32) && isInt(v.Raw, 64) {
				addError(core.Message(no32Bits, v.Raw), core.At(v.Position))
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

func isInt(number string, bits int) bool {
	_, err := strconv.ParseInt(number, 10, bits)
	return err == nil
}

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
	for _, v := range op.Operation.VariableDefinitions {
		if err := c.check(v.Variable, v.Type, op.Variables[v.Variable], 0); err != nil {
			return err
		}
	}
	return nil
}

// check looks into the value of a variable, at a depth of lists and objects.
func (c variables) check(name string, t *ast.Type, v any, depth int) *gqlerror.Error {
	if c.maxDepth > 0 && depth > c.maxDepth {
		return exceeded("depth", c.maxDepth, "variable %q has more than %d levels of lists and objects", name, c.maxDepth)
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if err := c.check(name, cmp.Or(t.Elem, t), item, depth+1); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, f := range c.schema.Types[t.Name()].Fields {
			if err := c.check(name, f.Type, v[f.Name], depth+1); err != nil {
				return err
			}
		}
	case nil:
	default:
		if why := unfit(t.Name(), v); why != "" {
			return failure(graph.Code(errcode.ValidationFailed), "variable %q: %s", name, why)
		}
	}
	return nil
}

// unfit says why a JSON value that is no list, object or null cannot be a value of a scalar type; "" if it can, or for types that
// have rules of their own.
func unfit(scalar string, v any) string {
	_, isText := v.(string)
	text := fmt.Sprint(v)
	switch {
	case scalar == "Int" && isText:
		return fmt.Sprintf("Int cannot represent a text: %q", text)
	case scalar == "Int" && !isInt(text, 32):
		return fmt.Sprintf(no32Bits, text)
	case scalar == "String" && !isText:
		return "String cannot represent a value that is no text: " + text
	case scalar == "ID" && !isText && strings.ContainsAny(text, ".eE"):
		return "ID cannot represent a value that is neither a text nor an integer: " + text
	}
	return ""
}
