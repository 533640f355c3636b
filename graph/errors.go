package graph

import (
	"errors"
	"fmt"
)

// A Code tells a client what kind of failure an error is, in extensions.code.
type Code string

// The codes that this package gives. Whatever else fails is internal.
const (
	BadUserInput       Code = "BAD_USER_INPUT"      // an argument cannot be used; the message says which and why
	ServiceUnavailable Code = "SERVICE_UNAVAILABLE" // the database does not answer; the same request may succeed later
	Timeout            Code = "TIMEOUT"             // the request took longer than it may
	Internal           Code = "INTERNAL"            // anything else; the message says nothing of it, the log does
)

// An Error is a failure as a client may see it. Its message never holds Cypher, addresses or secrets; what lies
// behind it is wrapped, for the log.
type Error struct {
	Code Code
	// Argument names the argument at fault, and the way into it, for example "where.validFrom.before"; or "".
	Argument string
	Message  string
	// Path leads to the field in the response whose argument is at fault, from the root field's response key on.
	// Positions in lists are left out, because the error came before there was a list.
	Path  []string
	cause error
}

func (e *Error) Error() string {
	if e.Argument == "" {
		return e.Message
	}
	return fmt.Sprintf("argument %q: %s", e.Argument, e.Message)
}

func (e *Error) Unwrap() error { return e.cause }

// badInput says that a value given by the client cannot be used.
func badInput(format string, args ...any) *Error {
	return &Error{Code: BadUserInput, Message: fmt.Sprintf(format, args...)}
}

// within names the argument or the input field that an error's value was given for, from the inside out.
func within(name string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	out := *e
	out.Argument = name
	if e.Argument != "" {
		out.Argument += "." + e.Argument
	}
	return &out
}
