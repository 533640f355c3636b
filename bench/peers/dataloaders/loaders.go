package main

import (
	"context"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/vikstrous/dataloadgen"

	"dossier/bench/peers/dataloaders/exec"
)

// A key is a list that somebody asks for: of what, how many at most, and as of which day. Keys of one batch that differ
// in more than the id need a statement for each difference; a batch is of one field, so that they hardly ever do.
type key struct {
	id    string
	first int
	day   string
}

// A query reads lists by their keys, of all ids at once: its text takes $ids, $first and $day, and returns for each id a
// row of that id and the list.
type query[T any] struct {
	cypher string
	read   func(item []any) T
}

var (
	entityByID = query[*exec.Entity]{
		"UNWIND $ids AS id MATCH (e:Entity {id: id}) RETURN id, [[e.id, e.name, e.description]]",
		func(v []any) *exec.Entity {
			return &exec.Entity{ID: v[0].(string), Name: v[1].(string), Description: optional(v[2])}
		},
	}
	personByID = query[*exec.Person]{
		"UNWIND $ids AS id MATCH (p:Person {id: id}) RETURN id, [[p.id, p.name]]",
		func(v []any) *exec.Person { return &exec.Person{ID: v[0].(string), Name: v[1].(string)} },
	}
	companyByID = query[*exec.Company]{
		"UNWIND $ids AS id MATCH (c:Company {id: id}) RETURN id, [[c.id, c.name]]",
		func(v []any) *exec.Company { return &exec.Company{ID: v[0].(string), Name: v[1].(string)} },
	}
	coFoundedOfPerson = query[*exec.CoFounded]{
		`UNWIND $ids AS id MATCH (p:Person {id: id})
RETURN id, COLLECT { MATCH (p)-[f:CO_FOUNDED]->(c) WITH f, c ORDER BY f.id LIMIT $first RETURN [c.id, c.name] }`,
		func(v []any) *exec.CoFounded {
			return &exec.CoFounded{Company: &exec.Company{ID: v[0].(string), Name: v[1].(string)}}
		},
	}
	coFoundersOfCompany = query[*exec.CoFounded]{
		`UNWIND $ids AS id MATCH (c:Company {id: id})
RETURN id, COLLECT { MATCH (c)<-[f:CO_FOUNDED]-(p) WITH f, p ORDER BY f.id LIMIT $first RETURN [p.id, p.name] }`,
		func(v []any) *exec.CoFounded {
			return &exec.CoFounded{Founder: &exec.Person{ID: v[0].(string), Name: v[1].(string)}}
		},
	}
	coFounderCount = query[int]{
		"UNWIND $ids AS id MATCH (c:Company {id: id}) RETURN id, [[COUNT { (c)<-[:CO_FOUNDED]-() }]]",
		func(v []any) int { return int(v[0].(int64)) },
	}
	rolesOfCompany = query[*exec.HoldsRole]{
		`UNWIND $ids AS id MATCH (c:Company {id: id})
RETURN id, COLLECT {
  MATCH (c)<-[r:HOLDS_ROLE]-(p) WHERE coalesce(r.validFrom <= date($day), true) AND coalesce(r.validTo > date($day), true)
  WITH r, p ORDER BY r.id LIMIT $first
  RETURN [r.title, r.validFromEdtf, p.id, p.name]
}`,
		func(v []any) *exec.HoldsRole {
			return &exec.HoldsRole{Title: v[0].(string), ValidFrom: partialDate(v[1]), Holder: &exec.Person{ID: v[2].(string), Name: v[3].(string)}}
		},
	}
	claimsAboutEntity = query[*exec.Claim]{
		`UNWIND $ids AS id MATCH (e:Entity {id: id})
RETURN id, COLLECT { MATCH (e)<-[:ABOUT]-(c:Claim) WITH c ORDER BY c.id LIMIT $first RETURN [c.id, c.statement, c.status] }`,
		readClaim,
	}
	passagesOfClaim = query[*exec.Passage]{
		`UNWIND $ids AS id MATCH (c:Claim {id: id})
RETURN id, COLLECT { MATCH (c)-[q:QUOTED_FROM]->(d) WITH q, d ORDER BY d.id, q.start RETURN [q.start, q.end, d.id, d.title] }`,
		func(v []any) *exec.Passage {
			return &exec.Passage{Start: int(v[0].(int64)), End: int(v[1].(int64)), Document: &exec.Document{ID: v[2].(string), Title: v[3].(string)}}
		},
	}
	disputesOfClaim = query[*exec.Claim]{
		`UNWIND $ids AS id MATCH (c:Claim {id: id})
RETURN id, COLLECT { MATCH (c)<-[:DISPUTES]-(o) WITH o ORDER BY o.id RETURN [o.id, o.statement, o.status] }`,
		readClaim,
	}
)

func readClaim(v []any) *exec.Claim {
	return &exec.Claim{ID: v[0].(string), Statement: v[1].(string), Status: v[2].(string)}
}

func optional(v any) *string {
	if s, is := v.(string); is {
		return &s
	}
	return nil
}

func partialDate(v any) *exec.PartialDate {
	if s, is := v.(string); is {
		return &exec.PartialDate{Edtf: s}
	}
	return nil
}

// fetch reads the lists of all keys.
func (q query[T]) fetch(db database) func(ctx context.Context, keys []key) (map[key][]T, error) {
	return func(ctx context.Context, keys []key) (map[key][]T, error) {
		out, ids := make(map[key][]T, len(keys)), map[key][]string{}
		for _, k := range keys {
			out[k] = nil // a thing that does not exist has an empty list
			alike := key{first: k.first, day: k.day}
			ids[alike] = append(ids[alike], k.id)
		}
		for alike, ids := range ids {
			records, err := db.run(ctx, q.cypher, map[string]any{"ids": ids, "first": alike.first, "day": alike.day})
			if err != nil {
				return nil, err
			}
			for _, r := range records {
				items := r.Values[1].([]any)
				list := make([]T, len(items))
				for i, item := range items {
					list[i] = q.read(item.([]any))
				}
				out[key{r.Values[0].(string), alike.first, alike.day}] = list
			}
		}
		return out, nil
	}
}

// one reads a single thing by its id, at once; the zero value if there is none.
func (q query[T]) one(ctx context.Context, db database, id string) (T, error) {
	var found T
	lists, err := q.fetch(db)(ctx, []key{{id: id}})
	if list := lists[key{id: id}]; len(list) > 0 {
		found = list[0]
	}
	return found, err
}

type loader[T any] = *dataloadgen.Loader[key, []T]

func (q query[T]) loader(db database) loader[T] {
	return dataloadgen.NewMappedLoader(q.fetch(db), dataloadgen.WithWait(time.Millisecond))
}

// loaders are those of one request.
type loaders struct {
	coFounded       loader[*exec.CoFounded]
	coFounders      loader[*exec.CoFounded]
	coFounderCounts loader[int]
	roles           loader[*exec.HoldsRole]
	claims          loader[*exec.Claim]
	passages        loader[*exec.Passage]
	disputes        loader[*exec.Claim]
}

type contextKey struct{}

func withLoaders(ctx context.Context, db database) context.Context {
	return context.WithValue(ctx, contextKey{}, &loaders{
		coFounded:       coFoundedOfPerson.loader(db),
		coFounders:      coFoundersOfCompany.loader(db),
		coFounderCounts: coFounderCount.loader(db),
		roles:           rolesOfCompany.loader(db),
		claims:          claimsAboutEntity.loader(db),
		passages:        passagesOfClaim.loader(db),
		disputes:        disputesOfClaim.loader(db),
	})
}

func loadersOf(ctx context.Context) *loaders { return ctx.Value(contextKey{}).(*loaders) }

// A database runs statements as the server that is written by hand does.
type database struct{ driver neo4j.DriverWithContext }

func (db database) run(ctx context.Context, cypher string, params map[string]any) ([]*neo4j.Record, error) {
	session := db.driver.NewSession(ctx, neo4j.SessionConfig{AccessMode: neo4j.AccessModeRead, DatabaseName: "neo4j"})
	defer func() { _ = session.Close(ctx) }()
	result, err := session.Run(ctx, cypher, params, neo4j.WithTxTimeout(time.Minute))
	if err != nil {
		return nil, err
	}
	return result.Collect(ctx)
}
