CREATE TABLE tabAddress (name char(140) PRIMARY KEY, address_line1 text, address_line2 text, pincode text, city text,
  state text, country text, email_id char(36), phone text, is_primary_address text);
CREATE TABLE `tabDynamic Link` (parent text, link_name text, parenttype text, link_doctype text, name text);
CREATE TABLE tabCustomer (name char(140) PRIMARY KEY, customer_type text, modified text, customer_name text,
  email_id char(36), mobile_no text, website text, tax_id char(36), is_internal_customer text, account_manager text,
  disabled text);
CREATE TABLE `tabContact Email` (parent text, email_id char(36), is_primary int, name text);
CREATE TABLE `tabContact Phone` (parent text, phone text, is_primary_phone text, name text);
CREATE TABLE tabContact (name char(140) PRIMARY KEY, modified text, first_name text, last_name text, email_id char(36),
  phone text, mobile_no text, unsubscribed text, status text);
CREATE TABLE `tabSales Invoice` (name char(140) PRIMARY KEY, posting_date text, customer text, docstatus int,
  grand_total text);
CREATE TABLE `tabSales Order` (name char(140) PRIMARY KEY, transaction_date text, customer text, docstatus int);
CREATE TABLE `tabPayment Entry` (name char(140) PRIMARY KEY, posting_date text, party text, party_type text,
  docstatus int);
CREATE TABLE tabQuotation (name char(140) PRIMARY KEY, transaction_date text, party_name text, quotation_to text);
CREATE TABLE tabOpportunity (name char(140) PRIMARY KEY, transaction_date text, party_name text,
  opportunity_from text);
CREATE TABLE tabIssue (name char(140) PRIMARY KEY, opening_date text, customer text, contact text, subject text);
CREATE TABLE tabCommunication (name char(140) PRIMARY KEY, communication_date text, reference_name text,
  reference_doctype text, subject text, content text);
CREATE TABLE tabComment (name char(140) PRIMARY KEY, creation text, reference_name text, reference_doctype text,
  content text);

INSERT INTO tabCustomer (name, customer_name, customer_type, modified, email_id, account_manager, is_internal_customer,
  disabled) VALUES
  ('CUST-1', 'Alpha Bau GmbH', 'Company', '2025-01-01 10:00:00', NULL, 'maria@firma.example', 0, 0),
  ('CUST-2', 'Beta Glas AG', 'Company', '2025-01-01 10:00:00', NULL, NULL, 0, 0),
  ('CUST-3', 'Our Daughter GmbH', 'Company', '2025-01-01 10:00:00', NULL, NULL, 1, 0),
  ('CUST-4', 'Ben Beispiel', 'Individual', '2025-01-01 10:00:00', 'ben@beispiel.example', NULL, 0, 0),
  ('CUST-5', 'Gamma Holz KG', 'Company', '2025-01-01 10:00:00', NULL, NULL, 0, 0);
INSERT INTO tabAddress (name, address_line1, pincode, city, country, is_primary_address) VALUES
  ('Alpha-Billing', 'Weg 1', '01099', 'Dresden', 'Germany', 1),
  ('Alpha-Shop', 'Weg 2', '01099', 'Dresden', 'Germany', 0);
INSERT INTO tabContact (name, first_name, last_name, email_id, status, unsubscribed) VALUES
  ('Ann Muster-Alpha', 'Ann', 'Muster', 'ann@alpha.example', 'Open', 0),
  ('Our Supplier', 'Sue', 'Supply', NULL, 'Open', 0);
INSERT INTO `tabContact Phone` (name, parent, phone, is_primary_phone) VALUES
  ('x1', 'Ann Muster-Alpha', '0351 5550101', 1);
INSERT INTO `tabDynamic Link` (name, parent, parenttype, link_doctype, link_name) VALUES
  ('d1', 'Ann Muster-Alpha', 'Contact', 'Customer', 'CUST-1'), ('d2', 'Alpha-Billing', 'Address', 'Customer', 'CUST-1'),
  ('d3', 'Alpha-Shop', 'Address', 'Customer', 'CUST-1'), ('d4', 'Our Supplier', 'Contact', 'Supplier', 'SUP-1');
INSERT INTO `tabSales Invoice` (name, customer, posting_date, docstatus, grand_total) VALUES
  ('INV-1', 'CUST-2', '2026-02-01', 1, 100),
  ('INV-2', 'CUST-1', '2026-02-01', 2, 100), ('INV-3', 'CUST-4', '2026-02-01', 0, 100),
  ('INV-4', 'CUST-4', '2019-02-01', 1, 100);
INSERT INTO `tabPayment Entry` (name, party_type, party, posting_date, docstatus) VALUES
  ('PAY-1', 'Customer', 'CUST-5', '2025-02-01', 1),
  ('PAY-2', 'Supplier', 'CUST-1', '2025-02-01', 1);
INSERT INTO tabIssue (name, subject, customer, opening_date) VALUES ('ISS-1', 'the roof leaks', 'CUST-1', '2024-05-01');
INSERT INTO tabComment (name, reference_doctype, reference_name, content, creation) VALUES
  ('com1', 'Customer', 'CUST-1', 'likes blue', '2024-06-01 09:00:00'),
  ('com2', 'Item', 'X', 'too heavy', '2024-06-01 09:00:00');
