"""What is told by a code, in English: gates, decisions, findings, faults, and the reasons beside the config's rules."""

from __future__ import annotations

from etl.texts import mark

DECISIONS = (
    mark("customer"),
    mark("keep"),
    mark("review"),
    mark("lead"),
    mark("reject"),
    mark("moved before"),
)

GATES = {
    "review": mark("review"),
    "reject": mark("reject"),
    "customers": mark("customers"),
    "empty_tables": mark("tables without a row"),
    "near_misses": mark("near misses"),
    "evidence_without_record": mark("evidence without record"),
    "unreadable_dates": mark("unreadable dates"),
    "left_behind": mark("rows left behind"),
    "master_unusable": mark("master unusable"),
    "weak_numbers": mark("weak numbers"),
    "quality_errors": mark("quality errors"),
    "forget_unknown": mark("unknown records to forget"),
}

FINDINGS = {
    "name-placeholder": mark("Name is a placeholder"),
    "name-missing": mark("Name is missing"),
    "name-first-name": mark("Name is only a first name"),
    "name-from-identity": mark("No name by the config: the record's own is taken"),
    "unmapped": mark("Value is not in the map"),
    "placeholder": mark("Placeholder"),
    "test-record": mark("Looks like a test record"),
    "email-invalid": mark("E-mail address is not valid"),
    "email-several": mark("Several e-mail addresses"),
    "email-test": mark("Made-up e-mail address"),
    "phone-impossible": mark("Impossible phone number"),
    "postcode-invalid": mark("Postcode does not fit the country"),
    "country-unknown": mark("Unknown country"),
    "vat-invalid": mark("VAT number is not valid"),
    "vat-country": mark("VAT number of another country"),
    "website-invalid": mark("Website address is not valid"),
    "line-break": mark("Line breaks in a one-line field"),
    "control-character": mark("Control characters"),
    "mojibake": mark("Wrongly decoded text"),
    "mojibake-history": mark("Wrongly decoded text in the history"),
    "date-zero": mark("Date is all zeros"),
    "duplicates": mark("Duplicates merged into one lead"),
    "unknown": mark("Unknown to the target"),
}

FAULTS = {
    "duplicate-key": mark("Several rows have the same key"),
    "missing-key": mark("The key is empty"),
    "key-too-long": mark("The key is too long"),
    "parent-missing": mark("The parent record does not exist"),
    "parent-circle": mark("The parent records form a circle"),
    "unknown-type": mark("The type is neither company nor person"),
    "ragged-line": mark("The line has too many or too few cells"),
    "bad-quoting": mark("Quotation marks are wrong"),
    "undecodable": mark("The text does not fit the declared encoding"),
    "uncalculated": mark("A formula was never calculated"),
    "invalid-unicode": mark("The text is not valid Unicode"),
    "no-record": mark("The row names no existing record"),
    "not-linked": mark("The row names no record"),
    "other-kind": mark("No link of the config takes its kind"),
}
"""Faults of rows."""

REASONS = (
    mark("a row of its evidence cannot be read"),
    mark("another member of its family was moved before"),
    mark("a value does not fit its field in the target"),
    mark("its match with a customer is uncertain"),
    mark("a value nearly meets a rule"),
    mark("it was merged into another record and is still there"),
    mark("it is not clear whether it may be contacted"),
    mark("a forgotten record of its family speaks against moving it"),
    mark("contact of a customer"),
    mark("contact of a record that is kept"),
    mark("contact of a record in review"),
    mark("company of a contact who is a customer"),
    mark("company of a contact who is kept"),
    mark("company of a contact in review"),
    mark("merged with a customer"),
    mark("merged with a record that is kept"),
    mark("merged with a record in review"),
    mark("possible duplicate of a lead in the pipeline"),
    mark("duplicate of a customer"),
    mark("duplicate of a record that is kept"),
    mark("possible duplicate of a record that stays"),
    mark("possible duplicate of another lead"),
    mark("edited after it was moved"),
    mark("a customer now, after it was moved"),
    mark("decided by a person"),
    mark("a member of its family cannot be processed"),
    mark("a row of its history cannot be read"),
    mark("a person decided without a hash although there is evidence"),
    mark("changed since a person decided"),
    mark("people's decisions contradict each other"),
    mark("moved before"),
)
"""What decides beside the rules of the config, as `etl/classify` writes it."""

FIGURES = (
    mark("legacy records read"),
    mark("open cases"),
    mark("families in review"),
    mark("leads"),
    mark("leads with errors"),
    mark("values conserved"),
    mark("values omitted"),
    mark("rejects"),
    mark("orphans"),
)
"""What two plans are compared by, as `etl/pipeline/diff.py` names it."""

WORDS = (
    mark("source"),
    mark("target"),
    mark("kind"),
    mark("rows"),
    mark("schema"),
    mark("where"),
    mark("parents"),
    mark("related"),
    mark("evidence"),
    mark("joined"),
    mark("labels"),
    mark("links"),
    mark("under"),
    mark("merges"),
    mark("linked"),
    mark("merged"),
    mark("email"),
    mark("name"),
    mark("error"),
    mark("warning"),
    mark("info"),
    mark("at most"),
)
"""Of fingerprints, kinds of tables, conversions, severities and limits."""
