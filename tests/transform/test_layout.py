from __future__ import annotations

from hypothesis import given, settings, strategies as st

from tests.profiles import examples
from tests.transform.crm import Crm


def sections(crm: Crm) -> list[tuple[str, str, str | None]]:
    """Each section as lead, source key and the lead that it only points to."""
    rows = crm.layout()[["lead", "source_key", "see"]].itertuples(index=False)
    return [(lead, key, None if see != see else see) for lead, key, see in rows]


@settings(max_examples=examples(40))
@given(
    st.dictionaries(st.sampled_from("ABCDEFG"), st.none() | st.sampled_from("ABC"), max_size=7),
    st.lists(st.none() | st.sampled_from("ABCD"), max_size=6),
    st.sampled_from(["company", "contact"]),
)
def test_each_record_stands_in_exactly_one_note(
    parents: dict[str, str | None], accounts: list[str | None], one_per: str
) -> None:
    """Whatever the families: a record's values stand once, in the lead that members names, its own record first."""
    crm = Crm(one_per)
    for key, parent in parents.items():
        crm.company(key, parent=parent if parent in parents and parent < key else None)
    for number, account in enumerate(accounts):
        crm.contact(str(number), account if account in parents else None)
    if not parents and not accounts:
        return

    found = crm.layout()

    stands = found[found["see"].isna()].set_index("source_key")["lead"]
    assert stands.index.is_unique
    assert stands.sort_index().to_dict() == crm.members()["lead"].to_dict()
    own = found.drop_duplicates("lead")
    assert (own["lead"] == own["source_key"]).all()
    assert own["lead"].is_monotonic_increasing


def test_a_companys_note_holds_its_contacts(crm: Crm) -> None:
    """The company comes first, then its contacts by source key; a contact without a company is a lead of its own."""
    crm.company("9").contact("2", "9").contact("1", "9").contact("3")

    assert sections(crm) == [
        ("accounts:9", "accounts:9", None),
        ("accounts:9", "contacts:1", None),
        ("accounts:9", "contacts:2", None),
        ("contacts:3", "contacts:3", None),
    ]


def test_a_subsidiary_is_a_lead_of_its_own(crm: Crm) -> None:
    """One lead a company record, also within one family."""
    crm.company("1").company("2", parent="1").contact("5", "2")

    assert sections(crm) == [
        ("accounts:1", "accounts:1", None),
        ("accounts:2", "accounts:2", None),
        ("accounts:2", "contacts:5", None),
    ]


def test_with_one_lead_a_contact_the_company_stands_with_its_first(crm_per_contact: Crm) -> None:
    """The company's values stand in its first contact's note, the other contacts' notes name that lead."""
    crm_per_contact.company("9").contact("2", "9").contact("1", "9").contact("3").company("8")

    assert sections(crm_per_contact) == [
        ("accounts:8", "accounts:8", None),
        ("contacts:1", "contacts:1", None),
        ("contacts:1", "accounts:9", None),
        ("contacts:2", "contacts:2", None),
        ("contacts:2", "accounts:9", "contacts:1"),
        ("contacts:3", "contacts:3", None),
    ]


def test_records_that_stay_are_not_laid_out(crm: Crm) -> None:
    """Only records whose decision is lead stand in notes."""
    crm.company("1", decision="review").company("2")

    assert sections(crm) == [("accounts:2", "accounts:2", None)]


def test_a_contact_whose_company_moved_before_does_not_point_to_it(crm_per_contact: Crm) -> None:
    """A company whose values are not in this plan is not named as if they were."""
    crm_per_contact.company("9", decision="moved before").contact("1", "9", decision="lead")

    members = crm_per_contact.members()
    members.loc["accounts:9", "lead"] = None
    assert sections(crm_per_contact) == [("contacts:1", "contacts:1", None)]


def test_titles_are_names_on_one_short_line(crm: Crm) -> None:
    """A company's title is its name, a person's first and last name; long ones end with an ellipsis."""
    crm.company("1", name=" Nord\n Bau ").company("2", name="x" * 90).company("3", name="-")
    crm.contact("1", first="Ada").contact("2", first="Ada", last="Berg").contact("3", role="?")

    titles = crm.titles()

    assert titles["accounts:1"] == "Nord Bau"
    assert titles["accounts:2"] == "x" * 79 + "…"
    assert titles["contacts:1"] == "Ada"
    assert titles["contacts:2"] == "Ada Berg"
    assert titles.isna()["contacts:3"]
