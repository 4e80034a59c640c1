"""Who is who: records that mean the same company or person, found, weighed and explained.

Normal forms of identities (`normal`, `fields`), pairs worth comparing (`candidates`), how much they agree
(`compare`, `comparisons`), what that weighs (`model`, `dependence`, `score`), and what hangs together (`clusters`).
"""

from etl.matching.clusters import clusters, with_chains
from etl.matching.features import Features, Identity, features
from etl.matching.score import Scored, score

__all__ = ["Features", "Identity", "Scored", "clusters", "features", "score", "with_chains"]
