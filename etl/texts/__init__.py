"""What people read, in every language: the English sentence stands in the code and is the key of all others.

`t` says a sentence, `tn` one that depends on a count, `mark` names a sentence that is said later. Other languages are
`.po` files beside this one, as translators' tools read them; `docs/design.md`, *Languages*, says why.
"""

from etl.texts.catalogue import Texts, mark, speaking, spoken, t, texts, tn

__all__ = ["Texts", "mark", "speaking", "spoken", "t", "texts", "tn"]
