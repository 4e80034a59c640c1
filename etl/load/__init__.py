"""Plan to target: write what was planned exactly once, and read it back to prove it."""

from etl.load.apply import Applied, Refusal, apply
from etl.load.verify import Difference, Verified, verify

__all__ = ["Applied", "Difference", "Refusal", "Verified", "apply", "verify"]
