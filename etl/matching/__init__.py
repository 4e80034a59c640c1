"""Who is who: records that mean the same company or person, found, weighed and explained.

Normal forms of identities (`normal`, `fields`), pairs worth comparing (`candidates`), how much they agree
(`compare`, `comparisons`, `telling`, `spellings`), what that weighs (`model`, `dependence`, `score`), what else speaks
against a pair (`doubts`), which are mere copies (`copies`), what hangs together (`clusters`), the best match on a list
of known ones (`best_match`), and why, in words (`explanations`).
"""

from etl.matching.clusters import clusters, with_chains
from etl.matching.features import Identity
from etl.matching.score import Scored, match

__all__ = ["Identity", "Scored", "clusters", "match", "with_chains"]
