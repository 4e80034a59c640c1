CREATE TABLE accounts_cstm (id_c char(36) PRIMARY KEY, branch_c text);
CREATE TABLE email_addresses (id char(36) PRIMARY KEY, email_address text, opt_out int, invalid_email int);
CREATE TABLE email_addr_bean_rel (email_address_id char(36), bean_id char(36), bean_module text, deleted int,
  primary_address int, id char(36));
CREATE TABLE accounts (id char(36) PRIMARY KEY, assigned_user_id char(36), deleted int, date_modified text,
  parent_id char(36), name text, phone_office text, phone_alternate text, website text, billing_address_street text,
  billing_address_postalcode text, billing_address_city text, billing_address_state text,
  billing_address_country text, account_type text);
CREATE TABLE users (id char(36) PRIMARY KEY, user_name text);
CREATE TABLE contacts_cstm (id_c char(36) PRIMARY KEY, hobby_c text);
CREATE TABLE contacts (id char(36) PRIMARY KEY, deleted int, date_modified text, first_name text, last_name text,
  phone_work text, phone_mobile text, primary_address_street text, primary_address_postalcode text,
  primary_address_city text, primary_address_country text, do_not_call text);
CREATE TABLE accounts_contacts (contact_id char(36), account_id char(36), deleted int, date_modified text,
  id char(36));
CREATE TABLE calls (id char(36) PRIMARY KEY, deleted int, date_start text, parent_id char(36), parent_type text,
  name text);
CREATE TABLE calls_contacts (call_id char(36), contact_id char(36), deleted int);
CREATE TABLE meetings (id char(36) PRIMARY KEY, deleted int, date_start text, parent_id char(36), parent_type text,
  name text);
CREATE TABLE meetings_contacts (meeting_id char(36), contact_id char(36), deleted int);
CREATE TABLE tasks (id char(36) PRIMARY KEY, deleted int, date_due text, parent_id char(36), parent_type text,
  contact_id char(36), name text);
CREATE TABLE notes (id char(36) PRIMARY KEY, deleted int, date_entered text, parent_id char(36), parent_type text,
  contact_id char(36), name text);
CREATE TABLE emails_text (email_id char(36), description text);
CREATE TABLE emails (id char(36) PRIMARY KEY, deleted int, date_sent_received text, name text);
CREATE TABLE emails_beans (email_id char(36), bean_id char(36), bean_module text, deleted int);
CREATE TABLE cases (id char(36) PRIMARY KEY, deleted int, date_entered text, account_id char(36), name text);
CREATE TABLE contacts_cases (case_id char(36), contact_id char(36), deleted int);
CREATE TABLE opportunities (id char(36) PRIMARY KEY, deleted int, date_closed text, sales_stage text, name text);
CREATE TABLE accounts_opportunities (opportunity_id char(36), account_id char(36), deleted int, id char(36));
CREATE TABLE aos_quotes (id char(36) PRIMARY KEY, deleted int, date_entered text, billing_account_id char(36),
  billing_contact_id char(36), name text);
CREATE TABLE aos_invoices (id char(36) PRIMARY KEY, deleted int, invoice_date text, billing_account_id char(36),
  billing_contact_id char(36), status text, name text);
CREATE TABLE aos_contracts (id char(36) PRIMARY KEY, deleted int, start_date text, contract_account_id char(36),
  contact_id char(36), name text);

INSERT INTO users (id, user_name) VALUES ('u1', 'maria');
INSERT INTO accounts (id, name, account_type, parent_id, phone_office, website, billing_address_street,
  billing_address_postalcode,
  billing_address_city, assigned_user_id, date_modified, deleted) VALUES
  ('a1', 'Alpha Bau GmbH', 'Prospect', NULL, NULL, NULL, 'Weg 1', '01099', 'Dresden', 'u1', '2025-01-01 10:00:00', 0),
  ('a2', 'Beta Glas AG', 'Prospect', NULL, '0351 5550102', NULL, NULL, NULL, NULL, 'u1', '2025-01-02 10:00:00', 0),
  ('a3', 'Gamma Holz KG', 'customer ', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-03 10:00:00', 0),
  ('a4', 'Delta Stahl OHG', 'Supplier', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-04 10:00:00', 0),
  ('a5', 'Alpha Montage GmbH', NULL, 'a1', NULL, NULL, NULL, NULL, NULL, 'u1', '2025-01-05 10:00:00', 0),
  ('a6', 'Gone GmbH', 'Prospect', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-06 10:00:00', 1),
  ('a7', 'Epsilon Textil AG', 'Prospect', NULL, NULL, NULL, NULL, NULL, 'Jena', NULL, '2025-01-07 10:00:00', 0);
INSERT INTO accounts_cstm VALUES ('a1', 'construction'), ('a2', 'glass');
INSERT INTO contacts (id, first_name, last_name, phone_work, deleted) VALUES ('c1', 'Ann', 'Muster', '0351 5550101', 0),
  ('c2', 'Ben', 'Beispiel', NULL, 0), ('c3', 'Cem', 'Probe', NULL, 0), ('c4', 'Old', 'Contact', NULL, 1);
INSERT INTO accounts_contacts (id, contact_id, account_id, date_modified, deleted) VALUES
  ('l1', 'c1', 'a1', '2024-01-01', 0),
  ('l2', 'c2', 'a1', '2024-01-01', 0), ('l3', 'c2', 'a5', '2024-02-01', 0), ('l4', 'c3', 'a2', '2024-01-01', 0),
  ('l5', 'c3', 'a3', '2024-01-01', 1);
INSERT INTO email_addresses (id, email_address, opt_out) VALUES ('e1', 'info@alpha.example', 0),
  ('e2', 'ann@alpha.example', 1),
  ('e3', 'ben@alpha.example', 0), ('e4', 'old@alpha.example', 0);
INSERT INTO email_addr_bean_rel (id, email_address_id, bean_id, bean_module, primary_address, deleted) VALUES
  ('r1', 'e4', 'a1', 'Accounts', 1, 1), ('r2', 'e2', 'c1', 'Contacts', 1, 0), ('r3', 'e3', 'c2', 'Contacts', 1, 0);
INSERT INTO opportunities (id, name, sales_stage, deleted) VALUES ('o1', 'Windows', 'Closed Won', 0),
  ('o2', 'Roof', 'Closed Lost', 0);
INSERT INTO accounts_opportunities (id, opportunity_id, account_id, deleted) VALUES ('p1', 'o1', 'a2', 0),
  ('p2', 'o2', 'a1', 0);
INSERT INTO calls (id, name, parent_type, parent_id, date_start, deleted) VALUES
  ('k1', 'asked for a price', 'Accounts', 'a1', '2024-05-01 09:00:00', 0),
  ('k2', 'called Ann', 'Contacts', 'c1', '2024-06-01 09:00:00', 0), ('k3', 'deleted call', 'Accounts', 'a1', NULL, 1);
INSERT INTO meetings (id, name, parent_type, parent_id, date_start, deleted) VALUES
  ('m1', 'saw the roof', 'Accounts', 'a1', '2024-07-01 09:00:00', 0);
INSERT INTO meetings_contacts (meeting_id, contact_id, deleted) VALUES ('m1', 'c1', 0);
INSERT INTO emails (id, name, date_sent_received, deleted) VALUES ('s1', 'Your offer', '2024-04-01 09:00:00', 0),
  ('s2', 'to a lead', '2024-04-01 09:00:00', 0);
INSERT INTO emails_text (email_id, description) VALUES ('s1', 'thank you for it');
INSERT INTO emails_beans (email_id, bean_id, bean_module, deleted) VALUES ('s1', 'a1', 'Accounts', 0),
  ('s2', 'x1', 'Leads', 0);
INSERT INTO notes (id, name, parent_type, parent_id, contact_id, date_entered, deleted) VALUES
  ('n1', 'met at the fair', 'Accounts', 'a5', 'c2', '2024-03-01 09:00:00', 0);
INSERT INTO aos_invoices (id, name, billing_account_id, invoice_date, status, deleted) VALUES
  ('i1', 'Cloth', 'a7', '2026-02-01', 'Paid', 0), ('i2', 'Never sent', 'a1', '2026-02-01', 'Cancelled', 0);
