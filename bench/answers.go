package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// values returns an answer without its names: an object becomes the list of its members' values, in the order in which
// they were written; an object within an object counts as more members of that one; and an object of one member is that
// member's value. So the answers of a GraphQL server and of a server that writes lists can be compared.
func values(answer []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber()
	v, err := next(d)
	if o, is := v.(object); is {
		v = o.value()
	}
	return v, err
}

// An object holds the values of a JSON object, in order.
type object []any

func (o object) value() any {
	if len(o) == 1 {
		return o[0]
	}
	return []any(o)
}

// next reads one value, which is an object only where it was written as one.
func next(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := next(d)
			if err != nil {
				return nil, err
			}
			if o, is := v.(object); is {
				v = o.value()
			}
			list = append(list, v)
		}
		_, err = d.Token()
		return list, err
	case json.Delim('{'):
		o := object{}
		for d.More() {
			if _, err := d.Token(); err != nil {
				return nil, err
			}
			v, err := next(d)
			if err != nil {
				return nil, err
			}
			if within, is := v.(object); is {
				o = append(o, within...)
			} else {
				o = append(o, v)
			}
		}
		_, err = d.Token()
		return o, err
	}
	return token, nil
}

// equal tells two values that differ.
func equal(one, other any) error {
	if reflect.DeepEqual(one, other) {
		return nil
	}
	a, b := mustJSON(one), mustJSON(other)
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	at = max(0, at-40)
	return fmt.Errorf("%.200s, and %.200s", a[at:], b[at:])
}

var errShape = errors.New("an answer has another shape than the question asks for")

// lists returns the lists in a list, or errShape.
func lists(v any) ([][]any, error) {
	all, is := v.([]any)
	if !is {
		return nil, errShape
	}
	var out [][]any
	for _, item := range all {
		list, is := item.([]any)
		if !is {
			return nil, errShape
		}
		out = append(out, list)
	}
	return out, nil
}

// agreeOn compares the same part of two answers.
func agreeOn(part func(answer any) (any, error)) func(one, other any) error {
	return func(one, other any) error {
		a, errA := part(one)
		b, errB := part(other)
		if err := errors.Join(errA, errB); err != nil {
			return err
		}
		return equal(a, b)
	}
}

var (
	// agreeOnLengths compares two lists of paths, of which there may be several that are equally short.
	agreeOnLengths = agreeOn(func(answer any) (any, error) {
		paths, err := lists(answer)
		var lengths []int
		for _, p := range paths {
			if len(p) == 0 {
				return nil, errShape
			}
			relationships, is := p[len(p)-1].([]any)
			if !is {
				return nil, errShape
			}
			lengths = append(lengths, len(relationships))
		}
		slices.Sort(lengths)
		return lengths, err
	})
	// agreeOnDates compares two pages of a timeline, whose entries are what, when and about what.
	agreeOnDates = agreeOn(func(answer any) (any, error) {
		entries, err := lists(answer)
		var dates []any
		for _, e := range entries {
			if len(e) != 3 {
				return nil, errShape
			}
			dates = append(dates, e[1])
		}
		return dates, err
	})
	// agreeOnCount compares only how many there are.
	agreeOnCount = agreeOn(func(answer any) (any, error) {
		found, err := lists(answer)
		return len(found), err
	})
)

// agreeOnSubgraphs compares two neighbourhoods, in any order. Which part a server returns of one that is too large is its
// own choice, and also whether it looks at all that a hub has before it says that there is more.
func agreeOnSubgraphs(one, other any) error {
	whole := func(subgraph any) (parts [2][]string, truncated bool, err error) {
		all, is := subgraph.([]any)
		if !is || len(all) != 3 {
			return parts, false, errShape
		}
		for i := range parts {
			list, err := lists(all[i])
			if err != nil {
				return parts, false, err
			}
			for _, item := range list {
				parts[i] = append(parts[i], string(mustJSON(item)))
			}
			slices.Sort(parts[i])
		}
		return parts, all[2] == true, nil
	}
	a, cutA, errA := whole(one)
	b, cutB, errB := whole(other)
	if err := errors.Join(errA, errB); err != nil {
		return err
	}
	switch {
	case !cutA && !cutB:
		return equal(a, b)
	case cutA && cutB:
		return equal(len(a[1]), len(b[1]))
	}
	return nil
}
