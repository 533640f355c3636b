package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"dossier/bench/peers/dataloaders/exec"
)

// resolvers are those of all types: root fields read at once, the others through the request's loaders.
type resolvers struct{ db database }

func (r resolvers) Query() exec.QueryResolver     { return queries(r) }
func (r resolvers) Entity() exec.EntityResolver   { return entities(r) }
func (r resolvers) Person() exec.PersonResolver   { return people(r) }
func (r resolvers) Company() exec.CompanyResolver { return companies(r) }
func (r resolvers) Claim() exec.ClaimResolver     { return claims(r) }
func (r resolvers) CoFounderConnection() exec.CoFounderConnectionResolver {
	return coFounderConnections(r)
}

type queries resolvers

func (r queries) Entity(ctx context.Context, id string) (*exec.Entity, error) {
	return entityByID.one(ctx, r.db, id)
}

func (r queries) Person(ctx context.Context, id string) (*exec.Person, error) {
	return personByID.one(ctx, r.db, id)
}

func (r queries) Company(ctx context.Context, id string, asOf *exec.AsOf) (*exec.Company, error) {
	company, err := companyByID.one(ctx, r.db, id)
	if company != nil && asOf != nil {
		company.Day = asOf.ValidAt
	}
	return company, err
}

func (r queries) Companies(ctx context.Context, first int, after string, _ exec.EntityOrder) (*exec.CompanyConnection, error) {
	var cursor [3]string // the order, and the name and id of the last company
	text, err := base64.RawURLEncoding.DecodeString(after)
	if err == nil {
		err = json.Unmarshal(text, &cursor)
	}
	if err != nil {
		return nil, fmt.Errorf("after: %w", err)
	}
	records, err := r.db.run(ctx, `MATCH (c:Company) WHERE c.name >= $name AND (c.name > $name OR c.id > $id)
RETURN c.id, c.name ORDER BY c.name, c.id LIMIT $first`, map[string]any{"name": cursor[1], "id": cursor[2], "first": first})
	if err != nil {
		return nil, err
	}
	page := &exec.CompanyConnection{}
	for _, record := range records {
		page.Nodes = append(page.Nodes, companyByID.read(record.Values))
	}
	return page, nil
}

func (r queries) Relationships(ctx context.Context, first int, where exec.RelationshipWhere, _ exec.RelationshipOrder) (*exec.RelationshipConnection, error) {
	records, err := r.db.run(ctx, `MATCH (a)-[r:LEFT]->(b) WHERE r.validFrom < date($day)
WITH a, r, b ORDER BY r.validFrom DESC, r.id DESC LIMIT $first
RETURN r.id, r.validFromEdtf, [a.id, a.name, a.description], [b.id, b.name, b.description]`, map[string]any{"day": where.ValidFrom.Before, "first": first})
	if err != nil {
		return nil, err
	}
	page := &exec.RelationshipConnection{}
	for _, record := range records {
		v := record.Values
		page.Nodes = append(page.Nodes, &exec.Relationship{
			ID: v[0].(string), ValidFrom: partialDate(v[1]), Source: entityByID.read(v[2].([]any)), Target: entityByID.read(v[3].([]any)),
		})
	}
	return page, nil
}

type entities resolvers

func (entities) Claims(ctx context.Context, e *exec.Entity, first int) (*exec.ClaimConnection, error) {
	list, err := loadersOf(ctx).claims.Load(ctx, key{id: e.ID, first: first})
	return &exec.ClaimConnection{Nodes: list}, err
}

type people resolvers

func (people) CoFounded(ctx context.Context, p *exec.Person, first int) (*exec.CoFoundedConnection, error) {
	list, err := loadersOf(ctx).coFounded.Load(ctx, key{id: p.ID, first: first})
	return &exec.CoFoundedConnection{Nodes: list}, err
}

type companies resolvers

func (companies) CoFounders(ctx context.Context, c *exec.Company, first int) (*exec.CoFounderConnection, error) {
	list, err := loadersOf(ctx).coFounders.Load(ctx, key{id: c.ID, first: first})
	return &exec.CoFounderConnection{Nodes: list, CompanyID: c.ID}, err
}

func (companies) Roles(ctx context.Context, c *exec.Company, first int) (*exec.HoldsRoleConnection, error) {
	list, err := loadersOf(ctx).roles.Load(ctx, key{id: c.ID, first: first, day: c.Day})
	return &exec.HoldsRoleConnection{Nodes: list}, err
}

type coFounderConnections resolvers

func (coFounderConnections) TotalCount(ctx context.Context, c *exec.CoFounderConnection) (int, error) {
	count, err := loadersOf(ctx).coFounderCounts.Load(ctx, key{id: c.CompanyID})
	if err != nil || len(count) == 0 {
		return 0, err
	}
	return count[0], nil
}

type claims resolvers

func (claims) Passages(ctx context.Context, c *exec.Claim) ([]*exec.Passage, error) {
	return loadersOf(ctx).passages.Load(ctx, key{id: c.ID})
}

func (claims) DisputedBy(ctx context.Context, c *exec.Claim) ([]*exec.Claim, error) {
	return loadersOf(ctx).disputes.Load(ctx, key{id: c.ID})
}
