"""The shorthands in which the tables are written: a column of each kind, and the key that the tenant leads."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, Text

metadata = MetaData()


def text_(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def text_or_null(name: str) -> Column[str]:
    return Column(name, Text)


def number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def number_or_null(name: str) -> Column[int]:
    return Column(name, BigInteger)


def truth(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def sealed(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def sealed_or_null(name: str) -> Column[bytes]:
    return Column(name, LargeBinary)


def key(*columns: str) -> PrimaryKeyConstraint:
    return PrimaryKeyConstraint("tenant", *columns)
