"""By which words the name of a column sounds as if it said who opted out."""

from __future__ import annotations

import unicodedata

ENGLISH = (
    "optout",
    "optedout",
    "donotcall",
    "donotcontact",
    "donotdisturb",
    "donotemail",
    "donotfax",
    "donotmail",
    "donotphone",
    "donotsend",
    "donotsms",
    "donottext",
    "donottrade",
    "dontcall",
    "dontcontact",
    "dontemail",
    "dontmail",
    "nocalls",
    "nocontact",
    "noemail",
    "nomail",
    "nonewsletter",
    "nophone",
    "unsubscribe",
    "blacklist",
    "blocklist",
    "suppressed",
    "suppression",
)
GERMAN = (
    "werbesperre",
    "werbungssperre",
    "werbesperrvermerk",
    "werbeverbot",
    "werbewiderspruch",
    "werbungwiderspruch",
    "widerspruchwerbung",
    "anrufsperre",
    "emailsperre",
    "kontaktsperre",
    "mailsperre",
    "mailingsperre",
    "newslettersperre",
    "telefonsperre",
    "keinewerbung",
    "keineanrufe",
    "keineemail",
    "keinemail",
    "keinnewsletter",
    "keinkontakt",
    "nichtanrufen",
    "nichtanschreiben",
    "nichtkontaktieren",
    "abbestellt",
    "abgemeldet",
    "robinson",
)


def sounds_like_opt_out(column: str) -> bool:
    """Whether a column's name has one of the words; case, and all that is no letter, do not count.

    `HasOptedOutOfEmail`, `do_not_call`, `Unsubscribed from all email` and `Werbe-Sperre` do.
    """
    letters = "".join(filter(str.isalpha, unicodedata.normalize("NFKC", column).casefold()))
    return any(word in letters for word in (*ENGLISH, *GERMAN))
