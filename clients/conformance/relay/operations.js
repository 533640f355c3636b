import { graphql } from 'relay-runtime';

graphql`
  query operationsMuskQuery($id: ID!) {
    person(id: $id) {
      name
      ...operationsClaims_person
    }
  }
`;

graphql`
  fragment operationsClaims_person on Person
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
  @refetchable(queryName: "operationsClaimsPaginationQuery") {
    id
    claims(first: $count, after: $cursor) @connection(key: "operations_claims") {
      edges {
        node {
          id
          statement
        }
      }
    }
  }
`;

graphql`
  query operationsPeopleQuery {
    ...operationsPeople_query
  }
`;

graphql`
  fragment operationsPeople_query on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 3 }, cursor: { type: "String" })
  @refetchable(queryName: "operationsPeoplePaginationQuery") {
    people(first: $count, after: $cursor, orderBy: { field: NAME }) @connection(key: "operations_people") {
      edges {
        node {
          ... on Node {
            id
          }
          name
        }
      }
    }
  }
`;
