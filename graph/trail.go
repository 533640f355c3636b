package graph

import (
	"fmt"
	"time"
)

// changes compiles the audit trail. The ids of changes are in the order of their recording.
func (c *compiler) changes(f collected, args map[string]any) (string, Shape, error) {
	if err := c.list(); err != nil {
		return "", nil, err
	}
	about, err := c.entityIDs(args, "about")
	if err != nil {
		return "", nil, err
	}
	l, err := c.listing(f.field, nil)
	if err != nil {
		return "", nil, err
	}
	if about.given() {
		a := c.variable("about")
		l.matches = []string{lines(about.match(a), fmt.Sprintf("MATCH (%s)<-[:TOUCHED]-(%s:Change)", a, l.item.v))}
		l.distinct, l.root = true, false
	}
	if v := args["since"]; v != nil {
		since, err := coerceDateTime(v)
		if err != nil {
			return "", nil, within("since", err)
		}
		l.filter = all(l.filter, property(l.item.v, "at")+" >= datetime("+c.param("since", since.Format(time.RFC3339Nano))+")")
	}
	items, shape, err := c.page(f, l, 0)
	if err != nil {
		return "", nil, err
	}
	return about.checked(c, list(items), shape)
}

// cursorOf is a change's own cursor, written from its id.
type cursorOf struct{}

func (cursorOf) write(w *writer, value any) bool {
	w.string(orderField("").encode([]any{value}))
	return true
}
