"""The reasons for a decision that no rule of the config gives, in the words that plans and reports show."""

from __future__ import annotations

from etl.model import Decision

UNREADABLE_EVIDENCE = "a row of its evidence cannot be read"
REJECTED_MEMBER = "a member of its family cannot be processed"
MOVED_IN_PART = "a member of its family moved before"
UNREADABLE_HISTORY = "a row of its history cannot be read"
UNCERTAIN_MATCH = "its match with a customer is not certain"
UNFIT_VALUE = "a value does not fit the target"

EXISTING_LEAD = "it may already be a lead in the pipeline"
SAME_AS_CUSTOMER = "it is the same as a customer"
SAME_AS_KEPT = "it is the same as a record that is kept"
MAYBE_SAME_AS_STAYING = "it may be the same as a record that stays"
MAYBE_SAME_AS_LEAD = "it may be the same as another lead"

BY_PERSON = "decision of a person"
CHANGED_SINCE = "changed since a person decided"
CONFLICTING = "people's decisions differ"
UNSEEN_EVIDENCE = "a person decided without a hash, and there is evidence"
EDITED = "edited after it moved"

RAISED_TO_REVIEW = (UNREADABLE_EVIDENCE, REJECTED_MEMBER, MOVED_IN_PART, UNREADABLE_HISTORY, UNCERTAIN_MATCH)
"""Why a record that the rules call a lead is in review all the same; of several the first counts."""
ALL = (
    *RAISED_TO_REVIEW,
    UNFIT_VALUE,
    EXISTING_LEAD,
    SAME_AS_CUSTOMER,
    SAME_AS_KEPT,
    MAYBE_SAME_AS_STAYING,
    MAYBE_SAME_AS_LEAD,
    BY_PERSON,
    CHANGED_SINCE,
    CONFLICTING,
    UNSEEN_EVIDENCE,
    EDITED,
    Decision.MOVED_BEFORE.value,
)
"""Every reason; a report needs each in its language."""
