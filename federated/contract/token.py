"""The shape of a token table: `meta.token` in the YAML beside its dbt model.

Linkage compares an *index* table of one site (days looked up, each in one public bucket) with a
*service* table of another (days in which they are looked up, each in one public class of a
service). Everything but person and day comes from a seed, so that both sides know it beforehand.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from federated.contract.messages import Identifier


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeedColumn(_Part):
    """Public values: a column of a seed.

    by: another column of it, that says which service a class belongs to; without one, every class
    is a class of every service.
    """

    seed: Identifier
    column: Identifier
    by: Identifier | None = None


class IndexTokens(_Part):
    """(person, day, period, bucket, is_counted). kept: days counted of one person a year."""

    side: Literal["index"]
    buckets: SeedColumn
    kept: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _has_no_service(self) -> Self:
        if self.buckets.by is not None:
            raise ValueError("buckets belong to no service: leave out `by`")
        return self


class ServiceTokens(_Part):
    """(person, day, service, class). services: their names, or where they stand."""

    side: Literal["service"]
    services: Annotated[list[Identifier], Field(min_length=1)] | SeedColumn
    classes: SeedColumn


TokenDefinition = Annotated[IndexTokens | ServiceTokens, Field(discriminator="side")]
TOKEN_DEFINITION: TypeAdapter[IndexTokens | ServiceTokens] = TypeAdapter(TokenDefinition)
