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
    "evidence_without_record": mark("evidence without record"),
    "master_unusable": mark("master unusable"),
    "quality_errors": mark("quality errors"),
}

FINDINGS = {
    "name-placeholder": mark("Name is a placeholder"),
    "name-missing": mark("Name is missing"),
    "name-first-name": mark("Name is only a given name"),
    "placeholder": mark("Placeholder"),
    "test-record": mark("Looks like a test record"),
    "email-invalid": mark("E-mail address is not valid"),
    "email-several": mark("Several e-mail addresses"),
    "email-test": mark("Made-up e-mail address"),
    "phone-impossible": mark("Impossible phone number"),
    "postcode-invalid": mark("Postcode has another shape"),
    "country-unknown": mark("Unknown country"),
    "vat-invalid": mark("VAT number is not valid"),
    "vat-country": mark("VAT number of another country"),
    "website-invalid": mark("Website address is not valid"),
    "line-break": mark("Several lines in a field for one"),
    "control-character": mark("Control characters"),
    "mojibake": mark("Wrongly decoded text"),
    "mojibake-history": mark("Wrongly decoded text in the history"),
    "date-zero": mark("Date of zeros"),
    "duplicates": mark("Duplicates in one lead"),
}

FAULTS = {
    "duplicate-key": mark("The key occurs more than once"),
    "missing-key": mark("The key is empty"),
    "key-too-long": mark("The key is too long"),
    "parent-missing": mark("It names a company that does not exist"),
    "parent-circle": mark("It belongs to itself in a circle"),
    "unknown-type": mark("Neither company nor person"),
    "ragged-line": mark("The line has too many or too few cells"),
    "bad-quoting": mark("Wrong quotation marks"),
    "invalid-unicode": mark("Text that is not valid Unicode"),
    "no-record": mark("It names no existing record"),
}
"""Faults of rows."""

REASONS = (
    mark("a row of its evidence cannot be read"),
    mark("a member of its family moved before"),
    mark("a value does not fit the target"),
    mark("its match with a customer is not certain"),
    mark("it may already be a lead in the pipeline"),
    mark("it is the same as a customer"),
    mark("it is the same as a record that is kept"),
    mark("it may be the same as a record that stays"),
    mark("it may be the same as another lead"),
    mark("edited after it moved"),
    mark("decision of a person"),
    mark("a member of its family cannot be processed"),
    mark("a row of its history cannot be read"),
    mark("a person decided without a hash, and there is evidence"),
    mark("changed since a person decided"),
    mark("people's decisions differ"),
    mark("moved before"),
)
"""What decides beside the rules of the config, as `etl/classify` writes it."""

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
