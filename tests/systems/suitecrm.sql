CREATE TABLE accounts (id char(36) PRIMARY KEY, name text, account_type text, parent_id char(36), phone_office text,
  website text, billing_address_street text, billing_address_postalcode text, billing_address_city text,
  assigned_user_id char(36), date_modified text, deleted int);
CREATE TABLE accounts_cstm (id_c char(36) PRIMARY KEY, branch_c text);
CREATE TABLE contacts (id char(36) PRIMARY KEY, first_name text, last_name text, phone_work text, deleted int);
CREATE TABLE accounts_contacts (id char(36), contact_id char(36), account_id char(36), date_modified text, deleted int);
CREATE TABLE email_addresses (id char(36) PRIMARY KEY, email_address text, opt_out int);
CREATE TABLE email_addr_bean_rel (id char(36), email_address_id char(36), bean_id char(36), bean_module text,
  primary_address int, deleted int);
CREATE TABLE opportunities (id char(36) PRIMARY KEY, name text, sales_stage text, deleted int);
CREATE TABLE accounts_opportunities (id char(36), opportunity_id char(36), account_id char(36), deleted int);
CREATE TABLE calls (id char(36) PRIMARY KEY, name text, parent_type text, parent_id char(36), date_start text, deleted int);
CREATE TABLE notes (id char(36) PRIMARY KEY, name text, parent_type text, parent_id char(36), contact_id char(36),
  date_entered text, deleted int);
CREATE TABLE users (id char(36) PRIMARY KEY, user_name text);

INSERT INTO users VALUES ('u1', 'maria');
INSERT INTO accounts VALUES
  ('a1', 'Alpha Bau GmbH', 'Prospect', NULL, NULL, NULL, 'Weg 1', '01099', 'Dresden', 'u1', '2025-01-01 10:00:00', 0),
  ('a2', 'Beta Glas AG', 'Prospect', NULL, '0351 5550102', NULL, NULL, NULL, NULL, 'u1', '2025-01-02 10:00:00', 0),
  ('a3', 'Gamma Holz KG', 'customer ', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-03 10:00:00', 0),
  ('a4', 'Delta Stahl OHG', 'Supplier', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-04 10:00:00', 0),
  ('a5', 'Alpha Montage GmbH', NULL, 'a1', NULL, NULL, NULL, NULL, NULL, 'u1', '2025-01-05 10:00:00', 0),
  ('a6', 'Gone GmbH', 'Prospect', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-06 10:00:00', 1);
INSERT INTO accounts_cstm VALUES ('a1', 'construction'), ('a2', 'glass');
INSERT INTO contacts VALUES ('c1', 'Ann', 'Muster', '0351 5550101', 0), ('c2', 'Ben', 'Beispiel', NULL, 0),
  ('c3', 'Cem', 'Probe', NULL, 0), ('c4', 'Old', 'Contact', NULL, 1);
INSERT INTO accounts_contacts VALUES ('l1', 'c1', 'a1', '2024-01-01', 0), ('l2', 'c2', 'a1', '2024-01-01', 0),
  ('l3', 'c2', 'a5', '2024-02-01', 0), ('l4', 'c3', 'a2', '2024-01-01', 0), ('l5', 'c3', 'a3', '2024-01-01', 1);
INSERT INTO email_addresses VALUES ('e1', 'info@alpha.example', 0), ('e2', 'ann@alpha.example', 1),
  ('e3', 'ben@alpha.example', 0), ('e4', 'old@alpha.example', 0);
INSERT INTO email_addr_bean_rel VALUES ('r1', 'e4', 'a1', 'Accounts', 1, 1), ('r2', 'e2', 'c1', 'Contacts', 1, 0),
  ('r3', 'e3', 'c2', 'Contacts', 1, 0);
INSERT INTO opportunities VALUES ('o1', 'Windows', 'Closed Won', 0), ('o2', 'Roof', 'Closed Lost', 0);
INSERT INTO accounts_opportunities VALUES ('p1', 'o1', 'a2', 0), ('p2', 'o2', 'a1', 0);
INSERT INTO calls VALUES ('k1', 'asked for a price', 'Accounts', 'a1', '2024-05-01 09:00:00', 0),
  ('k2', 'called Ann', 'Contacts', 'c1', '2024-06-01 09:00:00', 0), ('k3', 'deleted call', 'Accounts', 'a1', NULL, 1);
INSERT INTO notes VALUES ('n1', 'met at the fair', 'Accounts', 'a5', 'c2', '2024-03-01 09:00:00', 0);
