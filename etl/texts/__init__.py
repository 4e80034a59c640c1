"""What people read, in every language: the English sentence stands in the code and is the key of all others.

`t` says a sentence, `tn` one that depends on a count, `mark` names a sentence that is said later. `stored` writes one
that a plan keeps in English, and `told` says it when it is shown. Other languages are
`.po` files beside this one, as translators' tools read them; `docs/design.md`, *Languages*, says why.
"""

from etl.texts.catalogue import Texts, mark, speaking, spoken, t, texts, tn, ways_to_say
from etl.texts.told import stored, told

__all__ = ["Texts", "mark", "speaking", "spoken", "stored", "t", "texts", "tn", "told", "ways_to_say"]
