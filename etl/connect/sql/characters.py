"""Which characters a database's columns can hold, where that is not every one."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from etl.connect.sql.columns import MYSQL

MARIADB = {
    "utf8mb3": "bmp", "utf8": "bmp", "ucs2": "bmp", "ascii": "ascii", "latin1": "cp1252", "latin2": "iso8859-2",
    "latin5": "iso8859-9", "latin7": "iso8859-13", "cp1250": "cp1250", "cp1251": "cp1251", "cp1256": "cp1256",
    "cp1257": "cp1257", "cp850": "cp850", "cp852": "cp852", "cp866": "cp866", "greek": "iso8859-7",
    "hebrew": "iso8859-8", "koi8r": "koi8-r", "koi8u": "koi8-u", "sjis": "shift_jis", "cp932": "cp932",
    "ujis": "euc_jp", "big5": "big5", "gb2312": "gb2312", "gbk": "gbk", "euckr": "euc_kr", "tis620": "tis-620",
}  # fmt: skip
"""Character set -> Python's codec, `bmp` for all characters below U+10000; a set that is not here holds every one."""

POSTGRESQL = {"LATIN1": "latin-1", "LATIN2": "iso8859-2", "LATIN5": "iso8859-9", "LATIN9": "iso8859-15"} | {
    f"WIN{number}": f"cp{number}" for number in (866, 874, *range(1250, 1259))
}
"""The encoding of a whole database, in the same way."""


def charsets(inspector: sa.Inspector, schema: str | None, table: str) -> Mapping[str, str]:
    """The codec of each text column of a table that cannot hold every character."""
    if inspector.dialect.name in MYSQL:
        query = sa.text(
            "SELECT column_name, character_set_name FROM information_schema.columns"
            " WHERE table_schema = coalesce(:schema, database()) AND table_name = :name"
        )
        with inspector.engine.connect() as connection:
            rows = connection.execute(query, {"schema": schema, "name": table}).all()
        return {str(column): MARIADB[charset] for column, charset in rows if charset in MARIADB}
    if inspector.dialect.name == "postgresql":
        with inspector.engine.connect() as connection:
            codec = POSTGRESQL.get(str(connection.exec_driver_sql("SHOW server_encoding").scalar()))
        return {column["name"]: codec for column in inspector.get_columns(table, schema)} if codec else {}
    return {}
