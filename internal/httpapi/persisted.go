package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dossier/graph"
)

// The codes of errors about persisted operations.
const (
	// PersistedQueryNotFound is for a hash that stands for no operation here. Without a list, send the operation's text
	// along, once; with one, the operation has to be added to the list.
	PersistedQueryNotFound graph.Code = "PERSISTED_QUERY_NOT_FOUND"
	// OperationNotAllowed is for an operation that is not on the server's list, or without a hash and text.
	OperationNotAllowed graph.Code = "OPERATION_NOT_ALLOWED"
)

// Operations are the only ones that a server answers: texts by their SHA-256, in lower-case hexadecimal digits. Nil is
// no such list: every operation is answered.
type Operations map[string]string

// ReadOperations reads a list as GraphQL Code Generator writes it (persisted-documents.json, with hashAlgorithm sha256):
// a JSON object of texts by their hashes. The error says what does not fit.
func ReadOperations(file []byte) (Operations, error) {
	var list Operations
	if err := json.Unmarshal(file, &list); err != nil || list == nil {
		return nil, fmt.Errorf("it is not a JSON object of operations by their SHA-256, as GraphQL Code Generator writes persisted-documents.json")
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("it lists no operation: nothing could be asked")
	}
	var wrong []string
	for hash, text := range list {
		if sha256Of(text) != hash {
			wrong = append(wrong, hash)
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return nil, fmt.Errorf("%q is not the SHA-256 of its operation (%d of %d are wrong): have the file written anew, with hashAlgorithm sha256", wrong[0], len(wrong), len(list))
	}
	return list, nil
}

func sha256Of(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// named refuses what names no operation by its hash, in our words: gqlgen's extension for that would say less of it.
type named struct{}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
} = named{}

func (named) ExtensionName() string                   { return "NamedOperations" }
func (named) Validate(graphql.ExecutableSchema) error { return nil }

func (named) MutateOperationParameters(_ context.Context, p *graphql.RawParams) *gqlerror.Error {
	sent := p.Extensions["persistedQuery"]
	if sent == nil {
		return nil
	}
	persisted, is := sent.(map[string]any)
	hash, isText := persisted["sha256Hash"].(string)
	switch {
	case !is, !isText || !sha256Pattern.MatchString(hash):
		return badRequest("extensions.persistedQuery or documentId names no operation: send the SHA-256 of its text (sha256Hash), in 64 lower-case hexadecimal digits")
	case fmt.Sprint(persisted["version"]) != "1":
		return badRequest("extensions.persistedQuery.version is not 1, the only one there is")
	case p.Query != "" && sha256Of(p.Query) != hash:
		return notItsHash(hash)
	}
	return nil
}

var sha256Pattern = regexp.MustCompile("^[0-9a-f]{64}$")

func notItsHash(hash string) *gqlerror.Error {
	return badRequest("the hash %.80q is not the SHA-256 of the operation that is sent with it", hash)
}

// allowed lets only the operations of a list through, by hash or by text.
type allowed struct{ operations Operations }

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
} = allowed{}

func (allowed) ExtensionName() string                   { return "AllowedOperations" }
func (allowed) Validate(graphql.ExecutableSchema) error { return nil }

func (a allowed) MutateOperationParameters(_ context.Context, p *graphql.RawParams) *gqlerror.Error {
	persisted, _ := p.Extensions["persistedQuery"].(map[string]any)
	hash, _ := persisted["sha256Hash"].(string)
	if p.Query == "" && hash != "" {
		text, known := a.operations[hash]
		if !known {
			return failure(PersistedQueryNotFound, "no operation on this server's list has the hash %.80q: add it to the file of --persisted-operations and start the server anew", hash)
		}
		p.Query = text
		return nil
	}
	if sent := sha256Of(p.Query); a.operations[sent] == "" {
		return failure(OperationNotAllowed, "this server answers only the operations on its list: send the hash or the exact text of one of them, or add this one to the file of --persisted-operations and start the server anew")
	} else if hash != "" && hash != sent {
		return notItsHash(hash)
	}
	return nil
}

func failure(code graph.Code, format string, args ...any) *gqlerror.Error {
	return &gqlerror.Error{Message: fmt.Sprintf(format, args...), Extensions: map[string]any{"code": code}}
}

// persistedQuery is the extension that names an operation by the documentId that a client sent: a hash, perhaps after
// "sha256:".
func persistedQuery(documentID string) map[string]any {
	return map[string]any{"version": 1, "sha256Hash": strings.TrimPrefix(documentID, "sha256:")}
}
