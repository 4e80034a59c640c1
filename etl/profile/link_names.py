"""What the names of columns and tables say of links."""

from __future__ import annotations

from functools import lru_cache

from etl.profile.keys import KEYS
from etl.profile.model import Column
from etl.profile.names import NAMES, kinds_of, roles_of, singular, words_of

PARENT = frozenset(
    "parent head main mother headquarters hq uebergeordnet mutter mutterfirma zentrale konzern mere maison padre "
    "matriz madre capogruppo group reports master hauptsitz ober holding stammhaus".split()
)
"""How columns are called that name a row above, of the same table."""
ABOVE = tuple(
    "parent mutter konzern dachgesellschaft hauptfirma hauptgesellschaft hauptunternehmen haupthaus hauptkunde "
    "hauptorganisation hauptverwaltung oberfirma obergesellschaft capogruppo casamadre maisonmere societemere "
    "casamatriz empresamatriz headoffice mothercompany".split()
)
"""How words begin that say so as well: compounds, and several words written as one."""


def speaks_above(column: str) -> bool:
    """Whether a column's name says that it names a row above, of the same table."""
    words = words_of(column)
    return bool(set(words) & PARENT) or any(word.startswith(ABOVE) for word in (*words, "".join(words)))


@lru_cache(NAMES)
def speaks_of(column: str, table: str, key: tuple[str, ...]) -> bool:
    """Whether a column's name says that it names rows of a table: by the table's name, or the name of its key."""
    if names_itself(column, table) or not _bare(column):
        return names_itself(column, table)
    same_key = len(key) == 1 and words_of(key[0]) == words_of(column) and is_telling(column)
    return same_key or _speak_of_the_same(column, table)


@lru_cache(NAMES)
def names_itself(column: str, table: str) -> bool:
    """Whether a column's name has the name of a table in it."""
    words = _bare(column)
    own = {singular(word) for word in words_of(table)} - {"crm", "list", "table", "tbl", "detail", "data"}
    if not words:
        return False
    joined = "".join(words)
    for word in (*map(singular, words), singular(joined), _without_key(joined)):
        if word in own or any(
            len(word) >= 3 and (name.startswith(word) or word.startswith(name)) for name in own if len(name) >= 3
        ):
            return True
    return False


def _bare(column: str) -> list[str]:
    """The words of a column's name that say more than that it is a key."""
    return [word for word in words_of(column) if word not in KEYS and word not in ("fk", "fs", "rel")]


def is_telling(column: str) -> bool:
    """Whether a column's name is one that the key of another table would not have by chance, as `id` and `nr` are."""
    return any(word not in KEYS and len(word) > 1 for word in words_of(column))


def _without_key(word: str) -> str:
    return next((singular(word[: -len(end)]) for end in ("id", "nr", "no", "key") if word.endswith(end)), word)


def _speak_of_the_same(column: str, table: str) -> bool:
    """Whether a column and a table are called by words of one thing in other languages, as `kunde_id` of accounts."""
    bare = " ".join(word for word in words_of(column) if word not in KEYS)
    of_column, of_table = roles_of(bare), roles_of(table)
    return any(
        role in of_column and of_table.get(role, 0) >= 50 for role in ("company", "person", "strong", "user")
    ) or ("owner" in kinds_of(column) and of_table.get("user", 0) >= 50)


def extends(table: str, to: str) -> bool:
    """Whether a table's name is that of another one and more, as `accounts_cstm` is that of `accounts`."""
    words, other = [singular(word) for word in words_of(table)], [singular(word) for word in words_of(to)]
    return len(words) > len(other) and words[: len(other)] == other


def is_short(column: Column) -> bool:
    """Small numbers meet the keys of any table."""
    some = column.values.to_pylist()[:200]
    return bool(some) and sum(value.strip().isdigit() and len(value.strip()) <= 5 for value in some) > len(some) / 2


def is_nothing_but_a_link(name: str, share: float) -> bool:
    """A column such as `parent_id` that another column explains: part of its values are keys of each of some tables."""
    words = set(words_of(name))
    return bool(words & (PARENT | {"bean", "related", "record", "what", "who", "regarding", "res"})) and share > 0.02


def looks_like_key(column: str) -> bool:
    """Whether a column is called like one that holds keys."""
    words = words_of(column)
    return bool(set(words) & (KEYS | {"fk"})) or any(word.endswith(("id", "nr", "no")) for word in words[-1:])


def spoken_roles(column: str) -> list[str]:
    """The roles of tables whose rows a column's name speaks of, such as `kunde`."""
    said = roles_of(column)
    return [role for role in ("company", "person", "strong", "evidence", "user") if said.get(role, 0) >= 60]
