package graph

import "testing"

// Instants are written as in RFC 3339, 5.6.
func TestInstants(t *testing.T) {
	for text, want := range map[string]string{
		"2024-03-05T12:00:00Z":             "2024-03-05T12:00:00Z",
		"2024-03-05t12:00:00.5z":           "2024-03-05T12:00:00.5Z",
		"2024-03-05T12:00:00.123456+02:00": "2024-03-05T10:00:00.123456Z",
		"2024-03-05T12:00:00-00:00":        "2024-03-05T12:00:00Z",
		"2024-03-05":                       "",
		"2024-03-05 12:00:00Z":             "",
		"2024-03-05T12:00:00":              "",
		"0000-01-01T00:00:00Z":             "",
		"2024-02-30T12:00:00Z":             "",
	} {
		at, err := coerceDateTime(text)
		if got := at.Format("2006-01-02T15:04:05.999999999Z07:00"); (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%s is %s, %v, want %s", text, got, err, want)
		}
	}
}
