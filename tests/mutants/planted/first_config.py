"""Faults by which a first config would be wrong without a mark."""

from tests.mutants.mutant import SILENCE, Mutant

MUTANTS = (
    Mutant(
        "the amount of an invoice is taken for a key of persons",
        SILENCE,
        "profile/amounts.py",
        "return int(pc.sum(alike).as_py() or 0) > MOSTLY * len(column.values)",
        "return False",
        "profile/test_links.py",
    ),
    Mutant(
        "small numbers that are all keys name no rows",
        SILENCE,
        "profile/link_samples.py",
        "WHERE NOT s.says AND k.sparse",
        "WHERE NOT s.says AND s.says",
        "profile/test_links.py",
    ),
    Mutant(
        "a counter is taken for a key that it meets by chance",
        SILENCE,
        "profile/link_chance.py",
        "return math.exp(-len(values) * gain) > UNLIKELY",
        "return False",
        "profile/test_links.py",
    ),
    Mutant(
        "a config by which nobody is a customer is planned as any other",
        SILENCE,
        "profile/gates.py",
        '"customers": "0.1%..95%"',
        '"customers": "0%..95%"',
        "profile/test_marks.py",
    ),
    Mutant(
        "a table that may be of invoices is left out without a mark",
        SILENCE,
        "profile/left_out.py",
        "if name not in named and (why := _may_be_needed(profile, part)):",
        "if name in named and (why := _may_be_needed(profile, part)):",
        "profile/test_marks.py",
    ),
    Mutant(
        "an invoice that was taken back makes a customer by a first config",
        SILENCE,
        "profile/rules.py",
        'conditions.append({"not": {"flag": evidence.cancelled.name}})',
        'conditions += [{"not": {"flag": evidence.cancelled.name}}] * 0',
        "profile/test_marks.py",
    ),
    Mutant(
        "a blank between thousands makes a file one of another code page",
        SILENCE,
        "connect/files/csv_text.py",
        'SEPARATED.sub(b" ", self._sample)',
        'SEPARATED.sub(b"\\xa0", self._sample)',
        "connect/files/test_dialects.py",
    ),
    Mutant(
        "a list of customers without names is taken without a mark",
        SILENCE,
        "profile/masters.py",
        'if not {"company", "last_name"} & master["identity"].keys():',
        'if not {"company", "last_name", "phone"} & master["identity"].keys():',
        "pipeline/test_init.py",
    ),
    Mutant(
        "suppliers are told only by columns that are called as one knows them",
        SILENCE,
        "profile/rules.py",
        "return column.distinct <= FEW_WORDS and said > column.filled / 2",
        "return False",
        "profile/test_marks.py",
    ),
)
