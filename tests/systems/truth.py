"""What must come of each system's sample: the decisions, by plain SQL or by hand where it is files, and the notes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class System:
    """What must come of a database's rows.

    decided: a query of the entry, key and decision of each record that is not deleted; notes: lead key -> what its note
    must say; archived: a query of the keys that are archived, None where the schema has no column that says so.
    """

    decided: str
    notes: dict[str, tuple[str, ...]]
    archived: str | None = None


@dataclass(frozen=True)
class Export:
    """What must come of an export. decided: source key -> decision; notes: lead key -> what its note must say."""

    decided: dict[str, str]
    notes: dict[str, tuple[str, ...]]


INVOICED = """EXISTS (SELECT 1 FROM vtiger_invoice WHERE vtiger_invoice.accountid = {}.accountid
    AND invoicestatus IN ('Paid', 'Sent', 'Approved') AND invoicedate >= '2023-11-01')"""
BILLED = """(EXISTS (SELECT 1 FROM llx_facture WHERE fk_soc = {0} AND fk_statut IN (1, 2)
      AND datef >= '2023-11-01')
    OR EXISTS (SELECT 1 FROM llx_commande WHERE fk_soc = {0} AND fk_statut IN (1, 2, 3)
      AND date_commande >= '2023-11-01'))"""
WON = """EXISTS (SELECT 1 FROM accounts_opportunities l JOIN opportunities o ON o.id = l.opportunity_id
    WHERE l.account_id = a.id AND l.deleted = 0 AND o.deleted = 0 AND o.sales_stage = 'Closed Won')
    OR EXISTS (SELECT 1 FROM aos_invoices i WHERE i.billing_account_id = a.id AND i.deleted = 0
      AND i.status IN ('Paid', 'Unpaid') AND i.invoice_date >= '2023-11-01')
    OR lower(trim(a.account_type)) = 'customer'"""
ESPO_WON = """(EXISTS (SELECT 1 FROM opportunity o WHERE o.account_id = a.id AND o.stage = 'Closed Won'
      AND o.deleted = 0)
    OR a.type = 'Customer')"""
BOUGHT = """(EXISTS (SELECT 1 FROM `tabSales Invoice` WHERE customer = c.name AND docstatus = 1
      AND posting_date >= '2023-11-01')
    OR EXISTS (SELECT 1 FROM `tabPayment Entry` WHERE party = c.name AND party_type = 'Customer' AND docstatus = 1
      AND posting_date >= '2023-11-01'))"""
SYSTEMS = {
    "suitecrm": System(
        decided=f"""SELECT 'accounts', a.id, CASE WHEN {WON} THEN 'customer'
              WHEN lower(trim(a.account_type)) IN ('partner', 'reseller', 'supplier') THEN 'keep' ELSE 'lead' END
            FROM accounts a WHERE a.deleted = 0
            UNION ALL SELECT 'contacts', c.id, CASE WHEN EXISTS (SELECT 1 FROM accounts_contacts l
              JOIN accounts a ON a.id = l.account_id WHERE l.contact_id = c.id AND l.deleted = 0 AND ({WON}))
              THEN 'customer' ELSE 'lead' END
            FROM contacts c WHERE c.deleted = 0""",
        notes={
            "accounts:a1": ("asked for a price", "called Ann", "construction", "ann@alpha.example", "Muster",
                            "saw the roof", "thank you for it"),
            "accounts:a5": ("met at the fair",),
        },
        archived="SELECT id FROM accounts WHERE deleted = 1 AND id <> 'a6' UNION ALL "
        "SELECT id FROM contacts WHERE deleted = 1 AND id <> 'c4'",
    ),
    "espocrm": System(
        decided=f"""SELECT 'account', a.id, CASE WHEN {ESPO_WON} THEN 'customer'
              WHEN a.type IN ('Partner', 'Reseller') THEN 'keep' ELSE 'lead' END FROM account a WHERE a.deleted = 0
            UNION ALL SELECT 'contact', c.id, CASE WHEN EXISTS (SELECT 1 FROM account_contact l
              JOIN account a ON a.id = l.account_id WHERE l.contact_id = c.id AND l.deleted = 0 AND {ESPO_WON})
              THEN 'customer' ELSE 'lead' END FROM contact c WHERE c.deleted = 0""",
        notes={
            "account:a1": ("asked for a price", "likes blue", "+49 351 5550101", "ann@alpha.example",
                           "old@alpha.example", "user_name: maria", "construction"),
        },
        archived="SELECT id FROM account WHERE deleted = 1 AND id <> 'a5' UNION ALL "
        "SELECT id FROM contact WHERE deleted = 1",
    ),
    "vtiger": System(
        decided=f"""SELECT 'accounts', accountid, CASE WHEN {INVOICED.format("a")} THEN 'customer'
              WHEN account_type = 'Partner' THEN 'keep' ELSE 'lead' END
            FROM vtiger_account a JOIN vtiger_crmentity ON crmid = accountid WHERE deleted = 0
            UNION ALL SELECT 'contacts', contactid, CASE WHEN {INVOICED.format("c")} THEN 'customer' ELSE 'lead' END
            FROM vtiger_contactdetails c JOIN vtiger_crmentity ON crmid = contactid WHERE deleted = 0""",
        notes={
            "accounts:1": ("Dresden", "user_name: maria", "Ann", "0171 5550101", "construction", "asked for a price",
                           "likes blue"),
        },
        archived="SELECT crmid FROM vtiger_crmentity WHERE deleted = 1 AND crmid <> 3",
    ),
    "dolibarr": System(
        decided=f"""SELECT 'parties', rowid, CASE WHEN {BILLED.format("p.rowid")} THEN 'customer'
              WHEN fournisseur = 1 THEN 'keep' ELSE 'lead' END FROM llx_societe p
            UNION ALL SELECT 'contacts', rowid, CASE WHEN {BILLED.format("c.fk_soc")} THEN 'customer' ELSE 'lead' END
            FROM llx_socpeople c""",
        notes={"parties:1": ("Germany", "Fair; Newsletter", "construction", "maria", "asked for a price")},
        archived="SELECT rowid FROM llx_societe WHERE status = 0 UNION ALL "
        "SELECT rowid FROM llx_socpeople WHERE statut = 0",
    ),
    "civicrm": System(
        decided="""SELECT 'contacts', id, CASE WHEN EXISTS (SELECT 1 FROM civicrm_contribution
              WHERE contact_id = c.id AND contribution_status_id = 1 AND is_test = 0 AND receive_date >= '2023-11-01')
              THEN 'customer' WHEN id IN (SELECT contact_id FROM civicrm_domain) THEN 'keep' ELSE 'lead' END
            FROM civicrm_contact c WHERE is_deleted = 0""",
        notes={
            "contacts:1": ("ann@alpha.example", "old@alpha.example", "Germany", "asked for a form", "likes blue"),
            "contacts:2": ("member of the household", "Household Member of"),
        },
        archived="SELECT id FROM civicrm_contact WHERE is_deleted = 1 AND id <> 5",
    ),
    "erpnext": System(
        decided=f"""SELECT 'customers', c.name, CASE WHEN {BOUGHT} THEN 'customer'
              WHEN is_internal_customer = 1 THEN 'keep' ELSE 'lead' END FROM tabCustomer c
            UNION ALL SELECT 'contacts', p.name, CASE WHEN EXISTS (SELECT 1 FROM `tabDynamic Link` l
              JOIN tabCustomer c ON c.name = l.link_name AND l.link_doctype = 'Customer'
              WHERE l.parent = p.name AND {BOUGHT})
              THEN 'customer' WHEN EXISTS (SELECT 1 FROM `tabDynamic Link` l WHERE l.parent = p.name
              AND l.link_doctype = 'Supplier') THEN 'keep' ELSE 'lead' END FROM tabContact p""",
        notes={"customers:CUST-1": ("the roof leaks", "likes blue", "Weg 1", "Weg 2", "Ann", "0351 5550101")},
        archived="SELECT name FROM tabCustomer WHERE disabled = 1 UNION ALL "
        "SELECT name FROM tabContact WHERE status = 'Passive'",
    ),
    "northwind": System(
        decided="""SELECT 'customers', "CustomerID", CASE WHEN EXISTS (SELECT 1 FROM "Orders"
              WHERE "Orders"."CustomerID" = c."CustomerID" AND "OrderDate" >= '2023-11-01')
              THEN 'customer' ELSE 'lead' END FROM "Customers" c""",
        notes={"customers:ALFAB": ("Bolts", "Nuts", "EmployeeID.LastName: Muster")},
    ),
}  # fmt: skip
A1, A2, A4, A5 = (f"accounts:0015g00000ABCd{letter}AAX" for letter in "EFHI")
C1, C2 = (f"contacts:0035g00000ABCd{letter}AAX" for letter in "EF")
GUID = "{:08x}-1111-4222-8333-444444444444".format
ZOHO = "zcrm_46000000000{}".format
EXPORTS = {
    "salesforce": Export(
        {**dict.fromkeys([A1, A4, A5, C1, C2], "lead"), A2: "customer"},
        {A1: ("asked for a price", "called Ann", "OwnerId.Name: Maria Muster", "saw the roof"),
         A5: ("cem@probe.example",)},
    ),
    "hubspot": Export(
        {"companies:1": "lead", "companies:2": "customer", "companies:3": "customer", "contacts:1": "lead"},
        {"companies:1": ("ann@alpha.example", "The roof leaks", "Closed Lost")},
    ),
    "pipedrive": Export(
        {"organizations:1": "lead", "organizations:2": "customer", "organizations:3": "customer", "people:7": "lead",
         "people:8": "lead"},
        {"organizations:1": ("ann@alpha.example", "asked for a price", "likes blue")},
    ),
    "zoho": Export(
        {f"Accounts:{ZOHO(1)}": "lead", f"Accounts:{ZOHO(2)}": "customer", f"Accounts:{ZOHO(3)}": "customer",
         f"Accounts:{ZOHO(4)}": "lead", f"Contacts:{ZOHO(11)}": "lead"},
        {f"Accounts:{ZOHO(1)}": ("ann@alpha.example", "asked for a price", "likes blue")},
    ),
    "dynamics": Export(
        {f"accounts:{GUID(1)}": "lead", f"accounts:{GUID(2)}": "customer", f"accounts:{GUID(3)}": "customer",
         f"accounts:{GUID(5)}": "keep", f"contacts:{GUID(11)}": "lead"},
        {f"accounts:{GUID(1)}": ("ann@alpha.example", "asked for a price", "likes blue", "Maria Muster")},
    ),
    "dynamics-excel": Export(
        {f"Accounts:{GUID(1)}": "lead", f"Accounts:{GUID(2)}": "customer", f"Accounts:{GUID(3)}": "customer",
         f"Contacts:{GUID(11)}": "lead"},
        {f"Accounts:{GUID(1)}": ("ann@alpha.example", "Roof", "Maria Muster")},
    ),
}  # fmt: skip
