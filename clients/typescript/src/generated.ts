/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** ASSERTED to DISPUTED are live; relationships are projected from live claims only. */
export type ClaimStatus =
  /** Stated as somebody's allegation. */
  | 'ALLEGED'
  /** Stated as a fact. */
  | 'ASSERTED'
  /** A live claim by somebody else says the same. */
  | 'CORROBORATED'
  /** A live claim says otherwise. */
  | 'DISPUTED'
  /** Taken out of the record, for example as recorded in error. */
  | 'RETRACTED'
  /** Replaced by a later claim. */
  | 'SUPERSEDED'
  /** Taken back by whoever made it. */
  | 'WITHDRAWN';

export type DatePrecision =
  | 'DAY'
  | 'DECADE'
  | 'MONTH'
  /** One of several days, or a stretch of them, that is no calendar unit. */
  | 'RANGE'
  | 'SEASON'
  | 'YEAR';

export type RelationshipKind =
  /** Two companies that offer the same kind of thing. */
  | 'COMPETES_WITH'
  /** What an event was about: the product launched, the company talked about. */
  | 'CONCERNS'
  /** A person started a company together with others. */
  | 'CO_FOUNDED'
  /** A company made a product. */
  | 'DEVELOPED'
  /** A person started a company. */
  | 'FOUNDED'
  /** A person holds or held a post at a company. Two terms are two relationships. */
  | 'HOLDS_ROLE'
  /** A company tied its products to another thing. */
  | 'INTEGRATED_WITH'
  /** A person left a company. validFrom is the day of leaving, where a source tells it. */
  | 'LEFT'
  /** A person or company took part in an event. */
  | 'PARTICIPATED_IN'
  /** Two companies that work together. */
  | 'PARTNERED_WITH'
  /** Two people who are publicly at odds. */
  | 'RIVAL_OF'
  /** A party took another to court. Valid from filing to the end of the case. */
  | 'SUED';

export type TimelineKind =
  | 'CLAIM'
  | 'EVENT'
  | 'RELATIONSHIP_END'
  | 'RELATIONSHIP_START';

export type AtOpenAIQueryVariables = Exact<{
  when?: string;
}>;


export type AtOpenAIQuery = { company: { name: string, roles: { nodes: Array<{ title: string, status: ClaimStatus, contested: boolean, holder: { name: string }, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null }> }, coFounders: { nodes: Array<{ status: ClaimStatus, contested: boolean, founder: { name: string }, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null }> }, departures: { nodes: Array<{ reason: string | null, status: ClaimStatus, contested: boolean, person: { name: string }, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null }> } } | null };

type Stint_CoFounded_Fragment = { status: ClaimStatus, contested: boolean, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null };

type Stint_CompetesWith_Fragment = { status: ClaimStatus, contested: boolean, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null };

type Stint_Concerns_Fragment = { status: ClaimStatus, contested: boolean, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null };

type Stint_Developed_Fragment = { status: ClaimStatus, contested: boolean, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null };

type Stint_Founded_Fragment = { status: ClaimStatus, contested: boolean, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null };

type Stint_HoldsRole_Fragment = { status: ClaimStatus, contested: boolean, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null };

type Stint_IntegratedWith_Fragment = { status: ClaimStatus, contested: boolean, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null };

type Stint_Left_Fragment = { status: ClaimStatus, contested: boolean, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null };

type Stint_ParticipatedIn_Fragment = { status: ClaimStatus, contested: boolean, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null };

type Stint_PartneredWith_Fragment = { status: ClaimStatus, contested: boolean, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null };

type Stint_RivalOf_Fragment = { status: ClaimStatus, contested: boolean, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null };

type Stint_Sued_Fragment = { status: ClaimStatus, contested: boolean, validFrom: { edtf: string, text: string | null } | null, validTo: { edtf: string, text: string | null } | null };

export type StintFragment =
  | Stint_CoFounded_Fragment
  | Stint_CompetesWith_Fragment
  | Stint_Concerns_Fragment
  | Stint_Developed_Fragment
  | Stint_Founded_Fragment
  | Stint_HoldsRole_Fragment
  | Stint_IntegratedWith_Fragment
  | Stint_Left_Fragment
  | Stint_ParticipatedIn_Fragment
  | Stint_PartneredWith_Fragment
  | Stint_RivalOf_Fragment
  | Stint_Sued_Fragment
;

export type MuskAndOpenAIQueryVariables = Exact<{ [key: string]: never; }>;


export type MuskAndOpenAIQuery = { timeline: { nodes: Array<{ what: TimelineKind, date: { edtf: string, text: string | null } | null, subject:
        | { statement: string, status: ClaimStatus, attributedTo: Array<
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          >, passages: Array<{ start: number, end: number, document: { title: string } }> }
        | { kind: RelationshipKind, source:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , target:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                | { name: string }
                | { name: string }
                | { name: string }
                | { name: string }
              >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
        | { kind: RelationshipKind, source:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , target:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                | { name: string }
                | { name: string }
                | { name: string }
                | { name: string }
              >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
        | { kind: RelationshipKind, source:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , target:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                | { name: string }
                | { name: string }
                | { name: string }
                | { name: string }
              >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
        | { kind: RelationshipKind, source:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , target:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                | { name: string }
                | { name: string }
                | { name: string }
                | { name: string }
              >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
        | { name: string, relationships: { nodes: Array<
              | { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                      | { name: string }
                      | { name: string }
                      | { name: string }
                      | { name: string }
                    >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
              | { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                      | { name: string }
                      | { name: string }
                      | { name: string }
                      | { name: string }
                    >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
              | { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                      | { name: string }
                      | { name: string }
                      | { name: string }
                      | { name: string }
                    >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
              | { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                      | { name: string }
                      | { name: string }
                      | { name: string }
                      | { name: string }
                    >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
              | { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                      | { name: string }
                      | { name: string }
                      | { name: string }
                      | { name: string }
                    >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
              | { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                      | { name: string }
                      | { name: string }
                      | { name: string }
                      | { name: string }
                    >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
              | { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                      | { name: string }
                      | { name: string }
                      | { name: string }
                      | { name: string }
                    >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
              | { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                      | { name: string }
                      | { name: string }
                      | { name: string }
                      | { name: string }
                    >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
              | { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                      | { name: string }
                      | { name: string }
                      | { name: string }
                      | { name: string }
                    >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
              | { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                      | { name: string }
                      | { name: string }
                      | { name: string }
                      | { name: string }
                    >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
              | { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                      | { name: string }
                      | { name: string }
                      | { name: string }
                      | { name: string }
                    >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
              | { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                      | { name: string }
                      | { name: string }
                      | { name: string }
                      | { name: string }
                    >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
            > } }
        | { kind: RelationshipKind, source:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , target:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                | { name: string }
                | { name: string }
                | { name: string }
                | { name: string }
              >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
        | { kind: RelationshipKind, source:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , target:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                | { name: string }
                | { name: string }
                | { name: string }
                | { name: string }
              >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
        | { kind: RelationshipKind, source:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , target:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                | { name: string }
                | { name: string }
                | { name: string }
                | { name: string }
              >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
        | { kind: RelationshipKind, source:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , target:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                | { name: string }
                | { name: string }
                | { name: string }
                | { name: string }
              >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
        | { kind: RelationshipKind, source:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , target:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                | { name: string }
                | { name: string }
                | { name: string }
                | { name: string }
              >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
        | { kind: RelationshipKind, source:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , target:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                | { name: string }
                | { name: string }
                | { name: string }
                | { name: string }
              >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
        | { kind: RelationshipKind, source:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , target:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                | { name: string }
                | { name: string }
                | { name: string }
                | { name: string }
              >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
        | { kind: RelationshipKind, source:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , target:
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          , claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
                | { name: string }
                | { name: string }
                | { name: string }
                | { name: string }
              >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }
        | Record<PropertyKey, never>
       }> } };

type WhoSaysSo_CoFounded_Fragment = { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
      >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } };

type WhoSaysSo_CompetesWith_Fragment = { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
      >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } };

type WhoSaysSo_Concerns_Fragment = { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
      >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } };

type WhoSaysSo_Developed_Fragment = { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
      >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } };

type WhoSaysSo_Founded_Fragment = { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
      >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } };

type WhoSaysSo_HoldsRole_Fragment = { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
      >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } };

type WhoSaysSo_IntegratedWith_Fragment = { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
      >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } };

type WhoSaysSo_Left_Fragment = { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
      >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } };

type WhoSaysSo_ParticipatedIn_Fragment = { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
      >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } };

type WhoSaysSo_PartneredWith_Fragment = { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
      >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } };

type WhoSaysSo_RivalOf_Fragment = { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
      >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } };

type WhoSaysSo_Sued_Fragment = { claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
      >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } };

export type WhoSaysSoFragment =
  | WhoSaysSo_CoFounded_Fragment
  | WhoSaysSo_CompetesWith_Fragment
  | WhoSaysSo_Concerns_Fragment
  | WhoSaysSo_Developed_Fragment
  | WhoSaysSo_Founded_Fragment
  | WhoSaysSo_HoldsRole_Fragment
  | WhoSaysSo_IntegratedWith_Fragment
  | WhoSaysSo_Left_Fragment
  | WhoSaysSo_ParticipatedIn_Fragment
  | WhoSaysSo_PartneredWith_Fragment
  | WhoSaysSo_RivalOf_Fragment
  | WhoSaysSo_Sued_Fragment
;

export type SayingFragment = { statement: string, status: ClaimStatus, attributedTo: Array<
    | { name: string }
    | { name: string }
    | { name: string }
    | { name: string }
  >, passages: Array<{ start: number, end: number, document: { title: string } }> };

export type ConnectedQueryVariables = Exact<{
  from?: string;
  to?: string;
}>;


export type ConnectedQuery = { paths: Array<{ length: number, nodes: Array<
      | { id: string, name: string }
      | { id: string, name: string }
      | { id: string, name: string }
      | { id: string, name: string }
    >, relationships: Array<
      | { kind: RelationshipKind, contested: boolean, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , claims: { nodes: Array<{ statement: string, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            > }> } }
      | { kind: RelationshipKind, contested: boolean, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , claims: { nodes: Array<{ statement: string, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            > }> } }
      | { kind: RelationshipKind, contested: boolean, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , claims: { nodes: Array<{ statement: string, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            > }> } }
      | { kind: RelationshipKind, contested: boolean, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , claims: { nodes: Array<{ statement: string, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            > }> } }
      | { kind: RelationshipKind, contested: boolean, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , claims: { nodes: Array<{ statement: string, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            > }> } }
      | { kind: RelationshipKind, contested: boolean, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , claims: { nodes: Array<{ statement: string, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            > }> } }
      | { kind: RelationshipKind, contested: boolean, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , claims: { nodes: Array<{ statement: string, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            > }> } }
      | { kind: RelationshipKind, contested: boolean, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , claims: { nodes: Array<{ statement: string, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            > }> } }
      | { kind: RelationshipKind, contested: boolean, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , claims: { nodes: Array<{ statement: string, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            > }> } }
      | { kind: RelationshipKind, contested: boolean, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , claims: { nodes: Array<{ statement: string, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            > }> } }
      | { kind: RelationshipKind, contested: boolean, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , claims: { nodes: Array<{ statement: string, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            > }> } }
      | { kind: RelationshipKind, contested: boolean, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , claims: { nodes: Array<{ statement: string, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            > }> } }
    > }> };

export type KnownOnADayQueryVariables = Exact<{
  day?: string;
}>;


export type KnownOnADayQuery = { then: { name: string, left: { nodes: Array<{ reason: string | null, status: ClaimStatus, company: { name: string }, claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            > }> } }> } } | null, now: { name: string, left: { nodes: Array<{ reason: string | null, status: ClaimStatus, company: { name: string }, claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            > }> } }> } } | null };

export type DepartureFragment = { name: string, left: { nodes: Array<{ reason: string | null, status: ClaimStatus, company: { name: string }, claims: { nodes: Array<{ statement: string, status: ClaimStatus, attributedTo: Array<
            | { name: string }
            | { name: string }
            | { name: string }
            | { name: string }
          > }> } }> } };

export type DisputedQueryVariables = Exact<{ [key: string]: never; }>;


export type DisputedQuery = { musk: { nodes: Array<{ statement: string, disputedBy: Array<{ statement: string, attributedTo: Array<
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        >, madeOn: { edtf: string, text: string | null } | null, passages: Array<{ start: number, end: number, document: { title: string } }> }>, attributedTo: Array<
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
      >, madeOn: { edtf: string, text: string | null } | null, passages: Array<{ start: number, end: number, document: { title: string } }> }> }, openai: { nodes: Array<{ statement: string, disputedBy: Array<{ statement: string, attributedTo: Array<
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        >, madeOn: { edtf: string, text: string | null } | null, passages: Array<{ start: number, end: number, document: { title: string } }> }>, attributedTo: Array<
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
      >, madeOn: { edtf: string, text: string | null } | null, passages: Array<{ start: number, end: number, document: { title: string } }> }> } };

export type SaidFragment = { statement: string, attributedTo: Array<
    | { name: string }
    | { name: string }
    | { name: string }
    | { name: string }
  >, madeOn: { edtf: string, text: string | null } | null, passages: Array<{ start: number, end: number, document: { title: string } }> };

export type MuskQueryVariables = Exact<{ [key: string]: never; }>;


export type MuskQuery = { person: { name: string, coFounded: { nodes: Array<{ status: ClaimStatus, contested: boolean, company: { name: string }, claims: { nodes: Array<{ statement: string, attributedTo: Array<
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
            >, passages: Array<{ start: number, end: number, document: { title: string } }> }> } }> }, left: { nodes: Array<{ reason: string | null, company: { name: string }, validFrom: { edtf: string, text: string | null } | null }> }, sued: { totalCount: number, nodes: Array<{ outcome: string | null, defendant:
          | { __typename: 'Company', name: string }
          | { __typename: 'Person', name: string }
        , validTo: { edtf: string, precision: DatePrecision, earliest: string, latest: string } | null }> }, rivals: { nodes: Array<{ a: { id: string }, b: { id: string } }> } } | null };

export type OpenAIPeopleQueryVariables = Exact<{ [key: string]: never; }>;


export type OpenAIPeopleQuery = { company: { name: string, roles: { nodes: Array<{ title: string, holder: { name: string, coFounded: { nodes: Array<{ company: { name: string } }> } } }> }, founders: { nodes: Array<{ founder: { name: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, all: { totalCount: number } } | null };

export type MuskClaimsQueryVariables = Exact<{ [key: string]: never; }>;


export type MuskClaimsQuery = { claims: { nodes: Array<{ statement: string, status: ClaimStatus, madeOn: { text: string | null, edtf: string } | null, disputedBy: Array<{ statement: string, attributedTo: Array<
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        > }> }> } };

export type SuedAndLeftQueryVariables = Exact<{ [key: string]: never; }>;


export type SuedAndLeftQuery = { relationships: { nodes: Array<
      | { __typename: 'CoFounded', kind: RelationshipKind, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
         }
      | { __typename: 'CompetesWith', kind: RelationshipKind, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
         }
      | { __typename: 'Concerns', kind: RelationshipKind, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
         }
      | { __typename: 'Developed', kind: RelationshipKind, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
         }
      | { __typename: 'Founded', kind: RelationshipKind, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
         }
      | { __typename: 'HoldsRole', kind: RelationshipKind, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
         }
      | { __typename: 'IntegratedWith', kind: RelationshipKind, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
         }
      | { __typename: 'Left', reason: string | null, kind: RelationshipKind, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
         }
      | { __typename: 'ParticipatedIn', kind: RelationshipKind, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
         }
      | { __typename: 'PartneredWith', kind: RelationshipKind, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
         }
      | { __typename: 'RivalOf', kind: RelationshipKind, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
         }
      | { __typename: 'Sued', outcome: string | null, kind: RelationshipKind, source:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
        , target:
          | { name: string }
          | { name: string }
          | { name: string }
          | { name: string }
         }
    > } };

export type FindPeopleQueryVariables = Exact<{ [key: string]: never; }>;


export type FindPeopleQuery = { people: { totalCount: number, nodes: Array<{ id: string, name: string, description: string | null, ventures: { nodes: Array<
          | { kind: RelationshipKind, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
        > }, partings: { nodes: Array<
          | { kind: RelationshipKind, status: ClaimStatus, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, status: ClaimStatus, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, status: ClaimStatus, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, status: ClaimStatus, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, status: ClaimStatus, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, status: ClaimStatus, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, status: ClaimStatus, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, status: ClaimStatus, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, status: ClaimStatus, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, status: ClaimStatus, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, status: ClaimStatus, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
          | { kind: RelationshipKind, status: ClaimStatus, target:
              | { name: string }
              | { name: string }
              | { name: string }
              | { name: string }
             }
        > } }> } };

export type SearchQueryVariables = Exact<{
  text?: string;
}>;


export type SearchQuery = { search: { totalCount: number, edges: Array<{ score: number, matchedField: string, node:
        | { __typename: 'Claim', id: string, statement: string }
        | { __typename: 'Company', id: string, name: string }
        | { __typename: 'Document', id: string, title: string }
        | { __typename: 'Event', id: string, name: string }
        | { __typename: 'Person', id: string, name: string }
        | { __typename: 'Product', id: string, name: string }
       }> } };

export type NeighborhoodQueryVariables = Exact<{ [key: string]: never; }>;


export type NeighborhoodQuery = { neighborhood: { truncated: boolean, nodes: Array<
      | { __typename: 'Company', id: string, name: string }
      | { __typename: 'Event', id: string, name: string }
      | { __typename: 'Person', id: string, name: string }
      | { __typename: 'Product', id: string, name: string }
    >, relationships: Array<
      | { id: string, kind: RelationshipKind, contested: boolean, source:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
        , target:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
         }
      | { id: string, kind: RelationshipKind, contested: boolean, source:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
        , target:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
         }
      | { id: string, kind: RelationshipKind, contested: boolean, source:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
        , target:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
         }
      | { id: string, kind: RelationshipKind, contested: boolean, source:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
        , target:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
         }
      | { id: string, kind: RelationshipKind, contested: boolean, source:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
        , target:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
         }
      | { id: string, kind: RelationshipKind, contested: boolean, source:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
        , target:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
         }
      | { id: string, kind: RelationshipKind, contested: boolean, source:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
        , target:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
         }
      | { id: string, kind: RelationshipKind, contested: boolean, source:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
        , target:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
         }
      | { id: string, kind: RelationshipKind, contested: boolean, source:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
        , target:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
         }
      | { id: string, kind: RelationshipKind, contested: boolean, source:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
        , target:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
         }
      | { id: string, kind: RelationshipKind, contested: boolean, source:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
        , target:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
         }
      | { id: string, kind: RelationshipKind, contested: boolean, source:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
        , target:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
         }
    > } };

export type ChangesQueryVariables = Exact<{ [key: string]: never; }>;


export type ChangesQuery = { changes: { totalCount: number, nodes: Array<{ at: string, actor: string, operation: string, cursor: string, about: Array<
        | { id: string, name: string }
        | { id: string, name: string }
        | { id: string, name: string }
        | { id: string, name: string }
      >, claim: { statement: string, status: ClaimStatus } | null }> } };

export type LiveSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type LiveSubscription = { changed: { cursor: string, at: string, actor: string, operation: string, about: Array<
      | { id: string, name: string }
      | { id: string, name: string }
      | { id: string, name: string }
      | { id: string, name: string }
    >, claim: { id: string, statement: string, status: ClaimStatus } | null, relationship:
      | { id: string, kind: RelationshipKind, status: ClaimStatus }
      | { id: string, kind: RelationshipKind, status: ClaimStatus }
      | { id: string, kind: RelationshipKind, status: ClaimStatus }
      | { id: string, kind: RelationshipKind, status: ClaimStatus }
      | { id: string, kind: RelationshipKind, status: ClaimStatus }
      | { id: string, kind: RelationshipKind, status: ClaimStatus }
      | { id: string, kind: RelationshipKind, status: ClaimStatus }
      | { id: string, kind: RelationshipKind, status: ClaimStatus }
      | { id: string, kind: RelationshipKind, status: ClaimStatus }
      | { id: string, kind: RelationshipKind, status: ClaimStatus }
      | { id: string, kind: RelationshipKind, status: ClaimStatus }
      | { id: string, kind: RelationshipKind, status: ClaimStatus }
     | null } };

export const StintFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Stint"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Relationship"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"validFrom"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edtf"}},{"kind":"Field","name":{"kind":"Name","value":"text"}}]}},{"kind":"Field","name":{"kind":"Name","value":"validTo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edtf"}},{"kind":"Field","name":{"kind":"Name","value":"text"}}]}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"contested"}}]}}]} as unknown as DocumentNode<StintFragment, unknown>;
export const SayingFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Saying"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Claim"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"statement"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"attributedTo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"passages"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"start"}},{"kind":"Field","name":{"kind":"Name","value":"end"}},{"kind":"Field","name":{"kind":"Name","value":"document"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}}]}}]}}]}}]} as unknown as DocumentNode<SayingFragment, unknown>;
export const WhoSaysSoFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"WhoSaysSo"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Relationship"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"claims"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Saying"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Saying"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Claim"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"statement"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"attributedTo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"passages"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"start"}},{"kind":"Field","name":{"kind":"Name","value":"end"}},{"kind":"Field","name":{"kind":"Name","value":"document"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}}]}}]}}]}}]} as unknown as DocumentNode<WhoSaysSoFragment, unknown>;
export const DepartureFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Departure"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Person"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"left"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"company"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"claims"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"statement"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"attributedTo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<DepartureFragment, unknown>;
export const SaidFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Said"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Claim"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"statement"}},{"kind":"Field","name":{"kind":"Name","value":"attributedTo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"madeOn"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edtf"}},{"kind":"Field","name":{"kind":"Name","value":"text"}}]}},{"kind":"Field","name":{"kind":"Name","value":"passages"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"start"}},{"kind":"Field","name":{"kind":"Name","value":"end"}},{"kind":"Field","name":{"kind":"Name","value":"document"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}}]}}]}}]}}]} as unknown as DocumentNode<SaidFragment, unknown>;
export const AtOpenAIDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"AtOpenAI"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"when"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"EDTF"}}},"defaultValue":{"kind":"StringValue","value":"[2018-01..2018-04]","block":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"company"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"StringValue","value":"openai","block":false}},{"kind":"Argument","name":{"kind":"Name","value":"asOf"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"validAt"},"value":{"kind":"Variable","name":{"kind":"Name","value":"when"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"roles"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"holder"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Stint"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"coFounders"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"founder"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Stint"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"departures"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"person"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Stint"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Stint"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Relationship"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"validFrom"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edtf"}},{"kind":"Field","name":{"kind":"Name","value":"text"}}]}},{"kind":"Field","name":{"kind":"Name","value":"validTo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edtf"}},{"kind":"Field","name":{"kind":"Name","value":"text"}}]}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"contested"}}]}}]} as unknown as DocumentNode<AtOpenAIQuery, AtOpenAIQueryVariables>;
export const MuskAndOpenAIDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"MuskAndOpenAI"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"timeline"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"about"},"value":{"kind":"ListValue","values":[{"kind":"StringValue","value":"elon-musk","block":false},{"kind":"StringValue","value":"openai","block":false}]}},{"kind":"Argument","name":{"kind":"Name","value":"together"},"value":{"kind":"BooleanValue","value":true}},{"kind":"Argument","name":{"kind":"Name","value":"undated"},"value":{"kind":"BooleanValue","value":true}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"date"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edtf"}},{"kind":"Field","name":{"kind":"Name","value":"text"}}]}},{"kind":"Field","name":{"kind":"Name","value":"what"}},{"kind":"Field","name":{"kind":"Name","value":"subject"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"relationships"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"WhoSaysSo"}}]}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Relationship"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"source"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"target"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"WhoSaysSo"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Claim"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Saying"}}]}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Saying"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Claim"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"statement"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"attributedTo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"passages"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"start"}},{"kind":"Field","name":{"kind":"Name","value":"end"}},{"kind":"Field","name":{"kind":"Name","value":"document"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"WhoSaysSo"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Relationship"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"claims"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Saying"}}]}}]}}]}}]} as unknown as DocumentNode<MuskAndOpenAIQuery, MuskAndOpenAIQueryVariables>;
export const ConnectedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Connected"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"from"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}},"defaultValue":{"kind":"StringValue","value":"microsoft","block":false}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"to"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}},"defaultValue":{"kind":"StringValue","value":"tesla","block":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"paths"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"from"},"value":{"kind":"Variable","name":{"kind":"Name","value":"from"}}},{"kind":"Argument","name":{"kind":"Name","value":"to"},"value":{"kind":"Variable","name":{"kind":"Name","value":"to"}}},{"kind":"Argument","name":{"kind":"Name","value":"k"},"value":{"kind":"IntValue","value":"2"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"length"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"relationships"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"source"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"target"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"contested"}},{"kind":"Field","name":{"kind":"Name","value":"claims"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"statement"}},{"kind":"Field","name":{"kind":"Name","value":"attributedTo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<ConnectedQuery, ConnectedQueryVariables>;
export const KnownOnADayDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"KnownOnADay"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"day"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DateTime"}}},"defaultValue":{"kind":"StringValue","value":"2024-03-06T00:00:00Z","block":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"then"},"name":{"kind":"Name","value":"person"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"StringValue","value":"elon-musk","block":false}},{"kind":"Argument","name":{"kind":"Name","value":"asOf"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"knownAt"},"value":{"kind":"Variable","name":{"kind":"Name","value":"day"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Departure"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"now"},"name":{"kind":"Name","value":"person"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"StringValue","value":"elon-musk","block":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Departure"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Departure"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Person"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"left"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"company"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"claims"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"statement"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"attributedTo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<KnownOnADayQuery, KnownOnADayQueryVariables>;
export const DisputedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Disputed"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"musk"},"name":{"kind":"Name","value":"claims"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"attributedTo"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"eq"},"value":{"kind":"StringValue","value":"elon-musk","block":false}}]}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"disputed"},"value":{"kind":"BooleanValue","value":true}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Said"}},{"kind":"Field","name":{"kind":"Name","value":"disputedBy"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Said"}}]}}]}}]}},{"kind":"Field","alias":{"kind":"Name","value":"openai"},"name":{"kind":"Name","value":"claims"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"attributedTo"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"eq"},"value":{"kind":"StringValue","value":"openai","block":false}}]}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"disputed"},"value":{"kind":"BooleanValue","value":true}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Said"}},{"kind":"Field","name":{"kind":"Name","value":"disputedBy"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Said"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Said"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Claim"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"statement"}},{"kind":"Field","name":{"kind":"Name","value":"attributedTo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"madeOn"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edtf"}},{"kind":"Field","name":{"kind":"Name","value":"text"}}]}},{"kind":"Field","name":{"kind":"Name","value":"passages"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"start"}},{"kind":"Field","name":{"kind":"Name","value":"end"}},{"kind":"Field","name":{"kind":"Name","value":"document"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}}]}}]}}]}}]} as unknown as DocumentNode<DisputedQuery, DisputedQueryVariables>;
export const MuskDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Musk"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"person"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"StringValue","value":"elon-musk","block":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"coFounded"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"company"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"contested"}},{"kind":"Field","name":{"kind":"Name","value":"claims"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"statement"}},{"kind":"Field","name":{"kind":"Name","value":"attributedTo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"passages"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"start"}},{"kind":"Field","name":{"kind":"Name","value":"end"}},{"kind":"Field","name":{"kind":"Name","value":"document"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}}]}}]}}]}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"left"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"company"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"validFrom"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edtf"}},{"kind":"Field","name":{"kind":"Name","value":"text"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"sued"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"defendant"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"validTo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edtf"}},{"kind":"Field","name":{"kind":"Name","value":"precision"}},{"kind":"Field","name":{"kind":"Name","value":"earliest"}},{"kind":"Field","name":{"kind":"Name","value":"latest"}}]}},{"kind":"Field","name":{"kind":"Name","value":"outcome"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"rivals"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"a"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"b"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<MuskQuery, MuskQueryVariables>;
export const OpenAIPeopleDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"OpenAIPeople"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"company"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"StringValue","value":"openai","block":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"roles"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"field"},"value":{"kind":"EnumValue","value":"VALID_FROM"}},{"kind":"ObjectField","name":{"kind":"Name","value":"direction"},"value":{"kind":"EnumValue","value":"ASC"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"holder"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"coFounded"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"company"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]}}]}},{"kind":"Field","alias":{"kind":"Name","value":"founders"},"name":{"kind":"Name","value":"coFounders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"2"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"founder"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}},{"kind":"Field","alias":{"kind":"Name","value":"all"},"name":{"kind":"Name","value":"coFounders"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}}]}}]}}]} as unknown as DocumentNode<OpenAIPeopleQuery, OpenAIPeopleQueryVariables>;
export const MuskClaimsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"MuskClaims"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"claims"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"attributedTo"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"eq"},"value":{"kind":"StringValue","value":"elon-musk","block":false}}]}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"20"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"statement"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"madeOn"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"text"}},{"kind":"Field","name":{"kind":"Name","value":"edtf"}}]}},{"kind":"Field","name":{"kind":"Name","value":"disputedBy"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"statement"}},{"kind":"Field","name":{"kind":"Name","value":"attributedTo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<MuskClaimsQuery, MuskClaimsQueryVariables>;
export const SuedAndLeftDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"SuedAndLeft"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"relationships"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"kind"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"in"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"SUED"},{"kind":"EnumValue","value":"LEFT"}]}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"source"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"target"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Sued"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"outcome"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Left"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]}}]}}]}}]} as unknown as DocumentNode<SuedAndLeftQuery, SuedAndLeftQueryVariables>;
export const FindPeopleDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"FindPeople"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"people"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"contains"},"value":{"kind":"StringValue","value":"man","block":false}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","alias":{"kind":"Name","value":"ventures"},"name":{"kind":"Name","value":"relationships"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"kind"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"in"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"CO_FOUNDED"},{"kind":"EnumValue","value":"FOUNDED"}]}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"5"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"target"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}},{"kind":"Field","alias":{"kind":"Name","value":"partings"},"name":{"kind":"Name","value":"relationships"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"kind"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"in"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"LEFT"},{"kind":"EnumValue","value":"SUED"}]}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"5"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"target"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<FindPeopleQuery, FindPeopleQueryVariables>;
export const SearchDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Search"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"text"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},"defaultValue":{"kind":"StringValue","value":"Sutskevr","block":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"search"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"text"},"value":{"kind":"Variable","name":{"kind":"Name","value":"text"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"score"}},{"kind":"Field","name":{"kind":"Name","value":"matchedField"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Entity"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Document"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Claim"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"statement"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<SearchQuery, SearchQueryVariables>;
export const NeighborhoodDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Neighborhood"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"neighborhood"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"around"},"value":{"kind":"ListValue","values":[{"kind":"StringValue","value":"xai","block":false}]}},{"kind":"Argument","name":{"kind":"Name","value":"depth"},"value":{"kind":"IntValue","value":"2"}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"IntValue","value":"40"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"relationships"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"contested"}},{"kind":"Field","name":{"kind":"Name","value":"source"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"target"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"truncated"}}]}}]}}]} as unknown as DocumentNode<NeighborhoodQuery, NeighborhoodQueryVariables>;
export const ChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Changes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changes"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"field"},"value":{"kind":"EnumValue","value":"AT"}},{"kind":"ObjectField","name":{"kind":"Name","value":"direction"},"value":{"kind":"EnumValue","value":"DESC"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"actor"}},{"kind":"Field","name":{"kind":"Name","value":"operation"}},{"kind":"Field","name":{"kind":"Name","value":"about"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"claim"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"statement"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}}]}}]}}]}}]} as unknown as DocumentNode<ChangesQuery, ChangesQueryVariables>;
export const LiveDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Live"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}},"defaultValue":{"kind":"StringValue","value":"WyIiLCJjaGFuZ2U6MDAwMDAwMDAwMDc3Il0","block":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changed"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"actor"}},{"kind":"Field","name":{"kind":"Name","value":"operation"}},{"kind":"Field","name":{"kind":"Name","value":"about"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"claim"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"statement"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}},{"kind":"Field","name":{"kind":"Name","value":"relationship"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]}}]} as unknown as DocumentNode<LiveSubscription, LiveSubscriptionVariables>;