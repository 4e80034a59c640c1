"""Who is who: records that mean the same company or person, found, weighed and explained.

Normal forms of identities (`normal`, `fields`), pairs worth comparing (`keys`, `candidates`), how much they agree
(`compare`, `comparisons`, `company_comparison`, `telling`, `spellings`), what that weighs (`model`, `dependence`,
`score`), what else speaks against a pair (`doubts`, `ceilings`), which are mere copies (`copies`), all of it in two
passes over the pairs (`engine`, `patterns`, `stored_pairs`), what hangs together (`clusters`), the best match on a list
of known ones (`best_match`), and why, in words (`explanations`).
"""

from etl.matching.clusters import UNCERTAIN, chained, clusters, with_chain
from etl.matching.engine import match
from etl.matching.features import Identity
from etl.matching.score import Scored

__all__ = ["UNCERTAIN", "Identity", "Scored", "chained", "clusters", "match", "with_chain"]
