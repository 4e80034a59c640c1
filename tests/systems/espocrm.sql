CREATE TABLE email_address (id char(36) PRIMARY KEY, name text, opt_out int, invalid int);
CREATE TABLE entity_email_address (email_address_id char(36), entity_id char(36), entity_type text, deleted int,
  `primary` int);
CREATE TABLE phone_number (id char(36) PRIMARY KEY, name text, type text, opt_out int);
CREATE TABLE entity_phone_number (phone_number_id char(36), entity_id char(36), entity_type text, deleted int,
  `primary` int);
CREATE TABLE account (id char(36) PRIMARY KEY, assigned_user_id char(36), deleted int, modified_at text, name text,
  website text, billing_address_street text, billing_address_postal_code text, billing_address_city text,
  billing_address_state text, billing_address_country text, type text, c_branch text);
CREATE TABLE `user` (id char(36) PRIMARY KEY, user_name text);
CREATE TABLE contact (id char(36) PRIMARY KEY, deleted int, modified_at text, first_name text, last_name text,
  address_street text, address_postal_code text, address_city text, address_country text, do_not_call text);
CREATE TABLE account_contact (id char(36) PRIMARY KEY, contact_id char(36), account_id char(36), deleted int);
CREATE TABLE `call` (id char(36) PRIMARY KEY, deleted int, date_start text, parent_id char(36), parent_type text,
  name text);
CREATE TABLE call_contact (call_id char(36), contact_id char(36), deleted int);
CREATE TABLE meeting (id char(36) PRIMARY KEY, deleted int, date_start text, parent_id char(36), parent_type text,
  name text);
CREATE TABLE contact_meeting (meeting_id char(36), contact_id char(36), deleted int);
CREATE TABLE task (id char(36) PRIMARY KEY, deleted int, date_end text, parent_id char(36), parent_type text,
  name text);
CREATE TABLE note (id char(36) PRIMARY KEY, deleted int, created_at text, parent_id char(36), parent_type text,
  post text);
CREATE TABLE email (id char(36) PRIMARY KEY, deleted int, date_sent text, parent_id char(36), parent_type text,
  name text);
CREATE TABLE `case` (id char(36) PRIMARY KEY, deleted int, created_at text, account_id char(36), contact_id char(36),
  name text);
CREATE TABLE opportunity (id char(36) PRIMARY KEY, deleted int, close_date text, account_id char(36), stage text,
  name text);
CREATE TABLE contact_opportunity (opportunity_id char(36), contact_id char(36), deleted int);
CREATE TABLE quote (id char(36) PRIMARY KEY, deleted int, created_at text, account_id char(36),
  billing_contact_id char(36), name text);
CREATE TABLE sales_order (id char(36) PRIMARY KEY, deleted int, created_at text, account_id char(36),
  billing_contact_id char(36), name text);
CREATE TABLE invoice (id char(36) PRIMARY KEY, deleted int, date_invoiced text, account_id char(36),
  billing_contact_id char(36), status text, name text);

INSERT INTO `user` (id, user_name) VALUES ('u1', 'maria');
INSERT INTO account (id, name, type, billing_address_street, billing_address_postal_code, billing_address_city,
  assigned_user_id,
  modified_at, deleted, c_branch) VALUES
  ('a1', 'Alpha Bau GmbH', 'Investor', 'Weg 1', '01099', 'Dresden', 'u1', '2025-01-01 10:00:00', 0, 'construction'),
  ('a2', 'Beta Glas AG', NULL, NULL, NULL, NULL, 'u1', '2025-01-02 10:00:00', 0, NULL),
  ('a3', 'Gamma Holz KG', 'Customer', NULL, NULL, NULL, NULL, '2025-01-03 10:00:00', 0, NULL),
  ('a4', 'Delta Stahl OHG', 'Partner', NULL, NULL, NULL, NULL, '2025-01-04 10:00:00', 0, NULL),
  ('a5', 'Gone GmbH', NULL, NULL, NULL, NULL, NULL, '2025-01-05 10:00:00', 1, NULL);
INSERT INTO contact (id, first_name, last_name, deleted) VALUES ('c1', 'Ann', 'Muster', 0),
  ('c2', 'Ben', 'Beispiel', 0),
  ('c3', 'Cem', 'Probe', 0);
INSERT INTO account_contact (id, contact_id, account_id, deleted) VALUES (1, 'c1', 'a1', 0), (2, 'c2', 'a2', 0),
  (3, 'c3', 'a3', 1);
INSERT INTO email_address (id, name, opt_out, invalid) VALUES ('e1', 'ann@alpha.example', 0, 0),
  ('e2', 'old@alpha.example', 0, 0);
INSERT INTO entity_email_address (entity_id, email_address_id, entity_type, `primary`, deleted) VALUES
  ('c1', 'e1', 'Contact', 1, 0),
  ('c1', 'e2', 'Contact', 0, 0);
INSERT INTO phone_number (id, name, type, opt_out) VALUES ('t1', '+49 351 5550101', 'Office', 0);
INSERT INTO entity_phone_number (entity_id, phone_number_id, entity_type, `primary`, deleted) VALUES
  ('a1', 't1', 'Account', 1, 0);
INSERT INTO opportunity (id, name, account_id, stage, close_date, deleted) VALUES
  ('o1', 'Windows', 'a2', 'Closed Won', '2025-02-01', 0),
  ('o2', 'Roof', 'a1', 'Closed Lost', '2025-02-01', 0), ('o3', 'Door', 'a1', 'Closed Won', '2025-02-01', 1);
INSERT INTO `call` (id, name, parent_type, parent_id, date_start, deleted) VALUES
  ('k1', 'asked for a price', 'Account', 'a1', '2024-05-01 09:00:00', 0),
  ('k2', 'deleted call', 'Account', 'a1', '2024-05-01 09:00:00', 1);
INSERT INTO call_contact (call_id, contact_id, deleted) VALUES ('k1', 'c1', 0);
INSERT INTO note (id, post, parent_type, parent_id, created_at, deleted) VALUES
  ('n1', 'likes blue', 'Contact', 'c1', '2024-06-01 09:00:00', 0),
  ('n2', 'of a lead', 'Lead', 'l1', '2024-06-01 09:00:00', 0);
