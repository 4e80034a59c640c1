"""Kills, cut connections and dead servers at seeded moments; afterwards nothing is lost, half done, or done twice."""
