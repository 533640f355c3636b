package seed

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
	"golang.org/x/text/unicode/norm"
)

// A source is one YAML file of a pack: its content as encoding/json would give it (whole numbers as int64 or uint64),
// and the line of everything in it.
type source struct {
	name string
	root any
	// By JSON pointer (RFC 6901):
	lines   map[string]int    // a key's value counts as standing where the key stands
	written map[string]string // how a number or a truth value is spelt
	unread  map[string]bool   // what could not be read, and is reported as such
}

// line returns where the value at the pointer stands, or else where the nearest thing around it does.
func (s *source) line(pointer string) int {
	for {
		if line, ok := s.lines[pointer]; ok {
			return line
		}
		i := strings.LastIndexByte(pointer, '/')
		if i < 0 {
			return 1
		}
		pointer = pointer[:i]
	}
}

// section returns the list under a key of the file, as far as it is a list of groups; nil stands for what is none.
func (s *source) section(key string) []map[string]any {
	root, _ := s.root.(map[string]any)
	list, _ := root[key].([]any)
	items := make([]map[string]any, len(list))
	for i, v := range list {
		items[i], _ = v.(map[string]any)
	}
	return items
}

// parse reads one YAML file. What is wrong with it goes to report, by line; the source holds what could be read, and
// is nil where the text is no YAML at all.
func parse(name string, text []byte, report func(line int, format string, args ...any)) *source {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // a byte order mark
	if valid := bytes.ToValidUTF8(text, nil); len(valid) < len(text) {
		at := 0
		for at < len(valid) && valid[at] == text[at] {
			at++
		}
		report(1+bytes.Count(text[:at], []byte("\n")), "not UTF-8: save the file as UTF-8")
		return nil
	}
	// Two equal keys are reported below, in our own words.
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, message := 1, err.Error()
		if located := yaml.Error(nil); errors.As(err, &located) {
			message = located.GetMessage()
			if t := located.GetToken(); t != nil && t.Position != nil {
				line = t.Position.Line
			}
		}
		report(line, "%s", plainSyntax(message))
		return nil
	}
	t := &treeReader{source: &source{
		name: name, root: map[string]any{},
		lines: map[string]int{}, written: map[string]string{}, unread: map[string]bool{},
	}, report: report}
	read := false
	for _, d := range file.Docs {
		if d.Body == nil || d.Body.Type() == ast.CommentType {
			continue
		}
		if read {
			report(lineOf(d.Body), "a file is one YAML document: take out the line --- or make two files")
			break
		}
		t.root, read = t.value(d.Body, ""), true
	}
	return t.source
}

// plainSyntax says what a parser's message means for somebody who edits the file.
func plainSyntax(message string) string {
	switch {
	case strings.Contains(message, "mapping value is not allowed"):
		return "not YAML: a key or a colon stands where none can be; check the indentation, and put a text that holds a colon in quotes"
	case strings.Contains(message, "found character '\t'"):
		return "not YAML: indent with spaces, not with tabs"
	case strings.Contains(message, "value is not allowed in this context"):
		return "not YAML: something follows where a value has ended; check the quotes and the indentation"
	}
	return "not YAML: " + strings.Join(strings.Fields(message), " ")
}

type treeReader struct {
	*source
	report func(line int, format string, args ...any)
}

// value turns a node into plain data, and notes the lines of all that it holds.
func (t *treeReader) value(n ast.Node, pointer string) any {
	if _, ok := t.lines[pointer]; !ok {
		t.lines[pointer] = lineOf(n)
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		if text, ok := joined(n); ok {
			return composed(text, pointer)
		}
		return t.group(n.Values, pointer)
	case *ast.MappingValueNode:
		return t.group([]*ast.MappingValueNode{n}, pointer)
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, v := range n.Values {
			list[i] = t.value(v, pointer+"/"+strconv.Itoa(i))
		}
		return list
	case *ast.StringNode:
		return composed(n.Value, pointer)
	case *ast.LiteralNode:
		return composed(n.Value.Value, pointer)
	case *ast.IntegerNode:
		t.written[pointer] = n.Token.Value
		return n.Value
	case *ast.FloatNode:
		t.written[pointer] = n.Token.Value
		return n.Value
	case *ast.BoolNode:
		t.written[pointer] = n.Token.Value
		return n.Value
	case *ast.NullNode, nil:
		return nil
	case *ast.InfinityNode, *ast.NanNode:
		t.report(lineOf(n), "%s is no number that can be stored", n.GetToken().Value)
		t.unread[pointer] = true
		return nil
	}
	t.report(lineOf(n), "anchors, aliases and tags (&, *, <<, !) are not read here: write the value out")
	t.unread[pointer] = true
	return nil
}

// composed is a text with composed letters (NFC), so that one name is one text, whatever an editor makes of it. A file's name is
// as it is.
func composed(text, pointer string) string {
	if pointer == "/document/file" {
		return text
	}
	return norm.NFC.String(text)
}

// joined is the text of what the parser (v1.19.2) takes for a key and its value within braces and brackets, though no space
// follows the colon: in YAML, {disputes: [claim:x]} has one plain scalar there.
func joined(n *ast.MappingNode) (text string, ok bool) {
	if len(n.Values) != 1 || n.GetToken() != n.Values[0].Start {
		return "", false
	}
	colon, key, value := n.GetToken().Position, n.Values[0].Key.GetToken(), n.Values[0].Value.GetToken()
	quoted := func(t *token.Token) bool { return t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType }
	plain := value != nil && !quoted(key) && !quoted(value) && value.Position.Line == colon.Line && value.Position.Column == colon.Column+1
	switch v := n.Values[0].Value.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return key.Value + ":" + value.Value, plain
	case *ast.MappingNode:
		rest, more := joined(v)
		return key.Value + ":" + rest, plain && more
	}
	return "", false
}

func (t *treeReader) group(entries []*ast.MappingValueNode, pointer string) map[string]any {
	group := make(map[string]any, len(entries))
	for _, e := range entries {
		key, ok := keyOf(e.Key)
		if !ok {
			t.report(lineOf(e), "a key is a plain word: anchors, aliases and tags (&, *, <<, !) are not read here")
			continue
		}
		p, line := pointer+"/"+escape(key), lineOf(e.Key)
		if _, twice := group[key]; twice {
			t.report(line, "the key %q stands here and in line %d: keep one of them", key, t.lines[p])
			continue
		}
		t.lines[p] = line
		group[key] = t.value(e.Value, p)
	}
	return group
}

func keyOf(n ast.MapKeyNode) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// lineOf returns the line a node starts at, counted from 1.
func lineOf(n ast.Node) int {
	// A group's own token is its first colon, which may stand below a long key.
	switch v := n.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return lineOf(v.Values[0])
		}
	case *ast.MappingValueNode:
		return lineOf(v.Key)
	}
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1
	}
	return n.GetToken().Position.Line
}

// escape writes a key as one step of a JSON pointer (RFC 6901).
func escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

func pointerTo(steps ...any) string {
	var b strings.Builder
	for _, s := range steps {
		b.WriteByte('/')
		b.WriteString(escape(fmt.Sprint(s)))
	}
	return b.String()
}
