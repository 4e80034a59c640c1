"""The reasons for a decision that no rule of the config gives, in the words that plans and reports show."""

from __future__ import annotations

from etl.model import Decision

UNREADABLE_EVIDENCE = "a row of its evidence cannot be read"
REJECTED_MEMBER = "a member of its family cannot be processed"
MOVED_IN_PART = "another member of its family was moved before"
UNREADABLE_HISTORY = "a row of its history cannot be read"
UNCERTAIN_MATCH = "its match with a customer is uncertain"
NEAR_MISS = "a value nearly meets a rule"
MERGED_AWAY = "it was merged into another record and is still there"
UNCLEAR_CONSENT = "it is not clear whether it may be contacted"
FORGOTTEN_MEMBER = "a forgotten record of its family speaks against moving it"
UNFIT_VALUE = "a value does not fit its field in the target"

EXISTING_LEAD = "possible duplicate of a lead in the pipeline"
SAME_AS_CUSTOMER = "duplicate of a customer"
SAME_AS_KEPT = "duplicate of a record that is kept"
MAYBE_SAME_AS_STAYING = "possible duplicate of a record that stays"
MAYBE_SAME_AS_LEAD = "possible duplicate of another lead"

BY_PERSON = "decided by a person"
CHANGED_SINCE = "changed since a person decided"
CONFLICTING = "people's decisions contradict each other"
UNSEEN_EVIDENCE = "a person decided without a hash although there is evidence"
EDITED = "edited after it was moved"
CUSTOMER_NOW = "a customer now, after it was moved"

CONTACT_OF = ("contact of a customer", "contact of a record that is kept", "contact of a record in review")
COMPANY_OF = (
    "company of a contact who is a customer",
    "company of a contact who is kept",
    "company of a contact in review",
)
MERGED_WITH = ("merged with a customer", "merged with a record that is kept", "merged with a record in review")
"""Why a family becomes what a record is that one of its own is bound to (`bonds.py`), in the order of DECISIONS."""

RAISED_TO_REVIEW = (
    UNREADABLE_EVIDENCE,
    REJECTED_MEMBER,
    MOVED_IN_PART,
    UNREADABLE_HISTORY,
    UNCERTAIN_MATCH,
    NEAR_MISS,
    MERGED_AWAY,
    UNCLEAR_CONSENT,
    FORGOTTEN_MEMBER,
)
"""Why a record goes to review although the rules make it a lead. Where several apply, the first is reported."""
ALL = (
    *RAISED_TO_REVIEW,
    *CONTACT_OF,
    *COMPANY_OF,
    *MERGED_WITH,
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
    CUSTOMER_NOW,
    Decision.MOVED_BEFORE.value,
)
"""Every reason. A report needs each of them in its language."""
